"""Samples of `tracer/ops/statistics.py`."""

import numpy as np

from . import Sample

_random = np.random.default_rng(13)


def _array(*shape):
    return _random.uniform(0.3, 1.5, shape) * _random.choice([-1.0, 1.0], shape)


def _apart(*shape):
    """Numbers of which no two are close: orders don't change where differences are taken."""
    n = int(np.prod(shape))
    return (_random.permutation(n) * 0.37 + _random.uniform(0, 0.1, n) - 1.0).reshape(shape)


def _samples(f, *shapes, make=_array, **options):
    return [Sample(f, tuple(make(*shape) for shape in each), **options) for each in shapes]


def _with_nan(x):
    """x with nan at every third place, put there so that differences see the numbers only."""
    return np.where(np.arange(np.size(x)).reshape(np.shape(x)) % 3 == 1, np.nan, x)


def _of(function, **options):
    return lambda x: function(x, **options)


def _of_nan(function, **options):
    return lambda x: function(_with_nan(x), **options)


#: How a reduction is called.
FORMS = [
    ({}, (4,)),
    ({}, (2, 3)),
    ({"axis": 0}, (3, 2)),
    ({"axis": -1, "keepdims": True}, (2, 3)),
    ({"axis": (0, 2)}, (2, 2, 3)),
    ({"axis": (-1, 0), "keepdims": True}, (2, 2, 3)),
    ({"axis": 0}, (3, 0)),
]
NAN_FORMS = [
    ({}, (5,)),
    ({}, (2, 4)),
    ({"axis": 0}, (4, 2)),
    ({"axis": -1, "keepdims": True}, (2, 4)),
    ({"axis": (0, 2)}, (2, 2, 3)),
    ({"axis": (-1, 0), "keepdims": True}, (2, 2, 3)),
]


def _forms(function, make=_array):
    return [Sample(_of(function, **options), (make(*shape),)) for options, shape in FORMS]


def _nan_forms(function, make=_array):
    return [Sample(_of_nan(function, **options), (make(*shape),)) for options, shape in NAN_FORMS]


def _spread(function, of=_of):
    """var, std and their variants: what they have besides the axis."""
    return [
        *_samples(of(function, ddof=1), ((4,),)),
        *_samples(of(function, axis=0, ddof=1, keepdims=True), ((4, 2),)),
        *_samples(of(function, correction=1), ((4,),)),
        *_samples(of(function, ddof=0.5), ((4,),)),
        *_samples(of(function, dtype=float), ((4,),)),
        *_samples(lambda x, m: function(x, mean=m), ((4,), (1,)), ((2, 3), (1, 1))),
        *_samples(lambda x, m: function(x, axis=1, mean=m, ddof=1), ((2, 3), (2, 1))),
        *_samples(lambda x: function(x, axis=0, mean=np.mean(x, axis=0, keepdims=True)), ((3, 2),)),
    ]


METHODS = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]


def _quantiles(function, scale, of=_of):
    return [
        *_samples(of(function, q=0.3 * scale), ((5,),), ((2, 3),), make=_apart),
        *_samples(of(function, q=0.5 * scale, axis=0), ((4, 2),), make=_apart),
        *_samples(of(function, q=[0.0, 0.25 * scale, 1.0 * scale], axis=-1), ((2, 4),), make=_apart),
        *_samples(of(function, q=[0.1 * scale, 0.9 * scale], axis=(0, 2), keepdims=True), ((2, 2, 3),), make=_apart),
        *_samples(of(function, q=0.7 * scale, axis=[1, 0]), ((2, 3),), make=_apart),
        *_samples(of(function, q=[]), ((3,),), make=_apart),
        *[Sample(of(function, q=[0.35 * scale, 0.8 * scale], method=m), (_apart(7),)) for m in METHODS],
        *_samples(of(function, q=0.35 * scale, axis=1, method="hazen"), ((2, 6),), make=_apart),
    ]


SAMPLES = {
    "var": [*_forms(np.var), *_spread(np.var), Sample(np.var, (1.5,)), *_samples(np.var, ((),), ((1,),))],
    "std": [*_forms(np.std), *_spread(np.std)],
    "nanvar": [
        *_nan_forms(np.nanvar),
        *_spread(np.nanvar),
        *_samples(_of_nan(np.nanvar, ddof=1), ((5,),), ((6,),)),
    ],
    "nanstd": [*_nan_forms(np.nanstd), *_spread(np.nanstd), *_samples(_of_nan(np.nanstd, ddof=1, axis=0), ((6, 2),))],
    "average": [
        *_forms(np.average)[:-1],
        Sample(np.average, (1.5,)),
        *_samples(lambda x: np.average(x, weights=[1.0, 2.0, 3.0]), ((3,),)),
        *_samples(lambda x: np.average(x, axis=-1, weights=[1.0, 2.0, 3.0], keepdims=True), ((2, 3),)),
        *_samples(lambda x, w: np.average(x, weights=w * w), ((3,), (3,)), ((2, 3), (2, 3))),
        *_samples(
            lambda x, w: np.average(x, axis=1, weights=w * w), ((2, 3), (3,)), ((2, 3, 2), (3,)), ((2, 3), (2, 3))
        ),
        *_samples(lambda x, w: np.average(x, axis=(0, 2), weights=w * w), ((2, 2, 3), (2, 3))),
        *_samples(lambda x, w: np.average(x, axis=(2, 0), weights=w * w, keepdims=True), ((2, 2, 3), (3, 2))),
        *_samples(lambda x, w: np.average(x, axis=0, weights=w * w, returned=True), ((3, 2), (3,))),
        *_samples(lambda x, w: np.average(x, weights=w * w, returned=True), ((3,), (3,))),
        *_samples(lambda x: np.average(x, axis=0, returned=True), ((3, 2),)),
        *_samples(lambda w: np.average([1.0, -2.0, 3.0], weights=w * w), ((3,),)),
    ],
    "median": [
        *_forms(np.median, _apart)[:-1],
        *_samples(np.median, ((5,),), ((1,),), ((),), make=_apart),
        Sample(np.median, (1.5,)),
    ],
    "quantile": [
        *_quantiles(np.quantile, 1.0),
        *_samples(_of(np.quantile, q=[[0.1], [0.9]], axis=(0, 2), keepdims=True), ((2, 2, 3),), make=_apart),
        *_samples(_of(np.quantile, q=[[0.1, 0.9]]), ((4,),), make=_apart),
        Sample(_of(np.quantile, q=0.3), (1.5,)),
    ],
    "percentile": _quantiles(np.percentile, 100.0),
    "nanmedian": _nan_forms(np.nanmedian, _apart),
    "nanquantile": [*_quantiles(np.nanquantile, 1.0), *_quantiles(np.nanquantile, 1.0, _of_nan)],
    "nanpercentile": _quantiles(np.nanpercentile, 100.0, _of_nan),
    "nansum": [
        *_forms(np.nansum),
        *_nan_forms(np.nansum),
        *_samples(_of_nan(np.nansum, dtype=float), ((4,),)),
        Sample(np.nansum, (1.5,)),
    ],
    "nanmean": [*_forms(np.nanmean), *_nan_forms(np.nanmean)],
    "nanprod": [
        *_forms(np.nanprod),
        *_nan_forms(np.nanprod),
        Sample(_of_nan(np.nanprod), (np.array([0.7, 2.0, 0.0, -1.2]),)),
        Sample(_of_nan(np.nanprod), (np.array([0.0, 2.0, 0.0, -1.2]),)),
    ],
    "nanmax": [*_forms(np.nanmax, _apart), *_nan_forms(np.nanmax, _apart), Sample(np.nanmax, (1.5,))],
    "nanmin": [*_forms(np.nanmin, _apart), *_nan_forms(np.nanmin, _apart)],
    "ptp": [*_forms(np.ptp, _apart), *_samples(np.ptp, ((1,),))],
    "cov": [
        *_samples(np.cov, ((4,),), ((2, 4),), ((3, 2),), ((1, 4),)),
        *_samples(lambda x: np.cov(x, rowvar=False), ((4, 2),), ((4,),), ((4, 1),)),
        *_samples(lambda x: np.cov(x, bias=True), ((2, 4),)),
        *_samples(lambda x: np.cov(x, ddof=0), ((2, 4),)),
        *_samples(lambda x: np.cov(x, fweights=[1, 2, 0, 3]), ((2, 4),)),
        *_samples(lambda x: np.cov(x, aweights=[0.1, 0.5, 0.2, 0.4]), ((2, 4),), ((4,),)),
        *_samples(lambda x: np.cov(x, fweights=[1, 2, 0, 3], aweights=[0.1, 0.5, 0.2, 0.4], ddof=2), ((2, 4),)),
        *_samples(lambda x: np.cov(x, aweights=[0.1, 0.5, 0.2, 0.4], ddof=0), ((2, 4),)),
        *_samples(np.cov, ((4,), (4,)), ((2, 4), (4,)), ((4,), (2, 4)), ((2, 4), (2, 4))),
        *_samples(
            lambda x, y: np.cov(x, y, rowvar=False), ((4, 2), (4, 2)), ((4, 2), (4,)), ((4,), (4,)), ((4, 2), (1, 4))
        ),
        *_samples(lambda x: np.cov(x, x), ((4,),)),
    ],
    "corrcoef": [
        *_samples(np.corrcoef, ((2, 4),), ((3, 5),), ((4,),)),
        *_samples(lambda x: np.corrcoef(x, rowvar=False), ((5, 2),)),
        *_samples(np.corrcoef, ((4,), (4,)), ((2, 4), (4,))),
        *_samples(lambda x, y: np.corrcoef(x, y, rowvar=False), ((5, 2), (5, 1))),
    ],
}
