"""Compares the rule of each recorded op with differences of what the op itself computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .backward import downstream
from .check_report import OpCheck
from .graph import Graph
from .node import Edge, Node
from .numeric import SEVERITY, Precision, either_way, judge_all, moved, random_weights, scales, share, unit
from .tensor import is_differentiable

__all__ = ["check_op", "chosen_ops"]

_SAME_PLACE = 3  # a loop records the same op at the same place again and again: a few of them tell
_SMALL = 4  # up to so many elements are moved one by one

#: Ops that read one triangle of a symmetric matrix: theirs are moved together.
_SYMMETRIC = frozenset({"cholesky", "eigh", "eigvalsh"})

#: Ops whose complex vectors have a phase that is LAPACK's choice: their rule holds for what does not depend on it.
_UP_TO_A_PHASE = frozenset({"svd", "eigh", "eig", "qr"})


def chosen_ops(graph: Graph, limit: int) -> Iterator[Node]:
    """The ops to compare: up to `limit`, a few for each place in the source."""
    seen: dict[Any, int] = {}
    for node in graph.nodes:
        record = node.record
        if node.kind != "op" or not is_differentiable(node.value) or limit <= 0:
            continue
        key = node.op, id(record._code), record._at
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= _SAME_PLACE:
            limit -= 1
            yield node


def check_op(node: Node, precision: Precision, draw: np.random.Generator) -> Iterator[OpCheck]:
    """Compare an op's rule towards each operand with differences of what it computes, along directions drawn."""
    rules = node.rule
    values = [edge.value for edge in node.inputs_edges]
    if node.op in _UP_TO_A_PHASE and any(np.iscomplexobj(value) for value in values):
        return
    for edge in node.inputs_edges:
        rule = rules.rule(edge.position)
        blocks = rule.local is None and rule.vjp is None
        if blocks or not is_differentiable(edge.value) or edge.source.kind == "constant" or not np.size(edge.value):
            continue
        yield _compare(node, edge, values, precision, draw)


def _compare(node: Node, edge: Edge, values: list[Any], precision: Precision, draw: np.random.Generator) -> OpCheck:
    position, value = edge.position, edge.value
    # A result that is nan or infinite on purpose has no differences: it counts for nothing.
    weights = random_weights(draw, np.shape(node.value))
    if np.iscomplexobj(node.value):
        weights = weights + 1j * random_weights(draw, np.shape(node.value))
    upstream = np.where(np.isfinite(node.value), weights, 0.0)
    with np.errstate(all="ignore"):
        sent = float(upstream) if type(node.value) is float else np.asarray(upstream, dtype=node.dtype)[()]
        handed = downstream(node.rule, position, sent, node.value, values, node.static)
        gradient = np.zeros(np.shape(value)) if handed is None else np.asarray(handed)
        directions = list(_op_directions(node, value, draw))
        slopes = [share(gradient, along) for along in directions]
        judged = judge_all(_op_along(node, values, position, directions, np.asarray(upstream)), slopes, precision)
    claimed, one = max(zip(slopes, judged, strict=True), key=lambda pair: (SEVERITY[pair[1].verdict], pair[1].error))
    source = node.source
    return OpCheck(
        op=node.op,
        node=node.id,
        label=node.label,
        position=position,
        operand=edge.source.label,
        error=one.error,
        analytic=claimed,
        numeric=one.numeric,
        verdict=one.verdict,
        file=source.file if source is not None else None,
        line=source.line if source is not None else None,
        code=source.code if source is not None else None,
    )


def _op_directions(node: Node, value: Any, draw: np.random.Generator) -> Iterator[Any]:
    size = scales(value)
    turns = (1.0, 1j) if np.iscomplexobj(value) else (1.0,)
    if size.size <= _SMALL and node.op not in _SYMMETRIC:
        for element in range(size.size):
            for turn in turns:
                yield unit(size, element) * turn
        return
    for number in range(3):
        along = either_way(size, draw) * turns[-1 if number else 0]
        yield along + np.conjugate(np.swapaxes(along, -1, -2)) if node.op in _SYMMETRIC else along


def _op_along(
    node: Node, values: list[Any], position: int, directions: list[Any], upstream: Any
) -> Callable[[int, float], Any]:
    compute, static, value = node.rule.compute, node.static, values[position]
    given = list(values)
    nowhere = upstream == 0
    anywhere = bool(np.any(nowhere))

    def at(i: int, t: float) -> Any:
        given[position] = moved(value, t * directions[i]) if t else value
        try:  # it may have no value there, or another number of them
            out = np.asarray(compute(*given, **static), dtype=upstream.dtype)
            terms = (np.where(nowhere, 0.0, out) if anywhere else out) * upstream
            # What is complex counts by the real part of upstream × change: the convention of gradients.
            return terms.real.reshape(-1)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return float("nan")

    return at
