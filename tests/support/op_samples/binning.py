"""Samples of `tracer/ops/binning.py`."""

import numpy as np

from . import Sample

WEIGHTS = np.array([0.4, -1.2, 0.7, 2.1, -0.3, 0.9])
PLACES = np.array([0, 3, 1, 1, 3, 6])
DATA = np.array([0.1, 0.5, 1.9, 2.0, -0.4, 1.2])

SAMPLES = {
    "bincount": [
        Sample(lambda w: np.bincount(PLACES, w), (WEIGHTS,)),
        Sample(lambda w: np.bincount(PLACES.astype("i4"), weights=w, minlength=9), (WEIGHTS,)),
        Sample(lambda w: np.bincount([2, 0], minlength=0, weights=w), (WEIGHTS[:2],)),
        Sample(lambda w: np.bincount(np.zeros(0, int), w, 3), (WEIGHTS[:0],), note="nothing to sum"),
    ],
    "histogram": [
        Sample(lambda w: np.histogram(DATA, 3, weights=w)[0], (WEIGHTS,)),
        Sample(lambda w: np.histogram(DATA, bins=4, range=(0, 2), weights=w)[0], (WEIGHTS,), note="some outside"),
        Sample(lambda w: np.histogram(DATA, [0.0, 0.5, 0.7, 2.0], None, None, w)[0], (WEIGHTS,), note="unequal bins"),
        Sample(lambda w: np.histogram(DATA, 3, density=True, weights=np.exp(w))[0], (WEIGHTS,)),
        Sample(
            lambda w: np.histogram(DATA.reshape(2, 3), [0.0, 0.3, 2.0], density=True, weights=w)[0],
            (np.abs(WEIGHTS).reshape(2, 3),),
        ),
        Sample(lambda w: np.histogram(np.where(DATA > 1.9, np.nan, DATA), 3, (0, 2), weights=w)[0], (WEIGHTS,)),
    ],
}
