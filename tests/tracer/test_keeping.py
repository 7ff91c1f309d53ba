"""What a trace keeps: with `keep=` the numbers are the same, the memory is less, and what was let go of comes back."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from typing import Any

import numpy as np
import pytest
from op_samples import Sample, all_samples
from oracle import is_float, parts, value_of, weighted, weights

import gradviz as gv
from gradviz.tracer import keeping
from gradviz.tracer.gone import Gone, ValueGone, gone
from gradviz.tracer.graph import Graph
from gradviz.tracer.tensor import Later

SAMPLES = all_samples()


@pytest.fixture
def let_go_of_small_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "_WORTH", 0)


def absent(graph: Graph) -> int:
    """How many records' values were let go of."""
    return sum(type(record._value) is Gone for record in graph._order)


def shown(graph: Graph) -> list[Any]:
    """What a graph has to show, as bytes."""
    found: list[Any] = []
    for node in graph.nodes:
        gradient = node.gradient
        found += [node.op, node.shape, np.asarray(node.value).tobytes()]
        found.append(None if gradient is None else np.asarray(gradient).tobytes())
    return found


# -- the same numbers ------------------------------------------------------------------------------------------------


def _inside(sample: Sample) -> Any:
    """The sample's op between others, so that its operands and its result may be let go of."""

    def f(*inputs: Any) -> Any:
        results = parts(sample.f(*[x * 1.0 if isinstance(x, gv.Tensor) else x for x in inputs]))
        by = weights([value_of(r) for r in results], 0)
        return weighted([r * 1.0 if isinstance(r, gv.Tensor) else r for r in results], by)

    return f


@pytest.mark.parametrize("name", SAMPLES)
def test_gradients_and_values_are_the_same_to_the_bit_whatever_is_kept(name: str, let_go_of_small_ones: None):
    for sample in SAMPLES[name]:
        args = [np.array(x) if is_float(x) else x for x in sample.args]
        f = _inside(sample)
        if not any(is_float(x) for x in args) or not isinstance(f(*map(gv.tensor, args)), gv.Tensor):
            continue
        expected = shown(gv.trace(f, *args))
        for keep in ("needed", "none"):
            assert shown(gv.trace(f, *args, keep=keep)) == expected, (keep, sample)


def loop(ops: int, size: int = 1000) -> Any:
    """Ops whose rules need what they computed (tanh), what they were given (×), or neither (+)."""

    def f(x: Any, w: Any) -> Any:
        for _ in range(ops // 4):
            x = np.tanh(x)
            x = x * w
            x = x + w
            x = x - 0.5
        return np.sum(x)

    return f, np.linspace(-1.0, 1.0, size), np.linspace(0.5, 1.5, size)


@pytest.mark.parametrize("room", [0, 30_000, 10**9])
def test_the_numbers_do_not_depend_on_when_room_is_made(room: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "_ROOM", room)
    expected = shown(gv.trace(*loop(40)))
    for keep in ("needed", "none"):
        assert shown(gv.trace(*loop(40), keep=keep)) == expected


def test_what_the_function_still_holds_stays(monkeypatch: pytest.MonkeyPatch, let_go_of_small_ones: None):
    monkeypatch.setattr(keeping, "_ROOM", 0)
    held: list[gv.Tensor] = []

    def f(x: Any) -> Any:
        held.append(x + 1.0)
        y = held[0] + 1.0 + 1.0
        return np.sum(y + held[0])

    graph = gv.trace(f, np.ones(3), keep="needed")
    assert held[0].value.tolist() == [2.0, 2.0, 2.0] and type(held[0]._value) is np.ndarray
    assert absent(graph) == 3  # the two sums on the way, and y


def test_of_those_that_no_rule_needs_none_stays():
    graph = gv.trace(*loop(40), keep="needed")
    gone_ops = [r._op.name for r in graph._order if type(r._value) is Gone]
    assert Counter(gone_ops) == {"multiply": 10, "add": 10, "subtract": 10}  # tanh needs its result, as does ×


def test_with_none_only_inputs_and_the_result_stay_where_one_stretch_is_enough():
    graph = gv.trace(*loop(40), keep="none")
    assert absent(graph) == 40


# -- looking ---------------------------------------------------------------------------------------------------------


def test_what_is_looked_at_is_computed_again_and_stays():
    graph = gv.trace(*loop(40), keep="none")
    node = graph.nodes[-4]
    value = node.value
    assert type(value) is np.ndarray and node.value is value


def test_a_tensor_gives_its_value_and_its_gradient_though_they_were_let_go_of():
    graph = gv.trace(*loop(8), keep="none")
    everything = gv.trace(*loop(8))
    for mine, other in zip(graph._order, everything._order, strict=True):
        assert np.array_equal(mine.value, other.value)
        assert np.array_equal(mine.grad, other.grad)


def test_a_gradient_that_was_let_go_of_comes_back_while_the_graph_is_held():
    held: list[gv.Tensor] = []

    def f(x: Any) -> Any:
        held.append(np.tanh(x))
        return np.sum(held[-1] * 2.0)

    graph = gv.trace(f, np.ones(3))
    assert type(held[0]._grad) is Later
    assert held[0].grad.tolist() == [2.0, 2.0, 2.0]
    assert graph.inputs[0].gradient is not None
    gv.trace(f, np.ones(3))  # nobody holds this graph
    with pytest.raises(gv.GradientError, match=r"hold what gv\.trace returns"):
        _ = held[1].grad


def test_looking_leaves_the_gradients_of_a_later_sweep_where_they_are():
    w = gv.tensor(np.ones(3))
    first = gv.trace(lambda: np.sum(np.tanh(w * 2.0)))
    second = gv.trace(lambda: np.sum(w * 5.0))
    assert [node.gradient is not None for node in first.nodes if node.kind != "constant"] == [True] * 4
    assert w.grad.tolist() == [5.0, 5.0, 5.0] and second.gradients()["w"].tolist() == [5.0, 5.0, 5.0]


def test_a_large_array_that_its_owner_changes_later_keeps_the_gradients_there_were():
    data = np.ones((40, 40))
    graph = gv.trace(lambda w: np.sum(np.tanh(data * w)), np.full((40, 40), 0.1))
    data[:] = 7.0
    assert graph.nodes[-2].gradient.tolist() == np.ones((40, 40)).tolist()


def test_a_value_that_was_let_go_of_is_not_computed_from_an_array_that_changed_since():
    data = np.ones((40, 40))
    graph = gv.trace(lambda w: np.sum(data + w + 1.0), np.full((40, 40), 0.1), keep="needed")
    data[:] = 7.0
    with pytest.raises(gv.GradientError, match="was changed after"):
        _ = graph.nodes[-2].value


def test_what_was_let_go_of_refuses_to_be_computed_with():
    array = gone(np.ones((2, 3)))
    assert (np.shape(array), array.dtype, array.T.shape) == ((2, 3), np.float64, (3, 2))
    for use in (lambda: array + 1.0, lambda: np.sum(array), lambda: array[0], lambda: array.sum(), lambda: 2 * array.T):
        with pytest.raises(ValueGone, match=r"shape \(.*\) were let go of"):
            use()
    assert np.isnan(np.asarray(array)).all()  # what does not ask gets no plausible number


def test_replay_checks_and_further_sweeps_work_on_what_is_left():
    f, x, w = loop(40)
    whole, spare = gv.trace(f, x, w), gv.trace(f, x, w, keep="none")
    assert np.array_equal(spare.backward(2.0)["w"], whole.backward(2.0)["w"])
    assert np.array_equal(spare.jacobian(wrt="x"), whole.jacobian(wrt="x"))
    assert spare.forward(x=x / 2) == whole.forward(x=x / 2)
    assert np.array_equal(spare.backward()["x"], whole.backward()["x"])


def test_in_place_writes_and_views_keep_their_numbers(monkeypatch: pytest.MonkeyPatch, let_go_of_small_ones: None):
    monkeypatch.setattr(keeping, "_ROOM", 0)

    def f(x: Any) -> Any:
        y = x * 1.0
        first = y[:2]
        y[1] = first[0] * 3.0
        y *= 2.0
        z = np.tanh(y)[::-1]
        z[0] = 1.0
        return np.sum(z * y)

    expected = shown(gv.trace(f, np.linspace(0.1, 0.4, 4)))
    for keep in ("needed", "none"):
        assert shown(gv.trace(f, np.linspace(0.1, 0.4, 4), keep=keep)) == expected


def test_a_users_rule_is_given_every_value():
    @gv.op(local=lambda out, x: 3.0 * np.asarray(x) ** 2)
    def cube(x: Any) -> Any:
        return np.asarray(x) ** 3

    def f(x: Any) -> Any:
        return np.sum(cube(x + 1.0) + 1.0)

    x = np.linspace(0.0, 1.0, 1000)
    for keep in ("needed", "none"):
        assert np.allclose(gv.trace(f, x, keep=keep).gradients()["x"], 3 * (x + 1.0) ** 2)


def test_each_row_says_what_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "_needs", {})
    gv.trace(lambda x: np.sum(x * 2 + 1 - 3), np.ones(1000), keep="needed")  # the first that comes has a whole number
    gv.trace(*loop(8), keep="needed")
    by_name = {op.name: found for (op, _), found in keeping._needs.items()}
    assert by_name["add"] == by_name["subtract"] == by_name["sum"] == frozenset()
    assert by_name["multiply"] == {0, 1} and by_name["tanh"] == {-1}


def test_an_unknown_keep_names_the_choices():
    with pytest.raises(gv.RecordError, match=r"unknown keep='some' \(must be one of 'all', 'needed', 'none'\)"):
        gv.trace(np.sum, np.ones(3), keep="some")


# -- the memory ------------------------------------------------------------------------------------------------------


def peak(keep: str, ops: int) -> float:
    """The most bytes that a trace takes, in units of one of its arrays."""
    gc.collect()
    tracemalloc.start()
    graph = gv.trace(*loop(ops, size=5_000), keep=keep)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del graph
    return most / (5_000 * 8)


def test_memory_is_as_much_as_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "_ROOM", 10 * 5_000 * 8)
    assert peak("all", 400) > 400
    assert peak("needed", 400) < 200  # the results of tanh, one of four, and what waits until there is as much of it
    few, many = peak("none", 400), peak("none", 1600)
    assert few < 100
    assert many < 2.6 * few  # √n


def test_without_anything_that_a_rule_needs_memory_does_not_grow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "_ROOM", 10 * 5_000 * 8)

    def sums(n: int) -> Any:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = x + 1.0
            return np.sum(x)

        return f

    def most(n: int) -> int:
        tracemalloc.start()
        gv.trace(sums(n), np.ones(5_000), keep="needed")
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert most(800) < most(200) + 600 * 1000  # a record and what stands for its value
