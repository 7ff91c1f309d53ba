"""Samples of `tracer/ops/indexing.py`."""

import numpy as np

from . import Sample
from .arithmetic import MATRIX, V
from .reduction import CUBE

MASK = np.array([True, False, True, True])

#: Every form of index: basic, advanced, mixed; reading places twice; reading nothing.
_INDICES = [
    0,
    -1,
    np.int64(1),
    slice(None),
    slice(None, None, -1),
    slice(1, None, 2),
    slice(5, 9),
    Ellipsis,
    None,
    (Ellipsis, None),
    (None, Ellipsis, 0),
    (0, 1),
    (slice(None), 1),
    (slice(None), slice(None, None, -2), slice(1, 3)),
    (1, 2, 3),
    [0, 0, 1],
    [1, -1, 0, 1],
    np.array([[0, 1], [1, 1]]),
    np.array([], dtype=int),
    [],
    ([0, 1, 1], [2, 0, 0]),
    (slice(None), [0, 2, 2]),
    ([0, 1], slice(None), [1, 1]),
    (0, slice(None), [1, 1]),
    (Ellipsis, [3, 0, 3]),
    (np.array([[0], [1]]), np.array([0, 2])),
    np.array(1),
    True,
    (slice(None), slice(None), MASK),
    np.array([True, False]),
    np.arange(24).reshape(2, 3, 4) % 3 == 0,
    np.zeros((2, 3, 4), bool),
    (),
]

SAMPLES = {
    "getitem": [
        *[Sample(lambda x, i=index: x[i], (CUBE,), note=repr(index)) for index in _INDICES],
        Sample(lambda x: x[MASK], (V,)),
        Sample(lambda x: x[x > 0], (V,)),
        Sample(lambda x: x[1] * x[1] + x[-1], (V,)),
        Sample(lambda x: x[[True, False, True, False]], (V,)),
        Sample(lambda x: x[()], (np.array(1.5),)),
        Sample(lambda x: x[...], (np.array(1.5),)),
        Sample(lambda x: x[None], (np.array(1.5),)),
        Sample(lambda x: x[:, 1], (np.zeros((0, 3)),)),
    ],
    # Recorded where the gradient of an index is itself differentiated.
    "scatter": [
        Sample(lambda x: x[1:] * x[:-1], (V,)),
        Sample(lambda x: x[[0, 0, 1]] ** 2, (MATRIX,)),
        Sample(lambda x: x[MASK] * x[0], (V,)),
    ],
}
