"""Wires as DOT's HTML-like labels: value, line and gradient, with heat cells beside them; and their edges' looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ..document import Heat, Text, Wire
from ..theme import THEMES, ramp_part
from .dot_cells import PLAIN, heat_height, heat_table, heat_width
from .dot_texts import Pieces, run
from .steps import END, coded, step_of

__all__ = ["WIRES", "edge_looks", "step_of_looks"]

#: From this step of the ramp on, arrowheads are drawn smaller.
_THICK = 5


@lru_cache(maxsize=1 << 12)
def edge_looks(dead: bool, weight: int, straight: bool, recurs: bool, theme: str, step: int | None) -> tuple[str, str]:
    """The attributes of the two edges that hold a wire: the one at its source, and the one at its target.

    What is used once leaves its box straight; what forks can't. At a step, its colour appears that tells the gradient.
    """
    colours = THEMES[theme]
    look = f' color="{colours["zero"]}" style=dashed' if dead else ""
    if weight and not dead:
        size = " arrowsize=0.45" if weight >= _THICK else ""  # an arrowhead is wider, the wider its line
        look = f' color="{colours[ramp_part(weight)]}" penwidth={weight}{size}'
    look = coded(look, step, theme)
    if recurs:
        return f"[dir=none weight=0{look}]\n", f"[dir=back weight=0{look}]\n"
    return f"[arrowhead=none weight={4 if straight else 1}{look}]\n", f"[weight=2{look}]\n"


def step_of_looks(wire: Wire) -> int | None:
    """The step at which the looks of a wire appear that tell its gradient; None for a wire that looks like any."""
    return step_of(wire.backward) if wire.dead or wire.weight else None


def _wire_across(wire: Wire, theme: str) -> Pieces:
    """Value, line, gradient, from top to bottom."""
    above, forward = run(wire.forward, theme)
    below, backward = run(wire.backward, theme)
    if wire.forward_heat is not None:
        above = _beside_heat(wire.forward, wire.forward_heat, theme, "BOTTOM")
        forward += heat_width(wire.forward_heat)
    if wire.backward_heat is not None:
        below = _beside_heat(wire.backward, wire.backward_heat, theme, "TOP")
        backward += heat_width(wire.backward_heat)
    # As wide as its texts, or Graphviz would stretch the ends of the line to fill the table.
    wide = max(68 if len(wire.backward) > 2 else 44, forward, backward)
    start, line = _rows_across(wire.dead, wire.weight, wide, wire.small, theme, step_of_looks(wire))
    return start, above, line, below, "</TD></TR></TABLE>"


@lru_cache(maxsize=1 << 12)
def _rows_across(dead: bool, weight: int, wide: int, small: bool, theme: str, step: int | None) -> tuple[str, str]:
    """What stands before the value, and what between it and the gradient: the cells that are the line."""
    ink, across = coded(_line(dead, weight, theme, "T"), step, theme), 'COLSPAN="1"' if dead else 'COLSPAN="3"'
    cells = f'<TD PORT="w" {ink} WIDTH="{wide}"></TD>'
    if not dead:
        end = f'<TD {ink} WIDTH="{END}"></TD>'
        cells = f'{end}<TD PORT="w" {ink} WIDTH="{wide - 2 * END}"></TD>{end}'
    high, low = (15, 15) if small else (20, 18)
    return (
        f'<TABLE {PLAIN}><TR><TD {across} HEIGHT="{high}" VALIGN="BOTTOM">',
        f'</TD></TR><TR>{cells}</TR><TR><TD {across} HEIGHT="2"></TD></TR>'
        f'<TR><TD {across} HEIGHT="{low}" VALIGN="TOP">',
    )


def _beside_heat(texts: tuple[Text, ...], heat: Heat, theme: str, align: str) -> str:
    """Cells and texts on one line, the cells on the side that the arrow does not stand on."""
    cells = f"<TD>{coded(heat_table(heat, theme), step_of(texts), theme)}</TD>"
    first, rest = (texts[:1], texts[1:]) if align == "TOP" else ((), texts)
    arrow = f'<TD VALIGN="{align}">{run(first, theme).markup}</TD>' if first else ""
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR>{arrow}{cells}'
        f'<TD VALIGN="{align}"> {run(rest, theme).markup}</TD></TR></TABLE>'
    )


def _line(dead: bool, weight: int, theme: str, side: str) -> str:
    """The attributes of a piece of the line; a dashed border needs a cell twice its height."""
    thickness = "HEIGHT" if side == "T" else "WIDTH"
    if dead:
        return f'BORDER="2" SIDES="{side}" STYLE="DASHED" COLOR="{THEMES[theme]["zero"]}" {thickness}="4"'
    colour = ramp_part(weight) if weight else "wire"
    return f'{thickness}="{weight or 2}" BGCOLOR="{THEMES[theme][colour]}"'


def _wire_down(wire: Wire, theme: str) -> Pieces:
    """Value, line, gradient, from left to right: the sides as wide as each other, so that the line is the middle."""
    left, forward = run(wire.forward, theme)
    right, backward = run(wire.backward, theme)
    wide, long, heats = 34, 30, (wire.forward_heat, wire.backward_heat)
    if heats != (None, None):
        wide = max(wide, forward, backward, *map(heat_width, heats))
        # As long as what stands beside it, or the table would stretch its ends past where the edges meet it.
        long = max(map(heat_height, heats)) + 18
        left = _above_heat(wire.forward, wire.forward_heat, theme, "RIGHT", wide)
        right = _above_heat(wire.backward, wire.backward_heat, theme, "LEFT", wide)
    start, line = _rows_down(wire.dead, wire.weight, wide, long, theme, step_of_looks(wire))
    return start, left, line, right, "</TD></TR></TABLE>"


@lru_cache(maxsize=1 << 10)
def _rows_down(dead: bool, weight: int, wide: int, long: int, theme: str, step: int | None) -> tuple[str, str]:
    """What stands before the value, and what between it and the gradient: the cells that are the line."""
    ink = coded(_line(dead, weight, theme, "L"), step, theme)
    cells = f'<TR><TD PORT="w" {ink} HEIGHT="{long}"></TD></TR>'
    if not dead:
        end = f'<TR><TD {ink} HEIGHT="{END}"></TD></TR>'
        cells = f'{end}<TR><TD PORT="w" {ink} HEIGHT="{long - 2 * END}"></TD></TR>{end}'
    return (
        f'<TABLE {PLAIN}><TR><TD WIDTH="{wide}" ALIGN="RIGHT">',
        f'</TD><TD WIDTH="4"></TD><TD><TABLE {PLAIN}>{cells}</TABLE></TD><TD WIDTH="4"></TD>'
        f'<TD WIDTH="{wide}" ALIGN="LEFT">',
    )


def _above_heat(texts: tuple[Text, ...], heat: Heat | None, theme: str, align: str, wide: int) -> str:
    """Texts with cells under them, both next to the line; Graphviz aligns no table, so that room is put beside it."""
    markup = run(texts, theme).markup
    if heat is None:
        return markup
    room = f'<TD WIDTH="{max(0, wide - heat_width(heat))}"></TD>'
    cells = f"<TD>{coded(heat_table(heat, theme), step_of(texts), theme)}</TD>"
    row = f"{room}{cells}" if align == "RIGHT" else f"{cells}{room}"
    return f'<TABLE {PLAIN}><TR><TD COLSPAN="2" ALIGN="{align}">{markup}</TD></TR><TR>{row}</TR></TABLE>'


#: direction → the label of a wire.
WIRES: dict[str, Callable[[Wire, str], Pieces]] = {"LR": _wire_across, "TB": _wire_down}
