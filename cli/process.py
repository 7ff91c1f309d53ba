"""Sets up what `python SCRIPT` would: `__main__`, `sys.argv`, `sys.path`, exit codes and tracebacks."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from types import CodeType, ModuleType, TracebackType
from typing import Any, NamedTuple

from ..tracer.frames import Owner, owner_of, user_frame
from ..tracer.garbage import fewer_collections
from .builtins_module import kept_alike
from .ending import watched
from .program import Program
from .tape import Stopped
from .tracebacks import of_the_script, replaced

__all__ = ["Ended", "as_main", "run_code", "show_syntax_error", "stdout_to_stderr"]


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
        with _warnings_at_the_scripts_lines(), of_the_script(run_code.__code__), kept_alike(own_builtins):
            yield module
    finally:
        sys.argv, sys.path = argv, path
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.excepthook, sys.displayhook = hook, display
        if main is not None:
            sys.modules["__main__"] = main


@contextmanager
def _warnings_at_the_scripts_lines() -> Generator[None]:
    """Let a warning that NumPy lays at a line of ours be one of the script's line that called it.

    Ours are let through however often they come, and are issued again at the script's line: whether it is shown, and
    whether it has been already, is decided there, as under `python`.
    """
    module: Any = warnings
    show = module._showwarnmsg  # below `showwarning`, which the script may replace, and what records warnings
    filters = warnings.filters[:]
    warnings.filterwarnings("always", category=Warning, module=r"gradviz\.")

    def shown(message: Any) -> Any:
        if owner_of(message.filename) is not Owner.GRADVIZ:
            return show(message)
        frame = user_frame(1)
        namespace = frame.f_globals
        return warnings.warn_explicit(
            message.message, message.category, frame.f_code.co_filename, frame.f_lineno,
            module=namespace.get("__name__") or "<unknown>",
            registry=namespace.setdefault("__warningregistry__", {}),
        )  # fmt: skip

    try:
        with replaced(module, "_showwarnmsg", shown):
            yield
    finally:
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
    with watched() as ending:
        try:
            ended = _executed(codes, module, debug)
            if not isinstance(ended.error, Stopped):
                ending.come()
            return ended
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(ValueError, OSError, AttributeError):  # closed, or replaced by something odd
                    stream.flush()


def _executed(codes: Iterable[CodeType], module: ModuleType, debug: bool) -> Ended:
    probed: dict[str, Any] = {}
    exec(_PROBE, probed)
    try:
        with _as_deep_as_under_python(probed["levels"]), fewer_collections(_COLLECT_AFTER):
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
    return Ended(0)


#: So many new objects let Python look for cycles while a script runs: records make none, and scripts may.
_COLLECT_AFTER = 10_000

#: How many calls inside each other a module still has; two less than the limit under `python`.
_PROBE = compile(
    """
def deeper(n):
    try:
        return deeper(n + 1)
    except RecursionError:
        return n
levels = deeper(0)
""",
    "<probe>",
    "exec",
)


#: What entering a function's scope takes for a moment.
_SCOPE = 2 if sys.version_info < (3, 12) else 1


@contextmanager
def _as_deep_as_under_python(levels: int) -> Generator[None]:
    """Let a script call as deeply as it could under `python`: gradviz's own calls do not count."""
    get, put = sys.getrecursionlimit, sys.setrecursionlimit
    limit = get()
    own = limit - 2 - levels + _SCOPE
    put(limit + own)
    try:
        with (
            replaced(sys, "getrecursionlimit", lambda: get() - own),
            replaced(sys, "setrecursionlimit", lambda limit, /: put(limit + own if limit > 0 else limit)),
        ):
            yield
    finally:
        put(limit)


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


_SHOWN = 1000  # so many entries of a traceback Python shows, until 3.12


def _show(error: BaseException) -> None:
    if sys.excepthook is not sys.__excepthook__:  # the script has its own way of showing it
        sys.excepthook(type(error), error, _from_script(error.__traceback__))
        return
    limit = -_SHOWN if sys.version_info < (3, 13) and not hasattr(sys, "tracebacklimit") else None
    sys.stderr.write("".join(traceback.format_exception(error, limit=limit)))


def _from_script(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and owner_of(trace.tb_frame.f_code.co_filename) is Owner.GRADVIZ:
        trace = trace.tb_next
    return trace


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
