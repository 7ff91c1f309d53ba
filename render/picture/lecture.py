"""The level `lecture`: the circuit alone, as it is drawn on a board."""

from __future__ import annotations

from ...tracer import Node
from ..document import Box, Document, Row, Text
from ..numbers import value_text
from . import parts
from .explain import fold_parts, output_wire
from .view import View

__all__ = ["build"]

_LONG = 10


def build(view: View, direction: str) -> Document:
    """The document of `view`: an op is its sign in a box, with its name above and its role below."""
    vertical = direction == "TB"
    boxes = [_leaf(view, node) if not node.inputs_edges else _gate(view, node) for node in view.nodes]
    wires = [
        parts.wire(view, edge, with_arithmetic=False, port=edge.position, vertical=vertical) for edge in view.edges
    ]
    if view.fold is not None:
        box, crossing = fold_parts(view, vertical, form="leaf")
        boxes.insert(0, box)
        wires += crossing
    for node in view.graph.outputs:
        if node.inputs_edges:
            wire = output_wire(view, node, vertical)
            boxes.append(Box(id=wire.target, kind="end", form="end"))
            wires.append(wire)
    down, up = ("↓", "↑") if vertical else ("→", "←")
    above, below = ("left of the wire", "right") if vertical else ("above the wire", "below")
    legend = parts.legend(
        [
            (f"value {down}", "value", above),
            (f"{up} gradient", "gradient", below),
            ("- - -", "zero", "no gradient"),
        ]
    )
    return Document(view.title, legend, tuple(boxes), tuple(wires), direction, parts.description(view), view.notes)


def _leaf(view: View, node: Node) -> Box:
    name = node.name if node.name is not None else value_text(node.value)
    style = "name" if len(name) <= _LONG else "long name"
    return Box(
        id=node.id,
        kind=node.kind,
        form="gate",
        symbol="",
        title=(),
        rows=(Row((Text(name, style),)),),
        footer=_sum(view, node),
        label=parts.hover(view, node),
    )


def _gate(view: View, node: Node) -> Box:
    if node.name is not None:
        title: tuple[Text, ...] = (Text(node.name, "caption"),)
    else:
        expression = node.expression
        title = (Text(expression, "long caption"),) if len(expression) <= 16 else ()
    return Box(
        id=node.id,
        kind="op",
        form="gate",
        title=title,
        symbol=node.symbol,
        rows=tuple(Row((), port=edge.position) for edge in node.inputs_edges),
        footer=((Text(node.role or "", "gate role"),), *_sum(view, node)),
        label=parts.hover(view, node),
    )


def _sum(view: View, node: Node) -> tuple[tuple[Text, ...], ...]:
    """∑ 5=2+3 under what is used more than once."""
    rest = parts.sum_texts(view, node)
    if not rest:
        return ()
    gradient = parts.gradient_text(view, node.gradient)
    text = rest.replace(" + ", "+").replace(" − ", "−") if " paths" not in rest else f" ({len(node.uses)} paths)"
    equals = "=" if " paths" not in rest else ""
    return ((Text("∑ ", "aside"), Text(gradient, "gradient"), Text(f"{equals}{text}", "sum")),)
