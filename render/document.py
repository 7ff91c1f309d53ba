"""The document between graph and formats: boxes and wires as plain data, before anyone decides how they are written.

A picture (`picture/`) makes a document of a graph; a format (`formats/`) writes it. Texts carry a style, by name, which
the theme turns into ink and size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Box", "Cluster", "Document", "Heat", "Row", "Scale", "Spark", "Text", "Wire"]


# These two are tuples, since a writer looks up by them what it has written before: a large picture has millions.
class Text(NamedTuple):
    """A run of text in one style; the styles are the theme's table `STYLES`."""

    text: str
    style: str


class Row(NamedTuple):
    """A row of a box; where `port` is given, the wire of that operand ends here."""

    texts: tuple[Text, ...]
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """A tensor's elements as cells, each from −1 to 1 beside the largest magnitude, row by row.

    What is no number stays what it is: NaN and the infinities are marked.
    """

    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Spark:
    """A small plot: heights from 0 to 1, NaN where there is none, and what its ends are."""

    heights: tuple[float, ...]
    first: str = ""
    last: str = ""
    step: int | None = None  # of a picture in steps, the one at which it appears

    @property
    def text(self) -> str:
        """The plot in a line of text: ``▁▂▅▇``."""
        return "".join(" " if h != h else "▁▂▃▄▅▆▇█"[min(7, int(h * 8))] for h in self.heights)


@dataclass(frozen=True, slots=True)
class Scale:
    """The key to colours in the legend: ``heat`` or ``ramp``, and the texts at its two ends."""

    kind: str
    before: tuple[Text, ...]
    after: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A frame around boxes and wires, by their ids, and around other frames."""

    id: str
    label: str
    members: tuple[str, ...] = ()
    clusters: tuple[Cluster, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A node.

    Attributes
    ----------
    id
        Ours: ``n3``.
    kind
        ``input``, ``parameter``, ``constant``, ``op``, ``output``, ``fold``, ``failed``, ``copy`` (a leaf drawn again
        where it is used), or ``end``: an arrowhead with no box.
    form
        How it is laid out: ``leaf`` (a name with rows under it), ``card`` (title, a row per operand beside the symbol,
        footer) or ``gate`` (the symbol alone, title above, footer below).
    title, symbol, rows, footer
        Its texts; `footer` is one line per entry.
    label
        What hovering shows, and what a screen reader reads.
    small
        Whether it is drawn small.
    spark
        A small plot under its texts.
    """

    id: str
    kind: str
    form: str
    title: tuple[Text, ...] = ()
    symbol: str = ""
    rows: tuple[Row, ...] = ()
    footer: tuple[tuple[Text, ...], ...] = ()
    label: str = ""
    small: bool = False
    spark: Spark | None = None

    @property
    def ports(self) -> tuple[int, ...]:
        """The operands that have a place of their own to end at."""
        return tuple(row.port for row in self.rows if row.port is not None)


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge: the texts above and below its line, and whether no gradient comes back on it.

    Attributes
    ----------
    forward_heat, backward_heat
        The elements of value and gradient.
    weight
        The step of the magnitudes' ramp, 1 to 8; 0 where magnitudes are not drawn.
    small
        Whether it is drawn small.
    recurs
        Whether it leads back, against the direction of the picture: into a loop's next round.
    """

    id: str
    source: str
    target: str
    port: int | None
    forward: tuple[Text, ...]
    backward: tuple[Text, ...]
    dead: bool = False
    label: str = ""
    forward_heat: Heat | None = None
    backward_heat: Heat | None = None
    weight: int = 0
    small: bool = False
    recurs: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole picture.

    Attributes
    ----------
    title
        The headline.
    legend
        What the signs mean, as groups of texts.
    direction
        ``LR`` or ``TB``.
    description
        The picture in words, for those who can't see it.
    notes
        What was folded or left out.
    clusters
        The frames, outermost first.
    scale
        The key to the colours.
    small
        Whether boxes stand closer to each other.
    fails_back
        Whether the first NaN, where one is marked, comes up on the way back.
    marked_at, captions
        Of a picture in steps: the step at which the first NaN is marked, and what happens at each step.
    """

    title: str
    legend: tuple[tuple[Text, ...], ...]
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    direction: str
    description: str
    notes: tuple[str, ...] = field(default=())
    clusters: tuple[Cluster, ...] = ()
    scale: Scale | None = None
    small: bool = False
    fails_back: bool = False
    marked_at: int | None = None
    captions: tuple[str, ...] = ()
