"""A plain placement for what `dot` can't lay out in time: ranks by longest path, the order in each by barycentre.

A few microseconds a node, where `dot` may take hours. What it places is drawn by `neato -n2`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from .document import Box, Document, Text, Wire
from .theme import STYLES

__all__ = ["placed"]

_SWEEPS = 4
#: Points between ranks, and between neighbours in a rank.
_RANK_GAP, _GAP = 26.0, 12.0
_LINE = 18.0

Place = tuple[float, float]


def placed(document: Document) -> dict[str, Place]:
    """A place, in points, for the middle of each box and each wire.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> places = placed(document_of(gv.trace(lambda x: x * 2.0, 3.0)))
    >>> places["n0"][0] < places["w2_0"][0] < places["n2"][0]
    True
    """
    sizes = {box.id: _box_size(box) for box in document.boxes} | {w.id: _wire_size(w) for w in document.wires}
    before, after = _neighbours(document)
    ranks = _ranks(document, before)
    rows: dict[int, list[str]] = defaultdict(list)
    for id in sizes:
        rows[ranks[id]].append(id)
    levels = [rows[rank] for rank in sorted(rows)]
    _untangle(levels, before, after)
    vertical = document.direction == "TB"
    along, across = (1, 0) if vertical else (0, 1)
    places: dict[str, Place] = {}
    reached = 0.0
    for row in levels:
        deep = max(sizes[id][along] for id in row)
        length = sum(sizes[id][across] + _GAP for id in row)
        middle, at = reached + deep / 2, -length / 2
        for id in row:
            size = sizes[id][across]
            # Graphviz counts upwards: the first of a rank stands on top, the first rank of a vertical one too.
            places[id] = (at + size / 2, -middle) if vertical else (middle, -(at + size / 2))
            at += size + _GAP
        reached += deep + _RANK_GAP
    return places


def _neighbours(document: Document) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What stands before and after each box and wire; a wire that leads back counts against its direction."""
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for wire in document.wires:
        ends = (wire.target, wire.source) if wire.recurs else (wire.source, wire.target)
        for one, other in ((ends[0], wire.id), (wire.id, ends[1])):
            after[one].append(other)
            before[other].append(one)
    return before, after


def _ranks(document: Document, before: dict[str, list[str]]) -> dict[str, int]:
    """Even ranks for boxes, each behind all that leads to it, and the odd ones before them for their wires."""
    ranks: dict[str, int] = {}
    for box in document.boxes:  # in topological order: what leads to a box comes before it
        sources = [before[wire][0] for wire in before[box.id]]
        ranks[box.id] = max((ranks.get(source, 0) + 2 for source in sources), default=0)
    first: dict[str, int] = {}
    for wire in document.wires:
        first[wire.source] = min(ranks[wire.target], first.get(wire.source, ranks[wire.target]))
    # What nothing leads to, leaves above all, stands next to where it is used first.
    ranks |= {box.id: first[box.id] - 2 for box in document.boxes if not before[box.id] and box.id in first}
    for wire in document.wires:
        target = wire.source if wire.recurs else wire.target
        ranks[wire.id] = ranks[target] - 1
    return ranks


def _untangle(rows: list[list[str]], before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """Order each rank by where its neighbours stand, forwards and backwards a few times."""
    at = {id: i / max(1, len(row)) for row in rows for i, id in enumerate(row)}
    for sweep in range(_SWEEPS):
        beside = after if sweep % 2 else before
        for row in reversed(rows) if sweep % 2 else rows:
            row.sort(key=lambda id: _mean([at[other] for other in beside[id]], at[id]))
            for i, id in enumerate(row):
                at[id] = i / max(1, len(row))


def _mean(places: list[float], default: float) -> float:
    return sum(places) / len(places) if places else default


# -- sizes, roughly --------------------------------------------------------------------------------------------------


def _text_width(texts: Iterable[Text]) -> float:
    return sum(0.62 * STYLES[text.style.partition("@")[0]].size * len(text.text) for text in texts)


def _box_size(box: Box) -> Place:
    lines = [box.title, *[row.texts for row in box.rows], *box.footer]
    width = max([_text_width(line) for line in lines if line] + [64.0])
    extra = 64.0 if box.form == "card" else 0.0
    return width + extra + 12, max(54.0, _LINE * math.ceil(1.5 * len(lines))) + (20 if box.spark else 0)


def _wire_size(wire: Wire) -> Place:
    heats = [heat for heat in (wire.forward_heat, wire.backward_heat) if heat is not None]
    width = max(_text_width(wire.forward), _text_width(wire.backward), 60.0) + 100 * bool(heats)
    return width, 44.0 + sum(9 * len(heat.rows) for heat in heats)
