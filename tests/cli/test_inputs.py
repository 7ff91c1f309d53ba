"""Which module-level assignments become inputs, and how they are rewritten."""

import ast
import re

import numpy as np
import pytest

from gradviz.cli.hooks import INPUT
from gradviz.cli.module import bound_names, imports_gradviz, main_functions, written_roots
from gradviz.cli.rewriting import rewrite
from gradviz.cli.script import Asked, run

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
        ("def f():\n    x = 1.0\nclass A:\n    y = 1.0", ["A.y"]),
        ("import enum\nclass A(enum.Enum):\n    y = 1.0", []),
        ("class A(metaclass=M):\n    y = 1.0", []),
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
    "p = {}\nfor i in r:\n    p[f'b{i}'] = np.zeros(n)": [None],
    "xs = {}\nfor i in r:\n    xs[i] = np.zeros(n)\n    xs[i][k] = 1": [],
    "p = {}\nfor k in r:\n    p[k] = rng.normal(size=3) if k in w else np.zeros(3)": [None, None],
    "p = dict(W=rng.normal(size=3), b=np.zeros(3))": ["W", "b"],
    "from collections import OrderedDict\np = OrderedDict([('W', rng.normal(size=3))])": [None],
    "setattr(self, name, rng.normal(size=3))": [None],
    "from dataclasses import field\nclass A:\n    b: object = field(default_factory=lambda: np.zeros(3))": [None],
    "def make(n):\n    b = np.zeros(n)\n    return lambda x: x + b": ["b"],
    "class B:\n    def __init__(self, r):\n        self.r = np.array(r, dtype=float)\nb = B([0, 1.5])": ["self.r"],
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


#: What holds W1, b1, W2 and b2 → the lines that make it, and how W1 and b2 are got from it.
HOLDERS = {
    "a dict filled in a loop": ("p = {}\nfor n, s in SHAPES:\n    p[n] = start(n, s)", "p['W1']", "p['b2']"),
    "a dict by f-strings": (
        "p = {}\nfor i in (1, 2):\n    p[f'W{i}'] = rng.normal(size=SIZES[i - 1 : i + 1])\n"
        "    p[f'b{i}'] = np.zeros(SIZES[i])", "p['W1']", "p['b2']",
    ),
    "a dict comprehension": ("p = {n: start(n, s) for n, s in SHAPES}", "p['W1']", "p['b2']"),
    "an OrderedDict": ("p = OrderedDict()\nfor n, s in SHAPES:\n    p[n] = start(n, s)", "p['W1']", "p['b2']"),
    "pairs": ("p = OrderedDict([(n, start(n, s)) for n, s in SHAPES])", "p['W1']", "p['b2']"),
    "a defaultdict": ("p = defaultdict(list)\nfor n, s in SHAPES:\n    p[n] = start(n, s)", "p['W1']", "p['b2']"),
    "a UserDict": ("p = UserDict()\nfor n, s in SHAPES:\n    p[n] = start(n, s)", "p['W1']", "p['b2']"),
    "a dict by tuples": ("p = {}\nfor n, s in SHAPES:\n    p[n[0], int(n[1])] = start(n, s)", "p['W', 1]", "p['b', 2]"),
    "a deque": ("p = deque()\nfor n, s in SHAPES:\n    p.append(start(n, s))", "p[0]", "p[3]"),
    "layers in a dict": (
        "p = {'layers': []}\nfor n, s in SHAPES:\n    p['layers'].append({'x': start(n, s)})",
        "p['layers'][0]['x']", "p['layers'][3]['x']",
    ),
    "attributes by setattr": (
        "class P:\n    def __init__(self):\n        for n, s in SHAPES:\n            setattr(self, n, start(n, s))\n"
        "p = P()", "p.W1", "p.b2",
    ),
    "slots": (
        "class P:\n    __slots__ = ('W1', 'b1', 'W2', 'b2')\n    def __init__(self):\n"
        "        self.W1, self.b1 = rng.normal(size=(3, 4)), np.zeros(4)\n"
        "        self.W2, self.b2 = rng.normal(size=(4, 1)), np.zeros(1)\np = P()", "p.W1", "p.b2",
    ),
    "a namespace": ("p = SimpleNamespace(**{n: start(n, s) for n, s in SHAPES})", "p.W1", "p.b2"),
    "a dataclass": (
        "@dataclass\nclass P:\n    W1: object\n    b1: object\n    W2: object\n    b2: object\n"
        "p = P(*(start(n, s) for n, s in SHAPES))", "p.W1", "p.b2",
    ),
}  # fmt: skip
NET = """
import numpy as np
from collections import OrderedDict, UserDict, defaultdict, deque
from dataclasses import dataclass
from types import SimpleNamespace
rng = np.random.default_rng(0)
SIZES = [3, 4, 1]
SHAPES = [("W1", (3, 4)), ("b1", (4,)), ("W2", (4, 1)), ("b2", (1,))]
def start(name, shape):
    if name[0] == "W":
        return rng.normal(size=shape)
    b = np.zeros(shape)
    return b
X = rng.normal(size=(8, 3))
y = np.sin(X).sum(1, keepdims=True)
MAKE
for epoch in range(6):
    h = np.tanh(X @ W1 + b1)
    d = 2 * (h @ W2 + b2 - y) / len(y)
    loss = ((h @ W2 + b2 - y) ** 2).mean()
    dh = (d @ W2.T) * (1 - h ** 2)
    CHANGE
"""


def _net(holder: str) -> str:
    """A script that trains a net whose parameters are held so."""
    make, first, last = HOLDERS[holder]
    pick = {"W1": first, "b2": last}
    pick |= {"b1": first.replace("W", "b") if "W" in first else first.replace("0", "1", 1)}
    pick |= {"W2": last.replace("b", "W") if "b2" in last or "'b'" in last else last.replace("3", "2", 1)}
    slopes = {"W1": "X.T @ dh", "b1": "dh.sum(0)", "W2": "h.T @ d", "b2": "d.sum(0)"}
    change = "\n    ".join(f"{pick[name]} -= 0.1 * {slope}" for name, slope in slopes.items())
    text = NET.replace("CHANGE", change).replace("MAKE", make)
    head, loop = text.split("for epoch", 1)
    for name, place in pick.items():
        loop = re.sub(rf"(?<![\w.']){name}\b(?!')", place, loop)
    return head + "for epoch" + loop


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("holder", HOLDERS)
def test_parameters_are_found_wherever_they_are_held(holder, unroll, write, capsys):
    made = run(write(_net(holder)), asked=Asked(unroll=unroll))
    inputs = {node.name: node for node in made.graph.inputs}
    _, first, last = HOLDERS[holder]
    assert {first, last, "X"} <= set(inputs)
    assert len(inputs) == 5
    assert made.graph.output.name == "loss"
    assert inputs[first].kind == inputs[last].kind == "parameter"
    assert inputs["X"].kind == "input"
    assert any("changed in 6 steps" in note for note in made.notes) is not unroll
    assert not any("out of the graph" in note for note in made.notes)


#: What holds numbers that are written out → how they are called.
SETTINGS = {
    "from collections import namedtuple\nC = namedtuple('C', 'a b')\nc = C(a=0.5, b=2.0)": {"c.a", "c.b"},
    "from collections import namedtuple\nC = namedtuple('C', ['a', 'b'])\nc = C(0.5, 2.0)": {"c.a", "c.b"},
    "from typing import NamedTuple\nclass C(NamedTuple):\n    a: float\n    b: float = 2.0\nc = C(0.5)": {"c.a", "c.b"},
    "from types import SimpleNamespace\nc = SimpleNamespace(a=0.5, b=2.0)": {"c.a", "c.b"},
    "class c:\n    a = 0.5\n    b = 2.0": {"c.a", "c.b"},
    "class C:\n    a = 0.5\n    b = 2.0\nc = C()": {"C.a", "C.b"},
    "import dataclasses as d\n@d.dataclass\nclass C:\n    a: float = 0.5\n    b: float = 2.0\nc = C()": {"c.a", "c.b"},
    "import argparse\nc = argparse.Namespace(a=0.5, b=2.0)": {"c.a", "c.b"},
}


@pytest.mark.parametrize("text", SETTINGS)
def test_numbers_are_found_in_settings(text, write, capsys):
    made = run(write(f"{text}\nf = c.a * c.b ** 2\n"))
    assert {node.name for node in made.graph.inputs} == SETTINGS[text]
    assert sorted(float(slope) for slope in made.graph.gradients().values()) == [2.0, 4.0]


def test_what_is_updated_is_a_parameter_and_nothing_else(write, capsys):
    text = """
    import numpy as np
    rng = np.random.default_rng(0)
    xs = rng.normal(size=(20, 3))
    noise = rng.normal(size=20)
    w = np.array([1.0, 2.0, 3.0])
    for i in range(9):
        e = xs @ w + noise
        loss = (e * e).mean()
        w = w - 0.1 * 2 * xs.T @ e / 20
    """
    kinds = {node.name: node.kind for node in run(write(text)).graph.inputs}
    assert kinds == {"xs": "input", "w": "parameter"} | ({"noise": "input"} if "noise" in kinds else {})


def test_where_nothing_is_updated_random_arrays_are_parameters_but_for_data(write, capsys):
    text = """
    import numpy as np
    W, inputs = np.random.randn(2, 3), np.random.randn(3)
    f = (W @ inputs).sum()
    """
    kinds = {node.name: node.kind for node in run(write(text)).graph.inputs}
    assert kinds == {"W": "parameter", "inputs": "input"}


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
