"""Lays a document out within a time limit: by `dot`, and what that can't lay out in time, or at all, plainly."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

from .document import Document
from .formats.dot import dot, dot_to_measure
from .graphviz import Drawing, TooSlow, Unfit, engine_in_use, layout
from .placement import Ends, Measures, Place, placed

__all__ = ["LaidOut", "laid_out"]

#: So much of the time limit is kept back for the plain placement, in seconds a box; at most half of it.
_KEPT_BACK = {"system": 0.0015, "bundled": 0.0015, "portable": 0.008}
#: By so many seconds the plain placement may be over the time limit: better late than no picture at all.
_GRACE = 5.0
#: So many pixels a bitmap of it may have: it is large, and more would take longer than all else.
_PIXELS = 40e6


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A drawing, and what there is to say about it."""

    drawing: Drawing
    notes: tuple[str, ...] = ()


def laid_out(
    document: Document,
    format: str,
    *,
    theme: str,
    time_limit: float = 20.0,
    engine: str | None = None,
    dpi: float | None = None,
) -> LaidOut:
    """Lay a document out and draw it; the options are those of `graphviz.layout`.

    Raises
    ------
    RenderError
        If there is no Graphviz, or even the plain placement can't be drawn in time.
    """
    end = time.monotonic() + time_limit
    kind = engine or engine_in_use().kind
    kept_back = min(time_limit / 2, len(document.boxes) * _KEPT_BACK.get(kind, 0.0))
    try:
        text = dot(document, theme=theme)
        return LaidOut(layout(text, format, time_limit=time_limit - kept_back, engine=engine, dpi=dpi))
    except TooSlow:
        why = f"too much for dot in the time limit of {time_limit:g} s, which --time-limit sets"
    except Unfit:
        why = "more than dot can do: it failed"
    note = f"{why}: placed plainly, rank by rank"
    document = replace(document, notes=(*document.notes, note))
    plain = layout(dot_to_measure(document), "plain", time_limit=_left(end), engine=engine, program="nop2")
    placement = placed(document, _measures(document, plain.data.decode()))
    if dpi is not None:
        dpi = min(dpi, max(1.0, 72 * math.sqrt(_PIXELS / placement.area)))
    text = dot(document, theme=theme, placement=placement)
    drawing = layout(text, format, time_limit=_left(end), engine=engine, dpi=dpi, program="nop2")
    return LaidOut(drawing, (note,))


def _left(end: float) -> float:
    """The seconds that are left; there is no use in less than a little."""
    return max(0.1, end + _GRACE - time.monotonic())


def _measures(document: Document, plain: str) -> Measures:
    """Sizes and ends, from a drawing as Graphviz's plain text, which counts in inches."""
    middles: dict[str, Place] = {}
    sizes: dict[str, Place] = {}
    edges: dict[tuple[str, str], tuple[Place, Place]] = {}
    for line in plain.splitlines():
        kind, *words = line.split(" ", 8)
        if kind == "node":
            x, y, wide, high = (72 * float(word) for word in words[1:5])
            middles[words[0]], sizes[words[0]] = (x, y), (wide, high)
        elif kind == "edge":
            points = line.split(" ")[4 : 4 + 2 * int(words[2])]
            x0, y0, x1, y1 = (72 * float(word) for word in (*points[:2], *points[-2:]))
            edges[words[0], words[1]] = (x0, y0), (x1, y1)
    ends: dict[str, Ends] = {}
    for wire in document.wires:
        if wire.recurs:  # its edges are written against its direction
            into, source = edges[wire.id, wire.source]
            target, out = edges[wire.target, wire.id]
        else:
            source, into = edges[wire.source, wire.id]
            out, target = edges[wire.id, wire.target]
        found = ((wire.source, source), (wire.id, into), (wire.id, out), (wire.target, target))
        ends[wire.id] = Ends(*[(x - middles[id][0], y - middles[id][1]) for id, (x, y) in found])
    return Measures(sizes, ends)
