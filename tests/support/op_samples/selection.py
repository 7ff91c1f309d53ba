"""Samples of `tracer/ops/selection.py`."""

import numpy as np

from . import Sample
from .arithmetic import COLUMN, MATRIX, ROW, V, pairs

MASK = np.array([True, False, True, False])
ABOVE = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])

SAMPLES = {
    "maximum": [
        *pairs(np.maximum),
        Sample(lambda x: np.maximum(x, 0), (V,)),
        Sample(lambda x: np.maximum(0.0, x), (V,)),
        Sample(lambda x: np.clip(x, 0, None), (V,)),
        Sample(lambda x: x.clip(min=-1.0), (V,)),
        Sample(lambda x, y: np.clip(x, y, 2.0), (V, V[::-1] * 0.9), note="a bound with a gradient"),
    ],
    "minimum": [
        *pairs(np.minimum),
        Sample(lambda x: np.minimum(x, 1), (V,)),
        Sample(lambda x: np.clip(x, None, 0.0), (V,)),
        Sample(lambda x: np.clip(x, max=1.0), (V,)),
    ],
    "fmax": pairs(np.fmax),
    "fmin": pairs(np.fmin),
    "where": [
        Sample(lambda x, y: np.where(MASK, x, y), (V, V[::-1] * 2)),
        Sample(lambda x: np.where(MASK, x, 0), (V,)),
        Sample(lambda x: np.where(x > 0, x * x, -x), (V,), note="the condition is itself computed from x"),
        Sample(lambda x, y: np.where(np.array([[True], [False]]), x, y), (ROW, MATRIX)),
        Sample(lambda x, y: np.where(np.array([True, False, True]), x, y), (COLUMN, 0.7)),
        Sample(
            lambda x, y: np.where(np.ones((2, 2, 3), bool), x, y), (ROW, 2.5), note="the condition has the most axes"
        ),
        Sample(lambda x, y: np.where(True, x, y), (1.5, 2.5)),
        Sample(lambda x: np.where(np.zeros((0, 4), bool), x, x), (V,)),
    ],
    "clip": [
        Sample(lambda x: np.clip(x, -1.0, 1.0), (V,)),
        Sample(lambda x: np.clip(x, ROW - 1.0, ROW + 1.0), (MATRIX,), note="bounds that are arrays"),
        Sample(lambda x: np.clip(x, ABOVE, 2.0), (ROW,), note="bounds that stretch x"),
        Sample(lambda x: x.clip(-1.0, 1.0), (V,)),
        Sample(lambda x: np.clip(x, a_min=-1.0, a_max=1.0), (V,)),
        Sample(lambda x: np.clip(x, -1, 1), (0.4,)),
    ],
}
