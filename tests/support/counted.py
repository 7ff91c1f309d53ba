"""Counts Python's instructions and calls: what code costs, the same in every run, however busy the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import gradviz as gv

#: Counts are taken under Python 3.11; others compile the same code to somewhat more or fewer instructions.
SLACK = 1.0 if sys.version_info[:2] == (3, 11) else 1.3

_TRACER = Path(gv.__file__).parent / "tracer"


def instructions(f: Callable[[], Any]) -> int:
    """How many of Python's instructions run inside gradviz's tracer while `f` runs."""
    found = 0

    def local(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal found
        found += event == "opcode"
        return local

    def entered(frame: FrameType, event: str, _: Any) -> Any:
        if Path(frame.f_code.co_filename).is_relative_to(_TRACER):
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
            return local
        return None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        f()
    finally:
        sys.settrace(before)
    return found


def calls(f: Callable[[], Any]) -> int:
    """How many functions run while `f` runs, Python's and C's; `f` itself and the return of the profiler left out."""
    found = 0

    def entered(frame: FrameType, event: str, _: Any) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(entered)
    try:
        f()
    finally:
        sys.setprofile(before)
    return found - 2


def chain(ops: int) -> Callable[..., Any]:
    """× and + in turn, on single numbers: what is counted, per op."""

    def f(x: Any, w: Any, b: Any) -> Any:
        for _ in range(ops // 2):
            x = x * w
            x = x + b
        return x

    return f
