"""Running a script: as under `python`, with everything it computes recorded."""

import math
import sys

import numpy as np
import pytest

from gradviz.cli.program import load
from gradviz.cli.script import Asked, run

WORKED = "x = 1.0\ny = 2.0\nz = 0.0\na = x + y\nb = max(y, z)\nf = a * b\nprint(f)\n"


@pytest.fixture
def session(write):
    """Writes a script and runs it."""

    def session(text, *args, name="s.py", **options):
        return run(write(text, name), args, **options)

    return session


def gradients(session):
    """The gradients of the inputs, as plain Python."""
    return {name: getattr(g, "tolist", lambda g=g: g)() for name, g in session.graph.gradients().items()}


# -- the output ------------------------------------------------------------------------------------------------------


def test_the_last_scalar_at_module_level_is_the_output(session):
    made = session(WORKED)
    assert (made.graph.output.name, made.graph.output.value, gradients(made)) == ("f", 6, {"x": 2, "y": 5, "z": 0})
    assert made.notes == []


def test_the_order_is_that_of_the_text(session):
    assert session("x = 2.0\ng = x * 2\nf = x * x\ng = f * 3\n").graph.output.name == "g"


def test_other_outputs_are_named(session):
    made = session("x = 2.0\nf = x * x\ng = x * 3\nh = g * 2\n")
    assert made.graph.output.name == "h"
    assert made.notes == ["h is the last of several possible outputs: --of NAME draws another (f)"]


def test_of_a_module_level_name(session):
    assert gradients(session(WORKED, of="b")) == {"y": 1, "z": 0}


def test_of_a_name_inside_a_function(session):
    made = session("def g(x):\n    inner = x * x\n    return inner + 1\nx = 3.0\nf = g(x)\n", of="inner")
    assert (made.graph.output.value, gradients(made)) == (9, {"x": 6})


def test_a_result_that_a_function_returned_bears_the_module_level_name(session):
    made = session("def g(x):\n    y = x * x\n    return y\nx = 3.0\nloss = g(x)\n")
    assert made.graph.output.name == "loss"


def test_where_all_is_inside_functions_the_last_scalar_recorded_is_the_output(session, capsys):
    made = session("def main():\n    f = x * x\n    print(f)\nx = 3.0\nmain()\n")
    assert (made.graph.output.name, gradients(made)) == ("f", {"x": 6})
    assert capsys.readouterr().out == "9.0\n"


def test_where_backward_was_called_is_the_output(session):
    made = session("import gradviz as gv\nx = gv.tensor(3.0)\nloss = x * x\nloss.backward()\nmetric = x * 2.0\n")
    assert (made.graph.output.name, gradients(made)) == ("loss", {"x": 6})


def test_of_goes_before_backward(session):
    text = "import gradviz as gv\nx = gv.tensor(3.0)\nloss = x * x\nloss.backward()\nmetric = x * 2.0\n"
    assert gradients(session(text, of="metric")) == {"x": 2}


def test_a_seed_of_the_scripts_own_is_kept(session):
    made = session("import gradviz as gv\nx = gv.tensor([1.0, 2.0])\ny = x * x\ny.backward([1.0, 10.0])\n")
    assert gradients(made) == {"x": [2, 40]}


def test_a_graph_that_the_script_made(session):
    made = session("import gradviz as gv\ngraph = gv.trace(lambda x: x * x, 3.0)\n")
    assert gradients(made) == {"x": 6}


def test_a_training_loop_draws_its_last_evaluation(session):
    made = session(
        """
        w = 1.0
        for step in range(50):
            loss = (w * 3.0 - 1.0) ** 2
        """
    )
    assert gradients(made) == {"w": 12}
    assert sum(node.kind == "op" for node in made.graph.nodes) == 3


# -- the inputs ------------------------------------------------------------------------------------------------------


def test_only_what_the_output_is_computed_from_is_an_input(session):
    assert gradients(session("x = 2.0\nlr = 0.1\nf = x * x\nprint(lr)\n")) == {"x": 4}


def test_random_arrays_are_parameters(session):
    made = session(
        """
        import numpy as np
        rng = np.random.default_rng(0)
        W = rng.normal(size=(2, 3)) * np.sqrt(2 / 3)
        b = np.zeros(2)
        x = np.array([1.0, 2.0, 3.0])
        s = float(rng.normal())
        f = (W @ x + b).sum() * s
        """
    )
    assert {node.name: node.kind for node in made.graph.inputs} == {
        "W": "parameter",
        "b": "parameter",
        "x": "input",
        "s": "input",
    }


def test_wrt_takes_these_alone(session):
    made = session("x = 2.0\ny = 3.0\nz = sum([1.0, 1.0])\nf = x * y * z\n", wrt=["x", "z"])
    assert gradients(made) == {"x": 6, "z": 6}


def test_wrt_may_name_a_result(session):
    assert gradients(session(WORKED, wrt=["a", "b"])) == {"a": 2, "b": 3}


def test_wrt_without_a_path_has_the_gradient_0(session):
    made = session("x = 2.0\ny = 3.0\nf = x * x\n", wrt=["x", "y"])
    assert gradients(made) == {"x": 4, "y": 0}
    assert made.notes == ["no path leads from y to f: its gradient is 0"]


def test_wrt_in_a_script_that_uses_gradviz(session):
    text = "import gradviz as gv\nx, y, u = gv.tensor(2.0), gv.tensor(3.0), gv.tensor(4.0)\nf = x * y\nf.backward()\n"
    made = session(text, wrt=["y", "u"])
    assert [tensor.value for tensor in made.inputs] == [3, 4]
    assert made.graph.gradients()["u"] == 0


def test_integers_among_the_operands_are_named(session):
    made = session("n = 3\nm = 4\nx = 2.0\nf = x * n\nprint([0] * m)\n")
    assert made.notes == ["n = 3 is an integer and was taken as a constant: write 3.0 for its gradient"]


INTEGERS = {
    "x, y, z = 1, 2, 0\nf = (x + y) * max(y, z)\n": "x, y, z = 1.0, 2.0, 0.0 in line 1",
    "def f(x, y):\n    return x * y\nprint(f(1, -2))\n": "f(1.0, -2.0) in line 3",
    "import numpy as np\nw = np.array([1, 2])\nn = 3\nf = w.sum() * n\n": (
        "w = np.array([1.0, 2.0]) in line 2, n = 3.0 in line 3"
    ),
}


@pytest.mark.parametrize("text", INTEGERS)
def test_where_all_are_integers_the_lines_with_floats_are_given(session, capsys, text):
    assert str(session(text).problem) == (
        "nothing to draw in s.py: its numbers are integers, and gradviz takes those as constants: "
        f"write {INTEGERS[text]}"
    )


def test_of_the_integers_those_are_named_that_are_written_out(session):
    made = session("x, y, z = 1.0, 2, 0\na = x + y\nb = max(y, z)\nf = a * b\n")
    assert made.notes == ["y = 2 is an integer and was taken as a constant: write 2.0 for its gradient"]


def test_constant_arrays_bear_their_names(session):
    made = session("import numpy as np\ndata = np.array([1, 2])\nx = 2.0\nf = (data * x).sum()\n")
    assert made.graph["data"].kind == "constant"


def test_what_is_written_in_place_is_an_input_like_others(session):
    made = session("import numpy as np\nbuf = np.ones(2)\nx = 2.0\nbuf[0] = x * 3.0\nf = (buf * x).sum()\n")
    assert gradients(made) == {"buf": [0, 2], "x": 13}


# -- numbers that are handed to functions and classes ------------------------------------------------------------------

HANDED = {
    "by position": ("def f(x, y):\n    return x * y\nprint(f(2.0, 3.0))\n", {"x": 3, "y": 2}),
    "by name": ("def f(x, *, y=1.0):\n    return x * y\nz = f(2.0, y=3.0)\n", {"x": 3, "y": 2}),
    "some of them": ("def f(x, n):\n    return x ** n\na = 2.0\nz = f(a, 3) * f(1.5, 2)\n", {"a": 27, "x": 24}),
    "inside an expression": ("def f(x):\n    return x * x\nz = 1 + 2 * f(3.0)\n", {"x": 12}),
    "under a guard": (
        "def f(x):\n    return x * x\ndef main(s):\n    y = f(2.0) * s\nif __name__ == '__main__':\n    main(3.0)\n",
        {"s": 4, "x": 12},
    ),
    "to a class that computes with them": (
        "class A:\n    def __init__(self, a, b=1.0):\n        self.w = a * b\nm = A(2.0, b=3.0)\nz = m.w * 1.0\n",
        {"a": 3, "b": 2},
    ),
    "to a class that keeps them": (
        "class P:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\np, q = P(1.0, 2.0), P(3.0, 4.0)\n"
        "z = (p.x - q.x) * (p.y - q.y)\n",
        {"p.x": -2, "p.y": -2, "q.x": 2, "q.y": 2},
    ),
    "to objects in a list": (
        "class P:\n    def __init__(self, x):\n        self.x = x\nps = [P(1.0), P(3.0)]\nz = ps[0].x * ps[1].x\n",
        {"ps[0].x": 3, "ps[1].x": 1},
    ),
    "twice by the same name": (
        "class A:\n    def __init__(self, a):\n        self.w = a * a\nz = A(2.0).w * A(3.0).w\n",
        {"a": 36, "a #2": 24},
    ),
    "in a loop, each place once": (
        "def f(x):\n    return x * x\na, s = 2.0, 0.0\nfor i in range(3):\n    s += f(0.5) * a\n", {"a": 0.75, "x": 6},
    ),
    "a few in a list": ("def f(x, ys):\n    return x * ys[0] * ys[1]\nz = f(2.0, [3.0, 4.0])\n",
                        {"x": 12, "ys[0]": 8, "ys[1]": 6}),
    "an array": ("import numpy as np\ndef f(v, s):\n    return (v * s).sum()\nz = f(np.array([1.0, 2.0]), s=3.0)\n",
                 {"v": [3, 3], "s": 3}),
}  # fmt: skip


@pytest.mark.parametrize("name", HANDED)
def test_numbers_that_are_handed_to_the_scripts_own_are_inputs(session, capsys, name):
    text, expected = HANDED[name]
    made = session(text)
    assert gradients(made) == expected
    assert made.notes == []


MORE_HANDED = {
    "in methods": (
        "class A:\n    def __init__(self, k):\n        self.k = k\n    def f(self, x, *, s=1.0):\n"
        "        return self.k * x * s\na = A(2.0)\nz = a.f(3.0, s=4.0)\n", {"a.k": 12, "x": 8, "s": 6},
    ),
    "in objects with slots": (
        "class A:\n    __slots__ = ('k',)\n    def __init__(self, value):\n        self.k = value\n"
        "class B: pass\nb = B()\nb.inner = A(2.0)\nz = b.inner.k * 3.0\n", {"b.inner.k": 3},
    ),
    "in named tuples": (
        "from typing import NamedTuple\nclass V(NamedTuple):\n    x: float\n    y: float\n"
        "vs = [V(1.0, 2.0), V(y=3.0, x=4.0)]\nz = vs[0].x * vs[1].y\n", {"vs[0].x": 3, "vs[1].y": 1},
    ),
    "to a coroutine": (
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x * x\nasync def main():\n"
        "    s = 3.0\n    print(await f(2.0) * s)\nasyncio.run(main())\n", {"s": 4, "x": 12},
    ),
    "random ones, to a class that another holds": (
        "import numpy as np\nclass P:\n    def __init__(self, data):\n        self.data = data\nclass L:\n"
        "    def __init__(self, n):\n        self.w, self.b = P(np.ones(n) * 2.0), P(np.zeros(n))\n"
        "l = L(2)\nz = (l.w.data * 3.0 + l.b.data).sum()\n", {"l.w.data": [3, 3], "l.b.data": [1, 1]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE_HANDED)
def test_they_are_named_by_the_way_to_them(session, capsys, name):
    text, expected = MORE_HANDED[name]
    assert gradients(session(text)) == expected


def test_they_can_be_chosen(session, capsys):
    made = session(HANDED["by position"][0], wrt=["y"])
    assert [tensor.value for tensor in made.inputs] == [3.0]


def test_what_is_rounded_for_the_reader_is_not_the_output(session, capsys):
    made = session("def f(x):\n    energy = x * x\n    return energy\nprint(round(f(3.0), 1))\n")
    assert (made.graph.output.name, gradients(made)) == ("energy", {"x": 6})
    made = session("x = 1.25\nloss = x * x\nshown = round(loss, 1)\n")
    assert made.graph.output.name == "loss"


def test_what_comes_from_constants_alone_is_no_output(session, capsys):
    made = session("import numpy as np\nx = 2.0\nf = x * x\nb = np.empty(2)\nnp.add([1, 2], 1.5, out=b)\nn = b.sum()\n")
    assert made.graph.output.name == "f"


def test_a_zero_that_something_is_computed_from_on_the_way_is_an_input(session, capsys):
    made = session("v = 0.0\nx = 1.0\nfor i in range(3):\n    v = v - x * 0.1\n    x = x + v * 0.1\n")
    assert set(gradients(made)) == {"v", "x"}


def test_what_a_function_returned_without_a_name_is_called_as_the_function(session, capsys):
    assert session(HANDED["by position"][0]).graph.output.name == "f"


def test_a_parameter_that_begins_as_scaled_random_numbers_is_an_input(session):
    made = session(
        "import numpy as np\nrng = np.random.default_rng(0)\nstd, sigma = 0.1, 2.0\nW = std * rng.normal(size=3)\n"
        "noise = sigma * rng.normal(size=3)\nz = 1.0 + sigma * rng.normal(size=3)\nf = (W * noise * z).sum()\n"
    )
    assert set(gradients(made)) == {"W", "sigma"}


def test_names_that_an_assignment_binds_together_are_inputs_in_a_notebooks_cell_as_well(session):
    made = session("import numpy as np\na, b = np.random.default_rng(0).normal(size=2)\nf = a * b\n")
    assert set(gradients(made)) == {"a", "b"}


# -- NumPy in the script's hands -------------------------------------------------------------------------------------

NUMPY_IMPORTS = [
    "import numpy as np\nf = np.exp(np.array([x, y])).sum()",
    "import numpy\nf = numpy.exp(numpy.array([x, y])).sum()",
    "from numpy import exp, array\nf = exp(array([x, y])).sum()",
    "from numpy import *\nf = exp(array([x, y])).sum()",
    "import numpy.linalg as la\nfrom numpy import array\nf = la.norm(array([x, y]))",
    "def g():\n    import numpy as np\n    return np.sum(np.array([x, y]))\nf = g()",
]


@pytest.mark.parametrize("text", NUMPY_IMPORTS)
def test_however_numpy_is_imported(session, text):
    made = session("x = 1.0\ny = 2.0\n" + text)
    assert sorted(gradients(made)) == ["x", "y"]


def test_helpers_get_the_same_treatment_and_libraries_keep_their_own(session, write, capsys):
    write("import numpy\nreal = numpy\nlargest = max\nW = 2.0\n", "helper.py")
    made = session(
        """
        import helper, json, numpy as np
        print(np is helper.real, max is helper.largest, json.loads.__globals__["__builtins__"]["max"] is max)
        x = 1.0
        f = x * helper.W
        """
    )
    assert capsys.readouterr().out == "True True False\n"
    assert gradients(made) == {"W": 1, "x": 2}
    assert "helper" not in sys.modules


def test_builtin_max_and_min_record_in_the_script_alone(session):
    import builtins

    before = builtins.max, builtins.min, builtins.__import__
    assert gradients(session("x, y = 1.0, 2.0\nf = max(x, y) * min(x, y)\n")) == {"x": 2, "y": 1}
    assert (builtins.max, builtins.min, builtins.__import__) == before


def test_values_that_leave_the_graph_are_noted_and_the_script_goes_on(session, capsys):
    made = session(
        """
        import math
        x = 2.0
        f = x * x
        a = float(f)
        b = math.floor(f) + 1
        print(a, b)
        """
    )
    assert capsys.readouterr().out == "4.0 5\n"
    assert list(made.notes) == [
        "float(f) at s.py:5 took a value out of the graph: no gradient flows back through it; use f itself",
        "float(f) at s.py:6 in `math.floor(f)` took a value out of the graph: no gradient flows back through it; "
        "use f itself",
    ]


SHOWN = [
    'print("%.2f" % f, float(f))', 's = "%.2f" % f', "json.dumps({'f': f})", "logging.info('%s %g', f, f)",
    "np.savetxt(io.StringIO(), [f])", "time.sleep(f / 1000)", "print(\n    f,\n    float(f),\n)",
    "csv.writer(sys.stdout).writerow([float(f)])", "sys.stdout.write(str(float(f)))",
]  # fmt: skip


@pytest.mark.parametrize("line", SHOWN)
def test_what_only_goes_into_a_text_or_a_file_is_not_noted(session, capsys, line):
    made = session(f"import csv, io, json, logging, sys, time\nimport numpy as np\nx = 2.0\nf = x * x\n{line}\n")
    assert (made.error, list(made.notes)) == (None, [])


BACK = """
import cmath, io, json, multiprocessing, pickle
class Box:
    def __init__(self, v):
        self.v = v
def doubled(v):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(abs, [v * 2.0])
x = 2.0
f = x * x
"""
#: What may come back into the computation → how its note begins.
COMES_BACK = {
    "c = cmath.log(f).real * f": "complex(f) at s.py:11 in `cmath.log(f)`",
    "c = pickle.loads(pickle.dumps({'f': f}))['f'] * f": "the value of f at s.py:11",
    "c = pickle.loads(pickle.dumps(Box(f))).v * f": "the pickle of f at s.py:11 in `pickle.dumps(Box(f))`",
    "pickle.dump(Box(f), io.BytesIO())": "the pickle of f at s.py:11 in `pickle.dump(Box(f), io.BytesIO())`",
    "c = json.loads(json.dumps([f]))[0] * f": "json.dumps(f) at s.py:11 in `json.dumps([f])`",
    "c = doubled(f)": "v * 2.0 for another process at s.py:8",
    "c = float(f + 1.0)": "float(f + 1.0) at s.py:11",
}


@pytest.mark.parametrize("line", COMES_BACK)
def test_what_may_come_back_is_noted(line, session):
    made = session(f"{BACK}{line}\n")
    assert made.error is None
    assert [note for note in made.notes if note.startswith(COMES_BACK[line])], made.notes


def test_of_constants_no_gradient_is_lost(session):
    made = session("import numpy as np\nx = 2.0\nb = np.empty(2)\nb[0] = 1.0\nb[1] = x\nc = float(b[0] * 0.0 + 1.0)\n")
    assert len([note for note in made.notes if "took" in note]) == 1
    made = session(
        "import numpy as np\nx = 2.0\nf = x * x\nz = np.empty(2)\nnp.add([1, 2], 1, out=z)\nc = float(z[0])\n"
    )
    assert list(made.notes) == []


def test_many_leaks_are_counted(session):
    lines = "".join(f"a = float(f) + {i}\n" for i in range(9))
    made = session("x = 2.0\nf = x * x\n" + lines)
    assert made.notes[-1] == "values left the graph at 4 more places"


def test_a_script_that_uses_gradviz_runs_as_it_is(session, capsys):
    made = session("import gradviz as gv\nx = gv.tensor(2.0)\nf = x * x\nprint(float(f))\n")
    assert made.exit_code == 1
    assert "would silently cut 4.0 off the graph" in capsys.readouterr().err


# -- exceptions ------------------------------------------------------------------------------------------------------


def test_what_was_recorded_before_an_exception_is_the_graph(session, capsys):
    made = session("x = 2.0\na = x * 3.0\nb = a / 0\nc = b * 2\n")
    assert (made.exit_code, type(made.error)) == (1, ZeroDivisionError)
    assert made.graph.output.name == "a"
    assert made.graph.output.gradient is None
    assert not made.graph.has_gradients
    assert capsys.readouterr().err.splitlines()[-1] == "ZeroDivisionError: float division by zero"


def test_an_array_is_enough_after_an_exception(session, capsys):
    made = session("import numpy as np\nW = np.ones((2, 3))\nh = W * 2\ny = h @ np.ones(4)\n")
    assert made.graph.output.name == "h"


def test_an_exception_before_anything_was_recorded(session):
    made = session("raise SystemError('x')\n")
    assert made.graph is None
    assert str(made.problem) == "nothing had been recorded before the exception, so nothing is drawn"


def test_the_scripts_own_excepthook_is_called(session, capsys):
    session("import sys\nsys.excepthook = lambda kind, value, trace: print(kind.__name__, trace.tb_lineno)\n1 / 0\n")
    assert capsys.readouterr() == ("ZeroDivisionError 3\n", "")
    assert sys.excepthook is sys.__excepthook__


def test_nothing_of_the_run_remains(session):
    import warnings

    from gradviz.tracer import methods

    def state():
        return (
            sys.argv,
            sys.path,
            sys.modules["__main__"],
            sys.stdout,
            warnings.showwarning,
            list(methods.on_backward),
        )

    before = state()
    session(
        "import sys\nsys.argv.append('x')\nsys.path.append('y')\nsys.stdout = sys.stderr\nx = 1.0\nf = x * x\n1 / 0"
    )
    assert state() == before


# -- steps -----------------------------------------------------------------------------------------------------------

DESCENT = """
w = 4.0
lr = 0.25
for step in range(5):
    loss = (w - 1.0) ** 2
    grad = 2 * (w - 1.0)
    w = w - lr * grad
"""


def test_the_last_step_is_drawn_and_its_input_is_the_value_of_then(session):
    made = session(DESCENT)
    assert made.graph.output.name == "loss"
    assert [(n.name, n.value) for n in made.graph.inputs] == [("w", 1 + 3 / 16)]
    assert gradients(made) == {"w": 3 / 8}
    assert made.notes == [
        "w changed in 5 steps (updated, as lr says), and the last evaluation is drawn: "
        "--step N draws another, --unroll all of them"
    ]


@pytest.mark.parametrize(("step", "value"), [(1, 4.0), (2, 2.5), (5, 1 + 3 / 16)])
def test_another_step(session, step, value):
    made = session(DESCENT, asked=Asked(step=step))
    assert [(n.name, n.value) for n in made.graph.inputs] == [("w", value)]


def test_unrolled_it_leads_back_to_the_first_value(session):
    made = session(DESCENT, asked=Asked(unroll=True))
    assert made.graph["w"].value == 4.0 or made.graph.inputs[0].value == 4.0
    assert made.graph.output.name == "loss"


def test_a_step_that_there_is_not(session):
    made = session(DESCENT, asked=Asked(step=9))
    assert str(made.problem) == "--step 9: there were 5 steps: give one of 1 to 5"


NO_UPDATES = {
    "an accumulator": ("w = 2.0\ntotal = 0.0\nfor x in [1.0, 2.0, 3.0]:\n    total += w * x\n", {"w": 6}),
    "squared errors and a gradient, added up": (
        "w = 2.0\nsse = 0.0\ngrad_w = 0.0\nfor x in [1.0, 2.0, 3.0]:\n    error = w * x - 1.0\n    sse += error ** 2\n"
        "    grad_w += 2 * error * x\nf = sse * 1.0\n", {"w": 44},
    ),
    "a product": ("w = 2.0\np = 1.0\nfor i in range(3):\n    p = p * w\n", {"w": 12, "p": 8}),
    "Euler": ("x = 1.0\ndt = 0.5\nfor i in range(2):\n    x = x + dt * (0.0 - x)\ny = x * 2.0\n", {"x": 0.5, "dt": -2}),
    "a hidden state": (
        "import numpy as np\nU = 0.5\nh = 1.0\nfor i in range(3):\n    h = np.tanh(U * h)\nf = h * 1.0\n", None,
    ),
    "a residual": (
        "import numpy as np\nW = np.array([0.5, 1.5])\ndef layer(x):\n    return W * x\nx = np.array([1.0, 2.0])\n"
        "for i in range(2):\n    x = x + layer(x)\nf = x.sum()\n", {"W": [3, 10], "x": [2.25, 6.25]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_UPDATES)
def test_what_is_no_update_is_drawn_through(session, name):
    text, expected = NO_UPDATES[name]
    made = session(text)
    assert not any("steps" in note for note in made.notes)
    assert expected is None or gradients(made) == expected


@pytest.mark.parametrize(
    "update",
    ["w -= lr * grad", "w = w - lr * grad", "w[:] = w - lr * grad", "np.subtract(w, lr * grad, out=w)",
     "w += -lr * grad", "w[[0, 1]] -= lr * grad", "new = w - lr * grad\n    w = new"],
)  # fmt: skip
def test_the_ways_to_write_an_update(session, update):
    made = session(
        "import numpy as np\nw = np.array([4.0, 2.0])\nlr = 0.25\nfor step in range(3):\n"
        f"    loss = ((w - 1.0) ** 2).sum()\n    grad = 2 * (w - 1.0)\n    {update}\n"
    )
    assert made.graph.inputs[0].value.tolist() == [1.75, 1.25]
    assert gradients(made) == {"w": [1.5, 0.5]}


def test_memory_does_not_grow_with_the_steps(session):
    text = (
        "import numpy as np\nw = np.ones(1000)\nm = np.zeros(1000)\n"
        "losses = []\nhistory = np.zeros(STEPS)\nbest = 9.0\n"
        "for i in range(STEPS):\n    loss = (w * w).mean()\n    losses.append(loss)\n    history[i] = loss\n"
        "    best = min(best, loss)\n    m = 0.9 * m + w\n    w = w - 0.001 * m\n"
    )
    held = []
    for steps in (20, 200):
        made = session(text.replace("STEPS", str(steps)))
        held.append(reachable(made.graph))
    assert held[1] <= held[0] + 5


def reachable(graph):
    """How many arrays of a thousand numbers all that the graph holds keeps alive."""
    from gradviz.tracer import Tensor
    from gradviz.tracer.tensor import operands

    waiting, seen = [node.record for node in graph.nodes], set()
    while waiting:
        record = waiting.pop()
        if isinstance(record, Tensor) and id(record) not in seen:
            seen.add(id(record))
            waiting += operands(record)
    return len(seen)


# -- what Python asks of a value -------------------------------------------------------------------------------------

AS_UNDER_PYTHON = """
import json, math, pickle, copy
import numpy as np
x = 2.5
a = np.array([1.0, 2.0])
def kind(v):
    match v:
        case int():
            return "int"
        case _:
            return "other"
print(isinstance(x, float), isinstance(a, np.ndarray), isinstance(x, (int, str)))
print(type(x), type(a).__name__, type(x) is float)
print(isinstance(float, type), type("A", (), {}).__name__, hasattr(x, "shape"), hasattr(a, "shape"), kind(3))
class Meta(type):
    pass
class B(metaclass=Meta):
    pass
print(isinstance(B, type), type(B).__name__, callable(x))
print(json.dumps({"x": x, "l": [x, 1]}), x.is_integer())
print(x.as_integer_ratio(), {x: 1}[2.5], x in {2.5}, hash(x) == hash(2.5))
print(pickle.loads(pickle.dumps([x, a])), copy.deepcopy(a), divmod(x, 2), round(x), abs(-x), pow(x, 2), sum([x, x, -x]))
print(math.sqrt(x), math.exp(x), math.floor(x), math.isnan(x))
print(math.log(x, 2), math.fsum([x, x]), math.prod([x, 3]), math.pi)
print(sorted([x, 1.0, 3.0]), max(x, 3), min([x, 1]))
print(int(x), bool(x), "%g %s" % (x, a), f"{x:6.2f}|{a}", repr(a), len(a))
print(a.nbytes, a.dtype, a.flags.writeable, list(a), a.tolist(), np.dtype(a.dtype), list(map(str, a)), range(int(x)))
"""


def test_values_answer_as_under_python(session, capsys):
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as plain:
        exec(compile(AS_UNDER_PYTHON, "s.py", "exec"), {"__name__": "plain"})
    made = session(AS_UNDER_PYTHON + "f = x * x\n")
    assert capsys.readouterr().out == plain.getvalue()
    assert made.error is None


def test_functions_of_math_record(session):
    made = session("import math\nfrom math import sin\nx = 0.5\nf = math.sqrt(x) * sin(x) + math.hypot(x, 2.0)\n")
    slope = sin_sqrt_slope(0.5) + 0.5 / math.hypot(0.5, 2.0)
    assert made.graph.gradients()["x"] == pytest.approx(slope)
    assert made.notes == []


OF_MANY = [
    "hypot(x, y, 3.0)",
    "hypot(x) * y",
    "fsum([x]) * y",
    "fsum([x, y, x])",
    "dist([x, 0.0], [1.0, y])",
    "prod([x, y])",
]


@pytest.mark.parametrize("call", [*OF_MANY, *(["sumprod([x, y], [y, 2.0])"] if hasattr(math, "sumprod") else [])])
def test_functions_of_many_numbers_in_math_record(session, capsys, call):
    made = session(f"from math import *\nx = 0.5\ny = 1.5\nf = {call}\nprint(repr(f))\n")
    assert capsys.readouterr().out == f"{eval(call, {**vars(math), 'x': 0.5, 'y': 1.5})!r}\n"
    assert not made.notes
    for name, gradient in gradients(made).items():
        ends = [
            eval(call, {**vars(math), **{"x": 0.5, "y": 1.5, name: made.graph[name].value + h}}) for h in (1e-6, -1e-6)
        ]
        assert gradient == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-8)


def sin_sqrt_slope(x):

    return math.sin(x) / (2 * math.sqrt(x)) + math.sqrt(x) * math.cos(x)


def test_a_sum_draws_no_zero(session):
    made = session("x, y = 1.0, 2.0\nf = sum([x, y, x])\n")
    assert [node.op for node in made.graph.nodes] == ["input", "input", "add", "add"]
    assert made.graph.output.name == "f"


# -- scopes, limits, failures ------------------------------------------------------------------------------------------

CALLS = (
    "def inner(x):\n    return x * 2.0\ndef outer(x):\n    return inner(x) + 1.0\nx = 3.0\na = outer(x)\nf = outer(a)\n"
)


@pytest.mark.parametrize(
    ("depth", "scopes"),
    [
        (0, [()]),
        (1, [(), ("outer, line 6",), ("outer, line 7",)]),
        (2, [(), ("outer, line 6",), ("outer, line 6", "inner"), ("outer, line 7",), ("outer, line 7", "inner")]),
    ],
)
def test_scopes_are_call_sites(session, depth, scopes):
    made = session(CALLS, asked=Asked(depth=depth))
    assert sorted({node.scope for node in made.graph.nodes}) == scopes


def test_a_stop_is_no_failure_of_an_op(session):
    made = session(
        "import numpy as np\ndef main():\n    h = np.ones(3)\n    W = np.random.default_rng(0).normal(size=(3, 3))\n"
        "    while True:\n        h = np.tanh(W @ h)\nmain()\n",
        asked=Asked(max_ops=300),
    )
    assert made.exit_code == 1
    assert [note for note in made.notes if "stopped" in note]
    assert not [note for note in made.notes if "failed on" in note]


def test_a_runaway_is_stopped_and_drawn(session):
    made = session("x = 1.0\nf = x\nwhile True:\n    f = f * 1.5\n    f = f - 1.0\n", asked=Asked(max_ops=50))
    assert made.exit_code == 1
    assert made.graph.op_count() in range(45, 51)
    assert made.notes[0].startswith("stopped, as it had recorded 50 ops and --max-ops is 50")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("W @ v", "(3, 4) @ (3,): the inner dimensions 4 and 3 differ"),
        ("np.dot(W, v)", "(3, 4) · (3,): the inner dimensions 4 and 3 differ"),
        ("W + v", "(3, 4) + (3,): the last dimensions, 4 and 3, differ and neither is 1"),
        ("W * np.ones((2, 4))", "(3, 4) * (2, 4): dimensions -2, 3 and 2, differ and neither is 1"),
        ("np.ones((2, 3)) @ v.reshape(1, 3)", "(2, 3) @ (1, 3): the inner dimensions 3 and 1 differ"),
    ],
)
def test_shape_mismatches_are_explained(session, capsys, line, sentence):
    made = session(f"import numpy as np\nW = np.ones((3, 4))\nv = np.array([1.0, 2.0, 3.0])\ny = {line}\n")
    assert made.graph.failure.sentence == sentence
    assert (made.graph.failure.line, made.graph.failure.code) == (4, line)


PLAIN_FAILURES = {
    "np.zeros((3, 4)) @ np.zeros(3)": "an array of shape (3, 4) and an array of shape (3,): (3, 4) @ (3,): the inner "
    "dimensions 4 and 3 differ",
    "A @ v.T": "A (3, 4) and v.T (3,): (3, 4) @ (3,): the inner dimensions 4 and 3 differ",
    "A.dot(v)": "A (3, 4) and v (3,): (3, 4) · (3,): the inner dimensions 4 and 3 differ",
    "np.add(A, v)": "A (3, 4) and v (3,): (3, 4) + (3,): the last dimensions, 4 and 3, differ and neither is 1",
    "A[1:] * held['v'].reshape(3, 1)": "an array of shape (2, 4) and an array of shape (3, 1): (2, 4) * (3, 1): "
    "dimensions -2, 2 and 3, differ and neither is 1",
    "o.A - -v": "o.A (3, 4) and an array of shape (3,): (3, 4) - (3,): the last dimensions, 4 and 3, differ and "
    "neither is 1",
}  # fmt: skip


@pytest.mark.parametrize("line", PLAIN_FAILURES)
def test_a_failure_of_plain_arrays_is_explained_as_well(session, capsys, line):
    made = session(
        "import numpy as np\nclass O: pass\no = O()\nA = np.arange(12).reshape(3, 4)\no.A = A\n"
        f"v = np.array([1, 2, 3])\nheld = {{'v': v}}\nx = 2.0\nh = x * 3.0\ny = {line}\n"
    )
    assert made.notes[1] == f"{line} failed on {PLAIN_FAILURES[line]}"
    assert made.graph.output.name == "h"
    assert (made.graph.failure.line, made.exit_code) == (10, 1)


def test_it_is_explained_where_nothing_had_been_recorded(session, capsys):
    made = session("import numpy as np\nA = np.ones((3, 4), dtype=int)\nA += np.ones(3, dtype=int)\n")
    assert str(made.problem) == (
        "A += np.ones(3, dtype=int) failed on A (3, 4) and an array of shape (3,): (3, 4) + (3,): the last dimensions, "
        "4 and 3, differ and neither is 1; nothing had been recorded before the exception, so nothing is drawn"
    )


def test_a_failure_of_something_else_is_no_ops(session, capsys):
    made = session("import numpy as np\nx = 2.0\nh = x * 3.0\nnp.arange(6).reshape(4, 2)\n")
    assert made.graph.failure is None


def test_the_failed_op_is_given_with_its_values(session, capsys):
    made = session("x = 2.0\na = x * 3.0\nb = a / 0\n")
    failure = made.graph.failure
    assert (failure.op, failure.given, failure.line) == ("divide", ["a = 6.0", "0"], 3)


# -- notices -----------------------------------------------------------------------------------------------------------


def test_a_branch_on_a_traced_value_is_noted(session):
    made = session("x = 2.0\nif x > 1:\n    f = x * x\nelse:\n    f = -x\n")
    assert list(made.notes) == ["s.py:2 decided by a traced value: x > 1; other inputs may go another way"]


def test_a_name_that_was_bound_again_is_noted(session):
    made = session("x = 2.0\nx = x * 3.0\nf = x * x\n")
    assert list(made.notes) == ["x was bound again at line 2: the input x is its first value, line 1"]


def test_a_parameter_without_a_path_is_noted(session):
    made = session("import numpy as np\nW = np.random.rand(2)\nV = np.random.rand(2)\nf = W.sum()\n")
    assert list(made.notes) == ["no path leads from V to f: not drawn"]


def test_what_numpy_has_no_rule_for_leaves_the_graph(session, capsys):
    made = session(
        "import numpy as np\nx = np.array([1.0, 2.0])\nh = np.histogram(x)[0]\nf = x.sum()\nprint(h.sum())\n"
    )
    assert capsys.readouterr().out == "2\n"
    assert made.graph is not None


@pytest.mark.parametrize(
    ("update", "steps"),
    [("theta = theta + omega * dt", 0), ("theta = theta - 0.1 * 2 * theta", 3), ("theta -= 0.1 * 2 * theta", 3)],
)
def test_an_angle_that_is_added_to_is_no_parameter(update, steps, tmp_path):
    path = tmp_path / "pendulum.py"
    path.write_text(
        f"theta = 0.5\nomega = 0.2\ndt = 0.01\nfor _ in range(3):\n    {update}\nloss = theta * theta + omega\n",
        encoding="utf-8",
    )
    session = run(load(str(path)))
    assert session.graph is not None
    assert any("changed in 3 steps" in note for note in session.notes) == bool(steps)
    ops = [node.op for node in session.graph.nodes if node.kind == "op"]
    assert ops.count("add") == (1 if steps else 4)


def test_numbers_given_to_a_dataclass_are_inputs(tmp_path, capsys):
    path = tmp_path / "points.py"
    path.write_text(
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Vec:\n"
        "    x: float\n"
        "    y: float\n"
        "points = [Vec(3.0, 4.0), Vec(x=1.0, y=0.5)]\n"
        "print(points)\n"
        "norm = (points[0].x ** 2 + points[0].y ** 2) ** 0.5 * points[1].x\n",
        encoding="utf-8",
    )
    session = run(load(str(path)))
    assert session.graph is not None
    gradients = session.graph.backward()
    assert sorted(round(float(g), 12) for g in gradients.values()) == [0.6, 0.8, 5.0]
    assert capsys.readouterr().out == "[Vec(x=3.0, y=4.0), Vec(x=1.0, y=0.5)]\n"
    assert "points[0].x" in gradients


def test_rows_of_a_plain_array_are_filled_in_a_loop(session):
    made = session(
        """
        import numpy as np
        x = np.array([1.5, -0.5, 2.5])
        s = 1.25
        def filled(n):
            rows = np.zeros((n, 2))
            for i, row in enumerate(rows):
                row[:] = x[i] * s
            return rows
        M = np.zeros((3, 2))
        for row, v in zip(M, x):
            row[0] = v
            row[1] += s
        f = np.sum(filled(3) * M)
        """
    )
    x, s = np.array([1.5, -0.5, 2.5]), 1.25
    found = made.graph.gradients()
    assert found["x"] == pytest.approx(2 * x * s + s**2)
    assert found["s"] == pytest.approx(np.sum(x**2 + 2 * x * s))
    assert not [note for note in made.notes if "out of the graph" in note]
