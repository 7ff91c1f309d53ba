"""What an op costs, counted rather than timed: instructions, calls, blocks and bytes per op, the same in every run.

A change that makes an op dearer fails here on any machine, however busy. `tests/benchmarks` has the times.
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counted import SLACK, calls, chain, instructions

import gradviz as gv
from gradviz.tracer import constants

OPS = 200

S, T = gv.tensor(1.5), gv.tensor(2.5)
A, B = gv.tensor(np.full((16, 32), 0.5)), gv.tensor(np.full((16, 32), 1.5))
PLAIN = np.full((16, 32), 2.0)
VIEW = gv.tensor(np.full((32, 32), 0.5))[:16]


#: op → the instructions and the calls that recording it takes: at most so many.
RECORDING: dict[str, tuple[Callable[[], Any], int, int]] = {
    "number × number": (lambda: S * T, 77, 5),
    "number × plain number": (lambda: S * 2.0, 78, 5),
    "plain number × number": (lambda: 2.0 * S, 78, 5),
    "−number": (lambda: -S, 56, 5),
    "array × array": (lambda: A * B, 77, 5),
    "array × plain array": (lambda: A * PLAIN, 105, 6),
    "plain array × array": (lambda: PLAIN * A, 212, 14),
    "view × array": (lambda: VIEW * A, 130, 10),
    "array × view": (lambda: A * VIEW, 130, 10),
    "np.tanh(array)": (lambda: np.tanh(A), 145, 9),
    "np.exp(number)": (lambda: np.exp(S), 145, 9),
    "np.sum(array)": (lambda: np.sum(A), 238, 19),
    "array.sum()": (lambda: A.sum(), 191, 13),
    "array.T": (lambda: A.T, 228, 16),
    "array[:, 3:5]": (lambda: A[:, 3:5], 194, 6),
    "gv.relu(array)": (lambda: gv.relu(A), 158, 11),
}


@pytest.mark.parametrize("name", RECORDING)
def test_what_it_takes_to_record_an_op(name: str):
    op, most_instructions, most_calls = RECORDING[name]
    op(), op()  # whose code it is, is looked up once
    assert instructions(op) <= most_instructions * SLACK
    assert calls(op) <= most_calls * SLACK


def layers(ops: int) -> Callable[..., Any]:
    """Matrix product, bias, a slope and a slice in turn, on arrays."""

    def f(x: Any, w: Any, b: Any) -> Any:
        for _ in range(ops // 4):
            x = np.tanh(x @ w + b)[:, :]
        return x.sum()

    return f


CHAIN = (1.0, 0.99, 0.5)
LAYERS = (np.full((2, 4), 0.5), np.full((4, 4), 0.5), np.zeros(4))


def per_op(count: Callable[[Callable[[], Any]], float], make: Any, inputs: Any, *, ops: int = OPS) -> float:
    """What each op of a trace adds: what twice as many ops take, less what so many do."""
    once, twice = make(ops), make(2 * ops)
    gv.trace(once, *inputs), gv.trace(twice, *inputs)
    return (count(lambda: gv.trace(twice, *inputs)) - count(lambda: gv.trace(once, *inputs))) / ops


def quotients(ops: int) -> Callable[..., Any]:
    """A quotient and its negative in turn, on single numbers: their pushes are made of their rules."""

    def f(x: Any, w: Any) -> Any:
        for _ in range(ops // 2):
            x = -(x / w)
        return x

    return f


@pytest.mark.parametrize(("make", "inputs", "most_instructions", "most_calls"), [
    (chain, CHAIN, 161, 6),
    (quotients, CHAIN[:2], 224, 9),
    (layers, LAYERS, 405, 20),
], ids=["numbers", "numbers, by rules", "arrays"])  # fmt: skip
def test_what_it_takes_to_trace_an_op_and_run_its_gradient_back(
    make: Any, inputs: Any, most_instructions: int, most_calls: int, monkeypatch: pytest.MonkeyPatch
):
    # Another test may have used a large plain array: from then on a sweep looks for those.
    monkeypatch.setattr(constants, "_stamps", False)
    assert per_op(instructions, make, inputs) <= most_instructions * SLACK
    assert per_op(calls, make, inputs) <= most_calls * SLACK


@pytest.fixture
def no_collection() -> Generator[None]:
    """What goes away in here goes because nobody holds it, not because Python's collector found it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_an_op_takes_three_blocks_of_memory_its_record_its_value_and_its_gradient(no_collection: None):
    def blocks(run: Callable[[], Any]) -> float:
        before = sys.getallocatedblocks()
        held = run()
        after = sys.getallocatedblocks()
        del held
        return after - before

    # An addition hands on the gradient that came: two ops share one. What is left over is the growth of two lists.
    assert per_op(blocks, chain, CHAIN, ops=10_000) <= 2.51


def test_an_op_on_numbers_takes_at_most_165_bytes():
    def peak(run: Callable[[], Any]) -> float:
        tracemalloc.start()
        held = run()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        del held
        return most

    assert per_op(peak, chain, CHAIN, ops=50_000) <= 165


def test_a_graph_goes_when_nobody_holds_it_without_the_collector(no_collection: None):
    def looked_at(make: Any, inputs: Any) -> None:
        graph = gv.trace(make(1000), *inputs)
        graph.gradients(), graph.backward()

    for make, inputs in ((chain, CHAIN), (layers, LAYERS)):
        looked_at(make, inputs)
        before = sys.getallocatedblocks()
        looked_at(make, inputs)
        assert sys.getallocatedblocks() - before < 100


def test_thresholds_of_the_collector_are_raised_in_a_trace_and_put_back():
    before, inside = gc.get_threshold(), []

    def f(x: Any) -> Any:
        inside.append(gc.get_threshold())
        return x * x

    def fails(x: Any) -> Any:
        raise KeyError

    gv.trace(f, 2.0)
    assert inside[0][0] > before[0] and gc.get_threshold() == before
    with pytest.raises(KeyError):
        gv.trace(fails, 2.0)
    assert gc.get_threshold() == before


def resident() -> int:
    """The bytes of this process that lie in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_training_loop_of_10_000_steps_holds_steady():
    rng = np.random.default_rng(0)
    inputs, wanted = rng.standard_normal((8, 4)), rng.standard_normal((8, 1))
    weights = [rng.standard_normal((4, 8)) * 0.5, np.zeros(8), rng.standard_normal((8, 1)) * 0.5]

    def step() -> None:
        w1, b, w2 = tensors = [gv.tensor(w) for w in weights]
        loss = np.mean((np.tanh(inputs @ w1 + b) @ w2 - wanted) ** 2)
        loss.backward()
        for i, tensor in enumerate(tensors):
            weights[i] = weights[i] - 0.01 * tensor.grad

    sizes: list[tuple[int, int]] = []
    tracemalloc.start()
    for steps in (1_000, 9_000):
        for _ in range(steps):
            step()
        gc.collect()
        sizes.append((tracemalloc.get_traced_memory()[0], resident()))
    tracemalloc.stop()
    (python, process), (python_later, process_later) = sizes
    # Other threads of this process may allocate too; the least that a step could leave behind is an object of 16 bytes.
    assert python_later - python < 8 * 9_000
    assert process_later - process < 2_000_000
