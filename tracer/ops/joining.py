"""Ops that join several operands into one: concatenate and stack."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, apply


def _concatenate_vjp(g: Any, out: Any, *operands: Any, axis: Any, position: int, **options: Any) -> Any:
    if axis is None:
        start = sum(np.size(x) for x in operands[:position])
        return np.reshape(g[start : start + np.size(operands[position])], np.shape(operands[position]))
    start = sum(np.shape(x)[axis] for x in operands[:position])
    stop = start + np.shape(operands[position])[axis]
    return g[(slice(None),) * (axis % np.ndim(g)) + (slice(start, stop),)]


CONCATENATE = row(
    "concatenate",
    lambda *operands, axis, **options: np.concatenate(operands, axis=axis, **options),
    [Rule("δ, its own part", vjp=_concatenate_vjp)],
    role="slices",
    symbol="concat",
    variadic=True,
    text="concat({all})",
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
)


def concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    """`np.concatenate` of Tensors and arrays."""
    _refuse_out("concatenate", out)
    return apply(CONCATENATE, tuple(arrays), {"axis": axis, **_options(dtype, casting)})


def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    """`np.stack` of Tensors and arrays."""
    _refuse_out("stack", out)
    return apply(STACK, tuple(arrays), {"axis": axis, **_options(dtype, casting)})


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
