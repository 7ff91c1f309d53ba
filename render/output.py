"""The one place that writes files: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from ..tracer import Graph
from ..tracer.errors import RenderError
from .formats import Rendered, format_of, render
from .style import Style, style_from

__all__ = ["answers_beside", "check_target", "save", "save_as", "write"]


def answers_beside(path: str | Path) -> Path:
    """Where the answer sheet of an exercise goes.

    Examples
    --------
    >>> answers_beside("week4/exercise.svg").as_posix()
    'week4/exercise-answers.svg'
    """
    path = Path(path)
    return path.with_name(f"{path.stem}-answers{path.suffix}")


def check_target(path: str | Path) -> Path:
    """The path, if a file can be written there.

    Raises
    ------
    RenderError
        If its folder is missing, or it or its folder can't be written.
    """
    path = Path(path)
    folder = path.parent
    if path.is_dir():
        raise RenderError(f"can't write {str(path)!r}: it is a folder; name a file in it")
    if not folder.exists():
        raise RenderError(f"can't write {str(path)!r}: there is no folder {str(folder)!r}; make it first")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        what = str(path) if path.exists() else str(folder)
        raise RenderError(f"can't write {str(path)!r}: no permission for {what!r}; choose another place with -o")
    return path


def write(data: bytes, path: str | Path) -> None:
    """Put `data` at `path`, through a temporary file beside it: what was there stays until the new file is whole.

    Raises
    ------
    RenderError
        If the file can't be written.
    """
    path = check_target(path)
    try:
        if path.exists() and not path.is_file():  # a device, a pipe: nothing to replace
            path.write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise RenderError(f"can't write {str(path)!r}: {error.strerror or error}; choose another place") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def save(graph: Graph, path: str | Path, /, **options: object) -> Rendered:
    """Write a picture of `graph`, or its data, in the format that the suffix stands for.

    With `blank` two files are written: the exercise, and beside it the answers (``f.svg`` and ``f-answers.svg``).

    Parameters
    ----------
    graph : Graph
    path : str or Path
        Where to; an existing file is replaced once the new one is whole.
    **options
        As for `Style`: level, theme, direction, title, blank, time_limit, dpi, engine, steps and more.

    Returns
    -------
    Rendered
        What was written to `path`, and the notes on what was folded or left out, or where the answers are.

    Raises
    ------
    RenderError
        If the suffix or an option is unknown, the file can't be written, or Graphviz fails.

    Examples
    --------
    >>> import gradviz as gv, tempfile, pathlib
    >>> graph = gv.trace(lambda x: x * x, 3.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = graph.save(pathlib.Path(folder, "f.dot"), level="lecture")
    >>> written.data[:16]
    b'digraph gradviz '
    """
    return save_as(graph, path, style_from(**options))


def save_as(graph: Graph, path: str | Path, style: Style, *, answers: bool = False) -> Rendered:
    """`save` in a style; with `answers`, the answer sheet alone."""
    format = format_of(path)
    check_target(path)
    if answers or style.blank is None:
        drawn = render(graph, format, style, answers=answers)
        write(drawn.data, path)
        return drawn
    beside = check_target(answers_beside(path))
    exercise, filled = render(graph, format, style), render(graph, format, style, answers=True)
    write(exercise.data, path)
    write(filled.data, beside)
    return replace(exercise, notes=(*exercise.notes, f"the answers are in {beside.name}"))
