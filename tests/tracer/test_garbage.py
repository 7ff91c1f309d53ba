"""The garbage collector is held back, and afterwards does what it did, or what the user asked for meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gradviz.tracer.garbage import fewer_collections


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_collector_looks_less_often_inside_and_as_before_afterwards():
    gc.set_threshold(500, 7, 9)
    with fewer_collections():
        first, *rest = gc.get_threshold()
        assert first > 100_000 and rest == [7, 9]
    assert gc.get_threshold() == (500, 7, 9)


def test_a_higher_threshold_stays_and_so_does_a_collector_that_is_off():
    for first in (10_000_000, 0):
        gc.set_threshold(first, 7, 9)
        with fewer_collections():
            assert gc.get_threshold() == (first, 7, 9)
        assert gc.get_threshold() == (first, 7, 9)


def test_what_the_code_inside_sets_stays():
    with fewer_collections():
        gc.set_threshold(123, 4, 5)
    assert gc.get_threshold() == (123, 4, 5)


def test_an_exception_puts_it_back_too():
    gc.set_threshold(500, 7, 9)
    with pytest.raises(ZeroDivisionError), fewer_collections():
        _ = 1 / 0
    assert gc.get_threshold() == (500, 7, 9)


def test_one_inside_the_other_puts_it_back_once_both_are_done():
    gc.set_threshold(500, 7, 9)
    with fewer_collections():
        with fewer_collections():
            pass
        assert gc.get_threshold()[0] > 100_000
    assert gc.get_threshold() == (500, 7, 9)
