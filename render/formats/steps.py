"""Shows a picture step by step, forward and then backward: one layout, in which each text appears when it is known.

Painting by numbers: a text that appears at a step is drawn in a colour that stands for its own colour and that step.
Whoever has the drawing then, an SVG or a PDF, puts the real colours back, and knows what to hide until when. A line
whose looks tell its gradient, dashed or wide, is until then a line like any other. Numbers beyond those of the steps
stand for what is seen at single steps: the border of an op at work, and the line of text that says what happens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from xml.sax.saxutils import escape

from ...tracer.errors import RenderError
from ..document import Box, Document, Row, Text, Wire
from ..svg import SANS_STACK as FONTS
from ..theme import RAMP_STEPS, THEMES, marks_failed, ramp_part
from .escape import plain

__all__ = [
    "CAPTION_HEIGHT",
    "END",
    "animated",
    "at_work",
    "base_style",
    "coded",
    "decoded",
    "legend_style",
    "plain_line",
    "said_at",
    "step_of",
    "stepped",
    "thin",
]

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

#: Points that a line takes which says what happens at a step, where all of them are laid out above each other.
CAPTION_HEIGHT = 24
_LONGEST_CAPTION = 60  # letters of what an op computes


# -- which text appears when ------------------------------------------------------------------------------------------


def stepped(document: Document) -> tuple[Document, int]:
    """The document with the step at which each text appears written into its style, and the number of the last step.

    Into the kind of a box is written when it is at work, and its `captions` say what happens at each step.

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
    if said_at(last, last) > _MOST:
        raise RenderError(f"{last:,} steps are too many to show one by one: fold the graph, or leave --steps out")
    summed: dict[str, int] = {}
    for wire in document.wires:
        forward.setdefault(wire.target, forward.get(wire.source, 0))
        summed[wire.source] = max(summed.get(wire.source, 0), backward.get(wire.target, 0))
    wires = tuple(_wire_at(wire, forward.get(wire.source, 0), backward.get(wire.target, 0)) for wire in document.wires)
    ranks = {name: rank for rank, name in enumerate(order, 1)}
    boxes = tuple(
        _output_at(box, forward.get(box.id, 0), seed)
        if box.id in ends
        else _box_at(box, ranks.get(box.id), backward.get(box.id, 0), summed.get(box.id, 0), last)
        for box in document.boxes
    )
    failed = [box.id for box in document.boxes if box.kind == "failed"]
    marks = backward if document.fails_back else forward
    marked_at = marks.get(failed[0]) if failed and any(map(marks_failed, document.notes)) else None
    if marked_at is not None:
        boxes = tuple(replace(box, kind=f"failed@{marked_at}") if box.id == failed[0] else box for box in boxes)
    captions = _captions(document, order, last)
    return replace(document, boxes=boxes, wires=wires, marked_at=marked_at, captions=captions), last


def _captions(document: Document, order: list[str], last: int) -> tuple[str, ...]:
    """What happens at each step."""
    boxes = {box.id: box for box in document.boxes}
    swept = any(base_style(text.style).endswith(_SWEPT) for wire in document.wires for text in wire.backward)
    said = ["the inputs"]
    said += [f"forward, {_computed(boxes[name])}" for name in order]
    said.append("back, the output's own gradient" if swept else _NOT_SWEPT)
    said += [f"back through {_through(boxes[name])}" if swept else _NOT_SWEPT for name in reversed(order)]
    return tuple([f"step {step} of {last}: {text}" for step, text in enumerate(said)])


_SWEPT = (" gradient", " zero")
_NOT_SWEPT = "gradients are not computed"


def _computed(box: Box) -> str:
    """What a box computes, on a line: the first of those that hovering shows; a long one keeps its value."""
    line = next(iter(box.label.splitlines()), "") or box.symbol
    formula, equals, value = line.rpartition(" = ")
    if len(line) <= _LONGEST_CAPTION or not equals:
        return plain(line, longest=_LONGEST_CAPTION)
    value = plain(value, longest=_LONGEST_CAPTION // 2)
    return plain(formula, longest=_LONGEST_CAPTION - len(equals) - len(value)) + equals + value


def _through(box: Box) -> str:
    return f"{plain(box.symbol)}, {_computed(box)}" if box.symbol else _computed(box)


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


def _box_at(box: Box, rank: int | None, backward: int, summed: int, last: int) -> Box:
    """Local gradients appear with the op's step back, the gradient of its own result with the last use's.

    What is folded tells the gradients of all that is in it: they appear with its own step back.
    """
    summed = backward if box.spark is not None else summed
    return replace(
        box,
        kind=box.kind if rank is None else f"{box.kind}@{last + rank}",
        rows=tuple(_row_at(row, backward, summed) for row in box.rows),
        footer=tuple(_at(line, summed) if _tells_gradient(line) else line for line in box.footer),
        spark=None if box.spark is None else replace(box.spark, step=backward),
    )


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


def legend_style(step: int | None) -> str:
    """The style of a line in the headline that appears at a step; without one it is always there."""
    return "legend" if step is None else f"legend@{step}"


def said_at(step: int, last: int) -> int:
    """The number that stands for the line that is shown at this one step only."""
    return last + (last - 1) // 2 + 1 + step


def at_work(number: int, last: int) -> tuple[tuple[str, int], ...]:
    """The steps at which that is seen which a number beyond the last step stands for, and the colour's part at each.

    For the border of an op: its step forward and its step back; for what is said at a step: that one.
    """
    rank, ops = number - last, (last - 1) // 2
    if rank > ops:
        return (("muted", rank - ops - 1),)
    return (("value", rank), ("gradient", last + 1 - rank))


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


@lru_cache(maxsize=64)
def plain_line(colour: str, theme: str, weighted: bool = False) -> str | None:
    """The colour of a line before its gradient is known, if its own colour tells that; else None.

    Where lines are as wide as their gradients are large, all of them are thin before. So too with the border and the
    area of a box that has failed, before it has.
    """
    parts = THEMES[theme]
    for telling, neutral in _NEUTRAL.items():
        if colour.lower() == parts[telling].lower():
            return parts[ramp_part(1) if weighted and telling == "zero" else neutral].lower()
    ramp = [parts[ramp_part(step)].lower() for step in range(1, RAMP_STEPS + 1)]
    return ramp[0] if colour.lower() in ramp[1:] else None


_NEUTRAL = {"zero": "wire", "failed-border": "op-border", "failed-fill": "op-fill"}


def thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A piece of a wide line, a rectangle along its direction, one point wide; other shapes stay as they are."""
    across = [sorted({round(point[axis], 3) for point in points}) for axis in (0, 1)]
    if [len(places) for places in across] != [2, 2]:
        return list(points)
    width, high = (places[1] - places[0] for places in across)
    lies = width > high
    if round(min(width, high)) == END and max(width, high) <= RAMP_STEPS:  # an end is shorter than the line is wide
        lies = round(width) == END
    middle = sum(across[lies]) / 2
    if lies:
        return [(x, middle + math.copysign(0.5, y - middle)) for x, y in points]
    return [(middle + math.copysign(0.5, x - middle), y) for x, y in points]


#: Points that the ends of a line are long: so much longer it is on each side than the port that edges end at.
END = 3


@lru_cache(maxsize=8)
def _places(theme: str) -> dict[str, int]:
    """The place of each colour in the theme's table."""
    return {colour: place for place, colour in enumerate(dict.fromkeys(c.upper() for c in THEMES[theme].values()))}


# -- the moving SVG ----------------------------------------------------------------------------------------------------

_TAG = re.compile(r"<(?:text|polygon|path|polyline|ellipse)\b[^>]*>")
_CODE = re.compile(r'(fill|stroke)="#(0[0-9a-f]{5})"')
_PAINT = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_DASHES = re.compile(r' stroke-dasharray="[^"]*"')
_POINTS = re.compile(r' points="([^"]*)"')
_WIDTH = re.compile(r' stroke-width="([^"]*)"')
_ROOT_ID = re.compile(r'<svg\b[^>]*\sid="([\w-]+)"')
_SIZE = re.compile(r'viewBox="0(?:\.0+)? 0(?:\.0+)? ([\d.]+) ([\d.]+)"')


def animated(svg: str, last: int, *, theme: str, captions: Sequence[str] = (), weighted: bool = False) -> str:
    """A finished, coded SVG with the real colours, and the CSS that shows the steps one after the other, forever.

    What is said at each step stands on the lower margin. It plays within `<img>` too. Readers who asked their system
    for less motion see the whole at once.
    """
    root = _ROOT_ID.search(svg)
    name = root[1] if root else "gradviz"
    used: set[int] = set()
    until: set[int] = set()
    only: set[int] = set()

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
        if steps[0] > last:
            works = at_work(steps[0], last)
            only.update(step for _, step in works)
            return tag + "".join([_lit(tag, THEMES[theme][part].lower(), step) for part, step in works])
        used.add(steps[0])
        end = "/>" if tag.endswith("/>") else ">"
        shown = f'{tag[: -len(end)]} class="s{steps[0]}"{end}'
        before = None if tag.startswith("<text") else _before(tag, theme, weighted)
        if before is None:
            return shown
        until.add(steps[0])
        return f'{before[: -len(end)]} class="b{steps[0]}" opacity="0"{end}{shown}'

    svg = _TAG.sub(painted, svg)
    size = _SIZE.search(svg)
    if size is not None:
        only.update(range(len(captions)))
        lines = [_said(text, step, size, THEMES[theme]["muted"].lower()) for step, text in enumerate(captions)]
        svg = f"{svg[: svg.rindex('</svg>')]}{''.join(lines)}</svg>\n"
    rules = _rules(name, sorted(used), until, sorted(only), last)
    style = f"<style>@media (prefers-reduced-motion:no-preference){{{rules}}}</style>"
    place = svg.find("</desc>") + len("</desc>")
    return f"{svg[:place]}{style}{svg[place:]}"


def _before(tag: str, theme: str, weighted: bool) -> str | None:
    """A line as it is before its gradient is known; None for a shape that does not tell one."""
    plain = {found[2]: plain_line(found[2], theme, weighted) for found in _PAINT.finditer(tag)}
    if not any(plain.values()):
        return None
    wide = THEMES[theme][ramp_part(1)].lower() in plain.values()
    tag = _PAINT.sub(lambda found: f'{found[1]}="{plain[found[2]] or found[2]}"', tag)
    if wide:
        tag = _POINTS.sub(_thin_points, _WIDTH.sub(' stroke-width="1"', tag))
    return _DASHES.sub("", tag)


def _thin_points(match: re.Match[str]) -> str:
    places = [tuple(map(float, place.split(","))) for place in match[1].split()]
    return f' points="{" ".join([f"{x:g},{y:g}" for x, y in thin([(x, y) for x, y in places])])}"'


def _lit(tag: str, colour: str, step: int) -> str:
    """A border once more, as it is while its op is at work."""
    width = _WIDTH.search(tag)
    tag = _WIDTH.sub("", re.sub(r'(fill|stroke)="[^"]*"', lambda paint: f'{paint[1]}="none"', tag))
    lit = (
        f'stroke="{colour}" stroke-width="{float(width[1] if width else 1) + _BROADER:g}" class="o{step}" opacity="0"/>'
    )
    return tag.replace('stroke="none"', "").removesuffix("/>").rstrip() + f" {lit}"


#: Points that the border of an op at work is wider.
_BROADER = 2


def _said(text: str, step: int, size: re.Match[str], colour: str) -> str:
    """A line of text on the lower margin, cut to the width that there is."""
    width, height = float(size[1]), float(size[2])
    text = plain(text, longest=max(12, int(width / _LETTER)))
    return (
        f'<text xml:space="preserve" text-anchor="middle" x="{width / 2:g}" y="{height - 8:g}" '
        f'font-family="{FONTS}" font-size="11" fill="{colour}" class="o{step}" opacity="0">{escape(text)}</text>'
    )


_LETTER = 5.6  # points, on average, of a caption


def _rules(name: str, steps: Iterable[int], until: set[int], only: Iterable[int], last: int) -> str:
    """For each step what it does over the whole time, and to what; what is seen only until then, or only then."""
    each = max(_SHORTEST, min(_SECONDS, _LONGEST / max(last, 1)))
    whole = each * last + _LAST_SECONDS
    rules: list[str] = []
    for step in steps:
        begin = 100 * each * step / whole
        end = begin + min(100 * 0.2 / whole, 100 * each / whole)
        frames = f"0%,{begin:.2f}%{{opacity:0}}{end:.2f}%,100%{{opacity:1}}"
        rules.append(f"@keyframes {name}-{step}{{{frames}}}")
        rules.append(f"#{name} .s{step}{{animation:{name}-{step} {whole:.2f}s linear infinite}}")
        if step in until:
            frames = f"0%,{begin:.2f}%{{opacity:1}}{end:.2f}%,100%{{opacity:0}}"
            rules.append(f"@keyframes {name}-b{step}{{{frames}}}")
            rules.append(f"#{name} .b{step}{{animation:{name}-b{step} {whole:.2f}s linear infinite}}")
    for step in only:
        begin, end = 100 * each * step / whole, 100 * each * (step + 1) / whole if step < last else 100.0
        seen, gone = begin + 0.01, min(end + 0.01, 100)
        frames = f"0%,{begin:.2f}%{{opacity:0}}{seen:.2f}%,{end:.2f}%{{opacity:1}}{gone:.2f}%,100%{{opacity:0}}"
        rules.append(f"@keyframes {name}-o{step}{{{frames}}}")
        rules.append(f"#{name} .o{step}{{animation:{name}-o{step} {whole:.2f}s linear infinite}}")
    return "".join(rules)
