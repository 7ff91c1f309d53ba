"""`--watch`: runs the command again on each change, keeps the last good picture, and serves a page that refreshes."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

from .errors import WrongUsage
from .opening import open_page
from .terminal import say

__all__ = ["watch"]

_WATCHED = (".py", ".ipynb", ".csv", ".json", ".txt", ".npy", ".npz", ".toml")


def watch(script: str | None, *, opens: bool) -> int:
    """Run this very command without `--watch`, and again whenever a file beside the script changes, until Ctrl-C.

    Raises
    ------
    WrongUsage
        If the package that watches files is not there, or there is no file to watch.
    """
    if script is None or script == "-" or not Path(script).exists():
        raise WrongUsage("--watch waits for changes of a file: give the path of a script")
    changes = _changes(Path(script))
    command = [sys.executable, "-m", "gradviz", *_words(sys.argv[1:])]
    page = _Page(_picture(command)) if opens else None
    subprocess.run(command, check=False)
    if page is not None:
        page.open()
    say("gradviz: watching; Ctrl-C ends it", err=True)
    with contextlib.suppress(KeyboardInterrupt):
        for changed in changes:
            say(f"gradviz: {changed} changed", err=True)
            subprocess.run(command, check=False)
            if page is not None:
                page.refresh()
    return 0


def _words(words: list[str]) -> list[str]:
    """This command's own words, without those that belong to the one who watches."""
    place = words.index("trace") + 1
    return [*words[:place], "--keep-good", *_without(words[place:])]


def _without(words: list[str]) -> list[str]:
    kept = list(words)
    for option in ("--watch", "--open"):
        if option in kept:
            kept.remove(option)
    return kept


def _picture(command: list[str]) -> Path:
    """The first file that the command writes."""
    for option, value in itertools.pairwise(command):
        if option in ("-o", "--output") and value != "-":
            return Path(value).absolute()
    script = next(word for word in command[command.index("--keep-good") :] if word.endswith((".py", ".ipynb")))
    return Path(Path(script).stem + ".svg").absolute()


def _changes(script: Path) -> Iterator[str]:
    """The names of what changed, as it changes."""
    try:
        watch_files: Any = import_module("watchfiles").watch
    except ImportError:
        raise WrongUsage("--watch needs the package watchfiles: pip install watchfiles") from None
    folder = script if script.is_dir() else script.parent

    def names() -> Iterator[str]:
        for changes in watch_files(folder, raise_interrupt=True):
            paths = sorted(Path(path) for _, path in changes)
            relevant = [path for path in paths if path.suffix in _WATCHED and not path.name.startswith(".")]
            if relevant:
                yield relevant[0].name

    return names()


# -- the page ---------------------------------------------------------------------------------------------------------

_HTML = """<!doctype html><meta charset="utf-8"><title>gradviz</title>
<style>body{margin:0;background:#fff}img{max-width:100%}</style><img src="/picture" alt="the graph">
<script>new EventSource("/changes").onmessage=()=>{document.querySelector("img").src="/picture?"+Date.now()}</script>
"""
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".pdf": "application/pdf", ".html": "text/html"}


class _Page:
    """A page on this machine alone that shows a file, and loads it again when told to."""

    def __init__(self, picture: Path) -> None:
        self.picture = picture
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def open(self) -> None:
        open_page(self.address)

    def refresh(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether there was a change within that time."""
        with self._changed:
            return self._changed.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, page: _Page, *args: object) -> None:
        self._page = page
        super().__init__(*args)  # pyright: ignore[reportArgumentType]

    def do_GET(self) -> None:
        if self.path == "/":
            self._send("text/html; charset=utf-8", _HTML.encode())
        elif self.path.startswith("/picture") and self._page.picture.is_file():
            self._send(_TYPES.get(self._page.picture.suffix, "text/plain"), self._page.picture.read_bytes())
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
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"data: changed\n\n" if self._page.wait(15) else b": still here\n\n")
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
