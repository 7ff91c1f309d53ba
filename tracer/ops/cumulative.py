"""Running sums and products, differences, and what is built on them: prod, cumsum, diff, gradient, trapezoid."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..backward import sum_to
from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, apply, call, value_of
from .products import ABSENT, MIXES, dtype_of, leave_out
from .reduction import kept

# -- axes --------------------------------------------------------------------------------------------------------------


def spread(g: Any, x: Any, axis: Any) -> Any:
    """What came back to a reduction, with the axes of `x` that were summed away put back as 1."""
    return kept(g, np.shape(x), axis if np.ndim(x) else None)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that a reduction goes over, counted from the front."""
    if axis is None or ndim == 0:
        return tuple(range(ndim))
    return tuple(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def _part(x: Any, axis: int, start: int | None, stop: int | None, step: int | None = None) -> Any:
    """x[start:stop:step] along an axis."""
    return x[(slice(None),) * (axis % np.ndim(x)) + (slice(start, stop, step),)]


def _reversed(x: Any, axis: int) -> Any:
    return _part(x, axis, None, None, -1)


def _padded(x: Any, axis: int, before: int, after: int, fill: float = 0.0) -> Any:
    """x with so many places of `fill` put before and after it along an axis."""
    shape = list(np.shape(x))
    parts = [x]
    for count, at in ((before, 0), (after, len(parts))):
        shape[axis] = count
        if count:
            parts.insert(at * len(parts), np.full(shape, fill, dtype_of(x)))
    return np.concatenate(parts, axis=axis) if len(parts) > 1 else x


def _shifted(x: Any, fill: float) -> Any:
    """x moved on by one place along its last axis."""
    return _padded(_part(x, -1, None, -1), -1, 1, 0, fill)


# -- products of many --------------------------------------------------------------------------------------------------


def _can_divide(out: Any) -> bool:
    """Whether every product here can be divided by its factors: none is 0, none overflowed."""
    value = value_of(out)
    return bool(np.all(np.isfinite(value) & (value != 0)))


def product_of_others(x: Any, out: Any, axis: Any) -> Any:
    """For each element of x the product of all others along the axis, zeros among them or not."""
    if _can_divide(out):
        return spread(out, x, axis) / x
    n = np.ndim(x)
    axes = axes_of(axis, n)
    order = (*[i for i in range(n) if i not in axes], *axes)
    moved = np.transpose(x, order)
    rest = np.shape(moved)[: n - len(axes)]
    line = np.reshape(moved, (*rest, int(np.prod([np.shape(x)[a] for a in axes]))))
    before = _shifted(np.cumprod(line, axis=-1), 1.0)
    after = _reversed(_shifted(np.cumprod(_reversed(line, -1), axis=-1), 1.0), -1)
    others = np.reshape(before * after, np.shape(moved))
    return np.transpose(others, tuple(int(i) for i in np.argsort(order)))


PROD = row(
    "prod",
    lambda x, axis, dtype, keepdims: np.prod(x, axis=axis, dtype=dtype, keepdims=keepdims),
    [
        Rule(
            "δ · the product of the others",
            vjp=lambda g, out, x, axis, dtype, keepdims: spread(g, x, axis) * product_of_others(x, out, axis),
        )
    ],
    role="switches",
    role_text="upstream × product of the other elements",
    symbol="Π",
    text="Π {0}",
    binds=2,
)


def _recur(b: Any, a: Any) -> Any:
    out = np.array(b, dtype=np.result_type(b, a))
    for j in range(1, out.shape[-1]):
        out[..., j] += a[..., j] * out[..., j - 1]
    return out


def _recur_back(g: Any, a: Any) -> Any:
    """λ_j = g_j + a_{j+1}·λ_{j+1}: the recurrence, run from the end."""
    return _reversed(call(RECURRENCE, (_reversed(g, -1), _shifted(_reversed(a, -1), 0.0))), -1)


# What the gradients of running products are made of where a factor is 0. It is its own derivative's kind.
RECURRENCE = row(
    "recurrence",
    _recur,
    [
        Rule("λ, with λⱼ = δⱼ + {1}ⱼ₊₁·λⱼ₊₁", vjp=lambda g, out, b, a: _recur_back(g, a)),
        Rule("λⱼ·{out}ⱼ₋₁", vjp=lambda g, out, b, a: _recur_back(g, a) * _shifted(out, 0.0)),
    ],
    role="switches",
    role_text="upstream × the factors that follow",
    text="recurrence({0}, {1})",
)


def _cumsum_back(g: Any, axis: int) -> Any:
    return _reversed(np.cumsum(_reversed(g, axis), axis=axis), axis)


def _running(g: Any, x: Any, axis: Any, back: Any) -> Any:
    """The gradient of a running sum or product, by `back` along one axis; with no axis it ran through all of x."""
    if axis is None or np.ndim(x) == 0:
        return np.reshape(back(g, np.ravel(x), 0), np.shape(x))
    return back(g, x, axis)


def _cumsum_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any) -> Any:
    return _running(g, x, axis, lambda g, x, axis: _cumsum_back(g, axis))


def _cumprod_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any) -> Any:
    def back(g: Any, x: Any, axis: int) -> Any:
        if _can_divide(out):
            return _cumsum_back(g * out, axis) / x
        line = np.moveaxis(x, axis, -1)
        before = _shifted(np.cumprod(line, axis=-1), 1.0)
        return np.moveaxis(before * _recur_back(np.moveaxis(g, axis, -1), line), -1, axis)

    return _running(g, x, axis, back)


CUMSUM = row(
    "cumsum",
    lambda x, axis, dtype: np.cumsum(x, axis=axis, dtype=dtype),
    [Rule("Σ δ from here to the end", vjp=_cumsum_vjp)],
    role=MIXES,
    role_text="Σ upstream from here to the end",
)
CUMPROD = row(
    "cumprod",
    lambda x, axis, dtype: np.cumprod(x, axis=axis, dtype=dtype),
    [Rule("Σ δ · the products of the others, from here to the end", vjp=_cumprod_vjp)],
    role="switches",
    role_text="upstream × product of the other elements so far",
)


def without_nan(x: Any, fill: float) -> tuple[Any, Any]:
    """x with its nans replaced, and where the numbers are."""
    numbers = ~np.isnan(value_of(x))
    return np.where(numbers, x, fill), numbers


def _nancumsum_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any) -> Any:
    filled, numbers = without_nan(x, 0.0)
    return np.where(numbers, _cumsum_vjp(g, out, filled, axis, dtype), 0.0)


def _nancumprod_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any) -> Any:
    filled, numbers = without_nan(x, 1.0)
    return np.where(numbers, _cumprod_vjp(g, out, filled, axis, dtype), 0.0)


NANCUMSUM = row(
    "nancumsum",
    lambda x, axis, dtype: np.nancumsum(x, axis=axis, dtype=dtype),
    [Rule("Σ δ from here to the end; 0 at nan", vjp=_nancumsum_vjp)],
    role=MIXES,
    role_text="Σ upstream from here to the end",
)
NANCUMPROD = row(
    "nancumprod",
    lambda x, axis, dtype: np.nancumprod(x, axis=axis, dtype=dtype),
    [Rule("Σ δ · the products of the others, from here to the end; 0 at nan", vjp=_nancumprod_vjp)],
    role="switches",
    role_text="upstream × product of the other elements so far",
)


def _cumulative(name: str, compute: Any, vjp: Any, like: Op) -> Any:
    """NumPy's `cumulative_sum` and `cumulative_prod`, which may begin with the 0 or 1 before the first element."""

    def back(g: Any, out: Any, x: Any, axis: Any, dtype: Any, include_initial: bool) -> Any:
        if include_initial:
            along = 0 if axis is None else axis
            g, out = (_part(v, along, 1, None) for v in (g, out))
        return vjp(g, out, x, axis, dtype)

    op = row(
        name,
        lambda x, axis, dtype, include_initial: compute(x, axis=axis, dtype=dtype, include_initial=include_initial),
        [Rule(like.rules[0].text, vjp=back)],
        role=like.role,
        role_text=like.role_text,
    )

    def function(
        x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Any:
        leave_out(name, out=out)
        return apply(op, (x,), {"axis": axis, "dtype": dtype, "include_initial": include_initial})

    return function


# -- differences -------------------------------------------------------------------------------------------------------


def _diff_back(g: Any, axis: int, n: int = 1) -> Any:
    """The gradient of what differences were taken of: differences again, of δ with zeros around it, n times −1."""
    back = np.diff(_padded(g, axis, n, n), n, axis)
    return -back if n % 2 else back


def _ends(names: tuple[str, ...], operands: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(names, operands, strict=True))


def _diff(x: Any, *more: Any, n: int, axis: int, ends: tuple[str, ...]) -> Any:
    return np.diff(x, n, axis, **_ends(ends, more))


def _diff_vjp(g: Any, out: Any, x: Any, *more: Any, n: int, axis: int, ends: tuple[str, ...], position: int) -> Any:
    if n == 0:
        return np.zeros(np.shape(more[position - 1])) if position else g
    given = _ends(ends, more)
    order = [name for name in ("prepend", "", "append") if name in given or not name]
    sizes = [(np.shape(v)[axis] if np.ndim(v) else 1) for v in (given[name] if name else x for name in order)]
    mine = order.index(ends[position - 1] if position else "")
    start, stop = sum(sizes[:mine]), sum(sizes[: mine + 1])
    if sum(sizes) <= n:
        return np.zeros(np.shape((x, *more)[position]))
    return _part(_diff_back(g, axis, n), axis, start, stop)


DIFF = row(
    "diff",
    _diff,
    [Rule("−Δδ", vjp=_diff_vjp)],
    role=MIXES,
    role_text="upstream → the later, −upstream → the earlier",
    symbol="Δ",
    text="Δ {0}",
    binds=3,
    variadic=True,
)


def _ediff1d(x: Any, *more: Any, ends: tuple[str, ...]) -> Any:
    return np.ediff1d(x, **_ends(ends, more))


def _ediff1d_vjp(g: Any, out: Any, x: Any, *more: Any, ends: tuple[str, ...], position: int) -> Any:
    given = _ends(ends, more)
    first, last = np.size(given.get("to_begin", ())), np.shape(g)[0] - np.size(given.get("to_end", ()))
    if position == 0:
        return np.reshape(_diff_back(g[first:last], 0), np.shape(x)) if np.size(x) else np.zeros(np.shape(x))
    part = g[:first] if ends[position - 1] == "to_begin" else g[last:]
    return np.reshape(part, np.shape(more[position - 1]))


EDIFF1D = row(
    "ediff1d",
    _ediff1d,
    [Rule("−Δδ", vjp=_ediff1d_vjp)],
    role=MIXES,
    role_text="upstream → the later, −upstream → the earlier",
    symbol="Δ",
    text="Δ {0}",
    binds=3,
    variadic=True,
)

# -- gradient: slopes by second-order differences ----------------------------------------------------------------------


def _steps(spacing: Any, n: int) -> Any:
    """The n − 1 distances between n points: from one distance, or from the points."""
    return np.diff(spacing) if np.ndim(spacing) else spacing * np.ones(n - 1)


def _gradient(f: Any, *spacing: Any, axis: int, edge_order: Any) -> Any:
    return np.gradient(f, *spacing, axis=axis, edge_order=edge_order)


def _corner(near: Any, far: Any) -> tuple[Any, Any, Any]:
    """The weights by which the slope at an edge is taken from an edge, its neighbour and the next, at the left end."""
    both = near + far
    return -(2.0 * near + far) / (near * both), both / (near * far), -near / (far * both)


def _gradient_values(g: Any, d: Any, edge_order: int) -> Any:
    """What comes back to the values: the weights of all slopes that each took part in. All along the last axis."""
    near, far = d[:-1], d[1:]
    below, at, above = -far / (near * (near + far)), (far - near) / (near * far), near / (far * (near + far))
    inner = g[..., 1:-1]
    if edge_order == 1:
        first = [-g[..., :1] / d[:1], g[..., :1] / d[:1]]
        last = [-g[..., -1:] / d[-1:], g[..., -1:] / d[-1:]]
    else:
        first = [w * g[..., :1] for w in _corner(d[:1], d[1:2])]
        last = [-w * g[..., -1:] for w in _corner(d[-1:], d[-2:-1])][::-1]
    rest = np.shape(g)[-1] - edge_order - 1
    share = _padded(np.concatenate(first, axis=-1), -1, 0, rest) + _padded(np.concatenate(last, axis=-1), -1, rest, 0)
    return share + _padded(below * inner, -1, 0, 2) + _padded(at * inner, -1, 1, 1) + _padded(above * inner, -1, 2, 0)


def _corner_steps(g: Any, s: Any, near: int, far: int, d: Any) -> tuple[Any, Any]:
    """What an edge of second order hands to its two distances, the near one and the far one."""
    d1, d2, s1, s2 = d[near : near + 1], d[far : far + 1], s[..., near : near + 1], s[..., far : far + 1]
    both = d1 + d2
    bend = (s1 - s2) / (both * both)
    return g * (bend * d2 - s1 / d1 - s1 / both), g * (s2 * d1 / (d2 * both) - bend * d1)


def _gradient_steps(g: Any, out: Any, f: Any, d: Any, edge_order: int) -> Any:
    """What comes back to the distances between the points. All along the last axis."""
    s = np.diff(f, axis=-1) / d
    near, far, s1, s2 = d[:-1], d[1:], s[..., :-1], s[..., 1:]
    inner, slope = g[..., 1:-1] / (near + far), out[..., 1:-1]
    share = _padded(inner * (s2 - slope - s1 * far / near), -1, 0, 1)
    share = share + _padded(inner * (s1 - slope - s2 * near / far), -1, 1, 0)
    n = np.shape(d)[0]
    if edge_order == 1:
        edges = ((0, -g[..., :1] * s[..., :1] / d[:1]), (n - 1, -g[..., -1:] * s[..., -1:] / d[-1:]))
    else:
        first = _corner_steps(g[..., :1], s, 0, 1, d)
        last = _corner_steps(g[..., -1:], s, n - 1, n - 2, d)
        edges = ((0, first[0]), (1, first[1]), (n - 1, last[0]), (n - 2, last[1]))
    for place, edge in edges:
        share = share + _padded(edge, -1, place, n - 1 - place)
    return sum_to(share, np.shape(d))


def _gradient_vjp(g: Any, out: Any, f: Any, *spacing: Any, axis: int, edge_order: int, position: int) -> Any:
    given = spacing[0] if spacing else 1.0
    if position and not np.ndim(given):
        return -np.sum(g * out) / given
    g, out, f = (np.moveaxis(v, axis, -1) for v in (g, out, f))
    d = _steps(given, np.shape(f)[-1])
    if position:
        return _diff_back(_gradient_steps(g, out, f, d, edge_order), 0)
    return np.moveaxis(_gradient_values(g, d, edge_order), -1, axis)


GRADIENT = row(
    "gradient",
    _gradient,
    [Rule("Σ δ · the weights of its slopes", vjp=_gradient_vjp)],
    role=MIXES,
    role_text="upstream ÷ distance → the later, −upstream ÷ distance → the earlier",
    symbol="Δ/h",
    text="gradient({0})",
    variadic=True,
)

# -- trapezoid ---------------------------------------------------------------------------------------------------------


def _trapezoid(y: Any, *spacing: Any, along: tuple[str, ...], axis: int) -> Any:
    return np.trapezoid(y, axis=axis, **dict(zip(along, spacing, strict=True)))


def _trapezoid_vjp(g: Any, out: Any, y: Any, *spacing: Any, along: tuple[str, ...], axis: int, position: int) -> Any:
    axis = axis % np.ndim(y)
    given = spacing[0] if spacing else 1.0
    if along == ("x",):
        d = np.diff(given) if np.ndim(given) == 1 else np.diff(given, axis=axis)
        if np.ndim(given) == 1:
            d = np.reshape(d, tuple(-1 if i == axis else 1 for i in range(np.ndim(y))))
    else:
        d = given
    half = np.expand_dims(g, axis) / 2.0
    if not position:
        strips = np.broadcast_to(half * d, np.shape(_part(value_of(y), axis, 1, None)))
        return _padded(strips, axis, 0, 1) + _padded(strips, axis, 1, 0)
    heights = half * (_part(y, axis, 1, None) + _part(y, axis, None, -1))
    share = sum_to(heights, np.shape(d))
    if along == ("dx",):
        return share
    return _diff_back(np.reshape(share, (-1,)), 0) if np.ndim(given) == 1 else _diff_back(share, axis)


TRAPEZOID = row(
    "trapezoid",
    _trapezoid,
    [Rule("δ · half the widths beside it", vjp=_trapezoid_vjp)],
    role=MIXES,
    role_text="upstream × width → every element",
    symbol="∫",
    text="∫ {0}",
    binds=2,
    variadic=True,
)

# -- what NumPy calls --------------------------------------------------------------------------------------------------


def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT, initial: Any = ABSENT,
    where: Any = ABSENT,
) -> Any:  # fmt: skip
    """`np.prod` on a Tensor."""
    leave_out("prod", out=out, initial=initial, where=where)
    return apply(PROD, (a,), {"axis": axis, "dtype": dtype, "keepdims": keepdims is not ABSENT and bool(keepdims)})


def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """`np.cumsum` on a Tensor."""
    leave_out("cumsum", out=out)
    return apply(CUMSUM, (a,), {"axis": axis, "dtype": dtype})


def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """`np.cumprod` on a Tensor."""
    leave_out("cumprod", out=out)
    return apply(CUMPROD, (a,), {"axis": axis, "dtype": dtype})


def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """`np.nancumsum` on a Tensor."""
    leave_out("nancumsum", out=out)
    return apply(NANCUMSUM, (a,), {"axis": axis, "dtype": dtype})


def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """`np.nancumprod` on a Tensor."""
    leave_out("nancumprod", out=out)
    return apply(NANCUMPROD, (a,), {"axis": axis, "dtype": dtype})


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = ABSENT, append: Any = ABSENT) -> Any:
    """`np.diff` on a Tensor; what is put before and behind may be Tensors too."""
    given = {"prepend": prepend, "append": append}
    given = {name: value for name, value in given.items() if value is not ABSENT}
    return apply(DIFF, (a, *given.values()), {"n": operator.index(n), "axis": axis, "ends": tuple(given)})


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """`np.ediff1d` on a Tensor; what is put before and behind may be Tensors too."""
    given = {"to_end": to_end, "to_begin": to_begin}
    given = {name: value for name, value in given.items() if value is not None}
    return apply(EDIFF1D, (ary, *given.values()), {"ends": tuple(given)})


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """`np.gradient` on a Tensor: one op per axis. Spacings may be Tensors too."""
    axes = axes_of(tuple(axis) if isinstance(axis, list) else axis, np.ndim(f))
    if not varargs:
        spacings: list[tuple[Any, ...]] = [()] * len(axes)
    elif len(varargs) == 1 and np.ndim(varargs[0]) == 0:
        spacings = [varargs] * len(axes)
    elif len(varargs) == len(axes):
        spacings = [(spacing,) for spacing in varargs]
    else:
        raise TypeError("invalid number of arguments")
    found = tuple(
        apply(GRADIENT, (f, *spacing), {"axis": along, "edge_order": edge_order})
        for spacing, along in zip(spacings, axes, strict=True)
    )
    return found[0] if len(found) == 1 else found


def trapezoid(y: Any, x: Any = None, dx: Any = ABSENT, axis: int = -1) -> Any:
    """`np.trapezoid` on Tensors: the heights, the points and the width may be Tensors."""
    given = {"dx": dx} if x is None else {"x": x}
    given = {name: value for name, value in given.items() if value is not ABSENT}
    return apply(TRAPEZOID, (y, *given.values()), {"along": tuple(given), "axis": axis})


FUNCTIONS.update(
    {
        np.prod: prod,
        np.cumsum: cumsum,
        np.cumprod: cumprod,
        np.nancumsum: nancumsum,
        np.nancumprod: nancumprod,
        np.diff: diff,
        np.ediff1d: ediff1d,
        np.gradient: gradient,
        np.trapezoid: trapezoid,
    }
)
if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    FUNCTIONS[np.cumulative_sum] = _cumulative("cumulative_sum", np.cumulative_sum, _cumsum_vjp, CUMSUM)
    FUNCTIONS[np.cumulative_prod] = _cumulative("cumulative_prod", np.cumulative_prod, _cumprod_vjp, CUMPROD)
if hasattr(np, "trapz"):  # until NumPy 2.4
    FUNCTIONS[vars(np)["trapz"]] = trapezoid
