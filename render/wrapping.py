"""Breaks a long row of ranks into lines, as text is broken; wires that go on in the next one are carried back to it."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from .routes import Point

__all__ = ["Column", "Line", "Lines", "Stretch", "broken"]

#: What is shorter, in points, or less than so many times as long as it is high, is not broken.
_LONG, _SLIM = 12_000.0, 6.0
#: How long a line is beside the height of all of them.
_ASPECT = 1.6
#: So many wires at most are carried back at a break, so many points apart; and the room on both sides of them.
_CARRIED, _APART, _ROOM = 8, 9.0, 30.0
#: Points before a rank at which the line of the rank before it may end.
_BEFORE = 15.0
#: So often the length of a line is found again from how high lines of that length are.
_TURNS = 4


class Column(NamedTuple):
    """Where a rank begins and ends, and what belongs to it begins, frames around it among that."""

    begin: float
    end: float
    edge: float


class Stretch(NamedTuple):
    """What takes the ranks from `first` to `last`, and the room from `low` to `high` across them."""

    first: int
    last: int
    low: float
    high: float


class Line(NamedTuple):
    """A line: where it begins and ends, how far it is moved across, and where below it wires are carried back."""

    begin: float
    end: float
    shift: float = 0.0
    below: float = 0.0


class Lines:
    """Where things are once lines are broken; places are along the ranks and across them.

    Examples
    --------
    >>> lines = Lines([Line(0, 100), Line(130, 200, 50)])
    >>> lines.at(30, 5), lines.at(150, 5)
    ((30, 5.0), (20, 55))
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._begins = [line.begin - _BEFORE for line in lines[1:]]
        # By each break the places at which wires come to it; what comes from one place is carried back on one way.
        self._carried: list[dict[float, int]] = [{} for _ in lines]

    def __len__(self) -> int:
        return len(self._lines)

    def _number(self, along: float) -> int:
        return bisect_right(self._begins, along)

    def at(self, along: float, across: float) -> tuple[float, float]:
        """Where a place is."""
        line = self._lines[self._number(along)]
        return along - line.begin, across + line.shift

    def along(self, points: Sequence[Point]) -> list[Point]:
        """Where the points of a wire are, with those by which it is carried from line to line between them."""
        found = [Point(*self.at(*points[0][:2]), points[0].heading)]
        for one, other in itertools.pairwise(points):
            across = one.across
            for number in range(self._number(one.along), self._number(other.along)):
                found += self._back(number, across, other.across)
                across = other.across
            found.append(Point(*self.at(*other[:2]), other.heading))
        return found

    def _back(self, number: int, across: float, its_across: float) -> list[Point]:
        """From the end of a line, between it and the next one, to where that begins."""
        line, following = self._lines[number : number + 2]
        end, ways = line.end - line.begin, self._carried[number]
        between = line.below + _APART * ways.setdefault(across, len(ways))
        return [
            Point(end, across + line.shift),
            Point(end, between, -1),
            Point(0.0, between, -1),
            Point(0.0, its_across + following.shift),
        ]


def broken(columns: Sequence[Column], stretches: Sequence[Stretch], carried: Sequence[float]) -> Lines:
    """The lines of a picture that is far longer than high; of another, one line that is as it was.

    Parameters
    ----------
    columns
        The ranks.
    stretches
        What stands in them.
    carried
        How many wires go on behind each rank: infinitely many where there must be no break.
    """
    length = columns[-1].end
    low, high = min([s.low for s in stretches], default=0.0), max([s.high for s in stretches], default=0.0)
    height = high - low + 2 * _ROOM
    if length < _LONG or length < _SLIM * height:
        return Lines([Line(0.0, length)])
    lines: list[Line] = []
    for _ in range(_TURNS):
        starts = _starts(columns, carried, math.sqrt(_ASPECT * length * height))
        lines = _stacked(columns, stretches, carried, starts)
        height = (lines[-1].below - low) / len(lines)
    return Lines(lines)


def _starts(columns: Sequence[Column], carried: Sequence[float], long: float) -> list[int]:
    """The ranks at which lines begin: each about as long as that, or longer where that would carry back fewer wires."""
    starts = [0]
    best = None
    for rank in range(1, len(columns)):
        reached = columns[rank].edge - columns[starts[-1]].edge
        if reached >= 0.9 * long and carried[rank - 1] <= (_CARRIED if best is None else carried[best - 1]):
            best = rank
        if reached >= 1.1 * long and best is not None:
            starts.append(best)
            best = None
    return starts


def _stacked(
    columns: Sequence[Column], stretches: Sequence[Stretch], carried: Sequence[float], starts: Sequence[int]
) -> list[Line]:
    """The lines that begin at these ranks, one below the other."""
    lows, highs = [math.inf] * len(starts), [-math.inf] * len(starts)
    for first, last, low, high in stretches:
        for number in range(bisect_right(starts, first) - 1, bisect_right(starts, last)):
            lows[number], highs[number] = min(lows[number], low), max(highs[number], high)
    lines: list[Line] = []
    top = lows[0]
    for number, (start, low, high) in enumerate(zip(starts, lows, highs, strict=True)):
        last = (starts[number + 1] if number + 1 < len(starts) else len(columns)) - 1
        below = top + high - low + _ROOM
        lines.append(Line(columns[start].edge if number else 0.0, columns[last].end, top - low, below))
        top = below + _APART * min(carried[last], _CARRIED) + _ROOM
    return lines
