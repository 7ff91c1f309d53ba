"""Compares the gradients of the inputs with differences: element by element or along directions, here or elsewhere."""

from __future__ import annotations

import importlib.util
import pickle
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .check_report import InputCheck
from .errors import BranchChanged, GradientError
from .numeric import SEVERITY, Judged, Precision, direction, judge_all, moved, scales, share
from .silence import no_trace

__all__ = ["METHODS", "Plan", "Problem", "Progress", "check_inputs"]

#: method → what it checks.
METHODS: dict[str, str] = {
    "auto": "elements where there are up to 1,000, a sample up to 100,000, directions above",
    "elements": "every element",
    "sample": "elements drawn at random, and a few random directions through all of them",
    "directions": "random directions through all elements at once",
}
_ALL_ELEMENTS, _SAMPLED = 1_000, 100_000
_DIRECTIONS_BESIDE_A_SAMPLE = 4

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What a check needs: the inputs with their gradients, and a function of their values."""

    names: list[str]
    values: list[Any]
    gradients: list[Any]
    evaluate: Callable[[Sequence[Any]], Any]
    precision: Precision
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Plan:
    method: str
    samples: int
    directions: int
    seed: int

    def method_for(self, size: int) -> str:
        """How an input of this size is checked."""
        if self.method != "auto":
            return self.method
        return "elements" if size <= _ALL_ELEMENTS else "sample" if size <= _SAMPLED else "directions"


class _Probe(NamedTuple):
    """One slope to check: of an input, along one of its elements, or along the direction with this seed."""

    input: int
    element: int | None
    direction: int
    claimed: float


class _Task(NamedTuple):
    """What every chunk of probes needs."""

    evaluate: Callable[[Sequence[Any]], Any]
    values: list[Any]
    precision: Precision
    seed: int


def check_inputs(
    problem: Problem, plan: Plan, executor: Executor | None, progress: Progress | None
) -> list[InputCheck]:
    methods = [plan.method_for(np.size(x)) for x in problem.values]
    probes = [p for i, method in enumerate(methods) for p in _probes(problem, i, method, plan)]
    task = _Task(problem.evaluate, problem.values, problem.precision, plan.seed)
    judged = _run(task, probes, executor, progress)
    found: list[list[tuple[_Probe, Judged]]] = [[] for _ in problem.values]
    for probe, one in zip(probes, judged, strict=True):
        found[probe.input].append((probe, one))
    return [_input_check(problem, i, methods[i], pairs) for i, pairs in enumerate(found)]


def _probes(problem: Problem, i: int, method: str, plan: Plan) -> Iterator[_Probe]:
    value, gradient = np.asarray(problem.values[i]), np.asarray(problem.gradients[i], dtype=float)
    size = scales(value)
    if method != "directions":
        count = value.size if method == "elements" else min(plan.samples, value.size)
        draw = random.Random(f"{plan.seed} {i}")
        chosen = range(value.size) if count == value.size else sorted(draw.sample(range(value.size), count))
        with np.errstate(all="ignore"):
            claims = (gradient * size).reshape(-1).tolist()
        for element in chosen:
            yield _Probe(i, element, 0, claims[element])
    count = {"directions": plan.directions, "sample": _DIRECTIONS_BESIDE_A_SAMPLE}.get(method, 0)
    for number in range(count):
        with np.errstate(all="ignore"):
            claimed = share(gradient, direction(size, plan.seed, i, number))
        yield _Probe(i, None, number, claimed)


def _measure(task: _Task, probes: Sequence[_Probe]) -> list[Judged]:
    """Judge some probes: what a worker does."""
    sizes = {i: scales(task.values[i]) for i in {probe.input for probe in probes}}
    changed: set[int] = set()
    along = lru_cache(maxsize=1)(lambda i, number: direction(sizes[i], task.seed, i, number))  # four times in a row

    def at(i: int, t: float) -> Any:
        place, element, number, _ = probes[i]
        values = list(task.values)
        if t:
            there = t * along(place, number) if element is None else t * sizes[place].item(element)
            values[place] = moved(values[place], there) if element is None else _moved_at(element, values[place], there)
        try:
            return task.evaluate(values)
        except BranchChanged:
            changed.add(i)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            pass
        return float("nan")

    with np.errstate(all="ignore"):
        judged = judge_all(at, [probe.claimed for probe in probes], task.precision)
    for i in changed:
        if judged[i].verdict == "edge":
            judged[i] = judged[i]._replace(verdict="branch")
    return judged


def _moved_at(element: int, value: Any, step: float) -> Any:
    """A value after a step along one element, in its own kind and dtype."""
    if not isinstance(value, np.ndarray):
        return moved(value, step)
    there = value.copy(order="K")
    there.flat[element] = value.item(element) + step
    return there


def _input_check(problem: Problem, i: int, method: str, found: list[tuple[_Probe, Judged]]) -> InputCheck:
    value = np.asarray(problem.values[i])
    worst = max(found, key=lambda pair: (SEVERITY[pair[1].verdict], pair[1].error), default=None)
    probe, one = worst if worst is not None else (_Probe(i, None, 0, 0.0), Judged("right", 0.0, 0.0, 0.0, 0.0))
    element = probe.element
    scale = 1.0 if element is None else float(scales(value).flat[element])  # the element's own slope, not the step's
    return InputCheck(
        name=problem.names[i],
        shape=value.shape,
        dtype=str(value.dtype),
        method=method,
        checked=sum(1 for p, _ in found if method == "directions" or p.element is not None),
        error=one.error,
        index=None if element is None else tuple(int(n) for n in np.unravel_index(element, value.shape)),
        analytic=probe.claimed if element is None else float(np.asarray(problem.gradients[i]).flat[element]),
        numeric=one.numeric / scale,
        left=one.left / scale,
        right=one.right / scale,
        verdict=one.verdict,
    )


# -- here, or on an executor ---------------------------------------------------------------------------------------


def _run(task: _Task, probes: list[_Probe], executor: Executor | None, progress: Progress | None) -> list[Judged]:
    if executor is None:
        with no_trace():
            judged: list[Judged] = []
            for chunk in _chunks(probes, max(1, len(probes) // 200 if progress is not None else len(probes))):
                judged += _measure(task, chunk)
                if progress is not None:
                    progress(len(judged), len(probes))
            return judged
    chunks = _chunks(probes, max(1, -(-len(probes) // 64)))
    work: Any = task if isinstance(executor, ThreadPoolExecutor) else _pickled(task)
    futures = {executor.submit(_measure_sent, work, chunk): i for i, chunk in enumerate(chunks)}
    results: list[list[Judged]] = [[] for _ in chunks]
    done = 0
    for future in _completed(futures):
        results[futures[future]] = [Judged(*one) for one in future.result()]
        done += len(chunks[futures[future]])
        if progress is not None:
            progress(done, len(probes))
    return [one for result in results for one in result]


def _chunks(probes: list[_Probe], size: int) -> list[list[_Probe]]:
    return [probes[start : start + size] for start in range(0, len(probes), size)]


def _completed(futures: Mapping[Any, int]) -> Iterable[Any]:
    """The futures as they end; those that are not Python's own in their order."""
    return as_completed(futures) if all(isinstance(f, Future) for f in futures) else list(futures)


def _measure_sent(work: Any, chunk: list[_Probe]) -> list[tuple[Any, ...]]:
    """What a worker runs: it gets and gives nothing but plain data."""
    task: _Task = pickle.loads(work) if isinstance(work, bytes) else work
    return [tuple(one) for one in _measure(task, chunk)]


def _pickled(task: _Task) -> bytes:
    """The task as bytes, once for all chunks.

    Raises
    ------
    GradientError
        If the function can't be sent to another process.
    """
    # cloudpickle sends lambdas, local functions and what a script defines; Dask and others bring it along.
    if importlib.util.find_spec("cloudpickle") is not None:
        import cloudpickle  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

        pickler: Any = cloudpickle
    else:
        pickler = pickle
    try:
        return pickler.dumps(task)
    except Exception as error:  # pickling runs the objects' own code: anything may come
        raise GradientError(
            f"{_function_name(task)} can't be sent to another process ({str(error).splitlines()[0]}): define it with "
            f"def at the top of a module, install cloudpickle, or use a ThreadPoolExecutor"
        ) from error


def _function_name(task: _Task) -> str:
    f = getattr(task.evaluate, "f", None)
    code = getattr(f, "__code__", None)
    where = f" ({code.co_filename}:{code.co_firstlineno})" if code is not None else ""
    return f"{getattr(f, '__name__', 'the function')}{where}"
