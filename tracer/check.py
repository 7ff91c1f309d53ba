"""`gv.check_gradients`: gradients against differences, input by input and op by op."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .check_inputs import METHODS, Plan, Problem, Progress, check_inputs
from .check_ops import check_op, chosen_ops
from .check_report import GradientReport, InputCheck, OpCheck
from .errors import GradientError, GradvizError
from .graph import Graph, _check_watches, _replayed
from .linearise import linearise, named
from .numeric import BLAMED, Precision, epsilon_of, random_weights
from .structure import leaves, rebuilt
from .tensor import Tensor, integer_message, is_differentiable, now, value_of
from .trace import _parameter_names, constant

__all__ = ["METHODS", "GradientReport", "InputCheck", "OpCheck", "check_gradients", "check_graph"]


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
    plan = Plan(method=method, samples=samples, directions=directions, seed=seed)
    inputs = check_inputs(problem, plan, executor, progress)
    graph = Graph([t for t in line.outputs if t is not None], name=getattr(f, "__name__", None))
    return _report(named(f), problem, inputs, graph, ops=ops, seed=seed)


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
    wrt: Sequence[Tensor] = (),
) -> GradientReport:
    """Compare a recorded graph's gradients with differences taken by replaying it, and each op's rule with the op.

    The parameters are those of `check_gradients`; `wrt` names the inputs to check, by default all. The graph must end
    in a single number; it stays as it is. Where the code would take another branch with other inputs, the input's
    verdict says so; the ops are compared all the same.

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
    chosen = {id(now(tensor)) for tensor in wrt}
    nodes = [node for node in copied.inputs if not chosen or id(node.record) in chosen]
    records = [tensor for tensor, _ in copied._reached]
    problem = Problem(
        names=[node.label for node in nodes],
        values=[node.value for node in nodes],
        gradients=[node.gradient for node in nodes],
        evaluate=_Replay(records, [node.record for node in nodes], copied.output.record),
        precision=_precision(records, tolerance),
        notes=[],
    )
    plan = Plan(method=method, samples=samples, directions=directions, seed=seed)
    inputs = check_inputs(problem, plan, None, progress)
    return _report(copied.output.label, problem, inputs, copied, ops=ops, seed=seed)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise GradientError(message)


def _report(
    name: str, problem: Problem, inputs: list[InputCheck], graph: Graph, *, ops: int, seed: int
) -> GradientReport:
    draw = np.random.default_rng(seed)
    checked = tuple(check for node in chosen_ops(graph, ops) for check in check_op(node, problem.precision, draw))
    notes = list(problem.notes)
    wrong = any(x.verdict in BLAMED for x in inputs)
    if wrong and not any(x.verdict in BLAMED for x in checked):
        inputs, more = _explained(inputs, checked, graph)
        notes += more
    return GradientReport(
        function=name, inputs=tuple(inputs), ops=checked, notes=tuple(notes), tolerance=problem.precision.tolerance
    )


def _explained(inputs: list[InputCheck], ops: Sequence[OpCheck], graph: Graph) -> tuple[list[InputCheck], list[str]]:
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
            "no op's rule shows as wrong: the function leaves the graph on the way (a .value, a plain number), or "
            "computes something else on Tensors than on plain values"
        ]
    return [replace(x, verdict=verdict) if x.verdict in BLAMED else x for x in inputs], [note]


# -- what is evaluated -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Function:
    """A function of its floats: it can be sent to another process. It gives weight · output, element by element."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    weights: list[Any]
    on_tensors: bool

    def __call__(self, values: Sequence[Any]) -> Any:
        if self.on_tensors:
            values = [constant(v) for v in values]
        if not self._flat:
            floats = iter(values)
            values = [
                rebuilt(arg, [next(floats) if is_differentiable(x.value) else x.value for x in leaves(arg)])
                for arg in self.args
            ]
        return _terms(self.f(*values, **self.kwargs), self.weights)

    @cached_property
    def _flat(self) -> bool:
        """Whether each argument is a float or an array of them."""
        return all(map(is_differentiable, self.args))


def _terms(output: Any, weights: Sequence[Any]) -> Any:
    """weight · output of every float in it, as one flat array."""
    if isinstance(output, float):  # most
        return np.array([output * float(weights[0])])
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
) -> tuple[Problem, Any]:
    names = _parameter_names(f, len(args))
    held = [leaf for arg, name in zip(args, names, strict=True) for leaf in leaves(arg, name)]
    floats = [leaf for leaf in held if is_differentiable(leaf.value)]
    if not floats:
        first = next((x for x in held if isinstance(x.value, (int, np.ndarray, np.generic))), None)
        why = integer_message(first.value, first.name) if first else "no floats among the arguments"
        raise GradientError(f"nothing to check: {why}")
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
    problem = Problem(
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
    _require(
        not any(np.iscomplexobj(x) for x in parts), "the function gives complex numbers: return np.real and np.imag"
    )
    if len(parts) == 1 and np.size(parts[0]) == 1:
        return [np.ones(np.shape(parts[0]))]
    draw = np.random.default_rng(seed)
    return [random_weights(draw, np.shape(x)) if ok else None for x, ok in zip(parts, floats, strict=True)]


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
            f"{named(evaluate.f)} gives {float(np.sum(once))!r} and then {float(np.sum(twice))!r} on the same inputs: "
            f"give its random numbers a fixed seed, made anew in every call"
        )
    recorded = _terms(output, weights)
    if np.max(np.abs(recorded - once), initial=0.0) > 1e3 * precision.epsilon * float(np.sum(np.abs(once))):
        yield (
            f"{named(evaluate.f)} gives {float(np.sum(recorded)):.9g} on Tensors and {float(np.sum(once)):.9g} on "
            f"plain values"
        )
