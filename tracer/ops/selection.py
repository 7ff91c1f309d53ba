"""Ops that route the gradient: maximum, minimum, where, clip."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Rule, elementwise, row
from ..tensor import FUNCTIONS, UFUNCS, Tensor, apply, value_of

_NUMBERS = frozenset({float, int, np.float64})


def chosen(out: Any, x: Any, y: Any) -> Any:
    """1 where `out` was taken from x, 0 where from y, ½ where they tie.

    It is the result that tells, not the order of x and y: np.maximum takes a nan, np.fmax passes it over, and
    builtin `max` takes whichever stands first.
    """
    out, x, y = value_of(out), value_of(x), value_of(y)
    if type(out) in _NUMBERS and type(x) in _NUMBERS and type(y) in _NUMBERS and out == out:
        return (0.5 if out == y else 1.0) if out == x else 0.0
    from_x, from_y = np.equal(out, x), np.equal(out, y)
    ties = from_x & from_y
    tied = np.count_nonzero(ties)
    if np.count_nonzero(from_x) + np.count_nonzero(from_y) - tied < np.size(out):  # a nan, which equals nothing
        nan = np.isnan(out)
        from_x, from_y = from_x | (nan & np.isnan(x)), from_y | (nan & np.isnan(y))
        ties = from_x & from_y
        tied = np.count_nonzero(ties)
    share = from_x.astype(float)
    return share - 0.5 * ties if tied else share


MAXIMUM = elementwise(
    "maximum",
    np.maximum,
    ("{0} ≥ {1} ? 1 : 0", lambda out, x, y: chosen(out, x, y)),
    ("{1} ≥ {0} ? 1 : 0", lambda out, x, y: chosen(out, y, x)),
    role="routes",
    role_text="upstream → the max only",
    symbol="max",
    text="max({0}, {1})",
)
MINIMUM = elementwise(
    "minimum",
    np.minimum,
    ("{0} ≤ {1} ? 1 : 0", lambda out, x, y: chosen(out, x, y)),
    ("{1} ≤ {0} ? 1 : 0", lambda out, x, y: chosen(out, y, x)),
    role="routes",
    role_text="upstream → the min only",
    symbol="min",
    text="min({0}, {1})",
)
FMAX = elementwise(
    "fmax",
    np.fmax,
    ("{0} ≥ {1} ? 1 : 0", lambda out, x, y: chosen(out, x, y)),
    ("{1} ≥ {0} ? 1 : 0", lambda out, x, y: chosen(out, y, x)),
    role="routes",
    role_text="upstream → the max only",
)
FMIN = elementwise(
    "fmin",
    np.fmin,
    ("{0} ≤ {1} ? 1 : 0", lambda out, x, y: chosen(out, x, y)),
    ("{1} ≤ {0} ? 1 : 0", lambda out, x, y: chosen(out, y, x)),
    role="routes",
    role_text="upstream → the min only",
)


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
        return FUNCTIONS[np.nonzero](condition)
    return apply(WHERE, (x, y), {"condition": np.array(value_of(condition))}, depth=2)


# -- clip --------------------------------------------------------------------------------------------------------------


def _inside(out: Any, x: Any, low: Any, high: Any) -> Any:
    """1 between the bounds, 0 beyond; on a bound half of it, as where two operands of a maximum tie."""
    x = value_of(x)
    inside = np.ones(np.shape(value_of(out)))
    if low is not None:
        inside = inside * np.where(np.equal(x, low), 0.5, np.where(np.less(x, low), 0.0, 1.0))
    if high is not None:
        inside = inside * np.where(np.equal(x, high), 0.5, np.where(np.greater(x, high), 0.0, 1.0))
    return inside[()]


CLIP = row(
    "clip",
    lambda x, low, high: np.clip(x, low, high),
    [Rule("{low} < {0} < {high} ? 1 : 0", local=_inside)],
    role="gates",
    role_text="upstream inside the bounds, else 0",
    text="clip({0}, {low}, {high})",
)


def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """`np.clip` on a Tensor; bounds that are Tensors get their gradients too."""
    low = a_min if a_min is not None else min
    high = a_max if a_max is not None else max
    if low is None and high is None:
        return np.positive(a)
    if low is None or high is None or isinstance(low, Tensor) or isinstance(high, Tensor):
        a = a if low is None else np.maximum(a, low)
        return a if high is None else np.minimum(a, high)
    return apply(CLIP, (a,), {"low": low, "high": high}, depth=2)


UFUNCS.update({np.maximum: MAXIMUM, np.minimum: MINIMUM, np.fmax: FMAX, np.fmin: FMIN})
FUNCTIONS.update({np.where: where, np.clip: clip})
