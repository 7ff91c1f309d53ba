"""The least that recording numbers can cost in Python: no guard, no name, no scope, nothing but what a sweep needs.

Each op computes, makes one slotted object, stores where it stands in the source, and is put on a list; each step back
calls one function. What gradviz takes beyond this is the price of what else it can do.
"""

from __future__ import annotations

import gc
import operator
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

_new = object.__new__
_frame = sys._getframe  # pyright: ignore[reportPrivateUsage]
_tape: list[Record] = []


class Record:
    """A number, and the op that made it."""

    __slots__ = ("a", "at", "b", "code", "grad", "push", "value")

    value: float
    grad: float | None
    push: Callable[[Record, float], None] | None
    a: Record
    b: Record
    code: Any
    at: int

    __add__: Callable[[Record, Record], Record]
    __mul__: Callable[[Record, Record], Record]


def leaf(value: float) -> Record:
    made: Record = _new(Record)
    made.value, made.push, made.grad = value, None, None
    return made


def _operator(compute: Callable[[float, float], float], push: Any) -> Callable[[Record, Record], Record]:
    def forward(self: Record, other: Record) -> Record:
        made: Record = _new(Record)
        made.value = compute(self.value, other.value)
        made.push = push
        made.a = self
        made.b = other
        frame = _frame(1)
        made.code = frame.f_code
        made.at = frame.f_lasti
        made.grad = None
        _tape.append(made)
        return made

    return forward


def _push_add(made: Record, upstream: float) -> None:
    a, b = made.a, made.b
    held = a.grad
    a.grad = upstream if held is None else held + upstream
    held = b.grad
    b.grad = upstream if held is None else held + upstream


def _push_multiply(made: Record, upstream: float) -> None:
    a, b = made.a, made.b
    x, y = a.value, b.value
    held = a.grad
    a.grad = upstream * y if held is None else held + upstream * y
    held = b.grad
    b.grad = upstream * x if held is None else held + upstream * x


Record.__add__ = _operator(operator.add, _push_add)
Record.__mul__ = _operator(operator.mul, _push_multiply)


def split(f: Callable[[], Record], leaves: list[Record]) -> tuple[float, float]:
    """The seconds of recording and of going back; Python's collector looks as seldom as in a trace of gradviz.

    That it looks through all that is new as soon as it may again counts as going back, as it does there.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    _tape.clear()
    for x in leaves:
        x.grad = None
    start = process_time()
    out = f()
    middle = process_time()
    out.grad = 1.0
    for made in reversed(_tape):
        upstream = made.grad
        if upstream is not None and made.push is not None:
            made.push(made, upstream)
    gc.set_threshold(*before)
    _new(Record)  # it looks when the next object is made that could be part of a cycle
    return middle - start, process_time() - middle
