"""What is to be run, as `python` has it: a file, a module, a text, a folder or zip with a `__main__.py`, a notebook."""

from __future__ import annotations

import ast
import importlib.util
import json
import linecache
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any

from ..tracer import ScriptError
from .errors import WrongUsage
from .reading import read, require_text
from .terminal import clean, say

__all__ = ["CODE", "MODULE", "STDIN", "Part", "Program", "load"]

CODE, MODULE, STDIN = "-c", "-m", "-"
_ARCHIVES = (".zip", ".pyz", ".whl", ".egg")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A text that is compiled as one, and the file that its code objects name."""

    source: bytes | str
    file: str


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, and what `python` would make of it.

    Attributes
    ----------
    name
        What messages call it.
    parts
        Its texts: one, or a notebook's cells.
    argv0
        Its `sys.argv[0]`.
    folder
        Its `sys.path[0]`; None where Python adds none.
    variables
        What its namespace has besides `__name__` and `__builtins__`.
    stem
        What a file is called that is written for it.
    """

    name: str
    parts: list[Part]
    argv0: str
    folder: str | None
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    stem: str

    @property
    def root(self) -> Path | None:
        """The folder whose modules are the program's own."""
        return None if self.folder is None else Path(self.folder or ".").resolve()


def load(script: str, kind: str | None = None) -> Program:
    """The program that the command line names.

    Raises
    ------
    WrongUsage
        If there is no such thing.
    ScriptError
        If it can't be read as Python's text.
    """
    if kind is not None:
        return _LOADERS[kind](script)
    if script == STDIN:
        return _stdin()
    path = Path(script)
    if path.is_dir() and (path / "__main__.py").is_file():
        return _folder(path, script)
    if path.suffix.lower() in _ARCHIVES or (path.is_file() and zipfile.is_zipfile(path)):
        return _archive(path, script)
    if path.suffix.lower() == ".ipynb":
        return _notebook(path, script)
    return _file(path, script)


def _file(path: Path, script: str) -> Program:
    source = read(script)
    require_text(source, script)
    file = str(path.absolute())  # as python does since 3.9; links in it stay
    return Program(
        name=script,
        parts=[Part(source=source, file=file)],
        argv0=script,
        folder=str(path.resolve().parent),
        variables=_variables(__file__=file, __cached__=None, __loader__=SourceFileLoader("__main__", file)),
        stem=path.stem,
    )


def _variables(**variables: Any) -> dict[str, Any]:
    if sys.version_info < (3, 14):
        variables.setdefault("__annotations__", {})
    return variables


# -- not from a file of its own ---------------------------------------------------------------------------------------


def _code(text: str) -> Program:
    _show_lines("<string>", text)
    part = Part(source=text, file="<string>")
    return Program(name="-c", parts=[part], argv0="-c", folder="", variables=_variables(), stem="code")


def _stdin() -> Program:
    source = sys.stdin.buffer.read() if hasattr(sys.stdin, "buffer") else sys.stdin.read().encode()
    require_text(source, "stdin")
    _show_lines("<stdin>", source.decode(errors="replace"))
    part = Part(source=source, file="<stdin>")
    variables = _variables(__file__="<stdin>")
    return Program(name="stdin", parts=[part], argv0="-", folder="", variables=variables, stem="stdin")


def _show_lines(file: str, text: str) -> None:
    """Let tracebacks and our own search find the lines of a text that is in no file."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)


# -- packages and modules ---------------------------------------------------------------------------------------------


def _module(name: str) -> Program:
    folder = str(Path.cwd())
    if not sys.path or sys.path[0] != folder:
        sys.path.insert(0, folder)
    try:
        spec = _module_spec(name)
    finally:
        sys.path.remove(folder)
    source: Any = spec.loader.get_source(spec.name) if hasattr(spec.loader, "get_source") else None  # pyright: ignore
    if source is None or spec.origin is None:
        raise WrongUsage(f"-m {name}: it has no Python source, so it can't be traced")
    file = str(Path(spec.origin).absolute())
    made = ModuleSpec(spec.name, spec.loader, origin=file)
    made.has_location = True
    return Program(
        name=f"-m {name}",
        parts=[Part(source=source, file=file)],
        argv0=file,
        folder=folder,
        variables=_variables(
            __file__=file, __cached__=spec.cached, __loader__=spec.loader, __spec__=made, __package__=spec.parent
        ),
        stem=name.removesuffix(".__main__").rpartition(".")[2],
    )


def _module_spec(name: str) -> ModuleSpec:
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
            if spec is None:
                raise WrongUsage(f"-m {name}: it is a package without a __main__ module, so it can't be run")
    except (ImportError, ValueError, AttributeError) as error:
        raise WrongUsage(f"-m {name}: {error}: give the name of a module that `python -m` could run") from None
    if spec is None:
        raise WrongUsage(f"there is no module {name!r}: give the name of a module that `python -m` could run")
    return spec


def _folder(path: Path, script: str) -> Program:
    file = str(Path(script, "__main__.py").absolute())
    source = read(file)
    require_text(source, file)
    return _main_of(script, source, file, path.resolve().name)


def _archive(path: Path, script: str) -> Program:
    read(script)
    try:
        with zipfile.ZipFile(path) as archive:
            source = archive.read("__main__.py")
    except KeyError:
        raise WrongUsage(f"{script!r} has no __main__.py in it: give an archive that `python` could run") from None
    except zipfile.BadZipFile:
        raise WrongUsage(f"{script!r} is no zip archive: give the path of a Python script") from None
    file = str(path.absolute() / "__main__.py")
    _show_lines(file, source.decode(errors="replace"))
    return _main_of(script, source, file, path.stem)


def _main_of(script: str, source: bytes, file: str, stem: str) -> Program:
    spec = ModuleSpec("__main__", SourceFileLoader("__main__", file), origin=file)
    spec.has_location = True
    return Program(
        name=script,
        parts=[Part(source=source, file=file)],
        argv0=script,
        folder=str(Path(script).absolute()),
        variables=_variables(__file__=file, __cached__=None, __loader__=spec.loader, __spec__=spec, __package__=""),
        stem=stem,
    )


# -- notebooks --------------------------------------------------------------------------------------------------------

#: Commands of Jupyter's that change nothing about what a notebook computes.
_HARMLESS = re.compile(
    r"\s*%(matplotlib|load_ext|reload_ext|autoreload|config|precision)\b|\s*%%(time|timeit|capture)\b"
)
_COMMAND = re.compile(r"\s*(%|!|\?)|.*\?\s*$|\s*[\w, ]+=\s*[!%]")


def _notebook(path: Path, script: str) -> Program:
    try:
        book: Any = json.loads(read(script))
        cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        texts = [cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError) as error:
        raise ScriptError(f"{script} is no Jupyter notebook (version 4): {error}") from None
    parts: list[Part] = []
    for number, text in enumerate(texts, 1):
        file = f"<{path.name}, cell {number}>"
        text = "".join(_python_line(line, f"{script}, cell {number}") for line in text.splitlines(keepends=True))
        _show_lines(file, text)
        parts.append(Part(source=text, file=file))
    folder = str(path.resolve().parent)
    return Program(name=script, parts=parts, argv0=script, folder=folder, variables=_variables(), stem=path.stem)


def _python_line(line: str, where: str) -> str:
    if _HARMLESS.match(line):
        return "\n" if line.endswith("\n") else ""
    if line.lstrip().startswith("!"):
        say(f"gradviz: {where}: `{clean(line.strip())}` is for a shell and was left out", err=True)
        return re.sub(r"\S.*", "pass", line)
    if _COMMAND.match(line) and not _is_python(line):
        raise ScriptError(
            f"{where} has a command of Jupyter's, `{line.strip()}`, which is no Python: take it out, or do it before"
        )
    return line


def _is_python(line: str) -> bool:
    """Whether a line that looks like a command is part of a Python statement: `% b` goes on with `a`."""
    text = line.strip()
    if text.startswith(("!", "%%")) or re.match(r"%[a-z]+\s", text):
        return False
    if not text.startswith(("%", "?")):
        return not re.match(r"[\w, ]+=\s*[!%]", text) and "#" in text
    return text.startswith("% ") or text == "%"


_LOADERS: dict[str, Callable[[str], Program]] = {CODE: _code, MODULE: _module}


def trees(program: Program) -> list[ast.Module]:
    """The parts, parsed."""
    return [ast.parse(part.source, part.file) for part in program.parts]
