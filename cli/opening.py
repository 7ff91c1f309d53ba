"""Opens a file in the program that the system has for it."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from .terminal import say

__all__ = ["open_file", "open_page"]


def open_file(path: Path) -> None:
    """Open a picture; where nothing can, say where it is."""
    open_page(path.absolute().as_uri())


def open_page(address: str) -> None:
    """Open a page in the browser; where there is none, say its address."""
    try:
        opened = webbrowser.open(address)
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        say(f"gradviz: no program opened {address}: open it by hand", err=True)
