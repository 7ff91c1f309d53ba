"""`gv.no_trace`: inside it ops compute and are not recorded; and what transforms need to record all the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from .backward import CONSTANT
from .inplace import View
from .tensor import Note, Tensor, _serials, now, recording

__all__ = ["is_silent", "no_trace", "resumed", "without_source"]

# The module, whose state is read where it is used: under its name the package has the function gv.tensor.
_state: Any = import_module(".tensor", __package__)


class _Taker:
    """Stands where a tape does, and does something to every record that is handed to it."""

    def __init__(self, take: Callable[[Tensor], None]) -> None:
        self.append = take


class _Silence:
    """Stands where a tape does, and makes a constant of every record that is handed to it.

    A view stays one for a while, so that what is written to it inside is written to what it is a view of.
    """

    def __init__(self) -> None:
        self.views: deque[Tensor] = deque()

    def append(self, tensor: Tensor) -> None:
        """What the tape's `append` is called for: a record was made."""
        if type(tensor) is not View:
            _cut(tensor)
            return
        self.views.append(tensor)
        if len(self.views) > _VIEWS_HELD:
            _cut(self.views.popleft())

    def end(self) -> None:
        """Make constants of the views too."""
        while self.views:
            _cut(self.views.popleft())


_VIEWS_HELD = 256  # an evaluation that reads slices for ever must not hold them all


def _cut(tensor: Tensor) -> None:
    """Make a constant of what an op made; a leaf is what it is."""
    if tensor._a is None:
        return
    if type(tensor) is View:
        tensor._value = now(tensor)._value
        tensor.__class__ = Tensor  # pyright: ignore[reportAttributeAccessIssue]
    note = tensor._note or Note()
    tensor._op = CONSTANT
    tensor._a = tensor._b = tensor._static = None
    tensor._note = Note(None, note.scope, next(_serials), note.cell)


def is_silent() -> bool:
    """Whether this runs inside `no_trace`."""
    return isinstance(getattr(_state._append, "__self__", None), _Silence)


@contextmanager
def no_trace() -> Generator[None]:
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
    silence: Any = _Silence()
    with recording(silence):
        try:
            yield
        finally:
            silence.end()


@contextmanager
def resumed() -> Generator[None]:
    """Inside it ops are recorded even within `no_trace`: what a transform differentiates."""
    if not is_silent():
        yield
        return
    with recording(deque(maxlen=0)):
        yield


@contextmanager
def without_source() -> Generator[None]:
    """Records made inside stand at no place in the user's source: rules made them, and their names are no variables."""
    before = _state._append

    def take(tensor: Tensor) -> None:
        tensor._code = None
        before(tensor)

    taker: Any = _Taker(take)
    with recording(taker):
        yield
