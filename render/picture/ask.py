"""Questions in place of the whole: what lies around a node, between two, or leads to the first NaN."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...tracer import Node, Tensor
from ...tracer.errors import RenderError
from ...tracer.gone import Gone
from ...tracer.ops.writing import HANDED_ON
from .sketch import HIDDEN, Facts, Sketch

__all__ = ["around", "between", "first_nan", "first_nan_in", "nan_born_in", "to_the_first_nan"]


def around(sketch: Sketch, name: str, radius: int) -> Sketch:
    """What is at most `radius` steps away from the node called `name`, along the wires in either direction."""
    facts = sketch.facts
    node = facts.graph[name]
    near = np.zeros(len(facts), bool)
    near[node.index] = True
    for _ in range(radius):
        # A leaf leads nowhere else: what merely shares a weight with the node is not near it.
        out = near & ~(facts.leaf & (np.arange(len(facts)) != node.index))
        forward, back = facts.targets[out[facts.sources]], facts.sources[near[facts.targets]]
        near[forward] = near[back] = True
    return _only(sketch, near, f"only what is at most {radius} steps from {node.label}")


def between(sketch: Sketch, start: str, end: str) -> Sketch:
    """Every path from one node to another.

    Raises
    ------
    RenderError
        If there is none.
    """
    facts = sketch.facts
    a, b = facts.graph[start], facts.graph[end]
    on_path = _descendants(facts, a) & _ancestors(facts, b.index)
    if not on_path[a.index]:
        on_path = _descendants(facts, b) & _ancestors(facts, a.index)
        if on_path[b.index]:
            raise RenderError(f"no path leads from {start!r} to {end!r}; one leads from {end!r} to {start!r}")
        raise RenderError(f"no path leads from {start!r} to {end!r}: neither was computed from the other")
    on_path |= _operands(facts, on_path) & facts.constant
    return _only(sketch, on_path, f"only the paths from {a.label} to {b.label}")


def first_nan(facts: Facts) -> Node | None:
    """The first node whose value is NaN; where there is none, the last whose gradient is: the first on the way back."""
    found = first_nan_in(facts)
    if found is None:
        found = _last_nan_gradient(facts)
    return None if found is None else facts.graph.node_at(found)


def nan_born_in(facts: Facts) -> Node | None:
    """The op that the first NaN comes up in: going forward, or, where no value is NaN, coming back."""
    found = first_nan_in(facts)
    if found is not None:
        node = facts.graph.node_at(found)
        return None if node.is_leaf else node
    found = _last_nan_gradient(facts)
    if found is None:
        return None
    # What lies behind has no NaN: one of the ops that use this value made it of what came from above.
    uses = facts.graph.node_at(found).uses
    return next((edge.target for edge in uses if _holds_nan(edge.downstream)), None)


def first_nan_in(facts: Facts) -> int | None:
    """The number of the first node whose value is NaN."""
    graph = facts.graph
    values = (r._value if isinstance(r, Tensor) else r for r in graph.outline.records)
    # What was let go of is computed again by its node, which the others need not be made for.
    return next((i for i, v in enumerate(values) if _holds_nan(graph.node_at(i).value if type(v) is Gone else v)), None)


def _last_nan_gradient(facts: Facts) -> int | None:
    """The number of the last node whose gradient is NaN: the first of them on the way back."""
    graph, gradients = facts.graph, facts.graph.outline.gradients
    for i in range(len(gradients) - 1, -1, -1):
        if _holds_nan(graph.node_at(i).gradient if gradients[i] is HANDED_ON else gradients[i]):
            return i
    return None


def to_the_first_nan(sketch: Sketch) -> Sketch:
    """The first NaN and what it was computed from, or, for a NaN among the gradients, what its gradient came through.

    Raises
    ------
    RenderError
        If there is no NaN.
    """
    facts = sketch.facts
    node = first_nan(facts)
    if node is None:
        raise RenderError("there is no NaN in this graph, neither in a value nor in a gradient: draw it without nan")
    if _holds_nan(node.value):
        kept = _ancestors(facts, node.index)
        return _only(sketch, kept, f"{node.label} is the first NaN, with what it was computed from")
    kept = _descendants(facts, node)
    kept |= _operands(facts, kept)
    return _only(sketch, kept, f"the gradient of {node.label} is the first NaN, with what it came back through")


def _holds_nan(value: object) -> bool:
    if isinstance(value, float):  # NumPy's float64 is one
        return value != value
    array = value if isinstance(value, (np.ndarray, np.generic)) else None
    return array is not None and array.dtype.kind in "fc" and bool(np.isnan(array).any())


def _ancestors(facts: Facts, index: int) -> np.ndarray:
    """What a node was computed from, with itself. Edges are ordered by target: one pass from the back will do."""
    found = np.zeros(len(facts), bool)
    found[index] = True
    stop = np.searchsorted(facts.targets, index, side="right")
    seen = found.tolist()
    for source, target in zip(facts.sources[:stop][::-1].tolist(), facts.targets[:stop][::-1].tolist(), strict=True):
        if seen[target]:
            seen[source] = True
    return np.array(seen)


def _descendants(facts: Facts, node: Node) -> np.ndarray:
    """What was computed from a node, with itself."""
    seen = [False] * len(facts)
    seen[node.index] = True
    for source, target in zip(facts.sources.tolist(), facts.targets.tolist(), strict=True):
        if seen[source]:
            seen[target] = True
    return np.array(seen)


def _operands(facts: Facts, nodes: np.ndarray) -> np.ndarray:
    found = np.zeros(len(facts), bool)
    found[facts.sources[nodes[facts.targets]]] = True
    return found


def _only(sketch: Sketch, kept: np.ndarray, what: str) -> Sketch:
    shown = int(kept.sum())
    note = f"{what}: {shown:,} of {len(kept):,} nodes"
    return replace(sketch, group=np.where(kept, sketch.group, HIDDEN), notes=(*sketch.notes, note))
