"""Boxes that explain: a card per op with its expression, its local gradients or their rules, and its role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...tracer import Edge, Node
from ...tracer.expression import shortened
from ...tracer.roles import ROLES
from ..document import Box, Row, Text
from ..numbers import array_shape, is_zero, number, shape_text, value_text
from . import parts
from .view import Item, View

__all__ = ["card", "leaf", "matrix_card", "matrix_leaf", "output"]

#: A name or a formula longer than this is set smaller or cut.
_LONG = 14
_LONGEST_FORMULA = 16
_LONGEST_LINE = 44
_LONGEST_HEAD = 45
_LONGEST_RULE = 38
#: How a local gradient ends that lets through or does not.
_SWITCH = " ? 1 : 0"


# -- leaves ----------------------------------------------------------------------------------------------------------


def leaf(view: View, item: Item) -> Box:
    """A leaf with its value, and its gradient as a sum over its uses."""
    node = item.node
    if _is_plain_number(node):
        return plain_number(view, item, "leaf")
    value = Text(value_text(node.value), "value" if not node.shape else "shape")
    title = (value,) if node.name is None else (*_name(node), _equals(value.text, node.value), value)
    rows: list[Row] = []
    if node.shape and value.text.startswith("["):
        rows.append(Row((Text(f"{node.kind} ", "aside"), Text(shape_text(node.value), "shape"))))
    if node.kind != "constant":
        rows.append(Row(_gradient_row(view, node)))
    return Box(id=item.id, kind=node.kind, form="leaf", title=title, rows=tuple(rows), label=parts.hover(view, node))


def matrix_leaf(view: View, item: Item) -> Box:
    """A leaf with its shape; its numbers stand on its wires. Where it is used more than once, the sum's norm."""
    node = item.node
    if not node.shape:
        return leaf(view, item)
    title = _name(node) if node.name is not None else (Text(shape_text(node.value), "shape"),)
    shape = (Text(array_shape(node.value), "shape"),) if node.name is not None else ()
    rows = [Row((Text(f"{node.kind} ", "aside"), *shape))]
    if len(node.uses) > 1 and node.kind != "constant":
        rows.append(Row(_gradient_row(view, node)))
    return Box(id=item.id, kind=node.kind, form="leaf", title=title, rows=tuple(rows), label=parts.hover(view, node))


def _is_plain_number(node: Node) -> bool:
    return node.kind == "constant" and node.name is None and not node.shape


def plain_number(view: View, item: Item, form: str) -> Box:
    """A number written in the code: small, it is no one's to choose."""
    text = (Text(value_text(item.node.value), "constant value"),)
    return Box(
        id=item.id,
        kind="constant",
        form=form,
        title=text if form == "leaf" else (),
        rows=() if form == "leaf" else (Row(text),),
        label=parts.hover(view, item.node),
        small=True,
    )


def _name(node: Node) -> tuple[Text, ...]:
    name = node.name or ""
    return (Text(name, "name" if len(name) <= _LONG else "long name"),)


def _gradient_row(view: View, node: Node) -> tuple[Text, ...]:
    """∂f/∂y = 5 = 2 + 3."""
    start = Text(f"{parts.partial(parts.output_name(view), _short(node))} = ", "partial")
    if node.gradient is None:
        return (start, Text(parts.NOT_COMPUTED, "aside"))
    style = "zero gradient" if is_zero(node.gradient) else "gradient"
    texts = (start, Text(parts.gradient_text(view, node.gradient), style))
    rest = parts.sum_texts(view, node)
    return (*texts, Text(f" = {rest}", "sum")) if rest else texts


# -- ops -------------------------------------------------------------------------------------------------------------


def card(view: View, item: Item) -> Box:
    """An op: its expression, a row per operand with the local gradient, its role and the role's rule."""
    return _card(view, item.node, item.id, shape_text)


def matrix_card(view: View, item: Item) -> Box:
    """`card`, with shapes as they stand on wires beside cells."""
    return _card(view, item.node, item.id, array_shape)


def _card(view: View, node: Node, id: str, shape_of: Callable[[Any], str]) -> Box:
    expression = shortened(node, _LONGEST_HEAD)
    if node.name is None:
        title: tuple[Text, ...] = (Text(expression, "head rest"),)
    else:
        title = (Text(node.name, "head"), Text(f" = {expression}", "head rest"))
    shape = shape_of(node.value) or ("scalar" if any(n.shape for n in node.inputs) else "")
    if shape:
        title += (Text(f"  {shape}", "shape"),)
    rows = [Row(_local_row(edge, shape_of), port=edge.position) for edge in node.inputs_edges]
    if len(node.uses) > 1:
        rows.append(Row(_gradient_row(view, node)))
    footer = ((Text((node.role or "").upper(), "role"),), (Text(_role_line(node), "role line"),))
    return Box(
        id=id,
        kind="op",
        form="card",
        title=title,
        symbol=node.symbol,
        rows=tuple(rows),
        footer=footer,
        label=parts.hover(view, node),
    )


def _role_line(node: Node) -> str:
    """What the role does to the gradient, in this op's own terms where they are short, else in the role's."""
    text = node.role_text or ""
    return text if len(text) <= _LONGEST_LINE else ROLES.get(node.role or "", _clip(text, _LONGEST_LINE))


def _local_row(edge: Edge, shape_of: Callable[[Any], str]) -> tuple[Text, ...]:
    """∂f/∂a = b = 2 for numbers, ∂W = δ · xᵀ and the shape it has for arrays."""
    source, target = edge.source, edge.target
    local = parts.local_text(edge)
    if edge.source.kind == "constant":
        return (Text(f"{source.label} constant" if len(source.label) <= _LONG else "constant", "aside"),)
    rule = edge.rule
    if local is None:
        start = Text(f"∂{_short(source)} = ", "partial")
        shape = shape_of(source.value)
        # Elementwise, it is the result's shape again; else it is told.
        told = (Text(f"  {shape}", "rule shape"),) if shape and source.shape != target.shape else ()
        return (start, Text(_clip(_array_rule(edge, rule), _LONGEST_RULE), "local rule"), *told)
    start = Text(f"{parts.partial(target.name, _short(source))} = ", "partial")
    style = "zero local" if is_zero(edge.local) else "local"
    shown = rule if len(rule) <= _LONGEST_FORMULA and "?" not in rule and rule != local else ""
    formula = (Text(f"{shown} = ", "formula"),) if shown and not _is_number(shown) else ()
    return (start, *formula, Text(local, style))


def _array_rule(edge: Edge, rule: str) -> str:
    """A local gradient per element as a rule for arrays: δ ⊙ it, summed where the operand was broadcast."""
    if edge.target.rule.rule(edge.position).local is None:
        return rule
    product = {"1": "δ", "−1": "−δ"}.get(rule, f"δ ⊙ {rule}" if " " not in rule else f"δ ⊙ ({rule})")
    if rule.endswith(_SWITCH):
        where = f"δ where {rule.removesuffix(_SWITCH)}"
        product = where if len(where) <= _LONGEST_RULE else "δ where it passes, else 0"
    return product if edge.source.shape == edge.target.shape else f"Σ {product}"


def _short(node: Node) -> str:
    """What an operand is called in ∂: its name, else its expression; of a long one, how it begins."""
    label = _clip(node.label, _LONG)
    return label if node.name is not None or not (" " in label or label.startswith("−")) else f"({label})"


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _equals(shown: str, value: Any) -> Text:
    """What stands between a name and its value; a shape is no value: `x = [1 2]`, but `W 4×3`."""
    return Text(" " if shown == shape_text(value) else " = ", "equals")


def _is_number(text: str) -> bool:
    return text.replace("−", "").replace(".", "").isdigit()


# -- outputs ---------------------------------------------------------------------------------------------------------


def output(view: View, node: Node) -> Box:
    """The result in a box of its own, with the gradient that the sweep starts from."""
    name = node.name or view.graph.name or (parts.output_name(view) if len(view.outputs) == 1 else None)
    value = Text(value_text(node.value, largest=0.0), "value" if not node.shape else "shape")
    title = (value,) if name is None else (Text(name, "name"), _equals(value.text, node.value), value)
    rows: tuple[Row, ...] = ()
    if node.gradient is not None and not node.shape:
        partial = parts.partial(parts.output_name(view), parts.output_name(view))
        seed = Text(number(node.gradient), "gradient")
        rows = (Row((Text(f"{partial} = ", "partial"), seed, Text("  seed", "aside"))),)
    return Box(id=f"{node.id}_out", kind="output", form="leaf", title=title, rows=rows, label=parts.hover(view, node))
