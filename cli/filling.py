"""Lets a script fill its arrays: a plain one becomes a Tensor at the first traced value that is written into it.

Until then it is NumPy's own and costs what it costs there. At that moment all that refers to it, variables of the
running functions, lists, dicts, deques and objects, is given the Tensor instead; where something else refers to it as
well (a view, a tuple, a library) it stays as it is, so that no two see different numbers, and the value that is written
leaves the graph with a note.

An array that is an input, and is filled before anything was computed from it, is an input with what it was filled with;
one of zeros that traced values are written into is none.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Reversible
from types import FrameType
from typing import Any

import numpy as np

from ..tracer.backward import CONSTANT, INPUT, PARAMETER
from ..tracer.frames import Owner, user_frame
from ..tracer.frames import _owner as whose
from ..tracer.inplace import WRITE, View, Written
from ..tracer.tensor import Tensor, holds_tensor, leaf, operands
from .inputs import attributes, is_users
from .tape import make_leaf

__all__ = ["Filling"]

_TRACED = frozenset({Tensor, View, Written})
#: What holds arrays at places that can be given something else; an OrderedDict or a defaultdict is a dict.
_CONTAINERS = (dict, list, deque)
_LOOPS = (zip, enumerate, type(iter({}.items())))
_FRAMES = 50  # so many callers are searched for variables
_PARTS = 5_000  # so many parts of their containers
_DEEPEST = 5
_MOST_FILLED = 4096  # elements: each write into an input copies it


class Filling:
    """What is called with an array that a script writes into, before and after it does.

    Parameters
    ----------
    tape
        What was recorded.
    leaves
        Name → the input that it holds; it is kept up to date.
    """

    def __init__(self, tape: Reversible[Tensor], leaves: dict[str, Tensor]) -> None:
        self._tape = tape
        self._leaves = leaves

    # -- before ------------------------------------------------------------------------------------------------------

    def stored(self, array: Any, value: Any) -> Any:
        """What `array[i] = value` writes."""
        if _is_traced(value):
            self._ready(array, Filling.stored)
        return value

    def added(self, array: Any, value: Any) -> Any:
        """What `array += value` adds, or subtracts and so on."""
        made = self._ready(array, Filling.added) if _is_traced(value) else None
        return value if made is None else _Change(made, None, value)

    def added_at(self, array: Any, index: Any, value: Any) -> Any:
        """What `array[index] += value` adds."""
        if not _is_traced(value):
            return value
        if isinstance(array, _CONTAINERS):
            return self._added_in(array, index, value)
        # Python holds a view at this moment; of a mask or an array of indices it holds a copy.
        views = type(array) is np.ndarray and getattr(array[index], "base", None) is array
        made = self._ready(array, Filling.added_at, views=int(views))
        return value if made is None else _Change(made, index, value)

    def _added_in(self, container: Any, key: Any, value: Any) -> Any:
        """What `arrays[key] += value` adds."""
        try:
            made = self._ready(container[key], Filling._added_in)
        except (LookupError, TypeError):  # Python will say so
            return value
        return value if made is None else _Change(made, None, value)

    def _ready(self, array: Any, called: Callable[..., Any], *, views: int = 0) -> Tensor | None:
        """Let an array take traced values: a Tensor in the place of a plain one, and no input where it is all zeros."""
        if type(array) is np.ndarray:
            return _as_tensor(array, called, views)
        is_input = type(array) is Tensor and array._op in (INPUT, PARAMETER) and np.ndim(array._value)
        if is_input and not np.any(array._value) and not self._is_used(array, array, None):
            array._op = CONSTANT
        return None

    # -- after -------------------------------------------------------------------------------------------------------

    def filled(self, array: Any) -> None:
        """Let an input into which a number was written be an input with that number, where nothing has used it."""
        if type(array) is not Written or array.size > _MOST_FILLED:
            return
        written = array._note.cell.record  # pyright: ignore[reportOptionalMemberAccess]
        before = written._a
        if written._op is not WRITE or isinstance(written._b, Tensor) or before._op not in (INPUT, PARAMETER):
            return
        if self._is_used(before, array, written):
            return
        code, at, name = before._code, before._at, before.name
        make_leaf(written, before._op, name)
        written._code, written._at = code, at
        if name is not None:
            self._leaves[name] = written

    def _is_used(self, before: Tensor, array: Tensor, written: Tensor | None) -> bool:
        """Whether something else was computed from an array before it was written into."""
        for record in reversed(self._tape):
            if record is before or record is array:
                return False
            if record is not written and any(x is before or x is array for x in operands(record)):
                return True
        return True  # the tape does not go back that far


def _is_traced(value: Any) -> bool:
    return type(value) in _TRACED or (type(value) in (list, tuple) and holds_tensor(value))


class _Change:
    """What an augmented assignment to an array gets whose Tensor was made while it was on its way.

    Python holds the array already, so the sum is written into the Tensor here.
    """

    def __init__(self, made: Tensor, index: Any, value: Any) -> None:
        self.made = made
        self.index = index
        self.value = value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if self.index is None:
            return ufunc(self.made, self.value, out=self.made)
        self.made[self.index] = ufunc(self.made[self.index], self.value)
        return inputs[0]  # Python writes it into the array, which nobody sees any more


# -- from the array to the Tensor --------------------------------------------------------------------------------------

#: By what Python calls: how many references to an array there are while it runs that are nobody's.
_own_references: dict[Callable[..., Any], int] = {}
#: So often all that Python holds is searched for an array: that takes milliseconds.
_searches = [200]


def _as_tensor(array: np.ndarray[Any, Any], called: Callable[..., Any], views: int) -> Tensor | None:
    """The Tensor that stands for an array from now on, wherever it was; None where that can't be."""
    if array.dtype.kind != "f" or array.base is not None or not array.flags.writeable:
        return None
    if called not in _own_references:
        _own_references[called] = -1  # while they are counted
        _count_own(called)
    own = _own_references[called] + views
    made = leaf(array, CONSTANT, None, user_frame(2))
    places: list[_Variable | _Part] = []
    # None of these refers to the array, whose references are counted.
    searches: list[Callable[[Any], Iterable[Any]]] = [_Variables(frame) for frame in _callers()]
    for search in (*searches, _parts_that_are, _referrers_that_are):
        found = list(search(array))
        for place in found:
            place.put(made)
        places += found
        if _own_references[called] < 0 and places:
            _own_references[called] = sys.getrefcount(array)
            return made
        if sys.getrefcount(array) <= own:
            return made
    if sys.getrefcount(array) <= own + _held_by_loops(array):
        return made
    for place in places:
        place.put(array)
    return None


#: By what is called: a function in which a single variable, or a list, refers to an array when that happens.
_COUNTED = {
    "stored": "a = n()\n    a[0] = c(a, v)",
    "added": "a = n()\n    a += c(a, v)",
    "added_at": "a = n()\n    a[0] += c(a, 0, v)",
    "_added_in": "a = [n()]\n    a[0] += c(a, 0, v)",
}


def _count_own(called: Callable[..., Any]) -> None:
    """Make an array a Tensor to which there is one reference, to see how many there are besides."""
    namespace: dict[str, Any] = {}
    exec(compile(f"def f(c, v, n):\n    {_COUNTED[called.__name__]}\n", "<counting>", "exec"), namespace)
    calling = getattr(Filling((), {}), called.__name__.replace("_added_in", "added_at"))
    namespace["f"](calling, leaf(0.0, CONSTANT, None, user_frame(1)), lambda: np.zeros(1))


class _Variable:
    """A variable of a running function."""

    def __init__(self, frame: FrameType, name: str) -> None:
        self.frame = frame
        self.name = name

    def put(self, value: Any) -> None:
        """Let it hold a value."""
        held = self.frame.f_locals
        held[self.name] = value
        if sys.version_info < (3, 13) and held is not self.frame.f_globals:  # there a copy of the variables
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(self.frame), ctypes.c_int(0))


class _Part:
    """A place in a list, a dict, a deque or an object."""

    def __init__(self, container: Any, key: Any) -> None:
        self.container = container
        self.key = key

    def put(self, value: Any) -> None:
        """Let it hold a value, whatever a class of the script's own does when that is asked of it."""
        kind: Any = next((kind for kind in _CONTAINERS if isinstance(self.container, kind)), None)
        if kind is None:
            object.__setattr__(self.container, self.key, value)
        else:
            kind.__setitem__(self.container, self.key, value)


def _callers() -> Iterator[FrameType]:
    """The frames of the user's that are running, innermost first."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    for _ in range(_FRAMES):
        if frame is None:
            return
        if whose(frame.f_code) is Owner.USER:
            yield frame
        frame = frame.f_back


class _Variables:
    """The variables of a running function; called with an array, those that hold it itself."""

    def __init__(self, frame: FrameType) -> None:
        self.frame = frame

    def __call__(self, array: Any) -> list[_Variable]:
        held = list(self.frame.f_locals.items())
        return [_Variable(self.frame, name) for name, value in held if value is array]


def _parts_that_are(array: Any) -> Iterator[_Part]:
    """The places in containers and objects, on the way from variables, that hold it."""
    waiting: list[tuple[Any, int]] = [(dict(frame.f_locals), 0) for frame in _callers()]
    waiting += [(frame.f_globals, 0) for frame in _callers()]
    seen: set[int] = set()
    left = _PARTS
    while waiting and left > 0:
        container, depth = waiting.pop()
        if id(container) in seen or depth > _DEEPEST:
            continue
        seen.add(id(container))
        for key, value in _items(container):
            left -= 1
            if value is array:
                if not isinstance(container, tuple) and depth:
                    yield _Part(container, key)
            elif isinstance(value, (*_CONTAINERS, tuple)) or is_users(value):
                waiting.append((value, depth + 1))


def _referrers_that_are(array: Any) -> Iterator[_Part]:
    """The places in lists and dicts that hold it, wherever those are: a loop may be the only one to know a list."""
    if _searches[0]:
        _searches[0] -= 1
        for container in gc.get_referrers(array):
            if isinstance(container, _CONTAINERS) or is_users(container):
                yield from (_Part(container, key) for key, value in _items(container) if value is array)


def _held_by_loops(array: Any) -> int:
    """In how many tuples `zip` and the like hold it, which are theirs and will be filled anew in the next round."""
    tuples = [x for x in gc.get_referrers(array) if type(x) is tuple]
    return sum(1 for x in tuples if any(type(y) in _LOOPS for y in gc.get_referrers(x)))


def _items(container: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if isinstance(container, dict):
        found += dict.items(container)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    elif isinstance(container, (list, tuple, deque)):
        found += enumerate(container)  # pyright: ignore[reportUnknownArgumentType]
    if is_users(container):
        found += attributes(container)
    return found
