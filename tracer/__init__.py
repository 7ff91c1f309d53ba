"""Records NumPy code and differentiates it; knows no picture."""

from . import methods, operators, ops
from .errors import (
    BranchChanged,
    GradientError,
    GradvizError,
    NameNotFound,
    RecordError,
    RenderError,
    ScriptError,
)
from .graph import Graph
from .node import Edge, Node
from .numpy_namespace import np
from .ops.activation import (
    cross_entropy,
    hard_tanh,
    leaky_relu,
    log_softmax,
    prelu,
    relu,
    sigmoid,
    softmax,
)
from .ops.blocking import detach
from .tensor import Tensor, scope
from .trace import constant, graph, tensor, trace

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
    "methods",
    "np",
    "operators",
    "ops",
    "prelu",
    "relu",
    "scope",
    "sigmoid",
    "softmax",
    "tensor",
    "trace",
]
