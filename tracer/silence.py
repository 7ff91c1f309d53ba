"""`gv.no_trace`: inside it ops compute and are not recorded; and what transforms need to record all the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from .backward import CONSTANT
from .tensor import Note, Tensor, _serials, recording

__all__ = ["is_silent", "no_trace", "resumed", "without_source"]

# The module, whose state is read where it is used: under its name the package has the function gv.tensor.
_state: Any = import_module(".tensor", __package__)


class _Taker:
    """Stands where a tape does, and does something to every record that is handed to it."""

    def __init__(self, take: Callable[[Tensor], None]) -> None:
        self.append = take


def _cut(tensor: Tensor) -> None:
    """Make a constant of what an op made; a leaf is what it is."""
    if tensor._a is not None:
        tensor._op = CONSTANT
        tensor._a = tensor._b = tensor._static = None
        note = tensor._note or Note()
        tensor._note = Note(None, note.scope, next(_serials), note.cell)


def is_silent() -> bool:
    """Whether this runs inside `no_trace`."""
    return _state._append is _cut


@contextmanager
def no_trace() -> Iterator[None]:
    """Inside it ops compute and are not recorded: their results are Tensors that are constants.

    For what must not be differentiated: a step of an optimiser, a metric, a mask. Leaves made inside with `gv.tensor`
    are leaves as ever, and `gv.grad` and its like work as ever. It serves as a decorator too.

    Examples
    --------
    >>> import gradviz as gv
    >>> x = gv.tensor(3.0)
    >>> with gv.no_trace():
    ...     scale = x * 2.0
    >>> y = x * scale
    >>> y.backward()
    >>> scale, x.grad
    (Tensor(6.0), 6.0)
    """
    taker: Any = _Taker(_cut)
    with recording(taker):
        yield


@contextmanager
def resumed() -> Iterator[None]:
    """Inside it ops are recorded even within `no_trace`: what a transform differentiates."""
    if not is_silent():
        yield
        return
    with recording(deque(maxlen=0)):
        yield


@contextmanager
def without_source() -> Iterator[None]:
    """Records made inside stand at no place in the user's source: rules made them, and their names are no variables."""
    before = _state._append

    def take(tensor: Tensor) -> None:
        tensor._code = None
        before(tensor)

    taker: Any = _Taker(take)
    with recording(taker):
        yield
