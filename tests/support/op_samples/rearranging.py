"""Samples of `tracer/ops/rearranging.py`."""

import numpy as np

from . import Sample
from .arithmetic import COLUMN, MATRIX, ROW, V
from .ordering import CUBED, MIXED

EMPTY = np.zeros((0, 3))


def squared(f):
    """The op of a square: its second derivative is not zero."""
    return lambda x: f(x * x)


def each(f, *args):
    """The op itself, and of a square."""
    return [Sample(f, args), Sample(squared(f), args)]


#: Every mode of padding → the options it is tried with.
MODES = {
    "constant": [{}, {"constant_values": 0.3}],
    "edge": [{}],
    "reflect": [{}, {"reflect_type": "odd"}],
    "symmetric": [{}, {"reflect_type": "odd"}],
    "wrap": [{}],
    "linear_ramp": [{}, {"end_values": 0.7}],
    "mean": [{}, {"stat_length": 2}],
    "maximum": [{}, {"stat_length": 2}],
    "minimum": [{}, {"stat_length": ((1, 2),)}],
    "median": [{}, {"stat_length": 3}],
}


def padded(mode):
    """A mode of padding with its options, far and near."""
    return [
        Sample(lambda x, more=more, width=width: np.pad(x * x, width, mode, **more), (x,))
        for more in MODES[mode]
        for x, width in ((MIXED, ((2, 1), (0, 3))), (V, 5), (CUBED, [(0, 1), (2, 0), (1, 1)]))
    ]


SAMPLES = {
    "roll": [
        *each(lambda x: np.roll(x, 1), V),
        Sample(lambda x: np.roll(x, -5), (MIXED,)),
        Sample(lambda x: np.roll(x, 1, axis=0), (MIXED,)),
        Sample(lambda x: np.roll(x, (1, -2), axis=(0, 1)), (MIXED,)),
        Sample(lambda x: np.roll(x, 1, axis=(0, 2)), (CUBED,)),
        Sample(lambda x: np.roll(x, (1, 1), axis=-1), (MIXED,)),
        Sample(lambda x: np.roll(x, (1, 2)), (V,)),
        Sample(lambda x: np.roll(x, 1), (1.5,)),
        Sample(lambda x: np.roll(x, 1, axis=1), (EMPTY,)),
    ],
    "rollaxis": [
        Sample(lambda x, axis=axis, start=start: np.rollaxis(x, axis, start) ** 2, (CUBED,))
        for axis in (0, 1, 2, -1)
        for start in (0, 1, 2, 3, -1)
    ],
    "flip": [
        *each(np.flip, V),
        *[Sample(lambda x, axis=axis: np.flip(x, axis), (CUBED,)) for axis in (None, 0, -1, (0, 2), ())],
        Sample(np.flip, (1.5,)),
        Sample(np.flip, (EMPTY,)),
    ],
    "fliplr": [*each(np.fliplr, MATRIX), Sample(np.fliplr, (CUBED,))],
    "flipud": [*each(np.flipud, MATRIX), Sample(np.flipud, (V,))],
    "rot90": [
        *[Sample(lambda x, k=k: np.rot90(x, k) ** 2, (MATRIX,)) for k in (0, 1, 2, 3, -1, 6)],
        Sample(lambda x: np.rot90(x, axes=(2, 0)), (CUBED,)),
        Sample(lambda x: np.rot90(x, 1, (1, 2)), (CUBED,)),
    ],
    "tile": [
        *each(lambda x: np.tile(x, 3), V),
        Sample(lambda x: np.tile(x, (2, 3)), (V,)),
        Sample(lambda x: np.tile(x, 2), (MATRIX,)),
        Sample(lambda x: np.tile(x, (2, 1, 3)), (MATRIX,)),
        Sample(lambda x: np.tile(x, (2, 2)), (CUBED,)),
        Sample(lambda x: np.tile(x, np.array([1, 1])), (MATRIX,)),
        Sample(lambda x: np.tile(x, 0), (V,)),
        Sample(lambda x: np.tile(x, (2, 2)), (1.5,)),
        Sample(lambda x: np.tile(x, 2), (EMPTY,)),
    ],
    "repeat": [
        *each(lambda x: np.repeat(x, 3), V),
        *[Sample(lambda x, axis=axis: np.repeat(x, 2, axis=axis), (CUBED,)) for axis in (None, 0, 1, 2, -1)],
        *each(lambda x: np.repeat(x, [1, 0, 3, 2]), V),
        Sample(lambda x: np.repeat(x, [2, 0, 1], axis=1), (MATRIX,)),
        Sample(lambda x: np.repeat(x, np.array([2]), axis=-2), (MATRIX,)),
        Sample(lambda x: np.repeat(x, 0, axis=0), (MATRIX,)),
        Sample(lambda x: np.repeat(x, 2), (1.5,)),
        Sample(lambda x: np.repeat(x, 2, axis=0), (EMPTY,)),
    ],
    "resize": [
        *each(lambda x: np.resize(x, (3, 3)), V),
        Sample(lambda x: np.resize(x, 5), (MATRIX,)),
        Sample(lambda x: np.resize(x, (2, 7)), (MATRIX,)),
        Sample(lambda x: np.resize(x, 3), (1.5,)),
        Sample(lambda x: np.resize(x, (0, 2)), (V,)),
    ],
    "meshgrid": [
        Sample(lambda x, y: np.meshgrid(x * x, y), (V, ROW)),
        Sample(lambda x, y: np.meshgrid(x, y, indexing="ij"), (V, ROW)),
        Sample(lambda x, y, z: np.meshgrid(x, y, z, copy=False), (V, ROW, 1.5)),
        Sample(lambda x, y: np.meshgrid(x, y, sparse=True), (V, ROW)),
        Sample(lambda x: np.meshgrid(x, [1.0, 2.0]), (ROW,)),
        Sample(lambda x: np.meshgrid(x), (ROW,)),
        Sample(lambda x: np.meshgrid(x, x), (np.array(1.5),)),
        Sample(lambda x, y: np.meshgrid(x, y), (V, np.zeros(0))),
    ],
    "pad": [
        *padded("constant"),
        Sample(lambda x: np.pad(x, 1), (MATRIX,)),
        Sample(lambda x: np.pad(x, (1, 2)), (MATRIX,)),
        Sample(lambda x: np.pad(x, 1, constant_values=((1, 2), (3, 4))), (MATRIX,)),
        Sample(lambda x: np.pad(x, ((1, 1), (0, 0))), (EMPTY,)),
    ],
    "pad.edge": [
        *padded("edge"),
        Sample(lambda x: np.pad(x, ((1,), (2,)), "edge"), (MATRIX,)),
        Sample(lambda x: np.pad(x, 0, "edge"), (MATRIX,)),
    ],
    **{f"pad.{mode}": padded(mode) for mode in MODES if mode not in ("constant", "edge", "linear_ramp")},
    "pad.linear_ramp": [
        *padded("linear_ramp"),
        Sample(lambda x: np.pad(x, 2, "linear_ramp", end_values=((1, 2), (3, 4))), (MATRIX,)),
        Sample(lambda x, e: np.pad(x, 2, "linear_ramp", end_values=e), (MATRIX, np.array([[0.7, 1.3], [2.1, 0.4]]))),
        Sample(lambda x, e: np.pad(x, (1, 3), "linear_ramp", end_values=e * e), (V, 0.6)),
    ],
    "pad.constant": [
        Sample(lambda x, c: np.pad(x * x, ((2, 1), (0, 3)), constant_values=c * c), (MIXED, 0.7)),
        Sample(lambda x, c: np.pad(x, (1, 2), constant_values=c), (V, np.array([0.7, 1.3]))),
        Sample(lambda x, c: np.pad(x, 1, "constant", constant_values=c), (MATRIX, np.array([[0.7, 1.3], [2.1, 0.4]]))),
    ],
    "dstack": [
        Sample(lambda x, y: np.dstack([x * x, y]), (V, V[::-1] * 2)),
        Sample(lambda x, y: np.dstack((x, y, x)), (MATRIX, MATRIX * 0.3)),
        Sample(lambda x, y: np.dstack([x, y]), (CUBED, CUBED[..., :1])),
        Sample(lambda x: np.dstack([x, 2.0]), (1.5,)),
    ],
    "column_stack": [
        Sample(lambda x, y: np.column_stack([x * x, y]), (V, V[::-1] * 2)),
        Sample(lambda x, y: np.column_stack([x, y, np.zeros(2)]), (MATRIX, np.array([0.5, 0.6]))),
        Sample(lambda x: np.column_stack([x, 2.0]), (1.5,)),
    ],
    "append": [
        Sample(lambda x, y: np.append(x * x, y), (MATRIX, V)),
        Sample(lambda x, y: np.append(x, y), (V, 1.5)),
        Sample(lambda x: np.append(x, [1.0, 2.0]), (1.5,)),
        Sample(lambda x: np.append([[1.0, 2.0, 3.0]], x, axis=0), (MATRIX,)),
        Sample(lambda x, y: np.append(x, y, axis=-1), (MATRIX, COLUMN)),
    ],
    "block": [
        Sample(lambda x, y: np.block([[x * x, y], [y, x]]), (MATRIX, MATRIX * 0.7)),
        Sample(lambda x, y: np.block([[x, y], [1.0, np.ones((1, 3))]]), (COLUMN, MATRIX)),
        Sample(lambda x, y: np.block([x, y, 3.0]), (V, 1.5)),
        Sample(lambda x, y: np.block([[x], [y]]), (ROW, MATRIX)),
        Sample(lambda x: np.block([[[x]], [[x]]]), (MATRIX,)),
        Sample(lambda x, y: np.block([x, y]), (MATRIX, np.zeros((2, 0)))),
        Sample(np.block, (MATRIX,)),
    ],
    "insert": [
        Sample(lambda x, v: np.insert(x * x, 1, v * v), (V, 1.5)),
        Sample(lambda x, v: np.insert(x, [1, 3], v), (V, np.array([0.5, 0.6]))),
        Sample(lambda x, v: np.insert(x, [3, 1, 1], v), (V, np.array([0.5, 0.6, 0.7]))),
        Sample(lambda x, v: np.insert(x, [3, 1], v), (V, 1.5)),
        Sample(lambda x, v: np.insert(x, 1, v), (V, np.array([0.5, 0.6, 0.7]))),
        Sample(lambda x, v: np.insert(x, 1, v, axis=1), (MATRIX, np.array([0.5, 0.6]))),
        Sample(lambda x, v: np.insert(x, 1, v, axis=0), (MATRIX, ROW)),
        Sample(lambda x, v: np.insert(x, [0, 2], v, axis=-1), (MATRIX, COLUMN)),
        Sample(lambda x, v: np.insert(x, slice(0, 3, 2), v, axis=1), (MATRIX, 1.5)),
        Sample(lambda x: np.insert(x, -1, 7.0), (V,)),
        Sample(lambda x: np.insert(x, [], 7.0), (V,)),
        Sample(lambda v: np.insert(np.zeros((2, 3)), 2, v), (1.5,)),
    ],
    "delete": [
        *each(lambda x: np.delete(x, 1), V),
        Sample(lambda x: np.delete(x, [0, 2, -1]), (MATRIX,)),
        Sample(lambda x: np.delete(x, -1, axis=1), (MATRIX,)),
        Sample(lambda x: np.delete(x, slice(None, None, 2), axis=1), (MATRIX,)),
        Sample(lambda x: np.delete(x, np.array([True, False, True]), axis=-1), (MATRIX,)),
        Sample(lambda x: np.delete(x, [], axis=0), (MATRIX,)),
    ],
    "tril": [
        *[Sample(lambda x, k=k: np.tril(x * x, k), (MIXED,)) for k in (-1, 0, 2)],
        Sample(np.tril, (CUBED,)),
    ],
    "triu": [
        *[Sample(lambda x, k=k: np.triu(x * x, k=k), (MIXED,)) for k in (-1, 0, 2)],
        Sample(np.triu, (CUBED,)),
    ],
    "nan_to_num": [
        Sample(np.nan_to_num, (V,)),
        Sample(lambda x: np.nan_to_num(x * x, nan=1.0, posinf=9.0, neginf=-9.0), (MATRIX,)),
        Sample(np.nan_to_num, (1.5,)),
        Sample(
            lambda x: np.nan_to_num(x, nan=3.0), (np.array([np.nan, np.inf, -np.inf, 1.0]),), False, False, note="nan"
        ),
    ],
    "atleast_1d": [
        *each(np.atleast_1d, 1.5),
        Sample(np.atleast_1d, (np.array(1.5),)),
        Sample(lambda x, y: np.atleast_1d(x, y), (1.5, V)),
    ],
    "atleast_2d": [*each(np.atleast_2d, V), Sample(np.atleast_2d, (1.5,)), Sample(np.atleast_2d, (np.zeros(0),))],
    "atleast_3d": [*each(np.atleast_3d, V), Sample(np.atleast_3d, (MATRIX,)), Sample(np.atleast_3d, (1.5,))],
}
#: What is made of other ops: each piece that is cut off is a slice.
SAMPLES["getitem"] = [
    *each(lambda x: np.split(x, 2), V),
    Sample(lambda x: np.split(x, [1, 3], axis=1), (MIXED,)),
    Sample(lambda x: np.split(x, [3, 2, 9]), (V,)),
    Sample(lambda x: np.split(x, 3, -2), (MIXED,)),
    Sample(lambda x: np.array_split(x, 3), (V,)),
    Sample(lambda x: np.array_split(x, 6, axis=1), (MIXED,)),
    Sample(lambda x: np.array_split(x, (1,), axis=-1), (MIXED,)),
    Sample(lambda x: np.hsplit(x, 2), (V,)),
    Sample(lambda x: np.hsplit(x, [1]), (MIXED,)),
    Sample(lambda x: np.vsplit(x, 3), (MIXED,)),
    Sample(lambda x: np.dsplit(x, 2), (CUBED,)),
    Sample(lambda x: np.trim_zeros(np.maximum(x, 0.0)), (np.array([-0.5, 0.4, -0.3, 0.6, -0.1]),)),
    Sample(lambda x: np.trim_zeros(np.maximum(x, 0.0), "b"), (np.array([-0.5, 0.4, -0.3, 0.6, -0.1]),)),
    Sample(lambda x: np.trim_zeros(np.maximum(x, 0.0)), (np.array([-0.5, -0.4]),)),
]
if hasattr(np, "unstack"):
    SAMPLES["getitem"] += [Sample(np.unstack, (MIXED,)), Sample(lambda x: np.unstack(x, axis=-1), (MIXED,))]
SAMPLES["broadcast_to"] = [
    Sample(lambda x, y: np.broadcast_arrays(x * x, y), (ROW, COLUMN)),
    Sample(lambda x, y: np.broadcast_arrays(x, y), (1.5, MATRIX)),
]
