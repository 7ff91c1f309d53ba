"""Ctrl-C, typed into a terminal: exit code 130, a clean screen, no half-written file, and no process left behind."""

import stat

import pytest

pytest.importorskip("pty")
from pseudo_terminal import CTRL_C, Terminal, is_alive, until

SLEEPS = "import time\nx = 2.0\nf = x * x\nprint('asleep', flush=True)\ntime.sleep(1000)\n"


def gradviz(*words: str, **environment: str) -> Terminal:
    return Terminal("-m", "gradviz", *words, **environment)


@pytest.mark.parametrize("command", ["trace", "check"])
def test_while_the_script_runs(write, folder, command):
    with gradviz(command, write(SLEEPS)) as terminal:
        terminal.wait_for("asleep\r\n")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert terminal.screen == ["asleep", "^C", "gradviz: interrupted", ""]
        assert terminal.is_as_it_was()
    assert [path.name for path in folder.iterdir()] == ["s.py"]


def test_a_script_that_catches_it_goes_on_as_under_python(write, folder):
    name = write("import time\nx = 2.0\ntry:\n    print('asleep', flush=True)\n    time.sleep(1000)\n"
                 "except KeyboardInterrupt:\n    print('caught')\nf = x * x\n")  # fmt: skip
    with gradviz("trace", name, "-o", "f.json") as terminal:
        terminal.wait_for("asleep\r\n")
        terminal.type(CTRL_C)
        assert terminal.end() == 0
        assert terminal.screen[:3] == ["asleep", "^Ccaught", "wrote f.json (json)"]


#: A `dot` that says its version, and then takes for ever.
SLOW_DOT = """#!/bin/sh
case "$*" in *-V*) echo "dot - graphviz version 2.43.0 (0)" >&2; exit;; esac
echo $$ > {0}
exec sleep 1000
"""


def test_while_the_picture_is_laid_out(write, folder, tmp_path_factory, monkeypatch):
    beside = tmp_path_factory.mktemp("programs")
    dot, its_id = beside / "dot", beside / "id"
    dot.write_text(SLOW_DOT.format(its_id))
    dot.chmod(dot.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(beside), prepend=":")
    write(b"an earlier picture", "f.svg")
    with gradviz("trace", write("x = 2.0\nf = x * x\n"), "-o", "f.svg") as terminal:
        until(lambda: its_id.exists() and its_id.read_text().strip())
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert terminal.screen == ["^C", "gradviz: interrupted", ""]
        assert terminal.is_as_it_was()
    until(lambda: not is_alive(int(its_id.read_text())))
    assert (folder / "f.svg").read_bytes() == b"an earlier picture"
    assert {path.name for path in folder.iterdir()} == {"s.py", "f.svg"}


def test_while_gradients_are_checked(write):
    name = write("import numpy as np\nx = np.random.default_rng(0).normal(size=(200, 200))\n"
                 "f = np.sum(np.tanh(x @ x) @ x)\n")  # fmt: skip
    with gradviz("check", "--method", "elements", name) as terminal:
        terminal.wait_for(r"checking .*\d%")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert terminal.screen[-2:] == ["gradviz: interrupted", ""]
        assert terminal.is_as_it_was()
