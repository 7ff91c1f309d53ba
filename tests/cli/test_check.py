"""`gradviz check` from the outside: right scripts, wrong rules, kinks, branches, failures."""

import json
import sys
import zipfile

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


SHOWN = "loss: 1 of 1 gradients agree with differences (to 1e-06)"
CODE = "import numpy as np\nx = 0.3\nloss = np.tanh(x)\n"


@pytest.mark.parametrize(
    "words",
    [("-m", "package.module"), ("-m", "package"), ("-c", CODE), ("-",), ("folder",), ("folder.zip",), ("n.ipynb",)],
    ids=["module", "package", "code", "stdin", "folder", "zip", "notebook"],
)
def test_whatever_trace_takes(processes, write, folder, words):
    for name in ("package", "folder"):
        (folder / name).mkdir()
    for name in ("package/__main__.py", "package/module.py", "folder/__main__.py"):
        write(CODE, name)
    with zipfile.ZipFile("folder.zip", "w") as archive:
        archive.write("folder/__main__.py", "__main__.py")
    write(json.dumps({"cells": [{"cell_type": "code", "source": CODE}]}), "n.ipynb")
    done = processes("-m", "gradviz", "check", *words, stdin=CODE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[0] == SHOWN


TRAINING = """
w = 2.0
for i in range(4):
    loss = (w * 1.5 - 1.0) ** 2
    w = w - 0.1 * 3.0 * (w * 1.5 - 1.0)
"""


def test_the_step_that_is_checked(gradviz, write):
    name = write(TRAINING)
    values = {}
    for words in ((), ("--step", "1"), ("--unroll",)):
        result = gradviz("check", "--of", "loss", *words, name)
        assert (result.code, result.lines[0]) == (0, SHOWN)
        values[words] = next(line for line in result.lines if line.split()[:1] == ["w"])
    assert len(set(values.values())) == 3


def test_a_script_that_is_stopped_is_checked_as_far_as_it_came(gradviz, write):
    result = gradviz("check", "--max-ops", "50", write("x = 0.5\nf = x\nwhile True:\n    f = f * 1.01\n"))
    assert result.code == 1
    assert result.lines[0] == "f: 1 of 1 gradients agree with differences (to 1e-06)"
    assert "--max-ops is 50" in result.out


def test_an_option_that_went_to_the_script_is_named(gradviz, write):
    result = gradviz("check", write(CODE), "a", "--seed", "3")
    assert result.code == 0
    assert result.err.startswith("gradviz: --seed went to the script, as it stands after a: ")


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


def test_what_is_only_shown_is_no_branch(checked):
    printed = 'print("%.3f" % y, "%d" % y, int(y), json.dumps(y))\n'
    kept = 'text = "%d of %s" % (y, x)\nline = json.dumps({"y": y})\n'
    code, out, _ = checked(f"import json\nx = 3.0\ny = x * x\n{printed}{kept}f = y * 2.0\n")
    assert code == 0
    assert "f: 1 of 1 gradients agree" in out
    assert "branch" in checked("x = 3.0\ny = x * x\nk = int(y)\nf = y * k\n")[1]


def test_where_nothing_is_computed_the_cuts_are_told(checked):
    code, _, err = checked("x = 3.0\ny = float(x) * 2\n")
    assert code == 1
    assert err.splitlines()[1].startswith("note: float(x) at s.py:2 took a value out of the graph")
