"""Scripts that nobody wrote for gradviz: traced as they are, they print, exit and compute as under python."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
#: What a script is given; the others get nothing.
ARGUMENTS = {"main_guard": ["--epochs", "60", "-v"], "subcommands": ["demo"]}
STDIN = {"reads_files": "2.0\na b\nc\n"}
#: The packages of others that a script imports besides NumPy.
NEEDS = {"plotting": "matplotlib", "contour_descent": "matplotlib", "spline": "matplotlib", "scipy_minimize": "scipy",
         "bayes_opt": "scipy"}  # fmt: skip
#: The inputs that must be found, by name, where they are not all at module level under a name of their own.
INPUTS = {
    "adam": {"X", "params['W']", "params['b']"},
    "attention": {"block['query']", "block['proj']", "gain", "tokens"},
    "bayes_opt": {"noise", "X"},
    "char_rnn": {"Wxh", "Whh", "Why", "bh", "by"},
    "closures": {"W1", "b1", "W2", "b2", "inputs"},
    "concurrency": {"weights"},
    "contour_descent": {"position"},
    "dataclass_layers": {"model.layers[0].weight", "model.layers[1].bias", "batch", "goal"},
    "decorators": {"x", "weights['sigmoid']", "weights['gauss']"},
    "dual_numbers": {"at"},
    "einsum_cp": {"A", "B", "C"},
    "functional_net": {"x", "params['W0']", "params['b0']", "params['W1']", "params['b1']"},
    "gan_1d": {"G[0][0]", "G[1][1]", "D[0][0]", "D[1][1]"},
    "gmm_em": {"samples"},
    "heat2d": {"alpha", "u"},
    "hidden_markov": {"hmm['start']['Healthy']", "hmm['trans']['Healthy']['Fever']", "hmm['emit']['Fever']['dizzy']"},
    "im2col_conv": {"x", "w", "b"},
    "imports_helper": {"model.layers[0].W", "model.layers[2].b", "inputs"},
    "linear_regression_loop": {"m", "b", "xs[0]", "ys[5]"},
    "logged_training": {"w"},
    "main_guard": {"x", "coef"},
    "message_passing": {"x", "params[0][0]", "params[1][1]", "readout", "labels"},
    "micrograd_like": {"model.layers[0].neurons[3].w[2]", "model.layers[2].neurons[0].b"},
    "mlp_class": {"X", "y", "net.W1", "net.b1", "net.W2", "net.b2"},
    "network_sgd": {"points[18]", "net.weights[0]", "net.weights[1]", "net.biases[0]", "net.biases[1]"},
    "neural_ode": {"y0", "A", "h", "params[0]", "params[1]", "params[2]", "params[3]"},
    "newton_logistic": {"X", "y", "beta"},
    "option_greeks": {"S", "K", "T", "r", "sigma"},
    "pipeline": {"gain", "bias", "decay", "signal[0]", "signal[4]"},
    "reinforce": {"true_values", "theta"},
    "rnn_gradcheck": {"Wxh", "Whh", "Why", "bh", "by", "hprev"},
    "scipy_minimize": {"X", "w", "penalty"},
    "spline": {"xs", "ys", "t"},
    "spring_fit": {"params", "t_end"},
    "transformer_block": {"model.wte", "model.h[0].attn.c_attn.weight", "model.h[1].mlp[1].bias", "model.ln_f.weight"},
    "two_coins_em": {"theta['A']", "theta['B']"},
    "word2vec": {"center", "context"},
}
#: How many steps are counted where inputs are updated; the last one is drawn.
STEPS = {"adam": 150, "backprop_inplace": 600, "char_rnn": 40, "contour_descent": 80, "einsum_cp": 201,
         "functional_net": 300, "gan_1d": 31, "generators": 120, "imports_helper": 60, "linear_regression_loop": 200,
         "logged_training": 60, "logistic_regression": 400, "main_guard": 60, "mlp_class": 500,
         "network_sgd": 16, "neural_ode": 30, "newton_logistic": 6, "reinforce": 100, "spring_fit": 6}  # fmt: skip

#: What no difference can tell: a script, or one input of it, and why.
NOT_COMPARED = {
    ("fails", None): "it ends in an exception, and gradients are not run back",
    ("warns", "values"): "np.where picks the finite branch and the gradient is 0 · ∞ on the other: NaN is right",
    ("logged_training", "label"): "label == 0 chooses between two curves: moved by however little it is no 0 any more",
    ("functional_net", "lr"): "the number in the call of each step is one input, and is moved in the last call alone",
    ("two_layer_net", "reg"): "the same number is given in two calls, and is moved in the one that is not drawn",
    ("ode_rk4", "trajectory"): "np.empty gives what was in memory, so no run has the value of another",
}
#: How far numbers are moved, in parts of their size.
STEP = 1e-6
#: Less where the output is far from straight: Adagrad's first steps divide gradients of 1e-4 by their own size.
STEP_UNROLLED = {"char_rnn": 3e-8}

SCRIPTS = sorted(path.stem for path in PROGRAMS.glob("*.py") if not path.stem.startswith("helper"))


class Run(NamedTuple):
    """What python gave, what tracing gave, and what was measured."""

    python: subprocess.CompletedProcess[bytes]
    ours: subprocess.CompletedProcess[bytes]
    found: dict


def python(name: str, *before: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Runs a script, or with `before` what stands before its name on the command line."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    words = [sys.executable, *map(str, before), str(PROGRAMS / f"{name}.py"), *ARGUMENTS.get(name, [])]
    return subprocess.run(words, input=STDIN.get(name, "").encode(), capture_output=True, timeout=300, check=False)


def measured(name: str, folder: Path, *options: str, measure: tuple[str | Path, ...] = (HERE / "measure.py",)):
    """A traced run, and what was measured of it."""
    result = folder / "result.json"
    ours = python(name, *measure, *options, result)
    assert result.exists(), ours.stderr.decode()
    return ours, json.loads(result.read_text("utf-8"))


def nudged(name: str, gradients: dict, folder: Path, *, step: float = STEP) -> list[list[float]]:
    """For each input the numerical gradient at its elements: the script itself, run again with them moved."""
    job, result = folder / "job.json", folder / "differences.json"
    job.write_text(json.dumps({**gradients, "step": step}))
    done = python(name, HERE / "nudge.py", job, result)
    assert result.exists(), done.stderr.decode()
    return json.loads(result.read_text("utf-8"))


def disagreements(gradients: dict, differences: list[list[float]], *, step: float = STEP) -> list[str]:
    """Where a gradient and the difference are not the same, to what float64 can tell of an output at such a step."""
    rounding = 1e-14 * max(1.0, abs(gradients["output"]["value"])) / step
    return [
        f"{one['name']} at {place}: {gradient!r} is not {difference!r}"
        for one, found in zip(gradients["inputs"], differences, strict=True)
        for place, gradient, difference in zip(one["elements"], one["gradient"], found, strict=True)
        if gradient != pytest.approx(difference, rel=1e-5, abs=rounding)
    ]


def assert_gradients(name: str, found: dict, folder: Path, *, step: float = STEP) -> None:
    gradients = found["gradients"]
    gradients["inputs"] = [one for one in gradients["inputs"] if (name, one["name"]) not in NOT_COMPARED]
    assert any(slope for one in gradients["inputs"] for slope in one["gradient"])
    assert disagreements(gradients, nudged(name, gradients, folder, step=step), step=step) == []


def test_there_are_enough_of_them():
    assert len(SCRIPTS) >= 25


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name, tmp_path):
    plain = python(name)
    ours, found = measured(name, tmp_path)
    assert ours.stdout == plain.stdout
    assert ours.stderr == plain.stderr
    assert ours.returncode == plain.returncode
    assert found["problem"] is None
    assert found["ops"] > 0
    if (name, None) not in NOT_COMPARED:
        assert_gradients(name, found, tmp_path)
    assert INPUTS.get(name, set()) <= set(found["inputs"])
    if name in STEPS:
        assert any(f" {STEPS[name]} steps" in note for note in found["notes"])
    right, wrong = found["named"]["right"], found["named"]["wrong"]
    assert right >= 0.95 * (right + len(wrong)), wrong


@pytest.mark.parametrize("name", sorted(STEPS))
def test_script_unrolled(name, tmp_path):
    _, found = measured(name, tmp_path, "--unroll")
    assert_gradients(name, found, tmp_path, step=STEP_UNROLLED.get(name, STEP))


def test_a_gradient_that_is_off_by_a_thousandth_is_found(tmp_path):
    _, found = measured("closures", tmp_path)
    gradients = found["gradients"]
    differences = nudged("closures", gradients, tmp_path)
    for i, one in enumerate(gradients["inputs"]):
        for j, slope in enumerate(one["gradient"]):
            wrong = copy.deepcopy(gradients)
            wrong["inputs"][i]["gradient"][j] = 1.001 * slope
            assert [text.split()[0] for text in disagreements(wrong, differences)] == [one["name"]]


#: Runs `measure.py` with a rule in which the slope of tanh is too large by a thousandth.
WRONG_RULE = """
import dataclasses, runpy, sys
from gradviz.tracer.op import OPS
tanh = OPS["tanh"]
(rule,) = tanh.rules
wrong = dataclasses.replace(rule, local=lambda out, x: 1.001 * rule.local(out, x))
object.__setattr__(tanh, "rules", (wrong,))
object.__setattr__(tanh, "push", None)  # else a shorter way to the same numbers is taken
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_wrong_rule_is_found(tmp_path):
    _, found = measured("closures", tmp_path, measure=("-c", WRONG_RULE, HERE / "measure.py"))
    wrong = disagreements(found["gradients"], nudged("closures", found["gradients"], tmp_path))
    assert {text.split()[0] for text in wrong} == {"W1", "b1", "W2", "b2", "inputs"}


def test_each_that_ends_well_has_gradients(tmp_path):
    _, found = measured("logistic_regression", tmp_path)
    assert {one["name"] for one in found["gradients"]["inputs"]} == {"X", "y", "weights", "bias"}


def test_a_failure_is_explained(tmp_path):
    _, found = measured("fails", tmp_path)
    assert found["exit_code"] == 1
    assert found["failure"] == "(4,) @ (5, 2): the inner dimensions 4 and 5 differ"
