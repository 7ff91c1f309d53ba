"""Times what stands between a graph and its picture, by the number of nodes; prints a table for the README.

    python tests/benchmarks/render.py [NODES...]

A chain of products and sums with two inputs, swept, at the level `lecture` and without folding. Microseconds a node,
where a node is a box together with its wires; the layout in seconds, as long as it takes less than its limit.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import gradviz as gv
from gradviz.render import Style, document_of
from gradviz.render.formats.dot import dot
from gradviz.render.graphviz import layout
from gradviz.render.svg import finish
from gradviz.tracer.errors import RenderError

NODES = (100, 300, 1000, 3000, 10_000)
LAYOUT_LIMIT = 20.0  # seconds
LAID_OUT = 1500  # nodes: more take dot longer than that


def chain(nodes: int) -> gv.Graph:
    """A chain with about so many nodes."""

    def f(x: Any, y: Any) -> Any:
        for _ in range(nodes // 2):
            x = x * y
            x = x + y
        return x

    graph = gv.trace(f, 1.0, 1.0)
    graph.backward()
    return graph


def timed(
    what: Callable[[], Any], *, times: int = 1, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, Any]:
    """The seconds that it takes, the best of so many times, and what it returns."""
    best, result = float("inf"), None
    for _ in range(times):
        start = clock()
        result = what()
        best = min(best, clock() - start)
    return best, result


def row(nodes: int) -> list[str]:
    """A row of the table."""
    graph = chain(nodes)
    style = Style(level="lecture", max_nodes=10**9)
    document_time, document = timed(lambda: document_of(graph, style))
    dot_time, text = timed(lambda: dot(document), times=5, clock=time.process_time)
    count = len(document.boxes)
    cells = [f"{count:,}", f"{1e6 * document_time / count:.0f}", f"{1e6 * dot_time / count:.1f}"]
    cells.append(f"{len(text) / count:.0f}")
    if nodes > LAID_OUT:
        return [*cells, "", ""]
    try:
        layout_time, drawn = timed(lambda: layout(text, "svg", time_limit=LAYOUT_LIMIT))
    except RenderError:
        return [*cells, f"over {LAYOUT_LIMIT:g}", ""]
    svg = drawn.data.decode()
    finish_time, _ = timed(lambda: finish(svg, title="f", description="a chain"), times=3, clock=time.process_time)
    return [*cells, f"{layout_time:.2f}", f"{1e6 * finish_time / count:.0f}"]


def main() -> None:
    """Print the table."""
    print(
        "| nodes | document, µs a node | DOT text, µs a node | characters a node | layout, s | SVG finish, µs a node |"
    )
    print("| ---: " * 6 + "|")
    for nodes in map(int, sys.argv[1:] or NODES):
        print(f"| {' | '.join(row(nodes))} |", flush=True)


if __name__ == "__main__":
    main()
