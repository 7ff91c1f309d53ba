"""Makes named leaves of the values that a rewritten script hands over, and finds better names for them."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from ..tracer import Graph
from ..tracer.backward import CONSTANT, INPUT, PARAMETER
from ..tracer.frames import Owner, owner_of
from ..tracer.inplace import Written
from ..tracer.tensor import Tensor, is_differentiable, leaf

__all__ = ["Inputs", "fillable", "name_by_path", "tell_apart"]

_DEEPEST = 6
_MOST = 20_000  # so many things are looked at when names are searched


class Inputs:
    """Makes leaves, and remembers them.

    Attributes
    ----------
    leaves : dict
        Name → the leaf that was made last.
    refused : dict
        Name → the last value that can't be a leaf: an integer, a text.
    """

    def __init__(self) -> None:
        self.leaves: dict[str, Tensor] = {}
        self.refused: dict[str, Any] = {}

    def __call__(self, name: str | None, value: Any, learned: bool) -> Any:
        """The leaf that `name` is to hold in place of `value`; the value itself where it can't be one."""
        if isinstance(value, Tensor):  # computed from other inputs: it is in the graph already
            return value
        if not _may_be_leaf(value):
            if name is not None:
                self.refused[name] = value
            return value
        is_array = isinstance(value, np.ndarray)
        kind = PARAMETER if learned and is_array else INPUT
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        made = leaf(value.copy() if is_array else value, kind, name, frame)
        if name is not None:
            self.leaves[name] = made
        return made


def fillable(value: Any) -> Any:
    """A new array of floats as a constant into which Tensors may be written; another value as it is."""
    if not _may_be_leaf(value) or not isinstance(value, np.ndarray):
        return value
    return leaf(value, CONSTANT, None, sys._getframe(1))  # pyright: ignore[reportPrivateUsage]


def _may_be_leaf(value: Any) -> bool:
    # Matrices and masked arrays compute by rules of their own; complex numbers are no inputs yet.
    if not is_differentiable(value) or (isinstance(value, np.ndarray) and type(value) is not np.ndarray):
        return False
    return type(value) is float or value.dtype.kind == "f"


# -- names by the way to them -----------------------------------------------------------------------------------------


def name_by_path(roots: Mapping[str, Any]) -> None:
    """Name the leaves in dicts, lists and objects by the way to them: `params['W1']`, `model.layers[0].W`."""
    seen: set[int] = set()
    named: set[int] = set()
    waiting: list[tuple[str, Any, int]] = [(name, value, 0) for name, value in roots.items() if name[:2] != "__"]
    waiting.reverse()
    while waiting and len(seen) < _MOST:
        path, value, depth = waiting.pop()
        if isinstance(value, Tensor):
            if id(value) not in named:
                named.add(id(value))
                if depth:
                    _name(value, path)
        elif id(value) not in seen and depth < _DEEPEST:
            seen.add(id(value))
            waiting += [(path + suffix, part, depth + 1) for suffix, part in reversed(list(_parts(value)))]


def _name(value: Tensor, path: str) -> None:
    record: Any = value
    if type(value) is Written:
        record = value._note.cell.record  # pyright: ignore[reportOptionalMemberAccess]
    if (
        record._a is None
        and record._op in (INPUT, PARAMETER)
        and (record.name is None or not record.name.isidentifier())
    ):
        record._note.name = path


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What is in a container or an object of the script's own, with the suffixes that lead to it."""
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", part) for key, part in list(value.items())[:_MOST])  # pyright: ignore
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{i}]", part) for i, part in enumerate(value[:_MOST]))  # pyright: ignore
    elif _is_users(value):
        yield from ((f".{name}", part) for name, part in list(vars(value).items()))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from ((f".{field.name}", getattr(value, field.name, None)) for field in dataclasses.fields(value))


def _is_users(value: Any) -> bool:
    """Whether something is an object of a class, or a module, of the user's own."""
    if not hasattr(value, "__dict__") or isinstance(value, type):
        return False
    if isinstance(value, ModuleType):
        return owner_of(getattr(value, "__file__", None) or "<frozen ") is Owner.USER
    module = sys.modules.get(type(value).__module__)
    file = getattr(module, "__file__", None)
    return type(value).__module__ == "__main__" or (file is not None and owner_of(file) is Owner.USER)


def tell_apart(graph: Graph, leaves: Iterable[Tensor] = ()) -> None:
    """Give the inputs of a graph that have the same name numbers: `self.W`, `self.W #2`."""
    names = Counter(node.name for node in graph.inputs if node.name is not None)
    count: Counter[str] = Counter()
    for node in graph.inputs:
        name = node.name
        if name is not None and names[name] > 1:
            count[name] += 1
            if count[name] > 1:
                node.record.name = f"{name} #{count[name]}"
                node.__dict__.pop("name", None)
