"""DOT text: what a document of two boxes becomes, to the letter, the worked example's wires, and strangers' texts."""

from __future__ import annotations

import re

import pytest
from engines import need
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pictured import recurrence
from small_graphs import SMALL, worked_example

from gradviz.render import LEVELS, THEMES, Box, Document, Row, Style, Text, Wire, document_of, render
from gradviz.render.document import Cluster
from gradviz.render.formats.dot import dot, dot_bytes
from gradviz.render.formats.escape import plain
from gradviz.render.graphviz import layout

TWO = Document(
    title="−x",
    legend=((Text("value →", "legend value"), Text(" above", "legend")),),
    boxes=(
        Box(id="n0", kind="input", form="gate", rows=(Row((Text("x", "name"),)),)),
        Box(
            id="n1",
            kind="op",
            form="gate",
            title=(Text("y", "caption"),),
            symbol="−",
            rows=(Row((), port=0),),
            footer=((Text("flips the sign", "gate role"),),),
        ),
    ),
    wires=(
        Wire(
            id="w1_0",
            source="n0",
            target="n1",
            port=0,
            forward=(Text("3", "wire value"), Text(" →", "wire value arrow")),
            backward=(Text("← ", "wire gradient arrow"), Text("−1", "wire gradient")),
        ),
    ),
    direction="LR",
    description="y = −3",
)

#: Split at each tag, for people to read.
EXPECTED = """\
digraph gradviz {
	graph [bgcolor="#FFFFFF" fontname=Arial label=<
    <TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">
    <TR>
    <TD>
    <FONT COLOR="#1F2933" POINT-SIZE="19"><B>−x</B></FONT></TD></TR>
    <TR>
    <TD>
    <FONT COLOR="#007460" POINT-SIZE="11"><B>value →</B></FONT>
    <FONT COLOR="#5B6670" POINT-SIZE="11"> above</FONT></TD></TR>
    <TR>
    <TD HEIGHT="6"></TD></TR></TABLE>> labeljust=c labelloc=t margin=0 newrank=true nodesep=0.28
    outputorder=edgesfirst pad=0.3 rankdir=LR ranksep=0.3 splines=true]
	node [fontcolor="#1F2933" fontname=Arial fontsize=13 shape=plain]
	edge [arrowsize=0.6 color="#4A5560" penwidth=2]
	n0 [id=n0 class=input label=<
    <TABLE PLAIN>
    <TR>
    <TD HEIGHT="18" VALIGN="BOTTOM"></TD></TR>
    <TR>
    <TD HEIGHT="3"></TD></TR>
    <TR>
    <TD>
    <TABLE PORT="o" BORDER="1" STYLE="ROUNDED"
    COLOR="#3566A8" BGCOLOR="#EAF1FB" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">
    <TR>
    <TD WIDTH="6"></TD>
    <TD WIDTH="32" HEIGHT="36">
    <FONT COLOR="#1F2933" POINT-SIZE="17"><B>x</B></FONT></TD>
    <TD WIDTH="6"></TD></TR></TABLE></TD></TR>
    <TR>
    <TD HEIGHT="3"></TD></TR>
    <TR>
    <TD HEIGHT="18" VALIGN="TOP"></TD></TR></TABLE>>]
	n1 [id=n1 class=op label=<
    <TABLE PLAIN>
    <TR>
    <TD HEIGHT="18" VALIGN="BOTTOM">
    <FONT COLOR="#1F2933" POINT-SIZE="13"><B>y</B></FONT></TD></TR>
    <TR>
    <TD HEIGHT="3"></TD></TR>
    <TR>
    <TD>
    <TABLE PORT="o" FIXEDSIZE="TRUE" WIDTH="60" HEIGHT="50" BORDER="2" STYLE="ROUNDED"
    COLOR="#1F2934" BGCOLOR="#FDFEFF" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">
    <TR>
    <TD PORT="i0" WIDTH="8" HEIGHT="46"></TD>
    <TD ROWSPAN="1" WIDTH="40" HEIGHT="46">
    <FONT COLOR="#1F2933" POINT-SIZE="28"><B>−</B></FONT></TD>
    <TD ROWSPAN="1" WIDTH="8"></TD></TR></TABLE></TD></TR>
    <TR>
    <TD HEIGHT="3"></TD></TR>
    <TR>
    <TD HEIGHT="18" VALIGN="TOP">
    <FONT COLOR="#3566A9" POINT-SIZE="11"><B>flips the sign</B></FONT></TD></TR></TABLE>>]
	w1_0 [id=w1_0 class=wire label=<
    <TABLE PLAIN>
    <TR>
    <TD COLSPAN="3" HEIGHT="20" VALIGN="BOTTOM">
    <FONT COLOR="#007460" POINT-SIZE="14" FACE="Courier New"><B>3</B></FONT>
    <FONT COLOR="#007460" POINT-SIZE="11"> →</FONT></TD></TR>
    <TR>
    <TD HEIGHT="2" BGCOLOR="#4A5560" WIDTH="3"></TD>
    <TD PORT="w" HEIGHT="2" BGCOLOR="#4A5560" WIDTH="38"></TD>
    <TD HEIGHT="2" BGCOLOR="#4A5560" WIDTH="3"></TD></TR>
    <TR>
    <TD COLSPAN="3" HEIGHT="2"></TD></TR>
    <TR>
    <TD COLSPAN="3" HEIGHT="18" VALIGN="TOP">
    <FONT COLOR="#C43E00" POINT-SIZE="11">← </FONT>
    <FONT COLOR="#C43E00" POINT-SIZE="14" FACE="Courier New"><B>−1</B></FONT></TD></TR></TABLE>>]
	n0:o:e -> w1_0:w:w [arrowhead=none weight=4]
	w1_0:w:e -> n1:i0:w [weight=2]
}
"""

PLAIN = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


def shown(text: str) -> str:
    """DOT text on more lines than it has, and with a short name for tables that draw nothing."""
    text = text.replace(PLAIN, "PLAIN")
    return re.sub(r"(?=<TR>|<TD|<FONT|<TABLE|COLOR=\"#(?:1F2934|3566A8)\" |outputorder)", "\n    ", text).replace(
        " \n", "\n"
    )


def test_the_bytes_of_a_large_document_are_those_of_its_text():
    boxes = tuple(
        Box(f"n{i}", "op", "gate", symbol="∑", rows=(Row((), port=0),), title=TWO.boxes[1].title) for i in range(900)
    )
    wires = tuple(Wire(f"w{i}", f"n{i}", f"n{i + 1}", 0, (Text(f"{i} α 😀", "wire value"),), ()) for i in range(899))
    frames = (Cluster("s", "layer", tuple(box.id for box in boxes[100:700])),)
    large = Document("large", (), boxes, wires, "LR", "", clusters=frames)
    for theme in ("light", "dark"):
        assert dot_bytes(large, theme=theme) == dot(large, theme=theme).encode()
    assert dot_bytes(TWO) == dot(TWO).encode()


def test_two_boxes_and_a_wire():
    assert shown(dot(TWO)) == EXPECTED.rstrip("\n") + "\n"


def text_of(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def test_the_worked_examples_wires():
    text = dot(document_of(worked_example(), Style(level="lecture")))
    rows = {}
    for name, label in re.findall(r"^\t(w\w+) \[id=\w+ class=wire label=<(.*)>\]$", text, re.MULTILINE):
        rows[name] = [cell for cell in map(text_of, re.findall(r"<TR>.*?</TR>", label)) if cell]
    assert rows == {
        "w3_0": ["1 →", "← 2"],
        "w3_1": ["2 →", "← 2"],
        "w4_0": ["2 →", "← 3"],
        "w4_1": ["0 →", "← 0"],
        "w5_0": ["3 →", "← 2"],
        "w5_1": ["2 →", "← 3"],
        "w5_out": ["6 →", "← 1"],
    }


def test_the_worked_examples_edges():
    text = dot(document_of(worked_example(), Style(level="lecture")))
    edges = re.findall(r"^\t(\S+) -> (\S+) \[", text, re.MULTILINE)
    into = {target.removesuffix(":w:w"): source for source, target in edges if target.endswith(":w:w")}
    out_of = {source.removesuffix(":w:e"): target for source, target in edges if source.endswith(":w:e")}
    assert {wire: (source, out_of[wire]) for wire, source in into.items()} == {
        "w3_0": ("n0:o:e", "n3:i0:w"),
        "w3_1": ("n1:o:e", "n3:i1:w"),
        "w4_0": ("n1:o:e", "n4:i0:w"),
        "w4_1": ("n2:o:e", "n4:i1:w"),
        "w5_0": ("n3:o:e", "n5:i0:w"),
        "w5_1": ("n4:o:e", "n5:i1:w"),
        "w5_out": ("n5:o:e", "n5_out"),
    }


def test_a_zero_gradient_is_grey_and_dashed():
    text = dot(document_of(worked_example(), Style(level="lecture")))
    zero = THEMES["light"]["zero"]
    dashed = [line.split()[0] for line in text.splitlines() if f'color="{zero}" style=dashed' in line]
    assert dashed == ["n2:o:e", "w4_1:w:e"]
    assert f'STYLE="DASHED" COLOR="{zero}" HEIGHT="4"' in text


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_every_colour_is_the_themes(theme):
    for make in SMALL.values():
        for level in LEVELS:
            text = dot(document_of(make(), Style(level=level)), theme=theme)
            used = set(re.findall(r'"(#[0-9A-Fa-f]{6})"', text))
            assert used <= set(THEMES[theme].values())


@pytest.mark.parametrize("level", LEVELS)
def test_every_wire_ends_at_ports_that_are_there(level):
    for make in SMALL.values():
        text = dot(document_of(make(), Style(level=level)))
        ports = {
            name: set(re.findall(r' PORT="(\w+)"', label))
            for name, label in re.findall(r"^\t(\w+) \[id=\w+ class=\w+ label=<(.*)>\]$", text, re.MULTILINE)
        }
        for end in re.findall(r"(\w+:\w+):[nesw]\b", text):
            name, port = end.split(":")
            assert port in ports[name], end


def test_graphviz_lays_it_out_from_left_to_right():
    drawing = layout(dot(document_of(worked_example(), Style(level="lecture"))), "plain").data.decode()
    x = {line.split()[1]: float(line.split()[2]) for line in drawing.splitlines() if line.startswith("node ")}
    assert x["n0"] < x["w3_0"] < x["n3"] < x["w5_0"] < x["n5"] < x["w5_out"] < x["n5_out"]


def test_no_run_of_text_is_empty():
    for make in SMALL.values():
        for level in LEVELS:
            assert "<B></B>" not in dot(document_of(make(), Style(level=level)))


# -- strangers' texts, through the engines ----------------------------------------------------------------------------

BITS = (
    "<b>", "</b>", "</TABLE>>];", "<BR/>", '<IMG SRC="/etc/passwd"/>', "&lt;", "&#60;", "&#0;", "&nosuch;", "&", '"',
    "'", "\\", r"\N", r"\G", r"\l", "]", "]]", "]]>", "<!--", "-->", "{", "}", "|", "%s", "javascript:",
    "\0", "\x1b[31m", "\x7f", "\x85", "\ud800", "\udfff", "\u202e", "\u2066", "\u200f", "\ue000", "\ufffe", "\u00ad",
    "\u200b", "\ufeff", "\u034f", "\u3164", "\n", "\r\n", "\t", "\u2028", "\xa0", "  ",
    "שלום", "عالم", "重み", "👩‍🔬", "e\u0301", "x" * 40_000, "<" * 400, "重" * 40_000,
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(BITS) | st.text(st.characters(exclude_categories=()), max_size=6), max_size=6)


@pytest.mark.parametrize(("engine", "examples"), [("system", 15), ("bundled", 6), ("portable", 6)])
def test_text_stays_text_in_every_place_and_engine(engine, examples):
    need(engine)

    @settings(max_examples=examples, deadline=None)
    @given(st.lists(HOSTILE.map("".join), min_size=20, max_size=40))
    def text_stays_text(names):
        groups = drawn_groups(hostile(names), engine)
        for i, name in enumerate(names):
            text = bare(plain(name).replace("\\", "∖"))
            places = {f"n{i}": 2, f"w{i}": 2} if i < len(names) - 1 else {f"n{i}": 2}
            places |= {f"s{i}": 1} if i < 5 else {}
            for id, times in places.items():
                assert [shown for shown in groups[id] if shown] == [text] * times * bool(text), (id, name)

    text_stays_text()


def hostile(names: list[str]) -> Document:
    """Names in every kind of place: boxes and their captions, wires, frames, title, legend, notes."""
    texts = [(Text(name, "name"),) for name in names]
    boxes = [Box(id=f"n{i}", kind="op", form="gate", title=t, rows=(Row(t),)) for i, t in enumerate(texts)]
    wires = [Wire(f"w{i}", f"n{i}", f"n{i + 1}", None, t, t) for i, t in enumerate(texts[:-1])]
    frames = tuple(Cluster(f"s{i}", name, (f"n{i}",)) for i, name in enumerate(names[:5]))
    legend, notes = (texts[1],), tuple(names[2:4])
    return Document(names[0], legend, tuple(boxes), tuple(wires), "LR", "", notes=notes, clusters=frames)


def drawn_groups(document: Document, engine: str) -> dict[str, list[str]]:
    """The texts of each box, wire and frame, in the SVG that an engine draws; it has nothing else than shapes."""
    root = etree.fromstring(layout(dot(document), "svg", engine=engine, time_limit=100).data)
    kinds = {etree.QName(element).localname for element in root.iter() if isinstance(element.tag, str)}
    assert kinds <= {"svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text"}
    groups = {group.get("id"): group for group in root.iter("{*}g")}
    return {id: [bare(text.text or "") for text in group.findall(".//{*}text")] for id, group in groups.items() if id}


def bare(text: str) -> str:
    """Text without what Graphviz makes of blanks, and without the marks around what is read from right to left."""
    return text.replace("\xa0", " ").replace("\u200e", "").strip()


@pytest.mark.parametrize("name", SMALL)
def test_wires_leave_their_boxes_on_their_line(name):
    drawn = render(SMALL[name](), "svg", Style(level="explain")).data.decode()
    ends = re.findall(r'<path fill="none"[^>]* d="M[-\d.]+,([-\d.]+)C[^"]*,([-\d.]+)"', drawn)
    assert ends
    rises = [abs(float(first) - float(last)) for first, last in ends]
    assert [rise for rise in rises if 0.1 < rise < 1] == []


@pytest.mark.parametrize(("direction", "corner"), [("LR", "ne"), ("TB", "sw")])
def test_what_leads_back_leaves_at_the_corner_and_goes_over_no_other_wire(direction, corner):
    graph = recurrence(400)
    text = render(graph, "dot", Style(direction=direction, max_nodes=12)).data.decode()
    back = re.findall(r"-> \w+:o:(\w+) \[dir=none", text)
    assert back
    assert set(back) == {corner}
