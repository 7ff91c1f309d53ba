"""The scalar view: the same graph with a node for each element, matrix products spelled out as products and sums.

It is a replay: each op runs again on arrays whose elements are Tensors. An elementwise op runs once for each element;
what only moves elements around leaves no node; the rest are in a table, written in NumPy on such arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import reduce
from typing import Any

import numpy as np

from .backward import CONSTANT
from .errors import RecordError
from .frames import getframe
from .graph import Graph
from .node import Node
from .op import OPS, Op
from .ops.reduction import kept
from .tensor import Tensor, call, is_differentiable, leaf, recording, scope

__all__ = ["LIMIT", "scalars"]

#: More elements than this make no picture that anyone could read.
LIMIT = 200


def scalars(graph: Graph, *, limit: int = LIMIT) -> Graph:
    """The same graph with a node for each element of its arrays.

    Where the output is a single number that has a gradient, the gradients are run back.

    Parameters
    ----------
    graph : Graph
    limit : int
        How many elements the values of the graph may have in all.

    Raises
    ------
    RecordError
        If the graph has more elements, or an op that is not written in scalars; the message names it.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> graph = gv.trace(lambda w, x: w @ x, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> [node.label for node in scalars(graph).nodes]
    ['w[0]', 'w[1]', 'x[0]', 'x[1]', 'w[0] · x[0]', 'w[1] · x[1]', 'w[0] · x[0] + w[1] · x[1]']
    """
    elements = sum(int(np.size(record._value if isinstance(record, Tensor) else record)) for record in _records(graph))
    if elements > limit:
        raise RecordError(
            f"the scalar view draws a node for each element, and the graph has {elements:,} of them, more than "
            f"limit={limit}: trace it with smaller arrays, or raise limit"
        )
    made: dict[int, np.ndarray] = {}
    inputs: list[Tensor] = []
    for node in graph.nodes:
        tape: list[Tensor] = []
        with recording(tape), ExitStack() as scopes:
            for name in node.scope:
                scopes.enter_context(scope(name))
            made[node.index] = _leaves(node) if node.is_leaf else _elements(node, made)
        for tensor in tape:  # they stand nowhere in the user's source
            tensor._code = None
        if node.name is not None:
            _name(node.name, made[node.index], tape)
        if node.is_leaf and node.kind != "constant":
            inputs += made[node.index].ravel().tolist()
    outputs = [x for node in graph.outputs for x in made[node.index].ravel().tolist() if isinstance(x, Tensor)]
    found = Graph(outputs, inputs=inputs, name=graph.name)
    if graph.has_gradients and len(outputs) == 1 and is_differentiable(outputs[0]._value):
        found.backward(float(np.sum(graph.output.gradient)))
    return found


def _records(graph: Graph) -> list[Any]:
    return graph.outline.records


# -- leaves ----------------------------------------------------------------------------------------------------------


def _leaves(node: Node) -> np.ndarray:
    """A leaf for each element; constants that were written in the code stay plain numbers."""
    values = np.asarray(node.value).ravel().tolist()
    if not isinstance(node.record, Tensor):
        return _array(values, node.shape)
    op = node.rule if node.kind != "constant" else CONSTANT
    return _array([leaf(value, op, None, getframe()) for value in values], node.shape)


def _array(elements: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    """An array of objects: filled one by one, or NumPy would ask Tensors for their values."""
    made = np.empty(len(elements), object)
    for i, element in enumerate(elements):
        made[i] = element
    return made.reshape(shape)


def _name(name: str, elements: np.ndarray, tape: list[Tensor]) -> None:
    """``W[0,1]``; only what is new gets the name: what was moved here has one already."""
    new = {id(tensor) for tensor in tape}
    for place in np.ndindex(elements.shape):
        element = _at(elements, place)
        if id(element) in new and element.name is None:
            element.name = f"{name}[{','.join(map(str, place))}]" if place else name


def _at(elements: np.ndarray, place: tuple[int, ...]) -> Any:
    return elements[place] if place else elements.ravel().tolist()[0]


# -- ops -------------------------------------------------------------------------------------------------------------


def _elements(node: Node, made: dict[int, np.ndarray]) -> np.ndarray:
    """The elements of an op's result."""
    operands = [made[source.index] for source in node.inputs]
    op = node.rule
    if op.name in _MOVES:
        return _as_array(op.compute(*operands, **node.static))
    if op.name in _SAME:
        return operands[0]
    spelled = _SPELLED.get(op.name)
    if spelled is not None:
        return _as_array(spelled(*operands, **node.static))
    if op.rules and not op.variadic and all(rule.local is not None or rule.vjp is None for rule in op.rules):
        return _elementwise(op, operands, node)
    raise RecordError(
        f"{op.name} ({node.label}) is not written in scalars: the scalar view has the elementwise ops and "
        f"{', '.join(sorted((*_SPELLED, *_MOVES)))}"
    )


def _as_array(found: Any) -> np.ndarray:
    return found if isinstance(found, np.ndarray) else _array([found], ())


def _elementwise(op: Op, operands: list[np.ndarray], node: Node) -> np.ndarray:
    columns = [np.broadcast_to(x, node.shape).ravel().tolist() for x in operands]
    return _array([call(op, elements, node.static or None) for elements in zip(*columns, strict=True)], node.shape)


def _reduced(op: Op) -> Callable[..., Any]:
    """An op of two operands, along an axis or all."""

    def run(x: np.ndarray, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = [a % x.ndim for a in axes]
        kept_axes = [a for a in range(x.ndim) if a not in axes]
        rows = np.transpose(x, (*kept_axes, *axes)).reshape(*[x.shape[a] for a in kept_axes], -1)
        shape = rows.shape[:-1]
        found = _array(
            [reduce(lambda a, b: call(op, (a, b)), rows[place].tolist()) for place in np.ndindex(shape)], shape
        )
        return kept(found, x.shape, axis) if keepdims else found

    return run


_SUM = _reduced(OPS["add"])


def _mean(x: np.ndarray, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
    total = _SUM(x, axis=axis, keepdims=keepdims)
    return total / (x.size // max(1, total.size))


def _each(name: str) -> Callable[[np.ndarray], np.ndarray]:
    op = OPS[name]
    return lambda x: _array([call(op, (element,)) for element in x.ravel().tolist()], x.shape)


_exp, _log, _sqrt = _each("exp"), _each("log"), _each("sqrt")


def _softmax(x: np.ndarray, axis: int) -> np.ndarray:
    powers = _exp(x)
    return powers / _SUM(powers, axis=axis, keepdims=True)


def _log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    return x - _log(_SUM(_exp(x), axis=axis, keepdims=True))


def _cross_entropy(x: np.ndarray, target: np.ndarray, axis: int) -> Any:
    """−Σ y·log p: of the classes that the target has, the others count nothing."""
    rows = max(1, x.size // x.shape[axis])
    terms = (target * _log_softmax(x, axis)).ravel().tolist()
    wanted = [t for t, y in zip(terms, target.ravel().tolist(), strict=True) if isinstance(y, Tensor) or y != 0]
    total = -reduce(lambda a, b: a + b, wanted)
    return total / rows if rows > 1 else total


#: Ops that are written out on arrays of Tensors.
_SPELLED: dict[str, Callable[..., Any]] = {
    "matmul": np.matmul,
    "dot": np.dot,
    "inner": np.inner,
    "outer": np.outer,
    "vdot": lambda x, y: np.dot(x.ravel(), y.ravel()),
    "sum": _SUM,
    "mean": _mean,
    "prod": _reduced(OPS["multiply"]),
    "max": _reduced(OPS["maximum"]),
    "min": _reduced(OPS["minimum"]),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "cross_entropy": _cross_entropy,
}

#: Ops that only move elements: they run on any array, and leave no node.
_MOVES = frozenset(
    {
        "broadcast_to",
        "concatenate",
        "diagonal",
        "expand_dims",
        "flip",
        "fliplr",
        "flipud",
        "getitem",
        "moveaxis",
        "ravel",
        "repeat",
        "reshape",
        "roll",
        "rot90",
        "squeeze",
        "stack",
        "swapaxes",
        "take",
        "tile",
        "transpose",
    }
)

#: Ops whose result has the elements of their operand.
_SAME = frozenset({"copy", "astype", "alias", "real"})
