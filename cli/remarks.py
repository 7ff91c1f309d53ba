"""What there is to say about a graph beside its numbers: other outputs, integers that stayed constants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..tracer import Graph, Node, Tensor
from ..tracer.constants import key
from ..tracer.source import locate
from .choice import listed

__all__ = ["integers", "name_constants", "other_outputs"]

#: How many nodes are searched for integers: a long loop has the same few lines again and again.
_SEARCHED = 2000


def other_outputs(graph: Graph, others: Sequence[str]) -> Iterator[str]:
    """That the output was a guess."""
    if others:
        yield (
            f"{graph.output.label} is the last of several possible outputs: --of NAME draws another ({listed(others)})"
        )


def name_constants(graph: Graph, values: Mapping[str, Any]) -> None:
    """Let constant arrays bear the names of the module-level variables that hold them."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            graph.constant_names.setdefault(key(value), name)  # pyright: ignore[reportUnknownArgumentType]


def integers(graph: Graph, values: Mapping[str, Any]) -> Iterator[str]:
    """The module-level integers that the graph was computed with, which the user may have meant as inputs."""
    found = {name: None for node in graph.nodes[:_SEARCHED] for name in _integer_operands(node, values)}
    for name in found:
        value = values[name]
        yield f"{name} = {value} is an integer and was taken as a constant: write {float(value)!r} for its gradient"


def _integer_operands(node: Node, values: Mapping[str, Any]) -> Iterator[str]:
    """The names in a node's expression that stand for integers among its operands."""
    record = node.record
    constants = [source.record for source in node.inputs if type(source.record) is int]
    if not constants or not isinstance(record, Tensor) or record._code is None:
        return
    for name in re.findall(r"[^\W\d]\w*", locate(record._code, record._at).code or ""):
        if type(values.get(name)) is int and values[name] in constants:
            yield name
