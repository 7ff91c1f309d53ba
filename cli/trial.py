"""Watches the first rounds of what may be updates of inputs, and decides: by the numbers, else by names.

An input is updated where

1. it moves along the gradient of a number that the loop computes (`descent.along_gradients`);
2. else, unless a word of time stands in what is added (`dt`), where it moves along some gradient that is applied to
   data (`descent.along_some_gradient`);
3. or where it bears a name that people give to parameters, and what is added depends on it, as a gradient does. Numbers
   may speak against that where it is a single one: b is a parameter to some and the rate of an infection to others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..tracer.op import Op
from ..tracer.source import locate
from ..tracer.tensor import Tensor, is_differentiable, operands
from .descent import Move, Round, along_gradients, along_some_gradient
from .tape import Tape
from .wording import is_learned, speaks_of_time

__all__ = ["Case", "Site", "Trial"]

_ROUNDS = 4  # so many are watched
_VARIABLES = 4  # so many of those that one place changes
_SCALARS = 12  # so many of the numbers that a round computes are looked at


class Variable(NamedTuple):
    """An input that is changed round by round; of the many that one place may change a few are looked at."""

    number: int
    name: str
    kind: Op
    is_looked_at: bool


#: Where an input is changed: code object, instruction and target.
Site = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A value that may be an update's: where it was bound, and how it came about."""

    site: Site
    target: str
    move: Move
    variable: Variable
    round: int


class Trial:
    """The rounds that are watched.

    Attributes
    ----------
    began
        In which round of other updates it began.
    begins_late
        Whether a round had gone by before it was seen that its variables change.
    cases, sites
        What was taken in, in order; the places with their code objects.
    losses
        The places of the numbers along whose gradients inputs move.
    """

    def __init__(self, began: int) -> None:
        self.began = began
        self.begins_late = False
        self.cases: list[Case] = []
        self.sites: dict[Site, Any] = {}
        self._rounds: list[Round] = []
        self._variables: dict[int, Variable] = {}  # by the id of the record that each held
        self._taken: set[tuple[Site, int]] = set()  # in this round
        self._at_site: Counter[Site] = Counter()  # how many variables
        self._names: dict[tuple[int, int], str] = {}  # of the scalars, by their places
        self.losses: set[tuple[int, int]] = set()

    def variable(self, record: Tensor) -> Variable | None:
        """The variable that got this record, where one did."""
        return self._variables.get(id(record))

    def begins_round(self, site: Site, move: Move) -> bool:
        """Whether a round begins: the same place changes the same variable again."""
        known = self.variable(move.old)
        return not self._rounds or (known is not None and (site, known.number) in self._taken)

    def is_over(self, site: Site, move: Move) -> bool:
        """Whether the rounds are through when this move comes."""
        return len(self._rounds) == _ROUNDS and self.begins_round(site, move)

    def take(self, site: Site, move: Move, target: str, tape: Tape, names: Mapping[str, Any]) -> None:
        """Take in a value."""
        known = self.variable(move.old)
        if self.begins_round(site, move):
            self._rounds.append(Round(scalars=[]))
            self._taken.clear()
        now = self._rounds[-1]
        variable = known or self._new_variable(site, move, target)
        if not now.moves or (known is None and variable.is_looked_at):
            now.scalars = self._scalars(tape, names)
        if variable.is_looked_at:
            before = now.moves.get(variable.number)
            now.moves[variable.number] = move if before is None else before.then(move)
        self._variables[id(move.new)] = variable
        self._taken.add((site, variable.number))
        number = len(self._rounds) - 1
        self.cases.append(Case(site=site, target=target, move=move, variable=variable, round=number))
        self.sites[site] = move.new._code

    def _new_variable(self, site: Site, move: Move, target: str) -> Variable:
        looked_at = self._at_site[site] < _VARIABLES
        self._at_site[site] += 1
        return Variable(len(self.cases), move.old.name or target, move.old._op, looked_at)

    def _scalars(self, tape: Tape, names: Mapping[str, Any]) -> list[Tensor]:
        """The last single numbers that were computed: what goes into nothing else first, then what a variable holds.

        Of a place in the source there is one, and what is on trial itself is none.
        """
        records = list(tape)
        held = {id(x): name for name, x in names.items() if isinstance(x, Tensor)}
        used = {id(x) for record in records for x in operands(record)}
        numbers = [
            record for record in reversed(records)
            if (id(record) in held or id(record) not in used) and id(record) not in self._variables
            if type(record) is Tensor and record._a is not None
            if np.size(record._value) == 1 and is_differentiable(record._value)
        ]  # fmt: skip
        numbers.sort(key=lambda record: (id(record) in used, id(record) not in held))
        found: dict[tuple[int, int], Tensor] = {}
        for record in numbers:
            found.setdefault(_site(record), record)
            if id(record) in held:
                self._names[_site(record)] = held[id(record)]
        return list(found.values())[:_SCALARS]

    def cases_by_round(self) -> Iterator[list[Case]]:
        """The cases of each round."""
        for number in range(len(self._rounds)):
            yield [case for case in self.cases if case.round == number]

    def _called(self, scalar: Tensor) -> str:
        where = locate(scalar._code, scalar._at) if scalar._code is not None else None
        return self._names.get(_site(scalar)) or (where and (where.name or where.code)) or "a number of the loop"

    def verdict(self) -> dict[Site, str]:
        """The places that update inputs → what told so."""
        along = along_gradients(self._rounds)
        found: dict[Site, str] = {}
        open_: dict[Hashable, Case] = {}
        for case in (case for case in self.cases if case.variable.is_looked_at):
            number = case.variable.number
            if number in along:
                self.losses.add(_site(along[number]))
                found[case.site] = f"along the gradient of {self._called(along[number])}"
            else:
                open_[number] = case
        open_ = {
            number: case
            for number, case in open_.items()
            if case.site not in found and case.move.depends_on_old and not speaks_of_time(case.move, case.target)
        }
        if not open_:
            return found
        rounds = self._rounds
        if len(rounds) > 1 and len(rounds[-1].moves) < len(rounds[-2].moves):  # the last was broken off
            rounds = rounds[:-1]
        some = along_some_gradient(rounds, list(open_))
        for case in open_.values():
            learned = is_learned(case.target) or is_learned(case.variable.name)
            if some:
                found[case.site] = "along a gradient"
            elif learned and (some is None or np.size(case.move.old._value) > 1):
                found[case.site] = "(its name is a parameter's)"
        return found


def _site(record: Tensor) -> tuple[int, int]:
    return id(record._code), record._at
