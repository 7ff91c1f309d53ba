"""Random programs, by hypothesis: what must hold for the gradients of any of them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import numeric_gradients, relative_error
from programs import NUMPY, Program
from recorded import recorded_gradients

import gradviz as gv
from gradviz.tracer.backward import fit

#: A source of random choices that hypothesis can shrink.
randoms = st.randoms(use_true_random=False)
some = settings(max_examples=50, deadline=None)


def gradients(program: Program, inputs: list[Any], seed: Any = None, of: int = -1) -> list[Any]:
    """The gradients of one of the program's values with respect to the inputs."""
    leaves = [gv.tensor(x) for x in inputs]
    values = program.values_on(NUMPY, leaves)
    values[of].backward(seed)
    return [np.zeros_like(x.value) if x.grad is None else x.grad for x in leaves]


def plain(program: Program) -> Any:
    """The program as a function of plain arrays."""
    return lambda *inputs: program.run(NUMPY, list(inputs))


@some
@given(randoms)
def test_values_are_numpys_to_the_bit(random: Random):
    program = Program(random)
    traced = program.values_on(NUMPY, [gv.tensor(x) for x in program.inputs])
    for ours, expected in zip(traced, program.values_on(NUMPY, program.inputs), strict=True):
        assert type(ours.value) is type(expected)
        assert np.asarray(ours.value).tobytes() == np.asarray(expected).tobytes()


@some
@given(randoms)
def test_gradients_agree_with_differences(random: Random):
    program = Program(random, length=8)
    expected = numeric_gradients(plain(program), program.inputs)
    finer = numeric_gradients(plain(program), program.inputs, step=2e-5)
    # Where two steps disagree there is a kink between them, and no gradient to compare with.
    assume(all(relative_error(one, other) < 1e-8 for one, other in zip(finer, expected, strict=True)))
    for got, numeric in zip(gradients(program, program.inputs), expected, strict=True):
        assert relative_error(got, numeric) < 1e-6, str(program)


@some
@given(randoms)
def test_recorded_gradients_are_the_sweeps(random: Random):
    program = Program(random)
    leaves = [gv.tensor(x) for x in program.inputs]
    recorded = recorded_gradients(program.run(NUMPY, leaves), leaves)
    for got, expected in zip(recorded, gradients(program, program.inputs), strict=True):
        value = got.value if isinstance(got, gv.Tensor) else got
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)


@some
@given(randoms, st.floats(-3, 3), st.floats(-3, 3))
def test_the_sweep_is_linear_in_its_seed(random: Random, a: float, b: float):
    program = Program(random)
    of = random.randrange(len(program.inputs), len(program.values))
    shape = program.values[of].shape
    array = np.random.default_rng(random.randrange(2**32))
    one, other = array.normal(size=shape), array.normal(size=shape)
    both = gradients(program, program.inputs, a * one + b * other, of)
    apart = [gradients(program, program.inputs, seed, of) for seed in (one, other)]
    for together, first, second in zip(both, *apart, strict=True):
        np.testing.assert_allclose(together, a * first + b * second, rtol=1e-9, atol=1e-9)


@some
@given(randoms)
def test_the_gradient_of_several_uses_is_their_sum(random: Random):
    program = Program(random, shapes=[(2, 3)] * 3)
    x = program.inputs[0]
    shared = gv.tensor(x)
    program.run(NUMPY, [shared] * 3).backward()
    apart = gradients(program, [x] * 3)
    np.testing.assert_allclose(shared.grad, apart[0] + apart[1] + apart[2], rtol=1e-9, atol=1e-9)


@some
@given(randoms)
def test_a_replay_equals_a_fresh_trace(random: Random):
    program = Program(random)
    array = np.random.default_rng(random.randrange(2**32))
    others = [x + array.normal(size=x.shape) * 0.1 for x in program.inputs]

    def f(x: Any, y: Any, z: Any) -> Any:
        return program.run(NUMPY, [x, y, z])

    graph, fresh = gv.trace(f, *program.inputs), gv.trace(f, *others)
    names = ["x", "y", "z"]
    try:
        value = graph.forward(**dict(zip(names, others, strict=True)))
    except gv.BranchChanged:
        before = [fact.result for fact in graph.branches()]
        after = [fact.result for fact in fresh.branches()]
        assert not all(map(np.array_equal, before, after))
        return
    np.testing.assert_array_equal(value, fresh.output.value)
    assert not graph.has_gradients
    for name, gradient in graph.backward().items():
        np.testing.assert_array_equal(gradient, fresh[name].gradient)
    for ours, theirs in zip(graph.nodes, fresh.nodes, strict=True):
        assert ours.op == theirs.op
        np.testing.assert_array_equal(ours.value, theirs.value)


@some
@given(randoms)
def test_edges_hold_the_arithmetic_of_the_chain_rule(random: Random):
    program = Program(random)
    graph = gv.trace(lambda x, y, z: program.run(NUMPY, [x, y, z]), *program.inputs)
    for node in graph.nodes:
        if node.gradient is None:
            continue
        assert node.gradient.shape == node.shape
        shares = [edge.downstream for edge in node.uses]
        if shares:
            np.testing.assert_allclose(sum(shares[1:], shares[0]), node.gradient, rtol=1e-12, atol=1e-14)
    for edge in graph.edges:
        if edge.local is not None and edge.target.rule.rule(edge.position).local is not None:
            np.testing.assert_array_equal(edge.downstream, fit(edge.upstream * edge.local, edge.value))


@settings(max_examples=20, deadline=None)
@given(randoms)
def test_ids_and_exports_are_the_same_in_every_run(random: Random):
    program = Program(random)
    one, other = (gv.trace(plain(program), *program.inputs).to_dict() for _ in range(2))
    assert one == other
