"""Records NumPy code as a graph, runs its gradients back, and draws both: the public names of gradviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .tracer import (
    BranchChanged,
    Edge,
    GradientError,
    GradvizError,
    Graph,
    NameNotFound,
    Node,
    RecordError,
    RenderError,
    ScriptError,
    Tensor,
    constant,
    cross_entropy,
    detach,
    graph,
    hard_tanh,
    leaky_relu,
    log_softmax,
    np,
    prelu,
    relu,
    scope,
    sigmoid,
    softmax,
    tensor,
    trace,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .render.drawing import Picture
    from .render.formats import Rendered

__version__ = "0.1.0"

__all__ = [
    "BranchChanged",
    "Edge",
    "GradientError",
    "GradvizError",
    "Graph",
    "NameNotFound",
    "Node",
    "RecordError",
    "RenderError",
    "ScriptError",
    "Tensor",
    "constant",
    "cross_entropy",
    "detach",
    "graph",
    "hard_tanh",
    "leaky_relu",
    "log_softmax",
    "np",
    "prelu",
    "relu",
    "scope",
    "sigmoid",
    "softmax",
    "tensor",
    "trace",
]


# -- what a graph can do that lies above the tracer: hooked on here, in one place, and loaded when it is used ----------


def _to_dict(graph: Graph, *, full: bool = False) -> dict[str, Any]:
    """The graph as plain data, in the form of the JSON export; see `gradviz.tracer.export.to_dict`."""
    from .tracer.export import to_dict

    return to_dict(graph, full=full)


def _draw(graph: Graph, **style: object) -> Picture:
    """The picture of the graph, which shows itself in a notebook; see `gradviz.render.drawing.draw`."""
    from .render.drawing import draw

    return draw(graph, **style)


def _save(graph: Graph, path: str | Path, **style: object) -> Rendered:
    """Write a picture or the data of the graph, by the file's suffix; see `gradviz.render.output.save`."""
    from .render.output import save

    return save(graph, path, **style)


def _svg_and_text(graph: Graph, include: object = None, exclude: object = None) -> dict[str, str]:
    """How a graph shows itself in a notebook."""
    return _draw(graph)._repr_mimebundle_()


Graph.to_dict = _to_dict
Graph.draw = _draw
Graph.save = _save
Graph._repr_mimebundle_ = _svg_and_text
