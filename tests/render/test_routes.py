"""Curves through points: smooth, along the ranks at each, and round where they turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradviz.render.routes import Point, curve

POINTS = st.lists(st.builds(Point, *[st.integers(0, 99).map(float)] * 2, st.sampled_from((1, -1))), min_size=2)


@given(POINTS)
def test_a_curve_passes_its_points_along_the_ranks(points: list[Point]):
    found = curve(points)
    assert len(found) % 3 == 1
    assert found[0] == points[0][:2]
    assert found[-1] == points[-1][:2]
    for start, leaves, comes, end in zip(found[:-1:3], found[1::3], found[2::3], found[3::3], strict=True):
        assert leaves[1] == start[1]
        assert comes[1] == end[1]


def test_what_lies_ahead_is_reached_without_a_turn():
    assert curve([Point(0, 0), Point(40, 10), Point(60, 10)]) == [
        *[(0, 0), (20, 0), (20, 10), (40, 10)],
        *[(50, 10), (50, 10), (60, 10)],
    ]


def test_a_turn_goes_beyond_both_its_ends():
    start, leaves, comes, end = curve([Point(0, 0, 1), Point(0, 30, -1)])
    assert leaves[0] > start[0]
    assert comes[0] > end[0]


def test_a_point_that_is_given_twice_is_passed_once():
    assert curve([Point(0, 0), Point(0, 0), Point(10, 0)]) == curve([Point(0, 0), Point(10, 0)])
