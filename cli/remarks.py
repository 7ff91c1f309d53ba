"""What there is to say about a graph beside its numbers: other outputs, integers that stayed constants."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tracer import Graph, Node, Tensor
from ..tracer.constants import key
from ..tracer.inplace import Version
from ..tracer.source import locate
from ..tracer.tensor import now
from .choice import listed
from .terminal import clean

if TYPE_CHECKING:
    from .module import Integers
    from .script import Asked
    from .updates import Updates

__all__ = [
    "bound_again",
    "branches",
    "idle_parameters",
    "integers",
    "name_constants",
    "other_outputs",
    "steps_taken",
]

#: How many nodes are searched for integers: a long loop has the same few lines again and again.
_SEARCHED = 2000
_LISTED = 3


def other_outputs(graph: Graph, others: Sequence[str]) -> Iterator[str]:
    """That the output was a guess."""
    if others:
        yield (
            f"{graph.output.label} is the last of several possible outputs: --of NAME draws another ({listed(others)})"
        )


def name_constants(graph: Graph, values: Mapping[str, Any]) -> None:
    """Let constant arrays bear the names of the module-level variables that hold them."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            graph.constant_names.setdefault(key(value), name)  # pyright: ignore[reportUnknownArgumentType]


def integers(graph: Graph, values: Mapping[str, Any], written: Collection[Integers]) -> Iterator[str]:
    """The written integers that the graph was computed with, which the user may have meant as inputs."""
    names = {name for one in written for name in one.names}
    found = {name: None for node in graph.nodes[:_SEARCHED] for name in _integer_operands(node, values)}
    for name in (name for name in found if name in names):
        value = values[name]
        yield f"{name} = {value} is an integer and was taken as a constant: write {float(value)!r} for its gradient"


def _integer_operands(node: Node, values: Mapping[str, Any]) -> Iterator[str]:
    """The names in a node's expression that stand for integers among its operands."""
    record = node.record
    constants = [source.record for source in node.inputs if type(source.record) is int]
    if not constants or not isinstance(record, Tensor) or record._code is None:
        return
    for name in re.findall(r"[^\W\d]\w*", locate(record._code, record._at).code or ""):
        if type(values.get(name)) is int and values[name] in constants:
            yield name


def steps_taken(updates: Updates, step: int, asked: Asked, graph: Graph | None = None) -> Iterator[str]:
    """That inputs of a graph were updated, what told so, and which step is drawn."""
    there = None if graph is None else {node.name for node in graph.inputs}
    updated = [name for name in updates.counts if there is None or name in there]
    if not updated or asked.unroll:
        return
    steps = step - 1
    which = f"step {asked.step}" if asked.step is not None else "the last evaluation"
    names = listed(list(dict.fromkeys(re.sub(r" #\d+$", "", name) for name in updated)), most=6)
    why = _why(list(dict.fromkeys(updates.reasons[name] for name in updated)))
    if steps == 1 and asked.step is None:
        yield f"{names} was updated{why}: the value from before is the input, --unroll draws through updates"
    else:
        yield (
            f"{names} changed in {steps:,} steps{why}, and {which} is drawn: "
            f"--step N draws another, --unroll all of them"
        )


def _why(reasons: Sequence[str]) -> str:
    """What told that inputs were updated, where it was the same for all."""
    start = "along the gradient of "
    if len(reasons) > 1 and all(reason.startswith(start) for reason in reasons):
        return f" along the gradients of {clean(listed([r.removeprefix(start) for r in reasons]), longest=60)}"
    return f" {clean(reasons[0], longest=60)}" if len(reasons) == 1 else ""


def bound_again(graph: Graph, values: Mapping[str, Any], updated: Mapping[str, int]) -> Iterator[str]:
    """The inputs whose names hold something else by now, that was computed from them."""
    named = {node.name: node for node in graph.nodes if node.kind == "op" and node.name is not None}
    for node in graph.inputs[:_SEARCHED]:
        name = node.name
        if name is None or name in updated or not isinstance(values.get(name), Tensor):
            continue
        held = now(values[name])
        other = named.get(name)
        if held is node.record or other is None or held is not other.record:
            continue
        where = f" at line {other.source.line}" if other.source is not None and other.source.line else ""
        first = f", line {node.source.line}" if node.source is not None and node.source.line else ""
        how = "written into" if type(held) is Version else "bound again"
        yield f"{clean(name)} was {how}{where}: the input {clean(name)} is its first value{first}"


def branches(graph: Graph) -> Iterator[str]:
    """Where the script went one way or the other because of a traced value."""
    facts = {  # an array of booleans, an index, a number taken out are none
        (id(fact.code), fact.at): fact for fact in graph.branches() if isinstance(fact.result, (bool, np.bool_))
    }
    places: dict[tuple[str, int | None, str], None] = {}
    for fact in facts.values():
        where = locate(fact.code, fact.at)
        places[PurePath(where.file).name, where.line, where.code or fact.text] = None
    for file, line, text in list(places)[:_LISTED]:
        yield f"{file}:{line} decided by a traced value: {clean(text, longest=60)}; other inputs may go another way"
    if len(places) > _LISTED:
        yield f"traced values decided at {len(places) - _LISTED} more places"


def idle_parameters(graph: Graph, values: Mapping[str, Any], wrt: Sequence[str]) -> Iterator[str]:
    """The random arrays at module level that the output does not depend on."""
    if wrt:
        return
    inside = {id(node.record) for node in graph.nodes} | {node.name for node in graph.inputs}
    idle = [
        name
        for name, value in values.items()
        if type(value) is Tensor and value._op.name == "parameter" and id(value) not in inside and name not in inside
    ]
    if idle:
        yield f"no path leads from {listed(idle, most=6)} to {graph.output.label}: not drawn"
