"""The line that tells how far a script is: on a terminal alone, and never in the way of the script's own text."""

import re
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest

from gradviz.cli import progress

pytest.importorskip("pty")
from pseudo_terminal import CTRL_C, Terminal

#: The command, with a line that is written whenever it may be.
RESTLESS = """
import sys
from gradviz.cli import main, progress
progress._AFTER = progress._EVERY = 0.0
main(prog_name="gradviz")
"""
LINE = r"gradviz: [\d,]+ ops recorded, [\d.]+ [kMG]B of memory"
TALKS = """
import sys
x = 1.0
f = x
for i in range(3000):
    f = f * 1.0001
    if i % 500 == 0:
        print("step", i)
    if i % 700 == 0:
        print("warned", i, file=sys.stderr)
    if i == 1200:
        print("begun", end=" ", flush=True)
    if i == 2200:
        print("and done")
print("last", end="")
"""


def traced(*command: str, **options: Any) -> Terminal:
    return Terminal("-c", RESTLESS, "trace", *command, **options)


def test_the_line_comes_and_goes(write):
    with traced(write("x = 1.0\nf = x\nfor i in range(3000):\n    f = f * 1.0001\n"), "-o", "f.dot") as terminal:
        assert terminal.end() == 0
        assert len(re.findall(LINE, terminal.text)) >= 2
        assert terminal.screen[0] == "wrote f.dot (dot)"
        assert "recorded" not in "\n".join(terminal.screen)


def test_it_is_told_long_before_records_are_dropped():
    from types import SimpleNamespace

    from gradviz.cli.tape import Tape

    heard: list[int] = []
    tape = Tape(on_tend=heard.append)
    held: list[Any] = [SimpleNamespace(_note=None) for _ in range(1000)]
    for record in held:
        tape.append(record)
    assert heard[:4] == [64, 128, 192, 256]
    assert all(later - earlier == 64 for earlier, later in pairwise(heard))
    assert tape.count == 1000


def test_the_scripts_own_text_stands_as_under_python(write):
    name = write(TALKS)
    with Terminal(name) as python:
        assert python.end() == 0
    with traced(name, "-o", "f.dot") as ours:
        assert ours.end() == 0
    assert re.search(LINE, ours.text)
    expected = "\n".join(python.screen)
    assert "\n".join(ours.screen)[: len(expected)] == expected


def test_it_is_no_wider_than_the_terminal(write):
    with traced(write(TALKS), "-o", "f.dot", columns=20) as terminal:
        assert terminal.end() == 0
        assert re.search(r"\x1b\[Kgradviz: [\d,]+ ops r", terminal.text)
        assert not re.search(LINE, terminal.text)


def test_a_terminal_that_can_erase_nothing_gets_none(write):
    with traced(write(TALKS), "-o", "f.dot", TERM="dumb") as terminal:
        assert terminal.end() == 0
        assert "recorded" not in terminal.text


def test_where_nobody_looks_there_is_none(write):
    done = subprocess.run(
        [sys.executable, "-c", RESTLESS, "trace", write(TALKS), "-o", "f.dot"], capture_output=True, check=True
    )
    assert b"recorded" not in done.stdout + done.stderr
    assert b"\x1b" not in done.stdout + done.stderr


def test_it_goes_with_the_script_on_ctrl_c(write):
    name = write("x = 1.0\nf = x\nfor i in range(3000):\n    f = f * 1.0001\nimport time\ntime.sleep(100)\n")
    with traced(name, "-o", "f.dot") as terminal:
        terminal.wait_for("2,0.. ops recorded")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert terminal.screen == ["", "gradviz: interrupted", ""]


def test_after_a_second_and_four_times_in_one(monkeypatch, capfd):
    clock = [0.0]
    monkeypatch.setattr(progress, "_is_terminal", lambda stream: True)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    line = progress.Progress()
    shown = []
    for clock[0] in (0.5, 0.99, 1.0, 1.1, 1.2, 1.25, 1.3, 1.51):
        line(1000)
        shown.append("recorded" in capfd.readouterr().err)
    line.clear()
    assert shown == [False, False, True, False, False, True, False, True]
    assert capfd.readouterr().err == "\r\x1b[K"


def test_streams_are_as_they_were_afterwards(monkeypatch):
    monkeypatch.setattr(progress, "_is_terminal", lambda stream: True)
    before = dict(vars(sys.stdout))
    line = progress.Progress()
    assert vars(sys.stdout) != before
    line.clear()
    assert vars(sys.stdout) == before
