"""Finishes PDFs: gives them the title that readers and screen readers show, and, for slides, a page per step."""

from __future__ import annotations

import io
import re
from typing import Any

from ...tracer.errors import RenderError
from .escape import plain
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
    marked = "\ufeff" + plain(text, longest=4000)
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
_TEXTS = dict.fromkeys((b"Tj", b"TJ", b"'", b'"'), _AREA)
_PATHS = dict.fromkeys((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), _AREA) | dict.fromkeys((b"S", b"s"), _LINE)


def pages(pdf: bytes, last: int, *, theme: str, title: str, description: str) -> bytes:
    """A coded PDF of one page as one with a page for each step, from 0 to `last`.

    Raises
    ------
    RenderError
        If pypdf, the extra `pdf`, is not installed.
    """
    try:
        from pypdf import PdfReader, PdfWriter
        from pypdf.generic import ContentStream, DecodedStreamObject, NameObject
    except ImportError:
        raise RenderError(_MISSING) from None
    reader = PdfReader(io.BytesIO(pdf))
    writer = PdfWriter()
    first = reader.pages[0]
    contents = first.get_contents()
    operations = contents.operations if contents is not None else []
    for step in range(last + 1):
        page = writer.add_page(first)
        shown = ContentStream(None, writer)
        shown.operations = _shown(operations, step, theme)
        content = DecodedStreamObject()
        content.set_data(shown.get_data())
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    writer.add_metadata({"/Title": plain(title), "/Subject": plain(description, longest=4000), "/Producer": "gradviz"})
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _shown(operations: list[Any], step: int, theme: str) -> list[Any]:
    """What a page draws, in its real colours, up to a step."""
    kept: list[Any] = []
    hidden, outer = {_AREA: False, _LINE: False}, list[dict[bytes, bool]]()
    for operands, operator in operations:
        if operator == b"q":
            outer.append(hidden.copy())
        elif operator == b"Q" and outer:
            hidden = outer.pop()
        elif operator in hidden:
            known = decoded(_number(operands), theme)
            hidden[operator] = known is not None and known[1] > step
            operands = operands if known is None else _channels(known[0])
        elif operator in _TEXTS and hidden[_TEXTS[operator]]:
            continue
        elif operator in _PATHS and hidden[_PATHS[operator]]:
            operands, operator = [], b"n"  # the end of a path that nothing is done with
        kept.append((operands, operator))
    return kept


def _number(channels: list[Any]) -> int:
    red, green, blue = (round(255 * float(channel)) for channel in channels)
    return red << 16 | green << 8 | blue


def _channels(colour: str) -> list[Any]:
    from pypdf.generic import FloatObject

    return [FloatObject(f"{int(colour[i : i + 2], 16) / 255:.4f}") for i in (1, 3, 5)]
