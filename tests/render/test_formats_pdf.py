"""PDFs: the same bytes from run to run, a title and the picture in words, and files that strict readers take."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
import zlib

import pytest
from engines import need
from pypdf import PdfReader
from small_graphs import SMALL, worked_example

import gradviz as gv
from gradviz.render import LEVELS, Style, render
from gradviz.render.formats.pdf import finish

ENGINES = ("system", "bundled", "portable")
WORDS = "f = 6; x = 1, ∂f/∂x = 2; y = 2, ∂f/∂y = 5 = 2 + 3; z = 0, ∂f/∂z = 0"


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data), strict=True)


def test_the_same_graph_gives_the_same_bytes_a_second_later():
    styles = [Style(engine=engine, steps=steps) for engine in ENGINES for steps in (False, True)]
    for engine in ENGINES:
        need(engine)
    first = [render(worked_example(), "pdf", style).data for style in styles]
    time.sleep(1.1)
    assert [render(worked_example(), "pdf", style).data for style in styles] == first


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_it_says_what_it_shows(engine, steps):
    need(engine)
    reader = read(render(worked_example(), "pdf", Style(engine=engine, steps=steps)).data)
    assert reader.metadata.title == "f(x, y, z) = (x + y) · max(y, z)"
    assert reader.metadata.subject.startswith(WORDS)
    assert set(reader.metadata) == {"/Title", "/Subject", "/Producer"}
    catalog = reader.root_object
    assert (catalog["/Lang"], catalog["/ViewerPreferences"]["/DisplayDocTitle"]) == ("en", True)
    figures = [figure.get_object() for figure in catalog["/StructTreeRoot"]["/K"]["/K"]]
    assert [figure["/Pg"].indirect_reference for figure in figures] == [p.indirect_reference for p in reader.pages]
    assert all(figure["/S"] == "/Figure" and figure["/Alt"].startswith(WORDS) for figure in figures)


@pytest.mark.parametrize("engine", ENGINES)
def test_its_text_can_be_copied(engine):
    need(engine)
    text = read(render(worked_example(), "pdf", Style(engine=engine, level="explain")).data).pages[0].extract_text()
    assert "∂f/∂y=5=2+3" in text.replace(" ", "")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext: apt-get install poppler-utils")
@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_poppler_reads_it_without_complaint(engine, steps):
    need(engine)
    data = render(worked_example(), "pdf", Style(engine=engine, steps=steps, level="explain")).data
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, b"")
    assert "∂f/∂y = 5 = 2 + 3" in run.stdout.decode()


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf: apt-get install qpdf")
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SMALL)
def test_qpdf_finds_no_fault(name, level, tmp_path):
    for steps in (False, True):
        path = tmp_path / f"{steps}.pdf"
        path.write_bytes(render(SMALL[name](), "pdf", Style(level=level, steps=steps)).data)
        run = subprocess.run(["qpdf", "--check", path], capture_output=True, encoding="utf-8", timeout=60)
        assert run.returncode == 0, run.stdout + run.stderr


# -- newer files, whose objects are packed into others -----------------------------------------------------------------


def packed(date: str) -> bytes:
    """A PDF as cairo 1.18 writes it: catalog, pages and properties in one compressed object, the table in another."""
    parts = [b"%PDF-1.7\n"]
    places: dict[int, int] = {}

    def add(number: int, body: bytes) -> None:
        places[number] = sum(map(len, parts))
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def stream(keys: bytes, data: bytes) -> bytes:
        data = zlib.compress(data)
        return b"<< %b /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (keys, len(data), data)

    add(3, b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 9 9 ] /Contents 4 0 R /StructParents 0 >>")
    add(4, stream(b"", b"0 0 m 9 9 l S\n"))
    inner = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
        5: b"<< /Producer (cairo 1.18.4) /CreationDate (D:%b) >>" % date.encode(),
    }
    index, bodies = b"", b""
    for number, body in inner.items():
        index += b"%d %d " % (number, len(bodies))
        bodies += body + b"\n"
    add(6, stream(b"/Type /ObjStm /N 3 /First %d" % len(index), index + bodies))
    start = sum(map(len, parts))
    rows = [(0, 0, 0), *((1, places[n], 0) if n in places else (2, 6, list(inner).index(n)) for n in range(1, 7))]
    rows.append((1, start, 0))
    table = b"".join(bytes([kind]) + place.to_bytes(2, "big") + bytes([rest]) for kind, place, rest in rows)
    add(7, stream(b"/Type /XRef /Size 8 /W [1 2 1] /Root 1 0 R /Info 5 0 R", table))
    return b"".join(parts) + b"startxref\n%d\n%%%%EOF\n" % start


def test_the_time_is_gone_from_packed_objects_too():
    first, second = (packed(date) for date in ("20260101000000Z", "20271231235959Z"))
    assert read(first).metadata["/CreationDate"] != read(second).metadata["/CreationDate"]
    finished = finish(first, title="f", description="a graph")
    assert finish(second, title="f", description="a graph") == finished
    reader = read(finished)
    assert reader.metadata == {"/Title": "f", "/Subject": "a graph", "/Producer": "gradviz"}
    assert b"0 0 m 9 9 l S" in reader.pages[0].get_contents().get_data()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.5",
        b"%PDF-1.5\nstartxref\n0\n%%EOF",
        b"%PDF-1.5\nstartxref\n99999\n%%EOF",
        packed("now")[:-40],
        packed("now").replace(b"/W [1 2 1]", b"/W [9 9 9]"),
        packed("now").replace(b"4 0 obj", b"9 0 obj"),
        packed("now").replace(b"/First", b"/Worst"),
    ],
)
def test_what_is_not_as_expected_is_left_as_it_is(data):
    assert finish(data, title="f", description="a graph") == data


def test_words_of_any_script_are_kept():
    reader = read(finish(packed("now"), title="(重み) \\ ∂", description="f = ) >> endobj 💥"))
    assert (reader.metadata.title, reader.metadata.subject) == ("(重み) \\ ∂", "f = ) >> endobj 💥")


def test_signs_that_no_font_has_are_shown_by_their_numbers_and_copied_as_themselves():
    need("portable")
    weights = gv.tensor(2.0, name="重み")
    drawn = render(gv.graph(weights * gv.tensor(3.0, name="é")), "pdf", Style(engine="portable"))
    page = read(drawn.data).pages[0]
    content = page.get_contents().get_data()
    assert b"/ActualText <feff91cd>" in content
    assert content.count(b"BDC") == content.count(b"EMC") > 0
    told = [note for note in drawn.notes if "no letters" in note]
    assert told == [
        "this PDF has no letters for 重 (U+91CD), み (U+307F), and shows their numbers: "
        "with Graphviz installed (dot) the machine's fonts draw them, or write an .svg or .png"
    ]


def test_where_all_signs_have_letters_nothing_is_said_of_them():
    need("portable")
    assert render(worked_example(), "pdf", Style(engine="portable")).notes == ()
