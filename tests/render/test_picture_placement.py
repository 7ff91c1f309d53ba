"""The plain placement: frames hold their own and nothing else, nothing stands on anything else, wires pass boxes by."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictured import network, recurrence, worked_example
from random_graphs import graphs

from gradviz.render import Box, Document, Style, Wire, document_of
from gradviz.render.document import Cluster
from gradviz.render.placement import Ends, Measures, Placement, placed

Rectangle = tuple[float, float, float, float]


def measures(document: Document, size: float = 40.0) -> Measures:
    """Boxes and wires of sizes that differ, with ends at their sides."""
    sizes = {part.id: (size + 7 * (i % 5), size + 5 * (i % 7)) for i, part in enumerate(parts(document))}
    ends: dict[str, Ends] = {}
    for wire in document.wires:
        into, out = (side(sizes[wire.id], document, way) for way in ((1, -1) if wire.recurs else (-1, 1)))
        source, target = side(sizes[wire.source], document, 1), side(sizes[wire.target], document, -1)
        ends[wire.id] = Ends(source, into, out, target)
    return Measures(sizes, ends)


def side(size: tuple[float, float], document: Document, way: int) -> tuple[float, float]:
    return (0.0, -way * size[1] / 2) if document.direction == "TB" else (way * size[0] / 2, 0.0)


def parts(document: Document) -> list[Box | Wire]:
    return [*document.boxes, *document.wires]


def rectangles(document: Document, found: Measures, placement: Placement) -> dict[str, Rectangle]:
    rectangle: dict[str, Rectangle] = {}
    for id, (wide, high) in found.sizes.items():
        x, y = placement.places[id]
        rectangle[id] = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    return rectangle


def apart(one: Rectangle, other: Rectangle) -> bool:
    return one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]


def inside(one: Rectangle, other: Rectangle) -> bool:
    return other[0] <= one[0] and other[1] <= one[1] and one[2] <= other[2] and one[3] <= other[3]


def all_clusters(clusters: tuple[Cluster, ...], around: tuple[Cluster, ...] = ()):
    """Each frame, with those around it."""
    for cluster in clusters:
        yield cluster, around
        yield from all_clusters(cluster.clusters, (*around, cluster))


def check(document: Document) -> None:
    found = measures(document)
    placement = placed(document, found)
    assert set(placement.places) == set(found.sizes)
    assert set(placement.paths) == {wire.id for wire in document.wires}
    rectangle = rectangles(document, found, placement)
    frames = {id: (*low, *high) for id, (low, high) in placement.frames.items()}
    home: dict[str, set[str]] = {id: set() for id in rectangle}
    nested = {(c.id, a.id) for c, around in all_clusters(document.clusters) for a in around}
    for cluster, around in all_clusters(document.clusters):
        home |= {id: {cluster.id, *[outer.id for outer in around]} for id in cluster.members}
    for id, place in rectangle.items():
        for name, frame in frames.items():
            assert inside(place, frame) if name in home[id] else apart(place, frame), (id, name)
    for one, other in itertools.combinations(frames, 2):
        if (one, other) in nested or (other, one) in nested:
            inner, outer = (one, other) if (one, other) in nested else (other, one)
            assert inside(frames[inner], frames[outer])
        else:
            assert apart(frames[one], frames[other]), (one, other)
    for (one, place), (other, its_place) in itertools.combinations(rectangle.items(), 2):
        assert apart(place, its_place), (one, other)
    along = (lambda place: -place[1]) if document.direction == "TB" else (lambda place: place[0])
    for wire in document.wires:
        check_ends(wire, found, placement)
        # Between frames that lead into each other, what leads back may stand before what it leads back to.
        if not wire.recurs or along(placement.places[wire.target]) < along(placement.places[wire.source]):
            check_path(wire, placement, rectangle)


def check_ends(wire: Wire, found: Measures, placement: Placement) -> None:
    """Its curves begin and end at its ports."""
    first, second = placement.paths[wire.id]
    assert len(first) % 3 == len(second) % 3 == 1
    at = (wire.source, wire.id, wire.id, wire.target)
    for id, offset, point in zip(at, found.ends[wire.id], (first[0], first[-1], second[0], second[-1]), strict=True):
        assert point == pytest.approx([a + b for a, b in zip(placement.places[id], offset, strict=True)], abs=1e-6)


def check_path(wire: Wire, placement: Placement, rectangle: dict[str, Rectangle]) -> None:
    """Its curves cross no box and no other wire."""
    for path in placement.paths[wire.id]:
        points = [bezier(path[i : i + 4], step / 16) for i in range(0, len(path) - 1, 3) for step in range(1, 16)]
        for id, (left, low, right, high) in rectangle.items():
            assert not any(left < x < right and low < y < high for x, y in points), (wire.id, id)


def bezier(points: list[tuple[float, float]], t: float) -> tuple[float, float]:
    shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return tuple(sum(share * point[k] for share, point in zip(shares, points, strict=True)) for k in (0, 1))


# -- any document ----------------------------------------------------------------------------------------------------


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Boxes in nested scopes, wired at random: scopes that lead into each other both ways, and wires that lead back."""
    scopes = [(), ("a",), ("b",), ("a", "c"), ("a", "c", "d"), ("b", "a long name of a scope"), ("e",)]
    home = draw(st.lists(st.sampled_from(scopes), min_size=1, max_size=14))
    boxes = [Box(id=f"n{i}", kind="op", form="gate") for i in range(len(home))]
    number = st.integers(0, len(home) - 1)
    pairs = draw(st.lists(st.tuples(number, number, st.booleans()), max_size=20))
    wires: list[Wire] = []
    for i, (one, other, back) in enumerate(pairs):
        if one == other:
            continue
        source, target = (max(one, other), min(one, other)) if back else (min(one, other), max(one, other))
        wires.append(Wire(f"w{i}", f"n{source}", f"n{target}", None, (), (), recurs=back))
    from gradviz.render.picture.clusters import clusters_of, common

    placed_in = [(box.id, scope) for box, scope in zip(boxes, home, strict=True)]
    scope_of = dict(placed_in)
    placed_in += [(wire.id, common((scope_of[wire.source], scope_of[wire.target]))) for wire in wires]
    direction = draw(st.sampled_from(["LR", "TB"]))
    return Document("", (), tuple(boxes), tuple(wires), direction, "", clusters=clusters_of(placed_in))


@settings(max_examples=300, deadline=None)
@given(documents())
def test_in_any_document_frames_hold_their_own_and_nothing_overlaps(document: Document):
    check(document)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.sampled_from(["LR", "TB"]), st.sampled_from([6, 20, 1000]))
def test_so_it_is_in_random_graphs_folded_or_not(graph, direction: str, most: int):
    check(document_of(graph, Style(level="compact", direction=direction, max_nodes=most)))


# -- how it looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("make", [worked_example, network, lambda: recurrence(20), lambda: recurrence(8, scoped=True)])
def test_each_wire_stands_between_its_ends(make, direction):
    document = document_of(make(), Style(direction=direction, level="compact"))
    places = placed(document, measures(document)).places
    along = (lambda place: place[0]) if direction == "LR" else (lambda place: -place[1])
    for wire in document.wires:
        ends = (wire.target, wire.source) if wire.recurs else (wire.source, wire.target)
        assert along(places[ends[0]]) < along(places[wire.id]) < along(places[ends[1]])


def test_a_chain_is_a_straight_line():
    wires = tuple(Wire(f"w{i}", f"n{i}", f"n{i + 1}", None, (), ()) for i in range(30))
    boxes = tuple(Box(id=f"n{i}", kind="op", form="gate") for i in range(31))
    document = Document("", (), boxes, wires, "LR", "")
    assert len({round(y, 6) for _, y in placed(document, measures(document)).places.values()}) == 1


def test_scopes_that_follow_each_other_stand_in_a_row():
    document = document_of(recurrence(8, scoped=True), Style(level="compact", max_nodes=1000))
    frames = placed(document, measures(document)).frames
    steps = [frames[cluster.id] for cluster in sorted(document.clusters, key=lambda cluster: cluster.label)]
    assert all(one[1][0] < other[0][0] for one, other in itertools.pairwise(steps))


def test_a_step_that_is_recorded_out_of_order_stands_in_its_place_all_the_same():
    """Without a tape the nodes of a graph come in some topological order, not in that of the steps."""
    steps = {"step0": ("n0", "n2"), "step1": ("n1", "n3")}
    boxes = tuple(Box(id=f"n{i}", kind="op", form="gate") for i in (0, 1, 2, 3))
    wires = tuple(Wire(f"w{a}{b}", f"n{a}", f"n{b}", None, (), ()) for a, b in ((0, 2), (1, 3), (2, 3)))
    clusters = tuple(Cluster(name, name, members) for name, members in steps.items())
    document = Document("", (), boxes, wires, "LR", "", clusters=clusters)
    frames = placed(document, measures(document)).frames
    assert frames["step0"][1][0] < frames["step1"][0][0]


def test_thousands_of_boxes_are_placed_in_seconds():
    document = document_of(recurrence(400), Style(max_nodes=5000))
    begun = time.perf_counter()
    assert len(placed(document, measures(document)).places) > 4000
    assert time.perf_counter() - begun < 8
