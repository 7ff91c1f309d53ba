"""Worksheets: the same picture with lines to write on where numbers would stand; without `blank` it is the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..document import Box, Document, Row, Text, Wire

__all__ = ["BLANKS", "worksheet"]

_FORWARD = frozenset({"value", "shape", "wire value", "array value", "small value"})
_BACKWARD = frozenset(
    {"gradient", "zero gradient", "local", "zero local"}
    | {f"{style} {kind}" for style in ("wire", "array", "small") for kind in ("gradient", "zero")}
)
#: What would give the answer away: the arithmetic beside it.
_HINTS = frozenset({"sum", "wire arithmetic", "array arithmetic", "small arithmetic"})

#: What can be left blank → the styles of the numbers that are.
BLANKS: dict[str, frozenset[str]] = {
    "gradients": _BACKWARD,
    "values": _FORWARD,
    "both": _FORWARD | _BACKWARD,
}

_LINE = "_____"
_ARROWS = "←→↑↓"


def worksheet(document: Document, what: str) -> Document:
    """The exercise: values of inputs and the gradient that the sweep starts from stay, the rest is to be filled in.

    The answer sheet is the same picture, drawn without `blank`.
    """
    blanked = BLANKS[what]
    # What is given: the inputs' values, and the output's gradient of 1.
    given = {box.id for box in document.boxes if box.kind in ("input", "parameter", "constant", "copy")}
    seeds = {box.id for box in document.boxes if box.id.endswith("_out")}
    boxes = [_box(box, blanked - _given(box.id in given, box.id in seeds)) for box in document.boxes]
    wires = [_wire(wire, blanked - _given(wire.source in given, wire.target in seeds)) for wire in document.wires]
    return replace(
        document,
        boxes=tuple(boxes),
        wires=tuple(wires),
        description=f"A worksheet: {document.title}, with the {_WORDS[what]} left blank.",
        notes=(*document.notes, f"fill in the {_WORDS[what]}; the answers are this picture without blank"),
        scale=None,
    )


_WORDS = {"gradients": "gradients", "values": "values", "both": "values and gradients"}


def _given(forward: bool, backward: bool) -> frozenset[str]:
    return (_FORWARD if forward else frozenset()) | (_BACKWARD if backward else frozenset())


def _box(box: Box, blanked: frozenset[str]) -> Box:
    rows = tuple(Row(_texts(row.texts, blanked), row.port) for row in box.rows)
    footer = tuple(_texts(line, blanked) for line in box.footer)
    name = next((text.text for text in box.title if text.style not in blanked), box.id)
    label = name if blanked else box.label
    # A card's title has a formula, and its result's shape beside it: that has its place on the wire.
    title = tuple(t for t in box.title if t.style not in blanked) if box.form == "card" else box.title
    return replace(box, title=_texts(title, blanked), rows=rows, footer=footer, label=label, spark=None)


def _wire(wire: Wire, blanked: frozenset[str]) -> Wire:
    """A wire whose numbers are blank; nor do dashes or widths tell what its gradient is."""
    back = bool(blanked & _BACKWARD)
    return replace(
        wire,
        forward=_texts(wire.forward, blanked),
        backward=_texts(wire.backward, blanked),
        dead=wire.dead and not back,
        label="" if blanked else wire.label,
        forward_heat=None if blanked & _FORWARD else wire.forward_heat,
        backward_heat=None if back else wire.backward_heat,
        weight=0 if back else wire.weight,
    )


def _texts(texts: Iterable[Text], blanked: frozenset[str]) -> tuple[Text, ...]:
    if not blanked:
        return tuple(texts)
    shown: list[Text] = []
    for text in texts:
        if text.style in _HINTS and blanked & _BACKWARD:
            continue
        small = text.style.startswith("small")
        if text.style in blanked and text.text.strip(" ←→↑↓"):
            text = Text(_LINE, "small blank" if small else "blank")
        elif text.style.endswith("zero arrow") and blanked & _BACKWARD:  # grey would tell that it is zero
            text = Text(text.text, text.style.replace("zero", "gradient"))
        shown.append(text)
    return tuple(shown)
