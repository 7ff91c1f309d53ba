"""Chooses what a script's graph ends in: what `--of` names, where backward was called, or the last single number.

Where nothing is asked for, these are looked through in turn, and the last of the first that there is of is taken:

1. single numbers that module-level names hold, in the order of the assignments; where inputs are updated, else those
   that objects keep which these names hold (`net.loss`);
2. single numbers that nothing else was computed from, that were assigned or returned somewhere (a loss in a function);
3. where inputs are updated, single numbers that were assigned somewhere, and used (a loss that is added up);
4. single numbers that nothing else was computed from (what stands in a `print`).

A single number is one that was computed from inputs. What inputs are updated by is none, nor what was updated, nor what
was rounded; where inputs are updated, it depends on one of these, and is best no mean or best value over the steps.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from ..tracer import GradientError, Graph, NameNotFound, ScriptError, Tensor
from ..tracer.backward import CONSTANT, ancestors
from ..tracer.source import locate
from ..tracer.tensor import PENDING, describe, integer_message, is_differentiable, now, operands
from .inputs import attributes, is_users
from .module import Integers
from .terminal import clean

#: Names that say of a number that it is a gradient.
_GRADIENT = re.compile(r"(?i:(\w+_)?(grad|nabla)(s|ients?)?(_\w+)?|∇\w*)|\w*[gG]radients?")
_WORD = re.compile(r"[^\W\d]\w*")
_MOST_MEANT = 16  # so many of the first and of the last are looked at for a mean over the steps

__all__ = ["Choice", "Left", "choose", "listed", "unfinished"]


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a script has left behind.

    Attributes
    ----------
    script
        The file's name, for messages.
    names
        The module-level names, in the order of the assignments.
    namespace
        What they hold.
    recent
        The last records, oldest first.
    backward
        The tensor on which `backward` was called last.
    inputs
        The leaves that belong to the graph even without a path to the output: those that `--wrt` names.
    spent
        The ids of records that updates of inputs were computed from: gradients, which are outputs only if asked for.
    updated
        The names of the inputs that were updated: what a step computes depends on one of them.
    step
        The records of the step that is wanted; None for the last evaluation.
    integers
        Where it writes out integers.
    knows_gradviz
        Whether the script imports gradviz itself.
    """

    script: str
    names: Sequence[str]
    namespace: dict[str, Any]
    recent: Sequence[Tensor] = ()
    backward: Tensor | None = None
    inputs: Sequence[Tensor] = ()
    spent: frozenset[int] = frozenset()
    updated: Container[str] = ()
    step: Sequence[Tensor] | None = None
    integers: Sequence[Integers] = ()
    knows_gradviz: bool = False

    def values(self) -> dict[str, Any]:
        """What each module-level name holds, where it holds something."""
        return {name: self.namespace[name] for name in self.names if name in self.namespace}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The graph, and the names of the outputs that could have been meant as well."""

    graph: Graph
    others: list[str] = field(default_factory=list[str])


def choose(left: Left, of: str | None) -> Choice:
    """The graph of the output, its gradients run back.

    Raises
    ------
    NameNotFound
        If `of` names nothing.
    GradientError
        If the output is no single number, or an integer.
    ScriptError
        If nothing was recorded.
    """
    if of is not None:
        return Choice(graph=_graph_of(_called(left, of), left, of))
    if left.backward is not None:
        return Choice(graph=_graph_of(left.backward, left, None))
    numbers = _Numbers(left)
    held = numbers.held()
    for strictly in (True, False):
        meant = dict(numbers.meant(held, strictly=strictly))
        if not meant and strictly and left.updated:
            meant = dict(numbers.meant(numbers.kept(), strictly=True))
        if meant:
            name, value = list(meant.items())[-1]
            graph = _graph_of(value, left, name)
            return Choice(graph=graph, others=_unrelated(meant, graph))
        if (last := numbers.last(strictly=strictly)) is not None:
            graph = _graph_of(last, left, None)
            return Choice(graph=graph, others=_unrelated(dict(numbers.meant(held)), graph))
    if held:
        return Choice(graph=_graph_of(held[-1][1], left, held[-1][0]))
    raise _no_scalar(left)


def unfinished(left: Left, of: str | None) -> Graph | None:
    """The graph of what was recorded last before an exception, without gradients; None where there is nothing."""
    if of is not None and _is_result(left.namespace.get(of)):
        value = left.namespace[of]
        return value if isinstance(value, Graph) else Graph((value,))
    results = [value for value in left.values().values() if _is_result(value)]
    last = next((t for t in reversed(left.recent) if operands(t)), results[-1] if results else None)
    return last if last is None or isinstance(last, Graph) else Graph((last,))


# -- what may be an output -------------------------------------------------------------------------------------------


def _is_result(value: Any) -> bool:
    """Whether something was computed: a tensor that an op made, or a graph that `gv.trace` returned."""
    return isinstance(value, Graph) or (isinstance(value, Tensor) and bool(operands(now(value))))


def _before_rounding(value: Tensor) -> Tensor:
    """What a result was rounded from, as `round(loss, 3)` lets no gradient through."""
    while value._op.role == "blocks" and operands(value) and isinstance(operands(value)[0], Tensor):
        value = operands(value)[0]
    return value


def _is_scalar(value: Any) -> bool:
    if isinstance(value, Graph):
        return len(value.outputs) == 1 and _is_scalar(value.outputs[0].record)
    return np.size(value.value) == 1 and is_differentiable(value.value)


_Name = TypeVar("_Name", str, "str | None")


class _Numbers:
    """The single numbers that a script has computed from inputs, and which of them may be meant as the output."""

    def __init__(self, left: Left) -> None:
        self._left = left
        held = [*left.values().values()]
        held += [part for one in held if is_users(one) for _, part in attributes(one)]
        records = [*left.recent, *(now(v) for v in held if isinstance(v, Tensor))]
        self._from_inputs = _computed_from(records, lambda leaf: leaf._op is not CONSTANT)
        self._from_updated = _computed_from(records, lambda leaf: (_name_of(leaf) or "") in left.updated)

    def held(self) -> list[tuple[str, Any]]:
        """Those that module-level names hold, in the order of the assignments."""
        return [(name, v) for name, v in self._left.values().items() if _is_result(v) and self._is_one(v)]

    def kept(self) -> list[tuple[str, Any]]:
        """Those that the objects keep which module-level names hold: `total.data`, `net.loss`."""
        objects = [(name, v) for name, v in self._left.values().items() if is_users(v)]
        numbers = [(f"{name}.{attribute}", v) for name, one in objects for attribute, v in attributes(one)]
        return [(name, v) for name, v in numbers if isinstance(v, Tensor) and _is_result(v) and self._is_one(v)]

    def last(self, *, strictly: bool) -> Tensor | None:
        """The last that is meant, of those that no module-level name holds; None where there is none."""
        made = [record for record in self._left.recent if operands(record)]
        used = {id(x) for record in made for x in operands(record)}
        numbers = [record for record in reversed(made) if self._is_one(record)]
        named = [(_name_of(x) or _returned_by(x), x) for x in map(_before_rounding, numbers)]
        ends = [pair for pair, number in zip(named, numbers, strict=True) if id(number) not in used]
        if strictly:  # what a function returned may be anything
            ends = [(name, number) for name, number in ends if _name_of(number)]
        groups = [[x for x in ends if x[0]], ends]
        if self._left.updated:  # what a gradient is made of has no name, and the loss may be used
            groups.insert(1, [(name, number) for name, number in named if _name_of(number)])
        found = [meant for group in groups if (meant := self.meant(group, strictly=strictly))]
        found.sort(key=lambda meant: meant[0][0] in _leaf_names(meant[0][1]))  # means over the steps come last
        return found[0][0][1] if found else None

    def meant(self, results: Sequence[tuple[_Name, Any]], *, strictly: bool = False) -> list[tuple[_Name, Any]]:
        """Those of some that may be meant as the output.

        That is no gradient that an input was updated by; and, where inputs were, what depends on them (at least
        strictly, else if there is such a one), and is best no mean or best value over the steps.
        """
        results = [(name, value) for name, value in results if id(value) not in self._left.spent]
        no_gradients = [(n, v) for n, v in results if not any(map(_GRADIENT.fullmatch, _WORD.findall(n or "")))]
        results = no_gradients if strictly else no_gradients or results
        results = [(n, v) for n, v in results if isinstance(v, Graph) or v._op.role != "blocks"] or results
        if not self._left.updated:
            return results
        moving = [(n, v) for n, v in results if isinstance(v, Tensor) and id(now(v)) in self._from_updated]
        results = moving if strictly else moving or results
        few = [*results[:_MOST_MEANT], *results[_MOST_MEANT:][-_MOST_MEANT:]]
        return [(name, value) for name, value in few if name not in _leaf_names(value)] or few

    def _is_one(self, value: Any) -> bool:
        if not _is_scalar(value):
            return False
        return self._left.knows_gradviz or isinstance(value, Graph) or id(now(value)) in self._from_inputs


def _computed_from(records: Iterable[Tensor], is_wanted: Callable[[Tensor], bool]) -> set[int]:
    """The ids of records that were computed from leaves of a kind; each record is looked at once."""
    found: set[int] = set()
    known: set[int] = set()
    for last in records:
        waiting = [last]
        while waiting:
            record = waiting[-1]
            parts = [x for x in operands(record) if isinstance(x, Tensor)]
            unknown = [] if id(record) in known else [x for x in parts if id(x) not in known]
            if unknown:
                waiting += unknown
                continue
            waiting.pop()
            known.add(id(record))
            if any(id(x) in found for x in parts) or (not parts and is_wanted(record)):
                found.add(id(record))
    return found


def _leaf_names(value: Any) -> set[str]:
    """The names of the leaves that a result was computed from."""
    if isinstance(value, Graph):
        return set()
    names = (_name_of(x) for x in ancestors(now(value)) if not operands(x))
    return {name for name in names if name is not None}


def _ends(records: Iterable[Tensor]) -> list[Tensor]:
    """The results among the records that none of the others was computed from."""
    made = [record for record in records if operands(record)]
    used = {id(x) for record in made for x in operands(record)}
    return [record for record in made if id(record) not in used]


def _unrelated(scalars: dict[str, Any], graph: Graph) -> list[str]:
    """The names of scalars that the graph does not lead through."""
    inside = {id(node.record) for node in graph.nodes}
    return [name for name, value in scalars.items() if isinstance(value, Tensor) and id(value) not in inside]


# -- from a value to its graph ---------------------------------------------------------------------------------------


def _graph_of(value: Tensor | Graph, left: Left, name: str | None) -> Graph:
    """The graph that ends in `value`; `name` is what the script calls it."""
    if isinstance(value, Graph):
        if not value.has_gradients:
            _require_scalar(value.output.record, name or value.output.label, left)
            value.backward()
        return value
    shown = name or value.name or _located_name(value) or "the output"
    value = _in_step(value, left, shown)
    graph = Graph((value,), inputs=left.inputs)
    if value is left.backward:
        _take_gradients(graph, left.inputs)
    else:
        _require_scalar(value, shown, left)
        graph.backward()
    if name is None and value.name is None and (function := _returned_by(value)):
        value.name = function
    if name is not None and value.name is None and left.namespace.get(_located_name(value) or "") is not value:
        value.name = name  # a function computed it, under a name of its own or none
    return graph


def _in_step(value: Tensor, left: Left, name: str) -> Tensor:
    """The evaluation in the step that is wanted: the last one there at the same place in the source.

    Raises
    ------
    NameNotFound
        If that step did not compute it.
    """
    if left.step is None:
        return value
    found = next(
        (t for t in reversed(left.step) if t._code is value._code and t._at == value._at and operands(t)), None
    )
    if found is None:
        raise NameNotFound(f"that step did not compute {name}: choose another with --step, or another output with --of")
    return found


def _take_gradients(graph: Graph, inputs: Sequence[Tensor]) -> None:
    """Keep the gradients that the script ran back, perhaps from a seed of its own; inputs they did not reach have 0."""
    reached = {id(edge.source.record) for edge in graph.edges}
    for leaf in inputs:
        if id(leaf) not in reached:
            leaf._grad = PENDING
    graph.take_gradients()


def _name_of(tensor: Tensor) -> str | None:
    """What a record is called, else what the source assigns it to."""
    return tensor.name or _located_name(tensor)


def _located_name(tensor: Tensor) -> str | None:
    return None if tensor._code is None else locate(tensor._code, tensor._at).name


def _returned_by(value: Tensor) -> str | None:
    """The function that returned an output without a name: `f` of `return a * b`."""
    where = None if value._code is None else locate(value._code, value._at)
    if where is None or where.name is not None or not where.returned:
        return None
    function = where.function.rpartition(".")[2]
    return function if function.isidentifier() else None


def _require_scalar(tensor: Any, name: str, left: Left) -> None:
    if not is_differentiable(tensor.value):
        raise GradientError(integer_message(tensor.value, name))
    if np.size(tensor.value) != 1:
        scalars = [n for n, v in left.values().items() if _is_result(v) and _is_scalar(v)]
        other = f", or choose another with --of ({listed(scalars)})" if scalars else ""
        raise GradientError(_shape_message(name, tensor.value) + other)


def _shape_message(name: str, value: Any) -> str:
    end = f"loss = {name}.sum()" if name.isidentifier() else "loss = out.sum()"
    return (
        f"{name} has shape {np.shape(value)}, and gradients run back from a single number: "
        f"add one to the script, such as {end}"
    )


# -- --of ------------------------------------------------------------------------------------------------------------


def _called(left: Left, of: str) -> Tensor | Graph:
    """What `--of` names: a module-level name, else a node of what was recorded."""
    values = left.values()
    if of in left.namespace and of not in values:
        values[of] = left.namespace[of]
    value = values.get(of)
    if isinstance(value, (Tensor, Graph)):
        return value
    results = [v for v in values.values() if _is_result(v)]
    whole = _whole(results, left)
    if whole is not None and of in whole and isinstance(whole[of].record, Tensor):
        return whole[of].record
    names = [name for name, v in values.items() if _is_result(v)]
    names += [name for name in (whole.names() if whole is not None else ()) if name not in names]
    there = f"{left.script} has {listed(names)}" if names else f"nothing was recorded in {left.script}"
    if of in values and isinstance(value, (int, float, np.ndarray, np.generic)):
        raise NameNotFound(f"--of {of!r} is {describe(value)}, which was not computed from any input: {there}")
    raise NameNotFound(f"--of {of!r} names nothing: {_near(of, names)}{there}")


def _whole(results: list[Any], left: Left) -> Graph | None:
    """Everything that is still there, as one graph; None where there is nothing."""
    ends = [t for value in results for t in (value._outputs if isinstance(value, Graph) else (value,))]
    ends += [t for t in _ends(left.recent) if all(t is not end for end in ends)]
    return Graph(ends) if ends else None


def _near(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {clean(near[0])!r}? " if near else ""


def listed(names: Sequence[str], *, most: int = 20) -> str:
    """Names in a sentence: the first few, and how many more."""
    shown = ", ".join(clean(name, longest=80) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


# -- why there is none -----------------------------------------------------------------------------------------------


def _no_scalar(left: Left) -> Exception:
    """Why no output could be found."""
    values = left.values()
    arrays = {n: v for n, v in values.items() if isinstance(v, Tensor) and _is_result(v) and is_differentiable(v.value)}
    if not arrays:
        arrays = {_located_name(t) or "the last result": t for t in _ends(left.recent) if is_differentiable(t.value)}
    if arrays:
        last = list(arrays)[-1]
        earlier = [f"{name} {np.shape(value.value)}" for name, value in arrays.items() if name != last]
        also = f"; the other results are arrays too: {listed(earlier)}" if earlier else ""
        return GradientError(_shape_message(last, arrays[last].value) + also)
    return ScriptError(f"nothing to draw in {left.script}: {_why_nothing(left, values)}")


def _why_nothing(left: Left, values: dict[str, Any]) -> str:
    if left.knows_gradviz:
        return "it computed nothing from Tensors: make inputs with gv.tensor(value), or trace a function with gv.trace"
    leaves = [f"{name} = {describe(v.value)}" for name, v in values.items() if isinstance(v, Tensor)]
    if leaves:
        return f"nothing was computed from its inputs ({listed(leaves)})"
    numbers = {name: v for name, v in values.items() if isinstance(v, (int, float, np.ndarray, np.generic))}
    floats = [name for name, v in numbers.items() if is_differentiable(v)]
    if floats:
        return (
            f"no number is assigned from a literal or a random generator: choose inputs with --wrt ({listed(floats)})"
        )
    integers = [f"{name} = {describe(v)}" for name, v in numbers.items() if not isinstance(v, bool)]
    if left.integers:
        lines = [f"{clean(one.text, longest=60)} in line {one.line}" for one in left.integers]
        return f"its numbers are integers, and gradviz takes those as constants: write {listed(lines, most=3)}"
    if integers:
        return (
            f"all its numbers are integers ({listed(integers)}), which gradviz takes as constants: "
            f"write 3.0 instead of 3, arrays with dtype float"
        )
    return (
        "no number is assigned at module level: assign the inputs there (x = 1.0), "
        "or make them with gv.tensor in a script that imports gradviz"
    )
