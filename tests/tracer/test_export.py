"""The JSON export: strict, versioned, complete; other programs read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest
from counted import SLACK, chain, instructions
from programs import NUMPY, Program
from small_graphs import SMALL, named

import gradviz as gv
from gradviz.tracer.export import json_text, plain_value


def exported(graph: gv.Graph, **options: Any) -> dict[str, Any]:
    """The graph after a trip through strict JSON."""
    return json.loads(json.dumps(graph.to_dict(**options), allow_nan=False))


def lecture(x: Any, y: Any, z: Any) -> Any:
    """The lecture's worked example."""
    a = x + y
    b = max(y, z)
    return a * b


def test_the_worked_example():
    data = exported(gv.trace(lecture, 1.0, 2.0, 0.0))
    assert (data["format"], data["version"], data["output"]) == ("gradviz-graph", 1, "n5")
    a = data["nodes"][3]
    line = lecture.__code__.co_firstlineno + 2
    assert a == {
        "id": "n3", "kind": "op", "op": "add", "symbol": "+", "name": "a", "value": 3.0, "gradient": 2.0,
        "role": "distributes", "shape": [], "dtype": "float64", "scope": [],
        "source": {"file": __file__, "line": line, "code": "x + y"},
    }  # fmt: skip
    assert data["edges"][0] == {
        "source": "n0", "target": "n3", "position": 0, "value": 1.0, "upstream": 2.0, "local": 1.0, "downstream": 2.0,
        "rule": "1",
    }  # fmt: skip
    assert [(node["name"], node["gradient"]) for node in data["nodes"][:3]] == [("x", 2.0), ("y", 5.0), ("z", 0.0)]
    assert [node["op"] for node in data["nodes"]] == ["input", "input", "input", "add", "maximum", "multiply"]


def test_every_id_is_there():
    data = exported(gv.trace(lambda x, y: np.sum(x * y + x), np.ones(3), 2.0))
    ids = [node["id"] for node in data["nodes"]]
    assert len(ids) == len(set(ids))
    assert {end for edge in data["edges"] for end in (edge["source"], edge["target"])} <= set(ids)


def test_constants_have_no_gradient():
    data = exported(gv.trace(lambda x: x * 2.0 + np.arange(3).sum(), 3.0))
    for node in data["nodes"]:
        assert (node["gradient"] is None) == (node["kind"] == "constant")
    edge = next(edge for edge in data["edges"] if edge["value"] == 2.0)
    assert edge["upstream"] is edge["local"] is edge["downstream"] is None


def test_before_the_sweep_there_are_no_gradients():
    data = exported(gv.trace(lambda x: x * 2, np.ones(3)))
    assert all(node["gradient"] is None for node in data["nodes"])


def test_several_outputs_are_a_list():
    assert exported(gv.trace(lambda x: (x * 2, x * 3), 1.0))["output"] == ["n2", "n4"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (np.float32(0.5), 0.5),
        (np.float32("inf"), "Infinity"),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([[1.0, np.nan], [-np.inf, 2.0]]), [[1.0, "NaN"], ["-Infinity", 2.0]]),
        (np.array([1, 2]), [1, 2]),
        (np.array([True]), [True]),
        (np.zeros((0, 3)), []),
        (np.array(1.5), 1.5),
        (np.array(np.nan), "NaN"),
        (np.ones(2, np.longdouble), [1.0, 1.0]),
        (1 - 2j, {"real": 1.0, "imag": -2.0}),
        (np.array([1j, np.inf]), {"real": [0.0, "Infinity"], "imag": [1.0, 0.0]}),
    ],
    ids=repr,
)
def test_values_are_strict_json(value: Any, plain: Any):
    made = plain_value(value)
    assert made == plain and type(made) is type(plain)
    json.dumps(made, allow_nan=False)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_every_dtype_is_exported(dtype: Any):
    data = exported(gv.trace(lambda x: (x * x).sum(), np.full(3, 0.5, dtype)))
    assert data["nodes"][0]["value"] == [0.5, 0.5, 0.5] and data["nodes"][0]["gradient"] == [1.0, 1.0, 1.0]
    assert data["nodes"][0]["dtype"] == str(np.dtype(dtype))


def test_what_is_not_finite_is_a_string_everywhere():
    with pytest.warns(RuntimeWarning):
        graph = gv.trace(lambda x: np.log(x) * np.inf, 0.0)
    data = exported(graph)
    assert data["nodes"][-1]["value"] == "-Infinity"
    assert data["nodes"][0]["gradient"] == "Infinity"


def test_large_arrays_stand_as_a_summary_unless_all_is_asked_for():
    x = np.linspace(-1.0, 2.0, 1001)
    x[0], x[1], x[2] = np.nan, np.inf, -np.inf
    graph = gv.trace(lambda x: (x * 2).sum(), x)
    summary = exported(graph)["nodes"][0]["value"]
    rest = x[3:]
    assert summary == {
        "shape": [1001], "min": rest.min(), "max": rest.max(), "mean": rest.mean(), "norm": np.linalg.norm(rest),
        "nan": 1, "inf": 2,
    }  # fmt: skip
    full = exported(graph, full=True)["nodes"][0]["value"]
    assert full[:4] == ["NaN", "Infinity", "-Infinity", x[3]] and len(full) == 1001
    assert isinstance(exported(gv.trace(lambda x: x.sum(), np.ones(1000)))["nodes"][0]["value"], list)


def test_names_and_code_are_data():
    x = gv.tensor(2.0, name='</script>"\n\\')
    data = exported(gv.graph(x * 2))
    assert data["nodes"][0]["name"] == '</script>"\n\\'


def test_scopes_are_exported():
    x = gv.tensor(2.0)
    with gv.scope("a"), gv.scope("b"):
        y = x * 2
    assert exported(gv.graph(y))["nodes"][-1]["scope"] == ["a", "b"]


def test_a_large_complex_array_stands_as_two_summaries():
    value = plain_value(np.arange(1001) * 1j)
    assert (value["real"]["max"], value["imag"]["max"]) == (0.0, 1000.0)


# -- it takes short cuts past nodes and edges, and says the same as they do


def looked_at(graph: gv.Graph) -> dict[str, Any]:
    """The export, read off each node and each edge."""
    return {
        "nodes": [
            {
                "id": node.id, "kind": node.kind, "op": node.op, "symbol": node.symbol, "name": node.name,
                "value": plain_value(node.value), "gradient": plain_value(node.gradient), "role": node.role,
                "shape": list(node.shape), "dtype": str(node.dtype), "scope": list(node.scope),
                "source": node.source
                and {"file": node.source.file, "line": node.source.line, "code": node.source.code},
            }
            for node in graph.nodes
        ],
        "edges": [
            {
                "source": edge.source.id, "target": edge.target.id, "position": edge.position,
                "value": plain_value(edge.value), "upstream": plain_value(edge.upstream),
                "local": plain_value(edge.local), "downstream": plain_value(edge.downstream), "rule": edge.rule,
            }
            for edge in graph.edges
        ],
    }  # fmt: skip


def scoped(x: Any, y: Any) -> Any:
    """The same instruction in two scopes, elements of one value, a name that could be taken for a sign, constants."""
    total = x * 0.0 + 2.0
    for scope in ("one", "two"):
        with gv.scope(scope):
            first, second = np.stack([x, y]) * np.arange(2.0)
            total = total + np.tanh(first) / (second - gv.tensor(-1.5, name="−c")) + 2.0
    return total


def returned(x: Any, times: int) -> Any:
    """One instruction whose value is sometimes the output, which bears the function's name, and sometimes not."""
    return returned(x, times - 1) * x if times else x * x


def written(x: Any, w: Any) -> Any:
    """An array that is written in place, whose versions share their memory."""
    h = x * 1.0
    for i in range(4):
        h[i + 1] = h[i] * w + h[i + 1]
    h *= 2.0
    h[1:3] += w
    return h.sum()


GRAPHS: dict[str, Callable[[], gv.Graph]] = {
    **SMALL,
    **{f"random program {i}": lambda i=i: random_program(i) for i in range(12)},
    "scopes": lambda: gv.trace(scoped, 0.5, 1.5),
    "returned": lambda: gv.trace(returned, 1.5, 3),
    "written in place": lambda: gv.trace(written, np.arange(5.0), 0.3),
    "second derivative": lambda: gv.trace(lambda x: gv.grad(lambda y: np.exp(y) * y**2)(x), 0.7),
    "several outputs": lambda: gv.trace(lambda x, y: (x * 2, np.stack([x, y])), 1.0, np.float32(3)),
    "large arrays": lambda: gv.trace(lambda x: (np.tanh(x @ x.T)).sum(), np.linspace(0, 1, 1600).reshape(40, 40)),
    "let go of": lambda: gv.trace(lambda x: (np.tanh(x) * 2 + x).sum(), np.full(2_000_000, 0.5), keep="none"),
}


def random_program(seed: int) -> gv.Graph:
    program = Program(Random(seed), length=15)
    return gv.trace(lambda *inputs: program.run(NUMPY, list(inputs)), *program.inputs)


@pytest.mark.parametrize("name", GRAPHS)
def test_it_says_what_the_nodes_and_edges_say(name: str):
    graph = GRAPHS[name]()
    data = graph.to_dict()
    expected = looked_at(graph)
    assert data["nodes"] == expected["nodes"] and data["edges"] == expected["edges"]


def test_what_is_changed_in_one_place_changes_in_no_other():
    data = gv.trace(lambda x: np.sum(x * 2 * x), np.ones(3)).to_dict()
    held = [part for row in (*data["nodes"], *data["edges"]) for part in row.values() if isinstance(part, (list, dict))]
    assert len({id(part) for part in held}) == len(held) > 10


# -- its text


@pytest.mark.parametrize("name", GRAPHS)
def test_the_text_is_the_data(name: str):
    graph = GRAPHS[name]()
    assert json.loads("".join(json_text(graph)), parse_constant=pytest.fail) == graph.to_dict()


def test_the_text_has_a_line_for_each_node_and_edge():
    graph = SMALL["worked_example"]()
    lines = "".join(json_text(graph)).split("\n")
    assert lines[0] == '{"format": "gradviz-graph", "version": 1, "output": "n5", "nodes": ['
    assert lines[1].startswith('{"id": "n0", "kind": "input"') and lines[1].endswith("},")
    assert lines[6].startswith('{"id": "n5"') and lines[6].endswith("}")
    assert lines[7] == '], "edges": ['
    assert lines[-2:] == ["]}", ""]
    assert len(lines) == 3 + len(graph.nodes) + len(graph.edges) + 1


def test_the_text_of_a_single_leaf():
    text = "".join(json_text(gv.graph(gv.tensor(1.0, "x"))))
    assert json.loads(text)["edges"] == [] and len(json.loads(text)["nodes"]) == 1


def test_a_long_text_comes_in_pieces():
    graph = gv.trace(chain(5000), 1.0, 0.99, 0.5)
    pieces = list(json_text(graph))
    assert max(map(len, pieces)) < len("".join(pieces)) / 4
    assert json.loads("".join(pieces)) == graph.to_dict()


def test_names_can_not_break_the_lines():
    graph = named('}, "", {', "},\n{", '"', "\\", '\\"', '}, \\"\\", {', '"", {', "\u2028", "\0", "")
    text = "".join(json_text(graph))
    assert json.loads(text) == graph.to_dict()
    assert len(text.splitlines()) >= text.count("\n") == 3 + len(graph.nodes) + len(graph.edges)


def test_half_a_character_is_data_like_any_other():
    graph = named("\ud800", "x")
    data = "".join(json_text(graph)).encode("utf-8", "backslashreplace")
    assert json.loads(data) == graph.to_dict()


# -- what it costs


def per_op(do: Callable[[gv.Graph], Any]) -> float:
    """The instructions that each op of a chain adds."""
    counts: list[int] = []
    for ops in (200, 400):
        graph = gv.trace(chain(ops), 1.0, 0.99, 0.5)
        assert len(graph.edges) == 2 * ops  # built by the graph
        instructions(partial(do, graph))  # the places in the source are looked up once, and 3.12 counts twice at first
        counts.append(instructions(partial(do, graph)))
    return (counts[1] - counts[0]) / 200


#: what is done with a graph → the instructions that it takes, per op, which has two edges: at most so many.
COSTS: dict[str, tuple[Callable[[gv.Graph], Any], int]] = {
    "exported": (gv.Graph.to_dict, 1051),
    "each edge's value": (lambda graph: [edge.value for edge in graph.edges], 50),
    "each edge's local gradient": (lambda graph: [edge.local for edge in graph.edges], 560),
    "each edge's downstream gradient": (lambda graph: [edge.downstream for edge in graph.edges], 780),
    "each edge's rule": (lambda graph: [edge.rule for edge in graph.edges], 273),
    "each node's name": (lambda graph: [node.name for node in graph.nodes], 9),
    "each node's expression": (lambda graph: [node.expression for node in graph.nodes], 245),
    "each node's role": (lambda graph: [node.role_text for node in graph.nodes], 114),
}


@pytest.mark.parametrize("name", COSTS)
def test_what_it_takes_to_look_at_an_op(name: str):
    do, most = COSTS[name]
    assert per_op(do) <= most * SLACK
