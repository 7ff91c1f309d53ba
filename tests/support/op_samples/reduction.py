"""Samples of `tracer/ops/reduction.py`."""

import numpy as np

from . import Sample
from .arithmetic import MATRIX, V

CUBE = np.arange(24.0).reshape(2, 3, 4)[:, ::-1] * 0.37 % 1.9 + 0.1 * np.arange(24.0).reshape(2, 3, 4)
#: Numbers that single precision holds as they are.
EXACT = np.array([[0.5, -1.25, 3.0], [2.0, 0.75, -0.5]])
MASK = np.array([True, False, True, True])
AXES = [None, 0, 1, 2, -1, -3, (0,), (0, 1), (2, 0), (-1, 1), (0, 1, 2), (), np.int64(1)]


def reduced(name, empty):
    """A reduction by its function and its method, over every form of axis."""
    function = getattr(np, name)
    samples = [
        Sample(lambda x, axis=axis, keep=keep: function(x, axis=axis, keepdims=keep), (CUBE,))
        for axis in AXES
        for keep in (False, True)
    ]
    samples += [
        Sample(lambda x: function(x), (V,)),
        Sample(lambda x: getattr(x, name)(), (MATRIX,)),
        Sample(lambda x: getattr(x, name)(0), (MATRIX,)),
        Sample(lambda x: getattr(x, name)(axis=(0, 2), keepdims=True), (CUBE,)),
        Sample(lambda x: function(x, 1), (MATRIX,)),
        Sample(lambda x: function(x, axis=0, keepdims=1), (MATRIX,), note="keepdims is any truth"),
        Sample(lambda x: function(x), (1.5,)),
        Sample(lambda x: function(x), (np.array(1.5),)),
        Sample(lambda x: function(x, axis=empty), (np.zeros((0, 3)),)),
        Sample(lambda x: function(x, axis=1), (np.zeros((0, 3)),)),
    ]
    if name != "mean":
        samples.append(
            Sample(lambda x: function(x, axis=0), (np.array(1.5),), note="NumPy lets axis 0 of a number pass")
        )
    return samples


SAMPLES = {
    "sum": [
        *reduced("sum", empty=0),
        Sample(np.sum, (np.zeros((0, 3)),)),
        Sample(lambda x: np.add.reduce(x), (MATRIX,)),
        Sample(lambda x: np.add.reduce(x, axis=None), (MATRIX,)),
        Sample(
            lambda x: np.sum(x, dtype=np.float32), (EXACT,), first=False, second=False, note="too coarse to difference"
        ),
    ],
    "mean": [
        *reduced("mean", empty=1),
        Sample(lambda x: np.mean(x, axis=1, where=np.array([True, False, True])), (MATRIX,)),
        Sample(lambda x: np.mean(x, where=x > 0), (MATRIX,)),
        Sample(lambda x: x.mean(axis=(0, 2), where=MASK, keepdims=True), (CUBE,)),
        Sample(lambda x: np.mean(x, axis=0, dtype=np.float32), (EXACT,), first=False, second=False, note="too coarse"),
    ],
    "max": [*reduced("max", empty=1), Sample(np.amax, (MATRIX,)), Sample(lambda x: np.maximum.reduce(x), (MATRIX,))],
    "min": [*reduced("min", empty=1), Sample(np.amin, (MATRIX,)), Sample(lambda x: np.minimum.reduce(x), (MATRIX,))],
}
