"""The `math` that a plain script imports: its functions record where they are given a traced value."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from ..tracer import RecordError
from ..tracer.op import Op
from ..tracer.ops.arithmetic import ADD, DIVIDE, MULTIPLY, SUBTRACT
from ..tracer.tensor import LATE, UFUNCS, Tensor, apply, value_of
from .alike import module_like

__all__ = ["math_module"]

#: math's function → NumPy's of the same meaning, whose row of the table of ops records it.
_UFUNCS: dict[str, str] = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh",
    "atan2": "arctan2", "cbrt": "cbrt", "cos": "cos", "cosh": "cosh", "degrees": "degrees", "exp": "exp",
    "exp2": "exp2", "expm1": "expm1", "fabs": "absolute", "fmod": "fmod", "log10": "log10", "log1p": "log1p",
    "log2": "log2", "pow": "power", "radians": "radians", "sin": "sin", "sinh": "sinh", "sqrt": "sqrt", "tan": "tan",
    "tanh": "tanh", "copysign": "copysign", "hypot": "hypot", "log": "log",
}  # fmt: skip
#: math's function → SciPy's.
_SPECIAL: dict[str, str] = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}


def _recording(name: str, function: Callable[..., Any], ufunc: np.ufunc) -> Callable[..., Any]:
    def record(*args: Any) -> Any:
        if not any(isinstance(x, Tensor) for x in args):
            return function(*args)
        if name == "log" and len(args) == 2:
            return _by(DIVIDE, operator.truediv, record(args[0]), record(args[1]))
        op = UFUNCS.get(ufunc)
        if op is None or len(args) != ufunc.nin:
            return function(*map(_number, args))
        scalars = [_scalar(x) for x in args]
        try:
            return apply(op, tuple(scalars), compute=function)
        except RecordError:
            pass  # what math raises is to have no cause of ours
        return function(*map(_number, args))

    record.__name__ = record.__qualname__ = name
    record.__module__ = "math"
    record.__doc__ = function.__doc__
    return record


def _scalar(x: Any) -> Any:
    """An array of one element as the number it holds: math takes both, up to some version of NumPy."""
    if isinstance(x, Tensor) and x.ndim and x.size == 1:
        float(value_of(x))  # which warns, or raises
        return x.reshape(())
    return float(x) if type(x) is int else x


def _number(x: Any) -> Any:
    return float(x) if isinstance(x, Tensor) else x


def _special(name: str, function: Callable[..., Any], scipy_name: str) -> Callable[..., Any]:
    def record(x: Any, /) -> Any:
        if not isinstance(x, Tensor):
            return function(x)
        try:
            scipy_special = import_module("scipy.special")
        except ImportError:
            return function(float(x))
        for register in tuple(LATE):
            register()
        op = UFUNCS.get(getattr(scipy_special, scipy_name))
        return function(float(x)) if op is None else apply(op, (_scalar(x),), compute=function)

    record.__name__ = record.__qualname__ = name
    return record


def _fsum(seq: Any, /) -> Any:
    items = list(seq)
    if not any(isinstance(x, Tensor) for x in items):
        return math.fsum(items)
    exact = math.fsum(map(value_of, items))
    total, *rest = items if len(items) > 1 else (0.0, *items)
    for x in rest[:-1]:
        total = _by(ADD, operator.add, total, x)
    return apply(ADD, (total, rest[-1]), compute=lambda a, b: exact)


def _prod(iterable: Any, /, *, start: Any = 1) -> Any:
    items = list(iterable)
    if not any(isinstance(x, Tensor) for x in items):
        return math.prod(items, start=start)
    total = start
    for i, x in enumerate(items):
        total = x if i == 0 and type(start) is int and start == 1 else _by(MULTIPLY, operator.mul, total, x)
    return total


def _dist(p: Any, q: Any, /) -> Any:
    p, q = list(p), list(q)
    if not any(isinstance(x, Tensor) for x in (*p, *q)):
        return math.dist(p, q)
    parts = [_by(SUBTRACT, operator.sub, a, b) for a, b in zip(p, q, strict=True)]
    squares = [_by(MULTIPLY, operator.mul, x, x) for x in parts]
    exact = math.dist([value_of(x) for x in p], [value_of(x) for x in q])
    return apply(UFUNCS[np.sqrt], (_fsum(squares),), compute=lambda total: exact)


def _hypot(*coordinates: Any) -> Any:
    if len(coordinates) == 2:
        return _HYPOT(*coordinates)
    return _dist(coordinates, (0.0,) * len(coordinates))


_HYPOT = _recording("hypot", math.hypot, np.hypot)


def _sumprod(p: Any, q: Any, /) -> Any:
    p, q = list(p), list(q)
    if not any(isinstance(x, Tensor) for x in (*p, *q)) or len(p) != len(q):
        return math.sumprod(p, q)  # pyright: ignore
    exact = math.sumprod([value_of(x) for x in p], [value_of(x) for x in q])  # pyright: ignore
    *parts, last = [_by(MULTIPLY, operator.mul, a, b) for a, b in zip(p, q, strict=True)]
    return apply(ADD, (_fsum(parts), last), compute=lambda a, b: exact) if parts else last


def _by(op: Op, compute: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """`x + y`, recorded at the user's line and not at one of ours."""
    return apply(op, (x, y), compute=compute) if isinstance(x, Tensor) or isinstance(y, Tensor) else compute(x, y)


_OF_LISTS: dict[str, Callable[..., Any]] = {
    "fsum": _fsum, "prod": _prod, "dist": _dist, "hypot": _hypot, "sumprod": _sumprod,
}  # fmt: skip


def math_module() -> ModuleType:
    """A module like `math`."""
    made = module_like(math, {})
    for name, ufunc in _UFUNCS.items():
        if hasattr(math, name):
            setattr(made, name, _recording(name, getattr(math, name), getattr(np, ufunc)))
    for name, scipy_name in _SPECIAL.items():
        setattr(made, name, _special(name, getattr(math, name), scipy_name))
    for name, function in _OF_LISTS.items():
        if hasattr(math, name):
            setattr(made, name, functools.wraps(getattr(math, name))(function))
    return made
