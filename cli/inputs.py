"""Makes named leaves of the values that a rewritten script hands over, and finds better names for them."""

from __future__ import annotations

import re
import sys
from collections import Counter, UserDict, UserList, deque
from collections.abc import Container, Iterator, Mapping
from itertools import islice
from types import CodeType, FrameType, MemberDescriptorType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from ..tracer import Graph
from ..tracer.backward import CONSTANT, INPUT, PARAMETER
from ..tracer.frames import Owner, owner_of
from ..tracer.inplace import Written
from ..tracer.layout import copied
from ..tracer.source import locate
from ..tracer.tensor import Tensor, is_differentiable, leaf, now, operands

__all__ = [
    "HandedIn",
    "Inputs",
    "attributes",
    "comes_from_input",
    "drop_sums",
    "fillable",
    "is_users",
    "is_weakly_named",
    "name_by_path",
    "parts",
    "tell_apart",
    "tell_kinds",
]

_DEEPEST = 6
#: What is random in a sample, and not a parameter: its scale stays in the graph.
_NOISE = re.compile(
    r"(?i:.*(noise|jitter|shock|perturb|sample|increment|draw|diffus|brown).*|eps\w*|epsilon|z\d?|xi|d[wz]|ε|ξ)"
)
#: Names of data, where they are random.
_DATA = re.compile(
    r"(?i:[xyzt]s?|[xyt]_?\w*|(\w+_)?(data|inputs?|samples?|targets?|labels?|tokens?|points?|features?|batch|images?)(_\w+)?)"
)
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

    def __call__(
        self, name: str | None, value: Any, learned: bool, by_object: bool = False, *, frame: FrameType | None = None
    ) -> Any:
        """The leaf that `name` is to hold in place of `value`; the value itself where it can't be one.

        `by_object` says that the way to where an object keeps it is a better name.
        """
        if isinstance(value, Tensor):  # computed from other inputs: it is in the graph already
            if not (learned and _is_scaled(value) and not _NOISE.fullmatch(name or "")):
                return value
            value = value._value
        if not _may_be_leaf(value):
            if name is not None:
                self.refused[name] = value
            return value
        is_array = isinstance(value, np.ndarray)
        kind = PARAMETER if learned and is_array else INPUT
        made = leaf(copied(value), kind, name, frame or sys._getframe(1))
        if name is not None:
            self.leaves[name] = made
            made.name = _Parameter(name) if by_object else name
        return made


class _Parameter(str):
    """The name of a function's parameter or variable, which an object may keep under a better one."""

    __slots__ = ()


def is_weakly_named(record: Tensor) -> bool:
    """Whether an input has no name, or one that says less than the way to it would."""
    return record.name is None or isinstance(record.name, _Parameter)


def _is_scaled(tensor: Tensor) -> bool:
    """Whether it is a plain array times single numbers, as `std * rng.normal(size=n)` is: how a parameter begins."""
    record: Any = tensor
    for _ in range(_DEEPEST):
        if record._op.name not in ("multiply", "divide"):
            return False
        arrays = [x for x in operands(record) if np.ndim(x._value if isinstance(x, Tensor) else x)]
        if len(arrays) != 1:
            return False
        record = arrays[0]
        if not isinstance(record, Tensor) or record._op is CONSTANT:
            return True
        if record._a is None:
            return False
    return False


class HandedIn:
    """Makes leaves of the numbers that are written in calls of functions and classes: one for each place.

    A loop that comes by again gives the same one.
    """

    def __init__(self, made: Inputs) -> None:
        self._made = made
        self._at: dict[tuple[int, int], tuple[CodeType, Any]] = {}  # with the code, so that ids stay their own

    def __call__(self, name: str | None, value: Any, by_object: bool) -> Any:
        """The leaf of a number."""
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        key = id(frame.f_code), frame.f_lasti
        if key not in self._at:
            self._at[key] = frame.f_code, self._made(name, value, False, by_object, frame=frame)
        return self._at[key][1]


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


def comes_from_input(tensor: Tensor, *, most: int | None = None) -> bool:
    """Whether something was computed from an input; True where that is not found out in `most` records."""
    waiting, seen = [now(tensor)], set[int]()
    while waiting:
        record = waiting.pop()
        if id(record) in seen:
            continue
        seen.add(id(record))
        if (record._a is None and record._op is not CONSTANT) or (most is not None and len(seen) > most):
            return True
        waiting += [x for x in operands(record) if isinstance(x, Tensor)]
    return False


# -- names by the way to them -----------------------------------------------------------------------------------------


def name_by_path(roots: Mapping[str, Any], *, before: Mapping[int, Tensor] = {}) -> None:
    """Name the leaves in dicts, lists and objects by the way to them: `params['W1']`, `model.layers[0].W`.

    `before` has leaves that stood where something else stands by now, by the id of that.
    """
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
                    _name(value, path, before)
        elif id(value) not in seen and depth < _DEEPEST:
            seen.add(id(value))
            waiting += [(path + suffix, part, depth + 1) for suffix, part in reversed(list(parts(value)))]


def _name(value: Tensor, path: str, before: Mapping[int, Tensor]) -> None:
    record: Any = value
    if type(value) is Written:
        record = value._note.cell.record  # pyright: ignore[reportOptionalMemberAccess]
    record = before.get(id(record), record)
    is_input = record._a is None and record._op in (INPUT, PARAMETER)
    if is_input and (is_weakly_named(record) or not record.name.isidentifier()):
        record._note.name = path


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What is in a container or an object of the script's own, with the suffixes that lead to it.

    Examples
    --------
    >>> from collections import OrderedDict, deque
    >>> list(parts(OrderedDict(W=1.0))), list(parts(deque([2.0])))
    ([("['W']", 1.0)], [('[0]', 2.0)])
    """
    if isinstance(value, (UserDict, UserList)):
        value = value.data  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(value, dict):
        yield from ((f"[{_key(key)}]", part) for key, part in list(islice(dict.items(value), _MOST)))  # pyright: ignore
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from ((f".{name}", part) for name, part in zip(value._fields, value, strict=False))  # pyright: ignore
    elif isinstance(value, (list, tuple, deque)):
        yield from ((f"[{i}]", part) for i, part in enumerate(list(islice(value, _MOST))))  # pyright: ignore
    if is_users(value):
        yield from ((f".{name}", part) for name, part in attributes(value))


def _key(key: Any) -> str:
    """A key as one writes it: `p[1, 'W']`."""
    return ", ".join(map(repr, key)) if type(key) is tuple and len(key) > 1 else repr(key)


def attributes(value: Any) -> list[tuple[str, Any]]:
    """What an object keeps, in its dict and its slots, by name.

    Examples
    --------
    >>> attributes(SimpleNamespace(lr=0.1))
    [('lr', 0.1)]
    """
    found: list[tuple[str, Any]] = list(getattr(value, "__dict__", {}).items())
    for kind in reversed(type(value).__mro__):
        slots: Any = vars(kind).get("__slots__", ())
        for name in [slots] if type(slots) is str else list(slots):
            held = getattr(kind, name, None)  # of `__x` Python knows another name
            if isinstance(held, MemberDescriptorType) and (part := getattr(value, name, None)) is not None:
                found.append((name, part))
    return found


def is_users(value: Any) -> bool:
    """Whether something is an object of a class, or a module, of the user's own, or only holds what it was given."""
    if isinstance(value, type):
        return False
    if isinstance(value, ModuleType):
        return owner_of(getattr(value, "__file__", None) or "<frozen ") is Owner.USER
    return isinstance(value, SimpleNamespace) or _is_of_users(type(value))


def _is_of_users(kind: type) -> bool:
    if (kind.__module__, kind.__qualname__) == ("argparse", "Namespace"):
        return True
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__module__ == "__main__" or (file is not None and owner_of(file) is Owner.USER)


def tell_kinds(graph: Graph, updated: Container[str]) -> None:
    """Let what a script updates be its parameters, and all else inputs.

    Where it updates none of them, random arrays and zeros stay parameters, but for those with names of data: x, inputs.
    """
    names = {id(node.record): _name_of(node.record) or "" for node in graph.inputs}
    moves = any(name in updated for name in names.values())
    for node in graph.inputs:
        name = names[id(node.record)]
        if node.record._op in (INPUT, PARAMETER):
            learned = name in updated if moves else node.record._op is PARAMETER and not _DATA.fullmatch(name)
            node.record._op = PARAMETER if learned else INPUT


def tell_apart(graph: Graph) -> None:
    """Give the inputs of a graph that have the same name numbers: `self.W`, `self.W #2`."""
    # Of the records, not of the nodes: these remember the name that they had when they were asked.
    records = [node.record for node in graph.inputs]
    names = [_name_of(record) for record in records]
    often = Counter(names)
    count: Counter[str | None] = Counter()
    for record, name in zip(records, names, strict=True):
        count[name] += 1
        if name is not None and often[name] > 1 and count[name] > 1:
            record.name = f"{name} #{count[name]}"


def drop_sums(graph: Graph) -> None:
    """Let a zero that a sum begins with be no input: `total = 0.0`, of which only `total += …` is computed.

    A zero that something else is computed from on the way stays one: a velocity at the beginning.
    """
    for node in graph.inputs:
        if node.name is None or np.any(node.value):
            continue
        sums, last = 0, node
        while len(last.uses) == 1 and (use := last.uses[0].target).op in ("add", "subtract") and use.name == node.name:
            sums, last = sums + 1, use
        if sums and len(last.uses) < 2:
            node.record._op = CONSTANT


def _name_of(record: Tensor) -> str | None:
    """A leaf's own name, else what the source assigns it to."""
    return record.name or (locate(record._code, record._at).name if record._code is not None else None)
