"""The JSON export: strict, versioned, complete; other programs read it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import gradviz as gv
from gradviz.tracer.export import plain_value


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
