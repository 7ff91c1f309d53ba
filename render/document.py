"""The document between graph and formats: boxes and wires as plain data, before anyone decides how they are written.

A picture (`picture/`) makes a document of a graph; a format (`formats/`) writes it. Texts carry a style, by name, which
the theme turns into ink and size.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Box", "Document", "Row", "Text", "Wire"]


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text in one style; the styles are the theme's table `STYLES`."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a box; where `port` is given, the wire of that operand ends here."""

    texts: tuple[Text, ...]
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A node.

    Attributes
    ----------
    id
        Ours: ``n3``.
    kind
        ``input``, ``parameter``, ``constant``, ``op``, ``output``, ``fold``, or ``end``: an arrowhead with no box.
    form
        How it is laid out: ``leaf`` (a name with rows under it), ``card`` (title, a row per operand beside the symbol,
        footer) or ``gate`` (the symbol alone, title above, footer below).
    title, symbol, rows, footer
        Its texts; `footer` is one line per entry.
    label
        What hovering shows, and what a screen reader reads.
    """

    id: str
    kind: str
    form: str
    title: tuple[Text, ...] = ()
    symbol: str = ""
    rows: tuple[Row, ...] = ()
    footer: tuple[tuple[Text, ...], ...] = ()
    label: str = ""

    @property
    def ports(self) -> tuple[int, ...]:
        """The operands that have a place of their own to end at."""
        return tuple(row.port for row in self.rows if row.port is not None)


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge: the texts above and below its line, and whether no gradient comes back on it."""

    id: str
    source: str
    target: str
    port: int | None
    forward: tuple[Text, ...]
    backward: tuple[Text, ...]
    dead: bool = False
    label: str = ""


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
    """

    title: str
    legend: tuple[tuple[Text, ...], ...]
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    direction: str
    description: str
    notes: tuple[str, ...] = field(default=())
