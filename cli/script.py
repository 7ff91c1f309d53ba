"""Runs a program as `python` would, recording what it computes, and hands back the graph."""

from __future__ import annotations

import ast
import builtins
import copy
import difflib
import math
from collections.abc import Callable, Container, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy

from ..tracer import GradientError, GradvizError, Graph, NameNotFound, ScriptError, Tensor
from ..tracer.failure import Failure
from ..tracer.methods import on_backward
from ..tracer.tensor import describe, integer_message, is_differentiable, operands, plain, recording
from . import hooks
from .alike import module_like
from .builtins_module import builtins_with
from .calls import called, shuffled, value_for
from .choice import Left, choose, listed, unfinished
from .errors import WrongUsage
from .failure import failure_of
from .filling import Filling
from .indices import held, hold
from .inputs import HandedIn, Inputs, drop_sums, fillable, name_by_path, tell_apart, tell_kinds
from .leaks import Leaks
from .lists import as_array, beside, each_as_array
from .math_module import math_module
from .module import bound_names, imports_gradviz, integers_as_floats, parameters
from .modules import modules_beside
from .numpy_module import numpy_module
from .optimize_module import optimize_module
from .process import Ended, as_main, run_code, show_syntax_error
from .program import Program, load, trees
from .remarks import bound_again, branches, idle_parameters, integers, name_constants, other_outputs, steps_taken
from .rewriting import rewrite
from .scopes import Scopes
from .special_module import special_module
from .stand_ins import BUILTINS, as_values
from .statistics_module import statistics_module
from .tape import Stopped, Tape
from .updates import Updates

__all__ = ["DEPTH", "Asked", "Session", "run"]

DEPTH = 2  # so many calls inside each other are scopes


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a run.

    Attributes
    ----------
    of
        The name of the output.
    wrt
        The names of the inputs; by default what is assigned from literals or random generators.
    step
        The step whose graph is wanted, from 1; the last one where it is None.
    unroll
        Whether the graph goes through updates, back to the first value of each input.
    depth
        How many calls inside each other are scopes.
    max_ops
        So many ops may be recorded.
    debug
        Whether the debugger opens after an exception.
    on_progress
        Called now and then with the number of ops recorded so far.
    """

    of: str | None = None
    wrt: Sequence[str] = ()
    step: int | None = None
    unroll: bool = False
    depth: int = DEPTH
    max_ops: int | None = None
    debug: bool = False
    on_progress: Callable[[int], None] | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """What came of running a script.

    Attributes
    ----------
    graph
        None where there is none; `problem` says why, unless the script could not even be compiled. After an exception
        its `failure` says which op failed.
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
    held
        The bytes of the values that were still held when the script had ended.
    """

    graph: Graph | None = None
    inputs: Sequence[Tensor] = ()
    notes: Sequence[str] = ()
    exit_code: int = 0
    error: BaseException | None = None
    problem: GradvizError | None = None
    held: int = 0


def run(
    script: str | Program,
    arguments: Sequence[str] = (),
    *,
    of: str | None = None,
    wrt: Sequence[str] = (),
    asked: Asked | None = None,
) -> Session:
    """Run a script under tracing.

    Parameters
    ----------
    script
        The file, as the user gave it, or a program that `load` found.
    arguments
        The script's own.
    of, wrt
        As in `Asked`.
    asked
        What is asked besides.

    Raises
    ------
    WrongUsage
        If there is no such script.
    ScriptError
        If it can't be read as Python's text.
    NameNotFound
        If `wrt` names nothing that the script assigns.
    """
    program = load(script) if isinstance(script, str) else script
    asked = asked or Asked(of=of, wrt=wrt)
    try:
        parts = trees(program)
        whole = parts[0] if len(parts) == 1 else _joined(parts)
        kind = (_GradvizScript if imports_gradviz(whole) else _PlainScript)(whole, program.name, asked)
        codes = [kind.compiled(tree, part.file) for tree, part in zip(parts, program.parts, strict=True)]
    except (SyntaxError, ValueError) as error:  # ValueError: null bytes, up to Python 3.11.3
        if isinstance(error, GradvizError):
            raise
        if not isinstance(error, SyntaxError) or error.filename is None:
            raise ScriptError(f"{program.name} is no Python text: {error}") from error
        show_syntax_error(error)
        return Session(exit_code=1, error=error)
    except (RecursionError, MemoryError):
        raise ScriptError(f"{program.name} is nested too deeply for Python's compiler") from None
    return _run(kind, program, codes, list(arguments))


def _joined(parts: Sequence[ast.Module]) -> ast.Module:
    """The cells of a notebook as one; copies, as they are rewritten one after the other."""
    return ast.Module([copy.deepcopy(statement) for tree in parts for statement in tree.body], [])


def _run(kind: _Script, program: Program, codes: list[CodeType], arguments: list[str]) -> Session:
    own_builtins = builtins_with(kind.builtins)
    with as_main(program, arguments, own_builtins) as module:
        kind.begin(vars(module))
        with kind.recorded(program, own_builtins):
            ended = run_code(codes, module, debug=kind.asked.debug)
        left = Left(
            script=program.name if program.name.startswith("-") else Path(program.name).name,
            names=_all_names(kind.names, vars(module)),
            namespace=vars(module),
            recent=list(kind.tape),
            spent=kind.spent_ids(),
            updated=kind.updated(),
            backward=kind.last_backward,
            integers=kind.integers,
            knows_gradviz=kind.knows_gradviz,
        )
        if ended.error is None:
            return _finished(kind, left, ended)
        if isinstance(ended.error, Stopped):
            return _stopped(kind, left, ended)
        return _broken_off(kind, left, ended)


def _all_names(names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """The module-level names: those that functions bound by `global` first, then those of the text."""
    bound = set(names)
    return [*(name for name in namespace if name not in bound and not name.startswith("__")), *names]


def _finished(kind: _Script, left: Left, ended: Ended) -> Session:
    """The session of a script that came to its end."""
    try:
        kind.name_inputs(left)
        left = replace(left, inputs=kind.inputs(left), step=kind.step_records())
        choice = choose(left, kind.asked.of)
        kind.tidy(choice.graph, left)
        inputs = kind.only(choice.graph, left)
    except GradvizError as problem:
        return Session(exit_code=ended.code, problem=problem, notes=list(kind.cuts()))
    graph = choice.graph
    others = choice.others if kind.asked.step is None else []
    notes = [*other_outputs(graph, others), *kind.notes(graph, left)]
    return Session(graph=graph, inputs=inputs, notes=notes, exit_code=ended.code, held=kind.tape.bytes())


def _stopped(kind: _Script, left: Left, ended: Ended) -> Session:
    """The session of a script that recorded more than it may."""
    session = _finished(kind, left, ended)
    why = f"stopped, as {ended.error} and --max-ops is {kind.asked.max_ops:,}: this is what there was by then"
    if session.graph is None:
        session = _broken_off(kind, left, ended)
    return replace(session, notes=[why, *session.notes[session.error is not None :]], error=ended.error, exit_code=1)


def _broken_off(kind: _Script, left: Left, ended: Ended) -> Session:
    """The session of a script that raised an exception: what it had computed up to there, and the op that failed."""
    raised = ended.error is not None and not isinstance(ended.error, Stopped)  # where it was stopped, no op failed
    failure = failure_of(ended.error) if raised and ended.error is not None else None
    kind.name_inputs(left)
    graph = _up_to(failure, unfinished(left, kind.asked.of))
    if graph is None:
        why = f"{_said(failure)}; n" if failure is not None else "n"
        problem = ScriptError(f"{why}othing had been recorded before the exception, so nothing is drawn")
        return Session(exit_code=ended.code, error=ended.error, problem=problem)
    kind.tidy(graph, left)
    notes = ["this is what the script had computed before the exception; gradients were not run back"]
    if failure is not None:
        graph.failure = failure
        notes.append(_said(failure))
    return Session(graph=graph, notes=notes, exit_code=ended.code, error=ended.error, held=kind.tape.bytes())


def _said(failure: Failure) -> str:
    """What failed, on what, and why."""
    what = failure.sentence or failure.message
    return f"{failure.code or failure.op} failed on {' and '.join(failure.given)}: {what}"


def _up_to(failure: Failure | None, graph: Graph | None) -> Graph | None:
    """The graph that ends in what the failed op was given; else the one there is."""
    given = [x for x in failure.operands if isinstance(x, Tensor)] if failure is not None else []
    if not given:
        return graph
    ops = [x for x in given if operands(x)] or given
    return Graph(ops[-1:], inputs=[x for x in given if x is not ops[-1]])


# -- the two kinds of script -----------------------------------------------------------------------------------------


class _Script:
    """What both kinds of script have in common: what is still in use is kept, and calls of `backward` noticed."""

    knows_gradviz = False

    def __init__(self, tree: ast.Module, script: str, asked: Asked) -> None:
        self.script = script
        self.asked = asked
        self.names = bound_names(tree)
        self.integers = integers_as_floats(tree)
        self.wrt = list(dict.fromkeys(asked.wrt))
        self.tape = Tape(keep=asked.step, most=asked.max_ops, on_tend=asked.on_progress)
        self.last_backward: Tensor | None = None
        handed = parameters(tree)
        for name in self.wrt:
            if name.isidentifier() and name not in self.names and name not in handed:
                raise self.not_found(name, self.names, "is assigned nowhere at module level")

    def compiled(self, tree: ast.Module, file: str) -> CodeType:
        """The code that runs."""
        return compile(tree, file, "exec", dont_inherit=True)

    @property
    def builtins(self) -> dict[str, Any]:
        """What stands among the script's own builtins."""
        return {}

    def begin(self, namespace: dict[str, Any]) -> None:
        """Learn where the script's names are, before it runs."""

    @contextmanager
    def recorded(self, program: Program, own_builtins: ModuleType) -> Generator[None]:
        """What holds while the script runs."""
        with _listening(self.backward_called), recording(self.tape):  # pyright: ignore[reportArgumentType]
            yield

    def backward_called(self, tensor: Tensor) -> None:
        self.last_backward = tensor

    def name_inputs(self, left: Left) -> None:
        """Name the inputs that no assignment named."""

    def spent_ids(self) -> frozenset[int]:
        """The ids of what updates of inputs were computed from."""
        return frozenset()

    def updated(self) -> Container[str]:
        """The names of the inputs that were updated."""
        return ()

    def inputs(self, left: Left) -> list[Tensor]:
        """The leaves that `--wrt` names and that must be in the graph even without a path."""
        raise NotImplementedError

    def only(self, graph: Graph, left: Left) -> Sequence[Tensor]:
        """The inputs of a graph that `--wrt` names."""
        return left.inputs

    def step_records(self) -> Sequence[Tensor] | None:
        """The records of the step that `--step` names; None where the last one is wanted."""
        if self.asked.step is not None:
            raise WrongUsage(f"--step {self.asked.step}: {self.script} uses gradviz itself: draw the step it shows")
        return None

    def tidy(self, graph: Graph, left: Left) -> None:
        """Finish the names in a graph."""
        name_constants(graph, left.values())
        tell_apart(graph)

    def notes(self, graph: Graph, left: Left) -> Iterator[str]:
        """What there is to say about the run."""
        reached = {id(edge.source.record) for edge in graph.edges} | {id(node.record) for node in graph.outputs}
        for leaf in left.inputs:
            if id(leaf) not in reached:
                yield f"no path leads from {leaf.name} to {graph.output.label}: its gradient is 0"

    def cuts(self) -> Iterator[str]:
        """Where values left the graph."""
        yield from ()

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
        for name in self.wrt:
            leaves[name].name = leaves[name].name or name
        return [leaves[name] for name in self.wrt]


class _PlainScript(_Script):
    """A script that does not know of gradviz."""

    def __init__(self, tree: ast.Module, script: str, asked: Asked) -> None:
        super().__init__(tree, script, asked)
        # Names such as params['W'] are known when it has run; then all inputs are made, and those named are shown.
        named = set(self.wrt) if all(name in self.names for name in self.wrt) else set[str]()
        self.made = Inputs()
        self.filling = Filling(self.tape, self.made.leaves)
        self.leaks = Leaks()
        self.scopes = Scopes(asked.depth)
        self.updates = Updates(self.tape, cut=not asked.unroll)
        self.whole = tree
        self.named = named

    def compiled(self, tree: ast.Module, file: str) -> CodeType:
        rewrite(tree, part_of=self.whole, wrt=self.named, scopes=self.asked.depth > 0)
        return super().compiled(tree, file)

    def beside(self, tree: ast.Module, file: str) -> CodeType:
        """The code of a module beside the script."""
        rewrite(tree, scopes=self.asked.depth > 0)
        return super().compiled(tree, file)

    @property
    def builtins(self) -> dict[str, Any]:
        return {
            **BUILTINS,
            "__import__": _importing(),
            hooks.INPUT: self.made,
            hooks.HANDED_IN: HandedIn(self.made),
            hooks.FILLABLE: fillable,
            hooks.FILLED: self.filling.filled,
            hooks.STORED: self.filling.stored,
            hooks.ADDED: self.filling.added,
            hooks.ADDED_AT: self.filling.added_at,
            hooks.AT: hold,
            hooks.HELD: held,
            hooks.SLICE: slice,
            hooks.LISTED: as_array,
            hooks.LISTS: each_as_array,
            hooks.BESIDE: beside,
            hooks.UPDATE: self.updates,
            hooks.ITEM: self.updates.item,
            hooks.SCOPE: self.scopes,
            hooks.SHUFFLED: shuffled,
            hooks.CALLED: called,
            hooks.VALUE: value_for,
        }

    def cuts(self) -> Iterator[str]:
        yield from self.leaks.notes()

    def begin(self, namespace: dict[str, Any]) -> None:
        self.updates.namespace = namespace

    @contextmanager
    def recorded(self, program: Program, own_builtins: ModuleType) -> Generator[None]:
        with ExitStack() as stack:
            stack.enter_context(super().recorded(program, own_builtins))
            stack.enter_context(plain(self.leaks))
            stack.enter_context(as_values())
            stack.enter_context(modules_beside(program.root, self.beside, own_builtins))
            yield
            self.updates.settle()

    def name_inputs(self, left: Left) -> None:
        name_by_path(left.values())

    def spent_ids(self) -> frozenset[int]:
        return self.updates.spent_ids()

    def updated(self) -> Container[str]:
        return self.updates.counts.keys()

    def inputs(self, left: Left) -> list[Tensor]:
        found: list[Tensor] = []
        for name in self.wrt:
            if name in self.updates.counts:  # the graph has the one of its step
                continue
            if name in self.made.leaves:
                found.append(self.made.leaves[name])
            elif name in self.names:
                raise self.no_leaf(name)
        return found

    def only(self, graph: Graph, left: Left) -> Sequence[Tensor]:
        there = {node.name: node.record for node in graph.inputs if node.name is not None}
        for name in self.wrt:
            if name not in there and name not in self.updates.counts:
                raise self.not_found(name, list(there), "names no input")
        return [there[name] for name in self.wrt if name in there]

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

    def step_records(self) -> Sequence[Tensor] | None:
        step = self.asked.step
        if step is None:
            return None
        if self.tape.step == 1:
            raise WrongUsage(
                f"--step {step}: {Path(self.script).name} has no steps, as no input is updated in it: leave --step out"
            )
        if step > self.tape.step:
            raise WrongUsage(
                f"--step {step}: there were {self.tape.step - 1:,} steps: give one of 1 to {self.tape.step - 1}"
            )
        return self.tape.kept or list(self.tape)

    def tidy(self, graph: Graph, left: Left) -> None:
        tell_kinds(graph, self.updates.counts)
        super().tidy(graph, left)
        self.scopes.tidy(graph)
        if not self.wrt:
            drop_sums(graph)

    def notes(self, graph: Graph, left: Left) -> Iterator[str]:
        yield from steps_taken(self.updates, self.tape.step, self.asked, graph)
        yield from bound_again(graph, left.values(), self.updates.counts)
        yield from self.cuts()
        yield from branches(graph)
        yield from integers(graph, left.values(), left.integers)
        yield from super().notes(graph, left)
        yield from idle_parameters(graph, left.values(), self.wrt)


@contextmanager
def _listening(listener: Callable[[Tensor], None]) -> Generator[None]:
    on_backward.append(listener)
    try:
        yield
    finally:
        on_backward.remove(listener)


#: SciPy's module → what makes one like it, whose functions record.
_STAND_INS: dict[str | None, Callable[[ModuleType], ModuleType]] = {
    "statistics": statistics_module,
    "scipy.optimize": optimize_module,
    "scipy.special": special_module,
}


def _importing() -> Callable[..., Any]:
    """`__import__` for the script's own code: NumPy, `math` and parts of SciPy are modules whose functions record."""
    made: dict[int, tuple[ModuleType, ModuleType]] = {
        id(numpy): (numpy, numpy_module()),
        id(math): (math, math_module()),
    }

    def stand_in(module: Any) -> Any:
        name = getattr(module, "__name__", None)
        if id(module) not in made and name in _STAND_INS:
            made[id(module)] = module, _STAND_INS[name](module)
        return made[id(module)][1] if id(module) in made else module

    def importing(
        name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0
    ) -> Any:
        module = builtins.__import__(name, globals, locals, fromlist or (), level)
        if getattr(module, "__name__", None) == "scipy":  # its parts are reached through it
            return _scipy(module, stand_in)
        return stand_in(module)

    return importing


def _scipy(scipy: ModuleType, stand_in: Callable[[Any], Any]) -> ModuleType:
    """SciPy, with parts in it that record."""
    parts = {name: stand_in(part) for name, part in vars(scipy).items() if isinstance(part, ModuleType)}
    return module_like(scipy, {**parts, "__getattr__": lambda name: stand_in(getattr(scipy, name))})
