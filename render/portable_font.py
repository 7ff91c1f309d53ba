"""Reads gradviz's own font files: which signs they hold, and how wide each one is.

Part of the portable engine, whose Graphviz knows ASCII's widths only; it imports nothing of gradviz (see portable_dot).
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

__all__ = ["Font", "chain", "lacking", "stand_in_width"]

DIRECTORY = Path(__file__).resolve().parent / "fonts"
FAMILIES = {"GradvizSans": "Gradviz Sans", "GradvizMono": "Gradviz Mono", "GradvizSigns": "Gradviz Signs"}
MONO_FAMILIES = ("courier", "mono")  # what a fixed-width family has in its name; any other one is drawn in the Sans

BASIC_PLANE = {(3, 1), (0, 3)}  # platform and encoding of such a table
TWO_CELLS = ("W", "F")  # the Unicode classes of signs that are wide even where all signs have one width
UNKNOWN_WIDTH = 556  # as a digit's: for signs that our fonts lack
LAST_CODE = 0xFFFE  # the one after it marks the end


class Font:
    """A TrueType file; widths are in thousandths of the font size."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        self.name = path.stem
        self.family = FAMILIES[path.stem.partition("-")[0]]

    @cached_property
    def metrics(self) -> Metrics:
        (units,) = self._read(">H", "head", 18)
        box = self._read(">4h", "head", 36)
        ascent, descent = self._read(">2h", "hhea", 4)
        scaled = [round(1000 * number / units) for number in (*box, ascent, descent)]
        return Metrics(box=scaled[:4], ascent=scaled[4], descent=scaled[5])

    @cached_property
    def glyphs(self) -> dict[int, int]:
        """The glyph of each code point, from the table of the basic plane; gradviz's fonts hold nothing beyond it."""
        (count,) = self._read(">H", "cmap", 2)
        records = [self._read(">HHI", "cmap", 4 + 8 * place) for place in range(count)]
        start = next(offset for platform, kind, offset in records if (platform, kind) in BASIC_PLANE)
        (twice,) = self._read(">H", "cmap", start + 6)
        # Four arrays, one after the other, but for two bytes after the first: each range's end, start, shift of the
        # code that gives the glyph, and (if it is not 0) where its glyphs stand, counted in bytes from there.
        places = [start + 14, *(start + 16 + times * twice for times in (1, 2, 3))]
        ranges = zip(*(self._read(f">{twice // 2}H", "cmap", place) for place in places), strict=True)
        return {
            code: glyph
            for number, (last, first, shift, offset) in enumerate(ranges)
            for code in range(first, min(last, LAST_CODE) + 1)
            if (glyph := self._glyph(code, shift, offset and places[3] + 2 * number + offset + 2 * (code - first)))
        }

    def _glyph(self, code: int, shift: int, place: int) -> int:
        glyph = self._read(">H", "cmap", place)[0] if place else code
        return (glyph + shift) % 0x10000 if glyph else 0

    @cached_property
    def widths(self) -> list[float]:
        """The width of each glyph; those past the end are as wide as the last."""
        (units,) = self._read(">H", "head", 18)
        (count,) = self._read(">H", "hhea", 34)
        return [1000 * number / units for number in self._read(f">{2 * count}H", "hmtx", 0)[::2]]

    def width(self, sign: str) -> float | None:
        """The width of a sign; None if it is not in the font."""
        glyph = self.glyphs.get(ord(sign))
        return None if glyph is None else self.glyph_width(glyph)

    def glyph_width(self, glyph: int) -> float:
        return self.widths[min(glyph, len(self.widths) - 1)]

    @cached_property
    def _tables(self) -> dict[str, int]:
        (count,) = struct.unpack_from(">H", self.data, 4)
        records = (struct.unpack_from(">4s3I", self.data, 12 + 16 * place) for place in range(count))
        return {tag.decode("ascii"): offset for tag, _, offset, _ in records}

    def _read(self, layout: str, table: str, offset: int) -> tuple[int, ...]:
        return struct.unpack_from(layout, self.data, self._tables[table] + offset)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What a PDF has to say of a font, in thousandths of its size."""

    box: list[int]
    ascent: int
    descent: int


@lru_cache(maxsize=16)
def chain(family: str, *, bold: bool = False) -> tuple[Font, Font]:
    """The font for a family, and the one for the signs that it lacks."""
    face = "Mono" if any(word in family.lower() for word in MONO_FAMILIES) else "Sans"
    style = "Bold" if bold else "Regular"
    return _font(f"Gradviz{face}-{style}.ttf"), _font(f"GradvizSigns-{style}.ttf")


def lacking(texts: Iterable[str]) -> list[str]:
    """The signs in some texts that neither font has, and that are to be seen.

    Examples
    --------
    >>> lacking(["∂f/∂x", "重み = 2"])
    ['重', 'み']
    """
    fonts = chain("sans-serif")
    signs = dict.fromkeys(sign for text in texts if not text.isascii() for sign in text)
    return [sign for sign in signs if stand_in_width(sign) and all(font.width(sign) is None for font in fonts)]


def stand_in_width(sign: str) -> float:
    """How wide what stands for a sign is that no font has, in thousandths of its size; joiners and marks take none."""
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Cf", "Cc"):
        return 0.0
    return 1000.0 if unicodedata.east_asian_width(sign) in TWO_CELLS else UNKNOWN_WIDTH


@lru_cache(maxsize=16)
def _font(name: str) -> Font:
    return Font(DIRECTORY / name)
