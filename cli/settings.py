"""Reads the options that a project sets for the command: the table `[tool.gradviz]` of the nearest pyproject.toml."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from .errors import WrongUsage

__all__ = ["settings"]

#: Options that belong to one call, not to a project.
_NOT_HERE = frozenset({"help", "version", "keep_good"})


def settings(options: Mapping[str, click.Option]) -> dict[str, Any]:
    """The defaults that a project gives to these options, by their names in Python.

    Raises
    ------
    WrongUsage
        If the file can't be read, or names an option that is not there.
    """
    found = _table()
    if found is None:
        return {}
    path, table = found
    flags = {_flag(option): name for name, option in options.items() if name not in _NOT_HERE}
    made: dict[str, Any] = {}
    for key, value in table.items():
        name = flags.get(key.replace("_", "-"))
        if name is None:
            if key.replace("_", "-") in _flags_of_all():  # the table is for every command
                continue
            near = difflib.get_close_matches(key, flags, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise WrongUsage(
                f"unknown option {key!r} in [tool.gradviz] of {path}: {meant}it may be one of {', '.join(flags)}"
            )
        made[name] = _checked(value, options[name], key, path)
    return made


def _flag(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")


def _flags_of_all() -> set[str]:
    """What the options of all commands are called; loads them all."""
    from . import COMMANDS

    commands = [getattr(import_module(known.module, __package__), name) for name, known in COMMANDS.items()]
    options = [p for command in commands for p in command.params if isinstance(p, click.Option)]
    return {_flag(option) for option in options if option.name not in _NOT_HERE}


def _checked(value: Any, option: click.Option, key: str, path: Path) -> Any:
    """A value as click takes it: a list where an option may be given again."""
    if option.multiple and not isinstance(value, list):
        value = [value]
    if isinstance(value, dict) or (isinstance(value, list) and not option.multiple):
        raise WrongUsage(f"{key} = {value!r} in [tool.gradviz] of {path}: give it one value, as --{key} takes it")
    return value  # pyright: ignore[reportUnknownVariableType]


def _table() -> tuple[Path, dict[str, Any]] | None:
    """The nearest pyproject.toml that has the table, from the working directory outwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        if not path.is_file():
            continue
        try:
            table: Any = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("gradviz")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise WrongUsage(f"can't read {path}: {error}: mend it, or run gradviz in another folder") from None
        if isinstance(table, dict):
            return path, table  # pyright: ignore[reportUnknownVariableType]
    return None
