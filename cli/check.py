"""`gradviz check`: run a script, and compare each gradient and each op's rule with the numerical one."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..tracer.check import METHODS, check_graph
from ..tracer.check_report import GradientReport
from ..tracer.graph import Graph
from ..tracer.source import locate
from ..tracer.tensor import Tensor, value_of
from .arguments import ScriptCommand
from .leaks import is_shown
from .options import program_of, ran, run_options, script_arguments
from .script import Asked, Session
from .terminal import clean, say, say_problem

__all__ = ["check"]


@click.command(cls=ScriptCommand, options_metavar="[OPTIONS]")
@run_options
@click.option(
    "--method",
    type=click.Choice(list(METHODS)),
    default="auto",
    show_default=True,
    help="What is moved: every element, a sample of them, or all at once in random directions.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the samples and directions.")
@click.option("--tolerance", type=click.FloatRange(min=0, min_open=True), metavar="NUMBER",
              help="The relative error allowed. [default: 1e-6, or what suits the coarsest dtype]")  # fmt: skip
@script_arguments
@click.pass_context
def check(ctx: click.Context, *, script: str, arguments: tuple[str, ...], asked: Asked, **options: Any) -> int:
    """Run SCRIPT as python would, and compare the gradients of what it computes with central differences.

    The recorded graph is replayed with each input moved a little, and each op's rule is compared with the op itself.
    Where a rule is wrong, the report names the op, its file and its line, and the exit code is 1. At a kink, such as
    max at a tie, there is no one slope: the report says so, and nothing is wrong.

    SCRIPT is what `gradviz trace` takes: a file, a folder or zip with a __main__.py, a Jupyter notebook, `-m module`,
    `-c code`, or `-` for stdin. Of a training loop the last step is checked; --step N checks another, --unroll all.

    \b
      gradviz check lecture.py
      gradviz check train.py --of loss --wrt W,b --method directions -- --epochs 1
      gradviz check -c "import numpy as np; x = 0.5; f = np.tanh(x)"
    """
    session = ran(ctx, program_of(ctx, script), arguments, asked)
    if session.problem is not None:
        say_problem(session.problem, session.notes)
        return session.exit_code or session.problem.exit_code
    if session.graph is None or not session.graph.has_gradients:
        return session.exit_code or 1
    report = _checked(session, **options)
    for line in _lines(report, session.notes):
        say(line)
    return session.exit_code or (0 if report.ok else 1)


def _checked(session: Session, **options: Any) -> GradientReport:
    assert session.graph is not None
    _forget_what_is_shown(session.graph)
    with _bar() as progress:
        return check_graph(session.graph, wrt=session.inputs, progress=progress, **options)


def _forget_what_is_shown(graph: Graph) -> None:
    """Let `"%.3f" % y` and `print(int(y))` be no branches: with other inputs the script would show another number."""
    for record in [node.record for node in graph.nodes]:
        if isinstance(record, Tensor) and record._note is not None and record._note.watches:
            facts = record._note.watches
            facts[:] = [x for x in facts if x.compute is not value_of or not is_shown(locate(x.code, x.at))]


@contextmanager
def _bar() -> Generator[Any]:
    """A progress bar on stderr, where a person is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        with click.progressbar(length=1, label="checking", file=sys.stderr) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            yield progress
    except BaseException:
        if sys.platform != "win32":
            sys.stderr.write("\x1b[?25h")  # on Ctrl-C while it draws itself first, click leaves the cursor hidden
        raise


def _lines(report: GradientReport, notes: Iterable[str]) -> Iterator[str]:
    """The report and the remarks on the run; a line break in a stranger's text makes no new line."""
    for line in str(report).splitlines():
        indent = len(line) - len(line.lstrip())
        yield " " * indent + _spaced(line.lstrip())
    for note in dict.fromkeys(notes):
        yield f"note: {clean(note, longest=1000)}"


def _spaced(line: str) -> str:
    """Cleaned, with the columns of a table as they are."""
    return "  ".join(clean(cell, longest=300) if cell else "" for cell in line.split("  "))
