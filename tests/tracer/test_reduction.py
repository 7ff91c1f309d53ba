"""Reductions are NumPy's to the last bit, by whatever way they get there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradviz as gv

SHAPES = [(7,), (33, 5), (4, 0, 3), (1,), (3, 1, 257)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.complex128])
@pytest.mark.parametrize(
    ("name", "shape"),  # of nothing there is a sum alone
    [(name, shape) for name in ("sum", "mean", "max", "min") for shape in SHAPES if name == "sum" or 0 not in shape],
)
def test_values_to_the_bit(name: str, shape: tuple[int, ...], dtype: Any, keepdims: bool):
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    function = getattr(np, name)
    axes: list[Any] = [None, *range(x.ndim), -1, tuple(range(x.ndim))]
    for axis in axes:
        expected = function(x, axis=axis, keepdims=keepdims)
        for found in (function(gv.tensor(x), axis=axis, keepdims=keepdims).value,
                      getattr(gv.tensor(x), name)(axis=axis, keepdims=keepdims).value):  # fmt: skip
            assert type(found) is type(expected)
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2), -1])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_a_sum_hands_down_lies_over_every_element(axis: Any, keepdims: bool, order: str):
    values = np.arange(24.0).reshape(2, 3, 4)
    x = gv.tensor(values)
    total = np.sum(x, axis=axis, keepdims=keepdims)
    weights = np.asarray(np.cos(np.arange(float(np.size(total)))).reshape(np.shape(total)), order=order)
    (total * weights).sum().backward()
    kept = weights if keepdims or axis is None else np.expand_dims(weights, axis)
    np.testing.assert_array_equal(x.grad, np.broadcast_to(np.reshape(kept, ()) if axis is None else kept, (2, 3, 4)))
    x.grad[...] = 0.0  # the user's own array
