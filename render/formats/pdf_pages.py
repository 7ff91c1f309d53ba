"""Takes a PDF drawing apart into slides: a page per step, on which what is not known yet is missing."""

# pypdf may not be there
# pyright: reportMissingImports=false, reportUnknownVariableType=false

from __future__ import annotations

import io
from typing import Any

from ...tracer.errors import RenderError
from .steps import decoded

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

_Operation = tuple[Any, bytes]


def pages(pdf: bytes, last: int, *, theme: str) -> bytes:
    """A coded PDF of one page as one with a page for each step, from 0 to `last`.

    What appears at a step is written once, and all pages from there on point to it.

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
    router = _Router(theme)
    for operands, operator in contents.operations if contents is not None else []:
        router.take(operands, operator)
    pieces: list[Any] = []
    for step in range(last + 1):
        if step in router.pieces:
            piece = ContentStream(None, writer)
            piece.operations = router.pieces[step]
            content = DecodedStreamObject()
            content.set_data(piece.get_data())
            pieces.append(writer._add_object(content.flate_encode()))
        page = writer.add_page(first)
        page[NameObject("/Contents")] = ArrayObject(pieces)
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


class _Router:
    """Follows what a page draws, and puts each part of it, with all that it depends on, to the step it appears at."""

    def __init__(self, theme: str) -> None:
        self.pieces: dict[int, list[_Operation]] = {}
        self._theme = theme
        self._settings: dict[Any, list[_Operation]] = {}  # what is in force, the last set last
        self._steps = {_AREA: 0, _LINE: 0}
        self._outer: list[tuple[dict[Any, list[_Operation]], dict[bytes, int]]] = []
        self._outline: list[_Operation] = []
        self._clip: list[_Operation] = []
        self._block: list[tuple[_Operation, int]] | None = None  # of text, and the step of each operation

    def take(self, operands: Any, operator: bytes) -> None:
        """Go on by one operation."""
        if operator in self._steps:
            known = decoded(_number(operands), self._theme)
            self._steps[operator] = known[1] if known else 0
            operands = _channels(known[0]) if known else operands
        if self._block is not None or operator == b"BT":
            self._text((operands, operator))
        elif operator in _OUTLINES:
            self._outline.append((operands, operator))
        elif operator in _CLIPS:
            self._clip = [(operands, operator)]
        elif operator in _PATHS or operator == b"n":
            self._path((operands, operator))
        elif operator == b"q":
            self._outer.append((self._settings.copy(), self._steps.copy()))
        elif operator == b"Q":
            self._settings, self._steps = self._outer.pop() if self._outer else (self._settings, self._steps)
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
            self._put(self._steps[_PATHS[paint[1]]], [*outline, paint])
        if self._clip:
            self._settings[object()] = [*outline, *self._clip, ([], b"n")]
            self._clip = []

    def _text(self, operation: _Operation) -> None:
        self._block = self._block or []
        self._block.append((operation, self._steps[_AREA]))
        operands, operator = operation
        if operator in (b"Tf", b"Tr", b"Tc", b"Tw", b"Tz", b"TL", b"Ts", *self._steps):
            self._set((operands, operator))
        if operator == b"ET":
            block, self._block = self._block, None
            for step in sorted({at for (_, shows), at in block if shows in _TEXTS}):
                self._put(step, [line for piece, at in block for line in _only(piece, at == step)])

    def _put(self, step: int, operations: list[_Operation]) -> None:
        before = [operation for setting in self._settings.values() for operation in setting]
        self.pieces.setdefault(step, []).extend([([], b"q"), *before, *operations, ([], b"Q")])


def _only(operation: _Operation, shown: bool) -> list[_Operation]:
    """A part of a text block; what is not shown still moves the pen."""
    if shown or operation[1] not in _TEXTS:
        return [operation]
    return [([_whole(3)], b"Tr"), operation, ([_whole(0)], b"Tr")]


def _number(channels: list[Any]) -> int:
    red, green, blue = (round(255 * float(channel)) for channel in channels)
    return red << 16 | green << 8 | blue


def _channels(colour: str) -> list[Any]:
    from pypdf.generic import FloatObject

    return [FloatObject(f"{int(colour[i : i + 2], 16) / 255:.4f}") for i in (1, 3, 5)]


def _whole(number: int) -> Any:
    from pypdf.generic import NumberObject

    return NumberObject(number)
