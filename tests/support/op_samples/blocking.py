"""Samples of `tracer/ops/blocking.py`."""

import operator

import numpy as np

import gradviz as gv

from . import Sample
from .arithmetic import MATRIX, V, W, pairs

SAMPLES = {
    "detach": [
        Sample(gv.detach, (V,)),
        Sample(lambda x: x * gv.detach(x), (V,), first=False, note="differences see both"),
    ],
    "sign": [Sample(np.sign, (V,)), Sample(np.sign, (-1.5,))],
    "floor": [Sample(np.floor, (V,)), Sample(np.floor, (-1.5,))],
    "ceil": [Sample(np.ceil, (V,))],
    "rint": [Sample(np.rint, (V,))],
    "trunc": [Sample(np.trunc, (V,))],
    "floor_divide": [*pairs(operator.floordiv), *pairs(np.floor_divide), Sample(lambda x: x // 2, (V,))],
    "round": [
        Sample(np.round, (V,)),
        Sample(lambda x: np.round(x, 1), (V + 0.01,)),
        Sample(lambda x: x.round(), (W,)),
        Sample(lambda x: x.round(1), (MATRIX + 0.01,)),
        Sample(round, (1.7,)),
        Sample(lambda x: round(x, 1), (1.77,)),
    ],
}
# A detached value is one more constant: what differences say of it is not what the sweep is meant to say.
SAMPLES["detach"] = [Sample(s.f, s.args, first=False, second=False, note=s.note) for s in SAMPLES["detach"]]
