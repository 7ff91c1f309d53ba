"""Makes arrays of the lists and tuples with traced values that a plain script gives to NumPy: `np.mean(losses)`.

NumPy makes an array of a list itself, from plain numbers; one that holds traced values is made by the recording
`np.array` first. Everything else passes through as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np

from ..tracer import RecordError
from ..tracer.inplace import View, Written
from ..tracer.ops.creation import array
from ..tracer.tensor import Tensor, is_differentiable, value_of

__all__ = [
    "JOINING",
    "OF_ARRAYS",
    "AsOperand",
    "as_array",
    "beside",
    "each_as_array",
    "holds_traced",
    "on_arrays",
    "plain_list",
    "takes_arrays",
]

_TRACED = frozenset({Tensor, View, Written})
_NESTS = frozenset({list, tuple})
#: The classes of NumPy's functions that take whatever can be made an array.
OF_ARRAYS = frozenset({np.ufunc, type(np.sum)})
#: Those that are given a sequence of arrays.
JOINING = frozenset(
    {"concatenate", "stack", "vstack", "hstack", "dstack", "column_stack", "row_stack", "multi_dot", "select", "choose"}
)


@cache
def takes_arrays(origin: str) -> bool:
    """Whether a function takes arrays, and records them.

    Examples
    --------
    >>> [takes_arrays(f"numpy.{name}") for name in ("sum", "exp", "linalg.norm", "add.reduce", "array", "float64")]
    [True, True, True, True, False, False]
    """
    head, *names = origin.split(".")
    if head != "numpy":
        return origin.startswith("scipy.special.")  # which may be slow to import, and takes nothing else
    found: Any = np
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # np.core
        for name in names:
            found = getattr(found, name, None)
    return type(found) in OF_ARRAYS or found is np.full or isinstance(getattr(found, "__self__", None), np.ufunc)


def holds_traced(nest: Iterable[Any]) -> bool:
    """Whether a traced value stands somewhere in a nest of lists and tuples; of 1000 floats that is told in 20 µs."""
    kinds = set(map(type, nest))
    if not kinds.isdisjoint(_TRACED):
        return True
    return not kinds.isdisjoint(_NESTS) and any(type(part) in _NESTS and holds_traced(part) for part in nest)


def as_array(value: Any) -> Any:
    """What a function of NumPy's is given: the traced array of a list with traced values."""
    if type(value) not in _NESTS or not holds_traced(value):
        return value
    try:
        made = array(value)
    except RecordError:
        return value
    except (ValueError, TypeError):
        return value_of(value)  # NumPy will say what is wrong with it
    return made if is_differentiable(made._value) else value_of(value)  # a shape, an index, texts


def each_as_array(values: Any) -> Any:
    """The same for each of the arrays that are to be joined."""
    if type(values) not in _NESTS or _NESTS.isdisjoint(map(type, values)):
        return values
    return type(values)(map(as_array, values))


def on_arrays(function: Any, /, *args: Any, **options: Any) -> Any:
    """Call one of NumPy's functions, whichever it is."""
    given = each_as_array if getattr(function, "__name__", None) in JOINING else as_array
    return function(*map(given, args), **{key: given(value) for key, value in options.items()})


# -- operators ---------------------------------------------------------------------------------------------------------


class AsOperand:
    """What a list or tuple answers an array's operator with: `np.ones(2) * [x, y]`. Between lists it is one of them."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [plain_list(x) for x in inputs]
        if ufunc is np.multiply and any(isinstance(x, np.integer) for x in inputs):  # [x] * np.int64(3)
            return plain[0] * plain[1]
        call: Callable[..., Any] = getattr(ufunc, method)
        return call(*map(as_array, plain), **options)


class _List(AsOperand, list[Any]):
    __slots__ = ()


class _Tuple(AsOperand, tuple[Any, ...]):
    __slots__ = ()


def beside(value: Any) -> Any:
    """An operand of `+`, `*` and so on that may be a list with traced values, and stand beside a plain array."""
    kind = type(value)
    if kind not in _NESTS or not holds_traced(value):
        return value
    return _List(value) if kind is list else _Tuple(value)


def plain_list(value: Any) -> Any:
    """The list or tuple itself."""
    kind = type(value)
    return list(value) if kind is _List else tuple(value) if kind is _Tuple else value
