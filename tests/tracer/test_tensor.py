"""The Tensor: operators, NumPy's protocols, dtypes, leaving the graph, errors, memory."""

from __future__ import annotations

import copy
import gc
import math
import operator
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.tensor import FUNCTIONS, UFUNCS

V = np.array([0.7, -1.3, 2.4])


def plain(x: Any) -> Any:
    """The value of a Tensor, through tuples."""
    if isinstance(x, tuple):
        return tuple(map(plain, x))
    return x.value if isinstance(x, gv.Tensor) else x


def assert_same(got: Any, expected: Any) -> None:
    """The same type, dtype and numbers."""
    if isinstance(expected, (tuple, list)):
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other)
        return
    got = plain(got)
    assert type(got) is type(expected)
    assert np.asarray(got).dtype == np.asarray(expected).dtype
    np.testing.assert_array_equal(got, expected)


# -- Python's operators ----------------------------------------------------------------------------------------------

BINARY = [
    *(operator.add, operator.sub, operator.mul, operator.truediv),
    *(operator.pow, operator.mod, operator.floordiv, divmod),
]
OTHERS = [
    2,
    2.5,
    True,
    np.float64(2.5),
    np.float32(2.5),
    np.int64(2),
    np.array([1.5, 2.5, 3.5]),
    np.arange(1, 4),
    [1, 2, 3],
]


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_operators_and_their_reflected_forms(op: Callable[[Any, Any], Any], other: Any):
    value = np.abs(V)
    assert_same(op(gv.tensor(value), other), op(value, other))
    assert_same(op(other, gv.tensor(value)), op(other, value))


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("other", [2, 2.5, True, np.float64(2.5), np.int64(2)], ids=repr)
def test_operators_on_python_floats(op: Callable[[Any, Any], Any], other: Any):
    assert_same(op(gv.tensor(1.5), other), op(1.5, other))
    assert_same(op(other, gv.tensor(1.5)), op(other, 1.5))


@pytest.mark.parametrize("op", BINARY)
def test_operators_of_two_tensors(op: Callable[[Any, Any], Any]):
    assert_same(op(gv.tensor(np.abs(V)), gv.tensor(1.5)), op(np.abs(V), 1.5))
    assert_same(op(gv.tensor(1.5), gv.tensor(2.5)), op(1.5, 2.5))


@pytest.mark.parametrize("op", [operator.neg, operator.pos, abs])
@pytest.mark.parametrize("value", [V, 1.5, -1.5, np.float32(1.5)], ids=repr)
def test_operators_of_one_operand(op: Callable[[Any], Any], value: Any):
    assert_same(op(gv.tensor(value)), op(value))


@pytest.mark.parametrize("other", [np.eye(3), V, [1.0, 2.0, 3.0]], ids=repr)
def test_matmul_and_its_reflected_form(other: Any):
    matrix = np.arange(9.0).reshape(3, 3)
    assert_same(gv.tensor(matrix) @ other, matrix @ np.asarray(other))
    assert_same(other @ gv.tensor(matrix), np.asarray(other) @ matrix)


@pytest.mark.parametrize(
    "op", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne], ids=lambda op: op.__name__
)
def test_comparisons_give_plain_booleans(op: Callable[[Any, Any], Any]):
    x = gv.tensor(V)
    assert type(op(x, 0.5)) is np.ndarray
    np.testing.assert_array_equal(op(x, 0.5), op(V, 0.5))
    np.testing.assert_array_equal(op(0.5, x), op(0.5, V))
    assert type(op(gv.tensor(1.5), gv.tensor(2.5))) is bool


def test_what_is_no_number_is_left_to_python():
    x = gv.tensor(1.5)
    assert x != "a" and x is not None
    assert (x == "a") is False
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: 'Tensor' and 'str'"):
        x + "a"
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for -: 'NoneType' and 'Tensor'"):
        None - x


def test_round_is_pythons_on_its_floats():
    assert_same(round(gv.tensor(2.675), 2), 2.67)
    assert_same(round(gv.tensor(2.5)), 2)
    assert_same(gv.tensor(V).round(1), V.round(1))


def test_sum_max_and_min_of_a_list():
    x, y = gv.tensor(1.5), gv.tensor(2.5)
    assert sum([x, y]).value == 4.0
    assert max([x, y]) is y and min(x, y) is x  # outside a trace: Python's own


def test_membership_is_numpys():
    assert 2.4 in gv.tensor(V)
    assert 9.0 not in gv.tensor(np.eye(2))


# -- NumPy's protocols -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [V, np.float64(2.0), np.float32(2.0), np.array(2.0)], ids=repr)
@pytest.mark.parametrize("name", ["add", "multiply", "subtract", "divide"])
def test_an_array_on_the_left_records_one_op(name: str, other: Any):
    op = {"multiply": operator.mul, "subtract": operator.sub, "divide": operator.truediv}.get(name, operator.add)
    made = op(other, gv.tensor(V))
    assert isinstance(made, gv.Tensor)
    assert ops_of(made) == [name]
    assert_same(made, op(other, V))


def ops_of(made: gv.Tensor) -> list[str]:
    """The ops that a tensor was computed by, in order."""
    return [node.op for node in gv.graph(made).nodes if node.kind == "op"]


def test_ufuncs_and_functions_record():
    x = gv.tensor(V)
    y = np.sum(np.exp(np.where(x > 0, x, 0.0)) * np.maximum(x, 1.0))
    assert ops_of(y) == ["where", "exp", "maximum", "multiply", "sum"]


def test_what_has_no_rule_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(FUNCTIONS, np.sum)
    monkeypatch.delitem(UFUNCS, np.exp)
    x = gv.tensor(V)
    with pytest.raises(gv.RecordError, match=r"^np\.sum has no gradient rule in gradviz .*test_tensor\.py:\d+\)"):
        np.sum(x)
    with pytest.raises(gv.RecordError, match=r"^np\.exp has no gradient rule in gradviz .*test_tensor\.py:\d+\)"):
        np.exp(x)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.argmax(),
        lambda x: x.argmin(),
        lambda x: np.argmax(x),
        lambda x: x.argsort(),
        lambda x: np.nonzero(x > 0)[0],
        lambda x: np.isnan(x),
        lambda x: np.zeros_like(x),
        lambda x: np.shape(x),
        lambda x: np.ndim(x),
        lambda x: np.size(x),
        lambda x: len(x),
        lambda x: x.shape,
        lambda x: x.ndim,
        lambda x: x.size,
        lambda x: x.dtype,
    ],
)
def test_facts_about_a_value_are_plain(call: Callable[[Any], Any]):
    got, expected = call(gv.tensor(V)), call(V)
    assert not isinstance(got, gv.Tensor)
    np.testing.assert_array_equal(got, expected)


#: ndarray's methods, each as it is called, with what it needs.
METHODS: dict[str, Callable[[Any], Any]] = {
    "all": lambda x: bool(x.all()),
    "any": lambda x: bool(x.any(axis=0)[0]),
    "argmax": lambda x: x.argmax(axis=1),
    "argmin": lambda x: x.argmin(),
    "argpartition": lambda x: x.argpartition(1, axis=1),
    "argsort": lambda x: x.argsort(axis=0),
    "astype": lambda x: x.astype(np.float32),
    "choose": lambda x: (0 * x[0]).astype(int).choose([x[0], x[1]]),
    "clip": lambda x: x.clip(-1.0, 1.0),
    "compress": lambda x: x.compress([True, False], axis=0),
    "conj": lambda x: x.conj(),
    "conjugate": lambda x: x.conjugate(),
    "copy": lambda x: x.copy(),
    "cumprod": lambda x: x.cumprod(axis=1),
    "cumsum": lambda x: x.cumsum(),
    "diagonal": lambda x: x.diagonal(1),
    "dot": lambda x: x.dot(x.T),
    "flat": lambda x: x.flat[2],
    "flatten": lambda x: x.flatten("F"),
    "imag": lambda x: x.imag,
    "itemsize": lambda x: x.itemsize,
    "max": lambda x: x.max(1, keepdims=True),
    "mean": lambda x: x.mean(axis=(0, 1)),
    "min": lambda x: x.min(axis=-1),
    "mT": lambda x: x.mT,
    "nbytes": lambda x: x.nbytes,
    "ndim": lambda x: x.ndim,
    "nonzero": lambda x: x.nonzero(),
    "prod": lambda x: x.prod(axis=0),
    "ravel": lambda x: x.ravel(),
    "real": lambda x: x.real,
    "repeat": lambda x: x.repeat(2, axis=1),
    "reshape": lambda x: x.reshape(3, -1),
    "round": lambda x: x.round(1),
    "searchsorted": lambda x: x[0].searchsorted([0.6]),
    "shape": lambda x: x.shape,
    "size": lambda x: x.size,
    "squeeze": lambda x: x[None].squeeze(),
    "std": lambda x: x.std(axis=1, ddof=1),
    "strides": lambda x: x.strides,
    "sum": lambda x: x.sum(0),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "T": lambda x: x.T,
    "take": lambda x: x.take([0, 0, 3]),
    "trace": lambda x: x.trace(),
    "transpose": lambda x: x.transpose(1, 0),
    "var": lambda x: x.var(),
}
#: Those that a Tensor has not, and why.
WITHOUT = {
    "base", "byteswap", "ctypes", "data", "device", "dump", "dumps", "flags", "getfield", "newbyteorder", "resize",
    "setfield", "setflags", "to_device", "tobytes", "tofile", "tostring", "view",  # the memory, which belongs to NumPy
    "itemset", "ptp",  # NumPy 2 took them away
}  # fmt: skip
#: Those that are tested elsewhere: in place, or leaving the graph.
ELSEWHERE = {"fill", "partition", "put", "sort", "item", "tolist", "dtype"}


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_ndarrays(name: str):
    assert hasattr(gv.Tensor, name)
    value = np.array([[0.5, -1.2, 3.1], [2.2, 0.9, -0.4]])
    got, expected = METHODS[name](gv.tensor(value)), METHODS[name](value)
    np.testing.assert_array_equal(plain(got), expected)


def test_every_method_of_ndarray_is_there_or_left_out_on_purpose():
    public = {name for name in dir(np.ndarray) if not name.startswith("_")}
    assert public - set(METHODS) - WITHOUT - ELSEWHERE == set()
    assert [name for name in ELSEWHERE if not hasattr(gv.Tensor, name)] == []


def test_integer_tensors_serve_as_indices():
    x, i, several = gv.tensor(V), gv.tensor(1), gv.tensor([0, 2, 0])
    assert x[i].value == V[1]
    assert x[several].value.tolist() == V[[0, 2, 0]].tolist()
    assert x[i:].value.tolist() == V[1:].tolist()
    assert [10, 20, 30][i] == 20
    assert list(range(i)) == [0]
    x[several].sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 1.0]


def test_a_condition_may_be_a_tensor():
    x = gv.tensor(V)
    assert np.where(gv.tensor([True, False, True]), x, 0.0).value.tolist() == [0.7, 0.0, 2.4]
    assert [a.tolist() for a in np.where(x > 0)] == [[0, 2]]


def test_an_index_that_changes_later_does_not_move_the_gradient():
    x, index = gv.tensor(V), np.array([0, 1])
    y = x[index].sum()
    index[:] = 2
    y.backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]


# -- dtypes and warnings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_a_gradient_has_its_values_dtype_and_shape(dtype: Any):
    x = gv.tensor(np.ones((2, 3), dtype=dtype))
    y = (x * 2.0 + 1).mean(axis=0)
    assert y.dtype == dtype
    np.square(y).sum().backward()
    assert x.grad.dtype == dtype and x.grad.shape == (2, 3)


def test_single_meets_double_as_numpy_has_it():
    single, double = gv.tensor(np.ones(3, np.float32)), gv.tensor(np.ones(3))
    made = single * double
    assert made.dtype == np.float64
    made.sum().backward()
    assert single.grad.dtype == np.float32 and double.grad.dtype == np.float64


def test_python_floats_stay_python_floats():
    x = gv.tensor(3.0)
    y = x * x + 1
    y.backward()
    assert (type(y.value), type(x.grad)) == (float, float)


@pytest.mark.parametrize(
    ("f", "value", "warning"),
    [
        (lambda x: 1 / x, np.inf, "divide by zero"),
        (lambda x: x / 0.0, np.nan, "invalid value"),
        (lambda x: (x + 1) / x, np.inf, "divide by zero"),
        (lambda x: x**-1, np.inf, "divide by zero"),
        (lambda x: (x - 2) ** 0.5, np.nan, "invalid value"),
        (lambda x: (-2) ** (x + 0.5), np.nan, "invalid value"),
        (lambda x: (x + 10) ** 400, np.inf, "overflow"),
        (lambda x: (x + 1) % 0.0, np.nan, "invalid value"),
        (lambda x: (x + 1) // 0.0, np.inf, "divide by zero"),
        (lambda x: np.log(x), -np.inf, "divide by zero"),
    ],
)
@pytest.mark.parametrize("kind", [float, np.float64, lambda v: np.array([v])])
def test_where_python_would_raise_numpy_has_inf_and_nan_with_its_warning(f: Any, value: Any, warning: str, kind: Any):
    with pytest.warns(RuntimeWarning, match=warning):
        made = f(gv.tensor(kind(0.0)))
    np.testing.assert_array_equal(np.ravel(made.value), [value])


def test_gradients_that_are_infinite_come_without_warnings():
    x = gv.tensor(0.0)
    np.sqrt(x).backward()
    assert x.grad == np.inf


def test_a_power_at_the_edges_has_its_gradient():
    for base, exponent, slope in [
        (0.0, 2.0, 0.0),
        (0.0, 1.0, 1.0),
        (0.0, 0.0, 0.0),
        (-2.0, 3.0, 12.0),
        (-2.0, 2, -4.0),
    ]:
        x = gv.tensor(base)
        (x**exponent).backward()
        assert x.grad == slope
    for kind in (float, np.float64, np.array):
        y = gv.tensor(kind(2.0))
        (kind(0.0) ** y).backward()
        assert y.grad == 0.0  # the limit of xʸ·ln x
    x = gv.tensor(-2.0)
    with pytest.warns(RuntimeWarning):
        y = x**0.5
    y.backward()
    assert math.isnan(x.grad)


# -- integers, constants ---------------------------------------------------------------------------------------------


def test_integers_and_booleans_are_constants():
    x, n, mask = gv.tensor(V), gv.tensor([1, 2, 3]), gv.tensor([True, False, True])
    y = (x * n * mask + gv.tensor(2)).sum()
    y.backward()
    assert x.grad.tolist() == [1.0, 0.0, 3.0]
    with pytest.raises(gv.GradientError) as error:
        n.grad  # noqa: B018
    assert str(error.value) == (
        "this tensor = int64 array of shape (3,) has dtype int64, and gradviz takes integers and booleans as "
        "constants, which have no gradient: make it an array of floats: .astype(float)"
    )
    with pytest.raises(gv.GradientError) as error:
        gv.tensor(3, name="n").backward()
    assert str(error.value) == (
        "n = 3 has dtype int64, and gradviz takes integers and booleans as constants, which have no gradient: write 3.0"
    )


@pytest.mark.parametrize("value", [3.0, np.float64(3.0), np.abs(V)])
def test_a_constant_has_no_gradient(value: Any):
    x, c = gv.tensor(value), gv.constant(value)
    for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, np.maximum):
        np.sum(f(x, c)).backward()
        assert c.grad is None and x.grad is not None


def test_detach_cuts_on_purpose():
    x = gv.tensor(3.0)
    (x * gv.detach(x)).backward()
    assert x.grad == 3.0
    assert gv.detach(2.5) == 2.5


# -- leaving the graph -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leave", "how"),
    [
        (float, "float(loss)"),
        (int, "int(loss)"),
        (complex, "complex(loss)"),
        (lambda x: "%.3f" % x, "float(loss)"),  # noqa: UP031
        (math.sqrt, "float(loss)"),
        (np.asarray, "np.asarray(loss)"),
        (np.array, "np.asarray(loss)"),
        (lambda x: x.item(), "loss.item()"),
        (lambda x: x.tolist(), "loss.tolist()"),
    ],
)
def test_a_value_does_not_leave_the_graph_in_silence(leave: Any, how: str):
    with pytest.raises(gv.GradientError) as error:
        leave(gv.tensor(3.0, name="loss"))
    text = str(error.value)
    assert "\n" not in text
    assert text.startswith(f"{how} at {__file__}:")
    assert "would silently cut 3.0 off the graph: take loss.value for the number, or gv.detach(loss)" in text


@pytest.mark.parametrize("make", [lambda: gv.tensor(3), lambda: gv.constant(3.0)])
def test_a_constant_leaves_freely(make: Any):
    assert float(make()) == 3.0
    assert np.asarray(make()) == 3


def test_an_array_can_not_swallow_a_tensor():
    array, x = np.ones(3), gv.tensor(V)
    with pytest.raises(gv.RecordError) as error:
        array += x
    assert "np.add would write a Tensor into a plain array at " in str(error.value)
    assert "write y = x + t instead of y += t, or make y a Tensor first with gv.tensor(y)" in str(error.value)
    with pytest.raises(ValueError) as error:
        array[0] = x[0]
    assert isinstance(error.value.__cause__, gv.GradientError)
    assert array.tolist() == [1.0, 1.0, 1.0]


def test_a_tensor_prints_its_value():
    assert repr(gv.tensor(3.0)) == "Tensor(3.0)"
    assert repr(gv.tensor([1.0, 2.0], name="x")) == "Tensor([1., 2.], name='x')"
    assert str(gv.tensor(3.0)) == "3.0"
    assert f"{gv.tensor(3.14159):.2f}" == "3.14"


# -- leaves ----------------------------------------------------------------------------------------------------------


def test_a_leaf_copies_its_array():
    array = V.copy()
    x = gv.tensor(array)
    array[:] = 0.0
    assert x.value.tolist() == V.tolist()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a tensor holds a number or an array of numbers, and was given 'a': its dtype is <U1"),
        (None, "a tensor holds a number or an array of numbers, and was given None: its dtype is object"),
    ],
)
def test_what_is_no_number_is_refused(value: Any, text: str):
    with pytest.raises(gv.RecordError) as error:
        gv.tensor(value)
    assert str(error.value) == text


def test_ragged_lists_and_lists_of_tensors_are_refused_in_a_line():
    with pytest.raises(gv.RecordError, match=r"^a tensor holds .* was given \[\[1\.0\], \[1\.0, 2\.0\]\]: .*$"):
        gv.tensor([[1.0], [1.0, 2.0]])
    with pytest.raises(gv.RecordError, match=r"cut off their graph: join them with gv\.np\.array or np\.stack"):
        gv.tensor([gv.tensor(1.0), 2.0])
    with pytest.raises(gv.RecordError, match=r"^a Tensor is made by gv\.tensor\(value\), not by calling Tensor$"):
        gv.Tensor()


def test_a_copy_stays_on_the_graph():
    x = gv.tensor(V)
    (copy.copy(x) + copy.deepcopy(x) + x.copy()).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


# -- gradients -------------------------------------------------------------------------------------------------------


def test_backward_starts_afresh_each_time():
    x = gv.tensor(3.0)
    y, z = x * x, 2 * x
    y.backward()
    assert x.grad == 6.0
    z.backward()
    assert x.grad == 2.0


def test_seeds_have_the_outputs_shape():
    x = gv.tensor(V)
    y = x * 2
    y.backward([1.0, 2.0, 3.0])
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    y.backward(2.0)
    assert x.grad.tolist() == [4.0, 4.0, 4.0]
    with pytest.raises(gv.GradientError) as error:
        y.backward()
    assert str(error.value) == (
        "the output has shape (3,), and gradients run back from a single number: "
        "sum it, or give backward a seed of that shape"
    )
    with pytest.raises(gv.GradientError, match=r"^the seed has shape \(4,\), and the output has shape \(3,\)$"):
        y.backward(np.ones(4))
    with pytest.raises(gv.GradientError, match=r"^the seed has shape \(2,\), and the output is a single number$"):
        gv.tensor(1.0).backward([1.0, 2.0])


def test_what_has_no_path_has_a_zero():
    x, y = gv.tensor(V), gv.tensor(2.0)
    z = np.sum(np.sign(x)) * y
    z.backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_one_value_used_twice_gets_both_gradients():
    x = gv.tensor(V)
    (x + x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


# -- depth, time, memory ---------------------------------------------------------------------------------------------


def test_a_chain_of_100_000_ops_runs_forward_and_back():
    x = y = gv.tensor(1.0)
    for _ in range(100_000):
        y = y * 0.99999
    y.backward()
    assert math.isclose(x.grad, 0.99999**100_000, rel_tol=1e-9)
    assert gv.graph(y).op_count() == 100_000


def test_a_million_ops_run_without_recursion():
    gc.collect()
    gc.freeze()  # else the collector goes through all that other tests have left, again and again
    try:
        x = y = gv.tensor(1.0)
        for _ in range(1_000_000):
            y = y + 1e-6
        y.backward()
    finally:
        gc.unfreeze()
    assert x.grad == 1.0


def test_a_training_loop_does_not_grow():
    def step(w: Any) -> Any:
        loss = np.tanh(w * 1.5 - 1.0) ** 2
        loss.backward()
        return gv.tensor(w.value - 0.01 * w.grad)

    w = gv.tensor(0.0)
    for _ in range(100):
        w = step(w)
    tracemalloc.start()
    for _ in range(100):
        w = step(w)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(10_000):
        w = step(w)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 20_000


def test_a_graph_is_freed_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        y = gv.tensor(1.0)
        for _ in range(1000):
            y = np.sin(y) * y
        y.backward()
        tracemalloc.start()
        held = tracemalloc.get_traced_memory()[0]
        z = gv.tensor(1.0)
        for _ in range(10_000):
            z = np.sin(z) * z
        z.backward()
        del z
        assert tracemalloc.get_traced_memory()[0] - held < 20_000
    finally:
        tracemalloc.stop()
        gc.enable()


def test_the_gradients_of_two_leaves_are_two_arrays_that_can_be_changed():
    a, b = gv.tensor([1.0, 2.0]), gv.tensor([3.0, 4.0])
    (a + b).sum().backward()
    gradient = a.grad
    gradient *= 10
    assert a.grad.tolist() == [10.0, 10.0]
    assert b.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("of", "named"),
    [
        (lambda x: np.matrix(np.eye(2)) @ x, r"np\.matrix computes in its own way"),
        (lambda x: x * np.matrix([1.0, 2.0]), r"np\.matrix computes in its own way"),
        (lambda x: x + np.ma.masked_array([1.0, 2.0], [False, True]), r"np\.ma\.MaskedArray computes in its own way"),
    ],
)
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_arrays_that_compute_otherwise_are_refused_by_name(of, named):
    with pytest.raises(gv.RecordError, match=named):
        of(gv.tensor([1.0, 2.0]))
