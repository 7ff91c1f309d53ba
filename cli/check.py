"""`gradviz check`: run a script, and compare each gradient and each op's rule with the numerical one."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from ..tracer.check import METHODS, check_graph
from ..tracer.check_report import GradientReport
from .arguments import ScriptCommand
from .errors import WrongUsage
from .script import Session, run
from .terminal import clean, say

__all__ = ["check"]


@click.command(cls=ScriptCommand, options_metavar="[OPTIONS]")
@click.option("--of", metavar="NAME", help="The output: a name of the script. [default: where backward was called, "
              "else the last single number that the script computes]")  # fmt: skip
@click.option("--wrt", multiple=True, metavar="NAMES", help="The inputs: module-level names, with commas between them. "
              "[default: what is assigned from float literals or random generators]")  # fmt: skip
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
@click.argument("script", metavar="SCRIPT")
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def check(*, script: str, arguments: tuple[str, ...], of: str | None, wrt: tuple[str, ...], **options: Any) -> int:
    """Run SCRIPT as python would, and compare the gradients of what it computes with central differences.

    The recorded graph is replayed with each input moved a little, and each op's rule is compared with the op itself.
    Where a rule is wrong, the report names the op, its file and its line, and the exit code is 1. At a kink, such as
    max at a tie, there is no one slope: the report says so, and nothing is wrong.

    \b
      gradviz check lecture.py
      gradviz check train.py --of loss --wrt W,b --method directions -- --epochs 1
    """
    names = _names(wrt)
    session = run(script, arguments, of=of, wrt=names)
    if session.problem is not None:
        say(f"gradviz: {clean(str(session.problem), longest=1000)}", err=True)
        return session.exit_code or session.problem.exit_code
    if session.graph is None or session.error is not None:
        return session.exit_code or 1
    report = _checked(session, **options)
    for line in _lines(report, session.notes):
        say(line)
    return session.exit_code or (0 if report.ok else 1)


def _checked(session: Session, **options: Any) -> GradientReport:
    assert session.graph is not None
    with _bar() as progress:
        return check_graph(session.graph, wrt=session.inputs, progress=progress, **options)


def _names(wrt: Sequence[str]) -> list[str]:
    """The names in `--wrt x,y --wrt z`."""
    names = [name.strip() for part in wrt for name in part.split(",")]
    if "" in names:
        raise WrongUsage(f"--wrt {','.join(wrt)!r} has an empty name: give names with commas between them, x,y")
    return names


@contextmanager
def _bar() -> Generator[Any]:
    """A progress bar on stderr, where a person is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="checking", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield progress


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
