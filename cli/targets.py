"""Decides, before the script runs, which files will be written and in which formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..render import FORMATS, check_target, format_of
from ..render.output import answers_beside
from ..tracer.errors import RenderError
from .errors import WrongUsage

__all__ = ["DEFAULT_FORMAT", "STDOUT", "Target", "targets", "with_answers"]

DEFAULT_FORMAT = "svg"
STDOUT = "-"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a picture goes: a file, or stdout where `path` is None.

    The path is absolute, as the script may change the working directory; `name` is what the user called it.
    """

    name: str
    path: Path | None
    format: str
    answers: bool = False  # whether it is the answer sheet to the one before


def targets(outputs: Sequence[str], format: str | None, *, script: str) -> list[Target]:
    """What `-o` and `--format` ask for, each file once; by default one that is called as `script` is.

    Raises
    ------
    WrongUsage
        If a suffix is unknown, a file can't be written, or `--format` has nothing to choose for.
    """
    if not outputs:
        known = format or DEFAULT_FORMAT
        return [_file(script + FORMATS[known].suffix, known)]
    if format is not None and STDOUT not in outputs:
        raise WrongUsage(
            f"--format {format} is for `-o -` or for no -o at all: the suffix of {outputs[0]!r} says its format"
        )
    return [
        Target(name=output, path=None, format=format or DEFAULT_FORMAT) if output == STDOUT else _file(output, None)
        for output in dict.fromkeys(outputs)
    ]


def with_answers(written: Sequence[Target]) -> list[Target]:
    """What `--blank` writes: beside each file its answer sheet; what goes to stdout has none.

    Raises
    ------
    WrongUsage
        If one can't be written.
    """
    sheets: list[Target] = []
    for target in written:
        sheets.append(target)
        if target.path is not None:
            sheets.append(replace(_file(str(answers_beside(target.name)), target.format), answers=True))
    return sheets


def _file(name: str, format: str | None) -> Target:
    try:
        format = format or format_of(name)
        return Target(name=name, path=check_target(name).absolute(), format=format)
    except RenderError as error:
        raise WrongUsage(str(error)) from None
