"""Writes a document as DOT text: boxes and wires as HTML-like tables, in the colours of a theme."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import chain
from typing import Any

from ...tracer.garbage import fewer_collections
from ..document import Cluster, Document, Text, Wire
from ..placement import Place, Placement
from ..theme import SANS, THEMES, marks_failed
from .dot_boxes import BOXES
from .dot_cells import scale_table
from .dot_texts import run
from .dot_wires import WIRES, edge_looks, step_of_looks
from .steps import CAPTION_HEIGHT, base_style, legend_style, said_at

__all__ = ["dot", "dot_bytes", "dot_to_measure"]

#: So many pieces of the text are put together at once: they and what they make stay in the processor's cache.
_AT_ONCE = 1000


def dot(document: Document, *, theme: str = "light", placement: Placement | None = None) -> str:
    """The DOT text of `document`; with a placement, for `neato -n2`, which draws what is placed already.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> text = dot(document_of(gv.trace(lambda x: x * x, 3.0)))
    >>> text.startswith("digraph gradviz {")
    True
    """
    with fewer_collections():
        return "".join(chain(*_pieces(document, theme, _body(document, theme, placement))))


def dot_bytes(document: Document, *, theme: str = "light") -> bytes:
    """The same text as UTF-8, and of a large document in half the time: nowhere is it there as a whole before.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> document = document_of(gv.trace(lambda x: x * x, 3.0))
    >>> dot_bytes(document) == dot(document).encode()
    True
    """
    file = BytesIO()
    with fewer_collections():
        for pieces in _pieces(document, theme, _body(document, theme, None)):
            for start in range(0, len(pieces), _AT_ONCE):
                file.write("".join(pieces[start : start + _AT_ONCE]).encode())
    return file.getvalue()


def dot_to_measure(document: Document) -> str:
    """DOT text for `neato -n2` from whose drawing the sizes of boxes and wires can be read, and where edges end.

    Nothing in it is framed or has an arrow, and all is near to 0, where places are written with the most digits.
    """
    bare = replace(document, title="", legend=(), notes=(), scale=None, clusters=())
    places = {part.id: (30.0 * (i % 40), 30.0 * (i // 40 % 40)) for i, part in enumerate((*bare.boxes, *bare.wires))}
    body = [_positions(places), *_body(bare, "light", None)]
    return "".join(chain(*_pieces(bare, "light", body, splines="line", arrows="none")))


def _pieces(
    document: Document, theme: str, body: Sequence[list[str]], *, splines: str = "true", arrows: str | None = None
) -> list[list[str]]:
    """The whole text, as lists of the pieces that it is put together of."""
    import graphviz  # with all that it needs to run programs: nothing that every import of ours should pay for

    colours = THEMES[theme]
    graph: Any = graphviz.Digraph(  # pyright: ignore[reportAttributeAccessIssue]  # the package has no stubs
        "gradviz",
        graph_attr={
            "rankdir": document.direction,
            "bgcolor": colours["background"],
            "pad": "0.3",
            "margin": "0",
            "nodesep": "0.18" if document.small else "0.28",
            "ranksep": "0.2" if document.small else "0.3",
            "splines": splines,
            "outputorder": "edgesfirst",
            "newrank": "true",
            "fontname": SANS,
            "label": f"<{_headline(document, theme)}>",
            "labelloc": "t",
            "labeljust": "c",
        },
        node_attr={"shape": "plain", "fontname": SANS, "fontsize": "13", "fontcolor": colours["ink"]},
        edge_attr={
            "color": colours["wire"],
            "penwidth": "2",
            "arrowsize": "0.6",
            **({} if arrows is None else {"arrowhead": arrows, "arrowtail": arrows}),
        },
    )
    head, end = graph.source[:-2], "}\n"
    return [[head], *body, [end]]


def _positions(places: Mapping[str, Place]) -> list[str]:
    return [f'\t{id} [pos="{x:.1f},{y:.1f}"]\n' for id, (x, y) in places.items()]


def _body(document: Document, theme: str, placement: Placement | None) -> list[list[str]]:
    """The frames with what stands in them, all other boxes and wires, and then the edges."""
    rest: list[str] = []
    edges: list[str] = []
    # The statements of a frame, or what they are put together of, are collected in a list of its own.
    within: dict[str, list[str]] = {}
    frames = [part for cluster in document.clusters for part in _frame(cluster, within, theme, placement)]
    labels, label = BOXES[document.direction], WIRES[document.direction]
    for box in document.boxes:
        id, form = box.id, box.form
        body = within.get(id, rest)
        if form == "end":
            body.append(f"\t{id} [id={id} shape=point width=0.01 style=invis]\n")
        else:
            body.append(f"\t{id} [id={id} class={base_style(box.kind)} label=<")
            body += labels[form](box, theme)
            body.append(">]\n")
    come, go = _SIDES[document.direction]
    corner = _CORNERS[document.direction] if placement is None else go
    forms = {box.id: box.form for box in document.boxes}
    uses = Counter([wire.source for wire in document.wires])
    for wire in document.wires:
        id, source = wire.id, wire.source
        body = within.get(id, rest)
        body.append(f"\t{id} [id={id} class=wire label=<")
        body += label(wire, theme)
        body.append(">]\n")
        target = _end(wire, forms, come) if wire.port is None else f"{wire.target}:i{wire.port}:{come}"
        first, second = edge_looks(wire.dead, wire.weight, uses[source] == 1, wire.recurs, theme, step_of_looks(wire))
        if wire.recurs:  # written against its direction: what it leads to stands before it
            edges.append(f"\t{id}:w:{go} -> {source}:o:{corner} {first}\t{target} -> {id}:w:{come} {second}")
        else:
            edges.append(f"\t{source}:o:{go} -> {id}:w:{come} {first}\t{id}:w:{go} -> {target} {second}")
    if placement is not None:
        rest += _positions(placement.places)
        edges = [_along(wire, line, placement) for wire, line in zip(document.wires, edges, strict=True)]
    return [*frames, rest, edges]


def _end(wire: Wire, forms: Mapping[str, str], come: str) -> str:
    """Where a wire that leads to no operand ends."""
    return f"{wire.target}:o:{come}" if forms.get(wire.target) == "leaf" else wire.target


#: direction → the sides at which wires come into what they lead to, and go out of what they come from.
_SIDES = {"LR": ("w", "e"), "TB": ("n", "s")}
#: direction → where wires go out that lead back: from the corner there is a way over the box, and none around it.
_CORNERS = {"LR": "ne", "TB": "sw"}


def _along(wire: Wire, line: str, placement: Placement) -> str:
    """The statements of a wire's two edges, with the curves that they have been given."""
    first, second = placement.paths[wire.id]
    curves = (_curve(first), _arrow(second))
    if wire.recurs:
        curves = (_curve(first[::-1]), _arrow(second, written_backwards=True))
    return "".join([f'{edge} pos="{pos}"]\n' for edge, pos in zip(line.split("]\n"), curves, strict=False)])


def _curve(points: Sequence[Place]) -> str:
    return " ".join([f"{x:.1f},{y:.1f}" for x, y in points])


#: Points from the tip of an arrow to where its line ends.
_ARROW = 6.0


def _arrow(points: Sequence[Place], *, written_backwards: bool = False) -> str:
    """A curve with an arrow at its end; where its edge is written backwards, the arrow stands at the start."""
    (x0, y0), (x, y) = points[-2:]
    length = max(math.hypot(x - x0, y - y0), 1e-9)
    base = (x - _ARROW * (x - x0) / length, y - _ARROW * (y - y0) / length)
    line = [*points[:-1], base]
    return f"s,{x:.1f},{y:.1f} {_curve(line[::-1])}" if written_backwards else f"e,{x:.1f},{y:.1f} {_curve(line)}"


def _frame(
    cluster: Cluster, within: dict[str, list[str]], theme: str, placement: Placement | None, depth: int = 0
) -> list[list[str]]:
    """A frame, with a place for what stands in it: a list, that `within` has by the id of each of its members."""
    colours = THEMES[theme]
    fill = colours["cluster-fill-inner" if depth % 2 else "cluster-fill"]
    label = run((Text(cluster.label, "cluster"),), theme).markup or " "
    corners = "" if placement is None else _corners(cluster, placement)
    start = (
        f'\tsubgraph cluster_{cluster.id} {{ id={cluster.id} class=scope style="rounded,filled" margin=12 '
        f'color="{colours["cluster-border"]}" fillcolor="{fill}" penwidth=1 labelloc=t labeljust=l '
        f"label=<{label}>{corners}\n"
    )
    own: list[str] = []
    within.update(dict.fromkeys(cluster.members, own))
    inner = [part for inside in cluster.clusters for part in _frame(inside, within, theme, placement, depth + 1)]
    return [[start], *inner, own, ["\t}\n"]]


def _corners(cluster: Cluster, placement: Placement) -> str:
    """A frame's place, and that of its label, which is in its upper left corner."""
    (left, low), (right, high) = placement.frames[cluster.id]
    middle = left + 8 + run((Text(cluster.label, "cluster"),), "light").width / 2
    return f' bb="{left:.1f},{low:.1f},{right:.1f},{high:.1f}" lp="{middle:.1f},{high - 11:.1f}"'


def _headline(document: Document, theme: str) -> str:
    """Title, legend, key and notes; above them what is said at each step, of which the pages show one."""
    title = run((Text(document.title, "title"),), theme).markup
    legend = "      ".join([run(group, theme).markup for group in document.legend])
    if document.scale is not None:
        before, after = (run(texts, theme).markup for texts in (document.scale.before, document.scale.after))
        parts = (legend, "    ", before, scale_table(document.scale, theme), after)
        cells = "".join([f"<TD>{part}</TD>" for part in parts if part])
        legend = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR>{cells}</TR></TABLE>'
    styles = [legend_style(document.marked_at if marks_failed(note) else None) for note in document.notes]
    notes = [run((Text(note, style),), theme).markup for note, style in zip(document.notes, styles, strict=True)]
    last = len(document.captions) - 1
    said = [(Text(text, legend_style(said_at(step, last))),) for step, text in enumerate(document.captions)]
    above = "".join([f'<TR><TD HEIGHT="{CAPTION_HEIGHT}">{run(text, theme).markup}</TD></TR>' for text in said])
    rows = "".join([f"<TR><TD>{row}</TD></TR>" for row in (title or " ", legend, *notes)])
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">'
    return f'{table}{above}{rows}<TR><TD HEIGHT="6"></TD></TR></TABLE>'
