"""What Python does when a script has run: it waits for the threads, and calls what `atexit` was given."""

from __future__ import annotations

import atexit
import sys
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from ..tracer.frames import Owner, owner_of
from .tracebacks import replaced

__all__ = ["Ending", "watched"]


class Ending:
    """The threads and the callbacks that a script leaves behind."""

    def __init__(self) -> None:
        self._others = set(threading.enumerate())
        self._callbacks: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def register(self, func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """`atexit.register`; a library's own callbacks wait for the end of the process."""
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        while owner_of(frame.f_code.co_filename) is Owner.GRADVIZ and frame.f_back is not None:
            frame = frame.f_back
        if owner_of(frame.f_code.co_filename) is not Owner.USER:
            return _register(func, *args, **kwargs)
        self._callbacks.append((func, args, kwargs))
        return func

    def unregister(self, func: Callable[..., Any], /) -> None:
        """`atexit.unregister`."""
        self._callbacks = [one for one in self._callbacks if one[0] != func]
        _unregister(func)

    def come(self) -> None:
        """Wait for the threads that are no daemons, and call the callbacks, the last one first."""
        # The workers of a pool that nobody shut down end with the process.
        workers: Any = getattr(sys.modules.get("concurrent.futures.thread"), "_threads_queues", ())
        for thread in threading.enumerate():
            if thread not in self._others and not thread.daemon and thread not in workers:
                thread.join()
        while self._callbacks:
            function, args, options = self._callbacks.pop()
            try:
                function(*args, **options)
            except (Exception, SystemExit):
                print(f"Exception ignored in atexit callback: {function!r}", file=sys.stderr)
                traceback.print_exc()


_register, _unregister = atexit.register, atexit.unregister


@contextmanager
def watched() -> Generator[Ending]:
    """While it is open, what a script registers with `atexit` is handed to the `Ending` that it gives."""
    ending = Ending()
    with replaced(atexit, "register", ending.register), replaced(atexit, "unregister", ending.unregister):
        yield ending
