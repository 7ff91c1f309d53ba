"""Takes a PDF drawing apart into slides: a page per step, on which what is not known yet is missing."""

# pypdf may not be there
# pyright: reportMissingImports=false, reportUnknownVariableType=false

from __future__ import annotations

import io
from typing import Any

from ...tracer.errors import RenderError
from ..theme import THEMES, ramp_part
from .steps import CAPTION_HEIGHT, at_work, decoded, plain_line, thin

__all__ = ["pages"]

_MISSING = "a PDF with a page per step needs pypdf: pip install 'gradviz-trace[pdf]', or write an .svg, which moves"

# What each operator paints with: the colour for areas, which text has too, or the one for lines.
_AREA, _LINE = b"rg", b"RG"
_TEXTS = frozenset({b"Tj", b"TJ", b"'", b'"'})
_PATHS = {
    **dict.fromkeys([b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"], _AREA),
    **dict.fromkeys([b"S", b"s"], _LINE),
}
_OUTLINES = frozenset({b"m", b"l", b"c", b"v", b"y", b"h", b"re"})
_CLIPS = frozenset({b"W", b"W*"})
_MARKS = frozenset({b"BDC", b"BMC", b"EMC"})  # for those who copy text

#: Points that the border of an op at work is wide.
_LIT_WIDTH = 4
#: From the top of the drawing to the lower margin of the first caption's row, but for that of the page.
_FIRST_CAPTION = 45.0

_Operation = tuple[Any, bytes]


def pages(pdf: bytes, last: int, *, theme: str, captions: int = 0, weighted: bool = False) -> bytes:
    """A coded PDF of one page as one with a page for each step, from 0 to `last`.

    What appears at a step is written once, and all pages from there on point to it; so is a line as it looks until
    its gradient is known, and the pages before that point to it. Of the `captions` above the drawing each page has its
    own on the lower margin, and their room is cut off.

    Raises
    ------
    RenderError
        If pypdf, the extra `pdf`, is not installed.
    """
    try:
        from pypdf import PdfReader, PdfWriter
        from pypdf.generic import ArrayObject, ContentStream, DecodedStreamObject, NameObject
    except ImportError:
        raise RenderError(_MISSING) from None
    reader = PdfReader(io.BytesIO(pdf))
    writer = PdfWriter()
    first = reader.pages[0]
    contents = first.get_contents()
    room = captions * CAPTION_HEIGHT
    router = _Router(theme, last, weighted, float(first.mediabox.height))
    for operands, operator in contents.operations if contents is not None else []:
        router.take(operands, operator)

    def written(operations: list[_Operation]) -> Any:
        piece = ContentStream(None, writer)
        piece.operations = operations
        content = DecodedStreamObject()
        content.set_data(piece.get_data())
        return writer._add_object(content.flate_encode())

    # Layer by layer; in each, what appeared first is drawn first, and over it what is seen until later.
    pieces = {place: written(router.pieces[place]) for place in sorted(router.pieces)}
    until = {place: written(router.until[place]) for place in sorted(router.until)}
    only = {step: written(router.only[step]) for step in router.only}
    for step in range(last + 1):
        page = writer.add_page(first)
        seen = [(layer, at, piece) for (layer, at), piece in pieces.items() if at <= step]
        seen += [(layer, last + 1, piece) for (layer, end), piece in until.items() if end > step]
        seen.sort(key=lambda part: part[:2])
        page[NameObject("/Contents")] = ArrayObject(
            [*(part[2] for part in seen), *([only[step]] if step in only else [])]
        )
        if room:
            page.mediabox.upper_right = (page.mediabox.right, float(page.mediabox.top) - room)
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


class _Router:
    """Follows what a page draws, and puts each part of it, with all that it depends on, to the step it appears at."""

    def __init__(self, theme: str, last: int, weighted: bool, height: float) -> None:
        self.pieces: dict[tuple[int, int], list[_Operation]] = {}  # by layer and step
        self.until: dict[tuple[int, int], list[_Operation]] = {}
        self.only: dict[int, list[_Operation]] = {}
        self._layer = 0
        self._theme = theme
        self._last = last
        self._weighted = weighted
        self._height = height
        self._settings: dict[Any, list[_Operation]] = {}  # what is in force, the last set last
        self._steps = {_AREA: 0, _LINE: 0}
        self._colours = {_AREA: "", _LINE: ""}
        self._outer: list[tuple[dict[Any, list[_Operation]], dict[bytes, int], dict[bytes, str]]] = []
        self._outline: list[_Operation] = []
        self._clip: list[_Operation] = []
        self._block: list[tuple[_Operation, int]] | None = None  # of text, and the step of each operation

    def take(self, operands: Any, operator: bytes) -> None:
        """Go on by one operation."""
        if operator in self._steps:
            known = decoded(_number(operands), self._theme)
            self._steps[operator] = known[1] if known else 0
            self._colours[operator] = known[0] if known else ""
            operands = _channels(known[0]) if known else operands
        if operator in _MARKS:
            return
        if self._block is not None or operator == b"BT":
            self._text((operands, operator))
        elif operator in _OUTLINES:
            self._outline.append((operands, operator))
        elif operator in _CLIPS:
            self._clip = [(operands, operator)]
        elif operator in _PATHS or operator == b"n":
            self._path((operands, operator))
        elif operator == b"q":
            self._outer.append((self._settings.copy(), self._steps.copy(), self._colours.copy()))
        elif operator == b"Q":
            if self._outer:
                self._settings, self._steps, self._colours = self._outer.pop()
        elif operator in (b"Do", b"sh", b"INLINE IMAGE"):
            self._put(self._steps[_AREA], [(operands, operator)])
        else:
            self._set((operands, operator))

    def _set(self, operation: _Operation) -> None:
        # Transformations and clips add up, the rest replaces what was set before.
        operands, operator = operation
        key = object() if operator == b"cm" else (operator, str(operands) if operator == b"gs" else "")
        self._settings.pop(key, None)
        self._settings[key] = [operation]

    def _path(self, paint: _Operation) -> None:
        outline, self._outline = self._outline, []
        if paint[1] != b"n":
            kind = _PATHS[paint[1]]
            step, colour = self._steps[kind], self._colours[kind]
            # Texts stand on the area of a box that turns red: those of all steps, so that it has a layer of its own.
            area = colour == THEMES[self._theme]["failed-fill"].lower()
            self._layer += area
            self._put(0 if step > self._last else step, [*outline, paint])
            if step > self._last:
                for part, at in at_work(step, self._last):
                    lit = [(_channels(THEMES[self._theme][part]), _LINE), ([_whole(_LIT_WIDTH)], b"w")]
                    self.only.setdefault(at, []).extend(self._wrapped([*lit, *outline, ([], b"S")]))
            elif plain := plain_line(colour, self._theme, self._weighted) if step and colour else None:
                self.until.setdefault((self._layer, step), []).extend(self._before(plain, outline, paint))
            self._layer += area
        if self._clip:
            self._settings[object()] = [*outline, *self._clip, ([], b"n")]
            self._clip = []

    def _before(self, plain: str, outline: list[_Operation], paint: _Operation) -> list[_Operation]:
        """A line, or a box, before what it tells is known."""
        look = [(_channels(plain), _AREA), (_channels(plain), _LINE), ([_list(), _whole(0)], b"d")]
        if plain == THEMES[self._theme][ramp_part(1)].lower():
            look.append(([_whole(1)], b"w"))
            outline = _thin(outline)
        return self._wrapped([*look, *outline, paint])

    def _text(self, operation: _Operation) -> None:
        self._block = self._block or []
        self._block.append((operation, self._steps[_AREA]))
        operands, operator = operation
        if operator in (b"Tf", b"Tr", b"Tc", b"Tw", b"Tz", b"TL", b"Ts", *self._steps):
            self._set((operands, operator))
        if operator == b"ET":
            block, self._block = self._block, None
            for step in sorted({at for (_, shows), at in block if shows in _TEXTS}):
                lines = [line for piece, at in block for line in _only(piece, at == step)]
                if step <= self._last:
                    self._put(step, lines)
                for _, at in at_work(step, self._last) if step > self._last else ():
                    self.only.setdefault(at, []).extend(self._on_the_margin(at, lines))

    def _on_the_margin(self, step: int, lines: list[_Operation]) -> list[_Operation]:
        """What is said at a step, moved from its row of all that is said to the lower margin of the page."""
        down = self._height - _FIRST_CAPTION - CAPTION_HEIGHT * step
        return [([], b"q"), (_matrix(0, -down), b"cm"), *self._wrapped(lines), ([], b"Q")]

    def _put(self, step: int, operations: list[_Operation]) -> None:
        self.pieces.setdefault((self._layer, step), []).extend(self._wrapped(operations))

    def _wrapped(self, operations: list[_Operation]) -> list[_Operation]:
        before = [operation for setting in self._settings.values() for operation in setting]
        return [([], b"q"), *before, *operations, ([], b"Q")]


def _thin(outline: list[_Operation]) -> list[_Operation]:
    """The outline of a piece of a wide line, made thin."""
    if [operator for _, operator in outline] == [b"re"]:
        x, y, width, height = (float(number) for number in outline[0][0])
        (x, y), _, (right, top), _ = thin([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
        return [(_floats(x, y, right - x, top - y), b"re")]
    if any(operator not in (b"m", b"l", b"h") for _, operator in outline):
        return outline
    places = [(float(operands[0]), float(operands[1])) for operands, operator in outline if operator != b"h"]
    moved = iter(thin(places))
    return [(operands if operator == b"h" else _floats(*next(moved)), operator) for operands, operator in outline]


def _matrix(x: float, y: float) -> list[Any]:
    return _floats(1, 0, 0, 1, x, y)


def _floats(*numbers: float) -> list[Any]:
    from pypdf.generic import FloatObject

    return [FloatObject(f"{number:.4f}") for number in numbers]


def _only(operation: _Operation, shown: bool) -> list[_Operation]:
    """A part of a text block; what is not shown still moves the pen."""
    if shown or operation[1] not in _TEXTS:
        return [operation]
    return [([_whole(3)], b"Tr"), operation, ([_whole(0)], b"Tr")]


def _number(channels: list[Any]) -> int:
    red, green, blue = (round(255 * float(channel)) for channel in channels)
    return red << 16 | green << 8 | blue


def _channels(colour: str) -> list[Any]:
    return _floats(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))


def _list() -> Any:
    from pypdf.generic import ArrayObject

    return ArrayObject()


def _whole(number: int) -> Any:
    from pypdf.generic import NumberObject

    return NumberObject(number)
