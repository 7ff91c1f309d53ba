"""A plain placement for what `dot` can't lay out in time: rank by rank, frame in frame, in 0.3 ms a box.

Boxes and wires stand in ranks, each behind all that leads to it. A frame is laid out by itself, and is then a single
part, several ranks long, of what is around it: so it holds its own and nothing else. A wire that passes ranks by has a
lane there, and crosses no box. What is far longer than high is broken into lines. What is placed is drawn by
`neato -n2`.

Places have two coordinates here: `along` the ranks, in the direction of the picture, and `across` them.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from .document import Document, Wire
from .packing import Part, pack, tie
from .routes import Point, curve
from .wrapping import Column, Lines, Stretch, broken

__all__ = ["Ends", "Measures", "Place", "Placement", "placed"]

#: Points between ranks, around each part of a rank, and around each lane.
_RANK_GAP, _GAP, _LANE = 30.0, 6.0, 3.5
#: Lanes are made as long as they pass by so many ranks in all; of what has none, the line may cross a box.
_MOST_PASSED = 400_000
#: More wires than are ever carried back at a break of lines: there is none.
_TOO_MANY = 1e9
#: Points between a frame and what is in it, and the height and the letters of its label.
_MARGIN, _LABEL, _LETTER = 10.0, 18.0, 7.5

Place = tuple[float, float]


class Ends(NamedTuple):
    """Where the two edges of a wire end, from the middles of what they end at: source, wire, wire again, target."""

    source: Place
    into: Place
    out: Place
    target: Place


@dataclass(frozen=True, slots=True)
class Measures:
    """How large boxes and wires are, by their ids, and where wires' edges end; in points, y upwards, as in DOT."""

    sizes: Mapping[str, Place]
    ends: Mapping[str, Ends]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything is; in points, y upwards, as in DOT.

    Attributes
    ----------
    places
        The middle of each box and each wire, by its id.
    frames
        The lower left and the upper right corner of each frame, by its id.
    paths
        The two edges of each wire, by its id, from its source and to its target: the points of Bézier curves.
    """

    places: dict[str, Place]
    frames: dict[str, tuple[Place, Place]]
    paths: dict[str, tuple[list[Place], list[Place]]]

    @property
    def area(self) -> float:
        """About how large it is, in square points."""
        x, y = zip(*self.places.values(), strict=True)
        return (max(x) - min(x) + 100) * (max(y) - min(y) + 100)


def placed(document: Document, measures: Measures) -> Placement:
    """Where everything in a document stands, the frames around it, and the curves of its wires."""
    plan = _Plan(document, measures)
    for frame in plan.inside_out:
        plan.rank(frame)
    for frame in plan.inside_out:
        plan.arrange(frame)
    return plan.finished()


@dataclass(eq=False, slots=True)
class _Frame:
    """A frame, or the whole picture, which has ranks of its own, from 0 on.

    Attributes
    ----------
    parts
        What stands in it, by the ids of boxes, wires and frames.
    out, into
        The lanes of what leads out of a box, by its id, and of what leads in from outside the frame, by the wire's.
    back
        The lanes of wires that lead back, by their ids.
    """

    id: str
    label: str
    around: _Frame | None
    depth: int
    boxes: list[str] = field(default_factory=list[str])
    inside: list[_Frame] = field(default_factory=list["_Frame"])
    wires: list[Wire] = field(default_factory=list[Wire])
    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    out: dict[str, Part] = field(default_factory=dict[str, Part])
    into: dict[str, Part] = field(default_factory=dict[str, Part])
    back: dict[str, Part] = field(default_factory=dict[str, Part])
    ranks: int = 0
    across: float = 0.0
    # In the whole picture: the rank that its first one is, and where its parts begin.
    first: int = 0
    start: float = 0.0


class _Plan:
    """What stands where, while it is being found out."""

    def __init__(self, document: Document, measures: Measures) -> None:
        self.vertical = document.direction == "TB"
        # The room at the sides of a frame; its label is on top.
        self.head, self.foot = (_MARGIN if self.vertical else _MARGIN + _LABEL), _MARGIN
        self.lead = _MARGIN + _LABEL if self.vertical else _MARGIN
        self.measures = measures
        self.passed = 0
        self.wires = {wire.id: wire for wire in document.wires}
        # What wires come into, boxes and frames.
        self.entered: set[str] = set()
        self.leaving = {wire.source: measures.ends[wire.id].source for wire in document.wires}
        self.order = {box.id: i for i, box in enumerate(document.boxes)}
        self.root = _Frame("", "", None, 0)
        self.home = dict.fromkeys(self.order, self.root)
        self.inside_out = self._frames(document)[::-1]
        for id in self.order:
            self.home[id].boxes.append(id)
        for wire in document.wires:
            frame = _meeting(self.home[wire.source], self.home[wire.target])
            frame.wires.append(wire)
            self.entered |= {id for _, id in self._way(wire.target, frame)}
        self.frames = {frame.id: frame for frame in self.inside_out}
        for frame in self.inside_out:
            inner = [*frame.boxes, *[inside.id for inside in frame.inside]]
            self.order[frame.id] = min([self.order[id] for id in inner], default=len(self.order))

    def _frames(self, document: Document) -> list[_Frame]:
        """The whole and its frames, each before those inside it."""
        frames = [self.root]
        waiting = [(cluster, self.root) for cluster in document.clusters]
        while waiting:
            cluster, around = waiting.pop()
            frame = _Frame(cluster.id, cluster.label, around, around.depth + 1)
            around.inside.append(frame)
            frames.append(frame)
            self.home |= {id: frame for id in cluster.members if id in self.home}
            waiting += [(inner, frame) for inner in cluster.clusters]
        return frames

    # -- along the ranks

    def rank(self, frame: _Frame) -> None:
        """Each part of a frame behind all that leads to it, with a rank for the wire; lanes for what passes some by."""
        lengths = dict.fromkeys(frame.boxes, 1) | {inside.id: inside.ranks for inside in frame.inside}
        ends = {wire.id: (self._part_of(wire.source, frame), self._part_of(wire.target, frame)) for wire in frame.wires}
        # What a wire leads back to comes before what it comes from.
        turned = {wire.id: (ends[wire.id][1], ends[wire.id][0]) for wire in frame.wires if wire.recurs}
        links = list((ends | turned).values())
        order = _in_order(sorted(lengths, key=self.order.__getitem__), links)
        before: dict[str, list[str]] = defaultdict(list)
        after: dict[str, list[str]] = defaultdict(list)
        # Room for a wire that comes back to what stands first.
        least: dict[str, int] = defaultdict(int)
        for source, target in links:
            if order[source] < order[target]:
                before[target].append(source)
                after[source].append(target)
            else:
                least[target] = 1
        first: dict[str, int] = {}
        for id in order:
            first[id] = max([first[other] + lengths[other] + 1 for other in before[id]], default=least[id])
        for id in order:  # what nothing leads to, leaves above all, stands next to where it is used first
            if after[id] and not before[id] and not least[id] and id not in self.entered:
                first[id] = min([first[other] for other in after[id]]) - 1 - lengths[id]
        frame.parts = {id: Part(at, at + lengths[id] - 1, 0.0) for id, at in first.items()}
        frame.ranks = max([part.last + 1 for part in frame.parts.values()], default=1)
        for wire in frame.wires:
            self._rank_wire(frame, wire, *[frame.parts[id] for id in ends[wire.id]])

    def _part_of(self, id: str, frame: _Frame) -> str:
        """The part of a frame that a box is, or that it is in."""
        *_, (_, part) = self._way(id, frame)
        return part

    def _way(self, id: str, frame: _Frame) -> Iterator[tuple[_Frame, str]]:
        """The frames from the one that a box is in to one around it, each with the part that leads to the box."""
        level = self.home[id]
        while level is not frame:
            yield level, id
            assert level.around is not None
            id, level = level.id, level.around
        yield level, id

    def _rank_wire(self, frame: _Frame, wire: Wire, start: Part, end: Part) -> None:
        """A wire, right before what it leads to, and its lanes."""
        if wire.recurs:  # it stands in the middle of its own lane
            frame.parts[wire.id] = Part(min(start.first, end.first), max(start.last, end.last), 0.0)
        else:
            at = end.first - 1
            frame.parts[wire.id] = Part(at, at, 0.0)
            if start.last >= at:
                self._pass(frame.back, wire.id, min(at, start.first), max(at, start.last))
            else:
                self._pass(frame.out, wire.source, start.last + 1, at - 1)
        for level, id in self._way(wire.source, frame):
            if level is not frame:
                self._pass(level.out, wire.source, level.parts[id].last + 1, level.ranks - 1)
        for level, id in self._way(wire.target, frame):
            if level is not frame:
                self._pass(level.into, wire.id, 0, level.parts[id].first - 1)

    def _pass(self, lanes: dict[str, Part], id: str, first: int, last: int) -> None:
        """A lane that passes some ranks by, if there are any; all wires that leave a box share it."""
        lane = lanes.get(id)
        more = last - first + 1 if lane is None else last - lane.last
        if more <= 0 or self.passed + more > _MOST_PASSED:
            return
        self.passed += more
        if lane is None:
            lanes[id] = Part(first, last, 2 * _LANE)
        else:
            lane.last = last

    # -- across the ranks

    def arrange(self, frame: _Frame) -> None:
        """The parts of a frame beside each other; those of the frames inside it are already."""
        for id in (*frame.boxes, *[wire.id for wire in frame.wires]):
            frame.parts[id].size = self._size(id).across + 2 * _GAP
        for inside in frame.inside:
            frame.parts[inside.id].size = inside.across + self.head + self.foot + 2 * _GAP
        for id, lane in frame.out.items():
            tie(frame.parts[self._part_of(id, frame)], self._out_of(id, frame), lane, _LANE)
        for id, lane in frame.into.items():
            target = self.wires[id].target
            tie(lane, _LANE, frame.parts[self._part_of(target, frame)], self._into(id, frame))
        for wire in frame.wires:
            self._tie(frame, wire)
        lanes = (*frame.out.values(), *frame.into.values(), *frame.back.values())
        frame.across = pack([*frame.parts.values(), *lanes])
        if self.vertical:
            frame.across = max(frame.across, _LETTER * len(frame.label))

    def _tie(self, frame: _Frame, wire: Wire) -> None:
        """A wire to what it comes from, or to its lane, and to what it leads to."""
        part, ends, middle = frame.parts[wire.id], self.measures.ends[wire.id], self._size(wire.id).across / 2 + _GAP
        source, point = frame.parts[self._part_of(wire.source, frame)], self._out_of(wire.source, frame)
        lane = frame.back.get(wire.id) or (frame.out.get(wire.source) if part.first > source.last + 1 else None)
        if wire.id in frame.back:
            tie(source, point, frame.back[wire.id], _LANE)
        if lane is not None:
            source, point = lane, _LANE
        tie(source, point, part, middle + self._turned(ends.into).across)
        target = frame.parts[self._part_of(wire.target, frame)]
        tie(part, middle + self._turned(ends.out).across, target, self._into(wire.id, frame))

    def _out_of(self, id: str, frame: _Frame) -> float:
        """Where what comes from a box leaves the part of a frame that the box is in, from where that part begins."""
        part = self._part_of(id, frame)
        if part == id:
            return _GAP + self._size(id).across / 2 + self._turned(self.leaving[id]).across
        inside = self.frames[part]
        lane = inside.out.get(id)
        inner = (
            inside.parts[self._part_of(id, inside)].at + self._out_of(id, inside) if lane is None else lane.at + _LANE
        )
        return _GAP + self.head + inner

    def _into(self, id: str, frame: _Frame) -> float:
        """Where a wire comes into the part of a frame that its target is in, from where that part begins."""
        target = self.wires[id].target
        part = self._part_of(target, frame)
        if part == target:
            return _GAP + self._size(target).across / 2 + self._turned(self.measures.ends[id].target).across
        inside = self.frames[part]
        lane = inside.into.get(id)
        inner = (
            inside.parts[self._part_of(target, inside)].at + self._into(id, inside) if lane is None else lane.at + _LANE
        )
        return _GAP + self.head + inner

    # -- in the whole picture

    def finished(self) -> Placement:
        """All places in the coordinates of DOT."""
        for frame in self.inside_out[::-1]:
            if frame.around is not None:
                part = frame.around.parts[frame.id]
                frame.first = frame.around.first + part.first
                frame.start = frame.around.start + part.at + _GAP + self.head
        columns = self._columns()
        self.lines = self._broken(columns)
        places: dict[str, Point] = {}
        for frame in self.inside_out:
            for id in (*frame.boxes, *[wire.id for wire in frame.wires]):
                part, column = frame.parts[id], columns[_rank_of(id, frame)]
                places[id] = Point((column.begin + column.end) / 2, frame.start + part.at + part.size / 2)
        paths = {wire.id: self._path(wire, frame, places, columns) for frame in self.inside_out for wire in frame.wires}
        frames = {frame.id: self._corners(frame, *reach) for frame, reach in self._reach(columns).items()}
        return Placement({id: self._in_dot(self.lines.at(*place[:2])) for id, place in places.items()}, frames, paths)

    def _broken(self, columns: list[Column]) -> Lines:
        """The lines of the whole picture. No break goes through a frame, or comes in the way of what leads back."""
        root = self.root
        changes = [0.0] * (root.ranks + 1)

        def go_on(first: int, last: int, many: float) -> None:
            changes[first] += many
            changes[last] -= many

        for wire in root.wires:
            source, target = root.parts[self._part_of(wire.source, root)], root.parts[self._part_of(wire.target, root)]
            if wire.recurs or wire.id in root.back:
                go_on(min(source.first, target.first), max(source.last, target.last), _TOO_MANY)
            else:
                go_on(source.last, target.first, 1)
        for frame in root.inside:
            go_on(root.parts[frame.id].first, root.parts[frame.id].last, _TOO_MANY)
        parts = (*root.parts.values(), *root.out.values(), *root.back.values())
        stretches = [Stretch(part.first, part.last, part.at, part.at + part.size) for part in parts]
        return broken(columns, stretches, list(accumulate(changes)))

    def _columns(self) -> list[Column]:
        """Where each rank begins and ends, with room between them for the frames that begin and end there."""
        deep = [0.0] * self.root.ranks
        before, behind = [0.0] * len(deep), [0.0] * len(deep)
        for frame in self.inside_out:
            for id in (*frame.boxes, *[wire.id for wire in frame.wires]):
                rank = _rank_of(id, frame)
                deep[rank] = max(deep[rank], self._size(id).along)
            if frame.around is not None:
                room = self._frames_from(frame) * self.lead
                before[frame.first] = max(before[frame.first], room)
        columns = _spaced(deep, before, behind)
        for frame, (_, end) in self._reach(columns).items():
            last = frame.first + frame.ranks - 1
            behind[last] = max(behind[last], end - columns[last].end)
        return _spaced(deep, before, behind)

    def _frames_from(self, frame: _Frame) -> int:
        """How many frames, one in the other, begin at the rank at which this one does."""
        return 1 + max([self._frames_from(inner) for inner in frame.inside if inner.first == frame.first], default=0)

    def _reach(self, columns: list[Column]) -> dict[_Frame, tuple[float, float]]:
        """Where each frame begins and ends along the ranks: around its parts, around other frames, and its label."""
        reach: dict[_Frame, tuple[float, float]] = {}
        for frame in self.inside_out:
            if frame.around is None:
                continue
            begins = [reach[inner][0] for inner in frame.inside] + [columns[frame.first].begin]
            ends = [reach[inner][1] for inner in frame.inside] + [columns[frame.first + frame.ranks - 1].end]
            begin, end = min(begins) - self.lead, max(ends) + _MARGIN
            reach[frame] = begin, end if self.vertical else max(end, begin + _LETTER * len(frame.label) + 2 * _MARGIN)
        return reach

    def _path(
        self, wire: Wire, frame: _Frame, places: Mapping[str, Point], columns: list[Column]
    ) -> tuple[list[Place], list[Place]]:
        """The curves of a wire's two edges, from lane to lane; they turn between the ranks, where nothing stands."""
        ends, part = self.measures.ends[wire.id], frame.parts[wire.id]
        begin, stop = columns[frame.first + part.first].begin, columns[frame.first + part.last].end
        start, into = self._at(places[wire.source], ends.source), self._at(places[wire.id], ends.into)
        out, end = self._at(places[wire.id], ends.out), self._at(places[wire.target], ends.target)
        first = [start, start._replace(along=self._column(wire.source, columns).end)]
        second = [end._replace(along=self._column(wire.target, columns).begin), end]
        for level, _ in self._way(wire.source, frame):
            if level is not frame and wire.source in level.out:
                first += _on(level, level.out[wire.source], columns)
        for level, _ in self._way(wire.target, frame):
            if level is not frame and wire.id in level.into:
                second[:0] = _on(level, level.into[wire.id], columns)
        if wire.recurs:
            first += Point(stop, into.across, -1), into._replace(heading=-1)
            second[:0] = out._replace(heading=-1), Point(begin, out.across, -1)
            return self._curve(first), self._curve(second)
        if wire.id in frame.back:
            first += [point._replace(heading=-1) for point in _on(frame, frame.back[wire.id], columns)[::-1]]
        elif (lane := frame.out.get(wire.source)) is not None and lane.first < part.first:
            begins, _ = _on(frame, lane, columns)
            last = min(lane.last, part.first - 1)
            first += begins, begins._replace(along=columns[frame.first + last].end)
        first += into._replace(along=begin), into
        second[:0] = out, out._replace(along=stop)
        return self._curve(first), self._curve(second)

    def _column(self, id: str, columns: list[Column]) -> Column:
        """The rank that a box stands in."""
        return columns[_rank_of(id, self.home[id])]

    def _curve(self, points: Sequence[Point]) -> list[Place]:
        return [self._in_dot(place) for place in curve(self.lines.along(points))]

    def _corners(self, frame: _Frame, begin: float, end: float) -> tuple[Place, Place]:
        one = self._in_dot(self.lines.at(begin, frame.start - self.head))
        other = self._in_dot(self.lines.at(end, frame.start + frame.across + self.foot))
        return (min(one[0], other[0]), min(one[1], other[1])), (max(one[0], other[0]), max(one[1], other[1]))

    # -- DOT's coordinates and ours

    def _size(self, id: str) -> Point:
        wide, high = self.measures.sizes[id]
        return Point(high, wide) if self.vertical else Point(wide, high)

    def _turned(self, offset: Place) -> Point:
        return Point(-offset[1], offset[0]) if self.vertical else Point(offset[0], -offset[1])

    def _in_dot(self, place: tuple[float, float]) -> Place:
        return (place[1], -place[0]) if self.vertical else (place[0], -place[1])

    def _at(self, place: Point, offset: Place) -> Point:
        along, across, _ = self._turned(offset)
        return Point(place.along + along, place.across + across)


def _rank_of(id: str, frame: _Frame) -> int:
    """The rank of a box or a wire in the whole picture; what has a lane of its own stands in its middle."""
    part = frame.parts[id]
    return frame.first + (part.first + part.last) // 2


def _spaced(deep: list[float], before: list[float], behind: list[float]) -> list[Column]:
    """Ranks one behind the other."""
    columns: list[Column] = []
    at = 0.0
    for depth, room, more in zip(deep, before, behind, strict=True):
        columns.append(Column(at + room, at + room + depth, at))
        at = columns[-1].end + more + _RANK_GAP
    return columns


def _on(frame: _Frame, lane: Part, columns: list[Column]) -> tuple[Point, Point]:
    """The two ends of a lane."""
    across = frame.start + lane.at + _LANE
    begin, end = columns[frame.first + lane.first].begin, columns[frame.first + lane.last].end
    return Point(begin, across), Point(end, across)


def _in_order(ids: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The place of each part behind all that lead to it; of parts that lead to each other, the first comes first."""
    number = {id: i for i, id in enumerate(ids)}
    leads: dict[str, list[str]] = defaultdict(list)
    waits = dict.fromkeys(ids, 0)
    for source, target in links:
        leads[source].append(target)
        waits[target] += 1
    ready = [number[id] for id in ids if not waits[id]]
    left = iter(ids)
    order: dict[str, int] = {}
    while len(order) < len(ids):
        id = ids[heapq.heappop(ready)] if ready else next(id for id in left if id not in order)
        if id in order:
            continue
        order[id] = len(order)
        for target in leads[id]:
            waits[target] -= 1
            if not waits[target]:
                heapq.heappush(ready, number[target])
    return order


def _meeting(one: _Frame, other: _Frame) -> _Frame:
    """The innermost frame that is around both, or is one of them."""
    while one is not other:
        if one.depth < other.depth:
            one, other = other, one
        assert one.around is not None
        one = one.around
    return one
