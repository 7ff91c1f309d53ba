"""Running sums and products, differences: what their samples can't say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recorded import recorded_gradients

import gradviz as gv
from gradviz.tracer.errors import RecordError

ZEROS = [
    np.array([2.0, 0.0, 3.0, -1.5]),
    np.array([0.0, 0.0, 3.0, -1.5]),
    np.array([0.0, 2.0, 0.0, 0.0]),
    np.array([1.0, 2.0, 3.0, 4.0]),
]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda x: np.prod(x, initial=2.0), "np.prod with initial="),
        (lambda x: np.prod(x, where=np.array([True, False])), "np.prod with where="),
        (lambda x: np.cumsum(x, out=np.zeros(2)), "would write a Tensor into a plain array"),
        (lambda x: np.nancumprod(x, out=np.zeros(2)), "would write a Tensor into a plain array"),
    ],
)
def test_arguments_without_a_rule_are_refused_by_name(call: Any, named: str):
    with pytest.raises(RecordError, match=named):
        call(gv.tensor([1.0, 2.0]))


@pytest.mark.parametrize("values", ZEROS)
@pytest.mark.parametrize("name", ["prod", "cumprod"])
def test_products_with_zeros_agree_with_torch_twice(name: str, values: Any):
    torch = pytest.importorskip("torch")
    weight = np.array([0.3, -1.0, 2.0, 0.7])
    x, t = gv.tensor(values), torch.tensor(values, requires_grad=True)
    ours = np.sum(np.prod(x) * weight if name == "prod" else np.cumprod(x) * weight)
    theirs = ((torch.prod(t) if name == "prod" else torch.cumprod(t, 0)) * torch.tensor(weight)).sum()
    first, second = recorded_gradients(ours, [x])[0], torch.autograd.grad(theirs, t, create_graph=True)[0]
    np.testing.assert_allclose(first.value, second.detach().numpy(), rtol=1e-12, atol=1e-14)
    np.sum(first * weight).backward()
    (second * torch.tensor(weight)).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_a_product_that_overflows_has_the_gradient_of_the_others():
    x = gv.tensor([1e200, 1e200, 1e-300])
    with np.errstate(over="ignore"):
        np.prod(x).backward()
    np.testing.assert_allclose(x.grad, [1e-100, 1e-100, np.inf], rtol=1e-12)


def test_gradient_along_several_axes_is_an_op_for_each():
    slopes = np.gradient(gv.tensor(np.arange(6.0).reshape(2, 3) ** 2))
    assert isinstance(slopes, tuple)
    assert [n.op for n in gv.graph(*slopes).nodes].count("gradient") == 2


@pytest.mark.parametrize("spacing", [(1.0, 2.0, 3.0), (np.arange(3.0),)])
def test_a_wrong_spacing_is_numpys_error(spacing: Any):
    with pytest.raises((TypeError, ValueError)):
        np.gradient(gv.tensor(np.ones((2, 4))), *spacing)


def test_trapezoid_agrees_with_torch():
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(3)
    y, points = random.normal(size=(2, 5)), np.sort(random.normal(size=5))
    ours, theirs = [gv.tensor(v) for v in (y, points)], [torch.tensor(v, requires_grad=True) for v in (y, points)]
    np.sum(np.trapezoid(*ours) ** 2).backward()
    (torch.trapezoid(*theirs) ** 2).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad, other.grad.numpy(), rtol=1e-12)
