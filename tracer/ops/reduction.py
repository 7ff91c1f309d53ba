"""Reductions: sum, mean, and the largest and smallest element, along all axes or some."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, UFUNC_METHODS, apply, value_of

_ABSENT: Any = np._NoValue  # pyright: ignore[reportPrivateUsage]  # NumPy's own default for "not given"


def kept(g: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """A reduced array with the axes that were summed away put back as 1, so that it broadcasts against `shape`."""
    plain = isinstance(g, (np.ndarray, np.generic))
    if plain and g.ndim == len(shape):
        return g
    if axis is None or not shape:  # NumPy lets axis 0 of a single number pass
        ones = (1,) * len(shape)
        return g.reshape(ones) if plain else np.reshape(g, ones)
    axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    return np.reshape(g, tuple(1 if i in axes else n for i, n in enumerate(shape)))


def _count(x: Any, axis: Any, where: Any) -> Any:
    """How many elements each mean is taken of."""
    if where is not True:
        return np.sum(np.broadcast_to(where, np.shape(x)), axis=axis, keepdims=True)
    shape = np.shape(x)
    if axis is None or not shape:
        return math.prod(shape)
    return math.prod([shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))])


def _spread(g: Any, x: Any, axis: Any) -> Any:
    shape = x.shape if isinstance(x, np.ndarray) else np.shape(x)
    g = kept(g, shape, axis)
    if type(g) is not np.ndarray or not g.flags.c_contiguous:
        return np.broadcast_to(g, shape)
    # What broadcast_to comes to, 2 µs sooner.
    view = np.ndarray(shape, g.dtype, g, 0, [0 if n == 1 else s for n, s in zip(g.shape, g.strides, strict=True)])
    view.flags.writeable = False
    return view


def _share(out: Any, x: Any, axis: Any) -> Any:
    """1 at the winner, split evenly where several tie; a nan wins over all, as it does in NumPy."""
    x, top = value_of(x), kept(value_of(out), np.shape(x), axis)
    winner = (x == top) | (np.isnan(x) & np.isnan(top))
    return winner / np.sum(winner, axis=axis, keepdims=True)


_add: Any = np.add.reduce


def _sum(x: Any, axis: Any, keepdims: bool, dtype: Any) -> Any:
    if type(x) is np.ndarray:  # what np.sum comes to, 1 µs sooner
        return _add(x, axis, dtype, None, keepdims)
    return np.sum(x, axis=axis, keepdims=keepdims, dtype=dtype)


SUM = row(
    "sum",
    _sum,
    [Rule("δ on every element", vjp=lambda g, out, x, axis, keepdims, dtype: _spread(g, x, axis))],
    role="broadcasts",
    symbol="Σ",
    text="Σ {0}",
    binds=2,
)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Any, keepdims: bool, dtype: Any, where: Any = True) -> Any:
    if where is True:
        return _spread(g / _count(x, axis, where), x, axis)
    return np.where(where, kept(g, np.shape(x), axis) / _count(x, axis, where), 0.0)


def _mean(x: Any, axis: Any, keepdims: bool, dtype: Any, where: Any = True) -> Any:
    if type(x) is np.ndarray and x.size and x.dtype.char in "fd" and dtype is None and where is True:
        total = _add(x, axis, None, None, keepdims)  # what np.mean comes to, 2 µs sooner
        if type(total) is np.ndarray:
            return np.divide(total, x.size // total.size, out=total)
        return total.dtype.type(total / x.size)
    return np.mean(x, axis=axis, keepdims=keepdims, dtype=dtype, where=where)


MEAN = row(
    "mean",
    _mean,
    [
        Rule(
            "δ/n on every element",
            vjp=_mean_vjp,
        )
    ],
    role="splits evenly",
    symbol="mean",
)


def _extreme(name: str, compute: Any, reduce: Any) -> Any:
    def extreme(x: Any, axis: Any, keepdims: bool) -> Any:
        if type(x) is np.ndarray:  # what np.max comes to, 1 µs sooner
            return reduce(x, axis, None, None, keepdims)
        return compute(x, axis=axis, keepdims=keepdims)

    return row(
        name,
        extreme,
        [
            Rule(
                f"δ at the {name}, else 0",
                vjp=lambda g, out, x, axis, keepdims: kept(g, np.shape(x), axis) * _share(out, x, axis),
            )
        ],
        role="routes",
        role_text=f"upstream → the {name} only",
    )


MAX = _extreme("max", np.max, np.maximum.reduce)
MIN = _extreme("min", np.min, np.minimum.reduce)


def _no_out(what: str, out: Any) -> None:
    if out is not None and out is not _ABSENT:
        raise RecordError(f"np.{what} with out= can't be recorded: leave out= away and assign the result")


def _given(value: Any) -> bool:
    return value is not None and value is not _ABSENT


def _by_ufunc(ufunc: np.ufunc, a: Any, **options: Any) -> Any:
    """A reduction over some elements only, or from a value to start with: the ufunc's own method has it."""
    given = {name: value for name, value in options.items() if name == "axis" or _given(value)}
    return UFUNC_METHODS["reduce"](ufunc, "reduce", (a,), given)


def _keep(keepdims: Any) -> bool:
    return keepdims if type(keepdims) is bool else keepdims is not _ABSENT and bool(keepdims)


def sum_(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
    where: Any = None,
) -> Any:  # fmt: skip
    """`np.sum` on a Tensor."""
    if out is not None:
        _no_out("sum", out)
    if _given(initial) or _given(where):
        return _by_ufunc(np.add, a, axis=axis, dtype=dtype, keepdims=_keep(keepdims), initial=initial, where=where)
    return apply(SUM, (a,), {"axis": axis, "keepdims": _keep(keepdims), "dtype": dtype}, depth=2)


def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = None
) -> Any:
    """`np.mean` on a Tensor."""
    if out is not None:
        _no_out("mean", out)
    some = {"where": value_of(where)} if _given(where) else {}
    return apply(MEAN, (a,), {"axis": axis, "keepdims": _keep(keepdims), "dtype": dtype, **some}, depth=2)


def max_(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None
) -> Any:
    """`np.max` on a Tensor."""
    if out is not None:
        _no_out("max", out)
    if _given(initial) or _given(where):
        return _by_ufunc(np.maximum, a, axis=axis, keepdims=_keep(keepdims), initial=initial, where=where)
    return apply(MAX, (a,), {"axis": axis, "keepdims": _keep(keepdims)}, depth=2)


def min_(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None
) -> Any:
    """`np.min` on a Tensor."""
    if out is not None:
        _no_out("min", out)
    if _given(initial) or _given(where):
        return _by_ufunc(np.minimum, a, axis=axis, keepdims=_keep(keepdims), initial=initial, where=where)
    return apply(MIN, (a,), {"axis": axis, "keepdims": _keep(keepdims)}, depth=2)


FUNCTIONS.update({np.sum: sum_, np.mean: mean, np.max: max_, np.min: min_, np.amax: max_, np.amin: min_})
