"""Keeps gradviz's own frames out of the tracebacks and stacks that a script prints or looks at."""

from __future__ import annotations

import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import CodeType, FrameType
from typing import Any

from ..tracer.frames import Owner, owner_of

__all__ = ["of_the_script", "replaced"]


@contextmanager
def replaced(owner: Any, name: str, new: Any) -> Generator[None]:
    """While it is open, `owner.name` is another; afterwards it is what it was, or gone as before."""
    missing = object()
    before = vars(owner).get(name, missing)
    setattr(owner, name, new)
    try:
        yield
    finally:
        if before is missing:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


@contextmanager
def of_the_script(outermost: CodeType) -> Generator[None]:
    """While it is open, `traceback`, `inspect` and threads show frames as if the script ran under `python`.

    Parameters
    ----------
    outermost
        The code of the function of ours that runs the script: stacks end before it.
    """

    def up_to_the_script(frames: Iterable[Any], frame_of: Callable[[Any], FrameType]) -> Iterator[Any]:
        for one in frames:
            code = frame_of(one).f_code
            if code is outermost:
                return
            if not _is_ours(code):
                yield one

    walk_stack, outer = traceback.walk_stack, inspect.getouterframes

    def stack(f: FrameType | None) -> Iterator[Any]:
        return up_to_the_script(walk_stack(_caller() if f is None else f), lambda one: one[0])

    def frames(frame: FrameType, context: int = 1) -> list[Any]:
        return list(up_to_the_script(outer(frame, context), lambda one: one.frame))

    with ExitStack() as opened:
        for name in ("walk_tb", "_walk_tb_with_full_positions"):
            opened.enter_context(replaced(traceback, name, _without_ours(getattr(traceback, name))))
        opened.enter_context(replaced(traceback, "walk_stack", stack))
        opened.enter_context(replaced(inspect, "getouterframes", frames))
        opened.enter_context(replaced(threading, "excepthook", _show_in_thread))
        yield


def _is_ours(code: CodeType) -> bool:
    return owner_of(code.co_filename) is Owner.GRADVIZ


def _without_ours(walk: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
    """What walks along a traceback, past the frames that are gradviz's."""

    def walked(tb: Any) -> Iterator[Any]:
        return (one for one in walk(tb) if not _is_ours(one[0].f_code))

    return walked


def _caller() -> FrameType | None:
    """The nearest frame that is neither ours nor of the module traceback."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and (_is_ours(frame.f_code) or frame.f_code.co_filename == traceback.__file__):
        frame = frame.f_back
    return frame


def _show_in_thread(args: threading.ExceptHookArgs) -> None:
    """What `threading.excepthook` does: its own is written in C, which shows all frames."""
    if args.exc_type is SystemExit:
        return
    stream = sys.stderr
    name = args.thread.name if args.thread is not None else threading.get_ident()
    print(f"Exception in thread {name}:", file=stream, flush=True)
    traceback.print_exception(args.exc_type, args.exc_value, args.exc_traceback, file=stream)
    stream.flush()
