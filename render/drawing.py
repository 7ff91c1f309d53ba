"""A picture to look at: what `graph.draw()` gives, which shows itself in a notebook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..tracer import Graph
from ..tracer.errors import RenderError
from .document import Document
from .formats import AUTO, Rendered, document_of, render
from .formats.text import WIDTH, table
from .output import save_as
from .picture import check
from .style import Style, style_from

__all__ = ["Picture", "draw"]

_ROOT_ID = re.compile(r'<svg\b[^>]*\sid="([\w-]+)"')
# A notebook's cell is narrower than many a picture: it shrinks, and is not cut off.
_FITTING = 'style="max-width:100%;height:auto"'


class Picture:
    """A graph in a style. It is drawn when it is looked at.

    Examples
    --------
    >>> import gradviz as gv
    >>> picture = gv.trace(lambda x: x * x, 3.0).draw(level="lecture")
    >>> picture.dot().startswith("digraph")
    True
    """

    def __init__(self, graph: Graph, style: Style, *, filled: bool = False) -> None:
        self.graph = graph
        self.style = style
        self._filled = filled

    def __repr__(self) -> str:
        return self._document.description

    @property
    def _document(self) -> Document:
        return document_of(self.graph, self.style, answers=self._filled)

    def _drawn(self, format: str) -> str:
        return render(self.graph, format, self.style, answers=self._filled).data.decode()

    def answers(self) -> Picture:
        """The answer sheet to a picture that leaves something blank.

        Examples
        --------
        >>> import gradviz as gv
        >>> exercise = gv.trace(lambda x: x * x, 3.0).draw(blank="gradients")
        >>> exercise
        an exercise, in which the gradients are to be filled in; x = 3.
        >>> exercise.answers()
        f = 9; x = 3, ∂f/∂x = 6 = 3 + 3; x · x: multiply switches.

        Raises
        ------
        RenderError
            If nothing is blank.
        """
        if self.style.blank is None:
            raise RenderError("nothing is blank in this picture: draw(blank=...) leaves something to be filled in")
        return Picture(self.graph, self.style, filled=True)

    def svg(self) -> str:
        """The picture as SVG text."""
        return self._drawn("svg")

    def dot(self) -> str:
        """The picture as DOT text."""
        return self._drawn("dot")

    def text(self, *, width: int = WIDTH) -> str:
        """The graph as a table for terminals, `width` columns wide at most.

        Examples
        --------
        >>> import gradviz as gv
        >>> "x · x" in gv.trace(lambda x: x * x, 3.0).draw().text(width=40)
        True
        """
        blank = None if self._filled else self.style.blank
        return table(self._document, self.graph, width=width, blank=blank)

    def save(self, path: str | Path, /, **options: object) -> Rendered:
        """Write it to a file, in the format that the suffix stands for; an exercise with its answers beside it."""
        own = {name: getattr(self.style, name) for name in Style.__dataclass_fields__}
        return save_as(self.graph, path, style_from(**(own | options)), answers=self._filled)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows; where nothing can be drawn, the table, and why there is no more."""
        try:
            svg = self.svg()
        except RenderError as error:
            return {"text/plain": f"{self.text()}\nNo picture: {error}"}
        svg = svg.replace("<svg ", f"<svg {_FITTING} ", 1)
        # Other pictures on the page have boxes of the same names.
        name = _ROOT_ID.search(svg)
        svg = svg.replace('<g id="', f'<g id="{name[1]}-') if name else svg
        return {"image/svg+xml": svg, "text/plain": repr(self)}


def draw(graph: Graph, **options: object) -> Picture:
    """The picture of `graph` in the style that the options ask for (see `Style`).

    Unless a theme is asked for, its SVG is light or dark as the reader's system is.

    Raises
    ------
    RenderError
        If an option is unknown or is given none of its choices, or asks for what the graph does not have.
    """
    style = style_from(**{"theme": AUTO, **options})
    check(graph, style)  # here, where the mistake is, and not when the picture is looked at
    return Picture(graph, style)
