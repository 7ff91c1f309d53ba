"""Ops that rearrange: reshape, transpose, broadcast_to, expand_dims, squeeze, ravel, swapaxes, moveaxis, astype."""

from __future__ import annotations

import copy as copy_module
from typing import Any

import numpy as np

from ..backward import sum_to
from ..op import Rule, row
from ..tensor import FUNCTIONS, Tensor, apply, value_of

_BACK = "δ, put back in shape"


# An array's own methods do what NumPy's functions do, 0.5 µs sooner.


def _reshaped(x: Any, shape: Any, order: Any = "C") -> Any:
    return x.reshape(shape, order=order) if type(x) is np.ndarray else np.reshape(x, shape, order=order)


def _transposed(x: Any, axes: Any) -> Any:
    return x.transpose(axes) if type(x) is np.ndarray else np.transpose(x, axes)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that put those of a transposed array back in their places."""
    places = {axis % len(axes): place for place, axis in enumerate(axes)}
    return tuple([places[axis] for axis in range(len(axes))])


RESHAPE = row(
    "reshape",
    lambda x, shape, order: _reshaped(x, shape, order),
    [Rule(_BACK, vjp=lambda g, out, x, shape, order: _reshaped(g, np.shape(x), order))],
    role="permutes",
    text="reshape({0}, {shape})",
    view=True,
)
TRANSPOSE = row(
    "transpose",
    lambda x, axes: _transposed(x, axes),
    [Rule("δᵀ", vjp=lambda g, out, x, axes: _transposed(g, None if axes is None else _inverse(axes)))],
    role="permutes",
    symbol="ᵀ",
    text="{0}ᵀ",
    view=True,
)
SWAPAXES = row(
    "swapaxes",
    lambda x, axis1, axis2: np.swapaxes(x, axis1, axis2),
    [Rule("δᵀ", vjp=lambda g, out, x, axis1, axis2: np.swapaxes(g, axis1, axis2))],
    role="permutes",
    view=True,
)
MOVEAXIS = row(
    "moveaxis",
    lambda x, source, destination: np.moveaxis(x, source, destination),
    [Rule(_BACK, vjp=lambda g, out, x, source, destination: np.moveaxis(g, destination, source))],
    role="permutes",
    view=True,
)
BROADCAST_TO = row(
    "broadcast_to",
    lambda x, shape: np.broadcast_to(x, shape),
    [Rule("Σ δ over the copies", vjp=lambda g, out, x, shape: sum_to(g, np.shape(x)))],
    role="sums",
    symbol="broadcast",
    text="broadcast({0}, {shape})",
    view=True,
)
EXPAND_DIMS = row(
    "expand_dims",
    lambda x, axis: np.expand_dims(x, axis),
    [Rule(_BACK, vjp=lambda g, out, x, axis: _reshaped(g, np.shape(x)))],
    role="permutes",
    view=True,
)
SQUEEZE = row(
    "squeeze",
    lambda x, axis: np.squeeze(x, axis),
    [Rule(_BACK, vjp=lambda g, out, x, axis: _reshaped(g, np.shape(x)))],
    role="permutes",
    view=True,
)
RAVEL = row(
    "ravel",
    lambda x, order: x.ravel(order) if type(x) is np.ndarray else np.ravel(x, order=order),
    [Rule(_BACK, vjp=lambda g, out, x, order: _reshaped(g, np.shape(x), order))],
    role="permutes",
    view=True,
)
ASTYPE = row(
    "astype",
    lambda x, dtype, **order: (x if isinstance(x, (np.ndarray, np.generic)) else np.float64(x)).astype(dtype, **order),
    [Rule("δ", vjp=lambda g, out, x, dtype, **order: g)],
    role="distributes",
)


def _copied(x: Any, array: bool = False, order: Any = "K") -> Any:
    if isinstance(x, np.ndarray):
        return x.copy(order)
    return np.copy(x) if array else copy_module.copy(x)  # np.copy makes an array of a number, whose own copy is one


COPY = row(
    "copy",
    _copied,
    [Rule("δ", vjp=lambda g, out, x, array=False, order="K": g)],
    role="distributes",
)


def _order(a: Any, order: str) -> str:
    """The order to read `a` in, where that was left to how it lies in memory: its gradient may lie otherwise."""
    return ("F" if np.isfortran(value_of(a)) else "C") if order == "A" else order


_INT = frozenset({int})


def _shape(shape: Any) -> Any:
    if type(shape) is tuple and _INT.issuperset(map(type, shape)):  # nearly all
        return shape
    shape = value_of(shape)
    return int(shape) if np.ndim(shape) == 0 else tuple([int(n) for n in shape])


def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: Any = None) -> Any:
    """`np.reshape` on a Tensor."""
    return apply(RESHAPE, (a,), {"shape": _shape(shape), "order": _order(a, order)}, depth=2)


def transpose(a: Any, axes: Any = None) -> Any:
    """`np.transpose` on a Tensor."""
    return apply(TRANSPOSE, (a,), {"axes": axes if axes is None else _shape(axes)}, depth=2)


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """`np.swapaxes` on a Tensor."""
    return apply(SWAPAXES, (a,), {"axis1": axis1, "axis2": axis2}, depth=2)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """`np.moveaxis` on a Tensor."""
    return apply(MOVEAXIS, (a,), {"source": _shape(source), "destination": _shape(destination)}, depth=2)


def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """`np.broadcast_to` on a Tensor."""
    shape = _shape(shape)
    return apply(BROADCAST_TO, (array,), {"shape": (shape,) if isinstance(shape, int) else shape}, depth=2)


def expand_dims(a: Any, axis: Any) -> Any:
    """`np.expand_dims` on a Tensor."""
    return apply(EXPAND_DIMS, (a,), {"axis": axis}, depth=2)


def squeeze(a: Any, axis: Any = None) -> Any:
    """`np.squeeze` on a Tensor."""
    return apply(SQUEEZE, (a,), {"axis": axis}, depth=2)


def ravel(a: Any, order: str = "C") -> Any:
    """`np.ravel` on a Tensor."""
    a, order = _in_a_row(a, order)
    return apply(RAVEL, (a,), {"order": order}, depth=2)


class _Flat(str):
    """The order of `x.flat`: C's, and unlike those of `x.ravel()` its parts are copies."""

    __slots__ = ()


FLAT = _Flat("C")


def flatten(a: Any, order: str = "C") -> Any:
    """`ndarray.flatten` on a Tensor: what `ravel` gives, but never a view."""
    a, order = _in_a_row(a, order)
    return apply(RAVEL, (a,), {"order": order}, compute=_flattened, depth=2)


def _in_a_row(a: Any, order: str) -> tuple[Any, str]:
    """What to read in which order, C's or Fortran's."""
    if order != "K":
        return a, _order(a, order)
    # the axes by how far their elements lie apart in memory, then as C has it
    strides = np.asarray(value_of(a)).strides
    axes = sorted(range(len(strides)), key=lambda axis: -abs(strides[axis]))
    return (a if axes == list(range(len(axes))) else transpose(a, axes)), "C"


def _flattened(x: Any, order: Any) -> Any:
    return x.flatten(order) if isinstance(x, np.ndarray) else np.ravel(x, order)


def copy_of(a: Any, order: str = "C") -> Any:
    """`ndarray.copy` on a Tensor."""
    value = value_of(a)
    lies_so = order == "K" or (order != "F" and (not isinstance(value, np.ndarray) or value.flags.c_contiguous))
    return apply(COPY, (a,), None if lies_so else {"order": order}, depth=2)


def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """`np.copy` on a Tensor."""
    return apply(COPY, (a,), {"array": True} if order == "K" else {"array": True, "order": order}, depth=2)


def array_of(a: Any, dtype: Any = None, copy: bool | None = True, order: str | None = "K", ndmin: int = 0) -> Any:
    """`np.array` of a Tensor, and with ``copy=None`` `np.asarray`; a single number stays one."""
    value, order = value_of(a), order or "K"
    if copy is False and isinstance(value, np.ndarray):
        np.array(value, dtype=dtype, copy=False, order=order)  # pyright: ignore  # NumPy's own error
    if dtype is not None and np.result_type(value) != dtype:
        made = astype(a, dtype, order)
    elif copy or not _lies(value, order):
        made = copy_of(a, order)
    else:
        made = a
    return made if made.ndim >= ndmin else reshape(made, (1,) * (ndmin - made.ndim) + made.shape)


def _lies(value: Any, order: str) -> bool:
    """Whether a value's numbers stand in this order."""
    if not isinstance(value, np.ndarray) or order in ("K", "A"):
        return True
    return value.flags.c_contiguous if order == "C" else value.flags.f_contiguous


def astype(
    x: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True,
    device: Any = None,
) -> Any:  # fmt: skip
    """`np.astype` on a Tensor, and the method."""
    kind = np.result_type(value_of(x))
    if not np.can_cast(kind, dtype, casting):  # pyright: ignore[reportArgumentType]
        value_of(x).astype(dtype, casting=casting)  # NumPy's own error
    if not copy and kind == dtype and _lies(value_of(x), order):
        return x
    return apply(ASTYPE, (x,), {"dtype": dtype} if order == "K" else {"dtype": dtype, "order": order}, depth=2)


def as_number(x: Tensor, kind: Any) -> Tensor:
    """A number as one of a class of NumPy's: `np.float64(x)`."""
    if type(value_of(x)) is kind:
        return x
    return apply(ASTYPE, (x,), {"dtype": kind}, compute=lambda x, dtype: dtype(x))


FUNCTIONS.update(
    {
        np.reshape: reshape,
        np.transpose: transpose,
        np.permute_dims: transpose,
        np.matrix_transpose: lambda x: swapaxes(x, -1, -2),
        np.swapaxes: swapaxes,
        np.moveaxis: moveaxis,
        np.broadcast_to: broadcast_to,
        np.expand_dims: expand_dims,
        np.squeeze: squeeze,
        np.ravel: ravel,
        np.copy: copy,
        np.astype: astype,
    }
)
