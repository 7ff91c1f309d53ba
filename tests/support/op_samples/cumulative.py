"""Samples of `tracer/ops/cumulative.py`."""

import numpy as np

from gradviz.tracer.ops.cumulative import RECURRENCE
from gradviz.tracer.tensor import call

from . import Sample

_random = np.random.default_rng(12)

#: Points that are not evenly spaced, for gradient and trapezoid.
POINTS = np.array([0.0, 0.7, 1.1, 2.3, 3.0])


def _array(*shape):
    return _random.uniform(0.3, 1.5, shape) * _random.choice([-1.0, 1.0], shape)


def _with_zeros(*shape):
    """An array with zeros in it: one here, two in a row there."""
    x = _array(*shape)
    x.flat[:: max(x.size // 3, 1)] = 0.0
    x.flat[1:2] = 0.0
    return x


def _samples(f, *shapes, make=_array, **options):
    return [Sample(f, tuple(make(*shape) for shape in each), **options) for each in shapes]


def _with_nan(x):
    """x with nan at every third place, put there so that differences see the numbers only."""
    return np.where(np.arange(np.size(x)).reshape(np.shape(x)) % 3 == 1, np.nan, x)


def _diff(**options):
    return lambda x: np.diff(x, **options)


def _gradient(*spacing, **options):
    return lambda f: np.gradient(f, *spacing, **options)


_ONE_AXIS = [((4,),), ((3, 2),), ((2, 3, 2),), ((1,),), ((0,),), ((2, 0),), ((0, 2),)]

SAMPLES = {
    "prod": [
        *_samples(np.prod, *_ONE_AXIS, ((),)),
        *_samples(lambda x: np.prod(x, axis=0), ((3, 2),), ((0, 2),)),
        *_samples(lambda x: np.prod(x, axis=-1, keepdims=True), ((3, 2),), ((2, 0),)),
        *_samples(lambda x: np.prod(x, axis=(0, -1)), ((2, 3, 2),)),
        *_samples(lambda x: np.prod(x, axis=(2, 0), keepdims=True), ((2, 3, 2),)),
        *_samples(lambda x: np.prod(x, axis=()), ((2, 3),)),
        *_samples(lambda x: np.prod(x, dtype=float), ((3,),)),
        Sample(np.prod, (1.5,)),
        *_samples(np.prod, ((4,),), ((2, 3),), ((1,),), ((),), make=_with_zeros),
        *_samples(lambda x: np.prod(x, axis=0), ((3, 2),), make=_with_zeros),
        *_samples(lambda x: np.prod(x, axis=(2, 0), keepdims=True), ((2, 3, 2),), make=_with_zeros),
        Sample(np.prod, (np.array([0.7, 0.0, -1.2]),)),
        Sample(np.prod, (np.array([0.0, 0.0, 0.0, 2.0]),)),
        Sample(lambda x: np.prod(x * 1e-150), (np.array([0.7, 2.0, -1.2]),), note="underflows to 0: no division"),
    ],
    "recurrence": [
        *_samples(lambda b, a: call(RECURRENCE, (b, a)), ((4,), (4,)), ((2, 3), (2, 3)), ((1,), (1,)), ((0,), (0,))),
    ],
    "cumsum": [
        *_samples(np.cumsum, *_ONE_AXIS, ((),)),
        *_samples(lambda x: np.cumsum(x, axis=0), ((3, 2),), ((0, 2),)),
        *_samples(lambda x: np.cumsum(x, axis=-1), ((3, 2),), ((2, 3, 2),)),
        *_samples(lambda x: np.cumsum(x, 1, dtype=float), ((2, 3),)),
        Sample(np.cumsum, (1.5,)),
    ],
    "cumprod": [
        *_samples(np.cumprod, *_ONE_AXIS, ((),)),
        *_samples(lambda x: np.cumprod(x, axis=0), ((3, 2),), ((0, 2),)),
        *_samples(lambda x: np.cumprod(x, axis=-2), ((2, 3, 2),)),
        Sample(np.cumprod, (1.5,)),
        *_samples(np.cumprod, ((4,),), ((2, 3),), ((1,),), ((),), make=_with_zeros),
        *_samples(lambda x: np.cumprod(x, axis=0), ((4, 2),), make=_with_zeros),
        *_samples(lambda x: np.cumprod(x, axis=-1), ((2, 4),), make=_with_zeros),
        Sample(np.cumprod, (np.array([0.7, 0.0, -1.2, 0.5, 2.0]),)),
    ],
    "nancumsum": [
        *_samples(lambda x: np.nancumsum(_with_nan(x)), ((5,),), ((2, 3),), ((0,),)),
        *_samples(lambda x: np.nancumsum(_with_nan(x), axis=0), ((4, 2),)),
    ],
    "nancumprod": [
        *_samples(lambda x: np.nancumprod(_with_nan(x)), ((5,),), ((2, 3),), ((0,),)),
        *_samples(lambda x: np.nancumprod(_with_nan(x), axis=-1), ((2, 4),)),
        *_samples(lambda x: np.nancumprod(_with_nan(x)), ((5,),), make=_with_zeros),
    ],
    "diff": [
        *_samples(np.diff, ((4,),), ((2, 3),), ((2, 3, 2),), ((1,),), ((0,),), ((2, 0),)),
        *_samples(_diff(axis=0), ((3, 2),)),
        *_samples(_diff(n=2), ((5,),), ((2, 4),), ((2,),), ((1,),)),
        *_samples(_diff(n=3, axis=-2), ((5, 2),)),
        *_samples(_diff(n=0), ((3,),)),
        *_samples(_diff(prepend=0.0), ((3,),), ((2, 3),)),
        *_samples(_diff(append=[1.0, 2.0]), ((3,),)),
        *_samples(lambda x, p: np.diff(x, prepend=p), ((3,), (2,)), ((2, 3), ()), ((2, 3), (2, 1))),
        *_samples(lambda x, p: np.diff(x, append=p, axis=0), ((2, 3), ()), ((2, 3), (1, 3))),
        *_samples(lambda x, p, a: np.diff(x, 2, prepend=p, append=a), ((3,), (1,), ()), ((0,), (1,), (2,))),
        *_samples(lambda x, p: np.diff([1.0, 2.0], prepend=x, append=p), ((), ())),
    ],
    "ediff1d": [
        *_samples(np.ediff1d, ((4,),), ((2, 3),), ((1,),), ((0,),)),
        *_samples(lambda x, e: np.ediff1d(x, e), ((4,), (2,)), ((2, 2), ()), ((0,), (2,)), ((1,), (1,))),
        *_samples(lambda x, b: np.ediff1d(x, to_begin=b), ((4,), (2, 2))),
        *_samples(lambda x, e, b: np.ediff1d(x, to_begin=b, to_end=e), ((4,), (1,), (2,))),
        *_samples(lambda x: np.ediff1d(x, to_begin=-1.0, to_end=[2.0]), ((3,),)),
    ],
    "gradient": [
        *_samples(_gradient(), ((5,),), ((2,),), ((3, 4),), ((3, 2, 2),)),
        *_samples(_gradient(edge_order=2), ((5,),), ((3,),), ((3, 4),)),
        *_samples(_gradient(0.5), ((5,),), ((3, 4),)),
        *_samples(_gradient(2), ((4,),)),
        *_samples(_gradient(0.5, 2.0), ((3, 4),)),
        *_samples(_gradient(axis=0), ((3, 2),)),
        *_samples(_gradient(axis=-1), ((2, 3),)),
        *_samples(_gradient(axis=(0, 2)), ((2, 2, 3),)),
        *_samples(_gradient(0.5, axis=(-1, 0), edge_order=2), ((3, 2, 3),)),
        *_samples(_gradient(POINTS), ((5,),)),
        *_samples(_gradient(POINTS, edge_order=2), ((5,),)),
        *_samples(_gradient([0.0, 1.0, 2.0, 3.0]), ((4,),)),
        *_samples(_gradient(POINTS, 0.5), ((5, 3),)),
        *_samples(_gradient(POINTS, axis=1, edge_order=2), ((2, 5),)),
        *_samples(lambda f, h: np.gradient(f, h), ((5,), ()), ((3, 4), ())),
        *[Sample(lambda f, x, e=e: np.gradient(f, x, edge_order=e), (_array(5), POINTS)) for e in (1, 2)],
        *[Sample(lambda f, x, e=e: np.gradient(f, x, axis=0, edge_order=e), (_array(5, 2), POINTS)) for e in (1, 2)],
        Sample(lambda f, x: np.gradient(f, x), (_array(2), POINTS[:2])),
        Sample(lambda f, x: np.gradient(f, x, edge_order=2), (_array(3), POINTS[:3])),
        Sample(lambda f, x, h: np.gradient(f, x, h), (_array(5, 3), POINTS, 0.7)),
        Sample(lambda x: np.gradient(POINTS**2, x), (POINTS,)),
        *[Sample(lambda f, x, e=e: np.gradient(f, x, edge_order=e), (_array(4), np.arange(4.0))) for e in (1, 2)],
    ],
    "trapezoid": [
        *_samples(np.trapezoid, ((5,),), ((2, 3),), ((1,),), ((0,),), ((2, 0),)),
        *_samples(lambda y: np.trapezoid(y, axis=0), ((3, 2),)),
        *_samples(lambda y: np.trapezoid(y, dx=0.5, axis=-2), ((2, 3, 2),)),
        *_samples(lambda y: np.trapezoid(y, POINTS), ((5,),), ((2, 5),)),
        *_samples(lambda y: np.trapezoid(y, POINTS, axis=0), ((5, 2),)),
        *_samples(lambda y: np.trapezoid(y, [0.0, 1.0, 3.0]), ((3,),)),
        *_samples(lambda y, x: np.trapezoid(y, x), ((5,), (5,)), ((2, 5), (5,)), ((2, 5), (2, 5)), ((2, 5), (1, 5))),
        *_samples(lambda y, x: np.trapezoid(y, x, axis=0), ((5, 2), (5,)), ((5, 2), (5, 2))),
        *_samples(lambda y, dx: np.trapezoid(y, dx=dx), ((5,), ()), ((2, 5), ())),
        *_samples(lambda y, dx: np.trapezoid(y, dx=dx, axis=0), ((5, 2), (4, 1))),
        *_samples(lambda x: np.trapezoid([1.0, 2.0, 4.0], x), ((3,),)),
    ],
}


def _cumulative(f):
    return [
        *_samples(f, ((4,),), ((0,),)),
        *_samples(lambda x: f(x, axis=0), ((3, 2),)),
        *_samples(lambda x: f(x, include_initial=True), ((3,),), ((0,),)),
        *_samples(lambda x: f(x, axis=-1, include_initial=True), ((2, 3),)),
        *_samples(f, ((4,),), make=_with_zeros),
        *_samples(lambda x: f(x, axis=1, include_initial=True), ((2, 4),), make=_with_zeros),
    ]


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    SAMPLES |= {name: _cumulative(getattr(np, name)) for name in ("cumulative_sum", "cumulative_prod")}
