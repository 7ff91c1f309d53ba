"""Folding: graphs that are too large to look at become smaller, and say what was folded and how to unfold it.

The ways to fold (`ways.py`) are tried in the order in which they explain most: scopes, repeated structure, source lines
that ran many times, leaves of a kind, chains; at last whatever lies before the end. None is taken further than it must
be: what comes first is folded, and what is next to the output stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

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

__all__ = ["drawn", "folded", "room", "start"]

#: Folding by scope stops before it leaves fewer ops than these: one box for the whole graph explains nothing.
_FEWEST_OPS = 3


_Way = Callable[[Sketch], Sketch]
#: How large a sketch is.
_Size = Callable[[Sketch], float]


class _Step(NamedTuple):
    """A way to fold, and what there is to know of it.

    Attributes
    ----------
    whole
        The way itself.
    part
        The way that folds what comes first, where no more needs to be; None where there is none, or no first.
    fewest
        So many ops it must leave.
    """

    whole: _Way
    part: _Way | None = None
    fewest: int = 0


def drawn(sketch: Sketch) -> int:
    """How many boxes are drawn: a leaf that many boxes use is drawn again at each use."""
    return visible(sketch) + _drawn_again(sketch)


def room(sketch: Sketch) -> float:
    """How much room the boxes take: a leaf that is drawn again is small, beside its user, and takes half as much."""
    return visible(sketch) + _drawn_again(sketch) / 2


def _drawn_again(sketch: Sketch) -> int:
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
    return int((wires - 1)[wires > FANOUT].sum())


def folded(
    sketch: Sketch,
    *,
    limit: int,
    names: Sequence[str] = (),
    unfold: Sequence[str] = (),
    depth: int | None = None,
    size: _Size = drawn,
) -> Sketch:
    """What is asked for by name or depth, and then as much as it takes to be no larger than `limit`.

    Raises
    ------
    RenderError
        If a name is neither a scope nor a way to fold.
    """
    found = _folded(sketch, limit, size, names, unfold, depth)
    notes: list[str] = []
    for name in unfold:
        others = [other for other in unfold if other != name]
        if is_scope(sketch, name):
            continue
        without = _folded(sketch, limit, size, names, others, depth)
        if np.array_equal(without.group, found.group):
            notes.append(_nothing_called(name, without))
    if found.folds:
        notes = [*_notes(found, visible(sketch)), *notes]
    return replace(found, notes=(*found.notes, *notes)) if notes else found


def _folded(
    sketch: Sketch, limit: int, size: _Size, names: Sequence[str], unfold: Sequence[str], depth: int | None
) -> Sketch:
    for name in names:
        sketch = absorb_leaves(by_name(sketch, name, unfold))
    if depth is not None:
        sketch = absorb_leaves(by_scope(sketch, depth, unfold))
    for step in _steps(sketch, unfold, limit, size):
        if size(sketch) <= limit:
            break
        sketch = _taken(sketch, step, limit, size)
    return sketch


def _steps(sketch: Sketch, unfold: Sequence[str], limit: int, size: _Size) -> Iterable[_Step]:
    deepest = max((len(scope) for scope in sketch.facts.scopes), default=0)
    for depth in reversed(range(deepest)):
        scopes = partial(_scopes, depth=depth, unfold=unfold)
        yield _Step(scopes, scopes, _FEWEST_OPS)
    blocks = partial(by_structure, unfold=unfold)
    yield _Step(blocks, blocks)
    for least in (32, 8, 3, 2):
        # Of rounds that are many enough to be folded, any number may be.
        yield _Step(partial(by_line, unfold=unfold, least=least), partial(by_line, unfold=unfold, least=2))
    yield _Step(partial(by_leaves, unfold=unfold))
    chains = partial(by_chain, unfold=unfold)
    yield _Step(chains, chains)
    yield _Step(partial(start, limit=limit, size=size))


def _scopes(sketch: Sketch, depth: int, unfold: Sequence[str]) -> Sketch:
    return by_structure(by_scope(sketch, depth, unfold), unfold, least=MANY_BLOCKS, scopes_only=True)


def start(sketch: Sketch, *, limit: int, size: _Size = drawn) -> Sketch:
    """The ops next to the output stay, as many as may be seen; all before them becomes one box.

    The leaves that only it uses go with it where less than a third of the room would be left for ops.
    """
    for with_leaves, fewest in ((False, max(1, limit // 3)), (True, 0)):
        fits, too_many = -1, limit + 1
        while too_many - fits > 1:
            kept = (fits + too_many) // 2
            if size(started(sketch, kept, with_leaves=with_leaves)) <= limit:
                fits = kept
            else:
                too_many = kept
        if fits >= fewest:
            return started(sketch, fits, with_leaves=with_leaves)
    return started(sketch, 0, with_leaves=True)


# -- no further than must be -----------------------------------------------------------------------------------------


def _taken(sketch: Sketch, step: _Step, limit: int, size: _Size) -> Sketch:
    """A sketch after a step: after part of it where that will do."""
    whole = absorb_leaves(step.whole(sketch))
    if step.part is not None and size(whole) <= limit:
        part = _part(sketch, step.part, _stops(sketch, whole, limit), limit, size)
        if part is not None:
            return part
    repeats = any(made.times > 1 for made in whole.folds.values())
    # The whole graph in one or two boxes is no picture of it: then lines and chains are folded inside the scopes.
    return whole if repeats or len(op_items(whole)) >= step.fewest else sketch


def _part(sketch: Sketch, way: _Way, stops: np.ndarray, limit: int, size: _Size) -> Sketch | None:
    """The sketch folded up to the first of some places at which it is small enough; None where it is at none."""
    if not len(stops):
        return None
    found = _up_to(sketch, way, stops[-1])
    if size(found) > limit:
        return None
    too_large, fits = -1, len(stops) - 1
    while fits - too_large > 1:
        middle = (fits + too_large) // 2
        part = _up_to(sketch, way, stops[middle])
        if size(part) <= limit:
            fits, found = middle, part
        else:
            too_large = middle
    return found


def _up_to(sketch: Sketch, way: _Way, stop: int) -> Sketch:
    """The sketch with what comes before a node folded."""
    late = sketch.group >= stop
    early = way(replace(sketch, group=np.where(late, HIDDEN, sketch.group)))
    left = {number: made for number, made in sketch.folds.items() if number >= stop}
    return absorb_leaves(replace(early, group=np.where(late, sketch.group, early.group), folds={**early.folds, **left}))


def _stops(sketch: Sketch, whole: Sketch, limit: int) -> np.ndarray:
    """The nodes before which folding may stop, in their order, if no more may be open behind it than the limit.

    Of repetitions two thirds stay open, or all of them are folded: ×1,000 tells more than ×900 and a hundred drawn.
    """
    made = {number: fold for number, fold in whole.folds.items() if sketch.folds.get(number) != fold}
    members = {number: np.flatnonzero((whole.group == number) & ~sketch.facts.leaf) for number in made}
    if not members:
        return np.array([], np.int64)
    largest = max(members, key=lambda number: len(members[number]))
    times = made[largest].times
    if times > 1:
        rounds = members[largest][:: max(1, len(members[largest]) // times)]
        stops = rounds[2 : times // 3 + 1]
    elif made[largest].kind == "chain":
        stops = np.sort(np.concatenate(list(members.values())))
    else:
        stops = np.sort(np.array(list(made)))
    items = np.sort(op_items(sketch))
    return stops[len(items) - np.searchsorted(items, stops) <= limit]


# -- what is said about it -------------------------------------------------------------------------------------------


def _notes(sketch: Sketch, before: int) -> list[str]:
    """How many boxes stand for how many nodes, what was folded, and how to unfold it."""
    named = _names(sketch)
    ways = ["--max-nodes N shows more"] + [f"--unfold '{name}' opens one" for name in named[:1]]
    told = list(dict.fromkeys(map(_said, sketch.folds.values())))
    boxes = visible(sketch)  # what is drawn again has a note of its own
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
