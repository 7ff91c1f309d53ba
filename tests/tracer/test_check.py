"""The gradient check: wrong rules are found and named, kinks are not blamed, large inputs, executors."""

from __future__ import annotations

import doctest
import math
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_samples import all_samples

import gradviz as gv
from gradviz.tracer import check, check_inputs, numeric
from gradviz.tracer.check import GradientReport, check_gradients, check_graph
from gradviz.tracer.gates import op
from gradviz.tracer.numeric import Precision, judge, judge_all
from gradviz.tracer.op import OPS, Rule

DOUBLE = Precision.of(2.2e-16)
X = np.array([0.3, -0.7, 1.2])


@op(local=lambda out, x: 1.0 - out)
def wrong_tanh(x: Any) -> Any:
    """Its local gradient should be 1 − out²."""
    return np.tanh(x)


@op(local=lambda out, x: np.where(np.arange(np.size(x)) == 7, 1.001, 1.0) * np.cos(x))
def wrong_at_seven(x: Any) -> Any:
    return np.sin(x)


def smooth(x: Any, y: Any) -> Any:
    return np.sum(np.tanh(x) * y**2)


def verdicts(report: GradientReport) -> list[str]:
    return [x.verdict for x in report.inputs]


# -- one slope -------------------------------------------------------------------------------------------------------

SMOOTH: list[tuple[Any, Any, float]] = [
    (math.sin, math.cos, 0.3),
    (math.exp, math.exp, 20.0),
    (math.exp, math.exp, -30.0),
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e-6),
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e9),
    (lambda x: 1e8 + x, lambda x: 1.0, 1.0),
    (lambda x: math.sin(1000 * x), lambda x: 1000 * math.cos(1000 * x), 0.7),
    (lambda x: x**3, lambda x: 0.0, 0.0),
    (lambda x: 5.0, lambda x: 0.0, 2.0),
    (lambda x: math.sqrt(x), lambda x: 0.5 / math.sqrt(x), 1e-12),
    (lambda x: x * abs(x), lambda x: 2 * abs(x), 0.0),
]


def along(f: Any, x: float) -> Any:
    scale = abs(x) or 1.0

    return lambda t: f(x + t * scale), scale


@pytest.mark.parametrize("case", range(len(SMOOTH)))
def test_right_slopes_are_right_and_slightly_wrong_ones_wrong(case: int) -> None:
    f, slope, x = SMOOTH[case]
    at, scale = along(f, x)
    claimed = slope(x) * scale
    assert judge(at, claimed, DOUBLE).verdict == "right"
    assert judge(at, claimed * 1.001 + (0.001 if claimed == 0 else 0.0), DOUBLE).verdict == "wrong"
    assert judge(at, -claimed - 1.0, DOUBLE).verdict == "wrong"
    assert judge(at, float("nan"), DOUBLE).verdict == "wrong"


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-2, 2), st.floats(-1, 2))
@settings(deadline=None)
def test_between_the_slopes_of_a_kink_nothing_is_blamed_and_outside_it_is(
    left: float, right: float, curvature: float, where: float
) -> None:
    if abs(left - right) < 0.01:
        return

    def at(t: float) -> float:
        return 1.0 + (right if t > 0 else left) * t + curvature * t * t

    claimed = left + where * (right - left)
    verdict = judge(at, claimed, DOUBLE).verdict
    if 0 <= where <= 1:
        assert verdict in ("kink", "right")
    elif not -0.01 < where < 1.01:
        assert verdict == "wrong"


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 1e-5, 1e-6, 3e-7])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_nearby_does_not_spoil_the_verdict(distance: float, side: int) -> None:
    def at(t: float) -> float:
        return 1.0 + abs(t - side * distance) + 2 * t

    assert judge(at, 2.0 - side, DOUBLE).verdict == "right"
    assert judge(at, (2.0 - side) * 1.01, DOUBLE).verdict == "wrong"


def test_jumps_and_edges() -> None:
    assert judge(lambda t: float(t > 0), 0.0, DOUBLE).verdict == "jump"
    assert judge(lambda t: float("nan"), 1.0, DOUBLE).verdict == "edge"
    assert judge(lambda t: t * 3 if t >= 0 else float("nan"), 3.0, DOUBLE).verdict == "right"


def test_noise_proves_nothing() -> None:
    draw = np.random.default_rng(0)
    assert judge(lambda t: 1.0 + t + 1e-3 * draw.normal(), 7.0, DOUBLE).verdict != "right"
    assert judge(lambda t: 1e12 + t, 1.5, DOUBLE).verdict != "right"


# -- whole functions -------------------------------------------------------------------------------------------------


def test_a_right_function_passes_and_reads_well() -> None:
    report = check_gradients(smooth, X, 2.0)
    assert report.ok
    assert verdicts(report) == ["right", "right"]
    assert all(x.error < 1e-8 for x in report.inputs)
    assert [x.checked for x in report.inputs] == [3, 1]
    assert {x.op for x in report.ops} == {"tanh", "power", "multiply", "sum"}
    report.raise_if_wrong()
    lines = str(report).splitlines()
    assert lines[0] == "smooth: 2 of 2 gradients agree with differences (to 1e-06)"
    assert lines[1].split() == ["input", "checked", "worst", "error", "at", "gradient", "differences", "verdict"]
    assert lines[-1].endswith("rules compared op by op, 0 wrong")


def test_a_wrong_rule_is_found_and_named_with_its_place() -> None:
    def f(x: Any, y: Any) -> Any:
        a = x * y
        b = wrong_tanh(a)
        return np.sum(b * x) + np.sum(np.exp(y))

    report = check_gradients(f, X, X[::-1].copy())
    assert not report.ok
    assert verdicts(report) == ["wrong", "wrong"]
    (fault,) = report.wrong_ops
    assert (fault.op, fault.operand, fault.code) == ("wrong_tanh", "a", "wrong_tanh(a)")
    assert fault.place == f"{__file__}:{f.__code__.co_firstlineno + 2}"
    with pytest.raises(
        gv.GradientError, match=r"the gradient of f is .* at x\[\d\].*rule of wrong_tanh towards a"
    ) as e:
        report.raise_if_wrong()
    assert "\n" not in str(e.value)
    assert "wrong_tanh" in str(report)


def test_the_worst_element_is_named() -> None:
    (x,) = check_gradients(lambda x: np.sum(wrong_at_seven(x)), np.linspace(0.1, 1.0, 10)).inputs
    assert (x.index, x.at, x.verdict) == ((7,), "x[7]", "wrong")
    assert x.error == pytest.approx(0.001, rel=0.01)
    assert x.analytic == pytest.approx(x.numeric * 1.001)
    assert x.numeric == pytest.approx(math.cos(0.8))


def test_a_wrong_rule_that_does_not_show_in_the_result_is_found_all_the_same() -> None:
    report = check_gradients(lambda x: wrong_tanh(x) * 0.0 + x, 0.5)
    assert verdicts(report) == ["right"]
    assert [x.op for x in report.wrong_ops] == ["wrong_tanh"]
    assert not report.ok


def tampered(op: Any) -> tuple[Rule, ...]:
    """The op's rules, each a thousandth too large."""

    def too_large(f: Any) -> Any:
        return None if f is None else lambda *args, **options: f(*args, **options) * 1.001

    return tuple(Rule(rule.text, local=too_large(rule.local), vjp=too_large(rule.vjp)) for rule in op.rules)


TAMPERED = ["tanh", "add", "divide", "matmul", "sum", "getitem", "softmax", "where", "concatenate", "fft", "cholesky"]


@pytest.mark.parametrize("name", TAMPERED)
def test_any_rule_of_the_table_that_is_a_thousandth_off_is_found(name: str) -> None:
    op = OPS[name]
    kept = op.rules
    for sample in [s for s in all_samples()[name] if s.first][:5]:
        assert check_gradients(sample.f, *sample.args).ok
        object.__setattr__(op, "rules", tampered(op))
        try:
            report = check_gradients(sample.f, *sample.args)
        finally:
            object.__setattr__(op, "rules", kept)
        assert {x.op for x in report.wrong_ops} == {name}, str(report)


KINKS = {
    "relu at 0": (lambda x: gv.relu(x), (0.0,)),
    "relu near 0": (lambda x: np.sum(gv.relu(x)), (np.array([1e-9, -1e-9, 1e-4, 1.0]),)),
    "a tie": (lambda x, y: np.sum(np.maximum(x, y)), (X, X.copy())),
    "nearly a tie": (lambda x, y: np.sum(np.maximum(x, y)), (X, X + 1e-7)),
    "abs": (lambda x: np.sum(np.abs(x)), (np.array([0.0, 1.0]),)),
    "a tie in max": (lambda x: np.max(x * 2.0), (np.array([1.0, 1.0, 0.5]),)),
    "kinks that cancel": (lambda x: gv.relu(x) - np.maximum(x, 0.0), (0.0,)),
    "ties among many, weighted either way": (
        lambda x: np.sum(np.max(gv.relu(x), axis=1) * np.array([1.0, -2.0, 3.0, -4.0])),
        (-np.arange(12.0).reshape(4, 3),),
    ),
    "clip": (lambda x: np.sum(np.clip(x, -1.0, 1.0) ** 2), (np.array([-1.0, 0.5, 1.0]),)),
    "sort": (lambda x: np.sum(np.sort(x) * np.arange(3.0)), (np.array([1.0, 1.0, 2.0]),)),
    "another number of results": (lambda x: np.sum(np.unique(x)) + np.unique(x)[0], (np.array([1.0, 1.0, 2.0]),)),
    "results of another shape": (lambda x: np.unique(x), (np.array([1.0, 1.0, 2.0]),)),
    "a step": (lambda x: np.floor(x) + x, (2.0,)),
    "sqrt at 0": (lambda x: np.sum(np.sqrt(x)), (np.array([0.0, 1.0]),)),
}


@pytest.mark.parametrize("case", KINKS)
def test_kinks_are_not_blamed(case: str) -> None:
    f, args = KINKS[case]
    report = check_gradients(f, *args)
    assert report.ok, str(report)


def test_a_kink_shows_both_slopes() -> None:
    (x,) = check_gradients(lambda x: gv.leaky_relu(x, 0.1) * 3.0, 0.0).inputs
    assert x.verdict == "kink"
    assert sorted((x.left, x.right)) == pytest.approx([0.3, 3.0])


def test_a_wrong_rule_beside_a_kink_is_blamed() -> None:
    report = check_gradients(lambda x: gv.relu(x) + wrong_tanh(x + 1.0), 0.0)
    assert [x.op for x in report.wrong_ops] == ["wrong_tanh"]
    assert not report.ok


def test_a_gradient_cut_off_on_purpose_is_told_apart() -> None:
    report = check_gradients(lambda x: x * gv.detach(x), 3.0)
    assert report.ok
    assert verdicts(report) == ["cut"]
    assert f"gv.detach cuts the gradient off ({__file__}:" in report.notes[0]


def test_a_function_that_leaves_the_graph_is_wrong() -> None:
    report = check_gradients(lambda x: x * getattr(x, "value", x), 3.0)
    assert verdicts(report) == ["wrong"]
    assert "no op's rule shows as wrong: the function leaves the graph" in report.notes[0]


def test_a_function_that_computes_something_else_on_tensors_is_noted() -> None:
    report = check_gradients(lambda x: x * (2.0 if hasattr(x, "backward") else 3.0), 3.0)
    assert report.notes[0] == "the function gives 6 on Tensors and 9 on plain values"


def test_methods_of_tensors_are_fine() -> None:
    report = check_gradients(lambda x: (x.sigmoid() * x.softmax()).sum() + gv.relu(x).sum(), X)
    assert report.ok
    assert report.inputs[0].checked == 3


def test_structures_keywords_and_several_outputs() -> None:
    def f(p: Any, n: int, *, power: int) -> Any:
        return {"a": p["w"] ** power * n, "b": (np.sum(p["w"]) * p["b"], 7)}

    report = check_gradients(f, {"w": X, "b": [2.0][0], "k": 3, "none": None}, 2, kwargs={"power": 3})
    assert [x.name for x in report.inputs] == ["p['w']", "p['b']"]
    assert report.ok
    assert not check_gradients(lambda x: (np.sin(x), wrong_tanh(x)), X).ok


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-2), (np.float64, 1e-6)])
def test_the_tolerance_fits_the_dtype(dtype: Any, tolerance: float) -> None:
    draw = np.random.default_rng(3)
    x, w = draw.normal(size=20).astype(dtype), draw.normal(size=(5, 20)).astype(dtype)

    def f(x: Any, w: Any) -> Any:
        return np.sum(np.tanh(w @ x) ** 2) + np.sum(np.exp(x) * np.sin(x))

    report = check_gradients(f, x, w)
    assert report.tolerance == tolerance
    assert report.ok, str(report)
    assert max(x.error for x in report.inputs) < tolerance / 2
    assert not check_gradients(lambda x, w: f(x, w) + np.sum(wrong_tanh(x)), x, w).ok


def test_elements_of_very_different_size_have_steps_of_their_own() -> None:
    x = np.array([1e-8, 1e-3, 1.0, 1e6, 0.0, -1e9])
    report = check_gradients(lambda x: np.sum(np.arctan(x) * np.array([1e8, 1e3, 1, 1e6, 1, 1e18])), x)
    assert report.ok, str(report)


# -- large inputs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "method", "checked"), [(1000, "elements", 1000), (1001, "sample", 200), (100_001, "directions", 20)]
)
def test_the_method_goes_by_the_size(size: int, method: str, checked: int) -> None:
    (x,) = check_gradients(lambda x: np.sum(np.sin(x)), np.linspace(-3, 3, size)).inputs
    assert (x.method, x.checked, x.verdict) == (method, checked, "right")


@pytest.mark.parametrize("method", ["elements", "sample", "directions"])
def test_every_method_finds_one_wrong_element_among_many(method: str) -> None:
    f = lambda x: np.sum(wrong_at_seven(x))  # noqa: E731
    report = check_gradients(f, np.linspace(0.1, 1.0, 1500), method=method, ops=0)
    assert verdicts(report) == ["wrong"]
    assert (report.inputs[0].index == (7,)) == (method == "elements")
    assert report.inputs[0].at == ("x[7]" if method == "elements" else "along a direction")


def test_the_same_seed_gives_the_same_report() -> None:
    x = np.random.default_rng(0).normal(size=2000)
    first, again, other = (check_gradients(smooth, x, 2.0, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_each_element_takes_four_evaluations() -> None:
    calls: list[Any] = []

    def f(x: Any) -> Any:
        calls.append(x)
        return np.sum(np.tanh(x))

    values = np.linspace(-1.0, 1.0, 10)
    report = check_gradients(f, values)
    assert report.ok
    # Besides: on Tensors, on plain values, twice to compare, and the place itself.
    assert len(calls) == 4 * values.size + 5


def test_right_slopes_among_wrong_ones_and_kinks_are_told_apart() -> None:
    precision = Precision.of(2e-16)

    def along(i: int, t: float) -> Any:
        return np.array([1.0 + i * t + t * t, np.abs(t) if i == 2 else 0.0, 3.0])

    judged = judge_all(along, [0.0, 1.5, 2.0, 3.0, np.inf], precision)
    assert [x.verdict for x in judged] == ["right", "wrong", "kink", "right", "wrong"]
    alone = [judge(lambda t, i=i: along(i, t), claimed, precision) for i, claimed in enumerate([0.0, 1.5, 2.0, 3.0])]
    assert judged[:4] == alone


def test_many_slopes_of_many_terms_are_judged_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradviz.tracer import numeric

    precision = Precision.of(2e-16)
    terms = np.linspace(1.0, 2.0, 50)
    whole = judge_all(lambda i, t: terms * (1.0 + i * t), [75.0 * i for i in range(9)], precision)
    monkeypatch.setattr(numeric, "_AT_ONCE", 100)
    assert judge_all(lambda i, t: terms * (1.0 + i * t), [75.0 * i for i in range(9)], precision) == whole


def test_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    check_gradients(smooth, X, 2.0, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_loop_is_compared_a_few_times_at_each_place() -> None:
    def f(x: Any) -> Any:
        for _ in range(50):
            x = np.sin(x)
        return x

    assert len(check_gradients(f, 1.0).ops) == 3
    assert check_gradients(f, 1.0, ops=0).ops == ()


# -- executors -------------------------------------------------------------------------------------------------------


def many(x: Any) -> Any:
    return np.sum(np.sin(x) * x)


def test_a_thread_pool_gives_the_same_report() -> None:
    x = np.linspace(-1, 1, 300)
    with ThreadPoolExecutor(4) as pool:
        assert check_gradients(many, x, executor=pool) == check_gradients(many, x)
        names: set[str] = set()

        def f(x: Any) -> Any:
            names.add(threading.current_thread().name)
            return np.sum(x * x)

        assert check_gradients(f, x, executor=pool).ok
    assert any(name.startswith("ThreadPool") for name in names)


def test_a_process_pool_gives_the_same_report() -> None:
    pytest.importorskip("cloudpickle", reason="lambdas go to processes by cloudpickle")
    x, scale = np.linspace(-1, 1, 300), 2.0
    seen: list[tuple[int, int]] = []
    with ProcessPoolExecutor(2) as pool:
        report = check_gradients(
            lambda x: np.sum(np.sin(x) * scale), x, executor=pool, progress=lambda *done: seen.append(done)
        )
        wrong = check_gradients(lambda x: np.sum(wrong_at_seven(x)), x, executor=pool)
    assert report.inputs == check_gradients(lambda x: np.sum(np.sin(x) * scale), x).inputs
    assert wrong.inputs[0].index == (7,)
    assert seen[-1] == (300, 300)
    assert len(seen) > 10


def test_without_cloudpickle_a_module_function_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_inputs.importlib.util, "find_spec", lambda name: None)
    x = np.linspace(0.5, 1, 50)
    with ProcessPoolExecutor(2) as pool:
        assert check_gradients(np.linalg.norm, x, executor=pool).ok


def test_a_function_that_cannot_be_sent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_inputs.importlib.util, "find_spec", lambda name: None)
    with ProcessPoolExecutor(1) as pool, pytest.raises(gv.GradientError) as caught:
        check_gradients(lambda x: x * x, 2.0, executor=pool)
    assert f"<lambda> ({__file__}:" in str(caught.value)
    assert "can't be sent to another process" in str(caught.value)
    assert "install cloudpickle, or use a ThreadPoolExecutor" in str(caught.value)


def test_an_exception_in_a_worker_comes_back() -> None:
    def f(x: Any) -> Any:
        if isinstance(x, float) and x != 2.0:
            raise KeyError("mine")
        return x * 2.0

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyError, match="mine"):
        check_gradients(f, 2.0, executor=pool)


def test_on_a_dask_cluster() -> None:
    distributed = pytest.importorskip("distributed", reason="dask[distributed] is not installed")
    x, scale = np.linspace(-1, 1, 200), 2.0
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        seen: list[int] = []
        report = check_gradients(
            lambda x: np.sum(np.sin(x) * scale),
            x,
            executor=client.get_executor(),
            progress=lambda done, total: seen.append(done),
        )
    assert report.inputs == check_gradients(lambda x: np.sum(np.sin(x) * scale), x).inputs
    assert seen[-1] == 200


def test_a_report_can_be_kept() -> None:
    report = check_gradients(smooth, X, 2.0)
    assert pickle.loads(pickle.dumps(report)) == report


# -- graphs ----------------------------------------------------------------------------------------------------------


def test_a_recorded_graph_is_checked_by_replay() -> None:
    graph = gv.trace(smooth, X, 2.0)
    before = graph.gradients()
    report = check_graph(graph)
    assert report.ok
    assert [(x.name, x.checked) for x in report.inputs] == [("x", 3), ("y", 1)]
    assert report.function == "smooth"
    np.testing.assert_array_equal(graph.gradients()["x"], before["x"])
    np.testing.assert_array_equal(graph["x"].value, X)


def test_a_graph_with_a_wrong_rule() -> None:
    report = check_graph(gv.trace(lambda x: np.sum(wrong_tanh(x)), X))
    assert verdicts(report) == ["wrong"]
    assert [x.op for x in report.wrong_ops] == ["wrong_tanh"]


def test_where_the_code_would_branch_the_ops_are_compared() -> None:
    def f(x: Any) -> Any:
        if 0.9999999 < x < 1.0000001:
            return wrong_tanh(x)
        return x * 2.0

    report = check_graph(gv.trace(f, 1.0))
    assert verdicts(report) == ["branch"]
    assert [x.op for x in report.wrong_ops] == ["wrong_tanh"]
    assert not report.ok


def test_two_inputs_of_one_name_are_both_checked() -> None:
    x, y = gv.tensor(2.0, "x"), gv.tensor(3.0, "x")
    report = check_graph(gv.graph(x * y))
    assert [(x.name, x.analytic) for x in report.inputs] == [("x", 3.0), ("x", 2.0)]
    assert report.ok


# -- errors ----------------------------------------------------------------------------------------------------------

_random = np.random.default_rng(0)
WRONG = {
    "only integers": (lambda: check_gradients(lambda n: n, 3), "nothing to check: n = 3 has dtype int64"),
    "nothing": (lambda: check_gradients(lambda: 1.0), "nothing to check: no floats"),
    "an integer comes out": (lambda: check_gradients(lambda x: 3, 2.0), "gives no float"),
    "an unknown method": (
        lambda: check_gradients(smooth, X, 2.0, method="all"),
        "unknown method: 'all' .must be one of 'auto', 'elements', 'sample', 'directions'",
    ),
    "chance": (lambda: check_gradients(lambda x: x * _random.normal(), 2.0), "on the same inputs: give its random"),
    "complex": (lambda: check_gradients(lambda z: np.abs(z), np.array([1j])), "z is complex"),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors(case: str) -> None:
    call, message = WRONG[case]
    with pytest.raises(gv.GradientError, match=message):
        call()


@pytest.mark.parametrize("module", [check, numeric])
def test_the_examples_run(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gv, "check_gradients", check_gradients, raising=False)
    result = doctest.testmod(module, extraglobs={"check_graph": check_graph})
    assert result.attempted > 1
    assert result.failed == 0
