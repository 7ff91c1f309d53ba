"""What stands among a plain script's own builtins: `isinstance`, `type`, `sum` … that see a traced value as its value.

Libraries keep the real builtins. `as_values` does the rest for what Python itself asks of a Tensor while such a script
runs: its hash, how it is pickled, the attributes that only floats and arrays have.
"""

from __future__ import annotations

import builtins
import json
import operator
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from types import GenericAlias
from typing import Any

import numpy as np

from ..tracer.frames import user_frame
from ..tracer.op import Op
from ..tracer.ops.arithmetic import ADD, REMAINDER
from ..tracer.ops.blocking import FLOOR_DIVIDE
from ..tracer.tensor import Tensor, apply, now, value_of
from ..tracer.tensor import _taken_out as taken_out
from ..tracer.trace import maximum_of, minimum_of

__all__ = ["BUILTINS", "as_values"]


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


_NUMBERS = (Tensor, float, int, np.ndarray, np.generic)


#: name → what stands there.
BUILTINS: dict[str, Any] = {
    "max": maximum_of,
    "min": minimum_of,
    "sum": _sum,
    "divmod": _divmod,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "hasattr": _hasattr,
    "callable": _callable,
    "type": _Type,
}
for _name in ("sum", "divmod", "isinstance", "issubclass", "hasattr", "callable"):
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


_AS_VALUES: dict[str, Callable[..., Any]] = {
    "__hash__": _hash,
    "__reduce_ex__": _reduce,
    "__getattr__": _attribute,
    "__divmod__": _divmod,
    "__rdivmod__": lambda self, other: _divmod(other, self),
    "__trunc__": lambda self: int(self),
}


@contextmanager
def as_values() -> Generator[None]:
    """While it is open, Tensors hash, pickle and answer for attributes as their values do."""
    before = {name: vars(Tensor).get(name) for name in _AS_VALUES}
    default = json.JSONEncoder.default
    for name, function in _AS_VALUES.items():
        setattr(Tensor, name, function)
    json.JSONEncoder.default = _json(default)
    try:
        yield
    finally:
        json.JSONEncoder.default = default
        for name, function in before.items():
            if function is None:
                delattr(Tensor, name)
            else:
                setattr(Tensor, name, function)


def _json(default: Callable[..., Any]) -> Callable[..., Any]:
    def encode(self: Any, o: Any) -> Any:
        if builtins.isinstance(o, Tensor) and builtins.isinstance(_seen(o), float):
            return float(_seen(o))
        return default(self, _seen(o))

    return encode
