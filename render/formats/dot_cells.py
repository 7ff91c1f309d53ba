"""Small drawings made of table cells, for DOT's HTML-like labels: heat cells, small plots, keys to colours."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, isnan

from ..document import Heat, Scale, Spark
from ..theme import HEAT_STEPS, RAMP_STEPS, STYLES, THEMES, heat_part, ramp_part

__all__ = ["PLAIN", "heat_height", "heat_table", "heat_width", "scale_table", "spark_table"]

_CELL = 9  # points a side
_BAR, _HIGHEST = 3, 16
_NO_SPACE = 'CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
#: The attributes of a table that only holds others in place.
PLAIN = f'BORDER="0" {_NO_SPACE}'


def heat_width(heat: Heat | None) -> int:
    """How wide the cells are, in points; 0 where there are none."""
    return 0 if heat is None else _CELL * len(heat.rows[0]) + 4


def heat_height(heat: Heat | None) -> int:
    """How high the cells are, in points; 0 where there are none."""
    return 0 if heat is None else _CELL * len(heat.rows) + 2


def heat_table(heat: Heat, theme: str) -> str:
    """A tensor's elements as coloured cells."""
    cells = _heat_cells(theme)
    # Zero has its own colour, which nothing else gets, however small.
    rows = [
        "".join([cells[round(x * HEAT_STEPS) or (x > 0) - (x < 0)] if isfinite(x) else _mark(x, theme) for x in row])
        for row in heat.rows
    ]
    width, height = _CELL * len(heat.rows[0]) + 2, _CELL * len(heat.rows) + 2
    return (
        f'<TABLE BORDER="1" COLOR="{THEMES[theme]["wire"]}" {_NO_SPACE} FIXEDSIZE="TRUE" '
        f'WIDTH="{width}" HEIGHT="{height}"><TR>{"</TR><TR>".join(rows)}</TR></TABLE>'
    )


@lru_cache(maxsize=8)
def _heat_cells(theme: str) -> dict[int, str]:
    """The cell for each step of the scale."""
    steps = range(-HEAT_STEPS, HEAT_STEPS + 1)
    return {step: _fixed(_CELL, _CELL, THEMES[theme][heat_part(step)]) for step in steps}


def _mark(x: float, theme: str) -> str:
    """The cell of what is no number."""
    colours, look = THEMES[theme], STYLES["heat mark"]
    sign = "N" if isnan(x) else "∞"
    mark = f'<FONT COLOR="{colours[look.ink]}" POINT-SIZE="{look.size:g}" FACE="{look.face}"><B>{sign}</B></FONT>'
    return _fixed(_CELL, _CELL, colours["nan"], mark)


def _fixed(width: int, height: int, colour: str | None, text: str = "") -> str:
    fill = f' BGCOLOR="{colour}"' if colour else ""
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"{fill}>{text}</TD>'


def spark_table(spark: Spark, theme: str) -> str:
    """A small plot: a bar for each value, on one line."""
    bars = "".join(f'<TD VALIGN="BOTTOM">{_bar(height, theme)}</TD>' for height in spark.heights)
    return f"<TABLE {PLAIN}><TR>{bars}</TR></TABLE>"


def _bar(height: float, theme: str) -> str:
    """A bar and the room above it; without a value, the room alone."""
    high = 0 if isnan(height) else max(1, round(height * _HIGHEST))
    room = f"<TR>{_fixed(_BAR, _HIGHEST - high, None)}</TR>" if high < _HIGHEST else ""
    bar = f"<TR>{_fixed(_BAR, high, THEMES[theme]['spark'])}</TR>" if high else ""
    return f"<TABLE {PLAIN}>{room}{bar}</TABLE>"


def scale_table(scale: Scale, theme: str) -> str:
    """The key to the colours."""
    return _SCALES[scale.kind](theme)


def _heat_scale(theme: str) -> str:
    places = range(-HEAT_STEPS, HEAT_STEPS + 1, 2)
    return heat_table(Heat((tuple(place / HEAT_STEPS for place in places),)), theme)


def _ramp_scale(theme: str) -> str:
    cells = "".join(
        f'<TD VALIGN="MIDDLE"><TABLE {PLAIN}><TR>{_fixed(26, step, THEMES[theme][ramp_part(step)])}</TR></TABLE></TD>'
        for step in range(1, RAMP_STEPS + 1)
    )
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0"><TR>{cells}</TR></TABLE>'


_SCALES = {"heat": _heat_scale, "ramp": _ramp_scale}
