"""How a picture is asked for: one frozen record of options, and the tables of what each of them may be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, fields

from ..tracer.errors import RenderError
from .picture import BLANKS, LEVELS
from .theme import THEMES

__all__ = ["DIRECTIONS", "THEME_NAMES", "Style", "choose", "style_from"]

#: theme → what it is, in words. `auto` is no palette of its own.
THEME_NAMES: dict[str, str] = {
    **dict.fromkeys(THEMES, ""),
    "light": "on white",
    "dark": "on near black",
    "print": "greys, for paper",
    "auto": "light, and dark where the reader's system is (svg; elsewhere light)",
}

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
        A name in `THEME_NAMES`.
    direction : str
        A name in `DIRECTIONS`.
    title : str, optional
        The headline; by default the formula of the output.
    time_limit : float
        Seconds that the layout may take.
    dpi : float, optional
        Resolution of bitmaps.
    engine : str, optional
        Which Graphviz: ``system``, ``bundled`` or ``portable``; by default the first of these that is there.
    steps : bool
        Show the forward pass and then the backward pass, step by step: an SVG moves, a PDF has a page for each step.
    fold, unfold : tuple of str
        Scopes to fold, or ways to fold: ``scopes``, ``blocks``, ``lines``, ``chains``, ``leaves``; and what is not to
        be folded, by the name it has in the picture: ``layer1``, ``line 14``.
    depth : int, optional
        Scopes that lie deeper than this are folded; 0 leaves the outermost as boxes.
    max_nodes : int, optional
        How many boxes there may be before more is folded, those of leaves that are drawn again at each use among them;
        by default what suits the level.
    focus : str, optional
        The name of a node of which only the surroundings are drawn, as far as `radius` steps.
    radius : int
    path : tuple of two str, optional
        Two nodes between which every path is drawn, and nothing else.
    nan : bool
        Whether only the first NaN is drawn, with what it was computed from.
    blank : str, optional
        What is left blank, to be filled in by hand: a name in `BLANKS`. The answers go into a picture of their own.
    scalars : bool
        Whether arrays are drawn element by element.

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
    steps: bool = False
    fold: tuple[str, ...] = ()
    unfold: tuple[str, ...] = ()
    depth: int | None = None
    max_nodes: int | None = None
    focus: str | None = None
    radius: int = 2
    path: tuple[str, str] | None = None
    nan: bool = False
    blank: str | None = None
    scalars: bool = False

    def __post_init__(self) -> None:
        if self.level is not None:
            choose("level", self.level, LEVELS)
        choose("theme", self.theme, THEME_NAMES)
        choose("direction", self.direction, DIRECTIONS)
        if self.engine is not None:
            choose("engine", self.engine, ("system", "bundled", "portable"))
        if self.blank is not None:
            choose("blank", self.blank, BLANKS)
        for name in ("fold", "unfold"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        if self.path is not None and (isinstance(self.path, str) or len(self.path) != 2):
            raise RenderError(f"path takes two names, and was given {self.path!r}: path=('x', 'loss')")
        _at_least("radius", self.radius, 0)
        _at_least("depth", self.depth, 0)
        _at_least("max_nodes", self.max_nodes, 3)


def _at_least(what: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise RenderError(f"{what} must be at least {least}, and was given {value}")


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
