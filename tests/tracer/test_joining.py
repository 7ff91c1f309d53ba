"""Joining many arrays: the gradient finds its way back to each in steps that grow with their number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from counted import calls

import gradviz as gv

JOINS: dict[str, Callable[[list[Any]], Any]] = {
    "concatenate": np.concatenate,
    "concatenate, flat": lambda arrays: np.concatenate(arrays, axis=None),
    "stack": np.stack,
    "array": lambda arrays: gv.np.array(arrays),
}


@pytest.mark.parametrize("join", JOINS.values(), ids=JOINS)
def test_twice_as_many_take_twice_the_steps(join: Callable[[list[Any]], Any]):
    def program(n: int) -> Callable[[Any], Any]:
        return lambda x: (join([x * float(i) for i in range(n)]) ** 2).sum()

    def back(n: int) -> int:
        graph = gv.trace(program(n), np.ones(1))
        assert graph.gradients()["x"].tolist() == [2.0 * sum(i * i for i in range(n))]
        return calls(graph.backward)

    back(10)
    assert back(200) < 2.2 * back(100)
