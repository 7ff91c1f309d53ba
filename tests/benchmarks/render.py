"""Times what stands between a graph and its picture, by the number of nodes: `python tests/benchmarks/render.py`.

It prints two tables: pictures as they are by default, folded to what can be looked at, up to a million nodes; and whole
graphs, nothing folded, as far as Graphviz goes. `--write` puts them into the README, between their markers; other sizes
may be given: `render.py 100 1000`. Each row has a process of its own, whose peak of memory it tells. Times are the
processor's, but for the layout, which is Graphviz's process: that is the clock's.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

README = Path(__file__).parent.parent.parent / "README.md"
MARKERS = "<!-- render: begin -->", "<!-- render: end -->"

FOLDED = (100, 1_000, 10_000, 100_000, 1_000_000)
WHOLE = (100, 300, 1_000, 3_000, 10_000, 100_000)
LAYOUT_LIMIT = 20.0  # seconds, the default
LAID_OUT = 25_000  # boxes: Graphviz takes minutes even for what is placed already beyond
NO_LIMIT = 10**9


def chain(nodes: int) -> Any:
    """A chain of products and sums with two inputs and about so many nodes, swept."""
    import gradviz as gv

    def f(x: Any, y: Any) -> Any:
        for _ in range(nodes // 2):
            x = x * y
            x = x + y
        return x

    return gv.trace(f, 0.5, 0.999)


def timed(
    what: Callable[[], Any], *, times: int = 1, clock: Callable[[], float] = time.process_time
) -> tuple[float, Any]:
    """The seconds that it takes, the best of so many times, and what it returns."""
    best, result = float("inf"), None
    for _ in range(times):
        start = clock()
        result = what()
        best = min(best, clock() - start)
    return best, result


def measure(nodes: int, whole: bool) -> dict[str, Any]:
    """The seconds that each stage takes for a graph of so many nodes, and the peak of memory, in MB."""
    import graphviz  # noqa: F401  # loaded with the first text, whatever its length

    from gradviz.render import Style, document_of
    from gradviz.render.formats.dot import dot_bytes
    from gradviz.render.laid_out import laid_out
    from gradviz.render.picture.fold import folded
    from gradviz.render.picture.sketch import sketch_of
    from gradviz.render.svg import finish
    from gradviz.tracer.errors import RenderError

    found: dict[str, Any] = {}
    found["graph"], graph = timed(lambda: chain(nodes))
    style = Style(level="lecture", max_nodes=NO_LIMIT if whole else None)
    limit = style.max_nodes or 150
    found["fold"], _ = timed(lambda: folded(sketch_of(graph), limit=limit))
    # The document is made of what was folded: both together, less the folding.
    both, document = timed(lambda: document_of(graph, style))
    found["document"] = max(0.0, both - found["fold"])
    found["dot"], text = timed(lambda: dot_bytes(document))
    found |= {"boxes": len(document.boxes), "characters": len(text), "whole": whole}
    if len(document.boxes) <= LAID_OUT:
        try:
            options = {"theme": "light", "time_limit": LAYOUT_LIMIT}
            found["layout"], drawn = timed(lambda: laid_out(document, "svg", **options), clock=time.perf_counter)
        except RenderError:
            found["over"] = True
        else:
            found["plainly"] = bool(drawn.notes)
            svg = drawn.drawing.data.decode()
            found["elements"] = svg.count("<")
            found["finish"], _ = timed(lambda: finish(svg, title="f", description="a chain"), times=3)
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return found


def measured(nodes: int, whole: bool) -> dict[str, Any]:
    """`measure` in a process of its own."""
    print(f"{'whole' if whole else 'folded'}, {nodes:,} …", file=sys.stderr)
    command = [sys.executable, __file__, "--row", str(nodes), *(["--whole"] if whole else [])]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {"nodes": nodes, **json.loads(run.stdout)}


# -- the tables --------------------------------------------------------------------------------------------------------


def seconds(value: float | None) -> str:
    """Seconds with about two digits, and milliseconds for those below one."""
    if value is None:
        return ""
    size, unit = (value, "s") if value >= 1 else (1e3 * value, "ms")
    return f"{size:.{0 if size >= 10 else 1}f} {unit}"


def layout(row: dict[str, Any]) -> str:
    """The layout, and what it was not."""
    if row.get("over"):
        return f"over {LAYOUT_LIMIT:g} s"
    return seconds(row.get("layout")) + (", plainly" if row.get("plainly") else "")


def each(row: dict[str, Any], stage: str, of: str) -> str:
    """Microseconds for each of something."""
    return f"{1e6 * row[stage] / row[of]:.1f} µs" if stage in row else ""


def total(row: dict[str, Any]) -> str:
    """All from the graph to the finished SVG."""
    if "finish" not in row:
        return ""
    return seconds(sum(row[stage] for stage in ("fold", "document", "dot", "layout", "finish")))


#: The columns of both tables: head, and what stands in it.
COLUMNS: dict[bool, list[tuple[str, Callable[[dict[str, Any]], str]]]] = {
    False: [
        ("nodes", lambda row: f"{row['nodes']:,}"),
        ("boxes", lambda row: f"{row['boxes']:,}"),
        ("fold", lambda row: seconds(row["fold"])),
        ("document", lambda row: seconds(row["document"])),
        ("DOT text", lambda row: seconds(row["dot"])),
        ("layout", layout),
        ("SVG finished", lambda row: seconds(row.get("finish"))),
        ("in all", total),
        ("peak", lambda row: f"{row['peak']:.0f} MB"),
    ],
    True: [
        ("nodes", lambda row: f"{row['nodes']:,}"),
        ("document, a box", lambda row: each(row, "document", "boxes")),
        ("DOT text, a box", lambda row: each(row, "dot", "boxes")),
        ("layout", layout),
        ("SVG finished, an element", lambda row: each(row, "finish", "elements")),
        ("in all", total),
        ("peak", lambda row: f"{row['peak']:.0f} MB"),
    ],
}
TITLES = {
    False: "**From graph to picture, folded as by default**: a chain of so many ops, at the level `lecture`",
    True: "**Nothing folded**: a box is drawn with its wire; what dot can't lay out in 20 s is placed plainly",
}


def table(whole: bool, sizes: Sequence[int]) -> str:
    """A row for each size."""
    columns = COLUMNS[whole]
    lines = [TITLES[whole], "", f"| {' | '.join(head for head, _ in columns)} |", "| ---: " * len(columns) + "|"]
    for nodes in sizes:
        row = measured(nodes, whole)
        lines.append(f"| {' | '.join(cell(row) for _, cell in columns)} |")
    return "\n".join(lines)


def tables(sizes: Sequence[int] = ()) -> str:
    """Both tables."""
    return "\n\n".join(table(whole, sizes or (WHOLE if whole else FOLDED)) for whole in (False, True))


def written_between(text: str, markers: tuple[str, str], path: Path = README) -> None:
    """Put text into a file, in place of what stands between two markers."""
    before, rest = path.read_text(encoding="utf-8").split(markers[0])
    after = rest.split(markers[1])[1]
    path.write_text(f"{before}{markers[0]}\n{text}\n{markers[1]}{after}", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python tests/benchmarks/render.py", description=__doc__)
    arguments.add_argument("sizes", nargs="*", type=int, metavar="NODES", help="other sizes than those of the table")
    arguments.add_argument("--write", action="store_true", help="put the tables into README.md, between their markers")
    arguments.add_argument("--row", type=int, help=argparse.SUPPRESS)
    arguments.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.row is not None:
        print(json.dumps(measure(options.row, options.whole)))
        return
    text = tables(options.sizes)
    print(text)
    if options.write:
        written_between(text, MARKERS)


if __name__ == "__main__":
    main()
