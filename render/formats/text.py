"""Writes a graph as a table for terminals and text files: a row per node, operands before what uses them."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TextIO

import numpy as np

from ...tracer import Graph, Node
from ..document import Document
from ..numbers import array_norm, is_zero, number, value_text
from ..picture.worksheet import FIELD, asked_nodes
from ..theme import FAILED
from .escape import in_order, plain, prose

__all__ = ["for_terminal", "table", "width_of"]

#: How wide a table is where nobody says.
WIDTH = 100
#: Of more nodes than this, those in the middle are left out: so many at the start are kept, the others at the end.
_MOST, _FIRST = 2000, 500
_GAP = "  "
#: So many summands of a gradient are written out.
_SUMMANDS = 4


class _Column(NamedTuple):
    """A column: its head, what stands in it, the room that it needs to say something, and its colour's ANSI code."""

    head: str
    cell: Callable[[Node, float], str]
    least: int
    colour: str = ""
    right: bool = False


#: How a note begins that names a colour; here is none.
_UNPAINTED = re.compile(rf"\A(?:{'|'.join(FAILED.values())}): ")


def _expression(node: Node, largest: float) -> str:
    if node.is_leaf:
        return node.label
    return f"{node.name} = {node.expression}" if node.name is not None else node.expression


def _value(node: Node, largest: float) -> str:
    return value_text(node.value)


def _gradient(node: Node, largest: float) -> str:
    if node.kind == "constant":
        return ""
    if node.gradient is None:
        return "not computed"
    shown = _number_or_norm(node.gradient, largest)
    shares = [edge.downstream for edge in node.uses]
    if len(shares) < 2 or node.shape or any(share is None for share in shares):
        return shown
    if len(shares) > _SUMMANDS:
        return f"{shown} = Σ of {len(shares)} paths"
    return f"{shown} = {' + '.join(number(share, largest=largest) for share in shares)}".replace("+ −", "− ")


def _number_or_norm(value: Any, largest: float) -> str:
    short = np.ndim(value) == 0 or (np.ndim(value) == 1 and np.size(value) <= 3)
    return value_text(value, largest=largest) if short else array_norm(value)


def _source(node: Node, largest: float) -> str:
    source = node.source
    if source is None or source.line is None:
        return ""
    return f"{source.file.replace(os.sep, '/').rpartition('/')[2]}:{source.line}"


#: From left to right.
_COLUMNS = {
    "op": _Column("op", lambda node, largest: node.op, 8),
    "expression": _Column("expression", _expression, 14),
    "value": _Column("value →", _value, 9, "32", right=True),
    "gradient": _Column("← gradient", _gradient, 14, "33"),
    "role": _Column("role", lambda node, largest: node.role or "", 18, "34"),
    "source": _Column("source", _source, 16, "2"),
}
#: Where there is no room for all, these go first.
_DISPENSABLE = ("source", "role", "op")


def table(
    document: Document, graph: Graph, *, width: int = WIDTH, colours: bool = False, blank: str | None = None
) -> str:
    """The text of `graph`: its title, a table of its nodes, and the picture in words.

    Parameters
    ----------
    document
        What the picture says of the graph: its title, its description and its notes.
    graph
        The graph itself.
    width
        The most columns that a line may take.
    colours
        Whether it is for a terminal that shows colours.
    blank
        What is left to be filled in: a name in `BLANKS`.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.render import document_of
    >>> graph = gv.trace(lambda x: x * x, 3.0)
    >>> values = graph.backward()
    >>> print(table(document_of(graph), graph, width=46))  # doctest: +ELLIPSIS
    x · x
    ...
    op        expression  value →  ← gradient
    ─────────────────────────────────────────
    input     x                 3  6 = 3 + 3
    multiply  x · x             9  1
    ...
    """
    nodes, left_out = _shown(graph.nodes)
    largest = _largest(nodes)
    cells = {name: [_clean(column.cell(node, largest)) for node in nodes] for name, column in _COLUMNS.items()}
    if blank is not None:
        for name, asked in zip(("value", "gradient"), asked_nodes(graph, blank), strict=True):
            cells[name] = _asked(cells[name], [node.id in asked for node in nodes])
    widths = _fitted({name: _wanted(_COLUMNS[name].head, rows) for name, rows in cells.items() if any(rows)}, width)
    dead = [blank is None and node.gradient is not None and is_zero(node.gradient) for node in nodes]
    paint = _paint if colours else _leave
    heads = (_padded(_COLUMNS[name].head, room, _COLUMNS[name].right) for name, room in widths.items())
    head = _GAP.join(paint(text, "1") for text in heads)
    lines = [head.rstrip(), "─" * (sum(widths.values()) + len(_GAP) * (len(widths) - 1))] if widths else []
    for i in range(len(nodes)):
        if left_out and i == _FIRST:
            lines.append(f"⋮ {left_out:,} more")
        if widths:
            lines.append(_row({name: cells[name][i] for name in widths}, widths, paint, dead=dead[i]))
        else:
            lines += _entry(cells["expression"][i], cells["value"][i], cells["gradient"][i], width, paint)
    above = [*_wrapped(plain(document.title, longest=400), width), ""]
    below = ["", *_wrapped(prose(document.description), width)]
    notes = [line for note in document.notes for line in _wrapped(prose(_UNPAINTED.sub("", note)), width)]
    return "\n".join([paint(above[0], "1"), *above[1:], *lines, *below, *notes]) + "\n"


def _asked(cells: list[str], asked: list[bool]) -> list[str]:
    """A column in which a line stands for what is asked, as long as the longest answer."""
    room = max([len(FIELD), *(width_of(cell) for cell, hidden in zip(cells, asked, strict=True) if hidden)])
    return ["_" * room if hidden and cell else cell for cell, hidden in zip(cells, asked, strict=True)]


def for_terminal(document: Document, graph: Graph, stream: TextIO, *, blank: str | None = None) -> str:
    """The text of `graph` as `stream` can show it: as wide as the terminal, in colours unless `NO_COLOR` is set."""
    terminal = stream.isatty()
    colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((WIDTH, 24)).columns if terminal else WIDTH
    return table(document, graph, width=width, colours=colours, blank=blank)


def _shown(nodes: Sequence[Node]) -> tuple[list[Node], int]:
    if len(nodes) <= _MOST:
        return list(nodes), 0
    return [*nodes[:_FIRST], *nodes[_FIRST - _MOST :]], len(nodes) - _MOST


def _largest(nodes: Iterable[Node]) -> float:
    """The largest gradient, beside which others may be negligible."""
    largest = 0.0
    for node in nodes:
        if node.gradient is not None and np.size(node.gradient):
            magnitude = float(np.max(np.abs(node.gradient)))
            largest = max(largest, magnitude) if np.isfinite(magnitude) else largest
    return largest


# -- the table -------------------------------------------------------------------------------------------------------


def _wanted(head: str, rows: Iterable[str]) -> int:
    return max(width_of(head), *map(width_of, rows))


def _fitted(wanted: dict[str, int], width: int) -> dict[str, int]:
    """A width for each column that there is room for: the widest give way first, then some are left out, then all."""
    columns = dict(wanted)
    for name in (*_DISPENSABLE, None):
        least = sum(min(room, _COLUMNS[column].least) for column, room in columns.items())
        if least + len(_GAP) * (len(columns) - 1) <= width:
            break
        if name is None:
            return {}
        columns.pop(name, None)
    spare = width - len(_GAP) * (len(columns) - 1)
    while sum(columns.values()) > spare:
        columns[max(columns, key=lambda name: columns[name] - _COLUMNS[name].least)] -= 1
    return columns


def _entry(expression: str, value: str, gradient: str, width: int, paint: Callable[[str, str], str]) -> list[str]:
    """A node where there is no room for columns: what it is and its value, and under that its gradient."""
    lines = _wrapped(f"{expression} → {value}", width)
    back = [f"  {line}" for line in _wrapped(f"← {gradient}", width - 2)] if gradient else []
    return [*lines, *(paint(line, _COLUMNS["gradient"].colour) for line in back)]


def _row(cells: dict[str, str], widths: dict[str, int], paint: Callable[[str, str], str], *, dead: bool) -> str:
    parts: list[str] = []
    for name, room in widths.items():
        column = _COLUMNS[name]
        colour = "2" if dead and name == "gradient" else column.colour
        parts.append(paint(_padded(cells[name], room, column.right), colour))
    return _GAP.join(parts).rstrip()


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def _leave(text: str, code: str) -> str:
    return text


def _padded(text: str, room: int, right: bool) -> str:
    text = _cut(text, room)
    # After words that run from right to left, a mark that keeps the next column to the right of this one.
    mark = "\u200e" if any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text) else ""
    blanks = " " * (room - width_of(text))
    return f"{blanks}{text}{mark}" if right else f"{text}{mark}{blanks}"


def _cut(text: str, room: int) -> str:
    if width_of(text) <= room:
        return text
    kept, used = "", 1
    for sign, cells in _measured(text):
        used += cells
        if used > room:
            break
        kept += sign
    return f"{kept}…"


def _clean(text: str) -> str:
    return in_order(plain(text, longest=400).strip())


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words; a word that is longer than a line is cut into pieces."""
    lines, line, used = list[str](), "", 0
    for word in text.split(" "):
        room = width_of(word)
        if line and used + 1 + room > width:
            lines.append(line)
            line, used = "", 0
        while room > width:
            piece = _cut(word, width)[:-1] or word[0]
            lines.append(piece)
            word = word[len(piece) :]
            room = width_of(word)
        line, used = (f"{line} {word}", used + 1 + room) if line else (word, room)
    return [*lines, line]


# -- how wide signs are in a terminal --------------------------------------------------------------------------------


def width_of(text: str) -> int:
    """How many cells of a terminal a text takes: two for a Chinese sign or an emoji, none for a combining mark.

    Examples
    --------
    >>> width_of("Wx"), width_of("重み"), width_of("e\\u0301")
    (2, 4, 1)
    """
    return len(text) if text.isascii() else sum(cells for _, cells in _measured(text))


def _measured(text: str) -> Iterator[tuple[str, int]]:
    """Each sign with the cells it takes: none what a joiner joins to an emoji, or the colour of its skin."""
    before, cells = "", 0
    for sign in text:
        if before == "\u200d" or ("\U0001f3fb" <= sign <= "\U0001f3ff" and cells == 2):
            cells = 0
        elif sign == "\ufe0f" and cells == 1 and not before.isspace():  # what stands before it is an emoji
            cells = 1
        else:
            cells = _cells(sign)
        yield sign, cells
        before = sign


@lru_cache(maxsize=4096)
def _cells(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
