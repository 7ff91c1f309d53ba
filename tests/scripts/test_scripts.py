"""Scripts that nobody wrote for gradviz: traced as they are, they print, exit and compute as under python."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
#: What a script is given; the others get nothing.
ARGUMENTS = {"main_guard": ["--epochs", "60", "-v"]}
STDIN = {"reads_files": "2.0\na b\nc\n"}
#: The inputs that must be found, by name, where they are not all at module level under a name of their own.
INPUTS = {
    "adam": {"X", "params['W']", "params['b']"},
    "attention": {"block['query']", "block['proj']", "gain", "tokens"},
    "char_rnn": {"Wxh", "Whh", "Why", "bh", "by"},
    "closures": {"W1", "b1", "W2", "b2", "inputs"},
    "dataclass_layers": {"model.layers[0].weight", "model.layers[1].bias", "batch", "goal"},
    "decorators": {"x", "weights['sigmoid']", "weights['gauss']"},
    "functional_net": {"x", "params['W0']", "params['b0']", "params['W1']", "params['b1']"},
    "imports_helper": {"model.layers[0].W", "model.layers[2].b", "inputs"},
    "linear_regression_loop": {"m", "b", "xs[0]", "ys[5]"},
    "main_guard": {"x", "coef"},
    "micrograd_like": {"model.layers[0].neurons[3].w[2]", "model.layers[2].neurons[0].b"},
    "mlp_class": {"X", "y", "net.W1", "net.b1", "net.W2", "net.b2"},
    "scipy_minimize": {"X", "w", "penalty"},
    "word2vec": {"center", "context"},
}
#: How many steps are counted where inputs are updated; the last one is drawn.
STEPS = {"adam": 150, "backprop_inplace": 600, "char_rnn": 40, "functional_net": 300, "generators": 120,
         "imports_helper": 60, "linear_regression_loop": 200, "logistic_regression": 400, "main_guard": 60,
         "mlp_class": 500}  # fmt: skip

#: np.where picks the finite branch, and the gradient is 0 · ∞ on the other: NaN is right, whatever a difference says.
NOT_A_NUMBER = {"warns"}

SCRIPTS = sorted(path.stem for path in PROGRAMS.glob("*.py") if not path.stem.startswith("helper"))


class Run(NamedTuple):
    """What python gave, what tracing gave, and what was measured."""

    python: subprocess.CompletedProcess[bytes]
    ours: subprocess.CompletedProcess[bytes]
    found: dict


def run(name: str, folder: Path) -> Run:
    if name == "plotting":
        pytest.importorskip("matplotlib")
    if name == "scipy_minimize":
        pytest.importorskip("scipy")
    words = [str(PROGRAMS / f"{name}.py"), *ARGUMENTS.get(name, [])]
    given = STDIN.get(name, "").encode()
    result = folder / "result.json"
    python, ours = (
        subprocess.run([sys.executable, *before, *words], input=given, capture_output=True, timeout=100, check=False)
        for before in ([], [str(HERE / "measure.py"), str(result)])
    )
    assert result.exists(), ours.stderr.decode()
    return Run(python, ours, json.loads(result.read_text("utf-8")))


def test_there_are_enough_of_them():
    assert len(SCRIPTS) >= 25


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name, tmp_path):
    python, ours, found = run(name, tmp_path)
    assert ours.stdout == python.stdout
    assert ours.stderr == python.stderr
    assert ours.returncode == python.returncode
    assert found["problem"] is None
    assert found["ops"] > 0
    if name not in NOT_A_NUMBER:
        assert_gradients(found)
    assert INPUTS.get(name, set()) <= set(found["inputs"])
    if name in STEPS:
        assert any(f" {STEPS[name]} steps" in note for note in found["notes"])
    right, wrong = found["named"]["right"], found["named"]["wrong"]
    assert right >= 0.95 * (right + len(wrong)), wrong


def assert_gradients(found):
    """Each gradient is what moving the input gives, to what differences in float64 can tell."""
    for name, pairs in found.get("gradients", {}).items():
        for gradient, numerical in pairs:
            assert gradient == pytest.approx(numerical, rel=1e-4, abs=1e-5), name


def test_each_that_ends_well_has_gradients(tmp_path):
    assert run("logistic_regression", tmp_path).found["gradients"].keys() == {"X", "y", "weights", "bias"}


def test_a_failure_is_explained(tmp_path):
    found = run("fails", tmp_path).found
    assert found["exit_code"] == 1
    assert found["failure"] == "(4,) @ (5, 2): the inner dimensions 4 and 5 differ"
