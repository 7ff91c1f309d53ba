"""Texts as markup of DOT's HTML-like labels, and about how wide they are."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from ..document import Text
from ..theme import SANS, STYLES, THEMES
from .escape import label
from .steps import base_style, coded, step_of

__all__ = ["Pieces", "Run", "run"]

#: A label as the strings that it is put together of. Most are made once and stand in many labels: they are joined when
#: the whole is, and nothing is copied twice.
Pieces = tuple[str, ...]

#: Courier's letters are 0.6 em wide, Arial's at most about that.
_LETTER = 0.62


class Run(NamedTuple):
    """Texts beside each other: their markup, and how wide they are at most, in points, with a little room."""

    markup: str
    width: int


# Of texts, boxes and wires, a large picture has most many times: what has a cache here makes each of them once.
@lru_cache(maxsize=1 << 15)
def run(texts: tuple[Text, ...], theme: str) -> Run:
    """Texts beside each other, in the colours of a theme.

    Examples
    --------
    >>> run((Text("x < 1", "title"),), "light")
    Run(markup='<FONT COLOR="#1F2933" POINT-SIZE="19"><B>x &lt; 1</B></FONT>', width=63)
    """
    markup, width = "", 0.0
    for text, style in texts:
        start, end, letter = _tags(style, theme)
        if content := _escaped(text):  # Graphviz takes an empty <B></B> for a syntax error
            markup += f"{start}{content}{end}"
        width += letter * len(text)
    return tuple.__new__(Run, (markup, math.ceil(width) + 4))  # as Run(…) does it, in a third of the time


_escaped = lru_cache(maxsize=1 << 12)(label)


@lru_cache(maxsize=1 << 12)
def _tags(style: str, theme: str) -> tuple[str, str, float]:
    """What stands before and after a text of a style, and how wide a letter of it is."""
    look = STYLES[base_style(style)]
    face = f' FACE="{look.face}"' if look.face != SANS else ""
    bold, end = ("<B>", "</B>") if look.bold else ("", "")
    start = f'<FONT COLOR="{THEMES[theme][look.ink]}" POINT-SIZE="{look.size:g}"{face}>{bold}'
    return coded(start, step_of((Text("", style),)), theme), f"{end}</FONT>", _LETTER * look.size
