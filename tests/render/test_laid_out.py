"""Laying out within a time limit: what dot can't do in time, or at all, is placed plainly, and says so."""

from __future__ import annotations

import random
import re
import struct
import time
from itertools import combinations

import pytest
from engines import need
from lxml import etree
from pictured import network, recurrence, worked_example
from validity import VALID

from gradviz.render import Box, Document, Style, Wire, document_of, render
from gradviz.render.document import Cluster, Text
from gradviz.render.formats.dot import dot, dot_to_measure
from gradviz.render.graphviz import TooSlow, Unfit, layout
from gradviz.render.laid_out import LaidOut, laid_out
from gradviz.tracer.errors import RenderError


def tangled(nodes: int = 400, wires: int = 1600) -> Document:
    """A random graph with scopes that takes dot minutes."""
    chance = random.Random(1)
    boxes = tuple(
        Box(id=f"n{i}", kind="op", form="leaf", title=(Text(f"{i}", "name"),), small=True) for i in range(nodes)
    )
    pairs = {(a, b) for a, b in (sorted(chance.sample(range(nodes), 2)) for _ in range(wires))}
    text = ((Text("1", "small value"),), (Text("2", "small gradient"),))
    found = tuple(Wire(f"w{a}_{b}", f"n{a}", f"n{b}", None, *text, small=True) for a, b in sorted(pairs))
    scopes = tuple(
        Cluster(f"s{k}", f"part {k}", tuple(box.id for box in boxes[40 * k : 40 * k + 40])) for k in range(nodes // 40)
    )
    return Document("tangled", (), boxes, found, "LR", "", clusters=scopes, small=True)


@pytest.fixture
def slow_dot(monkeypatch: pytest.MonkeyPatch):
    fail_with(monkeypatch, TooSlow("too slow"))


def fail_with(monkeypatch: pytest.MonkeyPatch, error: RenderError) -> None:
    def failing(text: str, format: str, *, program: str = "dot", **options):
        if program == "dot":
            raise error
        return layout(text, format, program=program, **options)

    monkeypatch.setattr("gradviz.render.laid_out.layout", failing)


@pytest.fixture(params=["system", "bundled", "portable"])
def engine(request: pytest.FixtureRequest) -> str:
    need(request.param)
    return request.param


def drawn(document: Document, **options) -> LaidOut:
    return laid_out(document, "svg", **{"theme": "light", **options})


def test_what_dot_can_do_has_nothing_to_say():
    document = document_of(worked_example())
    found = drawn(document)
    assert found.notes == ()
    assert found.drawing.data == layout(dot(document), "svg").data


def test_the_time_limit_holds_for_dot_and_what_comes_after_it_together():
    begun = time.monotonic()
    found = drawn(tangled(), time_limit=4)
    assert time.monotonic() - begun < 4 + 5.5
    assert found.notes == (
        "too much for dot in the time limit of 4 s, which --time-limit sets: placed plainly, rank by rank",
    )
    assert b"placed plainly, rank by rank" in found.drawing.data


@pytest.mark.usefixtures("slow_dot")
def test_what_not_even_the_plain_placement_can_do_in_time_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gradviz.render.laid_out._GRACE", 0.0)
    with pytest.raises(RenderError, match="allow it more time, draw less"):
        drawn(document_of(recurrence(300), Style(max_nodes=5000)), time_limit=0.1)


@pytest.mark.usefixtures("slow_dot")
def test_a_bitmap_of_it_is_no_larger_than_can_be_drawn_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gradviz.render.laid_out._PIXELS", 1e6)
    found = laid_out(document_of(network()), "png", theme="light", dpi=600)
    assert found.drawing.dpi < 600
    width, height = struct.unpack(">II", found.drawing.data[16:24])
    assert 0.5e6 < width * height < 2e6


def test_what_dot_fails_on_is_placed_plainly_too(monkeypatch: pytest.MonkeyPatch):
    fail_with(monkeypatch, Unfit("it crashed"))
    found = drawn(document_of(worked_example()))
    assert found.notes == ("more than dot can do: it failed: placed plainly, rank by rank",)


def test_a_fault_of_ours_is_not(monkeypatch: pytest.MonkeyPatch):
    fail_with(monkeypatch, RenderError("syntax error"))
    with pytest.raises(RenderError, match="syntax error"):
        drawn(document_of(worked_example()))


# -- what is drawn ---------------------------------------------------------------------------------------------------


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def corners(group: etree._Element) -> tuple[float, float, float, float]:
    """What the outlines in a group reach."""
    points = [number for path in group.iter("{*}path") for number in numbers(path.get("d"))]
    points += [number for shape in group.iter("{*}polygon") for number in numbers(shape.get("points"))]
    return min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])


@pytest.mark.usefixtures("slow_dot")
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_every_engine_draws_the_frames_around_their_boxes(engine: str, direction: str):
    document = document_of(network(), Style(level="compact", direction=direction))
    svg = etree.fromstring(drawn(document, engine=engine).drawing.data)
    groups = {group.get("id"): group for group in svg.iter("{*}g") if group.get("id")}
    frames = {cluster.id: corners(groups[cluster.id]) for cluster in document.clusters}
    for cluster in document.clusters:
        for box in document.boxes:
            if box.form == "end":
                continue
            left, top, right, low = corners(groups[box.id])
            x0, y0, x1, y1 = frames[cluster.id]
            within = x0 < left and y0 < top and right < x1 and low < y1
            assert within == (box.id in members(cluster)), (cluster.label, box.id)
        labels = [text.text for text in groups[cluster.id].iter("{*}text")]
        assert labels == [cluster.label]


def members(cluster: Cluster) -> set[str]:
    return set(cluster.members).union(*map(members, cluster.clusters))


@pytest.mark.usefixtures("slow_dot")
@pytest.mark.parametrize("make", [worked_example, network, lambda: recurrence(6, scoped=True)])
def test_no_box_is_drawn_on_another(engine: str, make):
    document = document_of(make(), Style(level="compact"))
    svg = etree.fromstring(drawn(document, engine=engine).drawing.data)
    boxes = {box.id for box in document.boxes if box.form != "end"}
    places = [corners(group) for group in svg.iter("{*}g") if group.get("id") in boxes]
    for one, other in combinations(places, 2):
        assert one[0] > other[2] or other[0] > one[2] or one[1] > other[3] or other[1] > one[3]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_wires_end_at_the_ports_that_dot_would_take_them_to(direction: str):
    """From the middle of its box each port is where dot's own layout has it."""
    document = document_of(worked_example(), Style(level="explain", direction=direction))
    measured = ends_of(layout(dot_to_measure(document), "plain", program="nop2").data.decode())
    theirs = ends_of(layout(dot(document).replace("arrowsize", "arrowhead=none arrowsize"), "plain").data.decode())
    assert set(measured) == set(theirs)
    for edge, ends in measured.items():
        assert ends == pytest.approx(theirs[edge], abs=0.02), edge


def ends_of(plain: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Where each edge begins and ends, in inches from the middles of its nodes."""
    middles: dict[str, tuple[float, float]] = {}
    ends: dict[tuple[str, str], tuple[float, ...]] = {}
    for words in (line.split(" ") for line in plain.splitlines()):
        if words[0] == "node":
            middles[words[1]] = float(words[2]), float(words[3])
        elif words[0] == "edge":
            points = [float(word) for word in words[4 : 4 + 2 * int(words[3])]]
            (x0, y0), (x1, y1) = middles[words[1]], middles[words[2]]
            ends[words[1], words[2]] = (points[0] - x0, points[1] - y0, points[-2] - x1, points[-1] - y1)
    return ends


@pytest.mark.usefixtures("slow_dot")
@pytest.mark.parametrize(
    ("format", "steps"),
    [("svg", False), ("pdf", False), ("png", False), ("tikz", False), ("svg", True), ("pdf", True)],
)
def test_every_format_can_be_drawn_from_the_plain_placement(format: str, steps: bool):
    for theme in ("light", "dark"):
        found = render(network(), format, Style(theme=theme, steps=steps))
        VALID[format](found.data)
        assert found.notes[-1].endswith("placed plainly, rank by rank")
