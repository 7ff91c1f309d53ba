"""Packing: parts of one rank or of several stand beside each other, and as near to their wires as can be."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.render import packing
from gradviz.render.packing import Part, pack, tie

SIZE = st.integers(1, 9).map(float)


@st.composite
def wired(draw: st.DrawFn) -> list[Part]:
    """Parts in up to six ranks, some of them across several, wired at random."""
    parts = [
        Part(first, min(5, first + more), size)
        for first, more, size in draw(
            st.lists(st.tuples(st.integers(0, 5), st.sampled_from((0, 0, 0, 1, 4)), SIZE), min_size=1, max_size=20)
        )
    ]
    number = st.integers(0, len(parts) - 1)
    for one, other in draw(st.lists(st.tuples(number, number), max_size=25)):
        if parts[one].last < parts[other].first:
            tie(parts[one], parts[one].size / 2, parts[other], parts[other].size / 2)
    return parts


@given(wired())
def test_nothing_overlaps_and_all_begin_at_0(parts: list[Part]):
    most = pack(parts)
    assert min(part.at for part in parts) == 0
    assert max(part.at + part.size for part in parts) == most
    for one, other in itertools.combinations(parts, 2):
        if one.first <= other.last and other.first <= one.last:
            assert one.at + one.size <= other.at + 1e-6 or other.at + other.size <= one.at + 1e-6


def stairs(steps: int) -> list[Part]:
    """A chain in which each wire is straight where its target stands a little below its source."""
    parts = [Part(i, i, 10.0) for i in range(steps)]
    for one, other in itertools.pairwise(parts):
        tie(one, 6.0, other, 2.0)
    return parts


def test_a_short_chain_has_straight_wires_and_a_long_one_does_not_climb_without_end():
    short, long = stairs(3), stairs(500)
    assert pack(short) == 18.0
    assert [part.at for part in short] == [0.0, 4.0, 8.0]
    assert pack(long) < 100.0  # and not 2,006


def test_nothing_takes_no_room():
    assert pack([]) == 0


@given(st.lists(st.tuples(SIZE, st.integers(-30, 30).map(float)), min_size=1, max_size=6))
def test_a_rank_is_as_near_to_where_it_wants_to_be_as_its_order_lets_it(parts: list[tuple[float, float]]):
    """No block of neighbours that touch each other could be moved, up or down, and be nearer in all."""
    run = [Part(0, 0, size) for size, _ in parts]
    wanted = dict(zip(run, [at for _, at in parts], strict=True))
    packing._settle(run, wanted, float("-inf"), float("inf"))
    assert all(one.at + one.size <= other.at + 1e-9 for one, other in itertools.pairwise(run))
    blocks = [[run[0]]]
    for one, other in itertools.pairwise(run):
        if other.at - one.at - one.size < 1e-9:
            blocks[-1].append(other)
        else:
            blocks.append([other])
    for block in blocks:
        assert sum(part.at - wanted[part] for part in block) == pytest.approx(0, abs=1e-6)
        for k in range(1, len(block)):  # nor does either end of it want to leave it
            assert sum(part.at - wanted[part] for part in block[:k]) <= 1e-6


@given(st.lists(SIZE, min_size=1, max_size=6), st.floats(-50, 50), st.floats(0, 20))
def test_a_rank_stays_between_its_bounds(sizes: list[float], low: float, room: float):
    run = [Part(0, 0, size) for size in sizes]
    high = low + sum(sizes) + room
    packing._settle(run, dict.fromkeys(run, 3.0), low, high)
    assert low - 1e-6 <= run[0].at
    assert run[-1].at + run[-1].size <= high + 1e-6
    assert all(one.at + one.size <= other.at + 1e-6 for one, other in itertools.pairwise(run))
