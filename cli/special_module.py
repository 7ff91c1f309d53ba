"""The `scipy.special` that a plain script imports: its functions that are written in Python record too."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ..tracer.op import OPS, Op
from ..tracer.ops.activation import LOG_SOFTMAX, SOFTMAX
from ..tracer.ops.special import LOGSUMEXP
from ..tracer.tensor import Tensor, apply, value_of
from ..tracer.tensor import _unrecorded as unrecorded
from .alike import module_like

__all__ = ["special_module"]


def special_module(real: ModuleType) -> ModuleType:
    """A module like `scipy.special`."""
    there = {name: by for name, by in _RECORDED.items() if hasattr(real, name)}
    return module_like(real, {name: _recording(getattr(real, name), by) for name, by in there.items()})


def _recording(function: Callable[..., Any], recorded: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def record(*args: Any, **options: Any) -> Any:
        if not any(isinstance(x, Tensor) for x in (*args, *options.values())):
            return function(*args, **options)
        try:
            return recorded(function, *args, **options)
        except _Unrecorded:
            return unrecorded(function, function.__name__, args, options)

    return record


class _Unrecorded(Exception):
    """A way of calling a function that no op records."""


# Each is given SciPy's function, which computes the value to the last bit, and its arguments.


def _logsumexp(
    function: Callable[..., Any],
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    if return_sign or (b is not None and not np.all(value_of(b) > 0)):
        raise _Unrecorded
    if b is None:
        compute = function
    else:  # b·exp(a) = exp(a + log b)
        plain, weights = value_of(a), value_of(b)
        a = a + np.log(b)

        def compute(x: Any, **options: Any) -> Any:
            return function(plain, b=weights, **options)

    return apply(LOGSUMEXP, (a,), {"axis": axis, "keepdims": keepdims}, compute=compute)


def _softmax(op: Op) -> Callable[..., Any]:
    def recorded(function: Callable[..., Any], x: Any, axis: Any = None) -> Any:
        if axis is None and np.ndim(x) > 1:  # over all of it
            return np.reshape(recorded(function, np.reshape(x, -1), 0), np.shape(x))
        if np.ndim(x) == 0 or not isinstance(axis, (int, type(None))):
            raise _Unrecorded
        return apply(op, (x,), {"axis": 0 if axis is None else axis}, compute=function)

    return recorded


def _softplus(function: Callable[..., Any], x: Any, **options: Any) -> Any:
    if options:
        raise _Unrecorded
    return apply(OPS["logaddexp"], (0.0, x), compute=lambda zero, value: function(value))


def _of(name: str) -> Callable[..., Any]:
    def recorded(function: Callable[..., Any], *args: Any) -> Any:
        return apply(OPS[name], args, compute=function)

    return recorded


#: SciPy's function → what records it.
_RECORDED: dict[str, Callable[..., Any]] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax(SOFTMAX),
    "log_softmax": _softmax(LOG_SOFTMAX),
    "softplus": _softplus,
    "polygamma": _of("polygamma"),
    "multigammaln": _of("multigammaln"),
}
