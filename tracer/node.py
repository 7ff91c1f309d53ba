"""Nodes and edges: what a graph shows of one recorded op, and of one of its operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .backward import CONSTANT, downstream, fit, local_gradient, takes_gradient, zeros
from .errors import GradvizError
from .expression import expression, label, rule_text
from .frames import is_own
from .gone import Gone
from .keeping import restored
from .names import name_of
from .op import Op
from .ops.writing import HANDED_ON, WRITE
from .source import Source, locate
from .tensor import PENDING, Tensor
from .versions import gradient_again, value_again

if TYPE_CHECKING:
    from .graph import Graph

__all__ = ["Edge", "Node", "slopes"]

_FLOAT = np.dtype(float)
_UNSEEN: Any = object()
_NO_STATIC: dict[str, Any] = {}


class Family(Protocol):
    """What knows a node's neighbours, which are built when they are first looked at."""

    def node_at(self, index: int) -> Node: ...

    def edges_into(self, node: Node) -> list[Edge]: ...

    def uses_of(self, index: int) -> list[Edge]: ...


class Node:
    """One node of a graph: a leaf, or an op with its value, its gradient and where it stands in the source.

    Attributes
    ----------
    id : str
        ``n0``, ``n1`` … in topological order; the same in every run.
    record : Tensor or plain value
        The tensor it stands for; for a constant written in the code, the plain number or array.

    Examples
    --------
    >>> import gradviz as gv
    >>> graph = gv.trace(lambda x, y: x * y, 3.0, 4.0)
    >>> node = graph.nodes[-1]
    >>> node.id, node.op, node.value, node.gradient, node.role
    ('n2', 'multiply', 12.0, 1.0, 'switches')
    """

    __slots__ = ("_edges", "_family", "_gradient", "_graph", "_name", "_uses", "index", "record")

    def __init__(self, graph: Graph, index: int, record: Any, gradient: Any, family: Family) -> None:
        self._graph = graph
        self._gradient = gradient
        self._family = family
        self._edges: list[Edge] | None = None
        self._uses: list[Edge] | None = None
        self._name = _UNSEEN
        self.index = index
        self.record = record

    @property
    def inputs_edges(self) -> list[Edge]:
        """The edges of the operands, in order."""
        edges = self._edges
        if edges is None:
            edges = self._edges = self._family.edges_into(self)
        return edges

    @property
    def uses(self) -> list[Edge]:
        """The edges to what uses its value, in topological order."""
        uses = self._uses
        if uses is None:
            uses = self._uses = self._family.uses_of(self.index)
        return uses

    def __repr__(self) -> str:
        return f"<node {self.id} {self.name or self.op}>"

    @property
    def id(self) -> str:
        """Its id in the graph, in pictures and in the export."""
        return f"n{self.index}"

    @property
    def rule(self) -> Op:
        """The row of the table of ops."""
        return self.record._op if isinstance(self.record, Tensor) else CONSTANT

    @property
    def is_leaf(self) -> bool:
        """Whether no op computed it."""
        record = self.record
        return not isinstance(record, Tensor) or record._a is None

    @property
    def kind(self) -> str:
        """``input``, ``parameter``, ``constant`` or ``op``."""
        if not self.is_leaf:
            return "op"
        return self.record._op.name if takes_gradient(self.record) else "constant"

    @property
    def op(self) -> str:
        """NumPy's name of the op; for a leaf, its kind."""
        return self.kind if self.is_leaf else self.rule.name

    @property
    def symbol(self) -> str:
        """What stands in its box."""
        return "" if self.is_leaf else self.rule.symbol

    @property
    def role(self) -> str | None:
        """What the op does to the gradient; None for a leaf."""
        return None if self.is_leaf else self.rule.role

    @property
    def role_text(self) -> str | None:
        """The role's rule, in one line; None for a leaf."""
        return None if self.is_leaf else rule_text(self, self.rule.role_text, 0)

    @property
    def source(self) -> Source | None:
        """Where the op stands in the user's source; None for what the code wrote as a number, or gradviz itself ran."""
        record = self.record
        if not isinstance(record, Tensor) or record._code is None or is_own(record._code):
            return None
        return locate(record._code, record._at)

    @property
    def name(self) -> str | None:
        """The name it was given, else the variable that the source assigns it to; None where there is neither."""
        name = self._name
        if name is _UNSEEN:
            name = self._name = name_of(self, self._graph)
        return name

    @property
    def label(self) -> str:
        """Its name, else its expression, short enough to stand in a formula."""
        return label(self)

    @property
    def expression(self) -> str:
        """How it was computed, in the names of the user's variables: ``x + y``."""
        return expression(self)

    @property
    def value(self) -> Any:
        """What the op computed; computed again where it was let go of."""
        record = self.record
        if not isinstance(record, Tensor):
            return record
        value = record._value
        if type(value) is not Gone:
            return value
        return value_again(self) if record._op is WRITE else restored(record)

    @property
    def gradient(self) -> Any:
        """The gradient of the output with respect to this value; None for a constant and before the sweep."""
        gradient = self._gradient
        if gradient is HANDED_ON:
            return gradient_again(self)
        if gradient is None or not takes_gradient(self.record):
            return None
        return zeros(self._held) if gradient is PENDING else gradient

    @property
    def inputs(self) -> list[Node]:
        """The operands, in order."""
        return [edge.source for edge in self.inputs_edges]

    def _neighbour(self, index: int) -> Node | None:
        """The node with another number in the same graph; None where there is none."""
        try:
            return self._family.node_at(index) if index >= 0 else None
        except IndexError:
            return None

    @property
    def scope(self) -> tuple[str, ...]:
        """The scopes it was recorded in, outermost first."""
        note = self.record._note if isinstance(self.record, Tensor) else None
        return note.scope if note is not None else ()

    @property
    def static(self) -> dict[str, Any]:
        """What the op was given besides its operands: an axis, an index, a shape."""
        return (self.record._static if isinstance(self.record, Tensor) else None) or {}

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape."""
        held = self._held
        return () if type(held) is float else np.shape(held)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The value's dtype."""
        held = self._held
        return _FLOAT if type(held) is float else np.asarray(held).dtype

    @property
    def _held(self) -> Any:
        """The value, or what stands for one that was let go of, which has its shape and dtype and no numbers."""
        record = self.record
        return record._value if isinstance(record, Tensor) else record

    @property
    def _operation(self) -> tuple[Op, Any, list[Any], dict[str, Any]]:
        """The op, its value, its operands' values and its static arguments: what its rules compute with."""
        values = [edge.source.value for edge in self.inputs_edges]
        return self.record._op, self.value, values, self.record._static or _NO_STATIC


class Edge:
    """One wire: the value that went forward from `source` into `target`, and the gradient that came back.

    Examples
    --------
    >>> import gradviz as gv
    >>> graph = gv.trace(lambda x, y: x * y, 3.0, 4.0)
    >>> edge = graph.edges[0]
    >>> edge.upstream, edge.local, edge.downstream, edge.rule
    (1.0, 4.0, 4.0, 'y')
    """

    __slots__ = ("position", "source", "target")

    def __init__(self, source: Node, target: Node, position: int) -> None:
        self.source = source
        self.target = target
        self.position = position

    def __repr__(self) -> str:
        return f"<edge {self.source.id} → {self.target.id}:{self.position}>"

    @property
    def value(self) -> Any:
        """The value that went forward."""
        return self.source.value

    @property
    def upstream(self) -> Any:
        """The gradient that came to the op from above; None where none is asked for."""
        return self.target.gradient if takes_gradient(self.source.record) else None

    @property
    def local(self) -> Any:
        """The op's local gradient towards this operand, where it is a number per element; else None.

        Elementwise ops have one per element of the result; an op whose result is a single number has one per element
        of the operand.
        """
        if not takes_gradient(self.source.record):
            return None
        return _silently(local_towards, self.position, *self.target._operation)

    @property
    def downstream(self) -> Any:
        """The gradient handed to the operand: upstream × local. None for a constant, and before the sweep."""
        upstream = self.upstream
        return None if upstream is None else self._handed(upstream)

    @property
    def rule(self) -> str:
        """The local gradient as a formula in the names of the user's variables."""
        return rule_text(self.target, self.target.rule.rule(self.position).text, self.position)

    def jacobian(self, *, limit: int = 1_000_000) -> Any:
        """The whole Jacobian of the op towards this operand, of shape result's shape + operand's shape.

        Raises
        ------
        GradvizError
            If it would have more than `limit` elements.
        """
        target, value = self.target, self.source.value
        size = np.size(target.value) * np.size(value)
        if size > limit:
            raise GradvizError(f"{self!r}: its Jacobian has {size:,} elements, more than limit={limit:,}: raise limit")
        rows = [self._share(place) for place in np.ndindex(np.shape(target.value))]
        dtype = np.result_type(np.asarray(value).dtype, *rows)
        return np.reshape(np.array(rows, dtype=dtype), np.shape(target.value) + np.shape(value))

    def _share(self, place: tuple[int, ...]) -> Any:
        """The row of the Jacobian that belongs to one element of the result."""
        value, result = self.source.value, np.asarray(self.target.value)
        one = np.zeros(result.shape, dtype=result.dtype)
        one[place] = 1
        row = self._handed(one[()])
        if result.dtype.kind != "c" or np.asarray(value).dtype.kind == "c":
            return row
        # A complex result of a real operand: its real part is what comes back for 1, its imaginary one for −i.
        return row + 1j * self._handed(-1j * one[()])

    def _handed(self, upstream: Any) -> Any:
        """What this edge hands down of a given upstream gradient."""
        return _silently(handed_down, self.position, *self.target._operation, upstream)


# -- one edge's arithmetic ---------------------------------------------------------------------------------------------


def local_towards(position: int, op: Op, out: Any, values: Sequence[Any], static: dict[str, Any]) -> Any:
    """The local gradient of an op towards the operand at `position`, as `Edge.local` has it."""
    rule = op.rule(position)
    if rule.local is not None:
        return local_gradient(op, position, out, values, static)
    if rule.vjp is None:
        return zeros(values[position])
    if np.ndim(out) == 0:
        one = 1.0 if type(out) is float else out.dtype.type(1)
        return downstream(op, position, one, out, values, static)
    return None


def handed_down(position: int, op: Op, out: Any, values: Sequence[Any], static: dict[str, Any], upstream: Any) -> Any:
    """What an op hands to the operand at `position`, as `Edge.downstream` has it."""
    share = downstream(op, position, upstream, out, values, static)
    return zeros(values[position]) if share is None else share


def slopes(
    position: int, op: Op, out: Any, values: Sequence[Any], static: dict[str, Any], upstream: Any
) -> tuple[Any, Any]:
    """Both of these; of an elementwise op the one serves for the other."""
    local = local_towards(position, op, out, values, static)
    if upstream is None:
        return local, None
    if op.rule(position).local is not None:
        return local, fit(upstream * local, values[position])
    return local, handed_down(position, op, out, values, static, upstream)


def _silently(f: Callable[..., Any], position: int, op: Op, out: Any, values: Sequence[Any], *more: Any) -> Any:
    """Run it: infinities and NaNs in a gradient are findings, not warnings from inside a rule.

    Python's own numbers give no warnings, and to tell NumPy so takes longer than all the arithmetic of an edge.
    """
    if type(out) is float and _is_plain(op.rule(position).local):
        for x in values:
            if type(x) is not float:
                break
        else:
            return f(position, op, out, values, *more)
    with np.errstate(all="ignore"):
        return f(position, op, out, values, *more)


@lru_cache(maxsize=1024)
def _is_plain(function: Any) -> bool:
    """Whether a function uses nothing but its arguments and Python's operators."""
    code = getattr(function, "__code__", None)
    return code is not None and not (code.co_names or code.co_freevars or function.__defaults__)
