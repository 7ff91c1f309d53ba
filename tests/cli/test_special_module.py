"""scipy.special in a plain script: values to the last bit as SciPy's, gradients as the numerical ones."""

import numpy as np
import pytest

from gradviz.cli.script import run

special = pytest.importorskip("scipy.special")

CALLS = [
    "special.logsumexp(a)", "special.logsumexp(a, axis=1).sum()", "(w * special.logsumexp(a, 0, keepdims=True)).sum()",
    "special.logsumexp(a, b=w)", "special.logsumexp(a, axis=1, b=w).sum()", "(w * special.softmax(a)).sum()",
    "(w * special.softmax(a, axis=1)).sum()", "(w * special.log_softmax(a, axis=0)).sum()", "special.softmax(a[0])[0]",
    "special.softmax(a, 1)[0, 1]", "special.polygamma(1, w)[0, 1]", "special.multigammaln(w[0, 1] + 3.0, 2)",
    "scipy.special.logsumexp(a)", "lse(a)",
]  # fmt: skip
A = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]
W = [[1.0, 2.0, 0.5], [0.25, 1.5, 3.0]]
HEAD = (
    "import numpy as np\nimport scipy.special\nfrom scipy import special\nfrom scipy.special import logsumexp as lse\n"
)


@pytest.mark.parametrize("call", CALLS)
def test_it_records_with_scipys_values(call, write, capsys):
    made = run(write(f"{HEAD}a = np.array({A})\nw = np.array({W})\nf = {call}\nprint(repr(f))\n"))
    assert made.error is None
    assert not [note for note in made.notes if "out of the graph" in note]
    names = {"special": special, "scipy": __import__("scipy"), "lse": special.logsumexp}

    def value(a):
        return eval(call, {**names, "a": a, "w": np.array(W)})

    assert capsys.readouterr().out == f"{value(np.array(A))!r}\n"
    gradient = made.graph.gradients().get("a")
    if gradient is not None:
        for place in np.ndindex(2, 3):
            step = np.zeros((2, 3))
            step[place] = 1e-6
            slope = (value(np.array(A) + step) - value(np.array(A) - step)) / 2e-6
            assert gradient[place] == pytest.approx(slope, abs=1e-8)


def test_what_no_op_records_leaves_the_graph_with_a_note(write, capsys):
    made = run(write(f"{HEAD}x = 2.0\ny = x * 3.0\ns = special.logsumexp(y, return_sign=True)\nprint(s)\n"))
    assert made.error is None
    assert capsys.readouterr().out == f"{special.logsumexp(6.0, return_sign=True)}\n"
    assert any("logsumexp" in note for note in made.notes)
