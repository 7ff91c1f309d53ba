"""Pictures: functions from a graph to a document, by level of detail; `LEVELS` is the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...tracer import Graph
from ..document import Document
from . import explain, lecture
from .view import View, view_of

__all__ = ["LEVELS", "Level", "draw"]


class Level(NamedTuple):
    """A level of detail."""

    summary: str
    build: Callable[[View, str], Document]
    largest: int  # the number of visible nodes up to which it is drawn in full


LEVELS: dict[str, Level] = {
    "explain": Level("a card per op: expression, local gradients, role", explain.build, 60),
    "lecture": Level("the circuit alone: values above the wires, gradients below", lecture.build, 150),
}

#: Graphs up to this many ops are explained unless another level is asked for.
EXPLAINED = 25


def draw(graph: Graph, *, level: str | None, direction: str, title: str | None) -> Document:
    """The document of `graph` at a level of detail; what is too large to show is folded, and the notes say so."""
    if level is None:
        level = "explain" if graph.op_count() <= EXPLAINED else "lecture"
    chosen = LEVELS[level]
    return chosen.build(view_of(graph, largest=chosen.largest, title=title), direction)
