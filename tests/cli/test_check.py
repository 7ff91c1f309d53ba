"""`gradviz check` from the outside: right scripts, wrong rules, kinks, branches, failures."""

import sys

import pytest
from click.testing import CliRunner

from gradviz.cli import check as module
from gradviz.cli.check import check

PLAIN = "import numpy as np\nx = np.array([0.3, -0.7])\nw = 2.0\nloss = np.sum(np.tanh(x * w))\n"
WRONG = """
import sys
import numpy as np
import gradviz as gv
from gradviz.tracer.gates import op

@op(local=lambda out, x: 1 - out)
def wrong(x):
    return np.tanh(x)

x = gv.tensor([0.3, -0.7], "x")
loss = (wrong(x) * 3.0).sum()
loss.backward()
"""


@pytest.fixture
def checked(write):
    """Writes a script and checks it in this process; gives the exit code, stdout and stderr."""

    def run(text, *options):
        result = CliRunner().invoke(check, [write(text), *options], standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        return result.return_value, result.stdout, result.stderr

    return run


def test_a_plain_script_passes(checked):
    code, out, err = checked(PLAIN)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "loss: 2 of 2 gradients agree with differences (to 1e-06)"
    assert [line.split()[0] for line in out.splitlines()[2:4]] == ["x", "w"]


def test_a_wrong_rule_is_named_with_file_and_line(checked, folder):
    code, out, _ = checked(WRONG)
    assert code == 1
    (line,) = [line for line in out.splitlines() if line.split()[0] == "wrong"]
    assert f"{folder / 's.py'}:12" in line
    assert line.endswith("wrong")


def test_wrt_chooses_the_inputs(checked):
    code, out, _ = checked(PLAIN, "--wrt", "w")
    assert code == 0
    assert out.startswith("loss: 1 of 1 gradients")


def test_a_kink_is_no_fault(checked):
    code, out, _ = checked("x = 1.0\ny = 1.0\nf = max(x, y) * 2\n")
    assert code == 0
    assert "kink" in out


def test_the_way_code_branched_is_no_fault(checked):
    code, out, _ = checked("x = 1.0\nif x > 0.99999999 and x < 1.00000001:\n    f = x * x\n")
    assert code == 0
    assert "branch" in out


def test_options_reach_the_check(checked):
    code, out, _ = checked(PLAIN, "--method", "directions", "--tolerance", "1e-4", "--seed", "3")
    assert code == 0
    assert "(to 0.0001)" in out
    assert "20 directions" in out


def test_a_script_that_fails_or_computes_nothing(checked, capfd):
    assert checked("x = 1.0\ny = x * 2\nraise SystemExit(3)\n")[0] == 3
    assert checked("x = 1.0\ny = x / 0\n")[0] == 1
    code, out, err = checked("print('hello')\n")
    assert (code, out) == (1, "hello\n")
    assert err.startswith("gradviz: ")


def test_the_bar_is_for_people(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with module._bar() as progress:
        progress(1, 4)
        progress(4, 4)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    with module._bar() as progress:
        assert progress is None
