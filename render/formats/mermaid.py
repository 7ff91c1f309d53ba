"""Writes a document as Mermaid text, which GitHub, GitLab and many notebooks draw where it stands in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..document import Box, Cluster, Document, Text, Wire
from ..theme import STYLES, THEMES
from .escape import prose, within_mermaid

__all__ = ["mermaid"]

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


def mermaid(document: Document, *, theme: str = "light") -> str:
    """The Mermaid text of `document`: a flowchart.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> print(mermaid(document_of(gv.trace(lambda x: x * x, 3.0))).splitlines()[1])
    flowchart LR
    """
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
    """The colours of what is no box: without them, Mermaid's own, which differ from page to page."""
    colours = THEMES[theme]
    variables = {
        "edgeLabelBackground": colours["background"],
        "lineColor": colours["wire"],
        "clusterBkg": colours["cluster-fill"],
        "clusterBorder": colours["cluster-border"],
        "titleColor": colours["muted"],
    }
    return f"%%{{init: {json.dumps({'theme': 'base', 'themeVariables': variables})}}}%%"


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
    return f'{box.id}{opening}"{content}"{closing}:::{_class_name(box.kind)}'


def _run(texts: Iterable[Text], theme: str) -> str:
    return "".join(_text(text, theme) for text in texts)


def _text(text: Text, theme: str) -> str:
    """A run of text. A blank after each colon: Mermaid takes `style…:#…;` for a statement of its own."""
    content = within_mermaid(text.text)
    if not content.strip():
        return content
    look = STYLES[text.style]
    colour = ", ".join(str(int(THEMES[theme][look.ink][i : i + 2], 16)) for i in (1, 3, 5))
    size = "; font-size: 20px" if text.style == "symbol sign" else ""
    shown = f"<span style='color: rgb({colour}){size}'>{content}</span>"
    return f"<b>{shown}</b>" if look.bold else shown


def _wire(wire: Wire, theme: str) -> str:
    lines = filter(None, (_run(wire.forward, theme), _run(wire.backward, theme)))
    label = "<br/>".join(lines)
    start, end = ("-.", ".->") if wire.dead else ("==", "==>") if wire.weight > _THIN else ("--", "-->")
    arrow = f'{start} "{label}" {end}' if label.strip() else end.replace(".->", "-.->")
    return f"{wire.source} {arrow} {wire.target}"


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
