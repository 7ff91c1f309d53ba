"""Ways to fold: what becomes one box is what its name says, in random graphs too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictured import chain, network, recurrence
from random_graphs import graphs

import gradviz as gv
from gradviz.render.picture import ways
from gradviz.render.picture.sketch import HIDDEN, Sketch, sketch_of
from gradviz.tracer.errors import RenderError


def folds(sketch: Sketch) -> list[tuple[str, str, int]]:
    return [(made.kind, made.name, made.times) for made in sketch.folds.values()]


# -- in any graph ----------------------------------------------------------------------------------------------------

NAMES = (*ways.WAYS, "a", "b", "c", "a/c", "step2", "x/y")


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    """A graph folded in one way after another."""
    sketch = sketch_of(draw(graphs()))
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)):
        if name in ways.WAYS or ways.is_scope(sketch, name):
            sketch = ways.absorb_leaves(ways.by_name(sketch, name))
    return sketch


@settings(max_examples=100, deadline=None)
@given(sketches())
def test_every_node_is_in_one_group_that_has_its_number_from_one_of_them(sketch: Sketch):
    assert (sketch.group[sketch.group] == sketch.group).all()
    assert set(sketch.folds) == {number for number, size in enumerate(np.bincount(sketch.group)) if size > 1}


@settings(max_examples=100, deadline=None)
@given(sketches())
def test_a_fold_holds_what_its_kind_says(sketch: Sketch):
    facts = sketch.facts
    for number, made in sketch.folds.items():
        members = np.flatnonzero(sketch.group == number)
        HOLDS[made.kind](sketch, made, members[~facts.leaf[members]].tolist(), members.tolist())


def holds_a_scope(sketch, made, ops, members):
    nodes = sketch.facts.graph.nodes
    assert all(f"/{made.name}/" in f"/{'/'.join(nodes[i].scope)}/" for i in ops)
    assert [i for i in range(ops[0], ops[-1] + 1) if not sketch.facts.leaf[i]] == ops, "entered twice: two boxes"


def holds_one_op_many_times(sketch, made, ops, members):
    nodes = [sketch.facts.graph.nodes[i] for i in ops]
    assert made.times == len(ops)
    assert len({(node.op, len(node.inputs), node.source.line) for node in nodes}) == 1


def holds_a_chain(sketch, made, ops, members):
    uses = [[use.target.index for use in sketch.facts.graph.nodes[i].uses] for i in ops[:-1]]
    assert uses == [[i] for i in ops[1:]]


def holds_leaves_of_the_same_boxes(sketch, made, ops, members):
    uses = [sketch.facts.graph.nodes[i].uses for i in members]
    assert (ops, made.times) == ([], len(members))
    assert len({frozenset(int(sketch.group[use.target.index]) for use in each) for each in uses}) == 1


def holds_blocks_that_are_wired_alike(sketch, made, ops, members):
    nodes, each = sketch.facts.graph.nodes, len(ops) // made.times
    assert each * made.times == len(ops)
    blocks = [ops[start : start + each] for start in range(0, len(ops), each)]
    wired = [
        [(nodes[i].op, [n.index in block and block.index(n.index) for n in nodes[i].inputs]) for i in block]
        for block in blocks
    ]
    assert wired == wired[:1] * made.times


HOLDS = {
    "scope": holds_a_scope,
    "line": holds_one_op_many_times,
    "chain": holds_a_chain,
    "leaves": holds_leaves_of_the_same_boxes,
    "block": holds_blocks_that_are_wired_alike,
}


@settings(max_examples=100, deadline=None)
@given(graphs(), st.sampled_from(NAMES))
def test_what_is_left_open_by_its_name_is_as_it_was(graph: gv.Graph, name: str):
    sketch = sketch_of(graph)
    if name not in ways.WAYS and not ways.is_scope(sketch, name):
        return
    made = ways.by_name(sketch, name).folds
    opened = ways.by_name(sketch, name, [fold.name for fold in made.values()])
    assert not opened.folds
    assert (opened.group == sketch.group).all()


# -- one by one ------------------------------------------------------------------------------------------------------


def test_structure_that_repeats_without_a_loop_becomes_a_block():
    def f(x):
        x = np.sin(np.exp(x)) * 2.0
        x = np.sin(np.exp(x)) * 2.0
        x = np.sin(np.exp(x)) * 2.0
        return np.sin(np.exp(x)) * 2.0

    assert folds(ways.by_structure(sketch_of(gv.trace(f, 1.0)))) == [("block", "block", 4)]


def test_what_has_the_same_ops_but_other_wires_is_no_repetition():
    def f(x):
        for i in range(5):
            with gv.scope(f"layer{i}"):
                a = np.sin(x)
                x = a * np.sin(x if i == 3 else a)
        return x

    sketch = ways.by_structure(ways.by_scope(sketch_of(gv.trace(f, 1.0)), 0))
    assert folds(sketch) == [("block", "layer", 3), ("scope", "layer3", 1), ("scope", "layer4", 1)]


def test_one_expression_that_runs_different_ops_is_a_box_for_each():
    def f(x):
        for function in (np.sin, np.cos, np.sin, np.cos, np.sin):
            x = function(x)
        return x

    graph = gv.trace(f, 1.0)
    sketch = ways.by_line(sketch_of(graph), least=2)
    assert [(graph.nodes[i].op, made.times) for i, made in sketch.folds.items()] == [("sin", 3), ("cos", 2)]


def test_an_op_with_more_operands_is_another():
    def f(x, y):
        for n in (2, 3, 2, 3):
            x = np.sum(np.stack([x, y, y][:n]))
        return x

    sketch = ways.by_line(sketch_of(gv.trace(f, 1.0, 2.0)), least=2)
    stacks = [i for i in sketch.folds if sketch.facts.graph.nodes[i].op == "stack"]
    assert [(sketch.folds[i].times, len(sketch.facts.graph.nodes[i].inputs)) for i in stacks] == [(2, 2), (2, 3)]


def test_a_line_stays_open_where_that_is_asked_for():
    graph = recurrence(12)
    line = graph["h"].source.line
    assert folds(ways.by_name(sketch_of(graph), "lines", (f"line {line}",))) == []


def test_a_chain_ends_where_a_value_is_used_twice():
    def f(x):
        y = np.exp(np.sin(np.cos(x)))
        return y * np.tanh(np.exp(np.sin(y)))

    sketch = ways.by_chain(sketch_of(gv.trace(f, 1.0)))
    assert sorted(int((sketch.group == number).sum()) for number in sketch.folds) == [3, 3]


def test_leaves_that_another_box_uses_too_stay_by_themselves():
    def f(w, x):
        total = sum(a * x for a in w)
        return total * w[2] * w[3]

    sketch = ways.by_leaves(ways.by_line(sketch_of(gv.trace(f, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2.0))))
    assert [made for made in folds(sketch) if made[0] == "leaves"] == [("leaves", "w", 4)]


def test_leaves_that_nobody_uses_become_one():
    graph = gv.trace(lambda w, x: x * 2.0, [1.0, 2.0, 3.0, 4.0], 2.0)
    assert folds(ways.by_leaves(sketch_of(graph))) == [("leaves", "w", 4)]


def test_a_scope_is_called_by_its_name_its_path_or_a_name_with_a_stroke():
    def f(x):
        with gv.scope("encoder"), gv.scope("a/b"):
            return np.sin(np.cos(x)) * 2.0

    sketch = sketch_of(gv.trace(f, 1.0))
    for name in ("a/b", "encoder/a/b"):
        assert folds(ways.by_name(sketch, name)) == [("scope", "encoder/a/b", 1)]
        assert not folds(ways.by_scope(sketch, 1, (name,)))


def test_a_scope_takes_no_op_from_a_box_that_others_are_in_too():
    def f(x):
        for t in range(4):
            with gv.scope(f"step{t}"):
                x = np.sin(np.exp(x)) * 2.0
        return x

    blocks = ways.by_structure(ways.by_scope(sketch_of(gv.trace(f, 1.0)), 0))
    assert folds(ways.by_name(blocks, "step2")) == folds(blocks) == [("block", "step", 4)]


def test_an_unknown_scope_is_refused_with_those_there_are():
    with pytest.raises(RenderError, match=r"can't fold 'layr'.* fit, l2, layer1, layer2, loss; .*lines"):
        ways.by_name(sketch_of(network()), "layr")


def test_constants_belong_to_the_fold_that_alone_uses_them():
    sketch = ways.absorb_leaves(ways.by_scope(sketch_of(network()), 0))
    constants = np.flatnonzero(sketch.facts.constant)
    assert len(constants)
    assert all(sketch.group[i] != i for i in constants)


def test_what_comes_first_takes_the_leaves_that_no_other_uses():
    sketch = sketch_of(chain(10))
    assert (ways.started(sketch, 3, with_leaves=False).group[:2] == [0, 1]).all()
    taken = ways.started(sketch, 3, with_leaves=True)
    assert [int(taken.group[i]) == i for i in (0, 1)] == [False, True]
    assert HIDDEN not in taken.group
