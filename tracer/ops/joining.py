"""Ops that join several operands into one: concatenate and stack."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backward import push
from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, apply, operands
from .pushing import hand


def _concatenate_vjp(g: Any, out: Any, *given: Any, axis: Any, position: int, **options: Any) -> Any:
    if axis is None:
        start = sum(np.size(x) for x in given[:position])
        return np.reshape(g[start : start + np.size(given[position])], np.shape(given[position]))
    start = sum(np.shape(x)[axis] for x in given[:position])
    stop = start + np.shape(given[position])[axis]
    return g[(slice(None),) * (axis % np.ndim(g)) + (slice(start, stop),)]


def _push_concatenate(tensor: Any, upstream: Any) -> None:
    """The general way counts, for each operand, what stands before it: n² steps for n of them."""
    axis = tensor._static["axis"]
    if type(upstream) is not np.ndarray:
        push(tensor, upstream)
        return
    lead = () if axis is None else (slice(None),) * (axis % upstream.ndim)
    start = 0
    for x in operands(tensor):
        shape = x.shape  # a Tensor's, or a plain array's
        stop = start + (math.prod(shape) if axis is None else shape[axis])
        part = upstream[(*lead, slice(start, stop))]
        hand(x, part.reshape(shape) if axis is None else part)
        start = stop


def _push_stack(tensor: Any, upstream: Any) -> None:
    if type(upstream) is not np.ndarray:
        push(tensor, upstream)
        return
    lead = (slice(None),) * (tensor._static["axis"] % upstream.ndim)
    for i, x in enumerate(operands(tensor)):
        hand(x, upstream[(*lead, i)])


CONCATENATE = row(
    "concatenate",
    lambda *operands, axis, **options: np.concatenate(operands, axis=axis, **options),
    [Rule("δ, its own part", vjp=_concatenate_vjp)],
    role="slices",
    symbol="concat",
    variadic=True,
    text="concat({all})",
    push=_push_concatenate,
)
STACK = row(
    "stack",
    lambda *operands, axis, **options: np.stack(operands, axis=axis, **options),
    [
        Rule(
            "δ[{position}]",
            vjp=lambda g, out, *operands, axis, position, **options: g[
                (slice(None),) * (axis % np.ndim(g)) + (position,)
            ],
        )
    ],
    role="slices",
    variadic=True,
    text="stack({all})",
    push=_push_stack,
)


def concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    """`np.concatenate` of Tensors and arrays."""
    _refuse_out("concatenate", out)
    return apply(CONCATENATE, tuple(arrays), {"axis": axis, **_options(dtype, casting)}, depth=2)


def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    """`np.stack` of Tensors and arrays."""
    _refuse_out("stack", out)
    return apply(STACK, tuple(arrays), {"axis": axis, **_options(dtype, casting)}, depth=2)


def _options(dtype: Any, casting: Any) -> dict[str, Any]:
    given = {"dtype": dtype, "casting": casting}
    return {name: value for name, value in given.items() if value is not None}


def _refuse_out(name: str, out: Any) -> None:
    if out is not None:
        raise RecordError(f"np.{name} with out= can't be recorded: leave out= away and assign the result")


def vstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    """`np.vstack` of Tensors and arrays."""
    return concatenate([_atleast_2d(x) for x in tup], axis=0, dtype=dtype, casting=casting)


def hstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    """`np.hstack` of Tensors and arrays."""
    arrays = [np.reshape(x, (1,)) if np.ndim(x) == 0 else x for x in tup]
    axis = 0 if arrays and np.ndim(arrays[0]) == 1 else 1
    return concatenate(arrays, axis=axis, dtype=dtype, casting=casting)


FUNCTIONS.update({np.concatenate: concatenate, np.stack: stack, np.vstack: vstack, np.hstack: hstack})


def _atleast_2d(x: Any) -> Any:
    return np.reshape(x, (1, -1)) if np.ndim(x) < 2 else x
