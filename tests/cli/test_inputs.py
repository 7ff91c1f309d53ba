"""Which module-level assignments become inputs, and how they are rewritten."""

import ast

import numpy as np
import pytest

from gradviz.cli.hooks import INPUT
from gradviz.cli.module import bound_names, imports_gradviz, main_functions, written_roots
from gradviz.cli.rewriting import rewrite

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
x = [2, y]
x = {"a": 1}
x += 1.0
y.x = y
y[0] = 1.0
x: float
"""


def marked(text: str, *, wrt: tuple[str, ...] = ()) -> list[str]:
    """The names that the rewritten text makes leaves of."""
    tree = ast.parse(text)
    rewrite(tree, wrt=wrt, updates=False, scopes=False)
    compile(tree, "s.py", "exec")  # every new node has its position
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [ast.literal_eval(call.args[0]) for call in calls if call.func.id == INPUT]  # pyright: ignore


@pytest.mark.parametrize("line", GIVEN.strip().splitlines())
def test_given(line):
    assert marked(IMPORTS + line) == ["x"]


@pytest.mark.parametrize("line", NOT_GIVEN.strip().splitlines())
def test_not_given(line):
    assert marked(IMPORTS + line) == []


def test_everything_of_numpy():
    assert marked("from numpy import *\nx = array([1.0])\ny = zeros(3)\nz = foo(1.0)") == ["x", "y"]
    assert marked("from numpy import *\ndef array(x): ...\nx = array('a')") == []


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


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x[0] = 1.0", {"x"}),
        ("x[:, 0] += 1.0", {"x"}),
        ("del x[0]", {"x"}),
        ("x.fill(0.0)", {"x"}),
        ("np.add(a, b, out=x)", {"x"}),
        ("np.add.at(x, i, b)", {"x"}),
        ("def f():\n    self.x[0] = 1.0", {"self", "self.x"}),
        ("y = x[0]\nx += 1.0", {"x"}),
        ("y = x[0]", set()),
    ],
)
def test_written_roots(text, written):
    assert written_roots(ast.parse(text)) == written


INSIDE = {
    "def init(rng):\n    W = rng.normal(size=3)\n    return W": ["W"],
    "def init(n):\n    b = np.zeros(n)\n    return b": ["b"],
    "def f(n):\n    b = np.zeros(n)\n    b[0] = 1.0\n    return b": [],
    "def f():\n    total = 0.0\n    return total": [],
    "class A:\n  def f(self):\n    self.W = rng.normal()\n    self.b = np.zeros(3)\n    self.k = 0.5": [
        "self.W", "self.b", "self.k",
    ],
    "p = {'W': rng.normal(size=3), 'b': np.zeros(3), 'c': 0.1, 'n': 3}": ["p['W']", "p['b']", "p['c']"],
    "p = [0.5, (1.5, x)]": ["p[0]", "p[1][0]"],
    "rows = [[0.5, 1.5], [2.5, 3.5]]": [],
    "data = [0.5, 1.5]\nX = np.array(data)": ["X"],
    "w = [[0.5, 1.5], [2.5, 3.5]]\nw[0][1] -= 0.1": ["w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]"],
    "p = {}\nfor i in r:\n    p[f'W{i}'] = rng.normal()": [None],
    "layers = [Layer(rng.normal(size=3), np.zeros(3)) for _ in r]": [None, None],
    "model.add(Layer(W=rng.normal(size=3)))": ["W"],
    "print(np.ones(3), 0.5)": [],
    "def f():\n    return {'w': 0.0}": [None],
    "def f():\n    return 0.5": [],
    "def main():\n    x = 1.5\n    f = x * x\nmain()": ["x"],
    "def f(a):\n    x = 1.5\n    f = x * x\nf(1)": [],
}  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_inside_functions_classes_and_containers(text):
    assert marked(IMPORTS + text) == INSIDE[text]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def main(): ...\nif __name__ == '__main__':\n    main()", {"main"}),
        ("def main(): ...\nsys.exit(main())", {"main"}),
        ("def main(): ...\nraise SystemExit(main())", {"main"}),
        ("def main(): ...\nx = main()", set()),
        ("def f(a): ...\nf(1)", set()),
        ("def main(a): ...\nmain(1)", {"main"}),
        ("def f(a): ...\nif __name__ == '__main__':\n    f(1)", {"f"}),
        ("def f(): ...\nf()\nf()", set()),
    ],
)
def test_programs_in_a_function(text, names):
    assert main_functions(ast.parse(text)) == names


def test_positions_are_those_of_the_text():
    text = "x, y = 1.0, (2.0\n + 3.0)\n"
    tree = ast.parse(text)
    rewrite(tree)
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
