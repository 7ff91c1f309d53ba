"""A picture to look at: what `graph.draw()` gives, which shows itself in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..tracer import Graph
from ..tracer.errors import RenderError
from .formats import AUTO, Rendered, document_of, render
from .formats.text import WIDTH, table
from .output import save
from .style import Style, style_from

__all__ = ["Picture", "draw"]

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

    def __init__(self, graph: Graph, style: Style) -> None:
        self.graph = graph
        self.style = style

    def __repr__(self) -> str:
        return document_of(self.graph, self.style).description

    def svg(self) -> str:
        """The picture as SVG text."""
        return render(self.graph, "svg", self.style).data.decode()

    def dot(self) -> str:
        """The picture as DOT text."""
        return render(self.graph, "dot", self.style).data.decode()

    def text(self, *, width: int = WIDTH) -> str:
        """The graph as a table for terminals, `width` columns wide at most.

        Examples
        --------
        >>> import gradviz as gv
        >>> "x · x" in gv.trace(lambda x: x * x, 3.0).draw().text(width=40)
        True
        """
        return table(document_of(self.graph, self.style), self.graph, width=width)

    def save(self, path: str | Path, /, **options: object) -> Rendered:
        """Write it to a file, in the format that the suffix stands for."""
        own = {name: getattr(self.style, name) for name in Style.__dataclass_fields__}
        return save(self.graph, path, **(own | options))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows; where nothing can be drawn, the table, and why there is no more."""
        try:
            svg = self.svg()
        except RenderError as error:
            return {"text/plain": f"{self.text()}\nNo picture: {error}"}
        return {"image/svg+xml": svg.replace("<svg ", f"<svg {_FITTING} ", 1), "text/plain": repr(self)}


def draw(graph: Graph, **options: object) -> Picture:
    """The picture of `graph` in the style that the options ask for (see `Style`).

    Unless a theme is asked for, its SVG is light or dark as the reader's system is.

    Raises
    ------
    RenderError
        If an option is unknown or is given none of its choices.
    """
    return Picture(graph, style_from(**{"theme": AUTO, **options}))
