"""Samples of `tracer/ops/signal.py`."""

import numpy as np

from gradviz.tracer.ops.signal import OVERLAP_ADD, as_strided
from gradviz.tracer.tensor import call, value_of

from . import Sample

_random = np.random.default_rng(14)
_windows = np.lib.stride_tricks.sliding_window_view


def _array(*shape):
    return _random.uniform(0.3, 1.5, shape) * _random.choice([-1.0, 1.0], shape)


def _samples(f, *shapes, **options):
    return [Sample(f, tuple(_array(*shape) for shape in each), **options) for each in shapes]


MODES = ("full", "same", "valid")
LENGTHS = [
    ((4,), (3,)),
    ((5,), (2,)),
    ((2,), (5,)),
    ((3,), (4,)),
    ((3,), (3,)),
    ((4,), (4,)),
    ((1,), (1,)),
    ((3,), (1,)),
    ((1,), (2,)),
]


def _mode(function, mode):
    return lambda a, v: function(a, v, mode)


XP = np.array([-1.0, 0.2, 0.9, 2.0])
FP = np.array([0.5, -1.0, 2.0, 1.2])
X = np.array([[-0.5, 0.5, 1.7], [1.1, 2.5, -3.0]])  # between the points, and beyond both ends


def _interp(**options):
    return lambda x, xp, fp: np.interp(x, xp, fp, **options)


def _step(x):
    """The strides of an array, or of a Tensor's value."""
    return np.asarray(value_of(x)).strides


def _strided(shape, times):
    """as_strided with multiples of the array's own strides: on plain values NumPy's."""

    def strided(x, function=as_strided):
        return function(x, shape, tuple(n * _step(x)[axis] for n, axis in times))

    return {"f": strided, "plain": lambda x: strided(x, np.lib.stride_tricks.as_strided).copy()}


SAMPLES = {
    "convolve": [
        *[s for mode in MODES for s in _samples(_mode(np.convolve, mode), *LENGTHS)],
        *_samples(np.convolve, ((4,), (3,))),
        *_samples(lambda a: np.convolve(a, [1.0, -2.0, 0.5], "same"), ((5,),)),
        *_samples(lambda a: np.convolve(a, a), ((3,),)),
        *_samples(np.convolve, ((), (3,)), ((3,), ())),
        Sample(np.convolve, (1.5, -0.5)),
    ],
    "correlate": [
        *[s for mode in MODES for s in _samples(_mode(np.correlate, mode), *LENGTHS)],
        *_samples(np.correlate, ((4,), (3,))),
        *_samples(lambda a: np.correlate(a, a, "full"), ((3,),)),
        *_samples(lambda v: np.correlate([1.0, -2.0, 0.5, 1.0], v, "same"), ((3,),)),
    ],
    "interp": [
        Sample(np.interp, (X, XP, FP)),
        Sample(np.interp, (0.7, XP, FP)),
        Sample(np.interp, (X[0], XP[:2], FP[:2])),
        Sample(np.interp, (X[0], XP[:1] + 0.1, FP[:1])),
        Sample(np.interp, (np.zeros((0,)), XP, FP)),
        Sample(lambda x: np.interp(x, XP, FP), (X,)),
        Sample(lambda fp: np.interp(X, XP, fp), (FP,)),
        Sample(lambda xp: np.interp(X, xp, FP), (XP,)),
        Sample(lambda x, fp: np.interp(x, [0, 1, 2, 3], fp), (X, FP)),
        Sample(_interp(left=7.0), (X, XP, FP)),
        Sample(_interp(left=-1.0, right=3.0), (X, XP, FP)),
        Sample(_interp(period=4.0), (X, XP, FP)),
        Sample(_interp(period=-2.5), (np.array([0.1, 1.3, -0.7, 4.4]), XP[[2, 0, 3, 1]], FP)),
        Sample(lambda x: np.interp(x, x[:3] * 0.0 + XP[:3], x[:3]), (np.array([0.4, -0.6, 0.3, 1.1]),)),
        Sample(lambda fp: np.interp(XP, XP, fp), (FP,), note="at the points themselves"),
    ],
    "unwrap": [
        *[
            Sample(f, (np.array([0.1, 2.0, 5.5, 6.2, 0.3, 1.0]),))
            for f in (np.unwrap, lambda p: np.unwrap(p, np.pi + 1))
        ],
        Sample(lambda p: np.unwrap(p, axis=0, period=4.0), (_array(4, 2) * 3.0,)),
        Sample(np.unwrap, (_array(2, 3) * 3.0,)),
    ],
    "sliding_window_view": [
        *_samples(lambda x: _windows(x, 3), ((5,),), ((3,),)),
        *_samples(lambda x: _windows(x, (2, 2)), ((3, 4),), ((2, 2),)),
        *_samples(lambda x: _windows(x, [2, 1]), ((3, 2),)),
        *_samples(lambda x: _windows(x, 2, axis=0), ((3, 2),)),
        *_samples(lambda x: _windows(x, 2, axis=-1), ((2, 4),)),
        *_samples(lambda x: _windows(x, (2, 3), axis=(-1, 0)), ((3, 2, 4),)),
        *_samples(lambda x: _windows(x, (2, 2), axis=(0, 0)), ((4, 2),), ((3,),)),
        *_samples(lambda x: _windows(x, (4, 4)), ((5, 4),), note="more places in a window than windows"),
        *_samples(lambda x: _windows(x, 3, axis=1), ((0, 3),)),
        *_samples(lambda x, k: np.einsum("ijkl,kl->ij", _windows(x, (2, 2))[::2, ::1], k), ((4, 4), (2, 2))),
    ],
    "overlap_add": [
        *_samples(lambda g: call(OVERLAP_ADD, (g,), {"window": 3, "axis": None, "shape": (5,)}), ((3, 3),)),
        *_samples(lambda g: call(OVERLAP_ADD, (g,), {"window": 3, "axis": 1, "shape": (2, 4)}), ((2, 2, 3),)),
    ],
    "as_strided": [
        Sample(args=(_array(4),), **_strided((3, 2), [(1, 0), (1, 0)])),
        Sample(args=(_array(3, 4),), **_strided((2, 3, 2, 2), [(1, 0), (1, 1), (1, 0), (1, 1)])),
        Sample(args=(_array(5, 4),), **_strided((2, 2, 2), [(2, 0), (2, 1), (1, 1)])),
        Sample(args=(_array(4),), **_strided((3, 4), [(0, 0), (1, 0)])),
        Sample(args=(_array(4),), **_strided((), [])),
        Sample(args=(_array(4),), **_strided((0, 2), [(1, 0), (1, 0)])),
        Sample(as_strided, (_array(2, 3),), plain=np.copy),
    ],
}
