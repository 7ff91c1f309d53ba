"""Notices where a script updates an input, `w = w - lr * grad`: a step ends there, and the new value is a fresh leaf.

Python's semantics do not tell gradient descent from Euler's method, an accumulator or a residual connection, and all
but the first must stay whole for their gradients to be right. An update may be where an input gets its own value plus
or minus something, inside a loop or a function. Whether it is one is decided for each such place once:

1. It is one where a word of gradient descent stands in what is added (`lr`, `grad_w`), no word of time does (`dt`), and
   what is added depends on the input, as a gradient does.
2. Else the first rounds of the loop are watched: `trial` decides by the numbers, and by names where these tell nothing.

While a loop is watched nothing is cut. Where its places turn out to be updates, the rounds so far become steps, and the
values leaves, as if that had been known from the first.

A variable need not begin as an input: `w = np.zeros_like(x)` in a function, an array out of a file, inputs that were
only put together, as `np.insert(weights, 0, 0)`. Where it gets such a one plus something, that is remembered, with the
names it is bound to, and from its next value on it is looked at like an input.

What a script binds in a loop is looked at with each round, so most bindings are told at once: the places that were
refused, and the variables that were updated before.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, UserDict, UserList, deque
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from ..tracer.backward import CONSTANT, INPUT, PARAMETER, ancestors, unaliased
from ..tracer.inplace import Version, View, Written
from ..tracer.tensor import Tensor, operands, own_note
from .descent import Move
from .inputs import is_weakly_named, name_by_path, parts
from .tape import Tape, make_leaf, variables
from .trial import Case, Site, Trial
from .wording import says_so

__all__ = ["Updates"]

#: Ops that pass on what they are given, plus something; how far to look through them for the input itself.
_PASSING = frozenset(
    {"add", "subtract", "multiply", "divide", "setitem", "add.at", "subtract.at", "clip", "maximum", "minimum", "alias"}
)
#: Ops that a variable's first value may come from, where they are given nothing but inputs and plain values.
_MAKING = frozenset(
    {"astype", "copy", "reshape", "transpose", "insert", "append", "pad", "concatenate", "stack", "multiply", "divide"}
)
_CONTAINERS = (list, dict, deque, UserList, UserDict)
_DIFFERENCES = frozenset({"add", "subtract", "add.at", "subtract.at"})
_DEPTH = 6
_BEGUN = 256  # so many values are remembered that may become variables
_TRIED = 30  # so often a place is looked at that changes no input
_WIDTH = 200  # so many elements of a list or dict are looked at


class _Made(NamedTuple):
    """What an update gave: the value, in which round and at which places of it, and what is known of its variable."""

    record: Tensor
    round: int
    name: str | None
    sites: frozenset[Site] = frozenset()
    times: int = 0
    reason: str = ""

    names: tuple[str, ...] = ()  # all that it was bound to

    @property
    def called(self) -> str | None:
        """The name of the value, which may be a better one by now than what the one before is called by."""
        return self.record.name if _is_input(self.record) else self.name


class Updates:
    """What the rewritten bindings call with the values that they bind."""

    def __init__(self, tape: Tape, *, cut: bool = True) -> None:
        self.tape = tape
        self._cuts = cut
        self.namespace: dict[str, Any] = {}
        self._searches = 20
        self._rounds = 0
        self._made: dict[int, _Made] = {}  # by the id of the value that an update gave
        self._begun: dict[int, _Made] = {}  # by its id, what may be a variable's second value
        self._spent: dict[int, Tensor] = {}  # what the last round's updates were computed from
        # The places that were decided, with the code objects, so that ids stay their own: where updates are, where not.
        self._sites: dict[Site, tuple[Any, str]] = {}
        self._refused: dict[Site, Any] = {}
        self._in_vain: Counter[Site] = Counter()
        self._trial: Trial | None = None
        self._losses: set[tuple[int, int]] = set()  # the places of the numbers along whose gradients inputs move

    @property
    def counts(self) -> dict[str, int]:
        """The name of each input that was updated → how often."""
        found: Counter[str] = Counter()
        for made in self._made.values():
            for name in {made.name, made.called} - {None} if made.times else ():
                found[str(name)] += made.times
        return found

    @property
    def reasons(self) -> dict[str, str]:
        """The same → what told that it is an update: the loss along whose gradient it moves, or words."""
        made = [one for one in reversed(self._made.values()) if one.times]
        return {name: one.reason for one in made for name in (one.name, one.called) if name is not None}

    def __call__(self, value: Any, target: str, itself: bool) -> Any:
        """Look at a value that `target` gets; `itself` says that it is `target -= …`."""
        if type(value) is Tensor:  # most are soon told to be none
            if value._op.name in _PASSING and (id(value._code), value._at, target) not in self._refused:
                self._look(value, target, itself)
        elif isinstance(value, Tensor):
            self._look(value, target, itself)
        elif _is_container(type(value)):
            self._look_inside(value, target, itself, [_WIDTH])
        return value

    def _look_inside(self, value: Any, target: str, itself: bool, left: list[int]) -> None:
        if type(value) in (list, tuple) and not any(map(_is_looked_at, set(map(type, value[: left[0]])))):
            left[0] -= min(left[0], len(value))  # texts, numbers: a batch's indices
            return
        for suffix, part in islice(parts(value), left[0]):
            left[0] -= 1
            if isinstance(part, Tensor):
                self._look(part, target + suffix, itself)
            elif _is_container(type(part)):
                self._look_inside(part, target + suffix, itself, left)

    def item(self, container: Any, key: Any, target: str, itself: bool) -> None:
        """Look at what an augmented assignment has put at a place: in an array, or in a list or dict."""
        if isinstance(container, Tensor):
            self(container, target, itself)
        elif isinstance(container, _CONTAINERS) and not isinstance(key, slice):
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
        while type(record) is View:  # what it is a view of was written with it
            record = record._a
        if type(record) is Written:
            record = record._note.cell.record  # pyright: ignore[reportOptionalMemberAccess]
        if type(record) not in (Tensor, Version) or record._a is None or record._op.name not in _PASSING:
            return
        site = (id(record._code), record._at, target)
        if site in self._refused:
            return
        decided = self._sites.get(site)
        reason = decided[1] if decided is not None else None  # an empty one is one as well
        if reason is not None and (old := self._updated(record, target, itself)) is not None:
            self._update(old, record, site, reason)
            return
        move = self._move(record)
        if move is None or not self._is_candidate(move, target, itself):
            if _begins(record):
                self._remember(site, record, target)
            self._in_vain[site] += 1
            if self._in_vain[site] == _TRIED and reason is None:
                self._refused[site] = record._code
                self._begun = {key: made for key, made in self._begun.items() if site not in made.sites}
            return
        if reason is None:
            word = says_so(move, target)
            if word is not None and move.depends_on_old:
                reason = f"(updated, as {word} says)"
            elif (known := self._updated_among([move.old, *move.changes])) is not None:
                reason = known.reason
            if reason is not None:
                self._sites[site] = record._code, reason
        if reason is None and self._trial is not None and self._trial.is_over(site, move):
            self._judge()
            self._look(value, target, itself)  # which knows the verdict now
        elif reason is not None:
            self._update(move.old, move.new, site, reason)
        else:
            self._try(site, move, target)

    def _updated_among(self, changes: Sequence[Any]) -> _Made | None:
        """What was updated in this round: a velocity that a variable changes by, or a variable's other rows."""
        if not self._cuts or self._trial is not None:
            return None
        made = (self._made.get(id(x)) for x in changes)
        return next((one for one in made if one is not None and one.round == self._rounds), None)

    def _is_candidate(self, move: Move, target: str, itself: bool) -> bool:
        """Whether a variable gets its own value plus or minus something of its shape."""
        if np.shape(move.new._value) != np.shape(move.old._value) or np.iscomplexobj(move.new._value):
            return False
        if id(move.old) in self._begun and not (move.depends_on_old or self._updated_among(move.changes)):
            return False  # it is added up
        if move.old._a is None and is_weakly_named(move.old):  # one in a container, which no assignment named
            self._name_it(move)
        known = self._made.get(id(move.old)) or self._begun.get(id(move.old))
        if known is not None and any(_same_variable(name, target) for name in known.names):
            return True
        return _same_variable(self._name(move.old), target) or (itself and _is_first(move))

    def _move(self, record: Tensor) -> Move | None:
        return _move(record, self._is_variable)

    def _updated(self, record: Tensor, target: str, itself: bool) -> Tensor | None:
        """What was updated before and gets itself plus or minus something: the usual case, which is soon told.

        None where it takes a longer look, which may find that it is a candidate as well.
        """
        old, change = unaliased(record._a), unaliased(record._b)
        made = self._made.get(id(old))
        if made is None or change is old or self._trial is not None or id(old) in self._begun:
            return None
        if record._op.name not in ("add", "subtract") or type(made.name) is not str:
            return None
        before, after = old._value, record._value
        alike = type(after) is type(before) and (
            type(after) is not np.ndarray or (after.shape == before.shape and after.dtype == before.dtype)
        )
        if not alike or not (itself or any(_same_variable(name, target) for name in (made.name, *made.names))):
            return None
        return old

    def _is_variable(self, x: Tensor) -> bool:
        """Whether something is an input, or what one became."""
        if _is_input(x) or id(x) in self._made or id(x) in self._begun:
            return True
        return self._trial is not None and self._trial.variable(x) is not None

    def _name(self, old: Tensor) -> str | None:
        tried = self._trial.variable(old) if self._trial is not None else None
        if tried is not None:
            return tried.name
        made = self._made.get(id(old)) or self._begun.get(id(old))
        return (made.name if made is not None else None) or old.name

    def _remember(self, site: Site, record: Tensor, target: str) -> None:
        """Remember what a variable that began as a plain value got."""
        known = self._begun.get(id(record))
        made_in, names = (known.round, known.names) if known is not None else (self._rounds, ())
        names = tuple(dict.fromkeys((*names, target)))
        self._begun[id(record)] = _Made(record, made_in, target, frozenset({site}), names=names)
        if len(self._begun) > _BEGUN:
            del self._begun[next(iter(self._begun))]

    def _name_it(self, move: Move) -> None:
        """Name the inputs by the way to them; not for ever, where that is of no use."""
        if self._searches:
            self._searches -= 1
            self._name_all_inputs(move.old, move.new)

    def _name_all_inputs(self, old: Tensor | None = None, new: Tensor | None = None) -> None:
        """Name all inputs by the way to them; one that moved, by the way to what stands there now."""
        before = {id(new): old} if old is not None else {}
        name_by_path(_named_variables(self.namespace), before=before)

    # -- updates ----------------------------------------------------------------------------------------------------

    def _update(self, old: Tensor, new: Tensor, site: Site, reason: str) -> None:
        """Make a leaf of an updated input, after a step has ended where this is its first update in the round."""
        name = self._name(old)
        if (begun := self._begun.get(id(old))) is not None:
            self._begin(begun, new, reason)
            name = self._name(old)
        made = self._made.pop(id(old), None) or _Made(old, 0, name)
        again = made.round == self._rounds and site not in made.sites and bool(made.sites)
        new_round = made.round >= self._rounds and not again
        if new_round:
            self._rounds += 1
            self._spent.clear()
        self._spend(new)
        if self._cuts:
            name = self._to_leaf(old, new, name, first=not made.times)
            if new_round:
                self.tape.next_step(variables(self.namespace))
        if again or len(made.sites) != 1 or site not in made.sites:
            sites = made.sites | {site} if again else frozenset({site})
        else:
            sites = made.sites
        self._made[id(new)] = _Made(new, self._rounds, name, sites, made.times + 1, reason, made.names)

    def _begin(self, begun: _Made, new: Tensor, reason: str) -> None:
        """Let what began as a plain value have been updated once already."""
        record, made_in, name = begun[:3]
        if not self._rounds:
            self._rounds += 1
            if self._cuts and self._trial is None:
                self.tape.hold(record)
                self.tape.confirm([True], variables(self.namespace))
        self._begun.pop(id(record), None)
        if self._cuts:
            name = next((one for one in begun.names if not one.isidentifier()), name)  # where an object keeps it
            make_leaf(record, PARAMETER, name)
            if not str(name).isidentifier() and self._searches:
                self._searches -= 1
                self._name_all_inputs(record, new)
                name = record.name
        self._made[id(record)] = _Made(record, max(made_in, 1), name, times=1, reason=reason, names=begun.names)

    def _to_leaf(self, old: Tensor, new: Tensor, name: str | None, *, first: bool) -> str | None:
        if first:
            self._name_all_inputs(old, new)
            name = name if old._a is not None else old.name
        make_leaf(new, PARAMETER, name)
        return name

    def _spend(self, new: Tensor) -> None:
        for x in operands(new):
            if isinstance(x, Tensor) and x._a is not None:
                self._spent[id(x)] = x
        if not self._cuts:
            self._spent[id(new)] = new

    # -- on trial ---------------------------------------------------------------------------------------------------

    def _try(self, site: Site, move: Move, target: str) -> None:
        """Take in what may be an update."""
        if self._trial is None:
            self._trial = Trial(self._rounds)
        trial, names = self._trial, _named_variables(self.namespace)
        if trial.variable(move.old) is None:
            self._name_all_inputs(move.old, move.new)
        if not trial.cases and id(move.old) in self._begun:
            self.tape.hold(move.old)
            trial.begins_late = True
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
            if site in verdict:
                self._sites[site] = code, verdict[site]
            else:
                self._refused[site] = code
        accepted = [case for case in trial.cases if case.site in verdict]
        if not accepted:
            self.tape.release()
            return
        self._losses |= trial.losses
        steps = [any(case.site in verdict for case in cases) for cases in trial.cases_by_round()]
        self._spent.clear()
        for case in accepted:
            if case.round == len(steps) - 1:
                self._spend(case.move.new)
        begun = [case for case in accepted if id(case.move.old) in self._begun]
        if self._cuts:
            self._cut(trial, accepted, begun)
        if trial.begins_late:
            steps.insert(0, bool(begun))
        if self._cuts and self._rounds == trial.began:  # else the steps were counted by other updates in the same loop
            self.tape.confirm(steps, variables(self.namespace))
            self._rounds += sum(steps)
        else:
            self.tape.release()
        for case in begun:
            known = self._begun.pop(id(case.move.old), None)
            names = known.names if known is not None else ()
            self._made[id(case.move.old)] = _Made(case.move.old, 0, case.variable.name, times=1, names=names)
        for case in accepted:
            old = self._made.pop(id(case.move.old), None)
            count, names = (old.times, old.names) if old is not None else (0, ())
            sites = frozenset(one.site for one in accepted if one.variable is case.variable)
            name = case.move.new.name if self._cuts else case.variable.name
            made = _Made(case.move.new, self._rounds, name, sites, count + 1, verdict[case.site], names)
            self._made[id(case.move.new)] = made

    def _cut(self, trial: Trial, accepted: list[Case], begun: list[Case]) -> None:
        """Make leaves of what updates gave."""
        for case in begun:
            make_leaf(case.move.old, PARAMETER, case.variable.name)
        for case in accepted:
            make_leaf(case.move.new, PARAMETER, case.variable.name)
        self._name_all(accepted)

    def _name_all(self, cases: list[Case]) -> None:
        """Give a variable's values in all rounds the name by the way to the last."""
        self._name_all_inputs()
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
            tensors.sort(key=lambda x: np.shape(x._value) != np.shape(record._value))  # no learning rate before these
            followed = next((x for x in tensors if is_old(x)), tensors[0])
            rest = [x for x in inputs if x is not followed]
        changes += rest
        if is_old(followed):
            return Move(old=followed, new=record, chain=chain, changes=changes) if differs else None
        part = followed
    return None


@lru_cache(1024)
def _is_container(kind: type) -> bool:
    """Whether a value is bound as a whole to bind what is in it: a list of arrays, a named tuple, a dataclass."""
    return issubclass(kind, (*_CONTAINERS, tuple)) or is_dataclass(kind)


def _is_looked_at(kind: type) -> bool:
    return issubclass(kind, Tensor) or _is_container(kind)


def _is_input(x: Tensor) -> bool:
    return x._a is None and x._op in (INPUT, PARAMETER)


def _begins(record: Tensor) -> bool:
    """Whether it is a plain array or number of its own shape plus or minus something."""
    part = record
    for _ in range(_DEPTH):
        name = part._op.name
        if name not in _PASSING:
            return False
        inputs = [unaliased(x) for x in operands(part)]
        own = inputs[:1] if name == "setitem" or name.endswith(".at") else inputs[:2]
        differs = _element_change(part) is not None if name == "setitem" else name in _DIFFERENCES
        first = own if name == "add" and np.ndim(record._value) else own[:1]  # x + 1.0 begins with x
        if differs and any(_is_plain(x, record) for x in first):
            return True
        followed = next((x for x in own if isinstance(x, Tensor)), None)
        if followed is None:
            return False
        part = followed
    return False


def _is_plain(x: Any, record: Tensor) -> bool:
    """Whether it is an array or number of the shape that no op has made, or one that only put inputs together."""
    if not isinstance(x, Tensor):
        return np.shape(x) == np.shape(record._value)
    return np.shape(x._value) == np.shape(record._value) and (x._op is CONSTANT or _is_put_together(x))


def _is_put_together(x: Tensor) -> bool:
    waiting, looked_at = [x], 0
    while waiting and looked_at < _DEPTH:
        part, looked_at = waiting.pop(), looked_at + 1
        if part._op.name not in _MAKING:
            return False
        waiting += [y for y in map(unaliased, operands(part)) if isinstance(y, Tensor) and y._a is not None]
    return not waiting


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
    """The module-level names, then the variables of the functions that are running, innermost first.

    Where two of them have a name, it is the outer one's.
    """
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


@lru_cache(1024)
def _same_variable(name: str | None, target: str) -> bool:
    """Whether an input's name and a target mean the same: `self.W` and `net.W`, `params['W']` and `params[k]`."""
    if name is None:
        return False
    return name == target or _bare(name) == _bare(target)


def _bare(name: str) -> str:
    return _INDEX.sub("", name).rpartition(".")[2]
