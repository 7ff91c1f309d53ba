"""The graph: nodes and edges in order, names, scopes, back and forth, branches, several outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from random_graphs import graphs

import gradviz as gv


def layer(W: Any, x: Any, b: Any) -> Any:
    """One layer and its sum."""
    z = W @ x + b
    h = np.tanh(z)
    return h.sum()


@pytest.fixture
def graph() -> gv.Graph:
    """The graph of `layer`."""
    random = np.random.default_rng(0)
    return gv.trace(layer, random.normal(size=(2, 3)), random.normal(size=3), random.normal(size=2))


# -- nodes and edges -------------------------------------------------------------------------------------------------


def test_operands_come_before_what_uses_them(graph: gv.Graph):
    place = {node: i for i, node in enumerate(graph.nodes)}
    assert all(place[edge.source] < place[edge.target] for edge in graph.edges)
    assert [node.id for node in graph.nodes] == [f"n{i}" for i in range(len(graph.nodes))]
    assert [node.op for node in graph.nodes] == ["input", "input", "input", "matmul", "add", "tanh", "sum"]


def test_nodes_and_edges_know_each_other(graph: gv.Graph):
    for node in graph.nodes:
        assert [edge.source for edge in node.inputs_edges] == node.inputs
        assert [edge.position for edge in node.inputs_edges] == list(range(len(node.inputs)))
        assert all(edge.source is node for edge in node.uses)
    assert graph.edges == [edge for node in graph.nodes for edge in node.inputs_edges]


def test_names_come_from_the_source(graph: gv.Graph):
    assert graph.names() == ["W", "x", "b", "z", "h", "layer"]
    assert graph["z"].op == "add" and graph["z"].expression == "W x + b"
    assert graph["n3"].name is None
    assert "z" in graph and "q" not in graph


def test_a_name_bound_twice_means_the_last():
    def f(x: Any) -> Any:
        y = x * 2
        y = y * 3
        return y * 5

    assert gv.trace(f, 1.0)["y"].value == 6.0


def test_kinds_of_nodes():
    w = gv.tensor(2.0, "w", parameter=True)
    c = gv.constant(3.0, "c")
    graph = gv.trace(lambda x: x * w * c * 4.0, 1.0)
    assert {node.name or node.value: node.kind for node in graph.nodes if node.kind != "op"} == {
        "x": "input", "w": "parameter", "c": "constant", 4.0: "constant",
    }  # fmt: skip
    assert [node.name for node in graph.inputs] == ["w", "x"]
    assert graph["c"].gradient is None and graph["c"].uses[0].downstream is None


def test_leaves_have_no_op_of_their_own(graph: gv.Graph):
    leaf = graph["W"]
    assert (leaf.role, leaf.role_text, leaf.symbol, leaf.inputs) == (None, None, "", [])


def test_shapes_and_dtypes(graph: gv.Graph):
    assert graph["W"].shape == (2, 3) and graph["h"].shape == (2,) and graph.output.shape == ()
    assert all(node.dtype == np.float64 for node in graph.nodes)


def test_a_constant_array_used_twice_is_one_node():
    data = np.ones(3)
    graph = gv.trace(lambda x: (x * data).sum() + (x + data).sum(), np.ones(3))
    assert len([node for node in graph.nodes if node.kind == "constant"]) == 1


def test_edges_hold_the_chain_rule():
    graph = gv.trace(lambda x, y: x * y, 3.0, 4.0)
    first, second = graph.edges
    assert (first.value, first.upstream, first.local, first.downstream, first.rule) == (3.0, 1.0, 4.0, 4.0, "y")
    assert (second.value, second.upstream, second.local, second.downstream, second.rule) == (4.0, 1.0, 3.0, 3.0, "x")
    assert repr(first) == "<edge n0 → n2:0>"


def test_an_edge_has_its_jacobian(graph: gv.Graph):
    edge = graph["h"].inputs_edges[0]
    np.testing.assert_allclose(edge.jacobian(), np.diag(1 - graph["h"].value ** 2))
    towards_w = graph["n3"].inputs_edges[0].jacobian()
    assert towards_w.shape == (2, 2, 3)
    np.testing.assert_array_equal(towards_w[0, 0], graph["x"].value)
    assert not towards_w[0, 1].any()
    with pytest.raises(gv.GradvizError, match=r"its Jacobian has 12 elements, more than limit=5: raise limit"):
        graph["n3"].inputs_edges[0].jacobian(limit=5)


# -- looked up in the records ----------------------------------------------------------------------------------------


@given(graphs())
def test_lookups_find_what_a_search_through_all_nodes_would(graph: gv.Graph):
    names = [node.name for node in graph.nodes if node.name is not None]
    assert graph.names() == list(dict.fromkeys(names))
    for name in {*names, *[node.id for node in graph.nodes]}:
        assert name in graph
        assert graph[name] is next(node for node in reversed(graph.nodes) if name in (node.name, node.id))
    assert graph.inputs == [n for n in graph.nodes if n.is_leaf and n.kind in ("input", "parameter")]
    assert repr(graph).endswith(f": {len(graph.nodes)} nodes, {len(graph.edges)} edges>")


@pytest.mark.parametrize("id", ["n7", "n03", "n-1", "n", "n1_0", "n²", "n" + "9" * 30])
def test_only_the_ids_that_nodes_have_are_theirs(graph: gv.Graph, id: str):
    assert id not in graph
    with pytest.raises(gv.NameNotFound):
        graph[id]


def test_a_name_that_looks_like_an_id_means_the_last_of_both():
    def f(x: Any) -> Any:
        n2 = x * 2.0
        n0 = n2 * 3.0
        return n0 * 5.0

    graph = gv.trace(f, 1.0)
    assert [node.name for node in graph.nodes] == ["x", None, "n2", None, "n0", None, "f"]
    assert graph["n0"].index == 4 and graph["n2"].index == 2 and graph["n5"].index == 5


def test_looking_up_a_name_builds_few_of_a_loops_nodes():
    def f(x: Any, y: Any) -> Any:
        for _ in range(500):
            x = x * y
        return x

    graph = gv.trace(f, 0.5, 0.9)
    assert graph["y"].value == 0.9 and "z" not in graph and graph["x"].index == 501
    assert [node.name for node in graph.inputs] == ["x", "y"] and "502 nodes, 1000 edges" in repr(graph)
    assert sum(node is not None for node in graph._built._nodes) <= 5


def test_names_are_those_of_the_graph_as_it_is_after_a_replay(graph: gv.Graph):
    assert graph["z"].shape == (2,)
    before = graph["z"]
    graph.forward(x=np.zeros(3))
    assert graph["z"] is not before
    np.testing.assert_array_equal(graph["z"].value, graph["b"].value)


# -- what is not there -----------------------------------------------------------------------------------------------


def test_a_name_that_is_not_there_lists_what_is(graph: gv.Graph):
    with pytest.raises(gv.NameNotFound) as error:
        graph["Z"]
    assert str(error.value) == "the graph has no node named 'Z'; it has W, x, b, z, h, layer"
    with pytest.raises(gv.NameNotFound) as error:
        graph["layr"]
    assert str(error.value) == "the graph has no node named 'layr'; did you mean 'layer'? it has W, x, b, z, h, layer"
    with pytest.raises(gv.NameNotFound) as error:
        graph.forward(q=1.0)
    assert str(error.value) == "the graph has no input named 'q' (it has W, x, b)"


# -- several outputs -------------------------------------------------------------------------------------------------


def test_several_outputs():
    graph = gv.trace(lambda x, y: {"sum": x + y, "product": [x * y, x]}, 2.0, 3.0)
    assert [node.op for node in graph.outputs] == ["add", "multiply", "input"]
    with pytest.raises(gv.GradientError, match=r"^the graph has 3 outputs \(.*\): return one of them$"):
        graph.output  # noqa: B018
    assert graph.backward(of=graph.outputs[1].id) == {"x": 3.0, "y": 2.0}
    assert graph.forward(x=5.0) == [8.0, 15.0, 5.0]


def test_gradients_may_start_anywhere(graph: gv.Graph):
    gradients = graph.backward([1.0, 0.0], of="z")
    np.testing.assert_array_equal(gradients["W"], [graph["x"].value, np.zeros(3)])
    assert graph["h"].gradient.tolist() == [0.0, 0.0]
    assert graph.output.gradient == 0.0


def test_seeds(graph: gv.Graph):
    once = graph.backward()
    thrice = graph.backward(3.0)
    for name in once:
        np.testing.assert_allclose(thrice[name], 3 * once[name], rtol=1e-15)
    with pytest.raises(gv.GradientError, match=r"^the seed has shape \(2,\), and .* has shape \(\)$"):
        graph.backward([1.0, 2.0])
    with pytest.raises(gv.GradientError, match=r"^z has shape \(2,\)|^the output has shape \(2,\)"):
        graph.backward(of="z")


def test_an_integer_output_has_no_gradient():
    graph = gv.trace(lambda x: (x.astype(int), x)[0], np.array([1.5, 2.5]))
    with pytest.raises(
        gv.GradientError, match=r"has dtype int64, and gradviz takes integers and booleans as constants"
    ):
        graph.backward()


# -- replay ----------------------------------------------------------------------------------------------------------


def test_a_replay_takes_some_inputs_and_keeps_the_rest(graph: gv.Graph):
    W, x = graph["W"].value, graph["x"].value
    value = graph.forward(b=np.zeros(2))
    assert value == np.tanh(W @ x).sum()
    assert not graph.has_gradients and graph["W"].gradient is None
    np.testing.assert_array_equal(graph.backward()["b"], 1 - np.tanh(W @ x) ** 2)


def test_a_replay_keeps_dtypes_and_shapes():
    graph = gv.trace(lambda x: (x * x).sum(), np.ones(3, np.float32))
    graph.forward(x=[1.0, 2.0, 3.0])
    assert graph["x"].dtype == np.float32 and graph.output.dtype == np.float32
    for value, text in [
        (np.ones(4), "input 'x' has shape (3,), and was given shape (4,)"),
        ("abc", "input 'x' was given 'abc', which is no number and no array of numbers"),
    ]:
        with pytest.raises(gv.RecordError) as error:
            graph.forward(x=value)
        assert str(error.value) == text
    graph = gv.trace(lambda x: x * x, 3.0)
    assert type(graph.forward(x=np.float64(2.0))) is float
    with pytest.raises(gv.RecordError) as error:
        graph.forward(x=[1.0, 2.0])
    assert str(error.value) == "input 'x' is a single number, and was given an array of shape (2,)"


def test_a_replay_divides_by_zero_as_numpy_does():
    graph = gv.trace(lambda x: 1 / x, 2.0)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert graph.forward(x=0.0) == np.inf


def test_the_values_that_were_given_are_not_held():
    graph, x = gv.trace(lambda x: (x * x).sum(), np.ones(2)), np.array([1.0, 2.0])
    graph.forward(x=x)
    x[:] = 9.0
    assert graph.backward()["x"].tolist() == [2.0, 4.0]


# -- branches --------------------------------------------------------------------------------------------------------


def branching(x: Any) -> Any:
    """Two slopes."""
    if x > 0:
        return x * 2
    return x * 3


def test_a_replay_that_would_take_another_branch_says_so():
    graph = gv.trace(branching, 1.0)
    with pytest.raises(gv.BranchChanged) as error:
        graph.forward(x=-1.0)
    line = branching.__code__.co_firstlineno + 2
    assert str(error.value) == (
        f"with these inputs the code would go another way at {__file__}:{line}: "
        f"x > 0 was True when traced, and would be False: trace it again"
    )
    assert graph.output.value == 2.0 and graph.gradients() == {"x": 2.0}  # as it was
    assert graph.forward(x=5.0) == 10.0
    with pytest.raises(gv.BranchChanged):
        graph.forward(x=-5.0)


@pytest.mark.parametrize(
    ("f", "before", "after"),
    [
        (lambda x: x[x > 0].sum(), [1.0, -1.0], [1.0, 1.0]),
        (lambda x: np.where(x > 0, x, 0.0).sum(), [1.0, -1.0], [-1.0, 1.0]),
        (lambda x: x[x.argmax()], [1.0, 2.0], [2.0, 1.0]),
        (lambda x: x[np.argsort(x)][0], [1.0, 2.0], [2.0, 1.0]),
        (lambda x: x.sum() if x.sum() else x[0], [1.0, 2.0], [1.0, -1.0]),
        (lambda x: x[0] if x[0] == 1.0 else x[1], [1.0, 2.0], [3.0, 2.0]),
        (lambda x: x[0] * (1 if np.isnan(x[1]) else 2), [1.0, 2.0], [1.0, np.nan]),
    ],
)
def test_every_fact_that_code_acts_on_is_watched(f: Any, before: list[float], after: list[float]):
    graph = gv.trace(f, np.array(before))
    graph.forward(x=before)
    with pytest.raises(gv.BranchChanged) as error:
        graph.forward(x=after)
    assert "\n" not in str(error.value)


def test_one_comparison_in_a_loop_is_many_facts():
    def f(x: Any) -> Any:
        return x * sum(1 for limit in (1.0, 2.0, 3.0, 4.0) if x > limit)

    graph = gv.trace(f, 2.5)
    assert len(graph.branches()) == 4
    with pytest.raises(gv.BranchChanged):
        graph.forward(x=3.5)
    assert graph.forward(x=2.75) == 5.5


def test_a_fact_may_compare_with_what_was_computed_later():
    def f(x: Any, y: Any) -> Any:
        limit = y * 0.5
        return x * 2 if x > limit else x

    graph = gv.trace(f, 1.0, 1.0)
    assert graph.forward(x=10.0, y=10.0) == 20.0
    with pytest.raises(gv.BranchChanged):
        graph.forward(x=1.0, y=10.0)


def test_facts_about_what_was_computed_before_the_trace_are_watched():
    w = gv.tensor(2.0, name="w")
    y = w * 3.0

    def f(x: Any) -> Any:
        return x * y if x * x > 1 else x

    graph = gv.trace(f, 2.0)
    assert graph.forward(x=3.0) == 18.0
    with pytest.raises(gv.BranchChanged):
        graph.forward(x=0.5)


def test_a_nan_that_stays_is_no_change():
    graph = gv.trace(lambda x: x[0] if np.isnan(x[1]) else x[1], np.array([1.0, np.nan]))
    assert graph.forward(x=[3.0, np.nan]) == 3.0


def test_branches_are_listed():
    assert [fact.text for fact in gv.trace(branching, 1.0).branches()] == ["{0} > {1}"]


# -- scopes ----------------------------------------------------------------------------------------------------------


def test_scopes_nest_and_end():
    x = gv.tensor(2.0)
    with gv.scope("outer"):
        y = x * 2
        with gv.scope("inner"):
            z = y * 3
        w = z * 4
    v = w * 5
    scopes = {node.name: node.scope for node in gv.graph(v).nodes if node.name}
    assert scopes == {"x": (), "y": ("outer",), "z": ("outer", "inner"), "w": ("outer",), "v": ()}


def test_a_scope_ends_with_an_exception():
    with pytest.raises(ValueError), gv.scope("gone"):
        raise ValueError
    assert gv.graph(gv.tensor(2.0) * 3).output.scope == ()


# -- a graph of tensors ----------------------------------------------------------------------------------------------


def test_a_graph_has_the_gradients_of_the_last_backward():
    x = gv.tensor(3.0)
    y = x * x
    assert not gv.graph(y).has_gradients
    y.backward()
    graph = gv.graph(y)
    assert graph.has_gradients and graph.gradients() == {"x": 6.0}


def test_a_deep_graph_is_looked_at_without_recursion():
    y = gv.tensor(0.0)
    for _ in range(20_000):
        y = np.sin(y)
    graph = gv.graph(y)
    assert len(graph.nodes) == 20_001 and len(graph.edges) == 20_000
    assert math.isclose(graph.forward(), 0.0)
    assert len(graph.output.expression) < 200
