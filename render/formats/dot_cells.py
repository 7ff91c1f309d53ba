"""Small drawings made of table cells, for DOT's HTML-like labels: heat cells, small plots, keys to colours."""

from __future__ import annotations

import math

from ..document import Heat, Scale, Spark
from ..theme import HEAT_STEPS, RAMP_STEPS, STYLES, THEMES, heat_part, ramp_part

__all__ = ["heat_height", "heat_table", "heat_width", "scale_table", "spark_table"]

_CELL = 9  # points a side
_BAR, _HIGHEST = 3, 16
_NO_SPACE = 'CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


def heat_width(heat: Heat | None) -> int:
    """How wide the cells are, in points; 0 where there are none."""
    return 0 if heat is None else _CELL * len(heat.rows[0]) + 4


def heat_height(heat: Heat | None) -> int:
    """How high the cells are, in points; 0 where there are none."""
    return 0 if heat is None else _CELL * len(heat.rows) + 2


def heat_table(heat: Heat, theme: str) -> str:
    """A tensor's elements as coloured cells."""
    rows = "".join(f"<TR>{''.join(_heat_cell(x, theme) for x in row)}</TR>" for row in heat.rows)
    width, height = _CELL * len(heat.rows[0]) + 2, _CELL * len(heat.rows) + 2
    return (
        f'<TABLE BORDER="1" COLOR="{THEMES[theme]["wire"]}" {_NO_SPACE} FIXEDSIZE="TRUE" '
        f'WIDTH="{width}" HEIGHT="{height}">{rows}</TABLE>'
    )


def _heat_cell(x: float, theme: str) -> str:
    colours = THEMES[theme]
    if math.isfinite(x):
        # Zero has its own colour, which nothing else gets, however small.
        step = math.copysign(max(1, round(abs(x) * HEAT_STEPS)), x) if x else 0
        return _fixed(_CELL, _CELL, colours[heat_part(int(step))])
    look = STYLES["heat mark"]
    sign = "N" if math.isnan(x) else "∞"
    mark = f'<FONT COLOR="{colours[look.ink]}" POINT-SIZE="{look.size:g}" FACE="{look.face}"><B>{sign}</B></FONT>'
    return _fixed(_CELL, _CELL, colours["nan"], mark)


def _fixed(width: int, height: int, colour: str | None, text: str = "") -> str:
    fill = f' BGCOLOR="{colour}"' if colour else ""
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"{fill}>{text}</TD>'


def spark_table(spark: Spark, theme: str) -> str:
    """A small plot: a bar for each value, on one line."""
    bars = "".join(f'<TD VALIGN="BOTTOM">{_bar(height, theme)}</TD>' for height in spark.heights)
    return f'<TABLE BORDER="0" {_NO_SPACE}><TR>{bars}</TR></TABLE>'


def _bar(height: float, theme: str) -> str:
    """A bar and the room above it; without a value, the room alone."""
    high = 0 if math.isnan(height) else max(1, round(height * _HIGHEST))
    room = f"<TR>{_fixed(_BAR, _HIGHEST - high, None)}</TR>" if high < _HIGHEST else ""
    bar = f"<TR>{_fixed(_BAR, high, THEMES[theme]['spark'])}</TR>" if high else ""
    return f'<TABLE BORDER="0" {_NO_SPACE}>{room}{bar}</TABLE>'


def scale_table(scale: Scale, theme: str) -> str:
    """The key to the colours."""
    return _SCALES[scale.kind](theme)


def _heat_scale(theme: str) -> str:
    places = range(-HEAT_STEPS, HEAT_STEPS + 1, 2)
    return heat_table(Heat((tuple(place / HEAT_STEPS for place in places),)), theme)


def _ramp_scale(theme: str) -> str:
    cells = "".join(
        f'<TD VALIGN="MIDDLE"><TABLE BORDER="0" {_NO_SPACE}>'
        f"<TR>{_fixed(26, step, THEMES[theme][ramp_part(step)])}</TR></TABLE></TD>"
        for step in range(1, RAMP_STEPS + 1)
    )
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0"><TR>{cells}</TR></TABLE>'


_SCALES = {"heat": _heat_scale, "ramp": _ramp_scale}
