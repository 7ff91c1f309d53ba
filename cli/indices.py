"""Holds the index of `a[f(x)] += y`, which must be evaluated once, for what is called with it a moment later."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["held", "hold"]

_frame = sys._getframe  # pyright: ignore[reportPrivateUsage]
#: By the frame: until its index has been used, a frame is in the one statement, and has no other.
_indices: dict[int, Any] = {}


def hold(index: Any) -> Any:
    """The index, which is held for the frame that calls."""
    _indices[id(_frame(1))] = index
    return index


def held() -> Any:
    """The index that the calling frame has just handed to `hold`."""
    return _indices.pop(id(_frame(1)))
