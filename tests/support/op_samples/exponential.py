"""Samples of `tracer/ops/exponential.py`."""

import numpy as np

from . import Sample

ANY = np.array([[0.3, -1.2, 0.9], [-0.4, 1.1, 2.3]])
POSITIVE = np.array([[0.3, 1.2, 0.9], [0.4, 3.1, 2.3]])
INSIDE = np.array([[0.3, -0.8, 0.55], [-0.4, 0.1, 0.9]])
ABOVE_ONE = 1.0 + POSITIVE

#: Where each function is smooth.
_AT = {
    "exp": ANY,
    "exp2": ANY,
    "expm1": ANY,
    "log": POSITIVE,
    "log2": POSITIVE,
    "log10": POSITIVE,
    "log1p": POSITIVE,
    "sqrt": POSITIVE,
    "cbrt": ANY,
    "sin": ANY,
    "cos": ANY,
    "tan": INSIDE,
    "arcsin": INSIDE,
    "arccos": INSIDE,
    "arctan": ANY,
    "sinh": ANY,
    "cosh": ANY,
    "tanh": ANY,
    "arcsinh": ANY,
    "arccosh": ABOVE_ONE,
    "arctanh": INSIDE,
}
SAMPLES = {
    name: [Sample(getattr(np, name), (at,)), Sample(getattr(np, name), (float(at[0, 2] + at[1, 2]) / 2,))]
    for name, at in _AT.items()
}
SAMPLES["log1p"].append(Sample(np.log1p, (np.array([1e-9, -0.5, 1e-3]),), note="where log(1 + x) would lose digits"))
SAMPLES["expm1"].append(Sample(np.expm1, (np.array([1e-9, -0.5, 1e-3]),)))
