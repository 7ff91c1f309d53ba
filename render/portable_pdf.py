"""Turns the SVG that Graphviz writes, and no other, into a PDF page with its fonts embedded.

Part of the portable engine, whose Graphviz writes no PDF; it imports nothing of gradviz (see portable_dot).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple
from xml.etree import ElementTree

from portable_font import Font, chain, stand_in_width

__all__ = ["pdf"]

NAMESPACE = "{http://www.w3.org/2000/svg}"
# The colours that Graphviz falls back to by name; gradviz writes all of its own as numbers.
NAMES = {
    "black": "#000000",
    "white": "#ffffff",
    "gray": "#808080",
    "grey": "#808080",
    "lightgray": "#d3d3d3",
    "lightgrey": "#d3d3d3",
    "red": "#ff0000",
    "green": "#008000",
    "blue": "#0000ff",
}
NOTHING = {"none", "transparent"}
KAPPA = 0.5523  # how far a Bézier curve's handles reach, for a quarter of a circle
SLANT = 0.2  # as in fonts/__init__.py: there is no italic file
OPERANDS = {"M": 2, "L": 2, "C": 6, "Z": 0}
OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}
# Where a line goes through or under the text, in shares of its size.
LINES = {"underline": 0.12, "line-through": -0.28, "overline": -0.78}
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
# How far a text is raised (or lowered), in shares of its size.
SHIFTS = {"super": -0.33, "sub": 0.2}

_Attributes = Mapping[str, str]


def pdf(svg: str) -> bytes:
    """A PDF of one page, as large as the drawing."""
    root = ElementTree.fromstring(svg)
    width, height = (float(root.attrib[side].removesuffix("pt")) for side in ("width", "height"))
    page = _Page()
    page.write(f"1 0 0 -1 0 {height:g} cm")  # an SVG's y points down
    page.draw(root)
    return _file(page, width, height)


class _Page:
    """What has been drawn, and what of fonts and opacities it needs."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.used: dict[Font, dict[int, str]] = {}  # of each font, the glyphs and their signs
        self.opacities: dict[tuple[float, float], str] = {}

    def write(self, *commands: str) -> None:
        self.commands.extend(commands)

    def draw(self, element: ElementTree.Element) -> None:
        shape = _SHAPES.get(element.tag.removeprefix(NAMESPACE))
        self.write("q")
        self.write(*_transformation(element.get("transform", "")))
        if element.tag == f"{NAMESPACE}text":
            self._text(element.attrib, element.text or "")
        elif shape:
            self._paint(element.attrib, list(shape(element.attrib)))
        for child in element:
            self.draw(child)
        self.write("Q")

    def _paint(self, attributes: _Attributes, path: list[str]) -> None:
        fill, stroke = attributes.get("fill", "black"), attributes.get("stroke", "none")
        how = {(False, False): "n", (True, False): "f", (False, True): "S", (True, True): "B"}
        if fill not in NOTHING:
            self.write(f"{_colour(fill)} rg")
        if stroke not in NOTHING:
            dashes = attributes.get("stroke-dasharray", "").replace(",", " ")
            self.write(f"{_colour(stroke)} RG", f"{attributes.get('stroke-width', '1')} w", f"[{dashes}] 0 d")
        self._opacity(attributes)
        self.write(*path, how[fill not in NOTHING, stroke not in NOTHING])

    def _opacity(self, attributes: _Attributes) -> None:
        pair = float(attributes.get("fill-opacity", "1")), float(attributes.get("stroke-opacity", "1"))
        if pair != (1.0, 1.0):
            self.write(f"/{self.opacities.setdefault(pair, f'O{len(self.opacities)}')} gs")

    def _text(self, attributes: _Attributes, text: str) -> None:
        size = float(attributes["font-size"])
        fonts = chain(attributes.get("font-family", ""), bold=attributes.get("font-weight") == "bold")
        runs = list(_runs(text, fonts))
        width = size / 1000 * sum(run.width for run in runs)
        x = float(attributes["x"]) - width * ANCHORS[attributes.get("text-anchor", "start")]
        y = float(attributes["y"]) + size * SHIFTS.get(attributes.get("baseline-shift", ""), 0.0)
        self.write(f"{_colour(attributes.get('fill', 'black'))} rg")
        self._opacity(attributes)
        slant = SLANT if attributes.get("font-style") == "italic" else 0
        at = x
        for run in runs:
            if run.glyphs:
                self.used.setdefault(run.font, {}).update(zip(run.glyphs, run.text, strict=True))
                codes = "".join(f"{glyph:04x}" for glyph in run.glyphs)
                place = f"1 0 {slant:g} -1 {at:g} {y:g} Tm"
                self.write("BT", place, f"/{run.font.name} {size:g} Tf <{codes}> Tj", "ET")
            elif run.width:
                self._number(run, at, y, size)
            at += run.width * size / 1000
        for line in attributes.get("text-decoration", "").split():
            self.write(f"{x:g} {y + size * LINES[line]:g} {width:g} {size / 20:g} re f")

    def _number(self, run: _Run, x: float, y: float, size: float) -> None:
        """A sign that no font holds: its number, in two rows and a frame; but whoever copies it gets the sign."""
        digits = f"{ord(run.text):04X}"
        half = math.ceil(len(digits) / 2)
        wide = run.width * size / 1000
        small = min(0.42 * size, 0.9 * wide / (0.556 * half))
        self.write(f"/Span << /ActualText <feff{run.text.encode('utf-16-be').hex()}> >> BDC")
        for row, up in ((digits[:half], 0.40), (digits[half:], 0.02)):
            (line,) = _runs(row, (run.font, run.font))
            self.used.setdefault(run.font, {}).update(zip(line.glyphs, row, strict=True))
            codes = "".join(f"{glyph:04x}" for glyph in line.glyphs)
            left = x + (wide - line.width * small / 1000) / 2
            place = f"1 0 0 -1 {left:g} {y - up * size:g} Tm"
            self.write("BT", place, f"/{run.font.name} {small:g} Tf <{codes}> Tj", "ET")
        self.write(
            f"{size / 24:g} w", f"{x + 0.03 * wide:g} {y + 0.08 * size:g} {0.94 * wide:g} {-0.84 * size:g} re S", "EMC"
        )


# Shapes


def _closed(attributes: _Attributes) -> Iterator[str]:
    yield from _open(attributes)
    yield "h"


def _open(attributes: _Attributes) -> Iterator[str]:
    for place, point in enumerate(attributes["points"].split()):
        yield f"{point.replace(',', ' ')} {'l' if place else 'm'}"


def _ellipse(attributes: _Attributes) -> Iterator[str]:
    x, y, across, down = (float(attributes[name]) for name in ("cx", "cy", "rx", "ry"))
    yield f"{x + across:g} {y:g} m"
    for quarter in range(4):
        start, end = (quarter * math.pi / 2, (quarter + 1) * math.pi / 2)
        points = [
            (math.cos(start) - KAPPA * math.sin(start), math.sin(start) + KAPPA * math.cos(start)),
            (math.cos(end) + KAPPA * math.sin(end), math.sin(end) - KAPPA * math.cos(end)),
            (math.cos(end), math.sin(end)),
        ]
        yield " ".join(f"{x + across * a:.4f} {y + down * b:.4f}" for a, b in points) + " c"


def _path(attributes: _Attributes) -> Iterator[str]:
    for letter, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", attributes["d"]):
        if letter.upper() not in OPERANDS or letter not in "MLCZz":
            raise ValueError(f"a path with {letter!r}, which the PDF writer does not know")
        numbers = rest.replace(",", " ").split()
        step = OPERANDS[letter.upper()]
        for place in range(0, max(len(numbers), 1), step or 1):
            # After the first, the points of an M are those of lines.
            operator = "l" if letter == "M" and place else OPERATORS[letter.upper()]
            yield " ".join([*numbers[place : place + step], operator])


_SHAPES: dict[str, Callable[[_Attributes], Iterator[str]]] = {
    "polygon": _closed,
    "polyline": _open,
    "ellipse": _ellipse,
    "path": _path,
}


def _transformation(text: str) -> Iterator[str]:
    for name, operands in re.findall(r"(\w+)\(([^)]*)\)", text):
        numbers = [float(word) for word in operands.replace(",", " ").split()]
        yield " ".join(f"{number:.10g}" for number in _MATRICES[name](numbers)) + " cm"


def _rotation(numbers: list[float]) -> list[float]:
    angle = math.radians(numbers[0])
    return [math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle), 0, 0]


_MATRICES: dict[str, Callable[[list[float]], list[float]]] = {
    "translate": lambda numbers: [1, 0, 0, 1, *numbers],
    "scale": lambda numbers: [numbers[0], 0, 0, numbers[-1], 0, 0],
    "rotate": _rotation,
}


def _colour(text: str) -> str:
    digits = re.fullmatch(r"#([0-9a-f]{6})", NAMES.get(text, text).lower())
    if not digits:
        raise ValueError(f"the colour {text!r}, which the PDF writer does not know: write it as #rrggbb")
    return " ".join(f"{byte / 255:.4g}" for byte in bytes.fromhex(digits[1]))


class _Run(NamedTuple):
    """Signs beside each other in one font, with how wide they are in thousandths of its size; or one that none has."""

    font: Font
    text: str
    glyphs: tuple[int, ...]
    width: float


def _runs(text: str, fonts: tuple[Font, ...]) -> Iterator[_Run]:
    known = [(sign, next((font for font in fonts if ord(sign) in font.glyphs), None)) for sign in text]
    for font, group in groupby(known, key=lambda pair: pair[1]):
        signs = "".join(sign for sign, _ in group)
        if font is None:
            yield from (_Run(fonts[0], sign, (), stand_in_width(sign)) for sign in signs)
        else:
            glyphs = tuple([font.glyphs[ord(sign)] for sign in signs])
            yield _Run(font, signs, glyphs, sum(map(font.glyph_width, glyphs)))


# The file


def _file(page: _Page, width: float, height: float) -> bytes:
    objects = _Objects()
    fonts = " ".join(f"/{font.name} {_font(objects, font, used)} 0 R" for font, used in page.used.items())
    states = " ".join(f"/{name} << /ca {fill:g} /CA {line:g} >>" for (fill, line), name in page.opacities.items())
    content = objects.stream("\n".join(page.commands).encode("ascii"))
    resources = f"<< /Font << {fonts} >> /ExtGState << {states} >> >>"
    pages = objects.reserve()
    leaf = objects.add(
        f"<< /Type /Page /Parent {pages} 0 R /MediaBox [ 0 0 {width:g} {height:g} ] "
        f"/Resources {resources} /Contents {content} 0 R >>"
    )
    objects.fill(pages, f"<< /Type /Pages /Kids [ {leaf} 0 R ] /Count 1 >>")
    return objects.file(objects.add(f"<< /Type /Catalog /Pages {pages} 0 R >>"))


class _Objects:
    """The numbered objects of a PDF file."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def reserve(self) -> int:
        self.bodies.append(b"")
        return len(self.bodies)

    def fill(self, number: int, body: str) -> None:
        self.bodies[number - 1] = body.encode("ascii")

    def add(self, body: str) -> int:
        number = self.reserve()
        self.fill(number, body)
        return number

    def stream(self, data: bytes) -> int:
        packed = zlib.compress(data, 9)
        head = f"<< /Length {len(packed)} /Length1 {len(data)} /Filter /FlateDecode >>\nstream\n"
        self.bodies.append(head.encode("ascii") + packed + b"\nendstream")
        return len(self.bodies)

    def file(self, catalog: int) -> bytes:
        parts = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"]
        places: list[int] = []
        for number, body in enumerate(self.bodies, start=1):
            places.append(sum(map(len, parts)))
            parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        start = sum(map(len, parts))
        parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        parts.extend(b"%010d 00000 n \n" % place for place in places)
        parts.append(b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(places) + 1, catalog))
        parts.append(b"startxref\n%d\n%%%%EOF\n" % start)
        return b"".join(parts)


def _font(objects: _Objects, font: Font, used: Mapping[int, str]) -> int:
    metrics = font.metrics
    program = objects.stream(font.data)
    descriptor = objects.add(
        f"<< /Type /FontDescriptor /FontName /{font.name} /Flags 4 /FontBBox [ {' '.join(map(str, metrics.box))} ] "
        f"/ItalicAngle 0 /Ascent {metrics.ascent} /Descent {metrics.descent} /CapHeight {metrics.ascent} /StemV 80 "
        f"/FontFile2 {program} 0 R >>"
    )
    widths = " ".join(f"{glyph} [ {font.glyph_width(glyph):.2f} ]" for glyph in sorted(used))
    described = objects.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{font.name} /CIDToGIDMap /Identity "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /W [ {widths} ] >>"
    )
    table = objects.stream(_signs_of_glyphs(used).encode("ascii"))
    return objects.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{font.name} /Encoding /Identity-H "
        f"/DescendantFonts [ {described} 0 R ] /ToUnicode {table} 0 R >>"
    )


def _signs_of_glyphs(used: Mapping[int, str]) -> str:
    """The table with which a reader copies and searches text."""
    pairs = [f"<{glyph:04x}> <{sign.encode('utf-16-be').hex()}>" for glyph, sign in sorted(used.items())]
    hundreds = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]  # a block may hold no more
    blocks = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in hundreds]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<0000> <ffff>",
            "endcodespacerange",
            *blocks,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )
