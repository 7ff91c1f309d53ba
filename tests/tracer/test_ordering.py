"""Sorting and picking: what ties do, what is refused, and what replays."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.ops import ordering

WEIGHTS = np.array([1.0, 20.0, 300.0, 4000.0])


@pytest.mark.parametrize("kind", [None, "stable", "heapsort"])
def test_where_elements_tie_a_sort_splits_their_gradients_evenly(kind):
    x = gv.tensor([2.0, 1.0, 2.0, 1.0])
    (np.sort(x, kind=kind) * WEIGHTS).sum().backward()
    assert x.grad.tolist() == [2150.0, 10.5, 2150.0, 10.5]


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_ties_are_split_along_the_axis_and_the_rest_stays_exact(axis):
    values = np.array([[2.0, 1.0, 2.0, 2.0], [3.0, 1.0, 0.5, 2.0], [2.0, 4.0, 0.5, 7.0]])
    upstream = np.random.default_rng(0).normal(size=values.size if axis is None else values.shape)
    x = gv.tensor(values)
    np.sort(x, axis=axis).backward(upstream)
    rows = [values.ravel()] if axis is None else np.moveaxis(values, axis, -1)
    above = [upstream] if axis is None else np.moveaxis(upstream, axis, -1)
    expected = [[g[np.sort(row) == v].mean() for v in row] for row, g in zip(rows, above, strict=True)]
    expected = np.reshape(expected, values.shape) if axis is None else np.moveaxis(np.array(expected), -1, axis)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12)


def test_ties_in_a_partition_are_split_evenly():
    x = gv.tensor([2.0, 1.0, 2.0, 3.0])
    (np.partition(x, 2) * np.array([1.0, 20.0, 300.0, 4000.0])).sum().backward()
    assert x.grad.tolist() == [160.0, 1.0, 160.0, 4000.0]


def test_a_nan_is_sorted_to_the_end_with_its_gradient():
    x = gv.tensor([np.nan, 1.0, -2.0, 0.5])
    (np.sort(x) * WEIGHTS).sum().backward()
    assert x.grad.tolist() == [4000.0, 300.0, 1.0, 20.0]


@pytest.mark.parametrize("n", [10, 200, 3000])
def test_a_partition_hands_each_gradient_to_its_element_whatever_numpy_made(n):
    values = np.random.default_rng(n).permutation(n).astype(float)
    x = gv.tensor(values)
    out = np.partition(x, [n // 3, n // 2])
    out.backward(out.value * 2.0)  # each gradient tells which element it belongs to
    np.testing.assert_array_equal(x.grad, values * 2.0)


def test_the_gradient_of_a_value_is_shared_among_its_copies():
    x = gv.tensor([3.0, 1.0, 3.0, 3.0])
    np.unique(x).backward([5.0, 6.0])
    assert x.grad.tolist() == [2.0, 5.0, 2.0, 2.0]


def test_nans_are_one_value_to_unique():
    x = gv.tensor([np.nan, 1.0, np.nan])
    np.unique(x).backward([1.0, 4.0])
    assert x.grad.tolist() == [2.0, 1.0, 2.0]


def test_what_unique_counts_are_plain_integers():
    values, index, inverse, counts = np.unique(gv.tensor([2.0, 1.0, 2.0]), True, True, True)
    assert isinstance(values, gv.Tensor)
    assert (index.tolist(), inverse.tolist(), counts.tolist()) == ([1, 0], [1, 0, 1], [1, 2])


def test_what_no_piece_covers_has_no_gradient():
    x = gv.tensor([-1.0, 0.5, 2.0])
    y = np.piecewise(x, [x > 1], [lambda v: v * v])
    assert y.value.tolist() == [0.0, 0.0, 4.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 4.0]


def test_a_function_without_elements_is_not_called():
    def never(v):
        raise AssertionError

    assert isinstance(np.piecewise(gv.tensor([1.0, 2.0]), [np.array([False, False])], [never, np.sqrt]), gv.Tensor)


def test_piecewise_counts_its_functions():
    with pytest.raises(ValueError, match=r"with 1 condition\(s\), either 1 or 2 functions are expected"):
        np.piecewise(gv.tensor([1.0]), [np.array([True])], [1.0, 2.0, 3.0])


def test_facts_are_plain():
    x = gv.tensor([3.0, 1.0, 2.0])
    assert type(np.argpartition(x, 1)) is np.ndarray
    assert np.lexsort((x, [0, 0, 0])).tolist() == np.lexsort(gv.tensor([[3.0, 1.0, 2.0]])).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: np.sort(x, order="a"), "np.sort with order="),
        (lambda x: np.partition(x, 1, order="a"), "np.partition with order="),
        (lambda x: np.take(x, [0], out=np.zeros(1)), "would write a Tensor into a plain array"),
        (lambda x: np.compress([True], x, out=np.zeros(1)), "would write a Tensor into a plain array"),
        (lambda x: np.choose([0], [x, x], out=np.zeros(1)), "would write a Tensor into a plain array"),
    ],
)
def test_arguments_without_a_rule_are_refused_by_name(call, name):
    with pytest.raises(gv.RecordError, match=name):
        call(gv.tensor([1.0, 2.0]))


@pytest.mark.parametrize("call", [lambda x: np.take(x, 9), lambda x: np.choose([5], [x, x])])
def test_numpys_own_errors_come_through(call):
    with pytest.raises((IndexError, ValueError)):
        call(gv.tensor([1.0, 2.0]))


def test_a_sort_is_replayed_with_another_order():
    graph = gv.trace(lambda x: (np.sort(x) * WEIGHTS).sum(), np.array([4.0, 3.0, 2.0, 1.0]))
    graph.forward(x=[1.0, 4.0, 2.0, 3.0])
    assert graph.backward()["x"].tolist() == [1.0, 4000.0, 20.0, 300.0]


def test_trimming_other_zeros_is_noticed():
    graph = gv.trace(lambda x: np.trim_zeros(x).sum(), np.array([0.0, 3.0, 0.0]))
    with pytest.raises(gv.BranchChanged):
        graph.forward(x=[1.0, 3.0, 0.0])


# -- drawn by a generator ----------------------------------------------------------------------------------------------

SQUARE = np.arange(24.0).reshape(4, 6) * 1.5
DRAWS = {
    "permutation": (lambda g: g.permutation, (SQUARE,), {}),
    "permutation of a row": (lambda g: g.permutation, (SQUARE[0],), {}),
    "permutation of a transpose": (lambda g: g.permutation, (SQUARE.T,), {}),
    "one": (lambda g: g.choice, (SQUARE[0],), {}),
    "several": (lambda g: g.choice, (SQUARE[0], (2, 2)), {}),
    "none twice": (lambda g: g.choice, (SQUARE[0], 3, False), {}),
    "unevenly": (lambda g: g.choice, (SQUARE[0],), {"size": 2, "replace": False, "p": np.arange(6) / 15}),
}
OF_GENERATORS = {
    "permutation of columns": (lambda g: g.permutation, (SQUARE, 1), {}),
    "permutation along an axis": (lambda g: g.permutation, (SQUARE,), {"axis": 1}),
    "rows": (lambda g: g.choice, (SQUARE, 2), {}),
    "columns": (lambda g: g.choice, (SQUARE, 2), {"axis": 1, "shuffle": False, "replace": False}),
}
ALL_DRAWS = [(np.random.RandomState, *draw) for draw in DRAWS.values()]
ALL_DRAWS += [(np.random.default_rng, *draw) for draw in (*DRAWS.values(), *OF_GENERATORS.values())]


@pytest.mark.parametrize(("make", "method", "args", "options"), ALL_DRAWS)
def test_what_a_generator_draws_of_a_tensor_is_what_it_draws_of_its_values(make, method, args, options):
    for seed in range(5):
        one, other = make(seed), make(seed)
        x = gv.tensor(args[0])
        got = ordering.drawn(method(one), x, *args[1:], **options)
        expected = method(other)(*args, **options)
        assert type(got.value) is type(expected)
        assert np.array_equal(got.value, expected)
        assert np.shape(expected) == () or got.value.strides == expected.strides
        assert one.random() == other.random()
        got.backward(np.ones(np.shape(expected)))
        assert x.grad.sum() == np.size(expected)
