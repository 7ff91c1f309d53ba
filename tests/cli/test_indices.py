"""Augmented assignments whose index is computed: it is evaluated once, and what is added stays traced."""

import pytest

from gradviz.cli.script import run

INDICES = [
    "x < 2.5", "np.arange(2)", ":len(x) // 2", ":int(N / 2)", "slice(0, 2)", ":-int(2)", "[int(i) for i in range(2)]",
    "np.array([True, True, False, False])", "::len(x) - 3", "(int(1),)", "np.argmax(x)",
]  # fmt: skip
HEAD = "import numpy as np\nx = np.array([1.0, 2.0, 3.0, 4.0])\nt = 0.5\nN = 4\n"


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("operator", ["+=", "-=", "*="])
def test_what_is_added_stays_traced(index, operator, both_ways):
    text = f"{HEAD}g = np.full(4, float('3'))\ng[{index}] {operator} t\nprint(g.tolist())\nf = np.sum(g * x)\n"
    names, made = both_ways(text)
    assert not [note for note in made.notes if "out of the graph" in note]
    slope = []
    for t in (0.5 + 1e-6, 0.5 - 1e-6):
        exec(text.replace("t = 0.5", f"t = {t!r}"), names)
        slope.append(names["f"])
    assert made.graph.gradients()["t"] == pytest.approx((slope[0] - slope[1]) / 2e-6)


def test_in_functions_dicts_and_objects(write):
    text = """
        import numpy as np
        class Net:
            def __init__(self):
                self.grads = {"W": np.zeros((2, 2))}
        def add(net, v):
            g = np.zeros(4)
            g[:int(len(g) / 2)] += v
            net.grads["W"][:int(1), max(0, 1)] += v * v
            return g
        net = Net()
        s = 3.0
        f = np.sum(add(net, s)) + net.grads["W"].sum()
    """
    made = run(write(text))
    assert made.graph.gradients()["s"] == 8.0
    assert not made.notes


def test_the_index_is_evaluated_once_and_no_name_is_left(write, capsys):
    text = """
        x = 2.0
        def at():
            print("once")
            return 0
        def f():
            a = [1.0]
            a[at()] += x
            return sorted(locals()), a[0] * x
        names, y = f()
        L = [1.0]
        L[at()] += x
        print(names, [name for name in dir() if "gradviz" in name])
    """
    made = run(write(text))
    assert capsys.readouterr().out == "once\nonce\n['a'] []\n"
    assert made.graph.gradients()["x"] == 5.0


def test_errors_are_pythons(write, capsys):
    tried = "try:\n    a[int(3)] += x\nexcept IndexError as e:\n    print(e)\n"
    made = run(write(f"x = 2.0\na = [1.0]\n{tried}a[int(0)] += x\nf = a[0] * x\n"))
    assert capsys.readouterr().out == "list index out of range\n"
    assert made.graph.gradients()["x"] == 5.0
