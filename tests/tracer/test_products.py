"""Products: what their samples can't say, refusals and PyTorch's opinion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.errors import RecordError

_random = np.random.default_rng(21)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda x: np.einsum("ij->i", x, out=np.zeros(2)), "would write a Tensor into a plain array"),
        (lambda x: np.outer(x, x, out=np.zeros((4, 4))), "would write a Tensor into a plain array"),
        (lambda x: np.trace(x, out=np.zeros(())), "would write a Tensor into a plain array"),
    ],
)
def test_out_is_refused_by_name(call: Any, named: str):
    with pytest.raises(RecordError, match=named) as error:
        call(gv.tensor(np.eye(2)))
    assert "\n" not in str(error.value)
    assert "make the array a Tensor first" in str(error.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.einsum("ij->ii", x),
        lambda x: np.einsum("ijk->i", x),
        lambda x: np.einsum(x, [0, 60]),
        lambda x: np.tensordot(x, np.ones((3, 3)), 1),
        lambda x: np.linalg.cross(x, x),
        lambda x: np.linalg.outer(x, x),
        lambda x: np.diag(x[0, 0]),
        lambda x: np.kron(),  # type: ignore
    ],
)
def test_numpys_own_errors_come_through(call: Any):
    plain = np.eye(2)
    with pytest.raises(Exception) as expected:
        call(plain)
    with pytest.raises(expected.type):
        call(gv.tensor(plain))


def test_a_product_is_one_box():
    x, y = gv.tensor(_random.normal(size=(2, 3))), gv.tensor(_random.normal(size=(3, 2)))
    for result in (np.einsum("ij,jk", x, y), np.tensordot(x, y, 1), np.kron(x, y), np.linalg.trace(x), np.diag(x)):
        assert [n.kind for n in gv.graph(result).nodes].count("op") == 1


def _agree_with_torch(ours: Any, theirs: Any, shapes: list[tuple[int, ...]], torch: Any) -> None:
    """The gradients of Σ|f|², of real numbers and of the two parts of complex ones."""
    for is_complex in (False, True):
        given = [_random.normal(size=(2, *shape)) for shape in shapes]
        inputs = [gv.tensor(x) for x in given]
        np.sum(np.abs(ours(*[x[0] + 1j * x[1] if is_complex else x[0] for x in inputs])) ** 2).backward()
        mirrors = [torch.tensor(x[0] + 1j * x[1] if is_complex else x[0], requires_grad=True) for x in given]
        (theirs(*mirrors).abs() ** 2).sum().backward()
        for x, t in zip(inputs, mirrors, strict=True):
            np.testing.assert_allclose(x.grad[0] + 1j * x.grad[1], t.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("subscripts", ["ij,jk->ik", "ij,jk,kl->il", "iij,j->i", "...ij,kj->...k", "ij,ij->"])
def test_einsum_agrees_with_torch(subscripts: str):
    torch = pytest.importorskip("torch")
    shapes = [(3,) * len(term.replace("...", "m")) for term in subscripts.split("->")[0].split(",")]
    _agree_with_torch(lambda *x: np.einsum(subscripts, *x), lambda *t: torch.einsum(subscripts, *t), shapes, torch)


@pytest.mark.parametrize("name", ["vdot", "vecdot", "outer", "inner", "kron", "cross", "tensordot"])
def test_products_agree_with_torch(name: str):
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.linalg if name in ("vecdot", "cross") else torch, name)
    shapes = [(3, 3), (3, 3)] if name in ("inner", "kron", "tensordot") else [(3,), (3,)]
    _agree_with_torch(getattr(np, name), theirs, shapes, torch)


def test_a_path_planned_beforehand_serves_tensors():
    x, y = gv.tensor(np.ones((2, 3))), gv.tensor(np.ones((3, 2)))
    path, _ = np.einsum_path("ij,jk", x, y)
    np.sum(np.einsum("ij,jk", x, y, optimize=path)).backward()
    assert x.grad.tolist() == [[2.0] * 3] * 2
