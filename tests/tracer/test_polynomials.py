"""Polynomials by their coefficients: values are NumPy's to the bit, gradients those of differences."""

import warnings

import numpy as np
import pytest
from oracle import first_gradients, numeric_gradients, relative_error, weighted_value

import gradviz as gv
from gradviz.tracer import RecordError

_random = np.random.default_rng(5)
X, Y, W = _random.normal(size=8), _random.normal(size=8), _random.uniform(1.0, 2.0, 8)
Y2 = _random.normal(size=(8, 2))
P, Q = _random.normal(size=3), _random.normal(size=2)

CASES = {
    "polyfit of y": (lambda y: np.polyfit(X, y, 2), (Y,)),
    "polyfit of both": (lambda x, y: np.polyfit(x, y, 2), (X, Y)),
    "polyfit of all": (lambda x, y, w: np.polyfit(x, y, 1, w=w), (X, Y, W)),
    "polyfit of lists": (lambda y: np.polyfit(X.tolist(), y, 1, None, False, W.tolist()), (Y,)),
    "polyfit of two": (lambda y: np.polyfit(X, y, 2, w=W), (Y2,)),
    "polyfit in full": (lambda y: np.polyfit(X, y, 2, full=True)[0], (Y,)),
    "polyadd": (np.polyadd, (P, Q)),
    "polysub": (np.polysub, (Q, P)),
    "polymul": (np.polymul, (P, Q)),
    "polyder": (np.polyder, (P,)),
    "polyder twice": (lambda p: np.polyder(p, 2), (P,)),
    "poly1d": (lambda p: np.poly1d(p)(X), (P,)),
    "poly1d computed with": (lambda p, q: (np.poly1d(p) * np.poly1d(q) - np.poly1d(q) * 2).deriv()(X), (P, Q)),
    "poly1d of a list": (lambda p: gv.np.poly1d([p[0], 2.0, p[1]])(X), (P,)),
}


@pytest.mark.parametrize(("f", "args"), CASES.values(), ids=CASES)
def test_values_are_numpys_and_gradients_those_of_differences(f, args):
    made, expected = f(*map(gv.tensor, args)), f(*args)
    assert (made.value.dtype, made.value.tobytes()) == (expected.dtype, expected.tobytes())
    numeric = numeric_gradients(lambda *given: weighted_value(f, given), args)
    for got, one in zip(first_gradients(f, args), numeric, strict=True):
        assert relative_error(got, one) < 1e-6


def test_a_poly1d_is_numpys_own():
    p = gv.np.poly1d([gv.tensor(2.0), 1.0])
    assert type(p) is np.poly1d
    assert isinstance(p, gv.np.poly1d)
    assert isinstance(np.poly1d([1.0]), gv.np.poly1d)
    assert not isinstance([1.0], gv.np.poly1d)

    class Named(gv.np.poly1d):
        pass

    assert type(Named([1.0, 2.0])) is Named


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda y: np.polyfit(X, y, -1), ValueError("expected deg >= 0")),
        (lambda y: np.polyfit(X[:3], y, 1), TypeError("expected x and y to have same length")),
        (lambda y: np.polyder(y, -1), ValueError("Order of derivative must be positive")),
        (lambda y: np.polyfit(X, y, 1, cov=True), RecordError("np.polyfit with cov=")),
    ],
)
def test_what_is_wrong_is_said_as_numpy_says_it(call, error):
    with pytest.raises(type(error), match=str(error)):
        call(gv.tensor(Y))


def test_a_poor_fit_is_warned_of_at_the_users_line():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        np.polyfit(np.ones(3), gv.tensor(np.ones(3)), 2)
    assert [(w.category.__name__, w.filename) for w in told] == [("RankWarning", __file__)]
