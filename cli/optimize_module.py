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
from ..tracer.frames import user_frame
from ..tracer.tensor import Tensor, is_differentiable, leaf, value_of
from ..tracer.tensor import _taken_out as taken_out
from .alike import module_like
from .roots import Tried, on_what_it_depends, rooted

__all__ = ["optimize_module"]

#: The functions that call a function of the user's with the point they try.
_SEARCHES = (
    "minimize", "minimize_scalar", "root", "root_scalar", "least_squares", "leastsq", "curve_fit", "fmin", "fmin_bfgs",
    "fmin_cg", "fmin_l_bfgs_b", "fmin_ncg", "fmin_powell", "fmin_slsqp", "fmin_tnc", "fsolve", "newton", "brentq",
    "brenth", "bisect", "ridder", "toms748", "basinhopping", "differential_evolution", "dual_annealing", "shgo",
)  # fmt: skip


#: Those among them that find where the function is 0, and how the root is called in what they give.
_ROOTS: dict[str, str] = {
    "brentq": "", "brenth": "", "bisect": "", "ridder": "", "toms748": "", "newton": "", "fsolve": "",
    "root_scalar": "root", "root": "x",
}  # fmt: skip


def optimize_module(real: ModuleType) -> ModuleType:
    """A module like `scipy.optimize`."""
    return module_like(real, {name: _searching(name, getattr(real, name)) for name in _SEARCHES if hasattr(real, name)})


def _searching(name: str, search: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(search)

    @functools.wraps(search)
    def searched(*args: Any, **options: Any) -> Any:
        try:
            given = signature.bind(*args, **options)
        except TypeError:  # which SciPy will say itself
            return search(*args, **options)
        point = _first_parameter(args[0]) if args and callable(args[0]) else "x"
        tried = Tried()
        first = next(iter(given.arguments), None)
        for parameter, value in given.arguments.items():
            if parameter != "args":  # what goes on to the script's function stays traced
                given.arguments[parameter] = _handed_in(value, tried if parameter == first else None)
        return _traced(name, point, search(*given.args, **given.kwargs), tried)

    return searched


def _traced(name: str, point: str, result: Any, tried: Tried) -> Any:
    """What a search gives: a root that depends on what its equation does, an input where something is minimal."""
    attribute = _ROOTS.get(name)
    frame = user_frame(2)
    if attribute:
        result[attribute] = rooted(result[attribute], tried)
    elif attribute is not None:
        return (rooted(result[0], tried), *result[1:]) if isinstance(result, tuple) else rooted(result, tried)
    found = getattr(result, "x", None)
    if attribute is None and isinstance(found, np.ndarray) and is_differentiable(found):
        result.x = leaf(found, INPUT, point, frame)
    elif attribute is None and isinstance(found, float):
        nearest = tried.nearest(found)
        if nearest is not None and on_what_it_depends(*nearest):
            taken_out(nearest[1], f"scipy.optimize.{name}", frame)
    return result


def _handed_in(x: Any, tried: Tried | None) -> Any:
    """What a search is given: plain values, and functions that make inputs of what they are called with."""
    if isinstance(x, Tensor):
        return value_of(x)
    if type(x) in (list, tuple):
        return type(x)([_handed_in(part, None) for part in x])
    return _objective(x, tried) if inspect.isfunction(x) or inspect.ismethod(x) else x


def _objective(function: Callable[..., Any], tried: Tried | None) -> Callable[..., Any]:
    name = _first_parameter(function)

    @functools.wraps(function)
    def called(point: Any, *args: Any, **options: Any) -> Any:
        if isinstance(point, (float, np.ndarray)) and is_differentiable(point):
            point = leaf(np.copy(point) if np.ndim(point) else point, INPUT, name, sys._getframe(1))  # pyright: ignore
        result = function(point, *args, **options)
        if tried is not None:
            tried.append(point, result)
        return value_of(result)

    return called


def _first_parameter(function: Callable[..., Any]) -> str:
    try:
        return next(iter(inspect.signature(function).parameters), "x")
    except (TypeError, ValueError):
        return "x"
