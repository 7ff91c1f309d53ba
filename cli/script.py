"""Runs a script as `python` would, recording what it computes, and hands back the graph."""

from __future__ import annotations

import ast
import builtins
import difflib
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType
from typing import Any

import numpy

from ..tracer import GradientError, GradvizError, Graph, NameNotFound, ScriptError, Tensor, np
from ..tracer.methods import on_backward
from ..tracer.tensor import describe, integer_message, is_differentiable, operands, plain, recording
from ..tracer.trace import maximum_of, minimum_of
from .choice import Left, choose, listed, unfinished
from .inputs import HIDDEN, Inputs, mark_inputs
from .leaks import Leaks
from .module import bound_names, imports_gradviz
from .process import Ended, as_main, run_code, show_syntax_error
from .reading import read, require_text
from .remarks import integers, name_constants, other_outputs

__all__ = ["Session", "run"]

#: How many of the last records stay alive, for a script whose results are all inside functions.
RECENT = 256


@dataclass(frozen=True, kw_only=True)
class Session:
    """What came of running a script.

    Attributes
    ----------
    graph
        None where there is none; `problem` says why, unless the script could not even be compiled.
    inputs
        The leaves that `wrt` named.
    notes
        What there is to say about it.
    exit_code
        The script's own.
    error
        The exception that the script did not catch; its traceback has been shown.
    problem
        Why there is no graph.
    """

    graph: Graph | None = None
    inputs: Sequence[Tensor] = ()
    notes: Sequence[str] = ()
    exit_code: int = 0
    error: BaseException | None = None
    problem: GradvizError | None = None


def run(script: str, arguments: Sequence[str] = (), *, of: str | None = None, wrt: Sequence[str] = ()) -> Session:
    """Run a script under tracing.

    Parameters
    ----------
    script
        The file, as the user gave it.
    arguments
        The script's own.
    of
        The name of the output.
    wrt
        The names of the inputs; by default what is assigned from literals or random generators at module level.

    Raises
    ------
    WrongUsage
        If there is no such script.
    ScriptError
        If it can't be read as Python's text.
    NameNotFound
        If `wrt` names nothing that the script assigns.
    """
    source = read(script)
    require_text(source, script)
    try:
        tree = ast.parse(source, _file(script))
        kind = (_GradvizScript if imports_gradviz(tree) else _PlainScript)(tree, script, wrt)
        code = compile(tree, _file(script), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:  # ValueError: null bytes, up to Python 3.11.3
        if not isinstance(error, SyntaxError) or error.filename is None:
            raise ScriptError(f"{script} is no Python text: {error}") from error
        show_syntax_error(error)
        return Session(exit_code=1, error=error)
    except (RecursionError, MemoryError):
        raise ScriptError(f"{script} is nested too deeply for Python's compiler") from None
    return _run(kind, code, list(arguments), of)


def _file(script: str) -> str:
    """The script's file as code objects and tracebacks name it."""
    return str(Path(script).absolute())


def _run(kind: _Script, code: CodeType, arguments: list[str], of: str | None) -> Session:
    with as_main(kind.script, arguments, kind.builtins) as module:
        with kind.recorded():
            ended = run_code(code, module)
        left = Left(
            script=Path(kind.script).name,
            names=_all_names(kind.names, vars(module)),
            namespace=vars(module),
            recent=list(kind.recent),
            backward=kind.last_backward,
            knows_gradviz=kind.knows_gradviz,
        )
        return _finished(kind, left, ended, of) if ended.error is None else _broken_off(left, ended, of)


def _all_names(names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """The module-level names: those that functions bound by `global` first, then those of the text."""
    bound = set(names)
    return [*(name for name in namespace if name not in bound and not name.startswith("__")), *names]


def _finished(kind: _Script, left: Left, ended: Ended, of: str | None) -> Session:
    """The session of a script that came to its end."""
    try:
        left = replace(left, inputs=kind.inputs(left))
        choice = choose(left, of)
    except GradvizError as problem:
        return Session(exit_code=ended.code, problem=problem)
    name_constants(choice.graph, left.values())
    notes = [*other_outputs(choice.graph, choice.others), *kind.notes(choice.graph, left)]
    return Session(graph=choice.graph, inputs=left.inputs, notes=notes, exit_code=ended.code)


def _broken_off(left: Left, ended: Ended, of: str | None) -> Session:
    """The session of a script that raised an exception: what it had computed up to there."""
    graph = unfinished(left, of)
    if graph is None:
        problem = ScriptError("nothing had been recorded before the exception, so nothing is drawn")
        return Session(exit_code=ended.code, error=ended.error, problem=problem)
    name_constants(graph, left.values())
    notes = ["this is what the script had computed before the exception; gradients were not run back"]
    return Session(graph=graph, notes=notes, exit_code=ended.code, error=ended.error)


# -- the two kinds of script -----------------------------------------------------------------------------------------


class _Script:
    """What both kinds of script have in common: the last records are kept, and calls of `backward` noticed."""

    knows_gradviz = False

    def __init__(self, tree: ast.Module, script: str, wrt: Sequence[str]) -> None:
        self.script = script
        self.names = bound_names(tree)
        self.wrt = list(dict.fromkeys(wrt))
        self.recent: deque[Tensor] = deque(maxlen=RECENT)
        self.last_backward: Tensor | None = None
        for name in self.wrt:
            if name not in self.names:
                raise self.not_found(name, self.names, "is assigned nowhere at module level")

    @property
    def builtins(self) -> dict[str, Any]:
        """What stands among the script's own builtins."""
        return {}

    @contextmanager
    def recorded(self) -> Generator[None]:
        """What holds while the script runs."""
        with _listening(self.backward_called), recording(self.recent):
            yield

    def backward_called(self, tensor: Tensor) -> None:
        self.last_backward = tensor

    def inputs(self, left: Left) -> list[Tensor]:
        """The leaves that `--wrt` names."""
        raise NotImplementedError

    def notes(self, graph: Graph, left: Left) -> Iterator[str]:
        """What there is to say about the run."""
        reached = {id(edge.source.record) for edge in graph.edges} | {id(node.record) for node in graph.outputs}
        for name, leaf in zip(self.wrt, left.inputs, strict=True):
            if id(leaf) not in reached:
                yield f"no path leads from {name} to {graph.output.label}: its gradient is 0"

    def not_found(self, name: str, names: Sequence[str], why: str) -> NameNotFound:
        """The error for a name of `--wrt`."""
        near = [other for other in difflib.get_close_matches(name, names, n=1) if other != name]
        meant = f"did you mean {near[0]!r}? " if near else ""
        there = f"{Path(self.script).name} has {listed(names) or 'none'}"
        return NameNotFound(f"--wrt {name!r} {why}: {meant}{there}")


class _GradvizScript(_Script):
    """A script that imports gradviz: it runs as it is, and makes its inputs itself."""

    knows_gradviz = True

    def inputs(self, left: Left) -> list[Tensor]:
        leaves = {n: v for n, v in left.values().items() if isinstance(v, Tensor) and not operands(v)}
        for name in self.wrt:
            if name not in leaves:
                raise self.not_found(name, list(leaves), "is no input made by gv.tensor")
            if not is_differentiable(leaves[name].value):
                raise GradientError(integer_message(leaves[name].value, name))
        return [leaves[name] for name in self.wrt]


class _PlainScript(_Script):
    """A script that does not know of gradviz."""

    def __init__(self, tree: ast.Module, script: str, wrt: Sequence[str]) -> None:
        super().__init__(tree, script, wrt)
        self.left_alone = mark_inputs(tree, wrt=self.wrt)
        self.made = Inputs()
        self.leaks = Leaks()

    @property
    def builtins(self) -> dict[str, Any]:
        return {"__import__": _importing, "max": maximum_of, "min": minimum_of, HIDDEN: self.made}

    @contextmanager
    def recorded(self) -> Generator[None]:
        with super().recorded(), plain(self.leaks):
            yield

    def inputs(self, left: Left) -> list[Tensor]:
        for name in self.wrt:
            if name not in self.made.leaves:
                raise self.no_leaf(name)
        return [self.made.leaves[name] for name in self.wrt]

    def no_leaf(self, name: str) -> GradvizError:
        """Why a name that `--wrt` gives is no input."""
        if name not in self.made.refused:
            return self.not_found(name, list(self.made.leaves), "was never assigned a number of its own in this run")
        value = self.made.refused[name]
        if isinstance(value, (int, numpy.ndarray, numpy.generic)) and numpy.asarray(value).dtype.kind in "biu":
            return GradientError(integer_message(value, name))
        what = describe(value) if isinstance(value, numpy.ndarray) else type(value).__name__
        return GradientError(
            f"--wrt {name!r} is of type {what}, and gradients are taken with respect to floats and arrays of floats"
        )

    def notes(self, graph: Graph, left: Left) -> Iterator[str]:
        yield from self.leaks.notes()
        for name, line in self.left_alone.items():
            yield (
                f"{name} is written into at line {line}, which is not recorded yet: "
                f"it was left a plain array, without a gradient"
            )
        yield from integers(graph, left.values())
        yield from super().notes(graph, left)


@contextmanager
def _listening(listener: Callable[[Tensor], None]) -> Generator[None]:
    on_backward.append(listener)
    try:
        yield
    finally:
        on_backward.remove(listener)


def _importing(
    name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0
) -> Any:
    """`__import__` for the script's own code: NumPy is the namespace whose functions record."""
    module = builtins.__import__(name, globals, locals, fromlist or (), level)
    return np if module is numpy else module
