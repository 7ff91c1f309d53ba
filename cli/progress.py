"""A line on the terminal while a long script runs: how many ops it has recorded, and the memory it takes."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Progress", "memory"]

_AFTER, _EVERY = 1.0, 0.25  # seconds
_ERASE = "\r\x1b[K"
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Progress:
    """Called with the number of ops now and then; shows it on stderr, where that is a terminal.

    The script's own text comes out as if there were no such line: it goes away before the script writes, and where the
    script has begun a line of its own there is none. For that the two streams are watched until `clear` is called.
    """

    def __init__(self) -> None:
        self._next = time.monotonic() + _AFTER
        self._shown = False
        self._at_start = True  # whether the script's text ended with a line break
        self._watched: list[Any] = []
        self._terminal = _is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
        if self._terminal:
            self._watch(sys.stderr)
            self._watch(sys.stdout)

    def __call__(self, ops: int) -> None:
        """Show the line, if it is time."""
        if not self._terminal or not self._at_start or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        resident = _resident()
        using = f", {memory(resident)} of memory" if resident else ""
        self._put(_ERASE + f"gradviz: {ops:,} ops recorded{using}"[: _columns() - 1])
        self._shown = True

    def clear(self) -> None:
        """Take the line away, for good."""
        self._erase()
        self._terminal = False
        for stream in self._watched:
            vars(stream).pop("write", None)

    def _watch(self, stream: Any) -> None:
        if not _is_terminal(stream):  # what goes elsewhere does not meet the line
            return
        write: Callable[[str], int] = stream.write

        def watched(text: str) -> int:
            self._erase()
            if text:
                self._at_start = text.endswith("\n")
            return write(text)

        with contextlib.suppress(AttributeError):  # one of a class of its own, that has no room for it
            stream.write = watched
            self._watched.append(stream)

    def _erase(self) -> None:
        if self._shown:
            self._shown = False
            self._put(_ERASE)

    def _put(self, text: str) -> None:
        """Write to the terminal past `sys.stderr`, whose text is the script's."""
        with contextlib.suppress(OSError):
            os.write(2, text.encode())


def _is_terminal(stream: Any) -> bool:
    """Whether a stream leads to the terminal of this process; a script's or a test's stand-in does not."""
    try:
        return stream.fileno() in (1, 2) and stream.isatty()
    except (AttributeError, OSError, ValueError):  # none, or closed
        return False


def _columns() -> int:
    try:
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80


def memory(size: float) -> str:
    """A number of bytes for people: 1.5 MB."""
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"


def _resident() -> int:
    """The memory that this process takes at most; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024
