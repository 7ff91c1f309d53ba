"""The scalar view: a node for each element, with the values and gradients that the arrays have."""

import numpy as np
import pytest
from pictured import layer, network

import gradviz as gv
from gradviz.render import Style, document_of
from gradviz.tracer.errors import RecordError
from gradviz.tracer.scalars import scalars

RNG = np.random.default_rng(7)
A, B, V = RNG.standard_normal((3, 2)), RNG.standard_normal((2, 3)), RNG.standard_normal(3)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b, v: np.sum(a @ b * v),
        lambda a, b, v: np.sum(np.tanh(a.T @ v)),
        lambda a, b, v: np.mean(np.exp(a) / 2.0),
        lambda a, b, v: np.sum(np.mean(a, axis=0, keepdims=True) * b[:, :1].T),
        lambda a, b, v: np.max(a) * np.min(b) + np.sum(np.max(b, axis=1)),
        lambda a, b, v: gv.cross_entropy(b, np.eye(3)[:2]),
        lambda a, b, v: np.sum(gv.softmax(v) * v),
        lambda a, b, v: np.sum(gv.log_softmax(b, axis=0) ** 2),
        lambda a, b, v: np.sum(np.concatenate([v, a.ravel()])[::2]),
        lambda a, b, v: np.sum(np.stack([v, v]).reshape(3, 2) * np.maximum(a, 0.0)),
        lambda a, b, v: np.sum(gv.relu(np.dot(v, a))) + np.prod(v),
        lambda a, b, v: np.sum(np.outer(v, v) @ a),
    ],
)
def test_values_and_gradients_are_those_of_the_arrays(f):
    graph = gv.trace(f, A, B, V)
    spelled = scalars(graph)
    assert spelled.output.value == pytest.approx(graph.output.value)
    assert all(node.shape == () for node in spelled.nodes)
    for name in ("a", "b", "v"):
        gradient = graph[name].gradient
        found = [spelled[f"{name}[{','.join(map(str, i))}]"].gradient for i in np.ndindex(gradient.shape)]
        assert found == pytest.approx(gradient.ravel().tolist(), abs=1e-12)


def test_a_product_is_spelled_out():
    spelled = scalars(gv.trace(lambda W, x: (W @ x).sum(), np.ones((2, 2)), np.array([1.0, 2.0])))
    ops = [node.op for node in spelled.nodes if node.op not in ("input",)]
    assert ops == ["multiply", "multiply", "add", "multiply", "multiply", "add", "add"]


def test_an_element_reaches_only_what_it_should():
    """The lecture's W_ij, which reaches z_i only."""
    spelled = scalars(layer())
    [use] = spelled["W[2,1]"].uses
    while use.target.name is None:
        [use] = use.target.uses
    assert use.target.name == "z[2]" or use.target.name.startswith("s")


def test_scopes_stay():
    x = gv.tensor(np.ones(2), "x")
    with gv.scope("square"):
        y = np.sum(x * x)
    y.backward()
    assert {node.scope for node in scalars(gv.graph(y)).nodes if node.inputs_edges} == {("square",)}


def test_what_is_too_large_or_has_no_spelling_is_refused():
    with pytest.raises(RecordError, match=r"each element, .*more than limit=20: trace it with smaller arrays"):
        scalars(network(), limit=20)
    with pytest.raises(RecordError, match=r"inv \(.*\) is not written in scalars: .* matmul"):
        scalars(gv.trace(lambda a: np.sum(np.linalg.inv(a)), np.eye(2)))


def test_it_is_drawn_as_numbers():
    graph = gv.trace(lambda w, x: w @ x, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    document = document_of(graph, Style(scalars=True))
    assert [box.symbol for box in document.boxes if box.symbol] == ["×", "×", "+"]
    assert [box.title[0].text for box in document.boxes[:2]] == ["w[0]", "w[1]"]
