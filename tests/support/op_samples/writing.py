"""Samples of `tracer/ops/writing.py`."""

import numpy as np

from op_samples import Sample

X = np.array([[0.3, -0.7, 1.1], [1.3, 0.2, -0.4]])


def _put(index, through=lambda y: y):
    def f(x, v):
        y = np.copy(x)
        through(y)[index] = v
        return y

    return f


def _added(ufunc, index):
    def f(x, v):
        y = np.copy(x)
        ufunc.at(y, index, v)
        return y

    return f


SAMPLES = {
    "setitem": [
        Sample(_put(0), (X, np.array([0.5, 1.5, 2.5]))),
        Sample(_put((0, 1)), (X, 0.5)),
        Sample(_put((slice(None), [0, 2])), (X, np.array([[0.5, 1.5], [2.5, 3.5]]))),
        Sample(_put([0, 0]), (X, np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]]))),
        Sample(_put(X > 0.25), (X, 0.75)),
        Sample(_put(1, lambda y: y.T[::-1]), (X, np.array([0.5, 1.5]))),
        Sample(_put(..., lambda y: y.reshape(-1)[2:5]), (X, np.array([0.5, 1.5, 2.5]))),
        Sample(_put(([0, 0], [1, 1])), (X, np.array([0.5, 1.5]))),
        Sample(_put([-1, 1], lambda y: y[0]), (X, np.array([0.5, 1.5]))),
        Sample(_put(slice(2, 2)), (X, 0.5)),
        Sample(_put(slice(None)), (X, np.array([[[0.5], [1.5]]]))),
    ],
    "add.at": [Sample(_added(np.add, ([0, 0, 1], [1, 1, 2])), (X, np.array([0.5, 1.5, 2.5])))],
    "subtract.at": [Sample(_added(np.subtract, [0, 0]), (X, np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]])))],
}
