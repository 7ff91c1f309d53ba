"""Which files a program consists of: its own, the modules beside it that it imports, the data that its text names."""

from __future__ import annotations

import ast
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .program import Program

__all__ = ["DATA", "SOURCES", "own_files"]

#: What a program consists of.
SOURCES = frozenset({".py", ".ipynb"})
#: What it may read. It may write such files too, as gradviz does.
DATA = frozenset(
    {".csv", ".dat", ".ini", ".json", ".npy", ".npz", ".pyz", ".toml", ".tsv", ".txt", ".yaml", ".yml", ".zip"}
)
_MOST = 1000  # so many files are read


def own_files(program: Program) -> frozenset[Path]:
    """The files whose change may make a program come out differently, those included that it looks for in vain.

    Parameters
    ----------
    program
        As it was loaded; its files are read anew.
    """
    root = program.root or Path.cwd()
    if not root.is_dir():  # an archive
        return frozenset({root})
    given = [Path(program.name).absolute(), *(Path(part.file) for part in program.parts)]  # a notebook's parts: cells
    files = {path for path in given if path.is_file()}
    files |= {path.absolute() for path in map(Path, sys.argv[1:]) if path.suffix in SOURCES | DATA and path.is_file()}
    found = {root / "pyproject.toml", *files}
    waiting = [path for path in files if path.suffix in SOURCES]
    while waiting and len(found) < _MOST:
        path = waiting.pop()
        for other in _named(path, root):
            if other not in found:
                found.add(other)
                if other.suffix in SOURCES and other.is_file():
                    waiting.append(other)
    return frozenset({form for path in found for form in (path, path.resolve())})


def _named(path: Path, root: Path) -> Iterator[Path]:
    """The files that a text may import or read."""
    for node in (node for tree in _trees(path) for node in ast.walk(tree)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield from _of_module(root, alias.name.split("."))
            case ast.ImportFrom(module=module, names=names, level=level):
                start = path.parents[level - 1] if 0 < level <= len(path.parents) else root
                words = module.split(".") if module else []
                yield from _of_module(start, words)
                for alias in names:
                    yield from _of_module(start, [*words, alias.name])
            case ast.Constant(value=str() as text) if len(text) < 200 and Path(text).suffix in DATA:
                yield from (folder / text for folder in (Path.cwd(), path.parent) if _is_file(folder / text))
            case _:
                pass


def _of_module(folder: Path, words: list[str]) -> Iterator[Path]:
    """The files that importing `a.b.c` from a folder runs, if they are there; and where the first would be."""
    for i, word in enumerate(words):
        module, package = folder / f"{word}.py", folder / word / "__init__.py"
        if i == 0 or module.is_file():
            yield module
        if package.is_file():
            yield package
        folder = folder / word
        if not folder.is_dir():
            return


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name that a file could have
        return False


def _trees(path: Path) -> Iterator[ast.Module]:
    """A file's text, parsed; a notebook's cell by cell. What can't be read or parsed is left out."""
    with contextlib.suppress(OSError, ValueError, SyntaxError, RecursionError, KeyError, TypeError):
        data = path.read_bytes()
        if path.suffix != ".ipynb":
            yield ast.parse(data)
            return
        book: Any = json.loads(data)
        for cell in book["cells"]:
            with contextlib.suppress(SyntaxError):
                yield ast.parse("".join(cell["source"]) if cell["cell_type"] == "code" else "")
