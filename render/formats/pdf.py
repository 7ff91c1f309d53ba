"""Finishes PDFs: gives them the title that readers and screen readers show, and, for slides, a page per step."""

# pypdf may not be there
# pyright: reportMissingImports=false, reportUnknownVariableType=false

from __future__ import annotations

import io
import re
from typing import Any

from ...tracer.errors import RenderError
from .escape import plain, prose
from .steps import decoded

__all__ = ["pages", "titled"]

_TRAILER = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_ROOT = re.compile(rb"/Root\s+(\d+)\s+(\d+)\s+R")
_SIZE = re.compile(rb"/Size\s+(\d+)")
_MISSING = "a PDF with a page per step needs pypdf: pip install 'gradviz-trace[pdf]', or write an .svg, which moves"


def titled(pdf: bytes, *, title: str, description: str) -> bytes:
    """The PDF with a title and a description among its properties.

    They are added at the end, as the format foresees for changes: an object, and a table that says where it is. What
    does not end as expected is left as it is: a drawing without a title is better than none.
    """
    end = _TRAILER.search(pdf)
    if end is None:
        return pdf
    section = pdf[int(end[1]) :]
    root, sizes = _ROOT.search(section), _SIZE.search(section)
    if root is None or sizes is None:
        return pdf
    number, place = int(sizes[1]), len(pdf) + 1
    info = (
        f"{number} 0 obj\n<< /Title {_string(title)} /Subject {_string(description)} /Producer (gradviz) >>\nendobj\n"
    )
    body = b"\n" + info.encode("ascii")
    keys = f"/Root {int(root[1])} {int(root[2])} R /Info {number} 0 R /Prev {int(end[1])}"
    write = _table if section.startswith(b"xref") else _stream
    return pdf + body + write(number, place, len(pdf) + len(body), keys)


def _string(text: str) -> str:
    """Text as PDF has it: UTF-16, as hexadecimal digits."""
    marked = "\ufeff" + prose(text)
    return f"<{marked.encode('utf-16-be').hex()}>"


def _table(number: int, place: int, start: int, keys: str) -> bytes:
    return (
        f"xref\n{number} 1\n{place:010d} 00000 n \ntrailer\n<< /Size {number + 1} {keys} >>\n"
        f"startxref\n{start}\n%%EOF\n"
    ).encode("ascii")


def _stream(number: int, place: int, start: int, keys: str) -> bytes:
    """The table as newer PDFs have it: an object itself, which has to be in the table too."""
    rows = b"".join(b"\x01" + offset.to_bytes(6, "big") + b"\x00" for offset in (place, start))
    head = (
        f"{number + 1} 0 obj\n<< /Type /XRef /Size {number + 2} {keys} /W [1 6 1] /Index [{number} 2] "
        f"/Length {len(rows)} >>\nstream\n"
    )
    return head.encode("ascii") + rows + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode("ascii")


# -- a page per step ---------------------------------------------------------------------------------------------------

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


def pages(pdf: bytes, last: int, *, theme: str, title: str, description: str) -> bytes:
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
    writer.add_metadata({"/Title": plain(title), "/Subject": prose(description), "/Producer": "gradviz"})
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
