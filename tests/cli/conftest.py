"""What the command's tests share: a folder of their own, scripts written into it, and two ways of running gradviz."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gradviz.cli import main
from gradviz.cli.script import run as run_script


class Result(NamedTuple):
    """How a run ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.out.splitlines()


Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[..., str]:
    """Writes a script into the folder and gives its name."""

    def write(text: str | bytes, name: str = "s.py") -> str:
        data = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
        (folder / name).write_bytes(data)
        return name

    return write


@pytest.fixture
def gradviz(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process."""

    def run(*args: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(args, prog_name="gradviz")
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, out, err)

    return run


@pytest.fixture
def both_ways(write: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[Any, Any]]:
    """Runs a script under Python and traced, which must print the same: its variables there, and what was traced."""

    def run_both(text: str) -> tuple[Any, Any]:
        names: dict[str, Any] = {}
        exec(text, names)
        plain = capsys.readouterr().out
        made = run_script(write(text))
        assert capsys.readouterr().out == plain
        return names, made

    return run_both


@pytest.fixture
def traced(write: Callable[..., str], gradviz: Run) -> Run:
    """Writes a script and traces it in this process."""

    def run(text: str, *args: str) -> Result:
        return gradviz("trace", write(text), "-o", "f.dot", *args)

    return run


def process(*command: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own, its output as bytes."""
    return subprocess.run(
        [sys.executable, *command],
        input=stdin.encode(),
        capture_output=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture
def processes(folder: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs Python in a process of its own, in the folder."""
    return process
