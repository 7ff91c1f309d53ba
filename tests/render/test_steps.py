"""Step by step: what appears when, in the moving SVG and on the pages of the PDF."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from engines import need
from lxml import etree
from pypdf import PdfReader
from small_graphs import SMALL, not_swept, one_op, worked_example

import gradviz as gv
import gradviz.render
from gradviz.render import LEVELS, THEMES, Style, document_of, render
from gradviz.render.formats.pdf_pages import pages as in_pages
from gradviz.render.formats.steps import animated, base_style, coded, decoded, plain_line, step_of, stepped, thin
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
    # In another order: what appears last is drawn last, and then what is said of the step.
    said = "step 7 of 7: back through +, a = x + y = 3"
    assert sorted("".join(last.split())) == sorted("".join((whole + said).split()))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SMALL)
def test_every_level_moves(name, level):
    style = {"level": level, "theme": "auto"}
    still = render(SMALL[name](), "svg", Style(**style)).data.decode()
    moving = render(SMALL[name](), "svg", Style(**style, steps=True)).data.decode()
    drawn = [etree.fromstring(text.encode()) for text in (still, moving)]
    assert len(set(re.findall(r"@keyframes [\w-]+-(\d+)", moving))) > 0
    for root in drawn:
        for element in [*root.iter("{http://www.w3.org/2000/svg}style"), *root.xpath(_AT_TIMES)]:
            element.getparent().remove(element)
        for element in root.iter():
            element.tail = None
            for attribute in ("class", "id", "aria-labelledby"):
                element.attrib.pop(attribute, None)
    # But for the style, the classes and what is seen only at times, it is the picture that stands still.
    assert etree.tostring(drawn[0]) == etree.tostring(drawn[1])


#: A line before its gradient comes, the border of an op at work, and what is said of a step.
_AT_TIMES = "//*[starts-with(@class, 'b') or starts-with(@class, 'o')]"


def test_the_svg_stands_still_for_those_who_want_it_to():
    text = render(worked_example(), "svg", Style(steps=True)).data.decode()
    style = re.search(r"<style>(.*?)</style>", text)[1]
    assert style.startswith("@media (prefers-reduced-motion:no-preference){@keyframes ")
    hidden = re.findall(r"<[^>]*opacity[^>]*>", text.replace(style, ""))
    assert all(re.search(r'class="[bo]\d+" opacity="0"', tag) for tag in hidden)  # what is seen only at times
    name = re.search(r'<svg\b[^>]* id="([\w-]+)"', text)[1]
    assert all(re.match(rf"#{name} \.[sbo]\d", rule) for rule in re.findall(r"[^{}]+(?=\{animation)", style))


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


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_a_line_that_tells_its_gradient_is_until_then_like_any_other(theme):
    colours = {part: colour.lower() for part, colour in THEMES[theme].items()}
    assert plain_line(colours["zero"], theme) == colours["wire"]
    assert plain_line(colours["ramp-8"], theme) == plain_line(colours["ramp-2"], theme) == colours["ramp-1"]
    assert plain_line(colours["ink"], theme) is None


def test_in_the_moving_svg_a_dead_line_is_solid_until_its_step():
    zero, wire = (THEMES["light"][part].lower() for part in ("zero", "wire"))
    line = coded(f'<path fill="none" stroke="{zero}" stroke-dasharray="5,2" d="M0,0C1,1 2,2 3,3"/>', 5, "light")
    svg = animated(f'<svg id="g"><desc>f</desc>{line}</svg>', 7, theme="light")
    body = svg.partition("</style>")[2]
    assert body == (
        f'<path fill="none" stroke="{wire}" d="M0,0C1,1 2,2 3,3" class="b5" opacity="0"/>'
        f'<path fill="none" stroke="{zero}" stroke-dasharray="5,2" d="M0,0C1,1 2,2 3,3" class="s5"/></svg>'
    )
    assert "#g .b5{animation:g-b5" in svg and "#g .s5{animation:g-5" in svg


def test_on_the_pages_of_the_pdf_a_dead_line_is_solid_until_its_step():
    zero = coded(f'"{THEMES["light"]["zero"]}"', 1, "light").strip('"')
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="10pt">'
        f'<path fill="none" stroke="{zero}" stroke-dasharray="5,2" d="M0,5C1,5 2,5 30,5"/></svg>'
    )
    command = [sys.executable, "-c", _WRITE_PDF, str(Path(gradviz.render.__file__).parent)]
    drawing = subprocess.run(command, input=svg.encode(), capture_output=True, check=True).stdout
    found = [
        page.get_contents().get_data() for page in PdfReader(io.BytesIO(in_pages(drawing, 1, theme="light"))).pages
    ]
    dashes = [re.findall(rb"\[ ?([\d. ]*?) ?\] 0 d", content) for content in found]
    assert dashes[0][-1] == b"" and dashes[1][-1] != b""
    assert [content.count(b"S\n") for content in found] == [1, 1]


_WRITE_PDF = """
import sys
sys.path.append(sys.argv[1])
from portable_pdf import pdf
sys.stdout.buffer.write(pdf(sys.stdin.read()))
"""


def test_each_page_says_its_step_and_no_other():
    texts = [" ".join(text.split()) for text in pages(worked_example(), level="lecture")]
    said = [re.findall(r"step \d of \d: [^:]*$", text) for text in texts]
    assert said == [
        ["step 0 of 7: the inputs"],
        ["step 1 of 7: forward, a = x + y = 3"],
        ["step 2 of 7: forward, b = max(y, z) = 2"],
        ["step 3 of 7: forward, f = a · b = 6"],
        ["step 4 of 7: back, the output's own gradient"],
        ["step 5 of 7: back through ×, f = a · b = 6"],
        ["step 6 of 7: back through max, b = max(y, z) = 2"],
        ["step 7 of 7: back through +, a = x + y = 3"],
    ]


def test_a_long_formula_is_cut_and_its_value_kept():
    def f(first_operand, second_operand):
        return first_operand * second_operand + first_operand / second_operand + first_operand - second_operand

    texts = [" ".join(text.split()) for text in pages(gv.trace(f, 3.0, 4.0), level="lecture")]
    assert any(re.search(r"step \d+ of \d+: back through .*… = 11.75$", text) for text in texts)


def test_an_op_at_work_has_the_colour_of_its_direction():
    text = render(worked_example(), "svg", Style(steps=True, level="lecture")).data.decode()
    value, gradient = (THEMES["light"][part].lower() for part in ("value", "gradient"))
    lit = re.findall(r'stroke="(#\w{6})" stroke-width="4" class="o(\d)" opacity="0"', text)
    assert sorted(lit, key=lambda pair: pair[1]) == [
        *[(value, str(step)) for step in (1, 2, 3)],
        *[(gradient, str(step)) for step in (5, 6, 7)],
    ]


def test_the_pages_are_as_large_as_the_picture():
    whole = PdfReader(io.BytesIO(render(worked_example(), "pdf", Style()).data)).pages[0].mediabox
    steps = PdfReader(io.BytesIO(render(worked_example(), "pdf", Style(steps=True)).data)).pages[3].mediabox
    assert [float(side) for side in steps] == pytest.approx([float(side) for side in whole], abs=1)


def test_what_fails_is_marked_at_its_step():
    texts = pages(SMALL["not_a_number"](), level="explain")
    first = next(step for step, text in enumerate(texts) if "NaN comes up first" in text)
    assert first > 0 and all("NaN comes up first" in text for text in texts[first:])
    assert "NaN" in texts[first] and "comes up" not in texts[first - 1]


def test_before_its_gradient_a_wide_line_is_thin():
    assert thin([(0, 0), (44, 0), (44, 8), (0, 8)]) == [(0, 3.5), (44, 3.5), (44, 4.5), (0, 4.5)]
    assert thin([(0, 0), (3, 0), (3, 8), (0, 8)]) == [(0, 3.5), (3, 3.5), (3, 4.5), (0, 4.5)]
    assert thin([(0, 0), (8, 0), (8, 44), (0, 44)]) == [(3.5, 0), (4.5, 0), (4.5, 44), (3.5, 44)]
    assert thin([(0, 0), (9, 4), (0, 8)]) == [(0, 0), (9, 4), (0, 8)]
