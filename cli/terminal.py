"""Writes lines for people: in ASCII where the terminal knows no ∂, and without the control codes of strangers."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable

import click

__all__ = ["clean", "say", "say_problem"]

_ASCII = str.maketrans({"∂": "d", "−": "-", "×": "x", "·": "*", "…": "...", "‖": "|", "∞": "inf", "≈": "~", "→": "->"})


def say(line: str, *, err: bool = False) -> None:
    """Write a line to stdout or stderr, in signs that the stream can encode."""
    stream = sys.stderr if err or sys.stdout.closed else sys.stdout  # a script may close its stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        line = line.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    click.echo(line, file=stream)


def clean(text: str, *, longest: int = 80) -> str:
    """A stranger's text as part of a line: no line breaks, no control codes, not too long."""
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def say_problem(problem: Exception, notes: Iterable[str]) -> None:
    """Write why there is nothing to draw to stderr, and what may explain it."""
    say(f"gradviz: {clean(str(problem), longest=1000)}", err=True)
    for note in dict.fromkeys(notes):
        say(f"note: {clean(note, longest=1000)}", err=True)
