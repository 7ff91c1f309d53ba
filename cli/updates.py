"""Notices where a script updates an input, `w = w - lr * grad`: a step ends there, and the new value is a fresh leaf.

Nothing in Python's semantics tells gradient descent from Euler's method, an accumulator or a residual connection, and
all but the first must stay whole for their gradients to be right. So an update is what looks like one: an input gets
its own value plus or minus something, inside a loop or a function, and either its name or an identifier of the
expression is among those that people give to parameters, learning rates and gradients (`_LEARNED`, `_LEARNING`), and
what it is changed by depends on it, as a gradient does: what is only added up is drawn whole.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np

from ..tracer.backward import INPUT, PARAMETER, ancestors, unaliased
from ..tracer.inplace import Version, Written
from ..tracer.source import locate
from ..tracer.tensor import Note, Tensor, operands
from .inputs import name_by_path
from .tape import Tape, make_leaf, variables

__all__ = ["Updates"]

#: Identifiers that stand in the updates of gradient descent and its kin.
_LEARNING = re.compile(
    r"(?i:.*(learning|grad|delta|velocity|momentum|step_?size|lrate|error)\w*)|lr\w*|\w*_lr|eta|alpha|rate"
    r"|[dDgG]_?[A-Zwbθ]\w*|d[mckaβ]|[gD]_\w+|v_?[Wwb]\d*|m_?hat|err|nabla\w*|∇\w*|sgd\w*|noise_lr"
)
#: Names of what is learned.
_LEARNED = re.compile(
    r"(?i:w|b|w_?\d+|b_?\d+|w[a-z]h|b[a-z]|theta\w*|θ\w*|beta\w*|weights?\w*|bias\w*|coefs?\w*|params?\w*|syn_?\d+)"
)
_ANGLE = re.compile(r"(?i:theta\w*|θ\w*)")
_WORD = re.compile(r"[^\W\d]\w*")

#: Ops that pass on what they are given, plus something; how far to look through them for the input itself.
_PASSING = frozenset({"add", "subtract", "multiply", "divide", "setitem", "add.at", "subtract.at", "clip", "alias"})
_DIFFERENCES = frozenset({"add", "subtract", "setitem", "add.at", "subtract.at"})
_DEPTH = 6
_TRIED = 50  # so often a place is looked at that does not look like an update
_WIDTH = 200  # so many elements of a list or dict are looked at


class Updates:
    """What the rewritten bindings call with the values that they bind.

    Attributes
    ----------
    counts : dict
        The name of each input that was updated → how often.
    """

    def __init__(self, tape: Tape, *, cut: bool = True) -> None:
        self.tape = tape
        self._cuts = cut
        self.counts: dict[str, int] = {}
        self.namespace: dict[str, Any] = {}
        self._rounds = 0
        self._searches = 20
        self._spent: dict[int, Tensor] = {}  # what the last round's updates were computed from
        self._times: dict[int, tuple[Tensor, int]] = {}  # the id of an input → itself, and in which round it was made
        self._looks: dict[tuple[int, int, str], tuple[Any, int, bool]] = {}

    def __call__(self, value: Any, target: str, itself: bool) -> Any:
        """Look at a value that `target` gets; `itself` says that it is `target -= …`."""
        if isinstance(value, Tensor):
            self._look(value, target, itself)
        elif type(value) in (list, tuple, dict):
            self._look_inside(value, target, itself, [_WIDTH])
        return value

    def _look_inside(self, value: Any, target: str, itself: bool, left: list[int]) -> None:
        items = value.items() if type(value) is dict else enumerate(value)
        for key, part in list(items)[: left[0]]:
            left[0] -= 1
            if isinstance(part, Tensor):
                self._look(part, f"{target}[{key!r}]", itself)
            elif type(part) in (list, tuple, dict):
                self._look_inside(part, f"{target}[{key!r}]", itself, left)

    def _look(self, value: Tensor, target: str, itself: bool) -> None:
        record: Any = value
        if type(value) is Written:
            record = value._note.cell.record  # pyright: ignore[reportOptionalMemberAccess]
        if type(record) not in (Tensor, Version) or record._a is None or record._op.name not in _PASSING:
            return
        origin, changes = _origin(record)
        if origin is not None and origin.name is None:  # one in a container, which no assignment named
            self._name_it()
        if origin is None or not (_same_variable(origin.name, target) or (itself and _is_first(origin, record))):
            return
        if self._looks_like_one(record, target, origin, changes):
            self._cut(record, origin)

    def _name_it(self) -> None:
        """Name the inputs by the way to them; not for ever, where that is of no use."""
        if self._searches:
            self._searches -= 1
            name_by_path(_named_variables(self.namespace))

    def _looks_like_one(self, record: Tensor, target: str, origin: Tensor, changes: list[Tensor]) -> bool:
        key = (id(record._code), record._at, target)
        _, tried, looks = self._looks.get(key, (None, 0, False))
        if looks or tried >= _TRIED:
            return looks
        text = (locate(record._code, record._at).code if record._code is not None else None) or ""
        learned = any(_is_learned(name, record._op.name) for name in (target, origin.name or ""))
        looks = learned or any(_LEARNING.fullmatch(word) for word in _WORD.findall(text))
        looks = looks and _leads_on(origin, changes)
        self._looks[key] = (record._code, tried + 1, looks)
        return looks

    def _cut(self, record: Tensor, origin: Tensor) -> None:
        """Make a leaf of an updated input, after a step has ended where this is its first update in the round."""
        first = not self._rounds
        _, made_in = self._times.pop(id(origin), (None, 0))
        new_round = made_in >= self._rounds
        if new_round:
            self._rounds += 1
            self._spent.clear()
        self._spent.update({id(x): x for x in operands(record) if isinstance(x, Tensor) and x._a is not None})
        if first:  # inputs in containers and objects, where they still are
            name_by_path(_named_variables(self.namespace))
        if self._cuts:
            make_leaf(record, origin._op, origin.name)
            if first:  # what was written in place is where its origin was
                name_by_path(_named_variables(self.namespace))
                origin._note = Note(record.name, *_scope_and_serial(origin))
            if new_round:
                self.tape.next_step(variables(self.namespace))
        else:
            self._spent[id(record)] = record
        self._times[id(record)] = (record, self._rounds)
        if origin.name is not None:
            self.counts[origin.name] = self.counts.get(origin.name, 0) + 1

    def item(self, container: Any, key: Any, target: str, itself: bool) -> None:
        """Look at what an augmented assignment has put at a place: in an array, or in a list or dict."""
        if isinstance(container, Tensor):
            self(container, target, itself)
        elif type(container) in (list, dict) and type(key) in (int, str):
            self(container[key], target, itself)

    def spent_ids(self) -> frozenset[int]:
        """The ids of what the last updates were computed from: gradients, which are no outputs."""
        return frozenset(id(x) for x in ancestors(*self._spent.values())) if self._spent else frozenset()


def _named_variables(namespace: dict[str, Any]) -> dict[str, Any]:
    """The module-level names, then the variables of the functions that are running, outermost first."""
    functions: list[dict[str, Any]] = []
    frame: Any = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if (
            frame.f_globals.get("__builtins__") is namespace.get("__builtins__")
            and frame.f_locals is not frame.f_globals
        ):
            functions.append(dict(frame.f_locals))
        frame = frame.f_back
    found = dict(namespace)
    for one in reversed(functions):
        found = {**one, **found}
    return {**{name: found[name] for name in namespace if name in found}, **found}


def _origin(record: Tensor) -> tuple[Tensor | None, list[Tensor]]:
    """The input that a record is plus or minus something, and what it is changed by; None where there is no such."""
    differs = False
    changes: list[Tensor] = []
    for _ in range(_DEPTH):
        name = record._op.name
        if name not in _PASSING:
            return None, changes
        differs = differs or name in _DIFFERENCES
        inputs = [unaliased(x) for x in operands(record) if isinstance(x, Tensor)]
        places = name in ("setitem", "add.at", "subtract.at")
        found = next((x for x in inputs[: 1 if places else 2] if x._a is None and x._op in (INPUT, PARAMETER)), None)
        if not inputs:
            return None, changes
        followed = found if found is not None else inputs[0]
        changes += [_change(x) if places else x for x in inputs if x is not followed]
        if found is not None:
            return (found if differs else None), changes
        record = followed
    return None, changes


def _change(written: Tensor) -> Tensor:
    """Of what was written by `x[i] -= d`, which is `x[i] - d`, the `d`."""
    parts = operands(written)
    is_change = written._op.name in _DIFFERENCES and len(parts) == 2 and isinstance(parts[1], Tensor)
    return parts[1] if is_change else written


def _leads_on(origin: Tensor, changes: list[Tensor]) -> bool:
    """Whether an input is changed by something that depends on it, as a gradient does and what is added up does not.

    A change by plain numbers tells nothing: a gradient that left the graph on its way is one.
    """
    computed = [x for x in changes if x._a is not None]
    if not computed:
        return not changes or all(np.ndim(x._value) == 0 for x in changes)
    reached = ancestors(*computed)
    if any(x is origin for x in reached):
        return True
    # An array that changes by plain numbers times a learning rate.
    return np.ndim(origin._value) > 0 and all(np.ndim(x._value) == 0 for x in reached if x._a is None)


def _scope_and_serial(leaf: Tensor) -> tuple[tuple[str, ...], int]:
    note = leaf._note
    return ((), 0) if note is None else (note.scope, note.serial)


def _is_first(origin: Tensor, record: Tensor) -> bool:
    """Whether a record is its origin plus or minus something, as `x -= d` and `x[i] -= d` make it."""
    while record._op.name in ("setitem", "add.at", "subtract.at") and isinstance(record._a, Tensor):
        record = unaliased(record._a)
    return record is origin or (bool(operands(record)) and unaliased(operands(record)[0]) is origin)


_INDEX = re.compile(r"\[[^\]]*\]")


def _same_variable(name: str | None, target: str) -> bool:
    """Whether an input's name and a target mean the same: `self.W` and `net.W`, `params['W']` and `params[k]`."""
    if name is None:
        return False
    return name == target or _bare(name) == _bare(target)


def _bare(name: str) -> str:
    return _INDEX.sub("", name).rpartition(".")[2]


def _is_learned(target: str, op: str) -> bool:
    """Whether a name, or the last part of `self.W` or `params['W1']`, is one that parameters have."""
    words = _WORD.findall(target)
    # θ is a parameter vector to some and an angle to others: angles are added to, parameters are stepped down.
    return any(_LEARNED.fullmatch(w) and (op == "subtract" or not _ANGLE.fullmatch(w)) for w in words)
