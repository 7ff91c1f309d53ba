"""Writing in place: values are NumPy's, and gradients those of the program, whatever was written when."""

import gc
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradviz as gv
from gradviz.tracer.ops import writing

# Numbers that no program makes equal to the last bit but one: there a sort has no gradient that differences can tell.
X = np.array([[0.3137, -0.7291, 1.1043, 0.5178], [1.3309, 0.2213, -0.4087, 0.9561], [-1.2419, 0.8367, 0.6149, -0.1273]])
Y = np.array([0.4519, -0.9487, 1.2541, 0.1523])

# -- random programs: the same function runs on arrays and on Tensors -------------------------------------------------

VIEWS = {
    "row": lambda a: a[len(a) // 2],
    "slice": lambda a: a[1:],
    "reversed": lambda a: a[::-1],
    "transpose": lambda a: a.T,
    "flat": lambda a: a.reshape(-1),
    "new axis": lambda a: a[None, ...],
    "last": lambda a: a[..., -1:],
    "einsum": lambda a: np.einsum("...i->i...", a),
}
READS = {
    "sin": lambda a, b: np.sin(a),
    "product": lambda a, b: a * b.mean(),
    "copy": lambda a, b: a.copy(),
    "taken": lambda a, b: a[[0, -1, 0]],
    "exp": lambda a, b: np.exp(a * 0.3),
}


def _fill(a, b):
    a.fill(b.mean())


def _sort(a, b):
    a.sort(axis=-1)


def _item(a, b):
    a[0] = b.mean() * 1.5


def _all(a, b):
    a[...] = np.cos(a) * b.sum()


def _part(a, b):
    a[1:] = a[:-1] * 0.5


def _mask(a, b):
    a[np.asarray(gv.detach(a).value if isinstance(a, gv.Tensor) else a) > 0.4] = b.mean()


def _indices(a, b):
    a[[0, -1]] += b.mean()


def _times(a, b):
    a *= 1.0 + b.mean()


def _minus(a, b):
    a -= b.sum() * 0.1


def _power(a, b):
    a **= 2


def _out(a, b):
    np.multiply(a, 1.3, out=a)


def _out_exp(a, b):
    np.exp(a * 0.2, out=a)


def _at(a, b):
    np.add.at(a, [0, 0, -1], b.mean())


def _copyto(a, b):
    np.copyto(a, a[::-1] * 0.7)


WRITES = {
    f.__name__: f
    for f in (_fill, _sort, _item, _all, _part, _indices, _times, _minus, _power, _out, _out_exp, _at, _copyto)
}

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["view", "read", "write", "write"]),
        st.integers(0, 6),
        st.integers(0, 6),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=9,
)


def played(program, x, y):
    """Run a program on its inputs, and give everything that it made."""
    pool = [x, y]
    for kind, i, j, choice in program:
        a, b = pool[i % len(pool)], pool[j % len(pool)]
        table = {"view": VIEWS, "read": READS, "write": WRITES}[kind]
        step = table[sorted(table)[choice % len(table)]]
        if kind == "view":
            made = step(a)
            if np.ndim(made) and np.shape(made)[0]:
                pool.append(made)
        elif kind == "read":
            pool.append(step(a, b))
        else:
            step(a, b)
    return pool


def run(program, x, y):
    """Run a program on its inputs, and give one number that depends on everything in the pool."""
    total = 0.0
    for k, a in enumerate(played(program, x, y)):
        weights = np.cos(np.arange(np.size(a)) + k).reshape(np.shape(a))
        total = total + (a * weights).sum()
    return total


def numeric(f, *arrays, h=1e-4):
    """Central differences, of two steps to be rid of their leading error (Richardson)."""
    gradients = []
    for k, array in enumerate(arrays):
        gradient = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            slopes = []
            for step in (h, h / 2):
                values = []
                for sign in (1, -1):
                    moved = [a.copy(order="K") for a in arrays]
                    moved[k][place] += sign * step
                    values.append(f(*moved))
                slopes.append((values[0] - values[1]) / (2 * step))
            gradient[place] = (4 * slopes[1] - slopes[0]) / 3
        gradients.append(gradient)
    return gradients


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_random_programs_that_write_in_place(program):
    expected = run(program, X.copy(), Y.copy())
    if not abs(expected) < 1e4:
        return
    graph = gv.trace(lambda x, y: run(program, x, y), X, Y)
    assert graph.output.value == expected  # to the bit
    want = numeric(lambda x, y: run(program, x, y), X, Y)
    assume(max(np.abs(a).max() for a in want) < 1e3)  # steeper, and differences are no measure
    got = graph.gradients()
    for a, b in zip((got["x"], got["y"]), want, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6 * max(1.0, np.abs(b).max()))


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_gradients_are_the_same_to_the_bit_where_one_buffer_serves_all_versions(program):
    assume(abs(run(program, X.copy(), Y.copy())) < 1e4)
    found = []
    for held in (lambda version: True, writing._held):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(writing, "_held", held)
            found.append(gv.trace(lambda x, y: run(program, x, y), X, Y).gradients())
    for name in "xy":
        np.testing.assert_array_equal(found[0][name], found[1][name])


def memory(program, x, y):
    """How each array of the pool lies in memory in the end, and whether the memory is its own."""
    pool = played(program, x, y)
    arrays = [a.value if isinstance(a, gv.Tensor) else a for a in pool[2:]]  # NumPy's own X and Y are the test's
    return [(a.strides, a.flags.c_contiguous, a.flags.f_contiguous, a.flags.owndata) for a in arrays]


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_what_is_read_after_a_write_lies_in_memory_as_numpys_does(program):
    assume(abs(run(program, X.copy(), Y.copy())) < 1e4)
    expected = memory(program, X.copy(), Y.copy())
    assert memory(program, gv.tensor(X), gv.tensor(Y)) == expected


# -- case by case ------------------------------------------------------------------------------------------------------


def test_what_used_the_old_value_keeps_it():
    x = gv.tensor([1.0, 2.0, 3.0])
    y = x * 2
    x[0] = 10.0
    z = (x * y).sum()
    z.backward()
    assert x.value.tolist() == [10.0, 2.0, 3.0]
    assert y.value.tolist() == [2.0, 4.0, 6.0]
    # ∂z/∂x₀ = 2·x'₀ = 20; the others reach z through x' and through y: y + 2·x' = 4 + 4, 6 + 6
    assert gv.graph(z).gradients()["x"].tolist() == [20.0, 8.0, 12.0]


def made(x):
    y = x * 1.0
    y[0] = 3.0 * x[0]
    return y


def view_of_made(x):
    y = x * 1.0
    view = y[:1]
    y[0] = 3.0 * x[0]
    return view


def given(x):
    x[0] = x[0] * 3.0
    return x


@pytest.mark.parametrize("keep", ["all", "needed", "none"])
@pytest.mark.parametrize("f", [made, view_of_made, given])
def test_what_was_written_in_place_may_be_the_result(f, keep):
    graph = gv.trace(f, np.array([2.0]), keep=keep)
    assert (graph.output.value, graph.gradients()["x"]) == ([6.0], [3.0])
    assert (graph.forward(x=np.array([5.0])), graph.backward()["x"]) == ([15.0], [3.0])


def test_the_graph_of_a_written_tensor_has_the_gradients_of_its_sweep():
    x = gv.tensor([2.0], "x")
    y = made(x)
    y.backward()
    assert gv.graph(y).gradients()["x"] == [3.0]


def test_another_name_for_the_same_tensor_sees_the_write():
    x = gv.tensor([1.0, 2.0])
    same = x
    x *= 3
    assert same is x
    assert same.value.tolist() == [3.0, 6.0]


def test_a_single_number_is_bound_anew_as_in_python():
    x = gv.tensor(2.0)
    before = x
    x *= 3
    assert (before.value, x.value) == (2.0, 6.0)
    with pytest.raises(TypeError, match="'float' object does not support item assignment"):
        x[0] = 1.0


def test_views_of_views_see_writes_both_ways():
    a = gv.tensor([[1.0, 2.0], [3.0, 4.0]])
    row = a[0]
    part = row[1:]
    row[0] = 10.0
    part *= 3
    a.T[1] += 1
    assert a.value.tolist() == [[10.0, 7.0], [3.0, 5.0]]
    assert row.value.tolist() == [10.0, 7.0]
    assert part.value.tolist() == [7.0]
    (a * a).sum().backward()
    graph = gv.graph((a * a).sum())
    assert graph.backward()["a"].tolist() == [[0.0, 42.0], [6.0, 10.0]]


@pytest.mark.parametrize("of", [lambda a: a, lambda a: a.T, lambda a: a[:, ::2]], ids=["rows", "turned", "spaced"])
def test_the_elements_in_a_row_are_written_in_place_however_they_lie(of):
    def program(x, y):
        part = of(x)
        row = part.flat
        part.flat[1] = y[0] * 2.0
        part.flat[2:4] = y[:2]
        last = part.flat[-3:]  # a copy, as NumPy has it
        last[1:] = y[1:3] * 3.0
        part[0, 0] = y[3]
        return row[0] * row[1] + (part * part).sum() + last.sum()

    graph = gv.trace(program, X, Y)
    assert graph.output.value == program(X.copy(), Y.copy())
    for got, want in zip(graph.gradients().values(), numeric(program, X, Y), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-8)


def test_all_elements_are_given_at_once_and_repeated_as_needed():
    x, y = gv.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), gv.tensor([7.0, 8.0])
    x.T.flat = y
    assert x.value.tolist() == [[7.0, 7.0, 7.0], [8.0, 8.0, 8.0]]
    x.sum().backward()
    assert y.grad.tolist() == [3.0, 3.0]
    x.flat[1:4] = gv.tensor([9.0, 2.0])
    x.flat[:2] = np.zeros(0)  # which NumPy takes for nothing to do
    assert x.value.tolist() == [[7.0, 9.0, 2.0], [9.0, 8.0, 8.0]]
    x.flat = 1.5
    assert x.value.tolist() == [[1.5] * 3] * 2


def test_a_copy_does_not_see_the_write():
    a = gv.tensor([1.0, 2.0])
    copy, picked = a.copy(), a[[0, 1]]
    a[0] = 5.0
    assert copy.value.tolist() == picked.value.tolist() == [1.0, 2.0]


def test_a_recurrence_that_fills_an_array():
    def program(t, n=6):
        h = gv.np.zeros(n) if isinstance(t, gv.Tensor) else np.zeros(n)
        h = gv.tensor(np.zeros(n)) if isinstance(t, gv.Tensor) else h
        h[0] = t
        for i in range(1, n):
            h[i] = np.sin(h[i - 1]) * t
        return h.sum()

    t = gv.tensor(0.5)
    total = program(t)
    total.backward()
    assert total.value == program(0.5)
    (want,) = numeric(lambda a: program(a[0]), np.array([0.5]))
    assert math.isclose(t.grad, want[0], rel_tol=1e-8)


def test_filling_an_array_does_not_copy_it_each_time():
    n = 2000
    t = gv.tensor(1.5)
    gc.collect()
    tracemalloc.start()
    h = gv.tensor(np.zeros(n))
    for i in range(n):
        h[i] = t * float(i)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < n * n * 8 / 8  # n copies of n floats would be eight times that
    h.sum().backward()
    assert t.grad == sum(range(n))


LOOKS = {
    "shape": lambda h: h.shape,
    "len": len,
    "np.shape": np.shape,
    "np.size": np.size,
    "dtype": lambda h: h.dtype,
    "several places": lambda h: h[[0, 1]],
    "by a mask": lambda h: h[np.array([True, False, True, False])],
    "repr": repr,
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_looking_at_a_written_array_does_not_make_the_next_write_copy_it(look):
    h = gv.tensor(np.zeros(4))
    h[0] = 1.0
    buffer = h._note.cell.record._value
    look(h)
    h[1] = 2.0
    assert h._note.cell.record._value is buffer
    assert h.value.tolist() == [1.0, 2.0, 0.0, 0.0]


def test_an_array_that_an_op_used_is_copied_by_the_next_write():
    h = gv.tensor(np.zeros(4))
    h[0] = 1.0
    doubled = h * 2.0
    used = doubled._a._value
    h[1] = 2.0
    assert h._note.cell.record._value is not used
    assert used.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_writes_without_recording_share_one_buffer():
    h = gv.tensor(np.zeros(4))
    with gv.no_trace():
        h[0] = 1.0
        buffer = h._note.cell.record._value
        h[1] = h[0] * 2.0
    assert h._note.cell.record._value is buffer
    assert h.value.tolist() == [1.0, 2.0, 0.0, 0.0]


def test_an_augmented_item_is_one_write():
    x, s = gv.tensor(X), gv.tensor(2.0)
    x[1] += s
    x[1][0:2] *= s
    x.T[0] -= s
    expected = X.copy()
    expected[1] += 2.0
    expected[1][0:2] *= 2.0
    expected.T[0] -= 2.0
    np.testing.assert_array_equal(x.value, expected)
    written = [node for node in gv.graph(x).nodes if node.op == "setitem"]
    assert [(node.name, node.source.code) for node in written] == [
        ("x", "x[1] += s"), ("x[1]", "x[1][0:2] *= s"), ("x.T", "x.T[0] -= s")
    ]  # fmt: skip


def test_an_item_written_into_itself_is_no_write():
    x = gv.tensor(X)
    x[1] = x[1]
    assert [node.op for node in gv.graph(x).nodes] == ["input"]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("index", [0, [1, 1, 4], slice(2, 5)], ids=str)
def test_writes_through_views_whatever_the_layout(order, index):
    def program(x, v):
        x.T.reshape(-1)[index] = v[0] if isinstance(index, int) else v  # of an array in C order this writes into a copy
        return (x * np.arange(1.0, 7.0).reshape(2, 3)).sum()

    x, v = np.array(X[:2, :3], order=order), np.array([3.0, 5.0, 7.0])
    graph = gv.trace(program, x, v)
    assert graph.output.value == program(x.copy(order="K"), v)
    want = numeric(program, x, v)
    np.testing.assert_allclose(graph.gradients()["x"], want[0], atol=1e-8)
    np.testing.assert_allclose(graph.gradients()["v"], want[1], atol=1e-8)


def test_an_infinite_gradient_of_what_was_written_does_not_reach_the_old():
    x, v = gv.tensor([1.0, 4.0]), gv.tensor(0.0)
    y = x * 1.0
    y[0] = v
    np.sqrt(y).sum().backward()
    assert v.grad == np.inf
    assert x.grad.tolist() == [0.0, 0.25]


def test_values_of_versions_whose_buffer_was_passed_on_are_computed_again():
    h = gv.tensor(np.zeros(3))
    for i in range(3):
        h[i] = gv.tensor(float(i + 1))
    versions = [node.value.tolist() for node in gv.graph(h).nodes if node.op == "setitem"]
    assert versions == [[1.0, 0.0, 0.0], [1.0, 2.0, 0.0], [1.0, 2.0, 3.0]]


def test_out_and_where():
    x, y = gv.tensor([1.0, 4.0, 9.0]), gv.tensor([2.0, 2.0, 2.0])
    out = gv.tensor(np.zeros(3))
    result = np.sqrt(x, out=out, where=np.array([True, False, True]))
    assert result is out
    assert out.value.tolist() == [1.0, 0.0, 3.0]
    np.add(out, y, out=out)
    out.sum().backward()
    np.testing.assert_allclose(x.grad, [0.5, 0.0, 1 / 6])
    assert y.grad.tolist() == [1.0, 1.0, 1.0]


def test_a_place_written_twice_in_one_go_keeps_the_last():
    x, v = gv.tensor([0.0, 0.0]), gv.tensor([3.0, 5.0])
    x[[0, 0]] = v
    x.sum().backward()
    assert x.value.tolist() == [5.0, 0.0]
    assert v.grad.tolist() == [0.0, 1.0]


def test_add_at_counts_each_time():
    x, v = gv.tensor([0.0, 0.0]), gv.tensor([3.0, 5.0])
    np.add.at(x, [0, 0], v)
    x.sum().backward()
    assert x.value.tolist() == [8.0, 0.0]
    assert v.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "write",
    [
        lambda x, v: np.put(x, [0, 3], v[:2]),
        lambda x, v: np.putmask(x, np.arange(6).reshape(2, 3) > 2, v),
        lambda x, v: np.place(x, np.arange(6).reshape(2, 3) > 3, v),
        lambda x, v: np.fill_diagonal(x, v[0]),
        lambda x, v: np.put_along_axis(x, np.array([[2], [0]]), v[:2].reshape(2, 1), 1),
        lambda x, v: np.copyto(x, v, where=np.array([True, False, True])),
        lambda x, v: x.sort(),
        lambda x, v: x.fill(v[1]),
    ],
)
def test_numpys_functions_that_write(write):
    a, v = np.array([[3.0, 1.0, 2.0], [6.0, 4.0, 5.0]]), np.array([0.5, 0.25, 0.75])

    def program(a, v):
        write(a, v)
        return (a * np.arange(1.0, 7.0).reshape(2, 3)).sum()

    graph = gv.trace(program, a, v)
    want = numeric(program, a, v)
    assert graph.output.value == program(a.copy(), v)
    np.testing.assert_allclose(graph.gradients()["a"], want[0], atol=1e-7)
    np.testing.assert_allclose(graph.gradients()["v"], want[1], atol=1e-7)


def test_second_derivatives_through_a_write():
    from recorded import recorded_gradients

    x = gv.tensor([0.5, 1.5])
    kept = x
    y = np.sin(x)
    x[0] = y[1] * 2
    loss = (x**3).sum()
    leaf = gv.graph(loss).inputs[0].record
    (first,) = recorded_gradients(loss, [leaf])
    (second,) = recorded_gradients((first * first).sum(), [leaf])

    def gradient(b):  # loss = (2 sin b)³ + b³ in b = x₁
        return 24 * math.sin(b) ** 2 * math.cos(b) + 3 * b * b

    h = 1e-5
    want = 2 * gradient(1.5) * (gradient(1.5 + h) - gradient(1.5 - h)) / (2 * h)
    np.testing.assert_allclose(first.value, [0.0, gradient(1.5)], atol=1e-12)
    np.testing.assert_allclose(second.value, [0.0, want], rtol=1e-7)
    assert kept is x


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda a, t: np.add(a, t, out=a), "would write a Tensor into a plain array"),
        (lambda a, t: np.add.at(a, [0], t), "would write a Tensor into a plain array"),
        (lambda a, t: np.copyto(a, t), "would write a Tensor into a plain array"),
    ],
)
def test_writing_a_tensor_into_a_plain_array_says_what_to_do(write, message):
    with pytest.raises((gv.RecordError, gv.GradientError), match=message) as error:
        write(np.zeros(3), gv.tensor(1.0))
    assert "\n" not in str(error.value)
    assert "gv." in str(error.value)


def test_numpys_error_for_an_item_of_a_plain_array_has_ours_as_its_cause():
    with pytest.raises(ValueError, match="setting an array element") as error:
        np.zeros(3)[0] = gv.tensor(1.0)
    assert "to write it into an array, make that array a Tensor first" in str(error.value.__cause__)


def test_writing_floats_into_integers_would_lose_the_gradient():
    x = gv.tensor([1, 2, 3])
    with pytest.raises(gv.RecordError, match=r"has dtype int64: writing 0\.5 into it .* would round it"):
        x[0] = gv.tensor(0.5)


def test_numpys_own_errors_leave_the_tensor_as_it_was():
    x = gv.tensor([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="could not broadcast"):
        x[:] = gv.tensor([1.0, 2.0])
    with pytest.raises(IndexError):
        x[7] = 1.0
    with pytest.raises(ValueError, match="broadcast"):
        x += gv.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    assert x.value.tolist() == [1.0, 2.0, 3.0]


def test_a_write_is_named_and_placed():
    x = gv.tensor([1.0, 2.0])
    x[0] = gv.tensor(3.0)
    node = gv.graph(x).nodes[-1]
    assert (node.op, node.name, node.source.code) == ("setitem", "x", "x[0] = gv.tensor(3.0)")


def test_replay_writes_again():
    def f(x):
        y = x * 1.0
        y[0] = y[1] * 2
        return (y * y).sum()

    graph = gv.trace(f, np.array([1.0, 3.0]))
    assert graph.forward(x=np.array([7.0, 2.0])) == 20.0
    assert graph.backward()["x"].tolist() == [0.0, 20.0]


# -- plain arrays that an op has used ---------------------------------------------------------------------------------


def test_a_small_array_that_is_changed_afterwards_was_copied():
    x, data = gv.tensor([1.0, 2.0]), np.array([3.0, 4.0])
    y = (x * data).sum()
    data[:] = 100.0
    y.backward()
    assert x.grad.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16])
@pytest.mark.parametrize("shape", [(2000,), (40, 60), (300, 400)])
def test_a_large_array_that_is_changed_afterwards_is_noticed(dtype, shape):
    x, data = gv.tensor(2.0), np.ones(shape, dtype=dtype)
    y = (x * data).sum()
    y.backward()
    assert x.grad == data.size
    data[...] = 5
    with pytest.raises(gv.GradientError, match=r"an array of shape .* was changed after .*test_inplace\.py:\d+"):
        y.backward()


@pytest.mark.parametrize("change", [np.flip, lambda a: np.roll(a, a.size // 2), lambda a: a[np.argsort(-a)]])
@pytest.mark.parametrize("size", [2000, 30_001, 200_000])
def test_a_large_array_whose_elements_change_places_is_noticed(change, size):
    x, data = gv.tensor(2.0), np.arange(float(size))
    y = (x * data).sum()
    data[:] = change(data)
    with pytest.raises(gv.GradientError, match="was changed after"):
        y.backward()


def test_the_same_array_used_twice_is_one_constant():
    for size in (3, 5000):
        x, data = gv.tensor(2.0), np.arange(float(size))
        y = (x * data).sum() + (x * x * data).sum()
        constants = [node for node in gv.graph(y).nodes if node.kind == "constant"]
        assert [node.size if hasattr(node, "size") else np.size(node.value) for node in constants] == [size]


@pytest.mark.parametrize("update", ["augmented", "item"])
def test_a_parameter_that_is_updated_without_recording_stays_a_parameter(update):
    w = gv.tensor([1.0, 2.0], parameter=True)
    for _ in range(3):
        (w * w).sum().backward()
        with gv.no_trace():
            if update == "augmented":
                w -= 0.25 * w.grad
            else:
                w[:] = w - 0.25 * w.grad
    loss = (w * w).sum()
    loss.backward()
    assert w.value.tolist() == [0.125, 0.25]
    assert w.grad.tolist() == [0.25, 0.5]
    graph = gv.graph(loss)
    assert [(node.kind, node.name) for node in graph.inputs] == [("parameter", "w")]
    assert len(graph.nodes) == 3


@pytest.mark.parametrize(
    "f",
    [
        lambda x, out: np.sum(x, axis=0, out=out),
        lambda x, out: np.mean(x, 0, out=out),
        lambda x, out: np.cumsum(x[0], out=out),
        lambda x, out: np.take(x[1], [2, 0, 0], out=out),
        lambda x, out: np.add.reduce(x, out=out),
        lambda x, out: np.clip(x[0], 0.0, 0.5, out=out),
    ],
)
def test_functions_write_where_out_says(f):
    a = np.array([[0.3, -0.7, 1.1], [1.3, 0.2, -0.4]])
    expected = np.zeros(3)
    f(a, expected)
    x, out = gv.tensor(a), gv.tensor(np.zeros(3))
    assert f(x, out) is out
    np.testing.assert_array_equal(out.value, expected)
    (out * np.array([1.0, 2.0, 4.0])).sum().backward()

    def program(a):
        made = np.zeros(3)
        f(a, made)
        return (made * np.array([1.0, 2.0, 4.0])).sum()

    np.testing.assert_allclose(x.grad, numeric(program, a)[0], atol=1e-8)
