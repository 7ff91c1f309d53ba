"""Folding: what becomes one box, that no gradient is lost over it, and that the notes count right."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictured import chain, network, not_a_number, recurrence, worked_example

import gradviz as gv
from gradviz.render.picture import fold as folding
from gradviz.render.picture.sketch import HIDDEN, sketch_of, visible
from gradviz.render.picture.view import view_of
from gradviz.tracer.errors import RenderError

GRAPHS = {
    "worked example": worked_example,
    "network": network,
    "recurrence": lambda: recurrence(12),
    "recurrence in scopes": lambda: recurrence(12, scoped=True),
    "chain": lambda: chain(40),
}


def folded(graph, limit=10_000, **how):
    return view_of(folding.folded(sketch_of(graph), limit=limit, **how), title=None)


def names(view):
    return [item.fold.name for item in view.items if item.fold is not None]


# -- no gradient is lost ----------------------------------------------------------------------------------------------


def same(a, b):
    return np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True)


@pytest.mark.parametrize("way", [*folding.WAYS, "start", "nothing"])
@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_a_wires_gradient_is_the_sum_over_its_edges(make, way):
    graph = make()
    sketch = sketch_of(graph)
    if way in folding.WAYS:
        sketch = folding.absorb_leaves(folding.WAYS[way](sketch, ()))
    elif way == "start":
        sketch = folding.start(sketch, limit=6)
    check_sums(graph, sketch)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 40), st.sampled_from(sorted(GRAPHS)), st.integers(1, 3))
def test_sums_hold_at_every_limit(limit, name, times):
    graph = GRAPHS[name]()
    sketch = sketch_of(graph)
    for _ in range(times):
        sketch = folding.folded(sketch, limit=limit)
    check_sums(graph, sketch)


def check_sums(graph, sketch):
    """Every edge between two groups is on one wire, and a wire of one tensor has the sum of what its edges bring."""
    view = view_of(sketch, title=None)
    group = {i: int(g) for i, g in enumerate(sketch.group)}
    crossing = [e for e in graph.edges if group[e.source.index] != group[e.target.index]]
    assert sum(link.count for link in view.links) == len(crossing)
    for node in graph.nodes:
        if node.gradient is None:
            continue
        wires = [link for link in view.links if link.tensors == 1 and link.edges[0].source is node]
        own = [e for e in crossing if e.source is node]
        if wires and sum(link.count for link in wires) == len(own) == len(node.uses):
            seeded = node.gradient if node not in graph.outputs else sum(e.downstream for e in node.uses)
            assert same(sum(link.gradient for link in wires), seeded)
        for link in wires:
            edges = [e for e in own if goes_over(e, link, group)]
            assert len(edges) == link.count
            assert same(link.gradient, sum(e.downstream for e in edges))


def goes_over(edge, link, group):
    return group[edge.target.index] == group[link.edges[0].target.index] and link.port in (None, edge.position)


def test_a_wire_of_several_tensors_tells_the_range_of_their_gradients():
    graph = recurrence(12)
    view = folded(graph, limit=10)
    [link] = [link for link in view.links if link.tensors == 12 and link.source.node.op == "add"]
    norms = [np.linalg.norm(node.uses[0].downstream) for node in graph.nodes if node.op == "add"]
    assert np.allclose(link.norms, (min(norms), max(norms)))


# -- what is folded --------------------------------------------------------------------------------------------------


def test_what_fits_is_not_folded():
    assert names(folded(network(), limit=30)) == []


def test_scopes_come_first_the_deepest_before_those_around_them():
    assert names(folded(network(), limit=12)) == ["loss/fit", "loss/l2"]
    assert names(folded(network(), limit=7)) == ["layer1", "layer2", "loss"]


def test_a_depth_folds_what_lies_deeper():
    assert names(folded(network(), depth=1)) == ["loss/fit", "loss/l2"]
    assert names(folded(network(), depth=0)) == ["layer1", "layer2", "loss"]


def test_a_scope_is_folded_by_its_name_or_its_path():
    assert names(folded(network(), names=("l2",))) == ["loss/l2"]
    assert names(folded(network(), names=("loss/l2", "layer1"))) == ["layer1", "loss/l2"]


def test_a_scope_stays_open_where_that_is_asked_for():
    assert names(folded(network(), depth=0, unfold=("layer2",))) == ["layer1", "loss"]


def test_an_unknown_scope_is_refused_with_those_there_are():
    with pytest.raises(RenderError, match=r"can't fold 'layr'.* fit, l2, layer1, layer2, loss; .*lines"):
        folded(network(), names=("layr",))


def test_a_scope_entered_often_becomes_one_box_with_a_count():
    view = folded(recurrence(50, scoped=True), limit=30)
    [item] = [item for item in view.items if item.fold is not None]
    assert (item.fold.kind, item.fold.name, item.fold.times) == ("block", "step", 50)


def test_a_loop_becomes_one_round_of_it():
    view = folded(recurrence(50), limit=20)
    ops = [(item.node.op, item.fold.times) for item in view.items if item.fold is not None]
    assert sorted(ops) == [("add", 50), ("getitem", 50), ("matmul", 50), ("tanh", 50)]
    assert [(link.source.node.op, link.target.node.op) for link in view.links if link.recurs] == [("tanh", "matmul")]


def test_structure_that_repeats_without_a_loop_becomes_a_block():
    def f(x):
        x = np.sin(np.exp(x)) * 2.0
        x = np.sin(np.exp(x)) * 2.0
        x = np.sin(np.exp(x)) * 2.0
        return np.sin(np.exp(x)) * 2.0

    [made] = folding.by_structure(sketch_of(gv.trace(f, 1.0))).folds.values()
    assert (made.kind, made.times) == ("block", 4)


def test_a_line_stays_open_where_that_is_asked_for():
    graph = recurrence(12)
    line = graph["h"].source.line
    view = folded(graph, names=("lines",), unfold=(f"line {line}",))
    assert names(view) == []


def test_a_chain_ends_where_a_value_is_used_twice():
    def f(x):
        y = np.exp(np.sin(np.cos(x)))
        return y * np.tanh(np.exp(np.sin(y)))

    sketch = folding.by_chain(sketch_of(gv.trace(f, 1.0)))
    assert sorted(int((sketch.group == number).sum()) for number in sketch.folds) == [3, 3]


def test_leaves_of_a_kind_become_one():
    view = folded(gv.trace(lambda w, x: sum(a * x for a in w), [float(i) for i in range(20)], 2.0), limit=12)
    assert ("leaves", "w", 20) in [(i.fold.kind, i.fold.name, i.fold.times) for i in view.items if i.fold is not None]


def test_the_box_of_a_fold_holds_the_constants_it_alone_uses():
    sketch = folding.folded(sketch_of(network()), limit=10_000, depth=0)
    constants = np.flatnonzero(sketch.facts.constant)
    assert len(constants)
    assert all(sketch.group[i] != i for i in constants)


def test_the_limit_is_kept():
    def long(x):
        for a in (1.0, 2.0):
            x = x * a
        return x

    for graph in (network(), recurrence(30), chain(100), gv.trace(long, 1.0)):
        for limit in (5, 8, 20):
            assert visible(folding.folded(sketch_of(graph), limit=limit)) <= max(limit, len(graph.inputs) + 2)


def test_the_notes_count_and_tell_the_way_back():
    notes = folding.folded(sketch_of(chain(500)), limit=20).notes
    line = chain(1).nodes[2].source.line
    assert notes == (
        f"1,002 nodes in 4 boxes: --max-nodes N shows more and --unfold 'line {line}' opens one",
        f"folded: line {line} ×500, line {line + 1} ×500",
    )


def test_no_node_is_in_two_boxes():
    sketch = folding.folded(sketch_of(recurrence(30)), limit=12)
    view = view_of(sketch, title=None)
    members = np.concatenate([item.members for item in view.items])
    assert sorted(members.tolist()) == np.flatnonzero(sketch.group != HIDDEN).tolist()


def test_a_large_graph_is_folded_in_seconds_without_building_its_nodes():
    graph = chain(50_000)
    begun = time.perf_counter()
    view = folded(graph, limit=300)
    assert time.perf_counter() - begun < 10
    assert len(view.items) == 4
    assert sum(node is not None for node in graph._built._nodes) < 3_000


def test_nan_is_found_first_where_it_came_up():
    from gradviz.render.picture.ask import first_nan

    graph = not_a_number()
    found = first_nan(sketch_of(graph).facts)
    assert found is graph["b"]


def test_a_loop_is_searched_for_structure_in_linear_time():
    graph = chain(5_000)
    begun = time.perf_counter()
    folding.by_structure(sketch_of(graph))
    assert time.perf_counter() - begun < 2
