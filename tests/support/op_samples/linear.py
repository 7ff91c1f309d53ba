"""Samples of `tracer/ops/linear.py`."""

import operator

import numpy as np

from . import Sample

_random = np.random.default_rng(5)


def _array(*shape):
    return _random.uniform(0.3, 1.5, shape) * _random.choice([-1.0, 1.0], shape)


#: Shapes that np.matmul takes, by its rules: vectors, matrices, stacks, stacks that broadcast, nothing at all.
MATMUL = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 2, 3), (2, 3, 2)),
    ((2, 2, 3), (3, 2)),
    ((2, 3), (2, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((1, 2, 3), (4, 3, 1)),
    ((3,), (2, 3, 2)),
    ((2, 2, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0,), (0,)),
    ((1, 1), (1, 1)),
]
DOT = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 2, 3), (3,)),
    ((3,), (2, 3, 2)),
    ((2, 2, 3), (3, 2)),
    ((2, 3), (2, 3, 2)),
    ((2, 2, 3), (2, 3, 2)),
    ((), (3,)),
    ((2, 3), ()),
    ((), ()),
    ((2, 0), (0, 3)),
]

SAMPLES = {
    "matmul": [
        *[Sample(operator.matmul, (_array(*a), _array(*b))) for a, b in MATMUL],
        Sample(np.matmul, (_array(2, 3), _array(3, 2))),
        Sample(lambda x: x @ np.arange(3), (_array(2, 3),), note="an integer array is a constant"),
        Sample(lambda x: np.ones((2, 2)) @ x, (_array(2, 3),)),
        Sample(lambda x: x @ x, (_array(3, 3),)),
        Sample(lambda x: x.T @ x, (_array(3, 2),)),
        Sample(lambda x: x @ x, (_array(3),)),
    ],
    "dot": [
        *[Sample(np.dot, (_array(*a), _array(*b))) for a, b in DOT],
        Sample(lambda x, y: x.dot(y), (_array(2, 3), _array(3))),
        Sample(lambda x: np.dot(x, 2.0), (_array(2, 3),)),
        Sample(lambda x: np.dot([1.0, 2.0], x), (_array(2, 3),)),
        Sample(lambda x, y: np.dot(x, y), (1.5, -0.5)),
    ],
}
