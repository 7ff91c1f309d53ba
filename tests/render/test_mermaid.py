"""Mermaid text: the worked example to the letter, its parts, and what the real package makes of it."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from pictured import recurrence
from small_graphs import SMALL, worked_example
from validity import mermaid_pictures, no_mermaid

import gradviz as gv
from gradviz.render import LEVELS, THEMES, Style, document_of, render
from gradviz.render.formats.mermaid import LONGEST, mermaid


def written(graph, **options) -> str:
    return render(graph, "mermaid", Style(**options)).data.decode()


def unstyled(text: str) -> list[str]:
    """The lines without what is only for the eye."""
    text = re.sub(r"</?(font|span|b)\b[^>]*>", "", text)
    return [line.strip() for line in text.splitlines() if "classDef" not in line and "init" not in line]


def test_the_worked_example():
    assert unstyled(written(worked_example(), level="lecture"))[3:] == [
        'n0(["&nbsp;&nbsp;x&nbsp;&nbsp;"]):::gvinput',
        'n1(["y<br/>∑ 5=2#43;3"]):::gvinput',
        'n2(["&nbsp;&nbsp;z&nbsp;&nbsp;"]):::gvinput',
        'n3["#43;<br/>a<br/>distributes"]:::gvop',
        'n4["max<br/>b<br/>routes"]:::gvop',
        'n5["×<br/>f<br/>switches"]:::gvop',
        'n5_out((" ")):::gvend',
        'n0 -- "1 →<br/>← 2" --> n3',
        'n1 -- "2 →<br/>← 2" --> n3',
        'n1 -- "2 →<br/>← 3" --> n4',
        'n2 -. "0 →<br/>← 0" .-> n4',
        'n3 -- "3 →<br/>← 2" --> n5',
        'n4 -- "2 →<br/>← 3" --> n5',
        'n5 -- "6 →<br/>← 1" --> n5_out',
    ]


def test_it_says_what_it_shows():
    lines = unstyled(written(worked_example()))
    assert lines[:2] == ["flowchart LR", "accTitle: f(x, y, z) = (x #43; y) · max(y, z)"]
    assert lines[2].startswith("accDescr: f = 6#59; x = 1, ∂f#47;∂x = 2#59;")


def test_directions():
    assert "flowchart TB" in written(worked_example(), direction="TB")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SMALL)
def test_every_box_and_every_wire_is_there(name, level):
    document = document_of(SMALL[name](), Style(level=level))
    text = mermaid(document)
    assert all(re.search(rf"^ +{box.id}[(\[]", text, re.MULTILINE) for box in document.boxes)
    assert len(re.findall(r"^  \w+ (?:--|-\.|==)", text, re.MULTILINE)) == len(document.wires)
    kinds = {box.kind for box in document.boxes}
    assert {f"gv{kind}" for kind in kinds} == set(re.findall(r"classDef (\w+)", text))


def test_no_statement_can_be_taken_for_a_style():
    # Mermaid cuts the last semicolon off what matches this, and with it a sign of ours.
    for line in written(worked_example(), level="explain").splitlines():
        assert re.search(r"style.*:\S*#.*;", line) is None


def test_it_is_short_where_colours_are_the_same():
    text = written(worked_example(), level="lecture")
    assert 'n0 -- "<font color=007460><b>1</b> →</font><br/><font color=C43E00>← <b>2</b></font>" --> n3' in text


# -- cells -------------------------------------------------------------------------------------------------------------


def cells(label: str) -> list[list[tuple[str, str]]]:
    """The sign and the colour of each cell, row by row."""
    inside = re.search(r"<span [^>]*>(.*?)</span>", label)[1]
    runs = [re.findall(r"<font color=(\w{6})>(.*?)</font>", row) for row in inside.split("<br/>")]
    return [[(sign, colour) for colour, signs in row for sign in signs] for row in runs]


def test_arrays_have_cells():
    with np.errstate(all="ignore"):
        graph = gv.trace(lambda x: np.sum(x * 2.0), np.array([[1.0, -1.0, 0.0], [math.nan, math.inf, 0.5]]))
    (line,) = (line for line in written(graph, level="matrix").splitlines() if line.startswith("  n0 -"))
    assert [[sign for sign, _ in row] for row in cells(line)] == [["■", "■", "□"], ["N", "∞", "■"]]
    (one, minus_one, none), (nan, infinite, half) = [[f"#{colour}" for _, colour in row] for row in cells(line)]
    colours = THEMES["light"]
    assert (one, minus_one, half) == (colours["heat-p10"], colours["heat-m10"], colours["heat-p5"])
    assert (none, nan, infinite) == (colours["zero"], colours["nan"], colours["nan"])


def test_only_the_matrix_level_has_cells():
    for level in LEVELS:
        assert ("■" in written(SMALL["neural_layer"](), level=level)) == (level == "matrix")


def test_what_pages_would_not_draw_is_written_without_cells_and_says_so():
    short, long = (render(recurrence(steps), "mermaid", Style(level="matrix", max_nodes=900)) for steps in (3, 40))
    assert "■" in short.data.decode()
    assert short.notes == ()
    assert "■" not in long.data.decode()
    assert f"without the cells of arrays: most pages draw no Mermaid of more than {LONGEST:,} characters" in long.notes
    assert re.fullmatch(
        r"[\d,]+ characters of Mermaid, 244 wires: GitHub and most .* 50,000 and 500; .*", long.notes[-1]
    )


@pytest.mark.skipif(no_mermaid() is not None, reason=str(no_mermaid()))
def test_the_package_draws_cells():
    (picture,) = mermaid_pictures([written(SMALL["neural_layer"](), level="matrix").encode()])
    assert [label.count("■") for label in picture["labels"] if "4×3" in label and "→" in label] == [24]


@pytest.mark.skipif(no_mermaid() is not None, reason=str(no_mermaid()))
def test_the_package_draws_the_worked_example():
    (picture,) = mermaid_pictures([written(worked_example(), level="lecture").encode()])
    assert picture["title"] == "f(x, y, z) = (x + y) · max(y, z)"
    wires = ["1 →← 2", "2 →← 2", "2 →← 3", "0 →← 0", "3 →← 2", "2 →← 3", "6 →← 1"]
    boxes = ["x", "y∑ 5=2+3", "z", "+adistributes", "maxbroutes", "×fswitches", ""]
    assert sorted(label.strip("\xa0") for label in picture["labels"]) == sorted([*wires, *boxes])
