"""A line on the terminal while a long script runs: how many ops it has recorded, and the memory it takes."""

from __future__ import annotations

import sys
import time

__all__ = ["Progress", "memory"]

_AFTER, _EVERY = 1.0, 0.25  # seconds
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Progress:
    """Called with the number of ops now and then; shows it on stderr, where that is a terminal."""

    def __init__(self) -> None:
        self._shown = False
        self._next = time.monotonic() + _AFTER
        self._terminal = sys.stderr.isatty()

    def __call__(self, ops: int) -> None:
        if not self._terminal or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        self._shown = True
        resident = _resident()
        using = f", {memory(resident)} of memory" if resident else ""
        sys.stderr.write(f"\r\x1b[Kgradviz: {ops:,} ops recorded{using}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


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
