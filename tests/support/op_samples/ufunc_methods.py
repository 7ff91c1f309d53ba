"""Samples of `tracer/ops/ufunc_methods.py`: the methods of every binary ufunc, on the same few arrays."""

import numpy as np

from gradviz.tracer.op import OPS
from gradviz.tracer.ops.ufunc_methods import masked

from . import Sample

# Positive, no two in a whole ratio, the first of each line the largest: in the domain of every ufunc, away from kinks.
LINE = np.array([1.93, 0.71, 1.27, 0.43])
GRID = np.array([[1.83, 0.57, 1.31], [1.12, 2.17, 0.66]])
DEEP = np.stack([GRID, GRID[:, ::-1] * 0.83, GRID**2 * 0.71])
MASK = np.array([[True, False, True], [True, True, False]])

#: Where the numbers above are no good: a ufunc of integers, and those that step between them.
OWN = {
    "ldexp": [Sample(lambda x: np.ldexp.outer(x, np.array([1, -2])), (GRID,))],
    "heaviside": [Sample(np.heaviside.outer, (LINE - 1.0, np.array([0.5, 1.5])))],
}


def outer(name):
    """Every pair, of several shapes."""
    ufunc = getattr(np, name)
    return OWN.get(name) or [
        Sample(ufunc.outer, (LINE, GRID * 1.01)),
        Sample(lambda x: ufunc.outer(x, [1.4, 0.9]), (GRID,)),
        Sample(lambda x: ufunc.outer(1.7, x), (LINE,)),
        Sample(lambda x, y: ufunc.outer(x, y), (1.37, 0.61)),
        Sample(lambda x: ufunc.outer(x, 1.1 * x[:2]), (LINE,)),
        Sample(ufunc.outer, (LINE, np.zeros((0, 2)))),
    ]


def accumulate(name):
    """A chain along each axis."""
    ufunc = getattr(np, name)
    return [
        Sample(ufunc.accumulate, (LINE,)),
        *[Sample(lambda x, axis=axis: ufunc.accumulate(x, axis=axis), (DEEP,)) for axis in (0, 1, -1)],
        Sample(lambda x: ufunc.accumulate(x, 0), (np.zeros((0, 2)),)),
    ]


def reduce(name):
    """A reduction along each axis."""
    ufunc = getattr(np, name)
    return [
        Sample(ufunc.reduce, (LINE,)),
        *[Sample(lambda x, axis=axis: ufunc.reduce(x, axis=axis), (DEEP,)) for axis in (0, 1, -1)],
        Sample(lambda x: ufunc.reduce(x, -1, None, None, True), (DEEP,)),
        Sample(lambda x: ufunc.reduce(x, keepdims=True), (LINE,)),
    ]


def chosen(name, initial):
    """A reduction of some elements, with a value to begin from."""
    ufunc = getattr(np, name)
    return [
        Sample(lambda x: ufunc.reduce(x, axis=1, where=MASK, initial=initial), (GRID,)),
        Sample(lambda x: ufunc.reduce(x, axis=None, initial=initial), (GRID,)),
        Sample(lambda x: ufunc.reduce(x, axis=(0, 2), keepdims=True, initial=initial), (DEEP,)),
        Sample(lambda x: ufunc.reduce(x, where=MASK[:, :1], initial=initial), (GRID,)),
        Sample(lambda x: ufunc.reduce(x, initial=initial), (np.zeros((0, 2)),)),
    ]


#: A value to begin from that changes nothing of who wins.
INITIAL = {
    "add": 0.7,
    "multiply": 1.3,
    "maximum": -9.0,
    "minimum": 9.0,
    "fmax": -9.0,
    "fmin": 9.0,
    "logaddexp": -np.inf,
    "logaddexp2": -np.inf,
    "hypot": 0.6,
}


def named(method):
    """The ufuncs that have a row for a method."""
    return [name.removesuffix(method) for name in OPS if name.endswith(method)]


SAMPLES = {
    **{f"{name}.outer": outer(name) for name in named(".outer")},
    **{f"{name}.accumulate": accumulate(name) for name in named(".accumulate")},
    **{f"{name}.reduce": reduce(name) for name in named(".reduce") if name not in INITIAL},
    **{f"{name}.reduce": chosen(name, initial) for name, initial in INITIAL.items()},
    "add.reduceat": [
        Sample(lambda x: np.add.reduceat(x, [0, 2]), (LINE,)),
        Sample(lambda x: np.add.reduceat(x, [0, 3, 1, 2, 2]), (LINE,)),
        Sample(lambda x: np.add.reduceat(x * x, [1], axis=1), (GRID,)),
        Sample(lambda x: np.add.reduceat(x, np.array([0, 2]), axis=-1), (DEEP,)),
        Sample(lambda x: np.add.reduceat(x, [0, 1, 0]), (DEEP,)),
    ],
    "masked": [
        Sample(lambda x: masked(np.log, (x,), x > 0, np.zeros(4)), (LINE - 1.0,), note="no log of what is negative"),
        Sample(lambda x, old: masked(np.square, (x,), MASK, old * old), (GRID, GRID[0])),
        Sample(lambda x, y, old: masked(np.divide, (x, y), MASK, old), (GRID, LINE[:3], 0.3 * GRID)),
        Sample(lambda x: masked(np.add, (x, 2.0), False, np.ones((2, 3))), (GRID,)),
        Sample(lambda x, old: masked(np.floor, (x,), MASK, old), (GRID, GRID)),
    ],
}
for _name in ("logaddexp", "logaddexp2", "hypot"):
    SAMPLES[f"{_name}.reduce"] += reduce(_name)
for _name in ("fmax", "fmin"):
    SAMPLES[f"{_name}.reduce"] += reduce(_name)
SAMPLES |= {
    "sum": [Sample(lambda x: np.add.reduce(x, dtype=np.float64, axis=(0, 1)), (DEEP,))],
    "prod": [Sample(np.multiply.reduce, (GRID,)), Sample(lambda x: np.multiply.reduce(x, -1, keepdims=True), (GRID,))],
    "max": [Sample(lambda x: np.maximum.reduce(x, axis=1), (GRID,))],
    "min": [Sample(lambda x: np.minimum.reduce(x, axis=None), (GRID,))],
    "cumsum": [Sample(np.add.accumulate, (GRID,)), Sample(lambda x: np.add.accumulate(x, axis=1), (GRID,))],
    "cumprod": [Sample(np.multiply.accumulate, (GRID,)), Sample(lambda x: np.multiply.accumulate(x, 1), (GRID,))],
}
