"""Signals: convolve, correlate, interp, unwrap, and windows that slide over an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, apply, call, value_of
from .indexing import SCATTER
from .products import MIXES, conj, constants_only, dtype_of, leave_out

# -- convolve and correlate --------------------------------------------------------------------------------------------

_MODES = ("valid", "same", "full")  # NumPy takes their numbers too


def _whole(g: Any, n: int, m: int, mode: Any, turned: bool = False) -> Any:
    """The gradient of the full convolution of n and m elements, of which `mode` showed a part.

    `turned`: correlate has the longer operand second, which puts the odd one of 'same' on the other side.
    """
    mode = mode if isinstance(mode, str) else _MODES[mode]
    short = min(n, m)
    start = {"full": 0, "valid": short - 1, "same": short // 2 if turned else (short - 1) // 2}[mode]
    dtype = dtype_of(g)
    return np.concatenate([np.zeros(start, dtype), g, np.zeros(n + m - 1 - start - np.shape(g)[0], dtype)])


def _convolve_vjp(g: Any, x: Any, y: Any, position: int, mode: Any, turned: bool = False) -> Any:
    """Towards an operand of a convolution: δ correlated with the other."""
    x, y = np.ravel(x), np.ravel(y)
    whole = _whole(g, np.shape(x)[0], np.shape(y)[0], mode, turned)
    return np.correlate(whole, conj(x if position else y), "valid")


CONVOLVE = row(
    "convolve",
    lambda a, v, mode: np.convolve(a, v, mode),
    [
        Rule("δ ⋆ {1}", vjp=lambda g, out, a, v, mode: np.reshape(_convolve_vjp(g, a, v, 0, mode), np.shape(a))),
        Rule("δ ⋆ {0}", vjp=lambda g, out, a, v, mode: np.reshape(_convolve_vjp(g, a, v, 1, mode), np.shape(v))),
    ],
    role="switches",
    role_text="upstream correlated with the other input",
    symbol="∗",
    text="{0} ∗ {1}",
    binds=2,
)


def _correlate_rule(position: int, text: str) -> Rule:
    def vjp(g: Any, out: Any, a: Any, v: Any, mode: Any) -> Any:
        # A correlation is the convolution with the second operand run backwards, and conjugated.
        share = _convolve_vjp(g, a, conj(v)[::-1], position, mode, turned=np.shape(a)[0] < np.shape(v)[0])
        return conj(share[::-1]) if position else share

    return Rule(text, vjp=vjp)


CORRELATE = row(
    "correlate",
    lambda a, v, mode: np.correlate(a, v, mode),
    [_correlate_rule(0, "δ ∗ {1}"), _correlate_rule(1, "{0} ⋆ δ")],
    role="switches",
    role_text="upstream convolved with the other input",
    symbol="⋆",
    text="{0} ⋆ {1}",
    binds=2,
)


def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """`np.convolve` on Tensors."""
    return apply(CONVOLVE, (a, v), {"mode": mode})


def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """`np.correlate` on Tensors."""
    return apply(CORRELATE, (a, v), {"mode": mode})


# -- interp ------------------------------------------------------------------------------------------------------------


def _around(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """x and the points in the order and with the neighbours that NumPy gives them where they are periodic."""
    if period is None:
        return x, xp, fp
    period = abs(period)
    places = _order(value_of(xp), period)
    turns = np.concatenate([[-period], np.zeros(len(places) - 2), [period]])
    return np.remainder(x, period), np.remainder(xp, period)[places] + turns, fp[places]


def _order(xp: Any, period: Any) -> Any:
    """The order of periodic points, with the last put before the first and the first behind the last."""
    order = np.argsort(np.remainder(xp, period))
    return np.concatenate([order[-1:], order, order[:1]])


def _slope(x: Any, xp: Any, fp: Any) -> Any:
    """The slope at x; the mean of both at a point where two lines meet, 0 beyond the last point."""
    slopes = np.concatenate([[0.0], np.diff(fp) / np.diff(xp), [0.0]])
    right, left = (np.searchsorted(value_of(xp), value_of(x), side) for side in ("right", "left"))
    return slopes[right] if np.array_equal(right, left) else (slopes[right] + slopes[left]) / 2.0


def _neighbours(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The points beside each x, and the part that the right one has; beyond the points, twice the last one."""
    plain, points = value_of(x), value_of(xp)
    last = len(points) - 1
    below = np.clip(np.searchsorted(points, plain, "right") - 1, 0, last)
    between = (plain >= points[0]) & (below < last)
    above = below + between
    part = np.where(between, (x - xp[below]) / np.where(between, xp[above] - xp[below], 1.0), 0.0)
    return below, above, part


def _laid_on(g: Any, x: Any, xp: Any, given: Any, period: Any) -> Any:
    """What each x hands to its two neighbours, added up per point."""
    below, above, part = _neighbours(x, xp)
    n = np.shape(xp)[0]
    share = _gathered(g * (1.0 - part), below, n) + _gathered(g * part, above, n)
    return share if period is None else _gathered(share, _order(value_of(given), abs(period)), np.shape(given)[0])


def _gathered(g: Any, places: Any, n: int) -> Any:
    return call(SCATTER, (g,), {"index": (places,), "shape": (n,)})


def _interp_slope(out: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any) -> Any:
    return _slope(*_around(x, xp, fp, period))


def _interp_points(g: Any, out: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any) -> Any:
    near, points, heights = _around(np.ravel(x), xp, fp, period)
    return _laid_on(-np.ravel(g) * _slope(near, points, heights), near, points, xp, period)


def _interp_heights(g: Any, out: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any) -> Any:
    near, points, _ = _around(np.ravel(x), xp, fp, period)
    g, plain, ends = np.ravel(g), value_of(near), value_of(points)
    if period is None:  # what stands beyond the points may be given
        g = g if left is None else np.where(plain < ends[0], 0.0, g)
        g = g if right is None else np.where(plain > ends[-1], 0.0, g)
    return _laid_on(g, near, points, xp, period)


INTERP = row(
    "interp",
    lambda x, xp, fp, left, right, period: np.interp(x, xp, fp, left, right, period),
    [
        Rule("slope of {2} over {1} at {0}", local=_interp_slope),
        Rule("−slope · δ, shared by the points beside", vjp=_interp_points),
        Rule("δ, shared by the points beside", vjp=_interp_heights),
    ],
    role=MIXES,
    role_text="upstream × slope → the place, upstream → the heights beside it",
    text="interp({0}; {1}, {2})",
)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """`np.interp` on Tensors: at x, and towards the points and the heights; what stands beyond them is constant."""
    static = constants_only("interp", left=left, right=right, period=period)
    return apply(INTERP, (x, xp, fp), static)


# -- unwrap ------------------------------------------------------------------------------------------------------------

UNWRAP = row(
    "unwrap",
    lambda p, discont, axis, period: np.unwrap(p, discont, axis, period=period),
    [Rule("δ", vjp=lambda g, out, p, discont, axis, period: g)],
    role="distributes",
    text="unwrap({0})",
)


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """`np.unwrap` on a Tensor: whole periods are added, which are constants."""
    static = constants_only("unwrap", discont=discont, period=period)
    return apply(UNWRAP, (p,), {**static, "axis": axis})


# -- windows -----------------------------------------------------------------------------------------------------------


def _pairs(window: Any, axis: Any, ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The window's sizes and their axes, counted from the front."""
    sizes = window if isinstance(window, tuple) else (window,)
    axes = axis if isinstance(axis, tuple) else tuple(range(ndim)) if axis is None else (axis,)
    return sizes, tuple(a % ndim for a in axes)


def _overlapped(g: Any, window: Any, axis: Any, shape: tuple[int, ...]) -> Any:
    """Windows laid back over the array they were cut from and added up: the adjoint of sliding_window_view."""
    whole = np.zeros(shape, dtype_of(g))
    sizes, axes = _pairs(window, axis, len(shape))
    counts = g.shape[: len(shape)]
    if np.prod(sizes) > np.prod(counts):
        places = _windows(np.reshape(np.arange(whole.size), shape), window, axis)
        np.add.at(whole.reshape(-1), places, g)
        return whole
    for offset in np.ndindex(*sizes):  # a place within the window at a time, of all windows
        starts = [0] * len(shape)
        for a, start in zip(axes, offset, strict=True):
            starts[a] += start  # an axis given twice has windows of windows
        whole[tuple(slice(start, start + n) for start, n in zip(starts, counts, strict=True))] += g[(..., *offset)]
    return whole


def _windows(x: Any, window: Any, axis: Any) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, window, axis)


def _windows_vjp(g: Any, out: Any, x: Any, window: Any, axis: Any) -> Any:
    return call(OVERLAP_ADD, (g,), {"window": window, "axis": axis, "shape": np.shape(x)})


def _overlapped_vjp(g: Any, out: Any, x: Any, window: Any, axis: Any, shape: tuple[int, ...]) -> Any:
    return call(SLIDING_WINDOW_VIEW, (g,), {"window": window, "axis": axis})


SLIDING_WINDOW_VIEW = row(
    "sliding_window_view",
    _windows,
    [Rule("Σ δ of the windows it is in", vjp=_windows_vjp)],
    role="sums",
    role_text="Σ upstream over the windows",
    symbol="windows",
    text="windows({0}, {window})",
)
OVERLAP_ADD = row(
    "overlap_add",
    _overlapped,
    [Rule("δ, cut into windows", vjp=_overlapped_vjp)],
    role="broadcasts",
    role_text="upstream, cut into windows",
    text="overlap_add({0})",
)


def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """`np.lib.stride_tricks.sliding_window_view` on a Tensor."""
    leave_out("lib.stride_tricks.sliding_window_view", subok=subok, writeable=writeable)
    window, along = (tuple(v) if np.iterable(v) else v for v in (window_shape, axis))
    return apply(SLIDING_WINDOW_VIEW, (x,), {"window": window, "axis": along})


def _places(x: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """Which element of x each element of a strided view of it is, as an index into x laid flat."""
    own = np.ravel(_offsets(x.shape, x.strides))
    wanted = _offsets(shape, strides)
    order = np.argsort(own, kind="stable")
    found = order[np.minimum(np.searchsorted(own, wanted, sorter=order), max(own.size - 1, 0))] if own.size else wanted
    if wanted.size and (not own.size or not np.array_equal(own[found], wanted)):
        raise RecordError(
            f"as_strided with shape={shape} and strides={strides} reads memory that is no element of the array, "
            f"of shape {x.shape} and strides {x.strides}: use np.lib.stride_tricks.sliding_window_view"
        )
    return found


def _offsets(shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    total = np.zeros(shape, np.intp)
    for i, (n, step) in enumerate(zip(shape, strides, strict=True)):
        total += np.reshape(np.arange(n) * step, tuple(-1 if i == j else 1 for j in range(len(shape))))
    return total


AS_STRIDED = row(
    "as_strided",
    lambda x, places: np.asarray(np.ravel(x)[places]),
    [
        Rule(
            "Σ δ over the places it is read at",
            vjp=lambda g, out, x, places: np.reshape(
                call(SCATTER, (g,), {"index": (places,), "shape": (np.size(x),)}), np.shape(x)
            ),
        )
    ],
    role="scatters",
    text="as_strided({0})",
)


def as_strided(x: Any, shape: Any = None, strides: Any = None, subok: bool = False, writeable: bool = True) -> Any:
    """`np.lib.stride_tricks.as_strided` of a Tensor, read only.

    NumPy does not hand this one over: it has to be called by this name, or through `gv.np`.
    """
    plain = np.asarray(value_of(x))
    shape = plain.shape if shape is None else tuple(shape)
    places = _places(plain, shape, plain.strides if strides is None else tuple(strides))
    return apply(AS_STRIDED, (x,), {"places": places})


FUNCTIONS.update(
    {
        np.convolve: convolve,
        np.correlate: correlate,
        np.interp: interp,
        np.unwrap: unwrap,
        np.lib.stride_tricks.sliding_window_view: sliding_window_view,
    }
)
