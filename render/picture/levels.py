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
from .heat import MOST_CELLS, is_pooled
from .parts import WireLook
from .view import Item, View

__all__ = ["LEVELS", "Level", "build"]


class _Words(NamedTuple):
    """What a legend's words are made of: the arrows, and where value and gradient stand."""

    forward: str
    back: str
    above: str
    below: str


class _Seen(NamedTuple):
    """What there is in a picture: a legend explains no sign that does not occur.

    Attributes
    ----------
    numbers, arrays
        Whether single numbers go forward on wires, and whether arrays do.
    products
        Whether the arithmetic of a gradient stands beside it.
    rules
        Whether gradients are given as rules.
    dead
        Whether a wire has no gradient.
    pooled
        Whether a cell stands for several elements.
    plots
        Whether there are plots of gradients over the repetitions.
    """

    numbers: bool
    arrays: bool
    products: bool
    rules: bool
    dead: bool
    pooled: bool
    plots: bool

    @property
    def norm(self) -> str:
        """What is added to a gradient where an array's is told by its norm."""
        return ", ‖norm‖" if self.arrays else ""


_Entries = list[tuple[str, str, str]]


def _value(w: _Words, seen: _Seen, between: str = " / ") -> tuple[str, str, str]:
    told = between.join(["value"] * (seen.numbers or not seen.arrays) + ["shape"] * seen.arrays)
    return f"{told} {w.forward}", "value", w.above


def _gradient(w: _Words, seen: _Seen) -> tuple[str, str, str]:
    return f"{w.back} gradient{seen.norm}", "gradient", w.below


def _rest(seen: _Seen) -> _Entries:
    """Dashes, and the plots of what was folded."""
    sign = "‖∇‖" if seen.arrays else "|∇|"
    dashes = [("- - -", "zero", "no gradient")] if seen.dead else []
    return dashes + ([("", "value", f"bars: {sign} of each repetition, first → last")] if seen.plots else [])


def _delta(seen: _Seen) -> _Entries:
    return [("", "value", "δ = upstream gradient")] if seen.rules else []


def _circuit(w: _Words, seen: _Seen) -> _Entries:
    return [_value(w, seen), _gradient(w, seen), *_rest(seen)]


def _explained(w: _Words, seen: _Seen) -> _Entries:
    sign, style, where = _gradient(w, seen)
    forward = _value(w, seen)
    how = f"= upstream · local, {where}" if seen.products else where
    return [(*forward[:2], f"forward, {w.above}"), (sign, style, how), *_delta(seen), *_rest(seen)]


def _matrices(w: _Words, seen: _Seen) -> _Entries:
    return [_value(w, seen, ", "), _gradient(w, seen), *_delta(seen), *_rest(seen)]


def _magnitudes(w: _Words, seen: _Seen) -> _Entries:
    size = "‖gradient‖" if seen.arrays else "|gradient|"
    # The scale comes after the last of them, and belongs to it.
    return [*_rest(seen), ("", "value", f"the wider and stronger the wire, the larger {size}, log scale")]


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
        The signs, their styles and their meanings, for what is in the picture.
    scale
        The key to its colours: of ``heat``, or of the ``ramp`` of magnitudes.
    """

    summary: str
    most: int
    leaf: Callable[[View, Item], Box]
    op: Callable[[View, Item], Box]
    output: Callable[[View, Node], Box] | None
    wire: WireLook
    legend: Callable[[_Words, _Seen], _Entries]
    scale: str | None = None


LEVELS: dict[str, Level] = {
    "explain": Level(
        "a card per op: expression, local gradients, role",
        60,
        cards.leaf,
        cards.card,
        cards.output,
        WireLook(arithmetic=True),
        _explained,
    ),
    "lecture": Level(
        "the circuit alone: values above the wires, gradients below",
        150,
        gates.leaf,
        gates.gate,
        None,
        WireLook(),
        _circuit,
    ),
    "matrix": Level(
        "arrays as heat cells, shapes, norms, and gradient rules as formulas",
        60,
        cards.matrix_leaf,
        cards.matrix_card,
        cards.output,
        WireLook(style="array", heat=True),
        _matrices,
        scale="heat",
    ),
    "compact": Level(
        "shapes and norms only, scopes as frames",
        300,
        gates.small_leaf,
        gates.small_gate,
        None,
        WireLook(style="small", shapes=True),
        _circuit,
    ),
    "magnitude": Level(
        "the wire's width and darkness show how large its gradient is",
        150,
        gates.small_leaf,
        gates.small_gate,
        None,
        WireLook(style="small", largest=0.0),
        _magnitudes,
        scale="ramp",
    ),
}


def build(view: View, name: str, direction: str, *, failed: str = "red") -> Document:
    """The document of `view` at a level; the theme paints what failed `failed`."""
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
        if item.fold is not None or not node.is_leaf
    ]
    boxes += [box for box, _ in ends]
    wires += [wire for _, wire in ends]
    seen = _seen(view, boxes, wires)
    return Document(
        title=view.title,
        legend=parts.legend(level.legend(_VERTICAL if vertical else _HORIZONTAL, seen)),
        boxes=tuple(boxes),
        wires=tuple(wires),
        direction=direction,
        description=parts.description(view),
        notes=view.notes if nan is None else (*view.notes, _nan_note(view, nan, failed)),
        clusters=clusters_of(placed),
        scale=_scale(level, look, wires, seen),
        small=look.style == "small" and look.largest is None,  # wide wires need room to turn
        fails_back=nan is not None and not np.isnan(nan.value).any(),
    )


_HORIZONTAL = _Words("→", "←", "above the wire", "below")
_VERTICAL = _Words("↓", "↑", "left of the wire", "right")


def _seen(view: View, boxes: Sequence[Box], wires: Sequence[Wire]) -> _Seen:
    shapes = [np.shape(edge.value) for link in view.links for edge in link.edges[:1]]
    shapes += [node.shape for _, node in view.outputs]
    styles = {text.style for wire in wires for text in wire.backward}
    inside = {text.style for box in boxes for row in box.rows for text in row.texts}
    return _Seen(
        numbers=not all(shapes),
        arrays=any(shapes),
        products="wire arithmetic" in styles,
        rules="local rule" in inside,
        dead=any(wire.dead for wire in wires),
        pooled=any(is_pooled(shape) for shape in shapes),
        plots=any(box.spark is not None for box in boxes),
    )


def _box(view: View, item: Item, level: Level) -> Box:
    if item.fold is not None:
        return gates.fold_box(view, item, small=level.wire.style == "small")
    if item.copy:
        return gates.leaf(view, item)
    return level.leaf(view, item) if item.node.is_leaf else level.op(view, item)


def _marked(box: Box, item: Item, nan: Node | None) -> Box:
    """The box, painted as failed where the first NaN came up in it."""
    return replace(box, kind="failed") if nan is not None and nan.index in item.members else box


def _nan_note(view: View, nan: Node, failed: str) -> str:
    """Where the first NaN came up, and, where it is a number, the product it is."""
    where = f"{failed}: NaN comes up first in {nan.label}"
    if np.isnan(nan.value).any():
        return f"{where}, going forward"
    products = [parts.arithmetic(view, edge) for edge in nan.inputs_edges if np.isnan(edge.downstream).any()]
    return f"{where}, coming back: NaN{products[0]}" if products[0] else f"{where}, coming back"


def _end(view: View, item: Item, node: Node, level: Level, look: WireLook, vertical: bool) -> tuple[Box, Wire]:
    """Where the result goes, and the wire that leads there."""
    wire = parts.output_wire(view, item, node, look, vertical=vertical)
    box = level.output(view, node) if level.output is not None else Box(id=wire.target, kind="end", form="end")
    return box, wire


def _scale(level: Level, look: WireLook, wires: Sequence[Wire], seen: _Seen) -> Scale | None:
    """The key to the colours, where there are any."""
    cells = any(wire.forward_heat or wire.backward_heat for wire in wires)
    return None if level.scale is None or (look.heat and not cells) else _SCALES[level.scale](look, seen)


def _heat_scale(look: WireLook, seen: _Seen) -> Scale:
    pooled = f"; pooled to {MOST_CELLS}×{MOST_CELLS}, the largest of each block" if seen.pooled else ""
    return Scale("heat", (), (Text(f" −max … 0 … +max, per tensor{pooled}", "legend"),))


def _ramp_scale(look: WireLook, seen: _Seen) -> Scale:
    largest = float(f"{look.largest or 0.0:.2g}")  # a key is read off, not reckoned with
    least = number(largest / 10**parts.DECADES)
    return Scale("ramp", (Text(least, "scale number"),), (Text(number(largest), "scale number"),))


_SCALES: dict[str, Callable[[WireLook, _Seen], Scale]] = {"heat": _heat_scale, "ramp": _ramp_scale}
