"""The command `gradviz`: a group whose subcommands are loaded when they are called, and the one place that exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import click

from .. import __version__
from ..tracer.errors import GradvizError
from .terminal import clean, say

__all__ = ["COMMANDS", "main"]

INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


class Command(NamedTuple):
    """A subcommand: the module that holds it, under its own name, and what it does in one line."""

    module: str
    summary: str


#: Every subcommand; `gradviz --help` is written from this table alone, without loading any.
COMMANDS: dict[str, Command] = {
    "trace": Command(".trace", "Run a script and draw its graph."),
    "check": Command(".check", "Compare each gradient with the numerical one."),
    "completion": Command(".completion", "Print what makes a shell complete commands and options."),
}


class _Group(click.Group):
    """Loads a subcommand when it is called, and turns every error into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = COMMANDS.get(cmd_name)
        return None if known is None else getattr(import_module(known.module, __package__), cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            meant = f"did you mean `gradviz trace {args[0]}`? " if args[0].endswith(".py") else ""
            raise click.UsageError(f"there is no command {args[0]!r}: {meant}the commands are {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        return sys.exit(_exit_code(lambda: super(_Group, self).main(*args, standalone_mode=False, **extra)))


def _exit_code(run: Callable[[], Any]) -> int:
    """Run the command; what goes wrong becomes one line on stderr and an exit code."""
    try:
        return run() or 0
    except click.UsageError as error:
        help = f" ({error.ctx.command_path} --help says more)" if error.ctx is not None else ""
        return _failed(error.format_message().rstrip(".") + help, error.exit_code)
    except click.ClickException as error:
        return _failed(error.format_message(), error.exit_code)
    except GradvizError as error:
        return _failed(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _failed("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def _failed(message: str, code: int) -> int:
    say(f"gradviz: {clean(message, longest=2000)}", err=True)
    return code


@click.group(cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradviz")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A debugger for gradients that draws what it sees.

    It runs Python code that computes with NumPy, records each op, runs the gradients back, and shows for each wire the
    value that went forward and the gradient that came back.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
