"""Pictures: from a graph to a document. What is not drawn is decided in a sketch, how it is drawn in `LEVELS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...tracer import Graph
from ...tracer.scalars import scalars
from ..document import Document
from ..theme import FAILED
from .ask import around, between, to_the_first_nan
from .failure import with_failure
from .fold import drawn, folded, room
from .levels import LEVELS, Level, build
from .sketch import Sketch, sketch_of
from .view import view_of
from .worksheet import BLANKS, worksheet

if TYPE_CHECKING:
    from ..style import Style

__all__ = ["BLANKS", "LEVELS", "Level", "check", "draw"]

#: Graphs up to this many ops are explained in full unless another level is asked for.
EXPLAINED = 25
#: Single numbers are drawn as a lecture's circuit up to this many boxes, anything compactly up to the second number;
#: what is larger is folded to the third.
CIRCUIT, COMPACT, FOLDED = 150, 400, 300


def draw(graph: Graph, style: Style) -> Document:
    """The document of `graph` in a style; what is too large to show is folded, and the notes say so."""
    if style.scalars:
        graph = scalars(graph)
    sketch = _asked_for(sketch_of(graph), style)
    arrays = sketch.facts.has_arrays
    level = style.level
    if level is None and _ops(sketch) <= EXPLAINED:
        level = "matrix" if arrays else "explain"
    size = room
    if style.max_nodes is not None:
        limit, size = style.max_nodes, drawn
    elif level is not None:
        limit = LEVELS[level].most
    else:
        limit = FOLDED if room(sketch) > COMPACT else COMPACT
    if level is not None and LEVELS[level].output is not None:  # outputs have boxes of their own
        limit = max(1, limit - len(sketch.facts.outputs))
    sketch = folded(sketch, limit=limit, names=style.fold, unfold=style.unfold, depth=style.depth, size=size)
    if level is None:
        level = "compact" if arrays or room(sketch) > CIRCUIT else "lecture"
    view, failed = view_of(sketch, title=style.title), FAILED.get(style.theme, FAILED["light"])
    document = with_failure(build(view, level, style.direction, failed=failed), graph)
    return document if style.blank is None else worksheet(document, style.blank)


def check(graph: Graph, style: Style) -> None:
    """Whether a picture of `graph` in a style has what it asks for; nothing is drawn.

    Raises
    ------
    NameNotFound, RenderError
        If it asks about a node, a path or a NaN that is not there.
    """
    if style.focus is not None or style.path is not None or style.nan:
        _asked_for(sketch_of(scalars(graph) if style.scalars else graph), style)


def _asked_for(sketch: Sketch, style: Style) -> Sketch:
    """The part of the graph that a question is about.

    Raises
    ------
    NameNotFound
        If the question names a node that is not there.
    RenderError
        If there is no such part: no path, no NaN.
    """
    if style.nan:
        sketch = to_the_first_nan(sketch)
    if style.path is not None:
        sketch = between(sketch, *style.path)
    if style.focus is not None:
        sketch = around(sketch, style.focus, style.radius)
    return sketch


def _ops(sketch: Sketch) -> int:
    return int((~sketch.facts.leaf & (sketch.group >= 0)).sum())
