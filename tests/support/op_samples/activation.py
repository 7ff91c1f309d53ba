"""Samples of `tracer/ops/activation.py`."""

import numpy as np

import gradviz as gv

from . import Sample
from .arithmetic import MATRIX, V

BATCH = np.array([[[0.5, -1.2, 3.1], [2.2, 0.9, -0.4]], [[0.1, 0.7, -0.8], [1.5, -2.1, 0.6]]])
PROBABILITIES = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])


def softmax(x, axis=-1):
    """As a textbook has it."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    """As a textbook has it."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def along(axis):
    """Softmax and its logarithm along an axis: the function, and its value from NumPy alone."""
    return (
        Sample(lambda x: gv.softmax(x, axis=axis), (BATCH,), plain=lambda x: softmax(x, axis)),
        Sample(lambda x: gv.log_softmax(x, axis=axis), (BATCH,), plain=lambda x: log_softmax(x, axis)),
    )


_ALONG = [along(axis) for axis in (-1, 0, 1, 2, -3)]

SAMPLES = {
    "sigmoid": [
        Sample(gv.sigmoid, (V,)),
        Sample(lambda x: x.sigmoid(), (V,), plain=gv.sigmoid),
        Sample(gv.sigmoid, (0.3,)),
    ],
    "relu": [
        Sample(gv.relu, (V,), plain=lambda x: np.maximum(x, 0.0)),
        Sample(lambda x: x.relu(), (MATRIX,), plain=lambda x: np.maximum(x, 0.0)),
        Sample(gv.relu, (0.3,), plain=lambda x: x if x > 0 else type(x)(0)),
        Sample(gv.relu, (-0.3,), plain=lambda x: x if x > 0 else type(x)(0)),
    ],
    "leaky_relu": [
        Sample(gv.leaky_relu, (V,), plain=lambda x: np.where(x > 0, x, 0.01 * x)),
        Sample(lambda x: gv.leaky_relu(x, 0.2), (V,), plain=lambda x: np.where(x > 0, x, 0.2 * x)),
        Sample(gv.leaky_relu, (-0.3,)),
    ],
    "prelu": [
        Sample(gv.prelu, (V, 0.1), plain=lambda x, a: np.where(x > 0, x, a * x)),
        Sample(gv.prelu, (MATRIX, np.array([0.1, 0.2, 0.3])), plain=lambda x, a: np.where(x > 0, x, a * x)),
        Sample(gv.prelu, (-0.3, 0.2)),
    ],
    "hard_tanh": [Sample(gv.hard_tanh, (V,), plain=lambda x: np.clip(x, -1.0, 1.0)), Sample(gv.hard_tanh, (0.3,))],
    "softmax": [
        *[soft for soft, _ in _ALONG],
        Sample(gv.softmax, (V,), plain=softmax),
        Sample(lambda x: x.softmax(axis=0), (MATRIX,), plain=lambda x: softmax(x, 0)),
        Sample(lambda x: gv.softmax(x, axis=None), (MATRIX,), plain=lambda x: softmax(x, None)),
        Sample(lambda x: gv.softmax(x, axis=(0, 1)), (BATCH,), plain=lambda x: softmax(x, (0, 1))),
        Sample(gv.softmax, (np.zeros((0, 3)),)),
    ],
    "log_softmax": [
        *[log for _, log in _ALONG],
        Sample(gv.log_softmax, (V,), plain=log_softmax),
        Sample(lambda x: x.log_softmax(axis=0), (MATRIX,), plain=lambda x: log_softmax(x, 0)),
    ],
    "cross_entropy": [
        Sample(lambda z: gv.cross_entropy(z, 2), (V,)),
        Sample(lambda z: gv.cross_entropy(z, [2, 0]), (MATRIX,)),
        Sample(lambda z: gv.cross_entropy(z, np.array([1, 1, 0]), axis=0), (MATRIX,)),
        Sample(lambda z: gv.cross_entropy(z, np.array([[2, 0], [1, 1]])), (BATCH,)),
        Sample(lambda z: gv.cross_entropy(z, np.array([[0, 1, 0], [1, 0, 0]]), axis=1), (BATCH,)),
        Sample(lambda z: gv.cross_entropy(z, PROBABILITIES), (MATRIX,)),
        Sample(gv.cross_entropy, (MATRIX, PROBABILITIES), note="towards the probabilities as well"),
        Sample(gv.cross_entropy, (MATRIX, 2 * PROBABILITIES), note="a target that does not sum to 1"),
    ],
}
