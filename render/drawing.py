"""A picture to look at: what `graph.draw()` gives, which shows itself in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..tracer import Graph
from .formats import Rendered, document_of, render
from .output import save
from .style import Style, style_from

__all__ = ["Picture", "draw"]


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

    def save(self, path: str | Path, **options: object) -> Rendered:
        """Write it to a file, in the format that the suffix stands for."""
        own = {name: getattr(self.style, name) for name in Style.__dataclass_fields__}
        return save(self.graph, path, **(own | options))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}


def draw(graph: Graph, **options: object) -> Picture:
    """The picture of `graph` in the style that the options ask for (see `Style`).

    Raises
    ------
    RenderError
        If an option is unknown or is given none of its choices.
    """
    return Picture(graph, style_from(**options))
