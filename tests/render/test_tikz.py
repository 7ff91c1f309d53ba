"""TikZ: the drawing's shapes as they are, its texts as mathematics, whole documents that pdflatex sets."""

from __future__ import annotations

import json
import re

import pytest
from engines import need
from small_graphs import SMALL, named, worked_example
from validity import latex_pages, no_latex

from gradviz.render import THEMES, Document, Style, document_of, render
from gradviz.render.formats.escape import within_tex
from gradviz.render.formats.tikz import tikz
from gradviz.render.theme import STYLES
from gradviz.tracer.op import OPS

EMPTY = Document(title="f", legend=(), boxes=(), wires=(), direction="LR", description="")


def body(*strokes: dict, kind: str = "_draw_") -> list[str]:
    """What is drawn for these strokes."""
    text = tikz(EMPTY, json.dumps({"objects": [{"name": "n0", kind: list(strokes)}]}).encode())
    return text.partition("anchor=base}]\n")[2].partition("\\end{tikzpicture}")[0].splitlines()


def texts_of(text: str) -> list[str]:
    """The texts of a picture, without the macros around them."""
    return [
        "".join(re.findall(r"\\gv\w+text\{((?:[^{}]|\{[^{}]*\}|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", line))
        for line in text.splitlines()
        if line.startswith("\\node")
    ]


def test_the_worked_examples_texts():
    texts = texts_of(render(worked_example(), "tikz", Style(level="lecture")).data.decode())
    for there in ("$x$", "$+$", "max", r"$\times $", "distributes", "routes", "switches", "$a$"):
        assert there in texts
    assert r"$1$\ $\rightarrow $" in texts
    assert r"$\leftarrow $\ $2$" in texts


def test_the_worked_examples_partials_are_mathematics():
    texts = texts_of(render(worked_example(), "tikz", Style(level="explain")).data.decode())
    assert r"$\partial f/\partial y=$\ $5$\ $=2+3$" in texts
    assert r"$b$\ $=\mathrm{max}(y,\,z)$" in texts


SOLID = [{"op": "S", "style": "solid"}, {"op": "c", "color": "#4a5560"}]


@pytest.mark.parametrize(
    ("stroke", "path"),
    [
        ({"op": "L", "points": [[0, 0], [1.005, 2]]}, r"\path[draw=gvwire] (0,0) -- (1,2);"),
        ({"op": "p", "points": [[0, 0], [1, 0], [1, 1]]}, r"\path[draw=gvwire] (0,0) -- (1,0) -- (1,1) -- cycle;"),
        (
            {"op": "b", "points": [[0, 0], [1, 0], [2, 1], [3, 1]]},
            r"\path[draw=gvwire] (0,0) .. controls (1,0) and (2,1) .. (3,1);",
        ),
        (
            {"op": "e", "rect": [5, 6, 2, 1]},
            r"\path[draw=gvwire] (5,6) ellipse [x radius=2, y radius=1];",
        ),
    ],
)
def test_shapes(stroke, path):
    assert body(*SOLID, stroke) == [path]


def test_what_is_filled_with_nothing_is_not_drawn():
    polygon = {"op": "P", "points": [[0, 0], [1, 0], [1, 1]]}
    assert body({"op": "c", "color": "#fffffe00"}, {"op": "C", "color": "#ffffff00"}, polygon) == []


@pytest.mark.parametrize("style", ["dashed", "dashed(dotted,invis,gvrender.c,\x01)"])
def test_dashes_and_what_dot_2_43_writes_for_them(style):
    strokes = [{"op": "S", "style": "setlinewidth(2)"}, {"op": "S", "style": style}, {"op": "c", "color": "#8a949e"}]
    line = {"op": "L", "points": [[0, 0], [1, 0]]}
    assert body(*strokes, line) == [r"\path[draw=gvzero,line width=2bp,dashed] (0,0) -- (1,0);"]


def test_a_width_holds_for_the_line_it_was_given_for():
    line = {"op": "L", "points": [[0, 0], [1, 0]]}
    first, second = body({"op": "S", "style": "setlinewidth(2)"}, *SOLID, line, *SOLID, line)
    assert "line width=2bp" in first
    assert "line width" not in second


STYLE = STYLES["value"]
#: What Graphviz writes before a text in this style.
VALUE = [
    {"op": "F", "size": STYLE.size, "face": STYLE.face},
    {"op": "c", "color": THEMES["light"][STYLE.ink]},
    {"op": "t", "fontchar": int(STYLE.bold)},
]


def test_runs_on_one_line_are_one_node():
    runs = [
        {"op": "T", "pt": [10 + 8 * place, 20], "align": "l", "width": 8, "text": text}
        for place, text in enumerate("a=b")
    ]
    below = {"op": "T", "pt": [10, 5], "align": "l", "width": 8, "text": "c"}
    lines = body(*VALUE, *runs, below, kind="_ldraw_")
    assert [line.partition(" {")[0] for line in lines] == [r"\node at (22,20)", r"\node at (14,5)"]


FORMULAS = {
    "x": "$x$",
    "loss": r"$\mathit{loss}$",
    "W_hh": r"$W_{\mathit{hh}}$",
    "my_name": r"$\mathit{my\_name}$",
    "−0.2455": "$-0.2455$",
    "1.2e−7": r"$1.2\cdot10^{-7}$",
    "5 = 2 + 3": "$5=2+3$",
    "max(y, z)": r"$\mathrm{max}(y,\,z)$",
    "∂f/∂y": r"$\partial f/\partial y$",
    "[1 2.5]": r"$[1\ 2.5]$",
    "[1 −2 NaN]": r"$[1\ {-}2\ \mathrm{NaN}]$",
    "[−1 … −x]": r"$[-1\ \ldots \ {-}x]$",
    "Σ −δ": r"$\Sigma \ {-}\delta $",
    "x − y": "$x-y$",
    "‖−2‖": r"$\Vert {-}2\Vert $",
    "‖≈ 0‖": r"$\Vert {\approx}0\Vert $",
    "x ≈ 0": r"$x\approx 0$",
    "×50,000": r"$\times 50{,}000$",
    "Σ of 50,000": r"$\Sigma $ of 50,{}000",
    "xʸ": "$x^{y}$",
    "2ˣ": "$2^{x}$",
    "A⁻¹": "$A^{-1}$",
    "V⁻ᵀ δ": r"$V^{-\top}\ \delta $",
    "λⱼ₊₁²": r"$\lambda _{j+1}^{2}$",
    "h² + b₁": "$h^{2}+b_{1}$",
    "h·(1 − h)": r"$h\cdot (1-h)$",
    "slope ≤ ¼": r"$\mathit{slope}\leq \frac{1}{4}$",
    "δ · xᵀ": r"$\delta \cdot x^{\top}$",
    "σ(z)": r"$\sigma (z)$",
    "4×3": r"$4\times 3$",
    "(4,)": "$(4{,})$",
    "−sin x": r"$-\mathrm{sin}\ x$",
    "line 14": "line 14",
    "x̂": r"$\hat{x}$",
    "ŷ": r"$\hat{y}$",
    "θ̄_1 · x": r"$\bar{\theta }_{\mathit{1}}\cdot x$",
    "‖_____‖": r"$\Vert \rule[-.1em]{2.5em}{.04em}\Vert $",
    "‖0.196‖": r"$\Vert 0.196\Vert $",
    "not computed": "not computed",
    "12 ops": "12 ops",
    "50%": r"50\%",
    r"\write18{ls}": r"\textbackslash{}write18\{ls\}",
    "重み": r"$\mbox{\gvsign{91CD}\gvsign{307F}}$",
}


def written(text: str) -> dict:
    """What Graphviz says of a text."""
    return {"op": "T", "pt": [0, 0], "align": "l", "width": 9, "text": text}


def of_ops() -> list[str]:
    """The symbols and the formulas of all ops."""
    return [text for op in OPS.values() for text in (op.symbol, *(rule.text for rule in op.rules)) if text]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas(text):
    (line,) = body(*VALUE, written(text), kind="_ldraw_")
    assert f"text{{{FORMULAS[text]}}}" in line


def test_every_sign_of_the_table_of_ops_is_one_that_tex_has():
    assert not [text for text in of_ops() if "gvsign" in within_tex(text)]


def test_words_are_no_mathematics_and_formulas_are_no_words():
    texts = texts_of(render(SMALL["neural_layer"](), "tikz", Style(level="compact")).data.decode())
    assert "$W\\ x$" in texts  # as large and as grey as a role's rule
    texts = texts_of(render(SMALL["neural_layer"](), "tikz", Style(level="explain")).data.decode())
    assert r"upstream $\times $ other input" in texts
    assert any(text.endswith(r"\ scalar") for text in texts)


@pytest.mark.skipif(no_latex() is not None, reason=str(no_latex()))
def test_pdflatex_sets_every_formula_of_these_and_of_the_table_of_ops():
    drawn = [{"name": "n0", "_ldraw_": [*VALUE, written(text)]} for text in (*FORMULAS, *of_ops())]
    assert latex_pages([tikz(EMPTY, json.dumps({"objects": drawn}).encode()).encode()])


def test_what_plain_tex_lacks_is_said_and_how_to_set_it():
    drawn = render(named("重み", "w"), "tikz", Style())
    assert any(note.startswith("pdflatex has no 重 (U+91CD), み (U+307F), and sets their") for note in drawn.notes)
    assert r"\newcommand\gvsign[1]{{\gvfont\symbol{"  # 1}}}" in drawn.data.decode()
    plain = render(worked_example(), "tikz", Style())
    assert plain.notes == ()
    assert "gvsign" not in plain.data.decode()


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_colours_are_the_themes_by_name(theme):
    text = render(worked_example(), "tikz", Style(theme=theme)).data.decode()
    defined = re.findall(r"\\definecolor\{gv(\w+)\}\{HTML\}\{(\w{6})\}", text)
    parts = {part.replace("-", ""): colour[1:] for part, colour in THEMES[theme].items()}
    assert defined
    assert all(parts[name] == colour for name, colour in defined)
    assert ("background rectangle" in text) == (theme == "dark")


def test_what_was_folded_is_said_in_a_comment():
    document = Document(**{**{n: getattr(EMPTY, n) for n in EMPTY.__slots__}, "notes": ("900 ops — folded",)})
    assert tikz(document, b"{}").startswith("% f | 900 ops ? folded\n")


def test_every_box_has_a_comment_that_says_which_it_is():
    text = render(worked_example(), "tikz", Style()).data.decode()
    comments = [line for line in text.splitlines() if line.startswith("% ")]
    assert any(line.startswith("% f = a * b = 6") for line in comments)
    document = document_of(worked_example(), Style())
    assert len(comments) >= len([box for box in document.boxes if box.label])


@pytest.mark.parametrize("engine", ["system", "bundled", "portable"])
def test_every_graphviz_draws_the_same_texts(engine):
    need(engine)
    texts = texts_of(render(worked_example(), "tikz", Style(engine=engine)).data.decode())
    assert sorted(texts) == sorted(texts_of(render(worked_example(), "tikz", Style()).data.decode()))


@pytest.mark.skipif(no_latex() is not None, reason=str(no_latex()))
def test_pdflatex_sets_the_worked_example():
    (page,) = latex_pages([render(SMALL["worked_example"](), "tikz", Style(level="explain")).data])
    assert "distributes".upper() in page
    assert "∂f/∂y=5" in page.replace(" ", "")
