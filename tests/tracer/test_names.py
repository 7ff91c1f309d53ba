"""Names of nodes: what a value that was taken apart gives to its elements, and which nodes share one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.names import representatives

V, M = np.array([1.0, 2.0, 3.0]), np.array([[2.0, 1.0], [1.0, 3.0]])


def elements(v: Any, m: Any) -> Any:
    a, b, c = v
    return a * b + c


def rows_and_their_elements(v: Any, m: Any) -> Any:
    (a, b), row = m
    return a * b + row.sum()


def some_of_the_elements(v: Any, m: Any) -> Any:
    _, b, c = v
    return b * c


def elements_of_what_was_computed(v: Any, m: Any) -> Any:
    a, b = m[1]
    return a * b


def the_first_and_the_rest(v: Any, m: Any) -> Any:
    first, *rest = v
    return first * rest[0] * rest[1]


def elements_in_a_loop(v: Any, m: Any) -> Any:
    total = 0.0
    for i, j in m:
        total = total + i * j
    return total


def pieces(v: Any, m: Any) -> Any:
    a, b = np.split(m, 2)
    return (a * b).sum()


def results(v: Any, m: Any) -> Any:
    values, vectors = np.linalg.eigh(m)
    return (values * vectors).sum()


def one_of_the_results(v: Any, m: Any) -> Any:
    _q, r = np.linalg.qr(m)
    return r.sum()


def what_is_computed_while_it_is_taken_apart(v: Any, m: Any) -> Any:
    a, b, c = map(np.exp, v)
    return a * b * c


def taken_from_the_end(v: Any, m: Any) -> Any:
    c, b, a = reversed(v)
    return a * b * c


def results_of_a_function(v: Any, m: Any) -> Any:
    def both(x: Any) -> Any:
        return x.sum(), x.mean()

    a, b = both(v)
    return a * b


#: What takes values apart → the names of the ops that do it, by the op: None where which is which can't be told.
TAKEN_APART: dict[Callable[..., Any], dict[str, list[str | None]]] = {
    elements: {"getitem": ["a", "b", "c"]},
    rows_and_their_elements: {"getitem": [None, "row", "a", "b"]},
    some_of_the_elements: {"getitem": ["b", "c"]},
    elements_of_what_was_computed: {"getitem": [None, "a", "b"]},
    the_first_and_the_rest: {"getitem": ["first", None, None]},
    elements_in_a_loop: {"getitem": [None, "i", "j", None, "i", "j"]},
    pieces: {"getitem": ["a", "b"]},
    results: {"eigh": ["values", "vectors"]},
    one_of_the_results: {"qr": [None]},
    what_is_computed_while_it_is_taken_apart: {"getitem": [None] * 3, "exp": [None] * 3},
    taken_from_the_end: {"getitem": [None] * 3},
    results_of_a_function: {"sum": [None], "mean": [None]},
}


@pytest.mark.parametrize("f", TAKEN_APART, ids=lambda f: f.__name__)
def test_what_a_value_is_taken_apart_into_has_the_names_it_goes_to(f: Callable[..., Any]):
    graph = gv.trace(f, V, M)
    expected = TAKEN_APART[f]
    assert {op: [node.name for node in graph.nodes if node.op == op] for op in expected} == expected


@pytest.mark.parametrize("f", TAKEN_APART, ids=lambda f: f.__name__)
def test_a_node_has_all_in_common_with_the_one_that_stands_for_it(f: Callable[..., Any]):
    graph = gv.trace(f, V, M)
    for node, other in zip(graph.nodes, representatives(graph), strict=True):
        assert (node.kind, node.op, node.name, node.scope, node.source) == (
            (other.kind, other.op, other.name, other.scope, other.source)
        )


def test_a_loop_builds_few_nodes():
    def f(x: Any, w: Any) -> Any:
        for _ in range(100):
            x = x * w + 0.5
        return x

    graph = gv.trace(f, 1.0, 0.9)
    assert len(representatives(graph)) == len(graph.nodes) == 302
    assert len({id(node) for node in representatives(graph)}) <= 6


def test_each_element_of_an_unrolled_loop_has_its_own_name():
    def f(z: Any) -> Any:
        h = c = 0.0
        for _ in range(3):
            i, f, o, g = np.split(z + h, 4)
            c = gv.sigmoid(f) * c + gv.sigmoid(i) * np.tanh(g)
            h = gv.sigmoid(o).sum() * c.sum()
        return h

    graph = gv.trace(f, np.linspace(-1.0, 1.0, 8))
    assert [node.name for node in graph.nodes if node.op == "getitem"] == ["i", "f", "o", "g"] * 3
