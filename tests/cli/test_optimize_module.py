"""scipy.optimize in a plain script: a root depends on what its equation does, and the search is SciPy's own."""

import numpy as np
import pytest

from gradviz.cli.script import run

pytest.importorskip("scipy.optimize")

ROOTS = [
    "brentq(lambda t: t ** 2 - x[0], 0, 5)",
    "newton(lambda t: t ** 3 - c, 1.0)",
    "newton(lambda t: t ** 3 - c, 1.0, fprime=lambda t: 3 * t ** 2)",
    "bisect(lambda t, k: t - k, 0, 5, (c,))",
    "toms748(lambda t: np.exp(t) - x[1], 0, 5, args=())",
    "brentq(lambda t: t - c, 0, 5, full_output=True)[0]",
    "fsolve(lambda t: [t[0] ** 2 - x[1], t[0] * t[1] - c], [1.0, 1.0]).sum()",
    "root_scalar(lambda t, k: np.exp(t) - k, args=(c,), bracket=[-1.0, 3.0]).root",
    "(root(lambda t: t ** 2 - x, [1.0, 1.0]).x ** 3).sum()",
]
HEAD = "import numpy as np\nfrom scipy.optimize import *\n"


def script(call: str, x: tuple[float, float] = (2.0, 3.0), c: float = 1.5) -> str:
    """A script that computes a root."""
    return f"{HEAD}x = np.array({list(x)})\nc = {c}\nf = {call}\nprint(repr(f))\n"


def root(text: str) -> float:
    """The root that a script prints under Python."""
    names: dict[str, float] = {}
    exec(text, names)
    return names["f"]


@pytest.mark.parametrize("call", ROOTS)
def test_a_root_has_the_gradients_of_its_equation(call, write, capsys):
    made = run(write(script(call)))
    printed = capsys.readouterr().out
    assert made.error is None
    assert not [note for note in made.notes if "out of the graph" in note]
    root(script(call))
    assert printed == capsys.readouterr().out
    found = made.graph.gradients()
    h = 1e-4
    slopes = [(root(script(call, c=1.5 + h)) - root(script(call, c=1.5 - h))) / (2 * h)]
    for i in range(2):
        ends = [root(script(call, x=(2.0 + d * (i == 0), 3.0 + d * (i == 1)))) for d in (h, -h)]
        slopes.append((ends[0] - ends[1]) / (2 * h))
    assert found.get("c", 0.0) == pytest.approx(slopes[0], abs=1e-6)
    assert np.broadcast_to(found.get("x", 0.0), 2) == pytest.approx(slopes[1:], abs=1e-6)


def test_a_root_of_nothing_traced_is_a_number(write, capsys):
    made = run(write(f"{HEAD}x = 2.0\nr = bisect(np.cos, 0.0, 3.0)\nf = x * r\nprint(type(r), repr(r))\n"))
    assert made.graph.gradients().keys() == {"x"}
    assert capsys.readouterr().out == "<class 'float'> 1.570796326794607\n"


def test_a_search_that_is_not_seen_through_is_noted(write):
    made = run(write(f"{HEAD}a = 2.0\ny = a * 1.0\nf = minimize_scalar(lambda t: (t - y) ** 2).x * a\n"))
    assert any(note.startswith("scipy.optimize.minimize_scalar at s.py:5") for note in made.notes)


def test_a_wrong_call_is_scipys_to_tell(write, capsys):
    text = "x = 2.0\ntry:\n    brentq(lambda t: t - x)\nexcept TypeError as error:\n    print(error)\nf = x * x\n"
    run(write(HEAD + text))
    assert "missing 2 required positional arguments" in capsys.readouterr().out
