"""The plain placement: what dot can't lay out in its time is drawn all the same, and says so."""

import itertools
import time

import pytest
from pictured import network, recurrence, worked_example

from gradviz.render import Style, document_of, render
from gradviz.render.formats.dot import dot
from gradviz.render.graphviz import TooSlow, layout
from gradviz.render.placement import placed


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("make", [worked_example, network, lambda: recurrence(20)])
def test_each_wire_stands_between_its_ends(make, direction):
    document = document_of(make(), Style(direction=direction, level="compact"))
    places = placed(document)
    along = (lambda place: place[0]) if direction == "LR" else (lambda place: -place[1])
    assert set(places) == {part.id for part in (*document.boxes, *document.wires)}
    for wire in document.wires:
        ends = (wire.target, wire.source) if wire.recurs else (wire.source, wire.target)
        assert along(places[ends[0]]) < along(places[wire.id]) < along(places[ends[1]])


def test_nothing_stands_on_anything_else():
    document = document_of(recurrence(20), Style(max_nodes=500))
    places = sorted(placed(document).values())
    assert all(b[0] != a[0] or b[1] - a[1] >= 30 for a, b in itertools.pairwise(places))


def test_thousands_of_boxes_are_placed_in_no_time():
    document = document_of(recurrence(400), Style(max_nodes=5000))
    begun = time.perf_counter()
    assert len(placed(document)) > 4000
    assert time.perf_counter() - begun < 2


def test_it_is_drawn_by_neato():
    document = document_of(network(), Style(level="compact"))
    drawing = layout(dot(document, places=placed(document)), "svg", program="nop2").data.decode()
    assert all(f'id="{box.id}"' in drawing for box in document.boxes if box.form != "end")


def test_what_takes_too_long_is_placed_plainly_and_says_so(monkeypatch):
    from gradviz.render import graphviz as module

    def slow(text, format, *, program="dot", **options):
        if program == "dot":
            raise TooSlow("too slow")
        return layout(text, format, program=program, **options)

    monkeypatch.setattr(module, "layout", slow)
    drawn = render(worked_example(), "svg", Style())
    assert any("placed plainly" in note for note in drawn.notes)
    assert "placed plainly" in drawn.data.decode()
