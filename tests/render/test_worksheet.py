"""Worksheets: exercise and answers lie on each other, and the exercise gives nothing away in any format."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
from pypdf import PdfReader
from small_graphs import SMALL, not_a_number, not_swept, worked_example
from validity import VALID

import gradviz as gv
from gradviz.render import FORMATS, LEVELS, Document, Style, document_of, render
from gradviz.render.numbers import array_norm, number
from gradviz.render.picture import BLANKS
from gradviz.tracer.errors import RenderError


def unalike() -> gv.Graph:
    """A graph in which no two numbers are the same, and none looks like a place in a drawing."""

    def f(x, y, z):
        a = x * y
        b = np.tanh(z)
        c = a * b
        d = np.sin(c)
        return np.exp(d * a) * 2.345

    return gv.trace(f, 1.234, 0.5678, 0.4321)


def unalike_arrays() -> gv.Graph:
    """The same with arrays."""

    def f(W, x):
        z = W @ x
        h = np.tanh(z)
        return np.sum(h * z) * 1.678

    rng = np.random.default_rng(5)
    return gv.trace(f, rng.normal(size=(4, 5)), rng.normal(size=5))


UNALIKE = {"scalars": unalike, "arrays": unalike_arrays}


def shown(value: object) -> str:
    """A number as a picture shows it; of an array, its norm."""
    return array_norm(value).strip("‖") if np.ndim(value) else number(value)


def spellings(values: list[object]) -> set[str]:
    """How numbers are written: as a picture shows them, and how they begin in all their digits."""
    written = {*map(shown, values), *(repr(float(x))[:7] for value in values for x in np.ravel(value))}
    return {text for text in written if len(text) >= 5}


def secrets(graph: gv.Graph, blank: str) -> set[str]:
    """What a picture of `graph` must not show, as it would show it; what stands in it elsewhere too is no secret."""
    seeds = {node.id for node in graph.outputs}
    edges = [edge for edge in graph.edges if edge.downstream is not None]
    found = {
        "values": [node.value for node in graph.nodes if node.inputs_edges],
        "gradients": [n.gradient for n in graph.nodes if n.gradient is not None and n.id not in seeds],
    }
    found["gradients"] += [edge.downstream for edge in edges]
    asked = [kind for kind in found if blank in (kind, "both")]
    given = [node.value for node in graph.nodes if not node.inputs_edges]
    given += [value for kind in found.keys() - asked for value in found[kind]]
    hidden = [value for kind in asked for value in found[kind]]
    hidden += [edge.local for edge in edges if edge.local is not None]
    return spellings(hidden) - spellings(given)


def text_of(format: str, data: bytes) -> str:
    """All that can be read in a file, what only screen readers say included."""
    text = VALID[format](data)
    if format == "pdf":
        reader = PdfReader(io.BytesIO(data))
        said = [reader.metadata.title, reader.metadata.subject, str(reader.root_object["/StructTreeRoot"])]
        text += " ".join(said)
    return re.sub(r"#46;", ".", text)  # Mermaid's point


def drawn(format: str, blank: str, *, answers: bool = False, graph=None, **options) -> str:
    style = Style(blank=blank, **options)
    return text_of(format, render(graph or unalike(), format, style, answers=answers).data)


# -- nothing is given away ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("format", [name for name in FORMATS if name != "png"])
@pytest.mark.parametrize("name", UNALIKE)
def test_an_exercise_has_none_of_the_answers(name, format, blank, level):
    graph = UNALIKE[name]()
    hidden = secrets(graph, blank)
    text = drawn(format, blank, graph=graph, level=level)
    assert len(hidden) >= 3
    assert sorted(secret for secret in hidden if secret in text) == []


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("format", ["svg", "pdf"])
def test_nor_has_it_in_steps(format, blank):
    text = drawn(format, blank, steps=True)
    assert sorted(secret for secret in secrets(unalike(), blank) if secret in text) == []


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("png", "json", "txt")])
def test_the_answer_sheet_has_them_all(format):
    """And whoever looks for them finds them: the tests above are able to fail."""
    text = drawn(format, "both", answers=True, level="explain")
    assert sorted(secret for secret in secrets(unalike(), "both") if secret not in text and len(secret) < 7) == []


def test_json_has_the_answers_that_are_not_asked_for():
    exercise, answers = (json.loads(drawn("json", "gradients", answers=filled)) for filled in (False, True))
    assert answers == unalike().to_dict()
    assert [node["value"] for node in exercise["nodes"]] == [node["value"] for node in answers["nodes"]]
    assert {node["gradient"] for node in exercise["nodes"]} == {None, 1.0}
    assert {edge["local"] for edge in exercise["edges"]} == {None}


@pytest.mark.parametrize("level", LEVELS)
def test_a_zero_is_not_told_by_its_looks(level):
    wires = {wire.id: wire for wire in document_of(worked_example(), Style(level=level, blank="gradients")).wires}
    zero, other = wires["w4_1"], wires["w4_0"]
    assert (zero.dead, zero.weight) == (other.dead, other.weight) == (False, 0)
    assert [text.style for text in zero.backward] == [text.style for text in other.backward]


def test_nor_is_where_the_first_nan_came_up():
    kinds = {box.kind for box in document_of(not_a_number(), Style(blank="both")).boxes}
    assert kinds == {"input", "constant", "op", "output"}


# -- in the same places ------------------------------------------------------------------------------------------------


def places(graph: gv.Graph, *, answers: bool, **options) -> str:
    """A drawing without its texts."""
    svg = render(graph, "svg", Style(**options), answers=answers).data.decode()
    svg = re.sub(r'\n<(title|desc)\b.*?</\1>| id="gradviz[^"]*"| aria-labelledby="[^"]*"', "", svg, flags=re.DOTALL)
    return re.sub(r"<text\b.*?</text>\n", "", svg)


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("name", ["worked_example", "neural_layer"])
def test_the_answers_stand_where_the_fields_are(name, blank, level, direction):
    options = {"blank": blank, "level": level, "direction": direction}
    exercise, answers = (places(SMALL[name](), answers=filled, **options) for filled in (False, True))
    assert NUMBER.sub("", exercise) == NUMBER.sub("", answers)
    # "Answers" is a point wider than "Exercise": all is moved by half of it where nothing is as wide as the headline.
    apart = [abs(float(a) - float(b)) for a, b in zip(NUMBER.findall(exercise), NUMBER.findall(answers), strict=True)]
    assert max(apart) <= 1.01
    assert direction == "TB" or max(apart) == 0


NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def texts(document: Document) -> dict[str, str]:
    """What stands on each wire, below and above."""
    return {
        wire.id: "".join(text.text for text in (*wire.forward, *wire.backward)).replace("\xa0", " ")
        for wire in document.wires
    }


def test_the_worked_example():
    style = Style(level="explain", blank="gradients")
    exercise, answers = (document_of(worked_example(), style, answers=filled) for filled in (False, True))
    assert (exercise.title, answers.title) == tuple(
        f"{sheet}: f(x, y, z) = (x + y) · max(y, z)" for sheet in ("Exercise", "Answers")
    )
    assert exercise.notes == answers.notes == ("asked for: gradients",)
    assert texts(exercise) == {
        "w3_0": "1 →← _____      ",
        "w3_1": "2 →← _____      ",
        "w4_0": "2 →← _____      ",
        "w4_1": "0 →← _____      ",
        "w5_0": "3 →← _____      ",
        "w5_1": "2 →← _____      ",
        "w5_out": "6 →← 1",
    }
    assert texts(answers) == {
        "w3_0": "1 →←   2   = 2·1",
        "w3_1": "2 →←   2   = 2·1",
        "w4_0": "2 →←   3   = 3·1",
        "w4_1": "0 →←   0   = 3·0",
        "w5_0": "3 →←   2   = 1·2",
        "w5_1": "2 →←   3   = 1·3",
        "w5_out": "6 →← 1",
    }
    assert exercise.description == "an exercise, in which the gradients are to be filled in; x = 1; y = 2; z = 0."


def test_norms_and_vectors_keep_their_signs():
    document = document_of(SMALL["neural_layer"](), Style(level="lecture", blank="gradients"))
    fields = {re.sub("_+", "_", text.partition("←")[2]) for text in texts(document).values()}
    assert fields == {" ‖_‖", " [_]", " 1"}


def test_what_is_not_computed_is_not_asked_for():
    assert "not computed" in drawn("txt", "gradients", graph=not_swept())


def test_the_table():
    lines = drawn("txt", "both", graph=worked_example()).splitlines()[4:10]
    assert [line.partition("  distributes")[0].partition("  routes")[0].split("  switches")[0] for line in lines] == [
        "input     x                    1  _________",
        "input     y                    2  _________",
        "input     z                    0  _________",
        "add       a = x + y        _____  _________ ",
        "maximum   b = max(y, z)    _____  _________ ",
        "multiply  f = a · b        _____  1         ",
    ]


# -- two files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [known.suffix for known in FORMATS.values()])
def test_the_answers_are_written_beside_the_exercise(tmp_path, suffix):
    written = worked_example().save(tmp_path / f"week4{suffix}", blank="gradients", dpi=48)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"week4-answers{suffix}", f"week4{suffix}"]
    assert written.data == (tmp_path / f"week4{suffix}").read_bytes()
    assert written.data != (tmp_path / f"week4-answers{suffix}").read_bytes()
    assert written.notes[-1] == f"the answers are in week4-answers{suffix}"


def test_where_the_answers_cant_be_written_nothing_is(tmp_path):
    (tmp_path / "f-answers.svg").mkdir()
    with pytest.raises(RenderError, match=r"f-answers\.svg': it is a folder"):
        worked_example().save(tmp_path / "f.svg", blank="gradients")
    assert not (tmp_path / "f.svg").exists()


def test_a_picture_has_its_answers(tmp_path):
    picture = worked_example().draw(blank="gradients")
    assert ">Exercise: " in picture.svg()
    assert ">Answers: " in picture.answers().svg()
    assert "5 = 2 + 3" not in picture.text()
    assert "5 = 2 + 3" in picture.answers().text()
    picture.answers().save(tmp_path / "a.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]
    assert ">Answers: " in (tmp_path / "a.svg").read_text(encoding="utf-8")
    with pytest.raises(RenderError, match=r"nothing is blank"):
        worked_example().draw().answers()
