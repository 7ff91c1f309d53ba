"""What pictures of every level share: texts of values, gradients and sums, wires, words for a screen reader."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...tracer import Edge, Node
from ..document import Heat, Text, Wire
from ..numbers import NEGLIGIBLE, array_norm, array_shape, is_zero, number, shape_text, sum_text, summary, value_text
from ..theme import RAMP_STEPS
from .heat import heat_of
from .view import Item, Link, View, norm

__all__ = [
    "NOT_COMPUTED",
    "Arrows",
    "WireLook",
    "arithmetic",
    "description",
    "gradient_text",
    "hover",
    "largest_flow",
    "local_text",
    "output_name",
    "output_wire",
    "partial",
    "sum_texts",
    "wire",
]

NOT_COMPUTED = "not computed"

#: So many summands of a fork are written out; of more, the number of paths is given.
_SUMMANDS = 4


#: The magnitudes' ramp spans so many powers of ten.
DECADES = 6


@dataclass(frozen=True, slots=True)
class WireLook:
    """How a level draws its wires.

    Attributes
    ----------
    style
        What the names of its text styles begin with.
    arithmetic
        Whether the gradient's arithmetic stands beside it.
    heat
        Whether arrays are shown as cells.
    shapes
        Whether even short vectors are shown by their shape alone.
    largest
        The gradient that the magnitudes' ramp ends at; None where magnitudes are not drawn.
    """

    style: str = "wire"
    arithmetic: bool = False
    heat: bool = False
    shapes: bool = False
    largest: float | None = None


@dataclass(frozen=True, slots=True)
class Arrows:
    """The arrows beside value and gradient, with the space between."""

    forward: str
    back: str
    space: str

    @classmethod
    def of(cls, vertical: bool, *, recurs: bool = False) -> Arrows:
        """Those of a picture; on a wire that leads back they are exchanged."""
        forward, back = ("↓", "↑") if vertical else ("→", "←")
        return cls(*((back, forward) if recurs else (forward, back)), "" if vertical else " ")


def output_name(view: View) -> str:
    """What the output is called in ∂f/∂x."""
    outputs = view.graph.outputs
    name = outputs[0].name or view.graph.name if len(outputs) == 1 else None
    return name if name is not None and len(name) <= 12 else "f" if name is None else "out"


def partial(above: str | None, below: str | None) -> str:
    """∂a/∂x, with nothing in place of what has no short name."""
    above = above if above is not None and len(above) <= 16 else ""
    return f"∂{above}/∂{below}" if below is not None and len(below) <= 24 else f"∂{above}/∂·"


def gradient_text(view: View, gradient: Any, *, norms: bool = False) -> str:
    """A gradient as text: the number, a short vector (but for `norms`), or the norm of an array."""
    if np.ndim(gradient) == 0 or (np.ndim(gradient) == 1 and np.size(gradient) <= 3 and not norms):
        return value_text(gradient, largest=view.largest)
    return array_norm(gradient, largest=view.largest)


def sum_texts(view: View, node: Node) -> str:
    """The sum at a fork, `2 + 3`, in the order of the uses; empty where there is no fork."""
    uses = int(view.facts.fanout[node.index])
    if uses < 2 or node.gradient is None:
        return ""
    if uses > _SUMMANDS or np.ndim(node.value):
        return f"Σ of {uses:,} paths"
    shares = [edge.downstream for edge in node.uses]
    if any(share is None for share in shares):
        return f"Σ of {uses:,} paths"
    return sum_text(shares, node.gradient, largest=view.largest)


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


def wire(view: View, link: Link, look: WireLook, *, vertical: bool) -> Wire:
    """The wire of a link."""
    arrows = Arrows.of(vertical, recurs=link.recurs)
    constant = link.source.fold is None and link.source.node.kind == "constant"
    gradient = None if constant else link.gradient
    dead = (gradient is not None and is_zero(gradient)) or (link.norms is not None and link.norms[1] == 0)
    heated = look.heat and link.tensors == 1
    return Wire(
        id=link.id,
        source=link.source.id,
        target=link.target.id,
        port=link.port,
        forward=_forward(_value_text(link, look), look, arrows),
        backward=() if constant else _backward(view, link, look, arrows, dead=dead),
        dead=dead,
        label=_wire_label(view, link),
        forward_heat=heat_of(link.value) if heated else None,
        backward_heat=_gradient_heat(view, gradient) if heated else None,
        weight=_weight(magnitude(link), look),
        small=look.style == "small",
        recurs=link.recurs,
    )


def _gradient_heat(view: View, gradient: Any) -> Heat | None:
    """A gradient's elements; what is mere noise beside the picture's largest has the colour of zero."""
    return None if gradient is None else heat_of(gradient, least=NEGLIGIBLE * view.largest)


def _forward(value: str, look: WireLook, arrows: Arrows) -> tuple[Text, ...]:
    return (Text(value, f"{look.style} value"), Text(arrows.space + arrows.forward, f"{look.style} value arrow"))


def _value_text(link: Link, look: WireLook) -> str:
    """A number, a shape; of many tensors how many they are."""
    if link.tensors > 1:
        shapes = {shape_text(edge.value) for edge in link.edges}
        return f"{shapes.pop() if len(shapes) == 1 else ''} ×{link.tensors:,}".strip()
    return _shown(link.value, look)


def _shown(value: Any, look: WireLook) -> str:
    """A value in one wire's words; where its cells stand beside it, they say more than a shape."""
    if look.heat and np.ndim(value):
        return array_shape(value)
    return shape_text(value) if look.shapes and np.ndim(value) else value_text(value)


def _backward(view: View, link: Link, look: WireLook, arrows: Arrows, *, dead: bool) -> tuple[Text, ...]:
    style = look.style
    if link.gradient is None and link.norms is None:
        return (Text(f"{arrows.back} ", f"{style} zero arrow"), Text(NOT_COMPUTED, f"{style} aside"))
    kind = "zero" if dead else "gradient"
    if link.norms is not None:
        shown = _range_text(link.norms, link.edges[0])
    else:
        shown = gradient_text(view, link.gradient, norms=look.heat or look.shapes)
    texts = (Text(arrows.back + arrows.space, f"{style} {kind} arrow"), Text(shown, f"{style} {kind}"))
    if link.edge is not None and look.arithmetic:
        rest = arithmetic(view, link.edge)
    else:
        rest = f" Σ of {link.count:,}" if link.tensors == 1 and link.count > 1 else ""
    return (*texts, Text(rest, f"{style} arithmetic")) if rest else texts


def _range_text(norms: tuple[float, float], edge: Edge) -> str:
    low, high = number(norms[0]), number(norms[1])
    text = low if low == high else f"{low} … {high}"
    return f"‖{text}‖" if np.ndim(edge.value) else f"|{text}|"


def _weight(size: float | None, look: WireLook) -> int:
    """The step of the ramp that a gradient's magnitude falls on."""
    if look.largest is None:
        return 0
    if size is None or size == 0:
        return 1
    share = math.log10(size / look.largest) / DECADES if math.isfinite(size) and look.largest else 0.0
    return max(1, min(RAMP_STEPS, round(RAMP_STEPS + (RAMP_STEPS - 1) * share)))


def magnitude(link: Link) -> float | None:
    """The norm of what comes back on a wire; of many tensors the largest; None where it is not computed."""
    if link.norms is not None:
        return link.norms[1]
    return None if link.gradient is None else norm(link.gradient)


def largest_flow(view: View) -> float:
    """The largest finite gradient on any wire."""
    sizes = [size for size in map(magnitude, view.links) if size is not None and math.isfinite(size)]
    return max(sizes, default=0.0)


def output_wire(view: View, item: Item, node: Node, look: WireLook, *, vertical: bool) -> Wire:
    """The wire on which the result leaves, and the gradient enters."""
    arrows, style = Arrows.of(vertical), look.style
    if node.gradient is None:
        backward = (Text(f"{arrows.back} ", f"{style} zero arrow"), Text(NOT_COMPUTED, f"{style} aside"))
    else:
        shown = gradient_text(view, node.gradient, norms=look.heat or look.shapes)
        arrow = Text(arrows.back + arrows.space, f"{style} gradient arrow")
        backward = (arrow, Text(shown, f"{style} gradient"))
    return Wire(
        id=f"w{node.index}_out",
        source=item.id,
        target=f"{node.id}_out",
        port=None,
        forward=_forward(_shown(node.value, look), look, arrows),
        backward=backward,
        label=f"the output {node.label} = {value_text(node.value)}",
        forward_heat=heat_of(node.value) if look.heat else None,
        backward_heat=_gradient_heat(view, node.gradient) if look.heat else None,
        weight=_weight(None if node.gradient is None else norm(node.gradient), look),
        small=style == "small",
    )


def _wire_label(view: View, link: Link) -> str:
    """What hovering over a wire shows."""
    ends = f"{item_name(link.source)} → {item_name(link.target)}"
    edge = link.edge
    if link.tensors > 1:
        back = f", gradients {_range_text(link.norms, link.edges[0])}" if link.norms is not None else ""
        return f"{ends}: {link.tensors:,} tensors on {link.count:,} wires{back}"
    text = f"{ends}: value {_described(link.value)}"
    if link.gradient is None or link.source.node.kind == "constant":
        return text
    if edge is None:
        return f"{text}, gradient {_described(link.gradient)}, the sum of {link.count:,} uses"
    local = local_text(edge)
    made_of = f" = {number(edge.upstream)} · {local}" if local is not None else f" by {edge.rule}"
    return f"{text}, gradient {_described(link.gradient)}{made_of} (upstream · local)"


def _described(value: Any) -> str:
    return summary(value) if np.ndim(value) else value_text(value)


def item_name(item: Item) -> str:
    """What an item is called in words."""
    made = item.fold
    if made is None:
        return item.node.label
    return f"{made.name} ×{made.times:,}" if made.times > 1 else made.name


def hover(view: View, node: Node) -> str:
    """What hovering over a node shows: what it is, its numbers, and where it stands in the source."""
    parts = [f"{node.label} = {value_text(node.value)}"]
    if not node.is_leaf and node.name is not None:
        parts = [f"{node.name} = {node.expression} = {value_text(node.value)}"]
    if node.shape:
        parts.append(f"value: {summary(node.value)}")
    if node.gradient is not None:
        shown = f"gradient: {summary(node.gradient)}, norm " if node.shape else "gradient "
        parts.append(shown + gradient_text(view, node.gradient))
    if node.role is not None:
        parts.append(f"{node.role}: {node.role_text}")
    source = node.source
    if source is not None and source.line is not None:
        parts.append(f"{source.file.rpartition('/')[2]}:{source.line}" + (f"  {source.code}" if source.code else ""))
    return "\n".join(parts)


def description(view: View) -> str:
    """The picture in words: the output, and the gradient of each input with its sum."""
    name = output_name(view)
    sentences = [f"{node.name or name} = {value_text(node.value)}" for node in view.graph.outputs]
    for node in view.inputs:
        if node.gradient is None:
            sentences.append(f"{node.label} = {value_text(node.value)}, its gradient is not computed")
            continue
        rest = sum_texts(view, node)
        sentences.append(
            f"{node.label} = {value_text(node.value)}, "
            f"∂{name}/∂{node.label} = {gradient_text(view, node.gradient)}{f' = {rest}' if rest else ''}"
        )
    ops = [item for item in view.items if item.fold is None and item.node.role is not None][:12]
    sentences += [f"{item.node.label}: {item.node.op} {item.node.role}" for item in ops]
    return "; ".join((*sentences, *view.notes)) + "."


def legend(entries: Sequence[tuple[str, str, str]]) -> tuple[tuple[Text, ...], ...]:
    """Groups of a sign in its colour and what it means."""
    return tuple((Text(sign, f"legend {style}"), Text(f" {meaning}", "legend")) for sign, style, meaning in entries)
