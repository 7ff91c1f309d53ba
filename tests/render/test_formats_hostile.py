"""Names from strangers' scripts through every format: text stays text, and what is written stays valid."""

from __future__ import annotations

import pytest
from small_graphs import named
from validity import VALID, latex_pages, mermaid_pictures, no_latex, no_mermaid

import gradviz as gv
from gradviz.render import FORMATS, LEVELS, Style, render

HOSTILE = {
    "markup": "<b>bold</b> & <i>",
    "script": "<script>alert(1)</script>",
    "closing": "</svg></text></title></TABLE>>];",
    "cdata": "]]>",
    "comment": "--><!-- -->",
    "entity": "&lt;&#60;&amp;&nosuch;",
    "quotes": "a\"b'c`d",
    "backslashes": r"\N \G \E \n \l \\",
    "bracket": "]",
    "brackets": "]]",
    "percent": "100% %s %n %%",
    "shell": "$(touch /tmp/x) `id` ; | &",
    "terminal": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "link": 'javascript:alert(1) "https://example.org"',
    "unbreakable": "a\xa0\xa0b\u2007c",
    "dot": '"]; evil [label=x]; } digraph {',
    "nul": "a\0b\x01\x07\x1b[31mred\x7f\x85",
    "surrogate": "lone \ud800 and \udfff",
    "bidi": "turned \u202e back \u2066 \u2069 \u200f",
    "right to left": "שלום عالم",
    "wide": "重み ａｂ 가중치",
    "emoji": "👩‍🔬 🏳️‍🌈 ❤️",
    "combining": "e\u0301 o\u0308\u0323 \u0301",
    "tex": r"\write18{ls} \input{/etc/passwd} \end{document}",
    "tex specials": r"50% $x_1^2$ ~ # { } & \ ^^41",
    "mermaid": '"]; click n0 callback; end; subgraph %% comment',
    "mermaid codes": "#quot; #35; #9829; %%{init: {}}%% style x fill:#f00;",
    "mermaid settings": '%%{init: {"securityLevel": "loose"}}%% click n0 href "javascript:alert(1)"',
    "markdown": "1. one - two **bold** _it_ `code` [a](javascript:x)",
    "lines": "one\ntwo\r\n\tthree\u2028four",
    "blank": "   ",
    "empty": "",
    "not characters": "\ufffe\uffff\U0010ffff",
    "private": "\ue000\U000f0000",
    "long": "x" * 40_000,
    "long markup": "<&>\"'" * 8_000,
    "long and wide": "重" * 40_000,
    "control only": "\0\x01\x02",
}
#: format → what must be nowhere in it; in JSON a name is data, and is there as it is.
NEVER = {
    "svg": ("<script", "<TABLE", "<!-- -->", "\x1b", "\0", "\u202e"),
    "dot": ("<script", "]]>", r"\N", r"\G", "\x1b", "\0", "\u202e"),
    "tikz": (r"\write", r"\input", "^^41"),
    "mermaid": ("<script", '"]; click', "#quot", "%%{init: {}}", "javascript:", "`", "\x1b", "\0", "\u202e"),
    "txt": ("\x1b", "\x9b", "\0", "\u202e"),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text(name, format):
    graph = named(HOSTILE[name], "w")
    data = render(graph, format, Style(level="explain", dpi=24)).data
    VALID[format](data)
    assert [bad for bad in NEVER.get(format, ()) if bad.encode() in data] == []


def scoped(name: str) -> gv.Graph:
    """A graph with a frame, a function and a file of this name."""
    x = gv.tensor(2.0, name="x")
    with gv.scope(name), gv.scope(f"in {name}"):
        y = x * 3.0
        code = compile("z = y * y + x", f"{name}.py".replace("\0", ""), "exec")
        made = {"y": y, "x": x}
        exec(code, made)
    made["z"].backward()
    return gv.graph(made["z"])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_title_scope_and_file_stay_text(name, format):
    for level, fold in (("compact", ()), ("lecture", ("scopes",))):
        style = Style(level=level, title=HOSTILE[name], fold=fold, dpi=24)
        data = render(scoped(HOSTILE[name]), format, style).data
        VALID[format](data)
        assert [bad for bad in NEVER.get(format, ()) if bad.encode() in data] == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("format", ["svg", "tikz", "mermaid", "txt"])
def test_all_of_them_at_once_at_every_level(level, format):
    VALID[format](render(named(*HOSTILE.values()), format, Style(level=level)).data)


@pytest.mark.parametrize("format", ["svg", "pdf"])
@pytest.mark.parametrize("name", ["markup", "dot", "surrogate", "bidi", "long markup", "empty"])
def test_a_hostile_name_stays_text_in_steps(name, format):
    VALID[format](render(named(HOSTILE[name], "w"), format, Style(steps=True)).data)


@pytest.mark.parametrize("format", ["svg", "txt"])
def test_what_can_be_read_can_be_read(format):
    for name in ("markup", "script", "quotes", "tex specials", "mermaid", "right to left", "wide"):
        text = VALID[format](render(named(HOSTILE[name], "w"), format, Style(level="explain")).data)
        assert HOSTILE[name].replace("\\", "∖" if format == "svg" else "\\") in text.replace("\xa0", " ").replace(
            "\u200e", ""
        )


@pytest.mark.skipif(no_mermaid() is not None, reason=str(no_mermaid()))
def test_mermaid_shows_hostile_names_as_they_are():
    pictures = mermaid_pictures([render(named(text, "w"), "mermaid", Style()).data for text in HOSTILE.values()])
    pictures += mermaid_pictures([render(scoped(text), "mermaid", Style()).data for text in HOSTILE.values()])
    for name, picture in zip((*HOSTILE, *HOSTILE), pictures, strict=True):
        assert "error" not in picture, (name, picture["error"])
        assert picture["strange"] == 0, name
        if name in ("markup", "script", "quotes", "mermaid", "mermaid codes", "markdown", "tex", "entity", "dot"):
            assert any(HOSTILE[name] in label for label in picture["labels"]), (name, picture["labels"])


@pytest.mark.skipif(no_latex() is not None, reason=str(no_latex()))
def test_pdflatex_sets_hostile_names():
    pages = latex_pages([render(named(text, "w"), "tikz", Style(level="explain")).data for text in HOSTILE.values()])
    text = dict(zip(HOSTILE, (page.replace("\n", "").replace(" ", "") for page in pages), strict=True))
    assert "write18" in text["tex"]
    assert "passwd" in text["tex"]
    assert "root:" not in text["tex"]
    assert "50%" in text["tex specials"]
