"""Worksheets: a picture twice, as an exercise with fields to write in and as the answer sheet, in the same places.

The two lie on each other to the point: every field is as wide as the longest answer of its kind, with a line in it or
the answer. What is asked for is drawn in no other way either, be it by cells, dashes, a wire's width or a plot, on
neither sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from ...tracer import Graph
from ..document import Box, Document, Row, Text, Wire
from ..theme import marks_failed

__all__ = ["BLANKS", "FIELD", "Asked", "asked_nodes", "texts_of", "worksheet"]


class Asked(NamedTuple):
    """What is to be filled in: what it is called, and whether that is values, and whether gradients."""

    words: str
    values: bool
    gradients: bool


#: what is left blank → what that means.
BLANKS: dict[str, Asked] = {
    "gradients": Asked("gradients", values=False, gradients=True),
    "values": Asked("values", values=True, gradients=False),
    "both": Asked("values and gradients", values=True, gradients=True),
}

#: What stands in the place of a number, at least; and what fills it up, which must not break.
FIELD, _BLANK = "_____", "\xa0"

_SIZES = ("wire", "array", "small")
#: The styles of what is asked for.
_VALUES = frozenset({"value", "shape", *(f"{size} value" for size in _SIZES)})
_GRADIENTS = frozenset(
    {"gradient", "zero gradient", *(f"{size} {kind}" for size in _SIZES for kind in ("gradient", "zero"))}
)
#: Values make local gradients, and these make gradients: they are asked for with either.
_LOCALS = frozenset({"local", "zero local"})
#: The styles of what gives values, or gradients, away.
_VALUE_HINTS = frozenset({"rule shape"})
_GRADIENT_HINTS = frozenset({"sum"})
_HINTS = frozenset(f"{size} arithmetic" for size in _SIZES)

#: A zero is grey; a field is not, since that would tell.
_UNTOLD = {
    "zero gradient": "gradient",
    "zero local": "local",
    **{f"{size} zero{rest}": f"{size} gradient{rest}" for size in _SIZES for rest in ("", " arrow")},
}

#: A number between what is no answer: the signs of a norm, of a vector, of a shape.
_ENCLOSED = re.compile(r"([\s‖|\[(]*)(.*?)([‖|\])]*)", re.DOTALL)


def asked_nodes(graph: Graph, what: str) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the nodes whose values, and of those whose gradients are asked for.

    Given are the values of leaves, and the gradient that the sweep starts from.
    """
    asked, seeds = BLANKS[what], {node.id for node in graph.outputs}
    return (
        frozenset(node.id for node in graph.nodes if asked.values and not node.is_leaf),
        frozenset(node.id for node in graph.nodes if asked.gradients and node.id not in seeds),
    )


def worksheet(document: Document, what: str, *, filled: bool = False) -> Document:
    """The exercise of a picture, or its answer sheet."""
    asked = BLANKS[what]
    leaves = {box.id for box in document.boxes if box.kind in ("input", "parameter", "constant", "copy")}
    parts = {box.id: _fields(asked, given=box.id in leaves, seed=box.id.endswith("_out")) for box in document.boxes}
    parts |= {
        wire.id: _fields(asked, given=wire.source in leaves, seed=wire.target.endswith("_out"))
        for wire in document.wires
    }
    sheet = _Sheet(asked, filled)
    for part in (*document.boxes, *document.wires):
        sheet.measure(texts_of(part), parts[part.id])
    legend, scale = document.legend, document.scale
    if asked.gradients:  # nothing is dashed, and no wire is wide
        legend = tuple(group for group in legend if group[0].style != "legend zero")
        legend, scale = ((), None) if scale is not None and scale.kind == "ramp" else (legend, scale)
    return replace(
        document,
        title=f"{'Answers' if filled else 'Exercise'}: {document.title}",
        legend=legend,
        scale=scale,
        boxes=tuple(sheet.box(box, parts[box.id]) for box in document.boxes),
        wires=tuple(sheet.wire(wire, parts[wire.id]) for wire in document.wires),
        description=document.description if filled else _words(document, asked, leaves),
        notes=(*(note for note in document.notes if not marks_failed(note)), f"asked for: {asked.words}"),
    )


def _fields(asked: Asked, *, given: bool, seed: bool) -> frozenset[str]:
    """The styles of what is asked for in a box or on a wire: of what is given the value, of a seed the gradient not."""
    fields = _LOCALS
    if asked.values and not given:
        fields |= _VALUES
    if asked.gradients and not seed:
        fields |= _GRADIENTS
    return fields


def texts_of(part: Box | Wire) -> Iterable[Text]:
    """The texts of a box, but for its symbol, or of a wire."""
    if isinstance(part, Wire):
        return (*part.forward, *part.backward)
    return (*part.title, *(text for row in part.rows for text in row.texts), *(t for line in part.footer for t in line))


def _words(document: Document, asked: Asked, leaves: set[str]) -> str:
    """The exercise in words: what is given."""
    values = {wire.source: wire.forward[0].text for wire in document.wires if wire.source in leaves and wire.forward}
    inputs = [box for box in document.boxes if box.kind in ("input", "parameter") and box.id in values]
    given = [f"{_name(box)} = {values[box.id]}" for box in inputs]
    return "; ".join([f"an exercise, in which the {asked.words} are to be filled in", *given]) + "."


def _name(box: Box) -> str:
    """What a box is called, or its sign."""
    named = (text.text for text in texts_of(box) if any(word in text.style for word in _NAMES))
    return next(named, box.symbol or box.id)


#: Styles of names have one of these words in them.
_NAMES = ("name", "head", "caption", "constant value")


class _Sheet:
    """One of the two sheets: it shows texts with fields, as wide as the longest answer of their kind."""

    def __init__(self, asked: Asked, filled: bool) -> None:
        self._asked, self._filled = asked, filled
        self._hints = _HINTS
        self._hints |= _VALUE_HINTS if asked.values else frozenset()
        self._hints |= _GRADIENT_HINTS if asked.gradients else frozenset()
        self._widths: dict[tuple[str, str], int] = {}  # by style and what stands before: norms are no vectors

    def measure(self, texts: Iterable[Text], fields: frozenset[str]) -> None:
        """Make room for the answers in these texts."""
        for text in texts:
            style, (left, answer, _) = _untold(text.style), self._parted(text)
            if text.style in fields or text.style in self._hints:
                least = 0 if text.style in self._hints else len(FIELD)
                self._widths[style, left] = max(self._widths.get((style, left), least), len(answer))

    def box(self, box: Box, fields: frozenset[str]) -> Box:
        """A box with fields; hovering over it, one sees no more than its name."""
        # A card's title has a formula, and its result's shape beside it: that has its place on the wire.
        title = tuple(t for t in box.title if t.style not in fields) if box.form == "card" else box.title
        marked = box.kind == "failed" and box.id != "failed"  # where the first NaN came up
        return replace(
            box,
            kind=("op" if box.symbol else "fold") if marked else box.kind,
            title=self._shown(title, fields),
            rows=tuple(Row(self._shown(row.texts, fields), row.port) for row in box.rows),
            footer=tuple(self._shown(line, fields) for line in box.footer),
            label=box.label if self._filled else _name(box),
            spark=None if fields & _GRADIENTS else box.spark,
        )

    def wire(self, wire: Wire, fields: frozenset[str]) -> Wire:
        """A wire with fields."""
        back = bool(fields & _GRADIENTS)
        return replace(
            wire,
            forward=self._shown(wire.forward, fields),
            backward=self._shown(wire.backward, fields),
            dead=wire.dead and not back,
            label=wire.label if self._filled else "",
            forward_heat=None if fields & _VALUES else wire.forward_heat,
            backward_heat=None if back else wire.backward_heat,
            weight=0 if self._asked.gradients else wire.weight,
        )

    def _shown(self, texts: Iterable[Text], fields: frozenset[str]) -> tuple[Text, ...]:
        return tuple(self._field(text, fields) for text in texts)

    def _field(self, text: Text, fields: frozenset[str]) -> Text:
        """A text as the sheet shows it, as many letters wide on both: they are all equally wide."""
        style = text.style if self._filled or not fields & _GRADIENTS else _untold(text.style)
        if text.style not in fields and text.style not in self._hints:
            return Text(text.text, style)
        left, answer, right = self._parted(text)
        room = self._widths[_untold(text.style), left]
        if self._filled:
            return Text(f"{left}{answer.center(room, _BLANK)}{right}", style)
        return Text(f"{left}{(_BLANK if text.style in self._hints else '_') * room}{right}", style)

    def _parted(self, text: Text) -> tuple[str, str, str]:
        """What stands before the answer, the answer, and what stands after it; a hint is all answer."""
        if text.style in self._hints:
            return "", re.sub(" +", " ", text.text), ""
        match = _ENCLOSED.fullmatch(text.text)
        return (match[1], match[2], match[3]) if match else ("", text.text, "")


def _untold(style: str) -> str:
    """The style that does not tell whether a number is zero."""
    return _UNTOLD.get(style, style)
