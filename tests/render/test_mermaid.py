"""Mermaid text: the worked example to the letter, its parts, and what the real package makes of it."""

from __future__ import annotations

import re

import pytest
from small_graphs import SMALL, worked_example
from validity import mermaid_pictures, no_mermaid

from gradviz.render import LEVELS, Style, document_of, render
from gradviz.render.formats.mermaid import mermaid


def written(graph, **options) -> str:
    return render(graph, "mermaid", Style(**options)).data.decode()


def unstyled(text: str) -> list[str]:
    """The lines without what is only for the eye."""
    text = re.sub(r"</?(span|b)\b[^>]*>", "", text)
    return [line.strip() for line in text.splitlines() if "classDef" not in line and "init" not in line]


def test_the_worked_example():
    assert unstyled(written(worked_example(), level="lecture"))[3:] == [
        'n0(["x"]):::gvinput',
        'n1(["y<br/>∑ 5=2#43;3"]):::gvinput',
        'n2(["z"]):::gvinput',
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


@pytest.mark.skipif(no_mermaid() is not None, reason=str(no_mermaid()))
def test_the_package_draws_the_worked_example():
    (picture,) = mermaid_pictures([written(worked_example(), level="lecture").encode()])
    assert picture["title"] == "f(x, y, z) = (x + y) · max(y, z)"
    wires = ["1 →← 2", "2 →← 2", "2 →← 3", "0 →← 0", "3 →← 2", "2 →← 3", "6 →← 1"]
    boxes = ["x", "y∑ 5=2+3", "z", "+adistributes", "maxbroutes", "×fswitches", ""]
    assert sorted(picture["labels"]) == sorted([*wires, *boxes])
