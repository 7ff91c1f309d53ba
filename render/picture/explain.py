"""The level `explain`: a card per op with its expression, its local gradients as numbers, and its role."""

from __future__ import annotations

import numpy as np

from ...tracer import Edge, Node
from ...tracer.expression import outline
from ..document import Box, Document, Row, Text, Wire
from ..numbers import array_shape, is_zero, number, value_text
from . import parts
from .view import View

__all__ = ["build"]

#: A name or a formula longer than this is set smaller or cut.
_LONG = 14
_LONGEST_FORMULA = 16


def build(view: View, direction: str) -> Document:
    """The document of `view`: leaves, cards, and the output in a box of its own."""
    vertical = direction == "TB"
    boxes = [_leaf(view, node) if not node.inputs_edges else _card(view, node) for node in view.nodes]
    wires = [parts.wire(view, edge, with_arithmetic=True, port=edge.position, vertical=vertical) for edge in view.edges]
    if view.fold is not None:
        box, crossing = fold_parts(view, vertical, form="leaf")
        boxes.insert(0, box)
        wires += crossing
    for node in view.graph.outputs:
        if node.inputs_edges:
            boxes.append(_output(view, node))
            wires.append(output_wire(view, node, vertical))
    down, up = ("↓", "↑") if vertical else ("→", "←")
    above, below = ("left of the wire", "right of it") if vertical else ("above the wire", "below the wire")
    legend = parts.legend(
        [
            (f"value {down}", "value", f"forward, {above}"),
            (f"{up} gradient", "gradient", f"= upstream · local, {below}"),
            ("- - -", "zero", "no gradient"),
        ]
    )
    return Document(
        view.title, legend, tuple(boxes), tuple(wires), direction, parts.description(view), notes=view.notes
    )


def _leaf(view: View, node: Node) -> Box:
    name = node.name
    value = Text(value_text(node.value), "value" if not node.shape else "shape")
    if name is None:
        title: tuple[Text, ...] = (value,)
    else:
        title = (Text(name, "name" if len(name) <= _LONG else "long name"), Text(" = ", "equals"), value)
    rows: list[Row] = []
    if node.shape and value.text != array_shape(node.value):
        rows.append(Row((Text(f"{node.kind} ", "aside"), Text(array_shape(node.value), "shape"))))
    if node.kind != "constant":
        rows.append(Row(_gradient_row(view, node)))
    return Box(id=node.id, kind=node.kind, form="leaf", title=title, rows=tuple(rows), label=parts.hover(view, node))


def _gradient_row(view: View, node: Node) -> tuple[Text, ...]:
    """∂f/∂y = 5 = 2 + 3."""
    start = Text(f"{parts.partial(parts.output_name(view), node.name)} = ", "partial")
    if node.gradient is None:
        return (start, Text(parts.NOT_COMPUTED, "aside"))
    style = "zero gradient" if is_zero(node.gradient) else "gradient"
    texts = (start, Text(parts.gradient_text(view, node.gradient), style))
    rest = parts.sum_texts(view, node)
    return (*texts, Text(f" = {rest}", "sum")) if rest else texts


def _card(view: View, node: Node) -> Box:
    expression = node.expression if len(node.expression) <= 44 else outline(node)
    if node.name is None:
        title: tuple[Text, ...] = (Text(expression, "head rest"),)
    else:
        title = (Text(node.name, "head"), Text(f" = {expression}", "head rest"))
    if node.shape:
        title += (Text(f"  {array_shape(node.value)}", "shape"),)
    rows = [Row(_local_row(edge), port=edge.position) for edge in node.inputs_edges]
    if len(node.uses) > 1 and node.kind == "op":
        rows.append(Row(_gradient_row(view, node)))
    footer = ((Text((node.role or "").upper(), "role"),), (Text(_clip(node.role_text or "", 48), "role line"),))
    return Box(
        id=node.id,
        kind="op",
        form="card",
        title=title,
        symbol=node.symbol,
        rows=tuple(rows),
        footer=footer,
        label=parts.hover(view, node),
    )


def _local_row(edge: Edge) -> tuple[Text, ...]:
    """∂f/∂a = b = 2 for numbers, ∂W = δ · xᵀ for arrays."""
    source, target = edge.source, edge.target
    local = parts.local_text(edge)
    if edge.source.kind == "constant":
        return (Text(f"{source.label} constant" if len(source.label) <= _LONG else "constant", "aside"),)
    rule = edge.rule
    if local is None:
        return (Text(f"∂{_short(source)} = ", "partial"), Text(_clip(_array_rule(edge, rule), 34), "local rule"))
    start = Text(f"{parts.partial(target.name, _short(source))} = ", "partial")
    style = "zero local" if is_zero(edge.local) else "local"
    shown = rule if len(rule) <= _LONGEST_FORMULA and "?" not in rule and rule != local else ""
    formula = (Text(f"{shown} = ", "formula"),) if shown and not _is_number(shown) else ()
    return (start, *formula, Text(local, style))


def _array_rule(edge: Edge, rule: str) -> str:
    """A local gradient per element as a rule for arrays: δ ⊙ it."""
    if edge.target.rule.rule(edge.position).local is None:
        return rule
    return {"1": "δ", "−1": "−δ"}.get(rule, f"δ ⊙ {rule}" if " " not in rule else f"δ ⊙ ({rule})")


def _short(node: Node) -> str:
    """What an operand is called in ∂: its name, else its expression where that is short."""
    if node.name is not None:
        return node.name if len(node.name) <= _LONG else "·"
    label = node.label
    return "·" if len(label) > _LONG else label if label.isalnum() or label.endswith(")") else f"({label})"


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _is_number(text: str) -> bool:
    return text.replace("−", "").replace(".", "").isdigit()


def _output(view: View, node: Node) -> Box:
    name = node.name or view.graph.name
    value = Text(value_text(node.value, largest=0.0), "value" if not node.shape else "shape")
    title = (value,) if name is None else (Text(name, "name"), Text(" = ", "equals"), value)
    rows: tuple[Row, ...] = ()
    if node.gradient is not None and not node.shape:
        partial = parts.partial(parts.output_name(view), parts.output_name(view))
        rows = (
            Row(
                (
                    Text(f"{partial} = ", "partial"),
                    Text(number(node.gradient), "gradient"),
                    Text("  seed", "aside"),
                )
            ),
        )
    return Box(id=f"{node.id}_out", kind="output", form="leaf", title=title, rows=rows, label=parts.hover(view, node))


def output_wire(view: View, node: Node, vertical: bool) -> Wire:
    """The wire on which the result leaves, and the gradient enters."""
    down, up = ("↓", "↑") if vertical else ("→", "←")
    space = "" if vertical else " "
    forward = (Text(value_text(node.value), "wire value"), Text(space + down, "wire value arrow"))
    if node.gradient is None:
        backward = (Text(f"{up} ", "wire zero arrow"), Text(parts.NOT_COMPUTED, "wire aside"))
    else:
        backward = (
            Text(up + space, "wire gradient arrow"),
            Text(parts.gradient_text(view, node.gradient), "wire gradient"),
        )
    return Wire(
        id=f"w{node.index}_out",
        source=node.id,
        target=f"{node.id}_out",
        port=None,
        forward=forward,
        backward=backward,
        label=f"the output {node.label} = {value_text(node.value)}",
    )


def fold_parts(view: View, vertical: bool, *, form: str) -> tuple[Box, list[Wire]]:
    """The box of a fold and the wires that cross its border: one per tensor, with the sum of its gradients."""
    first, second = parts.fold_label(view)
    rows = (Row((Text(second, "aside"),)),) if second else ()
    box = Box(
        id="fold", kind="fold", form="leaf", title=(Text(first, "long name"),), rows=rows, label=" ".join(view.notes)
    )
    fold = view.fold
    wires: list[Wire] = []
    if fold is None:
        return box, wires
    into: dict[int, list[Edge]] = {}
    for edge in fold.into:
        into.setdefault(edge.source.index, []).append(edge)
    for edges in into.values():
        wires.append(_summed_wire(view, edges, vertical))
    for edge in fold.out_of:
        made = parts.wire(view, edge, with_arithmetic=False, port=edge.position, vertical=vertical)
        wires.append(Wire(made.id, "fold", made.target, made.port, made.forward, made.backward, made.dead, made.label))
    return box, wires


def _summed_wire(view: View, edges: list[Edge], vertical: bool) -> Wire:
    """A tensor's wire into a fold: its gradient there is the sum over its uses inside."""
    made = parts.wire(view, edges[0], with_arithmetic=False, port=None, vertical=vertical)
    backward, dead = made.backward, made.dead
    shares = [edge.downstream for edge in edges]
    if all(share is not None for share in shares):
        total = np.sum(np.stack(shares), axis=0) if np.ndim(shares[0]) else sum(shares)
        dead = is_zero(total)
        style = "wire zero" if dead else "wire gradient"
        backward = (Text(backward[0].text, f"{style} arrow"), Text(parts.gradient_text(view, total), style))
        if len(edges) > 1:
            backward += (Text(f" Σ of {len(edges):,}", "wire arithmetic"),)
    return Wire(f"w_fold_{edges[0].source.index}", made.source, "fold", None, made.forward, backward, dead, made.label)
