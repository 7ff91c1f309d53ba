"""The JSON export: a graph as plain data that other programs read. Stable and versioned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from math import isfinite, isnan
from typing import Any, NamedTuple

import numpy as np

from .backward import takes_gradient
from .expression import fields, rule_text
from .garbage import fewer_collections
from .gone import Gone
from .graph import Graph
from .names import representatives
from .node import Node, slopes
from .op import Op
from .tensor import Tensor

__all__ = ["FORMAT", "VERSION", "json_text", "plain_value", "to_dict"]

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
        "Infinity", "-Infinity" and "NaN"; a complex value is a dict of its `real` and its `imag` part.

    Examples
    --------
    >>> import gradviz as gv
    >>> data = gv.trace(lambda x: x * x, 3.0).to_dict()
    >>> data["format"], data["version"], data["nodes"][-1]["gradient"]
    ('gradviz-graph', 1, 1.0)
    """
    with fewer_collections():
        rows = _Rows(graph, full)
        return {**_head(graph), "nodes": rows.nodes(0, rows.count), "edges": rows.edges(0, rows.count)}


def json_text(graph: Graph, *, full: bool = False) -> Iterator[str]:
    """The text of the JSON export in pieces, a line for each node and edge: a large graph is never all there at once.

    Parameters
    ----------
    graph : Graph
    full : bool
        As for `to_dict`.

    Yields
    ------
    str
        With what is half a character in a name as it is: encode it with ``errors="backslashreplace"``.

    Examples
    --------
    >>> import gradviz as gv, json
    >>> graph = gv.trace(lambda x: x * x, 3.0)
    >>> text = "".join(json_text(graph))
    >>> text.count("\\n"), json.loads(text) == graph.to_dict()
    (7, True)
    """
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    rows = _Rows(graph, full)
    yield encode(_head(graph))[:-1]
    for key, part in (("nodes", rows.nodes), ("edges", rows.edges)):
        yield f', "{key}": ['
        between = "\n"
        for start in range(0, rows.count, _AT_ONCE):
            with fewer_collections():
                made = part(start, start + _AT_ONCE)
            if made:
                # The encoder writes all in one line. In no string can there be a quote that has no backslash before it,
                # so that an empty string marks where the line ends.
                marked = encode([item for row in made for item in (row, "")])
                yield between + marked[1:-5].replace('}, "", {', "},\n{")
                between = ",\n"
        yield "\n]"
    yield "}\n"


#: So many nodes are turned into text at once.
_AT_ONCE = 1000
_NUMBERS = (float, np.ndarray, np.generic)


def _head(graph: Graph) -> dict[str, Any]:
    outputs = [node.id for node in graph.outputs]
    return {"format": FORMAT, "version": VERSION, "output": outputs[0] if len(outputs) == 1 else outputs}


class _Rows:
    """The nodes and edges of a graph as plain data, made of its outline: without a `Node` or an `Edge` for each.

    Nodes are asked for before the edges into them, and both from the first on.
    """

    def __init__(self, graph: Graph, full: bool) -> None:
        outline = graph.outline
        self._graph = graph
        self._full = full
        self._records, self._gradients = outline.records, outline.gradients
        self._counts, self._sources = outline.counts.tolist(), iter(outline.sources.tolist())
        self.count = len(self._records)
        self._ids = [f"n{index}" for index in range(self.count)]
        self._takes_gradient = [takes_gradient(record) for record in self._records]
        self._models = representatives(graph)
        self._shared: dict[Node, _Shared] = {}
        self._rules: dict[Any, str] = {}

    def nodes(self, start: int, stop: int) -> list[dict[str, Any]]:
        """The nodes with these numbers."""
        made: list[dict[str, Any]] = []
        for index in range(start, min(stop, self.count)):
            value = self._value(index)
            shared = self._shared.get(self._models[index]) or self._share(self._models[index])
            made.append(
                {
                    "id": self._ids[index],
                    "kind": shared.kind,
                    "op": shared.op,
                    "symbol": shared.symbol,
                    "name": shared.name,
                    "value": self._plain(value),
                    "gradient": self._plain(self._gradient(index)),
                    "role": shared.role,
                    "shape": [] if type(value) is float else list(np.shape(value)),
                    "dtype": "float64" if type(value) is float else _dtype(value),
                    "scope": list(shared.scope),
                    "source": shared.source and shared.source.copy(),
                }
            )
        return made

    def edges(self, start: int, stop: int) -> list[dict[str, Any]]:
        """The edges into the nodes with these numbers."""
        made: list[dict[str, Any]] = []
        with np.errstate(all="ignore"):  # infinities and NaNs in a gradient are findings, not warnings
            for target in range(start, min(stop, self.count)):
                if self._counts[target]:
                    self._into(target, [*islice(self._sources, self._counts[target])], made)
        return made

    def _into(self, target: int, sources: list[int], made: list[dict[str, Any]]) -> None:
        """Add the edges into one node."""
        record = self._records[target]
        op, static = record._op, record._static or {}
        values = [self._value(source) for source in sources]
        out, gradient = self._value(target), self._gradient(target)
        for position, source in enumerate(sources):
            upstream = local = downstream = None
            if self._takes_gradient[source]:
                upstream = gradient
                local, downstream = slopes(position, op, out, values, static, upstream)
            made.append(
                {
                    "source": self._ids[source],
                    "target": self._ids[target],
                    "position": position,
                    "value": self._plain(values[position]),
                    "upstream": self._plain(upstream),
                    "local": self._plain(local),
                    "downstream": self._plain(downstream),
                    "rule": self._rule(op, position, target, sources),
                }
            )

    def _value(self, index: int) -> Any:
        record = self._records[index]
        value = record._value if isinstance(record, Tensor) else record
        return self._graph.node_at(index).value if type(value) is Gone else value

    def _gradient(self, index: int) -> Any:
        gradient = self._gradients[index]
        if isinstance(gradient, _NUMBERS) and self._takes_gradient[index]:  # nearly all
            return gradient
        return None if gradient is None else self._graph.node_at(index).gradient

    def _plain(self, value: Any) -> Any:
        if type(value) is float and isfinite(value):  # nearly all
            return value
        return plain_value(value, full=self._full)

    def _share(self, node: Node) -> _Shared:
        source = node.source
        where = None if source is None else {"file": source.file, "line": source.line, "code": source.code}
        shared = _Shared(node.kind, node.op, node.symbol, node.name, node.role, node.scope, where)
        self._shared[node] = shared
        return shared

    def _rule(self, op: Op, position: int, target: int, sources: list[int]) -> str:
        """The local gradient as a formula, made once for all edges where the same names stand in it."""
        template = op.rule(position).text
        key: Any = template
        known = True
        for field in fields(template):
            if type(field) is int:
                name = self._models[sources[field]].name
            else:
                name = (self._models[target].name or "out") if field == "out" else None
            known = known and name is not None and name[:1] != "−"
            key = key, name
        rule = self._rules.get(key) if known else None
        if rule is None:
            rule = rule_text(self._graph.node_at(target), template, position)
            if known:
                self._rules[key] = rule
        return rule


class _Shared(NamedTuple):
    """What nodes have in common that the same instruction recorded."""

    kind: str
    op: str
    symbol: str
    name: str | None
    role: str | None
    scope: tuple[str, ...]
    source: dict[str, Any] | None


def _dtype(value: Any) -> str:
    return _dtype_name(value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype)


_dtype_name = lru_cache(maxsize=64)(str)  # NumPy takes 2 µs for it


def plain_value(value: Any, *, full: bool = False) -> Any:
    """A value as strict JSON: numbers, nested lists, or a summary of a large array; complex ones as two of these.

    Examples
    --------
    >>> plain_value(float("inf")), plain_value(np.array([1.0, np.nan])), plain_value(1 - 2j)
    ('Infinity', [1.0, 'NaN'], {'real': 1.0, 'imag': -2.0})
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if isfinite(value) else _not_finite(value)
    array = np.asarray(value)
    if array.dtype.kind == "c":
        return {"real": plain_value(np.real(array), full=full), "imag": plain_value(np.imag(array), full=full)}
    if array.size > LARGEST and not full:
        return summary(array)
    if array.dtype.kind == "f":
        array = array if array.dtype.itemsize <= 8 else array.astype(float)  # a longdouble is no number of JSON's
        return array.tolist() if _all_finite(array) else _listed(array.tolist())
    return array.tolist()


def summary(array: Any) -> Mapping[str, Any]:
    """What stands for a large array: its shape, range, mean, norm, and how many NaNs and infinities it holds."""
    array = np.asarray(array)
    flat = array.ravel()
    finite = (flat if _all_finite(flat) else flat[np.isfinite(flat)]).astype(float, copy=False)
    some = finite.size > 0
    nans = int(np.count_nonzero(np.isnan(flat))) if finite.size < flat.size else 0
    return {
        "shape": list(array.shape),
        "min": float(finite.min()) if some else None,
        "max": float(finite.max()) if some else None,
        "mean": float(finite.mean()) if some else None,
        "norm": float(np.linalg.norm(finite)) if some else None,
        "nan": nans,
        "inf": flat.size - finite.size - nans,
    }


def _all_finite(array: np.ndarray) -> bool:
    return np.count_nonzero(np.isfinite(array)) == array.size  # a third of what .all() takes, on small arrays


def _listed(values: Any) -> Any:
    if isinstance(values, list):
        return [_listed(v) for v in values]  # pyright: ignore[reportUnknownVariableType]
    return values if isfinite(values) else _not_finite(values)


def _not_finite(value: float) -> str:
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
