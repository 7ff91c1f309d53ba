"""Shows a picture step by step, forward and then backward: one layout, in which each text appears when it is known.

Painting by numbers: a text that appears at a step is drawn in a colour that stands for its own colour and that step.
Whoever has the drawing then, an SVG or a PDF, puts the real colours back, and knows what to hide until when.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from ...tracer.errors import RenderError
from ..document import Box, Document, Row, Text, Wire
from ..theme import THEMES

__all__ = ["animated", "base_style", "coded", "decoded", "step_of", "stepped"]

# Codes begin above all colours of the themes that are nearly black, and end below those that aren't.
_FIRST, _COLOURS, _LAST = 0x010000, 256, 0x0FFFFF
_MOST = (_LAST - _FIRST) // _COLOURS
_HEX = re.compile("#[0-9A-Fa-f]{6}")

#: Styles of texts that tell a gradient: they have one of these words in their names.
_GRADIENTS = ("gradient", "zero", "sum", "partial", "arithmetic")

_SECONDS = 1.05  # a step
_LONGEST = 40.0  # all steps together, as far as they stay visible
_SHORTEST = 0.25  # a step of these
_LAST_SECONDS = 2.4  # the whole, before it begins again


# -- which text appears when ------------------------------------------------------------------------------------------


def stepped(document: Document) -> tuple[Document, int]:
    """The document with the step at which each text appears written into its style, and the number of the last step.

    At step 0 there are the inputs. Then each op computes, in topological order; then the gradient of the output is
    there; then each op hands its gradients back, in reverse. A sum at a fork appears with its last summand.
    """
    # An op may be painted as the output, where that has no box of its own.
    ends = {box.id for box in document.boxes if box.kind in ("output", "end") and not box.symbol}
    order = _order(document, ends)
    forward = {name: rank for rank, name in enumerate(order, 1)}
    seed = len(order) + 1
    backward = {name: seed + len(order) - rank for rank, name in enumerate(order)} | dict.fromkeys(ends, seed)
    last = 2 * len(order) + 1 if order else seed
    if last > _MOST:
        raise RenderError(f"{last:,} steps are too many to show one by one: fold the graph, or leave --steps out")
    summed: dict[str, int] = {}
    for wire in document.wires:
        forward.setdefault(wire.target, forward.get(wire.source, 0))
        summed[wire.source] = max(summed.get(wire.source, 0), backward.get(wire.target, 0))
    wires = tuple(_wire_at(wire, forward.get(wire.source, 0), backward.get(wire.target, 0)) for wire in document.wires)
    boxes = tuple(
        _output_at(box, forward.get(box.id, 0), seed)
        if box.id in ends
        else _box_at(box, backward.get(box.id, 0), summed.get(box.id, 0))
        for box in document.boxes
    )
    return replace(document, boxes=boxes, wires=wires), last


def _order(document: Document, ends: set[str]) -> list[str]:
    """The boxes that compute something, operands before what uses them."""
    waits: dict[str, int] = {}
    leads: dict[str, list[str]] = {}
    for wire in document.wires:
        if not wire.recurs:
            waits[wire.target] = waits.get(wire.target, 0) + 1
            leads.setdefault(wire.source, []).append(wire.target)
    ready = [box.id for box in document.boxes if box.id not in waits]
    order: list[str] = []
    computed = {wire.target for wire in document.wires} | {box.id for box in document.boxes if box.kind == "fold"}
    for name in ready:  # grows as it is read
        if name in computed and name not in ends:
            order.append(name)
        for target in leads.get(name, ()):
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    return order


def _at(texts: Iterable[Text], step: int) -> tuple[Text, ...]:
    return tuple(Text(text.text, f"{text.style}@{step}") for text in texts)


def _wire_at(wire: Wire, forward: int, backward: int) -> Wire:
    return replace(wire, forward=_at(wire.forward, forward), backward=_at(wire.backward, backward))


def _output_at(box: Box, forward: int, seed: int) -> Box:
    """A name is known before its value is."""
    title = tuple(text if "name" in text.style else _at((text,), forward)[0] for text in box.title)
    return replace(box, title=title, rows=tuple(Row(_at(row.texts, seed), row.port) for row in box.rows))


def _box_at(box: Box, backward: int, summed: int) -> Box:
    """Local gradients appear with the op's step back, the gradient of its own result with the last use's."""
    rows = tuple(_row_at(row, backward, summed) for row in box.rows)
    footer = tuple(_at(line, summed) if _tells_gradient(line) else line for line in box.footer)
    return replace(box, rows=rows, footer=footer)


def _row_at(row: Row, backward: int, summed: int) -> Row:
    if row.port is not None:
        return Row(_at(row.texts, backward), row.port)
    return Row(_at(row.texts, summed)) if _tells_gradient(row.texts) else row


def _tells_gradient(texts: Iterable[Text]) -> bool:
    return any(word in text.style for text in texts for word in _GRADIENTS)


# -- painting by numbers -----------------------------------------------------------------------------------------------


def base_style(style: str) -> str:
    """The style without its step."""
    return style.partition("@")[0]


def step_of(texts: Iterable[Text]) -> int | None:
    """The step at which texts appear; None for what is always there."""
    return next((int(step) for text in texts if (step := text.style.partition("@")[2])), None)


def coded(markup: str, step: int | None, theme: str) -> str:
    """Markup with the codes of its colours at a step."""
    if step is None:
        return markup
    places = _places(theme)
    return _HEX.sub(lambda match: f"#{_FIRST + step * _COLOURS + places[match[0].upper()]:06x}", markup)


def decoded(colour: int, theme: str) -> tuple[str, int] | None:
    """The colour that a code stands for, and the step at which what it paints appears; None for what is no code."""
    if not _FIRST <= colour <= _LAST:
        return None
    step, place = divmod(colour - _FIRST, _COLOURS)
    colours = list(_places(theme))
    return (colours[place].lower(), step) if place < len(colours) else None


@lru_cache(maxsize=8)
def _places(theme: str) -> dict[str, int]:
    """The place of each colour in the theme's table."""
    return {colour: place for place, colour in enumerate(dict.fromkeys(c.upper() for c in THEMES[theme].values()))}


# -- the moving SVG ----------------------------------------------------------------------------------------------------

_TAG = re.compile(r"<(?:text|polygon|path|polyline|ellipse)\b[^>]*>")
_CODE = re.compile(r'(fill|stroke)="#(0[0-9a-f]{5})"')
_ROOT_ID = re.compile(r'<svg\b[^>]*\sid="([\w-]+)"')


def animated(svg: str, last: int, *, theme: str) -> str:
    """A finished, coded SVG with the real colours, and the CSS that shows the steps one after the other, forever.

    It plays within `<img>` too. Readers who asked their system for less motion see the whole at once.
    """
    root = _ROOT_ID.search(svg)
    name = root[1] if root else "gradviz"
    used: set[int] = set()

    def painted(match: re.Match[str]) -> str:
        steps: list[int] = []

        def real(code: re.Match[str]) -> str:
            known = decoded(int(code[2], 16), theme)
            if known is None:
                return code[0]
            steps.append(known[1])
            return f'{code[1]}="{known[0]}"'

        tag = _CODE.sub(real, match[0])
        if not steps or not steps[0]:
            return tag
        used.add(steps[0])
        end = "/>" if tag.endswith("/>") else ">"
        return f'{tag[: -len(end)]} class="s{steps[0]}"{end}'

    svg = _TAG.sub(painted, svg)
    style = f"<style>@media (prefers-reduced-motion:no-preference){{{_rules(name, sorted(used), last)}}}</style>"
    place = svg.find("</desc>") + len("</desc>")
    return f"{svg[:place]}{style}{svg[place:]}"


def _rules(name: str, steps: Iterable[int], last: int) -> str:
    """For each step what it does over the whole time, and to what."""
    each = max(_SHORTEST, min(_SECONDS, _LONGEST / max(last, 1)))
    whole = each * last + _LAST_SECONDS
    rules: list[str] = []
    for step in steps:
        begin = 100 * each * step / whole
        end = begin + min(100 * 0.2 / whole, 100 * each / whole)
        frames = f"0%,{begin:.2f}%{{opacity:0}}{end:.2f}%,100%{{opacity:1}}"
        rules.append(f"@keyframes {name}-{step}{{{frames}}}")
        rules.append(f"#{name} .s{step}{{animation:{name}-{step} {whole:.2f}s linear infinite}}")
    return "".join(rules)
