"""Notices where a script updates an input, `w = w - lr * grad`: a step ends there, and the new value is a fresh leaf.

Python's semantics do not tell gradient descent from Euler's method, an accumulator or a residual connection, and all
but the first must stay whole for their gradients to be right. An update may be where an input gets its own value plus
or minus something, inside a loop or a function. Whether it is one is decided for each such place once:

1. It is one where a word of gradient descent stands in what is added (`lr`, `grad_w`), no word of time does (`dt`), and
   what is added depends on the input, as a gradient does.
2. Else the first rounds of the loop are watched: `trial` decides by the numbers, and by names where these tell nothing.

While a loop is watched nothing is cut. Where its places turn out to be updates, the rounds so far become steps, and the
values leaves, as if that had been known from the first.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ..tracer.backward import INPUT, PARAMETER, ancestors, unaliased
from ..tracer.inplace import Version, Written
from ..tracer.tensor import Tensor, operands, own_note
from .descent import Move
from .inputs import name_by_path
from .tape import Tape, make_leaf, variables
from .trial import Case, Site, Trial
from .wording import says_so

__all__ = ["Updates"]

#: Ops that pass on what they are given, plus something; how far to look through them for the input itself.
_PASSING = frozenset({"add", "subtract", "multiply", "divide", "setitem", "add.at", "subtract.at", "clip", "alias"})
_DIFFERENCES = frozenset({"add", "subtract", "add.at", "subtract.at"})
_DEPTH = 6
_TRIED = 30  # so often a place is looked at that changes no input
_WIDTH = 200  # so many elements of a list or dict are looked at


class Updates:
    """What the rewritten bindings call with the values that they bind.

    Attributes
    ----------
    counts : dict
        The name of each input that was updated → how often.
    reasons : dict
        The same → what told that it is an update: the loss along whose gradient it moves, or words.
    """

    def __init__(self, tape: Tape, *, cut: bool = True) -> None:
        self.tape = tape
        self._cuts = cut
        self.counts: dict[str, int] = {}
        self.reasons: dict[str, str] = {}
        self.namespace: dict[str, Any] = {}
        self._searches = 20
        self._rounds = 0
        self._made: dict[int, tuple[Tensor, int]] = {}  # the id of an input → itself, and in which round it was made
        self._spent: dict[int, Tensor] = {}  # what the last round's updates were computed from
        self._sites: dict[Site, tuple[Any, bool, str]] = {}  # with the code objects, so that ids stay their own
        self._in_vain: Counter[Site] = Counter()
        self._trial: Trial | None = None
        self._losses: set[tuple[int, int]] = set()  # the places of the numbers along whose gradients inputs move

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

    def item(self, container: Any, key: Any, target: str, itself: bool) -> None:
        """Look at what an augmented assignment has put at a place: in an array, or in a list or dict."""
        if isinstance(container, Tensor):
            self(container, target, itself)
        elif type(container) in (list, dict) and type(key) in (int, str):
            self(container[key], target, itself)

    def settle(self) -> None:
        """Decide what is still on trial: the script has ended."""
        self._judge()

    def spent_ids(self) -> frozenset[int]:
        """The ids of what the last updates were computed from: gradients, which are no outputs."""
        if not self._spent:
            return frozenset()
        records = ancestors(*self._spent.values())
        return frozenset(id(x) for x in records if (id(x._code), x._at) not in self._losses)

    # -- one binding ------------------------------------------------------------------------------------------------

    def _look(self, value: Tensor, target: str, itself: bool) -> None:
        record: Any = value
        if type(value) is Written:
            record = value._note.cell.record  # pyright: ignore[reportOptionalMemberAccess]
        if type(record) not in (Tensor, Version) or record._a is None or record._op.name not in _PASSING:
            return
        site = (id(record._code), record._at, target)
        _, decided, reason = self._sites.get(site, (None, None, ""))
        if decided is False:
            return
        move = self._move(record)
        if move is None or not self._is_candidate(move, target, itself):
            self._in_vain[site] += 1
            if self._in_vain[site] == _TRIED and decided is None:
                self._sites[site] = record._code, False, ""
            return
        if decided is None:
            word = says_so(move, target)
            if word is not None and move.depends_on_old:
                decided, reason = True, f"(updated, as {word} says)"
                self._sites[site] = record._code, decided, reason
        if decided is None and self._trial is not None and self._trial.is_over(site, move):
            self._judge()
            self._look(value, target, itself)  # which knows the verdict now
        elif decided:
            self._update(move, reason)
        elif self._cuts:
            self._try(site, move, target)

    def _is_candidate(self, move: Move, target: str, itself: bool) -> bool:
        """Whether a variable gets its own value plus or minus something of its shape."""
        if np.shape(move.new._value) != np.shape(move.old._value) or np.iscomplexobj(move.new._value):
            return False
        if move.old._a is None and move.old.name is None:  # one in a container, which no assignment named
            self._name_it()
        return _same_variable(self._name(move), target) or (itself and _is_first(move))

    def _move(self, record: Tensor) -> Move | None:
        trial = self._trial
        return _move(record, lambda x: _is_input(x) or (trial is not None and trial.variable(x) is not None))

    def _name(self, move: Move) -> str | None:
        tried = self._trial.variable(move.old) if self._trial is not None else None
        return tried.name if tried is not None else move.old.name

    def _name_it(self) -> None:
        """Name the inputs by the way to them; not for ever, where that is of no use."""
        if self._searches:
            self._searches -= 1
            name_by_path(_named_variables(self.namespace))

    # -- updates ----------------------------------------------------------------------------------------------------

    def _update(self, move: Move, reason: str) -> None:
        """Make a leaf of an updated input, after a step has ended where this is its first update in the round."""
        _, made_in = self._made.pop(id(move.old), (None, 0))
        new_round = made_in >= self._rounds
        if new_round:
            self._rounds += 1
            self._spent.clear()
        self._spend(move)
        name = self._name(move)
        if self._cuts:
            self._to_leaf(move, name, move.old._op if _is_input(move.old) else INPUT)
            if new_round:
                self.tape.next_step(variables(self.namespace))
        else:
            self._spent[id(move.new)] = move.new
        self._made[id(move.new)] = move.new, self._rounds
        self._count(move.new.name if self._cuts else name, reason)

    def _to_leaf(self, move: Move, name: str | None, kind: Any) -> None:
        first = name not in self.counts
        if first:  # inputs in containers and objects, where they still are
            name_by_path(_named_variables(self.namespace))
            name = name if move.old._a is not None else move.old.name
        make_leaf(move.new, kind, name)
        if first:  # what was written in place is where its origin was
            name_by_path(_named_variables(self.namespace))
            if move.old._a is None and move.new.name is not None:
                own_note(move.old).name = move.new.name

    def _spend(self, move: Move) -> None:
        self._spent.update({id(x): x for x in operands(move.new) if isinstance(x, Tensor) and x._a is not None})

    def _count(self, name: str | None, reason: str) -> None:
        if name is not None:
            self.counts[name] = self.counts.get(name, 0) + 1
            self.reasons.setdefault(name, reason)

    # -- on trial ---------------------------------------------------------------------------------------------------

    def _try(self, site: Site, move: Move, target: str) -> None:
        """Take in what may be an update."""
        if self._trial is None:
            self._trial = Trial(self._rounds)
        trial, names = self._trial, _named_variables(self.namespace)
        if trial.variable(move.old) is None:  # inputs in containers and objects, where they still are
            name_by_path(names)
        if trial.begins_round(site, move):
            self.tape.hold()
        trial.take(site, move, target, self.tape, names)

    def _judge(self) -> None:
        """End the trial: what was an update has been one from the first round."""
        trial, self._trial = self._trial, None
        if trial is None:
            return
        verdict = trial.verdict()
        for site, code in trial.sites.items():
            self._sites[site] = code, site in verdict, verdict.get(site, "")
        steps = [any(case.site in verdict for case in cases) for cases in trial.cases_by_round()]
        if not any(steps):
            self.tape.release()
            return
        self._losses |= trial.losses
        accepted = [case for case in trial.cases if case.site in verdict]
        self._spent.clear()
        for case in accepted:
            if case.round == len(steps) - 1:
                self._spend(case.move)
        for case in accepted:
            make_leaf(case.move.new, case.variable.kind, case.variable.name)
        self._name_all(accepted)
        if self._rounds == trial.began:  # else the steps were counted by other updates in the same loop
            self.tape.confirm(steps, variables(self.namespace))
            self._rounds += sum(steps)
        else:
            self.tape.release()
        for case in accepted:
            self._count(case.move.new.name, verdict[case.site])
            self._made.pop(id(case.move.old), None)
            self._made[id(case.move.new)] = case.move.new, self._rounds

    def _name_all(self, cases: list[Case]) -> None:
        """Give a variable's values in all rounds the name by the way to the last."""
        name_by_path(_named_variables(self.namespace))
        last = {case.variable.number: case.move.new.name for case in cases}
        for case in cases:
            name = last[case.variable.number]
            for record in (case.move.old, case.move.new):
                if _is_input(record) and name is not None:
                    own_note(record).name = name


# -- what an update looks like ---------------------------------------------------------------------------------------


def _move(record: Tensor, is_old: Callable[[Tensor], bool]) -> Move | None:
    """How a record is an old value plus or minus something; None where it is not."""
    differs = False
    chain: list[Tensor] = []
    changes: list[Any] = []
    part = record
    for _ in range(_DEPTH):
        name = part._op.name
        if name not in _PASSING:
            return None
        chain.append(part)
        differs = differs or name in _DIFFERENCES
        if name == "setitem":
            written = _element_change(part)
            if written is None:
                return None
            differs = True
            followed, rest = unaliased(operands(part)[0]), written
        else:
            inputs = [unaliased(x) for x in operands(part)]
            tensors = [x for x in (inputs[:1] if name.endswith(".at") else inputs[:2]) if isinstance(x, Tensor)]
            if not tensors:
                return None
            followed = next((x for x in tensors if is_old(x)), tensors[0])
            rest = [x for x in inputs if x is not followed]
        changes += rest
        if is_old(followed):
            return Move(old=followed, new=record, chain=chain, changes=changes) if differs else None
        part = followed
    return None


def _is_input(x: Tensor) -> bool:
    return x._a is None and x._op in (INPUT, PARAMETER)


def _element_change(write: Tensor) -> list[Any] | None:
    """Of `x[i] = x[i] - d` the d; None where what is written is not the element itself plus or minus something."""
    root, written = (unaliased(x) for x in operands(write))
    if not isinstance(written, Tensor):
        return None
    changes: list[Any] = []
    differs = False
    for _ in range(_DEPTH):
        if written._op.name not in _PASSING or written._op.name == "setitem":
            return None
        differs = differs or written._op.name in _DIFFERENCES
        inputs = [unaliased(x) for x in operands(written)]
        own = next((x for x in inputs[:2] if _is_element(x, root, write)), None)
        followed = own if own is not None else next((x for x in inputs if isinstance(x, Tensor)), None)
        if followed is None:
            return None
        changes += [x for x in inputs if x is not followed]
        if own is not None:
            return changes if differs else None
        written = followed
    return None


def _is_element(x: Any, root: Any, write: Tensor) -> bool:
    """Whether something is what stood at the place that is written to."""
    if x is root:
        return True
    if not isinstance(x, Tensor) or x._op.name != "getitem" or unaliased(x._a) is not root:
        return False
    return repr((x._static or {}).get("index")) == repr((write._static or {}).get("index"))


def _is_first(move: Move) -> bool:
    """Whether an input comes first in what it gets, as `x -= d` and `x[i] -= d` make it."""
    record = move.chain[0]
    return unaliased(operands(record)[0]) is move.old or record._op.name == "setitem"


# -- names -------------------------------------------------------------------------------------------------------------


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


_INDEX = re.compile(r"\[[^\]]*\]")


def _same_variable(name: str | None, target: str) -> bool:
    """Whether an input's name and a target mean the same: `self.W` and `net.W`, `params['W']` and `params[k]`."""
    if name is None:
        return False
    return name == target or _bare(name) == _bare(target)


def _bare(name: str) -> str:
    return _INDEX.sub("", name).rpartition(".")[2]
