"""Finishes PDFs: what readers and screen readers need is added, what differs from run to run is left out.

The file is written anew, object by object: cairo notes the time among its properties, in newer versions inside of
compressed objects, and there is no other way to be rid of it.
"""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from .escape import prose

__all__ = ["finish"]

_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_OBJECT = re.compile(rb"\s*(\d+)\s+0\s+obj\b(.*)\bendobj\s*", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page\b")
_PARENTS = re.compile(rb"/StructParents\s+\d+")
_CONTENTS = re.compile(rb"/Contents\s*(?:\[([^\]]*)\]|(\d+\s+0\s+R))")


def finish(pdf: bytes, *, title: str, description: str) -> bytes:
    """The PDF with a title and its language; screen readers say the picture in words, not its scattered letters.

    What is not as expected is left as it is: a drawing without a title is better than none.

    Examples
    --------
    >>> finish(b"%PDF-1.5 and no more", title="f", description="a graph")
    b'%PDF-1.5 and no more'
    """
    try:
        file = _read(pdf)
        return _written(file, _described(file, title, description))
    except (LookupError, ValueError, zlib.error):
        return pdf


class _File(NamedTuple):
    """A PDF: its first lines, its objects by number, and the number of its catalog."""

    head: bytes
    objects: dict[int, bytes]
    catalog: int

    def add(self, body: str) -> int:
        """Add an object; its number."""
        number = max(self.objects) + 1
        self.objects[number] = body.encode("ascii")
        return number

    def extend(self, number: int, entries: str) -> None:
        """Add entries to an object that is a dictionary."""
        body = self.objects[number]
        end = body.rindex(b">>")
        self.objects[number] = body[:end] + entries.encode("ascii") + b" " + body[end:]


# -- reading -----------------------------------------------------------------------------------------------------------


def _read(pdf: bytes) -> _File:
    """The objects of a file that was written in one go, but for those that say where others are, and when."""
    end = _END.search(pdf)
    if end is None:
        raise ValueError("no end")
    start = int(end[1])
    keys, places, containers = (_table if pdf.startswith(b"xref", start) else _packed_table)(pdf, start)
    if b"/Prev" in keys:
        raise ValueError("changed since it was written")
    bounds = sorted({*places.values(), start})
    ends = dict(zip(bounds, [*bounds[1:], end.start()], strict=True))
    objects = {number: _body(pdf[place : ends[place]], number) for number, place in places.items() if place != start}
    for container in containers:
        objects |= _unpacked(objects.pop(container))
    objects.pop(_reference(keys, b"Info"), None)
    return _File(pdf[: bounds[0]], objects, _reference(keys, b"Root"))


def _body(text: bytes, number: int) -> bytes:
    found = _OBJECT.fullmatch(text)
    if found is None or int(found[1]) != number:
        raise ValueError(f"no object {number} where it should be")
    return found[2].strip()


def _reference(keys: bytes, name: bytes) -> int:
    found = re.search(rb"/%b\s+(\d+)\s+0\s+R" % name, keys)
    return int(found[1]) if found else 0


#: The trailer's keys, the place of each object by its number, and the objects that hold others.
_Places = tuple[bytes, dict[int, int], set[int]]


def _table(pdf: bytes, start: int) -> _Places:
    """The table of places that all PDFs once had: lines of text."""
    lines, _, keys = pdf[start:].partition(b"trailer")
    words = lines.split()[1:]
    places: dict[int, int] = {}
    while words:
        first, count = int(words[0]), int(words[1])
        entries, words = words[2 : 2 + 3 * count], words[2 + 3 * count :]
        rows = zip(entries[::3], entries[2::3], strict=True)
        places |= {number: int(place) for number, (place, kind) in enumerate(rows, first) if kind == b"n"}
    return keys, places, set()


def _packed_table(pdf: bytes, start: int) -> _Places:
    """The table of places that newer PDFs have: rows of numbers, compressed, in an object of its own."""
    keys, _, _ = pdf[start:].partition(b"stream")
    found = re.search(rb"/W\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s*\]", keys)
    if found is None or b"/Index" in keys or b"/DecodeParms" in keys:
        raise ValueError("a table of another kind")
    widths = [int(width) for width in found.groups()]
    data = _inflated(pdf[start:])
    places: dict[int, int] = {}
    containers: set[int] = set()
    for number, row in enumerate(range(0, len(data), sum(widths))):
        kind, place, _ = _numbers(data[row : row + sum(widths)], widths)
        if kind == 1:
            places[number] = place
        elif kind == 2:
            containers.add(place)
    return keys, places, containers


def _numbers(row: bytes, widths: list[int]) -> list[int]:
    places = [sum(widths[:i]) for i in range(len(widths))]
    return [int.from_bytes(row[place : place + width], "big") for place, width in zip(places, widths, strict=True)]


def _inflated(text: bytes) -> bytes:
    """What a stream holds; whatever follows it is left alone."""
    start = re.search(rb"stream\r?\n", text)
    if start is None:
        raise ValueError("no stream")
    return zlib.decompressobj().decompress(text[start.end() :])


def _unpacked(container: bytes) -> dict[int, bytes]:
    """The objects in an object: a list of numbers and places, and then they themselves."""
    first = re.search(rb"/First\s+(\d+)", container)
    if first is None:
        raise ValueError("no objects in there")
    data = _inflated(container)
    index = [int(word) for word in data[: int(first[1])].split()]
    starts = [int(first[1]) + place for place in index[1::2]]
    ends = [*starts[1:], len(data)]
    return {number: data[a:b].strip() for number, a, b in zip(index[::2], starts, ends, strict=True)}


# -- describing --------------------------------------------------------------------------------------------------------


def _described(file: _File, title: str, description: str) -> int:
    """Add what is said of the drawing; the number of its properties. Each page becomes a figure with a text for it."""
    pages = sorted(number for number, body in file.objects.items() if _PAGE.search(body))
    before, after = file.add(_stream("/Figure << /MCID 0 >> BDC\n")), file.add(_stream("EMC\n"))
    words = file.add(_string(description))
    whole = words + 1 + len(pages)
    tree = whole + 1
    figures: list[int] = []
    for place, page in enumerate(pages):
        body = _PARENTS.sub(b"", file.objects[page])
        file.objects[page] = _CONTENTS.sub(
            lambda found: b"/Contents [ %d 0 R %b %d 0 R ]" % (before, found[1] or found[2], after), body
        )
        file.extend(page, f"/StructParents {place}")
        keys = f"/P {whole} 0 R /Pg {page} 0 R /K 0 /Alt {words} 0 R"
        figures.append(file.add(f"<< /Type /StructElem /S /Figure {keys} >>"))
    all_figures = " ".join(f"{figure} 0 R" for figure in figures)
    parents = " ".join(f"{place} [ {figure} 0 R ]" for place, figure in enumerate(figures))
    file.add(f"<< /Type /StructElem /S /Document /P {tree} 0 R /K [ {all_figures} ] >>")
    file.add(f"<< /Type /StructTreeRoot /K {whole} 0 R /ParentTree << /Nums [ {parents} ] >> >>")
    file.extend(
        file.catalog,
        f"/Lang (en) /ViewerPreferences << /DisplayDocTitle true >> /MarkInfo << /Marked true >> "
        f"/StructTreeRoot {tree} 0 R",
    )
    return file.add(f"<< /Title {_string(title)} /Subject {_string(description)} /Producer (gradviz) >>")


def _string(text: str) -> str:
    """Text as PDF has it: UTF-16, as hexadecimal digits."""
    marked = "\ufeff" + prose(text)
    return f"<{marked.encode('utf-16-be').hex()}>"


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}endstream"


# -- writing -----------------------------------------------------------------------------------------------------------


def _written(file: _File, properties: int) -> bytes:
    """The file, with the table of places that all readers know."""
    parts, at, places = [file.head], len(file.head), dict[int, int]()
    for number, body in sorted(file.objects.items()):
        places[number] = at
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        at += len(parts[-1])
    size = max(places) + 1
    rows = (f"{places[n]:010d} 00000 n \n" if n in places else "0000000000 65535 f \n" for n in range(size))
    keys = f"/Size {size} /Root {file.catalog} 0 R /Info {properties} 0 R"
    table = f"xref\n0 {size}\n{''.join(rows)}trailer\n<< {keys} >>\nstartxref\n{at}\n%%EOF\n"
    return b"".join(parts) + table.encode("ascii")
