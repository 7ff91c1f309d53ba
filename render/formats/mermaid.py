"""Writes a document as Mermaid text, which GitHub, GitLab and many notebooks draw where it stands in Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from ..document import Box, Cluster, Document, Heat, Text, Wire
from ..theme import HEAT_STEPS, STYLES, THEMES, heat_part
from .escape import prose, within_mermaid

__all__ = ["mermaid", "notes_on"]

#: kind of box → its shape: the brackets around its text.
_SHAPES = {
    "input": ("([", "])"),
    "parameter": ("([", "])"),
    "constant": ("([", "])"),
    "copy": ("([", "])"),
    "op": ("[", "]"),
    "output": ("(", ")"),
    "fold": ("[[", "]]"),
    "failed": ("[", "]"),
    "end": ("((", "))"),
}
#: Boxes with round ends that are not wider than high come out pointed: texts shorter than this get room on each side.
_SHORT, _ROOM = 4, "&nbsp;&nbsp;"
#: kind of box → the rest of its class: the width and the dashes of its border.
_BORDERS = {
    "parameter": "stroke-width:2px",
    "output": "stroke-width:2px",
    "failed": "stroke-width:2px",
    "constant": "stroke-dasharray:4 3",
    "fold": "stroke-dasharray:4 3",
}
#: Wires are thin up to this step of the magnitudes' ramp, and thick above.
_THIN = 5
#: Signs of this size are drawn larger than the rest.
_LARGE = 20
#: Mermaid draws no longer text and no more edges, unless the page that it stands in allows it; GitHub's doesn't.
LONGEST, MOST_WIRES = 50_000, 500


def mermaid(document: Document, *, theme: str = "light") -> str:
    """The Mermaid text of `document`: a flowchart. Where it would be too long with the cells of arrays, it has none.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> print(mermaid(document_of(gv.trace(lambda x: x * x, 3.0))).splitlines()[1])
    flowchart LR
    """
    text = _flowchart(document, theme)
    if len(text) <= LONGEST or not _has_cells(document):
        return text
    wires = tuple(replace(wire, forward_heat=None, backward_heat=None) for wire in document.wires)
    return _flowchart(replace(document, wires=wires), theme)


def notes_on(text: str, document: Document) -> tuple[str, ...]:
    """What there is to say of a Mermaid text: what was left out of it, and whether it can be drawn at all."""
    notes: list[str] = []
    if _has_cells(document) and _CELLS not in text:
        notes.append(f"without the cells of arrays: most pages draw no Mermaid of more than {LONGEST:,} characters")
    if len(text) > LONGEST or len(document.wires) > MOST_WIRES:
        notes.append(
            f"{len(text):,} characters of Mermaid, {len(document.wires):,} wires: GitHub and most other pages draw no "
            f"more than {LONGEST:,} and {MOST_WIRES}; fold more, take --level compact, or write .svg"
        )
    return tuple(notes)


def _has_cells(document: Document) -> bool:
    return any(wire.forward_heat is not None or wire.backward_heat is not None for wire in document.wires)


def _flowchart(document: Document, theme: str) -> str:
    lines = [_setting(theme), f"flowchart {document.direction}", f"  accTitle: {_sentence(document.title)}"]
    lines.append(f"  accDescr: {_sentence(' '.join((document.description, *document.notes)))}")
    boxes = {box.id: _box(box, theme) for box in document.boxes}
    lines += _clustered(document.clusters, boxes, "  ")
    lines += [f"  {text}" for text in boxes.values()]
    lines += [f"  {_wire(wire, theme)}" for wire in document.wires]
    kinds = sorted({box.kind for box in document.boxes})
    lines += [f"  {_class(kind, theme)}" for kind in kinds]
    return "\n".join(lines) + "\n"


def _setting(theme: str) -> str:
    """Lines as long as formulas are, and the colours of what is no box: Mermaid's own differ from page to page."""
    colours = THEMES[theme]
    variables = {
        "edgeLabelBackground": colours["background"],
        "lineColor": colours["wire"],
        "clusterBkg": colours["cluster-fill"],
        "clusterBorder": colours["cluster-border"],
        "titleColor": colours["muted"],
    }
    settings = {"theme": "base", "flowchart": {"wrappingWidth": 480}, "themeVariables": variables}
    return f"%%{{init: {json.dumps(settings)}}}%%"


def _sentence(text: str) -> str:
    """A line of text for `accTitle` and `accDescr`, which have no quotes: it ends where the line does."""
    return within_mermaid(prose(text), longest=4000).strip() or "gradients"


def _clustered(clusters: Iterable[Cluster], boxes: dict[str, str], indent: str) -> list[str]:
    """The frames with what they hold; that is taken out of `boxes`."""
    lines: list[str] = []
    for cluster in clusters:
        lines.append(f'{indent}subgraph {cluster.id}["{within_mermaid(cluster.label) or " "}"]')
        lines += _clustered(cluster.clusters, boxes, f"{indent}  ")
        lines += [f"{indent}  {boxes.pop(member)}" for member in cluster.members if member in boxes]
        lines.append(f"{indent}end")
    return lines


def _box(box: Box, theme: str) -> str:
    opening, closing = _SHAPES[box.kind]
    symbol = (Text(box.symbol, "symbol sign" if len(box.symbol) <= 1 else "symbol word"),) if box.symbol else ()
    plot = (Text(box.spark.text, "gradient"),) if box.spark else ()
    lines = (symbol, box.title, *(row.texts for row in box.rows), *box.footer, plot)
    content = "<br/>".join(filter(None, (_run(line, theme) for line in lines))) or " "
    if opening == "([" and all(sum(len(text.text) for text in line) < _SHORT for line in lines):
        content = f"{_ROOM}{content}{_ROOM}"
    return f'{box.id}{opening}"{content}"{closing}:::{_class_name(box.kind)}'


def _wire(wire: Wire, theme: str) -> str:
    lines = (
        _heat(wire.forward_heat, theme),
        _run(wire.forward, theme),
        _run(wire.backward, theme),
        _heat(wire.backward_heat, theme),
    )
    label = "<br/>".join(line for line in lines if line.strip())
    start, end = ("-.", ".->") if wire.dead else ("==", "==>") if wire.weight > _THIN else ("--", "-->")
    arrow = f'{start} "{label}" {end}' if label else end.replace(".->", "-.->")
    return f"{wire.source} {arrow} {wire.target}"


# -- texts and cells: HTML, as little of it as says the same, since the text must not be long -------------------------


def _run(texts: Iterable[Text], theme: str) -> str:
    """Texts in their colours."""
    runs = groupby(texts, key=lambda text: (STYLES[text.style].ink, STYLES[text.style].size >= _LARGE))
    return "".join(
        _coloured("".join(map(_weighed, run)), THEMES[theme][ink], " size=5" if large else "")
        for (ink, large), run in runs
    )


def _weighed(text: Text) -> str:
    content = within_mermaid(text.text)
    return f"<b>{content}</b>" if STYLES[text.style].bold and content.strip() else content


def _coloured(content: str, colour: str, size: str = "") -> str:
    """A `font`, and no `span`: classes overrule the colours of those, and a colour needs no # in it.

    Mermaid would take `style…:#…;` for a statement of its own.
    """
    return f"<font color={colour[1:]}{size}>{content}</font>" if content.strip() else content


def _heat(heat: Heat | None, theme: str) -> str:
    """Cells as coloured squares; pages that take their style away show them farther apart."""
    if heat is None:
        return ""
    rows = ("".join(_cells(row, theme)) for row in heat.rows)
    return f"{_CELLS}{'<br/>'.join(rows)}</span>"


_CELLS = "<span style='display: inline-block; line-height: 0.62; font-family: monospace'>"


def _cells(row: Iterable[float], theme: str) -> Iterator[str]:
    for (sign, colour), cells in groupby(_cell(x, theme) for x in row):
        yield _coloured(sign * len(list(cells)), colour)


def _cell(x: float, theme: str) -> tuple[str, str]:
    """The sign and the colour of a cell."""
    colours = THEMES[theme]
    if not math.isfinite(x):
        return "N" if math.isnan(x) else "∞", colours["nan"]
    if not x:
        return "□", colours["zero"]
    return "■", colours[heat_part(int(math.copysign(max(1, round(abs(x) * HEAT_STEPS)), x)))]


def _class(kind: str, theme: str) -> str:
    """What boxes of a kind look like; an arrow that ends in nothing ends in a dot that can't be seen."""
    colours = THEMES[theme]
    name = _class_name(kind)
    if kind == "end":
        return f"classDef {name} fill:transparent,stroke:transparent"
    fill, border = colours[f"{kind}-fill"], colours[f"{kind}-border"]
    rest = f",{_BORDERS[kind]}" if kind in _BORDERS else ""
    return f"classDef {name} fill:{fill},stroke:{border}{rest}"  # a colour for its texts would overrule theirs


def _class_name(kind: str) -> str:
    """`end` and others are words of Mermaid's own."""
    return f"gv{kind}"
