"""What of a graph is shown: all its nodes, or, of a large one, those next to the output, the rest folded into one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...tracer import Edge, Graph, Node
from ...tracer.expression import formula

__all__ = ["Fold", "View", "view_of"]


@dataclass(frozen=True, slots=True)
class Fold:
    """Nodes that stand as one box: how many ops, and the wires that cross its border."""

    nodes: int
    lines: tuple[int, int] | None
    into: tuple[Edge, ...]
    out_of: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The part of a graph that a picture shows.

    Attributes
    ----------
    nodes, edges
        What is shown in full.
    fold
        What is not, if anything.
    largest
        The largest gradient in it, beside which others may be negligible.
    """

    graph: Graph
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    fold: Fold | None
    largest: float
    notes: tuple[str, ...]


#: Of the leaves that lead only into a fold, as many are shown.
_LEAVES_OF_A_FOLD = 12


def view_of(graph: Graph, *, largest: int, title: str | None) -> View:
    """The view of `graph` with at most `largest` nodes."""
    nodes = graph.nodes
    shown, fold = (nodes, None) if len(nodes) <= largest else _folded(graph, largest)
    kept = {node.index for node in shown}
    edges = [e for e in graph.edges if e.source.index in kept and e.target.index in kept] if fold else graph.edges
    notes = () if fold is None else (_note(fold, len(nodes), len(shown)),)
    return View(graph, title or _title(graph), tuple(shown), tuple(edges), fold, _largest(shown), notes)


def _folded(graph: Graph, largest: int) -> tuple[list[Node], Fold]:
    """Keep the ops nearest to the output: the end of the order. What lies before them can feed only forward."""
    visible_ops: list[Node] = []
    leaves = {node.index: node for node in graph.inputs[:_LEAVES_OF_A_FOLD]}
    for node in reversed(graph.nodes):
        if not node.inputs_edges:
            continue
        needed = {n.index: n for n in node.inputs if not n.inputs_edges}
        if len(visible_ops) + 1 + len(leaves | needed) > largest:
            break
        visible_ops.append(node)
        leaves |= needed
    hidden = {node.index for node in graph.nodes if node.inputs_edges} - {node.index for node in visible_ops}
    kept = {*leaves, *(node.index for node in visible_ops)}
    into = [e for e in graph.edges if e.target.index in hidden and e.source.index in kept]
    out_of = [e for e in graph.edges if e.source.index in hidden and e.target.index in kept]
    lines = [n.source.line for n in (graph.nodes[min(hidden)], graph.nodes[max(hidden)]) if n.source and n.source.line]
    span = (min(lines), max(lines)) if lines else None
    shown = [node for node in graph.nodes if node.index in kept]
    return shown, Fold(len(hidden), span, tuple(into), tuple(out_of))


def _note(fold: Fold, total: int, shown: int) -> str:
    return (
        f"{total:,} nodes are too many to draw: {shown:,} are shown, those next to the output, "
        f"and {fold.nodes:,} ops before them are folded into one box"
    )


def _largest(nodes: list[Node]) -> float:
    gradients = [np.max(np.abs(n.gradient)) for n in nodes if n.gradient is not None and np.size(n.gradient)]
    finite = [float(g) for g in gradients if np.isfinite(g)]
    return max(finite, default=0.0)


def _title(graph: Graph) -> str:
    """The output as a formula of the inputs where that is short, else its name."""
    if len(graph.outputs) != 1:
        return graph.name or ", ".join(node.label for node in graph.outputs)
    output = graph.output
    name = output.name or graph.name or ""
    text = formula(output)
    inputs = [node.name for node in graph.inputs]
    arguments = f"({', '.join(filter(None, inputs))})" if 0 < len(inputs) <= 6 and all(inputs) else ""
    if text is None:
        return f"{name}{arguments}" if name else "gradients"
    return f"{name}{arguments} = {text}" if name else text
