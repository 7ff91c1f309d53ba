"""Running Graphviz: all engines, their failures, the time limit, and bitmaps that would be too large."""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pypdf
import pytest
from lxml import etree

from gradviz.render import graphviz
from gradviz.render.graphviz import Engine, TooSlow, engine_in_use, layout
from gradviz.tracer.errors import RenderError

DOT = "digraph { rankdir=LR; x -> a; y -> a }"
PICTURE = """digraph { graph [bgcolor="#FFFFFF"] node [shape=plain fontname=Arial]
  n0 [label=<<TABLE BORDER="0"><TR><TD PORT="o"><FONT FACE="Courier New"><B>2 →</B></FONT></TD></TR></TABLE>>]
  n0:o -> n1 }"""


def dense(nodes: int = 400, edges: int = 4000) -> str:
    """A graph that takes `dot` minutes."""
    chance = random.Random(1)
    pairs = ((chance.randrange(nodes), chance.randrange(nodes)) for _ in range(edges))
    return f"digraph {{ {' '.join(f'n{a} -> n{b};' for a, b in pairs)} }}"


def black_columns(png: bytes) -> list[int]:
    """Where, from the left, black starts in a bitmap of 8 bits and 4 channels, once for each time it does."""
    width, height = size_of(png)
    packed, place = b"", 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        packed += png[place + 8 : place + 8 + length] if png[place + 4 : place + 8] == b"IDAT" else b""
        place += length + 12
    rows, data, above = [], zlib.decompress(packed), bytes(4 * width)
    for number in range(height):
        kind, row = data[number * (4 * width + 1)], bytearray(data[number * (4 * width + 1) + 1 :][: 4 * width])
        for at in range(4 * width):
            left, up, corner = row[at - 4] if at > 3 else 0, above[at], above[at - 4] if at > 3 else 0
            nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            row[at] = (row[at] + (0, left, up, (left + up) // 2, nearest)[kind]) % 256
        rows.append(above := bytes(row))
    dark = [any(row[4 * x] < 128 and row[4 * x + 3] > 128 for row in rows) for x in range(width)]
    return [x for x in range(1, width) if dark[x] and not dark[x - 1]]


def size_of(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(condition, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.fixture(params=["system", "bundled", "portable"])
def engine(request: pytest.FixtureRequest) -> str:
    try:
        layout(DOT, "plain", engine=request.param)
    except RenderError as error:
        pytest.skip(str(error))
    return request.param


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_pygraphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def no_portable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz, "_installed", lambda name: False)


@pytest.fixture
def bare_pygraphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a system without GLib."""
    path = tmp_path / "bundled_dot.py"
    path.write_text(
        "import sys\n"
        "sys.stderr.write('Error: ImportError: libgobject-2.0.so.0: cannot open shared object file\\n')\n"
        "sys.exit(1)\n"
    )
    command = (sys.executable, str(path))
    monkeypatch.setitem(graphviz._COMMANDS, "bundled", lambda: command)


@pytest.fixture
def fake_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A function that puts a `dot` on PATH which answers `-V` and then does what a few lines of shell say."""
    if os.name != "posix":
        pytest.skip("a shell script can't pose as dot here")

    def install(script: str, *, version: str = "dot - graphviz version 9.9.9 (0)") -> Path:
        path = tmp_path / "dot"
        path.write_text(f'#!/bin/sh\nif [ "$1" = -V ]; then echo "{version}" >&2; exit; fi\n{script}\n')
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return path

    return install


# What comes out


@pytest.mark.parametrize(
    ("format", "start", "end"),
    [
        ("svg", b"<?xml", b"</svg>\n"),
        ("pdf", b"%PDF-1.", b"%%EOF\n"),
        ("png", b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
        ("json", b"{", b"}\n"),
        ("plain", b"graph ", b"stop\n"),
        ("xdot", b"digraph", b"}\n"),
    ],
)
def test_each_format(engine: str, format: str, start: bytes, end: bytes):
    data = layout(PICTURE, format, engine=engine).data
    assert data.startswith(start)
    assert data.endswith(end)


def test_the_drawing_says_who_drew_it(engine: str):
    drawn = layout(DOT, "svg", engine=engine)
    assert drawn.engine.kind == engine
    assert f"graphviz version {drawn.engine.version} ".encode() in drawn.data
    assert drawn.dpi is None


@pytest.mark.parametrize("kind", ["system", "portable"])
def test_the_engines_agree_on_the_size(kind: str):
    sizes: list[list[float]] = []
    for name in ("bundled", kind):
        try:
            box = json.loads(layout(PICTURE, "json", engine=name).data)["bb"]
        except RenderError as error:
            pytest.skip(str(error))
        sizes.append([float(word) for word in box.split(",")[2:]])
    assert sizes[0] == pytest.approx(sizes[1], rel=0.05)


def test_a_node_without_a_label_shows_its_name(engine: str):
    assert b">n1</text>" in layout(PICTURE, "svg", engine=engine).data


def test_svg_is_the_same_every_time(engine: str):
    assert layout(PICTURE, "svg", engine=engine).data == layout(PICTURE, "svg", engine=engine).data


def test_positions_that_are_given_are_kept(engine: str):
    dot = 'digraph { node [shape=box width=1 height=1 fixedsize=true] a [pos="0,0"] b [pos="300,100"] }'
    drawn = json.loads(layout(dot, "json", engine=engine, program="nop2").data)
    a, b = ([float(number) for number in node["pos"].split(",")] for node in drawn["objects"])
    assert [b[0] - a[0], b[1] - a[1]] == [300, 100]


def test_no_file_is_left_behind(engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    layout(DOT, "png", engine=engine)
    with pytest.raises(RenderError):
        layout("digraph {", "png", engine=engine)
    assert list(tmp_path.iterdir()) == []


# Which Graphviz


def test_dot_on_the_path_comes_first(fake_dot):
    path = fake_dot("echo '<?xml ?><svg></svg>'")
    assert engine_in_use() == Engine(kind="system", version="9.9.9", path=str(path))
    assert layout(DOT, "svg").data == b"<?xml ?><svg></svg>\n"


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_bundled_one_serves():
    assert engine_in_use().kind == "bundled"
    assert layout(DOT, "svg").engine == engine_in_use()


def test_a_dot_that_does_not_start_is_passed_over(fake_dot):
    fake_dot("", version="dot: error while loading shared libraries")
    assert engine_in_use().kind == "bundled"


def test_a_dot_that_lacks_the_format_gives_way_to_the_bundled_one(fake_dot):
    fake_dot("""echo 'Format: "png" not recognized. Use one of: svg' >&2; exit 1""")
    assert layout(DOT, "png").engine.kind == "bundled"
    with pytest.raises(RenderError, match=r'9\.9\.9 \(system\).*Format: "png" not recognized'):
        layout(DOT, "png", engine="system")


def test_a_dot_without_html_labels_gives_way_too(fake_dot):
    fake_dot("echo 'Warning: Not built with libexpat. Table formatting is not available.' >&2; echo '<svg></svg>'")
    assert layout(DOT, "svg").engine.kind == "bundled"


@pytest.mark.parametrize("signal_name", ["ABRT", "SEGV", "FPE"])
def test_a_dot_that_crashes_gives_way_too(fake_dot, signal_name: str):
    fake_dot(f"kill -{signal_name} $$")
    assert layout(DOT, "svg").engine.kind == "bundled"


def test_a_dot_that_is_made_to_end_does_not(fake_dot):
    fake_dot("kill -TERM $$")
    with pytest.raises(RenderError, match=r"9\.9\.9 \(system\) failed with signal 15"):
        layout(DOT, "svg")


@pytest.mark.usefixtures("no_dot", "bare_pygraphviz")
def test_where_nothing_else_starts_the_portable_one_serves():
    assert engine_in_use().kind == "portable"
    assert layout(DOT, "svg").engine == engine_in_use()


@pytest.mark.usefixtures("no_dot", "bare_pygraphviz", "no_portable")
def test_the_missing_library_is_named():
    with pytest.raises(RenderError, match=r"pygraphviz: .*libgobject-2\.0\.so\.0.*apt-get install graphviz"):
        engine_in_use()


@pytest.mark.usefixtures("no_dot", "no_pygraphviz", "no_portable")
def test_no_graphviz_at_all():
    for ask in (engine_in_use, lambda: layout(DOT, "svg")):
        with pytest.raises(RenderError, match=r"no Graphviz found.*pip install graphviz-pure") as caught:
            ask()
        assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("no_dot", "no_pygraphviz", "no_portable")
@pytest.mark.parametrize(
    ("kind", "words"),
    [("system", "(`dot` on PATH: not there)"), ("bundled", "(pygraphviz: "), ("portable", "(graphviz-pure: ")],
)
def test_the_engine_asked_for_is_not_there(kind: str, words: str):
    with pytest.raises(RenderError, match=re.escape(words)):
        layout(DOT, "svg", engine=kind)


def test_the_version_is_asked_for_once(fake_dot, tmp_path: Path):
    path = fake_dot("")
    path.write_text(path.read_text().replace("then echo", f"then echo >> {tmp_path}/asked; echo"))
    engine_in_use()
    engine_in_use()
    assert (tmp_path / "asked").read_text() == "\n"


def test_pygraphviz_is_not_imported_here():
    code = (
        "import sys; from gradviz.render.graphviz import layout; layout('digraph {}', 'svg', engine='bundled');"
        "print('pygraphviz' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("False", "")


@pytest.mark.parametrize("kind", ["bundled", "portable"])
def test_the_child_takes_no_module_from_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
):
    for name in ("pygraphviz", "typing", "portable_font", "resvg_py"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    assert layout(DOT, "png", engine=kind).data


@pytest.mark.parametrize("warnings", ["error", "always"])
def test_the_child_is_deaf_to_pythons_warnings(warnings: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONWARNINGS", warnings)
    assert layout(DOT, "svg", engine="bundled").data.startswith(b"<?xml")


# Wrong usage


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "gif"}, "unknown format: 'gif' (must be one of ['svg', 'pdf', 'png', 'json', 'plain', 'xdot'])"),
        ({"engine": "neato"}, "unknown engine: 'neato' (must be one of ['system', 'bundled', 'portable'])"),
        ({"program": "circo"}, "unknown program: 'circo' (must be one of ['dot', 'nop2'])"),
        ({"dpi": 0}, "dpi out of range: 0 (must be between 1 and 2400)"),
        ({"dpi": float("nan")}, "dpi out of range: nan (must be between 1 and 2400)"),
        ({"time_limit": -1}, "time limit out of range: -1 (must be between 0.001 and inf)"),
    ],
)
def test_wrong_options(options: dict[str, object], message: str):
    with pytest.raises(RenderError) as caught:
        layout(DOT, **{"format": "svg", **options})
    assert str(caught.value) == message


# Failures


@pytest.mark.parametrize(
    ("dot", "words"),
    [
        ("digraph { a [label=<<B></B>>] }", "syntax error .*<B></B>.* in label of node a"),
        ("digraph { a [label=<<TABLE><TR></TABLE>>] }", "mismatched tag"),
        ("digraph { a [label=<x&#1;y>] }", "reference to invalid character number"),
        ("digraph { a -> ", "syntax error"),
        ("", r"drew nothing|Invalid Input"),
        ("// only a comment", r"drew nothing|Invalid Input"),
    ],
)
@pytest.mark.parametrize("format", ["svg", "png"])
def test_bad_dot(engine: str, dot: str, words: str, format: str):
    with pytest.raises(RenderError, match=words) as caught:
        layout(dot, format, engine=engine)
    assert "\n" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_mere_warnings_are_no_failure(engine: str):
    dot = 'digraph { a [shape=nosuchshape]; a:nosuchport -> b [label="w"]; b [fixedsize=true,width=.1,label="long"] }'
    assert layout(dot, "svg", engine=engine).data.startswith(b"<?xml")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("true", "its svg is empty"),
        ("echo hello", r"no whole svg: it begins with b'hello\\n'"),
        ("echo '<?xml ?><svg><g>'", "no whole svg"),
        ("echo 'it broke' >&2; exit 3", "failed with exit code 3: it broke"),
        ("exit 3", "failed with exit code 3: it did not say why"),
        ("kill -SEGV $$", "failed with signal 11"),
        ("echo '<svg></svg>'; echo 'Error: bad label' >&2", "Error: bad label"),
        ("echo '<svg></svg>'; echo 'dot: failure to create cairo surface: out of memory' >&2", "out of memory"),
        ("echo 'graph is too large for cairo-renderer bitmaps. Scaling by 0.1 to fit' >&2", "too large for cairo"),
    ],
)
def test_exit_code_and_output_and_stderr_are_all_looked_at(fake_dot, script: str, words: str):
    fake_dot(script)
    with pytest.raises(RenderError, match=words):
        layout(DOT, "svg", engine="system")


def test_chatter_of_libraries_is_no_failure(fake_dot):
    fake_dot(
        "echo '<svg></svg>'; echo 'Fontconfig error: No writable cache directories' >&2;"
        "echo '(process:7): Pango-WARNING **: 10:00: error opening config' >&2; echo 'some other words' >&2"
    )
    assert layout(DOT, "svg").data == b"<svg></svg>\n"


def test_messages_bear_no_control_characters_and_are_short(fake_dot):
    fake_dot(r"printf 'Error: \033[31mred\007 \342\200\256 tail\n' >&2; head -c 5000 /dev/zero | tr '\0' x >&2; exit 1")
    with pytest.raises(RenderError) as caught:
        layout(DOT, "svg", engine="system")
    assert str(caught.value).isprintable()
    assert "Error: [31mred tail x" in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "\"quoted\" 'twice'", "a & b", "]]>", "--> <!--", "naïve ∂f/∂x 日本 😀", "x" * 5000],
)
def test_strangers_text_stays_text(engine: str, text: str):
    escaped = text.replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')
    root = etree.fromstring(layout(f'digraph {{ n0 [label="{escaped}"] }}', "svg", engine=engine).data)
    shown = [element.text for element in root.iter("{*}text")]
    assert shown == [text]
    assert not list(root.iter("{*}script"))


@pytest.mark.parametrize("unpleasant", ["\0", "\x1b", "\ud800", "\ufffe"])
def test_text_that_should_not_have_come_here_gives_a_drawing_or_a_clean_error(engine: str, unpleasant: str):
    try:
        data = layout(f'digraph {{ n0 [label="a{unpleasant}b"] }}', "png", engine=engine).data
    except RenderError as error:
        assert str(error).isprintable()
    else:
        assert min(size_of(data)) > 10


# The time limit


@pytest.mark.parametrize("format", ["svg", "png"])
def test_the_time_limit_is_kept(engine: str, format: str):
    start = time.monotonic()
    with pytest.raises(RenderError, match=r"after 1 s: allow it more time.*--level compact.*\.dot") as caught:
        layout(dense(), format, engine=engine, time_limit=1)
    assert 1 <= time.monotonic() - start < 4
    assert "\n" not in str(caught.value)


def test_engines_that_are_tried_one_after_the_other_share_the_time(fake_dot):
    fake_dot("sleep 1; kill -SEGV $$")
    start = time.monotonic()
    with pytest.raises(TooSlow, match=r"after 1\.2 s: allow it more time"):
        layout(dense(), "svg", time_limit=1.2)
    assert 1.2 <= time.monotonic() - start < 4


def test_no_time_limit(engine: str):
    assert layout(DOT, "svg", engine=engine, time_limit=float("inf")).data.startswith(b"<?xml")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_what_a_wrapper_script_started_ends_with_it(fake_dot, tmp_path: Path):
    fake_dot(f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    with pytest.raises(RenderError, match=r"after 0\.5 s"):
        layout(DOT, "svg", engine="system", time_limit=0.5)
    pid = int((tmp_path / "pid").read_text())
    assert wait_until(lambda: is_gone(pid), seconds=5)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are looked up in /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_the_child_does_not_outlive_us(engine: str, sent: signal.Signals, tmp_path: Path):
    """After Ctrl-C it is gone at once; after a SIGKILL, which leaves us no time, when its own limit is over."""
    code = (
        "import sys; from gradviz.render.graphviz import layout, engine_in_use; engine_in_use(); print(flush=True);"
        f"layout(sys.stdin.read(), 'svg', engine={engine!r}, time_limit=1 if {sent == signal.SIGKILL} else 60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as parent:
        assert parent.stdin and parent.stdout
        parent.stdin.write(dense().encode())
        parent.stdin.close()
        parent.stdout.readline()
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        assert wait_until(lambda: children.read_text().split() != [], seconds=10)
        time.sleep(0.3)  # it may still be the one that is asked for its version
        (child,) = map(int, children.read_text().split())
        assert not is_gone(child)
        parent.send_signal(sent)
        parent.stdin = None
        parent.communicate()
    assert wait_until(lambda: is_gone(child), seconds=10 if sent == signal.SIGKILL else 1)
    if sent == signal.SIGINT:
        assert list(tmp_path.iterdir()) == []


# Bitmaps


@pytest.mark.parametrize("dpi", [None, 48, 96, 192])
def test_dots_per_inch(engine: str, dpi: float | None):
    dot = "digraph { graph [pad=0] a [shape=box width=2 height=1 style=filled] }"
    drawn = layout(dot, "png", engine=engine, dpi=dpi)
    assert drawn.dpi == (dpi or 96)
    assert size_of(drawn.data) == pytest.approx((2 * drawn.dpi, drawn.dpi), abs=3)


def test_a_large_bitmap_gets_fewer_dots_per_inch(engine: str):
    dot = "digraph { rankdir=LR graph [pad=0] node [shape=box width=400] a -> b }"  # 800.5 inches: 76,848 pixels
    drawn = layout(dot, "png", engine=engine)
    width, height = size_of(drawn.data)
    assert 15_990 <= width <= 16_000
    assert height > 1
    assert drawn.dpi == pytest.approx(16_000 / 800.5, rel=0.01)


def test_a_pdf_page_stays_within_what_readers_show(engine: str):
    dot = "digraph { rankdir=LR node [shape=box width=400] a -> b }"
    box = re.search(rb"/MediaBox \[ *0 0 (\d+)", layout(dot, "pdf", engine=engine).data)
    assert box
    assert 14_320 <= int(box[1]) <= 14_400  # points, 199 or 200 inches


def test_a_system_without_dot_is_simulated_well(no_dot):
    """Else the tests above that empty PATH would pass for the wrong reason."""
    assert shutil.which("dot") is None
    assert graphviz._system_command() == ()


# What the portable engine adds to graphviz-pure

MINUS = 'digraph {{ node [shape=plain fontname="Courier New" fontsize=20] n0 [label=<{}>] }}'


@pytest.fixture
def portable() -> str:
    try:
        layout(DOT, "png", engine="portable")
    except RenderError as error:
        pytest.skip(str(error))
    return "portable"


def width_of(dot: str) -> float:
    return float(json.loads(layout(dot, "json", engine="portable").data)["bb"].split(",")[2])


@pytest.mark.parametrize("text", ["−0.25", "&#8722;0.25", "&minus;0.25"])
def test_a_sign_is_as_wide_as_it_is_drawn(portable: str, text: str):
    assert width_of(MINUS.format(text)) == pytest.approx(width_of(MINUS.format("-0.25")))
    drawn = layout(MINUS.format(text), "svg", engine=portable).data.decode()
    assert ">−0.25</text>" in drawn


@pytest.mark.parametrize("text", ["δ ⊙ σ(z)", "a  −  b", "café", "日本 😀", "‖x‖ → ∞", "e\u0301", "&amp;#8722; − &lt;"])
@pytest.mark.parametrize("format", ["svg", "json"])
def test_every_text_is_what_the_graph_says(portable: str, text: str, format: str):
    dot = f'digraph "né" {{ node [tooltip="− tip"] n0 [label=<{text}>]; π [label="{text}"]; n0 -> π }}'
    ours = layout(dot, format, engine=portable).data
    theirs = layout(dot, format, engine="bundled").data
    if format == "svg":
        lists = [[e.text for e in etree.fromstring(data).iter("{*}text", "{*}title")] for data in (ours, theirs)]
    else:
        lists = [[(n.get("name"), n.get("label")) for n in json.loads(data)["objects"]] for data in (ours, theirs)]
    assert lists[0] == lists[1]


def test_a_text_without_a_font_is_as_wide_as_it_is_drawn(portable: str):
    dot = "digraph {{ {} n0 [shape=plain label=wwwwwwwwww] }}"
    assert width_of(dot.format("")) == width_of(dot.format("node [fontname=Arial]"))
    assert width_of(dot.format("")) < width_of(dot.format('node [fontname="Courier New" fontsize=20]'))


def test_nodes_that_letters_would_merge_stay_apart(portable: str):
    root = etree.fromstring(layout("digraph { α -> δ -> a }", "svg", engine=portable).data)
    assert {e.text for e in root.iter("{*}text")} == {"α", "δ", "a"}


def test_a_pdf_has_text_to_search_and_its_fonts(portable: str):
    data = layout(PICTURE.replace("2 →", "δ ⊙ σ → ‖x‖"), "pdf", engine=portable).data
    page = pypdf.PdfReader(io.BytesIO(data), strict=True).pages[0]
    assert "δ ⊙ σ → ‖x‖" in page.extract_text().replace("\n", "")
    for font in page["/Resources"]["/Font"].values():  # pyright: ignore
        assert "/FontFile2" in font["/DescendantFonts"][0]["/FontDescriptor"]


@pytest.mark.parametrize(
    ("attributes", "words"),
    [("fillcolor=burlywood", "the colour 'burlywood'.* #rrggbb"), ('fillcolor="#ff0000:#00ff00"', "url")],
)
def test_what_the_pdf_writer_does_not_know_is_refused(portable: str, attributes: str, words: str):
    with pytest.raises(RenderError, match=words):
        layout(f"digraph {{ n0 [style=filled {attributes}] }}", "pdf", engine=portable)


def test_a_bitmap_has_signs_that_its_own_fonts_lack(portable: str):
    """Not an empty box, which all of them would share."""
    dot = 'digraph {{ n0 [shape=box width=1 height=1 fixedsize=true label="{}" fontsize=40 fontname=Arial] }}'
    drawn = {layout(dot.format(sign), "png", engine=portable).data for sign in "⊙∇∘∈ℝ"}
    assert len(drawn) == 5


def test_a_sign_from_another_font_leaves_its_neighbours_in_theirs(portable: str):
    """Two ones are wider apart in the Mono than in the Sans: with a sign that the Mono lacks after them, too."""
    dot = 'digraph {{ graph [pad=0] n0 [shape=plain fontname="Courier New" fontsize=40 label=<{}>] }}'
    ones, ones_and_norm = (layout(dot.format(text), "png", engine=portable).data for text in ("iiiii", "iiiii‖"))
    assert black_columns(ones_and_norm)[:5] == black_columns(ones)[:5]


def test_the_widths_that_are_read_are_the_fonts_own():
    code = (
        "import sys; sys.path.append(sys.argv[1]); from portable_font import chain;"
        "sans, signs = chain('Arial'); mono, _ = chain('Courier New');"
        "print(*(round(width) for width in (sans.width('W'), sans.width('−'), mono.width('→'), signs.width('⊙'))),"
        " sans.width('⊙'), mono.width('日'))"
    )
    directory = str(Path(graphviz.__file__).parent)
    run = subprocess.run([sys.executable, "-c", code, directory], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["944", "584", "600", "838", "None", "None"]
