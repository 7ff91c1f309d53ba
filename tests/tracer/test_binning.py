"""Sums by bin: what the table's tests don't ask of bincount and histogram."""

import numpy as np
import pytest

import gradviz as gv

PLACES = [0, 3, 1, 1]


def test_each_weight_gets_the_gradient_of_its_bin():
    x = gv.tensor([0.5, 1.5, -2.0, 1.0])
    (np.bincount(PLACES, weights=x) * np.array([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [1.0, 4.0, 2.0, 2.0]


def test_what_lies_outside_of_all_bins_gets_none():
    x = gv.tensor([0.5, 1.5, -2.0, 1.0])
    sums, edges = np.histogram([0.0, 5.0, 2.0, -1.0], bins=2, range=(0, 2), weights=x)
    assert edges.tolist() == [0.0, 1.0, 2.0]
    (sums * np.array([3.0, 7.0])).sum().backward()
    assert x.grad.tolist() == [3.0, 0.0, 7.0, 0.0]


def test_the_data_may_be_a_tensor_too_and_has_no_gradient():
    data, x = gv.tensor([0.1, 0.9, 0.4]), gv.tensor([1.0, 2.0, 3.0])
    np.histogram(data, 2, weights=x)[0][1].backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]
    assert data.grad is None or not np.any(data.grad)


def test_without_weights_both_are_facts():
    assert type(np.bincount(gv.tensor([0, 2, 2]))) is np.ndarray
    assert type(np.histogram(gv.tensor([0.1, 0.4]), 2)[0]) is np.ndarray
    assert type(np.bincount(PLACES, gv.tensor([1, 2, 3, 4]))) is np.ndarray  # integers


def test_numpys_own_errors():
    x = gv.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match=r"must have no negative elements|must not be negative"):
        np.bincount([-1, 0], x)
    with pytest.raises(ValueError, match="same length"):
        np.bincount([0], x)
    with pytest.raises(ValueError, match="weights should have the same shape as a"):
        np.histogram([0.0], weights=x)


def test_torch_gives_the_same_gradients():
    torch = pytest.importorskip("torch")
    values, upstream = np.array([0.5, 1.5, -2.0, 1.0]), np.array([1.0, -2.0, 0.5, 4.0])
    x, t = gv.tensor(values), torch.tensor(values, requires_grad=True)
    (np.bincount(PLACES, x) ** 2 * upstream).sum().backward()
    summed = torch.zeros(4, dtype=torch.double).index_add(0, torch.tensor(PLACES), t)
    (summed**2 * torch.tensor(upstream)).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-14)
