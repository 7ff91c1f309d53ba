"""Samples of `tracer/ops/creation.py`."""

import numpy as np

from gradviz.tracer.numpy_namespace import np as np_of_scripts

from . import Sample
from .arithmetic import MATRIX, POSITIVE, ROW, V

#: NumPy itself for plain values: only gv.np and a script's own NumPy make arrays of Tensors.
ARRAY = [
    (lambda n, x, y: n.array([x * x, y]), (1.5, 0.7)),
    (lambda n, x, y: n.array([[x, 1], [y, x * y]]), (1.5, 0.7)),
    (lambda n, x, y: n.array([[1, 2], (y, x * y), np.array([3, 4])]), (1.5, 0.7)),
    (lambda n, x, y: n.array([x, y]), (V, 2.0 * V)),
    (lambda n, x, y: n.array([[x, y], [y, x]], ndmin=4), (ROW, ROW * ROW)),
    (lambda n, x, y: n.array([x[0], y[1], 3.0]), (V, ROW)),
    (lambda n, x: n.asarray([x]), (np.array(1.5),)),
    (lambda n, x: n.array(((x,),)), (np.zeros((0, 2)),)),
]
ENDS = (0.7, 2.9)
WIDE = (POSITIVE[:3], np.array([[2.1], [3.4]]))


def span(f):
    """Samples between two ends, in every way to place them."""
    return [
        Sample(lambda x, y: f(x, y, 5), ENDS),
        Sample(lambda x, y: f(x * x, y * x, 5, endpoint=False), ENDS),
        Sample(lambda x, y: f(x, y, num=4, axis=-1), WIDE),
        Sample(lambda x, y: f(x * x, y, 4, axis=1), WIDE),
        Sample(lambda x, y: f(x, y, 3), (np.array(0.7), np.array(2.9))),
        Sample(lambda x: f(x, 3.0, 1), (0.7,)),
        Sample(lambda x: f(2, x, 4), (0.7,)),
        Sample(lambda x: f(x, 3.0, 0), (0.7,)),
    ]


SAMPLES = {
    "array": [
        Sample(
            lambda *args, f=f: f(np_of_scripts, *args),
            args,
            plain=lambda *args, f=f: f(np, *args),
        )
        for f, args in ARRAY
    ],
    "full": [
        Sample(lambda x: np_of_scripts.full((2, 3), x * x), (1.5,)),
        Sample(lambda x: np_of_scripts.full((2, 3), x), (ROW,)),
        Sample(lambda x: np_of_scripts.full(3, x, dtype=np.float64), (np.array(1.5),)),
        Sample(lambda x: np_of_scripts.full_like(MATRIX, x), (1.5,)),
        Sample(lambda x: np.full_like(x, x[0] * x), (ROW,)),
        Sample(lambda x: np_of_scripts.full((0, 3), x), (1.5,)),
    ],
    "linspace": [
        *span(np.linspace),
        Sample(lambda x, y: np.linspace(x, y, 4, retstep=True), ENDS),
        Sample(np.linspace, ENDS),
    ],
    "geomspace": span(np.geomspace)[:-1],
    "logspace": [
        *span(np.logspace),
        Sample(lambda x, y, b: np.logspace(x, y, 5, base=b), (*ENDS, 1.7)),
        Sample(lambda b: np.logspace(0.5, 1.5, 4, base=b), (1.7,)),
    ],
    "arange": [
        Sample(lambda x: np_of_scripts.arange(x, 4.3, 0.5), (1.1,)),
        Sample(lambda x, y: np_of_scripts.arange(x * x, 4.3, y * y), (1.1, 0.6)),
        Sample(lambda x, y: np_of_scripts.arange(start=x, stop=4.3, step=y), (1.1, 0.6)),
        Sample(lambda x, y: np_of_scripts.arange(x, y), (1.1, 4.3), note="where it stops only says how many there are"),
    ],
}
