"""Notices where a script updates an input, `w = w - lr * grad`: a step ends there, and the new value is a fresh leaf.

Nothing in Python's semantics tells gradient descent from Euler's method, an accumulator or a residual connection, and
all but the first must stay whole for their gradients to be right. So an update is what looks like one: an input gets
its own value plus or minus something, inside a loop or a function, and either its name or an identifier of the
expression is among those that people give to parameters, learning rates and gradients (`_LEARNED`, `_LEARNING`).
"""

from __future__ import annotations

import re
import sys
from typing import Any

from ..tracer.backward import INPUT, PARAMETER, ancestors
from ..tracer.inplace import Version, Written
from ..tracer.source import locate
from ..tracer.tensor import Tensor, operands
from .inputs import name_by_path
from .tape import Tape, make_leaf, variables

__all__ = ["Updates"]

#: Identifiers that stand in the updates of gradient descent and its kin.
_LEARNING = re.compile(
    r"(?i:.*(learning|grad|delta|velocity|momentum|step_?size|lrate|error)\w*)|lr\w*|\w*_lr|eta|alpha|rate|g"
    r"|[dgG]_?[A-Zwbθ]\w*|g_\w+|v_?[Wwb]\d*|m_?hat|err|nabla\w*|∇\w*|sgd\w*|noise_lr"
)
#: Names of what is learned.
_LEARNED = re.compile(
    r"(?i:w|b|w_?\d+|b_?\d+|w[a-z]h|b[a-z]|theta\w*|θ\w*|beta\w*|weights?\w*|bias\w*|coefs?\w*|params?\w*|syn_?\d+)"
)
_WORD = re.compile(r"[^\W\d]\w*")

#: Ops that pass on what they are given, plus something; how far to look through them for the input itself.
_PASSING = frozenset({"add", "subtract", "multiply", "divide", "setitem", "add.at", "subtract.at", "clip", "alias"})
_DIFFERENCES = frozenset({"add", "subtract", "setitem", "add.at", "subtract.at"})
_DEPTH = 6
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
        self._spent: dict[int, Tensor] = {}  # what the last round's updates were computed from
        self._times: dict[int, tuple[Tensor, int]] = {}  # the id of an input → itself, and in which round it was made
        self._looks: dict[tuple[int, int, str], tuple[Any, bool]] = {}

    def __call__(self, value: Any, target: str, itself: bool) -> Any:
        """Look at a value that `target` gets; `itself` says that the statement reads the target too."""
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
        origin = _origin(record)
        if origin is None or not (itself or origin.name == target) or not self._looks_like_one(record, target, origin):
            return
        self._cut(record, origin)

    def _looks_like_one(self, record: Tensor, target: str, origin: Tensor) -> bool:
        key = (id(record._code), record._at, target)
        known = self._looks.get(key)
        if known is None:
            text = (locate(record._code, record._at).code if record._code is not None else None) or ""
            names = {target, origin.name or target}
            looks = any(map(_is_learned, names)) or any(_LEARNING.fullmatch(word) for word in _WORD.findall(text))
            known = self._looks[key] = (record._code, looks)
        return known[1]

    def _cut(self, record: Tensor, origin: Tensor) -> None:
        """Make a leaf of an updated input, after a step has ended where this is its first update in the round."""
        if not self._rounds:
            name_by_path(_named_variables(self.namespace))
        _, made_in = self._times.pop(id(origin), (None, 0))
        if made_in >= self._rounds:
            self._rounds += 1
            self._spent.clear()
            if self._cuts:
                self.tape.next_step(variables(self.namespace))
        name = origin.name
        self._spent.update({id(x): x for x in operands(record) if isinstance(x, Tensor) and x._a is not None})
        if self._cuts:
            make_leaf(record, origin._op, name)
        self._times[id(record)] = (record, self._rounds)
        if name is not None:
            self.counts[name] = self.counts.get(name, 0) + 1

    def item(self, container: Any, key: Any, target: str) -> None:
        """Look at what an augmented assignment has put at a place: in an array, or in a list or dict."""
        if isinstance(container, Tensor):
            self(container, target, True)
        elif type(container) in (list, dict):
            self(container[key], target, True)

    def spent_ids(self) -> frozenset[int]:
        """The ids of what the last updates were computed from: gradients, which are no outputs."""
        return frozenset(id(x) for x in ancestors(*self._spent.values())) if self._spent else frozenset()


def _named_variables(namespace: dict[str, Any]) -> dict[str, Any]:
    """The module-level names, then the variables of the functions that are running, outermost first."""
    functions: list[dict[str, Any]] = []
    frame: Any = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if frame.f_globals.get("__builtins__") is namespace.get("__builtins__") and frame.f_locals is not frame.f_globals:
            functions.append(dict(frame.f_locals))
        frame = frame.f_back
    found = dict(namespace)
    for one in reversed(functions):
        found = {**one, **found}
    return {**{name: found[name] for name in namespace if name in found}, **found}


def _origin(record: Tensor) -> Tensor | None:
    """The input that a record is plus or minus something; None where it is something else."""
    differs = False
    for _ in range(_DEPTH):
        name = record._op.name
        if name not in _PASSING:
            return None
        differs = differs or name in _DIFFERENCES
        inputs = [x for x in operands(record) if isinstance(x, Tensor)]
        found = next((x for x in inputs[:2] if x._a is None and x._op in (INPUT, PARAMETER)), None)
        if name in ("setitem", "add.at", "subtract.at"):
            found = found if inputs and found is inputs[0] else None
            inputs = inputs[:1]
        if found is not None and (name != "add" or found is inputs[0] or len(inputs) == 2):
            return found if differs else None
        if not inputs:
            return None
        record = inputs[0]
    return None


def _is_learned(target: str) -> bool:
    """Whether a name, or the last part of `self.W` or `params['W1']`, is one that parameters have."""
    words = _WORD.findall(target)
    return any(_LEARNED.fullmatch(word) for word in words)
