"""Boxes as DOT's HTML-like labels: leaves, cards and gates, left to right and top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ..document import Box, Row, Text
from ..theme import THEMES
from .dot_cells import PLAIN, spark_table
from .dot_texts import Pieces, Run, run
from .steps import base_style, coded, step_of

__all__ = ["BOXES"]


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

_OUT_PORT = ' PORT="o"'


def _look(kind: str) -> _Look:
    """How a box of a kind is painted; of a picture in steps, the kind says at which."""
    return _LOOKS[base_style(kind)]


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
    look, colours, step = _look(kind), THEMES[theme], step_of((Text("", kind),))
    border, fill = coded(colours[look.border], step, theme), colours[look.fill]
    fill = coded(fill, step, theme) if look.fill == "failed-fill" else fill
    size = "" if fixed is None else f' FIXEDSIZE="TRUE" WIDTH="{fixed[0]}" HEIGHT="{fixed[1]}"'
    return (
        f'<TABLE{port}{size} BORDER="{width or look.width}" STYLE="{look.line}" COLOR="{border}" '
        f'BGCOLOR="{fill}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">'
    )


@lru_cache(maxsize=1 << 6)
def _hairline(theme: str, columns: int = 1) -> str:
    return f'<TR><TD COLSPAN="{columns}" HEIGHT="1" BGCOLOR="{THEMES[theme]["hairline"]}" CELLPADDING="0"></TD></TR>'


def _spark_row(box: Box, theme: str) -> str:
    return (
        ""
        if box.spark is None
        else f'<TR><TD COLSPAN="1">{coded(spark_table(box.spark, theme), box.spark.step, theme)}</TD></TR>'
    )


@lru_cache(maxsize=1 << 10)
def _symbol(symbol: str, theme: str, *, small: bool = False) -> Run:
    """Signs are drawn large, words less so."""
    style = "symbol sign" if len(symbol) <= 1 else "symbol word" if len(symbol) <= 4 else "symbol long"
    return run((Text(symbol, f"small {style}" if small else style),), theme)


# -- leaves: a name with rows under it -------------------------------------------------------------------------------


_LEAF_WIDTH = {False: 64, True: 30}  # by whether it is small
# Rows of boxes have heights of their own, more than their texts take, so that ports are whole points from the middle:
# Graphviz puts ports on whole points, and else wires would leave the box beside their line, and bend.
_LEAF_TITLE, _LEAF_ROW = 30, 24


def _leaf(box: Box, theme: str) -> Pieces:
    return _leaf_with(box, theme, _open_table(box.kind, theme, padding=4), _OUT_PORT)


def _leaf_down(box: Box, theme: str) -> Pieces:
    return _leaf_with(box, theme, _open_table(box.kind, theme, padding=4, port=_OUT_PORT), "")


def _leaf_with(box: Box, theme: str, table: str, port: str) -> Pieces:
    rows = [f'<TR><TD HEIGHT="{_LEAF_ROW}">{run(texts, theme).markup}</TD></TR>' for texts, _ in box.rows]
    size = f'WIDTH="{_LEAF_WIDTH[box.small]}" HEIGHT="{_LEAF_TITLE}"'
    title = f"<TR><TD{port} {size}>{run(box.title, theme).markup}</TD></TR>"
    return table, title, *rows, _spark_row(box, theme), "</TABLE>"


# -- cards -----------------------------------------------------------------------------------------------------------


def _card(box: Box, theme: str) -> Pieces:
    """Title; a row per operand, with its port, beside the symbol; footer."""
    pieces = [_open_table(box.kind, theme, padding=4), _CARD_ROW, run(box.title, theme).markup, "</TD></TR>"]
    line, operands = _hairline(theme, 2), sum([port is not None for _, port in box.rows])
    between = _symbol_cell(box.symbol, operands, theme)
    pieces.append(line)
    for texts, port in box.rows:
        if port is not None:
            pieces += _operand_cell(port, operands > 1), run(texts, theme).markup or " ", between
            between = "</TD></TR>"  # the symbol stands in the first of them, beside all
    for texts, port in box.rows:
        if port is None:
            pieces += line, _CARD_SUM, run(texts, theme).markup, "</TD></TR>"
    pieces += _footer(box.footer, theme, 2), "</TABLE>"
    return tuple(pieces)


_CARD_ROW, _CARD_SUM = (f'<TR><TD COLSPAN="2" HEIGHT="{height}">' for height in (24, 25))


@lru_cache(maxsize=1 << 8)
def _operand_cell(port: int, several: bool) -> str:
    return f'<TR><TD PORT="i{port}" HEIGHT="{32 if several else 48}" ALIGN="LEFT">'


@lru_cache(maxsize=1 << 10)
def _symbol_cell(symbol: str, operands: int, theme: str) -> str:
    """The end of the first operand's row; a word takes more room than a sign."""
    room = 4 if len(symbol) < 3 else 8
    cell = f'<TD PORT="o" ROWSPAN="{operands}" WIDTH="54" CELLPADDING="{room}">{_symbol(symbol, theme).markup}</TD>'
    return f"</TD>{cell}</TR>"


def _card_down(box: Box, theme: str) -> Pieces:
    """The operands' cells along the top, then symbol and title, then the footer."""
    ports, others = _parted(box.rows)
    columns = max(1, len(ports))
    line, across = _hairline(theme, columns), f'<TR><TD COLSPAN="{columns}">'
    cells = [f'<TD PORT="i{port}" HEIGHT="26">{run(texts, theme).markup or " "}</TD>' for texts, port in ports]
    pieces = [_open_table(box.kind, theme, padding=4, port=_OUT_PORT), "<TR>", *cells, "</TR>", line]
    pieces += across, _symbol(box.symbol, theme).markup, "</TD></TR>", across, run(box.title, theme).markup
    for texts, _ in others:
        pieces += "</TD></TR>", line, across, run(texts, theme).markup
    return *pieces, "</TD></TR>", _footer(box.footer, theme, columns), "</TABLE>"


def _parted(rows: tuple[Row, ...]) -> tuple[list[Row], list[Row]]:
    """The rows of operands, and the others."""
    return [row for row in rows if row.port is not None], [row for row in rows if row.port is None]


@lru_cache(maxsize=1 << 12)
def _footer(footer: tuple[tuple[Text, ...], ...], theme: str, columns: int) -> str:
    lines = "<BR/>".join(filter(None, [run(texts, theme).markup for texts in footer]))
    return f'{_hairline(theme, columns)}<TR><TD COLSPAN="{columns}" HEIGHT="32">{lines}</TD></TR>' if lines else ""


# -- gates: the symbol alone -----------------------------------------------------------------------------------------


class _Gate(NamedTuple):
    """How large a gate is drawn: the lines of text around it, its own box, and a leaf's."""

    line: int
    gap: int
    sign_width: int
    sign_height: int
    leaf_height: int
    border: int


_GATES = {False: _Gate(18, 3, 40, 46, 36, 2), True: _Gate(15, 2, 34, 40, 30, 1)}  # by whether it is small


class _Below(NamedTuple):
    """The lines below a gate's box, and how wide they are: all of them, and those after the first."""

    lines: str
    width: int
    rest: int


def _gate(box: Box, theme: str) -> Pieces:
    """Name above, box, role and sum below: the same height on both sides, so that the box is the middle."""
    small = box.small
    start, middle, end = _GATE_ROWS[small]
    title, width = run(box.title, theme)
    lines, below, rest = _below(box.footer, small, theme)
    wide = width if width > below else below
    if not box.symbol:
        core = _leaf_core(box.kind, box.rows, wide, below, small, theme)
    else:  # a fork's sum or a plot may stretch the box: there wires bend, and would cross them
        core = _op_core(box.kind, box.symbol, box.rows, wide, rest if box.spark is None else below, small, theme)
    if box.spark is None:
        return start, title, middle, core, end, lines, "</TABLE>"
    return start, title, middle, core, end, lines, _spark_row(box, theme), "</TABLE>"


def _gate_rows(size: _Gate) -> tuple[str, str, str]:
    """What stands in a gate's table before its title, before its box and after it."""
    gap = f'<TR><TD HEIGHT="{size.gap}"></TD></TR>'
    return (
        f'<TABLE {PLAIN}><TR><TD HEIGHT="{size.line}" VALIGN="BOTTOM">',
        f"</TD></TR>{gap}<TR><TD>",
        f"</TD></TR>{gap}",
    )


_GATE_ROWS = {small: _gate_rows(size) for small, size in _GATES.items()}


@lru_cache(maxsize=1 << 12)
def _below(footer: tuple[tuple[Text, ...], ...], small: bool, theme: str) -> _Below:
    runs = [run(texts, theme) for texts in footer]
    start = f'<TR><TD HEIGHT="{_GATES[small].line}" VALIGN="TOP">'
    lines = [f"{start}{markup}</TD></TR>" for markup, _ in runs if markup] or [f"{start}</TD></TR>"]
    widths = [width for _, width in runs]
    return _Below("".join(lines), max(widths, default=0), max(widths[1:], default=0))


def _gate_down(box: Box, theme: str) -> Pieces:
    """Name to the left, box, role and sum to the right."""
    left, right = run(box.title, theme).markup, _beside(box.footer, theme)
    if box.spark is not None:
        right = f"<TABLE {PLAIN}><TR><TD>{right}</TD></TR>{_spark_row(box, theme)}</TABLE>"
    if box.symbol:
        core = _op_core_down(box.kind, box.symbol, box.rows, box.small, theme)
    else:
        core = _leaf_core(box.kind, box.rows, 0, 0, box.small, theme)
    if not left and not right:
        return (core,)
    return _START, left, _TO_THE_BOX, core, _FROM_THE_BOX, right, "</TD></TR></TABLE>"


_START = f'<TABLE {PLAIN}><TR><TD ALIGN="RIGHT">'
_TO_THE_BOX = '</TD><TD WIDTH="8"></TD><TD>'
_FROM_THE_BOX = '</TD><TD WIDTH="8"></TD><TD ALIGN="LEFT" BALIGN="LEFT">'


@lru_cache(maxsize=1 << 12)
def _beside(footer: tuple[tuple[Text, ...], ...], theme: str) -> str:
    return '<BR ALIGN="LEFT"/>'.join(filter(None, [run(texts, theme).markup for texts in footer]))


# -- a gate's own box ------------------------------------------------------------------------------------------------

# `around` is how wide the texts above and below the box are, and `stretching` how wide those are that may stretch it.


#: A leaf's name keeps so far from its border.
_ASIDE = 6
_MARGIN = f'<TD WIDTH="{_ASIDE}"></TD>'


@lru_cache(maxsize=1 << 12)
def _leaf_core(kind: str, rows: tuple[Row, ...], around: int, stretching: int, small: bool, theme: str) -> str:
    """A leaf's name."""
    high = _GATES[small].leaf_height
    name, width = run(rows[0].texts if rows else (), theme)
    least = 30 if base_style(kind) in ("copy", "constant") and small else 44
    borders = 2 * max(_GATES[small].border, _look(kind).width)
    fixed = _held(max(least, width + 2 * _ASIDE), high, around, stretching, borders)
    table = _open_table(kind, theme, padding=0, port=_OUT_PORT, fixed=fixed)
    cell = f'<TD WIDTH="{least - 2 * _ASIDE}" HEIGHT="{high}">{name}</TD>'
    return f"{table}<TR>{_MARGIN}{cell}{_MARGIN}</TR></TABLE>"


@lru_cache(maxsize=1 << 12)
def _op_core(
    kind: str, symbol: str, rows: tuple[Row, ...], around: int, stretching: int, small: bool, theme: str
) -> str:
    """An op's sign, with a cell per operand along the side where wires come in."""
    size, (sign, sign_width) = _GATES[small], _symbol(symbol, theme, small=small)
    ports = [port for _, port in rows if port is not None]
    height, across = max(12, size.sign_height // len(ports)), f'ROWSPAN="{len(ports)}"'
    first, *others = [f'<TD PORT="i{port}" WIDTH="8" HEIGHT="{height}"></TD>' for port in ports]
    beside = (
        f'<TD {across} WIDTH="{size.sign_width}" HEIGHT="{size.sign_height}">{sign}</TD><TD {across} WIDTH="8"></TD>'
    )
    wide, high = max(size.sign_width, sign_width) + 16, max(size.sign_height, height * len(ports))
    border = max(size.border, _look(kind).width)
    fixed = _held(wide, high, around, stretching, 2 * border)
    table = _open_table(kind, theme, padding=0, port=_OUT_PORT, width=border, fixed=fixed)
    return f"{table}<TR>{first}{beside}</TR>{''.join([f'<TR>{cell}</TR>' for cell in others])}</TABLE>"


def _held(width: int, height: int, around: int, stretching: int, borders: int) -> tuple[int, int] | None:
    """The size to hold a gate's box to, where wider texts around it would stretch it; None where none are."""
    return (width + borders, height + borders) if around > width >= stretching else None


@lru_cache(maxsize=1 << 12)
def _op_core_down(kind: str, symbol: str, rows: tuple[Row, ...], small: bool, theme: str) -> str:
    """An op's sign, with a cell per operand along the top."""
    sign = _symbol(symbol, theme, small=small).markup
    ports = [port for _, port in rows if port is not None]
    width, across = max(12, 50 // len(ports)), f'COLSPAN="{len(ports)}"'
    cells = "".join([f'<TD PORT="i{port}" WIDTH="{width}" HEIGHT="6"></TD>' for port in ports])
    table = _open_table(kind, theme, padding=0, port=_OUT_PORT, width=max(_GATES[small].border, _look(kind).width))
    return (
        f'{table}<TR>{cells}</TR><TR><TD {across} HEIGHT="34">{sign}</TD></TR>'
        f'<TR><TD {across} HEIGHT="4"></TD></TR></TABLE>'
    )


#: direction → form → the label of a box.
BOXES: dict[str, dict[str, Callable[[Box, str], Pieces]]] = {
    "LR": {"leaf": _leaf, "card": _card, "gate": _gate},
    "TB": {"leaf": _leaf_down, "card": _card_down, "gate": _gate_down},
}
