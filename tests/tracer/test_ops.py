"""Every row of the table of ops: values to the bit, both derivatives, dtypes, layouts, shapes, roles, formulas.

The tests are made from the table itself and the samples beside it: a row without a sample fails.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import operator
import string
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from formula import NoFormula, evaluate
from op_samples import Sample, all_samples
from oracle import (
    agree_along,
    first_gradients,
    gradient_sum,
    is_float,
    numeric_gradients,
    parts,
    relative_error,
    second_gradients,
    tensors_of,
    value_of,
    weighted,
    weighted_value,
    weights,
)
from recorded import recorded_gradients

import gradviz as gv
from gradviz.tracer import keeping
from gradviz.tracer.backward import ALIAS, downstream, fit, floats_of, push, run_back
from gradviz.tracer.gone import gone
from gradviz.tracer.node import Edge, Node
from gradviz.tracer.op import OPS, Op
from gradviz.tracer.roles import ROLES
from gradviz.tracer.tensor import PENDING, UFUNCS, Tensor, apply, operands
from gradviz.tracer.trace import maximum_of, minimum_of

SAMPLES = all_samples()
#: The rows there are; one whose `rules` are empty is a leaf, and an alias is no node of any graph.
ROWS = {name: op for name, op in OPS.items() if op.rules and op is not ALIAS}
SMOOTH = {name: [s for s in samples if s.first] for name, samples in SAMPLES.items()}
TWICE = {name: [s for s in samples if s.first and s.second] for name, samples in SAMPLES.items()}


def of_each(samples: dict[str, list[Sample]]) -> Any:
    """Runs a test on every sample of every op: one test an op, which names the sample it failed on."""

    def decorate(test: Callable[..., None]) -> Any:
        @functools.wraps(test)
        def on_all(name: str) -> None:
            for i, sample in enumerate(samples[name]):
                try:
                    test(name, sample)
                except BaseException as error:
                    error.add_note(f"in sample {i} of {name}, {sample.note or 'without a note'}: {sample}")
                    raise

        del on_all.__wrapped__  # its parameters are its own
        return pytest.mark.parametrize("name", [name for name in samples if samples[name]])(on_all)

    return decorate


each_case = of_each(SAMPLES)


# -- the table and its samples ---------------------------------------------------------------------------------------


def test_every_row_has_a_sample():
    assert sorted(set(ROWS) - set(SAMPLES)) == []


def test_every_sample_has_a_row():
    assert sorted(set(SAMPLES) - set(ROWS)) == []


@each_case
def test_a_sample_records_its_op(name: str, sample: Sample):
    results = parts(sample.f(*tensors_of(sample.args)))
    assert any(isinstance(result, Tensor) for result in results)
    if name not in ops_of(results):  # an op of the gradient's own graph
        total, _ = gradient_sum(sample.f, sample.args, recorded=True)
        assert name in ops_of([total])


def ops_of(results: list[Any]) -> set[str]:
    """The names of the ops that some results were computed by."""
    outputs = [result for result in results if isinstance(result, Tensor)]
    return {node.op for node in gv.graph(*outputs).nodes}


# -- values ----------------------------------------------------------------------------------------------------------


def assert_identical(got: Any, expected: Any) -> None:
    """The same type, dtype, shape and bits."""
    got = value_of(got)
    assert type(got) is type(expected), f"{type(got)} where NumPy gives {type(expected)}"
    one, other = np.asarray(got), np.asarray(expected)
    assert (one.dtype, one.shape) == (other.dtype, other.shape)
    assert one.tobytes() == other.tobytes(), f"{one} where NumPy gives {other}"


def assert_values(sample: Sample, args: tuple[Any, ...]) -> None:
    """On Tensors, `sample.f` gives exactly what it gives on plain values."""
    got, expected = parts(sample.f(*tensors_of(args))), parts((sample.plain or sample.f)(*args))
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        assert_identical(one, other)


@each_case
def test_values_are_numpys_to_the_bit(name: str, sample: Sample):
    assert_values(sample, sample.args)


# -- derivatives -----------------------------------------------------------------------------------------------------


def assert_agree(got: list[Any], expected: list[Any], tolerance: float) -> None:
    """Each gradient that differences were taken of agrees with them."""
    for one, other in zip(got, expected, strict=True):
        if other is not None:
            assert relative_error(one, other) < tolerance, f"{one} where differences give {other}"


@of_each(SMOOTH)
def test_first_derivatives_agree_with_differences(name: str, sample: Sample):
    expected = numeric_gradients(lambda *args: weighted_value(sample.f, args), sample.args)
    assert_agree(first_gradients(sample.f, sample.args), expected, sample.tolerance)


@of_each(SMOOTH)
def test_recorded_gradients_are_the_sweeps(name: str, sample: Sample):
    expected = [g for g in first_gradients(sample.f, sample.args) if g is not None]
    results = parts(sample.f(*(given := tensors_of(sample.args))))
    inputs = [x for x in given if isinstance(x, Tensor)]
    output = weighted(results, weights([value_of(r) for r in results], 0))
    for got, one in zip(recorded_gradients(output, inputs), expected, strict=True):
        np.testing.assert_allclose(value_of(got), one, rtol=1e-12, atol=1e-12)


@of_each(TWICE)
def test_second_derivatives_agree_with_differences(name: str, sample: Sample):
    def f(*args: Any) -> float:
        return float(value_of(gradient_sum(sample.f, args)[0]))

    got = second_gradients(sample.f, sample.args)
    if not agree_along(got, f, sample.args, sample.tolerance):
        assert_agree(got, numeric_gradients(f, sample.args), sample.tolerance)


# -- dtypes ----------------------------------------------------------------------------------------------------------


def single(x: Any) -> Any:
    """A float or an array of them in single precision."""
    if not is_float(x):
        return x
    return x.astype(np.float32) if isinstance(x, np.ndarray) else np.float32(x)


@of_each(SMOOTH)
def test_single_precision_is_kept_on_the_way_back(name: str, sample: Sample):
    if name in BOUND_TO_MEMORY:
        return
    args = tuple(single(x) for x in sample.args)
    assert_values(sample, args)
    for got, expected in zip(first_gradients(sample.f, args), first_gradients(sample.f, sample.args), strict=True):
        if expected is not None and np.size(expected):
            scale = max(1.0, float(np.max(np.abs(expected))))
            np.testing.assert_allclose(got, expected, rtol=2e-3, atol=2e-3 * scale)
    for node in swept(sample, args).nodes:
        if node.gradient is not None:
            assert np.asarray(node.gradient).dtype == node.dtype
            assert np.shape(node.gradient) == node.shape


def swept(sample: Sample, args: tuple[Any, ...]) -> gv.Graph:
    """The graph of the weighted results, with its gradients."""
    results = parts(sample.f(*tensors_of(args)))
    output = weighted(results, weights([value_of(r) for r in results], 0))
    run_back(output)
    return gv.graph(output)


@of_each(SMOOTH)
def test_single_precision_is_kept_in_recorded_gradients(name: str, sample: Sample):
    if name in BOUND_TO_MEMORY:
        return
    inputs = tensors_of([single(x) for x in sample.args])
    results = parts(sample.f(*inputs))
    output = weighted(results, weights([value_of(r) for r in results], 0))  # in double precision
    wanted = [x for x in inputs if isinstance(x, Tensor)]
    for x, gradient in zip(wanted, recorded_gradients(output, wanted), strict=True):
        assert np.asarray(value_of(gradient)).dtype == x.dtype


# -- layouts ---------------------------------------------------------------------------------------------------------


def spaced(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """An array of twice the length along the last axis, and how to read `x` out of it: every second element."""
    return np.repeat(x, 2, axis=-1), lambda whole: whole[..., ::2]


def reversed_(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """An array in the other direction, and how to read `x` out of it: by negative strides."""
    return np.ascontiguousarray(np.flip(x)), lambda whole: whole[(slice(None, None, -1),) * np.ndim(whole)]


def turned(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The array as its transpose, and how to read `x` out of it: in Fortran's order."""
    return np.ascontiguousarray(np.transpose(x)), lambda whole: whole.T


def columns(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """An array of twice the length along the last axis, and how to read `x` out of it: its first half."""
    return np.concatenate([x, x], axis=-1), lambda whole: whole[..., : np.shape(whole)[-1] // 2]


def as_it_is(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The array itself, row after row."""
    return x, lambda whole: whole


#: Ops that are told their strides in bytes, and so mean one layout of one dtype.
BOUND_TO_MEMORY = {"as_strided"}


@of_each(SMOOTH)
def test_how_an_array_lies_in_memory_does_not_matter(name: str, sample: Sample):
    if name in BOUND_TO_MEMORY:
        return
    for layout in (spaced, reversed_, turned):
        laid = [layout(x) if is_float(x) and np.ndim(x) else (x, lambda whole: whole) for x in sample.args]
        check_layout(sample, tuple(whole for whole, _ in laid), [read for _, read in laid])


def check_layout(sample: Sample, args: tuple[Any, ...], reads: list[Callable[[Any], Any]]) -> None:
    """The sample's op on what is read out of larger arrays, or out of arrays that lie otherwise."""

    def of_parts(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *wholes: f(*[read(whole) for read, whole in zip(reads, wholes, strict=True)])

    f, plain = of_parts(sample.f), of_parts(sample.plain or sample.f)
    assert_values(Sample(f, args, plain=plain), args)
    got = first_gradients(f, args)
    same = all(map(np.array_equal, parts(plain(*args)), parts((sample.plain or sample.f)(*sample.args))))
    if not same:  # its value itself depends on the order in memory
        assert_agree(got, numeric_gradients(lambda *wholes: weighted_value(f, wholes), args), sample.tolerance)
        return
    for read, gradient, expected in zip(reads, got, first_gradients(sample.f, sample.args), strict=True):
        if expected is not None:
            np.testing.assert_allclose(read(gradient), expected, rtol=1e-6, atol=1e-9)
            np.testing.assert_array_equal(np.count_nonzero(read(gradient)), np.count_nonzero(gradient))


#: Ops that NumPy does not have: how their results lie is nobody's but ours.
GRADVIZS_OWN = {"detach", "leaky_relu", "prelu"}


def memory(x: Any) -> tuple[Any, ...]:
    """How an array lies in memory: how BLAS and NumPy sum it depends on that, to the last bit."""
    return x.shape, x.strides, x.flags.c_contiguous, x.flags.f_contiguous, x.flags.owndata


@each_case
def test_results_lie_in_memory_as_numpys_do(name: str, sample: Sample):
    if name in GRADVIZS_OWN:
        return
    for layout in (as_it_is, spaced, reversed_, turned, columns):
        if name in BOUND_TO_MEMORY and layout is not as_it_is:
            continue
        laid = [layout(x) if is_float(x) and np.ndim(x) else as_it_is(x) for x in sample.args]
        wholes = [whole for whole, _ in laid]
        given = [read(whole) for whole, (_, read) in zip(tensors_of(wholes), laid, strict=True)]
        plain = [read(whole) for whole, read in laid]
        for one, other in zip(parts(sample.f(*given)), parts((sample.plain or sample.f)(*plain)), strict=True):
            if isinstance(other, np.ndarray):
                assert memory(value_of(one)) == memory(other), layout.__name__


# -- elementwise ops: every pair of shapes, every kind of number -----------------------------------------------------


def is_elementwise(op: Op) -> bool:
    """Whether its rules are a number per element."""
    return not op.variadic and all(rule.local is not None or rule.vjp is None for rule in op.rules) and bool(op.rules)


def recorded_by(name: str, sample: Sample) -> Tensor:
    """The record of the op in the sample."""
    results = [r for r in parts(sample.f(*tensors_of(sample.args))) if isinstance(r, Tensor)]
    return next(node.record for node in gv.graph(*results).nodes if node.op == name)


ELEMENTWISE = sorted(name for name, op in ROWS.items() if is_elementwise(op) and name in SAMPLES)
SHAPES: dict[int, list[tuple[tuple[int, ...], ...]]] = {
    1: [((),), ((1,),), ((2, 3),), ((0,),), ((0, 3),), ((2, 1, 2),)],
    2: [
        ((2, 3), (3,)),
        ((3,), (2, 1)),
        ((2, 1), (1, 3)),
        ((), (3,)),
        ((2, 2), ()),
        ((1,), (2, 2)),
        ((2, 1, 2), (3, 1)),
        ((0, 3), (3,)),
        ((0,), (1,)),
        ((), (0,)),
        ((1, 1), ()),
    ],
}
KINDS: dict[str, Callable[[float], Any]] = {
    "float": float,
    "float64": np.float64,
    "float32": np.float32,
    "array": lambda x: np.array([x]),
    "array32": lambda x: np.array([x], dtype=np.float32),
    "0-d": np.array,
    "0-d32": lambda x: np.array(x, dtype=np.float32),
}


def number_pools(name: str) -> tuple[Op, list[Any], dict[str, Any] | None]:
    """For each operand of an elementwise op, numbers at which it is smooth; and the static arguments."""
    record = recorded_by(name, SAMPLES[name][0])
    pools = [np.ravel(np.asarray(value_of(x), dtype=float)) for x in operands(record)]
    return ROWS[name], pools, record._static


def on_tensors_and_plain(op: Op, static: dict[str, Any] | None) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """How the op is called on Tensors, and the NumPy function whose value it must have."""
    ufunc = next((u for u, row in UFUNCS.items() if row is op), None)
    if ufunc is not None and not static:
        return ufunc, ufunc
    return (lambda *values: apply(op, values, static)), (lambda *values: op.compute(*values, **(static or {})))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_broadcasting_is_undone(name: str):
    op, pools, static = number_pools(name)
    recording, plain = on_tensors_and_plain(op, static)
    for shapes in SHAPES[len(pools)]:
        args = tuple(np.resize(pool, shape) for pool, shape in zip(pools, shapes, strict=True))
        assert_values(Sample(recording, args, plain=plain), args)
        if not SAMPLES[name][0].first:
            continue  # differences don't see what it is meant to say
        expected = numeric_gradients(lambda *given: weighted_value(recording, given), args)
        assert_agree(first_gradients(recording, args), expected, 1e-6)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_kind_of_number_is_kept(name: str):
    op, pools, static = number_pools(name)
    recording, plain = on_tensors_and_plain(op, static)
    rest = [float(pool[0]) for pool in pools[1:]]
    for kind in KINDS.values():
        for other in KINDS.values() if rest else [float]:
            args = (kind(float(pools[0][0])), *[other(x) for x in rest])
            assert_values(Sample(recording, args, plain=plain), args)
            for x, gradient in zip(args, first_gradients(recording, args), strict=True):
                assert np.asarray(gradient).dtype == np.asarray(x).dtype
                assert np.shape(gradient) == np.shape(x)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_half_precision_is_kept(name: str):
    op, pools, static = number_pools(name)
    recording, plain = on_tensors_and_plain(op, static)
    args = tuple(pool[:1].astype(np.float16) for pool in pools)
    try:
        plain(*args)
    except TypeError:
        pytest.skip(f"{name} has no half precision in NumPy or SciPy")
    assert_values(Sample(recording, args, plain=plain), args)
    assert all(gradient.dtype == np.float16 for gradient in first_gradients(recording, args))


# -- the engine's own claims -----------------------------------------------------------------------------------------


def edges_of(name: str, sample: Sample) -> Iterator[Edge]:
    """The edges into the nodes of an op that take a gradient, after a sweep from the weighted results."""
    graph = swept(sample, sample.args)
    for node in graph.nodes:
        if node.op == name and node.gradient is not None:
            yield from [edge for edge in node.inputs_edges if edge.upstream is not None]


@each_case
def test_upstream_times_local_is_downstream(name: str, sample: Sample):
    for edge in edges_of(name, sample):
        if edge.target.rule.rule(edge.position).local is not None:
            expected = fit(edge.upstream * edge.local, edge.value)
            np.testing.assert_array_equal(edge.downstream, expected)
        elif edge.target.rule.rule(edge.position).vjp is not None and edge.local is not None:
            expected = fit(edge.upstream * edge.local, edge.value)
            np.testing.assert_allclose(edge.downstream, expected, rtol=1e-10, atol=1e-12)


@each_case
def test_what_goes_down_sums_to_the_gradient(name: str, sample: Sample):
    for edge in edges_of(name, sample):
        shares = [use.downstream for use in edge.source.uses if use.target.gradient is not None]
        np.testing.assert_allclose(sum(shares[1:], shares[0]), edge.source.gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", sorted(name for name, op in ROWS.items() if op.push is not None))
def test_a_push_made_by_hand_does_what_the_general_one_does(name: str):
    for sample in SAMPLES[name]:
        node = next(node for node in swept(sample, sample.args).nodes if node.op == name)
        given = [x for x in operands(node.record) if isinstance(x, Tensor)]
        for held in (None, 0.25):  # nothing yet, or what another use has handed down before
            outcomes: list[list[Any]] = []
            for one in (ROWS[name].push, push):
                for x in given:
                    x._grad = PENDING if held is None else held * x._value
                one(node.record, node.gradient)
                outcomes.append([x._grad for x in given])
            for by_hand, general in zip(*outcomes, strict=True):
                assert type(by_hand) is type(general)
                assert np.asarray(by_hand).dtype == np.asarray(general).dtype
                np.testing.assert_array_equal(by_hand, general)


#: Ops that give a Python float for Python floats.
OF_FLOATS: dict[str, Callable[..., Any]] = {
    "x + y": operator.add, "x − y": operator.sub, "x · y": operator.mul, "x / y": operator.truediv,
    "x^y": operator.pow, "x mod y": operator.mod, "max(x, y)": maximum_of, "min(x, y)": minimum_of,
    "−x": operator.neg, "+x": operator.pos, "|x|": abs, "relu(x)": gv.relu,
}  # fmt: skip
FLOATS = (0.0, -0.5, 0.7, 3.0, 1e-320, 2e300, math.inf)


@pytest.mark.parametrize("text", OF_FLOATS)
def test_a_float_is_pushed_as_the_general_way_pushes_it(text: str):
    op, checked = OF_FLOATS[text], 0
    for x, y in itertools.product(FLOATS, FLOATS):
        s, t = gv.tensor(x), gv.tensor(y)
        for given in ((s, t), (s, y), (x, t), (s, s), (s, 2), (-1, s), (s, gv.constant(y))) if "y" in text else ((s,),):
            with np.errstate(all="ignore"), contextlib.suppress(OverflowError, ZeroDivisionError):
                record = op(*given)
                if type(record._value) is not float:
                    continue
                for upstream, held in ((1.5, PENDING), (-2.0, 0.25)):
                    outcomes: list[list[str]] = []
                    for way in (record._op.push_float or floats_of(record._op), push):
                        for z in (s, t, *given):
                            if isinstance(z, Tensor):
                                z._grad = held
                        way(record, upstream)
                        outcomes.append([f"{type(z._grad)} {z._grad!r}" for z in (s, t)])
                    assert outcomes[0] == outcomes[1], given
                    checked += 1
    assert checked >= len(FLOATS)


@pytest.mark.parametrize("name", sorted(name for name, op in ROWS.items() if op.push is not None))
def test_a_push_made_by_hand_computes_with_no_numbers_that_the_rules_leave_alone(name: str):
    for sample in SAMPLES[name]:
        node = next(node for node in swept(sample, sample.args).nodes if node.op == name)
        record, given = node.record, [x for x in operands(node.record) if isinstance(x, Tensor)]
        used = numbers_used(record)
        spared = [x for i, x in enumerate((*operands(record), record)) if i not in used and isinstance(x, Tensor)]
        outcomes: list[list[Any]] = []
        for let_go in ([], [x for x in spared if type(x._value) is np.ndarray]):
            values = [x._value for x in let_go]
            for x in let_go:
                x._value = gone(x._value)
            for x in given:
                x._grad = PENDING
            ROWS[name].push(record, node.gradient)
            outcomes.append([x._grad for x in given])
            for x, value in zip(let_go, values, strict=True):
                x._value = value
        for whole, without in zip(*outcomes, strict=True):
            np.testing.assert_array_equal(whole, without)


def numbers_used(record: Tensor) -> set[int]:
    """The places of the operands, and behind them of the result, whose numbers the rules compute with."""
    used = keeping._found_out(record)
    return {len(operands(record)) if i < 0 else i for i in used}


@each_case
def test_rules_are_linear_in_the_upstream_gradient(name: str, sample: Sample):
    for edge in edges_of(name, sample):
        node = edge.target
        values = [x.value for x in node.inputs]

        def down(upstream: Any, edge: Edge = edge, node: Node = node, values: list[Any] = values) -> Any:
            return downstream(node.rule, edge.position, upstream, node.value, values, node.static)

        once = down(edge.upstream)
        if once is not None:
            np.testing.assert_allclose(down(edge.upstream * -2.0), -2.0 * once, rtol=1e-12, atol=1e-14)


# -- roles are claims about numbers ----------------------------------------------------------------------------------


def close(got: Any, expected: Any) -> None:
    """Equal but for rounding."""
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


def wide(x: Any) -> Any:
    """In double precision, real or complex."""
    return np.asarray(x, dtype=np.result_type(np.asarray(x), np.float64))


def claimed(node: Node) -> bool:
    """Whether the role's own line stands, not one that the op puts in its place."""
    return node.rule.role_text == ROLES[node.rule.role]


def no_more_than_above(edge: Edge) -> None:
    """All in all, what comes down is no more than what came from above."""
    assert np.sum(np.abs(edge.downstream)) <= np.sum(np.abs(edge.upstream)) * (1 + 1e-12)


def distributes(edge: Edge) -> None:
    """Upstream itself reaches every operand; where the op's own line says so, turned round by a constant of size 1."""
    if edge.target.op.endswith(".outer"):  # each operand meets all of the other: all gradients, summed
        close(abs(np.sum(edge.downstream)), abs(np.sum(edge.upstream)))
        return
    plain = fit(edge.upstream, edge.value)
    turns = [plain] if claimed(edge.target) else [plain, fit(-edge.upstream, edge.value)]
    if np.iscomplexobj(edge.value):
        turns += [np.conjugate(plain), 1j * plain, -1j * plain]
    assert any(np.array_equal(edge.downstream, turn) for turn in turns)


def routes(edge: Edge) -> None:
    """Nothing is lost and nothing is added: what all operands get is what came from above."""
    edges = edge.target.inputs_edges
    if all(e.upstream is not None for e in edges) and "initial" not in edge.target.static:
        close(sum(np.sum(e.downstream) for e in edges), np.sum(edge.upstream))
    local = edge.local
    if edge.target.rule.rule(edge.position).local is not None:
        assert set(np.unique(local)) <= {0.0, 0.5, 1.0}


def linear(edge: Edge) -> None:
    """⟨downstream, operand⟩ = ±⟨upstream, result⟩, which holds for what is linear in that operand."""
    below, above = wide(edge.downstream) * wide(edge.value), wide(edge.upstream) * wide(edge.target.value)
    close(abs(np.sum(below)), abs(np.sum(above)))


def switches(edge: Edge) -> None:
    """Upstream × the other operand."""
    if edge.target.op == "multiply":
        other = edge.target.inputs[1 - edge.position].value
        np.testing.assert_array_equal(edge.downstream, fit(edge.upstream * other, edge.value))
    if claimed(edge.target):
        linear(edge)


def gates(edge: Edge) -> None:
    """All of it where open; else nothing, or the slope that the op names. |x| lets it through with its sign."""
    if edge.target.rule.rule(edge.position).local is None:
        no_more_than_above(edge)
    elif edge.position == 0:
        slopes = [v for v in edge.target.static.values() if isinstance(v, float)]
        slopes += [float(v) for x in edge.target.inputs[1:] for v in np.ravel(x.value)]
        allowed = {0.0, 1.0, *map(abs, slopes)}
        assert set(np.unique(np.abs(edge.local))) <= allowed


def attenuates(edge: Edge) -> None:
    """No slope above 1."""
    if edge.target.rule.rule(edge.position).local is None:
        no_more_than_above(edge)
    else:
        assert np.all(np.abs(edge.local) <= 1.0)


def scales_by_its_output(edge: Edge) -> None:
    """The slope is the output, or a multiple of it where the op's own line says so; for softmax, up to the mean."""
    out = edge.target.value
    if edge.target.rule.rule(edge.position).local is None:
        axis = edge.target.static["axis"]
        shift = edge.upstream - edge.downstream / out
        if np.size(shift):
            close(shift, np.broadcast_to(np.mean(shift, axis=axis, keepdims=True), np.shape(shift)))
    elif claimed(edge.target):
        np.testing.assert_array_equal(edge.local, out)
    else:
        ratio = np.ravel(edge.local / out)
        close(ratio, ratio[:1].repeat(ratio.size))


def scales_by_1_over_x(edge: Edge) -> None:
    """The slope is 1/x, or that times a constant where the op's own line says so."""
    ratio = np.ravel(edge.local * edge.value)
    close(ratio, np.ones(ratio.size) if claimed(edge.target) else ratio[:1].repeat(ratio.size))


def scales_by_its_slope(edge: Edge) -> None:
    """Its claim is the derivative itself, which is held against differences above: here, that it hands something on."""
    assert np.shape(edge.downstream) == np.shape(edge.value)


def broadcasts(edge: Edge) -> None:
    """Each element gets the whole gradient of the sum it went into."""
    if claimed(edge.target):
        assert set(np.ravel(edge.downstream)) <= set(np.ravel(edge.upstream))
        linear(edge)


def splits_evenly(edge: Edge) -> None:
    """Each element gets a whole part of the gradient it went into, a half or a third: together, all of it."""
    close(np.sum(wide(edge.downstream)), np.sum(wide(edge.upstream)))
    above = np.ravel(wide(edge.upstream))
    for share in np.ravel(wide(edge.downstream)[edge.downstream != 0]):
        times = above / share
        assert np.any((np.abs(times - np.round(times)) < 1e-6) & (times > 0.5))


def sums(edge: Edge) -> None:
    """The gradients of all copies arrive."""
    close(np.sum(edge.downstream), np.sum(edge.upstream))
    linear(edge)


def permutes(edge: Edge) -> None:
    """The same numbers in another order; those of a sort's ties are shared (`test_ordering` says how)."""
    if edge.target.op in ("sort", "partition") and np.unique(edge.value).size < np.size(edge.value):
        close(np.sum(edge.downstream), np.sum(edge.upstream))
        return
    np.testing.assert_array_equal(np.sort(np.ravel(edge.downstream)), np.sort(np.ravel(edge.upstream)))
    linear(edge)


def scatters(edge: Edge) -> None:
    """Every number lands where its value was read, and nothing elsewhere."""
    close(np.sum(edge.downstream), np.sum(edge.upstream))
    assert np.count_nonzero(edge.downstream) <= np.size(edge.upstream)
    linear(edge)


def slices(edge: Edge) -> None:
    """Each number of it is one of those from above."""
    above = {x: int(n) for x, n in zip(*np.unique(edge.upstream, return_counts=True), strict=True)}
    below = {x: int(n) for x, n in zip(*np.unique(edge.downstream, return_counts=True), strict=True)}
    dtype = np.asarray(edge.downstream).dtype
    assert below.items() <= {dtype.type(x): n for x, n in above.items()}.items()


def flips_the_sign(edge: Edge) -> None:
    """Minus what came from above."""
    np.testing.assert_array_equal(edge.downstream, -edge.upstream)


def p_minus_y(edge: Edge) -> None:
    """Two distributions, one less the other: together they are nothing."""
    if edge.position == 0:
        close(np.sum(edge.downstream, axis=edge.target.static["axis"]), 0.0)


def blocks(edge: Edge) -> None:
    """Nothing at all."""
    assert not np.any(edge.downstream)
    assert not np.any(edge.local)


def masks(edge: Edge) -> None:
    """Each number either passes or does not."""
    if edge.target.op.endswith(".outer"):
        no_more_than_above(edge)
        return
    np.testing.assert_array_equal(edge.downstream, np.where(edge.downstream != 0, edge.upstream, 0.0))


CLAIMS: dict[str, Callable[[Edge], None]] = {
    "distributes": distributes,
    "routes": routes,
    "switches": switches,
    "gates": gates,
    "attenuates": attenuates,
    "scales by its output": scales_by_its_output,
    "scales by 1/x": scales_by_1_over_x,
    "scales by its slope": scales_by_its_slope,
    "broadcasts": broadcasts,
    "splits evenly": splits_evenly,
    "sums": sums,
    "permutes": permutes,
    "scatters": scatters,
    "slices": slices,
    "flips the sign": flips_the_sign,
    "p − y": p_minus_y,
    "blocks": blocks,
    "masks": masks,
}


def test_every_role_makes_a_claim():
    assert CLAIMS.keys() == ROLES.keys()


@each_case
def test_roles_hold(name: str, sample: Sample):
    for edge in edges_of(name, sample):
        CLAIMS[edge.target.rule.role](edge)


# -- formulas say what is computed -----------------------------------------------------------------------------------


def fields(text: str) -> set[str]:
    """The places in a formula."""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@each_case
def test_formulas_have_places_for_what_there_is(name: str, sample: Sample):
    op = ROWS[name]
    record = recorded_anywhere(name, sample)
    known = {"out", "all", "row", "position", *(record._static or {}), *map(str, range(len(operands(record))))}
    for text in (op.text, op.role_text, *[rule.text for rule in op.rules]):
        assert fields(text) <= known, f"{text!r} has a place for something that {name} does not have"


def recorded_anywhere(name: str, sample: Sample) -> Tensor:
    """The record of the op in the sample, or in the graph of its gradient."""
    results = [r for r in parts(sample.f(*tensors_of(sample.args))) if isinstance(r, Tensor)]
    total, _ = gradient_sum(sample.f, sample.args, recorded=True)
    results += [total] if isinstance(total, Tensor) else []
    return next(node.record for node in gv.graph(*results).nodes if node.op == name)


def places(node: Node) -> dict[str, Any]:
    """What a formula's places stand for at a node."""
    return {**{str(i): x.value for i, x in enumerate(node.inputs)}, "out": node.value, **node.static}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slopes_are_what_their_formulas_say(name: str):
    for sample in SAMPLES[name]:
        for edge in edges_of(name, sample):
            rule = edge.target.rule.rule(edge.position)
            said = evaluate(rule.text, places(edge.target))
            np.testing.assert_allclose(np.broadcast_to(said, np.shape(edge.local)), edge.local, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_are_what_their_formulas_say(name: str):
    op, pools, static = number_pools(name)
    values = {**{str(i): pool for i, pool in enumerate(pools)}, **(static or {})}
    said = evaluate(op.text, values, {name: op.compute, op.symbol: op.compute})
    np.testing.assert_allclose(said, op.compute(*pools, **(static or {})), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2·3", 7.0),
        ("−2²", -4.0),
        ("6/(1 + 2)", 2.0),
        ("2^3", 8.0),
        ("1 − 2 − 3", -4.0),
        ("8/2·4", 16.0),
        ("√(2 + 2)", 2.0),
        ("cos 0", 1.0),
        ("ln 1 + 1", 1.0),
        ("{0} > 1 ? 5 : 7", 5.0),
        ("−1 < {0} < 1 ? 5 : 7", 7.0),
        ("−⌊{0}/2⌋", -1.0),
        ("|−{0}|", 2.5),
        ("2{0}", 5.0),
    ],
)
def test_the_formula_reader_reads(text: str, value: float):
    assert evaluate(text, {"0": 2.5}) == value


@pytest.mark.parametrize("text", ["δ where chosen, else 0", "{1}", "1 +", "", "(1", "1)"])
def test_the_formula_reader_refuses(text: str):
    with pytest.raises(NoFormula):
        evaluate(text, {"0": 2.5})


# -- where a derivative has no one value -----------------------------------------------------------------------------


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_a_tie_is_split_evenly(function: Any):
    x, y = gv.tensor([1.0, 2.0, 3.0]), gv.tensor([1.0, 5.0, 3.0])
    function(x, y).sum().backward()
    assert x.grad[[0, 2]].tolist() == y.grad[[0, 2]].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("function", "tied"), [(np.max, 3.0), (np.min, 1.0)])
def test_a_tie_within_an_array_is_split_evenly(function: Any, tied: float):
    x = gv.tensor([tied, 2.0, tied, tied])
    function(x).backward(6.0)
    assert x.grad.tolist() == [2.0, 0.0, 2.0, 2.0]


@pytest.mark.parametrize(("function", "tied"), [(np.max, 3.0), (np.min, 1.0)])
def test_a_tie_along_an_axis_is_split_evenly(function: Any, tied: float):
    x = gv.tensor([[tied, 2.0], [tied, 2.5]])
    function(x, axis=0).backward([4.0, 1.0])
    assert x.grad[:, 0].tolist() == [2.0, 2.0]
    assert sorted(x.grad[:, 1]) == [0.0, 1.0]


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
@pytest.mark.parametrize("pair", [(np.nan, 1.0), (1.0, np.nan)])
@pytest.mark.parametrize("kind", [float, np.float64, np.array])
def test_the_gradient_goes_where_the_value_came_from_also_past_a_nan(function: Any, pair: Any, kind: Any):
    x, y = (gv.tensor(kind(v)) for v in pair)
    out = function(x, y)
    out.backward()
    taken = [np.array_equal(v, out.value, equal_nan=True) for v in pair]
    assert [float(x.grad), float(y.grad)] == [float(t) for t in taken]


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (abs, 0.0, 0.0),
        (gv.relu, 0.0, 0.0),
        (gv.hard_tanh, 1.0, 0.0),
        (gv.hard_tanh, -1.0, 0.0),
        (lambda x: gv.leaky_relu(x, 0.1), 0.0, 0.1),
        (lambda x: np.clip(x, 0.0, 1.0), 1.0, 0.5),
        (lambda x: np.maximum(x, 0.0), 0.0, 0.5),
    ],
)
@pytest.mark.parametrize("kind", [float, np.float64, np.array])
def test_the_conventions_at_a_kink(function: Any, at: float, slope: float, kind: Any):
    x = gv.tensor(kind(at))
    function(x).backward()
    assert float(x.grad) == slope
