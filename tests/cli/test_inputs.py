"""Which module-level assignments become inputs, and how they are rewritten."""

import ast

import numpy as np
import pytest

from gradviz.cli.inputs import HIDDEN, mark_inputs
from gradviz.cli.module import bound_names, imports_gradviz, written_in_place

IMPORTS = """
import math
import random
import numpy as np
import numpy.random as npr
from numpy import array, random as nr
from numpy.random import randn, default_rng
rng = np.random.default_rng(0)
other = random.Random(1)
"""

GIVEN = """
x = 1.0
x = -1.0
x = 2 * 0.5 + 1e-3
x = np.pi / 2
x = math.sqrt(2.0)
x = float(3)
x: float = 1.0
x = np.float32(0.5)
x = np.array([1.0, -2.0])
x = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
x = array([1.0])
x = np.asarray((1.0, 2.0)).reshape(2, 1)
x = np.array([1.0, 2.0]).T
x = np.zeros((n, m))
x = np.ones(3) * 0.1
x = np.full(n, 0.5)
x = np.eye(3)
x = np.linspace(0, 1, n)
x = np.arange(6.0).reshape(2, 3)
x = np.random.randn(3, 4) * 0.1
x = np.random.randn(n, m) / np.sqrt(n)
x = rng.normal(size=3)
x = npr.rand()
x = nr.uniform(0, 1)
x = randn(3)
x = default_rng(0).normal(size=2)
x = random.gauss(0, 1)
x = other.random()
"""

NOT_GIVEN = """
x = y
x = y * 2.0
x = f(1.0)
x = "text"
x = True
x = 1j
x = None
x = np.inf
x = float("nan")
x = np.loadtxt("data.csv")
x = np.exp(y)
x = np.array(rows)
x = y.reshape(2, 3)
x = np.random.default_rng(0)
x = [1.0, y]
x = {"a": 1.0}
x += 1.0
y.x = 1.0
y[0] = 1.0
x: float
"""


def marked(text: str, *, wrt: tuple[str, ...] = ()) -> list[str]:
    """The names that the rewritten text makes leaves of."""
    tree = ast.parse(text)
    mark_inputs(tree, wrt=wrt)
    compile(tree, "s.py", "exec")  # every new node has its position
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [ast.literal_eval(call.args[0]) for call in calls if call.func.id == HIDDEN]  # pyright: ignore


@pytest.mark.parametrize("line", GIVEN.strip().splitlines())
def test_given(line):
    assert marked(IMPORTS + line) == ["x"]


@pytest.mark.parametrize("line", NOT_GIVEN.strip().splitlines())
def test_not_given(line):
    assert marked(IMPORTS + line) == []


def test_everything_of_numpy():
    assert marked("from numpy import *\nx = array([1.0])\ny = zeros(3)\nz = foo(1.0)") == ["x", "y"]
    assert marked("from numpy import *\ndef array(x): ...\nx = array(1.0)") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x, y, z = 1.0, 2.0, 0.0", ["x", "y", "z"]),
        ("[x, n] = [1.0, f()]", ["x"]),
        ("(a, b), c = (1.0, 2.0), 3.0", ["a", "b", "c"]),
        ("a = b = 0.5", ["a"]),
        ("import numpy as np\na, b = np.random.randn(2)", ["a", "b"]),
        ("import numpy as np\na, *b = np.random.randn(3)", ["a", "b"]),
        ("if c:\n    x = 1.0\nelse:\n    y = 2.0", ["x", "y"]),
        ("try:\n    x = 1.0\nexcept E:\n    y = 1.0\nfinally:\n    z = 1.0", ["x", "y", "z"]),
        ("with open(p) as f:\n    x = 1.0", ["x"]),
        ("for i in r:\n    x = 1.0\nwhile c:\n    y = 1.0", []),
        ("def f():\n    x = 1.0\nclass A:\n    y = 1.0", []),
    ],
)
def test_where(text, names):
    assert sorted(marked(text)) == names


def test_wrt_takes_the_named_whatever_they_are_assigned_from():
    text = "x = f()\ny = 1.0\nfor i in r:\n    z = g(i)\na, b = h()\nt: float = k()"
    assert sorted(marked(text, wrt=("x", "z", "b", "t"))) == ["b", "t", "x", "z"]


def test_names_that_are_written_in_place_stay_arrays():
    tree = ast.parse("import numpy as np\nx = np.zeros(3)\ny = np.zeros(3)\nx[0] = 1.0\n")
    assert mark_inputs(tree) == {"x": 4}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x[0] = 1.0", {"x": 1}),
        ("x[:, 0] += 1.0", {"x": 1}),
        ("del x[0]", {"x": 1}),
        ("x.fill(0.0)", {"x": 1}),
        ("x.shape = 3", {"x": 1}),
        ("np.add(a, b, out=x)", {"x": 1}),
        ("def f():\n    x[0] = 1.0", {"x": 2}),
        ("def f(x):\n    x[0] = 1.0", {}),
        ("def f():\n    x = g()\n    x[0] = 1.0", {}),
        ("def f():\n    global x\n    x = g()\n    x[0] = 1.0", {"x": 4}),
        ("y = x[0]\nx += 1.0", {}),
    ],
)
def test_written_in_place(text, written):
    assert written_in_place(ast.parse(text)) == written


def test_positions_are_those_of_the_text():
    text = "x, y = 1.0, (2.0\n + 3.0)\n"
    tree = ast.parse(text)
    mark_inputs(tree)
    positions = {(n.lineno, n.end_lineno) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert positions == {(1, 1), (1, 2)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = 1\ny = x\nx = 2", ["y", "x"]),
        ("for i in r:\n    y = i", ["i", "y"]),
        ("def f():\n    x = 1\ny = [z for z in r]", ["y"]),
        ("if (x := 1): pass\ny = [(w := z) for z in r]", ["x", "y", "w"]),
        ("with a as b: pass\nc += 1\n(d, *e) = f", ["b", "c", "d", "e"]),
    ],
)
def test_bound_names(text, names):
    assert bound_names(ast.parse(text)) == names


@pytest.mark.parametrize(
    ("text", "knows"),
    [
        ("import gradviz", True),
        ("import gradviz.tracer as t", True),
        ("from gradviz import np", True),
        ("def f():\n    import gradviz as gv", True),
        ("import gradvizard", False),
        ("from .gradviz import x", False),
        ("gradviz = 1", False),
    ],
)
def test_imports_gradviz(text, knows):
    assert imports_gradviz(ast.parse(text)) is knows


def test_a_long_sum_is_no_depth():
    text = "x = 1.0\nf = " + " + ".join(["x"] * 900)
    assert marked(text) == ["x"]


def test_only_float_arrays_become_leaves():
    from gradviz.cli.inputs import Inputs
    from gradviz.tracer import Tensor

    made = Inputs()
    for value in (1, True, "a", [1.0], np.array([1]), np.array([1.0]).view(np.recarray), np.ma.array([1.0]), 1j, None):
        assert made("x", value, False) is value
    array = np.array([1.0])
    leaf = made("x", array, True)
    assert isinstance(leaf, Tensor)
    array[0] = 2.0
    assert leaf.value[0] == 1.0
