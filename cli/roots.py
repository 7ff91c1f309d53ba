"""The root that SciPy finds, as it depends on what its equation was computed from: dx = −(∂f/∂x)⁻¹ ∂f.

The equation is not computed again: among the points that the search tried, the one nearest to the root stands for it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from ..tracer.backward import CONSTANT, INPUT, run_back
from ..tracer.op import OPS
from ..tracer.tensor import Tensor, apply, now
from .inputs import comes_from_input
from .lists import as_array

__all__ = ["Tried", "on_what_it_depends", "rooted"]

_REMEMBERED = 16  # of the last points
_LARGEST_SYSTEM = 64  # equations: as many sweeps


class Tried:
    """The last points that a search tried: each as a leaf, and what the script's function gave there."""

    def __init__(self) -> None:
        self._points: deque[tuple[Tensor, Any]] = deque(maxlen=_REMEMBERED)

    def append(self, point: Any, result: Any) -> None:
        """Take in one more."""
        if isinstance(point, Tensor):
            self._points.append((point, result))

    def nearest(self, root: Any) -> tuple[Tensor, Tensor] | None:
        """The point nearest to a root, and the traced result there; None where there is none."""
        found = min(self._points, key=lambda tried: np.max(np.abs(tried[0]._value - root)), default=None)
        result = as_array(found[1]) if found is not None else None
        return (found[0], now(result)) if found is not None and isinstance(result, Tensor) else None


def on_what_it_depends(point: Tensor, result: Tensor) -> bool:
    """Whether something was computed from another input than the point."""
    kind, point._op = point._op, CONSTANT
    try:
        return comes_from_input(result)
    finally:
        point._op = kind


def rooted(root: Any, tried: Tried) -> Any:
    """The root, traced where its equation depends on an input."""
    nearest = tried.nearest(root)
    if nearest is None or not on_what_it_depends(*nearest):
        return root
    point, result = nearest
    if np.shape(result._value) != np.shape(root) or np.size(root) > _LARGEST_SYSTEM:
        return root
    slopes = _slopes(point, result)
    point._op = CONSTANT
    step = np.linalg.solve(slopes, result) if np.ndim(root) else apply(OPS["divide"], (result, float(slopes)))
    return apply(OPS["subtract"], (point, step), compute=lambda x, step: root)


def _slopes(point: Tensor, result: Tensor) -> Any:
    """∂result/∂point: a number, or a matrix."""
    point._op = INPUT
    size = np.size(result._value)
    rows: list[Any] = []
    for i in range(size):
        seed = np.zeros(size)
        seed[i] = 1.0
        run_back(result, seed.reshape(np.shape(result._value)) if np.ndim(result._value) else 1.0)
        rows.append(np.copy(point._grad))
    return np.array(rows) if np.ndim(result._value) else rows[0]
