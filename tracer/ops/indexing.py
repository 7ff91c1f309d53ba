"""Indexing, basic and advanced, and its counterpart that scatters the gradient back."""

from __future__ import annotations

import operator
from importlib import import_module
from typing import Any

import numpy as np

from .. import backward
from ..backward import gradient_to_add_into, push, takes_gradient
from ..frames import _user_codes as user_codes
from ..frames import getframe, user_frame
from ..op import Rule, row
from ..tensor import PENDING, VIEW_CLASS, Tensor, apply, call, value_of
from ..tensor import _is_view as is_view
from .shaping import FLAT, RAVEL

# The module, whose state is read at each op: under its name the package has the function gv.tensor.
_state: Any = import_module("..tensor", __package__)


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
    operand, index = tensor._a, tensor._static["index"]
    whole = operand._grad
    if type(whole) is not np.ndarray or id(operand) not in backward._owned:
        value, first = operand._value, whole is PENDING
        if isinstance(upstream, Tensor) or not (isinstance(value, np.ndarray) and value.ndim and is_basic(index)):
            push(tensor, upstream)
            return
        if not takes_gradient(operand):
            return
        whole = gradient_to_add_into(operand)
        if first:
            whole[index] = upstream
            return
    elif type(tensor) is not VIEW_CLASS[0] and not is_basic(index):  # a view was read by a basic one
        push(tensor, upstream)
        return
    part = whole[index]
    if type(part) is np.ndarray:
        part += upstream  # not whole[index] += …, which would write the part back into itself
    else:
        whole[index] = part + upstream


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
    index = plain_index(index)
    if type(x) is not Tensor:
        compute = _of_flat if x._op is RAVEL and x._static["order"] is FLAT else None
        return apply(GETITEM, (x,), {"index": index}, compute=compute, depth=2)
    whole = x._value  # from here on what `apply` does, for this op alone: slices are everywhere in array code
    value = whole[index]
    # The base of a view is the array itself, where that has memory of its own; of others `is_view` knows.
    view = type(value) is np.ndarray and (value.base is whole or is_view(value, whole))
    made: Tensor = object.__new__(VIEW_CLASS[0] if view else Tensor)
    made._value, made._op, made._a, made._b, made._static = value, GETITEM, x, None, {"index": index}
    if x._grad is not _state._fresh:
        _state._take_in(x)
    frame = getframe(1)
    if id(frame.f_code) not in user_codes:
        frame = user_frame(1)
    made._code, made._at, made._grad, made._note = frame.f_code, frame.f_lasti, _state._fresh, _state._note
    _state._append(made)
    return made


def _of_flat(x: Any, index: Any) -> Any:
    return np.copy(part) if type(part := x[index]) is np.ndarray else part


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
        for part in index:
            if type(part) is slice:
                start, stop, step = part.start, part.stop, part.step
                if (
                    (start is None or type(start) is int)
                    and (stop is None or type(stop) is int)
                    and (step is None or type(step) is int)
                ):
                    continue
            elif type(part) in _CONSTANT:
                continue
            return tuple([plain_index(part) for part in index])
        return index
    # An array that the user may change later is copied: the gradient must go where the value came from.
    index = value_of(index)
    if isinstance(index, slice):
        return slice(value_of(index.start), value_of(index.stop), value_of(index.step))
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(index, (list, np.ndarray)):
        return np.array(index, dtype=None if np.size(index) else np.intp)
    return index
