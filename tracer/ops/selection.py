"""Ops that route the gradient: maximum, minimum, where, clip."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Rule, elementwise, row
from ..tensor import FUNCTIONS, UFUNCS, Tensor, apply, value_of


def wins(x: Any, y: Any, greater: bool = True) -> Any:
    """1 where x is the greater (or the smaller), ½ where they tie, 0 where it loses, nan where either is nan."""
    x, y = value_of(x), value_of(y)
    if type(x) is float and type(y) is float:
        return 0.5 if x == y else 1.0 if (x > y) == greater else 0.0
    first = np.greater(x, y) if greater else np.less(x, y)
    return np.where(np.isnan(x), 1.0, np.where(np.equal(x, y), 0.5, np.asarray(first, dtype=float)))


MAXIMUM = elementwise(
    "maximum",
    np.maximum,
    ("{0} ≥ {1} ? 1 : 0", lambda out, x, y: wins(x, y)),
    ("{1} ≥ {0} ? 1 : 0", lambda out, x, y: wins(y, x)),
    role="routes",
    role_text="upstream → the max only",
    symbol="max",
    text="max({0}, {1})",
)
MINIMUM = elementwise(
    "minimum",
    np.minimum,
    ("{0} ≤ {1} ? 1 : 0", lambda out, x, y: wins(x, y, greater=False)),
    ("{1} ≤ {0} ? 1 : 0", lambda out, x, y: wins(y, x, greater=False)),
    role="routes",
    role_text="upstream → the min only",
    symbol="min",
    text="min({0}, {1})",
)
FMAX = elementwise(
    "fmax",
    np.fmax,
    ("{0} ≥ {1} ? 1 : 0", lambda out, x, y: _wins_over_nan(x, y)),
    ("{1} ≥ {0} ? 1 : 0", lambda out, x, y: _wins_over_nan(y, x)),
    role="routes",
    role_text="upstream → the max only",
)
FMIN = elementwise(
    "fmin",
    np.fmin,
    ("{0} ≤ {1} ? 1 : 0", lambda out, x, y: _wins_over_nan(x, y, greater=False)),
    ("{1} ≤ {0} ? 1 : 0", lambda out, x, y: _wins_over_nan(y, x, greater=False)),
    role="routes",
    role_text="upstream → the min only",
)


def _wins_over_nan(x: Any, y: Any, greater: bool = True) -> Any:
    x, y = value_of(x), value_of(y)
    return np.where(np.isnan(y), 1.0, np.where(np.isnan(x), 0.0, wins(x, y, greater)))


# -- where: the condition is a plain array, kept beside the op ---------------------------------------------------------

WHERE = row(
    "where",
    lambda x, y, condition: np.where(condition, x, y),
    [
        Rule("δ where chosen, else 0", vjp=lambda g, out, x, y, condition: np.where(condition, g, 0.0)),
        Rule("δ where not chosen, else 0", vjp=lambda g, out, x, y, condition: np.where(condition, 0.0, g)),
    ],
    role="routes",
    role_text="upstream → the chosen only",
    text="where({condition}, {0}, {1})",
)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`np.where` on Tensors: the condition is a constant."""
    if x is None and y is None:
        return np.where(value_of(condition))
    return apply(WHERE, (x, y), {"condition": value_of(condition)})


# -- clip --------------------------------------------------------------------------------------------------------------


def _inside(x: Any, low: Any, high: Any) -> Any:
    x = value_of(x)
    inside = np.ones(np.shape(x))
    if low is not None:
        inside = inside * wins(x, low)
    if high is not None:
        inside = inside * wins(x, high, greater=False)
    return inside if np.ndim(inside) else float(inside)


CLIP = row(
    "clip",
    lambda x, low, high: np.clip(x, low, high),
    [Rule("{low} < {0} < {high} ? 1 : 0", local=lambda out, x, low, high: _inside(x, low, high))],
    role="gates",
    role_text="upstream inside the bounds, else 0",
    text="clip({0}, {low}, {high})",
)


def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """`np.clip` on a Tensor; bounds that are Tensors get their gradients too."""
    low = a_min if a_min is not None else min
    high = a_max if a_max is not None else max
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        a = a if low is None else np.maximum(a, low)
        return a if high is None else np.minimum(a, high)
    return apply(CLIP, (a,), {"low": low, "high": high})


UFUNCS |= {np.maximum: MAXIMUM, np.minimum: MINIMUM, np.fmax: FMAX, np.fmin: FMIN}
FUNCTIONS |= {np.where: where, np.clip: clip}
