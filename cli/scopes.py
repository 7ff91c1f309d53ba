"""Scopes from the functions that are being called: each call site of a function is a scope of its own."""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import import_module
from types import CodeType
from typing import Any

from ..tracer import Graph
from ..tracer.source import locate
from ..tracer.tensor import Note, Tensor

__all__ = ["Scopes"]

# The module, whose state is read and set where it is used: under its name the package has the function gv.tensor.
_state: Any = import_module("..tracer.tensor", __package__)


class _Called:
    """A scope's name until the graph is drawn: the function, and where it was called."""

    __slots__ = ("at", "code", "function")

    def __init__(self, function: str, code: CodeType, at: int) -> None:
        self.function = function
        self.code = code
        self.at = at

    @property
    def line(self) -> int | None:
        return locate(self.code, self.at).line


class Scopes:
    """What a rewritten function calls as its body begins."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._open = 0
        self._notes: dict[tuple[int, int, int, str], Note] = {}
        self._called: dict[str, _Called] = {}

    def __call__(self, function: str) -> _Scope | _Nothing:
        """A context for the body of `function`."""
        if self._open >= self._depth:
            return _NOTHING
        before = _state._note
        frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
        key = (id(before), id(frame.f_code), frame.f_lasti, function)
        note = self._notes.get(key)
        if note is None:
            note = self._notes[key] = self._new(before, function, frame.f_code, frame.f_lasti)
        return _Scope(self, before, note)

    def _new(self, before: Note | None, function: str, code: CodeType, at: int) -> Note:
        # A text for now, as scopes are texts: `tidy` makes a name of it once all call sites are known.
        key = f"{function} @{len(self._called)}"
        self._called[key] = _Called(function, code, at)
        return Note(None, (*(before.scope if before is not None else ()), key))

    def enter(self, note: Note) -> None:
        """Begin a scope."""
        self._open += 1
        _state._note = note

    def leave(self, before: Note | None) -> None:
        """End one."""
        self._open -= 1
        _state._note = before

    def tidy(self, graph: Graph) -> None:
        """Name the graph's scopes: by the function, and by the line of the call where there are several."""
        names: dict[tuple[str, ...], tuple[str, ...]] = {}
        notes = {id(r._note): r._note for r in graph.outline.records if isinstance(r, Tensor) and r._note is not None}
        sites: defaultdict[tuple[tuple[str, ...], str], set[str]] = defaultdict(set)
        for note in notes.values():
            for i, key in enumerate(note.scope):
                if key in self._called:
                    sites[note.scope[:i], self._called[key].function].add(key)
        for note in notes.values():
            if note.scope not in names:
                names[note.scope] = tuple(
                    self._name(key, sites[note.scope[:i], self._called[key].function]) if key in self._called else key
                    for i, key in enumerate(note.scope)
                )
        for note in notes.values():
            note.scope = names.get(note.scope, note.scope)

    def _name(self, key: str, sites: set[str]) -> str:
        called = self._called[key]
        if len(sites) == 1:
            return called.function
        ordered = sorted(sites, key=lambda one: int(one.rpartition("@")[2]))
        lines = [self._called[one].line for one in ordered]
        name = f"{called.function}, line {called.line}"
        same = [one for one, line in zip(ordered, lines, strict=True) if line == called.line]
        return name if len(same) == 1 else f"{name} #{same.index(key) + 1}"


class _Scope:
    """The context of one call."""

    __slots__ = ("before", "note", "scopes")

    def __init__(self, scopes: Scopes, before: Note | None, note: Note) -> None:
        self.scopes = scopes
        self.before = before
        self.note = note

    def __enter__(self) -> None:
        self.scopes.enter(self.note)

    def __exit__(self, *error: object) -> None:
        self.scopes.leave(self.before)


class _Nothing:
    """The context of a call that is deeper than scopes go."""

    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


_NOTHING = _Nothing()
