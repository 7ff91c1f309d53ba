"""The methods and keyword arguments of ufuncs: ties, where=, dtype=, facts, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.ops.ufunc_methods import masked

X = np.array([[0.5, -1.2, 3.1], [2.2, 0.9, -0.4]])


# -- reduce and accumulate ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ufunc", "sign"), [(np.maximum, 1.0), (np.fmax, 1.0), (np.minimum, -1.0), (np.fmin, -1.0)])
def test_a_running_best_splits_ties_evenly(ufunc, sign):
    x = gv.tensor(sign * np.array([1.0, 3.0, 2.0, 3.0, 3.0]))
    ufunc.accumulate(x).backward([1.0, 10.0, 100.0, 6.0, 9.0])
    assert x.grad.tolist() == [1.0, 10.0 + 100.0 + 3.0 + 3.0, 0.0, 3.0 + 3.0, 3.0]


def test_a_running_best_along_an_axis_with_ties_in_one_line_only():
    x = gv.tensor([[1.0, 1.0, 2.0], [3.0, 2.0, 1.0]])
    np.maximum.accumulate(x, axis=1).backward(np.ones((2, 3)))
    assert x.grad.tolist() == [[1.5, 0.5, 1.0], [3.0, 0.0, 0.0]]


def test_a_nan_stays_the_running_maximum():
    x = gv.tensor([1.0, np.nan, 5.0])
    y = np.maximum.accumulate(x)
    y.backward([1.0, 10.0, 100.0])
    assert x.grad.tolist() == [1.0, 110.0, 0.0]


def test_a_running_maximum_is_fast_and_keeps_gradients_apart():
    values = np.sort(np.random.default_rng(0).normal(size=100_000))
    x = gv.tensor(values)
    upstream = np.ones(values.size)
    upstream[-1] = np.nan
    np.maximum.accumulate(x).backward(upstream)
    assert np.isnan(x.grad[-1])
    assert (x.grad[:-1] == 1.0).all()


def test_an_initial_value_takes_its_part():
    x = gv.tensor([1.0, 3.0, 3.0])
    np.maximum.reduce(x, initial=3.0).backward(3.0)
    assert x.grad.tolist() == [0.0, 1.0, 1.0]
    np.maximum.reduce(x, initial=9.0).backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_a_product_of_some_with_a_zero_among_them():
    x = gv.tensor([2.0, 0.0, 5.0, 7.0])
    np.multiply.reduce(x, where=[True, True, True, False], initial=3.0).backward()
    assert x.grad.tolist() == [0.0, 30.0, 0.0, 0.0]


def test_facts_are_plain():
    x = gv.tensor(X)
    assert np.logical_and.reduce(x > 0, axis=0).tolist() == np.logical_and.reduce(X > 0, axis=0).tolist()
    assert np.logical_or.reduce(x) is not None
    assert type(np.greater.outer(x, 1.0)) is np.ndarray
    into = np.ones((2, 3), bool)
    assert np.greater(x, 0.0, out=into, where=X < 2.0) is into
    assert into.tolist() == np.greater(X, 0.0, out=np.ones((2, 3), bool), where=X < 2.0).tolist()


def test_what_numpy_has_for_integers_alone_is_plain():
    n = gv.tensor([6, 3])
    assert np.bitwise_and(n, 2).tolist() == [2, 2]
    assert np.bitwise_or.reduce(n) == 7
    assert np.gcd(n, 9).tolist() == [3, 3]


def test_a_plain_reduction_is_the_functions_own_op():
    x = gv.tensor(X)
    for ufunc, op in ((np.add, "sum"), (np.multiply, "prod"), (np.maximum, "max"), (np.minimum, "min")):
        assert gv.graph(ufunc.reduce(x)).nodes[-1].op == op
        assert gv.graph(ufunc.reduce(x, initial=1.0)).nodes[-1].op == f"{ufunc.__name__}.reduce"


# -- keyword arguments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, "f8", np.float64])
def test_a_dtype_is_computed_in(dtype):
    x = gv.tensor(X)
    y = np.add(x, 0.1, dtype=dtype)
    expected = np.add(X, 0.1, dtype=dtype)
    assert y.value.dtype == expected.dtype
    assert y.value.tobytes() == expected.tobytes()
    y.sum().backward()
    assert x.grad.tolist() == np.ones((2, 3)).tolist()
    assert np.add.reduce(x, dtype=np.float32).value.tobytes() == np.add.reduce(X, dtype=np.float32).tobytes()
    assert np.maximum.reduce(x, dtype=np.float32).value.dtype == np.float32
    assert np.hypot.accumulate(x, dtype=np.float32).value.dtype == np.float32


def test_casting_order_and_subok_are_numpys():
    x = gv.tensor(X)
    assert np.exp(x, casting="no", order="F", subok=False).value.tobytes() == np.exp(X).tobytes()
    with pytest.raises(TypeError, match="Cannot cast"):
        np.add(x, 1.0, dtype=np.float32, casting="safe")


def test_some_places_only_without_an_array_for_the_others_is_refused():
    with pytest.raises(gv.RecordError, match=r"np\.log with where= .*whatever lay in memory: give out="):
        np.log(gv.tensor(X), where=X > 0)


def test_what_is_not_computed_has_no_slope_not_even_nan():
    x = gv.tensor([1.0, 0.0, 4.0])
    y = masked(np.divide, (1.0, x), x > 0, np.zeros(3))
    assert y.value.tolist() == [1.0, 0.0, 0.25]
    y.sum().backward()
    assert x.grad.tolist() == [-1.0, 0.0, -0.0625]


def test_writing_into_a_tensor_at_some_places():
    x = gv.tensor([1.0, 0.0, 4.0])
    out = gv.tensor([7.0, 8.0, 9.0]) * 1.0
    np.divide(1.0, x, out=out, where=x > 0)
    assert out.value.tolist() == [1.0, 8.0, 0.25]
    out.sum().backward()
    assert x.grad.tolist() == [-1.0, 0.0, -0.0625]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.exp(x, out=np.zeros((2, 3))), "would write a Tensor into a plain array"),
        (lambda x: np.add.at(np.zeros(3), [0], x[0, 0]), "would write a Tensor into a plain array"),
        (lambda x: np.exp(x, signature="d->d"), "np.exp with signature= has no gradient rule"),
        (lambda x: np.power.reduce(x), "np.power.reduce has no gradient rule .* depends on the processor"),
        (lambda x: np.arctan2.reduce(x), "np.arctan2.reduce has no gradient rule .* write the chain as a loop"),
        (lambda x: np.arctan2.accumulate(x), "np.arctan2.accumulate has no gradient rule"),
        (lambda x: np.multiply.reduceat(x, [0]), "np.multiply.reduceat has no gradient rule"),
        (lambda x: np.divide.reduce(x, initial=1.0), "np.divide.reduce with initial= has no gradient rule"),
        (lambda x: np.hypot.reduce(x, initial=gv.tensor(1.0)), "np.hypot.reduce with initial= has no gradient rule"),
        (lambda x: np.nextafter(x, 1.0, dtype=float), "np.nextafter with dtype= has no gradient rule"),
    ],
)
def test_what_has_no_rule_is_refused_by_name(call, text):
    with pytest.raises(gv.RecordError, match=text):
        call(gv.tensor(X))


def test_numpys_own_errors_come_through():
    with pytest.raises(ValueError, match="not reorderable"):
        np.subtract.reduce(gv.tensor(X), axis=(0, 1))
    with pytest.raises((TypeError, ValueError)):
        np.add.reduceat(gv.tensor(X), [[0]])


def test_another_librarys_ufunc_has_an_outer_too():
    special = pytest.importorskip("scipy.special", reason="SciPy is not installed")
    x = gv.tensor([0.5, 1.5])
    y = special.xlogy.outer(x, [2.0, 3.0])
    assert y.value.tobytes() == special.xlogy.outer([0.5, 1.5], [2.0, 3.0]).tobytes()
    y.sum().backward()
    np.testing.assert_allclose(x.grad, np.log(6.0))
