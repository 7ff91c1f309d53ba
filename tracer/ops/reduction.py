"""Reductions: sum, mean, and the largest and smallest element, along all axes or some."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, apply, value_of

_ABSENT: Any = np._NoValue  # pyright: ignore[reportPrivateUsage]  # NumPy's own default for "not given"


def kept(g: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """A reduced array with the axes that were summed away put back as 1, so that it broadcasts against `shape`."""
    if axis is None:
        return np.reshape(g, (1,) * len(shape))
    axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    return np.reshape(g, tuple(1 if i in axes else n for i, n in enumerate(shape)))


def _count(x: Any, axis: Any) -> int:
    shape = np.shape(x)
    if axis is None:
        return int(np.prod(shape))
    return int(np.prod([shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))]))


def _spread(g: Any, x: Any, axis: Any) -> Any:
    return np.broadcast_to(kept(g, np.shape(x), axis), np.shape(x))


def _share(out: Any, x: Any, axis: Any) -> Any:
    """1 at the winner, split evenly where several tie; a nan wins over all, as it does in NumPy."""
    x, top = value_of(x), kept(value_of(out), np.shape(x), axis)
    winner = (x == top) | (np.isnan(x) & np.isnan(top))
    return winner / np.sum(winner, axis=axis, keepdims=True)


SUM = row(
    "sum",
    lambda x, axis, keepdims, dtype: np.sum(x, axis=axis, keepdims=keepdims, dtype=dtype),
    [Rule("δ, copied along the axes summed", vjp=lambda g, out, x, axis, keepdims, dtype: _spread(g, x, axis))],
    role="broadcasts",
    symbol="Σ",
    text="Σ {0}",
    binds=2,
)
MEAN = row(
    "mean",
    lambda x, axis, keepdims, dtype: np.mean(x, axis=axis, keepdims=keepdims, dtype=dtype),
    [
        Rule(
            "δ/n, copied along the axes averaged",
            vjp=lambda g, out, x, axis, keepdims, dtype: _spread(g / _count(x, axis), x, axis),
        )
    ],
    role="splits evenly",
    symbol="mean",
)


def _extreme(name: str, compute: Any) -> Any:
    return row(
        name,
        lambda x, axis, keepdims: compute(x, axis=axis, keepdims=keepdims),
        [
            Rule(
                f"δ at the {name}, else 0",
                vjp=lambda g, out, x, axis, keepdims: kept(g, np.shape(x), axis) * _share(out, x, axis),
            )
        ],
        role="routes",
        role_text=f"upstream → the {name} only",
    )


MAX = _extreme("max", np.max)
MIN = _extreme("min", np.min)


def _plainly(what: str, **given: Any) -> None:
    """Refuse the arguments that have no rule yet, by name."""
    for name, value in given.items():
        if value is not None and value is not _ABSENT:
            raise RecordError(f"np.{what} with {name}= has no gradient rule in gradviz: leave {name}= out")


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def sum_(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
    where: Any = None,
) -> Any:  # fmt: skip
    """`np.sum` on a Tensor."""
    _plainly("sum", out=out, initial=initial, where=where)
    return apply(SUM, (a,), {"axis": _axis(axis), "keepdims": keepdims is True, "dtype": dtype})


def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = None
) -> Any:
    """`np.mean` on a Tensor."""
    _plainly("mean", out=out, where=where)
    return apply(MEAN, (a,), {"axis": _axis(axis), "keepdims": keepdims is True, "dtype": dtype})


def max_(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None
) -> Any:
    """`np.max` on a Tensor."""
    _plainly("max", out=out, initial=initial, where=where)
    return apply(MAX, (a,), {"axis": _axis(axis), "keepdims": keepdims is True})


def min_(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None
) -> Any:
    """`np.min` on a Tensor."""
    _plainly("min", out=out, initial=initial, where=where)
    return apply(MIN, (a,), {"axis": _axis(axis), "keepdims": keepdims is True})


FUNCTIONS |= {np.sum: sum_, np.mean: mean, np.max: max_, np.min: min_, np.amax: max_, np.amin: min_}
