"""The functions of networks at the ends of their range, on every kind of number, and on what they must not change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradviz as gv

FUNCTIONS = [gv.sigmoid, gv.relu, gv.softmax, gv.log_softmax, gv.hard_tanh, gv.leaky_relu]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_is_exact_and_never_overflows(dtype: Any):
    x = np.concatenate([np.linspace(-700, 700, 1401), np.linspace(-3, 3, 101)]).astype(dtype)
    wide = x.astype(np.longdouble)
    exact = (1 / (1 + np.exp(-wide))).astype(dtype)
    normal = exact >= np.finfo(dtype).tiny
    found = gv.sigmoid(x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found[normal], exact[normal], rtol=3 * np.finfo(dtype).eps)
    assert np.all(found[~normal] <= np.finfo(dtype).tiny)


def test_sigmoid_at_the_ends():
    np.testing.assert_array_equal(gv.sigmoid(np.array([-np.inf, -1e4, 1e4, np.inf, np.nan])), [0, 0, 1, 1, np.nan])
    x = gv.tensor([-1e4, 0.0, 1e4])
    gv.sigmoid(x).sum().backward()
    assert x.grad.tolist() == [0.0, 0.25, 0.0]


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize(
    "x", [2, 0.5, np.float32(0.5), np.array([1, 2, 3]), [[0.5, 1.5]], np.float32([0.5, -1.5])], ids=repr
)
def test_plain_values_of_every_kind(f: Any, x: Any):
    found, double = f(x), f(np.asarray(x, dtype=float))
    np.testing.assert_allclose(found, double, rtol=1e-6)
    assert np.result_type(found) == (np.float32 if np.asarray(x).dtype == np.float32 else np.float64)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_neither_the_input_nor_the_result_is_changed_on_the_way(f: Any):
    values = np.array([[0.3, -0.7, 1.1], [1.3, 0.2, -0.4]])
    x = gv.tensor(values)
    y = f(x)
    result = y.value.copy()
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.value, values)
    np.testing.assert_array_equal(y.value, result)
