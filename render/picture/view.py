"""What a picture shows, as plain data: items (nodes, or folds of many) and links between them, made of a sketch."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...tracer import Edge, Graph, Node
from ...tracer.expression import formula
from .clusters import common
from .sketch import HIDDEN, Facts, Fold, Sketch

__all__ = ["FANOUT", "Item", "Link", "View", "view_of"]

#: A leaf with more wires than this is drawn again at each of them: one that all steps use would ruin the layout.
FANOUT = 4

#: Of wires of which all together would close a circle, so many are looked at one by one.
_TRIED = 100

#: So many edges are looked at to tell the range of the gradients on a wire that stands for more.
_SAMPLED = 256


@dataclass(frozen=True, slots=True)
class Item:
    """A box: a node, or a fold of many.

    Attributes
    ----------
    node
        The node itself; of a fold, the last.
    members
        The numbers of its nodes.
    fold
        What it is a fold of; None for a node.
    scope
        The scopes it stands in.
    ports
        Whether each operand has a place of its own to end at: where it is one op, or one op many times.
    copy
        Whether it is a leaf drawn again.
    """

    id: str
    node: Node
    members: np.ndarray
    fold: Fold | None
    scope: tuple[str, ...]
    ports: bool
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A wire: one edge, or all edges from one item to another, or to one of its ports.

    Attributes
    ----------
    edges
        The edges it stands for; of many tensors, a sample.
    count
        How many it stands for.
    tensors
        How many tensors go forward on it.
    value
        What goes forward, where it is one tensor.
    gradient
        What comes back, where it is one tensor: the sum over its edges. None where that was not computed.
    norms
        The least and the largest norm of what comes back, where there are several tensors.
    recurs
        Whether it leads back: into the next round of a loop.
    """

    id: str
    source: Item
    target: Item
    port: int | None
    edges: tuple[Edge, ...]
    count: int
    tensors: int
    value: Any
    gradient: Any
    norms: tuple[float, float] | None
    recurs: bool

    @property
    def edge(self) -> Edge | None:
        """The one edge it is, where it is one."""
        return self.edges[0] if self.count == 1 else None


@dataclass(frozen=True, slots=True)
class View:
    """What of a graph is shown.

    Attributes
    ----------
    outputs
        The items that the outputs are in, with their nodes.
    largest
        The largest gradient in it, beside which others may be negligible.
    """

    graph: Graph
    facts: Facts
    title: str
    items: tuple[Item, ...]
    links: tuple[Link, ...]
    outputs: tuple[tuple[Item, Node], ...]
    inputs: tuple[Node, ...]
    largest: float
    notes: tuple[str, ...]


def view_of(sketch: Sketch, *, title: str | None) -> View:
    """The items and links of a sketch."""
    facts = sketch.facts
    items = _items(sketch)
    links = _links(sketch, items)
    items_shown, links = _with_copies(list(items.values()), links)
    outputs = [(items[int(sketch.group[i])], facts.graph.node_at(i)) for i in facts.outputs if sketch.group[i] >= 0]
    inputs = [facts.graph.node_at(i) for i in facts.inputs[:12].tolist()]
    copied = [item.node.label for item in items_shown if item.copy]
    notes = sketch.notes
    if copied:
        names = list(dict.fromkeys(copied))
        told = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        notes += (f"{told}: used in many places and drawn again, lightly, at each; the sum stands at the first",)
    return View(
        graph=facts.graph,
        facts=facts,
        title=title or _title(facts),
        items=tuple(items_shown),
        links=tuple(links),
        outputs=tuple(outputs),
        inputs=tuple(inputs),
        largest=_largest([item.node for item in items_shown if item.fold is None]),
        notes=notes,
    )


# -- items -----------------------------------------------------------------------------------------------------------


def _items(sketch: Sketch) -> dict[int, Item]:
    """The items by the number of their group, in topological order of their first nodes."""
    shown = np.flatnonzero(sketch.group != HIDDEN)
    order = shown[np.argsort(sketch.group[shown], kind="stable")]
    labels, first = np.unique(sketch.group[order], return_index=True)
    parts = np.split(order, first[1:]) if len(order) else []
    made = {int(label): members for label, members in zip(labels.tolist(), parts, strict=True)}
    # A fold stands where its first op does, not where a constant of its does.
    place = {label: int(_ops_of(sketch, members)[0]) for label, members in made.items()}
    items = {label: _item(sketch, label, made[label]) for label in sorted(made, key=place.__getitem__)}
    homeless = [label for label, item in items.items() if item.node.is_leaf and not item.scope]
    return {**items, **{label: _housed(sketch, items, label) for label in homeless}}


def _ops_of(sketch: Sketch, members: np.ndarray) -> np.ndarray:
    ops = members[~sketch.facts.leaf[members]]
    return ops if len(ops) else members


def _item(sketch: Sketch, label: int, members: np.ndarray) -> Item:
    facts = sketch.facts
    made = sketch.folds.get(label)
    node = facts.graph.node_at(int(_ops_of(sketch, members)[-1]))
    if made is None:
        return Item(node.id, node, members, None, node.scope, ports=not node.is_leaf)
    scopes = [facts.scopes[i] for i in np.unique(facts.scope[_ops_of(sketch, members)]).tolist()]
    shared = common(scopes)
    if made.kind == "scope":
        depth = next(k for k in range(1, len(shared) + 1) if "/".join(shared[:k]) == made.name)
        shared = shared[: depth - 1]
    return Item(f"f{label}", node, members, made, shared, ports=made.kind == "line")


def _housed(sketch: Sketch, items: dict[int, Item], label: int) -> Item:
    """A leaf made outside any scope stands where it is used; where many scopes use it, in what they have in common."""
    facts, item = sketch.facts, items[label]
    index = int(item.members[0])
    start = int(np.searchsorted(facts.sources[facts.by_source], index))
    edges = facts.by_source[start : start + min(int(facts.fanout[index]), 1000)]
    users = dict.fromkeys(sketch.group[facts.targets[edges]].tolist())
    scopes = list(dict.fromkeys(items[user].scope for user in users if user != HIDDEN))
    if not scopes:
        return item
    return replace(item, scope=scopes[0] if len(scopes) <= 2 else common(scopes))


# -- links -----------------------------------------------------------------------------------------------------------


def _links(sketch: Sketch, items: dict[int, Item]) -> list[Link]:
    """One for all edges from an item to an item, or, where that has ports, to one of its ports."""
    facts, group = sketch.facts, sketch.group
    place = np.full(len(group), HIDDEN)
    place[list(items)] = np.arange(len(items))
    ported = np.zeros(len(group), bool)
    ported[[label for label, item in items.items() if item.ports]] = True
    source, target = group[facts.sources], group[facts.targets]
    edges = np.flatnonzero((source != HIDDEN) & (target != HIDDEN) & (source != target))
    source, target = source[edges], target[edges]
    port = np.where(ported[target], facts.positions[edges], -1)
    order = np.lexsort((edges, port, place[source], place[target]))
    keys = np.stack([target, port, source])[:, order]
    fresh = np.flatnonzero(np.any(keys[:, 1:] != keys[:, :-1], axis=0)) + 1
    table = list(items.values())
    found: list[Link] = []
    for part in np.split(edges[order], fresh) if len(edges) else []:
        ends = table[place[group[facts.sources[part[0]]]]], table[place[group[facts.targets[part[0]]]]]
        where = int(facts.positions[part[0]]) if ends[1].ports else None
        recurs = place[group[facts.sources[part[0]]]] > place[group[facts.targets[part[0]]]]
        found.append(_link(facts, *ends, where, part, bool(recurs)))
    # In the order of the operands of each target.
    return _with_what_recurs(facts, found) if any(link.recurs for link in found) else found


def _with_what_recurs(facts: Facts, links: list[Link]) -> list[Link]:
    """Of the wires that seem to lead back, since their source ran later at first, only those that do.

    What one round hands to the next is handed on once less than there were rounds. What is handed on each time goes
    forward, if that closes no circle.
    """
    doubtful = [i for i, link in enumerate(links) if link.recurs and _each_time(facts, link)]
    forward = _onwards(links, doubtful)
    if not _has_circle(forward):
        return forward
    for i in doubtful[:_TRIED]:
        one_more = _onwards(links, [i])
        links = links if _has_circle(one_more) else one_more
    return links


def _onwards(links: list[Link], numbers: list[int]) -> list[Link]:
    found = list(links)
    for i in numbers:
        found[i] = replace(found[i], recurs=False)
    return found


def _each_time(facts: Facts, link: Link) -> bool:
    return link.tensors == int((~facts.leaf[link.source.members]).sum())


def _has_circle(links: list[Link]) -> bool:
    """Whether one gets back to where one was, by wires that lead onwards."""
    leads: dict[str, list[str]] = defaultdict(list)
    waits = Counter[str]()
    for link in links:
        if not link.recurs:
            leads[link.source.id].append(link.target.id)
            waits[link.target.id] += 1
    ready = [name for name in leads if not waits[name]]
    for name in ready:  # grows as it is read
        for target in leads.get(name, ()):
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    return any(waits.values())


def _link(facts: Facts, source: Item, target: Item, port: int | None, edges: np.ndarray, recurs: bool) -> Link:
    tensors = np.unique(facts.sources[edges])
    if len(edges) == 1:
        id = f"w{int(facts.targets[edges[0]])}_{int(facts.positions[edges[0]])}"
    else:
        id = f"w{source.id}_{target.id}" + ("" if port is None else f"_{port}")
    link = Link(id, source, target, port, (), len(edges), len(tensors), None, None, None, recurs)
    if len(tensors) > 1:
        if len(tensors) > _SAMPLED:
            tensors = tensors[np.linspace(0, len(tensors) - 1, _SAMPLED).astype(int)]
        order = edges[np.argsort(facts.sources[edges], kind="stable")]
        starts, stops = (np.searchsorted(facts.sources[order], tensors, side=side) for side in ("left", "right"))
        shares = [_gradient(facts, order[a:b]) for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]
        norms = [norm(share) for share in shares if share is not None]
        return replace(link, edges=_edges(facts, order[starts]), norms=(min(norms), max(norms)) if norms else None)
    value, gradient = facts.graph.node_at(int(tensors[0])).value, _gradient(facts, edges)
    return replace(link, edges=_edges(facts, edges[:_SAMPLED]), value=value, gradient=gradient)


def _gradient(facts: Facts, edges: np.ndarray) -> Any:
    """What comes back to a tensor on some of its edges, or all: the sum."""
    index = int(facts.sources[edges[0]])
    if len(edges) == facts.fanout[index] and len(edges) > _SAMPLED and index not in facts.outputs:
        # All its uses: their sum is the tensor's own gradient, and need not be added up again.
        return facts.graph.node_at(index).gradient
    return _sum([edge.downstream for edge in _edges(facts, edges)])


def _edges(facts: Facts, numbers: np.ndarray) -> tuple[Edge, ...]:
    places = zip(facts.targets[numbers].tolist(), facts.positions[numbers].tolist(), strict=True)
    return tuple([facts.graph.node_at(target).inputs_edges[position] for target, position in places])


def _sum(shares: list[Any]) -> Any:
    known = [share for share in shares if share is not None]  # the others lead to what was not swept
    total = known[0] if known else None
    for share in known[1:]:
        total = total + share
    return total


def norm(value: Any) -> float:
    """The Euclidean norm of a gradient; of a number, its magnitude."""
    if np.ndim(value) == 0:
        return float(abs(value))
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(np.ravel(np.asarray(value))))


# -- leaves that are used in many places -----------------------------------------------------------------------------


def _with_copies(items: list[Item], links: list[Link]) -> tuple[list[Item], list[Link]]:
    """Leaves with many wires drawn again at each but the first."""
    uses = Counter(link.source.id for link in links)
    shared = {item.id for item in items if item.fold is None and item.node.is_leaf and uses[item.id] > FANOUT}
    if not shared:
        return items, links
    copies: dict[str, list[Item]] = defaultdict(list)
    wired: list[Link] = []
    for link in links:
        item = link.source
        if item.id in shared:
            drawn = copies[item.id]
            number = len(drawn)
            drawn.append(
                replace(item, id=f"{item.id}_c{number}", copy=True, scope=link.target.scope) if number else item
            )
            link = replace(link, source=drawn[-1])
        wired.append(link)
    return [copy for item in items for copy in copies.get(item.id, [item])], wired


# -- words -----------------------------------------------------------------------------------------------------------


def _largest(nodes: list[Node]) -> float:
    gradients = [np.max(np.abs(n.gradient)) for n in nodes if n.gradient is not None and np.size(n.gradient)]
    finite = [float(g) for g in gradients if np.isfinite(g)]
    return max(finite, default=0.0)


def _title(facts: Facts) -> str:
    """The output as a formula of the inputs where that is short, else its name."""
    graph = facts.graph
    if len(graph.outputs) != 1:
        return graph.name or ", ".join(node.label for node in graph.outputs)
    output = graph.output
    name = output.name or graph.name or ""
    text = formula(output)
    inputs = [graph.node_at(i).name for i in facts.inputs[:7].tolist()]
    arguments = f"({', '.join(filter(None, inputs))})" if 0 < len(inputs) <= 6 and all(inputs) else ""
    if text is None:
        return f"{name}{arguments}" if name else "gradients"
    return f"{name}{arguments} = {text}" if name else text
