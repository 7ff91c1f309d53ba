"""A sketch: which nodes of a graph are drawn, and which of them together as one; views map a sketch to a smaller one.

It is held in arrays, by the number of the node, so that a million nodes are no burden: see `Graph.outline`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...tracer import Graph, Tensor
from ...tracer.backward import CONSTANT
from ...tracer.source import locate
from ...tracer.tensor import is_differentiable

__all__ = ["HIDDEN", "Facts", "Fold", "Sketch", "facts_of", "grouped", "sketch_of", "visible"]

#: The group of a node that is not drawn.
HIDDEN = -1


@dataclass(frozen=True, slots=True)
class Fold:
    """What a group of nodes is drawn as.

    Attributes
    ----------
    kind
        ``scope``, ``block`` (repeated structure), ``line`` (one op of a line that ran many times), ``lines`` (all of
        such a line), ``chain``, ``leaves`` or ``start`` (what lies before all else).
    name
        What it is called, and unfolded by.
    times
        How often it is repeated.
    """

    kind: str
    name: str
    times: int = 1


@dataclass(frozen=True)
class Facts:
    """What folding must know of each node and each edge, as arrays.

    Attributes
    ----------
    op, site, scope
        Numbers that are equal where ops, places in the source, and scopes are.
    scopes
        The scope of each such number.
    leaf, constant
        Whether a node has no operands; whether it is a constant besides.
    sources, targets, positions
        Of each edge: where it comes from, where it leads, and as which operand.
    """

    graph: Graph
    op: np.ndarray
    site: np.ndarray
    scope: np.ndarray
    scopes: list[tuple[str, ...]]
    leaf: np.ndarray
    constant: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    positions: np.ndarray

    def __len__(self) -> int:
        return len(self.op)

    @cached_property
    def fanout(self) -> np.ndarray:
        """How many uses each node has."""
        return np.bincount(self.sources, minlength=len(self))

    @cached_property
    def by_source(self) -> np.ndarray:
        """The numbers of the edges, in the order of the nodes they come from."""
        return np.argsort(self.sources, kind="stable")

    @cached_property
    def outputs(self) -> list[int]:
        """The numbers of the outputs."""
        return [node.index for node in self.graph.outputs]

    @cached_property
    def inputs(self) -> np.ndarray:
        """The numbers of the leaves that can have a gradient."""
        return np.flatnonzero(self.leaf & ~self.constant)

    @cached_property
    def has_arrays(self) -> bool:
        """Whether any value is more than a single number."""
        return any(np.ndim(r._value if isinstance(r, Tensor) else r) > 0 for r in self.graph.outline.records)


@dataclass(frozen=True)
class Sketch:
    """What is drawn of a graph.

    Attributes
    ----------
    group
        For each node the number of the node that stands for its group, its own where it is drawn by itself, or
        `HIDDEN`.
    folds
        The groups of several nodes, by that number.
    notes
        What there is to say about what is not seen.
    """

    facts: Facts
    group: np.ndarray
    folds: Mapping[int, Fold] = field(default_factory=dict[int, Fold])
    notes: tuple[str, ...] = ()

    @property
    def single(self) -> np.ndarray:
        """Whether each node is drawn by itself."""
        alone = self.group == np.arange(len(self.group))
        alone[list(self.folds)] = False
        return alone


def sketch_of(graph: Graph) -> Sketch:
    """The sketch in which every node is drawn by itself."""
    facts = facts_of(graph)
    return Sketch(facts, np.arange(len(facts)))


def visible(sketch: Sketch) -> int:
    """How many boxes there are."""
    shown = sketch.group[sketch.group != HIDDEN]
    return int(np.count_nonzero(np.bincount(shown))) if len(shown) else 0


def grouped(sketch: Sketch, label: np.ndarray, fold_of: Mapping[int, Fold]) -> Sketch:
    """The sketch with more groups: `label` is the group of each node, or `HIDDEN` for those that stay as they are.

    Folds that end up inside another are gone.
    """
    group = np.where(label == HIDDEN, sketch.group, label)
    # What a fold had taken in goes with it into the next one.
    group = np.where(group == HIDDEN, HIDDEN, group[group])
    standing = np.zeros(len(group), bool)
    standing[group[group != HIDDEN]] = True
    folds = {number: fold for number, fold in sketch.folds.items() if standing[number]}
    return replace(sketch, group=group, folds={**folds, **fold_of})


def facts_of(graph: Graph) -> Facts:
    """What folding must know of a graph."""
    outline = graph.outline
    records, counts = outline.records, outline.counts
    n = len(records)
    ops = np.fromiter((id(r._op) if isinstance(r, Tensor) else 0 for r in records), np.int64, n)
    codes = np.fromiter((id(r._code) if isinstance(r, Tensor) else 0 for r in records), np.int64, n)
    places = np.fromiter((r._at if isinstance(r, Tensor) else 0 for r in records), np.int64, n)
    scope, scopes = _scopes(records)
    leaf = counts == 0
    constant = leaf.copy()
    for i in np.flatnonzero(leaf & (ops != 0) & (ops != id(CONSTANT))).tolist():
        constant[i] = not is_differentiable(records[i].value)
    starts = np.cumsum(counts) - counts
    targets = np.repeat(np.arange(n), counts)
    return Facts(
        graph=graph,
        op=_numbered(ops),
        site=_sites(records, (_numbered(codes) << 32) | places),
        scope=scope,
        scopes=scopes,
        leaf=leaf,
        constant=constant,
        sources=outline.sources.astype(np.int64),
        targets=targets,
        positions=np.arange(len(targets)) - starts[targets],
    )


def _numbered(keys: np.ndarray) -> np.ndarray:
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _sites(records: list[Any], keys: np.ndarray) -> np.ndarray:
    """The number of each record's place in the source.

    An expression may have run as two instructions: when CPython has seen one often enough it puts another in its place,
    and while that one runs, the offset is another too.
    """
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    number_of: dict[Any, int] = {}
    numbers = [number_of.setdefault(_place(records[i]), len(number_of)) for i in first.tolist()]
    return np.array(numbers, np.int64)[inverse]


def _place(record: Any) -> Any:
    """The code object and the expression in it that a record was made by; None for a constant."""
    if not isinstance(record, Tensor) or record._code is None:
        return None
    source = locate(record._code, record._at)
    if source.column is None:  # Python was told to keep no columns, and an expression can't be told from its neighbour
        return id(record._code), record._at
    return id(record._code), source.line, source.column, source.end_line, source.end_column


def _scopes(records: list[Any]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """The number of each record's scope, and the scopes by number; the first is the outermost."""
    number_of: dict[tuple[str, ...], int] = {(): 0}
    numbers = np.zeros(len(records), np.int64)
    for i, record in enumerate(records):
        note = record._note if isinstance(record, Tensor) else None
        if note is not None and note.scope:
            numbers[i] = number_of.setdefault(note.scope, len(number_of))
    return numbers, list(number_of)
