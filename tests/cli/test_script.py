"""Running a script: as under `python`, with everything it computes recorded."""

import sys

import pytest

from gradviz.cli.script import run

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


def test_constant_arrays_bear_their_names(session):
    made = session("import numpy as np\ndata = np.array([1, 2])\nx = 2.0\nf = (data * x).sum()\n")
    assert made.graph["data"].kind == "constant"


def test_what_is_written_in_place_stays_an_array_and_is_noted(session):
    made = session("import numpy as np\nbuf = np.zeros(2)\nx = 2.0\nbuf[0] = 1.0\nf = (buf * x).sum()\n")
    assert gradients(made) == {"x": 1}
    assert made.notes == [
        "buf is written into at line 4, which is not recorded yet: it was left a plain array, without a gradient"
    ]


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


def test_helpers_and_libraries_keep_their_own_numpy_and_builtins(session, write):
    write("import numpy\nreal = numpy\nlargest = max\n", "helper.py")
    made = session(
        """
        import helper, numpy as np
        print(np is helper.real, max is helper.largest, helper.real.__name__)
        x = 1.0
        f = x * x
        """
    )
    assert made.exit_code == 0
    assert "helper" in sys.modules
    sys.modules.pop("helper")


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
        print("%.2f" % f, float(f), math.sqrt(f), f"{f:.1f}", f, [f])
        """
    )
    assert capsys.readouterr().out == "4.00 4.0 2.0 4.0 4.0 [4.0]\n"
    assert list(made.notes) == [
        'float(f) at s.py:5 in `"%.2f" % f` took a value out of the graph: no gradient flows back through it',
        "float(f) at s.py:5 took a value out of the graph: no gradient flows back through it",
        "float(f) at s.py:5 in `math.sqrt(f)` took a value out of the graph: no gradient flows back through it",
    ]


def test_many_leaks_are_counted(session):
    lines = "".join(f"print(float(f) + {i})\n" for i in range(9))
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
