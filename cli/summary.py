"""Says in a few lines what was drawn: how many ops, the output's value, the gradient of each input, and the notes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

from ..render.numbers import array_norm, array_shape, value_text
from ..tracer import Graph, Node, Tensor
from .progress import memory
from .terminal import clean

__all__ = ["summary"]

_LISTED = 20
_SHOWN_ELEMENTS = 6
_LARGE = 1_000_000  # bytes


def summary(graph: Graph, notes: Iterable[str], *, only: Collection[Tensor] = (), held: int = 0) -> Iterator[str]:
    """The lines; of the inputs those in `only`, where there are any; `held` bytes of values, where they are many."""
    inputs = [node for node in graph.inputs if not only or any(node.record is tensor for tensor in only)]
    ops = sum(1 for node in graph.nodes if node.kind == "op")
    values = f", {memory(held)} of values" if held >= _LARGE else ""
    yield f"{_counted(ops, 'op')}, {_counted(len(inputs), 'input')}{values}"
    output = graph.output
    yield f"{clean(output.label)} = {_value(output.value)}"
    if graph.has_gradients:
        for node in inputs[:_LISTED]:
            yield f"∂{clean(_short(output))}/∂{clean(node.label)} = {_value(node.gradient)}"
        if len(inputs) > _LISTED:
            yield f"and the gradients of {len(inputs) - _LISTED} more inputs"
    for note in dict.fromkeys(notes):
        yield f"note: {clean(note, longest=1000)}"


def _short(node: Node) -> str:
    """The output in ∂f/∂x: its name; an expression would make the fraction unreadable."""
    return node.name or "f"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _value(value: Any) -> str:
    return _text(value).replace("−", "-")  # so that it can be pasted into Python


def _text(value: Any) -> str:
    if np.ndim(value) == 0 or np.size(value) <= _SHOWN_ELEMENTS:
        text = value_text(value, elements=_SHOWN_ELEMENTS)
        if text != array_shape(value):
            return text
    return f"{array_shape(value)} array, norm {array_norm(value).strip('‖')}"
