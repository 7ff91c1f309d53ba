"""The `statistics` that a plain script imports: its means and spreads record where they are given traced values."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ..tracer.tensor import Tensor, value_of
from .alike import module_like
from .lists import as_array, holds_traced

__all__ = ["statistics_module"]

#: statistics' function → NumPy's of the same meaning, which records it.
_RECORDED: dict[str, Callable[[Any], Any]] = {
    "mean": np.mean,
    "fmean": np.mean,
    "variance": functools.partial(np.var, ddof=1),
    "stdev": functools.partial(np.std, ddof=1),
    "pvariance": np.var,
    "pstdev": np.std,
}


def statistics_module(real: ModuleType) -> ModuleType:
    """A module like `statistics`."""
    return module_like(real, {name: _recording(getattr(real, name), by) for name, by in _RECORDED.items()})


def _recording(function: Callable[..., Any], recorded: Callable[[Any], Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def record(data: Any, *more: Any, **options: Any) -> Any:
        data = data if isinstance(data, Tensor) else list(data)
        if more or options or not (isinstance(data, Tensor) or holds_traced(data)):
            return function(data, *more, **options)
        exact = function(value_of(data))
        made = recorded(as_array(data))
        if isinstance(made, Tensor):
            made._value = exact  # statistics adds up without rounding, and nobody has seen the other yet
            return made
        return exact

    return record
