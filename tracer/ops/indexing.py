"""Indexing, basic and advanced, and its counterpart that scatters the gradient back."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..backward import gradient_to_add_into, push, takes_gradient
from ..op import Rule, row
from ..tensor import PENDING, apply, call, value_of


def _scatter(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros with `g` added at `index`; a place that was read twice gets both gradients."""
    whole = np.zeros(shape, dtype=np.asarray(g).dtype)
    if is_basic(index):
        whole[index] = g
    else:
        np.add.at(whole, index, g)
    return whole


_BASIC = frozenset({int, slice, type(None), type(Ellipsis)})


def is_basic(index: Any) -> bool:
    """Whether an index reads each place once by NumPy's rules: integers, slices, `...`, new axes."""
    kind = type(index)
    if kind is int or kind is slice or (kind is tuple and _BASIC.issuperset(map(type, index))):  # most
        return True
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or (isinstance(part, (slice, int, np.integer)) and not isinstance(part, bool))
        for part in parts  # pyright: ignore[reportUnknownVariableType]
    )


def _push_getitem(tensor: Any, upstream: Any) -> None:
    """The general way makes zeros of the whole for each part that was read; this adds each part into the same ones."""
    operand, index = tensor._a, (tensor._static or {})["index"]
    if not (type(operand._value) is np.ndarray and operand._value.ndim and takes_gradient(operand) and is_basic(index)):
        push(tensor, upstream)
        return
    first = operand._grad is PENDING
    whole = gradient_to_add_into(operand)
    part = None if first else whole[index]
    if isinstance(part, np.ndarray):
        part += upstream  # not whole[index] += …, which would write the part back into itself
    else:  # zeros so far, or a single number
        whole[index] = upstream if part is None else part + upstream


GETITEM = row(
    "getitem",
    lambda x, index: x[index],
    [
        Rule(
            "δ at [{index}], else 0",
            vjp=lambda g, out, x, index: call(SCATTER, (g,), {"index": index, "shape": np.shape(x)}),
        )
    ],
    role="scatters",
    symbol="[ ]",
    text="{0}[{index}]",
    push=_push_getitem,
    view=True,
)
SCATTER = row(
    "scatter",
    _scatter,
    [Rule("δ[{index}]", vjp=lambda g, out, x, index, shape: operator.getitem(g, index))],
    role="slices",
    role_text="upstream, read at the places written",
    text="scatter({0})",
)


def getitem(x: Any, index: Any) -> Any:
    """`x[index]`: the index is a constant, even where it was computed from Tensors."""
    return apply(GETITEM, (x,), {"index": plain_index(index)})


#: What most indices are made of: nothing in them can be a Tensor, or change later.
_CONSTANT = frozenset({int, type(None), type(Ellipsis)})


def plain_index(index: Any) -> Any:
    """An index as a constant: Tensors in it by their values, arrays copied."""
    kind = type(index)
    if kind in _CONSTANT:
        return index
    if kind is slice and _CONSTANT.issuperset((type(index.start), type(index.stop), type(index.step))):
        return index
    if kind is tuple:
        return tuple([plain_index(part) for part in index])
    # An array that the user may change later is copied: the gradient must go where the value came from.
    index = value_of(index)
    if isinstance(index, slice):
        return slice(value_of(index.start), value_of(index.stop), value_of(index.step))
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(index, (list, np.ndarray)):
        return np.array(index, dtype=None if np.size(index) else np.intp)
    return index
