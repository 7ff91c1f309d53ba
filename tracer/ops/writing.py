"""Ops that write into an array: `x[i] = v`, and `np.add.at` and its kin."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import backward
from ..backward import hand_down, push, sum_to, takes_gradient
from ..op import Op, Rule, row
from ..tensor import PENDING, Tensor, call
from .indexing import GETITEM, is_basic
from .pushing import hand

__all__ = ["AT", "HANDED_ON", "WRITE", "staying", "taken", "zero"]

#: The view ops that lead from an array to the part of it that is written, each with its static arguments.
Path = tuple[tuple[Op, dict[str, Any]], ...]


class _HandedOn:
    """Stands for the gradient of a version whose buffer went on to the version before (see `versions`)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "HANDED_ON"


HANDED_ON: Any = _HandedOn()

# The ids of versions whose gradient stays with them all the same: someone reads it off the record.
_staying: set[int] = set()


@contextmanager
def staying(version: Any) -> Generator[None]:
    """Inside it a sweep leaves this version its gradient."""
    _staying.add(id(version))
    try:
        yield
    finally:
        _staying.discard(id(version))


def taken(x: Any, path: Path) -> Any:
    """What a path leads to: a view of an array, or a Tensor taken from a Tensor."""
    for op, static in path:
        x = call(op, (x,), static)
    return x


def zero(array: Any, index: Any, path: Path) -> None:
    """Put zeros where a write put its values, in time that grows with what was written."""
    part = taken(array, path)
    if not path or np.may_share_memory(part, array):
        part[index] = 0
    else:  # reshaping copies what lies otherwise in memory than the array that was written
        array[np.unravel_index(_places(array.shape, index, path), array.shape)] = 0


def _places(shape: tuple[int, ...], index: Any, path: Path) -> Any:
    """The numbers, counted row by row, of the elements that a write puts its values at."""
    if not path and type(index) is np.ndarray and index.dtype.kind in "iu" and len(shape) == 1:
        return index % shape[0]  # the usual case, without looking at the whole array
    return taken(np.arange(int(np.prod(shape))).reshape(shape), path)[index]


# -- x[i] = v ----------------------------------------------------------------------------------------------------------


def _written(root: Any, value: Any, index: Any, path: Path) -> Any:
    whole = np.array(root)
    taken(whole, path)[index] = value
    return whole


def _to_root(g: Any, out: Any, root: Any, value: Any, index: Any, path: Path) -> Any:
    left = np.ones(np.shape(root), dtype=bool)
    zero(left, index, path)
    return np.where(left, g, 0.0)


def _to_value(g: Any, out: Any, root: Any, value: Any, index: Any, path: Path) -> Any:
    part = call(GETITEM, (taken(g, path),), {"index": index})
    if _may_name_twice(index):
        part = np.where(_last_wins(np.shape(root), index, path), part, 0.0)
    return _in_shape(part, np.shape(value))


def _in_shape(part: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of what was written as that of the value: NumPy stretches it, and drops leading axes of length 1."""
    if np.shape(part) == shape:
        return part
    dropped = max(0, len(shape) - np.ndim(part))
    part = sum_to(part, shape[dropped:])
    return np.reshape(part, shape) if dropped else part


def _may_name_twice(index: Any) -> bool:
    return not is_basic(index) and not (type(index) is np.ndarray and index.dtype.kind == "b")


def _last_wins(shape: tuple[int, ...], index: Any, path: Path) -> Any:
    """Where a place that an index names twice keeps the value: only the last one written there gets the gradient."""
    places = _places(shape, index, path)
    order = np.arange(places.size).reshape(places.shape)
    owner = np.empty(int(np.prod(shape)), dtype=np.intp)
    owner[places] = order
    return owner[places] == order


def _push_write(tensor: Any, upstream: Any) -> None:
    """The general way makes a new gradient of the whole for each place that was written; this hands one array down.

    It takes over the gradient of a version that nobody but a graph's nodes can ask for.
    """
    if type(upstream) is not np.ndarray:
        push(tensor, upstream)
        return
    root, value, static = tensor._a, tensor._b, tensor._static
    index, path = static["index"], static["path"]
    part = (taken(upstream, path) if path else upstream)[index]
    take_over = id(tensor) in backward._owned and part.size < upstream.size and not _held(tensor)
    if isinstance(value, Tensor):
        if _may_name_twice(index):
            part = np.where(_last_wins(upstream.shape, index, path), part, 0.0)
        elif take_over and type(part) is np.ndarray:
            part = part.copy()
        hand(value, _in_shape(part, np.shape(value._value)) if type(part) is np.ndarray else part)
    if takes_gradient(root):
        share = upstream if take_over else np.array(upstream)
        if path:
            zero(share, index, path)
        else:
            share[index] = 0
        if take_over:
            tensor._grad = HANDED_ON
        if root._grad is PENDING:
            root._grad = share
            backward._owned.add(id(root))
        else:
            hand_down(root, share)


def _held(version: Any) -> bool:
    """Whether its gradient can be asked for: it is what the user's tensor holds now, or `staying`."""
    note = version._note
    now = note.cell.record if note is not None and note.cell is not None else None
    return now is version or id(version) in _staying


WRITE = row(
    "setitem",
    _written,
    [Rule("δ, 0 where written", vjp=_to_root), Rule("δ[{index}]", vjp=_to_value)],
    role="routes",
    role_text="upstream → what was written, the rest → the old",
    symbol="[ ]=",
    text="{0} with [{index}] = {1}",
    push=_push_write,
)


# -- np.add.at, np.subtract.at -----------------------------------------------------------------------------------------


def _add_at(ufunc: np.ufunc) -> Callable[..., Any]:
    def compute(root: Any, value: Any, index: Any) -> Any:
        whole = np.array(root)
        ufunc.at(whole, index, value)
        return whole

    return compute


def _at(ufunc: np.ufunc, sign: float) -> Op:
    return row(
        f"{ufunc.__name__}.at",
        _add_at(ufunc),
        [
            Rule("δ", vjp=lambda g, out, root, value, index: g),
            Rule(
                "δ[{index}]" if sign > 0 else "−δ[{index}]",
                vjp=lambda g, out, root, value, index: sum_to(
                    sign * call(GETITEM, (g,), {"index": index}), np.shape(value)
                ),
            ),
        ],
        role="broadcasts",
        role_text=f"upstream → the old, {'' if sign > 0 else '−'}upstream at the places → what is added",
        text=f"{ufunc.__name__}.at({{0}}, {{index}}, {{1}})",
    )


#: A ufunc → the op that its `at` method records.
AT: dict[np.ufunc, Op] = {np.add: _at(np.add, 1.0), np.subtract: _at(np.subtract, -1.0)}
