"""Ways to fold: each is a function sketch → sketch that makes one box of many nodes, but for those to be left open."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from ...tracer import Tensor
from ...tracer.errors import RenderError
from ...tracer.source import locate
from .sketch import HIDDEN, Facts, Fold, Sketch, grouped

__all__ = [
    "MANY_BLOCKS",
    "WAYS",
    "absorb_leaves",
    "by_chain",
    "by_leaves",
    "by_line",
    "by_name",
    "by_scope",
    "by_structure",
    "is_scope",
    "op_items",
    "started",
]

_LONGEST_PERIOD = 32
_FEWEST_BLOCKS = 3
#: So many scopes alike, one after the other, become one box even where they would fit: they all tell the same.
MANY_BLOCKS = 8
#: Structure is searched for op by op up to this many boxes.
_SEARCHED = 20_000
_FEWEST_IN_A_CHAIN = 3
_FEWEST_IN_A_BLOCK = 3

#: The names that `fold` takes for ways to fold, besides those of scopes.
WAYS: dict[str, Callable[[Sketch, Sequence[str]], Sketch]] = {
    "scopes": lambda sketch, unfold: by_scope(sketch, 0, unfold),
    "blocks": lambda sketch, unfold: by_structure(sketch, unfold),
    "lines": lambda sketch, unfold: by_line(sketch, unfold, least=2),
    "chains": lambda sketch, unfold: by_chain(sketch, unfold),
    "leaves": lambda sketch, unfold: by_leaves(sketch, unfold),
}


def op_items(sketch: Sketch) -> np.ndarray:
    """The groups that hold ops, in the order of their first one."""
    shown = sketch.group[~sketch.facts.leaf & (sketch.group != HIDDEN)]
    labels, first = np.unique(shown, return_index=True)
    return labels[np.argsort(first)]


def _numbered(keys: np.ndarray) -> np.ndarray:
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _kinds(facts: Facts) -> np.ndarray:
    """A number for each node that is the same where the op is, and the number of its operands."""
    return _numbered((facts.op << 32) | np.bincount(facts.targets, minlength=len(facts)))


# -- by scope --------------------------------------------------------------------------------------------------------


def by_scope(sketch: Sketch, depth: int, unfold: Sequence[str] = ()) -> Sketch:
    """Each scope that lies deeper than `depth` others becomes one box; each time it was entered is one of its own."""
    prefixes = [scope[: depth + 1] if len(scope) > depth else () for scope in sketch.facts.scopes]
    return _scopes_folded(sketch, prefixes, unfold)


def by_name(sketch: Sketch, name: str, unfold: Sequence[str] = ()) -> Sketch:
    """The scopes called `name` (``layer1``, or with those around it ``encoder/layer1``), or a way to fold: `WAYS`."""
    if name in WAYS:
        return WAYS[name](sketch, unfold)
    prefixes = [_up_to(scope, name) for scope in sketch.facts.scopes]
    if not any(prefixes):
        names = sorted({part for scope in sketch.facts.scopes for part in scope})
        there = f"the scopes {', '.join(names[:12])}" if names else "no scopes"
        raise RenderError(f"can't fold {name!r}: the graph has {there}; or fold one of {', '.join(WAYS)}")
    return _scopes_folded(sketch, prefixes, unfold)


def is_scope(sketch: Sketch, name: str) -> bool:
    """Whether there is a scope of that name."""
    return any(_up_to(scope, name) for scope in sketch.facts.scopes)


def _up_to(scope: tuple[str, ...], wanted: str) -> tuple[str, ...]:
    """The part of a scope that has the wanted name; () where none has."""
    stops = range(1, len(scope) + 1)
    return next((scope[:stop] for stop in stops if _is_called(scope[:stop], wanted)), ())


def _is_called(scope: tuple[str, ...], name: str) -> bool:
    """Whether a scope has a name: its own, or with those around it."""
    return f"/{'/'.join(scope)}".endswith(f"/{name}")


def _scopes_folded(sketch: Sketch, prefixes: list[tuple[str, ...]], unfold: Sequence[str]) -> Sketch:
    facts = sketch.facts
    number_of = {p: i for i, p in enumerate(dict.fromkeys(prefixes))}
    names = list(number_of)
    is_open = [not p or any(_is_called(p, name) for name in unfold) for p in names]
    scope = np.array([-1 if is_open[number_of[p]] else number_of[p] for p in prefixes])
    ops = np.flatnonzero(~facts.leaf)
    inside = scope[facts.scope[ops]]
    # A scope that was entered twice is two boxes: ops in between part its runs.
    run = np.cumsum(np.concatenate([[True], inside[1:] != inside[:-1]])) if len(ops) else ops
    kept = (inside != -1) & (sketch.group[ops] != HIDDEN)
    label = np.full(len(facts), HIDDEN)
    label[ops[kept]] = run[kept]
    label = _headed(_whole(sketch, label), least=2)
    called = dict(zip(ops.tolist(), inside.tolist(), strict=True))
    folds = {i: Fold("scope", "/".join(names[called[i]])) for i in _heads(label)}
    return grouped(sketch, label, folds)


def _whole(sketch: Sketch, label: np.ndarray) -> np.ndarray:
    """The labels, but for what stands in a box that they would tear apart: it stays there."""
    ops = np.flatnonzero(~sketch.facts.leaf & (sketch.group != HIDDEN))
    low, high = np.full(len(label), len(label)), np.full(len(label), HIDDEN)
    np.minimum.at(low, sketch.group[ops], label[ops])
    np.maximum.at(high, sketch.group[ops], label[ops])
    torn = np.zeros(len(label), bool)
    torn[ops] = (low != high)[sketch.group[ops]]
    return np.where(torn, HIDDEN, label)


def _headed(label: np.ndarray, *, least: int) -> np.ndarray:
    """Groups of any numbers, but for those with fewer than `least` nodes, by the number of their first node."""
    members = np.flatnonzero(label != HIDDEN)
    _, first, inverse, counts = np.unique(label[members], return_index=True, return_inverse=True, return_counts=True)
    headed = np.full(len(label), HIDDEN)
    headed[members] = np.where(counts[inverse] >= least, members[first[inverse]], HIDDEN)
    return headed


def _heads(label: np.ndarray) -> list[int]:
    """The nodes that groups are called by."""
    return np.flatnonzero(label == np.arange(len(label))).tolist()


# -- by repeated structure -------------------------------------------------------------------------------------------


def by_structure(
    sketch: Sketch, unfold: Sequence[str] = (), *, least: int = _FEWEST_BLOCKS, scopes_only: bool = False
) -> Sketch:
    """Scopes, or ops, that come one after the other with the same ops in them, wired alike: ``block ×12``."""
    items = op_items(sketch)
    ops = _ops_in(sketch, items)
    signatures = _signatures(sketch, items, ops)
    label = np.arange(len(sketch.group))
    folds: dict[int, Fold] = {}
    i = 0
    for start in _repeated(signatures):
        if start < i:
            continue
        period, times = _longest_run(signatures, start)
        run = items[start : start + period * times].tolist()
        if times < least or not _is_structure(sketch, run, period, scopes_only):
            # Of a long run that is no structure, a loop's, only the last round may begin something else.
            i = start + max(1, period * (times - 1))
            continue
        blocks = [np.concatenate(ops[at : at + period]) for at in range(start, start + period * times, period)]
        times = _alike(sketch.facts, blocks)
        name = _block_name(sketch, run[:period])
        if times >= least and name not in unfold:
            label[run[: period * times]] = run[0]
            folds[run[0]] = Fold("block", name, times)
        i = start + period * times
    if not folds:
        return sketch
    joined = np.where(sketch.group == HIDDEN, HIDDEN, label[sketch.group])
    return grouped(sketch, np.where(np.isin(joined, list(folds)), joined, HIDDEN), folds)


def _ops_in(sketch: Sketch, items: np.ndarray) -> list[np.ndarray]:
    """The ops in each box."""
    ops = np.flatnonzero(~sketch.facts.leaf & (sketch.group != HIDDEN))
    place = np.zeros(len(sketch.group), np.int64)
    place[items] = np.arange(len(items))
    own = place[sketch.group[ops]]
    ops = ops[np.argsort(own, kind="stable")]
    bounds = np.cumsum(np.bincount(own, minlength=len(items))).tolist()
    return [ops[start:stop] for start, stop in zip([0, *bounds], bounds, strict=False)]


def _signatures(sketch: Sketch, items: np.ndarray, ops: Sequence[np.ndarray]) -> list[int]:
    """A number for each box that is the same where the ops in it are; boxes that are no folds only in small graphs."""
    kinds = _kinds(sketch.facts)
    searched = len(items) <= _SEARCHED
    found: list[int] = []
    for item, inside in zip(items.tolist(), ops, strict=True):
        made = sketch.folds.get(item)
        known = searched or made is not None
        found.append(hash((_stem(made.name) if made else "", kinds[inside].tobytes())) if known else ~item)
    return found


def _repeated(signatures: Sequence[int]) -> list[int]:
    """The places of which one not far behind has the same signature: only there may a run begin."""
    numbers = np.array(signatures, np.int64)
    again = np.zeros(len(numbers), bool)
    for period in range(1, min(_LONGEST_PERIOD, len(numbers) // 2) + 1):
        again[:-period] |= numbers[:-period] == numbers[period:]
    return np.flatnonzero(again).tolist()


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
    if scopes_only:  # with the few ops that hand something in, as `step(xs[t], h)` does
        return 2 * sum(item in sketch.folds for item in run[:period]) >= period
    if any(item in sketch.folds for item in run[:period]):
        return True
    site = sketch.facts.site
    return period >= _FEWEST_IN_A_BLOCK and site[run[0]] != site[run[period]]


def _alike(facts: Facts, blocks: Sequence[np.ndarray]) -> int:
    """How many of some blocks of ops, from the first on, are wired within themselves as the first one is."""
    wired = [_wiring(facts, block) for block in blocks]
    return next((i for i, found in enumerate(wired) if found != wired[0]), len(blocks))


def _wiring(facts: Facts, ops: np.ndarray) -> bytes:
    """The edges from each of some ops to another, by their places among them."""
    first = np.searchsorted(facts.targets, ops, side="left")
    counts = np.searchsorted(facts.targets, ops, side="right") - first
    edges = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    order = np.argsort(ops)
    sources = facts.sources[edges]
    near = np.minimum(np.searchsorted(ops, sources, sorter=order), len(ops) - 1)
    inside = ops[order[near]] == sources
    places = np.stack([order[near], np.repeat(np.arange(len(ops)), counts), facts.positions[edges]])
    return places[:, inside].tobytes()


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
    # One expression may run different ops: `f(x)` does, wherever f is what someone handed over.
    place = _numbered((round_of[facts.scope[nodes]] << 32) | facts.site[nodes])
    key = (place << 32) | _kinds(facts)[nodes]
    label = np.full(len(facts), HIDDEN)
    label[nodes] = _numbered(key)
    label = _headed(label, least=least)
    counts = np.bincount(label[label != HIDDEN], minlength=len(facts))
    folds = {i: Fold("line", _line_name(sketch, i), int(counts[i])) for i in _heads(label)}
    return _folded_but(sketch, label, folds, unfold)


def _folded_but(sketch: Sketch, label: np.ndarray, folds: dict[int, Fold], unfold: Sequence[str]) -> Sketch:
    """The sketch with these folds, but for those that are to be left open, by their name or by their node's."""
    left = [i for i, made in folds.items() if made.name in unfold or (unfold and _own_name(sketch, i) in unfold)]
    label = np.where(np.isin(label, left), HIDDEN, label)
    return grouped(sketch, label, {i: made for i, made in folds.items() if i not in left})


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
    label = _headed(np.where(free, before, HIDDEN), least=_FEWEST_IN_A_CHAIN)
    folds = {number: Fold("chain", f"chain n{number}") for number in _heads(label)}
    return _folded_but(sketch, label, folds, unfold)


# -- leaves ----------------------------------------------------------------------------------------------------------


def absorb_leaves(sketch: Sketch) -> Sketch:
    """Constants that only one fold uses belong to it, and so do the leaves that a scope made for itself."""
    facts = sketch.facts
    if not sketch.folds:
        return sketch
    user, last = _users(sketch)
    leaves = np.flatnonzero(sketch.single & facts.leaf & (last != HIDDEN))
    user, last = user[leaves], last[leaves]
    folded, scoped = np.zeros(len(facts), bool), np.zeros(len(facts), bool)
    folded[list(sketch.folds)] = True
    scoped[[i for i, made in sketch.folds.items() if made.kind in ("scope", "block")]] = True
    own = scoped[user] & (facts.scope[leaves] != 0) & (facts.scope[leaves] == facts.scope[user])
    absorbed = (user == last) & folded[user] & (facts.constant[leaves] | own)
    label = np.full(len(facts), HIDDEN)
    label[leaves[absorbed]] = user[absorbed]
    return grouped(sketch, label, {})


def _users(sketch: Sketch) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last of the groups that use each node; of what none uses, the last is `HIDDEN`."""
    facts = sketch.facts
    into = sketch.group[facts.targets]
    first, last = np.full(len(facts), len(facts)), np.full(len(facts), HIDDEN)
    np.minimum.at(first, facts.sources[into != HIDDEN], into[into != HIDDEN])
    np.maximum.at(last, facts.sources, into)
    return first, last


def by_leaves(sketch: Sketch, unfold: Sequence[str] = ()) -> Sketch:
    """Leaves of a kind, made at one place and used by the same boxes, become one: a neuron's weights, ``w ×784``."""
    facts = sketch.facts
    free = sketch.single & facts.leaf
    free[facts.outputs] = False
    nodes = np.flatnonzero(free)
    if not len(nodes):
        return sketch
    # Sums of random numbers, one for each box: they are equal where the boxes are.
    uses = np.zeros(len(facts), np.int64)
    number = np.random.default_rng(0).integers(1 << 62, size=len(facts) + 1)
    np.add.at(uses, facts.sources, number[sketch.group[facts.targets]])
    keys = np.stack([facts.op[nodes], facts.site[nodes], _stems(sketch, nodes), uses[nodes]])
    label = np.full(len(facts), HIDDEN)
    label[nodes] = np.unique(keys, axis=1, return_inverse=True)[1].ravel()
    label = _headed(label, least=_FEWEST_BLOCKS)
    counts = np.bincount(label[label != HIDDEN], minlength=len(facts))
    names = {i: _stem(_own_name(sketch, i) or "") or "leaves" for i in _heads(label)}
    return _folded_but(sketch, label, {i: Fold("leaves", name, int(counts[i])) for i, name in names.items()}, unfold)


def _stems(sketch: Sketch, nodes: np.ndarray) -> np.ndarray:
    """A number for each node that is the same for ``w[0]`` and ``w[1]``."""
    records = sketch.facts.graph.outline.records
    number_of: dict[str, int] = {}
    given = [records[i].name if isinstance(records[i], Tensor) else None for i in nodes.tolist()]
    return np.array([number_of.setdefault(_stem(name or ""), len(number_of)) for name in given])


# -- whatever lies before the end ------------------------------------------------------------------------------------


def started(sketch: Sketch, kept: int, *, with_leaves: bool) -> Sketch:
    """The last boxes of ops stay, so many of them; all before them becomes one, with the leaves that no other uses."""
    facts, items = sketch.facts, op_items(sketch)
    if len(items) <= kept:
        return sketch
    early = np.zeros(len(facts), bool)
    early[items[: len(items) - kept]] = True
    number = int(items[0])
    members = np.where(sketch.group == HIDDEN, False, early[sketch.group])
    folded = grouped(sketch, np.where(members, number, HIDDEN), {number: Fold("start", "start")})
    if not with_leaves:
        return folded
    user, last = _users(folded)
    inside = facts.leaf & folded.single & ((last == HIDDEN) | ((user == number) & (last == number)))
    inside[facts.outputs] = False
    return grouped(folded, np.where(inside, number, HIDDEN), {})
