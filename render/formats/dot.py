"""Writes a document as DOT text: boxes and wires as HTML-like tables, in the colours of a theme."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import Any, NamedTuple

import graphviz

from ..document import Box, Document, Text, Wire
from ..theme import SANS, STYLES, THEMES
from .escape import label as escaped

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
    "fold": _Look("fold-fill", "fold-border", line="ROUNDED,DASHED"),
    "failed": _Look("failed-fill", "failed-border", width=2),
}


def dot(document: Document, *, theme: str = "light") -> str:
    """The DOT text of `document`.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> text = dot(document_of(gv.trace(lambda x: x * x, 3.0)))
    >>> text.startswith("digraph gradviz {")
    True
    """
    colours = THEMES[theme]
    vertical = document.direction == "TB"
    graph: Any = graphviz.Digraph(  # pyright: ignore[reportAttributeAccessIssue]  # the package has no stubs
        "gradviz",
        graph_attr={
            "rankdir": document.direction,
            "bgcolor": colours["background"],
            "pad": "0.3",
            "nodesep": "0.28",
            "ranksep": "0.3",
            "splines": "true",
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
    for box in document.boxes:
        if box.form == "end":
            graph.body.append(f"\t{box.id} [id={box.id} shape=point width=0.01 style=invis]\n")
        else:
            graph.body.append(f"\t{box.id} [id={box.id} class={box.kind} label=<{writers[box.form](box, theme)}>]\n")
    for wire in document.wires:
        graph.body += _wire(wire, theme, forms, vertical, straight=uses[wire.source] == 1)
    return graph.source


# -- texts -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _tags(style: str, theme: str) -> tuple[str, str]:
    look = STYLES[style]
    face = f' FACE="{look.face}"' if look.face != SANS else ""
    bold, end = ("<B>", "</B>") if look.bold else ("", "")
    return f'<FONT COLOR="{THEMES[theme][look.ink]}" POINT-SIZE="{look.size:g}"{face}>{bold}', f"{end}</FONT>"


def _run(texts: tuple[Text, ...], theme: str) -> str:
    parts: list[str] = []
    for text in texts:
        content = escaped(text.text)
        if content:  # Graphviz takes an empty <B></B> for a syntax error
            start, end = _tags(text.style, theme)
            parts.append(f"{start}{content}{end}")
    return "".join(parts)


def _symbol(symbol: str, theme: str, *, small: bool = False) -> str:
    style = "symbol sign" if len(symbol) <= 1 else "symbol word" if len(symbol) <= 4 else "symbol long"
    return _run((Text(symbol, style),), theme)


def _headline(document: Document, colours: dict[str, str]) -> str:
    theme = next(name for name, table in THEMES.items() if table is colours)
    title = _run((Text(document.title, "title"),), theme)
    legend = "      ".join(_run(group, theme) for group in document.legend)
    notes = "".join(f"<TR><TD>{_run((Text(note, 'legend'),), theme)}</TD></TR>" for note in document.notes)
    rows = f"<TR><TD>{title or ' '}</TD></TR><TR><TD>{legend}</TD></TR>{notes}"
    return (
        '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">'
        + rows
        + '<TR><TD HEIGHT="6"></TD></TR></TABLE>'
    )


def _open_table(box: Box, theme: str, *, padding: int, port: str = "", width: int | None = None) -> str:
    look, colours = _LOOKS[box.kind], THEMES[theme]
    return (
        f'<TABLE{port} BORDER="{width or look.width}" STYLE="{look.line}" COLOR="{colours[look.border]}" '
        f'BGCOLOR="{colours[look.fill]}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">'
    )


def _hairline(theme: str, columns: int = 1) -> str:
    return f'<TR><TD COLSPAN="{columns}" HEIGHT="1" BGCOLOR="{THEMES[theme]["hairline"]}" CELLPADDING="0"></TD></TR>'


# -- leaves: a name with rows under it -------------------------------------------------------------------------------


def _leaf(box: Box, theme: str) -> str:
    rows = f'<TR><TD PORT="o" WIDTH="64">{_run(box.title, theme)}</TD></TR>'
    rows += "".join(f"<TR><TD>{_run(row.texts, theme)}</TD></TR>" for row in box.rows)
    return f"{_open_table(box, theme, padding=4)}{rows}</TABLE>"


def _leaf_down(box: Box, theme: str) -> str:
    rows = f'<TR><TD WIDTH="64">{_run(box.title, theme)}</TD></TR>'
    rows += "".join(f"<TR><TD>{_run(row.texts, theme)}</TD></TR>" for row in box.rows)
    port = ' PORT="o"'
    return f"{_open_table(box, theme, padding=4, port=port)}{rows}</TABLE>"


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
    return f"{_open_table(box, theme, padding=4)}{rows}{_footer(box, theme, 2)}</TABLE>"


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
    return f"{_open_table(box, theme, padding=4, port=port)}{rows}{_footer(box, theme, columns)}</TABLE>"


# -- gates: the symbol alone -----------------------------------------------------------------------------------------


def _gate_core(box: Box, theme: str, vertical: bool) -> str:
    """The box itself: its sign, with a cell per operand along the side where wires come in."""
    if box.kind != "op":
        name = _run(box.rows[0].texts, theme) if box.rows else " "
        table = _open_table(box, theme, padding=0, port=_port(vertical))
        return f'{table}<TR><TD WIDTH="44" HEIGHT="36">{name}</TD></TR></TABLE>'
    ports = box.ports
    sign = _symbol(box.symbol, theme)
    n = len(ports)
    if vertical:
        width = max(12, 50 // n)
        cells = "".join(f'<TD PORT="i{p}" WIDTH="{width}" HEIGHT="6"></TD>' for p in ports)
        across = f'COLSPAN="{n}"'
        rows = f'<TR>{cells}</TR><TR><TD {across} HEIGHT="34">{sign}</TD></TR><TR><TD {across} HEIGHT="4"></TD></TR>'
    else:
        height = max(12, 46 // n)
        rows = (
            f'<TR><TD PORT="i{ports[0]}" WIDTH="8" HEIGHT="{height}"></TD>'
            f'<TD ROWSPAN="{n}" WIDTH="40" HEIGHT="46">{sign}</TD><TD ROWSPAN="{n}" WIDTH="8"></TD></TR>'
        )
        rows += "".join(f'<TR><TD PORT="i{p}" WIDTH="8" HEIGHT="{height}"></TD></TR>' for p in ports[1:])
    return f"{_open_table(box, theme, padding=0, port=_port(vertical), width=2)}{rows}</TABLE>"


def _port(vertical: bool) -> str:
    return ' PORT="o"' if vertical else ""


def _gate(box: Box, theme: str) -> str:
    """Name above, box, role and sum below: the same height on both sides, so that the box is the middle."""
    rows = f'<TR><TD HEIGHT="18" VALIGN="BOTTOM">{_run(box.title, theme)}</TD></TR><TR><TD HEIGHT="3"></TD></TR>'
    rows += f'<TR><TD PORT="o">{_gate_core(box, theme, vertical=False)}</TD></TR><TR><TD HEIGHT="3"></TD></TR>'
    lines = [line for line in (_run(line, theme) for line in box.footer) if line] or [""]
    rows += "".join(f'<TR><TD HEIGHT="18" VALIGN="TOP">{line}</TD></TR>' for line in lines)
    return f"<TABLE {_PLAIN}>{rows}</TABLE>"


def _gate_down(box: Box, theme: str) -> str:
    """Name to the left, box, role and sum to the right."""
    lines = '<BR ALIGN="LEFT"/>'.join(filter(None, (_run(line, theme) for line in box.footer)))
    left, right = _run(box.title, theme), lines
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
    end = forms.get(wire.target)
    if end == "end":
        head = wire.target
    elif wire.port is None:
        head = f"{wire.target}:o:{come}" if end == "leaf" else wire.target
    else:
        head = f"{wire.target}:i{wire.port}:{come}"
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
    wide = max(68 if len(wire.backward) > 2 else 44, _width(wire.forward), _width(wire.backward))
    if wire.dead:
        columns, line = 1, f'<TD PORT="w" {_line(wire, theme, "T")} WIDTH="{wide}"></TD>'
    else:
        end = f'<TD {_line(wire, theme, "T")} WIDTH="{_OVERLAP}"></TD>'
        columns, line = 3, f'{end}<TD PORT="w" {_line(wire, theme, "T")} WIDTH="{wide - 2 * _OVERLAP}"></TD>{end}'
    across = f'COLSPAN="{columns}"'
    return (
        f'<TABLE {_PLAIN}><TR><TD {across} HEIGHT="20" VALIGN="BOTTOM">{_run(wire.forward, theme)}</TD></TR>'
        f'<TR>{line}</TR><TR><TD {across} HEIGHT="2"></TD></TR>'
        f'<TR><TD {across} HEIGHT="18" VALIGN="TOP">{_run(wire.backward, theme)}</TD></TR></TABLE>'
    )


def _width(texts: tuple[Text, ...]) -> int:
    """About how wide texts are, in points: Courier's letters are 0.6 em, Arial's at most about that."""
    return math.ceil(sum(0.62 * STYLES[text.style].size * len(text.text) for text in texts)) + 4


def _line(wire: Wire, theme: str, side: str) -> str:
    """The attributes of a piece of the line; a dashed border needs a cell twice its height."""
    thickness = "HEIGHT" if side == "T" else "WIDTH"
    if wire.dead:
        return f'BORDER="2" SIDES="{side}" STYLE="DASHED" COLOR="{THEMES[theme]["zero"]}" {thickness}="4"'
    return f'{thickness}="2" BGCOLOR="{THEMES[theme]["wire"]}"'


def _wire_down(wire: Wire, theme: str) -> str:
    """Value, line, gradient, from left to right: the sides as wide as each other, so that the line is the middle."""
    if wire.dead:
        line = f'<TR><TD PORT="w" {_line(wire, theme, "L")} HEIGHT="30"></TD></TR>'
    else:
        end = f'<TR><TD {_line(wire, theme, "L")} HEIGHT="{_OVERLAP}"></TD></TR>'
        line = f'{end}<TR><TD PORT="w" {_line(wire, theme, "L")} HEIGHT="{30 - 2 * _OVERLAP}"></TD></TR>{end}'
    return (
        f'<TABLE {_PLAIN}><TR><TD WIDTH="34" ALIGN="RIGHT">{_run(wire.forward, theme)}</TD><TD WIDTH="4"></TD>'
        f'<TD><TABLE {_PLAIN}>{line}</TABLE></TD><TD WIDTH="4"></TD>'
        f'<TD WIDTH="34" ALIGN="LEFT">{_run(wire.backward, theme)}</TD></TR></TABLE>'
    )
