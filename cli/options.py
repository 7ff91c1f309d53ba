"""What the commands that run a script have in common: the options that steer the run, SCRIPT and its ARGS, the run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import click

from .arguments import KIND, TAKEN_BY_SCRIPT
from .errors import WrongUsage
from .program import Program, load
from .progress import Progress
from .script import Asked, Session, run
from .terminal import clean, say

__all__ = ["program_of", "ran", "run_options", "script_arguments"]

_RUN = (
    click.option("--of", metavar="NAME", help="The output: a name of the script. [default: where backward was called, "
                 "else the last number that a module-level name holds and that depends on an input]"),
    click.option("--wrt", multiple=True, metavar="NAMES", help="The inputs: module-level names, with commas between "
                 "them. [default: floats and arrays that are written in the script, and random ones]"),
    click.option("--step", type=click.IntRange(min=1), metavar="N", help="Which step to take. [default: the last]"),
    click.option("--unroll", is_flag=True, help="Go through updates, back to the first value of each input."),
    click.option("--max-ops", type=click.IntRange(min=1), metavar="N", help="Stop the script when it has recorded so "
                 "many ops, and take what there is by then. [default: no limit]"),
    click.option("--pdb", "debug", is_flag=True, help="Open the debugger where the script raises an exception."),
)  # fmt: skip
_SCRIPT = (
    click.argument("script", metavar="SCRIPT"),
    click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with the options that steer a run; it gets them as `asked`, an `Asked`."""

    @functools.wraps(command)
    def called(*args: Any, of: str | None, wrt: Sequence[str], step: int | None, unroll: bool, max_ops: int | None,
               debug: bool, **rest: Any) -> Any:  # fmt: skip
        asked = Asked(of=of, wrt=_names(wrt), step=step, unroll=unroll, max_ops=max_ops, debug=debug)
        return command(*args, asked=asked, **rest)

    return _decorated(called, _RUN)


def script_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with SCRIPT and its ARGS."""
    return _decorated(command, _SCRIPT)


def _decorated(command: Callable[..., Any], decorators: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def program_of(ctx: click.Context, script: str) -> Program:
    """The program that SCRIPT names: a file, a folder, a zip, a notebook, stdin, or what follows `-m` or `-c`.

    Raises
    ------
    WrongUsage
        If there is no such thing.
    """
    return load(script, ctx.meta.get(KIND))


def ran(ctx: click.Context, program: Program, arguments: Sequence[str], asked: Asked) -> Session:
    """Run a program; how far it is stands on the terminal meanwhile."""
    _hint(ctx.meta.get(TAKEN_BY_SCRIPT), arguments)
    progress = Progress()
    try:
        return run(program, arguments, asked=replace(asked, on_progress=progress))
    finally:
        progress.clear()


def _names(wrt: Sequence[str]) -> list[str]:
    """The names in `--wrt x,y --wrt z`."""
    names = [name.strip() for part in wrt for name in part.split(",")]
    if "" in names:
        raise WrongUsage(f"--wrt {','.join(wrt)!r} has an empty name: give names with commas between them, x,y")
    return names


def _hint(option: str | None, arguments: Sequence[str]) -> None:
    """Say so where an option that gradviz knows too went to the script."""
    if option is not None:
        say(
            f"gradviz: {option} went to the script, as it stands after {clean(arguments[0])}: gradviz's options come "
            f"before the script's arguments, and -- before these where it is meant so",
            err=True,
        )
