"""Sets up what `python SCRIPT` would: `__main__`, `sys.argv`, `sys.path`, exit codes and tracebacks."""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any, NamedTuple

from ..tracer.frames import Owner, owner_of, user_frame

__all__ = ["Ended", "as_main", "run_code", "show_syntax_error", "stdout_to_stderr"]


class Ended(NamedTuple):
    """How a script ended: its exit code, and the exception that it did not catch."""

    code: int
    error: BaseException | None = None


@contextmanager
def as_main(script: str, arguments: list[str], extra_builtins: Mapping[str, Any]) -> Generator[ModuleType]:
    """A fresh `__main__` for a script, with the process around it as `python` would set it up; undone afterwards.

    Parameters
    ----------
    script
        The file, as the user gave it.
    arguments
        The script's own.
    extra_builtins
        What stands among the builtins for the script's code alone: other modules keep theirs.
    """
    module = _main_module(script, extra_builtins)
    folder = str(Path(script).resolve().parent)
    argv, path, main = sys.argv, sys.path, sys.modules.get("__main__")
    streams = sys.stdin, sys.stdout, sys.stderr
    hook, display, showwarning = sys.excepthook, sys.displayhook, warnings.showwarning
    warnings.showwarning = _where_the_script_is(showwarning)
    # Under -P and -I Python puts no folder there; else the first entry is that of the gradviz command.
    sys.path = [folder, *path[0 if sys.flags.safe_path else 1 :]]
    sys.argv = [script, *arguments]
    sys.modules["__main__"] = module
    try:
        yield module
    finally:
        sys.argv, sys.path = argv, path
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.excepthook, sys.displayhook, warnings.showwarning = hook, display, showwarning
        if main is not None:
            sys.modules["__main__"] = main


def _main_module(script: str, extra_builtins: Mapping[str, Any]) -> ModuleType:
    module = ModuleType("__main__")
    file = str(Path(script).absolute())  # as python does since 3.9; links in it stay
    own_builtins = builtins
    if extra_builtins:  # else those that everyone has, in which gv.trace puts its max and min
        own_builtins = ModuleType("builtins", builtins.__doc__)
        own_builtins.__dict__.update(vars(builtins))
        own_builtins.__dict__.update(extra_builtins)
    module.__dict__.update(
        __builtins__=own_builtins, __file__=file, __cached__=None, __loader__=SourceFileLoader("__main__", file)
    )
    if sys.version_info < (3, 14):
        vars(module).update(__annotations__={})
    return module


def _where_the_script_is(show: Callable[..., None]) -> Callable[..., None]:
    """`warnings.showwarning` that names the script's line where NumPy names the line of ours that called it."""

    def showwarning(
        message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        if owner_of(filename) is Owner.GRADVIZ:
            frame = user_frame(1)
            filename, lineno = frame.f_code.co_filename, frame.f_lineno
        show(message, category, filename, lineno, file, line)

    return showwarning


def run_code(code: CodeType, module: ModuleType) -> Ended:
    """Run a script's code to its end; an uncaught exception is shown as Python shows it, without our frames.

    Ctrl-C passes through.
    """
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        return Ended(_exit_code(error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _show(error)
        return Ended(1, error)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError, OSError, AttributeError):  # closed, or replaced by something odd
                stream.flush()
    return Ended(0)


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
