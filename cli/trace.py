"""`gradviz trace`: run a script, draw its graph, write the files, say what came out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from ..render import DIRECTIONS, FORMATS, LEVELS, THEME_NAMES, Rendered, Style, document_of, render, write
from ..render.formats.text import for_terminal
from ..tracer import Graph
from .arguments import KIND, ScriptCommand
from .errors import WrongUsage
from .opening import open_file
from .options import program_of, ran, run_options, script_arguments
from .process import stdout_to_stderr
from .script import DEPTH, Asked, Session
from .summary import summary
from .targets import DEFAULT_FORMAT, Target, targets, with_answers
from .terminal import clean, say, say_problem
from .watching import require_files, watch

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
@run_options
@click.option("--depth", type=click.IntRange(min=0), metavar="N", default=DEPTH, show_default=True,
              help="How many calls of functions inside each other are scopes.")  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Open the first file when it is written.")
@click.option("--watch", "watches", is_flag=True, help="Draw again on each change of the script or a module beside it; "
              "with --open in a page that refreshes itself.")  # fmt: skip
@click.option("--keep-good", is_flag=True, hidden=True, help="Run by --watch: watch and open nothing, and draw nothing "
              "where the script fails.")  # fmt: skip
@click.option("--level", type=click.Choice(list(LEVELS)), help="How much is shown. [default: what suits the size]")
@click.option("--theme", type=click.Choice(list(THEME_NAMES)), default=_DEFAULT.theme, show_default=True)
@click.option("--direction", type=click.Choice(list(DIRECTIONS)), default=_DEFAULT.direction, show_default=True)
@click.option("--title", metavar="TEXT", help="The headline. [default: the output's formula]")
@click.option("--fold", multiple=True, metavar="WHAT", help="Fold a scope by its name, or all scopes, blocks, lines, "
              "leaves or chains. [default: what makes a large graph small enough]")  # fmt: skip
@click.option("--unfold", multiple=True, metavar="WHAT", help="Draw in full what would be folded.")
@click.option("--max-nodes", type=click.IntRange(min=1), metavar="N", help="So many nodes are drawn at the most.")
@click.option("--focus", metavar="NAME", help="Draw what lies next to this node alone.")
@click.option("--radius", type=click.IntRange(min=0), metavar="N", default=_DEFAULT.radius, show_default=True,
              help="How many ops around --focus.")  # fmt: skip
@click.option("--path", nargs=2, metavar="A B", help="Draw the paths between two nodes alone.")
@click.option("--nan", is_flag=True, help="Draw where the first NaN came from alone.")
@click.option("--scalars", is_flag=True, help="Draw a node for each element of small arrays.")
@click.option("--blank", type=click.Choice(["gradients", "values", "both"]), help="Draw a worksheet: these are left "
              "for the reader to fill in. The answers are written beside it: FILE-answers.")  # fmt: skip
@click.option("--steps", is_flag=True, help="The two passes step by step: an .svg that moves, a .pdf with a page a "
              "step.")  # fmt: skip
@click.option("--dpi", type=click.FloatRange(min=1), metavar="N", help="The dots per inch of a .png. [default: 192]")
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
@script_arguments
@click.pass_context
def trace(
    ctx: click.Context,
    *,
    script: str,
    arguments: tuple[str, ...],
    output: tuple[str, ...],
    format: str | None,
    asked: Asked,
    depth: int,
    opens: bool,
    watches: bool,
    keep_good: bool,
    **style: Any,
) -> int:
    """Run SCRIPT as python would, and draw the graph of what it computes.

    SCRIPT is any Python program that computes with NumPy; it need not know of gradviz. Its arguments, working
    directory, output and exit code are what they would be under python. It may be a file, a folder or zip with a
    __main__.py, a Jupyter notebook, `-m package.module`, `-c code`, or `-` for stdin.

    Options of gradviz stand before SCRIPT or right after it. The first other word after SCRIPT begins the script's own
    ARGS, and so does `--`: from there on every word goes to the script.

    \b
      gradviz trace lecture.py
      gradviz trace lecture.py -o f.svg -o f.pdf --level lecture
      gradviz trace train.py --of loss --wrt W,b -- --epochs 3
      gradviz trace train.py --step 1
      gradviz trace lecture.py -o - --format png > f.png
      gradviz trace -c "x = 3.0; f = x * x" -o f.svg --open

    Inputs are the floats that stand in the text, arrays made of literals or of sizes alone, and random numbers: what is
    assigned from them at module level or into anything that holds them (x, params['W1'], model.layers[0].W, Config.lr),
    and what the script's own functions and classes are given there: f(2.0, y=0.5). A training loop is drawn by its last
    step: where an input is updated (w = w - lr * grad, self.W -= lr * dW, in place or not) a step ends, and the new
    value is a fresh input of the same name. An update is what moves along the gradient of a number that the loop
    computes, or says so by a word such as lr; what evolves otherwise (a hidden state, a sum, a solver's x = x + dt * v)
    is drawn through. A note says what was taken for an update and why; --step N draws another step, --unroll draws
    through updates too.

    Options can stand in the table [tool.gradviz] of pyproject.toml, by their names: level = "lecture".

    After the script's own output come a line for each file and a summary. With `-o -` stdout holds the picture alone:
    what the script prints, and the summary, go to stderr.
    """
    if watches:
        require_files(script, ctx.meta.get(KIND))
    program = program_of(ctx, script)
    written = targets(output, format, script=program.stem)
    if style["blank"] is not None:
        written = with_answers(written)
    opened = _first_file(written) if opens and not keep_good else None
    if watches and not keep_good:
        return watch(program, opened)
    to_stdout = any(target.path is None for target in written)
    with stdout_to_stderr() if to_stdout else nullcontext():
        session = ran(ctx, program, arguments, replace(asked, depth=depth))
    return _told(session, written, Style(**style), to_stdout=to_stdout, keep_good=keep_good, opened=opened)


def _first_file(written: Sequence[Target]) -> Path:
    for target in written:
        if target.path is not None:
            return target.path
    raise WrongUsage("--open opens a file, and -o - writes none: name one with -o")


def _told(
    session: Session, written: Sequence[Target], style: Style, *, to_stdout: bool, keep_good: bool, opened: Path | None
) -> int:
    """Draw what came of a run, say what came out, and give the exit code."""
    code = session.exit_code or (1 if session.problem is not None else 0)
    if session.problem is not None:
        say_problem(session.problem, session.notes)
        return code if session.exit_code else session.problem.exit_code
    if session.graph is None or (keep_good and session.error is not None):
        return code
    drawn = _drawn(session.graph, written, style)
    notes = [*session.notes, *(n for d in drawn for n in d.rendered.notes)]
    if style.blank is not None and to_stdout:
        notes.append("stdout has the exercise alone: -o FILE writes the answers beside it")
    for line in (*_wrote(drawn), *summary(session.graph, notes, only=session.inputs, held=session.held)):
        say(line, err=to_stdout)
    if opened is not None:
        open_file(opened)
    return code


class _Drawn(NamedTuple):
    """A picture that is written, and where."""

    target: Target
    rendered: Rendered


def _drawn(graph: Graph, written: Sequence[Target], style: Style) -> list[_Drawn]:
    """Draw all, then write all: where one can't be drawn none is written."""
    sheets = dict.fromkeys((target.format, target.answers) for target in written)
    made = {sheet: render(graph, sheet[0], style, answers=sheet[1]) for sheet in sheets}
    drawn = [_Drawn(target, made[target.format, target.answers]) for target in written]
    for target, rendered in drawn:
        if target.path is not None:
            write(rendered.data, target.path)
        elif target.format == "txt" and sys.stdout.isatty():
            sys.stdout.write(for_terminal(document_of(graph, style), graph, sys.stdout, blank=style.blank))
        else:
            sys.stdout.buffer.write(rendered.data)
            sys.stdout.flush()
    return drawn


def _wrote(drawn: Sequence[_Drawn]) -> Iterator[str]:
    """A line for each file."""
    for target, rendered in drawn:
        if target.path is not None:
            by = f", {rendered.engine.replace('(', '').replace(')', '')}" if rendered.engine else ""
            sheet = ", the answers" if target.answers else ""
            yield f"wrote {clean(target.name, longest=300)} ({target.format}{by}{sheet})"
