"""Puts parts beside each other across ranks, none on another, each as near to what it is wired to as others let it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

__all__ = ["Part", "pack", "tie"]

#: So often all are moved, onwards and back by turns: first they may overtake each other, which puts them into an order,
#: and then only move up and down, which makes wires straight.
_ORDERING, _MOVING = 8, 9
#: What takes several ranks is pulled to the middle by such a share of its distance, or a row of frames, each a little
#: above the one before it, would climb without end.
_PULL = 0.15
#: Where all take so many times the room that the fullest rank needs, as a long chain does whose every box is a little
#: below the one before it, it is tried to pull what takes one rank too, by so many points at most: its wires are then
#: not straight.
_SPRAWLING, _LEAN = 2.0, 12.0
#: So many points of bends in each wire weigh as much as twice the room.
_BEND = 20.0


@dataclass(eq=False, slots=True)
class Part:
    """What takes `size` points across the ranks from `first` to `last`; `at` is where it begins.

    Attributes
    ----------
    before, after
        What it is wired to on either side: the other part, and the points of both at which the wire would be straight,
        counted from where they begin.
    """

    first: int
    last: int
    size: float
    at: float = 0.0
    before: list[tuple[Part, float, float]] = field(default_factory=list["tuple[Part, float, float]"])
    after: list[tuple[Part, float, float]] = field(default_factory=list["tuple[Part, float, float]"])


def tie(one: Part, point: float, other: Part, its_point: float) -> None:
    """Wire a point of one part to a point of another that stands behind it."""
    one.after.append((other, point, its_point))
    other.before.append((one, its_point, point))


def pack(parts: Sequence[Part]) -> float:
    """Give each part a place from 0 on; how much all of them take.

    Examples
    --------
    >>> one, other, behind = Part(0, 0, 10.0), Part(0, 0, 10.0), Part(1, 1, 10.0)
    >>> tie(other, 5.0, behind, 5.0)
    >>> pack([one, other, behind]), one.at, other.at, behind.at
    (20.0, 0.0, 10.0, 10.0)
    """
    if not parts:
        return 0.0
    order = list(parts)
    onwards = sorted(parts, key=lambda part: part.first)
    _place(order, dict.fromkeys(order, 0.0))
    for turn in range(_ORDERING):
        wanted = _wave(onwards, 0.0, back=turn % 2 == 1)
        order.sort(key=lambda part: wanted[part] + part.size / 2)
        _place(order, wanted)
    places = [part.at for part in parts]
    cost, straight = _moved(parts, order, onwards, 0.0)
    size = max(part.at + part.size for part in parts)
    if size > _SPRAWLING * _fullest(parts):
        _put(parts, places)
        if _moved(parts, order, onwards, _LEAN)[0] > cost:
            _put(parts, straight)
    return max(part.at + part.size for part in parts)


def _fullest(parts: Sequence[Part]) -> float:
    """The room that is taken in the rank that most of it is taken in."""
    changes = [0.0] * (2 + max(part.last for part in parts))
    for part in parts:
        changes[part.first] += part.size
        changes[part.last + 1] -= part.size
    return max(accumulate(changes))


def _moved(
    parts: Sequence[Part], order: Sequence[Part], onwards: Sequence[Part], lean: float
) -> tuple[float, list[float]]:
    """Move parts in their order, pulled so, and have the first begin at 0: the cost in room and bends, and where."""
    for turn in range(_MOVING):
        _place(order, _wave(onwards, lean, back=turn % 2 == 1))
    start = min(part.at for part in order)
    for part in order:
        part.at -= start
    size = max(part.at + part.size for part in order)
    bends = [abs(part.at + point - other.at - its_point) for part in order for other, point, its_point in part.before]
    return size * (_BEND + sum(bends) / max(1, len(bends))), [part.at for part in parts]


def _put(parts: Sequence[Part], places: Sequence[float]) -> None:
    for part, place in zip(parts, places, strict=True):
        part.at = place


def _wave(onwards: Sequence[Part], lean: float, *, back: bool) -> dict[Part, float]:
    """Where each part would begin, were it for its wires on one side alone, and the parts there where they want to be.

    What has no wires on that side wants to be near what it has on the other, as that stands now.
    """
    wanted: dict[Part, float] = {}
    for part in reversed(onwards) if back else onwards:
        ties = part.after if back else part.before
        where = [wanted.get(other, other.at) + its_point - point for other, point, its_point in ties]
        if not where:
            ties = part.before if back else part.after
            where = [other.at + its_point - point for other, point, its_point in ties]
        wanted[part] = sum(where) / len(where) if where else part.at
        pull = _PULL * (wanted[part] + part.size / 2)
        wanted[part] -= pull if part.last > part.first else max(-lean, min(lean, pull))
    return wanted


def _place(order: Sequence[Part], wanted: Mapping[Part, float]) -> None:
    """Place parts as near to where they want to be as their order lets them; parts of several ranks first."""
    _make_way(order, wanted)
    ranks: dict[int, list[Part]] = defaultdict(list)
    for part in order:
        for rank in range(part.first, part.last + 1):
            ranks[rank].append(part)
    for row in ranks.values():
        low, run = -math.inf, list[Part]()
        for part in row:
            if part.first == part.last:
                run.append(part)
            else:
                _settle(run, wanted, low, part.at)
                low, run = part.at + part.size, []
        _settle(run, wanted, low, math.inf)


def _make_way(order: Sequence[Part], wanted: Mapping[Part, float]) -> None:
    """Each part makes way for those before it, then for those after it. Both ways none overlap, nor do they midway."""
    ranks = 1 + max(part.last for part in order)
    edge = [-math.inf] * ranks
    forth: list[float] = []
    for part in order:
        first, last = part.first, part.last
        reached = edge[first] if first == last else max(edge[first : last + 1])
        at = max(wanted[part], reached)
        edge[first : last + 1] = [at + part.size] * (last + 1 - first)
        forth.append(at)
    edge = [math.inf] * ranks
    for part, other in zip(reversed(order), reversed(forth), strict=True):
        first, last = part.first, part.last
        reached = edge[first] if first == last else min(edge[first : last + 1])
        at = min(wanted[part], reached - part.size)
        edge[first : last + 1] = [at] * (last + 1 - first)
        part.at = (at + other) / 2


def _settle(run: Sequence[Part], wanted: Mapping[Part, float], low: float, high: float) -> None:
    """Parts of one rank in their order between `low` and `high`, as near to where they want to be as can be.

    Those that are in each other's way become a block, which is where its parts want it to be on average: the least
    squares of all that keep the order (pool adjacent violators).
    """
    blocks: list[tuple[float, int, float]] = []  # where it wants to be, how many want it, how long they are
    for part in run:
        at, many, size = wanted[part], 1, part.size
        while blocks and blocks[-1][0] + blocks[-1][2] > at:
            other, more, length = blocks.pop()
            at, many, size = (other * more + (at - length) * many) / (many + more), many + more, length + size
        blocks.append((at, many, size))
    room = sum(part.size for part in run)
    parts = iter(run)
    for at, many, _ in blocks:
        at = max(at, low)
        for _ in range(many):
            part = next(parts)
            part.at = max(low, min(at, high - room))
            low = at = part.at + part.size
            room -= part.size
