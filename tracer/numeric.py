"""Judges one slope against differences: right, wrong, or at a place that has no one slope; and says where to step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "BLAMED",
    "SEVERITY",
    "VERDICTS",
    "Judged",
    "Precision",
    "direction",
    "either_way",
    "epsilon_of",
    "judge",
    "judge_all",
    "moved",
    "random_weights",
    "scales",
    "share",
    "unit",
]

#: verdict → what it says.
VERDICTS: dict[str, str] = {
    "right": "agrees with the differences",
    "wrong": "differs from them, and the function is smooth here",
    "kink": "the slopes on both sides differ, and the gradient is a choice between them",
    "jump": "the function jumps here, so it has no slope",
    "edge": "the function has no finite values around here to take differences of",
    "branch": "the code takes another branch around here",
    "cut": "differs because the gradient is cut off on purpose",
    "unsure": "differs, but the differences are too inexact to tell",
}
#: What speaks against a rule.
BLAMED = frozenset({"wrong"})

#: How bad a verdict is: the worst stands for the input.
SEVERITY = {name: i for i, name in enumerate(("right", "cut", "kink", "jump", "branch", "edge", "unsure", "wrong"))}

#: Steps in units of the first: smaller ones get away from a kink nearby, a larger one above the noise.
_FACTORS = (1.0, 1 / 16, 16.0, 1 / 256, 1 / 4096)
_INEXACT = 0.05  # a slope known no better than this share of itself proves nothing
_TELLING = 1e-3  # one known as well as this, and met to within the tolerance, is met on purpose
_sum: Any = np.add.reduce  # what np.sum comes to, 1 µs sooner
_AT_ONCE = 500_000  # so many terms are held at once


@dataclass(frozen=True, kw_only=True)
class Precision:
    """How exact the function is, and what follows from it.

    Attributes
    ----------
    epsilon
        The relative rounding error of the coarsest dtype that it computes with.
    tolerance
        The relative error up to which a gradient counts as right.
    """

    epsilon: float
    tolerance: float

    @property
    def step(self) -> float:
        """The first step, relative to the scale of what is moved: the formula's error is h⁴, rounding's ε/h."""
        return self.epsilon**0.2

    @classmethod
    def of(cls, epsilon: float, tolerance: float | None = None) -> Precision:
        """With the tolerance that fits: 1e-6 for float64, 1e-2 for float32."""
        fitting = 1e-6 if epsilon < 1e-12 else 1e-2 if epsilon < 1e-5 else 0.1
        return cls(epsilon=epsilon, tolerance=fitting if tolerance is None else tolerance)


class Judged(NamedTuple):
    """A slope as it is claimed and as differences give it.

    `error` is relative to the larger of them, or to what the differences can tell where that is more.
    """

    verdict: str
    numeric: float
    error: float
    left: float
    right: float


class _Measured(NamedTuple):
    """What differences at one step give: the slope, how exact it is, and the slopes of each term on both sides.

    `wide` is the slope by the widest difference alone, `size` how large each term is. Of several functions at once,
    each has a row.
    """

    slope: Any
    wide: Any
    inexact: Any
    size: Any
    left: Any
    right: Any
    step: float

    @property
    def gaps(self) -> Any:
        """How far the slopes on both sides are apart, for each term."""
        return np.abs(self.right - self.left)

    def row(self, i: int) -> _Measured:
        """What was measured of one function."""
        numbers = float(self.slope[i]), float(self.wide[i]), float(self.inexact[i])
        return _Measured(*numbers, self.size[i], self.left[i], self.right[i], self.step)


def judge(along: Callable[[float], Any], claimed: float, precision: Precision) -> Judged:
    """Judge the slope at 0 of a sum of functions of one number.

    Parameters
    ----------
    along
        The function; it gives a number, or an array of terms, whose sum counts: their sizes tell its rounding error,
        and each may have a kink of its own. NaN where it has no value.
    claimed
        The slope that the gradient says it has.
    precision
        How exact it is.

    Examples
    --------
    >>> judge(lambda t: 1.0 + t * t + 3 * t, 3.0, Precision.of(2e-16)).verdict
    'right'
    >>> judge(lambda t: 1.0 + t * t + 3 * t, 2.9, Precision.of(2e-16)).verdict
    'wrong'
    >>> judge(lambda t: 1.0 + abs(t), 0.0, Precision.of(2e-16)).verdict
    'kink'
    """
    return judge_all(lambda _, t: along(t), [claimed], precision)[0]


def judge_all(along: Callable[[int, float], Any], claimed: Sequence[float], precision: Precision) -> list[Judged]:
    """Judge several such functions, which have the same value at 0.

    Most slopes are right, which the first step shows, for many functions in one go.

    Parameters
    ----------
    along
        ``along(i, t)``: the value of the function with number i.
    claimed
        The slope that each is said to have.
    precision
        How exact they are.

    Examples
    --------
    >>> [x.verdict for x in judge_all(lambda i, t: 1.0 + t * t + i * t, [0.0, 1.1], Precision.of(2e-16))]
    ['right', 'wrong']
    """
    if not len(claimed):
        return []
    middle = np.asarray(along(0, 0.0), dtype=float).reshape(-1)
    at_once = max(1, _AT_ONCE // max(1, middle.size))
    found: list[Judged] = []
    with np.errstate(all="ignore"):
        for start in range(0, len(claimed), at_once):
            numbers = range(start, min(start + at_once, len(claimed)))
            slopes = np.array([claimed[i] for i in numbers], dtype=float)
            first = _measured(along, numbers, middle, precision.step, precision)
            right = _is_right(first, slopes, precision).tolist()
            agreeing = _judged_right(first, slopes, precision) if True in right else []
            for i, number in enumerate(numbers):
                slope = float(slopes[i])
                found.append(
                    agreeing[i] if right[i] else _further(along, number, middle, first.row(i), slope, precision)
                )
    return found


def _further(
    along: Callable[[int, float], Any], number: int, middle: Any, first: _Measured, claimed: float, precision: Precision
) -> Judged:
    """Judge one function that the first step did not show to be right, by the other steps."""
    measured = [first]
    for factor in _FACTORS[1:]:
        one = _measured(along, [number], middle, precision.step * factor, precision)
        measured.append(one.row(0))
        if _is_right(one, np.array([claimed]), precision)[0]:
            return _judged("right", measured[-1], claimed, precision)
    return _all_steps(measured, claimed, precision)


def _is_right(measured: _Measured, claimed: Any, precision: Precision) -> Any:
    """For each function, whether its slope is met, and on purpose."""
    scale = np.maximum(np.abs(measured.slope), np.abs(claimed))
    exact = measured.inexact <= max(_TELLING, precision.tolerance) * scale
    met = np.abs(claimed - measured.slope) <= precision.tolerance * scale
    return exact & met & np.isfinite(claimed) & ~np.logical_or.reduce(_parted(measured, precision), -1)


def _judged_right(measured: _Measured, claimed: Any, precision: Precision) -> list[Judged]:
    """`_judged` of all."""
    scale = np.maximum(np.maximum(np.abs(measured.slope), np.abs(claimed)), measured.inexact / precision.tolerance)
    error = np.abs(claimed - measured.slope) / np.where(scale > 0, scale, 1.0)
    left, right = _sum(measured.left, -1), _sum(measured.right, -1)
    columns = (measured.slope.tolist(), error.tolist(), left.tolist(), right.tolist())
    return [Judged("right", *numbers) for numbers in zip(*columns, strict=True)]


def _all_steps(measured: list[_Measured], claimed: float, precision: Precision) -> Judged:
    """Judge by the most exact of the measurements, and by what becomes of both sides as the step shrinks."""
    finite = [one for one in measured if np.isfinite(one.slope)]
    if not finite:
        return _at_edge(measured, claimed, precision)
    best = min(finite, key=lambda one: one.inexact)
    if not np.isfinite(claimed):
        return _judged("wrong", best, claimed, precision)
    if np.any(_parted(best, precision)):
        by_step = sorted(finite, key=lambda one: -one.step)
        for coarse, fine in pairwise(by_step):
            found = _without_slope(coarse, fine, claimed, precision)
            if found is not None:
                return _judged(found, fine, claimed, precision)
    scale = max(abs(best.slope), abs(claimed))
    agrees = abs(claimed - best.slope) <= max(precision.tolerance * scale, best.inexact)
    # Differences that know nothing prove nothing, unless both slopes are nothing beside the function itself.
    nothing = max(precision.epsilon**0.5 * float(np.sum(best.size)), _TELLING * max(abs(one.wide) for one in finite))
    if agrees:
        telling = best.inexact <= max(_INEXACT * scale, nothing)
        return _judged("right" if telling else "unsure", best, claimed, precision)
    return _judged("wrong" if best.inexact <= _INEXACT * scale else "unsure", best, claimed, precision)


def _parted(one: _Measured, precision: Precision) -> Any:
    """For each term, whether the slopes on both sides differ by more than the formula's own error."""
    room = max(1e-3, precision.tolerance) * np.maximum(np.abs(one.right), np.abs(one.left))
    return one.gaps > np.maximum(room, (16 * precision.epsilon / one.step) * one.size)


def _measured(
    along: Callable[[int, float], Any], numbers: Sequence[int], middle: Any, h: float, precision: Precision
) -> _Measured:
    """The differences of some of the functions at one step."""
    values = [_like(middle, along(i, t)) for i in numbers for t in (h, -h, h / 2, -h / 2)]
    table = np.concatenate(values).reshape(len(numbers), 4, middle.size)
    up, down, near_up, near_down = (table[:, i] for i in range(4))
    wide, narrow = _sum(up - down, -1) / (2 * h), _sum(near_up - near_down, -1) / h
    slope = (4 * narrow - wide) / 3
    size = np.maximum(np.maximum(np.abs(up), np.abs(down)), np.abs(middle))
    noise = (4 * precision.epsilon / h) * _sum(size, -1)
    three = 3 * middle
    right = (4 * near_up - up - three) / h
    left = (three - 4 * near_down + down) / h
    # Three times what one more point changed: enough where only the second derivative jumps.
    return _Measured(slope, wide, 3 * np.abs(slope - narrow) + noise, size, left, right, h)


def _like(middle: Any, terms: Any) -> Any:
    """The terms as an array; NaN where there are more or fewer than in the middle: the function jumps there."""
    if type(terms) is not np.ndarray or terms.ndim != 1 or terms.dtype.char != "d":
        terms = np.asarray(terms, dtype=float).reshape(-1)
    return terms if terms.shape == middle.shape else np.full(middle.shape, np.nan)


def _judged(verdict: str, one: _Measured, claimed: float, precision: Precision) -> Judged:
    scale = max(abs(one.slope), abs(claimed), one.inexact / precision.tolerance)
    error = abs(claimed - one.slope) / scale if scale > 0 else 0.0
    left, right = float(np.sum(one.left)), float(np.sum(one.right))
    return Judged(verdict, one.slope, error if np.isfinite(error) else np.inf, left, right)


def _without_slope(coarse: _Measured, fine: _Measured, claimed: float, precision: Precision) -> str | None:
    """Whether both sides part: at a kink by as much at every step, at a jump the more the smaller the step."""
    parted = _parted(fine, precision)
    if not np.any(parted):
        return None
    gap, before = float(np.sum(fine.gaps[parted])), float(np.sum(coarse.gaps[parted]))
    ratio, steps = gap / before if before else np.inf, coarse.step / fine.step
    if ratio > steps / 2:
        return "jump"
    # Any slope between both sides of each term that parts; the others have but one.
    middle = (fine.left + fine.right) / 2
    low = float(np.sum(np.where(parted, np.minimum(fine.left, fine.right), middle)))
    high = float(np.sum(np.where(parted, np.maximum(fine.left, fine.right), middle)))
    noise = 16 * precision.epsilon * float(np.sum(fine.size)) / fine.step
    room = max(10 * precision.tolerance * max(abs(low), abs(high)), noise)
    return "kink" if ratio > 0.5 and low - room <= claimed <= high + room else None


def _at_edge(measured: list[_Measured], claimed: float, precision: Precision) -> Judged:
    """Where one side has no values, the other side's slope counts."""
    for one in reversed(measured):
        left, right = float(np.sum(one.left)), float(np.sum(one.right))
        for side in (left, right):
            if np.isfinite(side) and abs(side - claimed) <= 1e3 * precision.tolerance * max(abs(side), abs(claimed)):
                return Judged("right", side, 0.0, left, right)
    last = measured[-1]
    return Judged("edge", float("nan"), 0.0, float(np.sum(last.left)), float(np.sum(last.right)))


def epsilon_of(dtype: Any) -> float:
    """The relative rounding error of a dtype; 0 for what is no float."""
    dtype = np.dtype(dtype)
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0


# -- where to go ---------------------------------------------------------------------------------------------------


def scales(value: Any) -> Any:
    """What a step of 1 is for each element: its size, or something of the others' where it is next to nothing."""
    size = np.abs(np.asarray(value)).astype(float)
    with np.errstate(over="ignore"):
        typical = math.sqrt(_sum(size * size, None) / max(1, size.size))
    if not math.isfinite(typical):
        size = np.where(np.isfinite(size), size, 1.0)
        typical = float(np.sqrt(np.mean(size**2)))
    return np.maximum(size, 0.01 * typical if typical > 0 else 1.0)


def direction(scales: Any, seed: int, i: int, number: int) -> Any:
    """A random step along all elements at once: the same for the same numbers."""
    return either_way(scales, np.random.default_rng([seed, i, number]))


def either_way(scales: Any, draw: np.random.Generator) -> Any:
    """Each of the steps, forward or back at random."""
    return np.copysign(scales, draw.random(scales.shape) - 0.5)


def share(gradient: Any, along: Any) -> float:
    """The slope that a gradient has in a direction; infinities where nothing is moved play no part."""
    total = np.dot(gradient.reshape(-1), along.reshape(-1))
    if not np.isfinite(total):
        total = _sum(np.where(along == 0, 0.0, gradient) * along, None)
    return float(total.real)


def moved(value: Any, step: Any) -> Any:
    """A value after a step, in its own kind and dtype."""
    if type(value) is float:
        return value + float(step)
    if type(value) is np.ndarray and value.dtype.char == "d":  # most
        return value + step
    array = (np.asarray(value, dtype=np.result_type(value, float)) + step).astype(value.dtype)
    return array if isinstance(value, np.ndarray) else array[()]


def unit(scales: Any, element: int) -> Any:
    """A step along one element alone."""
    unit = np.zeros(scales.shape)
    unit.flat[element] = scales.flat[element]
    return unit


def random_weights(draw: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """One weight per element, of either sign and away from zero."""
    weights = draw.uniform(-1.0, 1.0, shape)
    return weights + np.copysign(0.5, weights)
