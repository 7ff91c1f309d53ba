"""Holds the records of a running script that something still uses, step by step, and lets go of the steps gone by.

A step begins where an input is bound again from an update of itself (`updates` finds that). What was recorded two steps
ago is cut off there: its values stay, and its history goes, so that memory does not grow with the number of steps. The
last evaluation of what module-level names and the running functions' variables hold is kept whole, however old it is,
and so is the last number that nothing holds, as `print(np.mean(error))` in each hundredth step.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from ..tracer.backward import INPUT
from ..tracer.inplace import View, Written
from ..tracer.keeping import restored
from ..tracer.tensor import Note, Tensor, _serials, is_differentiable, operands

__all__ = ["Stopped", "Tape", "make_leaf", "variables"]

_ROOM = 256  # so many records may be held before those are dropped that nothing else uses
_TOLD_AFTER = 64  # so often whoever waits for it hears how many there are
_SEARCHED_FRAMES = 20


class Stopped(BaseException):
    """Ends a script that has recorded more than it may. No `except Exception` of the script's own catches it."""


def make_leaf(record: Tensor, op: Any, name: str | None) -> None:
    """Cut a record off what it was computed from: it stays where it is held, as a leaf with the same value."""
    record._value = restored(record)
    note = record._note
    record._a = record._b = record._static = None
    record._op = op
    cell = note.cell if note is not None else None
    record._note = Note(name, note.scope if note is not None else (), next(_serials), cell)
    if cell is not None:
        cell.shared = True


class Tape:
    """The records, in the order they were made.

    Parameters
    ----------
    keep
        The step whose records are all kept, counted from 1; the last one where it is None.
    most
        How many ops may be recorded; None for any number.
    on_tend
        Called now and then with the number of records made so far.
    """

    def __init__(
        self, *, keep: int | None = None, most: int | None = None, on_tend: Callable[[int], None] | None = None
    ) -> None:
        self.step = 1
        self.kept: list[Tensor] = []
        self._keep = keep
        self._most = most
        self._on_tend = on_tend
        self._now: list[Tensor] = []
        self._before: list[Tensor] = []
        self._held: list[list[Tensor]] = []  # what may turn out to have been steps
        self._results: dict[int, list[Tensor]] = {}  # by the id of the result that they were computed for
        self._end: list[Tensor] = []  # the last number that nothing holds, and what it was computed from in its step
        self._dropped = 0
        self._kept_ids: set[int] = set()  # of the step that is wanted
        self._now_ids: set[int] | None = None  # where they were needed as the step ended; the next has use for them
        self._before_ids: set[int] | None = None
        self._full = 0
        self._room = self._next_room()
        self.append = self._appender()

    def _appender(self) -> Callable[[Tensor], None]:
        records = self._now

        def append(record: Tensor) -> None:
            records.append(record)
            if len(records) >= self._room:
                self._tend()

        return append

    @property
    def count(self) -> int:
        """How many records were made."""
        return self._dropped + sum(map(len, self._held)) + len(self._now)

    def __iter__(self) -> Iterator[Tensor]:
        """What is still there, oldest first."""
        if self._end and not any(record is self._end[0] for record in self._before):
            yield from reversed(self._end)
        yield from self._before
        for records in self._held:
            yield from records
        yield from self._now

    def __reversed__(self) -> Iterator[Tensor]:
        """The same, newest first."""
        yield from reversed(self._now)
        for records in reversed(self._held):
            yield from reversed(records)
        yield from reversed(self._before)

    def bytes(self) -> int:
        """The memory of the values that are held, each array once."""
        held = {id(r._value): r._value for r in self if isinstance(r._value, np.ndarray)}
        return sum(value.nbytes for value in held.values() if value.base is None or id(value.base) not in held)

    # -- what nothing uses any more ---------------------------------------------------------------------------------

    def _tend(self) -> None:
        if self._most is not None and self.count >= self._most:
            raise Stopped(f"it had recorded {self.count:,} ops")
        if len(self._now) < self._full:  # only to be told
            self._room = min(self._full, len(self._now) + _TOLD_AFTER)
            if self._on_tend is not None:
                self._on_tend(self.count)
            return
        if self.step + len(self._held) != self._keep:
            before = len(self._now)
            _drop_unused(self._now)
            self._dropped += before - len(self._now)
        self._room = self._next_room()
        if self._on_tend is not None:
            self._on_tend(self.count)

    def _next_room(self) -> int:
        room = max(_ROOM, 2 * len(self._now))
        if self._most is not None:
            room = max(1, min(room, self._most - self.count + len(self._now)))
        self._full = room
        return room if self._on_tend is None else min(room, len(self._now) + _TOLD_AFTER)

    # -- what may be steps ------------------------------------------------------------------------------------------

    def hold(self, last: Tensor | None = None) -> None:
        """A step may end here, or with `last`: keep what was recorded as it is until `confirm` or `release`."""
        end = next((i for i in reversed(range(len(self._now))) if self._now[i] is last), -1) + 1 or len(self._now)
        self._held.append(self._now[:end])
        del self._now[:end]
        self._room = self._next_room()

    def release(self) -> None:
        """What may have been steps was none."""
        held = [record for records in self._held for record in records]
        self._held.clear()
        self._now[:0] = held
        self._room = self._next_room()

    def confirm(self, steps: Sequence[bool], roots: Iterable[Any]) -> None:
        """What may have been steps was some, one by one."""
        roots = list(roots)
        held, now = self._held.copy(), self._now.copy()
        self._held.clear()
        self._now.clear()
        for records, is_step in zip(held, steps, strict=True):
            self._now += records
            if is_step:
                self.next_step(roots)
        self._now += now
        self._room = self._next_room()

    # -- steps ------------------------------------------------------------------------------------------------------

    def next_step(self, roots: Iterable[Any]) -> None:
        """Begin a step; `roots` are what the script's variables hold."""
        if self._held:
            self.release()
        if self.step == self._keep:
            self.kept = list(self._now)
            self._kept_ids = {id(record) for record in self.kept}
        results = self._results_among(roots)
        ended = self._end_of_step()
        kept = [*results.values(), ended or self._end]
        spared = {id(record) for group in kept for record in group}
        # The first step has all that came before the loop as well: it is let go of, and not cut.
        past = [*(r for group in self._results.values() for r in group), *self._before] if self.step > 1 else []
        if ended:
            past += self._end
            self._end = ended
        self._results = results
        self._before = [] if self.step == 1 else self._now.copy()
        self._before_ids = None if self.step == 1 else self._now_ids
        self._now_ids = None
        self._dropped += len(self._now)
        self._now.clear()
        self._room = self._next_room()
        self.step += 1
        while past:  # the newest first: most are held by those alone that were computed from them
            record = past.pop()
            is_held = getrefcount(record) > 2 and record._a is not None and type(record) not in (View, Written)
            if is_held and id(record) not in spared and id(record) not in self._kept_ids:
                make_leaf(record, INPUT, record._note.name if record._note is not None else None)

    def _end_of_step(self) -> list[Tensor]:
        """The last number of the step that nothing holds, with what it was computed from in it."""
        for record in reversed(self._now):  # which the list, the variable and the call refer to
            if getrefcount(record) == 3 and _is_number(record):
                self._now_ids = {id(record) for record in self._now}
                return _within(record, self._now_ids)
        return []

    def _results_among(self, roots: Iterable[Any]) -> dict[int, list[Tensor]]:
        """The scalar results of past steps that variables hold, each with what it was computed from in its own step."""
        numbers = [root for root in roots if type(root) is Tensor and _is_number(root)]
        if not numbers:
            return {}
        before = self._before_ids
        if before is None:
            before = {id(record) for record in self._before}
        found: dict[int, list[Tensor]] = {}
        for root in numbers:
            if id(root) in before:
                found[id(root)] = _within(root, before)
            elif id(root) in self._results:
                found[id(root)] = self._results[id(root)]
        return found


def _is_number(record: Tensor) -> bool:
    value = record._value
    if record._a is None or (type(value) is np.ndarray and value.size != 1):  # soon told: most are that
        return False
    return np.size(value) == 1 and is_differentiable(value)


def _within(root: Tensor, allowed: set[int]) -> list[Tensor]:
    """A record and those it was computed from, as far as they are among `allowed`."""
    found: list[Tensor] = []
    waiting = [root]
    seen: set[int] = set()
    while waiting:
        record = waiting.pop()
        if id(record) in seen or id(record) not in allowed:
            continue
        seen.add(id(record))
        found.append(record)
        waiting += [x for x in operands(record) if isinstance(x, Tensor)]
    return found


def _drop_unused(records: list[Tensor]) -> None:
    """Take out the records that nothing but this list uses, newest first, as they hold those before them."""
    alive: list[Tensor] = []
    while records:
        record = records.pop()
        note = record._note
        facts = note.watches if note is not None else None
        if getrefcount(record) > 2 + (_own_uses(record, facts) if facts else 0):
            alive.append(record)
        elif facts and note is not None:
            note.watches = None  # a fact about a record holds it: a circle
    alive.reverse()
    records[:] = alive


def _own_uses(record: Tensor, facts: list[Any]) -> int:
    return sum(1 for fact in facts for x in fact.operands if x is record)


def variables(namespace: dict[str, Any]) -> list[Any]:
    """What the module-level names hold, and the variables of the functions that are running."""
    found: list[Any] = list(namespace.values())
    frame: Any = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    builtins = namespace.get("__builtins__")
    for _ in range(_SEARCHED_FRAMES):
        if frame is None:
            break
        names = frame.f_globals
        if names.get("__builtins__") is builtins and names is not frame.f_locals:
            found += frame.f_locals.values()
        frame = frame.f_back
    return found
