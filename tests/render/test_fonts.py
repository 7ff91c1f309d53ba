"""The fonts that ship with gradviz: their size, names and signs, and that both engines take them."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pypdf
import pytest

from gradviz.render import fonts
from gradviz.render.graphviz import layout
from gradviz.tracer.errors import RenderError

FILES = sorted(fonts.DIRECTORY.glob("*.ttf"))
TEXT_FILES = [path for path in FILES if "Signs" not in path.name]
LABEL = "<x⊙∇ <B>bold</B> <FONT FACE='Courier New'>1.2e−7 <B>3‖</B></FONT>>"


def tables(path: Path) -> dict[str, bytes]:
    data = path.read_bytes()
    (count,) = struct.unpack(">H", data[4:6])
    rows = (struct.unpack(">4sIII", data[12 + 16 * row : 28 + 16 * row]) for row in range(count))
    return {tag.decode(): data[offset : offset + length] for tag, _, offset, length in rows}


def names(path: Path) -> dict[int, str]:
    table = tables(path)["name"]
    count, strings = struct.unpack(">HH", table[2:6])
    rows = (struct.unpack(">6H", table[6 + 12 * row : 18 + 12 * row]) for row in range(count))
    return {
        key: table[strings + offset : strings + offset + length].decode("utf-16-be")
        for _, _, _, key, length, offset in rows
    }


def glyphs(path: Path) -> dict[int, int]:
    """From character to glyph: the format-4 character map, the one for all below U+10000."""
    table = tables(path)["cmap"]
    (count,) = struct.unpack(">H", table[2:4])
    offsets = {struct.unpack(">I", table[8 + 8 * row : 12 + 8 * row])[0] for row in range(count)}
    (start,) = [offset for offset in offsets if table[offset : offset + 2] == b"\0\4"]
    words = struct.unpack(f">{len(table[start:]) // 2}H", table[start : start + len(table[start:]) // 2 * 2])
    half = words[3] // 2
    ends, starts = words[7 : 7 + half], words[8 + half : 8 + 2 * half]
    deltas, ranges = words[8 + 2 * half : 8 + 3 * half], words[8 + 3 * half : 8 + 4 * half]
    found = {}
    for row in range(half):
        for code in range(starts[row], ends[row] + 1):
            place = 8 + 3 * half + row + ranges[row] // 2 + code - starts[row]
            found[code] = ((words[place] if ranges[row] else code) + deltas[row]) & 0xFFFF
    return {code: glyph for code, glyph in found.items() if glyph}


def signs(path: Path) -> set[int]:
    return set(glyphs(path))


def width(path: Path, sign: str) -> float:
    """The width of a sign, in units of the font's size."""
    parts = tables(path)
    (entries,) = struct.unpack(">H", parts["hhea"][34:36])
    (unit,) = struct.unpack(">H", parts["head"][18:20])
    place = min(glyphs(path)[ord(sign)], entries - 1)  # in a fixed-width font the last entry stands for the rest
    return struct.unpack(">H", parts["hmtx"][4 * place : 4 * place + 2])[0] / unit


def engine_or_skip(engine: str) -> str:
    try:
        layout("digraph {}", "plain", engine=engine)
    except RenderError as error:
        pytest.skip(str(error))
    return engine


@pytest.fixture(params=["system", "bundled"])
def engine(request: pytest.FixtureRequest) -> str:
    return engine_or_skip(request.param)


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "SYSTEM_DIRECTORIES", ())


def embedded(pdf: bytes) -> set[str]:
    """The names of all fonts in the file, wherever cairo put them, without the six random letters in front."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    objects = [reader.get_object(number) for number in range(1, reader.trailer["/Size"])]
    fonts = [found for found in objects if isinstance(found, dict) and found.get("/Type") == "/Font"]
    return {str(font["/BaseFont"]).rpartition("+")[2] for font in fonts}


def test_they_are_small():
    assert len(FILES) == 6
    assert sum(path.stat().st_size for path in FILES) < 400_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_their_names_keep_the_licences(path: Path):
    """Neither licence lets a changed font bear the reserved names."""
    primary = " ".join(names(path)[key] for key in (1, 2, 4, 6))
    assert primary.startswith("Gradviz ")
    for reserved in ("Liberation", "Arimo", "Cousine", "DejaVu", "Bitstream", "Vera", "Arev", "Tavmjong"):
        assert reserved not in primary


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_has_its_copyright_and_a_licence_beside_it(path: Path):
    licence, owner = ("LICENSE-DejaVu.txt", "Bitstream") if "Signs" in path.name else ("OFL.txt", "Red Hat")
    assert owner in names(path)[0]
    assert owner in (fonts.DIRECTORY / licence).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEXT_FILES, ids=lambda path: path.stem)
def test_text_fonts_hold_what_people_write(path: Path):
    wanted = "".join(map(chr, range(0x20, 0x7F))) + "éß×÷·²¼½µŵλσδΣжЯ–…←→↑↓∂∑−√≈≤≥≠∞∫ᵀ₀ₓ"
    assert {sign for sign in wanted if ord(sign) not in signs(path)} == set()


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_the_signs_hold_the_rest(style: str):
    held = signs(fonts.DIRECTORY / f"GradvizSigns-{style}.ttf")
    assert {sign for sign in "⊙∇∘⋅⊕⊗∈∝‖∥ℝℓⱼ⁻⁰✓✗⚠⟨⟩⌊⌋⌈⌉◆\xa0 \ufffd" if ord(sign) not in held} == set()


@pytest.mark.parametrize(
    ("family", "sign", "published"),
    [
        ("Sans-Regular", "W", 0.944),
        ("Sans-Regular", "i", 0.222),
        ("Sans-Regular", "0", 0.556),
        ("Sans-Bold", "m", 0.889),
        ("Sans-Bold", "=", 0.584),
        ("Mono-Regular", "W", 0.6),
        ("Mono-Bold", "i", 0.6),
        ("Mono-Bold", "\N{MINUS SIGN}", 0.6),
    ],
)
def test_widths_are_those_of_arial_and_courier_new(family: str, sign: str, published: float):
    assert width(fonts.DIRECTORY / f"Gradviz{family}.ttf", sign) == pytest.approx(published, abs=0.001)


def test_drawings_embed_ours_alone(engine: str):
    pdf = layout(f"digraph {{ node [fontname=Arial] a [label={LABEL}] }}", "pdf", engine=engine).data
    ours = {"GradvizSans-Regular", "GradvizSans-Bold", "GradvizMono-Regular", "GradvizMono-Bold"}
    signs_too = {"GradvizSigns-Regular", "GradvizSigns-Bold"}
    assert embedded(pdf) == ours | signs_too


@pytest.mark.usefixtures("no_system_fonts")
@pytest.mark.parametrize("asked", ["Arial", "Helvetica", "Times", "No Such Font"])
def test_a_machine_without_fonts_still_draws_letters(engine: str, asked: str):
    pdf = layout(f'digraph {{ a [fontname="{asked}" label="x y"] }}', "pdf", engine=engine).data
    assert embedded(pdf) == {"GradvizSans-Regular"}
    assert pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split() == ["x", "y"]


def test_layouts_do_not_depend_on_the_machines_fonts(engine: str, monkeypatch: pytest.MonkeyPatch):
    dot = f'digraph {{ a [fontname=Arial label={LABEL}] b [fontname="Courier New" label="−1.2e−7"] a -> b }}'
    with_fonts = layout(dot, "plain", engine=engine).data
    monkeypatch.setattr(fonts, "SYSTEM_DIRECTORIES", ())
    assert layout(dot, "plain", engine=engine).data == with_fonts


def test_homes_that_are_missing_or_not_to_be_written_to(engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    dot = "digraph { a [fontname=Arial] }"
    usual = layout(dot, "plain", engine=engine).data
    (tmp_path / "file").write_text("no directory, not even for root", encoding="utf-8")
    monkeypatch.setattr(fonts, "CACHES", ("~/.cache/fontconfig",))
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert layout(dot, "plain", engine=engine).data == usual
    monkeypatch.delenv("HOME")
    assert layout(dot, "plain", engine=engine).data == usual


def test_nothing_is_written_beside_the_fonts(engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Fontconfig 2.13 would leave a `.uuid` there, which `pip uninstall` would not remove."""
    monkeypatch.setattr(fonts, "CACHES", ())
    copy = tmp_path / "fonts"
    shutil.copytree(fonts.DIRECTORY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    monkeypatch.setattr(fonts, "DIRECTORY", copy)
    layout("digraph { a [fontname=Arial] }", "plain", engine=engine)
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_a_stray_sysroot_does_not_hide_the_text(engine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FONTCONFIG_SYSROOT", "")
    assert embedded(layout("digraph { a [fontname=Arial] }", "pdf", engine=engine).data) == {"GradvizSans-Regular"}


def test_the_configuration_is_xml_whatever_the_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    odd = tmp_path / "a & <b>"
    odd.mkdir()
    monkeypatch.setattr(fonts, "SYSTEM_DIRECTORIES", (str(odd), "%NOT_SET%/Fonts", "relative"))
    root = ElementTree.fromstring(fonts.configuration(cache=odd / "cache"))
    assert [element.text for element in root.iter("dir")] == [str(fonts.DIRECTORY), str(odd)]
    assert root.findall("cachedir")[-1].text == str(odd / "cache")


def test_ours_come_first():
    root = ElementTree.fromstring(fonts.configuration(cache=Path("/nowhere")))
    assert next(root.iter("dir")).text == str(fonts.DIRECTORY)


def test_importing_the_fonts_costs_nothing():
    code = "import sys, gradviz.render.fonts; print('xml.etree' in sys.modules, 'subprocess' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
