"""Lists of traced numbers, and plain arrays, beside traced values in NumPy's calls: nothing is cut."""

import numpy as np
import pytest

from gradviz.cli.script import run

CALLS = [
    "np.sum([a, b, 1.0])", "np.mean([v ** 2 for v in x])", "np.max([a, b])", "np.std([a, b, 2.0])", "np.prod((a, b))",
    "np.dot([a, b, 1.0], x)", "np.median([a, b, x[0]])", "np.cumsum([a, b, a]).sum()",
    "np.concatenate([[a, b], x]).sum() * b", "np.vstack([[a, b], [b, 1.0]]).sum()", "np.outer([a, b], x).sum()",
    "(x * [a, 2.0, b]).sum()", "((a, b, 1.0) * x).sum()", "(x - [a, b, 0.5]).sum()", "np.exp([a, b]).sum()",
    "np.maximum([a, b], 1.0).sum()", "np.where([True, False], [a, b], a).sum()",
    "np.concatenate(([a], [b, 1.0])).sum() * a", "np.stack([[a, b], [b, a]]).max()", "np.append([a, b], a).sum()",
    "np.linalg.norm([a, b])", "np.linalg.solve([[a, 1.0], [0.5, b]], [a, b]).sum()", "np.add.reduce([a, b])",
    "np.interp(0.5, [0.0, 1.0], [a, b])", "np.average([a, b], weights=[1.0, a])",
    "np.einsum('i,i->', [a, b], [a, 2.0])", "np.full((2,), [a, b]).prod()", "np.multiply.outer([a, b], [1.0, a]).sum()",
    "np.sum([[a, b], [b, 1.0]], axis=0)[0]", "(np.ones(2) * [a, b]).sum()", "([a, b] - np.arange(2)).sum()",
    "(np.arange(2) + (a, b)).prod()", "np.mean(L)", "(L / np.array([1.0, 2.0])).sum()", "(np.ones(2) ** L).sum() * a",
    "np.sum(L + [a])", "np.sum(L * 2)", "np.sum([a] * len(x))", "np.mean([v for v in L][:1])", "(x[0] + [a, b]).sum()",
    "np.matmul([L], [[1.0], [a]])[0, 0]", "X.dot(x).sum() * a", "x.T.dot(X).sum()", "K.dot(x).sum()",
    "X.T.clip(0.0, b).sum()",
]  # fmt: skip
NAMES = {"x": [0.5, 1.5, 2.0], "a": 0.75, "b": 1.25}
HEAD = f"import numpy as np\nx = np.array({NAMES['x']})\na = {NAMES['a']}\nb = {NAMES['b']}\n"
PLAIN = "X = np.arange(9.0).reshape(3, 3)\nK = np.arange(6).reshape(2, 3)\nL = [a, b]\n"


@pytest.mark.parametrize("call", CALLS)
def test_gradients_are_the_numerical_ones(call, write, capsys):
    text = f"{HEAD}{PLAIN}f = {call}\n"
    made = run(write(f"{text}print(f)\n"))
    assert made.error is None
    assert not [note for note in made.notes if "out of the graph" in note]
    given = {name: np.array(value) if name == "x" else value for name, value in NAMES.items()}
    names = {"np": np, "X": np.arange(9.0).reshape(3, 3), "K": np.arange(6).reshape(2, 3)}

    def value(**changed):
        moved = {**given, **changed}
        return eval(call, {**names, **moved, "L": [moved["a"], moved["b"]]})

    assert capsys.readouterr().out == f"{value()}\n"
    for name in NAMES.keys() & made.graph.gradients().keys():
        gradient = made.graph.gradients()[name]
        step = np.array([0.0, 1e-6, 0.0]) if name == "x" else 1e-6
        slope = (value(**{name: given[name] + step}) - value(**{name: given[name] - step})) / 2e-6
        assert np.ravel(gradient)[int(name == "x")] == pytest.approx(slope, abs=1e-7)


LISTS = [
    "L + [1.0]", "L * 2", "[a] * 3", "L + L", "(a, b) + (1.0,)", "2 * L", "L * np.int64(2)", "[a, b] + [c for c in L]",
    "type(L + L), type((a, b) * 2)", "'%s %.2f' % (a, b)", "np.zeros((2, 1)).shape + (a,)", "[*L, a]",
    "np.array([[1.0], [2.0]]) * (a, b)", "np.mean([1, 2]), np.mean([True, False]), np.sum([]), np.mean([[1.0, 2.0]])",
    "np.reshape(x, (3, 1)).shape, np.tile(x, (2, 1)).shape, np.zeros((len(L), 2)).shape, np.sum(x, axis=(0,))",
    "np.float64(2.0) + [1.0, 2.0], x[0] - [1.0, 2.0], np.array([1, 2]) * [a, 1]",
    "repr(np.max([a, 1])), repr(np.dot([a, b], [1, 2]))",
    "np.sort([b, a]), np.argsort([b, a]), np.argmax([a, b]), np.shape([[a, b]]), np.ndim(L), np.size(L)",
]  # fmt: skip


@pytest.mark.parametrize("values", LISTS)
def test_lists_are_lists_and_values_are_numpys(values, both_ways):
    both_ways(f"{HEAD}{PLAIN}print(({values}))\nf = a * b\n")


WRONG = ["np.mean([[a], [a, b]])", "a * [a, b]", "L + a", "x + [a, b]", "x[0] * [a, b]", "np.ones(3) * [a, b]"]


@pytest.mark.parametrize("text", WRONG)
def test_errors_are_pythons(text, both_ways):
    tried = f"try:\n    print({text})\nexcept Exception as error:\n    print(type(error), error)\n"
    text = f"{HEAD}{PLAIN}{tried}f = a * b\n"
    both_ways(text)
