"""Tells by numbers what a loop trains, as gradient descent does, from what evolves in it, as a solver's state does.

Both are written `x = x + d(x)`, and the graph of one step is the same for both. What differs is what d is:

* *The gradient of a number that the loop computes* (`along_gradients`). In each of the rounds that are watched the
  change, or a record that is the only way from x to the change (a gradient that momentum, Adam, clipping or a line
  search make a step of), is the same multiple of ∂L/∂x, for a scalar L of the round. All that the round changes and L
  depends on must move along some scalar: an energy E(x, v) that falls is no loss, as v does not move along ∂E/∂v. Where
  one array does exactly, others may do so roughly: a gradient with a mistake in it. For a single number, of which
  everything is a multiple, the multiple must stay the same while the gradient changes.
* *The gradient of some function* (`along_some_gradient`), where the loop computes none. The Jacobian ∂d/∂x of all that
  it changes is symmetric, as that of a gradient is. A diffusion's is symmetric too, so one of two things must be added:
  x is applied to data (it becomes a larger array, goes through a product of matrices, or is used by one line for
  several samples), or the Jacobian depends on x and is not diagonal.

Where it is wrong:

* What flows down a function that the loop prints is gradient descent to the letter: x' = −x with x² printed; two
  temperatures that meet, with the square of their difference printed.
* So is, without a function that is printed, a flow down a bent one: coupled oscillators, Allen-Cahn.
* A gradient of another batch than the loss's is none, nor is one with a mistake in it where all have one; nor is what
  one element of an array is changed by, as in a matrix factorisation by loops.

The words that `trial` reads decide before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..tracer.backward import CONSTANT, ancestors, sweep, unaliased
from ..tracer.keeping import restored
from ..tracer.tensor import PENDING, Tensor, is_differentiable, operands

__all__ = ["Move", "Round", "along_gradients", "along_some_gradient"]

_ANGLE = 2e-3  # so far apart two directions are the same: differences for gradients are that exact
_ROUGHLY = 0.3  # of the length of a step, so much is along a gradient that has a mistake in it
_TRACKS = 0.01  # of how much a gradient changes from round to round, so much the multiple of it may
_STEADY = 1e-8  # a gradient that changes less tells nothing about a single number
_EXACT = 1e-6
_NOISE = 1e-9
_DEPTH = 3  # so far into what is added plain arrays are looked for
_PRODUCTS = frozenset({"matmul", "dot", "einsum", "tensordot", "inner", "outer", "vecdot", "matvec", "vecmat"})


_Site = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Move:
    """A variable that was changed.

    Attributes
    ----------
    old, new
        What it was, and what it is.
    chain
        The records from `new` down to the one that has `old` itself for an operand: they pass it on.
    changes
        The other operands of those: Tensors and plain values.
    """

    old: Tensor
    new: Tensor
    chain: Sequence[Tensor]
    changes: Sequence[Any]

    @property
    def depends_on_old(self) -> bool:
        """Whether the change depends on the old value, as a gradient does and what is added up does not.

        A change by plain numbers tells nothing: a gradient that left the graph on its way is one.
        """
        computed = [x for x in self.changes if isinstance(x, Tensor) and x._a is not None]
        if not computed:
            return all(np.ndim(x._value) == 0 for x in self.changes if isinstance(x, Tensor))
        reached = ancestors(*computed)
        if any(x is self.old for x in reached):
            return True
        # An array that changes by plain numbers times a learning rate.
        return np.ndim(self.old._value) > 0 and all(np.ndim(x._value) == 0 for x in reached if x._a is None)

    def then(self, other: Move) -> Move:
        """This move and another after it."""
        return Move(old=self.old, new=other.new, chain=[*other.chain, *self.chain],
                    changes=[*other.changes, *self.changes])  # fmt: skip


@dataclass
class Round:
    """One time through a loop: what was changed, by which variable, and the scalars that were computed until then."""

    scalars: list[Tensor]
    moves: dict[Hashable, Move] = field(default_factory=dict[Hashable, Move])

    @property
    def stops(self) -> list[Tensor]:
        """Where the round began: what its variables were."""
        return [move.old for move in self.moves.values()]


# -- the gradient of a number that the loop computes -----------------------------------------------------------------


def along_gradients(rounds: Sequence[Round]) -> dict[Hashable, Tensor]:
    """The variables that move along the gradient of a scalar of their rounds → that scalar, in the last round."""
    if len(rounds) > 2:  # in the first, what a line evaluates may be something else
        rounds = rounds[1:]
    slopes = [_slopes(one) for one in rounds]
    parts = {id(move): _Parts(move, one.stops) for one in rounds for move in one.moves.values()}
    scalars = {_site(s): s for one in rounds for s in one.scalars}
    depending = {site: {v for held in slopes for v, s in held if s == site} for site in scalars}
    follows = {
        (variable, site): _follows(variable, site, rounds, slopes, parts)
        for variable in dict.fromkeys(v for one in rounds for v in one.moves)
        for site in scalars
        if variable in depending[site]
    }
    moving = {variable for (variable, _), yes in follows.items() if yes is not False}
    found: dict[Hashable, Tensor] = {}
    for (variable, site), yes in follows.items():
        if not yes or _is_a_filter(variable, scalars[site], rounds):
            continue
        way = _way(variable, site, rounds, slopes)
        alike = {v for v in depending[site] - moving if way and _way(v, site, rounds, slopes) == way}
        if depending[site] <= moving | alike:
            for one in (variable, *alike):
                found.setdefault(one, scalars[site])
    for (variable, site), yes in follows.items():  # what could not be told goes with what moves along the same scalar
        if yes is None and any(scalars[site] is scalar for scalar in found.values()):
            found.setdefault(variable, scalars[site])
    return found


def _site(record: Tensor) -> _Site:
    return id(record._code), record._at


def _slopes(one: Round) -> dict[tuple[Hashable, _Site], Any]:
    """The gradient of each scalar of a round with respect to each variable that it depends on."""
    found: dict[tuple[Hashable, _Site], Any] = {}
    for scalar in one.scalars:
        pulled = _pulled([(scalar, _ones(scalar._value))], one.stops)
        for variable, gradient in zip(one.moves, pulled, strict=True):
            if gradient is not None and np.any(gradient):
                found[variable, _site(scalar)] = gradient
    return found


def _follows(
    variable: Hashable,
    site: _Site,
    rounds: Sequence[Round],
    slopes: Sequence[dict[Any, Any]],
    parts: dict[int, _Parts],
) -> bool | None:
    """Whether a variable moves along a scalar's gradient, wherever both are known; None where that can't be told."""
    known = [
        (one, held[variable, site])
        for one, held in zip(rounds, slopes, strict=True)
        if variable in one.moves and (variable, site) in held
    ]
    if not known:
        return None
    moves = [one.moves[variable] for one, _ in known]
    gradients = [gradient for _, gradient in known]
    if (directly := _is_multiple([_change(move) for move in moves], gradients)) is not False:
        return directly
    each = [parts[id(move)].by_place for move in moves]
    for key in each[0]:
        if all(key in held for held in each):
            found = [held[key] for held in each]
            multiple = _is_multiple([value for value, _ in found], gradients)
            if multiple and _is_only_way(moves, found, known[-1][0].stops):
                return True
    return False


def _way(variable: Hashable, site: _Site, rounds: Sequence[Round], slopes: Sequence[dict[Any, Any]]) -> float:
    """Whether an array goes up (1) or down (-1) a scalar's gradient in all rounds, roughly; else 0."""
    ways: set[float] = set()
    for one, held in zip(rounds, slopes, strict=True):
        if variable in one.moves and (variable, site) in held:
            x, g = np.ravel(_change(one.moves[variable])), np.ravel(held[variable, site])
            along, size = float(x @ g), float(np.linalg.norm(x) * np.linalg.norm(g))
            ways.add(float(np.sign(along)) if x.size > 1 and abs(along) > _ROUGHLY * size else 0.0)
    return ways.pop() if len(ways) == 1 else 0.0


def _change(move: Move) -> Any:
    return np.subtract(restored(move.new), restored(move.old))


class _Parts:
    """What may be the gradient in a move, by its place; looked for once."""

    def __init__(self, move: Move, stops: Sequence[Tensor]) -> None:
        self._move = move
        self._stops = stops

    @cached_property
    def by_place(self) -> dict[Hashable, tuple[Any, Any]]:
        return dict(_parts(self._move, self._stops))


def _parts(move: Move, stops: Sequence[Tensor]) -> Iterator[tuple[Hashable, tuple[Any, Any]]]:
    """What may be the gradient in a move: a value of its shape, and the record of that where it has not left the graph.

    That is what was computed from the variable, and the plain arrays in what it is changed by.
    """
    shape = np.shape(move.old._value)
    for record in _dependents(move, stops):
        if np.shape(record._value) == shape and is_differentiable(record._value):
            yield _site(record), (restored(record), record)
    waiting = [(x, 0) for x in move.changes]
    while shape and waiting:
        x, depth = waiting.pop()
        if isinstance(x, np.ndarray) and x.shape == shape and x.dtype.kind == "f":
            yield ("plain", depth), (x, None)
        elif isinstance(x, Tensor) and x._op is CONSTANT and np.shape(x._value) == shape:
            yield ("plain", depth), (x._value, None)
        elif isinstance(x, Tensor) and depth < _DEPTH:
            waiting += [(y, depth + 1) for y in operands(x)]


def _dependents(move: Move, stops: Sequence[Tensor]) -> list[Tensor]:
    """What was computed from a variable on the way to what it is now, which is not among it."""
    reached = {id(move.old)}
    found: list[Tensor] = []
    for record in _history([move.new], stops):
        if record is not move.old and not reached.isdisjoint(map(id, map(unaliased, operands(record)))):
            reached.add(id(record))
            found.append(record)
    return [record for record in found if record is not move.new]


def _is_multiple(values: Sequence[Any], gradients: Sequence[Any]) -> bool | None:
    """Whether values are one and the same multiple of gradients; None where these are too much alike to tell."""
    ratios: list[float] = []
    for value, gradient in zip(values, gradients, strict=True):
        x, g = np.ravel(value).astype(float), np.ravel(gradient).astype(float)
        if not (np.all(np.isfinite(x)) and np.all(np.isfinite(g)) and x.any() and g.any()):
            return False
        ratio = float(x @ g / (g @ g))
        if np.linalg.norm(x - ratio * g) > _ANGLE * np.linalg.norm(x):
            return False
        ratios.append(ratio)
    changing = max(_spread([float(np.linalg.norm(v)) for v in side]) for side in (values, gradients))
    if _spread(ratios) > _TRACKS * changing + _NOISE:
        return False
    return None if all(map(_is_flat, gradients)) and changing < _STEADY else True


def _is_flat(gradient: Any) -> bool:
    """Whether all its elements are the same: as a direction it says no more than a single number."""
    return bool(np.all(np.ravel(gradient) == np.ravel(gradient)[0]))


def _spread(numbers: Sequence[float]) -> float:
    """How far apart numbers are, against their size."""
    size = max(map(abs, numbers))
    return (max(numbers) - min(numbers)) / size if size else 0.0


def _is_only_way(moves: Sequence[Move], parts: Sequence[tuple[Any, Any]], stops: Sequence[Tensor]) -> bool:
    """Whether a variable influences its change through one record alone, which is more than a multiple of itself."""
    values = [move.old._value for move in moves]
    if all(map(np.any, values)) and _is_multiple([value for value, _ in parts], values):
        return False
    move, record = moves[-1], parts[-1][1]
    if record is None:
        return True
    seed = _random(move.new._value, 0)
    around = _pulled([(move.new, seed)], stops, without=record)[_place(move.old, stops)]
    passed = _pulled([(move.new, seed)], stops, through=move.chain)[_place(move.old, stops)]
    if around is None or passed is None:
        return around is passed
    return bool(np.allclose(around, passed, rtol=_EXACT, atol=_EXACT))


def _place(record: Tensor, records: Sequence[Tensor]) -> int:
    return next(i for i, x in enumerate(records) if x is record)


def _is_a_filter(variable: Hashable, scalar: Tensor, rounds: Sequence[Round]) -> bool:
    """Whether a single number moves along a scalar that is added up, as the squared errors of a forecast are."""
    moves = [one.moves[variable] for one in rounds if variable in one.moves]
    return all(np.size(move.old._value) == 1 for move in moves) and any(
        _site(x) == _site(scalar) for one in rounds for move in one.moves.values() for x in _added(move)
    )


def _added(move: Move) -> Iterator[Tensor]:
    """What a variable is changed by, and what that was computed from."""
    for x in move.changes:
        if isinstance(x, Tensor):
            yield x
            yield from (y for y in operands(x) if isinstance(y, Tensor))


# -- the gradient of some function -----------------------------------------------------------------------------------


def along_some_gradient(rounds: Sequence[Round], variables: Sequence[Hashable]) -> bool | None:
    """Whether what variables are changed by is a gradient, of whatever function.

    None where that can't be told: where it might be a diffusion as well, or each variable changes by itself.
    """
    moves = [rounds[-1].moves[variable] for variable in variables if variable in rounds[-1].moves]
    if not moves:
        return None
    (left, to_left), (right, to_right) = (_jacobian(moves, side) for side in (0, 1))
    there, back = _product(to_left, right), _product(to_right, left)
    size = _length(to_left) + _length(to_right)
    if abs(there - back) > _EXACT * size:
        return False
    if not size:
        return None
    if any(_is_applied_to_data(move, [move.old for move in moves]) for move in moves):
        return True
    apart = _length([a * x - b * y for a, x, b, y in zip(to_left, right, to_right, left, strict=True)])
    earlier = [rounds[0].moves[variable] for variable in variables if variable in rounds[0].moves]
    if apart < _TRACKS * size or len(earlier) != len(moves):  # each element changes by itself
        return None
    _, before = _jacobian(earlier, 0)
    bent = _length([a - b for a, b in zip(to_left, before, strict=True)])
    return True if bent > _TRACKS * size else None


def _jacobian(moves: Sequence[Move], side: int) -> tuple[list[Any], list[Any]]:
    """Random numbers of the variables' shapes, and these through the Jacobian of what the variables are changed by."""
    stops = [move.old for move in moves]
    seeds = [_random(move.new._value, 2 * i + side) for i, move in enumerate(moves)]
    pulled = _pulled([(move.new, seed) for move, seed in zip(moves, seeds, strict=True)], stops)
    passed = [
        _pulled([(move.new, seed)], stops, through=move.chain)[i]
        for i, (move, seed) in enumerate(zip(moves, seeds, strict=True))
    ]
    return seeds, [(0.0 if a is None else a) - (0.0 if b is None else b) for a, b in zip(pulled, passed, strict=True)]


def _product(some: Sequence[Any], others: Sequence[Any]) -> float:
    return float(sum(np.sum(x * y) for x, y in zip(some, others, strict=True)))


def _length(parts: Sequence[Any]) -> float:
    return _product(parts, parts) ** 0.5


def _is_applied_to_data(move: Move, stops: Sequence[Tensor]) -> bool:
    """Whether a variable is spread over data on the way to its change."""
    size, shape = np.size(move.old._value), np.shape(move.old._value)
    uses: Counter[_Site] = Counter()
    for record in _dependents(move, stops):
        if np.size(record._value) > size or (record._op.name in _PRODUCTS and np.shape(record._value) != shape):
            return True
        uses[_site(record)] += any(unaliased(x) is move.old for x in operands(record))
    return any(count > 1 for count in uses.values())


# -- sweeps ------------------------------------------------------------------------------------------------------------


def _pulled(
    seeds: Sequence[tuple[Tensor, Any]],
    stops: Sequence[Tensor],
    *,
    through: Sequence[Tensor] | None = None,
    without: Tensor | None = None,
) -> list[Any]:
    """The gradients that seeds give to where the round began, through these records alone, or around one.

    None where none arrives.
    """
    order = _history([record for record, _ in seeds], stops)
    allowed = {id(record) for record in (order if through is None else through)} - {id(record) for record in stops}
    marked = [*order, *stops]
    for tensor in marked:
        tensor._grad = PENDING
    try:
        for record, seed in seeds[:-1]:
            record._grad = seed
        sweep([t for t in order if id(t) in allowed and t is not without], *seeds[-1])
        return [None if stop._grad is PENDING else stop._grad for stop in stops]
    except Exception:  # a value that was let go of, an array that was changed: there is nothing to tell by
        return [None for _ in stops]
    finally:
        for tensor in marked:
            tensor._grad = None


def _history(records: Sequence[Tensor], stops: Sequence[Tensor]) -> list[Tensor]:
    """What records were computed from, operands first, up to where the round began."""
    ends = {id(stop) for stop in stops}
    found: list[Tensor] = []
    seen: set[int] = set()
    waiting: list[Tensor | None] = list(records)
    while waiting:
        record = waiting.pop()
        if record is None:  # all operands of the one below are placed
            found.append(waiting.pop())  # pyright: ignore[reportArgumentType]
        elif id(record) not in seen:
            seen.add(id(record))
            waiting += (record, None)
            if id(record) not in ends:
                waiting += [x for x in operands(record) if isinstance(x, Tensor) and id(x) not in seen]
    return found


def _ones(value: Any) -> Any:
    return 1.0 if type(value) is float else np.ones_like(value)[()]


def _random(value: Any, number: int) -> Any:
    made = np.random.default_rng(number).normal(size=np.shape(value))
    return float(made) if type(value) is float else made.astype(value.dtype)[()]
