"""What stands among a plain script's own builtins: `isinstance`, `type`, `sum` … that see a traced value as its value.

Libraries keep the real builtins. `as_values` does the rest for what Python itself asks of a Tensor while such a script
runs: its hash, how it is pickled, the attributes that only floats and arrays have.
"""

from __future__ import annotations

import builtins
import ctypes
import datetime
import gc
import json
import math
import operator
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from dis import opname
from importlib import import_module
from types import GenericAlias, MethodType
from typing import Any

import numpy as np

from ..tracer import RecordError
from ..tracer.frames import is_own, user_frame
from ..tracer.inplace import View, Written
from ..tracer.op import Op
from ..tracer.ops.arithmetic import ADD, POWER, REMAINDER
from ..tracer.ops.blocking import FLOOR_DIVIDE
from ..tracer.ops.indexing import GETITEM
from ..tracer.ops.shaping import COPY
from ..tracer.tensor import Tensor, apply, binary, now, value_of
from ..tracer.tensor import _taken_out as taken_out
from ..tracer.tensor import _unrecorded as unrecorded
from ..tracer.trace import maximum_of, minimum_of
from .lists import AsOperand, as_array, plain_list
from .tracebacks import replaced

__all__ = ["BUILTINS", "as_values"]

# The module, whose functions are replaced where they are used: under its name the package has the function gv.tensor.
_tensor_module: Any = import_module("..tracer.tensor", __package__)
_operate = _tensor_module.operate
_observe = _tensor_module.observe


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


_NUMPYS = (np.generic, np.ndarray)
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
    value = taken_out(now(self), "the pickle of {}", user_frame(1))
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


def _number(self: Tensor) -> Any:
    return taken_out(now(self), "float({})", user_frame(1))


def _iter(self: Tensor) -> Any:
    value = _seen(self)
    if np.ndim(value):
        return (self[i] for i in range(len(value)))
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    if frame.f_lasti >= 0 and opname[frame.f_code.co_code[frame.f_lasti]].startswith("UNPACK"):
        kind = builtins.type(value)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        if not builtins.isinstance(value, np.ndarray):
            raise TypeError(f"cannot unpack non-iterable {name} object")
    return iter(value)  # which says what is wrong


def _array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """The value as a view of it: of an array that owns its memory SciPy would think that it was made for it alone."""
    array = _to_array(self, dtype, copy)
    return array.view() if array is _seen(self) else array


def _conjugate(self: Tensor) -> Any:
    return self if builtins.type(self._value) is float else _conjugated(self)


def _item(self: Tensor, *index: Any) -> Any:
    """`x.item()`: Python's own float, which stays traced."""
    value = now(self)._value
    if value.dtype.kind != "f":
        return _number_of(self, *index)
    number = value.item(*index)  # or what NumPy says of the index
    if not np.ndim(value):
        return apply(COPY, (self,), compute=lambda x: number)
    place = index[0] if len(index) == 1 and builtins.isinstance(index[0], tuple) else index
    place = place if len(place) == value.ndim else np.unravel_index(place[0] if place else 0, value.shape)
    return apply(GETITEM, (self,), {"index": tuple(map(int, place))}, compute=lambda x, index: number)


def _tolist(self: Tensor, *wrong: Any) -> Any:
    """`x.tolist()`: a nest of traced numbers, up to a size that nobody would take apart."""
    value = now(self)._value
    if wrong:
        return value.tolist(*wrong)  # which says what is wrong
    if value.dtype.kind != "f" or value.size > _LONGEST_LIST:
        return _list_of(self)
    return _listed(self, ()) if value.ndim else _item(self)


def _listed(array: Tensor, place: tuple[int, ...]) -> list[Any]:
    shape = np.shape(_seen(array))
    places = [(*place, i) for i in range(shape[len(place)])]
    return [_item(array, *x) if len(x) == len(shape) else _listed(array, x) for x in places]


def _of_arrays(method: Callable[..., Any]) -> property:
    """A method that NumPy's values have, and Python's floats lack."""

    def get(self: Tensor) -> Any:
        if builtins.type(_seen(self)) is float:
            raise AttributeError  # now __getattr__ asks the value
        return MethodType(method, self)

    return property(get)


_LONGEST_LIST = 256
_to_array, _conjugated = Tensor.__array__, vars(Tensor)["conjugate"]
_number_of, _list_of = Tensor.item, Tensor.tolist


def _bytes(self: Tensor) -> bytes:
    return bytes(taken_out(now(self), "bytes({})", user_frame(1)))


def _dir(self: Tensor) -> list[str]:
    return dir(_seen(self))


def _made_anew(cls: type[Tensor], *args: Any) -> Any:
    """What `type(x)(2.0)` is in a library, which sees that a float is a Tensor."""
    return float(*args) if cls is Tensor else object.__new__(cls)


_power, _reflected_power = binary(POWER, POWER.compute, depth=2)


def _pow(self: Tensor, other: Any, *modulo: Any) -> Any:
    """`x ** y`. Between Python's floats it may be complex, and leaves the graph: NumPy has nan there."""
    if modulo:
        return pow(_seen(self), _seen(other), *modulo)  # which says what is wrong
    result = _complex_power(self, other) if builtins.type(self._value) is float and self._value < 0.0 else None
    return _power(self, other) if result is None else result


def _rpow(self: Tensor, other: Any) -> Any:
    result = _complex_power(other, self) if builtins.type(self._value) is float and self._value % 1 != 0 else None
    return _reflected_power(self, other) if result is None else result


def _complex_power(x: Any, y: Any) -> complex | None:
    """A negative float to a broken power; None for anything else."""
    base, exponent = _seen(x), _seen(y)
    if builtins.type(base) not in (float, int) or builtins.type(exponent) is not float:
        return None
    result = base**exponent if base < 0 else None
    if builtins.type(result) is not complex:
        return None
    for tensor in (x, y):
        if builtins.isinstance(tensor, Tensor):
            taken_out(now(tensor), "the complex power of {}", user_frame(1))
    return result


_AS_VALUES: dict[str, Any] = {
    "__new__": _made_anew,
    "__hash__": _hash,
    "__reduce_ex__": _reduce,
    "__getattr__": _attribute,
    "__divmod__": _divmod,
    "__rdivmod__": lambda self, other: _divmod(other, self),
    "__trunc__": lambda self: math.trunc(_number(self)),
    "__floor__": lambda self: math.floor(_number(self)),
    "__ceil__": lambda self: math.ceil(_number(self)),
    "__index__": _index,
    "__iter__": _iter,
    "__array__": _array,
    "conjugate": _conjugate,
    "__bytes__": _bytes,
    "__dir__": _dir,
    "__pow__": _pow,
    "__rpow__": _rpow,
    "__conform__": lambda self, protocol: taken_out(now(self), "the value of {}", user_frame(1)),  # SQLite asks for it
    "__sizeof__": lambda self: sys.getsizeof(_seen(self)) - _ADDED_SIZE,
}
#: Methods that arrays have and Python's floats lack.
_OF_ARRAYS: dict[str, Callable[..., Any]] = {"item": _item, "tolist": _tolist}
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
    wait: Any = threading.Condition.wait
    with ExitStack() as stack:
        for name, function in _AS_VALUES.items():
            stack.enter_context(replaced(Tensor, name, function))
        for kind in (Tensor, View, Written):
            for name in _HIDDEN:
                stack.enter_context(replaced(kind, name, _hidden(getattr(kind, name), kind)))
            for name, method in _OF_ARRAYS.items():
                stack.enter_context(replaced(kind, name, _of_arrays(method)))
        for name, compare in _COMPARISONS.items():
            stack.enter_context(replaced(Tensor, name, _compared(getattr(Tensor, name), compare)))
        stack.enter_context(replaced(_tensor_module, "operate", _operated))
        stack.enter_context(replaced(_tensor_module, "observe", _observed))
        stack.enter_context(replaced(json.JSONEncoder, "iterencode", _encoded(json.JSONEncoder.iterencode)))
        # Events, timers, queues and semaphores wait here, where the lock takes no Tensor.
        stack.enter_context(
            replaced(threading.Condition, "wait", lambda self, timeout=None: wait(self, _seen(timeout)))
        )
        stack.enter_context(_class_answered())
        yield


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
_STRANGE = (
    str, bytes, list, tuple, dict, set, frozenset, builtins.type(None), datetime.timedelta, datetime.date,
    datetime.datetime,
)  # fmt: skip
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "power": operator.pow, "matmul": operator.matmul,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge,
    "__eq__": operator.eq, "__ne__": operator.ne,
}  # fmt: skip


def _operated(op: Op, left: Any, right: Any, other: Any) -> Any:
    """An operator whose other operand is no plain number or array: what Python says of the values, where it objects."""
    if builtins.isinstance(other, AsOperand):
        left, right, other = (plain_list(x) for x in (left, right, other))
    if builtins.type(other) in _STRANGE and op.name in _OPERATORS:
        values = [_seen(x) for x in (left, right)]
        kinds = np.ndarray if op.name == "multiply" else (np.ndarray, np.floating)  # which no list can be multiplied by
        among_arrays = any(builtins.isinstance(x, kinds) for x in values)
        if not (among_arrays and builtins.type(other) in (list, tuple)):
            result = _OPERATORS[op.name](*values)
            if not builtins.isinstance(result, (np.ndarray, np.generic)) or result.dtype.kind not in "fc":
                for x in (left, right):
                    if builtins.isinstance(x, Tensor):
                        taken_out(now(x), "the value of {}", user_frame(1))
                return result
        left, right = (as_array(x) for x in (left, right))
    try:
        return _operate(op, left, right, other)
    except RecordError:  # np.matrix
        if op.name not in _OPERATORS:
            raise
        return unrecorded(_OPERATORS[op.name], op.name, (left, right), {})


def _observed(compute: Callable[..., Any], inputs: tuple[Any, ...], text: str) -> Any:
    """What a ufunc tells of values, of NumPy's kind: `np.isnan(x)`."""
    result = _observe(compute, inputs, text)
    return np.bool_(result) if builtins.type(result) is bool and text == getattr(compute, "__name__", "") else result


def _compared(compare: Callable[..., Any], plain: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def compared(self: Tensor, other: Any) -> Any:
        result = compare(self, other)
        if result is NotImplemented and builtins.type(other) in _STRANGE:
            return plain(_seen(self), other)
        if builtins.type(result) is bool and (
            builtins.isinstance(_seen(self), _NUMPYS) or builtins.isinstance(_seen(other), _NUMPYS)
        ):
            return np.bool_(result)
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
