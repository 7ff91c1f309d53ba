"""The table of formats: what a picture can be written as, and how. `--help`, errors, `Graph.save` and tests read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

from ...tracer import Graph
from ...tracer.errors import RenderError
from ..document import Document
from ..picture import draw
from ..picture.worksheet import texts_of, worksheet
from ..theme import THEMES
from .dot import dot_bytes
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


class Job:
    """What is to be written: a graph in a style, and of a worksheet the exercise or the answers."""

    def __init__(self, graph: Graph, style: Style, *, answers: bool = False) -> None:
        self.graph = graph
        self.style = style
        self.answers = answers

    @cached_property
    def document(self) -> Document:
        """The picture; what needs none, such as JSON, is not made to wait for it."""
        return document_of(self.graph, self.style, answers=self.answers)

    @property
    def blank(self) -> str | None:
        """What is left blank."""
        return None if self.answers else self.style.blank

    @property
    def palette(self) -> str:
        """The name of the colours that it is drawn in."""
        return "light" if self.style.theme == AUTO else self.style.theme

    @property
    def words(self) -> str:
        """The picture in words."""
        return prose(self.document.description)


_Make = Callable[[Job], Rendered]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its suffix, what it is, the function that makes it of a graph, and the one that shows it in steps."""

    suffix: str
    summary: str
    make: _Make
    in_steps: _Make | None = None


# -- what Graphviz draws -----------------------------------------------------------------------------------------------


def _svg(job: Job) -> Rendered:
    drawn = _laid_out(job, job.document, "svg")
    return replace(drawn, data=_themed(job, _finished(job, drawn.data)).encode())


def _moving_svg(job: Job) -> Rendered:
    from .steps import animated, stepped

    document, last = stepped(job.document)
    drawn = _laid_out(job, replace(document, captions=()), "svg")
    weighted = any(wire.weight for wire in document.wires)
    still = _finished(job, drawn.data)
    text = animated(still, last, theme=job.palette, captions=document.captions, weighted=weighted)
    return replace(drawn, data=_themed(job, text).encode())


def _finished(job: Job, svg: bytes) -> str:
    from ..svg import finish

    document = job.document
    labels = {part.id: _plain_lines(part.label) for part in (*document.boxes, *document.wires) if part.label}
    return finish(svg.decode(), title=plain(document.title), description=job.words, labels=labels)


def _themed(job: Job, svg: str) -> str:
    from ..svg import auto_theme

    if job.style.theme != AUTO:
        return svg
    return auto_theme(svg, {colour: THEMES["dark"][part] for part, colour in THEMES["light"].items()})


def _pdf(job: Job) -> Rendered:
    from .pdf import finish

    drawn = _laid_out(job, job.document, "pdf")
    return replace(drawn, data=finish(drawn.data, title=job.document.title, description=job.words))


def _pages(job: Job) -> Rendered:
    from .pdf import finish
    from .pdf_pages import pages
    from .steps import stepped

    document, last = stepped(job.document)
    drawn = _laid_out(job, document, "pdf")
    weighted = any(wire.weight for wire in document.wires)
    data = pages(drawn.data, last, theme=job.palette, captions=len(document.captions), weighted=weighted)
    return replace(drawn, data=finish(data, title=document.title, description=job.words))


def _png(job: Job) -> Rendered:
    return _laid_out(job, job.document, "png")


def _tikz(job: Job) -> Rendered:
    from .tikz import notes_on, tikz

    drawn = _laid_out(job, job.document, "json")
    text = tikz(job.document, drawn.data, theme=job.palette)
    return replace(drawn, data=text.encode("ascii"), notes=(*drawn.notes, *notes_on(text)))


def _laid_out(job: Job, document: Document, format: str) -> Rendered:
    from ..laid_out import laid_out

    style = job.style
    dpi = (style.dpi or 192.0) if format == "png" else None
    done = laid_out(document, format, theme=job.palette, time_limit=style.time_limit, engine=style.engine, dpi=dpi)
    drawing, notes = done.drawing, (*document.notes, *done.notes)
    if dpi is not None and drawing.dpi is not None and drawing.dpi < dpi:
        notes += (f"drawn at {drawing.dpi:.0f} dots per inch instead of {dpi:.0f}: more would be too large a bitmap",)
    if format == "pdf" and drawing.engine.kind == "portable":
        notes += _lacking(document)
    return Rendered(drawing.data, str(drawing.engine), notes)


#: More signs than these are only counted.
_LISTED = 4


def _lacking(document: Document) -> tuple[str, ...]:
    """What there is to say of a PDF whose writer has no fonts but gradviz's own."""
    from ..portable_font import lacking

    texts = [text.text for part in (*document.boxes, *document.wires) for text in texts_of(part)]
    texts += [document.title, *document.notes, *(box.symbol for box in document.boxes)]
    missing = lacking(texts)
    if not missing:
        return ()
    signs = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing[:_LISTED])
    more = f" and {len(missing) - _LISTED:,} more" if len(missing) > _LISTED else ""
    remedy = "with Graphviz installed (dot) the machine's fonts draw them, or write an .svg or .png"
    return (f"this PDF has no letters for {signs}{more}, and shows their numbers: {remedy}",)


# -- what is text ------------------------------------------------------------------------------------------------------


def _dot(job: Job) -> Rendered:
    return Rendered(dot_bytes(job.document, theme=job.palette), notes=job.document.notes)


def _json(job: Job) -> Rendered:
    from .data import data

    return Rendered(data(job.graph, blank=job.blank))


def _mermaid(job: Job) -> Rendered:
    from .mermaid import mermaid, notes_on

    text = mermaid(job.document, theme=job.palette)
    return Rendered(text.encode(), notes=(*job.document.notes, *notes_on(text, job.document)))


def _text(job: Job) -> Rendered:
    from .text import table

    return Rendered(table(job.document, job.graph, blank=job.blank).encode(), notes=job.document.notes)


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


def _plain_lines(text: str) -> str:
    """A text of several lines, each made safe."""
    return "\n".join(plain(line, longest=400) for line in text.splitlines()[:20])


def document_of(graph: Graph, style: Style | None = None, *, answers: bool = False) -> Document:
    """The document that pictures of `graph` are written from; of a worksheet the exercise, or the `answers`."""
    if style is None:
        from ..style import Style

        style = Style()
    if not answers or style.blank is None:
        return draw(graph, style)
    return worksheet(draw(graph, replace(style, blank=None)), style.blank, filled=True)


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


def render(graph: Graph, format: str, style: Style, *, answers: bool = False) -> Rendered:
    """Draw `graph` in a format; `answers`, of a style that leaves something blank, is its answer sheet.

    Raises
    ------
    RenderError
        If the format is unknown, Graphviz is missing, fails, or takes longer than the style's time limit.
    """
    if format not in FORMATS:
        raise RenderError(f"unknown format {format!r} (must be one of {', '.join(FORMATS)})")
    chosen, job = FORMATS[format], Job(graph, style, answers=answers)
    if not style.steps:
        return chosen.make(job)
    if chosen.in_steps is None:
        able = ", ".join(known.suffix for known in FORMATS.values() if known.in_steps)
        raise RenderError(
            f"{chosen.suffix} can't show steps (these can: {able}): choose one of them or leave steps out"
        )
    return chosen.in_steps(job)
