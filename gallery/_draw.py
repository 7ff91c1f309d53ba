"""Runs the gallery's scripts and draws them: a picture of `SECTIONS`, or all pages of a graph of `BOOK`."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _contents import BOOK, HERE, PICTURES, SMALL_ARRAYS, Picture
from gradviz import Graph
from gradviz.cli.script import run
from gradviz.render import FORMATS, LEVELS, save
from gradviz.render.style import THEME_NAMES

#: Always the same Graphviz, whatever the machine has: who draws the gallery again should get the same files.
ENGINE = "bundled"

#: Formats that hold the graph itself, whatever is shown of it.
WHOLE = ("json", "txt")


def graph_of(picture: Picture) -> Graph:
    """The graph that a picture's script computes."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        session = run(str(HERE / f"{picture.script}.py"), picture.arguments)
    if session.graph is None or session.exit_code:
        raise SystemExit(f"gallery/{picture.script}.py gave no graph: {session.problem}")
    return session.graph


def draw(name: str, folder: Path) -> Path:
    """Draw a picture of `SECTIONS` into `folder`."""
    path = folder / f"{name}.svg"
    save(graph_of(PICTURES[name]), path, engine=ENGINE, **PICTURES[name].style)
    return path


def pages(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The files of a graph of `BOOK`, and the style of each: every level in every format, theme and step."""
    common = BOOK[name].style
    views: dict[str, dict[str, Any]] = {level: {"level": level} for level in LEVELS}
    if name in SMALL_ARRAYS:
        views["scalars"] = SMALL_ARRAYS[name]
    for view, style in views.items():
        for format, known in FORMATS.items():
            if format in WHOLE:
                continue
            yield f"{view}{known.suffix}", {**common, **style}
            if known.in_steps is not None:
                yield f"{view}-steps{known.suffix}", {**common, **style, "steps": True}
        for theme in THEME_NAMES:
            if theme != "light":
                yield f"{view}-{theme}.svg", {**common, **style, "theme": theme}
    for format in WHOLE:
        yield f"graph{FORMATS[format].suffix}", common


def draw_pages(name: str, folder: Path) -> list[Path]:
    """Draw a graph of `BOOK` into a folder of its name in `folder`."""
    graph = graph_of(BOOK[name])
    made = folder / name
    made.mkdir(parents=True, exist_ok=True)
    for file, style in pages(name):
        save(graph, made / file, engine=ENGINE, **style)
    data = made / "graph.json"  # it names the script's file, which lies elsewhere on another machine
    data.write_text(data.read_text("utf-8").replace(f"{HERE}{os.sep}", ""), "utf-8")
    return [made / file for file, _ in pages(name)]
