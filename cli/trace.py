"""`gradviz trace`: run a script, draw its graph, write the files, say what came out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import click

from ..render import DIRECTIONS, FORMATS, LEVELS, THEMES, Rendered, Style, render, write
from ..tracer import Graph
from .arguments import TAKEN_BY_SCRIPT, ScriptCommand
from .errors import WrongUsage
from .process import stdout_to_stderr
from .script import run
from .summary import summary
from .targets import DEFAULT_FORMAT, Target, targets
from .terminal import clean, say

__all__ = ["trace"]

_DEFAULT = Style()
_FORMATS = ", ".join(FORMATS)


@click.command(cls=ScriptCommand, options_metavar="[OPTIONS]")
@click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="FILE",
    help=f"Where to write; the suffix picks the format ({_FORMATS}). Again for more files, - for stdout."
    "  [default: SCRIPT's name with .svg, in this folder]",
)
@click.option("--of", metavar="NAME", help="The output: a name of the script. [default: where backward was called, "
              "else the last single number that the script computes]")  # fmt: skip
@click.option("--wrt", multiple=True, metavar="NAMES", help="The inputs: module-level names, with commas between them. "
              "[default: what is assigned from float literals or random generators]")  # fmt: skip
@click.option("--level", type=click.Choice(list(LEVELS)), help="How much is shown. [default: what suits the size]")
@click.option("--theme", type=click.Choice(list(THEMES)), default=_DEFAULT.theme, show_default=True)
@click.option("--direction", type=click.Choice(list(DIRECTIONS)), default=_DEFAULT.direction, show_default=True)
@click.option("--title", metavar="TEXT", help="The headline. [default: the output's formula]")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=_DEFAULT.time_limit,
    show_default=True,
    help="How long the layout may take.",
)
@click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    help=f"The format of `-o -`, or of the default file. [default: {DEFAULT_FORMAT}]",
)
@click.argument("script", metavar="SCRIPT")
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def trace(
    ctx: click.Context,
    *,
    script: str,
    arguments: tuple[str, ...],
    output: tuple[str, ...],
    format: str | None,
    of: str | None,
    wrt: tuple[str, ...],
    **style: Any,
) -> int:
    """Run SCRIPT as python would, and draw the graph of what it computes.

    SCRIPT is any Python program that computes with NumPy; it need not know of gradviz. Its arguments, working
    directory, output and exit code are what they would be under python.

    Options of gradviz stand before SCRIPT or right after it. The first other word after SCRIPT begins the script's own
    ARGS, and so does `--`: from there on every word goes to the script.

    \b
      gradviz trace lecture.py
      gradviz trace lecture.py -o f.svg -o f.pdf --level lecture
      gradviz trace train.py --of loss --wrt W,b -- --epochs 3
      gradviz trace lecture.py -o - --format png > f.png

    After the script's own output come a line for each file and a summary. With `-o -` stdout holds the picture alone:
    what the script prints, and the summary, go to stderr.
    """
    names = _names(wrt)
    written = targets(output, format, script=script)
    to_stdout = any(target.path is None for target in written)
    _hint(ctx.meta.get(TAKEN_BY_SCRIPT), arguments)
    with stdout_to_stderr() if to_stdout else nullcontext():
        session = run(script, arguments, of=of, wrt=names)
    code = session.exit_code or (1 if session.problem is not None else 0)
    if session.problem is not None:
        say(f"gradviz: {clean(str(session.problem), longest=1000)}", err=True)
        return code if session.exit_code else session.problem.exit_code
    if session.graph is not None:
        drawn = _drawn(session.graph, written, Style(**style))
        lines = summary(
            session.graph, [*session.notes, *(n for d in drawn for n in d.rendered.notes)], only=session.inputs
        )
        for line in (*_wrote(drawn), *lines):
            say(line, err=to_stdout)
    return code


class _Drawn(NamedTuple):
    """A picture that is written, and where."""

    target: Target
    rendered: Rendered


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


def _drawn(graph: Graph, written: Sequence[Target], style: Style) -> list[_Drawn]:
    """Draw all, then write all: where one can't be drawn none is written."""
    made = {format: render(graph, format, style) for format in dict.fromkeys(t.format for t in written)}
    drawn = [_Drawn(target, made[target.format]) for target in written]
    for target, rendered in drawn:
        if target.path is None:
            sys.stdout.buffer.write(rendered.data)
            sys.stdout.flush()
        else:
            write(rendered.data, target.path)
    return drawn


def _wrote(drawn: Sequence[_Drawn]) -> Iterator[str]:
    """A line for each file."""
    for target, rendered in drawn:
        if target.path is not None:
            by = f", {rendered.engine.replace('(', '').replace(')', '')}" if rendered.engine else ""
            yield f"wrote {clean(target.name, longest=300)} ({target.format}{by})"
