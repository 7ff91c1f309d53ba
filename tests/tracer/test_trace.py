"""`gv.trace`: what becomes an input, what comes out, builtin max and min, what is refused."""

from __future__ import annotations

import builtins
import threading
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import gradviz as gv


def lecture(x: Any, y: Any, z: Any) -> Any:
    """The lecture's worked example."""
    a = x + y
    b = max(y, z)
    return a * b


def test_the_worked_example_to_the_number():
    graph = gv.trace(lecture, 1.0, 2.0, 0.0)
    assert graph.output.value == 6.0
    assert graph.gradients() == {"x": 2.0, "y": 5.0, "z": 0.0}
    assert {name: (graph[name].value, graph[name].gradient) for name in "ab"} == {"a": (3.0, 2.0), "b": (2.0, 3.0)}
    assert graph["f" if "f" in graph else "lecture"].value == 6.0
    assert [edge.downstream for edge in graph["y"].uses] == [2.0, 3.0]
    assert [node.role for node in graph.nodes if node.kind == "op"] == ["distributes", "routes", "switches"]
    assert graph.forward(x=1.0, y=2.0, z=4.0) == 12.0
    assert graph.backward() == {"x": 4.0, "y": 4.0, "z": 3.0}


def test_the_worked_example_from_tensors():
    x, y, z = gv.tensor(1.0), gv.tensor(2.0), gv.tensor(0.0)
    a = x + y
    b = np.maximum(y, z)
    f = a * b
    f.backward()
    assert (a.value, b.value, f.value) == (3.0, 2.0, 6.0)
    assert (a.grad, b.grad) == (2.0, 3.0)
    assert (x.grad, y.grad, z.grad) == (2.0, 5.0, 0.0)
    graph = gv.graph(f)
    assert graph.names() == ["x", "y", "z", "a", "b", "f"]


def test_inputs_bear_the_parameters_names():
    def f(x: Any, *rest: Any, scale: Any = 1.0, **options: Any) -> Any:
        return x * rest[0] * rest[1] * scale * options["shift"]

    graph = gv.trace(f, 2.0, 3.0, 4.0, scale=5.0, shift=6.0)
    assert graph.gradients() == {"x": 360.0, "rest0": 240.0, "rest1": 180.0, "scale": 144.0, "shift": 120.0}


def test_inputs_inside_lists_tuples_and_dicts():
    Pair = namedtuple("Pair", "w b")

    def f(p: Any, q: Any, r: Any) -> Any:
        return p["a"] * p["b"][1] + q.w * q.b + r[0]

    graph = gv.trace(f, {"a": 2.0, "b": [1.0, 3.0]}, Pair(4.0, 5.0), (6.0,))
    assert graph.gradients() == {
        "p['a']": 3.0, "p['b'][0]": 0.0, "p['b'][1]": 2.0, "q[0]": 5.0, "q[1]": 4.0, "r[0]": 1.0,
    }  # fmt: skip


def test_what_is_no_float_is_handed_on():
    def f(x: Any, n: int, name: str, mask: Any) -> Any:
        assert isinstance(n, int) and name == "a" and isinstance(mask, np.ndarray)
        return (x[mask] * n).sum()

    graph = gv.trace(f, np.array([1.0, 2.0, 3.0]), 2, "a", np.array([True, False, True]))
    assert graph.gradients()["x"].tolist() == [2.0, 0.0, 2.0]


def test_tensors_may_be_given():
    w = gv.tensor(3.0, name="w")
    graph = gv.trace(lambda x, y: x * y, 2.0, w)
    assert graph.gradients() == {"x": 3.0, "w": 2.0} or graph.gradients() == {"w": 2.0, "x": 3.0}


def test_what_was_computed_before_belongs_to_the_graph():
    w = gv.tensor(2.0, name="w")
    y = w * 3.0
    assert gv.trace(lambda x: x * y, 2.0).gradients() == {"w": 6.0, "x": 6.0}
    assert gv.trace(lambda x: x * y + w, 2.0).gradients() == {"w": 7.0, "x": 6.0}


def test_what_an_earlier_trace_left_without_a_gradient_belongs_to_the_graph():
    x, aside = gv.tensor(2.0), list[Any]()

    def f(x: Any) -> Any:
        aside.append(x * 3.0)  # no path leads from it to the result
        return x * x

    gv.trace(f, x)
    assert gv.trace(lambda x: x * aside[0], x).gradients() == {"x": 12.0}
    gv.trace(lambda x: (aside.append(x * 5.0), x * np.ones(2))[1], x)  # no sweep
    assert gv.trace(lambda x: x * aside[1], x).gradients() == {"x": 20.0}


def test_what_a_trace_within_left_belongs_to_the_graph_around_it():
    x, aside = gv.tensor(2.0), list[Any]()

    def inner(x: Any) -> Any:
        aside.append(x * 3.0)
        return x * x

    assert gv.trace(lambda x: (gv.trace(inner, x), x * aside[0])[1], x).gradients() == {"x": 12.0}


def test_backward_within_a_trace_leaves_its_gradients_right():
    w = gv.tensor(3.0)

    def step(w: Any) -> Any:
        loss = w * w
        loss.backward()
        assert (w.grad, loss.grad) == (6.0, 1.0)
        return loss * (w - 0.1 * w.grad)  # w.grad is a number here

    assert gv.trace(step, w).gradients() == {"w": pytest.approx(3 * 9.0 - 0.6 * 2 * 3.0)}


def test_until_the_gradients_run_back_the_earlier_ones_show():
    w, seen = gv.tensor(3.0), list[Any]()

    def f(w: Any) -> Any:
        y = w * w
        seen.extend((w.grad, y.grad, gv.graph(w).gradients()))
        return y * w.grad

    gv.trace(lambda w: w * 7.0, w)
    gv.trace(f, w)
    assert seen == [7.0, None, {"w": 7.0}]
    assert w.grad == 42.0


def test_a_trace_that_fails_leaves_the_earlier_gradients():
    w = gv.tensor(3.0)
    gv.trace(lambda w: w * 7.0, w)
    with pytest.raises(ZeroDivisionError):
        gv.trace(lambda w: (w * 2.0, 1 // 0)[0], w)
    assert w.grad == 7.0


def test_an_input_may_be_the_output():
    assert gv.trace(lambda x: x, 3.0).gradients() == {"x": 1.0}


def test_an_unused_input_has_a_zero():
    graph = gv.trace(lambda x, y: x * 2, 3.0, np.ones((2, 2)))
    assert graph.gradients()["y"].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_gradients_run_where_the_output_is_a_single_number():
    assert gv.trace(lambda x: x.sum(), np.ones(3)).has_gradients
    assert gv.trace(lambda x: x[:1] * 2, np.ones(3)).has_gradients
    assert not gv.trace(lambda x: x * 2, np.ones(3)).has_gradients
    assert not gv.trace(lambda x: (x, x * 2), 1.0).has_gradients


# -- builtin max and min ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (lambda x, y: max(x, y), [0.0, 1.0]),
        (lambda x, y: min(x, y), [1.0, 0.0]),
        (lambda x, y: max([x, y, 0.5]), [0.0, 1.0]),
        (lambda x, y: max(x, y, 9.0) * x, [9.0, 0.0]),
        (lambda x, y: max(x * y, 0), [2.0, 1.0]),
        (lambda x, y: max(np.stack([x, y])), [0.0, 1.0]),
        (lambda x, y: max([x, y], key=lambda v: -v), [1.0, 0.0]),
        (lambda x, y: max(v * 2 for v in (x, y)), [0.0, 2.0]),
        (lambda x, y: max([], default=x * y), [2.0, 1.0]),
    ],
)
def test_builtin_max_and_min(f: Any, gradient: list[float]):
    graph = gv.trace(f, 1.0, 2.0)
    assert list(graph.gradients().values()) == gradient


def test_builtins_do_what_they_always_do_on_anything_else():
    def f(x: Any) -> Any:
        assert max(3, 4) == 4 and min("ab") == "a" and max([1, 2], key=lambda v: -v) == 1
        with pytest.raises(ValueError):
            max([])
        with pytest.raises(TypeError):
            max()
        return x * max(2, 3)

    assert gv.trace(f, 1.0).gradients() == {"x": 3.0}


def test_builtins_are_restored_also_after_an_exception():
    before = builtins.max, builtins.min

    def f(x: Any) -> Any:
        assert builtins.max is not before[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gv.trace(f, 1.0)
    assert (builtins.max, builtins.min) == before


def test_a_value_that_builtin_max_picks_stays_what_it_was():
    graph = gv.trace(lambda x, y: max(x, y), 1.0, 2.0)
    assert type(graph.output.value) is float
    assert type(graph.forward(x=5.0)) is float
    assert max(1.0, float("nan")) == 1.0
    graph = gv.trace(lambda x, y: max(x, y), 1.0, float("nan"))
    assert graph.output.value == 1.0
    assert graph.gradients() == {"x": 1.0, "y": 0.0}


# -- traces beside each other ----------------------------------------------------------------------------------------


def test_a_trace_inside_a_trace():
    def outer(x: Any) -> Any:
        inner = gv.trace(lambda y: y * y, 3.0)
        return x * inner.gradients()["y"]

    assert gv.trace(outer, 2.0).gradients() == {"x": 6.0}


def test_threads_trace_without_meeting():
    def work(out: list[Any], k: int) -> None:
        out.append(gv.trace(lambda x: sum(x * i for i in range(1, k)), 2.0).gradients()["x"])

    results: list[list[Any]] = [[] for _ in range(8)]
    threads = [threading.Thread(target=work, args=(out, k + 2)) for k, out in enumerate(results)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [out[0] for out in results] == [sum(range(1, k + 2)) for k in range(8)]


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: gv.trace(lambda x, n: x * n, 3, 4),
            gv.GradientError,
            "nothing to differentiate: x = 3, n = 4; gradviz takes integers as constants: write 1.0 instead of 1, "
            "arrays with dtype float, or make an input with gv.tensor",
        ),
        (
            lambda: gv.trace(lambda: 3.0),
            gv.GradientError,
            "nothing to differentiate: no arguments were given; gradviz takes integers as constants: write 1.0 instead "
            "of 1, arrays with dtype float, or make an input with gv.tensor",
        ),
        (
            lambda: gv.trace(lambda x: x.value * 2, 3.0),
            gv.RecordError,
            "<lambda> returned 6.0, which was not computed from its inputs: return what was computed, and take no "
            "values out with .value on the way",
        ),
        (
            lambda: gv.trace(lambda x: None, 3.0),
            gv.RecordError,
            "<lambda> returned NoneType, which was not computed from its inputs: return what was computed, and take no "
            "values out with .value on the way",
        ),
        (
            lambda: gv.graph(),
            gv.RecordError,
            "gv.graph() was given nothing: give it the tensor that the graph should end in",
        ),
        (
            lambda: gv.graph(3.0),
            gv.RecordError,
            "gv.graph takes Tensors, and was given 3.0: start from gv.tensor(value)",
        ),
    ],
)
def test_what_can_not_be_traced_says_so(call: Any, kind: type[Exception], text: str):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == text


def test_an_exception_in_the_function_is_its_own():
    def f(x: Any) -> Any:
        raise LookupError("mine")

    with pytest.raises(LookupError, match=r"^mine$"):
        gv.trace(f, 1.0)


def test_errors_are_kinds_of_pythons_own():
    assert issubclass(gv.RecordError, TypeError)
    assert issubclass(gv.GradientError, ValueError)
    assert issubclass(gv.NameNotFound, KeyError)
    for name in ("RecordError", "GradientError", "NameNotFound", "BranchChanged", "RenderError", "ScriptError"):
        assert issubclass(getattr(gv, name), gv.GradvizError)


def test_a_function_that_closes_over_its_inputs():
    x = gv.tensor(3.0)
    graph = gv.trace(lambda: x * x)
    assert graph.gradients() == {"x": 6.0}
