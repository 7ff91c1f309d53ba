"""Python's garbage collector, which looks for cycles that records don't make, is held back while many are made."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["fewer_collections"]

#: So many new objects let Python look for unreachable cycles, while a trace runs. Records form none, and all of them
#: are alive: at a million ops looking after each 700, Python's default, takes half of the time, and after these 1 %.
_COLLECT_AFTER = 200_000


@contextmanager
def fewer_collections(after: int = _COLLECT_AFTER) -> Generator[None]:
    """Let garbage be collected less often inside, after so many new objects; what the user's code sets there stays."""
    before = gc.get_threshold()
    raised = (max(before[0], after) if before[0] else 0, *before[1:])  # 0: someone turned it off
    gc.set_threshold(*raised)
    try:
        yield
    finally:
        if gc.get_threshold() == raised:
            gc.set_threshold(*before)
