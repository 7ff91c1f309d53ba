"""The one numeric oracle: gradients by differences of values, and what is needed to hold an engine's against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from recorded import recorded_gradients

import gradviz as gv
from gradviz.tracer.backward import run_back
from gradviz.tracer.tensor import Tensor

#: The step relative to an element's scale. With four points the formula's error is h⁴·f⁽⁵⁾/30, rounding's 1.5·ε·f/h:
#: here both leave ten digits.
STEP = 1e-4
_POINTS = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))


def tensors_of(args: Iterable[Any]) -> list[Any]:
    """The inputs as leaves; integers, booleans and what is no number stay what they are."""
    return [gv.tensor(x) if is_float(x) else x for x in args]


def is_float(x: Any) -> bool:
    """Whether this is something to differentiate with respect to."""
    return isinstance(x, float) or (isinstance(x, (np.generic, np.ndarray)) and x.dtype.kind == "f")


def parts(result: Any) -> list[Any]:
    """What a function returned as a flat list: the several results of np.split, of a named tuple."""
    if isinstance(result, (list, tuple)):
        return [part for item in result for part in parts(item)]
    return [result]


def value_of(x: Any) -> Any:
    """The plain value."""
    return x.value if isinstance(x, Tensor) else x


def weights(results: Sequence[Any], seed: int) -> list[Any]:
    """Fixed random weights, one per element of the results, away from zero."""
    random = np.random.default_rng(seed)
    return [random.uniform(0.5, 1.5, np.shape(x)) * random.choice([-1.0, 1.0], np.shape(x)) for x in results]


def weighted(results: Sequence[Any], by: Sequence[Any]) -> Any:
    """Σ weight · element over all results: one number that depends on each of them."""
    total: Any = 0.0
    for result, weight in zip(results, by, strict=True):
        if isinstance(result, Tensor) or is_float(result):
            total = total + np.sum(np.multiply(result, weight))
    return total


def numeric_gradients(f: Callable[..., float], args: Sequence[Any], step: float = STEP) -> list[Any]:
    """The gradient of a function that gives a number, by central differences, for each float among its arguments.

    The step is chosen per element, by its scale.
    """
    return [_numeric(f, args, i, step) if is_float(x) else None for i, x in enumerate(args)]


def _numeric(f: Callable[..., float], args: Sequence[Any], position: int, relative_step: float) -> Any:
    x = np.array(args[position], dtype=float)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = relative_step * max(abs(float(x[place])), 0.01)
        total = 0.0
        for times, coefficient in _POINTS:
            moved = x.copy()
            moved[place] += times * step
            shifted = moved if isinstance(args[position], np.ndarray) else type(args[position])(moved[()])
            total += coefficient * float(f(*args[:position], shifted, *args[position + 1 :]))
        gradient[place] = total / step
    return gradient


def directions(args: Sequence[Any], seed: int) -> list[Any]:
    """A random direction to move all inputs in at once, each element by its scale; None for what is no float."""
    random = np.random.default_rng(seed)
    return [
        random.uniform(0.5, 1.0, np.shape(x)) * random.choice([-1.0, 1.0], np.shape(x)) * np.maximum(np.abs(x), 0.01)
        if is_float(x)
        else None
        for x in args
    ]


def numeric_slope(f: Callable[..., float], args: Sequence[Any], along: Sequence[Any]) -> float:
    """The slope of a function that gives a number, along a direction, by central differences."""

    def moved(x: Any, way: Any, by: float) -> Any:
        if way is None:
            return x
        new = np.asarray(x + by * way)
        return new if isinstance(x, np.ndarray) else type(x)(new[()])

    total = 0.0
    for times, coefficient in _POINTS:
        total += coefficient * float(f(*[moved(x, way, times * STEP) for x, way in zip(args, along, strict=True)]))
    return total / STEP


def agree_along(gradients: Sequence[Any], f: Callable[..., float], args: Sequence[Any], tolerance: float) -> bool:
    """Whether gradients agree with differences along a few random directions, which any wrong element would spoil."""
    for seed in (1, 2, 3):
        along = directions(args, seed)
        parts_ = [np.ravel(g * way) for g, way in zip(gradients, along, strict=True) if way is not None]
        terms = np.concatenate([np.zeros(1), *parts_])
        if not abs(np.sum(terms) - numeric_slope(f, args, along)) <= tolerance * max(
            float(np.max(np.abs(terms))), 1e-3
        ):
            return False
    return True


def first_gradients(f: Callable[..., Any], args: Sequence[Any], seed: int = 0) -> list[Any]:
    """The gradients of the weighted results by the engine's sweep, for each float among the arguments."""
    inputs = tensors_of(args)
    results = parts(f(*inputs))
    output = weighted(results, weights([value_of(r) for r in results], seed))
    if isinstance(output, Tensor):
        run_back(output)
    return [_gradient(x) if isinstance(x, Tensor) else None for x in inputs]


def _gradient(x: Tensor) -> Any:
    return np.zeros_like(x.value) if x.grad is None else x.grad  # no path leads from it to a result


def weighted_value(f: Callable[..., Any], args: Sequence[Any], seed: int = 0) -> float:
    """The number whose gradients `first_gradients` gives, computed on Tensors."""
    results = parts(f(*tensors_of(args)))
    return float(value_of(weighted(results, weights([value_of(r) for r in results], seed))))


def gradient_sum(f: Callable[..., Any], args: Sequence[Any], *, recorded: bool = False) -> tuple[Any, list[Any]]:
    """Σ weight · gradient over all inputs, with the inputs; the gradients by the sweep, or recorded themselves."""
    inputs = tensors_of(args)
    results = parts(f(*inputs))
    output = weighted(results, weights([value_of(r) for r in results], 0))
    wanted = [x for x in inputs if isinstance(x, Tensor)]
    if not isinstance(output, Tensor):
        return 0.0, inputs
    if recorded:
        gradients = recorded_gradients(output, wanted)
    else:
        run_back(output)
        gradients = [_gradient(x) for x in wanted]
    return weighted(gradients, weights([value_of(g) for g in gradients], 1)), inputs


def second_gradients(f: Callable[..., Any], args: Sequence[Any]) -> list[Any]:
    """The gradients of `gradient_sum`, by the same rules run on Tensors."""
    total, inputs = gradient_sum(f, args, recorded=True)
    wanted = [x for x in inputs if isinstance(x, Tensor)]
    gradients = iter(
        recorded_gradients(total, wanted) if isinstance(total, Tensor) else [0.0 * x.value for x in wanted]
    )
    return [value_of(next(gradients)) if isinstance(x, Tensor) else None for x in inputs]


def relative_error(got: Any, expected: Any) -> float:
    """The worst relative error of an array; elements far below the largest are held to its scale, not their own."""
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    assert got.shape == expected.shape, f"a gradient of shape {got.shape} where the value has {expected.shape}"
    if not got.size:
        return 0.0
    assert np.isfinite(expected).all(), f"the sample is no place to take differences: {expected}"
    scale = np.maximum(np.maximum(np.abs(got), np.abs(expected)), max(1e-2 * float(np.max(np.abs(expected))), 1e-3))
    return float(np.max(np.abs(got - expected) / scale))
