"""JSON as a format: the graph as its export has it, and a large one's text never twice in memory."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import gradviz as gv
from gradviz.render.formats.data import data


def long_loop(rounds: int) -> gv.Graph:
    def f(x: Any, y: Any) -> Any:
        for _ in range(rounds):
            x = x * y
        return x

    return gv.trace(f, 0.5, 0.999)


def test_it_is_what_the_export_gives():
    graph = long_loop(1200)  # more than one piece
    assert json.loads(data(graph)) == graph.to_dict()


def test_half_a_character_is_written_as_json_writes_it():
    graph = gv.graph(gv.tensor(2.0, "x\ud800") * 3.0)
    assert b'"x\\ud800"' in data(graph)
    assert json.loads(data(graph))["nodes"][0]["name"] == "x\ud800"


def test_the_text_of_a_large_graph_is_there_only_once():
    graph = long_loop(15_000)
    data(graph)  # what is made once and kept: the outline, what the source says
    tracemalloc.start()
    try:
        text = data(graph)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.9 * len(text)
