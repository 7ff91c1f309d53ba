"""Samples of `tracer/ops/special.py`. Those of scipy's functions are skipped where scipy is not installed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradviz.tracer.ops.special import BESSEL, logsumexp, multigammaln, polygamma
from gradviz.tracer.tensor import call

from . import Sample

ANY = np.array([[0.3, -1.2, 0.9], [-0.4, 1.1, 2.3]])
OTHER = np.array([[0.7, 0.5, -1.4], [-0.8, 0.2, 1.6]])
POSITIVE = np.array([[0.3, 1.2, 0.9], [0.4, 3.1, 2.3]])
POSITIVE_OTHER = np.array([[0.8, 0.5, 2.2], [1.7, 1.4, 0.6]])
INSIDE = np.array([[0.3, 0.8, 0.55], [0.4, 0.15, 0.9]])


def scipy_function(name: str) -> Callable[..., Any]:
    """A function of scipy.special."""

    def function(*args: Any) -> Any:
        return getattr(pytest.importorskip("scipy.special"), name)(*args)

    return function


def with_scipy(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of gradviz's own that computes with scipy."""
    pytest.importorskip("scipy.special")
    return function


#: Where each function of one operand is smooth.
_ONE = {
    **dict.fromkeys(("expit", "log_expit", "erf", "erfc", "erfcx", "erfi", "dawsn", "ndtr", "log_ndtr"), ANY),
    **dict.fromkeys(("exp10", "exprel", "cosm1", "j0", "j1", "i1", "i0e", "i1e"), ANY),
    **dict.fromkeys(("logit", "erfinv", "erfcinv", "ndtri"), INSIDE),
    **dict.fromkeys(("gammaln", "loggamma", "entr", "exp1", "expi", "y0", "y1", "k0", "k1"), POSITIVE),
    **dict.fromkeys(("gamma", "rgamma", "psi"), np.array([[0.3, -1.4, 0.9], [-0.6, 1.1, 2.3]])),
}
_TWO = ("beta", "betaln", "rel_entr", "kl_div", "xlogy", "xlog1py", "pseudo_huber", "boxcox")
_ORDERS = {"jv": (0, 1, 2.5), "yv": (0, 0.5), "yn": (0, 1, 3), "iv": (0, 1, 0.3), "ive": (0, 2.5)}
_ORDERS |= {"kv": (0, 1, 0.7), "kn": (0, 2), "gammainc": (0.5, 1.0, 2.5), "gammaincc": (0.5, 2.5)}


def of_order(name: str, order: float) -> Callable[..., Any]:
    """A function whose first operand is a constant."""
    return lambda x: scipy_function(name)(order, x)


SAMPLES = {
    **{name: [Sample(scipy_function(name), (at,)), Sample(scipy_function(name), (0.4,))] for name, at in _ONE.items()},
    **{name: [Sample(scipy_function(name), (POSITIVE, POSITIVE_OTHER))] for name in _TWO},
    **{name: [Sample(of_order(name, v), (POSITIVE,)) for v in orders] for name, orders in _ORDERS.items()},
    "special.i0": [Sample(scipy_function("i0"), (ANY,))],
    "huber": [Sample(scipy_function("huber"), (POSITIVE, OTHER)), Sample(of_order("huber", 1.0), (ANY,))],
    "betainc": [Sample(lambda x: scipy_function("betainc")(2.0, 3.5, x), (INSIDE,))],
    "hyp1f1": [Sample(lambda x: scipy_function("hyp1f1")(0.7, 2.5, x), (ANY,))],
    "polygamma": [
        Sample(
            lambda x, n=n: with_scipy(polygamma)(n, x),
            (POSITIVE,),
            plain=lambda x, n=n: scipy_function("polygamma")(n, x),
        )
        for n in (0, 1, 3)
    ],
    "multigammaln": [
        Sample(
            lambda a: with_scipy(multigammaln)(a, 3),
            (POSITIVE + 1.5,),
            plain=lambda a: scipy_function("multigammaln")(a, 3),
        )
    ],
    "logsumexp": [
        Sample(logsumexp, (ANY,)),
        Sample(lambda x: logsumexp(x, axis=0), (ANY,)),
        Sample(lambda x: logsumexp(x, axis=(0, 1), keepdims=True), (ANY,)),
        Sample(lambda x: logsumexp(1000.0 + x, axis=1), (ANY,)),
    ],
    "sinc": [
        Sample(np.sinc, (ANY,)),
        Sample(np.sinc, (np.array([0.02, -0.0998, 0.1003, -1e-3]),)),
        Sample(np.sinc, (0.4,)),
    ],
    "i0": [Sample(np.i0, (ANY,)), Sample(np.i0, (np.array([9.0, -20.0, 7.5]),))],
    "bessel_i": [Sample(lambda x, n=n: call(BESSEL, (x,), {"n": n}), (ANY,)) for n in (1, 2, 5)],
    **{
        ufunc.__name__: [Sample(ufunc, (ANY, OTHER)), Sample(ufunc, (0.3, 0.4)), Sample(ufunc, (ANY[:, :1], OTHER[0]))]
        for ufunc in (np.logaddexp, np.logaddexp2, np.hypot, np.arctan2, np.copysign)
    },
    "fmod": [Sample(np.fmod, (3.0 * ANY, POSITIVE_OTHER)), Sample(np.fmod, (-2.7, 1.1))],
    "heaviside": [
        Sample(np.heaviside, (ANY, OTHER)),
        Sample(lambda h: np.heaviside(np.array([0.0, 1.0, 0.0]), h), (ANY,)),
    ],
    "ldexp": [Sample(lambda x: np.ldexp(x, np.array([3, -1, 0])), (ANY,)), Sample(lambda x: np.ldexp(x, 2), (0.7,))],
    **{ufunc.__name__: [Sample(ufunc, (ANY,))] for ufunc in (np.deg2rad, np.radians, np.rad2deg, np.degrees)},
}
