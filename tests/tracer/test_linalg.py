"""numpy.linalg on Tensors: agreement with torch, what is returned, where no derivative is the only one, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from op_samples.linalg import CUBE, OTHER, POSITIVE, SIDES, SINGULAR, SPREAD, SQUARE, STACK, TALL, TURNING, VECTOR, WIDE
from recorded import recorded_gradients

import gradviz as gv
from gradviz.tracer.ops import linalg

la = np.linalg


def gradient(f: Callable[..., Any], *arrays: Any) -> list[Any]:
    """The gradients of a function that gives a single number."""
    inputs = [gv.tensor(x) for x in arrays]
    f(*inputs).backward()
    return [x.grad for x in inputs]


# -- against torch -----------------------------------------------------------------------------------------------------

#: name → the function in gradviz, in torch, its inputs. Symmetric matrices are made of general ones, as scripts do.
PAIRS: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "inv": (la.inv, lambda t, a: t.linalg.inv(a), (STACK,)),
    "pinv": (la.pinv, lambda t, a: t.linalg.pinv(a), (TALL,)),
    "det": (la.det, lambda t, a: t.linalg.det(a), (STACK,)),
    "slogdet": (lambda a: la.slogdet(a).logabsdet, lambda t, a: t.linalg.slogdet(a).logabsdet, (STACK,)),
    "solve": (la.solve, lambda t, a, b: t.linalg.solve(a, b), (STACK, SIDES)),
    "lstsq": (lambda a, b: la.lstsq(a, b)[0], lambda t, a, b: t.linalg.lstsq(a, b).solution, (TALL, TALL[:, ::-1])),
    "cholesky": (lambda a: la.cholesky(a @ a.T), lambda t, a: t.linalg.cholesky(a @ a.T), (SQUARE,)),
    "cholesky, upper": (
        lambda a: la.cholesky(a @ a.T, upper=True),
        lambda t, a: t.linalg.cholesky(a @ a.T, upper=True),
        (SQUARE,),
    ),
    "Q": (lambda a: la.qr(a).Q, lambda t, a: t.linalg.qr(a).Q, (TALL,)),
    "R": (lambda a: la.qr(a, "r"), lambda t, a: t.linalg.qr(a).R, (TALL,)),
    "wide QR": (
        lambda a: la.qr(a).Q @ la.qr(a).R[:, :2] ** 2,
        lambda t, a: t.linalg.qr(a).Q @ t.linalg.qr(a).R[:, :2] ** 2,
        (WIDE,),
    ),
    "low rank": (
        lambda a: (lambda u, s, vh: u[:, :2] * s[:2] @ vh[:2])(*la.svd(a)),
        lambda t, a: (lambda u, s, vh: u[:, :2] * s[:2] @ vh[:2])(*t.linalg.svd(a)),
        (SQUARE,),
    ),
    "svdvals": (la.svdvals, lambda t, a: t.linalg.svdvals(a), (STACK,)),
    "eigh": (
        lambda a: (lambda w, v: v * np.exp(w) @ v.T)(*la.eigh(a + a.T)),
        lambda t, a: (lambda w, v: v * t.exp(w) @ v.T)(*t.linalg.eigh(a + a.T)),
        (SPREAD,),
    ),
    "eigvalsh": (lambda a: la.eigvalsh(a + a.T), lambda t, a: t.linalg.eigvalsh(a + a.T), (SPREAD,)),
    "eigvals": (
        lambda a: np.sum(np.abs(la.eigvals(a)) ** 3),
        lambda t, a: t.sum(t.abs(t.linalg.eigvals(a)) ** 3),
        (TURNING,),
    ),
    "spectrum": (
        lambda a: np.real((lambda w, v: (v * w**2) @ la.inv(v))(*la.eig(a))),
        lambda t, a: t.real((lambda w, v: (v * w**2) @ t.linalg.inv(v))(*t.linalg.eig(a))),
        (TURNING,),
    ),
    "cond": (la.cond, lambda t, a: t.linalg.cond(a), (SQUARE,)),
    "matrix_power": (lambda a: la.matrix_power(a, -3), lambda t, a: t.linalg.matrix_power(a, -3), (STACK,)),
    "multi_dot": (
        lambda a, b, c: la.multi_dot([a, b, c]),
        lambda t, a, b, c: t.linalg.multi_dot([a, b, c]),
        (WIDE, TALL, SIDES.T),
    ),
    **{
        f"norm {p}": (
            lambda x, p=p: la.norm(x, p, 1),
            lambda t, x, p=p: t.linalg.vector_norm(x, 2 if p is None else p, 1),
            (CUBE,),
        )
        for p in (None, 0, 1, 2, 3, 0.5, -1, np.inf, -np.inf)
    },
    **{
        f"matrix norm {p}": (
            lambda x, p=p: la.norm(x, p, (2, 0)),
            lambda t, x, p=p: t.linalg.matrix_norm(x, p, (2, 0)),
            (CUBE,),
        )
        for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    },
}


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_torchs(name: str):
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    ours, theirs, arrays = PAIRS[name]
    weights = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(ours(*arrays)))
    got = gradient(lambda *xs: np.sum(ours(*xs) * weights), *arrays)
    inputs = [torch.tensor(np.ascontiguousarray(x), requires_grad=True) for x in arrays]
    (theirs(torch, *inputs) * torch.tensor(weights)).sum().backward()
    for one, x in zip(got, inputs, strict=True):
        expected = np.zeros(x.shape) if x.grad is None else x.grad.numpy()
        np.testing.assert_allclose(one, expected, rtol=1e-9, atol=1e-11)


def test_a_second_derivative_is_torchs():
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    x = gv.tensor(SQUARE)
    (first,) = recorded_gradients(la.slogdet(x @ x.T + np.eye(3)).logabsdet, [x])
    np.sum(first**2).backward()
    y = torch.tensor(SQUARE, requires_grad=True)
    (given,) = torch.autograd.grad(torch.linalg.slogdet(y @ y.T + torch.eye(3))[1], y, create_graph=True)
    (given**2).sum().backward()
    np.testing.assert_allclose(x.grad, y.grad.numpy(), rtol=1e-9)


# -- what is returned --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [la.slogdet, la.qr, la.svd, la.eigh, la.eig, lambda a: la.qr(a, "complete"), lambda a: la.svd(a, False)],
)
def test_several_results_come_in_numpys_own_tuple(function: Any):
    plain = function(SPREAD)
    got = function(gv.tensor(SPREAD))
    assert type(got) is type(plain)
    assert got._fields == plain._fields
    for one, other in zip(got, plain, strict=True):
        np.testing.assert_array_equal(one.value, other)


def test_several_results_are_computed_once(monkeypatch: pytest.MonkeyPatch):
    calls: list[Any] = []
    real = la.svd
    monkeypatch.setattr("gradviz.tracer.ops.linalg._la.svd", lambda *a, **k: calls.append(a) or real(*a, **k))
    from gradviz.tracer.ops.linalg import svd

    svd(gv.tensor(SQUARE))
    assert len(calls) == 1


def test_the_rank_is_a_plain_fact():
    a = gv.tensor(SINGULAR)
    assert la.matrix_rank(a) == 1
    assert not isinstance(la.lstsq(gv.tensor(TALL), np.ones(4))[2], gv.Tensor)


def test_residuals_are_empty_where_numpys_are():
    _, residuals, _, _ = la.lstsq(gv.tensor(SQUARE), gv.tensor(VECTOR))
    assert residuals.shape == (0,)
    np.sum(residuals).backward()


def test_a_replay_computes_each_part_again():
    graph = gv.trace(lambda a: np.sum(la.eigh(a).eigenvalues ** 2), SPREAD)
    assert graph.forward(a=2.0 * SPREAD) == pytest.approx(np.sum(la.eigvalsh(2.0 * SPREAD) ** 2))


def test_formulas_name_the_part():
    a = gv.tensor(SPREAD, name="a")
    node = gv.graph(la.eigh(a).eigenvalues).output
    assert gv.graph(la.eigh(a).eigenvalues).nodes[-1].op == "eigh"
    assert node.static["part"] == "eigenvalues"


# -- one triangle is read, and one gets a gradient ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "upper"),
    [
        (la.cholesky, False),
        (lambda a: la.cholesky(a, upper=True), True),
        (la.eigvalsh, False),
        (lambda a: la.eigvalsh(a, "U"), True),
        (lambda a: la.pinv(a, hermitian=True), False),
        (lambda a: la.svd(a, compute_uv=False, hermitian=True), False),
    ],
)
def test_the_triangle_that_is_not_read_gets_no_gradient(function: Any, upper: bool):
    (grad,) = gradient(lambda a: np.sum(function(a) ** 2), POSITIVE)
    unread = np.tril(grad, -1) if upper else np.triu(grad, 1)
    assert not unread.any()
    assert np.all(np.diag(grad) != 0)


# -- where a derivative has no one value -------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [None, 2, 1, 3, 0.5, np.inf])
def test_a_norm_at_zero_has_gradient_zero(p: Any):
    (grad,) = gradient(lambda x: la.norm(x, p), np.zeros(3))
    assert grad.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("p", ["fro", 1, np.inf])
def test_a_matrix_norm_at_zero_has_gradient_zero(p: Any):
    (grad,) = gradient(lambda x: la.norm(x, p), np.zeros((2, 2)))
    assert not grad.any()


def test_a_tie_of_largest_elements_is_split_evenly():
    (grad,) = gradient(lambda x: la.norm(x, np.inf), np.array([2.0, -2.0, 1.0]))
    assert grad.tolist() == [0.5, -0.5, 0.0]


def test_a_singular_matrix_has_its_cofactors_as_gradient_of_the_determinant():
    (grad,) = gradient(la.det, SINGULAR + 0.0)
    minors = [[la.det(np.delete(np.delete(SINGULAR, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(grad, minors * (-1.0) ** np.add.outer(range(3), range(3)), atol=1e-12)


def test_a_large_singular_matrix_too():
    x = np.random.default_rng(0).standard_normal((12, 12))
    x[0] = 0.0
    (grad,) = gradient(la.det, x)
    step = np.zeros((12, 12))
    step[0, 3] = 1.0
    assert grad[0, 3] == pytest.approx(la.det(x + step))


def test_what_has_no_inverse_gives_nan_and_no_exception():
    (grad,) = gradient(lambda a: la.slogdet(a).logabsdet, np.zeros((2, 2)))
    assert np.isnan(grad).all()
    grad = gradient(lambda a: la.slogdet(a).logabsdet[1], np.stack([np.zeros((3, 3)), SQUARE]))[0]
    np.testing.assert_allclose(grad[1], la.inv(SQUARE).T)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.sum(la.eigh(a).eigenvectors ** 3),
        lambda a: np.sum(la.svd(a).U ** 3),
        lambda a: np.sum(np.real(la.eig(a).eigenvectors) ** 3),
        lambda a: np.sum(la.eigvalsh(a)),
        la.cond,
    ],
)
def test_equal_eigenvalues_give_no_nan(function: Any):
    (grad,) = gradient(function, 2.0 * np.eye(3))
    assert np.isfinite(grad).all()


def test_a_projector_on_the_null_space_has_a_gradient():
    def null(a: Any) -> Any:
        vectors = la.svd(a).Vh[1:]
        return np.sum((vectors.T @ vectors) * OTHER)

    row = np.array([[0.6, -0.8, 1.1]])
    (grad,) = gradient(null, row)
    (expected,) = gradient(lambda a: np.sum((np.eye(3) - a.T @ a / np.sum(a * a)) * OTHER), row)
    np.testing.assert_allclose(grad, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda a: np.sum(la.svd(a).U * STACK[0, 0, 0] ** np.arange(4.0)), "the extra columns of U"),
        (lambda a: np.sum(la.svd(a.T).Vh * np.arange(4.0)), "the extra rows of Vh"),
        (lambda a: np.sum(la.qr(a, "complete").Q * np.arange(4.0)), "the extra columns of Q"),
    ],
)
def test_a_pick_among_many_is_refused_where_it_matters(function: Any, what: str):
    with pytest.raises(gv.GradientError, match=what):
        function(gv.tensor(TALL)).backward()


# -- refused -----------------------------------------------------------------------------------------------------------


def test_arguments_without_a_rule_are_refused_by_name():
    a = gv.tensor(SQUARE)
    with pytest.raises(gv.RecordError, match="would write a Tensor into a plain array"):
        la.multi_dot([a, a], out=np.zeros((3, 3)))
    with pytest.raises(gv.RecordError, match="mode='raw'"):
        la.qr(a, "raw")
    with pytest.raises(gv.RecordError, match="ord="):
        la.norm(a, ord=gv.tensor(2.0))
    with pytest.raises(TypeError, match="nonsense"):
        la.norm(a, nonsense=1)
    with pytest.raises(ValueError, match="rtol"):
        la.pinv(a, rcond=1e-3, rtol=1e-3)


def test_numpys_own_errors_are_raised():
    with pytest.raises(la.LinAlgError):
        la.inv(gv.tensor(np.zeros((2, 2))))
    with pytest.raises(la.LinAlgError):
        la.cholesky(gv.tensor(-np.eye(2)))


# -- decomposed once ---------------------------------------------------------------------------------------------------

PARTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "svd": ("svd", lambda a: [(x * x * np.arange(1.0, x.size + 1).reshape(x.shape)).sum() for x in la.svd(a, False)]),
    "eigh": ("eigh", lambda a: [(x * x * np.arange(1.0, x.size + 1).reshape(x.shape)).sum() for x in la.eigh(a)]),
    "qr": ("qr", lambda a: [(x * x * np.arange(1.0, x.size + 1).reshape(x.shape)).sum() for x in la.qr(a)]),
}


@pytest.mark.parametrize("name", PARTS)
def test_the_rules_take_the_parts_that_are_there(name: str, monkeypatch: pytest.MonkeyPatch):
    decomposition, f = PARTS[name]
    symmetric = POSITIVE + POSITIVE.T
    graph = gv.trace(lambda a: sum(f(a)), symmetric)
    before = graph.gradients()["a"].copy()

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("decomposed again")

    with monkeypatch.context() as patch:
        patch.setattr(la, decomposition, refuse)
        patch.setattr(linalg, "_eigh", refuse)
        np.testing.assert_array_equal(graph.backward()["a"], before)
    # Where the parts are gone, and where the values are others, they are made again.
    linalg._computed.clear()
    np.testing.assert_array_equal(graph.backward()["a"], before)
    moved = symmetric * 1.25
    graph.forward(a=moved)
    np.testing.assert_array_equal(graph.backward()["a"], gv.trace(lambda a: sum(f(a)), moved).gradients()["a"])


def test_nothing_is_kept_of_a_decomposition_that_nobody_holds():
    kept = len(linalg._computed)
    graph = gv.trace(lambda a: sum(x.sum() for x in la.svd(a, full_matrices=False)), TALL)
    assert len(linalg._computed) == kept + 3
    del graph
    assert len(linalg._computed) == kept
