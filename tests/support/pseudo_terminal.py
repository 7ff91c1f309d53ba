"""A terminal for a test: runs a command in it, types into it, and tells what stands on its screen."""

import contextlib
import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 120  # seconds until a test is given up; nothing waits so long on a machine that is not stuck
CTRL_C = "\x03"


def until(happened: Callable[[], object]) -> None:
    """Look again and again, for what nobody tells; `happened` may do its part."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    """Whether a process is there that is no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    if sys.platform == "linux":
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


class Terminal:
    """A command that runs in a terminal of its own, as the program in its foreground.

    Parameters
    ----------
    *command
        Arguments of Python's.
    columns
        How wide the terminal is.
    **environment
        Variables for the command.
    """

    def __init__(self, *command: str, columns: int = 80, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._settings = termios.tcgetattr(slave)
        self._slave = slave
        self._came = threading.Condition()
        self._text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self.process = subprocess.Popen(
            [sys.executable, *command], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), env={**os.environ, "TERM": "xterm", **environment},
        )  # fmt: skip
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()
        os.close(self._slave)
        self._reader.join(PATIENCE)
        os.close(self._master)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError as gone:
                assert gone.errno == errno.EIO
                return
            if not data:
                return
            with self._came:
                self._text += data.decode("utf-8", "replace")
                self._came.notify_all()

    @property
    def text(self) -> str:
        """All that was written so far, as it was written."""
        return self._text

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until something that matches was written."""
        with self._came:
            found = self._came.wait_for(lambda: re.search(pattern, self._text), PATIENCE)
        assert found, f"no {pattern!r} in {self._text!r}"
        return found

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Wait until the command has ended; its exit code."""
        code = self.process.wait(PATIENCE)
        # What it wrote last may still be on its way: a mark behind it tells.
        os.write(self._slave, b"\0")
        with self._came:
            assert self._came.wait_for(lambda: "\0" in self._text, PATIENCE)
            self._text = self._text.replace("\0", "")
        return code

    def is_as_it_was(self) -> bool:
        """Whether a command that has ended left the terminal's settings, its colours and its cursor as they were."""
        last = {"?25": "?25h"}  # what was hidden is shown again; of colours the last word is the plain one
        for code in re.findall(r"\x1b\[([\d;?]*[A-JL-Za-z])", self.text):
            last["?25" if code[:3] == "?25" else code[-1]] = code
        plain = last.pop("?25") == "?25h" and all(code in ("0m", "m") for code in last.values())
        return plain and termios.tcgetattr(self._slave) == self._settings

    @property
    def screen(self) -> list[str]:
        """The lines as a reader sees them, and nothing of what was overwritten or erased."""
        lines, row, column = [""], 0, 0
        for token in re.findall(r"\x1b\[\d*[A-Za-z]|\x1b[^\[]|[^\x1b]", re.sub(r"\x1b\[\?25[hl]", "", self.text)):
            if token == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif token == "\r":
                column = 0
            elif token == "\x1b[K":
                lines[row] = lines[row][:column]
            else:
                assert token[0] != "\x1b", f"the screen knows no {token!r}"
                lines[row] = lines[row][:column].ljust(column) + token + lines[row][column + 1 :]
                column += 1
        return lines
