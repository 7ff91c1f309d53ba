"""Which name a node bears: its own, that of the variable its value went to, or that of the function it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .constants import key
from .tensor import Tensor

if TYPE_CHECKING:
    from .graph import Graph
    from .node import Node
    from .source import Source

__all__ = ["name_of", "representatives"]


def name_of(node: Node, graph: Graph) -> str | None:
    """The name of a node of a graph; None where it has none."""
    record = node.record
    if not isinstance(record, Tensor) or (record._a is None and record._static is not None):
        return graph.constant_names.get(key(node.value)) if node.shape else None
    if record._note is not None and record._note.name is not None:
        return record._note.name
    source = node.source
    if source is None:
        return None
    if source.name is None and source.unpacked and not node.is_leaf:
        return _name_of_element(node, source)
    if source.name is None and source.returned and not node.is_leaf and node in graph.outputs:
        return graph.name
    return source.name


def _name_of_element(node: Node, source: Source) -> str | None:
    """The name of one of the values that a value is taken apart into: `a` or `b` in `a, b = np.split(x, 2)`.

    NumPy's functions record an op for each of their results, in their order; a tensor that is taken apart, one for each
    element. What else runs in the same instruction gets no name, or `o, p = map(np.exp, x)` would name elements of `x`.
    """
    names = source.unpacked
    together = _recorded_together(node, len(names))
    if any(other.rule is not node.rule or other.inputs[0] is not node.inputs[0] for other in together):
        return None
    if source.element:
        found: list[Any] = [other.static.get("index") for other in together]
        places = [place for place in found if type(place) is int]
        if places != found or places != sorted(set(places)):
            return None
    elif len(together) == len(names):
        places = list(range(len(names)))
    else:  # some of them lead to no output, and which can't be told
        return None
    place = places[together.index(node)]
    return names[place] if place < len(names) else None


def _recorded_together(node: Node, most: int) -> list[Node]:
    """The nodes beside this one that the same instruction recorded, itself included; where there are more, one more."""
    found = [node]
    for step in (-1, 1):
        number = node.index + step
        while len(found) <= most:
            other = node._neighbour(number)
            if other is None or not _same_site(other.record, node.record):
                break
            found.insert(0 if step < 0 else len(found), other)
            number += step
    return found


def _same_site(one: Any, other: Any) -> bool:
    return isinstance(one, Tensor) and one._a is not None and one._code is other._code and one._at == other._at


def representatives(graph: Graph) -> list[Node]:
    """For each node one of the same op, name, scope and source: itself, or one that the same instruction recorded.

    Few nodes are built and few places looked up in the source, where loops have recorded a million ops.
    """
    outputs = {node.index for node in graph.outputs}  # what a function returns bears its name
    known: dict[Any, Node] = {}
    found: list[Node] = []
    for index, record in enumerate(graph.outline.records):
        key: Any = index
        if isinstance(record, Tensor):
            note = record._note
            if record._a is not None and (note is None or note.name is None) and index not in outputs:
                key = id(record._code), record._at, record._op, () if note is None else note.scope
        elif type(record) is float or np.ndim(record) == 0:
            key = float
        node = known.get(key)
        if node is None:
            node = graph.node_at(index)
            if node.source is None or not node.source.unpacked:  # else each has a name of its own
                known[key] = node
        found.append(node)
    return found
