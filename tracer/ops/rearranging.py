"""Ops that move, copy, cut and join elements: roll, flip, tile, repeat, pad, split, stack, block, insert, delete."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Op, Rule, elementwise, row
from ..tensor import FUNCTIONS, Tensor, call, observe, value_of
from .indexing import SCATTER, getitem

_BACK = "δ, put back in place"


# -- what the rules are made of ----------------------------------------------------------------------------------------


def refuse(what: str, **given: Any) -> None:
    """Refuse the arguments that have no rule, by name; None is an argument that was not given."""
    for name, value in given.items():
        if value is not None:
            way = "assign the result instead" if name == "out" else f"leave {name}= out"
            raise RecordError(f"np.{what} with {name}= has no gradient rule in gradviz: {way}")


def fixed(x: Any) -> Any:
    """A static argument that the user can't change later: arrays and lists are copied."""
    x = value_of(x)
    if isinstance(x, slice) or x is None:
        return x
    return np.array(x, dtype=None if np.size(x) else np.intp) if np.ndim(x) else operator.index(x)


def numbered(x: Any) -> Any:
    """An array like x that holds the place of each element, counted from 1. What NumPy does to it tells who went where;
    a 0 in the result is nobody's."""
    return np.arange(1, np.size(x) + 1).reshape(np.shape(x))


def sent_back(g: Any, places: Any, x: Any) -> Any:
    """Each element of g added to the place in x it was copied from, by what became of `numbered(x)`."""
    whole = call(SCATTER, (g,), {"index": places, "shape": (np.size(x) + 1,)})
    return np.reshape(whole[1:], np.shape(x))


def along(axis: int, ndim: int, index: Any) -> tuple[Any, ...]:
    """The index that takes `index` on one axis and everything on the others."""
    return (slice(None),) * (axis % ndim) + (index,)


def fact_of(function: Any) -> Callable[..., Any]:
    """A NumPy function that answers something about the values, an index say: a plain result."""

    def fact(*args: Any, **kwargs: Any) -> Any:
        named = {key: value_of(value) for key, value in kwargs.items()}
        return observe(lambda *values: function(*values, **named), args, function.__name__)

    return fact


# -- rearranged in whole: the way back is the same call, reversed ------------------------------------------------------

ROLL = row(
    "roll",
    lambda x, shift, axis: np.roll(x, shift, axis),
    [Rule("δ, rolled back", vjp=lambda g, out, x, shift, axis: np.roll(g, tuple(-s for s in shift), axis))],
    role="permutes",
    text="roll({0}, {shift})",
)
FLIP = row(
    "flip",
    lambda x, axis: np.flip(x, axis),
    [Rule("δ, flipped", vjp=lambda g, out, x, axis: np.flip(g, axis))],
    role="permutes",
    view=True,
)
FLIPLR = row(
    "fliplr",
    np.fliplr,
    [Rule("δ, flipped left to right", vjp=lambda g, out, x: np.fliplr(g))],
    role="permutes",
    view=True,
)
FLIPUD = row(
    "flipud", np.flipud, [Rule("δ, flipped up to down", vjp=lambda g, out, x: np.flipud(g))], role="permutes", view=True
)
ROT90 = row(
    "rot90",
    lambda x, k, axes: np.rot90(x, k, axes),
    [Rule("δ, turned back", vjp=lambda g, out, x, k, axes: np.rot90(g, -k, axes))],
    role="permutes",
    view=True,
    text="rot90({0}, {k})",
)


def _rolled_back(g: Any, out: Any, x: Any, axis: int, start: int) -> Any:
    order = list(range(np.ndim(x)))
    moved = order.pop(axis)
    start = start + np.ndim(x) if start < 0 else start
    order.insert(start - 1 if moved < start else start, moved)
    return np.transpose(g, tuple(order.index(i) for i in range(len(order))))


ROLLAXIS = row(
    "rollaxis",
    lambda x, axis, start: np.rollaxis(x, axis, start),
    [Rule(_BACK, vjp=_rolled_back)],
    role="permutes",
    view=True,
)


def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """`np.roll` on a Tensor."""
    shifts = tuple(int(s) for s in np.ravel(value_of(shift)))
    if axis is None:  # the array as one row: the shifts add up
        return call(ROLL, (a,), {"shift": (sum(shifts),), "axis": None})
    return call(ROLL, (a,), {"shift": shifts, "axis": axis})


def flip(m: Any, axis: Any = None) -> Any:
    """`np.flip` on a Tensor."""
    return call(FLIP, (m,), {"axis": axis})


def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """`np.rot90` on a Tensor."""
    return call(ROT90, (m,), {"k": k, "axes": tuple(axes)})


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """`np.rollaxis` on a Tensor."""
    return call(ROLLAXIS, (a,), {"axis": axis, "start": start})


# -- copied: the gradients of the copies are summed --------------------------------------------------------------------


def _untiled(g: Any, out: Any, x: Any, reps: tuple[int, ...]) -> Any:
    ndim = max(len(reps), np.ndim(x))
    shape = (1,) * (ndim - np.ndim(x)) + np.shape(x)
    reps = (1,) * (ndim - len(reps)) + reps
    pairs = tuple(n for pair in zip(reps, shape, strict=True) for n in pair)
    return np.reshape(np.sum(np.reshape(g, pairs), axis=tuple(range(0, 2 * ndim, 2))), np.shape(x))


def _unrepeated(g: Any, out: Any, x: Any, repeats: Any, axis: int | None) -> Any:
    if np.ndim(repeats):
        return sent_back(g, np.repeat(numbered(x), repeats, axis), x)
    shape = (np.size(x),) if axis is None else np.shape(x)
    axis = 0 if axis is None else axis % len(shape)
    apart = np.reshape(g, (*shape[: axis + 1], repeats, *shape[axis + 1 :]))
    return np.reshape(np.sum(apart, axis=axis + 1), np.shape(x))


TILE = row(
    "tile",
    lambda x, reps: np.tile(x, reps),
    [Rule("Σ δ over the copies", vjp=_untiled)],
    role="sums",
    text="tile({0}, {reps})",
)
REPEAT = row(
    "repeat",
    lambda x, repeats, axis: np.repeat(x, repeats, axis),
    [Rule("Σ δ over the copies", vjp=_unrepeated)],
    role="sums",
    text="repeat({0}, {repeats})",
)
RESIZE = row(
    "resize",
    lambda x, shape: np.resize(x, shape),
    [Rule("Σ δ over the copies", vjp=lambda g, out, x, shape: sent_back(g, np.resize(numbered(x), shape), x))],
    role="sums",
    text="resize({0}, {shape})",
)


def tile(A: Any, reps: Any) -> Any:
    """`np.tile` on a Tensor."""
    return call(TILE, (A,), {"reps": tuple(int(n) for n in np.ravel(value_of(reps)))})


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """`np.repeat` on a Tensor; how often is a constant, one number or one per element."""
    return call(REPEAT, (a,), {"repeats": fixed(repeats), "axis": axis})


def resize(a: Any, new_shape: Any) -> Any:
    """`np.resize` on a Tensor: filled up with repeated copies."""
    return call(RESIZE, (a,), {"shape": new_shape if isinstance(new_shape, int) else tuple(new_shape)})


def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """`np.broadcast_arrays`: each Tensor is broadcast on its own."""
    shape = np.broadcast_shapes(*[np.shape(x) for x in args])
    arrays = [x if isinstance(x, Tensor) else np.asarray(x) for x in args]
    return tuple(
        x if np.shape(x) == shape and isinstance(value_of(x), np.ndarray) else np.broadcast_to(x, shape) for x in arrays
    )


def _meshed(x: Any, axis: int, shape: tuple[int, ...], copy: bool) -> Any:
    line = np.reshape(x, tuple(-1 if i == axis else 1 for i in range(len(shape))))
    grid = np.broadcast_to(line, shape)
    return grid.copy() if copy else grid


MESHGRID = row(
    "meshgrid",
    _meshed,
    [
        Rule(
            "Σ δ over the other axes",
            vjp=lambda g, out, x, axis, shape, copy: np.reshape(
                np.sum(g, axis=tuple(i for i in range(len(shape)) if i != axis)), np.shape(x)
            ),
        )
    ],
    role="sums",
    view=True,
    symbol="grid",
)


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """`np.meshgrid`: each of the grids is an op of its own."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    axes = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        axes[:2] = 1, 0
    sizes = {axis: np.size(x) for axis, x in zip(axes, xi, strict=True)}
    whole = tuple(sizes[i] for i in range(len(xi)))
    return tuple(
        call(
            MESHGRID,
            (x,),
            {
                "axis": axis,
                "shape": tuple(n if i == axis or not sparse else 1 for i, n in enumerate(whole)),
                "copy": copy,
            },
        )
        for axis, x in zip(axes, xi, strict=True)
    )


# -- padded ------------------------------------------------------------------------------------------------------------

_STATISTICS = ("mean", "maximum", "minimum", "median")
_COPYING = ("edge", "reflect", "symmetric", "wrap")
_Widths = list[tuple[int, int]]


def _pairs(widths: Any, ndim: int) -> _Widths:
    """What is given per axis and side, in one of NumPy's short forms, written out."""
    if isinstance(widths, dict):
        given = {axis % ndim: (w, w) if np.ndim(w) == 0 else tuple(w) for axis, w in widths.items()}  # pyright: ignore
        return [given.get(axis, (0, 0)) for axis in range(ndim)]  # pyright: ignore[reportUnknownArgumentType]
    return [(a, b) for a, b in np.broadcast_to(np.asarray(widths), (ndim, 2)).tolist()]


def _inside(x: Any, widths: _Widths) -> tuple[slice, ...]:
    """Where x stands in its padded self."""
    return tuple(slice(before, before + n) for n, (before, _) in zip(np.shape(x), widths, strict=True))


def _sides(n: int, widths: tuple[int, int]) -> tuple[slice, slice]:
    """Where the padding stands, before and after n elements."""
    return slice(0, widths[0]), slice(widths[0] + n, None)


def _one_axis(widths: _Widths, axis: int) -> _Widths:
    return [pair if i == axis else (0, 0) for i, pair in enumerate(widths)]


def _unpadded_copies(g: Any, out: Any, x: Any, pad_width: _Widths, mode: str, **options: Any) -> Any:
    """Whatever NumPy copied from x goes back there; an odd reflection is no copy, but still a matrix per axis."""
    if options.get("reflect_type") == "odd":
        for axis in range(np.ndim(x)):
            g = _through(g, _matrix(x, pad_width, axis, mode, **options), axis)
        return g
    places: Any = np.pad(numbered(x), pad_width, mode)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return sent_back(g, places, x)


def _matrix(x: Any, widths: _Widths, axis: int, mode: Any, **options: Any) -> Any:
    """The matrix that padding is along one axis, as padding the unit vectors shows it."""
    return np.pad(np.eye(np.shape(x)[axis]), (widths[axis], (0, 0)), mode, **options)


def _through(g: Any, matrix: Any, axis: int) -> Any:
    return np.swapaxes(np.matmul(np.swapaxes(g, axis, -1), matrix), axis, -1)


def _unpadded_statistics(
    g: Any, out: Any, x: Any, pad_width: _Widths, mode: Any, stat_length: Any = None
) -> Any:  # fmt: skip
    """The padding holds a statistic of the nearest `stat_length` elements; NumPy pads one axis after the other."""
    ndim = np.ndim(x)
    lengths = [(None, None)] * ndim if stat_length is None else _pairs(stat_length, ndim)
    stages = [value_of(x)]
    for axis in range(ndim):
        stages.append(np.pad(stages[-1], _one_axis(pad_width, axis), mode, stat_length=stat_length))
    for axis in reversed(range(ndim)):
        g = _unpadded_axis(g, stages[axis], axis, pad_width[axis], mode, lengths[axis])
    return g


def _unpadded_axis(g: Any, stage: Any, axis: int, widths: tuple[int, int], mode: str, lengths: Any) -> Any:
    ndim, n = stage.ndim, stage.shape[axis]
    first, last = (n if length is None else min(int(length), n) for length in lengths)
    inner = g[along(axis, ndim, slice(widths[0], widths[0] + n))]
    for width, side, used in zip(widths, _sides(n, widths), (slice(0, first), slice(n - last, n)), strict=True):
        if width:
            place = along(axis, ndim, used)
            total = np.sum(g[along(axis, ndim, side)], axis=axis, keepdims=True)
            share = total * _statistic_share(stage[place], axis, mode)
            inner = inner + call(SCATTER, (share,), {"index": place, "shape": stage.shape})
    return inner


def _statistic_share(part: Any, axis: int, mode: str) -> Any:
    """How much of a statistic each element has: its local gradients. Ties in the largest and smallest split evenly."""
    n = part.shape[axis]
    if mode == "mean":
        return np.full(part.shape, 1.0 / n)
    if mode == "median":
        rank = np.argsort(np.argsort(part, axis=axis, kind="stable"), axis=axis)
        return 0.5 * (rank == (n - 1) // 2) + 0.5 * (rank == n // 2)
    best = (np.max if mode == "maximum" else np.min)(part, axis=axis, keepdims=True)
    return (part == best) / np.sum(part == best, axis=axis, keepdims=True)


def _unramped(g: Any, out: Any, x: Any, ends: Any, pad_width: _Widths) -> Any:
    for axis in range(np.ndim(x)):
        g = _through(g, _matrix(x, pad_width, axis, "linear_ramp"), axis)
    return g


def _ramp_ends(g: Any, out: Any, x: Any, ends: Any, pad_width: _Widths) -> Any:
    """What is missing to 1 in the ramp's share of x is the share of its end. The last axis was padded last."""
    shares: list[Any] = []
    for axis in reversed(range(np.ndim(x))):
        matrix = _matrix(x, pad_width, axis, "linear_ramp")
        rest = (1.0 - np.sum(matrix, axis=1)).reshape([-1 if i == axis else 1 for i in range(np.ndim(x))])
        before, after = (along(axis, np.ndim(x), side) for side in _sides(np.shape(x)[axis], pad_width[axis]))
        shares = [np.sum(g[before] * rest[before]), np.sum(g[after] * rest[after]), *shares]
        g = _through(g, matrix, axis)
    return _by_side(shares)


def _by_side(shares: list[Any]) -> Any:
    return np.reshape(np.stack(shares), (-1, 2)) if shares else np.zeros((0, 2))


def _constants_share(g: Any, out: Any, x: Any, constants: Any, pad_width: _Widths) -> Any:
    """The gradient of each side's constant: the sum over the region it fills. Where two meet, the later axis has it."""
    inside = _inside(x, pad_width)
    return _by_side(
        [
            np.sum(g[(slice(None),) * axis + (side, *inside[axis + 1 :])])
            for axis, n in enumerate(np.shape(x))
            for side in _sides(n, pad_width[axis])
        ]
    )


def _padding(mode: str, share: Callable[..., Any]) -> Op:
    return row(
        f"pad.{mode}",
        lambda x, pad_width, mode, **options: np.pad(x, pad_width, mode, **options),
        [Rule("δ inside, and Σ δ of what was made of it", vjp=share)],
        role="sums",
        role_text="Σ upstream over the element and its padding",
        symbol="pad",
        text=f"pad({{0}}, {mode})",
    )


PAD = row(
    "pad",
    lambda x, pad_width, **options: np.pad(x, pad_width, **options),
    [Rule("δ inside", vjp=lambda g, out, x, pad_width, **options: g[_inside(x, pad_width)])],
    role="slices",
    text="pad({0}, {pad_width})",
)
PAD_CONSTANT = row(
    "pad.constant",
    lambda x, constants, pad_width: np.pad(x, pad_width, "constant", constant_values=constants),
    [
        Rule("δ inside", vjp=lambda g, out, x, constants, pad_width: g[_inside(x, pad_width)]),
        Rule("Σ δ over its part of the padding", vjp=_constants_share),
    ],
    role="routes",
    role_text="upstream → what stands there",
    symbol="pad",
)
PAD_RAMP = row(
    "pad.linear_ramp",
    lambda x, ends, pad_width: np.pad(x, pad_width, "linear_ramp", end_values=ends),
    [
        Rule("δ inside, and its share of the ramp", vjp=_unramped),
        Rule("Σ its share of the ramp · δ", vjp=_ramp_ends),
    ],
    role="routes",
    role_text="upstream, shared between edge and end",
    symbol="pad",
)
_PADDINGS: dict[str, Op] = {
    **{mode: _padding(mode, _unpadded_copies) for mode in _COPYING},
    **{mode: _padding(mode, _unpadded_statistics) for mode in _STATISTICS},
}


def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """`np.pad` on a Tensor, in every mode but `empty` and a function of one's own.

    `constant_values` and `end_values` may be Tensors, and get their gradients then. In the modes maximum and minimum
    ties split evenly.
    """
    modes = ("constant", "linear_ramp", *_PADDINGS)
    if callable(mode) or mode == "empty":
        what = "a function as mode" if callable(mode) else f"mode={mode!r}"
        raise RecordError(f"np.pad with {what} has no gradient rule in gradviz: use one of {', '.join(modes)}")
    widths = _pairs(value_of(pad_width), np.ndim(array))
    if mode == "linear_ramp" and kwargs.keys() <= {"end_values"}:
        return call(PAD_RAMP, (array, kwargs.get("end_values", 0)), {"pad_width": widths})
    if mode == "constant" and isinstance(kwargs.get("constant_values"), Tensor):
        return call(PAD_CONSTANT, (array, kwargs["constant_values"]), {"pad_width": widths})
    if mode in _PADDINGS:
        return call(_PADDINGS[mode], (array,), {"pad_width": widths, "mode": mode, **kwargs})
    return call(PAD, (array,), {"pad_width": widths, **({} if mode == "constant" else {"mode": mode}), **kwargs})


# -- cut: the pieces are slices of the whole ---------------------------------------------------------------------------


def _cuts(n: int, sections: Any) -> list[slice]:
    """Where `np.array_split` cuts an axis of n elements."""
    if np.ndim(sections):
        at = [0, *[operator.index(i) for i in sections], n]
    else:
        each, extra = divmod(n, operator.index(sections))
        sizes = [each + 1] * extra + [each] * (operator.index(sections) - extra)
        at = [0, *np.cumsum(sizes).tolist()]
    return [slice(start, stop) for start, stop in pairwise(at)]


def _splitting(function: Any, axis_of: Callable[[int, int], int]) -> Callable[..., list[Any]]:
    """The handler of one of NumPy's functions that split; each piece is a slice, as `x[2:4]` is."""

    def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
        sections = value_of(indices_or_sections)
        takes_axis = function in (np.split, np.array_split)
        function(value_of(ary), sections, *((axis,) if takes_axis else ()))  # NumPy's own errors
        ndim = np.ndim(ary)
        axis = axis_of(axis, ndim)
        return [getitem(ary, along(axis, ndim, cut)) for cut in _cuts(np.shape(ary)[axis], sections)]

    split.__name__ = function.__name__
    split.__doc__ = f"`np.{function.__name__}` on a Tensor."
    return split


split = _splitting(np.split, lambda axis, ndim: axis)
array_split = _splitting(np.array_split, lambda axis, ndim: axis)
hsplit = _splitting(np.hsplit, lambda axis, ndim: 0 if ndim == 1 else 1)
vsplit = _splitting(np.vsplit, lambda axis, ndim: 0)
dsplit = _splitting(np.dsplit, lambda axis, ndim: 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """`np.unstack` on a Tensor."""
    if np.ndim(x) == 0:
        raise ValueError("Input array must be at least 1-d.")
    return tuple(getitem(x, along(axis, np.ndim(x), i)) for i in range(np.shape(x)[axis]))


# -- joined: each operand gets its own part ----------------------------------------------------------------------------


def _part(g: Any, operands: Sequence[Any], sizes: list[int], axis: int, position: int) -> Any:
    """The part of g that came from one operand, in that operand's shape."""
    start = sum(sizes[:position])
    piece = g[along(axis, np.ndim(g), slice(start, start + sizes[position]))]
    return np.reshape(piece, np.shape(operands[position]))


def _dstack_part(g: Any, out: Any, *operands: Any, position: int) -> Any:
    sizes = [np.shape(x)[2] if np.ndim(x) > 2 else 1 for x in operands]
    return _part(g, operands, sizes, 2, position)


def _columns_part(g: Any, out: Any, *operands: Any, position: int) -> Any:
    sizes = [np.shape(x)[1] if np.ndim(x) > 1 else 1 for x in operands]
    return _part(g, operands, sizes, 1, position)


def _append_part(g: Any, operands: tuple[Any, Any], axis: int | None, position: int) -> Any:
    sizes = [np.size(x) if axis is None else np.shape(x)[axis] for x in operands]
    return _part(g, operands, sizes, axis or 0, position)


def _joining(name: str, compute: Callable[..., Any], part: Callable[..., Any]) -> Op:
    rule = Rule("δ, its own part", vjp=part)
    return row(name, compute, [rule], role="slices", variadic=True, text=f"{name}({{all}})")


DSTACK = _joining("dstack", lambda *operands: np.dstack(operands), _dstack_part)
COLUMN_STACK = _joining("column_stack", lambda *operands: np.column_stack(operands), _columns_part)
APPEND = row(
    "append",
    lambda x, values, axis: np.append(x, values, axis),
    [
        Rule("δ, its own part", vjp=lambda g, out, x, values, axis: _append_part(g, (x, values), axis, 0)),
        Rule("δ, its own part", vjp=lambda g, out, x, values, axis: _append_part(g, (x, values), axis, 1)),
    ],
    role="slices",
)


def dstack(tup: Any) -> Any:
    """`np.dstack` of Tensors and arrays."""
    return call(DSTACK, tuple(tup))


def column_stack(tup: Any) -> Any:
    """`np.column_stack` of Tensors and arrays."""
    return call(COLUMN_STACK, tuple(tup))


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """`np.append` on Tensors."""
    return call(APPEND, (arr, values), {"axis": axis})


# -- nested lists: block, and array of Tensors -------------------------------------------------------------------------


def _structure(nest: Any, leaves: list[Any], kinds: tuple[type, ...]) -> Any:
    """The nest with each leaf replaced by its number; the leaves are put into `leaves`."""
    if isinstance(nest, kinds):
        return [_structure(item, leaves, kinds) for item in nest]  # pyright: ignore
    leaves.append(nest)
    return len(leaves) - 1


def _filled(structure: Any, operands: Sequence[Any]) -> Any:
    """The nest with the operands in the places of their numbers."""
    return [_filled(item, operands) for item in structure] if isinstance(structure, list) else operands[structure]  # pyright: ignore


def _block_part(g: Any, out: Any, *operands: Any, structure: Any, position: int) -> Any:
    marks = [np.full(np.shape(x), i == position) for i, x in enumerate(operands)]
    places: Any = np.nonzero(np.block(_filled(structure, marks)))
    box = tuple(slice(int(p.min()), int(p.max()) + 1) if p.size else slice(0, 0) for p in places)
    return np.reshape(g[box], np.shape(operands[position]))


BLOCK = row(
    "block",
    lambda *operands, structure: np.block(_filled(structure, operands)),
    [Rule("δ, its own block", vjp=_block_part)],
    role="slices",
    variadic=True,
    text="block({all})",
)


def block(arrays: Any) -> Any:
    """`np.block` of Tensors and arrays, in lists nested at will."""
    leaves: list[Any] = []
    structure = _structure(arrays, leaves, (list,))
    return call(BLOCK, tuple(leaves), {"structure": structure})


# -- inserted, deleted -------------------------------------------------------------------------------------------------


def _inserted_into(g: Any, out: Any, x: Any, values: Any, obj: Any, axis: int | None) -> Any:
    return sent_back(g, np.insert(numbered(x), obj, np.zeros(np.shape(values), dtype=int), axis), x)


def _inserted(g: Any, out: Any, x: Any, values: Any, obj: Any, axis: int | None) -> Any:
    return sent_back(g, np.insert(np.zeros(np.shape(x), dtype=int), obj, numbered(values), axis), values)


INSERT = row(
    "insert",
    lambda x, values, obj, axis: np.insert(x, obj, values, axis),
    [Rule("δ at its own places", vjp=_inserted_into), Rule("Σ δ where inserted", vjp=_inserted)],
    role="routes",
    role_text="upstream → the operand it came from",
)
DELETE = row(
    "delete",
    lambda x, obj, axis: np.delete(x, obj, axis),
    [Rule("δ where kept, else 0", vjp=lambda g, out, x, obj, axis: sent_back(g, np.delete(numbered(x), obj, axis), x))],
    role="scatters",
    role_text="upstream → the places kept",
)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """`np.insert` on Tensors; where is a constant."""
    return call(INSERT, (arr, values), {"obj": fixed(obj), "axis": axis})


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """`np.delete` on a Tensor; where is a constant."""
    return call(DELETE, (arr,), {"obj": fixed(obj), "axis": axis})


# -- element by element: triangles, nan_to_num -------------------------------------------------------------------------


def _triangle(name: str, function: Callable[..., Any]) -> Op:
    return row(
        name,
        lambda x, k: function(x, k),
        [Rule(f"{name}(δ)", vjp=lambda g, out, x, k: function(g, k))],
        role="masks",
        text=f"{name}({{0}})",
    )


TRIL = _triangle("tril", np.tril)
TRIU = _triangle("triu", np.triu)


def tril(m: Any, k: int = 0) -> Any:
    """`np.tril` on a Tensor."""
    return call(TRIL, (m,), {"k": k})


def triu(m: Any, k: int = 0) -> Any:
    """`np.triu` on a Tensor."""
    return call(TRIU, (m,), {"k": k})


NAN_TO_NUM = elementwise(
    "nan_to_num",
    lambda x, **replacing: np.nan_to_num(x, **replacing),
    ("|{0}| < inf ? 1 : 0", lambda out, x, **_: np.asarray(np.isfinite(value_of(x)), dtype=float)[()]),
    role="gates",
)


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """`np.nan_to_num` on a Tensor: no gradient where a value was replaced."""
    if not copy:
        raise RecordError("np.nan_to_num with copy=False can't be recorded: leave copy= out and assign the result")
    given = {"nan": nan, "posinf": posinf, "neginf": neginf}
    return call(NAN_TO_NUM, (x,), {key: value for key, value in given.items() if value not in (0.0, None)})


def real_if_close(a: Any, tol: float = 100) -> Any:
    """`np.real_if_close` on a Tensor: itself, or its real part."""
    kept = np.iscomplexobj(np.real_if_close(value_of(a), tol))
    return a if kept or not np.iscomplexobj(a) else np.real(a)


# -- at least so many axes ---------------------------------------------------------------------------------------------


def _atleast(name: str, function: Any) -> tuple[Op, Callable[..., Any]]:
    op = row(
        name, function, [Rule(_BACK, vjp=lambda g, out, x: np.reshape(g, np.shape(x)))], role="permutes", view=True
    )

    def atleast(*arys: Any) -> Any:
        made = [x if np.ndim(x) >= int(name[-2]) and isinstance(x, Tensor) else call(op, (x,)) for x in arys]
        return made[0] if len(made) == 1 else tuple(made)

    atleast.__name__ = name
    atleast.__doc__ = f"`np.{name}`; what has the axes already stays itself."
    return op, atleast


ATLEAST_1D, atleast_1d = _atleast("atleast_1d", np.atleast_1d)
ATLEAST_2D, atleast_2d = _atleast("atleast_2d", np.atleast_2d)
ATLEAST_3D, atleast_3d = _atleast("atleast_3d", np.atleast_3d)


# -- the tables --------------------------------------------------------------------------------------------------------

FUNCTIONS.update(
    {
        np.roll: roll,
        np.rollaxis: rollaxis,
        np.flip: flip,
        np.fliplr: lambda m: call(FLIPLR, (m,)),
        np.flipud: lambda m: call(FLIPUD, (m,)),
        np.rot90: rot90,
        np.tile: tile,
        np.repeat: repeat,
        np.resize: resize,
        np.pad: pad,
        np.split: split,
        np.array_split: array_split,
        np.hsplit: hsplit,
        np.vsplit: vsplit,
        np.dsplit: dsplit,
        np.dstack: dstack,
        np.column_stack: column_stack,
        np.block: block,
        np.append: append,
        np.insert: insert,
        np.delete: delete,
        np.broadcast_arrays: broadcast_arrays,
        np.meshgrid: meshgrid,
        np.atleast_1d: atleast_1d,
        np.atleast_2d: atleast_2d,
        np.atleast_3d: atleast_3d,
        np.tril: tril,
        np.triu: triu,
        np.nan_to_num: nan_to_num,
        np.real_if_close: real_if_close,
    }
)
if hasattr(np, "unstack"):  # NumPy 2.1
    FUNCTIONS[np.unstack] = unstack


for _function in (
    np.ix_,
    np.isin,
    np.isreal,
    np.iscomplex,
    np.array_equiv,
    np.tril_indices_from,
    np.triu_indices_from,
    np.diag_indices_from,
    np.unravel_index,
    np.ravel_multi_index,
    np.packbits,
    np.unpackbits,
):
    FUNCTIONS[_function] = fact_of(_function)


def _by_value(function: Any) -> Callable[..., Any]:
    """A NumPy function that looks at dtypes alone, or writes values to a file: nothing for a replay to notice."""

    def plain(*args: Any, **kwargs: Any) -> Any:
        return function(*map(value_of, args), **{key: value_of(value) for key, value in kwargs.items()})

    return plain


for _function in (
    np.can_cast,
    np.common_type,
    np.min_scalar_type,
    np.save,
    np.savez,
    np.savez_compressed,
    np.savetxt,
):
    FUNCTIONS[_function] = _by_value(_function)
