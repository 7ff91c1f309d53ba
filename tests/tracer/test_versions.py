"""One buffer serves all versions of a written array, forth and back: the numbers are those of a buffer for each."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer import versions
from gradviz.tracer.graph import Graph
from gradviz.tracer.ops import writing
from gradviz.tracer.ops.writing import HANDED_ON, WRITE, staying
from gradviz.tracer.versions import gradient_again, value_again


def recurrence(t: Any, x: Any) -> Any:
    y = gv.np.zeros(8)
    y[0] = t
    for i in range(1, 8):
        y[i] = np.sin(y[i - 1]) * t + x[i]
    return (y * y).sum()


def used_on_the_way(t: Any, x: Any) -> Any:
    """The whole is used between the writes, and parts of it by views, several places at once and twice."""
    y = x * 1.0
    row = y[2:5]
    s = y.sum()
    y[1] = t
    y[[3, 3]] = x[4:6] * s
    row *= t
    kept = y * 2.0
    y[np.arange(8) > 5] = row[0]
    y[4:] = y[:4] * 0.5
    y[0] = y[7] + y[6]
    return (y * kept).sum()


def two_arrays(t: Any, x: Any) -> Any:
    """Each is written into a part of the other."""
    y, z = x * t, x[:4] * 1.0
    for i in range(4):
        y[2:6] = z
        z[i] = y[i + 1]
        y[7 - i] *= t
    z[...] = y[::2]
    return (y.sum() + z[1:] @ y[5:]) * 1.0


def matrix(t: Any, x: Any) -> Any:
    """Rows, columns and elements through views of views."""
    m = x.reshape(2, 4) * 1.0
    for j in range(4):
        m[0, j] = m[1, 3 - j] * t
        m[1] += m[0, j]
        m.T[j][1] = m[0].sum()
    return (m * m).sum()


PROGRAMS = [recurrence, used_on_the_way, two_arrays, matrix]
T, X = 0.7, np.linspace(0.1, 0.9, 8)


def shown(program: Callable[..., Any]) -> tuple[Graph, list[Any], list[Any]]:
    """The graph, and of each node the value and the gradient."""
    graph = gv.trace(program, T, X)
    values: list[Any] = []
    gradients: list[Any] = []
    for node in graph.nodes:
        written = node.rule is WRITE
        values.append(value_again(node) if written else node.value)
        gradients.append(gradient_again(node) if node._gradient is HANDED_ON else node.gradient)
    return graph, values, gradients


@pytest.fixture
def handing_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    held = writing._held
    return lambda does: monkeypatch.setattr(writing, "_held", held if does else lambda version: True)


@pytest.mark.parametrize("at_once", [2**26, 1])
@pytest.mark.parametrize("program", PROGRAMS)
def test_gradients_are_those_of_a_buffer_for_each_version_to_the_bit(
    program: Callable[..., Any], at_once: int, handing_on: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(versions, "_AT_ONCE", at_once)
    handing_on(False)
    graph, _, each_its_own = shown(program)
    handing_on(True)
    again, _, one_for_all = shown(program)
    assert sum(node._gradient is HANDED_ON for node in again.nodes) > 1
    for node, own, found in zip(graph.nodes, each_its_own, one_for_all, strict=True):
        assert type(own) is type(found), node
        np.testing.assert_array_equal(own, found, err_msg=repr(node))
    assert graph.gradients()["t"] == again.gradients()["t"]
    np.testing.assert_array_equal(graph.gradients()["x"], again.gradients()["x"])


@pytest.mark.parametrize("program", PROGRAMS)
def test_gradients_agree_with_differences(program: Callable[..., Any], handing_on: Callable[[bool], None]):
    handing_on(True)
    assert gv.check_gradients(program, T, X, ops=0).ok


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_same_by_backward_of_a_tensor(program: Callable[..., Any], handing_on: Callable[[bool], None]):
    handing_on(True)
    t, x = gv.tensor(T), gv.tensor(X)
    program(t, x).backward()
    graph = gv.trace(program, T, X)
    np.testing.assert_allclose(t.grad, graph.gradients()["t"], rtol=1e-14)
    np.testing.assert_allclose(x.grad, graph.gradients()["x"], rtol=1e-14)


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_are_what_the_ops_compute_one_by_one(program: Callable[..., Any]):
    graph, values, _ = shown(program)
    by_node = {id(node): value for node, value in zip(graph.nodes, values, strict=True)}
    for node, value in zip(graph.nodes, values, strict=True):
        if node.inputs:
            inputs = [by_node[id(x)] for x in node.inputs]
            np.testing.assert_array_equal(node.rule.compute(*inputs, **node.static), value, err_msg=repr(node))


def test_any_order_of_asking_gives_the_same(handing_on: Callable[[bool], None]):
    handing_on(True)
    graph = gv.trace(used_on_the_way, T, X)
    nodes = [node for node in graph.nodes if node._gradient is HANDED_ON]
    in_order = [gradient_again(node).copy() for node in nodes]
    backwards = [gradient_again(node).copy() for node in reversed(nodes)]
    np.testing.assert_array_equal(in_order, backwards[::-1])


def test_what_the_user_holds_keeps_its_gradient(handing_on: Callable[[bool], None]):
    handing_on(True)
    t, y = gv.tensor(2.0), gv.tensor(np.zeros(3))
    y[0] = t
    y[1] = y[0] * t
    (y.sum() + (y * y).sum()).backward()
    assert y.grad.tolist() == [5.0, 9.0, 1.0]  # 1 + 2·y
    assert t.grad == 5.0 + 9.0 * 2 * 2.0


def test_a_version_that_is_asked_for_keeps_its_gradient(handing_on: Callable[[bool], None]):
    handing_on(True)
    graph = gv.trace(recurrence, T, X)
    node = next(node for node in graph.nodes if node._gradient is HANDED_ON)
    with staying(node.record):
        graph.backward()
    np.testing.assert_array_equal(node.record._grad, gradient_again(node))


def test_the_memory_of_a_sweep_grows_with_the_writes_and_not_with_their_square(handing_on: Callable[[bool], None]):
    handing_on(True)

    def fill(n: int) -> Callable[[Any], Any]:
        def f(t: Any) -> Any:
            y = gv.np.zeros(n)
            y[0] = t
            for i in range(1, n):
                y[i] = y[i - 1] * t
            return y.sum()

        return f

    def peak(n: int) -> int:
        graph = gv.trace(fill(n), 0.99)
        tracemalloc.start()
        graph.backward()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(2000) < 2.5 * peak(1000)  # with a buffer for each it is four times
