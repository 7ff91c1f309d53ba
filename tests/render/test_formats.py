"""Every format of every level: valid by the real tools, the same from run to run, and its errors."""

from __future__ import annotations

import json
import re

import pytest
from lxml import etree
from small_graphs import SMALL, not_swept, worked_example
from validity import VALID, latex_pages, mermaid_pictures, no_latex, no_mermaid

from gradviz.render import FORMATS, LEVELS, THEMES, Style, document_of, format_of, render
from gradviz.tracer.errors import RenderError

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_of_every_level_is_valid(format, name, level):
    drawn = render(SMALL[name](), format, Style(level=level, dpi=48))
    VALID[format](drawn.data)


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("theme", ["light", "dark", "print", "auto"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_has_every_theme_and_direction(format, theme, direction):
    drawn = render(worked_example(), format, Style(theme=theme, direction=direction, dpi=48))
    VALID[format](drawn.data)


def test_every_format_has_a_validator_here():
    assert set(VALID) == set(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["worked_example", "neural_layer"])
def test_bytes_are_the_same_from_run_to_run(format, name):
    assert render(SMALL[name](), format, Style()).data == render(SMALL[name](), format, Style()).data


@pytest.mark.parametrize("format", ["svg", "pdf", "dot", "tikz", "mermaid", "txt", "json"])
def test_the_worked_examples_numbers_are_in_every_format(format):
    text = VALID[format](render(worked_example(), format, Style(level="explain")).data)
    if format == "json":
        nodes = {node["name"]: node for node in json.loads(text)["nodes"]}
        assert [nodes[name]["value"] for name in "xyzabf"] == [1, 2, 0, 3, 2, 6]
        assert [nodes[name]["gradient"] for name in "xyzabf"] == [2, 5, 0, 2, 3, 1]
    else:
        text = re.sub(r"<[^>]*>|\\[a-z]+\b|[\s{}$\\]|#43;", "", text)
        assert "5=2+3" in text.replace("gvgradienttext", "").replace("gvsumtext", "") or "5=23" in text


def test_formats_have_suffixes_of_their_own():
    assert len({known.suffix for known in FORMATS.values()}) == len(FORMATS)
    assert all(format_of(f"a.b{known.suffix.upper()}") == name for name, known in FORMATS.items())


@pytest.mark.parametrize("path", ["f.jpeg", "f", "a.svg/f", ".svg"])
def test_an_unknown_suffix_lists_the_known_ones(path):
    with pytest.raises(RenderError) as caught:
        format_of(path)
    assert all(known.suffix in str(caught.value) for known in FORMATS.values())


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(RenderError, match=r"unknown format 'gif' \(must be one of svg, pdf, png"):
        render(worked_example(), "gif", Style())


def test_steps_are_refused_where_there_are_none():
    with pytest.raises(RenderError, match=r"\.png can't show steps \(these can: \.svg, \.pdf\)"):
        render(worked_example(), "png", Style(steps=True))


# -- words for those who can't see it ----------------------------------------------------------------------------------

WORDS = "f = 6; x = 1, ∂f/∂x = 2; y = 2, ∂f/∂y = 5 = 2 + 3; z = 0, ∂f/∂z = 0"


@pytest.mark.parametrize("steps", [False, True])
def test_svg_says_what_it_shows(steps):
    root = etree.fromstring(render(worked_example(), "svg", Style(steps=steps)).data)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "f(x, y, z) = (x + y) · max(y, z)"
    assert description.text.startswith(WORDS)


def test_text_says_what_it_shows():
    assert WORDS in render(worked_example(), "txt", Style()).data.decode().replace("\n", " ")


# -- themes ------------------------------------------------------------------------------------------------------------


def test_auto_is_light_with_a_dark_colour_for_each():
    light = render(worked_example(), "svg", Style(theme="light")).data.decode()
    auto = render(worked_example(), "svg", Style(theme="auto")).data.decode()
    style = re.search(r"<style>@media \(prefers-color-scheme:dark\)\{(.*?)\}</style>", auto)
    assert auto.replace(style[0], "") == light
    changed = {match.lower() for match in re.findall(r'="(#\w{6})"\]', style[1])}
    assert set(re.findall(r'(?:fill|stroke)="(#\w{6})"', light)) == changed


def test_print_has_nothing_but_greys():
    text = render(worked_example(), "svg", Style(theme="print")).data.decode()
    assert all(c[1:3] == c[3:5] == c[5:7] for c in re.findall(r'="(#\w{6})"', text))


@pytest.mark.parametrize("format", ["dot", "tikz", "mermaid"])
def test_auto_is_light_elsewhere(format):
    light, auto = (render(worked_example(), format, Style(theme=theme)).data for theme in ("light", "auto"))
    assert light == auto


def test_no_colour_of_a_theme_is_a_code():
    codes = [c for colours in THEMES.values() for c in colours.values() if 0x010000 <= int(c[1:], 16) <= 0x0FFFFF]
    assert codes == []


# -- the tools that take long ------------------------------------------------------------------------------------------


@pytest.mark.skipif(no_latex() is not None, reason=str(no_latex()))
def test_pdflatex_sets_every_level():
    graphs = (SMALL["worked_example"](), SMALL["neural_layer"]())
    documents = [render(graph, "tikz", Style(level=level)).data for graph in graphs for level in LEVELS]
    assert all(page.strip() for page in latex_pages(documents))


@pytest.mark.skipif(no_mermaid() is not None, reason=str(no_mermaid()))
def test_mermaid_draws_every_level():
    styles = [Style(level=level, theme=theme) for level in LEVELS for theme in ("light", "dark")]
    graphs = [(make(), style) for make in SMALL.values() for style in styles]
    pictures = mermaid_pictures([render(graph, "mermaid", style).data for graph, style in graphs])
    for (graph, style), picture in zip(graphs, pictures, strict=True):
        assert "error" not in picture, picture["error"]
        assert picture["title"] == document_of(graph, style).title
        assert len(picture["labels"]) >= len(document_of(graph, style).boxes)


def test_a_graph_that_was_not_swept_says_so():
    assert "not computed" in render(not_swept(), "txt", Style()).data.decode()
