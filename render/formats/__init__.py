"""The table of formats: what a picture can be written as, and how. `--help`, errors, `Graph.save` and tests read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ...tracer import Graph
from ...tracer.errors import RenderError
from ...tracer.export import to_dict
from ..document import Document
from ..picture import draw
from ..theme import THEMES
from .dot import dot
from .escape import plain, prose

if TYPE_CHECKING:
    from ..style import Style

__all__ = ["AUTO", "FORMATS", "Format", "Rendered", "document_of", "format_of", "render"]


#: The theme that is no palette of its own: light, and dark where the reader's system is.
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was drawn: its bytes, the Graphviz that drew it (None where none was needed), and what there is to say."""

    data: bytes
    engine: str | None = None
    notes: tuple[str, ...] = field(default=())


_Make = Callable[[Graph, "Style"], Rendered]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its suffix, what it is, the function that makes it of a graph, and the one that shows it in steps."""

    suffix: str
    summary: str
    make: _Make
    in_steps: _Make | None = None


# -- what Graphviz draws -----------------------------------------------------------------------------------------------


def _svg(graph: Graph, style: Style) -> Rendered:
    document, drawn = _laid_out(graph, style, "svg")
    return replace(drawn, data=_themed(_finished(document, drawn.data), style).encode())


def _moving_svg(graph: Graph, style: Style) -> Rendered:
    from .steps import animated

    document, drawn, last = _laid_out_in_steps(graph, style, "svg")
    text = animated(_finished(document, drawn.data), last, theme=palette(style))
    return replace(drawn, data=_themed(text, style).encode())


def _finished(document: Document, svg: bytes) -> str:
    from ..svg import finish

    labels = {part.id: plain_lines(part.label) for part in (*document.boxes, *document.wires) if part.label}
    return finish(svg.decode(), title=plain(document.title), description=in_words(document), labels=labels)


def _themed(svg: str, style: Style) -> str:
    from ..svg import auto_theme

    if style.theme != AUTO:
        return svg
    return auto_theme(svg, {colour: THEMES["dark"][part] for part, colour in THEMES["light"].items()})


def _pdf(graph: Graph, style: Style) -> Rendered:
    from .pdf import titled

    document, drawn = _laid_out(graph, style, "pdf")
    return replace(drawn, data=titled(drawn.data, title=document.title, description=in_words(document)))


def _pages(graph: Graph, style: Style) -> Rendered:
    from .pdf import pages

    document, drawn, last = _laid_out_in_steps(graph, style, "pdf")
    data = pages(drawn.data, last, theme=palette(style), title=document.title, description=in_words(document))
    return replace(drawn, data=data)


def _png(graph: Graph, style: Style) -> Rendered:
    return _laid_out(graph, style, "png")[1]


def _tikz(graph: Graph, style: Style) -> Rendered:
    from .tikz import tikz

    document, drawn = _laid_out(graph, style, "json")
    return replace(drawn, data=tikz(document, drawn.data, theme=palette(style)).encode("ascii"))


def _laid_out(graph: Graph, style: Style, format: str) -> tuple[Document, Rendered]:
    document = document_of(graph, style)
    return document, _drawn(document, style, format)


def _laid_out_in_steps(graph: Graph, style: Style, format: str) -> tuple[Document, Rendered, int]:
    from .steps import stepped

    document, last = stepped(document_of(graph, style))
    return document, _drawn(document, style, format), last


def _drawn(document: Document, style: Style, format: str) -> Rendered:
    from ..graphviz import TooSlow, layout

    options: dict[str, Any] = {
        "time_limit": style.time_limit,
        "engine": style.engine,
        "dpi": (style.dpi or 192.0) if format == "png" else None,
    }
    notes = document.notes
    try:
        drawing = layout(dot(document, theme=palette(style)), format, **options)
    except TooSlow:
        from ..placement import placed

        notes += (
            f"too much for dot in {style.time_limit:g} s: placed plainly, rank by rank; --time-limit allows more",
        )
        document = replace(document, notes=notes)
        text = dot(document, theme=palette(style), places=placed(document))
        drawing = layout(text, format, program="nop2", **options)
    dpi = options["dpi"]
    if dpi is not None and drawing.dpi is not None and drawing.dpi < dpi:
        notes += (f"drawn at {drawing.dpi:.0f} dots per inch instead of {dpi:.0f}: more would be too large a bitmap",)
    return Rendered(drawing.data, str(drawing.engine), notes)


# -- what is text ------------------------------------------------------------------------------------------------------


def _dot(graph: Graph, style: Style) -> Rendered:
    document = document_of(graph, style)
    return Rendered(dot(document, theme=palette(style)).encode(), notes=document.notes)


def _json(graph: Graph, style: Style) -> Rendered:
    text = json.dumps(to_dict(graph), ensure_ascii=False, allow_nan=False, indent=1)
    # A lone surrogate can't be encoded; what takes its place is how JSON writes it.
    return Rendered(text.encode("utf-8", "backslashreplace") + b"\n")


def _mermaid(graph: Graph, style: Style) -> Rendered:
    from .mermaid import mermaid

    document = document_of(graph, style)
    return Rendered(mermaid(document, theme=palette(style)).encode(), notes=document.notes)


def _text(graph: Graph, style: Style) -> Rendered:
    from .text import table

    document = document_of(graph, style)
    return Rendered(table(document, graph).encode(), notes=document.notes)


FORMATS: dict[str, Format] = {
    "svg": Format(".svg", "a drawing for web pages and editors", _svg, in_steps=_moving_svg),
    "pdf": Format(".pdf", "a drawing for slides and print", _pdf, in_steps=_pages),
    "png": Format(".png", "a bitmap", _png),
    "dot": Format(".dot", "the DOT text that Graphviz draws", _dot),
    "json": Format(".json", "the graph as data, for other programs", _json),
    "tikz": Format(".tex", "TikZ for LaTeX, with mathematics as mathematics", _tikz),
    "mermaid": Format(".mmd", "Mermaid for Markdown", _mermaid),
    "txt": Format(".txt", "a table for terminals", _text),
}


def palette(style: Style) -> str:
    """The name of the colours that a style is drawn in."""
    return "light" if style.theme == AUTO else style.theme


def in_words(document: Document) -> str:
    """The picture in words."""
    return prose(document.description)


def plain_lines(text: str) -> str:
    """A text of several lines, each made safe."""
    return "\n".join(plain(line, longest=400) for line in text.splitlines()[:20])


def document_of(graph: Graph, style: Style | None = None) -> Document:
    """The document that pictures of `graph` in this style are written from."""
    if style is None:
        from ..style import Style

        style = Style()
    return draw(graph, style)


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
    chosen = FORMATS[format]
    if not style.steps:
        return chosen.make(graph, style)
    if chosen.in_steps is None:
        able = ", ".join(known.suffix for known in FORMATS.values() if known.in_steps)
        raise RenderError(
            f"{chosen.suffix} can't show steps (these can: {able}): choose one of them or leave steps out"
        )
    return chosen.in_steps(graph, style)
