"""Calls in a plain script that NumPy would answer with plain numbers: traced values stay traced, and print the same."""

import numpy as np
import pytest

from gradviz.cli.script import run

HEAD = """
import numpy as np
X = np.loadtxt(["0 1 2", "3 4 5", "6 7 8"])
T = np.arange(9.0).reshape(3, 3)
K = np.arange(3)
mean, functions = np.mean, {"exp": np.exp}
reduced = np.add.reduce
ufunc = np.frompyfunc(lambda p, q: max(p * q, 0.5), 2, 1)
rng = np.random.RandomState(3)
x = np.array([0.5, 1.5, 2.25])
a = 0.75
"""
CALLS = [
    # methods of plain arrays
    "X.dot(x).sum() * a",
    "X.T.dot([a, 1.0, a]).sum()",
    "K.dot(x) + K.dot(x * a)",
    "X.clip(a, x[2]).sum()",
    "K.choose([x[0], a, x[1]]).sum()",
    # and of traced ones
    "T.T.dot([a, 1.0, a]).sum()",
    "x.clip(a, [2.0, a, a]).sum()",
    "x.dot([a, a, x[0]])",
    # classes of numbers
    "np.float64(a) * np.float64(x[0])",
    "np.double(x).sum() * a",
    # Python's numbers out of NumPy's
    "x[1].item() * a",
    "x.item(2) * a",
    "x.reshape(3, 1).item(1, 0) ** 2",
    "np.array([a]).item() * x.mean().item()",
    "sum(v * i for i, v in enumerate(x.tolist())) * a",
    "x.reshape(1, 3).tolist()[0][2] ** 2",
    "np.array(a).tolist() * a",
    # functions under other names
    "mean([a, x[0], 2.0])",
    "functions['exp']([a, x[1]]).sum()",
    "reduced([a, x[1]])",
    "(lambda f: f([a, x[0]]))(np.prod)",
    # draws, places
    "sum(v * i[0] for i, v in np.ndenumerate(x))",
    "rng.permutation(x)[0] * a",
    "rng.choice(x * a, 2).sum()",
    "rng.choice(5) * a",
    "np.sqrt(x, where=x > 1, out=np.ones(3)).sum() * a",
]


@pytest.mark.parametrize("call", CALLS)
def test_gradients_are_the_numerical_ones(call, both_ways):
    text = f"{HEAD}f = {call}\nprint(repr(f))\n"
    names, made = both_ways(text)
    assert not [note for note in made.notes if "out of the graph" in note]
    found = {name: gradient for name, gradient in made.graph.gradients().items() if name in ("x", "a")}
    assert found
    for name, gradient in found.items():
        slope = []
        for step in (1e-6, -1e-6):
            moved = text.replace(
                "x = np.array([0.5, 1.5, 2.25])", f"x = np.array([0.5, {1.5 + step * (name == 'x')!r}, 2.25])"
            )
            exec(moved.replace("a = 0.75", f"a = {0.75 + step * (name == 'a')!r}"), names)
            slope.append(names["f"])
        assert np.ravel(gradient)[int(name == "x")] == pytest.approx((slope[0] - slope[1]) / 2e-6, abs=1e-7)


ALIKE = [
    "x.tolist(), x[0].item(), type(x.tolist()[0]), type(x.mean().item()), x.reshape(3, 1).tolist()",
    "np.float64(a), type(np.float64(a)), np.float32(x[0]), np.float64('1.5'), np.float64(2), np.float64(x)",
    "np.array([1, 2]).item(0), (x > 1).tolist(), np.array([1]).tolist()",
    "rng.permutation(x), rng.choice(x, 2), rng.permutation(3), rng.choice(x, p=[0.5, 0.25, 0.25]), rng.rand()",
    "X.dot(x), X.dot(K), X.clip(a, 2), X.clip(0, a), X.take([0, 1]), K.searchsorted(a), X.sum(), X.mean(axis=0)",
    "ufunc, ufunc.nin, ufunc(2, 3), ufunc([a, 2.0], 2.0), ufunc(x, a), list(np.ndenumerate(K))",
    "x @ np.matrix(X), np.matrix(X) @ x[:, None]",
    "T.max(initial=a), x.sum(dtype=int), x.sum(where=x > a), x.argmax(axis=K[0])",
]


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("values", ALIKE)
def test_values_are_numpys(values, both_ways):
    both_ways(f"{HEAD}print(({values}))\nf = np.sum(x) * a\n")


WRONG = [
    "a.item()", "a.tolist()", "x.item()", "x.item(5)", "x.item(0, 0)", "x.tolist(3)", "X.dot(x[:2])",
    "np.float64(a, a, a)", "np.random.permutation(x, 1)", "rng.choice(x, 5, replace=False)", "np.float64([a, [a]])",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_errors_are_pythons(text, both_ways):
    text = (
        f"{HEAD}try:\n    print({text})\nexcept Exception as error:\n    print(type(error), error)\nf = np.sum(x) * a\n"
    )
    both_ways(text)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_leaves_the_graph_with_a_note(write):
    made = run(write(f"{HEAD}f = np.sum(x @ np.matrix(X)) * a\n"))
    assert any(note.startswith("np.matmul(x) at s.py:12 in `x @ np.matrix(X)` took") for note in made.notes)
