"""The JSON export: a graph as plain data that other programs read. Stable and versioned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .graph import Graph
from .node import Edge, Node

__all__ = ["FORMAT", "VERSION", "plain_value", "to_dict"]

FORMAT = "gradviz-graph"
VERSION = 1

#: An array with more elements than this stands as a summary, unless everything is asked for.
LARGEST = 1000


def to_dict(graph: Graph, *, full: bool = False) -> dict[str, Any]:
    """The graph as plain data, in the form of the JSON export.

    Parameters
    ----------
    graph : Graph
    full : bool
        Write out every array; otherwise those above 1,000 elements stand as a summary.

    Returns
    -------
    dict
        Dicts, lists, strings, finite numbers, booleans and None: strict JSON. Infinities and NaNs are the strings
        "Infinity", "-Infinity" and "NaN".

    Examples
    --------
    >>> import gradviz as gv
    >>> data = gv.trace(lambda x: x * x, 3.0).to_dict()
    >>> data["format"], data["version"], data["nodes"][-1]["gradient"]
    ('gradviz-graph', 1, 1.0)
    """
    outputs = [node.id for node in graph.outputs]
    return {
        "format": FORMAT,
        "version": VERSION,
        "output": outputs[0] if len(outputs) == 1 else outputs,
        "nodes": [_node(node, full) for node in graph.nodes],
        "edges": [_edge(edge, full) for edge in graph.edges],
    }


def _node(node: Node, full: bool) -> dict[str, Any]:
    source = node.source
    return {
        "id": node.id,
        "kind": node.kind,
        "op": node.op,
        "symbol": node.symbol,
        "name": node.name,
        "value": plain_value(node.value, full=full),
        "gradient": plain_value(node.gradient, full=full),
        "role": node.role,
        "shape": list(node.shape),
        "dtype": str(node.dtype),
        "scope": list(node.scope),
        "source": None if source is None else {"file": source.file, "line": source.line, "code": source.code},
    }


def _edge(edge: Edge, full: bool) -> dict[str, Any]:
    return {
        "source": edge.source.id,
        "target": edge.target.id,
        "position": edge.position,
        "value": plain_value(edge.value, full=full),
        "upstream": plain_value(edge.upstream, full=full),
        "local": plain_value(edge.local, full=full),
        "downstream": plain_value(edge.downstream, full=full),
        "rule": edge.rule,
    }


def plain_value(value: Any, *, full: bool = False) -> Any:
    """A value as strict JSON: numbers, nested lists, or a summary of a large array.

    Examples
    --------
    >>> plain_value(float("inf")), plain_value(np.array([1.0, np.nan]))
    ('Infinity', [1.0, 'NaN'])
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _not_finite(value)
    array = np.asarray(value)
    if array.size > LARGEST and not full:
        return summary(array)
    if array.dtype.kind == "f":
        array = array.astype(float)  # JSON has no more digits than that: a longdouble is none of its numbers
        return array.tolist() if np.isfinite(array).all() else _listed(array.tolist())
    return array.tolist()


def summary(array: Any) -> Mapping[str, Any]:
    """What stands for a large array: its shape, range, mean, norm, and how many NaNs and infinities it holds."""
    array = np.asarray(array)
    finite = array[np.isfinite(array)].astype(float)
    some = finite.size > 0
    return {
        "shape": list(array.shape),
        "min": float(finite.min()) if some else None,
        "max": float(finite.max()) if some else None,
        "mean": float(finite.mean()) if some else None,
        "norm": float(np.linalg.norm(finite)) if some else None,
        "nan": int(np.isnan(array).sum()),
        "inf": int(np.isinf(array).sum()),
    }


def _listed(values: Any) -> Any:
    if isinstance(values, list):
        return [_listed(v) for v in values]  # pyright: ignore[reportUnknownVariableType]
    return values if math.isfinite(values) else _not_finite(values)


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
