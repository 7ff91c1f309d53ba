"""The table of levels of detail: how each draws leaves, ops, outputs and wires, and what its legend says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ...tracer import Node
from ..document import Box, Document, Scale, Text, Wire
from ..numbers import number
from . import cards, gates, parts
from .ask import nan_born_in
from .clusters import clusters_of, common
from .parts import WireLook
from .view import Item, View

__all__ = ["LEVELS", "Level", "build"]


class _Words(NamedTuple):
    """What a legend's words are made of: the arrows, and where value and gradient stand."""

    forward: str
    back: str
    above: str
    below: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of detail.

    Attributes
    ----------
    summary
        What it shows, for `--help`.
    most
        The number of boxes up to which it is drawn without folding, and that is folded down to.
    leaf, op
        What makes its boxes.
    output
        What makes the output's own box; None where the result's wire ends in the open.
    wire
        How its wires are drawn.
    legend
        The signs, their styles and their meanings.
    scale
        The key to its colours: of ``heat``, or of the ``ramp`` of magnitudes.
    """

    summary: str
    most: int
    leaf: Callable[[View, Item], Box]
    op: Callable[[View, Item], Box]
    output: Callable[[View, Node], Box] | None
    wire: WireLook
    legend: Callable[[_Words], list[tuple[str, str, str]]]
    scale: str | None = None


LEVELS: dict[str, Level] = {
    "explain": Level(
        "a card per op: expression, local gradients, role",
        60,
        cards.leaf,
        cards.card,
        cards.output,
        WireLook(arithmetic=True),
        lambda w: [
            (f"value {w.forward}", "value", f"forward, {w.above}"),
            (f"{w.back} gradient", "gradient", f"= upstream · local, {w.below}"),
            ("- - -", "zero", "no gradient"),
        ],
    ),
    "lecture": Level(
        "the circuit alone: values above the wires, gradients below",
        150,
        gates.leaf,
        gates.gate,
        None,
        WireLook(),
        lambda w: [
            (f"value {w.forward}", "value", w.above),
            (f"{w.back} gradient", "gradient", w.below),
            ("- - -", "zero", "no gradient"),
        ],
    ),
    "matrix": Level(
        "arrays as heat cells, shapes, norms, and gradient rules as formulas",
        60,
        cards.matrix_leaf,
        cards.card,
        cards.output,
        WireLook(style="array", heat=True),
        lambda w: [
            (f"value, shape {w.forward}", "value", w.above),
            (f"{w.back} gradient, ‖norm‖", "gradient", w.below),
            ("", "value", "δ = upstream gradient"),
        ],
        scale="heat",
    ),
    "compact": Level(
        "shapes and norms only, scopes as frames",
        300,
        gates.small_leaf,
        gates.small_gate,
        None,
        WireLook(style="small", shapes=True),
        lambda w: [
            (f"value / shape {w.forward}", "value", w.above),
            (f"{w.back} gradient, ‖norm‖", "gradient", w.below),
        ],
    ),
    "magnitude": Level(
        "the wire's width and darkness show how large its gradient is",
        150,
        gates.small_leaf,
        gates.small_gate,
        None,
        WireLook(style="small", largest=0.0),
        lambda w: [("", "value", "wire width and darkness = |gradient|, log scale")],
        scale="ramp",
    ),
}


def build(view: View, name: str, direction: str) -> Document:
    """The document of `view` at a level."""
    level, vertical = LEVELS[name], direction == "TB"
    look = level.wire
    if look.largest is not None:
        look = replace(look, largest=parts.largest_flow(view))
    nan = nan_born_in(view.facts)
    boxes = [_marked(_box(view, item, level), item, nan) for item in view.items]
    wires = [parts.wire(view, link, look, vertical=vertical) for link in view.links]
    placed = [(item.id, item.scope) for item in view.items]
    placed += [(link.id, common((link.source.scope, link.target.scope))) for link in view.links]
    ends = [
        _end(view, item, node, level, look, vertical)
        for item, node in view.outputs
        if item.fold is not None or node.inputs_edges
    ]
    return Document(
        title=view.title,
        legend=parts.legend(level.legend(_VERTICAL if vertical else _HORIZONTAL)),
        boxes=(*boxes, *[box for box, _ in ends]),
        wires=(*wires, *[wire for _, wire in ends]),
        direction=direction,
        description=parts.description(view),
        notes=view.notes if nan is None else (*view.notes, _nan_note(view, nan)),
        clusters=clusters_of(placed),
        scale=_scale(level, look, wires),
        small=look.style == "small" and look.largest is None,  # wide wires need room to turn
    )


_HORIZONTAL = _Words("→", "←", "above the wire", "below")
_VERTICAL = _Words("↓", "↑", "left of the wire", "right")


def _box(view: View, item: Item, level: Level) -> Box:
    if item.fold is not None:
        return gates.fold_box(view, item, small=level.wire.style == "small")
    if item.copy:
        return gates.leaf(view, item)
    return level.op(view, item) if item.node.inputs_edges else level.leaf(view, item)


def _marked(box: Box, item: Item, nan: Node | None) -> Box:
    """The box, painted as failed where the first NaN came up in it."""
    return replace(box, kind="failed") if nan is not None and nan.index in item.members else box


def _nan_note(view: View, nan: Node) -> str:
    """Where the first NaN came up, and, where it is a number, the product it is."""
    where = f"red: NaN comes up first in {nan.label}"
    if np.isnan(nan.value).any():
        return f"{where}, going forward"
    products = [parts.arithmetic(view, edge) for edge in nan.inputs_edges if np.isnan(edge.downstream).any()]
    return f"{where}, coming back: NaN{products[0]}" if products[0] else f"{where}, coming back"


def _end(view: View, item: Item, node: Node, level: Level, look: WireLook, vertical: bool) -> tuple[Box, Wire]:
    """Where the result goes, and the wire that leads there."""
    wire = parts.output_wire(view, item, node, look, vertical=vertical)
    box = level.output(view, node) if level.output is not None else Box(id=wire.target, kind="end", form="end")
    return box, wire


def _scale(level: Level, look: WireLook, wires: Sequence[Wire]) -> Scale | None:
    """The key to the colours, where there are any."""
    cells = any(wire.forward_heat or wire.backward_heat for wire in wires)
    return None if level.scale is None or (look.heat and not cells) else _SCALES[level.scale](look)


def _heat_scale(look: WireLook) -> Scale:
    return Scale("heat", (), (Text(" −max … 0 … +max, per tensor", "legend"),))


def _ramp_scale(look: WireLook) -> Scale:
    largest = float(f"{look.largest or 0.0:.2g}")  # a key is read off, not reckoned with
    least = number(largest / 10**parts.DECADES)
    return Scale("ramp", (Text(least, "scale number"),), (Text(number(largest), "scale number"),))


_SCALES: dict[str, Callable[[WireLook], Scale]] = {"heat": _heat_scale, "ramp": _ramp_scale}
