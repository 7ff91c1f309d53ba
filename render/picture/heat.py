"""Arrays as heat cells, pooled where they are large, and the norms of a fold's gradients as a small plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..document import Heat, Spark
from ..numbers import number

__all__ = ["MOST_CELLS", "heat_of", "is_pooled", "spark_of"]

#: Larger arrays are pooled to so many rows and columns.
MOST_CELLS = 10
_MOST_BARS = 24
#: A bar that stands for something is at least so high.
_LOWEST = 0.08


def heat_of(value: Any, *, least: float = 0.0) -> Heat | None:
    """The elements of an array beside its own largest magnitude; None for a single number.

    Of a block of elements that share a cell, the one with the largest magnitude is shown; NaN and infinities win.

    Parameters
    ----------
    value : array_like
    least : float
        What is smaller is shown as 0.

    Examples
    --------
    >>> heat_of(np.array([1.0, -2.0, 0.0])).rows
    ((0.5, -1.0, 0.0),)
    >>> heat = heat_of(np.ones((100, 30)))
    >>> len(heat.rows), len(heat.rows[0])
    (10, 10)
    """
    array = np.asarray(value)
    if array.ndim == 0 or array.size == 0 or array.dtype.kind not in "biuf":
        return None
    table = array.astype(float).reshape(-1, array.shape[-1])
    rows = [_pooled(rows) for rows in np.array_split(table, min(MOST_CELLS, len(table)))]
    finite = [abs(x) for row in rows for x in row if math.isfinite(x)]
    largest = max(finite, default=0.0) or 1.0

    def shown(x: float) -> float:
        return x if not math.isfinite(x) else x / largest if abs(x) >= least else 0.0

    return Heat(tuple(tuple(map(shown, row)) for row in rows))


def is_pooled(shape: Sequence[int]) -> bool:
    """Whether a cell of an array of that shape stands for several elements."""
    return bool(shape) and max(shape[-1], math.prod(shape[:-1])) > MOST_CELLS


def _pooled(rows: np.ndarray) -> list[float]:
    return [_extreme(block.ravel()) for block in np.array_split(rows, min(MOST_CELLS, rows.shape[1]), axis=1)]


def _extreme(block: np.ndarray) -> float:
    if np.isnan(block).any():
        return math.nan
    return float(block[np.argmax(np.abs(block))])


def spark_of(norms: Sequence[float]) -> Spark | None:
    """A small plot of gradients' norms, on a logarithmic scale where they span more than a factor of ten.

    Examples
    --------
    >>> spark_of([1e-6, 1e-4, 1e-2, 1.0]).text
    '▁▄▆█'
    """
    shown = [norms[i] for i in np.linspace(0, len(norms) - 1, min(len(norms), _MOST_BARS)).astype(int)]
    positive = [x for x in shown if math.isfinite(x) and x > 0]
    if len(shown) < 2 or not positive:
        return None
    low, high = min(positive), max(positive)

    def height(x: float) -> float:
        if not math.isfinite(x) or x <= 0:
            return math.nan
        if high <= 10 * low:
            return x / high
        return _LOWEST + (1 - _LOWEST) * math.log(x / low) / math.log(high / low)

    return Spark(tuple(map(height, shown)), number(norms[0]), number(norms[-1]))
