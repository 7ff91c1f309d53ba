"""Tells which words of a command line are gradviz's and which are the script's own.

The rule: gradviz's options stand before SCRIPT or right after it. The first word after SCRIPT that is none of them, or
`--`, begins the script's arguments; from there on every word is the script's, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import click

from .settings import settings

__all__ = ["KIND", "TAKEN_BY_SCRIPT", "ScriptCommand", "Words", "split"]

#: Where `ScriptCommand` leaves the option that a script was given although gradviz knows it too.
TAKEN_BY_SCRIPT = "gradviz.taken_by_script"
#: Where it leaves `-c` or `-m`.
KIND = "gradviz.kind"
#: The words that say what SCRIPT is where it is no file, as `python` has them.
KINDS = {"-c": "Python code", "-m": "a module's name"}


class Words(NamedTuple):
    """A command line, taken apart."""

    options: list[str]
    script: str | None
    arguments: list[str]
    separated: bool  # whether a `--` said where the script's arguments begin
    kind: str | None = None  # `-c` or `-m`, where SCRIPT is a text or a module's name


def split(words: list[str], takes_value: Mapping[str, int], *, after_script: frozenset[str]) -> Words:
    """Take a command line apart.

    Parameters
    ----------
    words
        What follows the command's name.
    takes_value
        Each of gradviz's options, and how many values follow it.
    after_script
        Those that are gradviz's even after SCRIPT.

    Raises
    ------
    click.UsageError
        If an option after SCRIPT lacks its value.

    Examples
    --------
    >>> split(["f.py", "-o", "f.svg", "data.csv", "-o", "x"], {"-o": True}, after_script=frozenset({"-o"}))
    Words(options=['-o', 'f.svg'], script='f.py', arguments=['data.csv', '-o', 'x'], separated=False, kind=None)
    """
    before, rest = _options(words, takes_value, frozenset(takes_value))
    if rest[:1] == ["--"]:
        rest = rest[1:]
    kind = rest[0][:2] if rest and rest[0][:2] in KINDS and before + rest == words else None
    if kind is not None:
        rest = rest[1:] if len(rest[0]) == 2 else [rest[0][2:], *rest[1:]]
        if not rest:
            raise click.UsageError(f"option {kind!r} needs {KINDS[kind]} after it")
    elif rest and rest[0].startswith("-") and rest[0] != "-" and before + rest == words:
        return Words(words, None, [], False)  # click says what is wrong with it
    if not rest:
        return Words(before, None, [], False)
    script, rest = rest[0], rest[1:]
    after, rest = _options(rest, takes_value, after_script)
    separated = rest[:1] == ["--"]
    return Words(before + after, script, rest[separated:], separated, kind)


def _options(words: list[str], takes_value: Mapping[str, int], known: frozenset[str]) -> tuple[list[str], list[str]]:
    """The known options with their values that `words` begins with, and what comes after them."""
    place = 0
    while place < len(words):
        name, attached = _name(words[place])
        if name not in known:
            break
        follow = takes_value[name] - attached if takes_value[name] else 0
        if place + follow >= len(words):
            raise click.UsageError(f"option {name!r} needs {'a value' if follow == 1 else f'{follow} values'} after it")
        place += 1 + follow
    return words[:place], words[place:]


def _name(word: str) -> tuple[str, bool]:
    """The option's name, and whether its value is in the same word: `--of=f`, `-of.svg`."""
    if word.startswith("--"):
        name, equals, _ = word.partition("=")
        return name, bool(equals)
    return word[:2], len(word) > 2


class ScriptCommand(click.Command):
    """A command whose first argument is a script, followed by the script's own arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        takes_value = {name: 0 if p.is_flag else p.nargs for p in options for name in (*p.opts, *p.secondary_opts)}
        help_names = frozenset(ctx.help_option_names)  # a script has its own --help
        try:
            words = split(args, takes_value, after_script=frozenset(takes_value) - help_names)
        except click.UsageError as error:
            error.ctx = ctx
            raise
        ctx.default_map = {**settings({p.name: p for p in options if p.name}), **(ctx.default_map or {})}
        if words.script is None:
            return super().parse_args(ctx, words.options)
        ctx.meta[KIND] = words.kind
        if not words.separated:
            ours = (name for name, _ in map(_name, words.arguments) if name in takes_value and name not in help_names)
            ctx.meta[TAKEN_BY_SCRIPT] = next(ours, None)
        return super().parse_args(ctx, [*words.options, "--", words.script, *words.arguments])
