"""Reads a script: its bytes, in whatever encoding it declares, and the messages where it can't be read."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from ..tracer import ScriptError
from .errors import WrongUsage

__all__ = ["read", "require_text"]


def read(script: str) -> bytes:
    """The script's bytes: the compiler knows how to find the encoding.

    Raises
    ------
    WrongUsage
        If there is no such file, or it can't be read; near matches are named.
    """
    path = Path(script)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        near = _near_files(path)
        meant = f"did you mean {near}?" if near else "give the path of a Python script"
        raise WrongUsage(f"there is no file {script!r}: {meant}") from None
    except IsADirectoryError:
        scripts = sorted(path.glob("*.py"))
        there = f", such as {str(scripts[0])!r}" if scripts else ""
        raise WrongUsage(f"{script!r} is a folder: give the path of a Python script{there}") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        why = error.strerror if isinstance(error, OSError) else error
        raise WrongUsage(f"can't read {script!r}: {why}") from None


def _near_files(path: Path) -> str:
    """The scripts in the same folder whose names are like this one's."""
    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix == ".py"]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=3)
    return " or ".join(repr(str(path.parent / name)) for name in near)


def require_text(source: bytes, script: str) -> None:
    """Say how to mend a script that is in no encoding Python can tell; its own message names no remedy.

    Raises
    ------
    ScriptError
        If the bytes are not UTF-8 and no other encoding is declared.
    """
    if any(_DECLARES.match(line) for line in source.splitlines()[:2]):
        return
    try:
        source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ScriptError(
            f"{script} is not UTF-8 (byte 0x{source[error.start]:02x} in line {line}): save it as UTF-8, "
            f"or declare its encoding in the first line, such as # -*- coding: latin-1 -*-"
        ) from None


_DECLARES = re.compile(rb"^[ \t\f]*#.*?coding[:=]")  # PEP 263
