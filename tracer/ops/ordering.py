"""Ops that order and pick: sort, partition, unique, take, choose, select, piecewise, compress.

Where elements tie, a sort has no one derivative: the gradients of their places are split evenly among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, Tensor, apply, call, observe, value_of
from .indexing import SCATTER, getitem
from .rearranging import along, fact_of, fixed, refuse

# -- sorted ------------------------------------------------------------------------------------------------------------


def _ranks(values: Any, axis: int) -> Any:
    """For each element, the place it has once they are sorted."""
    return np.argsort(np.argsort(values, axis=axis, kind="stable"), axis=axis)


def _unsorted(g: Any, x: Any, axis: int | None) -> Any:
    values = np.ravel(value_of(x)) if axis is None else value_of(x)
    along_axis = 0 if axis is None else axis
    ranks = _ranks(values, along_axis)
    return np.reshape(np.take_along_axis(_even(g, values, along_axis), ranks, along_axis), np.shape(x))


def _even(g: Any, values: Any, axis: int) -> Any:
    """Gradients in sorted order, with those of equal values replaced by their mean."""
    sorted_values = np.moveaxis(np.sort(values, axis=axis, kind="stable"), axis, -1)
    same: Any = np.zeros(sorted_values.shape, dtype=bool)  # as the one before
    same[..., 1:] = sorted_values[..., 1:] == sorted_values[..., :-1]
    if not same.any():
        return g
    n = np.shape(same)[-1]
    place = np.broadcast_to(np.arange(n), same.shape)
    first = np.maximum.accumulate(np.where(same, 0, place), axis=-1)
    goes_on = np.concatenate([same[..., 1:], np.zeros_like(same[..., :1])], axis=-1)
    last = np.minimum.accumulate(np.where(goes_on, n, place)[..., ::-1], axis=-1)[..., ::-1]
    first, last = np.moveaxis(first, -1, axis), np.moveaxis(last, -1, axis)
    running = np.cumsum(g, axis=axis)
    before = np.take_along_axis(running, first, axis) - np.take_along_axis(g, first, axis)
    mean = (np.take_along_axis(running, last, axis) - before) / (last - first + 1)
    return np.where(last > first, mean, g)  # what does not tie stays exact


def _unpartitioned(g: Any, out: Any, x: Any, axis: int | None) -> Any:
    # Which of several partitions NumPy makes depends on the processor: the value made tells, and not argpartition.
    values = np.ravel(value_of(x)) if axis is None else value_of(x)
    along_axis = 0 if axis is None else axis
    order = np.argsort(value_of(out), axis=along_axis, kind="stable")
    return np.reshape(_unsorted(np.take_along_axis(g, order, along_axis), values, along_axis), np.shape(x))


SORT = row(
    "sort",
    lambda x, axis, kind: np.sort(x, axis=axis, kind=kind),
    [Rule("δ, back in the order before", vjp=lambda g, out, x, axis, kind: _unsorted(g, x, axis))],
    role="permutes",
)
PARTITION = row(
    "partition",
    lambda x, kth, axis, kind: np.partition(x, kth, axis=axis, kind=kind),
    [Rule("δ, back in the order before", vjp=lambda g, out, x, kth, axis, kind: _unpartitioned(g, out, x, axis))],
    role="permutes",
    text="partition({0}, {kth})",
)


def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """`np.sort` on a Tensor; ties share their gradients evenly."""
    refuse("sort", order=order)
    return call(SORT, (a,), {"axis": axis, "kind": "stable" if stable else kind})


def partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """`np.partition` on a Tensor; ties share their gradients evenly."""
    refuse("partition", order=order)
    return call(PARTITION, (a,), {"kth": fixed(kth), "axis": axis, "kind": kind})


# -- each value once ---------------------------------------------------------------------------------------------------


def _shared_out(g: Any, out: Any, x: Any, axis: int | None, equal_nan: bool) -> Any:
    """The gradient of each value, split evenly among its copies."""
    _, inverse, counts = np.unique(
        value_of(x), return_inverse=True, return_counts=True, axis=axis, equal_nan=equal_nan
    )  # fmt: skip
    inverse = inverse.ravel()  # NumPy 2.0 and 2.1 shape it differently
    if axis is None:
        return np.reshape((g / counts)[inverse], np.shape(x))
    share = g / np.reshape(counts, tuple(-1 if i == axis % np.ndim(x) else 1 for i in range(np.ndim(x))))
    return share[along(axis, np.ndim(x), inverse)]


UNIQUE = row(
    "unique",
    lambda x, axis, equal_nan: np.unique(x, axis=axis, equal_nan=equal_nan),
    [Rule("δ/n → each of its n copies", vjp=_shared_out)],
    role="splits evenly",
    role_text="upstream ÷ n → each of the n copies",
)


def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, *, equal_nan: bool = True, sorted: bool = True,
) -> Any:  # fmt: skip
    """`np.unique` on a Tensor: the values are recorded; indices, inverse and counts are plain integers."""
    if not sorted:
        raise RecordError("np.unique with sorted=False has no gradient rule in gradviz: leave sorted= out")
    values = call(UNIQUE, (ar,), {"axis": axis, "equal_nan": equal_nan})
    flags: dict[str, Any] = {
        "return_index": return_index,
        "return_inverse": return_inverse,
        "return_counts": return_counts,
    }
    if not any(flags.values()):
        return values
    all_of: Any = np.unique
    facts = observe(lambda x: all_of(x, axis=axis, equal_nan=equal_nan, **flags)[1:], (ar,), "unique")
    return (values, *facts)


# -- taken by index ----------------------------------------------------------------------------------------------------


def _untaken(g: Any, out: Any, x: Any, indices: Any, axis: int | None, mode: str) -> Any:
    shape = np.shape(x)
    n = int(np.prod(shape)) if axis is None else shape[axis]
    if mode != "raise":
        indices = indices % n if mode == "wrap" else np.clip(indices, 0, n - 1)
    if axis is None:
        return np.reshape(call(SCATTER, (g,), {"index": indices, "shape": (n,)}), shape)
    return call(SCATTER, (g,), {"index": along(axis, len(shape), indices), "shape": shape})


TAKE = row(
    "take",
    lambda x, indices, axis, mode: np.take(x, indices, axis=axis, mode=mode),
    [Rule("δ at [{indices}], else 0", vjp=_untaken)],
    role="scatters",
    text="{0}[{indices}]",
)


def _places(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that `take_along_axis` reads: the given one on its axis, everything in step on the others."""
    ndim = len(shape)
    steps = [np.arange(n).reshape(tuple(-1 if i == k else 1 for i in range(ndim))) for k, n in enumerate(shape)]
    return tuple(indices if k == axis % ndim else step for k, step in enumerate(steps))


def _untaken_along(g: Any, out: Any, x: Any, indices: Any, axis: int | None) -> Any:
    if axis is None:
        return np.reshape(call(SCATTER, (g,), {"index": indices, "shape": (np.size(x),)}), np.shape(x))
    return call(SCATTER, (g,), {"index": _places(np.shape(x), indices, axis), "shape": np.shape(x)})


TAKE_ALONG_AXIS = row(
    "take_along_axis",
    lambda x, indices, axis: np.take_along_axis(x, indices, axis),
    [Rule("δ at the places taken, else 0", vjp=_untaken_along)],
    role="scatters",
    symbol="take",
)


def _kept(x: Any, condition: Any, axis: int | None) -> tuple[Any, ...]:
    return along(axis or 0, 1 if axis is None else np.ndim(x), np.flatnonzero(condition))


def _uncompressed(g: Any, out: Any, x: Any, condition: Any, axis: int | None) -> Any:
    shape = (np.size(x),) if axis is None else np.shape(x)
    return np.reshape(call(SCATTER, (g,), {"index": _kept(x, condition, axis), "shape": shape}), np.shape(x))


COMPRESS = row(
    "compress",
    lambda x, condition, axis: np.compress(condition, x, axis=axis),
    [Rule("δ where kept, else 0", vjp=_uncompressed)],
    role="scatters",
)
EXTRACT = row(
    "extract",
    lambda x, condition: np.extract(condition, x),
    [Rule("δ where kept, else 0", vjp=lambda g, out, x, condition: _uncompressed(g, out, x, condition, None))],
    role="scatters",
)


def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """`np.take` on a Tensor; the indices are constants."""
    refuse("take", out=out)
    return call(TAKE, (a,), {"indices": np.array(value_of(indices)), "axis": axis, "mode": mode})


def drawn(method: Callable[..., Any], a: Any, *args: Any, **options: Any) -> Any:
    """`rng.permutation(a)` or `rng.choice(a, …)` of a Tensor: the generator draws places, and those are taken.

    The generator draws as often, and gives the same, as if it had been given the values.
    """
    if method.__name__ == "permutation":
        axis = args[0] if args else options.get("axis", 0)
        places = method(np.arange(np.shape(a)[axis]))
        return getitem(a, along(axis, np.ndim(a), places))
    axis = options.pop("axis", 0)
    return take(a, method(np.arange(np.shape(a)[axis]), *args, **options), axis)


def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """`np.take_along_axis` on a Tensor; the indices are constants."""
    return call(TAKE_ALONG_AXIS, (arr,), {"indices": np.array(value_of(indices)), "axis": axis})


def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """`np.compress` on a Tensor; the condition is a constant."""
    refuse("compress", out=out)
    return call(COMPRESS, (a,), {"condition": np.array(value_of(condition), dtype=bool), "axis": axis})


def extract(condition: Any, arr: Any) -> Any:
    """`np.extract` on a Tensor; the condition is a constant."""
    return call(EXTRACT, (arr,), {"condition": np.array(value_of(condition), dtype=bool)})


def _bounds(values: Any, trim: str, axes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Where what is not zero begins and ends, on each axis that is trimmed."""
    places = np.argwhere(values)
    if not places.size:
        return tuple((0, 0) if axis in axes else (0, n) for axis, n in enumerate(values.shape))
    return tuple(
        (int(p.min()) if "f" in trim and axis in axes else 0, int(p.max()) + 1 if "b" in trim and axis in axes else n)
        for axis, (p, n) in enumerate(zip(places.T, values.shape, strict=True))
    )


def trim_zeros(filt: Any, trim: Any = "fb", axis: Any = None) -> Any:
    """`np.trim_zeros` on a Tensor: a slice, whose bounds are facts."""
    np.trim_zeros(value_of(filt), trim, *(() if axis is None else (axis,)))  # NumPy's own errors
    ndim = np.ndim(filt)
    axes = range(ndim) if axis is None else [a % ndim for a in np.ravel(axis).tolist()]
    bounds = observe(lambda x: _bounds(x, trim.lower(), axes), (filt,), "trim_zeros")
    return getitem(filt, tuple(slice(start, stop) for start, stop in bounds))


# -- one of several ----------------------------------------------------------------------------------------------------


def _where_chosen(g: Any, out: Any, *choices: Any, index: Any, mode: str, position: int) -> Any:
    if mode != "raise":
        index = index % len(choices) if mode == "wrap" else np.clip(index, 0, len(choices) - 1)
    return np.where(index == position, g, 0.0)


CHOOSE = row(
    "choose",
    lambda *choices, index, mode: np.choose(index, choices, mode=mode),
    [Rule("δ where chosen, else 0", vjp=_where_chosen)],
    role="routes",
    role_text="upstream → the chosen only",
    variadic=True,
    text="choose({all})",
)


def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """`np.choose` among Tensors: the index is a constant."""
    refuse("choose", out=out)
    return call(CHOOSE, tuple(choices), {"index": np.array(value_of(a)), "mode": mode})


def _first_true(conditions: Sequence[Any], position: int) -> Any:
    """Where the condition at `position` is the first that holds; behind the last, where none does."""
    free: Any = np.True_
    for condition in conditions[:position]:
        free = free & ~condition
    return free & conditions[position] if position < len(conditions) else free


SELECT = row(
    "select",
    lambda *choices, conditions: np.select(conditions, list(choices[:-1]), choices[-1]),
    [
        Rule(
            "δ where chosen, else 0",
            vjp=lambda g, out, *choices, conditions, position: np.where(_first_true(conditions, position), g, 0.0),
        )
    ],
    role="routes",
    role_text="upstream → the chosen only",
    variadic=True,
    text="select({all})",
)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """`np.select` among Tensors: the conditions are constants."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    conditions = [np.array(value_of(condition)) for condition in condlist]
    return call(SELECT, (*choicelist, default), {"conditions": conditions})


def _pieced(*pieces: Any, masks: Sequence[Any], dtype: Any, like: Any = None) -> Any:
    whole = np.zeros_like(masks[0] if like is None else like, dtype=dtype)
    for mask, piece in zip(masks, pieces, strict=True):
        whole[mask] = piece
    return whole


def _piece(g: Any, out: Any, *pieces: Any, masks: Sequence[Any], dtype: Any, position: int) -> Any:
    mask = masks[position]
    for later in masks[position + 1 :]:  # what was written over is lost
        mask = mask & ~later
    return np.where(mask, g, 0.0)[masks[position]]


PIECEWISE = row(
    "piecewise",
    _pieced,
    [Rule("δ of its own piece", vjp=_piece)],
    role="routes",
    role_text="upstream → the piece it came from",
    variadic=True,
    text="piecewise({all})",
)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """`np.piecewise` on a Tensor: each function is called on its own elements, and what it does is recorded."""
    conditions = value_of(condlist)
    if np.ndim(conditions) == 0 or (np.ndim(conditions[0]) == 0 and np.ndim(x)):
        conditions = [conditions]
    masks = [np.broadcast_to(c, np.shape(x)).astype(bool) for c in conditions]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(masks, axis=0))
    elif len(funclist) != len(masks):
        raise ValueError(
            f"with {len(masks)} condition(s), either {len(masks)} or {len(masks) + 1} functions are expected"
        )
    whole = x if isinstance(value_of(x), np.ndarray) else np.reshape(x, np.shape(x))
    used = [(mask, f) for mask, f in zip(masks, funclist, strict=True) if not callable(f) or mask.any()]
    pieces = [f(whole[mask], *args, **kw) if callable(f) else f for mask, f in used]
    static: dict[str, Any] = {"masks": [mask for mask, _ in used], "dtype": np.asarray(value_of(x)).dtype}
    compute = partial(_pieced, like=value_of(x))
    if not any(isinstance(piece, Tensor) for piece in pieces):
        return compute(*pieces, **static)
    return apply(PIECEWISE, tuple(pieces), static, compute=compute)


# -- facts -------------------------------------------------------------------------------------------------------------


def _lexsort(keys: Any, axis: int = -1) -> Any:
    parts: tuple[Any, ...] = (keys,) if isinstance(keys, Tensor) else tuple(keys)
    whole: Callable[..., Any] = (lambda x: x) if isinstance(keys, Tensor) else lambda *x: x
    return observe(lambda *values: np.lexsort(whole(*values), axis), parts, "lexsort")


FUNCTIONS.update(
    {
        np.sort: sort,
        np.partition: partition,
        np.unique: unique,
        np.take: take,
        np.take_along_axis: take_along_axis,
        np.compress: compress,
        np.extract: extract,
        np.trim_zeros: trim_zeros,
        np.choose: choose,
        np.select: select,
        np.piecewise: piecewise,
        np.argpartition: fact_of(np.argpartition),
        np.lexsort: _lexsort,
    }
)
