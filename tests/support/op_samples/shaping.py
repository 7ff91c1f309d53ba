"""Samples of `tracer/ops/shaping.py`."""

import copy

import numpy as np

from . import Sample
from .arithmetic import MATRIX, V
from .reduction import CUBE

NOTHING = np.zeros((0, 3))

SAMPLES = {
    "reshape": [
        Sample(lambda x: np.reshape(x, (3, 2)), (MATRIX,)),
        Sample(lambda x: np.reshape(x, -1), (MATRIX,)),
        Sample(lambda x: np.reshape(x, [2, -1]), (CUBE,)),
        Sample(lambda x: x.reshape(-1), (CUBE,)),
        Sample(lambda x: x.reshape(2, 2), (V,)),
        Sample(lambda x: x.reshape((2, 2)), (V,)),
        Sample(lambda x: x.reshape(4, -1, order="F"), (CUBE,)),
        Sample(lambda x: x.T.reshape(4, -1, order="A"), (CUBE,), note="in the order of memory, which T turned"),
        Sample(lambda x: np.reshape(x, (3, 2), "F"), (MATRIX,)),
        Sample(lambda x: x.reshape(()), (np.array([1.5]),)),
        Sample(lambda x: np.reshape(x, (1, 1)), (1.5,)),
        Sample(lambda x: x.reshape(3, 0), (NOTHING,)),
    ],
    "transpose": [
        Sample(np.transpose, (MATRIX,)),
        Sample(np.transpose, (CUBE,)),
        Sample(lambda x: x.T, (CUBE,)),
        Sample(lambda x: x.T, (V,)),
        Sample(lambda x: np.transpose(x, (1, 2, 0)), (CUBE,)),
        Sample(lambda x: np.transpose(x, (-1, 0, -2)), (CUBE,)),
        Sample(lambda x: x.transpose(2, 0, 1), (CUBE,)),
        Sample(lambda x: x.transpose((2, 0, 1)), (CUBE,)),
        Sample(lambda x: x.transpose(), (CUBE,)),
        Sample(lambda x: x.transpose(None), (CUBE,)),
        Sample(lambda x: np.permute_dims(x, [2, 0, 1]), (CUBE,)),
        Sample(np.transpose, (NOTHING,)),
    ],
    "swapaxes": [
        Sample(lambda x: np.swapaxes(x, 0, -1), (CUBE,)),
        Sample(lambda x: x.swapaxes(0, 1), (CUBE,)),
        Sample(lambda x: x.mT, (CUBE,)),
        Sample(np.matrix_transpose, (CUBE,)),
    ],
    "moveaxis": [
        Sample(lambda x: np.moveaxis(x, 0, -1), (CUBE,)),
        Sample(lambda x: np.moveaxis(x, -1, 0), (CUBE,)),
        Sample(lambda x: np.moveaxis(x, [0, 1], [-1, 0]), (CUBE,)),
    ],
    "broadcast_to": [
        Sample(lambda x: np.broadcast_to(x, (3, 2, 4)), (V,)),
        Sample(lambda x: np.broadcast_to(x, (2, 3)), (np.array([[1.5], [2.5]]),)),
        Sample(lambda x: np.broadcast_to(x, (2, 3)), (1.5,)),
        Sample(lambda x: np.broadcast_to(x, 3), (np.array([1.5]),)),
        Sample(lambda x: np.broadcast_to(x, (0, 4)), (V,)),
        Sample(lambda x: np.broadcast_to(x, MATRIX.shape), (MATRIX,)),
    ],
    "expand_dims": [
        Sample(lambda x: np.expand_dims(x, 0), (V,)),
        Sample(lambda x: np.expand_dims(x, -1), (MATRIX,)),
        Sample(lambda x: np.expand_dims(x, (0, 2)), (MATRIX,)),
        Sample(lambda x: np.expand_dims(x, 0), (1.5,)),
    ],
    "squeeze": [
        Sample(np.squeeze, (MATRIX[:, None],)),
        Sample(lambda x: x.squeeze(), (V[None, :, None],)),
        Sample(lambda x: np.squeeze(x, 0), (V[None, :, None],)),
        Sample(lambda x: np.squeeze(x, axis=(0, -1)), (V[None, :, None],)),
        Sample(lambda x: x.squeeze(axis=1), (MATRIX[:, None],)),
        Sample(np.squeeze, (np.array([[1.5]]),), note="to no axes at all"),
    ],
    "ravel": [
        Sample(np.ravel, (CUBE,)),
        Sample(lambda x: x.ravel(), (MATRIX,)),
        Sample(lambda x: x.flatten(), (MATRIX,)),
        Sample(lambda x: np.ravel(x, "F"), (CUBE,)),
        Sample(lambda x: x.flatten("F"), (CUBE,)),
        Sample(lambda x: np.ravel(x.T, "A"), (CUBE,)),
        Sample(lambda x: np.ravel(x.transpose(1, 2, 0), "K"), (CUBE,), note="in the order of memory"),
        Sample(lambda x: np.ravel(x[:, ::-1], order="K"), (CUBE,)),
        Sample(np.ravel, (1.5,)),
        Sample(np.ravel, (NOTHING,)),
    ],
    "astype": [
        Sample(lambda x: x.astype(float), (V,)),
        Sample(lambda x: x.astype(np.float32), (V,), first=False, second=False, note="too coarse to difference"),
        Sample(lambda x: x.astype("f4", copy=False), (V,), first=False, second=False, note="too coarse to difference"),
        Sample(lambda x: np.astype(x, np.float32), (V,), first=False, second=False, note="too coarse to difference"),
    ],
    "copy": [
        Sample(np.copy, (V,)),
        Sample(lambda x: x.copy(), (MATRIX,)),
        Sample(copy.copy, (V,)),
        Sample(copy.deepcopy, (V,)),
        Sample(np.copy, (np.array(1.5),)),
        Sample(np.copy, (1.5,)),
    ],
}
