"""Folding to a limit: what is folded first, that no gradient is lost over it, and that the notes count right."""

import contextlib
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictured import chain, network, not_a_number, recurrence, worked_example
from random_graphs import graphs

import gradviz as gv
from gradviz.render import Style, document_of
from gradviz.render.picture import fold as folding
from gradviz.render.picture import ways
from gradviz.render.picture.sketch import HIDDEN, sketch_of
from gradviz.render.picture.view import view_of

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


@pytest.mark.parametrize("way", [*ways.WAYS, "start", "nothing"])
@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_a_wires_gradient_is_the_sum_over_its_edges(make, way):
    graph = make()
    sketch = sketch_of(graph)
    if way in ways.WAYS:
        sketch = ways.absorb_leaves(ways.WAYS[way](sketch, ()))
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


@settings(max_examples=150, deadline=None)
@given(graphs(), st.integers(3, 30), st.lists(st.sampled_from([*ways.WAYS]), max_size=2), st.integers(0, 2) | st.none())
def test_in_random_graphs_no_gradient_is_lost_no_op_counted_twice_and_the_limit_kept(graph, limit, names, depth):
    sketch = folding.folded(sketch_of(graph), limit=limit, names=names, depth=depth)
    check_sums(graph, sketch)
    view = view_of(sketch, title=None)
    ops = [i for item in view.items if not item.copy for i in item.members.tolist() if not sketch.facts.leaf[i]]
    assert sorted(ops) == np.flatnonzero(~sketch.facts.leaf).tolist()
    assert len(view.items) == folding.drawn(sketch) <= max(limit, 1 + len(graph.outputs))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.integers(3, 30))
def test_in_random_graphs_what_is_unfolded_is_open(graph, limit):
    sketch = sketch_of(graph)
    made = folding.folded(sketch, limit=limit).folds.values()
    opened = folding.folded(sketch, limit=limit, unfold=[fold.name for fold in made])
    assert {fold.name for fold in opened.folds.values()} & {fold.name for fold in made} <= {"start"}
    everything = [fold.name for fold in folding.folded(sketch, limit=10**6, depth=0).folds.values()]
    assert not folding.folded(sketch, limit=10**6, depth=0, unfold=everything).folds


def check_sums(graph, sketch):
    """Every edge between two groups is on one wire, and a wire of one tensor has the sum of what its edges bring."""
    links = view_of(sketch, title=None).links
    group = sketch.group
    crossing = [e for e in graph.edges if group[e.source.index] != group[e.target.index]]
    assert sum(link.count for link in links) == len(crossing)
    for link in (link for link in links if link.tensors == 1):
        source = link.edges[0].source
        edges = [e for e in crossing if e.source is source and goes_over(e, link, group)]
        assert len(edges) == link.count
        shares = [e.downstream for e in edges if e.downstream is not None]
        assert same(link.gradient, sum(shares)) if shares else link.gradient is None
    for node in graph.nodes:
        wires = [link for link in links if link.tensors == 1 and link.edges[0].source is node]
        all_of_it = sum(link.count for link in wires) == len(node.uses) > 0
        if all_of_it and node not in graph.outputs and all(use.downstream is not None for use in node.uses):
            assert same(sum(link.gradient for link in wires), node.gradient)

    for link in (link for link in links if link.tensors > 1):
        inside = [set(item.members.tolist()) for item in (link.source, link.target)]
        totals = {}
        for e in crossing:
            onto = e.source.index in inside[0] and e.target.index in inside[1] and link.port in (None, e.position)
            if onto and e.downstream is not None:
                totals[e.source.index] = totals.get(e.source.index, 0.0) + e.downstream
        norms = [np.linalg.norm(total) for total in totals.values()]
        assert same(link.norms, (min(norms), max(norms))) if norms else link.norms is None


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


def test_a_scope_entered_often_becomes_one_box_with_a_count():
    view = folded(recurrence(50, scoped=True), limit=30)
    [item] = [item for item in view.items if item.fold is not None]
    assert (item.fold.kind, item.fold.name, item.fold.times) == ("block", "step", 50)


def test_a_loop_becomes_one_round_of_it():
    view = folded(recurrence(50), limit=20)
    ops = [(item.node.op, item.fold.times) for item in view.items if item.fold is not None]
    assert sorted(ops) == [("add", 50), ("getitem", 50), ("matmul", 50), ("tanh", 50)]
    assert [(link.source.node.op, link.target.node.op) for link in view.links if link.recurs] == [("tanh", "matmul")]


def test_leaves_of_a_kind_become_one():
    view = folded(gv.trace(lambda w, x: sum(a * x for a in w), [float(i) for i in range(20)], 2.0), limit=12)
    assert ("leaves", "w", 20) in [(i.fold.kind, i.fold.name, i.fold.times) for i in view.items if i.fold is not None]


def test_the_limit_is_kept():
    def long(x):
        for a in (1.0, 2.0):
            x = x * a
        return x

    for graph in (network(), recurrence(30), chain(100), gv.trace(long, 1.0)):
        for limit in (3, 5, 8, 20):
            assert folding.drawn(folding.folded(sketch_of(graph), limit=limit)) <= limit


@pytest.mark.parametrize("most", [10, 30, 60, 100, 400])
def test_leaves_that_are_drawn_again_count_each_time(most):
    graph = gv.trace(lambda w, xs: sum(np.sin(x * w) for x in xs), 0.5, [0.1 * i for i in range(40)])
    document = document_of(graph, Style(level="lecture", max_nodes=most))
    boxes = [box for box in document.boxes if box.form != "end"]
    assert len(boxes) <= most
    again = sum(box.kind == "copy" for box in boxes)
    assert again == (39 if most == 400 else 0)


def steps(count, *, scoped=False):
    """A loop of `count` rounds of two ops, in which all share a weight."""

    def f(w, x):
        for _ in range(count):
            with gv.scope("step") if scoped else contextlib.nullcontext():
                x = np.sin(w * x)
        return x

    return gv.trace(f, 0.9, 0.5)


@pytest.mark.parametrize("scoped", [False, True], ids=["in a loop", "in scopes"])
@pytest.mark.parametrize("ops", [30, 60, 100])
def test_a_hundred_ops_are_a_lecture_and_nothing_is_folded(ops, scoped):
    graph = steps(ops // 2, scoped=scoped)
    for style in (Style(level="lecture"), Style(level="compact"), Style(level=None)):
        document = document_of(graph, style)
        assert (
            sum(box.kind == "op" for box in document.boxes) + sum(box.kind == "output" for box in document.boxes) == ops
        )
        assert not any(box.kind == "fold" for box in document.boxes)


@pytest.mark.parametrize("scoped", [False, True], ids=["in a loop", "in scopes"])
@pytest.mark.parametrize(("ops", "most"), [(160, 150), (320, 300)])
def test_a_little_above_the_limit_the_first_rounds_are_folded_and_the_last_stay_open(ops, most, scoped):
    graph = steps(ops // 2, scoped=scoped)
    found = folding.folded(sketch_of(graph), limit=most, size=folding.room)
    assert most - 5 <= folding.room(found) <= most
    folded_times = {fold.times for fold in found.folds.values()}
    assert len(folded_times) == 1 and max(folded_times) <= ops // 6
    last = max(np.flatnonzero(found.group != np.arange(len(found.group))))
    assert found.single[last + 1 :].all()  # what comes first, and nothing else


@pytest.mark.parametrize("scoped", [False, True], ids=["in a loop", "in scopes"])
@pytest.mark.parametrize("ops", [400, 1_000, 10_000])
def test_many_rounds_become_one_rather_than_many_and_a_few(ops, scoped):
    found = folding.folded(sketch_of(steps(ops // 2, scoped=scoped)), limit=150, size=folding.room)
    assert {fold.times for fold in found.folds.values()} == {ops // 2}
    assert folding.drawn(found) <= 4


def test_of_scopes_no_more_are_folded_than_must_be():
    def f(x):
        for name in ("read", "mix", "write"):
            with gv.scope(name):
                for i in range(20):
                    x = np.sin(x) * (2.0 + i)
        return x

    sketch = sketch_of(gv.trace(f, 1.0))
    assert folding.drawn(sketch) == 181
    assert [fold.name for fold in folding.folded(sketch, limit=150).folds.values()] == ["read"]
    assert [fold.name for fold in folding.folded(sketch, limit=80).folds.values()] == ["read", "mix"]


def test_a_long_chain_without_a_loop_is_folded_up_to_where_the_rest_fits():
    code = "def f(x):\n" + "    x = np.sin(x)\n" * 400 + "    return x\n"
    names = {"np": np}
    exec(code, names)
    found = folding.folded(sketch_of(gv.trace(names["f"], 1.0)), limit=300)
    assert [fold.kind for fold in found.folds.values()] == ["chain"]
    assert folding.drawn(found) == 300


def test_an_op_that_hands_something_to_each_scope_is_folded_with_it():
    def f(xs, h):
        for t in range(20):
            x = xs[t]
            with gv.scope("step"):
                h = np.tanh(h * 0.5 + x)
        return h.sum()

    found = folding.folded(sketch_of(gv.trace(f, np.ones((20, 3)), np.zeros(3))), limit=60)
    assert [(fold.kind, fold.name, fold.times) for fold in found.folds.values()] == [("block", "step", 20)]


def test_outputs_with_boxes_of_their_own_count():
    graph = steps(40)
    for level in ("explain", "matrix", "lecture"):
        for most in (5, 20, 60):
            document = document_of(graph, Style(level=level, max_nodes=most))
            assert sum(box.form != "end" for box in document.boxes) <= most


def test_what_runs_as_often_as_it_is_handed_on_does_not_lead_back():
    def gate(z):
        return 1 / (1 + np.exp(-z))

    def f(w, h):
        for _ in range(12):
            z = w * h
            h = gate(z[:1]) * gate(z[1:])
            h = np.concatenate([h, h])
        return h.sum()

    view = folded(gv.trace(f, np.ones(2), np.ones(2)), names=("lines",))
    back = [(link.source.node.op, link.target.node.op, link.tensors) for link in view.links if link.recurs]
    assert back == [("concatenate", "multiply", 11)]


def test_the_notes_count_and_tell_the_way_back():
    notes = folding.folded(sketch_of(chain(500)), limit=20).notes
    line = chain(1).nodes[2].source.line
    assert notes == (
        f"1,002 nodes in 4 boxes: --max-nodes N shows more and --unfold 'line {line}' opens one",
        f"folded: line {line} ×500, line {line + 1} ×500",
    )


def test_a_name_to_unfold_that_nothing_has_is_told():
    graph = chain(500)
    line = graph.nodes[2].source.line
    notes = folding.folded(sketch_of(graph), limit=20, unfold=("lien 3",)).notes
    assert notes[2] == f"nothing to unfold is called 'lien 3': folded are line {line}, line {line + 1}"
    assert folding.folded(sketch_of(network()), limit=100, unfold=("x",)).notes == (
        "nothing to unfold is called 'x': nothing is folded",
    )
    assert folding.folded(sketch_of(network()), limit=100, unfold=("layer1",)).notes == ()


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
    ways.by_structure(sketch_of(graph))
    assert time.perf_counter() - begun < 2
