"""`gv.check_gradients`: gradients against differences, input by input and op by op."""

from __future__ import annotations

import importlib.util
import pickle
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from .backward import downstream
from .errors import BranchChanged, GradientError, GradvizError
from .graph import Graph, _check_watches, _replayed
from .node import Edge, Node
from .numeric import BLAMED, VERDICTS, Judged, Precision, epsilon_of, judge
from .silence import no_trace
from .structure import leaves, rebuilt
from .tensor import Tensor, integer_message, is_differentiable, now, value_of
from .trace import _parameter_names, constant
from .transforms import _named, linearise

__all__ = ["METHODS", "GradientReport", "InputCheck", "OpCheck", "check_gradients", "check_graph"]

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


# -- the report ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class InputCheck:
    """How the gradient of one input compares with differences.

    Attributes
    ----------
    name, shape, dtype
        The input.
    method, checked
        How it was checked, and how many elements or directions.
    error
        The worst relative error.
    index
        Where it is; None where it is along a direction.
    analytic, numeric
        The gradient there, as the rules give it and as differences do; along a direction, its share in it.
    left, right
        The slopes on both sides there.
    verdict
        One of `VERDICTS`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    method: str
    checked: int
    error: float
    index: tuple[int, ...] | None
    analytic: float
    numeric: float
    left: float
    right: float
    verdict: str

    @property
    def at(self) -> str:
        """Where the worst error is, in words."""
        if self.index is None:
            return "along a direction"
        return self.name + (f"[{', '.join(map(str, self.index))}]" if self.index else "")


@dataclass(frozen=True, kw_only=True)
class OpCheck:
    """How the rule of one recorded op, towards one operand, compares with differences of the op itself.

    Attributes
    ----------
    op, node, label
        The op's name, its id in the graph, and how the code writes it.
    position, operand
        Which operand, and what it is called.
    error, analytic, numeric, verdict
        As for `InputCheck`.
    file, line, code
        Where the op stands in the source; None where that is not known.
    """

    op: str
    node: str
    label: str
    position: int
    operand: str
    error: float
    analytic: float
    numeric: float
    verdict: str
    file: str | None
    line: int | None
    code: str | None

    @property
    def place(self) -> str:
        """Where it stands, as file:line."""
        return f"{self.file}:{self.line}" if self.file is not None else "somewhere"


@dataclass(frozen=True, kw_only=True)
class GradientReport:
    """What a check found. It prints as a table.

    Attributes
    ----------
    function
        The name of what was checked.
    inputs
        One entry per input.
    ops
        One entry per op and operand that was compared.
    notes
        What else there is to know.
    tolerance
        The relative error up to which a gradient counts as right.
    """

    function: str
    inputs: tuple[InputCheck, ...]
    ops: tuple[OpCheck, ...] = ()
    notes: tuple[str, ...] = ()
    tolerance: float = 1e-6

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: a gradient at a kink is not."""
        return not self.wrong_inputs and not self.wrong_ops

    @property
    def wrong_inputs(self) -> tuple[InputCheck, ...]:
        """The inputs whose gradient is wrong."""
        return tuple(x for x in self.inputs if x.verdict in BLAMED)

    @property
    def wrong_ops(self) -> tuple[OpCheck, ...]:
        """The ops whose rule is wrong."""
        return tuple(x for x in self.ops if x.verdict in BLAMED)

    def raise_if_wrong(self) -> None:
        """
        Raises
        ------
        GradientError
            If a gradient is wrong, in one line that names the op at fault and its place.
        """
        if not self.ok:
            raise GradientError("; ".join(self._faults()))

    def _faults(self) -> Iterator[str]:
        for x in self.wrong_inputs[:3]:
            yield (
                f"the gradient of {self.function} is {x.analytic:.6g} at {x.at}, where differences give "
                f"{x.numeric:.6g} (relative error {x.error:.2g})"
            )
        for x in self.wrong_ops[:3]:
            yield (
                f"the rule of {x.op} towards {x.operand} is wrong at {x.place}: it gives {x.analytic:.6g}, and "
                f"differences {x.numeric:.6g}"
            )

    def __str__(self) -> str:
        right = sum(1 for x in self.inputs if x.verdict == "right")
        lines = [f"{self.function}: {right} of {len(self.inputs)} gradients agree with differences (to {self.tolerance:g})"]
        lines += _table(("input", "checked", "worst error", "at", "gradient", "differences", "verdict"), _rows(self.inputs))
        others = [x for x in self.ops if x.verdict != "right"]
        lines.append(f"{len(self.ops)} rules compared op by op, {len(self.wrong_ops)} wrong")
        if others:
            lines += _table(("op", "towards", "where", "gradient", "differences", "verdict"), _op_rows(others))
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)


def _rows(inputs: Iterable[InputCheck]) -> Iterator[tuple[str, ...]]:
    for x in inputs:
        what = "directions" if x.method == "directions" else f"of {int(np.prod(x.shape)):,}"
        yield (
            f"{x.name} {x.shape if x.shape else ''}".strip(),
            f"{x.checked:,} {what}",
            f"{x.error:.1e}",
            x.at,
            f"{x.analytic:.6g}",
            f"{x.numeric:.6g}" + (f" ({x.left:.3g} | {x.right:.3g})" if x.verdict == "kink" else ""),
            x.verdict,
        )


def _op_rows(ops: Iterable[OpCheck]) -> Iterator[tuple[str, ...]]:
    for x in ops:
        yield (x.op, x.operand, f"{x.place}  {x.code or ''}".strip(), f"{x.analytic:.6g}", f"{x.numeric:.6g}", x.verdict)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [header, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


# -- the checks ---------------------------------------------------------------------------------------------------------


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    method: str = "auto",
    samples: int = 200,
    directions: int = 20,
    seed: int = 0,
    tolerance: float | None = None,
    ops: int = 1000,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> GradientReport:
    """Compare the gradients of `f` with central differences, and each recorded op's rule with the op itself.

    The step is chosen for each element by its scale, and refined where the two disagree, so that a kink (`max` near a
    tie, `relu` near 0) is told apart from a wrong rule. Where `f` gives several numbers, a weighted sum of them is
    checked.

    Parameters
    ----------
    f : callable
        Computes with NumPy, gradviz's ops, or both; called twice, it must give the same.
    *args
        Its arguments, nested at will; each float in them is checked.
    kwargs : dict, optional
        Arguments by keyword, which are constants.
    method : str
        ``"elements"``: every element; ``"sample"``: `samples` of them and a few directions; ``"directions"``: along
        `directions` random directions; ``"auto"``: by each input's size.
    seed : int
        Of the samples, the directions and the weights.
    tolerance : float, optional
        The relative error that is allowed; by default 1e-6, or 1e-2 where something is float32.
    ops : int
        How many ops to compare one by one, at most; three per place in the source, 0 for none.
    executor : concurrent.futures.Executor, optional
        Where to evaluate `f`: a pool of threads or processes, a cluster's.
    progress : callable, optional
        Called with how many evaluations are done, and of how many.

    Returns
    -------
    GradientReport
        `report.ok`, `report.raise_if_wrong()`; it prints as a table.

    Raises
    ------
    GradientError
        If there is nothing to check, `f` gives another result each time it is called, or `f` can't be sent to the
        executor.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> report = gv.check_gradients(lambda x, y: np.sum(np.tanh(x) * y), np.array([0.1, 0.2]), 3.0)
    >>> report.ok, [x.checked for x in report.inputs]
    (True, [2, 1])
    """
    _require(method in METHODS, f"unknown method: {method!r} (must be one of {', '.join(map(repr, METHODS))})")
    args = tuple(rebuilt(x, [value_of(leaf.value) for leaf in leaves(x)]) for x in args)
    options = dict(kwargs or {})
    problem, line = _problem(f, args, options, seed=seed, tolerance=tolerance)
    plan = _Plan(method=method, samples=samples, directions=directions, seed=seed)
    inputs = _check_inputs(problem, plan, executor, progress)
    graph = Graph([t for t in line.outputs if t is not None], name=getattr(f, "__name__", None))
    return _report(_named(f), problem, inputs, graph, ops=ops, seed=seed)


def check_graph(
    graph: Graph,
    *,
    method: str = "auto",
    samples: int = 200,
    directions: int = 20,
    seed: int = 0,
    tolerance: float | None = None,
    ops: int = 1000,
    progress: Progress | None = None,
) -> GradientReport:
    """Compare a recorded graph's gradients with differences taken by replaying it, and each op's rule with the op.

    The parameters are those of `check_gradients`. The graph must end in a single number; it stays as it is. Where the
    code would take another branch with other inputs, the input's verdict says so, and the ops are compared all the same.

    Examples
    --------
    >>> import gradviz as gv
    >>> check_graph(gv.trace(lambda x, y: x * y, 2.0, 3.0)).ok
    True
    """
    _require(method in METHODS, f"unknown method: {method!r} (must be one of {', '.join(map(repr, METHODS))})")
    copied = Graph(graph._outputs, inputs=graph._inputs, name=graph.name)
    copied.constant_names = graph.constant_names
    kept = [tensor._grad for tensor in copied._order]
    copied.backward()
    for tensor, gradient in zip(copied._order, kept, strict=True):
        tensor._grad = gradient
    nodes = copied.inputs
    records = [tensor for tensor, _ in copied._reached]
    problem = _Problem(
        names=[node.label for node in nodes],
        values=[node.value for node in nodes],
        gradients=[node.gradient for node in nodes],
        evaluate=_Replay(records, [node.record for node in nodes], copied.output.record),
        precision=_precision(records, tolerance),
        notes=[],
    )
    plan = _Plan(method=method, samples=samples, directions=directions, seed=seed)
    inputs = _check_inputs(problem, plan, None, progress)
    return _report(copied.output.label, problem, inputs, copied, ops=ops, seed=seed)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise GradientError(message)


def _report(
    name: str, problem: _Problem, inputs: list[InputCheck], graph: Graph, *, ops: int, seed: int
) -> GradientReport:
    checked = tuple(check for node in _chosen_ops(graph, ops) for check in _check_op(node, problem.precision, seed))
    notes = list(problem.notes)
    wrong = any(x.verdict in BLAMED for x in inputs)
    if wrong and not any(x.verdict in BLAMED for x in checked):
        inputs, more = _explained(inputs, checked, graph)
        notes += more
    return GradientReport(
        function=name, inputs=tuple(inputs), ops=checked, notes=tuple(notes), tolerance=problem.precision.tolerance
    )


def _explained(
    inputs: list[InputCheck], ops: Sequence[OpCheck], graph: Graph
) -> tuple[list[InputCheck], list[str]]:
    """What makes a gradient differ although every op's rule is right."""
    cuts = [node for node in graph.nodes if node.op == "detach"]
    kinks = [x for x in ops if x.verdict in ("kink", "jump")]
    if cuts:
        where = ", ".join(dict.fromkeys(f"{n.source.file}:{n.source.line}" for n in cuts if n.source is not None))
        verdict, note = "cut", f"gv.detach cuts the gradient off ({where}); differences see what it hides"
    elif kinks:
        where = ", ".join(dict.fromkeys(f"{x.op} at {x.place}" for x in kinks))
        verdict, note = "kink", f"an op inside stands at a kink ({where}): its gradient is a convention there"
    else:
        return inputs, [
            "every op's rule is right: the function leaves the graph on the way (a .value, a plain number), or computes "
            "something else on Tensors than on plain values"
        ]
    return [replace(x, verdict=verdict) if x.verdict in BLAMED else x for x in inputs], [note]


# -- what is evaluated --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """What a check needs: the inputs with their gradients, and a function of their values."""

    names: list[str]
    values: list[Any]
    gradients: list[Any]
    evaluate: Callable[[Sequence[Any]], Any]
    precision: Precision
    notes: list[str]


@dataclass(frozen=True)
class _Function:
    """A function of its floats: it can be sent to another process. It gives weight · output, element by element."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    weights: list[Any]
    on_tensors: bool

    def __call__(self, values: Sequence[Any]) -> Any:
        floats = iter(values)
        given: list[Any] = []
        for arg in self.args:
            held = [next(floats) if is_differentiable(x.value) else x.value for x in leaves(arg)]
            given.append(rebuilt(arg, [constant(v) if self.on_tensors and is_differentiable(v) else v for v in held]))
        output = self.f(*given, **self.kwargs)
        return _terms(output, self.weights)


def _terms(output: Any, weights: Sequence[Any]) -> Any:
    """weight · output of every float in it, as one flat array."""
    parts = zip(leaves(output), weights, strict=True)
    return np.concatenate([np.ravel(np.asarray(value_of(x.value), dtype=float) * w) for x, w in parts if w is not None])


@dataclass(frozen=True)
class _Replay:
    """A recorded graph's output as a function of its inputs."""

    records: list[Tensor]
    inputs: list[Any]
    output: Any

    def __call__(self, values: Sequence[Any]) -> Any:
        given = {id(record): value for record, value in zip(self.inputs, values, strict=True)}
        twins: dict[int, Tensor] = {}
        for record in self.records:
            twins[id(record)] = _replayed(record, twins, given)
        for record in self.records:
            _check_watches(record, twins)
        return np.ravel(np.asarray(twins[id(self.output)]._value, dtype=float))


def _problem(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], *, seed: int, tolerance: float | None
) -> tuple[_Problem, Any]:
    names = _parameter_names(f, len(args))
    held = [leaf for arg, name in zip(args, names, strict=True) for leaf in leaves(arg, name)]
    floats = [leaf for leaf in held if is_differentiable(leaf.value)]
    if not floats:
        first = next((x for x in held if isinstance(x.value, (int, np.ndarray, np.generic))), None)
        raise GradientError(
            f"nothing to check: {integer_message(first.value, first.name) if first else 'no floats among the arguments'}"
        )
    for leaf in floats:
        _require(
            not np.iscomplexobj(leaf.value),
            f"{leaf.name} is complex: check a function of its real and imaginary parts",
        )
    positions = [i for i, arg in enumerate(args) if any(is_differentiable(x.value) for x in leaves(arg))]
    line = linearise(f, args, kwargs, positions=positions)
    weights = _weights(line.output, seed)
    seeds = [None if t is None or w is None else _seed(t, w) for t, w in zip(line.outputs, weights, strict=True)]
    gradients = [value_of(x.value) for tree in line.back(seeds) for x in leaves(tree)]
    values = [leaf.value for leaf in floats]
    precision = _precision([*line.order, *(t for own in line.own for t in own if t is not None)], tolerance)
    evaluate = _plain_function(f, args, kwargs, weights, values)
    notes = list(_compared(evaluate, values, line.output, weights, precision))
    problem = _Problem(
        names=[leaf.name for leaf in floats],
        values=values,
        gradients=gradients,
        evaluate=evaluate,
        precision=precision,
        notes=notes,
    )
    return problem, line


def _weights(output: Any, seed: int) -> list[Any]:
    """1 for a single number; else fixed random weights, one per element, away from zero; None for what is no float."""
    parts = [value_of(x.value) for x in leaves(output)]
    floats = [is_differentiable(x) for x in parts]
    _require(any(floats), "the function gives no float: there is no gradient to check")
    _require(not any(np.iscomplexobj(x) for x in parts), "the function gives complex numbers: return np.real and np.imag")
    if len(parts) == 1 and np.size(parts[0]) == 1:
        return [np.ones(np.shape(parts[0]))]
    draw = np.random.default_rng(seed)
    return [_random_weights(draw, np.shape(x)) if ok else None for x, ok in zip(parts, floats, strict=True)]


def _random_weights(draw: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return draw.uniform(0.5, 1.5, shape) * draw.choice([-1.0, 1.0], shape)


def _seed(output: Tensor, weight: Any) -> Any:
    value = output._value
    return float(weight) if type(value) is float else np.asarray(weight, dtype=value.dtype)[()]


def _precision(records: Iterable[Tensor], tolerance: float | None) -> Precision:
    """That of the coarsest dtype there is."""
    dtypes = {np.asarray(record._value).dtype for record in records if is_differentiable(record._value)}
    return Precision.of(max([epsilon_of(dtype) for dtype in dtypes], default=epsilon_of(float)), tolerance)


def _plain_function(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], weights: list[Any], values: list[Any]
) -> _Function:
    """The function on plain values; on constant Tensors where it needs their methods."""
    plain = _Function(f, args, kwargs, weights, on_tensors=False)
    try:
        plain(values)
    except (AttributeError, TypeError, GradvizError):
        return _Function(f, args, kwargs, weights, on_tensors=True)
    return plain


def _compared(
    evaluate: _Function, values: list[Any], output: Any, weights: list[Any], precision: Precision
) -> Iterator[str]:
    """Whether the function gives the same again, and the same on Tensors.

    Raises
    ------
    GradientError
        If it gives another value each time: no difference of it means anything.
    """
    once, twice = evaluate(values), evaluate(values)
    if not np.array_equal(once, twice, equal_nan=True):
        raise GradientError(
            f"{_named(evaluate.f)} gives {float(np.sum(once))!r} and then {float(np.sum(twice))!r} on the same inputs: "
            f"give its random numbers a fixed seed, made anew in every call"
        )
    recorded = _terms(output, weights)
    if np.max(np.abs(recorded - once), initial=0.0) > 1e3 * precision.epsilon * float(np.sum(np.abs(once))):
        yield (
            f"{_named(evaluate.f)} gives {float(np.sum(recorded)):.9g} on Tensors and {float(np.sum(once)):.9g} on plain "
            f"values"
        )


# -- the inputs, one probe at a time ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Plan:
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


def _check_inputs(
    problem: _Problem, plan: _Plan, executor: Executor | None, progress: Progress | None
) -> list[InputCheck]:
    methods = [plan.method_for(np.size(x)) for x in problem.values]
    probes = [p for i, method in enumerate(methods) for p in _probes(problem, i, method, plan)]
    task = _Task(problem.evaluate, problem.values, problem.precision, plan.seed)
    judged = _run(task, probes, executor, progress)
    found: list[list[tuple[_Probe, Judged]]] = [[] for _ in problem.values]
    for probe, one in zip(probes, judged, strict=True):
        found[probe.input].append((probe, one))
    return [_input_check(problem, i, methods[i], pairs) for i, pairs in enumerate(found)]


def _probes(problem: _Problem, i: int, method: str, plan: _Plan) -> Iterator[_Probe]:
    value, gradient = np.asarray(problem.values[i]), np.asarray(problem.gradients[i], dtype=float)
    scales = _scales(value)
    if method != "directions":
        count = value.size if method == "elements" else min(plan.samples, value.size)
        draw = random.Random(f"{plan.seed} {i}")
        chosen = range(value.size) if count == value.size else sorted(draw.sample(range(value.size), count))
        for element in chosen:
            yield _Probe(i, element, 0, float(gradient.flat[element] * scales.flat[element]))
    count = {"directions": plan.directions, "sample": _DIRECTIONS_BESIDE_A_SAMPLE}.get(method, 0)
    for direction in range(count):
        yield _Probe(i, None, direction, _share(gradient, _direction(scales, plan.seed, i, direction)))


def _scales(value: Any) -> Any:
    """What a step of 1 is for each element: its size, or something of the others' where it is next to nothing."""
    size = np.abs(np.asarray(value, dtype=float))
    size = np.where(np.isfinite(size), size, 1.0)
    typical = float(np.sqrt(np.mean(size**2))) if size.size else 0.0
    return np.maximum(size, 0.01 * typical if typical > 0 else 1.0)


def _direction(scales: Any, seed: int, i: int, number: int) -> Any:
    return scales * np.random.default_rng([seed, i, number]).choice([-1.0, 1.0], scales.shape)


def _share(gradient: Any, along: Any) -> float:
    """The slope that a gradient has in a direction; infinities where nothing is moved play no part."""
    with np.errstate(all="ignore"):
        return float(np.sum(np.where(along == 0, 0.0, gradient) * along))


def _moved(value: Any, step: Any) -> Any:
    if type(value) is float:
        return value + float(step)
    moved = (np.asarray(value, dtype=float) + step).astype(value.dtype)
    return moved if isinstance(value, np.ndarray) else moved[()]


def _measure(task: _Task, probes: Sequence[_Probe]) -> list[Judged]:
    """Judge some probes: what a worker does."""
    scales = {i: _scales(task.values[i]) for i in {probe.input for probe in probes}}
    with np.errstate(all="ignore"):
        return [_measure_one(task, probe, scales[probe.input]) for probe in probes]


def _measure_one(task: _Task, probe: _Probe, scales: Any) -> Judged:
    values = list(task.values)
    changed: list[BranchChanged] = []
    along = _unit(scales, probe.element) if probe.element is not None else _direction(
        scales, task.seed, probe.input, probe.direction
    )

    def at(t: float) -> Any:
        values[probe.input] = _moved(task.values[probe.input], t * along) if t else task.values[probe.input]
        try:
            return task.evaluate(values)
        except BranchChanged as change:
            changed.append(change)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            pass
        return float("nan")

    one = judge(at, probe.claimed, task.precision)
    if changed and one.verdict == "edge":
        return one._replace(verdict="branch")
    if probe.element is None:
        return one
    scale = scales.flat[probe.element]
    return one._replace(numeric=one.numeric / scale, left=one.left / scale, right=one.right / scale)


def _unit(scales: Any, element: int) -> Any:
    unit = np.zeros(scales.shape)
    unit.flat[element] = scales.flat[element]
    return unit


#: How bad a verdict is: the worst stands for the input.
_SEVERITY = {name: i for i, name in enumerate(("right", "cut", "kink", "jump", "branch", "edge", "unsure", "wrong"))}


def _input_check(problem: _Problem, i: int, method: str, found: list[tuple[_Probe, Judged]]) -> InputCheck:
    value = np.asarray(problem.values[i])
    worst = max(found, key=lambda pair: (_SEVERITY[pair[1].verdict], pair[1].error), default=None)
    probe, one = worst if worst is not None else (_Probe(i, None, 0, 0.0), Judged("right", 0.0, 0.0, 0.0, 0.0))
    element = probe.element
    return InputCheck(
        name=problem.names[i],
        shape=value.shape,
        dtype=str(value.dtype),
        method=method,
        checked=sum(1 for p, _ in found if method == "directions" or p.element is not None),
        error=one.error,
        index=None if element is None else tuple(int(n) for n in np.unravel_index(element, value.shape)),
        analytic=probe.claimed if element is None else float(np.asarray(problem.gradients[i]).flat[element]),
        numeric=one.numeric,
        left=one.left,
        right=one.right,
        verdict=one.verdict,
    )


# -- here, or on an executor -------------------------------------------------------------------------------------------


def _run(task: _Task, probes: list[_Probe], executor: Executor | None, progress: Progress | None) -> list[Judged]:
    if executor is None:
        with no_trace():
            judged: list[Judged] = []
            for chunk in _chunks(probes, max(1, len(probes) // 200)):
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
    from concurrent.futures import Future

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
            f"{_function_name(task)} can't be sent to another process ({str(error).splitlines()[0]}): define it with def "
            f"at the top of a module, install cloudpickle, or use a ThreadPoolExecutor"
        ) from error


def _function_name(task: _Task) -> str:
    f = getattr(task.evaluate, "f", None)
    code = getattr(f, "__code__", None)
    where = f" ({code.co_filename}:{code.co_firstlineno})" if code is not None else ""
    return f"{getattr(f, '__name__', 'the function')}{where}"


# -- op by op -----------------------------------------------------------------------------------------------------------

_SAME_PLACE = 3  # a loop records the same op at the same place again and again: a few of them tell
_SMALL = 4  # up to so many elements are moved one by one

#: Ops that read one triangle of a symmetric matrix: theirs are moved together.
_SYMMETRIC = frozenset({"cholesky", "eigh", "eigvalsh", "eigh_vectors", "eigh_values"})


def _chosen_ops(graph: Graph, limit: int) -> Iterator[Node]:
    """The ops to compare: up to `limit`, a few for each place in the source."""
    seen: dict[Any, int] = {}
    for node in graph.nodes:
        record = node.record
        if node.kind != "op" or not is_differentiable(node.value) or limit <= 0:
            continue
        key = node.op, id(record._code), record._at
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= _SAME_PLACE:
            limit -= 1
            yield node


def _check_op(node: Node, precision: Precision, seed: int) -> Iterator[OpCheck]:
    """Compare an op's rule towards each operand with differences of what it computes."""
    rules = node.rule
    values = [edge.value for edge in node.inputs_edges]
    if np.iscomplexobj(node.value) or any(np.iscomplexobj(value) for value in values):
        return
    for edge in node.inputs_edges:
        rule = rules.rule(edge.position)
        blocks = rule.local is None and rule.vjp is None
        if blocks or not is_differentiable(edge.value) or edge.source.kind == "constant" or not np.size(edge.value):
            continue
        yield _compare(node, edge, values, precision, seed)


def _compare(node: Node, edge: Edge, values: list[Any], precision: Precision, seed: int) -> OpCheck:
    position, value = edge.position, edge.value
    draw = np.random.default_rng([seed, node.index, position])
    upstream = _random_weights(draw, np.shape(node.value))
    with np.errstate(all="ignore"):
        sent = float(upstream) if type(node.value) is float else np.asarray(upstream, dtype=node.dtype)[()]
        share = downstream(node.rule, position, sent, node.value, values, node.static)
        gradient = np.zeros(np.shape(value)) if share is None else np.asarray(share, dtype=float)
        found: list[tuple[float, Judged]] = []
        for along in _op_directions(node, value, draw):
            claimed = _share(gradient, along)
            at = _op_along(node, values, position, along, np.asarray(upstream))
            found.append((claimed, judge(at, claimed, precision)))
    claimed, one = max(found, key=lambda pair: (_SEVERITY[pair[1].verdict], pair[1].error))
    source = node.source
    return OpCheck(
        op=node.op,
        node=node.id,
        label=node.label,
        position=position,
        operand=edge.source.label,
        error=one.error,
        analytic=claimed,
        numeric=one.numeric,
        verdict=one.verdict,
        file=source.file if source is not None else None,
        line=source.line if source is not None else None,
        code=source.code if source is not None else None,
    )


def _op_directions(node: Node, value: Any, draw: np.random.Generator) -> Iterator[Any]:
    scales = _scales(value)
    if scales.size <= _SMALL and node.op not in _SYMMETRIC:
        for element in range(scales.size):
            yield _unit(scales, element)
        return
    for _ in range(3):
        along = scales * draw.choice([-1.0, 1.0], scales.shape)
        yield along + np.swapaxes(along, -1, -2) if node.op in _SYMMETRIC else along


def _op_along(
    node: Node, values: list[Any], position: int, along: Any, upstream: Any
) -> Callable[[float], Any]:
    def at(t: float) -> Any:
        given = list(values)
        if t:
            given[position] = _moved(values[position], t * along)
        try:
            out = node.rule.compute(*given, **node.static)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return float("nan")
        return np.ravel(np.asarray(out, dtype=float) * upstream)

    return at
