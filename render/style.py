"""How a picture is asked for: one frozen record of options, and the tables of what each of them may be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, fields

from ..tracer.errors import RenderError
from .picture import LEVELS
from .theme import THEMES

__all__ = ["DIRECTIONS", "Style", "choose", "style_from"]

#: direction → what it means, in words.
DIRECTIONS: dict[str, str] = {"LR": "left to right", "TB": "top to bottom"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The options of a picture.

    Attributes
    ----------
    level : str, optional
        How much is shown: a name in `LEVELS`; by default what suits the graph's size.
    theme : str
        A name in `THEMES`.
    direction : str
        A name in `DIRECTIONS`.
    title : str, optional
        The headline; by default the formula of the output.
    time_limit : float
        Seconds that the layout may take.
    dpi : float, optional
        Resolution of bitmaps.
    engine : str, optional
        Which Graphviz: ``system`` or ``bundled``; by default a `dot` on PATH, else the bundled one.

    Raises
    ------
    RenderError
        If a value is none of the choices; the message lists them.

    Examples
    --------
    >>> Style(level="lecture", theme="dark").direction
    'LR'
    """

    level: str | None = None
    theme: str = "light"
    direction: str = "LR"
    title: str | None = None
    time_limit: float = 20.0
    dpi: float | None = None
    engine: str | None = None

    def __post_init__(self) -> None:
        if self.level is not None:
            choose("level", self.level, LEVELS)
        choose("theme", self.theme, THEMES)
        choose("direction", self.direction, DIRECTIONS)
        if self.engine is not None:
            choose("engine", self.engine, ("system", "bundled"))


def choose(what: str, value: str, choices: Iterable[str]) -> str:
    """`value`, where it is one of `choices`; else an error that names both."""
    choices = list(choices)
    if value in choices:
        return value
    near = difflib.get_close_matches(str(value), choices, n=1)
    meant = f", did you mean {near[0]!r}?" if near else ""
    raise RenderError(f"unknown {what} {value!r} (must be one of {', '.join(choices)}){meant}")


def style_from(**options: object) -> Style:
    """A Style from keyword options; an unknown option is an error that lists the known ones."""
    known = [f.name for f in fields(Style)]
    for name in options:
        choose("option", name, known)
    return Style(**options)  # pyright: ignore[reportArgumentType]
