"""Arrays that a script fills: plain until a traced value is written into them; inputs with what they hold then."""

import gc

import numpy as np
import pytest

from gradviz.cli.script import run


@pytest.fixture
def session(write):
    """Writes a script and runs it."""
    return lambda text: run(write("import numpy as np\nx = np.array([1.0, 2.0])\n" + text))


def gradients(session):
    """The gradients of the inputs, as plain Python."""
    return {name: getattr(g, "tolist", lambda g=g: g)() for name, g in session.graph.gradients().items()}


#: What is in a function, and the gradient of the sum of what it returns with respect to x.
FILLED = {
    "an element": ("out = np.zeros(2)\nout[0] = x[0] * 3.0\nreturn out", [3, 0]),
    "a slice": ("out = np.empty(2)\nout[:] = x * 2.0\nreturn out", [2, 2]),
    "a row": ("out = np.zeros((2, 2))\nout[1] = x\nreturn out * 5.0", [5, 5]),
    "by a mask": ("out = np.ones(2)\nout[x > 1.5] = x[1] * 4.0\nreturn out", [0, 4]),
    "with a list": ("out = np.zeros(2)\nout[:] = [x[1], 7.0]\nreturn out", [0, 1]),
    "two at once": ("a, b = np.zeros(2), np.zeros(2)\na[0], b[1] = x[0], x[1]\nreturn a + b * 2.0", [1, 2]),
    "added to an element": ("out = np.ones(2)\nout[0] += x[0] * 3.0\nout[0] *= 2.0\nreturn out", [6, 0]),
    "added to a row": ("out = np.ones((2, 2))\nout[0] += x\nout[0] -= x * 3.0\nreturn out", [-2, -2]),
    "added to the whole": ("out = np.zeros(2)\nout += x\nout += x\nreturn out", [2, 2]),
    "a product of the whole": ("out = np.full(2, 3.0)\nout *= x\nreturn out", [3, 3]),
    "added to what a call chooses": (
        "out = np.zeros(2)\nout[: int(1)] += x[:1]\nout[np.arange(2)] += x\nreturn out", [2, 1],
    ),
    "added to a mask": ("out = np.zeros(2)\nout[x > 1.5] += x[1] * 4.0\nout[x > 0] *= 2.0\nreturn out", [0, 8]),
    "in an OrderedDict": (
        "from collections import OrderedDict\ng = OrderedDict(a=np.zeros(2))\ng['a'] += x\nreturn g['a']", [1, 1],
    ),
    "in a deque": ("from collections import deque\ng = deque([np.zeros(2)])\ng[0] += x\nreturn g[0]", [1, 1]),
    "in a slot": (
        "class A:\n    __slots__ = ('h',)\no, n = A(), np.zeros(2)\no.h = n * 1.0\nfor p in [o]:\n    p.h += x\n"
        "return o.h", [1, 1],
    ),
    "in a list": ("h = [np.zeros(2) for _ in range(2)]\nh[1][:] = x\nreturn h[1]", [1, 1]),
    "in a dict": ("g = {k: np.zeros(2) for k in 'ab'}\nfor k in g:\n    g[k] += x\nreturn g['a'] + g['b']", [2, 2]),
    "in a dict, by a name": ("g = {'a': np.zeros(2)}\none = g['a']\none += x\nreturn g['a']", [1, 1]),
    "in an object": ("class A: pass\no = A()\no.h = np.zeros(2)\no.h[0] = x[1]\nreturn o.h", [0, 1]),
    "by two names": ("a = np.zeros(2)\nb = a\nb[0] = x[0]\nreturn a", [1, 0]),
    "in a loop over lists": (
        "a, b = np.zeros(2), np.zeros(2)\nfor m, s in zip([a, b], [1.0, 2.0]):\n    m += s * x\nreturn a + b", [3, 3],
    ),
    "by another function": ("def fill(o):\n    o[0] = x[0] * 2.0\nout = np.zeros(2)\nfill(out)\nreturn out", [2, 0]),
    "made by another": ("def make():\n    return np.zeros(2)\nout = make()\nout[1] = x[1]\nreturn out", [0, 1]),
    "in a tuple": ("t = (np.zeros(2),)\nt[0][0] = x[0]\nreturn t[0]", [1, 0]),
    "by a closure": ("out = np.zeros(2)\ndef f():\n    out[0] = x[0]\nf()\nreturn out", [1, 0]),
    "a copy of an array": ("c = np.array([5.0, 6.0]).copy()\nc[0] = x[1]\nreturn c", [0, 1]),
    "of 32 bits": ("out = np.zeros(2, dtype=np.float32)\nout[0] = x[0]\nreturn out", [1, 0]),
    "by a ufunc": ("out = np.zeros(2)\nnp.multiply(x, 3.0, out=out)\nreturn out", [3, 3]),
    "at places": ("out = np.zeros(2)\nnp.add.at(out, [0, 0], x)\nreturn out", [1, 1]),
}  # fmt: skip


@pytest.mark.parametrize("name", FILLED)
def test_what_is_written_into_a_plain_array_is_recorded(session, name):
    body, expected = FILLED[name]
    made = session("def f(x):\n" + "".join(f"    {line}\n" for line in body.splitlines()) + "y = f(x).sum()\n")
    assert made.error is None
    assert gradients(made) == {"x": expected}
    assert made.notes == []


def test_the_values_are_those_of_python(session, capsys):
    text = "".join(
        f"def f{i}(x):\n" + "".join(f"    {line}\n" for line in body.splitlines()) + f"print(f{i}(x))\n"
        for i, (body, _) in enumerate(FILLED.values())
    )
    session(text)
    ours = capsys.readouterr().out
    exec("import numpy as np\nx = np.array([1.0, 2.0])\n" + text, {})
    assert ours == capsys.readouterr().out


KEPT = {
    "a view": "t = np.arange(4.0).reshape(2, 2)\nr = t[0]\nr[:] = x\nf = t.sum() * x.sum()",
    "in a tuple": "t = (np.array(list(range(2)), dtype=float),)\nt[0][0] = x[0]\nf = t[0].sum() * x.sum()",
    "that a view shares": "a = np.arange(2.0)\nb = a[:]\na[0] = x[0]\nf = b.sum() * x.sum()",
}


@pytest.mark.parametrize("name", KEPT)
def test_an_array_that_others_hold_too_stays_what_it_is_and_that_is_noted(session, name):
    made = session(
        "def main():\n" + "".join(f"    {line}\n" for line in KEPT[name].splitlines()) + "    return f\ny = main()\n"
    )
    assert any("took a value out of the graph" in note for note in made.notes)
    plain: dict[str, object] = {}
    exec("import numpy as np\nx = np.array([1.0, 2.0])\n" + KEPT[name], plain)
    assert made.graph.output.value == plain["f"]


def test_until_then_an_array_is_numpys_own(session, capsys):
    session(
        "def f():\n    out = np.zeros(3)\n    for i in range(3):\n        out[i] = i * 0.5\n    return out\n"
        "import builtins\nout = f()\nprint(builtins.type(out).__module__)\ny = (out * x[0]).sum()\n"
    )
    assert capsys.readouterr().out == "numpy\n"


def test_no_other_object_is_looked_through_for_most_arrays(session, monkeypatch):
    searched = []
    referrers = gc.get_referrers
    monkeypatch.setattr(gc, "get_referrers", lambda *objects: searched.append(1) or referrers(*objects))
    made = session(
        "def f(x):\n    out = np.zeros(2)\n    out[0] = x[0]\n    return out\n"
        "y = sum([f(x).sum() for i in range(20)])\n"
    )
    assert gradients(made) == {"x": [20, 0]}
    assert searched == []


# -- arrays that are inputs --------------------------------------------------------------------------------------------


def test_an_input_that_is_filled_with_numbers_is_an_input_with_these(session):
    made = session(
        "W = np.zeros((2, 2))\nW[0, 0] = 0.5\nfor i in range(2):\n    W[i, 1] = i + 1.0\nf = (W @ x).sum()\n"
    )
    assert made.graph["W"].value.tolist() == [[0.5, 1], [0, 2]]
    assert gradients(made) == {"W": [[1, 2], [1, 2]], "x": [0.5, 3]}
    assert made.notes == []


def test_with_wrt_it_is_the_filled_one(write):
    made = run(write("import numpy as np\nW = np.zeros(2)\nW[0] = 0.5\nW[1] = 1.5\nf = (W * W).sum()\n"), wrt=["W"])
    assert gradients(made) == {"W": [1, 3]}


def test_zeros_that_traced_values_are_written_into_are_no_input(session):
    made = session("h = np.zeros((3, 2))\nh[0] = x\nfor t in range(2):\n    h[t + 1] = h[t] * 2.0\nf = h[-1].sum()\n")
    assert gradients(made) == {"x": [4, 4]}


def test_a_series_that_begins_with_a_number_has_its_gradient(session):
    made = session("S = np.zeros(4)\nS[0] = 2.0\nfor t in range(3):\n    S[t + 1] = S[t] * 0.5\nf = S[-1] * x[0]\n")
    assert gradients(made)["S"] == [0.125, 0, 0, 0]


def test_what_was_computed_from_an_input_before_it_was_written_into_keeps_its_gradient(session):
    made = session("w = np.ones(2)\na = (w * x).sum()\nw[0] = 5.0\nf = a * (w * x).sum()\n")
    step, found = 1e-6, []
    for i in range(2):
        f = []
        for sign in (1, -1):
            w, x = np.ones(2), np.array([1.0, 2.0])
            w[i] += sign * step
            a = (w * x).sum()
            w[0] = 5.0
            f.append(a * (w * x).sum())
        found.append((f[0] - f[1]) / (2 * step))
    assert gradients(made)["w"] == pytest.approx(found)


def test_empty_arrays_are_no_inputs(session):
    assert gradients(session("b = np.empty(2)\nb[0] = x[0]\nb[1] = 3.0\nf = b.sum()\n")) == {"x": [1, 0]}
