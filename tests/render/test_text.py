"""The table for terminals: to the letter, in every width, for every script."""

from __future__ import annotations

import io

import pytest
from small_graphs import SMALL, named, worked_example

import gradviz as gv
from gradviz.render import document_of
from gradviz.render.formats.text import for_terminal, table, width_of


def written(graph: gv.Graph, **options) -> str:
    return table(document_of(graph), graph, **options)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_worked_example():
    lines = written(worked_example()).splitlines()
    assert lines[0] == "f(x, y, z) = (x + y) · max(y, z)"
    roles_end = lines[2].index("source")
    assert [line[:roles_end].rstrip() for line in lines[4:10]] == [
        "input     x                    1  2",
        "input     y                    2  5 = 2 + 3",
        "input     z                    0  0",
        "add       a = x + y            3  2           distributes",
        "maximum   b = max(y, z)        2  3           routes",
        "multiply  f = a · b            6  1           switches",
    ]
    assert lines[2].split("  ")[0] == "op"
    assert set(lines[3]) == {"─"}
    assert all(line.split()[-1].startswith("small_graphs.py:") for line in lines[7:10])


@pytest.mark.parametrize("width", [20, 33, 40, 60, 80, 200])
@pytest.mark.parametrize("name", SMALL)
def test_no_line_is_wider_than_the_terminal(name, width):
    lines = written(SMALL[name](), width=width).splitlines()
    assert max(map(width_of, lines)) <= width


@pytest.mark.parametrize("width", [44, 80])
@pytest.mark.parametrize("name", ["重み" * 5, "שלום", "عالم", "👩‍🔬👩‍🔬", "e\u0301" * 9, "x" * 40_000, "\x1b[31m", ""])
def test_columns_stand_under_one_another(name, width):
    lines = written(named(name, "w"), width=width).splitlines()
    start = next(place for place, line in enumerate(lines) if set(line) == {"─"})
    end = lines.index("", start)
    assert all(width_of(line) <= width for line in lines)
    head = lines[start - 1]
    values = width_of(head[: head.index("value →")]) + len("value →")
    for line in lines[start + 1 : end]:
        before, after = split_at(line, values)
        assert before[-1].isdigit()
        assert after[:2] == "  "
        assert after[2].isdigit() or after.isspace()


def split_at(line: str, cells: int) -> tuple[str, str]:
    """A line, cut at a cell of the terminal."""
    place = next(place for place in range(len(line) + 1) if width_of(line[:place]) == cells)
    return line[:place], f"{line[place:]}   "


def test_a_narrow_terminal_keeps_what_matters():
    text = written(worked_example(), width=40)
    assert "routes" not in text.split("\n\n")[1]
    assert "5 = 2 + 3" in text


def test_where_there_is_no_room_for_columns_no_number_is_cut():
    assert written(worked_example(), width=20).splitlines()[3:15] == [
        "x → 1",
        "  ← 2",
        "y → 2",
        "  ← 5 = 2 + 3",
        "z → 0",
        "  ← 0",
        "a = x + y → 3",
        "  ← 2",
        "b = max(y, z) → 2",
        "  ← 3",
        "f = a · b → 6",
        "  ← 1",
    ]


def test_no_colours_in_a_file():
    assert "\x1b" not in written(worked_example())
    assert "\x1b" not in for_terminal(document_of(worked_example()), worked_example(), io.StringIO())


def test_colours_in_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    text = for_terminal(document_of(worked_example()), worked_example(), Terminal())
    assert "\x1b[32m" in text
    assert text.count("\x1b[0m") * 2 == text.count("\x1b[")


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_nobody_wants_them(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert "\x1b" not in for_terminal(document_of(worked_example()), worked_example(), Terminal())


def test_as_wide_as_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "42")
    monkeypatch.setenv("NO_COLOR", "1")
    lines = for_terminal(document_of(worked_example()), worked_example(), Terminal()).splitlines()
    assert max(map(width_of, lines)) <= 42


def test_a_very_large_graph_is_cut_in_the_middle():
    def deep(x):
        for _ in range(1200):
            x = x + 1.0
        return x

    graph = gv.trace(deep, 0.0)
    lines = written(graph).splitlines()
    assert f"⋮ {len(graph.nodes) - 2000:,} more" in lines
    assert len(lines) < 2020


def test_nan_and_arrays():
    assert "NaN" in written(SMALL["not_a_number"]())
    text = written(SMALL["neural_layer"]())
    assert "4×3" in text
    assert "‖" in text


WIDTHS = {
    "": 0,
    "abc": 3,
    "重み": 4,
    "e\u0301": 1,
    "שלום": 4,
    "\u200e": 0,
    "ｗ": 2,
    "‖→∂": 3,
    "👩‍🔬": 2,  # joined
    "👨‍👩‍👧‍👦": 2,
    "👍🏽": 2,  # with a colour of skin
    "❤\ufe0f": 2,  # a sign that is drawn as an emoji
    "1\ufe0f\u20e3": 2,
    "🏳️‍🌈": 2,
    "🇩🇪": 2,
}


@pytest.mark.parametrize("text", WIDTHS)
def test_width_of(text):
    assert width_of(text) == WIDTHS[text]


@pytest.mark.parametrize("text", WIDTHS)
def test_width_of_is_what_terminals_take(text):
    wcwidth = pytest.importorskip("wcwidth", reason="needs wcwidth, which comes with ipykernel")
    assert width_of(text) == wcwidth.wcswidth(text)
