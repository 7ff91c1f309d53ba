"""Records NumPy code as a graph, runs its gradients back, and draws both: the public names of gradviz."""

from __future__ import annotations

from importlib import import_module
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
    prelu,
    relu,
    scope,
    sigmoid,
    softmax,
    tensor,
    trace,
)
from .tracer.numpy_namespace import fillable_np as np

if TYPE_CHECKING:
    from pathlib import Path

    from .render.drawing import Picture
    from .render.formats import Rendered
    from .tracer.check import check_gradients
    from .tracer.gates import Gate, op, rule
    from .tracer.ops.special import logsumexp
    from .tracer.silence import no_trace
    from .tracer.transforms import grad, hessian, jacobian, jvp, value_and_grad, vjp

__version__ = "0.1.0"

__all__ = [
    "BranchChanged",
    "Edge",
    "Gate",
    "GradientError",
    "GradvizError",
    "Graph",
    "NameNotFound",
    "Node",
    "RecordError",
    "RenderError",
    "ScriptError",
    "Tensor",
    "check_gradients",
    "constant",
    "cross_entropy",
    "detach",
    "grad",
    "graph",
    "hard_tanh",
    "hessian",
    "jacobian",
    "jvp",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "no_trace",
    "np",
    "op",
    "prelu",
    "relu",
    "rule",
    "scope",
    "sigmoid",
    "softmax",
    "tensor",
    "trace",
    "value_and_grad",
    "vjp",
]

#: Public names that are loaded when they are first used: name → the module that has it. Importing gradviz stays light.
_LATER = {
    "Gate": ".tracer.gates",
    "check_gradients": ".tracer.check",
    "grad": ".tracer.transforms",
    "hessian": ".tracer.transforms",
    "jacobian": ".tracer.transforms",
    "jvp": ".tracer.transforms",
    "logsumexp": ".tracer.ops.special",
    "no_trace": ".tracer.silence",
    "op": ".tracer.gates",
    "rule": ".tracer.gates",
    "value_and_grad": ".tracer.transforms",
    "vjp": ".tracer.transforms",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LATER[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


# -- what a graph can do that lies above the tracer: hooked on here, in one place, and loaded when it is used ----------


def _to_dict(graph: Graph, *, full: bool = False) -> dict[str, Any]:
    """The graph as plain data, in the form of the JSON export; see `gradviz.tracer.export.to_dict`."""
    from .tracer.export import to_dict

    return to_dict(graph, full=full)


def _draw(graph: Graph, **style: object) -> Picture:
    """The picture of the graph, which shows itself in a notebook; see `gradviz.render.drawing.draw`."""
    from .render.drawing import draw

    return draw(graph, **style)


def _save(graph: Graph, path: str | Path, /, **style: object) -> Rendered:
    """Write a picture or the data of the graph, by the file's suffix; see `gradviz.render.output.save`."""
    from .render.output import save

    return save(graph, path, **style)


def _focus(graph: Graph, name: str, radius: int = 2, **style: object) -> Picture:
    """The picture of what lies within `radius` ops of the node called `name`."""
    return _draw(graph, focus=name, radius=radius, **style)


def _path(graph: Graph, a: str, b: str, **style: object) -> Picture:
    """The picture of all paths from `a` to `b`."""
    return _draw(graph, path=(a, b), **style)


def _fold(graph: Graph, *names: str, **style: object) -> Picture:
    """The picture with these scopes, or kinds of repetition, folded."""
    return _draw(graph, fold=names, **style)


def _scalars(graph: Graph) -> Graph:
    """The same graph with a node per element; see `gradviz.tracer.scalars.scalars`."""
    from .tracer.scalars import scalars

    return scalars(graph)


def _svg_and_text(graph: Graph, include: object = None, exclude: object = None) -> dict[str, str]:
    """How a graph shows itself in a notebook."""
    return _draw(graph)._repr_mimebundle_()


Graph.to_dict = _to_dict
Graph.draw = _draw
Graph.save = _save
Graph.focus = _focus
Graph.path = _path
Graph.fold = _fold
Graph.scalars = _scalars
Graph._repr_mimebundle_ = _svg_and_text
