"""The gallery's pictures are what its scripts draw today."""

import re
import runpy
from pathlib import Path

import pytest
from lxml import etree

GALLERY = Path(__file__).parents[1] / "gallery"
MODULE = runpy.run_path(str(GALLERY / "__main__.py"), run_name="gallery")
NAMES = list(MODULE["pictures"]())


def drawn(path: Path) -> list[tuple[str, str, str]]:
    """What a picture says, and in which colours: every element but its coordinates, which are Graphviz's affair."""
    elements = []
    for element in etree.parse(path).getroot().iter():
        tag = etree.QName(element).localname
        ink = (element.get("fill") or "", element.get("stroke") or "", element.get("stroke-dasharray") or "")
        elements.append((tag, " ".join(ink), re.sub(r"\s+", " ", element.text or "").strip()))
    return elements


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_what_its_script_draws_today(name, tmp_path):
    stored = GALLERY / f"{name}.svg"
    assert stored.exists(), f"draw it with `python gallery`: {stored}"
    assert drawn(MODULE["draw"](name, tmp_path)) == drawn(stored), "draw it again with `python gallery`"


def test_no_picture_is_left_from_a_script_that_is_gone():
    assert {path.stem for path in GALLERY.glob("*.svg")} == {*NAMES, *MODULE["DRAWN_ELSEWHERE"]}


def test_the_worked_example_is_the_lecture_s():
    text = "".join(etree.parse(GALLERY / "worked_example.svg").getroot().itertext())
    for line in ("∂f/∂x = 2", "∂f/∂y = 5 = 2 + 3", "∂f/∂z = 0", "DISTRIBUTES", "ROUTES", "SWITCHES"):
        assert line in re.sub(r"\s+", " ", text)
