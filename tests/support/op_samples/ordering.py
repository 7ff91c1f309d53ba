"""Samples of `tracer/ops/ordering.py`."""

import numpy as np

from . import Sample
from .arithmetic import V

# Far enough apart that no step of a difference makes two change places.
MIXED = np.array([[0.7, -1.3, 2.9, 0.1], [3.1, -0.4, 1.7, -2.2], [0.5, 1.1, -0.9, 2.3]])
CUBED = np.stack([MIXED, MIXED[::-1] * 1.37 + 0.05])
TWICE = np.array([1.5, -0.5, 1.5, 2.5, -0.5, 1.5])

SAMPLES = {
    "sort": [
        Sample(np.sort, (MIXED[0],)),
        Sample(np.sort, (MIXED,)),
        *[Sample(lambda x, axis=axis: np.sort(x, axis=axis), (CUBED,)) for axis in (0, 1, 2, -1, -2, None)],
        *[Sample(lambda x, kind=kind: np.sort(x, kind=kind), (MIXED,)) for kind in ("stable", "heapsort", "mergesort")],
        Sample(lambda x: np.sort(x, stable=True), (MIXED,)),
        Sample(lambda x: np.sort(x * x, 0) ** 2, (MIXED,)),
        Sample(lambda x: np.sort(x[::-1, ::-2]), (MIXED,), note="negative strides"),
        Sample(lambda x: np.sort(x.T, axis=1), (MIXED,)),
        Sample(np.sort, (np.zeros((0, 3)),)),
        Sample(lambda x: np.sort(x, axis=None), (1.5,)),
        Sample(lambda x: np.sort(x, axis=None), (np.array(1.5),)),
        Sample(np.sort, (TWICE,), first=False, second=False, note="ties"),
    ],
    "partition": [
        Sample(lambda x: np.partition(x, 2), (MIXED,)),
        *[Sample(lambda x, axis=axis: np.partition(x, 1, axis=axis), (CUBED,)) for axis in (0, 1, 2, -1, None)],
        Sample(lambda x: np.partition(x, (0, 2), axis=-1), (MIXED,)),
        Sample(lambda x: np.partition(x, [1, 3]), (MIXED,)),
        Sample(lambda x: np.partition(x * x, -2) ** 2, (MIXED[0],)),
        Sample(lambda x: np.partition(x, 1), (TWICE,), first=False, second=False, note="ties"),
    ],
    "unique": [
        Sample(np.unique, (MIXED,)),
        Sample(lambda x: np.unique(x, return_index=True), (MIXED,)),
        Sample(lambda x: np.unique(x, return_index=True, return_inverse=True, return_counts=True), (MIXED[0],)),
        Sample(lambda x: np.unique(np.concatenate([x, x, x[:2]])) ** 2, (MIXED[0],), note="each value more than once"),
        Sample(lambda x: np.unique(x[[1, 0, 1]], axis=0), (MIXED,)),
        Sample(lambda x: np.unique(x[:, [1, 0, 1]], axis=1, return_counts=True), (MIXED,)),
        Sample(np.unique, (1.5,)),
        Sample(np.unique, (np.zeros((0,)),)),
        Sample(np.unique, (np.array([np.nan, 1.0, np.nan]),), first=False, second=False, note="nan"),
    ],
    "take": [
        Sample(lambda x: np.take(x, [0, 2, 2, -1]), (MIXED,)),
        Sample(lambda x: np.take(x, 3), (MIXED,)),
        Sample(lambda x: np.take(x, np.array([[0, 5], [5, 2]])), (MIXED,)),
        *[Sample(lambda x, axis=axis: np.take(x, [1, 0, 1, -1], axis=axis), (CUBED,)) for axis in (0, 1, 2, -1, -3)],
        Sample(lambda x: np.take(x, np.array([[0, 1], [1, 1]]), axis=1), (CUBED,)),
        Sample(lambda x: np.take(x, 1, axis=1), (CUBED,)),
        Sample(lambda x: np.take(x, [-7, 5, 9], axis=1, mode="wrap"), (MIXED,)),
        Sample(lambda x: np.take(x, [-7, 5, 1], axis=1, mode="clip"), (MIXED,)),
        Sample(lambda x: np.take(x, [-1, 40], mode="clip"), (MIXED,)),
        Sample(lambda x: np.take(x, np.array([], int), axis=0), (MIXED,)),
        Sample(lambda x: np.take(x, [0, 0]), (1.5,)),
        Sample(lambda x: np.take(x, 0), (np.array(1.5),)),
        Sample(lambda x: np.take(x * x, [1, 1], axis=0) ** 2, (MIXED,)),
    ],
    "take_along_axis": [
        Sample(lambda x: np.take_along_axis(x, np.array([[0, 3, 3], [1, 1, 0], [2, -1, 0]]), 1), (MIXED,)),
        Sample(lambda x: np.take_along_axis(x, np.array([[2, 0, 1, 1]]), axis=0), (MIXED,)),
        Sample(lambda x: np.take_along_axis(x, np.array([5, 5, 0]), axis=None), (MIXED,)),
        Sample(lambda x: np.take_along_axis(x, np.argsort(np.sin(7 * np.arange(4.0))).reshape(1, 1, 4), -1), (CUBED,)),
        Sample(lambda x: np.take_along_axis(x, np.argmax(x, axis=1, keepdims=True), axis=1), (MIXED,)),
        Sample(lambda x: np.take_along_axis(x * x, np.array([[1], [0], [3]]), 1) ** 2, (MIXED,)),
    ],
    "compress": [
        Sample(lambda x: np.compress([True, False, True], x, axis=0), (MIXED,)),
        Sample(lambda x: np.compress([0, 1], x, axis=1), (MIXED,), note="a condition shorter than the axis"),
        Sample(lambda x: np.compress([False, True, True, False, True], x), (MIXED,)),
        Sample(lambda x: np.compress(np.zeros(4, bool), x, axis=-1), (MIXED,)),
        Sample(lambda x: np.compress([True, False], x * x, axis=-3) ** 2, (CUBED,)),
    ],
    "extract": [
        Sample(lambda x: np.extract(x > 0, x) ** 2, (MIXED,)),
        Sample(lambda x: np.extract(np.zeros((3, 4), bool), x), (MIXED,)),
    ],
    "choose": [
        Sample(lambda x, y: np.choose(np.array([0, 1, 1, 0]), [x, y]) ** 2, (V[:4], MIXED)),
        Sample(lambda x: np.choose([[0, 1], [2, 0]], [x, 7.0, x * x]), (np.array([0.4, 1.6]),)),
        Sample(lambda x, y: np.choose([-1, 5, 1], (x, y), mode="wrap"), (MIXED[0, :3], 0.7)),
        Sample(lambda x, y: np.choose([-1, 5, 1], (x, y), mode="clip"), (MIXED[0, :3], MIXED[1, :3])),
        Sample(lambda x: np.choose([0, 2, 1, 1], x), (MIXED,), note="the choices in one array"),
    ],
    "select": [
        Sample(lambda x: np.select([x < -0.5, x > 1.0], [x * x, 2.0 * x], 0.5), (MIXED,)),
        Sample(lambda x, y: np.select([x < 1.0, x < 2.0], [x, y], default=x * y), (MIXED, MIXED[0] * 0.3)),
        Sample(lambda x: np.select([x > 0], [x]), (MIXED,)),
        Sample(lambda x, y, z: np.select([np.array([True, False, False])], [x], y * z), (V[:3], 0.5, 2.5)),
    ],
    "piecewise": [
        Sample(lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda v: v * v, lambda v: 3.0 * v]), (MIXED,)),
        Sample(lambda x: np.piecewise(x, [x < 0, x > 1], [lambda v: v * v, 2.0, np.sin]), (MIXED,)),
        Sample(lambda x: np.piecewise(x, x < 0, [lambda v, k: k * v, lambda v, k: v**k], 3), (MIXED[0],)),
        Sample(
            lambda x: np.piecewise(x, [x < 2, x < 0.4], [np.exp, np.sin, np.cos]),
            (MIXED,),
            note="conditions that overlap",
        ),
        Sample(lambda x: np.piecewise(x, [x > 0], [np.log]), (1.5,)),
        Sample(lambda x: np.piecewise(x, [x < 0], [np.log, np.sqrt]), (np.array(1.5),)),
    ],
}
