"""Folding: graphs that are too large to look at become smaller, and say what was folded and how to unfold it.

The ways to fold (`ways.py`) are tried in the order in which they explain most: scopes, repeated structure, source lines
that ran many times, leaves of a kind, chains; at last whatever lies before the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from .sketch import HIDDEN, Fold, Sketch, visible
from .view import FANOUT
from .ways import (
    MANY_BLOCKS,
    absorb_leaves,
    by_chain,
    by_leaves,
    by_line,
    by_name,
    by_scope,
    by_structure,
    is_scope,
    op_items,
    started,
)

__all__ = ["drawn", "folded", "start"]

#: Folding by scope stops before it leaves fewer ops than these: one box for the whole graph explains nothing.
_FEWEST_OPS = 3


def folded(
    sketch: Sketch, *, limit: int, names: Sequence[str] = (), unfold: Sequence[str] = (), depth: int | None = None
) -> Sketch:
    """What is asked for by name or depth, and then as much as it takes to have at most `limit` boxes.

    Raises
    ------
    RenderError
        If a name is neither a scope nor a way to fold.
    """
    found = _folded(sketch, limit, names, unfold, depth)
    notes: list[str] = []
    for name in unfold:
        others = [other for other in unfold if other != name]
        if is_scope(sketch, name):
            continue
        without = _folded(sketch, limit, names, others, depth)
        if np.array_equal(without.group, found.group):
            notes.append(_nothing_called(name, without))
    if found.folds:
        notes = [*_notes(found, visible(sketch)), *notes]
    return replace(found, notes=(*found.notes, *notes)) if notes else found


def _folded(sketch: Sketch, limit: int, names: Sequence[str], unfold: Sequence[str], depth: int | None) -> Sketch:
    for name in names:
        sketch = absorb_leaves(by_name(sketch, name, unfold))
    if depth is not None:
        sketch = absorb_leaves(by_scope(sketch, depth, unfold))
    for step in _steps(sketch, unfold, limit):
        if drawn(sketch) <= limit:
            break
        sketch = absorb_leaves(step(sketch))
    return sketch


def drawn(sketch: Sketch) -> int:
    """How many boxes are drawn: a leaf that many boxes use is drawn again at each use."""
    facts, group = sketch.facts, sketch.group
    shared = sketch.single & facts.leaf & (facts.fanout > FANOUT)
    edges = np.flatnonzero(shared[facts.sources] & (group[facts.targets] != HIDDEN))
    # One wire for each operand; to a fold one for all, if it is not one op that ran many times.
    whole = np.zeros(len(facts), bool)
    whole[[number for number, made in sketch.folds.items() if made.kind != "line"]] = True
    targets = group[facts.targets[edges]]
    ports = np.where(whole[targets], 0, facts.positions[edges])
    order = np.lexsort((ports, targets, facts.sources[edges]))
    ends = np.stack([facts.sources[edges], targets, ports])[:, order]
    fresh = np.any(np.diff(ends, axis=1, prepend=HIDDEN) != 0, axis=0)
    wires = np.bincount(ends[0, fresh])
    return visible(sketch) + int((wires - 1)[wires > FANOUT].sum())


def _steps(sketch: Sketch, unfold: Sequence[str], limit: int) -> Iterable[Callable[[Sketch], Sketch]]:
    deepest = max((len(scope) for scope in sketch.facts.scopes), default=0)
    for depth in reversed(range(deepest)):
        # The whole graph in one or two boxes is no picture of it: then lines and chains are folded inside the scopes.
        yield lambda now, depth=depth: _alike(_unless_too_few(now, by_scope(now, depth, unfold)), unfold)
    yield partial(by_structure, unfold=unfold)
    for least in (32, 8, 3, 2):
        yield partial(by_line, unfold=unfold, least=least)
    yield partial(by_leaves, unfold=unfold)
    yield partial(by_chain, unfold=unfold)
    yield partial(start, limit=limit)


def _alike(sketch: Sketch, unfold: Sequence[str]) -> Sketch:
    return by_structure(sketch, unfold, least=MANY_BLOCKS, scopes_only=True)


def _unless_too_few(before: Sketch, after: Sketch) -> Sketch:
    return after if len(op_items(after)) >= _FEWEST_OPS else before


def start(sketch: Sketch, *, limit: int) -> Sketch:
    """The ops next to the output stay, as many as may be seen; all before them becomes one box.

    The leaves that only it uses go with it where less than a third of the room would be left for ops.
    """
    for with_leaves, fewest in ((False, max(1, limit // 3)), (True, 0)):
        fits, too_many = -1, limit + 1
        while too_many - fits > 1:
            kept = (fits + too_many) // 2
            if drawn(started(sketch, kept, with_leaves=with_leaves)) <= limit:
                fits = kept
            else:
                too_many = kept
        if fits >= fewest:
            return started(sketch, fits, with_leaves=with_leaves)
    return started(sketch, 0, with_leaves=True)


# -- what is said about it -------------------------------------------------------------------------------------------


def _notes(sketch: Sketch, before: int) -> list[str]:
    """How many boxes stand for how many nodes, what was folded, and how to unfold it."""
    named = _names(sketch)
    ways = ["--max-nodes N shows more"] + [f"--unfold '{name}' opens one" for name in named[:1]]
    told = list(dict.fromkeys(map(_said, sketch.folds.values())))
    boxes = drawn(sketch)
    count = f"{before:,} nodes in {boxes:,} box{'' if boxes == 1 else 'es'}"
    return [f"{count}: {' and '.join(ways)}", f"folded: {_listed(told)}"]


def _nothing_called(name: str, sketch: Sketch) -> str:
    there = _names(sketch)
    return f"nothing to unfold is called {name!r}: {f'folded are {_listed(there)}' if there else 'nothing is folded'}"


def _names(sketch: Sketch) -> list[str]:
    """What folds are unfolded by."""
    return list(dict.fromkeys(made.name for made in sketch.folds.values() if made.kind != "start"))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _said(made: Fold) -> str:
    """A fold in a note."""
    if made.kind == "start":
        return "what comes first"
    return f"{made.name} ×{made.times:,}" if made.times > 1 else made.name
