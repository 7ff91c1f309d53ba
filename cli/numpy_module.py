"""The `numpy` that a plain script imports: `gv.np`, but where it refuses to record, the values leave the graph."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy

from ..tracer import RecordError, np
from ..tracer.ops.shaping import COPY
from ..tracer.tensor import Tensor, apply
from ..tracer.tensor import _unrecorded as unrecorded

__all__ = ["numpy_module"]


#: What makes an array of whatever it is given; `gv.np` leaves a number one.
_TO_ARRAYS = ("array", "asarray", "asanyarray")

#: What tells a boolean of NumPy's; `gv.np` tells Python's.
_TO_BOOLS = ("all", "any", "isclose")


def numpy_module() -> ModuleType:
    """A module like `numpy`."""
    made: Any = type(np)("numpy", numpy.__doc__)
    made.__dict__.update(vars(np))
    for name, function in vars(np).items():
        if isinstance(function, FunctionType) and not name.startswith("_"):
            setattr(made, name, _or_plain(name, function))
    for name in _TO_ARRAYS:
        setattr(made, name, _to_array(getattr(made, name)))
    for name in _TO_BOOLS:
        setattr(made, name, _to_bool(getattr(made, name)))
    return made


def _or_plain(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except RecordError:
            return unrecorded(getattr(numpy, name), name, args, options)

    return called


def _to_array(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        if isinstance(result, Tensor) and isinstance(result._value, (float, numpy.generic)):
            return apply(COPY, (result,), {"array": True})
        return result

    return called


def _to_bool(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        return numpy.bool_(result) if result is True or result is False else result

    return called
