"""Sets up what `python SCRIPT` would: `__main__`, `sys.argv`, `sys.path`, exit codes and tracebacks."""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from types import CodeType, ModuleType, TracebackType
from typing import Any, NamedTuple

from ..tracer.frames import Owner, owner_of, user_frame
from .program import Program
from .tape import Stopped

__all__ = ["Ended", "as_main", "builtins_with", "run_code", "show_syntax_error", "stdout_to_stderr"]


class Ended(NamedTuple):
    """How a script ended: its exit code, and the exception that it did not catch."""

    code: int
    error: BaseException | None = None


@contextmanager
def as_main(program: Program, arguments: list[str], own_builtins: ModuleType) -> Generator[ModuleType]:
    """A fresh `__main__` for a program, with the process around it as `python` would set it up; undone afterwards."""
    module = ModuleType("__main__")
    module.__dict__.update(__builtins__=own_builtins, **program.variables)
    argv, path, main = sys.argv, sys.path, sys.modules.get("__main__")
    streams = sys.stdin, sys.stdout, sys.stderr
    hook, display = sys.excepthook, sys.displayhook
    # Under -P and -I Python puts no folder there; else the first entry is that of the gradviz command.
    rest = path[0 if sys.flags.safe_path else 1 :]
    sys.path = rest if program.folder is None else [program.folder, *rest]
    sys.argv = [program.argv0, *arguments]
    sys.modules["__main__"] = module
    try:
        with _warnings_at_the_scripts_lines():
            yield module
    finally:
        sys.argv, sys.path = argv, path
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.excepthook, sys.displayhook = hook, display
        if main is not None:
            sys.modules["__main__"] = main


def builtins_with(extra: Mapping[str, Any]) -> ModuleType:
    """A module like `builtins` with more in it; the real one where there is nothing to add, as everyone has it."""
    if not extra:
        return builtins
    made = ModuleType("builtins", builtins.__doc__)
    made.__dict__.update(vars(builtins))
    made.__dict__.update(extra)
    return made


@contextmanager
def _warnings_at_the_scripts_lines() -> Generator[None]:
    """Let a warning that NumPy lays at a line of ours be one of the script's line that called it.

    Ours are let through however often they come, and are issued again at the script's line: whether it is shown, and
    whether it has been already, is decided there, as under `python`.
    """
    show = warnings.showwarning
    filters = warnings.filters[:]
    warnings.filterwarnings("always", category=Warning, module=r"gradviz\.")

    def showwarning(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> Any:
        if owner_of(filename) is not Owner.GRADVIZ:
            return show(message, category, filename, lineno, file, line)
        frame = user_frame(1)
        namespace = frame.f_globals
        return warnings.warn_explicit(
            message, category, frame.f_code.co_filename, frame.f_lineno,
            module=namespace.get("__name__") or "<unknown>",
            registry=namespace.setdefault("__warningregistry__", {}),
        )  # fmt: skip

    warnings.showwarning = showwarning
    try:
        yield
    finally:
        warnings.showwarning = show
        warnings.filters[:] = filters  # pyright: ignore[reportIndexIssue]
        _forget_filters()


def _forget_filters() -> None:
    """Tell the warnings module that its filters changed."""
    changed: Any = getattr(warnings, "_filters_mutated", None) or getattr(warnings, "_filters_mutated_lock_held", None)
    if changed is not None:
        with contextlib.suppress(RuntimeError):
            changed()


def run_code(codes: Iterable[CodeType], module: ModuleType, *, debug: bool = False) -> Ended:
    """Run a program's code to its end; an uncaught exception is shown as Python shows it, without our frames.

    With `debug` the debugger opens where it was raised. Ctrl-C passes through.
    """
    try:
        for code in codes:
            exec(code, module.__dict__)
    except SystemExit as error:
        return Ended(_exit_code(error))
    except KeyboardInterrupt:
        raise
    except Stopped as error:
        return Ended(1, error)
    except BaseException as error:
        _show(error)
        if debug:
            _debug(error)
        return Ended(1, error)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError, OSError, AttributeError):  # closed, or replaced by something odd
                stream.flush()
    return Ended(0)


def _debug(error: BaseException) -> None:
    """Open the debugger at the innermost frame of the user's."""
    import pdb

    trace = error.__traceback__
    frames: list[TracebackType] = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    own = [t for t in frames if owner_of(t.tb_frame.f_code.co_filename) is Owner.USER] or frames
    shown = None
    for t in reversed(own):
        shown = TracebackType(shown, t.tb_frame, t.tb_lasti, t.tb_lineno)
    pdb.post_mortem(shown)


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def show_syntax_error(error: SyntaxError) -> None:
    """Python's own message for a script that can't be compiled."""
    sys.stderr.write("".join(traceback.format_exception_only(error)))


def _show(error: BaseException) -> None:
    if sys.excepthook is not sys.__excepthook__:  # the script has its own way of showing it
        sys.excepthook(type(error), error, _from_script(error.__traceback__))
        return
    shown = traceback.TracebackException.from_exception(error)
    _strip(shown)
    sys.stderr.write("".join(shown.format()))


def _from_script(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and owner_of(trace.tb_frame.f_code.co_filename) is Owner.GRADVIZ:
        trace = trace.tb_next
    return trace


def _strip(shown: traceback.TracebackException) -> None:
    """Drop gradviz's own frames from a traceback and from those it is chained to."""
    waiting: list[traceback.TracebackException | None] = [shown]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        one.stack[:] = [frame for frame in one.stack if owner_of(frame.filename) is not Owner.GRADVIZ]
        waiting += [one.__cause__, one.__context__, *(one.exceptions or ())]


@contextmanager
def stdout_to_stderr() -> Generator[None]:
    """Send what the script prints to stderr, so that stdout holds the picture alone."""
    if sys.stdout is not sys.__stdout__:  # a test's stand-in has no file descriptor
        with contextlib.redirect_stdout(sys.stderr):
            yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)  # the descriptor, so that child processes follow
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
