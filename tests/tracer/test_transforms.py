"""grad, value_and_grad, vjp, jvp, jacobian, hessian: values against torch and autograd, structures, nesting, errors."""

from __future__ import annotations

import builtins
import doctest
import math
import sys
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as onp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz as gv
from gradviz.tracer import silence, structure, transforms
from gradviz.tracer.silence import no_trace
from gradviz.tracer.tensor import Tensor
from gradviz.tracer.transforms import grad, hessian, jacobian, jvp, value_and_grad, vjp

np = gv.np

X = onp.array([0.3, -0.7, 1.2])
W = onp.array([[0.5, -1.0, 0.25], [1.5, 0.1, -0.6]])


def close(got: Any, expected: Any, tolerance: float = 1e-12) -> None:
    onp.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


# -- grad -------------------------------------------------------------------------------------------------------------


def test_the_gradient_of_a_python_float_is_a_python_float() -> None:
    gradient = grad(lambda x: x**3)(2.0)
    assert type(gradient) is float
    assert gradient == 12.0


@pytest.mark.parametrize("dtype", [onp.float16, onp.float32, onp.float64, onp.longdouble])
def test_a_gradient_has_its_values_dtype(dtype: Any) -> None:
    array, number = X.astype(dtype), dtype(0.5)
    gradients = grad(lambda x, s: np.sum(x * x) * s, argnums=(0, 1))(array, number)
    assert [type(g) for g in gradients] == [onp.ndarray, dtype]
    assert gradients[0].dtype == dtype
    close(gradients[0], array, 1e-3)


def test_the_lectures_example() -> None:
    assert grad(lambda x, y, z: (x + y) * max(y, z), argnums=(0, 1, 2))(1.0, 2.0, 0.0) == (2.0, 5.0, 0.0)


def test_builtin_max_splits_a_tie_as_a_trace_does() -> None:
    def f(x: Any, y: Any) -> Any:
        return max(x, y) * 3.0

    assert grad(f, (0, 1))(2.0, 2.0) == tuple(gv.trace(f, 2.0, 2.0).gradients().values()) == (1.5, 1.5)


def test_argnums_choose_the_arguments() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y**2 * z**3

    assert grad(f)(2.0, 3.0, 1.0) == 9.0
    assert grad(f, 1)(2.0, 3.0, 1.0) == 12.0
    assert grad(f, -1)(2.0, 3.0, 1.0) == 54.0
    assert grad(f, (2, 0))(2.0, 3.0, 1.0) == (54.0, 9.0)
    assert grad(f, (1,))(2.0, 3.0, 1.0) == (12.0,)
    assert grad(f, [0, 0])(2.0, 3.0, 1.0) == (9.0, 9.0)


def test_keyword_arguments_are_handed_on() -> None:
    assert grad(lambda x, *, power=2: x**power)(3.0, power=3) == 27.0


def test_has_aux() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y, {"half": y / 2.0, "name": "f"}

    assert grad(f, has_aux=True)(3.0) == (6.0, {"half": 4.5, "name": "f"})
    assert value_and_grad(f, has_aux=True)(3.0) == ((9.0, {"half": 4.5, "name": "f"}), 6.0)


def test_the_caller_owns_what_comes_back() -> None:
    x, y = X.copy(), X.copy()
    first, second = grad(lambda x, y: np.sum(x + y), (0, 1))(x, y)
    first += 1.0
    close(second, onp.ones(3))
    _, back = vjp(lambda x: x, x)
    seed = onp.ones(3)
    back(seed)[0][0] = 7.0
    close(seed, onp.ones(3))


def test_the_argument_is_not_written_to() -> None:
    def f(x: Any) -> Any:
        x[1] = x[0] * 2.0
        x *= 3.0
        return np.sum(x * x)

    x = X.copy()
    # 9·(x0² + 4·x0² + x2²)
    close(grad(f)(x), [90 * x[0], 0.0, 18 * x[2]])
    close(hessian(f)(x), onp.diag([90.0, 0.0, 18.0]))
    close(x, X)


def test_what_does_not_depend_on_the_argument_has_a_zero_gradient() -> None:
    assert grad(lambda x: 5.0)(2.0) == 0.0
    close(grad(lambda x, y: np.sum(y))(X, X), onp.zeros(3))
    assert vjp(lambda x: 5.0, 2.0)[1](1.0) == (0.0,)
    assert jvp(lambda x: 5.0, (2.0,), (1.0,)) == (5.0, 0.0)
    close(jacobian(lambda x: onp.ones(2))(X), onp.zeros((2, 3)))


# -- structures -------------------------------------------------------------------------------------------------------

Pair = namedtuple("Pair", "first second")


@dataclass(frozen=True)
class Layer:
    weight: Any
    bias: Any
    name: str = "layer"


def test_gradients_come_back_in_the_arguments_structure() -> None:
    params = {
        "pair": Pair(2.0, [3.0, None]),
        "layer": Layer(X, 0.5),
        "sizes": (3, "relu", True),
        "ordered": OrderedDict(a=1.0),
    }

    def f(p: Any) -> Any:
        return np.sum(p["layer"].weight) * p["pair"].first + p["pair"].second[0] ** 2 * p["layer"].bias * p["sizes"][0]

    gradient = grad(f)(params)
    assert gradient["pair"] == Pair(X.sum(), [9.0, None])
    assert type(gradient["layer"]) is Layer
    close(gradient["layer"].weight, [2.0, 2.0, 2.0])
    assert gradient["layer"].bias == 27.0
    assert gradient["layer"].name is None
    assert gradient["sizes"] == (None, None, None)
    assert gradient["ordered"] == OrderedDict(a=0.0)
    assert type(gradient["ordered"]) is OrderedDict


def test_a_defaultdict_stays_one() -> None:
    given = defaultdict(float, a=2.0)
    gradient = grad(lambda d: d["a"] ** 2 + d["missing"])(given)
    assert gradient == {"a": 4.0}
    assert isinstance(gradient, defaultdict)


def test_outputs_may_be_structures_too() -> None:
    value, back = vjp(lambda x: {"a": x * 2.0, "b": [x * x, 3.0]}, 5.0)
    assert value == {"a": 10.0, "b": [25.0, 3.0]}
    assert back({"a": 1.0, "b": [10.0, 0.0]}) == (102.0,)
    value, tangent = jvp(lambda x: {"a": x * 2.0, "b": [x * x, 3.0]}, (5.0,), (0.5,))
    assert tangent == {"a": 1.0, "b": [5.0, 0.0]}
    assert jacobian(lambda x: (x * 2.0, [x * x]))(5.0) == (2.0, [10.0])


NESTED = st.recursive(
    st.integers(-200, 200).map(lambda n: n / 64) | st.integers(-3, 3) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=8,
)


@given(NESTED)
def test_any_nesting_comes_back_as_it_went_in(tree: Any) -> None:
    def f(tree: Any, scale: Any) -> Any:
        return scale * sum((x.value * x.value for x in structure.leaves(tree) if isinstance(x.value, Tensor)), 0.0)

    held = structure.leaves(tree)
    if not any(isinstance(x.value, float) for x in held):
        with pytest.raises(gv.GradientError):
            grad(f)(tree, 1.5)
        return
    expected = [3.0 * x.value if isinstance(x.value, float) else None for x in held]
    assert repr(grad(f)(tree, 1.5)) == repr(structure.rebuilt(tree, expected))


@given(NESTED)
def test_taking_apart_and_putting_together_changes_nothing(tree: Any) -> None:
    assert repr(structure.rebuilt(tree, [x.value for x in structure.leaves(tree)])) == repr(tree)


# -- nesting ----------------------------------------------------------------------------------------------------------


def test_no_perturbation_confusion() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    # The argument is the outer variable itself: only what goes through the argument counts.
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == pytest.approx(54.0)
    assert grad(lambda x: grad(lambda y: y * y)(x) + grad(lambda y: x * x)(x))(3.0) == 2.0


def test_three_levels_with_one_name() -> None:
    def f(x: Any) -> Any:
        return grad(lambda y: y**2 * grad(lambda z: z**2 * y * x)(y))(x)  # d/dy 2·x·y⁴ at y = x: 8x⁴

    assert f(1.5) == pytest.approx(8 * 1.5**4)
    assert grad(f)(1.5) == pytest.approx(32 * 1.5**3)
    assert grad(grad(f))(1.5) == pytest.approx(96 * 1.5**2)


@given(st.integers(0, 5), st.floats(0.2, 2.0))
@settings(deadline=None)
def test_gradients_of_gradients_to_any_order(order: int, x: float) -> None:
    f: Any = lambda x: np.exp(2.0 * x) * x  # noqa: E731
    for _ in range(order):
        f = grad(f)
    value = f(x)
    assert type(value) is (float if order else onp.float64)
    assert float(value) == pytest.approx(math.exp(2 * x) * (2**order * x + order * 2 ** (order - 1)), rel=1e-9)


POLYNOMIALS = st.lists(st.floats(-2, 2), min_size=1, max_size=5)


@given(POLYNOMIALS, POLYNOMIALS, st.floats(-1.5, 1.5))
@settings(deadline=None)
def test_the_product_rule_through_an_inner_gradient(p: list[float], q: list[float], x: float) -> None:
    """d/dx [p(x) · q'(x)] with q' by an inner grad whose function also closes over x."""
    P, Q = onp.polynomial.Polynomial(p), onp.polynomial.Polynomial(q)

    def of(coefficients: list[float], t: Any) -> Any:
        total = t * 0.0
        for c in reversed(coefficients):
            total = total * t + c
        return total

    got = grad(lambda t: grad(lambda s: of(p, t) * of(q, s))(t))(x)
    expected = P.deriv()(x) * Q.deriv()(x) + P(x) * Q.deriv(2)(x)
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_closures_over_outer_tensors_are_recorded() -> None:
    w = gv.tensor(2.0, "w")
    slope = grad(lambda x: w * x * x)(3.0)
    assert isinstance(slope, Tensor)
    slope.backward()
    assert (slope.value, w.grad) == (12.0, 6.0)


def test_the_gradients_of_outer_tensors_stay_as_they_are() -> None:
    w = gv.tensor(2.0)
    y = w * w
    y.backward()
    grad(lambda x: y * x)(3.0)
    jvp(lambda x: y * x, (3.0,), (1.0,))
    assert w.grad == 4.0


def test_a_tensor_in_gives_a_tensor_out() -> None:
    x = gv.tensor(X, "x")
    gradient = grad(lambda x: np.sum(x**3))(x)
    np.sum(gradient).backward()
    close(gradient.value, 3 * X**2)
    close(x.grad, 6 * X)


def test_unrolled_descent_is_differentiated() -> None:
    def end(rate: Any) -> Any:
        w = 1.0
        for _ in range(3):
            w = w - rate * grad(lambda w: w**2)(w)
        return w

    # w shrinks by (1 − 2·rate) in each step
    assert grad(end)(0.1) == pytest.approx(3 * 0.8**2 * -2)


# -- vjp, jvp, jacobian, hessian --------------------------------------------------------------------------------------


def net(x: Any, w: Any) -> Any:
    return np.tanh(w @ x) * np.exp(-np.sum(x * x)) + np.max(w, axis=1)


def torch_net() -> Any:
    torch = pytest.importorskip("torch")
    return torch, lambda x, w: torch.tanh(w @ x) * torch.exp(-torch.sum(x * x)) + torch.amax(w, dim=1)


def test_against_torch() -> None:
    torch, f = torch_net()
    functional = torch.autograd.functional
    inputs = (torch.tensor(X), torch.tensor(W))
    seed, directions = onp.array([0.7, -1.1]), (onp.cos(X), onp.sin(W))
    value, back = vjp(net, X, W)
    close(value, f(*inputs))
    for got, expected in zip(back(seed), functional.vjp(f, inputs, torch.tensor(seed))[1], strict=True):
        close(got, expected)
    close(jvp(net, (X, W), directions)[1], functional.jvp(f, inputs, tuple(map(torch.tensor, directions)))[1])
    for got, expected in zip(jacobian(net, (0, 1))(X, W), functional.jacobian(f, inputs), strict=True):
        close(got, expected)
    whole = hessian(lambda x, w: np.sum(net(x, w) ** 2), (0, 1))(X, W)
    expected = functional.hessian(lambda x, w: torch.sum(f(x, w) ** 2), inputs)
    for i in range(2):
        for j in range(2):
            close(whole[i][j], expected[i][j])


def test_against_autograd() -> None:
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    def f(np: Any) -> Any:
        return lambda x: np.sum(np.sin(x) * np.log(1.0 + x * x)) / np.sqrt(np.sum(x**2))

    close(grad(f(np))(X), autograd.grad(f(anp))(X))
    close(hessian(f(np))(X), autograd.hessian(f(anp))(X))
    close(jacobian(grad(f(np)))(X), autograd.jacobian(autograd.grad(f(anp)))(X))


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_forwards_and_backwards_are_transposes(seed: int) -> None:
    draw = onp.random.default_rng(seed)
    x, w, dx, dw = (draw.normal(size=s) for s in [(3,), (2, 3), (3,), (2, 3)])
    u = draw.normal(size=2)
    tangent = jvp(net, (x, w), (dx, dw))[1]
    gx, gw = vjp(net, x, w)[1](u)
    assert u @ tangent == pytest.approx(gx @ dx + onp.sum(gw * dw), rel=1e-9)
    h = 1e-6
    close(tangent, (net(x + h * dx, w + h * dw) - net(x - h * dx, w - h * dw)) / (2 * h), 1e-6)


def test_back_may_be_called_often_and_differentiated() -> None:
    _, back = vjp(lambda x: x * x, X)
    close(back(onp.ones(3))[0], 2 * X)
    close(back(onp.zeros(3))[0], 0 * X)
    close(grad(lambda g: np.sum(back(g)[0] ** 2))(onp.ones(3)), 8 * X**2)


def test_forward_over_reverse_and_reverse_over_forward() -> None:
    def f(x: Any) -> Any:
        return np.sum(x**3) * np.sum(x)

    v = onp.array([1.0, -2.0, 0.5])
    product = hessian(f)(X) @ v
    close(jvp(grad(f), (X,), (v,))[1], product)
    close(grad(lambda x: jvp(f, (x,), (v,))[1])(X), product)
    close(grad(lambda x: np.sum(grad(f)(x) * v))(X), product)
    close(jacobian(lambda t: jvp(f, (X,), (t,))[1])(v), grad(f)(X))


def test_jacobians_have_the_outputs_shape_then_the_inputs() -> None:
    assert jacobian(lambda x: np.outer(x, x))(X).shape == (3, 3, 3)
    assert type(jacobian(lambda x: x * x)(2.0)) is float
    close(jacobian(lambda x: x * X)(2.0), X)
    close(jacobian(lambda x: np.sum(x) * 2.0)(X), [2.0, 2.0, 2.0])
    assert jacobian(lambda x: x[:0])(X).shape == (0, 3)
    assert jacobian(lambda x: x, has_aux=False)(onp.float32(2.0)).dtype == onp.float32
    assert jacobian(lambda x: (x * x, "aux"), has_aux=True)(3.0) == (6.0, "aux")


def test_a_hessian_of_structures_is_a_structure_of_structures() -> None:
    h = hessian(lambda p: p["a"] ** 2 * p["b"])({"a": 3.0, "b": 5.0})
    assert h == {"a": {"a": 10.0, "b": 6.0}, "b": {"a": 6.0, "b": 0.0}}


# -- traces, scopes, no_trace -----------------------------------------------------------------------------------------


def cube(x: Any) -> Any:
    return x**3


def test_a_second_derivative_can_be_drawn(tmp_path: Path) -> None:
    graph = gv.trace(grad(cube), 3.0)
    assert [node.name for node in graph.inputs] == ["x"]
    assert graph.gradients() == {"x": 18.0}
    assert graph.output.value == 27.0
    assert graph.name == "grad_cube"
    assert "argument" not in {node.op for node in graph.nodes}
    assert graph.forward(x=2.0) == 12.0
    assert graph.backward() == {"x": 12.0}
    third = gv.trace(grad(grad(cube)), 3.0)
    assert (third.output.value, third.gradients()) == (18.0, {"x": 6.0})
    assert "argument" not in {node.op for node in third.nodes}
    third.save(tmp_path / "third.svg")
    assert "<svg" in (tmp_path / "third.svg").read_text(encoding="utf-8")


def test_inside_a_trace_nothing_but_the_users_own_names_are_names() -> None:
    def f(x: Any) -> Any:
        inner = grad(lambda y: np.sin(y) * y)(x)
        return inner * 2.0

    names = gv.trace(f, 3.0).names()
    assert set(names) <= {"x", "inner", "f"}


def test_no_trace_makes_constants() -> None:
    x = gv.tensor(3.0)
    with no_trace():
        y = x * x
        with pytest.raises(ZeroDivisionError), no_trace():
            _ = 1 / 0
        z = np.exp(x) + y
        leaf = gv.tensor(2.0)
    (x * y + z + leaf).backward()
    assert (x.grad, leaf.grad, y.grad) == (9.0, 1.0, None)
    assert [node.kind for node in gv.graph(y).nodes] == ["constant"]


def test_no_trace_is_a_decorator() -> None:
    @no_trace()
    def metric(x: Any) -> Any:
        return x * 2.0

    x = gv.tensor(3.0)
    (x * metric(x)).backward()
    assert x.grad == 6.0


def test_what_a_trace_does_not_see_in_no_trace_is_not_in_its_graph() -> None:
    def f(x: Any) -> Any:
        with no_trace():
            scale = x * x * x
        return x * scale

    graph = gv.trace(f, 2.0)
    assert [node.op for node in graph.nodes if node.kind == "op"] == ["multiply"]
    assert graph.gradients() == {"x": 8.0}


def test_views_made_in_no_trace_are_views_inside_and_constants_after() -> None:
    x, buffer = gv.tensor(X, "x"), gv.tensor(onp.zeros(4))
    with no_trace():
        part = x[:2]
        head = buffer[1:3]
        head[0] = 5.0
        head *= 2.0
        for _ in range(300):
            _ = x[1:]
    close(buffer.value, [0.0, 10.0, 0.0, 0.0])
    close(head.value, [10.0, 0.0])
    np.sum(part * x[:2]).backward()
    close(x.grad, [X[0], X[1], 0.0])


def test_gradients_are_right_inside_no_trace() -> None:
    w = gv.tensor(2.0)
    with no_trace():
        assert grad(grad(cube))(3.0) == 18.0
        assert jvp(cube, (3.0,), (1.0,)) == (27.0, 27.0)
        inside = grad(lambda x: w * x * x)(3.0)
    assert inside.value == 12.0
    (inside * w).backward()
    assert w.grad == 12.0


# -- errors -----------------------------------------------------------------------------------------------------------


def f3(x: Any, y: Any, z: Any = 1.0) -> Any:
    return x * y * z


WRONG = {
    "an array comes out": (
        lambda: grad(lambda x: x * X)(2.0),
        r"gives a single number, and the function gave float64 array of shape \(3,\): sum it, or use gv.jacobian",
    ),
    "nothing comes out": (lambda: grad(lambda x: None)(2.0), "returned None: is a return missing"),
    "a pair comes out": (lambda: grad(lambda x: (x, x))(2.0), "returned a tuple of 2: .*has_aux=True"),
    "an integer comes out": (lambda: grad(lambda x: 3)(2.0), "the output of the function = 3 has dtype int64"),
    "an integer goes in": (lambda: grad(f3)(2, 3.0), "x = 2 has dtype int64.* write 2.0"),
    "integers inside": (lambda: grad(lambda p: p)({"n": [3]}), r"p\['n'\]\[0\] = 3 has dtype int64"),
    "an integer array": (lambda: jacobian(f3, 1)(2.0, onp.arange(2)), r"y = int64 array .*astype\(float\)"),
    "an integer tensor": (lambda: grad(f3)(gv.tensor(2), 3.0), "x = 2 has dtype int64"),
    "a string": (lambda: grad(f3)("two", 3.0), "x is 'two': only floats"),
    "nothing in it": (lambda: grad(f3)({}, 3.0), "x is empty"),
    "too far": (lambda: grad(f3, 5)(2.0, 3.0), "asked for argument 5, and was given by position: 0: x, 1: y;"),
    "too far back": (lambda: grad(f3, -3)(2.0, 3.0), "asked for argument -3"),
    "by keyword": (lambda: grad(f3, 1)(2.0, y=3.0), r"asked for argument 1 \(y\).*by position"),
    "no number": (lambda: grad(f3, "x"), "argnums='x': give the number of an argument"),
    "a boolean": (lambda: grad(f3, True), "argnums=True"),
    "no argnums": (lambda: grad(f3, ()), r"argnums=\(\)"),
    "no aux": (lambda: grad(lambda x: x, has_aux=True)(2.0), "has_aux=True: the function must return a pair"),
    "tangents short": (lambda: jvp(f3, (2.0, 3.0), (1.0,)), "2 primals and 1 tangents"),
    "tangent shape": (
        lambda: jvp(f3, (2.0, X), (1.0, 1.0)),
        r"tangent of primals\[1\] has shape \(\), and its value has shape \(3,\)",
    ),
    "seed shape": (lambda: vjp(lambda x: x, X)[1](1.0), r"gradient of the output has shape \(\).*\(3,\)"),
    "seed structure": (lambda: vjp(lambda x: [x], 1.0)[1](1.0), r"given for the output\[0\], and was given for"),
    "complex rows": (lambda: jacobian(lambda x: x * 1j)(2.0), "the output .* is complex"),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors_name_what_is_wrong(case: str) -> None:
    call, message = WRONG[case]
    with pytest.raises(gv.GradientError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_an_exception_of_the_function_passes_and_leaves_nothing_behind() -> None:
    def f(x: Any) -> Any:
        raise KeyError("mine")

    before = builtins.max
    with pytest.raises(KeyError, match="mine"):
        grad(grad(f))(1.0)
    assert builtins.max is before
    with no_trace(), pytest.raises(KeyError, match="mine"):
        grad(f)(1.0)
    assert not silence.is_silent()


def test_a_deep_chain_needs_no_recursion() -> None:
    def f(x: Any) -> Any:
        for _ in range(20_000):
            x = x * 1.0001
        return x

    assert grad(f)(1.0) == pytest.approx(1.0001**20_000)
    assert jvp(f, (1.0,), (1.0,))[1] == pytest.approx(1.0001**20_000)
    assert grad(lambda x: x * grad(f)(x))(1.0) == pytest.approx(1.0001**20_000)


# -- Graph.jacobian ---------------------------------------------------------------------------------------------------


def test_a_graphs_jacobian_between_any_two_nodes() -> None:
    def f(x: Any, w: Any) -> Any:
        z = w @ x
        h = np.tanh(z)
        return np.sum(h * h)

    graph = gv.trace(f, X, W)
    h = onp.tanh(W @ X)
    close(graph.jacobian("h", "z"), onp.diag(1 - h**2))
    close(graph.jacobian("h", "x"), (1 - h**2)[:, None] * W)
    close(graph.jacobian(wrt="w"), graph.gradients()["w"])
    close(graph.jacobian(graph["z"], graph["x"]), W)
    close(graph.jacobian("x", "h"), onp.zeros((3, 2)))
    assert graph.jacobian("z", "w").shape == (2, 2, 3)
    close(graph.backward()["x"], graph.jacobian(wrt="x"))
    with pytest.raises(gv.GradientError, match="say wrt= which of them: x, w"):
        graph.jacobian()
    with pytest.raises(gv.GradientError, match=r"more than limit=10"):
        graph.jacobian("z", "w", limit=10)
    with pytest.raises(gv.NameNotFound, match="no node named 'q'"):
        graph.jacobian("q", "x")


def test_a_graphs_jacobian_leaves_the_gradients_alone() -> None:
    x = gv.tensor(3.0)
    y = x * x
    (y * 2.0).backward()
    assert gv.graph(y).jacobian() == 6.0
    assert (x.grad, y.grad) == (12.0, 2.0)


@pytest.mark.parametrize("module", [transforms, structure, silence, sys.modules["gradviz.tracer.graph"]])
def test_the_examples_run(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian"):
        monkeypatch.setattr(gv, name, getattr(transforms, name), raising=False)
    monkeypatch.setattr(gv, "no_trace", no_trace, raising=False)
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
