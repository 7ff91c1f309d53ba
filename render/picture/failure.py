"""The op that raised an exception, in red at the end of what had been recorded: what it was given, what is wrong."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import Any

from ...tracer import Graph, Tensor
from ...tracer.failure import Failure
from ...tracer.tensor import now
from ..document import Box, Document, Row, Text, Wire
from ..numbers import value_text

__all__ = ["with_failure"]

_WIDTH = 44  # letters in a line of the message


def with_failure(document: Document, graph: Graph) -> Document:
    """`document` with a box for the op that failed, wired from its operands as far as they are drawn."""
    failure = graph.failure
    if failure is None:
        return document
    drawn = {box.id for box in document.boxes}
    id_of = {id(node.record): node.id for node in graph.nodes}
    boxes, wires = [_box(failure)], list[Wire]()
    for position, operand in enumerate(failure.operands):
        record = now(operand) if isinstance(operand, Tensor) else operand
        source = id_of.get(id(record))
        if source not in drawn:
            source = f"failed{position}"
            boxes.append(_constant(source, record))
        wires.append(_wire(document, source, position, record))
    words = f"{failure.op} failed on {' and '.join(failure.given)}: {failure.sentence or failure.message}"
    return replace(
        document,
        boxes=(*document.boxes, *boxes),
        wires=(*document.wires, *wires),
        description=f"{words} {document.description}",
    )


def _box(failure: Failure) -> Box:
    where = f"{failure.file.rpartition('/')[2]}:{failure.line}"
    lines = textwrap.wrap(failure.sentence or failure.message, _WIDTH)[:4]
    return Box(
        id="failed",
        kind="failed",
        form="leaf",
        title=(Text(failure.symbol, "head"), Text("  failed", "head rest")),
        rows=tuple(Row((Text(line, "partial"),)) for line in (*lines, where)),
        label=f"{failure.code or failure.op}\n{failure.message}\n{where}",
    )


def _constant(id: str, value: Any) -> Box:
    plain = value.value if isinstance(value, Tensor) else value
    return Box(id=id, kind="constant", form="leaf", title=(Text(value_text(plain), "shape"),))


def _wire(document: Document, source: str | None, position: int, value: Any) -> Wire:
    plain = value.value if isinstance(value, Tensor) else value
    arrow = " →" if document.direction == "LR" else "↓"
    return Wire(
        id=f"wfailed_{position}",
        source=source or "",
        target="failed",
        port=None,
        forward=(Text(value_text(plain), "wire value"), Text(arrow, "wire value arrow")),
        backward=(),
    )
