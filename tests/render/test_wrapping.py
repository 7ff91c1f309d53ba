"""Breaking a long row of ranks into lines: what is broken where, and how wires are carried back."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictured import recurrence
from small_graphs import worked_example

from gradviz.render import Document, Style, document_of
from gradviz.render.formats.dot import dot_to_measure
from gradviz.render.graphviz import layout
from gradviz.render.laid_out import _measures
from gradviz.render.placement import Placement, placed
from gradviz.render.routes import Point
from gradviz.render.wrapping import Column, Line, Lines, Stretch, broken


def ranks(many: int) -> list[Column]:
    """Columns 100 points apart, each 60 wide."""
    return [Column(100.0 * i, 100.0 * i + 60, 100.0 * i) for i in range(many)]


def level(many: int) -> list[Stretch]:
    """In each rank something that is 50 points high."""
    return [Stretch(i, i, 0.0, 50.0) for i in range(many)]


def line_count(lines: Lines, columns: list[Column]) -> int:
    return len({lines.at(column.begin, 0.0)[1] for column in columns})


# -- where lines are broken --------------------------------------------------------------------------------------------


def test_what_is_long_and_low_becomes_about_as_high_as_long():
    columns = ranks(1000)
    lines = broken(columns, level(1000), [1] * 1000)
    places = [lines.at(column.begin, 0.0) for column in columns]
    wide, high = (max(numbers) - min(numbers) for numbers in zip(*places, strict=True))
    assert len(lines) == line_count(lines, columns) > 5
    assert 1 < wide / high < 2.5


def test_what_is_short_or_high_stays_as_it_is():
    for many, high in ((50, 50.0), (1000, 40_000.0)):
        lines = broken(ranks(many), [Stretch(0, many - 1, 0.0, high)], [1] * many)
        assert len(lines) == 1
        assert lines.at(99.0 * many, 7.0) == (99.0 * many, 7.0)


def test_there_is_no_break_where_many_wires_would_be_carried_back():
    carried = [1e9] * 1000
    assert len(broken(ranks(1000), level(1000), carried)) == 1
    carried[499] = 2
    lines = broken(ranks(1000), level(1000), carried)
    assert len(lines) == 2
    assert lines.at(columns := 49_900.0, 0.0)[0] == columns and lines.at(50_000.0, 0.0)[0] == 0


@given(st.lists(st.integers(0, 12), min_size=150, max_size=300), st.integers(20, 300))
def test_lines_keep_their_order_and_do_not_overlap(carried: list[int], high: int):
    columns = ranks(len(carried))
    lines = broken(columns, [Stretch(i, i, -high * (i % 3), high) for i in range(len(carried))], carried)
    tops = [lines.at(column.begin, -2.0 * high)[1] for column in columns]
    lows = [lines.at(column.begin, high)[1] for column in columns]
    for one, other in itertools.pairwise(range(len(columns))):
        assert tops[one] == tops[other] or lows[one] < tops[other]
        assert tops[one] == tops[other] or carried[one] <= 8


# -- wires from line to line -------------------------------------------------------------------------------------------

TWO = Lines([Line(0, 100, 0, below=60), Line(130, 230, 90, below=200)])


def test_a_wire_within_a_line_goes_on_as_it_did():
    assert TWO.along([Point(10, 5), Point(60, 9)]) == [Point(10, 5), Point(60, 9)]
    assert TWO.along([Point(140, 5), Point(200, 9)]) == [Point(10, 95), Point(70, 99)]


def test_a_wire_to_the_next_line_is_carried_back_between_them():
    points = TWO.along([Point(90, 5), Point(140, 7)])
    back = [Point(100, 5), Point(100, 60, -1), Point(0, 60, -1), Point(0, 97)]
    assert points == [Point(90, 5), *back, Point(10, 97)]


def test_each_wire_is_carried_back_on_a_way_of_its_own_but_what_comes_from_one_place():
    lines = Lines([Line(0, 100, 0, below=60), Line(130, 230, 90, below=200)])
    ways = [lines.along([Point(90, at), Point(140, 7)])[2].across for at in (5, 20, 5)]
    assert ways[0] == ways[2] != ways[1]


def test_a_wire_over_several_lines_passes_through_those_between():
    lines = Lines([Line(0, 100, 0, 60), Line(130, 230, 90, 160), Line(260, 360, 190, 260)])
    points = lines.along([Point(50, 5), Point(300, 5)])
    assert [point.across for point in points if point.heading == -1] == [60, 60, 160, 160]
    assert points[-1] == Point(40, 195)


# -- in a picture ------------------------------------------------------------------------------------------------------


def placement_of(document: Document) -> Placement:
    measured = layout(dot_to_measure(document), "plain", program="nop2").data.decode()
    return placed(document, _measures(document, measured))


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_long_recurrence_is_broken_between_its_frames(direction: str):
    document = document_of(recurrence(40, scoped=True), Style(level="compact", direction=direction, max_nodes=9999))
    found = placement_of(document)
    x, y = zip(*found.places.values(), strict=True)
    wide, high = max(x) - min(x), max(y) - min(y)
    assert 0.4 < math.log2(wide / high) * (1 if direction == "LR" else -1) < 1.6
    frames = list(found.frames.values())
    for (one, corner), (other, opposite) in itertools.combinations(frames, 2):
        assert one[0] > opposite[0] or other[0] > corner[0] or one[1] > opposite[1] or other[1] > corner[1]
    for cluster in document.clusters:
        (left, low), (right, top) = found.frames[cluster.id]
        assert all(left < found.places[id][0] < right and low < found.places[id][1] < top for id in cluster.members)


def test_wires_begin_and_end_where_they_would_in_one_line():
    document = document_of(recurrence(40, scoped=True), Style(level="compact", max_nodes=9999))
    found = placement_of(document)
    for wire in document.wires:
        first, second = found.paths[wire.id]
        ends = ((first[0], wire.source), (first[-1], wire.id), (second[0], wire.id), (second[-1], wire.target))
        for (x, y), id in ends:
            assert math.dist((x, y), found.places[id]) < 150, (wire.id, id)


def test_a_small_picture_is_not_broken():
    document = document_of(worked_example(), Style(level="compact"))
    found = placement_of(document)
    y = [place[1] for place in found.places.values()]
    assert max(y) - min(y) < 500
