"""Writes a graph as JSON, for other programs: what `Graph.to_dict` gives, or a worksheet's share of it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from ...tracer import Graph
from ...tracer.export import json_text, to_dict
from ..picture.worksheet import asked_nodes

__all__ = ["data"]


def data(graph: Graph, *, blank: str | None = None) -> bytes:
    """The JSON text of `graph`; with `blank`, null stands for what is to be filled in.

    Examples
    --------
    >>> import gradviz as gv
    >>> graph = gv.trace(lambda x: x * x, 3.0)
    >>> [node["gradient"] for node in json.loads(data(graph))["nodes"]]
    [6.0, 1.0]
    >>> [node["gradient"] for node in json.loads(data(graph, blank="gradients"))["nodes"]]
    [None, 1.0]
    """
    if blank is None:
        pieces = json_text(graph)
    else:
        content = to_dict(graph)
        _ask(content, *asked_nodes(graph, blank))
        pieces = [json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1), "\n"]
    # Piece by piece, so that the text of a large graph is there only once. A lone surrogate can't be encoded; what
    # takes its place is how JSON writes it.
    text = BytesIO()
    for piece in pieces:
        text.write(piece.encode("utf-8", "backslashreplace"))
    return text.getvalue()


def _ask(content: dict[str, Any], values: frozenset[str], gradients: frozenset[str]) -> None:
    """Leave out the values and gradients of these nodes, and what edges say of them."""
    for node in content["nodes"]:
        node["value"] = None if node["id"] in values else node["value"]
        node["gradient"] = None if node["id"] in gradients else node["gradient"]
    for edge in content["edges"]:
        edge["value"] = None if edge["source"] in values else edge["value"]
        edge["upstream"] = None if edge["target"] in gradients else edge["upstream"]
        edge["local"] = None  # values make it, and gradients are made of it
        edge["downstream"] = None if edge["source"] in gradients else edge["downstream"]
