"""`gv.np` is NumPy, but for the functions that make arrays of Tensors."""

from __future__ import annotations

import inspect
import types

import numpy
import pytest

import gradviz as gv
from gradviz.tracer.numpy_namespace import FILLABLE, np


def gradients(f, *values):
    """The gradients of the sum of what `f` gives, weighted so that each element counts differently."""
    inputs = [gv.tensor(value) for value in values]
    out = f(*inputs)
    weights = numpy.arange(1.0, numpy.size(out) + 1).reshape(numpy.shape(out))
    (out * weights).sum().backward()
    return [x.grad.tolist() if numpy.ndim(x.grad) else float(x.grad) for x in inputs]


# -- it is NumPy -------------------------------------------------------------------------------------------------------


def test_every_public_name_is_there():
    own = {"array", "vectorize", "poly1d", "r_", "c_"}
    for name in numpy.__all__:
        member = getattr(np, name)
        if not isinstance(member, types.FunctionType) and name not in own and not inspect.isbuiltin(member):
            assert member is getattr(numpy, name)
    assert set(dir(numpy)) == set(dir(np))


def test_submodules_constants_and_types_are_numpys():
    assert np.linalg is numpy.linalg
    assert np.fft is numpy.fft
    assert np.random is numpy.random
    assert np.pi == numpy.pi
    assert np.float64 is numpy.float64
    assert np.ndarray is numpy.ndarray
    assert isinstance(np.zeros(3), np.ndarray)
    assert np.__version__ == numpy.__version__


def test_a_name_that_numpy_lacks_is_lacking():
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = np.no_such_thing


@pytest.mark.parametrize(
    "f",
    [
        lambda n: n.array([[1, 2], [3, 4]]),
        lambda n: n.array(3.0),
        lambda n: n.array([1, 2], dtype="f4", ndmin=2),
        lambda n: n.array([1, "a", None], dtype=object),
        lambda n: n.asarray([1.0, 2.0]),
        lambda n: n.asanyarray([1.0], "f4"),
        lambda n: n.ascontiguousarray(n.ones((2, 3)).T),
        lambda n: n.asfortranarray(n.ones((2, 3))),
        lambda n: n.asarray_chkfinite([1.0]),
        lambda n: n.require([1.0], "f4", "C"),
        lambda n: n.fromiter((i * i for i in range(4)), float),
        lambda n: n.fromiter(range(9), int, 3),
        lambda n: n.full((2, 2), 7.0),
        lambda n: n.full_like(n.ones(3), 7),
        lambda n: n.arange(5),
        lambda n: n.arange(1, 4, 0.5),
        lambda n: n.arange(stop=3, dtype="f4"),
        lambda n: n.piecewise(n.arange(4.0), [n.arange(4.0) < 2], [1.0, lambda v: v * v]),
        lambda n: n.pad([1.0, 2.0], 1),
        lambda n: n.vectorize(lambda a, b: a + b)([1, 2], 3),
        lambda n: n.r_[1:4, 0, [5, 6]],
        lambda n: n.r_["0,2", [1, 2], [3, 4]],
        lambda n: n.c_[n.arange(3), n.ones(3)],
        lambda n: n.apply_along_axis(sum, 0, n.ones((2, 3))),
        lambda n: n.isscalar(1.0),
        lambda n: len(n.r_),
    ],
)
def test_without_tensors_the_results_are_numpys(f):
    got, expected = f(np), f(numpy)
    assert type(got) is type(expected)
    numpy.testing.assert_array_equal(got, expected)
    assert numpy.asarray(got).dtype == numpy.asarray(expected).dtype
    assert numpy.asarray(got).flags.f_contiguous == numpy.asarray(expected).flags.f_contiguous


# -- arrays of Tensors -------------------------------------------------------------------------------------------------


def test_an_array_of_tensors_is_one_op():
    graph = gv.trace(lambda x, y: np.array([[x, 2.0], [y, x]]).sum(), 1.0, 3.0)
    assert [node.op for node in graph.nodes if node.kind == "op"] == ["array", "sum"]
    assert graph.gradients() == {"x": 2.0, "y": 1.0}


def test_a_tensor_is_copied_by_array_and_kept_by_asarray():
    x = gv.tensor([1.0, 2.0])
    assert np.asarray(x) is np.asanyarray(x) is np.ascontiguousarray(x) is np.require(x, requirements="C") is x
    assert np.array(x) is not x
    assert np.asarray(x, dtype="f4").dtype == numpy.float32
    assert np.array(x, ndmin=3).shape == (1, 1, 2)
    assert np.array([x, x], dtype="f4").value.dtype == numpy.float32
    assert np.ascontiguousarray(gv.tensor(1.5)).shape == (1,)


def test_an_array_of_objects_that_holds_tensors():
    cells = numpy.empty(2, dtype=object)
    cells[0], cells[1] = gv.tensor(1.0), gv.tensor(2.0)
    assert np.array(cells).value.tolist() == [1.0, 2.0]
    with pytest.raises(gv.RecordError, match="dtype=object"):
        np.array([gv.tensor(1.0)], dtype=object)


def test_a_ragged_nest_is_numpys_error():
    with pytest.raises(ValueError, match="inhomogeneous"):
        np.array([[gv.tensor(1.0)], [1.0, 2.0]])


def test_an_array_that_must_be_finite():
    with pytest.raises(ValueError, match="infs or NaNs"):
        np.asarray_chkfinite([gv.tensor(numpy.inf)])
    assert np.asarray_chkfinite([gv.tensor(1.0)]).shape == (1,)


def test_fromiter_collects_tensors():
    assert gradients(lambda x: np.fromiter((x * i for i in range(3)), float), 1.5) == [0 * 1 + 1 * 2 + 2 * 3]
    with pytest.raises(ValueError, match="iterator too short"):
        np.fromiter([gv.tensor(1.0)], float, 2)


def test_fromfunction_records_what_the_function_does():
    assert gradients(lambda x: np.fromfunction(lambda i, j: x * i + j, (2, 2)), 1.5) == [7.0]


def test_whether_a_tensor_is_a_scalar():
    assert np.isscalar(gv.tensor(1.0))
    assert not np.isscalar(gv.tensor([1.0]))


def test_r_and_c_join_tensors():
    assert gradients(lambda x, y: np.r_[x, 0.0, y, 1:3], [1.0, 2.0], 3.0) == [[1.0, 2.0], 4.0]
    assert gradients(lambda x, y: np.c_[x, y], [1.0, 2.0], [3.0, 4.0]) == [[1.0, 3.0], [2.0, 4.0]]
    x = numpy.array([1.0, 2.0])
    assert np.c_[gv.tensor(x), numpy.eye(2)].value.tolist() == numpy.c_[x, numpy.eye(2)].tolist()
    assert np.r_[gv.tensor(x), [3, 4]].value.tolist() == numpy.r_[x, [3, 4]].tolist()
    with pytest.raises(gv.RecordError, match=r"use np[.]concatenate"):
        _ = np.r_["0,2", gv.tensor(x)]


# -- functions that call functions -------------------------------------------------------------------------------------


def test_vectorize_records_each_call():
    f = np.vectorize(lambda a, b: a * b if a > b else b)
    assert gradients(lambda x: f(x, [[2.0], [0.5]]), [1.0, 3.0]) == [[0.0 * 1 + 0.5 * 3, 2.0 * 2 + 0.5 * 4]]
    both = np.vectorize(lambda a: (a, a * a))
    assert [out.value.tolist() for out in both(gv.tensor([1.0, 2.0]))] == [[1.0, 2.0], [1.0, 4.0]]
    assert gradients(np.vectorize(lambda a: a * a), 3.0) == [6.0]


def test_vectorize_refuses_what_it_can_not_record():
    x = gv.tensor([1.0, 2.0])
    with pytest.raises(gv.RecordError, match="call the function in a loop"):
        np.vectorize(numpy.sum, signature="(n)->()")(x)
    with pytest.raises(ValueError, match="size 0"):
        np.vectorize(abs)(gv.tensor(numpy.zeros(0)))


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("f", [lambda v: v.sum(), lambda v: v[::-1] * 2.0, lambda v: np.outer(v, v)])
def test_apply_along_axis(f, axis):
    x = numpy.arange(6.0).reshape(2, 3) * 0.3 + 0.1
    out = np.apply_along_axis(f, axis, gv.tensor(x))
    numpy.testing.assert_array_equal(out.value, numpy.apply_along_axis(f, axis, x))
    assert out.value.shape == numpy.apply_along_axis(f, axis, x).shape
    assert gradients(lambda t: np.apply_along_axis(lambda v: v * v, axis, t), x) == [
        (2.0 * x * numpy.arange(1.0, 7.0).reshape(2, 3)).tolist()
    ]


def test_apply_along_the_axis_of_a_row_and_of_nothing():
    assert gradients(lambda x: np.apply_along_axis(numpy.sum, 0, x), [1.0, 2.0]) == [[1.0, 1.0]]
    with pytest.raises(ValueError, match="iteration dimensions are 0"):
        np.apply_along_axis(numpy.sum, 0, gv.tensor(numpy.zeros((2, 0))))


def test_apply_over_axes():
    x = numpy.arange(24.0).reshape(2, 3, 4)
    out = np.apply_over_axes(numpy.sum, gv.tensor(x), [0, -1])
    numpy.testing.assert_array_equal(out.value, numpy.apply_over_axes(numpy.sum, x, [0, -1]))


def test_frompyfunc_records_each_call():
    f = np.frompyfunc(lambda a, b: (a * a + b * b) ** 0.5, 2, 1)
    a, b = numpy.array([[3.0, 0.0], [4.0, 1.0]]), numpy.array([4.0, 2.0])
    per_length = numpy.arange(1.0, 5.0).reshape(2, 2) / numpy.hypot(a, b)
    got = gradients(lambda a, b: f(a, b).astype(float), a, b)
    numpy.testing.assert_allclose(got[0], per_length * a, rtol=1e-14)
    numpy.testing.assert_allclose(got[1], (per_length * b).sum(axis=0), rtol=1e-14)


def test_frompyfunc_gives_objects_of_python_as_numpys_does():
    plain = numpy.frompyfunc(lambda a: (a * a, -a), 1, 2)
    f = np.frompyfunc(lambda a: (a * a, -a), 1, 2)
    for given in (numpy.array([1.5, 2.5]), numpy.float64(1.5), 1.5):
        for got, expected in zip(f(gv.tensor(given)), plain(given), strict=True):
            assert numpy.shape(got) == numpy.shape(expected)
            for one, other in zip(_listed(got), _listed(expected), strict=True):
                assert type(one.value) is type(other) is float
                assert one.value == other
    assert repr(f) == repr(plain)
    assert (f.nin, f.nout) == (1, 2)
    assert f(3) == plain(3)


def _listed(objects):
    return list(objects) if numpy.ndim(objects) else [objects]


def test_objects_of_frompyfunc_can_be_summed_and_stay_objects():
    double = np.frompyfunc(lambda a: 2 * a, 1, 1)
    assert gradients(lambda a: numpy.sum(double(a)) * 1.0, [1.0, 2.0]) == [[2.0, 2.0]]
    assert gradients(lambda a: (double(a) * 3).astype(float), [1.0, 2.0]) == [[6.0, 12.0]]


def test_ndenumerate_records_the_elements():
    x = [[1.0, 2.0], [3.0, 4.0]]
    assert gradients(lambda a: sum(v * v * (10 * i + j) for (i, j), v in np.ndenumerate(a)), x) == [
        [[0.0, 4.0], [60.0, 88.0]]
    ]
    assert list(np.ndenumerate(numpy.array([5, 6]))) == [((0,), 5), ((1,), 6)]


@pytest.mark.parametrize("of", [lambda a: a, lambda a: a.T, lambda a: a[::-1], lambda a: a[:, ::2]])
def test_nditer_gives_the_elements_of_a_tensor_in_numpys_order(of):
    x = numpy.arange(12.0).reshape(3, 4)
    got, expected = list(np.nditer(of(gv.tensor(x)))), [v.copy() for v in numpy.nditer(of(x))]
    assert [type(v.value) for v in got] == [type(v) for v in expected]
    assert [float(v.value) for v in got] == [float(v) for v in expected]


def test_nditer_writes_into_a_tensor():
    def squared(a):
        a = a * 1.0
        with np.nditer(a, op_flags=["readwrite"]) as elements:
            for v in elements:
                v[...] = v * v
        return a

    assert gradients(squared, [[1.0, 2.0], [3.0, 4.0]]) == [[[2.0, 8.0], [18.0, 32.0]]]


def test_nditer_that_is_stepped_by_hand():
    def total(a):
        elements, found = np.nditer(a, flags=["multi_index"]), 0.0
        while not elements.finished:
            found = found + a[elements.multi_index] * elements.value
            elements.iternext()
        return found

    assert gradients(total, [1.0, 2.0]) == [[2.0, 4.0]]


def test_nditer_over_several_arrays_is_refused_by_name():
    with pytest.raises(gv.RecordError, match=r"np\.nditer is recorded over one Tensor"):
        np.nditer([gv.tensor([1.0]), numpy.ones(1)])
    assert [int(v) for v in np.nditer(numpy.array([1, 2]), flags=["c_index"])] == [1, 2]


# -- what can't be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cut",
    [
        lambda x: np.random.normal(x, 1.0),
        lambda x: np.random.default_rng(0).normal(x, 1.0),
        lambda x: np.float64(x),
        lambda x: np.float32(x),
        lambda x: np.broadcast(x, x),
        lambda x: numpy.array([x, x]),
        lambda x: numpy.asarray(x),
    ],
)
def test_what_would_cut_a_value_off_says_so(cut):
    with pytest.raises(gv.GradientError, match="would silently cut"):
        cut(gv.tensor(1.5))


def test_ranges_of_integers_are_refused():
    x = gv.tensor(1.5)
    with pytest.raises(gv.RecordError, match=r"np\.arange with dtype=int64 makes integers"):
        np.arange(x, 5, dtype=int)
    with pytest.raises(gv.RecordError, match=r"np\.linspace with dtype=int64 makes integers"):
        np.linspace(x, 5, 3, dtype=int)
    with pytest.raises(gv.RecordError, match=r"np\.logspace with base="):
        np.logspace(x, 2.0, 3, base=[2.0, 3.0])


def test_a_range_of_as_many_as_a_tensor_of_integers_says():
    assert np.arange(gv.tensor(3)).tolist() == [0, 1, 2]


def test_what_could_be_filled_later_is_numpys_for_now():
    for name in FILLABLE:
        assert callable(getattr(np, name))
    assert type(np.zeros(3)) is numpy.ndarray


# -- gv.np: what zeros and its kin give can be filled ------------------------------------------------------------------


def test_in_gv_np_an_array_of_zeros_can_be_filled_with_tensors():
    t = gv.tensor(2.0)
    z = gv.np.zeros(3)
    z[0], z[1] = t, t * t
    z[2] = z[0] * z[1]
    z.sum().backward()
    assert z.value.tolist() == [2.0, 4.0, 8.0]
    assert t.grad == 1.0 + 4.0 + 12.0


@pytest.mark.parametrize("name", FILLABLE)
def test_what_can_be_filled_holds_what_numpy_gives(name):
    args = {"full": ((2, 2), 7.0), "full_like": (numpy.ones(2), 7.0), "eye": (3,), "identity": (3,)}
    given = args.get(name, (numpy.ones((2, 2)),) if name.endswith("_like") else ((2, 2),))
    made = getattr(gv.np, name)(*given)
    assert isinstance(made, gv.Tensor)
    assert made.shape == getattr(numpy, name)(*given).shape
    if not name.startswith("empty"):
        numpy.testing.assert_array_equal(made.value, getattr(numpy, name)(*given))


def test_integers_and_counters_stay_numpys_own():
    assert type(gv.np.zeros(3, dtype=int)) is numpy.ndarray
    assert type(gv.np.arange(3)) is numpy.ndarray
