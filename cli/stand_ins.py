"""What stands among a plain script's own builtins: `isinstance`, `type`, `sum` … that see a traced value as its value.

Libraries keep the real builtins. `as_values` does the rest for what Python itself asks of a Tensor while such a script
runs: its hash, how it is pickled, the attributes that only floats and arrays have.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import json
import operator
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import GenericAlias
from typing import Any

import numpy as np

from ..tracer.frames import is_own, user_frame
from ..tracer.inplace import View, Written
from ..tracer.op import Op
from ..tracer.ops.arithmetic import ADD, REMAINDER
from ..tracer.ops.blocking import FLOOR_DIVIDE
from ..tracer.tensor import Tensor, apply, now, value_of
from ..tracer.tensor import _taken_out as taken_out
from ..tracer.trace import maximum_of, minimum_of

__all__ = ["BUILTINS", "as_values"]

# The module, whose functions are replaced where they are used: under its name the package has the function gv.tensor.
_tensor_module: Any = import_module("..tracer.tensor", __package__)
_operate = _tensor_module.operate


class _Type(type):
    """`type` of a traced value is that of its value; made classes are ordinary ones."""

    def __new__(cls, *args: Any, **options: Any) -> Any:
        if cls is not _Type:  # a metaclass of the script's own
            return super().__new__(cls, *args, **options)
        if len(args) == 1 and not options:
            return builtins.type(value_of(args[0]) if builtins.isinstance(args[0], Tensor) else args[0])
        return builtins.type(*args, **options)

    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(builtins.type, item)


_Type.__name__ = _Type.__qualname__ = "type"
_Type.__module__ = "builtins"


def _kinds(kinds: Any) -> Any:
    """The classes that `isinstance` was given, with the real `type` for its stand-in."""
    if builtins.type(kinds) is tuple:
        return tuple(map(_kinds, kinds))
    return builtins.type if kinds is _Type else kinds


def _isinstance(obj: Any, class_or_tuple: Any, /) -> bool:
    return builtins.isinstance(_seen(obj), _kinds(class_or_tuple))


def _issubclass(cls: Any, class_or_tuple: Any, /) -> bool:
    return builtins.issubclass(cls, _kinds(class_or_tuple))


def _hasattr(obj: Any, name: str, /) -> bool:
    return builtins.hasattr(_seen(obj), name)


def _callable(obj: Any, /) -> bool:
    return builtins.callable(_seen(obj))


def _seen(obj: Any) -> Any:
    return now(obj)._value if builtins.isinstance(obj, Tensor) else obj


def _sum(iterable: Iterable[Any], /, start: Any = 0) -> Any:
    """`sum` that draws no 0 where it begins with a traced value; the value is the builtin's to the last bit."""
    items = list(iterable)
    if not (any(builtins.isinstance(x, Tensor) for x in items) or builtins.isinstance(start, Tensor)):
        return builtins.sum(items, start)
    if builtins.type(start) is int and start == 0 and len(items) > 1:
        start, items = items[0], items[1:]
    exact = _exact_sum([start, *items])
    for x in items[:-1] if exact is not None else items:
        start = _computed(ADD, operator.add, start, x)
    return start if exact is None else apply(ADD, (start, items[-1]), compute=lambda a, b: exact)


def _computed(op: Op, compute: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """`x + y`, recorded at the user's line and not at one of ours."""
    if not (builtins.isinstance(x, _NUMBERS) and builtins.isinstance(y, _NUMBERS)):
        return compute(x, y)
    if not (builtins.isinstance(x, Tensor) or builtins.isinstance(y, Tensor)):
        return compute(x, y)
    return apply(op, (x, y), compute=compute)


def _exact_sum(items: list[Any]) -> Any:
    """The sum of plain floats as Python ≥ 3.12 computes it, better than by adding; None where that changes nothing."""
    if sys.version_info < (3, 12) or len(items) < 3:
        return None
    values = [_seen(x) for x in items]
    return builtins.sum(values) if all(builtins.type(x) is float for x in values) else None


def _divmod(x: Any, y: Any, /) -> Any:
    if builtins.isinstance(x, Tensor) or builtins.isinstance(y, Tensor):
        return _computed(FLOOR_DIVIDE, operator.floordiv, x, y), _computed(REMAINDER, operator.mod, x, y)
    return builtins.divmod(x, y)


def _getattr(obj: Any, name: str, /, *default: Any) -> Any:
    known = not builtins.isinstance(obj, Tensor) or builtins.hasattr(_seen(obj), name)
    return builtins.getattr(obj if known else _seen(obj), name, *default)


_NUMBERS = (Tensor, float, int, np.ndarray, np.generic)


#: name → what stands there.
BUILTINS: dict[str, Any] = {
    "max": maximum_of,
    "min": minimum_of,
    "sum": _sum,
    "divmod": _divmod,
    "getattr": _getattr,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "hasattr": _hasattr,
    "callable": _callable,
    "type": _Type,
}
for _name in ("sum", "divmod", "getattr", "isinstance", "issubclass", "hasattr", "callable"):
    BUILTINS[_name].__name__ = BUILTINS[_name].__qualname__ = _name
    BUILTINS[_name].__module__ = "builtins"
    BUILTINS[_name].__doc__ = getattr(builtins, _name).__doc__


# -- what Python asks of a Tensor -------------------------------------------------------------------------------------


def _hash(self: Tensor) -> int:
    return hash(_seen(self))


def _reduce(self: Tensor, protocol: Any) -> Any:
    value = _seen(self)
    return (float, (value,)) if builtins.type(value) is float else value.__reduce_ex__(protocol)


def _attribute(self: Tensor, name: str) -> Any:
    """What a Tensor lacks and its value has: `x.is_integer()`, `x.nbytes`, `x.flags`."""
    if name.startswith("_"):  # NumPy looks for __array_struct__ and the like, and would bypass __array__
        raise AttributeError(f"{builtins.type(_seen(self)).__name__!r} object has no attribute {name!r}")
    found = getattr(_seen(self), name)
    if builtins.callable(found):
        taken_out(now(self), f"{{}}.{name}()", user_frame(1))
    return found


def _index(self: Tensor) -> int:
    return operator.index(_seen(self))


def _iter(self: Tensor) -> Any:
    value = _seen(self)
    return (self[i] for i in range(len(value))) if np.ndim(value) else iter(value)  # which says what is wrong


def _bytes(self: Tensor) -> bytes:
    return bytes(taken_out(now(self), "bytes({})", user_frame(1)))


def _dir(self: Tensor) -> list[str]:
    return dir(_seen(self))


def _made_anew(cls: type[Tensor], *args: Any) -> Any:
    """What `type(x)(2.0)` is in a library, which sees that a float is a Tensor."""
    return float(*args) if cls is Tensor else object.__new__(cls)


_AS_VALUES: dict[str, Callable[..., Any]] = {
    "__new__": _made_anew,
    "__hash__": _hash,
    "__reduce_ex__": _reduce,
    "__getattr__": _attribute,
    "__divmod__": _divmod,
    "__rdivmod__": lambda self, other: _divmod(other, self),
    "__trunc__": lambda self: int(self),
    "__index__": _index,
    "__iter__": _iter,
    "__bytes__": _bytes,
    "__dir__": _dir,
    "__conform__": lambda self, protocol: taken_out(now(self), "the value of {}", user_frame(1)),  # SQLite asks for it
    "__sizeof__": lambda self: sys.getsizeof(_seen(self)) - _ADDED_SIZE,
}
#: What `sys.getsizeof` adds to what a Tensor says of itself.
_ADDED_SIZE = sys.getsizeof(object.__new__(Tensor)) - Tensor.__sizeof__(object.__new__(Tensor))
#: What a Tensor has and no float nor array: a script does not find it.
_HIDDEN = ("value", "grad", "name", "backward", "detach", "relu", "sigmoid", "softmax", "log_softmax")


def _hidden(attribute: Any, kind: type[Tensor]) -> property:
    """A Tensor's attribute, for gradviz's own code alone."""

    def get(self: Tensor) -> Any:
        if not is_own(sys._getframe(1).f_code):  # pyright: ignore[reportPrivateUsage]
            raise AttributeError  # now __getattr__ asks the value
        return attribute.__get__(self, kind)

    def put(self: Tensor, value: Any) -> None:
        attribute.__set__(self, value)

    return property(get, put)


def _class(self: Tensor) -> type:
    """The class of the value, to all but gradviz's own code: `isinstance` and `match` go by it."""
    own = is_own(sys._getframe(1).f_code)  # pyright: ignore[reportPrivateUsage]
    return builtins.type(self) if own else builtins.type(_seen(self))


@contextmanager
def as_values() -> Generator[None]:
    """While it is open, Tensors hash, pickle and answer for their class and attributes as their values do."""
    with ExitStack() as stack:
        for name, function in _AS_VALUES.items():
            stack.enter_context(_replaced(Tensor, name, function))
        for kind in (Tensor, View, Written):
            for name in _HIDDEN:
                stack.enter_context(_replaced(kind, name, _hidden(getattr(kind, name), kind)))
        for name, compare in _COMPARISONS.items():
            stack.enter_context(_replaced(Tensor, name, _compared(getattr(Tensor, name), compare)))
        stack.enter_context(_replaced(_tensor_module, "operate", _operated))
        stack.enter_context(_replaced(json.JSONEncoder, "iterencode", _encoded(json.JSONEncoder.iterencode)))
        stack.enter_context(_class_answered())
        yield


@contextmanager
def _replaced(owner: Any, name: str, new: Any) -> Generator[None]:
    missing = object()
    before = vars(owner).get(name, missing)
    setattr(owner, name, new)
    try:
        yield
    finally:
        if before is missing:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


@contextmanager
def _class_answered() -> Generator[None]:
    """Let `x.__class__` be `_class`. Python takes that from the class's dict, but lets nobody put it there later."""
    attributes = gc.get_referents(vars(Tensor))[0]
    attributes["__class__"] = property(_class, object.__dict__["__class__"].__set__)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(Tensor))
    try:
        yield
    finally:
        del attributes["__class__"]
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(Tensor))


# -- errors that are Python's own --------------------------------------------------------------------------------------

#: What can be no operand of an array, but may be one of a float's, or say what is wrong in Python's words.
_STRANGE = (str, bytes, list, tuple, dict, set, frozenset, builtins.type(None))
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "power": operator.pow, "matmul": operator.matmul,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge
}  # fmt: skip


def _operated(op: Op, left: Any, right: Any, other: Any) -> Any:
    """An operator whose other operand is no plain number or array: what Python says of the values, where it objects."""
    if builtins.type(other) in _STRANGE and op.name in _OPERATORS:
        values = [_seen(x) for x in (left, right)]
        if not any(builtins.isinstance(x, np.ndarray) for x in values):
            result = _OPERATORS[op.name](*values)
            if not builtins.isinstance(result, (np.ndarray, np.generic)):
                return result
    return _operate(op, left, right, other)


def _compared(compare: Callable[..., Any], plain: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def compared(self: Tensor, other: Any) -> Any:
        result = compare(self, other)
        if result is NotImplemented and builtins.type(other) in _STRANGE:
            return plain(_seen(self), other)
        return result

    return compared


# -- JSON --------------------------------------------------------------------------------------------------------------


def _encoded(iterencode: Callable[..., Any]) -> Callable[..., Any]:
    def encode(self: Any, o: Any, _one_shot: bool = False) -> Any:
        return iterencode(self, _without_tensors(o), _one_shot)

    return encode


def _without_tensors(nest: Any) -> Any:
    """What JSON knows, with floats for the Tensors in it: its encoder looks at the very class."""
    if builtins.isinstance(nest, Tensor):
        taken_out(now(nest), "json.dumps({})", user_frame(1))
        return _seen(nest)
    if builtins.type(nest) in (list, tuple):
        return builtins.type(nest)([_without_tensors(part) for part in nest])
    if builtins.type(nest) is dict:
        return {_without_tensors(key): _without_tensors(part) for key, part in nest.items()}
    return nest
