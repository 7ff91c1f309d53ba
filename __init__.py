"""Records NumPy code as a graph, runs its gradients back, and draws both: the public names of gradviz."""

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
from .tracer.export import to_dict as _to_dict

__version__ = "0.1.0"

Graph.to_dict = _to_dict  # pyright: ignore[reportAttributeAccessIssue]

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
