"""A user's own ops: gates, ops by local gradients, rules for NumPy functions."""

from __future__ import annotations

import doctest
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer import check, gates, transforms
from gradviz.tracer.errors import HOW_TO_ADD
from gradviz.tracer.gates import Gate, op, rule
from gradviz.tracer.op import OPS
from gradviz.tracer.tensor import FUNCTIONS, LATE, PLAIN_UFUNCS, UFUNCS
from gradviz.tracer.transforms import grad, hessian, jacobian, jvp

X = np.array([0.3, -0.7, 1.2])


class MultiplyGate(Gate):
    """The lecture's."""

    symbol, role, formula = "×", "switches", ["{1}", "{0}"]

    def forward(self, x: Any, y: Any) -> Any:
        self.x, self.y = x, y
        return x * y

    def backward(self, dz: Any) -> Any:
        return dz * self.y, dz * self.x


class Exp(Gate):
    name = "my exp"

    def forward(self, x: Any) -> Any:
        self.out = np.exp(x)
        return self.out

    def backward(self, upstream: Any) -> Any:
        return upstream * self.out


class Plain(Gate):
    """Runs on plain numbers only."""

    def forward(self, x: Any) -> Any:
        self.x = x
        return math.exp(x)

    def backward(self, upstream: Any) -> Any:
        return upstream * math.exp(self.x)


class Total(Gate):
    """Any number of inputs."""

    def forward(self, *inputs: Any) -> Any:
        self.count = len(inputs)
        return sum(inputs)

    def backward(self, upstream: Any) -> Any:
        return (upstream,) * self.count


class Affine(Gate):
    """No elementwise gate: a matrix product."""

    def forward(self, w: Any, x: Any) -> Any:
        self.w, self.x = w, x
        return w @ x

    def backward(self, upstream: Any) -> Any:
        return np.outer(upstream, self.x), self.w.T @ upstream


# -- gates -----------------------------------------------------------------------------------------------------------


def test_a_gate_is_one_op_like_any_other() -> None:
    def f(x: Any, y: Any) -> Any:
        z = MultiplyGate()(x, y)
        return z * 2.0

    graph = gv.trace(f, 3.0, 4.0)
    node = graph["z"]
    assert (node.op, node.symbol, node.role, node.value, node.expression) == (
        "MultiplyGate",
        "×",
        "switches",
        12.0,
        "MultiplyGate(x, y)",
    )
    assert [(e.rule, e.local, e.downstream) for e in node.inputs_edges] == [("y", 4.0, 8.0), ("x", 3.0, 6.0)]
    assert graph.gradients() == {"x": 8.0, "y": 6.0}
    assert node.source is not None
    assert (node.source.file, node.source.code) == (__file__, "MultiplyGate()(x, y)")
    assert graph.to_dict()["nodes"][2]["op"] == "MultiplyGate"


def test_a_gate_is_drawn(tmp_path: Any) -> None:
    gv.trace(lambda x, y: MultiplyGate()(x, y), 3.0, 4.0).save(tmp_path / "gate.svg")
    assert "switches" in (tmp_path / "gate.svg").read_text(encoding="utf-8")


def test_one_gate_used_many_times_keeps_the_state_of_each_call() -> None:
    gate = MultiplyGate()
    graph = gv.trace(lambda x, y: gate(gate(x, y), x), 3.0, 4.0)
    assert graph.gradients() == {"x": 24.0, "y": 9.0}
    assert (gate.x, gate.y) == (12.0, 3.0)


def test_on_plain_values_it_computes_as_in_the_lecture() -> None:
    gate = MultiplyGate()
    assert gate(3.0, 4.0) == 12.0
    assert gate.backward(1.0) == (4.0, 3.0)
    assert gate.forward(2.0, 5.0) == 10.0
    assert gate.backward(2.0) == (10.0, 4.0)


def test_a_replay_has_its_own_state() -> None:
    gate = MultiplyGate()
    graph = gv.trace(lambda x, y: gate(x, y), 3.0, 4.0)
    assert graph.forward(x=5.0) == 20.0
    assert graph.backward() == {"x": 4.0, "y": 5.0}
    assert (gate.x, gate.y) == (3.0, 4.0)


def test_what_a_gate_keeps_of_its_own_is_seen_after_the_call() -> None:
    class Counting(Gate):
        calls = 0

        def forward(self, x: Any) -> Any:
            self.calls += 1
            return x * 2.0

        def backward(self, upstream: Any) -> Any:
            return upstream * 2.0

    gate = Counting()
    x = gv.tensor(1.0)
    (gate(x) + gate(x)).backward()
    assert (gate.calls, x.grad) == (2, 4.0)


def test_backward_runs_once_in_a_sweep() -> None:
    runs: list[float] = []

    class Logged(MultiplyGate):
        def backward(self, dz: Any) -> Any:
            runs.append(dz)
            return super().backward(dz)

    x, y = gv.tensor(3.0), gv.tensor(4.0)
    Logged()(x, y).backward()
    assert (runs, x.grad, y.grad) == ([1.0], 4.0, 3.0)


def test_second_derivatives_of_gates_written_in_numpy_calls() -> None:
    assert hessian(MultiplyGate(), (0, 1))(3.0, 4.0) == ((0.0, 1.0), (1.0, 0.0))
    assert grad(grad(Exp()))(1.0) == pytest.approx(math.e)
    assert grad(grad(grad(Exp())))(1.0) == pytest.approx(math.e)
    np.testing.assert_allclose(jacobian(grad(lambda x: np.sum(Exp()(x))))(X), np.diag(np.exp(X)))
    assert jvp(Exp(), (1.0,), (2.0,))[1] == pytest.approx(2 * math.e)


def test_second_derivatives_of_a_plain_gate_say_why_there_are_none() -> None:
    assert grad(Plain())(1.0) == pytest.approx(math.e)
    with pytest.raises(gv.GradientError, match=r"second derivative goes through Plain.backward \(.*test_gates.py:\d+"):
        grad(grad(Plain()))(1.0)
    # The direction forwards needs the rule on the gradient alone, not on the values.
    assert jvp(Plain(), (1.0,), (2.0,))[1] == pytest.approx(2 * math.e)


def test_any_number_of_inputs_and_constants_among_them() -> None:
    graph = gv.trace(lambda x, y: Total()(x, 2, y, x), 1.0, 2.0)
    assert graph.gradients() == {"x": 2.0, "y": 1.0}
    assert graph.nodes[-1].expression == "Total(x, 2, y, x)"


def test_arrays_and_matrices() -> None:
    w = np.arange(6.0).reshape(2, 3)
    seed = np.array([1.0, -2.0])
    gw, gx = transforms.vjp(Affine(), w, X)[1](seed)
    np.testing.assert_allclose(gw, np.outer(seed, X))
    np.testing.assert_allclose(gx, w.T @ seed)
    assert Affine().check(w, X).ok


def test_a_missing_gradient_is_zero() -> None:
    class First(Gate):
        def forward(self, x: Any, y: Any) -> Any:
            return x * 1.0

        def backward(self, upstream: Any) -> Any:
            return upstream, None

    assert grad(First(), (0, 1))(2.0, 3.0) == (1.0, 0.0)
    graph = gv.trace(First(), 2.0, 3.0)
    assert graph.edges[1].downstream == 0.0


def test_a_wrong_gate_is_found_by_its_check() -> None:
    class Wrong(MultiplyGate):
        def backward(self, dz: Any) -> Any:
            return dz * self.y, dz * self.y

    report = Wrong().check(3.0, 4.0)
    assert [x.name for x in report.wrong_inputs] == ["y"]
    assert [(x.op, x.position) for x in report.wrong_ops] == [("Wrong", 1)]
    assert MultiplyGate().check(3.0, 4.0).ok


def test_no_gate_enters_the_table_of_ops() -> None:
    assert not {"MultiplyGate", "my exp", "Plain"} & set(OPS)

    class add(Gate):  # the name of an op of the table
        forward, backward = MultiplyGate.forward, MultiplyGate.backward

    assert grad(lambda x: add()(x, 3.0) + x)(2.0) == 4.0
    assert gv.trace(lambda x: x + 1.0, 1.0).gradients() == {"x": 1.0}


def gate_that(backward: Any, forward: Any = lambda self, x, y: x * y) -> type[Gate]:
    return type("Odd", (Gate,), {"forward": forward, "backward": backward})


WRONG_GATES = {
    "too few": (lambda self, d: (d,), gv.GradientError, "Odd.backward returned 1 gradients for 2 inputs"),
    "one for two": (lambda self, d: d, gv.GradientError, "returned 1 gradients for 2 inputs"),
    "too many": (lambda self, d: (d, d, d), gv.GradientError, "returned 3 gradients for 2 inputs"),
    "another shape": (
        lambda self, d: (d, np.ones(2)),
        gv.GradientError,
        r"for input 1 a gradient of shape \(2,\), and that input has shape \(\)",
    ),
}


@pytest.mark.parametrize("case", WRONG_GATES)
def test_what_backward_returns_is_checked(case: str) -> None:
    backward, error, message = WRONG_GATES[case]
    with pytest.raises(error, match=message):
        grad(gate_that(backward)(), (0, 1))(2.0, 3.0)


@pytest.mark.parametrize("result", [None, "text", (1.0, 2.0)])
def test_what_forward_returns_is_checked(result: Any) -> None:
    gate = gate_that(lambda self, d: (d, d), lambda self, x, y: result)()
    with pytest.raises(gv.RecordError, match=r"Odd.forward returned .*: it must return one number or one array"):
        gate(gv.tensor(2.0), 3.0)


def test_wrong_uses_of_a_gate_say_how_it_is_used() -> None:
    with pytest.raises(gv.RecordError, match=r"the gate is called on them: MultiplyGate\(\)\(…\)"):
        MultiplyGate(gv.tensor(1.0), 2.0)
    with pytest.raises(gv.RecordError, match=r"gv.Gate is there to be subclassed"):
        Gate()(gv.tensor(1.0))
    with pytest.raises(gv.RecordError, match=r"unknown role 'swaps' \(must be one of 'distributes', 'routes'"):
        type("Odd", (MultiplyGate,), {"role": "swaps"})
    with pytest.raises(gv.RecordError, match="formula has 3 entries for 2 inputs"):
        type("Odd", (MultiplyGate,), {"formula": ["a", "b", "c"]})


# -- ops by their local gradients ------------------------------------------------------------------------------------


@op(local=lambda out, x: 1.0 / (1.0 + np.exp(-x)), formula="σ({0})", role="attenuates", symbol="s+")
def softplus(x: Any) -> Any:
    """The smooth ReLU."""
    return np.log1p(np.exp(x))


@op(local=[lambda out, x, y, power=2: power * x ** (power - 1) * y, lambda out, x, y, power=2: x**power])
def scaled_power(x: Any, y: Any, power: int = 2) -> Any:
    return x**power * y


@op(vjp=lambda upstream, out, x: upstream * 2.0 * x)
def energy(x: Any) -> Any:
    return np.sum(x * x)


def test_an_op_by_its_local_gradient() -> None:
    graph = gv.trace(lambda x: softplus(x), 0.0)
    node = graph.nodes[-1]
    assert (node.op, node.symbol, node.role, node.expression) == ("softplus", "s+", "attenuates", "softplus(x)")
    assert (graph.edges[0].rule, graph.gradients()) == ("σ(x)", {"x": 0.5})
    assert softplus.__doc__ == "The smooth ReLU."
    assert softplus(0.0) == pytest.approx(math.log(2))


def test_broadcasting_is_undone_and_options_are_handed_on() -> None:
    x, y = X, 2.0
    gx, gy = grad(lambda x, y: np.sum(scaled_power(x, y, 3)), (0, 1))(x, y)
    np.testing.assert_allclose(gx, 3 * X**2 * 2)
    assert gy == pytest.approx(np.sum(X**3))
    assert grad(lambda y: scaled_power(2.0, power=3, y=y))(1.0) == 8.0


def test_second_derivatives_of_ops() -> None:
    assert grad(grad(softplus))(0.0) == pytest.approx(0.25)
    np.testing.assert_allclose(hessian(energy)(X), 2 * np.eye(3), atol=1e-12)
    assert hessian(lambda x, y: scaled_power(x, y, power=3), (0, 1))(2.0, 5.0) == ((60.0, 12.0), (12.0, 0.0))


def test_an_op_that_runs_on_plain_values_says_so_at_the_second_derivative() -> None:
    @op(local=lambda out, x: math.cos(x))
    def sine(x: Any) -> Any:
        return math.sin(x)

    assert grad(sine)(1.0) == math.cos(1.0)
    with pytest.raises(gv.GradientError, match=r"goes through the gradient of sine towards input 0 \(.*:\d+\)"):
        grad(grad(sine))(1.0)


def test_an_ops_check() -> None:
    assert softplus.check(X).ok
    assert scaled_power.check(X, 2.0).ok

    @op(local=lambda out, x: out)
    def wrong(x: Any) -> Any:
        return np.exp(2 * x)

    assert not wrong.check(0.3).ok


WRONG_OPS = {
    "neither": (lambda: op()(abs), "give local=, its local gradients"),
    "both": (lambda: op(local=abs, vjp=abs)(abs), "one of them"),
    "role": (lambda: op(local=abs, role="swaps")(abs), "abs: unknown role 'swaps' .must be one of 'distributes'"),
    "formulas": (lambda: op(local=abs, formula=["a", "b"])(abs), "1 gradients and 2 formulas"),
    "a tensor where none may be": (
        lambda: scaled_power(gv.tensor(1.0), 2.0, power=gv.tensor(3.0)),
        "gradients for its first 2 inputs, and power is a Tensor",
    ),
}


@pytest.mark.parametrize("case", WRONG_OPS)
def test_wrong_ops_say_what_is_wrong(case: str) -> None:
    call, message = WRONG_OPS[case]
    with pytest.raises(gv.RecordError, match=message):
        call()


# -- rules for NumPy functions ---------------------------------------------------------------------------------------


@pytest.fixture
def tables() -> Iterator[None]:
    """The tables of rules as they were before the test."""
    before = dict(UFUNCS), dict(FUNCTIONS), set(PLAIN_UFUNCS)
    late = list(LATE)  # who registered meanwhile registers again
    yield
    LATE[:] = late
    for table, old in zip((UFUNCS, FUNCTIONS, PLAIN_UFUNCS), before, strict=True):
        table.clear()
        table.update(old)


@pytest.mark.usefixtures("tables")
def test_a_rule_for_a_ufunc() -> None:
    UFUNCS.pop(np.heaviside, None)
    PLAIN_UFUNCS.discard(np.heaviside)
    with pytest.raises(gv.RecordError, match="heaviside has no gradient rule"):
        np.heaviside(gv.tensor(1.0), 0.5)
    zero = [lambda out, x, h: 0.0 * x, lambda out, x, h: (x == 0) * 1.0]
    made = rule(np.heaviside, local=zero, formula=["0", "{0} = 0 ? 1 : 0"], role="gates")
    assert grad(lambda x, h: np.sum(np.heaviside(x, h)), (0, 1))(0.0, 0.5) == (0.0, 1.0)
    assert gv.trace(lambda x: np.heaviside(x, 0.5), 1.0).nodes[-1].op == "heaviside"
    assert made.role == "gates"
    with pytest.raises(gv.RecordError, match="heaviside has 2 inputs, and 1 gradients were given"):
        rule(np.heaviside, local=abs, replace=True)


@pytest.mark.usefixtures("tables")
def test_a_rule_for_a_function_with_options() -> None:
    FUNCTIONS.pop(np.vander, None)
    with pytest.raises(gv.RecordError, match="vander has no gradient rule"):
        np.vander(gv.tensor(X))

    @rule(np.vander, formula="δ · powers")
    def backward(upstream: Any, out: Any, x: Any, N: Any = None, increasing: bool = False) -> Any:
        powers = np.arange(np.shape(out)[1])
        powers = powers if increasing else powers[::-1]
        slopes = powers * np.expand_dims(x, 1) ** np.maximum(powers - 1, 0)
        return np.sum(upstream * slopes, axis=1)

    assert backward.__name__ == "backward"

    def f(x: Any) -> Any:
        return np.sum(np.vander(x, N=4, increasing=True) * np.arange(4.0))

    np.testing.assert_allclose(grad(f)(X), 1 + 4 * X + 9 * X**2)
    np.testing.assert_allclose(hessian(f)(X), np.diag(4 + 18 * X), atol=1e-12)
    assert check.check_gradients(f, X).ok


@pytest.mark.usefixtures("tables")
def test_a_rule_that_is_there_is_replaced_only_when_asked() -> None:
    with pytest.raises(gv.RecordError, match="exp has a gradient rule already: give replace=True"):
        rule(np.exp, local=lambda out, x: out)
    rule(np.exp, local=lambda out, x: 7.0, replace=True)
    assert grad(lambda x: np.exp(x))(1.0) == 7.0
    with pytest.raises(gv.RecordError, match="takes a NumPy function or a ufunc"):
        rule(3.0, local=abs)


def test_the_line_for_the_error_names_a_call_that_works() -> None:
    shown = HOW_TO_ADD.format(name="np.sinc")
    assert shown.startswith("add a rule with gv.rule(np.sinc, local=lambda out, x: …)")


@pytest.mark.usefixtures("tables")
def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, names in ((gates, ("Gate", "op", "rule")), (transforms, ("grad",))):
        for name in names:
            monkeypatch.setattr(gv, name, getattr(module, name), raising=False)
    result = doctest.testmod(gates)
    assert result.attempted > 5
    assert result.failed == 0
