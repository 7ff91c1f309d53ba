"""Moving, cutting and joining: what the samples of the table can't say."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import first_gradients, numeric_gradients, relative_error, weighted_value

import gradviz as gv

X = np.array([[0.5, -1.2, 3.1], [2.2, 0.9, -0.4]])


@pytest.mark.parametrize("f", [np.tril, np.triu])
def test_a_row_becomes_a_triangle(f):
    x = np.array([0.5, -1.2, 3.1])
    assert f(gv.tensor(x)).value.tolist() == f(x).tolist()
    [got], [expected] = first_gradients(f, (x,)), numeric_gradients(lambda x: weighted_value(f, (x,)), (x,))
    assert relative_error(got, expected) < 1e-6


def test_what_is_resized_from_nothing_is_zero():
    x = gv.tensor(np.zeros((0, 3)))
    y = np.resize(x, (2, 2))
    y.sum().backward()
    assert y.value.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert x.grad.shape == (0, 3)


def test_ties_in_the_largest_of_a_padding_split_evenly():
    x = gv.tensor([2.0, 1.0, 2.0])
    np.pad(x, (1, 0), "maximum").backward([1.0, 0.0, 0.0, 0.0])
    assert x.grad.tolist() == [0.5, 0.0, 0.5]


@pytest.mark.parametrize("mode", ["empty", lambda vector, *_: None])
def test_paddings_without_a_rule_are_refused(mode):
    with pytest.raises(gv.RecordError, match=r"np\.pad with .* has no gradient rule in gradviz: use one of constant"):
        np.pad(gv.tensor(X), 1, mode)


def test_a_padding_that_numpy_does_not_know_is_numpys_error():
    with pytest.raises(ValueError, match="mode 'nonsense' is not supported"):
        np.pad(gv.tensor(X), 1, "nonsense")
    with pytest.raises(ValueError, match="unsupported keyword arguments for mode 'edge'"):
        np.pad(gv.tensor(X), 1, "edge", stat_length=1)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="pad takes a dict from NumPy 2.2 on")
def test_padding_widths_in_a_dict():
    x = gv.tensor(X)
    y = np.pad(x, {-1: (1, 2)})
    assert y.value.tolist() == np.pad(X, {-1: (1, 2)}).tolist()
    y.sum().backward()
    assert x.grad.tolist() == np.ones((2, 3)).tolist()


def test_nan_to_num_hands_nothing_to_what_it_replaced():
    x = gv.tensor([np.nan, np.inf, -np.inf, 2.0])
    np.nan_to_num(x).backward([1.0, 1.0, 1.0, 1.0])
    assert x.grad.tolist() == [0.0, 0.0, 0.0, 1.0]
    with pytest.raises(gv.RecordError, match="copy=False"):
        np.nan_to_num(x, copy=False)


def test_what_has_the_axes_already_stays_itself():
    x = gv.tensor(X)
    assert np.atleast_1d(x) is np.atleast_2d(x) is x
    assert np.broadcast_arrays(x, x)[0] is x
    assert np.real_if_close(x) is x


def test_plain_arrays_beside_a_tensor_stay_plain():
    one, two = np.broadcast_arrays(gv.tensor(1.5), X)
    assert isinstance(one, gv.Tensor)
    assert type(two) is np.ndarray
    grids = np.meshgrid(gv.tensor([1.0, 2.0]), [3.0, 4.0])
    assert [type(grid) is np.ndarray for grid in grids] == [False, True]


@pytest.mark.parametrize("f", [np.split, np.hsplit, np.vsplit])
def test_a_split_that_does_not_come_out_is_numpys_error(f):
    with pytest.raises(ValueError, match="array split does not result in an equal division"):
        f(gv.tensor(np.ones((5, 5))), 2)


def test_a_meshgrid_in_another_order_is_numpys_error():
    with pytest.raises(ValueError, match="'xy' and 'ij'"):
        np.meshgrid(gv.tensor([1.0]), indexing="yx")


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="unstack came with NumPy 2.1")
def test_a_number_can_not_be_unstacked():
    with pytest.raises(ValueError, match="at least 1-d"):
        np.unstack(gv.tensor(1.5))


@pytest.mark.filterwarnings("ignore:in the future insert will treat boolean arrays:FutureWarning")  # NumPy 2.0
def test_a_mask_says_where_to_insert_as_this_numpy_reads_it():
    mask = np.array([True, False, True])
    x = gv.tensor([1.0, 2.0, 3.0])
    y = np.insert(x, mask, 7.0)
    assert y.value.tolist() == np.insert(x.value, mask, 7.0).tolist()
    y.backward(np.arange(1.0, y.size + 1))
    assert x.grad.tolist() == [float(np.flatnonzero(y.value == v)[0] + 1) for v in x.value]


def test_an_index_that_changes_later_does_not_move_the_gradient():
    index = np.array([0, 1])
    x = gv.tensor([1.0, 2.0, 3.0])
    y = np.delete(x, index)
    index[:] = 2
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 1.0]


def test_values_go_to_a_file_as_they_are(tmp_path):
    np.save(tmp_path / "x.npy", gv.tensor(X))
    np.savetxt(tmp_path / "x.txt", gv.tensor(X))
    np.savez(tmp_path / "x.npz", x=gv.tensor(X))
    assert np.load(tmp_path / "x.npy").tolist() == np.loadtxt(tmp_path / "x.txt").tolist() == X.tolist()
    with np.load(tmp_path / "x.npz") as held:
        assert held["x"].tolist() == X.tolist()
    assert np.can_cast(gv.tensor(X), "f8")


def test_what_is_written_through_a_flipped_view_arrives():
    x = gv.tensor([1.0, 2.0, 3.0])
    y = gv.tensor(7.0)
    z = x * 1.0
    np.flip(z)[0] = y
    assert z.value.tolist() == [1.0, 2.0, 7.0]
    z.sum().backward()
    assert (x.grad.tolist(), y.grad) == ([1.0, 1.0, 0.0], 1.0)
