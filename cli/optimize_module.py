"""The `scipy.optimize` that a plain script imports: what it calls the script's functions with are inputs."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ..tracer.backward import INPUT
from ..tracer.tensor import Tensor, is_differentiable, leaf, value_of

__all__ = ["optimize_module"]

#: The functions that call a function of the user's with the point they try.
_SEARCHES = (
    "minimize", "minimize_scalar", "root", "root_scalar", "least_squares", "leastsq", "curve_fit", "fmin", "fmin_bfgs",
    "fmin_cg", "fmin_l_bfgs_b", "fmin_ncg", "fmin_powell", "fmin_slsqp", "fmin_tnc", "fsolve", "newton", "brentq",
    "brenth", "bisect", "ridder", "toms748", "basinhopping", "differential_evolution", "dual_annealing", "shgo",
)  # fmt: skip


def optimize_module(real: ModuleType) -> ModuleType:
    """A module like `scipy.optimize`."""
    made = ModuleType(real.__name__, real.__doc__)
    made.__dict__.update(vars(real))
    for name in _SEARCHES:
        if hasattr(real, name):
            setattr(made, name, _searching(getattr(real, name)))
    return made


def _searching(search: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(search)
    def searched(*args: Any, **options: Any) -> Any:
        name = _first_parameter(args[0]) if args and callable(args[0]) else "x"
        args = tuple(map(_handed_in, args))
        result = search(*args, **{key: _handed_in(x) for key, x in options.items()})
        point = getattr(result, "x", None)
        if isinstance(point, np.ndarray) and is_differentiable(point):
            result.x = leaf(point, INPUT, name, sys._getframe(1))  # pyright: ignore
        return result

    return searched


def _handed_in(x: Any) -> Any:
    """What a search is given: plain values, and functions that make inputs of what they are called with."""
    if isinstance(x, Tensor):
        return value_of(x)
    if type(x) in (list, tuple):
        return type(x)(map(_handed_in, x))
    return _objective(x) if inspect.isfunction(x) or inspect.ismethod(x) else x


def _objective(function: Callable[..., Any]) -> Callable[..., Any]:
    name = _first_parameter(function)

    @functools.wraps(function)
    def called(point: Any, *args: Any, **options: Any) -> Any:
        if isinstance(point, (float, np.ndarray)) and is_differentiable(point):
            point = leaf(np.copy(point) if np.ndim(point) else point, INPUT, name, sys._getframe(1))  # pyright: ignore
        return value_of(function(point, *args, **options))

    return called


def _first_parameter(function: Callable[..., Any]) -> str:
    try:
        return next(iter(inspect.signature(function).parameters), "x")
    except (TypeError, ValueError):
        return "x"
