"""Copies that keep the strides: NumPy sums them to the same last bit."""

import tracemalloc

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.layout import copied, empty_as

CUBE = np.random.default_rng(0).normal(size=(5, 4, 6))
PARTS = {
    "whole": CUBE,
    "row": CUBE[1],
    "column": CUBE[..., 2],
    "every second": CUBE[:, ::2, 1:],
    "reversed": CUBE[::-1, :, ::-2],
    "turned": CUBE.T,
    "axes of length 1": CUBE[:, None, 1:2, ::3],
    "broadcast": np.broadcast_to(CUBE[0, 1], (3, 6)),
    "overlapping": np.lib.stride_tricks.sliding_window_view(CUBE[0, 0], 3),
    "empty": CUBE[:0, ::2],
    "no axes": np.array(2.5),
    "halves": CUBE.astype(np.float16)[:, 1:, ::2],
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_copy_has_the_strides_and_the_numbers(part):
    made = copied(part)
    assert not np.shares_memory(made, part)
    assert (made.shape, made.dtype, made.tobytes()) == (part.shape, part.dtype, part.tobytes())
    assert made.flags.owndata == part.flags.owndata
    if part.size:
        assert made.strides == empty_as(part).strides == part.strides


def test_copies_do_not_lie_over_each_other():
    parts = [CUBE[:, i, j] for i in range(4) for j in range(6)] * 3 + [
        CUBE[:, i, j : j + 2] for i in range(4) for j in range(5)
    ]
    made = [copied(part) for part in parts]
    assert all(np.array_equal(one, part) for one, part in zip(made, parts, strict=True))


def test_the_columns_of_an_array_take_no_more_room_than_it():
    square = np.zeros((300, 300))
    tracemalloc.start()
    held = [copied(square[:, i]) for i in range(300)]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(held) == 300
    assert used < 1.2 * square.nbytes


def test_what_is_no_array_is_given_back():
    assert copied(2.5) == 2.5


# -- what comes of it --------------------------------------------------------------------------------------------------

W = np.random.default_rng(11).normal(size=(60, 3))
X = np.random.default_rng(12).normal(size=(60, 4))

PROGRAMS = {
    "a column of a written array": lambda x: written(x)[:, 1] @ W,
    "some columns of a written array": lambda x: written(x)[:, :1].T @ W,
    "an array in Fortran's order, augmented": lambda x: augmented(x)[:, ::2].T @ W,
    "a copy of a transpose": lambda x: x.T.copy() @ W,
    "a copy of a transpose in Fortran's order": lambda x: x.T.copy(order="F") @ W,
}


def written(x):
    x[:, 1] *= 2.0
    return x


def augmented(x):
    x = (x.T * 1.5).T
    x += W[:, :1]
    return x


@pytest.mark.parametrize("f", PROGRAMS.values(), ids=PROGRAMS)
def test_values_are_numpys_to_the_bit_also_behind_writes(f):
    assert f(gv.tensor(X)).value.tobytes() == f(X.copy()).tobytes()


@pytest.mark.parametrize("columns", [slice(None), slice(0, 1), slice(None, None, 2)])
def test_a_plain_operand_is_computed_with_as_it_lies_in_memory(columns):
    part, w = X[:, columns].T, gv.tensor(W)
    assert (part @ w).value.tobytes() == (part @ W).tobytes()
    assert (w.T @ part.T).value.tobytes() == (W.T @ part.T).tobytes()


def test_an_input_lies_in_memory_as_what_was_given():
    part = X[:, ::2]
    assert gv.tensor(part).strides == part.strides
    assert not np.shares_memory(gv.tensor(part).value, X)


def test_flatten_is_a_copy():
    x = gv.tensor([[1.0, 2.0], [3.0, 4.0]])
    flat = x.flatten()
    flat[0] = 9.0
    assert x.value.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert flat.value.tolist() == [9.0, 2.0, 3.0, 4.0]


ORDERED = {
    "array": lambda np, a: np.array(a),
    "array C": lambda np, a: np.array(a, order="C"),
    "array F": lambda np, a: np.array(a, order="F"),
    "array F float32": lambda np, a: np.array(a, "f4", order="F"),
    "asarray F": lambda np, a: np.asarray(a, order="F"),
    "asanyarray C": lambda np, a: np.asanyarray(a, order="C"),
    "asarray_chkfinite F": lambda np, a: np.asarray_chkfinite(a, order="F"),
    "ascontiguousarray": lambda np, a: np.ascontiguousarray(a),
    "asfortranarray": lambda np, a: np.asfortranarray(a),
    "require C": lambda np, a: np.require(a, None, "C"),
    "require F": lambda np, a: np.require(a, None, ["F", "A"]),
    "copy": lambda np, a: np.copy(a),
    "copy C": lambda np, a: np.copy(a, order="C"),
    "astype": lambda np, a: a.astype("f4"),
    "astype C": lambda np, a: a.astype("f4", order="C"),
    "full_like": lambda np, a: np.full_like(a, a[0, 0]),
    "full F": lambda np, a: np.full((2, 3), a[0, 0], order="F"),
    "nested F": lambda np, a: np.array([a[0], a[1]], order="F"),
    "array as it is": lambda np, a: np.array(a, copy=None),
    "flatten K": lambda np, a: a.flatten("K"),
    "own copy": lambda np, a: a.copy(),
    "own copy A": lambda np, a: a.copy("A"),
}


@pytest.mark.parametrize("f", ORDERED.values(), ids=ORDERED)
@pytest.mark.parametrize("given", [X, X.T, X[:, ::2]], ids=["C", "F", "every second"])
def test_an_order_that_is_asked_for_is_numpys(f, given):
    x = gv.tensor(given)
    got, expected = f(gv.np, x), f(np, given)
    assert (got.value.strides, got.dtype, got.value.tobytes()) == (expected.strides, expected.dtype, expected.tobytes())
    assert (got is x) == (expected is given)
    got.sum().backward()
    assert np.count_nonzero(x.grad) > 0


@pytest.mark.parametrize("make", [gv.np.array, gv.np.asarray])
def test_a_copy_that_was_forbidden_is_numpys_error(make):
    with pytest.raises(ValueError, match="Unable to avoid copy"):
        make(gv.tensor(X), order="F", copy=False)


def test_astype_without_a_copy_gives_the_array_itself():
    x = gv.tensor(X)
    assert x.astype(float, copy=False) is x
