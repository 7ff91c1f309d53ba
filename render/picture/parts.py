"""What pictures of every level share: texts of values, gradients and sums, wires, words for a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...tracer import Edge, Node
from ..document import Text, Wire
from ..numbers import array_norm, array_shape, is_zero, number, value_text
from .view import View

__all__ = [
    "NOT_COMPUTED",
    "description",
    "fold_label",
    "gradient_text",
    "hover",
    "local_text",
    "output_name",
    "partial",
    "sum_texts",
    "symbol_style",
    "wire",
    "wire_id",
]

NOT_COMPUTED = "not computed"

#: So many summands of a fork are written out; of more, the number of paths is given.
_SUMMANDS = 4


def output_name(view: View) -> str:
    """What the output is called in ∂f/∂x."""
    outputs = view.graph.outputs
    name = outputs[0].name or view.graph.name if len(outputs) == 1 else None
    return name if name is not None and len(name) <= 12 else "f" if name is None else "out"


def partial(above: str | None, below: str | None) -> str:
    """∂a/∂x, with nothing in place of what has no short name."""
    above = above if above is not None and len(above) <= 16 else ""
    return f"∂{above}/∂{below}" if below is not None and len(below) <= 24 else f"∂{above}/∂·"


def gradient_text(view: View, gradient: Any) -> str:
    """A gradient as text: the number, a short vector, or the norm of an array."""
    if np.ndim(gradient) == 0 or (np.ndim(gradient) == 1 and np.size(gradient) <= 3):
        return value_text(gradient, largest=view.largest)
    return array_norm(gradient)


def sum_texts(view: View, node: Node) -> str:
    """The sum at a fork, `2 + 3`, in the order of the uses; empty where there is no fork."""
    if len(node.uses) < 2 or node.gradient is None:
        return ""
    if np.ndim(node.value):
        return f"Σ of {len(node.uses)} paths"
    shares = [edge.downstream for edge in node.uses[: _SUMMANDS + 1]]
    if len(node.uses) > _SUMMANDS or any(share is None for share in shares):
        return f"Σ of {len(node.uses)} paths"
    terms = [number(share, largest=view.largest) for share in shares]
    return " + ".join(terms).replace("+ −", "− ")


def local_text(edge: Edge) -> str | None:
    """A scalar local gradient as a number; None where it is an array."""
    local = edge.local
    return number(local) if local is not None and np.ndim(local) == 0 and np.ndim(edge.target.value) == 0 else None


def arithmetic(view: View, edge: Edge) -> str:
    """What the gradient on a wire is made of: ` = 2·1`, upstream · local; empty for arrays."""
    local = local_text(edge)
    if local is None or edge.upstream is None:
        return ""
    upstream = number(edge.upstream, largest=view.largest)
    return f" = {upstream}·{f'({local})' if local.startswith('−') else local}"


def wire(view: View, edge: Edge, *, with_arithmetic: bool, port: int | None, vertical: bool) -> Wire:
    """The wire of an edge."""
    value = value_text(edge.value)
    down, up = ("↓", "↑") if vertical else ("→", "←")
    forward = (Text(value, "wire value"), Text(("" if vertical else " ") + down, "wire value arrow"))
    dead = False
    if edge.source.kind == "constant":
        backward: tuple[Text, ...] = ()
    elif edge.upstream is None:
        backward = (Text(f"{up} ", "wire zero arrow"), Text(NOT_COMPUTED, "wire aside"))
    else:
        gradient = edge.downstream
        dead = is_zero(gradient)
        kind = "zero" if dead else "gradient"
        backward = (
            Text(up + ("" if vertical else " "), f"wire {kind} arrow"),
            Text(gradient_text(view, gradient), f"wire {kind}"),
        )
        if with_arithmetic:
            rest = arithmetic(view, edge)
            backward += (Text(rest, "wire arithmetic"),) if rest else ()
    source, target = edge.source, edge.target
    return Wire(
        id=wire_id(edge),
        source=source.id,
        target=target.id,
        port=port,
        forward=forward,
        backward=backward,
        dead=dead,
        label=_wire_label(view, edge),
    )


def wire_id(edge: Edge) -> str:
    """The id of an edge's wire: its target and the operand's place."""
    return f"w{edge.target.index}_{edge.position}"


def _wire_label(view: View, edge: Edge) -> str:
    text = f"{edge.source.label} → {edge.target.label}: value {value_text(edge.value)}"
    if edge.upstream is None:
        return text
    local = local_text(edge)
    made_of = f" = {number(edge.upstream)} · {local}" if local is not None else f" by {edge.rule}"
    return f"{text}, gradient {gradient_text(view, edge.downstream)}{made_of} (upstream · local)"


def symbol_style(symbol: str) -> str:
    """Signs are drawn large, words less so."""
    return "symbol sign" if len(symbol) <= 1 else "symbol word" if len(symbol) <= 4 else "symbol long"


def hover(view: View, node: Node) -> str:
    """What hovering over a node shows: what it is, its numbers, and where it stands in the source."""
    parts = [f"{node.label} = {value_text(node.value)}"]
    if node.inputs_edges and node.name is not None:
        parts = [f"{node.name} = {node.expression} = {value_text(node.value)}"]
    if node.shape:
        parts.append(f"shape {array_shape(node.value)}")
    if node.gradient is not None:
        parts.append(f"gradient {gradient_text(view, node.gradient)}")
    if node.role is not None:
        parts.append(f"{node.role}: {node.role_text}")
    source = node.source
    if source is not None and source.line is not None:
        parts.append(f"{source.file.rpartition('/')[2]}:{source.line}" + (f"  {source.code}" if source.code else ""))
    return "\n".join(parts)


def fold_label(view: View) -> tuple[str, str]:
    """The two lines of a fold's box."""
    fold = view.fold
    if fold is None:
        return "", ""
    where = f"lines {fold.lines[0]}–{fold.lines[1]}" if fold.lines and fold.lines[0] != fold.lines[1] else ""
    where = f"line {fold.lines[0]}" if fold.lines and not where else where
    return f"{fold.nodes:,} ops", where


def description(view: View) -> str:
    """The picture in words: the output, and the gradient of each input with its sum."""
    name = output_name(view)
    sentences = [f"{node.name or name} = {value_text(node.value)}" for node in view.graph.outputs]
    for node in view.graph.inputs[:12]:
        if node.gradient is None:
            sentences.append(f"{node.label} = {value_text(node.value)}, its gradient is not computed")
            continue
        rest = sum_texts(view, node)
        sentences.append(
            f"{node.label} = {value_text(node.value)}, "
            f"∂{name}/∂{node.label} = {gradient_text(view, node.gradient)}{f' = {rest}' if rest else ''}"
        )
    ops = [node for node in view.nodes if node.role is not None][:12]
    sentences += [f"{node.label}: {node.op} {node.role}" for node in ops]
    return "; ".join((*sentences, *view.notes)) + "."


def legend(entries: Sequence[tuple[str, str, str]]) -> tuple[tuple[Text, ...], ...]:
    """Groups of a sign in its colour and what it means."""
    return tuple((Text(sign, f"legend {style}"), Text(f" {meaning}", "legend")) for sign, style, meaning in entries)
