"""The `numpy` that a plain script imports: `gv.np`, but where it refuses to record, the values leave the graph."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy

from ..tracer import RecordError, np
from ..tracer.tensor import _unrecorded as unrecorded

__all__ = ["numpy_module"]


def numpy_module() -> ModuleType:
    """A module like `numpy`."""
    made: Any = type(np)("numpy", numpy.__doc__)
    made.__dict__.update(vars(np))
    for name, function in vars(np).items():
        if isinstance(function, FunctionType) and not name.startswith("_"):
            setattr(made, name, _or_plain(name, function))
    return made


def _or_plain(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except RecordError:
            return unrecorded(getattr(numpy, name), name, args, options)

    return called
