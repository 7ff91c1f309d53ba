"""Folding: graphs that are too large to look at become smaller, and say what was folded and how to unfold it.

Each way to fold is a function sketch → sketch. `folded` tries them in the order in which they explain most: scopes,
repeated structure, source lines that ran many times, chains; at last whatever lies before the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ...tracer import Tensor
from ...tracer.errors import RenderError
from ...tracer.source import locate
from .sketch import HIDDEN, Fold, Sketch, grouped, visible

__all__ = [
    "absorb_leaves",
    "by_chain",
    "by_leaves",
    "by_line",
    "by_name",
    "by_scope",
    "by_structure",
    "folded",
    "start",
]

_LONGEST_PERIOD = 32
_FEWEST_BLOCKS = 3
#: So many scopes alike, one after the other, become one box even where they would fit: they all tell the same.
_MANY_BLOCKS = 8
#: Structure is searched for op by op up to this many boxes.
_SEARCHED = 20_000
_FEWEST_IN_A_CHAIN = 3
#: Folding by scope stops before it leaves fewer ops than these: one box for the whole graph explains nothing.
_FEWEST_OPS = 3

#: The names that `fold` takes for ways to fold, besides those of scopes.
WAYS: dict[str, Callable[[Sketch, Sequence[str]], Sketch]] = {
    "scopes": lambda sketch, unfold: by_scope(sketch, 0, unfold),
    "blocks": lambda sketch, unfold: by_structure(sketch, unfold),
    "lines": lambda sketch, unfold: by_line(sketch, unfold, least=2),
    "chains": lambda sketch, unfold: by_chain(sketch, unfold),
    "leaves": lambda sketch, unfold: by_leaves(sketch, unfold),
}


def folded(
    sketch: Sketch, *, limit: int, names: Sequence[str] = (), unfold: Sequence[str] = (), depth: int | None = None
) -> Sketch:
    """What is asked for by name or depth, and then as much as it takes to have at most `limit` boxes.

    Raises
    ------
    RenderError
        If a name is neither a scope nor a way to fold.
    """
    before = visible(sketch)
    for name in names:
        sketch = absorb_leaves(by_name(sketch, name, unfold))
    if depth is not None:
        sketch = absorb_leaves(by_scope(sketch, depth, unfold))
    if visible(sketch) > limit:
        sketch = _fitted(sketch, limit, unfold)
    return sketch if not sketch.folds else replace(sketch, notes=(*sketch.notes, *_notes(sketch, before)))


def _fitted(sketch: Sketch, limit: int, unfold: Sequence[str]) -> Sketch:
    for step in _steps(sketch, unfold, limit):
        sketch = absorb_leaves(step(sketch))
        if visible(sketch) <= limit:
            break
    return sketch


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
    return by_structure(sketch, unfold, least=_MANY_BLOCKS, scopes_only=True)


def _unless_too_few(before: Sketch, after: Sketch) -> Sketch:
    return after if len(_op_items(after)) >= _FEWEST_OPS else before


def _op_items(sketch: Sketch) -> np.ndarray:
    """The groups that hold ops, in the order of their first one."""
    shown = sketch.group[~sketch.facts.leaf & (sketch.group != HIDDEN)]
    labels, first = np.unique(shown, return_index=True)
    return labels[np.argsort(first)]


# -- by scope --------------------------------------------------------------------------------------------------------


def by_scope(sketch: Sketch, depth: int, unfold: Sequence[str] = ()) -> Sketch:
    """Each scope that lies deeper than `depth` others becomes one box; each time it was entered is one of its own."""
    prefixes = [scope[: depth + 1] if len(scope) > depth else () for scope in sketch.facts.scopes]
    return _scopes_folded(sketch, prefixes, unfold)


def by_name(sketch: Sketch, name: str, unfold: Sequence[str] = ()) -> Sketch:
    """The scopes called `name` (``layer1``, or with those around it ``encoder/layer1``), or a way to fold: `WAYS`."""
    if name in WAYS:
        return WAYS[name](sketch, unfold)
    wanted = tuple(name.split("/"))
    prefixes = [_up_to(scope, wanted) for scope in sketch.facts.scopes]
    if not any(prefixes):
        names = sorted({part for scope in sketch.facts.scopes for part in scope})
        there = f"the scopes {', '.join(names[:12])}" if names else "no scopes"
        raise RenderError(f"can't fold {name!r}: the graph has {there}; or fold one of {', '.join(WAYS)}")
    return _scopes_folded(sketch, prefixes, unfold)


def _up_to(scope: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a scope that ends in the wanted names; () where they are not in it."""
    for stop in range(len(wanted), len(scope) + 1):
        if scope[stop - len(wanted) : stop] == wanted:
            return scope[:stop]
    return ()


def _scopes_folded(sketch: Sketch, prefixes: list[tuple[str, ...]], unfold: Sequence[str]) -> Sketch:
    facts = sketch.facts
    open_ = [not p or any(_up_to(p, tuple(name.split("/"))) == p for name in unfold) for p in prefixes]
    number_of = {p: i for i, p in enumerate(dict.fromkeys(prefixes))}
    scope = np.array([-1 if is_open else number_of[p] for p, is_open in zip(prefixes, open_, strict=True)])
    ops = np.flatnonzero(~facts.leaf)
    inside = scope[facts.scope[ops]]
    # A scope that was entered twice is two boxes: ops in between part its runs.
    run = np.cumsum(np.concatenate([[True], inside[1:] != inside[:-1]]))
    label = np.full(len(facts), HIDDEN)
    first = np.concatenate([[0], np.flatnonzero(run[1:] != run[:-1]) + 1])
    label[ops] = ops[first][run - 1] if len(ops) else label[ops]
    kept = (inside == -1) | (sketch.group[ops] == HIDDEN)
    label[ops[kept]] = HIDDEN
    names = list(number_of)
    numbers = dict(zip(ops[first].tolist(), inside[first].tolist(), strict=True))
    sizes = np.bincount(label[label != HIDDEN], minlength=len(facts))
    label[(label != HIDDEN) & (sizes[label] < 2)] = HIDDEN
    folds = {i: Fold("scope", "/".join(names[numbers[i]])) for i in np.unique(label[label != HIDDEN]).tolist()}
    return grouped(sketch, label, folds)


# -- by repeated structure -------------------------------------------------------------------------------------------


def by_structure(
    sketch: Sketch, unfold: Sequence[str] = (), *, least: int = _FEWEST_BLOCKS, scopes_only: bool = False
) -> Sketch:
    """Scopes, or ops, that come one after the other with the same ops in them: ``block ×12``."""
    items = _op_items(sketch)
    signatures = _signatures(sketch, items)
    relabelled: dict[int, int] = {}
    folds: dict[int, Fold] = {}
    i = 0
    while i < len(items):
        period, times = _longest_run(signatures, i)
        run = items[i : i + period * times].tolist()
        name = _block_name(sketch, run[:period])
        if times < least or name in unfold or not _is_structure(sketch, run, period, scopes_only):
            # Of a long run that is no structure, a loop's, only the last round may begin something else.
            i += max(1, period * (times - 1))
            continue
        relabelled.update(dict.fromkeys(run, run[0]))
        folds[run[0]] = Fold("block", name, times)
        i += period * times
    if not folds:
        return sketch
    table = np.arange(len(sketch.group))
    table[list(relabelled)] = list(relabelled.values())
    label = np.where(sketch.group == HIDDEN, HIDDEN, table[sketch.group])
    changed = np.isin(sketch.group, list(relabelled))
    return grouped(sketch, np.where(changed, label, HIDDEN), folds)


def _signatures(sketch: Sketch, items: np.ndarray) -> list[int]:
    """A number for each box that is the same where the ops in it are; boxes that are no scopes only in small graphs."""
    facts = sketch.facts
    ops = np.flatnonzero(~facts.leaf & (sketch.group != HIDDEN))
    order = ops[np.argsort(sketch.group[ops], kind="stable")]
    bounds = (
        np.searchsorted(sketch.group[order], items, side="left"),
        np.searchsorted(sketch.group[order], items, side="right"),
    )
    op = facts.op
    searched = len(items) <= _SEARCHED
    found: list[int] = []
    for item, start_, stop in zip(items.tolist(), *[b.tolist() for b in bounds], strict=True):
        known = item in sketch.folds or searched
        stem = _stem(sketch.folds[item].name) if item in sketch.folds else ""
        found.append(hash((stem, op[order[start_:stop]].tobytes())) if known else ~item)
    return found


def _longest_run(signatures: list[int], i: int) -> tuple[int, int]:
    """The period and the number of repetitions that cover most, from box `i` on."""
    best = (1, 1)
    for period in range(1, min(_LONGEST_PERIOD, (len(signatures) - i) // 2) + 1):
        if signatures[i] != signatures[i + period]:
            continue
        block, times = signatures[i : i + period], 1
        while signatures[i + times * period : i + (times + 1) * period] == block:
            times += 1
        if times >= _FEWEST_BLOCKS and period * times > best[0] * best[1]:
            best = (period, times)
    return best


def _is_structure(sketch: Sketch, run: list[int], period: int, scopes_only: bool) -> bool:
    """Whether a repetition is worth a box: of scopes; or of ops from different lines. Loops are folded by line."""
    if scopes_only:
        return all(item in sketch.folds for item in run[:period])
    if any(item in sketch.folds for item in run[:period]):
        return True
    site = sketch.facts.site
    return period >= _FEWEST_OPS and site[run[0]] != site[run[period]]


def _block_name(sketch: Sketch, items: list[int]) -> str:
    stems = list(dict.fromkeys(_stem(sketch.folds[i].name) for i in items if i in sketch.folds))
    return " + ".join(filter(None, stems[:3])) or "block"


def _stem(name: str) -> str:
    """A name without the number that tells it from its like: ``layer3`` → ``layer``, ``w[17]`` → ``w``."""
    return re.sub(r"[\s_.\-]*(\[?\d+\]?)+$", "", name.rpartition("/")[2])


# -- by source line --------------------------------------------------------------------------------------------------


def by_line(sketch: Sketch, unfold: Sequence[str] = (), *, least: int = 3) -> Sketch:
    """Each op of a source line that ran at least `least` times becomes one box: a loop becomes one round of it."""
    facts = sketch.facts
    stems = {scope: tuple(map(_stem, scope)) for scope in facts.scopes}
    number_of = {stem: i for i, stem in enumerate(dict.fromkeys(stems.values()))}
    round_of = np.array([number_of[stems[scope]] for scope in facts.scopes])
    nodes = np.flatnonzero(sketch.single & ~facts.leaf)
    key = (round_of[facts.scope[nodes]] << 40) | facts.site[nodes]
    _, first, inverse, counts = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    label = np.full(len(facts), HIDDEN)
    label[nodes] = np.where(counts[inverse] >= least, nodes[first[inverse]], HIDDEN)
    folds: dict[int, Fold] = {}
    for number, count in zip(nodes[first].tolist(), counts.tolist(), strict=True):
        if count < least:
            continue
        made = Fold("line", _line_name(sketch, number), count)
        if made.name in unfold or _own_name(sketch, number) in unfold:
            label[label == number] = HIDDEN
        else:
            folds[number] = made
    return grouped(sketch, label, folds)


def _line_name(sketch: Sketch, number: int) -> str:
    record = sketch.facts.graph.outline.records[number]
    source = locate(record._code, record._at) if isinstance(record, Tensor) and record._code is not None else None
    return f"line {source.line}" if source is not None and source.line is not None else "one line"


def _own_name(sketch: Sketch, number: int) -> str | None:
    return sketch.facts.graph.node_at(number).name


# -- by chain --------------------------------------------------------------------------------------------------------


def by_chain(sketch: Sketch, unfold: Sequence[str] = ()) -> Sketch:
    """Ops in a row, each the only consumer of the one before it, become one box."""
    facts = sketch.facts
    free = sketch.single & ~facts.leaf
    free[facts.outputs] = False
    from_ops = ~facts.leaf[facts.sources]
    op_operands = np.bincount(facts.targets[from_ops], minlength=len(facts))
    links = from_ops & free[facts.sources] & free[facts.targets]
    links &= (facts.fanout[facts.sources] == 1) & (op_operands[facts.targets] == 1)
    before = np.arange(len(facts))
    before[facts.targets[links]] = facts.sources[links]
    while True:  # each round doubles how far back everyone looks
        further = before[before]
        if np.array_equal(further, before):
            break
        before = further
    sizes = np.bincount(before, minlength=len(facts))
    label = np.where((sizes[before] >= _FEWEST_IN_A_CHAIN) & free, before, HIDDEN)
    folds: dict[int, Fold] = {}
    for number in np.unique(label[label != HIDDEN]).tolist():
        made = Fold("chain", f"chain n{number}")
        if made.name in unfold:
            label[label == number] = HIDDEN
        else:
            folds[number] = made
    return grouped(sketch, label, folds)


# -- leaves ----------------------------------------------------------------------------------------------------------


def absorb_leaves(sketch: Sketch) -> Sketch:
    """Constants that only one fold uses belong to it, and so do the leaves that a scope made for itself."""
    facts = sketch.facts
    if not sketch.folds or not len(facts.sources):
        return sketch
    into = sketch.group[facts.targets[facts.by_source]]
    used = np.flatnonzero(facts.fanout)
    first = np.concatenate([[0], np.cumsum(facts.fanout[used])[:-1]])
    low, high = np.minimum.reduceat(into, first), np.maximum.reduceat(into, first)
    scoped = np.zeros(len(facts), bool)
    scoped[[i for i, made in sketch.folds.items() if made.kind in ("scope", "block")]] = True
    folded = np.zeros(len(facts), bool)
    folded[list(sketch.folds)] = True
    one = (low == high) & folded[low] & facts.leaf[used] & (sketch.group[used] == used)
    own = facts.constant[used] | (scoped[low] & (facts.scope[used] != 0) & (facts.scope[used] == facts.scope[low]))
    label = np.full(len(facts), HIDDEN)
    label[used[one & own]] = low[one & own]
    return grouped(sketch, label, {})


def by_leaves(sketch: Sketch, unfold: Sequence[str] = ()) -> Sketch:
    """Leaves of a kind, made at one place and used by the same box, become one: the weights of a neuron, ``w ×784``."""
    facts = sketch.facts
    outputs = np.zeros(len(facts), bool)
    outputs[facts.outputs] = True
    nodes = np.flatnonzero(sketch.single & facts.leaf & (facts.fanout > 0) & ~outputs)
    if not len(nodes):
        return sketch
    into = sketch.group[facts.targets[facts.by_source]]
    starts = np.cumsum(facts.fanout) - facts.fanout
    keys = np.stack([facts.op[nodes], facts.site[nodes], into[starts[nodes]], _stems(sketch, nodes)])
    _, first, inverse, counts = np.unique(keys, axis=1, return_index=True, return_inverse=True, return_counts=True)
    inverse = inverse.ravel()
    label = np.full(len(facts), HIDDEN)
    folds: dict[int, Fold] = {}
    for number, count in zip(nodes[first].tolist(), counts.tolist(), strict=True):
        name = _stem(_own_name(sketch, number) or "") or "leaves"
        if count >= _FEWEST_BLOCKS and name not in unfold:
            folds[number] = Fold("leaves", name, count)
    heads = nodes[first[inverse]]
    label[nodes] = np.where(np.isin(heads, list(folds)), heads, HIDDEN)
    return grouped(sketch, label, folds)


def _stems(sketch: Sketch, nodes: np.ndarray) -> np.ndarray:
    """A number for each node that is the same for ``w[0]`` and ``w[1]``."""
    records = sketch.facts.graph.outline.records
    number_of: dict[str, int] = {}
    given = [records[i].name if isinstance(records[i], Tensor) else None for i in nodes.tolist()]
    return np.array([number_of.setdefault(_stem(name or ""), len(number_of)) for name in given])


# -- whatever lies before the end ------------------------------------------------------------------------------------


def start(sketch: Sketch, *, limit: int) -> Sketch:
    """The ops next to the output stay, as many as may be seen; all before them become one box."""
    facts = sketch.facts
    items = _op_items(sketch)
    leaves = visible(sketch) - len(items)
    # Leaves that only the folded ops use go with them: at the least, a third of the room is left for ops.
    kept = max(limit - leaves - 1, limit // 3)
    if len(items) <= kept + 1:
        return sketch
    early = np.zeros(len(facts), bool)
    early[items[: len(items) - kept]] = True
    members = np.where(sketch.group == HIDDEN, False, early[sketch.group])
    number = int(items[0])
    folded = grouped(sketch, np.where(members, number, HIDDEN), {number: Fold("start", "start")})
    if visible(folded) <= limit:
        return folded
    later = np.zeros(len(facts), bool)
    later[facts.sources[(folded.group[facts.targets] != number)]] = True
    inside = facts.leaf & ~later & (facts.fanout > 0) & folded.single
    return grouped(folded, np.where(inside, number, HIDDEN), {})


# -- what is said about it -------------------------------------------------------------------------------------------


def _notes(sketch: Sketch, before: int) -> list[str]:
    """How many boxes stand for how many nodes, what was folded, and how to unfold it."""
    folds = list(sketch.folds.values())
    names = list(dict.fromkeys(map(_said, folds)))
    told = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    named = next((made.name for made in folds if made.kind != "start"), None)
    ways = ["--max-nodes N shows more"] + ([] if named is None else [f"--unfold '{named}' opens one"])
    return [f"{before:,} nodes in {visible(sketch):,} boxes: {' and '.join(ways)}", f"folded: {told}"]


def _said(made: Fold) -> str:
    """A fold in a note."""
    if made.kind == "start":
        return "what comes first"
    return f"{made.name} ×{made.times:,}" if made.times > 1 else made.name
