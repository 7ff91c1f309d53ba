"""Step by step: what appears when, in the moving SVG and on the pages of the PDF."""

from __future__ import annotations

import io
import re
import sys

import pytest
from engines import need
from lxml import etree
from pypdf import PdfReader
from small_graphs import SMALL, not_swept, one_op, worked_example

from gradviz.render import LEVELS, THEMES, Style, document_of, render
from gradviz.render.formats.steps import base_style, coded, decoded, step_of, stepped
from gradviz.tracer.errors import RenderError


def pages(graph, **options) -> list[str]:
    data = render(graph, "pdf", Style(steps=True, **options)).data
    return [page.extract_text() for page in PdfReader(io.BytesIO(data), strict=True).pages]


def test_the_worked_examples_steps():
    document, last = stepped(document_of(worked_example(), Style(level="lecture")))
    when = {wire.id: (step_of(wire.forward), step_of(wire.backward)) for wire in document.wires}
    # x, y and z are there from the start; + and max and × compute; the seed; × and max and + hand back.
    assert when == {
        "w3_0": (0, 7),
        "w3_1": (0, 7),
        "w4_0": (0, 6),
        "w4_1": (0, 6),
        "w5_0": (1, 5),
        "w5_1": (2, 5),
        "w5_out": (3, 4),
    }
    assert last == 7


def test_a_sum_appears_with_its_last_summand():
    document, last = stepped(document_of(worked_example(), Style(level="explain")))
    rows = {box.id: [step_of(row.texts) for row in box.rows] for box in document.boxes}
    assert rows["n1"] == [last]  # ∂f/∂y = 5 = 2 + 3
    assert rows["n2"] == [6]
    assert rows["n5"] == [5, 5]  # the local gradients of ×


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_has_the_same_steps(level):
    document, last = stepped(document_of(worked_example(), Style(level=level)))
    when = {wire.id: (step_of(wire.forward), step_of(wire.backward)) for wire in document.wires}
    assert (when["w5_0"], when["w5_out"], last) == ((1, 5), (3, 4), 7)
    names = {box.id: [step_of([text]) for text in box.title if "caption" in text.style] for box in document.boxes}
    assert all(step is None for steps in names.values() for step in steps)


def test_styles_are_the_documents_but_for_the_step():
    document = document_of(worked_example(), Style(level="explain"))
    after, _ = stepped(document)
    for one, other in zip(document.wires, after.wires, strict=True):
        assert [text.style for text in one.backward] == [base_style(text.style) for text in other.backward]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_codes_and_back(theme):
    for part, colour in THEMES[theme].items():
        for step in (0, 1, 17, 900):
            code = coded(f'<FONT COLOR="{colour}">', step, theme)
            assert decoded(int(re.search(r"#(\w{6})", code)[1], 16), theme) == (colour.lower(), step), part
        assert decoded(int(colour[1:], 16), theme) is None
    assert coded(f'"{colour}"', None, theme) == f'"{colour}"'


def test_the_pdf_has_a_page_per_step():
    texts = pages(worked_example(), level="explain")
    assert len(texts) == 8
    for first, there in [(0, "x"), (3, "6"), (4, "seed"), (5, "3 = 1·3"), (6, "3·0"), (7, "2 + 3")]:
        assert [there.replace(" ", "") in text.replace(" ", "") for text in texts[first:]] == [True] * (8 - first)
        if first:
            assert there.replace(" ", "") not in texts[first - 1].replace(" ", "").replace("6a", "")


@pytest.mark.parametrize("engine", ["system", "bundled", "portable"])
def test_the_last_page_is_the_whole(engine):
    need(engine)
    whole = PdfReader(io.BytesIO(render(worked_example(), "pdf", Style(engine=engine)).data)).pages[0].extract_text()
    last = pages(worked_example(), engine=engine)[-1]
    # In another order: what appears last is drawn last.
    assert sorted("".join(last.split())) == sorted("".join(whole.split()))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SMALL)
def test_every_level_moves(name, level):
    style = {"level": level, "theme": "auto"}
    still = render(SMALL[name](), "svg", Style(**style)).data.decode()
    moving = render(SMALL[name](), "svg", Style(**style, steps=True)).data.decode()
    drawn = [etree.fromstring(text.encode()) for text in (still, moving)]
    assert len(set(re.findall(r"@keyframes [\w-]+-(\d+)", moving))) > 0
    for root in drawn:
        for element in root.iter("{http://www.w3.org/2000/svg}style"):
            element.getparent().remove(element)
        for element in root.iter():
            for attribute in ("class", "id", "aria-labelledby"):
                element.attrib.pop(attribute, None)
    # But for the style and the classes it is the picture that stands still.
    assert etree.tostring(drawn[0]) == etree.tostring(drawn[1])


def test_the_svg_stands_still_for_those_who_want_it_to():
    text = render(worked_example(), "svg", Style(steps=True)).data.decode()
    style = re.search(r"<style>(.*?)</style>", text)[1]
    assert style.startswith("@media (prefers-reduced-motion:no-preference){@keyframes ")
    assert "opacity" not in text.replace(style, "")
    name = re.search(r'<svg\b[^>]* id="([\w-]+)"', text)[1]
    assert all(rule.startswith(f"#{name} .s") for rule in re.findall(r"[^{}]+(?=\{animation)", style))


def test_every_step_of_the_svg_shows_something():
    text = render(worked_example(), "svg", Style(steps=True)).data.decode()
    assert {int(step) for step in re.findall(r' class="s(\d+)"', text)} == set(range(1, 8))


def test_the_pages_share_what_they_show():
    one = len(render(SMALL["chain"](), "pdf", Style(level="lecture")).data)
    assert len(render(SMALL["chain"](), "pdf", Style(level="lecture", steps=True)).data) < 3 * one


def test_a_graph_without_gradients_goes_forward():
    assert "s1" in render(not_swept(), "svg", Style(steps=True)).data.decode()
    assert pages(not_swept())


def test_without_pypdf_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(RenderError, match=r"pip install 'gradviz-trace\[pdf\]'"):
        render(one_op(), "pdf", Style(steps=True))
