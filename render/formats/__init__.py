"""The table of formats: what a picture can be written as, and how. `--help`, errors, `Graph.save` and tests read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from ...tracer import Graph
from ...tracer.errors import RenderError
from ...tracer.export import to_dict
from ..document import Document
from ..picture import draw
from .dot import dot
from .escape import plain

if TYPE_CHECKING:
    from ..style import Style

__all__ = ["FORMATS", "Format", "Rendered", "document_of", "format_of", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was drawn: its bytes, the Graphviz that drew it (None where none was needed), and what there is to say."""

    data: bytes
    engine: str | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its suffix, what it is, and the function that makes it of a graph."""

    suffix: str
    summary: str
    make: Callable[[Graph, Style], Rendered]


def _dot(graph: Graph, style: Style) -> Rendered:
    document = document_of(graph, style)
    return Rendered(dot(document, theme=style.theme).encode(), notes=document.notes)


def _svg(graph: Graph, style: Style) -> Rendered:
    from ..svg import finish

    document, drawn = _laid_out(graph, style, "svg")
    labels = {part.id: plain(part.label, longest=400) for part in (*document.boxes, *document.wires) if part.label}
    text = finish(
        drawn.data.decode(),
        title=plain(document.title),
        description=plain(document.description, longest=4000),
        labels=labels,
    )
    return Rendered(text.encode(), drawn.engine, drawn.notes)


def _image(format: str) -> Callable[[Graph, Style], Rendered]:
    def make(graph: Graph, style: Style) -> Rendered:
        return _laid_out(graph, style, format)[1]

    return make


def _laid_out(graph: Graph, style: Style, format: str) -> tuple[Document, Rendered]:
    from ..graphviz import layout

    document = document_of(graph, style)
    dpi = (style.dpi or 192.0) if format == "png" else None
    drawing = layout(
        dot(document, theme=style.theme), format, time_limit=style.time_limit, engine=style.engine, dpi=dpi
    )
    notes = document.notes
    if dpi is not None and drawing.dpi is not None and drawing.dpi < dpi:
        notes += (f"drawn at {drawing.dpi:.0f} dots per inch instead of {dpi:.0f}: more would be too large a bitmap",)
    return document, Rendered(drawing.data, str(drawing.engine), notes)


def _json(graph: Graph, style: Style) -> Rendered:
    return Rendered(json.dumps(to_dict(graph), ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n")


FORMATS: dict[str, Format] = {
    "svg": Format(".svg", "a drawing for web pages and editors", _svg),
    "pdf": Format(".pdf", "a drawing for slides and print", _image("pdf")),
    "png": Format(".png", "a bitmap", _image("png")),
    "dot": Format(".dot", "the DOT text that Graphviz draws", _dot),
    "json": Format(".json", "the graph as data, for other programs", _json),
}


def document_of(graph: Graph, style: Style | None = None) -> Document:
    """The document that pictures of `graph` in this style are written from."""
    if style is None:
        return draw(graph, level=None, direction="LR", title=None)
    return draw(graph, level=style.level, direction=style.direction, title=style.title)


def format_of(path: str | PurePath) -> str:
    """The format that a file's suffix stands for.

    Raises
    ------
    RenderError
        If the suffix is none of the known ones; the message lists them.

    Examples
    --------
    >>> format_of("talk/f.SVG")
    'svg'
    """
    suffix = PurePath(path).suffix.lower()
    for name, known in FORMATS.items():
        if suffix == known.suffix:
            return name
    what = f"unknown suffix {suffix!r}" if suffix else "no suffix"
    raise RenderError(f"{what} in {str(path)!r} (must be one of {', '.join(f.suffix for f in FORMATS.values())})")


def render(graph: Graph, format: str, style: Style) -> Rendered:
    """Draw `graph` in a format.

    Raises
    ------
    RenderError
        If the format is unknown, Graphviz is missing, fails, or takes longer than the style's time limit.
    """
    if format not in FORMATS:
        raise RenderError(f"unknown format {format!r} (must be one of {', '.join(FORMATS)})")
    return FORMATS[format].make(graph, style)
