"""`--watch`: runs the command again on each change, keeps the last good picture, and serves a page that refreshes."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

from . import INTERRUPTED
from .errors import WrongUsage
from .opening import open_page
from .own_files import SOURCES, own_files
from .program import CODE, STDIN, Program
from .terminal import clean, say

__all__ = ["require_files", "watch"]

_LOOK_EVERY = 100  # milliseconds
_PATIENCE = 2.0  # seconds that a run has to end by itself


def require_files(script: str, kind: str | None) -> None:
    """Refuse what is in no file, before any of it is read.

    Raises
    ------
    WrongUsage
        If the program is a text on the command line, or comes from stdin.
    """
    if kind == CODE or (kind is None and script == STDIN):
        raise WrongUsage("--watch waits for changes of a file: give the path of a script")


def watch(program: Program, picture: Path | None) -> int:
    """Run this very command, and again whenever one of the program's files changes, until Ctrl-C.

    Parameters
    ----------
    program
        What the command runs.
    picture
        The file to show in a page that refreshes itself; None for no page.

    Raises
    ------
    WrongUsage
        If the package that watches files is not there, or a folder can't be watched.
    KeyboardInterrupt
        On Ctrl-C, unless the run that it ended has said so already.
    """
    changes = _changes(program)
    page = None if picture is None else _Page(picture)
    run = _Run(_command())
    told = False
    try:
        for paths in changes:
            if run.has_just_ended():
                if not told:
                    say("gradviz: watching; Ctrl-C ends it", err=True)
                told = True
                if page is not None:
                    page.refresh()
            changed = next((path for path in paths if _matters(path, run)), None)
            if changed is not None:
                run.end(at_once=True)
                say(f"gradviz: {clean(changed.name)} changed", err=True)
                run = _Run(run.command)
    except KeyboardInterrupt:
        if not run.end(at_once=False):
            raise
    finally:
        run.end(at_once=True)
    return INTERRUPTED


def _command() -> list[str]:
    """The words that started this process, for one that neither watches nor opens, and keeps the last good picture."""
    words = sys.argv[1:]
    place = words.index("trace") + 1
    python = sys.orig_argv[1 : len(sys.orig_argv) - len(words)]
    return [sys.executable, *python, *words[:place], "--keep-good", *words[place:]]


def _changes(program: Program) -> Iterator[list[Path]]:
    """Which of the program's files have changed, again and again; none, most of the time."""
    try:
        watch_files: Any = import_module("watchfiles").watch
    except ImportError:
        raise WrongUsage("--watch needs the package watchfiles: pip install watchfiles") from None
    return _changed(program, watch_files)


def _changed(program: Program, watch_files: Any) -> Iterator[list[Path]]:
    files = own_files(program)
    while True:
        folders = _folders(files)  # editors replace a file by another, which only its folder tells
        try:
            for changes in watch_files(
                *folders, recursive=False, watch_filter=None, rust_timeout=_LOOK_EVERY, yield_on_timeout=True
            ):
                paths = sorted(path for path in {Path(path) for _, path in changes} if path in files)
                yield paths
                if paths:
                    files |= own_files(program)  # a text that is broken now may import what it imported before
                    if _folders(files) != folders:
                        break
        except OSError as error:  # too many of them, or one that can't be read
            shown = ", ".join(repr(str(folder)) for folder in folders[:3])
            raise WrongUsage(f"--watch can't watch {shown}: {error}: put the script in a folder of its own") from None


def _folders(files: frozenset[Path]) -> list[Path]:
    return sorted({path.parent for path in files if path.parent.is_dir()})


def _matters(path: Path, run: _Run) -> bool:
    """Whether the program may come out differently now that a file of its has changed.

    It may write its data itself, as gradviz does: what changes while it runs does not count.
    """
    if path.suffix in SOURCES:
        return True
    try:
        facts = path.stat()
    except OSError:  # gone again
        return False
    return run.ended is not None and max(facts.st_mtime, facts.st_ctime) > run.ended


class _Run:
    """The command in a process of its own.

    Attributes
    ----------
    ended
        When it ended, as file times are told; None while it runs.
    """

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.ended: float | None = None
        self._process = subprocess.Popen(command)

    def has_just_ended(self) -> bool:
        """Whether it has ended since this was asked last."""
        if self.ended is not None or self._process.poll() is None:
            return False
        self.ended = time.time()
        return True

    def end(self, *, at_once: bool) -> bool:
        """End it if it still runs, and tell whether it said so; if not `at_once`, it is given time to end by itself."""
        ways = [partial(self._process.send_signal, _INTERRUPT), self._process.kill]
        for way in ways if at_once else [None, *ways]:
            if way is not None:
                way()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
                break
        return self.ended is None and self._process.returncode == INTERRUPTED


_INTERRUPT = signal.SIGTERM if sys.platform == "win32" else signal.SIGINT


# -- the page ---------------------------------------------------------------------------------------------------------

_IMAGES = {".svg": "image/svg+xml", ".png": "image/png"}
_OTHERS = {".pdf": "application/pdf", ".html": "text/html; charset=utf-8"}
_TEXT = "text/plain; charset=utf-8"

_HTML = """<!doctype html><meta charset="utf-8"><title>gradviz</title>
<style>
:root{color-scheme:light dark}body{margin:0}img{max-width:100%%}iframe{border:0;width:100vw;height:98vh}
p{font:14px Arial,sans-serif;margin:0;padding:6px 12px;background:#FFF3D6;color:#1F2933}
</style>
<p hidden>The script fails as it is now: this is the last good picture.</p>
<%(element)s id="picture" title="the graph"></%(element)s>
<script>
new EventSource("/changes").onmessage = event => {
  document.querySelector("p").hidden = event.data === "drawn"
  document.querySelector("#picture").src = "/picture?" + Date.now()
}
</script>
"""


class _Page:
    """A page on this machine alone that shows a file, and loads it again after each run."""

    def __init__(self, picture: Path) -> None:
        self.picture = picture
        self._drawn = False
        self._runs = 0
        self._shown = self._version()
        self._ended = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        """What a browser that was sent here calls this machine."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def refresh(self) -> None:
        """Have the pages that are open show what a run has drawn, or that it drew nothing; open one after the first."""
        version = self._version()
        with self._ended:
            self._drawn, self._shown = version != self._shown, version
            self._runs += 1
            self._ended.notify_all()
        if self._runs == 1:
            # Some browsers are waited for until they are closed.
            threading.Thread(target=open_page, args=(f"http://{self.host}/",), daemon=True).start()

    def after(self, seen: int, seconds: float) -> tuple[int, str | None]:
        """How many runs there were, and what came of the last; None for that where there are no more than `seen`."""
        with self._ended:
            more = self._ended.wait_for(lambda: self._runs > seen, seconds)
            return self._runs, ("drawn" if self._drawn else "failed") if more else None

    def _version(self) -> tuple[int, int] | None:
        """What tells the picture from the one before."""
        try:
            facts = self.picture.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_ino


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, page: _Page, *args: object) -> None:
        self._page = page
        super().__init__(*args)  # pyright: ignore[reportArgumentType]

    def do_GET(self) -> None:
        suffix = self._page.picture.suffix
        if self.headers.get("Host") != self._page.host:  # another site's name that leads here
            self.send_error(403)
        elif self.path == "/":
            element = "img" if suffix in _IMAGES else "iframe"
            self._send("text/html; charset=utf-8", (_HTML % {"element": element}).encode())
        elif self.path.startswith("/picture") and self._page.picture.is_file():
            self._send({**_IMAGES, **_OTHERS}.get(suffix, _TEXT), self._page.picture.read_bytes())
        elif self.path == "/changes":
            self._stream()
        else:
            self.send_error(404)

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        """Tell how the script is doing, now and after each run, for as long as the page is open."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        seen = 0
        with contextlib.suppress(OSError):
            while True:
                seen, came = self._page.after(seen, seconds=15)
                self.wfile.write(f"data: {came}\n\n".encode() if came else b": still here\n\n")
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
