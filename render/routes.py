"""Curves for wires that have been given points to pass, each in the direction of the ranks or against it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Point", "curve"]

#: A curve that turns round goes at least so far beyond, in points.
_TURN = 22.0


class Point(NamedTuple):
    """A point that a wire passes, along the ranks and across them, and its direction there: 1 onwards, −1 back."""

    along: float
    across: float
    heading: int = 1


def curve(points: Sequence[Point]) -> list[tuple[float, float]]:
    """The points of a Bézier curve, smooth and along the ranks at each given point.

    Examples
    --------
    >>> curve([Point(0, 0), Point(30, 10)])
    [(0, 0), (15.0, 0), (15.0, 10), (30, 10)]
    """
    points = [one for one, other in itertools.pairwise(points) if one[:2] != other[:2]] + [points[-1]]
    found: list[tuple[float, float]] = [points[0][:2]]
    for one, other in itertools.pairwise(points):
        reach = abs(other.along - one.along) / 2
        if one.heading != other.heading or (other.along - one.along) * one.heading < 0:
            reach = max(reach, _TURN)
        found += (
            (one.along + one.heading * reach, one.across),
            (other.along - other.heading * reach, other.across),
            other[:2],
        )
    return found
