"""Samples of `tracer/ops/joining.py`."""

import numpy as np

from . import Sample
from .arithmetic import MATRIX, V
from .reduction import CUBE

SAMPLES = {
    "concatenate": [
        Sample(lambda x, y: np.concatenate([x, y]), (V, V[:2])),
        Sample(lambda x, y: np.concatenate((x, y), axis=1), (MATRIX, MATRIX[:, :1])),
        Sample(lambda x, y: np.concatenate((x, y), axis=-1), (CUBE, CUBE[..., :2])),
        Sample(lambda x, y: np.concatenate((x, y), -3), (CUBE, CUBE[:1])),
        Sample(lambda x, y: np.concatenate((x, y), axis=None), (MATRIX, V), note="flattened"),
        Sample(lambda x: np.concatenate([x, np.arange(3)]), (V,), note="integers beside floats"),
        Sample(lambda x: np.concatenate([x]), (V,)),
        Sample(lambda x: np.concatenate([x, x, x[:1]]), (V,)),
        Sample(lambda x: np.concatenate([[1.0, 2.0], x]), (V,)),
        Sample(lambda x: np.concatenate(x), (CUBE,), note="the first axis of one array"),
        Sample(lambda x, y: np.concatenate([x, y]), (V, np.zeros(0))),
        Sample(lambda x: np.concatenate([x, x], dtype=np.float32), (V,), first=False, second=False, note="too coarse"),
        Sample(lambda x, y: np.concat([x, y]), (V, V[:2])),
        Sample(lambda x, y: np.hstack([x, y]), (V, V[:2])),
        Sample(lambda x, y: np.hstack([x, y]), (MATRIX, MATRIX[:, :1])),
        Sample(lambda x, y: np.hstack([x, y]), (1.5, 2.5)),
        Sample(lambda x, y: np.hstack((x, y)), (1.5, V)),
        Sample(lambda x, y: np.vstack([x, y]), (V, 2 * V)),
        Sample(lambda x, y: np.vstack([x, y]), (MATRIX, MATRIX[:1])),
        Sample(lambda x, y: np.vstack([x, y]), (1.5, 2.5)),
    ],
    "stack": [
        Sample(lambda x, y: np.stack([x, y]), (V, 2 * V)),
        Sample(lambda x, y: np.stack([x, y], axis=1), (MATRIX, 2 * MATRIX)),
        Sample(lambda x, y: np.stack((x, y), axis=-1), (MATRIX, 2 * MATRIX)),
        Sample(lambda x, y: np.stack((x, y), -2), (MATRIX, 2 * MATRIX)),
        Sample(lambda x, y: np.stack([x, 3, y]), (1.5, 2.5), note="single numbers"),
        Sample(lambda x: np.stack([x]), (V,)),
        Sample(lambda x: np.stack([x, x], dtype=np.float32), (V,), first=False, second=False, note="too coarse"),
        Sample(lambda x: np.stack([x, np.zeros(4)]), (V,)),
    ],
}
