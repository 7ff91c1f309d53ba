"""Nodes and edges: what a graph shows of one recorded op, and of one of its operands."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .backward import CONSTANT, downstream, local_gradient, zeros
from .constants import key
from .errors import GradvizError
from .expression import expression, label, rule_text
from .frames import is_own
from .keeping import restored
from .op import Op
from .source import Source, locate
from .tensor import PENDING, Tensor, is_differentiable

if TYPE_CHECKING:
    from .graph import Graph

__all__ = ["Edge", "Node"]


class Family(Protocol):
    """What knows a node's neighbours, which are built when they are first looked at."""

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

    def __init__(self, graph: Graph, index: int, record: Any, gradient: Any, family: Family) -> None:
        self._graph = graph
        self._gradient = gradient
        self._family = family
        self.index = index
        self.record = record

    @cached_property
    def inputs_edges(self) -> list[Edge]:
        """The edges of the operands, in order."""
        return self._family.edges_into(self)

    @cached_property
    def uses(self) -> list[Edge]:
        """The edges to what uses its value, in topological order."""
        return self._family.uses_of(self.index)

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
    def kind(self) -> str:
        """``input``, ``parameter``, ``constant`` or ``op``."""
        if self.inputs_edges:
            return "op"
        return "constant" if self.rule is CONSTANT or not is_differentiable(self.value) else self.rule.name

    @property
    def op(self) -> str:
        """NumPy's name of the op; for a leaf, its kind."""
        return self.rule.name if self.inputs_edges else self.kind

    @property
    def symbol(self) -> str:
        """What stands in its box."""
        return self.rule.symbol if self.inputs_edges else ""

    @property
    def role(self) -> str | None:
        """What the op does to the gradient; None for a leaf."""
        return self.rule.role if self.inputs_edges else None

    @property
    def role_text(self) -> str | None:
        """The role's rule, in one line; None for a leaf."""
        if not self.inputs_edges:
            return None
        return rule_text(self, self.rule.role_text, 0)

    @cached_property
    def source(self) -> Source | None:
        """Where the op stands in the user's source; None for what the code wrote as a number, or gradviz itself ran."""
        record = self.record
        if not isinstance(record, Tensor) or record._code is None or is_own(record._code):
            return None
        return locate(record._code, record._at)

    @cached_property
    def name(self) -> str | None:
        """The name it was given, else the variable that the source assigns it to; None where there is neither."""
        record = self.record
        if not isinstance(record, Tensor) or (record._a is None and record._static is not None):
            return self._graph.constant_names.get(key(self.value)) if np.ndim(self.value) else None
        if record.name is not None:
            return record.name
        source = self.source
        if source is not None:
            if source.name is not None:
                return source.name
            if source.returned and self.inputs_edges and self in self._graph.outputs:
                return self._graph.name
        return None

    @cached_property
    def label(self) -> str:
        """Its name, else its expression, short enough to stand in a formula."""
        return label(self)

    @cached_property
    def expression(self) -> str:
        """How it was computed, in the names of the user's variables: ``x + y``."""
        return expression(self)

    @property
    def value(self) -> Any:
        """What the op computed."""
        record = self.record
        if not isinstance(record, Tensor):
            return record
        return restored(record)

    @property
    def gradient(self) -> Any:
        """The gradient of the output with respect to this value; None for a constant and before the sweep."""
        if self.kind == "constant" or self._gradient is None or not is_differentiable(self.value):
            return None
        return zeros(self.value) if self._gradient is PENDING else self._gradient

    @property
    def inputs(self) -> list[Node]:
        """The operands, in order."""
        return [edge.source for edge in self.inputs_edges]

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
        return np.shape(self.value)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The value's dtype."""
        return np.asarray(self.value).dtype


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
        return None if self._no_gradient() else self.target.gradient

    @property
    def local(self) -> Any:
        """The op's local gradient towards this operand, where it is a number per element; else None.

        Elementwise ops have one per element of the result; an op whose result is a single number has one per element
        of the operand.
        """
        target = self.target
        rule = target.rule.rule(self.position)
        if self._no_gradient():
            return None
        if rule.local is None and rule.vjp is None:
            return zeros(self.source.value)
        values = [node.value for node in target.inputs]
        with np.errstate(all="ignore"):
            if rule.local is not None:
                return local_gradient(target.rule, self.position, target.value, values, target.static)
            if np.ndim(target.value) == 0:
                one = 1.0 if type(target.value) is float else target.value.dtype.type(1)
                return downstream(target.rule, self.position, one, target.value, values, target.static)
        return None

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
        target = self.target
        values = [node.value for node in target.inputs]
        with np.errstate(all="ignore"):
            share = downstream(target.rule, self.position, upstream, target.value, values, target.static)
        return zeros(self.source.value) if share is None else share

    def _no_gradient(self) -> bool:
        return self.source.kind == "constant" or not is_differentiable(self.source.value)
