"""An op that raised an exception is drawn in red, wired from what it was given."""

import pytest

from gradviz.cli.program import load
from gradviz.cli.script import run
from gradviz.render import LEVELS, Style, document_of, render

SCRIPT = """\
import numpy as np
x = np.array([1.0, 2.0])
b = np.array([0.1, 0.2, 0.3])
h = np.tanh(x)
z = h + b
"""


@pytest.fixture
def graph(tmp_path, capsys):
    path = tmp_path / "fails.py"
    path.write_text(SCRIPT, encoding="utf-8")
    session = run(load(str(path)))
    assert session.exit_code == 1
    assert session.graph is not None
    return session.graph


@pytest.mark.parametrize("level", LEVELS)
def test_the_failed_op_stands_at_the_end(graph, level):
    document = document_of(graph, Style(level=level))
    (box,) = [box for box in document.boxes if box.kind == "failed"]
    said = " ".join(text.text for row in box.rows for text in row.texts)
    assert "the last dimensions, 2 and 3, differ and neither is 1" in said
    assert said.endswith("fails.py:5")
    sources = {wire.source for wire in document.wires if wire.target == box.id}
    assert {box.id for box in document.boxes} >= sources
    assert len(sources) == 2
    assert "add failed on h (2,) and b (3,)" in document.description


def test_it_is_painted_in_the_colour_of_failures(graph):
    assert b'color="#B3261E"' in render(graph, "dot", Style()).data.replace(b"COLOR", b"color")


def test_nothing_is_marked_where_nothing_failed():
    import gradviz as gv

    document = document_of(gv.trace(lambda x: x * x, 3.0), Style())
    assert not [box for box in document.boxes if box.kind == "failed"]
