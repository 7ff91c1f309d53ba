"""Writes a document as DOT text: boxes and wires as HTML-like tables, in the colours of a theme."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ..document import Box, Cluster, Document, Heat, Text, Wire
from ..theme import SANS, STYLES, THEMES, ramp_part
from .dot_cells import heat_height, heat_table, heat_width, scale_table, spark_table
from .escape import label as escaped
from .steps import base_style, coded, step_of

__all__ = ["dot"]

_PLAIN = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


class _Look(NamedTuple):
    """How boxes of a kind are painted: the parts of fill and border, its width, and its line."""

    fill: str
    border: str
    width: int = 1
    line: str = "ROUNDED"


_LOOKS = {
    "input": _Look("input-fill", "input-border"),
    "parameter": _Look("parameter-fill", "parameter-border", width=2),
    "constant": _Look("constant-fill", "constant-border", line="ROUNDED,DASHED"),
    "op": _Look("op-fill", "op-border"),
    "output": _Look("output-fill", "output-border", width=2),
    "fold": _Look("fold-fill", "fold-border", width=2),
    "failed": _Look("failed-fill", "failed-border", width=2),
    "copy": _Look("copy-fill", "copy-border"),
}


class _Gate(NamedTuple):
    """How large a gate is drawn: the lines of text around it, its own box, and a leaf's."""

    line: int
    gap: int
    sign_width: int
    sign_height: int
    leaf_height: int
    border: int


_GATES = {False: _Gate(18, 3, 40, 46, 36, 2), True: _Gate(15, 2, 34, 40, 30, 1)}  # by whether it is small


def dot(document: Document, *, theme: str = "light", places: Mapping[str, tuple[float, float]] | None = None) -> str:
    """The DOT text of `document`; with `places`, for `neato -n2`, which draws what is placed already.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> text = dot(document_of(gv.trace(lambda x: x * x, 3.0)))
    >>> text.startswith("digraph gradviz {")
    True
    """
    import graphviz  # with all that it needs to run programs: nothing that every import of ours should pay for

    colours = THEMES[theme]
    vertical = document.direction == "TB"
    graph: Any = graphviz.Digraph(  # pyright: ignore[reportAttributeAccessIssue]  # the package has no stubs
        "gradviz",
        graph_attr={
            "rankdir": document.direction,
            "bgcolor": colours["background"],
            "pad": "0.3",
            "nodesep": "0.18" if document.small else "0.28",
            "ranksep": "0.2" if document.small else "0.3",
            "splines": "true" if places is None else "line",
            "outputorder": "edgesfirst",
            "newrank": "true",
            "fontname": SANS,
            "label": f"<{_headline(document, colours)}>",
            "labelloc": "t",
            "labeljust": "c",
        },
        node_attr={"shape": "plain", "fontname": SANS, "fontsize": "13", "fontcolor": colours["ink"]},
        edge_attr={"color": colours["wire"], "penwidth": "2", "arrowsize": "0.6"},
    )
    writers = _VERTICAL if vertical else _HORIZONTAL
    forms = {box.id: box.form for box in document.boxes}
    uses = Counter(wire.source for wire in document.wires)
    nodes: dict[str, str] = {}
    edges: list[str] = []
    for box in document.boxes:
        if box.form == "end":
            nodes[box.id] = f"\t{box.id} [id={box.id} shape=point width=0.01 style=invis]\n"
        else:
            nodes[box.id] = f"\t{box.id} [id={box.id} class={box.kind} label=<{writers[box.form](box, theme)}>]\n"
    for wire in document.wires:
        nodes[wire.id], *ends = _wire(wire, theme, forms, vertical, straight=uses[wire.source] == 1)
        edges += ends
    for id, (x, y) in (places or {}).items():
        nodes[id] = nodes[id].replace(" [", f' [pos="{x:.1f},{y:.1f}" ', 1)
    for cluster in document.clusters if places is None else ():
        graph.body += _cluster(cluster, nodes, theme)
    graph.body += nodes.values()
    graph.body += edges
    return graph.source


def _cluster(cluster: Cluster, nodes: dict[str, str], theme: str, depth: int = 0) -> list[str]:
    """A frame with what stands in it; that is taken out of `nodes`."""
    colours = THEMES[theme]
    fill = colours["cluster-fill-inner" if depth % 2 else "cluster-fill"]
    label = _run((Text(cluster.label, "cluster"),), theme) or " "
    inside = [line for inner in cluster.clusters for line in _cluster(inner, nodes, theme, depth + 1)]
    return [
        f'\tsubgraph cluster_{cluster.id} {{ id={cluster.id} class=scope style="rounded,filled" margin=12 '
        f'color="{colours["cluster-border"]}" fillcolor="{fill}" penwidth=1 labelloc=t labeljust=l label=<{label}>\n',
        *inside,
        *[nodes.pop(member) for member in cluster.members],
        "\t}\n",
    ]


# -- texts -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _tags(style: str, theme: str) -> tuple[str, str]:
    look = STYLES[base_style(style)]
    face = f' FACE="{look.face}"' if look.face != SANS else ""
    bold, end = ("<B>", "</B>") if look.bold else ("", "")
    start = f'<FONT COLOR="{THEMES[theme][look.ink]}" POINT-SIZE="{look.size:g}"{face}>{bold}'
    return coded(start, step_of((Text("", style),)), theme), f"{end}</FONT>"


def _run(texts: tuple[Text, ...], theme: str) -> str:
    return "".join([_piece(text.text, text.style, theme) for text in texts])


# Most texts of a large picture stand in it many times. The same holds for the other functions with a cache.
@lru_cache(maxsize=1 << 15)
def _piece(text: str, style: str, theme: str) -> str:
    content = escaped(text)
    if not content:  # Graphviz takes an empty <B></B> for a syntax error
        return ""
    start, end = _tags(style, theme)
    return f"{start}{content}{end}"


def _symbol(symbol: str, theme: str, *, small: bool = False) -> str:
    return _run((Text(symbol, _symbol_style(symbol, small=small)),), theme)


def _symbol_style(symbol: str, *, small: bool) -> str:
    """Signs are drawn large, words less so."""
    style = "symbol sign" if len(symbol) <= 1 else "symbol word" if len(symbol) <= 4 else "symbol long"
    return f"small {style}" if small else style


def _headline(document: Document, colours: dict[str, str]) -> str:
    theme = next(name for name, table in THEMES.items() if table is colours)
    title = _run((Text(document.title, "title"),), theme)
    legend = "      ".join(_run(group, theme) for group in document.legend)
    if document.scale is not None:
        parts = (legend, "    ", _run(document.scale.before, theme), scale_table(document.scale, theme))
        cells = "".join(f"<TD>{part}</TD>" for part in (*parts, _run(document.scale.after, theme)) if part)
        legend = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR>{cells}</TR></TABLE>'
    notes = "".join(f"<TR><TD>{_run((Text(note, 'legend'),), theme)}</TD></TR>" for note in document.notes)
    rows = f"<TR><TD>{title or ' '}</TD></TR><TR><TD>{legend}</TD></TR>{notes}"
    return (
        '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">'
        + rows
        + '<TR><TD HEIGHT="6"></TD></TR></TABLE>'
    )


@lru_cache(maxsize=1 << 10)
def _open_table(
    kind: str,
    theme: str,
    *,
    padding: int,
    port: str = "",
    width: int | None = None,
    fixed: tuple[int, int] | None = None,
) -> str:
    look, colours = _LOOKS[kind], THEMES[theme]
    size = "" if fixed is None else f' FIXEDSIZE="TRUE" WIDTH="{fixed[0]}" HEIGHT="{fixed[1]}"'
    return (
        f'<TABLE{port}{size} BORDER="{width or look.width}" STYLE="{look.line}" COLOR="{colours[look.border]}" '
        f'BGCOLOR="{colours[look.fill]}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">'
    )


def _hairline(theme: str, columns: int = 1) -> str:
    return f'<TR><TD COLSPAN="{columns}" HEIGHT="1" BGCOLOR="{THEMES[theme]["hairline"]}" CELLPADDING="0"></TD></TR>'


# -- leaves: a name with rows under it -------------------------------------------------------------------------------


_LEAF_WIDTH = {False: 64, True: 30}  # by whether it is small


def _spark_row(box: Box, theme: str, columns: int = 1) -> str:
    return "" if box.spark is None else f'<TR><TD COLSPAN="{columns}">{spark_table(box.spark, theme)}</TD></TR>'


def _leaf(box: Box, theme: str) -> str:
    rows = f'<TR><TD PORT="o" WIDTH="{_LEAF_WIDTH[box.small]}">{_run(box.title, theme)}</TD></TR>'
    rows += "".join(f"<TR><TD>{_run(row.texts, theme)}</TD></TR>" for row in box.rows) + _spark_row(box, theme)
    return f"{_open_table(box.kind, theme, padding=4)}{rows}</TABLE>"


def _leaf_down(box: Box, theme: str) -> str:
    rows = f'<TR><TD WIDTH="{_LEAF_WIDTH[box.small]}">{_run(box.title, theme)}</TD></TR>'
    rows += "".join(f"<TR><TD>{_run(row.texts, theme)}</TD></TR>" for row in box.rows) + _spark_row(box, theme)
    port = ' PORT="o"'
    return f"{_open_table(box.kind, theme, padding=4, port=port)}{rows}</TABLE>"


# -- cards -----------------------------------------------------------------------------------------------------------


def _footer(box: Box, theme: str, columns: int) -> str:
    lines = "<BR/>".join(filter(None, (_run(line, theme) for line in box.footer)))
    return f'{_hairline(theme, columns)}<TR><TD COLSPAN="{columns}" HEIGHT="22">{lines}</TD></TR>' if lines else ""


def _card(box: Box, theme: str) -> str:
    """Title; a row per operand, with its port, beside the symbol; footer."""
    ports = [row for row in box.rows if row.port is not None]
    others = [row for row in box.rows if row.port is None]
    height = 32 if len(ports) > 1 else 48
    rows = f'<TR><TD COLSPAN="2" HEIGHT="24">{_run(box.title, theme)}</TD></TR>{_hairline(theme, 2)}'
    for i, row in enumerate(ports):
        symbol = (
            f'<TD PORT="o" ROWSPAN="{len(ports)}" WIDTH="54" CELLPADDING="4">{_symbol(box.symbol, theme)}</TD>'
            if i == 0
            else ""
        )
        local = _run(row.texts, theme) or " "
        rows += f'<TR><TD PORT="i{row.port}" HEIGHT="{height}" ALIGN="LEFT">{local}</TD>{symbol}</TR>'
    for row in others:
        rows += f'{_hairline(theme, 2)}<TR><TD COLSPAN="2" HEIGHT="24">{_run(row.texts, theme)}</TD></TR>'
    return f"{_open_table(box.kind, theme, padding=4)}{rows}{_footer(box, theme, 2)}</TABLE>"


def _card_down(box: Box, theme: str) -> str:
    """The operands' cells along the top, then symbol and title, then the footer."""
    ports = [row for row in box.rows if row.port is not None]
    others = [row for row in box.rows if row.port is None]
    columns = max(1, len(ports))
    cells = "".join(f'<TD PORT="i{row.port}" HEIGHT="26">{_run(row.texts, theme) or " "}</TD>' for row in ports)
    rows = f"<TR>{cells}</TR>{_hairline(theme, columns)}"
    rows += f'<TR><TD COLSPAN="{columns}">{_symbol(box.symbol, theme)}</TD></TR>'
    rows += f'<TR><TD COLSPAN="{columns}">{_run(box.title, theme)}</TD></TR>'
    for row in others:
        rows += f'{_hairline(theme, columns)}<TR><TD COLSPAN="{columns}">{_run(row.texts, theme)}</TD></TR>'
    port = ' PORT="o"'
    return f"{_open_table(box.kind, theme, padding=4, port=port)}{rows}{_footer(box, theme, columns)}</TABLE>"


# -- gates: the symbol alone -----------------------------------------------------------------------------------------


def _gate_core(box: Box, theme: str, vertical: bool) -> str:
    """The box itself: its sign, with a cell per operand along the side where wires come in."""
    size = _GATES[box.small]
    if not box.symbol:
        name = _run(box.rows[0].texts, theme) if box.rows else " "
        width = 30 if box.kind in ("copy", "constant") and box.small else 44
        wide = max(width, _width(box.rows[0].texts) + 6)
        fixed = None if vertical else _narrow(box.kind, _around(box), wide, size.leaf_height, small=box.small)
        table = _open_table(box.kind, theme, padding=0, port=' PORT="o"', fixed=fixed)
        return f'{table}<TR><TD WIDTH="{width}" HEIGHT="{size.leaf_height}">{name}</TD></TR></TABLE>'
    return _op_core(box.kind, box.symbol, box.ports, _around(box), vertical, box.small, theme)


@lru_cache(maxsize=1 << 12)
def _op_core(
    kind: str, symbol: str, ports: tuple[int, ...], around: _Around, vertical: bool, small: bool, theme: str
) -> str:
    size, n = _GATES[small], len(ports)
    sign, fixed = _symbol(symbol, theme, small=small), None
    if vertical:
        width = max(12, 50 // n)
        cells = "".join(f'<TD PORT="i{p}" WIDTH="{width}" HEIGHT="6"></TD>' for p in ports)
        across = f'COLSPAN="{n}"'
        rows = f'<TR>{cells}</TR><TR><TD {across} HEIGHT="34">{sign}</TD></TR><TR><TD {across} HEIGHT="4"></TD></TR>'
    else:
        height = max(12, size.sign_height // n)
        rows = (
            f'<TR><TD PORT="i{ports[0]}" WIDTH="8" HEIGHT="{height}"></TD>'
            f'<TD ROWSPAN="{n}" WIDTH="{size.sign_width}" HEIGHT="{size.sign_height}">{sign}</TD>'
            f'<TD ROWSPAN="{n}" WIDTH="8"></TD></TR>'
        )
        rows += "".join(f'<TR><TD PORT="i{p}" WIDTH="8" HEIGHT="{height}"></TD></TR>' for p in ports[1:])
        sign_width = _width((Text(symbol, _symbol_style(symbol, small=small)),))
        wide, high = max(size.sign_width, sign_width) + 16, max(size.sign_height, height * n)
        fixed = _narrow(kind, around, wide, high, small=small)
    width = max(size.border, _LOOKS[kind].width)
    table = _open_table(kind, theme, padding=0, port=' PORT="o"', width=width, fixed=fixed)
    return f"{table}{rows}</TABLE>"


class _Around(NamedTuple):
    """How wide what stands around a gate's box is: all of it, and what may stretch the box."""

    all: int
    stretching: int


def _around(box: Box) -> _Around:
    """The texts around a gate's box. A fork's sum or a plot may stretch it: there wires bend, and would cross them."""
    below = box.footer[1:] if box.symbol else box.footer
    if box.spark is not None:
        below = box.footer
    return _Around(
        max([_width(texts) for texts in (box.title, *box.footer)]), max([_width(texts) for texts in below], default=0)
    )


def _narrow(kind: str, around: _Around, width: int, height: int, *, small: bool) -> tuple[int, int] | None:
    """The size to hold a gate's box to, where wider texts around it would stretch it; None where none are."""
    border = 2 * max(_GATES[small].border, _LOOKS[kind].width)
    return (width + border, height + border) if around.all > width >= around.stretching else None


def _gate(box: Box, theme: str) -> str:
    """Name above, box, role and sum below: the same height on both sides, so that the box is the middle."""
    size = _GATES[box.small]
    gap = f'<TR><TD HEIGHT="{size.gap}"></TD></TR>'
    lines = [line for line in (_run(line, theme) for line in box.footer) if line] or [""]
    above = f'<TD HEIGHT="{size.line}" VALIGN="BOTTOM">{_run(box.title, theme)}</TD>'
    rows = f"<TR>{above}</TR>{gap}<TR><TD>{_gate_core(box, theme, vertical=False)}</TD></TR>{gap}"
    rows += "".join(f'<TR><TD HEIGHT="{size.line}" VALIGN="TOP">{line}</TD></TR>' for line in lines)
    rows += _spark_row(box, theme)
    return f"<TABLE {_PLAIN}>{rows}</TABLE>"


def _gate_down(box: Box, theme: str) -> str:
    """Name to the left, box, role and sum to the right."""
    lines = '<BR ALIGN="LEFT"/>'.join(filter(None, (_run(line, theme) for line in box.footer)))
    left, right = _run(box.title, theme), lines
    if box.spark is not None:
        right = f"<TABLE {_PLAIN}><TR><TD>{lines}</TD></TR>{_spark_row(box, theme)}</TABLE>"
    core = _gate_core(box, theme, vertical=True)
    if not left and not right:
        return core
    side = '<TD WIDTH="8"></TD>'
    return (
        f'<TABLE {_PLAIN}><TR><TD ALIGN="RIGHT">{left}</TD>{side}<TD>{core}</TD>{side}'
        f'<TD ALIGN="LEFT" BALIGN="LEFT">{right}</TD></TR></TABLE>'
    )


_HORIZONTAL = {"leaf": _leaf, "card": _card, "gate": _gate}
_VERTICAL = {"leaf": _leaf_down, "card": _card_down, "gate": _gate_down}


# -- wires -----------------------------------------------------------------------------------------------------------


def _wire(wire: Wire, theme: str, forms: dict[str, str], vertical: bool, *, straight: bool) -> list[str]:
    """A wire: its table, and the two edges that hold it between source and target.

    What is used once leaves its box straight; what forks can't.
    """
    colours = THEMES[theme]
    table = (_wire_down if vertical else _wire_across)(wire, theme)
    come, go = ("n", "s") if vertical else ("w", "e")
    dashed = f' color="{colours["zero"]}" style=dashed' if wire.dead else ""
    if wire.weight and not wire.dead:
        dashed = f' color="{colours[ramp_part(wire.weight)]}" penwidth={wire.weight}'
    end = forms.get(wire.target)
    if end == "end":
        head = wire.target
    elif wire.port is None:
        head = f"{wire.target}:o:{come}" if end == "leaf" else wire.target
    else:
        head = f"{wire.target}:i{wire.port}:{come}"
    if wire.recurs:  # written against its direction: what it leads to stands before it
        return [
            f"\t{wire.id} [id={wire.id} class=wire label=<{table}>]\n",
            f"\t{wire.id}:w:{go} -> {wire.source}:o:{go} [dir=none weight=0{dashed}]\n",
            f"\t{head} -> {wire.id}:w:{come} [dir=back weight=0{dashed}]\n",
        ]
    return [
        f"\t{wire.id} [id={wire.id} class=wire label=<{table}>]\n",
        f"\t{wire.source}:o:{go} -> {wire.id}:w:{come} [arrowhead=none weight={4 if straight else 1}{dashed}]\n",
        f"\t{wire.id}:w:{go} -> {head} [weight=2{dashed}]\n",
    ]


#: The line is so much longer on each side than the port that edges end at: they overlap, and no gap shows between.
_OVERLAP = 3


def _wire_across(wire: Wire, theme: str) -> str:
    """Value, line, gradient, from top to bottom."""
    # As wide as its texts, or Graphviz would stretch the ends of the line to fill the table.
    forward, backward = _width(wire.forward) + heat_width(wire.forward_heat), _width(wire.backward)
    least = 68 if len(wire.backward) > 2 else 44
    wide = max(least, forward, backward + heat_width(wire.backward_heat))
    line = _line_across(wire.dead, wire.weight, wide, theme)
    across = 'COLSPAN="1"' if wire.dead else 'COLSPAN="3"'
    above = _beside_heat(wire.forward, wire.forward_heat, theme, "BOTTOM")
    below = _beside_heat(wire.backward, wire.backward_heat, theme, "TOP")
    high = 15 if wire.small else 20
    return (
        f'<TABLE {_PLAIN}><TR><TD {across} HEIGHT="{high}" VALIGN="BOTTOM">{above}</TD></TR>'
        f'<TR>{line}</TR><TR><TD {across} HEIGHT="2"></TD></TR>'
        f'<TR><TD {across} HEIGHT="{high - (0 if wire.small else 2)}" VALIGN="TOP">{below}</TD></TR></TABLE>'
    )


@lru_cache(maxsize=1 << 12)
def _line_across(dead: bool, weight: int, wide: int, theme: str) -> str:
    """The cells that are the line."""
    ink = _line(dead, weight, theme, "T")
    if dead:
        return f'<TD PORT="w" {ink} WIDTH="{wide}"></TD>'
    end = f'<TD {ink} WIDTH="{_OVERLAP}"></TD>'
    return f'{end}<TD PORT="w" {ink} WIDTH="{wide - 2 * _OVERLAP}"></TD>{end}'


def _beside_heat(texts: tuple[Text, ...], heat: Heat | None, theme: str, align: str) -> str:
    """Cells and texts on one line, the cells on the side that the arrow does not stand on."""
    if heat is None:
        return _run(texts, theme)
    cells = f"<TD>{coded(heat_table(heat, theme), step_of(texts), theme)}</TD>"
    first, rest = (texts[:1], texts[1:]) if align == "TOP" else ((), texts)
    arrow = f'<TD VALIGN="{align}">{_run(first, theme)}</TD>' if first else ""
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR>{arrow}{cells}'
        f'<TD VALIGN="{align}"> {_run(rest, theme)}</TD></TR></TABLE>'
    )


def _width(texts: tuple[Text, ...]) -> int:
    """About how wide texts are, in points: Courier's letters are 0.6 em, Arial's at most about that."""
    return math.ceil(sum([_extent(text.text, text.style) for text in texts])) + 4


@lru_cache(maxsize=1 << 15)
def _extent(text: str, style: str) -> float:
    return 0.62 * STYLES[base_style(style)].size * len(text)


def _line(dead: bool, weight: int, theme: str, side: str) -> str:
    """The attributes of a piece of the line; a dashed border needs a cell twice its height."""
    thickness = "HEIGHT" if side == "T" else "WIDTH"
    if dead:
        return f'BORDER="2" SIDES="{side}" STYLE="DASHED" COLOR="{THEMES[theme]["zero"]}" {thickness}="4"'
    colour = ramp_part(weight) if weight else "wire"
    return f'{thickness}="{weight or 2}" BGCOLOR="{THEMES[theme][colour]}"'


def _wire_down(wire: Wire, theme: str) -> str:
    """Value, line, gradient, from left to right: the sides as wide as each other, so that the line is the middle."""
    # As long as what stands beside it, or the table would stretch its ends past where the edges meet it.
    long = 30 if not heated(wire) else max(map(heat_height, (wire.forward_heat, wire.backward_heat))) + 18
    ink = _line(wire.dead, wire.weight, theme, "L")
    if wire.dead:
        line = f'<TR><TD PORT="w" {ink} HEIGHT="{long}"></TD></TR>'
    else:
        end = f'<TR><TD {ink} HEIGHT="{_OVERLAP}"></TD></TR>'
        line = f'{end}<TR><TD PORT="w" {ink} HEIGHT="{long - 2 * _OVERLAP}"></TD></TR>{end}'
    forward = max(_width(wire.forward), heat_width(wire.forward_heat))
    wide = max(34, forward, _width(wire.backward), heat_width(wire.backward_heat)) if heated(wire) else 34
    left = _above_heat(wire.forward, wire.forward_heat, theme, "RIGHT", wide)
    right = _above_heat(wire.backward, wire.backward_heat, theme, "LEFT", wide)
    return (
        f'<TABLE {_PLAIN}><TR><TD WIDTH="{wide}" ALIGN="RIGHT">{left}</TD><TD WIDTH="4"></TD>'
        f'<TD><TABLE {_PLAIN}>{line}</TABLE></TD><TD WIDTH="4"></TD>'
        f'<TD WIDTH="{wide}" ALIGN="LEFT">{right}</TD></TR></TABLE>'
    )


def heated(wire: Wire) -> bool:
    """Whether cells are drawn beside the wire."""
    return wire.forward_heat is not None or wire.backward_heat is not None


def _above_heat(texts: tuple[Text, ...], heat: Heat | None, theme: str, align: str, wide: int) -> str:
    """Texts with cells under them, both next to the line; Graphviz aligns no table, so that room is put beside it."""
    if heat is None:
        return _run(texts, theme)
    room = f'<TD WIDTH="{max(0, wide - heat_width(heat))}"></TD>'
    cells = f"<TD>{coded(heat_table(heat, theme), step_of(texts), theme)}</TD>"
    row = f"{room}{cells}" if align == "RIGHT" else f"{cells}{room}"
    return f'<TABLE {_PLAIN}><TR><TD COLSPAN="2" ALIGN="{align}">{_run(texts, theme)}</TD></TR><TR>{row}</TR></TABLE>'
