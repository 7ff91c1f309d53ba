"""Statistics: var, std, average, median, quantiles, the variants that leave nan out, ptp, cov, corrcoef, histograms."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..backward import sum_to
from ..errors import RecordError
from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, apply, observe, value_of
from .cumulative import axes_of, product_of_others, spread, without_nan
from .products import ABSENT, MIXES, conj, constants_only, dtype_of, leave_out


def _keeps(keepdims: Any) -> bool:
    return keepdims is not ABSENT and bool(keepdims)


def _count(x: Any, axis: Any) -> int:
    return int(np.prod([np.shape(x)[a] for a in axes_of(axis, np.ndim(x))]))


def _numbers(x: Any, axis: Any) -> tuple[Any, Any]:
    """Where x is a number, and how many numbers there are along the axis, kept to broadcast against x."""
    numbers = ~np.isnan(value_of(x))
    return numbers, np.sum(numbers, axis=axis if np.ndim(x) else None, keepdims=True)


# -- var and std -------------------------------------------------------------------------------------------------------
# One rule for four ops: they part in what counts (all, or all but nan) and in the square root at the end.


def _deviation(x: Any, mean: tuple[Any, ...], axis: Any, skip: bool) -> tuple[Any, Any, Any]:
    """x − mean, where there are numbers, and how many."""
    if not skip:
        return x - (mean[0] if mean else np.mean(x, axis=axis, keepdims=True)), True, _count(x, axis)
    filled, numbers = without_nan(x, 0.0)
    count = np.sum(numbers, axis=axis, keepdims=True)
    middle = mean[0] if mean else np.sum(filled, axis=axis, keepdims=True) / np.maximum(count, 1)
    return filled - middle, numbers, count


def _over(out: Any) -> Any:
    """1/out, and 0 where it is 0: what does not vary has no direction in which its deviation grows."""
    zero = value_of(out) == 0
    return np.where(zero, 0.0, 1.0 / np.where(zero, 1.0, out)) if np.any(zero) else 1.0 / out


def _spread_vjp(root: bool, skip: bool) -> Callable[..., Any]:
    def vjp(g: Any, out: Any, x: Any, *mean: Any, axis: Any, ddof: Any, position: int, **options: Any) -> Any:
        if np.size(x) == 0:
            return np.zeros(np.shape((x, *mean)[position]), dtype_of(x))
        axis = axis if np.ndim(x) else None
        deviation, numbers, count = _deviation(x, mean, axis, skip)
        g = spread(g * _over(out) if root else 2.0 * g, x, axis) / np.maximum(count - ddof, 0)
        share = g * conj(deviation)
        share = np.where(numbers, share, 0.0) if skip else share
        return -np.sum(share, axis=axis, keepdims=True) if position else share

    return vjp


def _spread_op(name: str, compute: Any, symbol: str, text: str, root: bool = False, skip: bool = False) -> Op:
    def value(x: Any, *mean: Any, **options: Any) -> Any:
        return compute(x, **options, **({"mean": mean[0]} if mean else {}))

    return row(
        name,
        value,
        [Rule(text, vjp=_spread_vjp(root, skip))],
        role=MIXES,
        role_text="upstream × distance from the mean",
        symbol=symbol,
        text=f"{name}({{0}})",
        variadic=True,
    )


VAR = _spread_op("var", np.var, "var", "δ·2·({0} − mean)/(n − ddof)")
STD = _spread_op("std", np.std, "std", "δ·({0} − mean)/((n − ddof)·{out}); 0 where {out} = 0", root=True)
NANVAR = _spread_op("nanvar", np.nanvar, "var", "δ·2·({0} − mean)/(n − ddof); 0 at nan", skip=True)
NANSTD = _spread_op("nanstd", np.nanstd, "std", "δ·({0} − mean)/((n − ddof)·{out}); 0 at nan", root=True, skip=True)


def _spread_function(op: Op) -> Callable[..., Any]:
    def function(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = ABSENT, *,
        where: Any = ABSENT, mean: Any = ABSENT, correction: Any = ABSENT,
    ) -> Any:  # fmt: skip
        leave_out(op.name, out=out, where=where)
        if correction is not ABSENT:
            if ddof != 0:
                raise ValueError("ddof and correction can't be provided simultaneously.")
            ddof = correction
        static = {"axis": axis, "dtype": dtype, "ddof": value_of(ddof), "keepdims": _keeps(keepdims)}
        return apply(op, (a,) if mean is ABSENT else (a, mean), static)

    function.__doc__ = f"`np.{op.name}` on a Tensor; a mean that is given gets its gradient too."
    return function


var, std, nanvar, nanstd = map(_spread_function, (VAR, STD, NANVAR, NANSTD))

# -- average -----------------------------------------------------------------------------------------------------------


def _aligned(weights: Any, x: Any, axis: Any) -> Any:
    """Weights that were given for some axes of x, in a shape that broadcasts against it."""
    if np.shape(weights) == np.shape(x):
        return weights
    axes = axes_of(axis, np.ndim(x))
    ordered = np.transpose(weights, tuple(int(i) for i in np.argsort(axes))) if len(axes) > 1 else weights
    return np.reshape(ordered, tuple(n if i in axes else 1 for i, n in enumerate(np.shape(x))))


_np_average: Any = np.average  # its type in NumPy's stubs wants keepdims spelled out


def _average(x: Any, *weights: Any, axis: Any, keepdims: bool) -> Any:
    return _np_average(x, axis, *weights, keepdims=keepdims)


def _average_vjp(g: Any, out: Any, x: Any, *weights: Any, axis: Any, keepdims: bool, position: int) -> Any:
    g = spread(g, x, axis)
    if not weights:
        return np.broadcast_to(g / _count(x, axis), np.shape(x))
    aligned = _aligned(weights[0], x, axis)
    g = g / np.sum(aligned, axis=axis, keepdims=True)
    if not position:
        return g * aligned
    share = g * (x - spread(out, x, axis))
    if np.shape(weights[0]) == np.shape(x):
        return share
    axes = axes_of(axis, np.ndim(x))
    share = np.reshape(sum_to(share, np.shape(aligned)), tuple(np.shape(x)[a] for a in sorted(axes)))
    return np.transpose(share, tuple(int(i) for i in np.argsort(np.argsort(axes))))


AVERAGE = row(
    "average",
    _average,
    [Rule("δ · weight / Σ weights; towards the weights δ·({0} − {out})/Σ weights", vjp=_average_vjp)],
    role=MIXES,
    role_text="upstream × its share of the weight",
    symbol="mean",
    text="average({all})",
    variadic=True,
)


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = ABSENT
) -> Any:  # fmt: skip
    """`np.average` on Tensors: values and weights may be Tensors."""
    static = {"axis": axis, "keepdims": _keeps(keepdims)}
    found = apply(AVERAGE, (a,) if weights is None else (a, weights), static)
    if not returned:
        return found
    if weights is None:
        return found, np.average(value_of(a), axis, returned=True, keepdims=_keeps(keepdims))[1]
    total = np.sum(_aligned(weights, a, axis), axis=axis, keepdims=_keeps(keepdims))
    return found, total if np.shape(total) == found.shape else np.broadcast_to(total, found.shape).copy()


# -- quantiles ---------------------------------------------------------------------------------------------------------


def _lines(x: Any, axis: Any) -> Any:
    """The plain values with the axes that a quantile goes over put last, as one."""
    n = np.ndim(x)
    axes = axes_of(axis, n)
    rest = [i for i in range(n) if i not in axes]
    moved = np.transpose(value_of(x), (*rest, *axes))
    return np.reshape(moved, (*moved.shape[: len(rest)], -1 if moved.size else _count(x, axis)))


def _laid_back(lines: Any, x: Any, axis: Any) -> Any:
    """The inverse of `_lines`, with axes in front of those of x left where they are."""
    n = np.ndim(x)
    axes = axes_of(axis, n)
    order = [*[i for i in range(n) if i not in axes], *axes]
    lead = lines.ndim - (n - len(axes)) - 1
    split = np.reshape(lines, (*lines.shape[:lead], *[np.shape(x)[i] for i in order]))
    return np.transpose(split, (*range(lead), *[int(i) + lead for i in np.argsort(order)]))


def _tied(lines: Any, chosen: Any) -> Any:
    """Among the elements that have the chosen value its weight is shared evenly."""
    same = lines == chosen[..., None]
    return same / np.maximum(np.sum(same, axis=-1, keepdims=True), 1)


def _weights(x: Any, q: Any, axis: Any, method: str, skip: bool) -> Any:
    """How much each element of x has of the quantiles, which are sums of one or two of them: q's axes, then x's.

    A nan that is not left out wins over all, as it does in the value.
    """
    lines = _lines(x, axis)
    places = np.ravel(q)
    nan = np.isnan(lines)
    count = np.sum(~nan, axis=-1)
    rising = np.sort(lines, axis=-1)
    found = np.zeros((places.size, *lines.shape), dtype_of(x))
    for n in np.unique(count):
        # Where in n sorted numbers a quantile lies is the same quantile of 0, 1 … n − 1, by whatever method.
        at = np.quantile(np.arange(float(n)), places, method=method) if n else np.zeros(places.shape)  # pyright: ignore
        for i, place in enumerate(np.atleast_1d(at)):
            lower = int(place)
            part = place - lower
            weight = (1.0 - part) * _tied(lines, rising[..., lower])
            if part:
                weight = weight + part * _tied(lines, rising[..., lower + 1])
            found[i] = np.where((count == n)[..., None], weight, found[i])
    if skip:
        found = np.where(nan, 0.0, found)
    elif nan.any():
        found = np.where(nan.any(axis=-1, keepdims=True), nan / np.maximum(nan.sum(axis=-1, keepdims=True), 1), found)
    return np.reshape(_laid_back(found, x, axis), np.shape(q) + np.shape(x))


def _between(g: Any, x: Any, q: Any, axis: Any, method: str, skip: bool) -> Any:
    if np.size(x) == 0:
        return np.zeros(np.shape(x))
    lead = np.ndim(q)
    axes = axes_of(axis, np.ndim(x))
    kept = [1 if i in axes else n for i, n in enumerate(np.shape(x))]
    share = np.reshape(g, np.shape(q) + tuple(kept)) * _weights(x, q, axis, method, skip)
    return np.sum(share, axis=tuple(range(lead))) if lead else share


def _quantile_op(name: str, compute: Any, scale: float, skip: bool = False) -> Op:
    return row(
        name,
        lambda x, q, axis, method, keepdims: compute(x, q, axis=axis, method=method, keepdims=keepdims),
        [
            Rule(
                "δ at the elements it lies between, in their parts",
                # By NumPy's rules a plain q takes the dtype of the data.
                vjp=lambda g, out, x, q, axis, method, keepdims: _between(
                    g, x, np.true_divide(q, dtype_of(x).type(scale)), axis, method, skip
                ),
            )
        ],
        role="routes",
        role_text="upstream → the elements it lies between",
        text=f"{name}({{0}}, {{q}})",
    )


def _median_op(name: str, compute: Any, skip: bool = False) -> Op:
    return row(
        name,
        lambda x, axis, keepdims: compute(x, axis=axis, keepdims=keepdims),
        [
            Rule(
                "δ at the middle, half to each where there are two",
                vjp=lambda g, out, x, axis, keepdims: _between(g, x, 0.5, axis, "linear", skip),
            )
        ],
        role="routes",
        role_text="upstream → the middle only",
        text=f"{name}({{0}})",
    )


QUANTILE = _quantile_op("quantile", np.quantile, 1.0)
PERCENTILE = _quantile_op("percentile", np.percentile, 100.0)
NANQUANTILE = _quantile_op("nanquantile", np.nanquantile, 1.0, skip=True)
NANPERCENTILE = _quantile_op("nanpercentile", np.nanpercentile, 100.0, skip=True)
MEDIAN = _median_op("median", np.median)
NANMEDIAN = _median_op("nanmedian", np.nanmedian, skip=True)


def _quantile_function(op: Op) -> Callable[..., Any]:
    def function(
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: Any = ABSENT, *, weights: Any = None,
    ) -> Any:  # fmt: skip
        leave_out(op.name, out=out, overwrite_input=overwrite_input, weights=weights)
        static = constants_only(op.name, q=q)
        if op.name.startswith("nan") and np.ndim(static["q"]) > 1:  # NumPy mixes up the axes of its own result
            raise RecordError(f"np.{op.name} with q of {np.ndim(q)} axes has no gradient rule in gradviz: ravel q")
        axis = tuple(axis) if isinstance(axis, list) else axis
        return apply(op, (a,), {**static, "axis": axis, "method": method, "keepdims": _keeps(keepdims)})

    function.__doc__ = f"`np.{op.name}` on a Tensor, by every method; q is a constant."
    return function


def _median_function(op: Op) -> Callable[..., Any]:
    def function(
        a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = ABSENT
    ) -> Any:
        leave_out(op.name, out=out, overwrite_input=overwrite_input)
        axis = tuple(axis) if isinstance(axis, list) else axis
        return apply(op, (a,), {"axis": axis, "keepdims": _keeps(keepdims)})

    function.__doc__ = f"`np.{op.name}` on a Tensor."
    return function


quantile, percentile, nanquantile, nanpercentile = map(
    _quantile_function, (QUANTILE, PERCENTILE, NANQUANTILE, NANPERCENTILE)
)
median, nanmedian = map(_median_function, (MEDIAN, NANMEDIAN))

# -- reductions that leave nan out, and ptp ----------------------------------------------------------------------------


def _shared(x: Any, top: Any, axis: Any) -> Any:
    """1 at the element that `top` is the value of, split evenly where several tie; 0 at nan, unless nan is the top."""
    x, top = value_of(x), spread(value_of(top), x, axis)
    same = (x == top) | (np.isnan(x) & np.isnan(top))
    return same / np.maximum(np.sum(same, axis=axis if np.ndim(x) else None, keepdims=True), 1)


def _nansum_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any, keepdims: bool) -> Any:
    return np.where(np.isnan(value_of(x)), 0.0, spread(g, x, axis))


def _nanmean_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any, keepdims: bool) -> Any:
    numbers, count = _numbers(x, axis)
    return np.where(numbers, spread(g, x, axis) / np.maximum(count, 1), 0.0)


def _nanprod_vjp(g: Any, out: Any, x: Any, axis: Any, dtype: Any, keepdims: bool) -> Any:
    filled, numbers = without_nan(x, 1.0)
    return np.where(numbers, spread(g, x, axis) * product_of_others(filled, out, axis), 0.0)


def _accumulating(name: str, compute: Any, text: str, vjp: Any, role: str, role_text: str, symbol: str) -> Op:
    return row(
        name,
        lambda x, axis, dtype, keepdims: compute(x, axis=axis, dtype=dtype, keepdims=keepdims),
        [Rule(text, vjp=vjp)],
        role=role,
        role_text=role_text,
        symbol=symbol,
        text=f"{name}({{0}})",
    )


def _choosing(name: str, compute: Any, winner: str) -> Op:
    return row(
        name,
        lambda x, axis, keepdims: compute(x, axis=axis, keepdims=keepdims),
        [
            Rule(
                f"δ at the {winner}, else 0",
                # All nan: there is no winner, and nothing passes.
                vjp=lambda g, out, x, axis, keepdims: (
                    spread(g, x, axis) * np.where(np.isnan(value_of(x)), 0.0, _shared(x, out, axis))
                ),
            )
        ],
        role="routes",
        role_text=f"upstream → the {winner} only",
        symbol=winner,
        text=f"{name}({{0}})",
    )


def _ptp_vjp(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    plain, along = value_of(x), axis if np.ndim(x) else None
    top, bottom = (_shared(plain, end(plain, axis=along, keepdims=True), axis) for end in (np.max, np.min))
    return spread(g, x, axis) * (top - bottom)


NANSUM = _accumulating("nansum", np.nansum, "δ; 0 at nan", _nansum_vjp, "broadcasts", "upstream → every number", "Σ")
NANMEAN = _accumulating(
    "nanmean", np.nanmean, "δ/n; 0 at nan", _nanmean_vjp, "splits evenly", "upstream ÷ n → every number", "mean"
)
NANPROD = _accumulating(
    "nanprod",
    np.nanprod,
    "δ · the product of the others; 0 at nan",
    _nanprod_vjp,
    "switches",
    "upstream × product of the other numbers",
    "Π",
)
NANMAX = _choosing("nanmax", np.nanmax, "max")
NANMIN = _choosing("nanmin", np.nanmin, "min")
PTP = row(
    "ptp",
    lambda x, axis, keepdims: np.ptp(x, axis=axis, keepdims=keepdims),
    [Rule("δ at the max, −δ at the min, else 0", vjp=_ptp_vjp)],
    role=MIXES,
    role_text="upstream → the max, −upstream → the min",
    symbol="max−min",
    text="ptp({0})",
)

# -- cov and corrcoef --------------------------------------------------------------------------------------------------


@cache  # asked when needed: it is a hundredth of the whole import
def _turns_one_row() -> bool:
    """Whether a first operand of a single row is turned as any other: since NumPy 2.2 it is."""
    return np.cov(np.zeros((1, 2)), rowvar=False, ddof=0).shape == (2, 2)


def _is_turned(x: Any, rowvar: bool, second: bool) -> bool:
    """Whether x has its variables in columns."""
    one_row = not second and _turns_one_row()
    return not rowvar and np.ndim(x) == 2 and (np.shape(x)[0] != 1 or one_row)


def _variables(x: Any, turned: bool) -> Any:
    """x with a variable in each row and an observation in each column."""
    return np.transpose(x) if turned else np.reshape(x, (1, -1)) if np.ndim(x) < 2 else x


def _factors(n: int, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> tuple[Any, Any]:
    """The weight of each observation, and what the sum of products is multiplied by."""
    given = [np.asarray(w, dtype=float) for w in (fweights, aweights) if w is not None]
    w = np.prod(given, axis=0) if given else np.ones(n)
    ddof = (0 if bias else 1) if ddof is None else ddof
    total = w.sum()
    lost = ddof if aweights is None or ddof == 0 else ddof * np.sum(w * np.asarray(aweights, dtype=float)) / total
    return w, np.true_divide(1.0, np.maximum(total - lost, 0.0))


def _cov(x: Any, *y: Any, rowvar: bool, dtype: Any, **options: Any) -> Any:
    return np.cov(x, *y, rowvar=rowvar, dtype=dtype, **options)


def _cov_vjp(g: Any, out: Any, *operands: Any, rowvar: bool, position: int, dtype: Any, **options: Any) -> Any:
    x = operands[position]
    if any(np.size(operand) == 0 for operand in operands):
        return np.zeros(np.shape(x))
    turned = [_is_turned(operand, rowvar, i > 0) for i, operand in enumerate(operands)]
    blocks = list(map(_variables, operands, turned))
    data = np.concatenate(blocks, axis=0) if len(blocks) > 1 else blocks[0]
    w, factor = _factors(np.shape(data)[1], **options)
    deviation = data - np.sum(data * w, axis=1, keepdims=True) / w.sum()
    g = np.reshape(g, (np.shape(data)[0],) * 2)
    share = (np.matmul(g, conj(deviation)) + conj(np.matmul(np.transpose(g), deviation))) * (w * factor)
    start = sum(np.shape(block)[0] for block in blocks[:position])
    share = share[start : start + np.shape(blocks[position])[0]]
    return np.transpose(share) if turned[position] else np.reshape(share, np.shape(x))


COV = row(
    "cov",
    _cov,
    [Rule("(δ + δᵀ)·({all} − mean)/(n − ddof)", vjp=_cov_vjp)],
    role=MIXES,
    role_text="upstream × distances from the means",
    text="cov({all})",
    variadic=True,
)


def _corrcoef(x: Any, *y: Any, rowvar: bool, dtype: Any) -> Any:
    return np.corrcoef(x, *y, rowvar=rowvar, dtype=dtype)


def _corrcoef_vjp(g: Any, out: Any, *operands: Any, rowvar: bool, position: int, dtype: Any) -> Any:
    """The rule of cov, for each entry divided by both deviations, which move too."""
    if np.ndim(out) == 0 or np.size(out) == 0:  # of one variable it is always 1
        return np.zeros(np.shape(operands[position]))
    variance = np.diagonal(np.cov(*operands, rowvar=rowvar))
    deviation = np.sqrt(variance)
    pull = np.sum((g + np.transpose(g)) * out, axis=1) / (2.0 * variance)
    share = g / (np.expand_dims(deviation, 1) * deviation) - np.diag(pull)
    options = {"bias": False, "ddof": None, "fweights": None, "aweights": None}
    return _cov_vjp(share, out, *operands, rowvar=rowvar, position=position, dtype=dtype, **options)


CORRCOEF = row(
    "corrcoef",
    _corrcoef,
    [Rule("the rule of cov, less what scaling takes", vjp=_corrcoef_vjp)],
    role=MIXES,
    role_text="upstream × distances from the means",
    text="corrcoef({all})",
    variadic=True,
)

# -- what NumPy calls --------------------------------------------------------------------------------------------------


def _accumulating_function(op: Op) -> Callable[..., Any]:
    def function(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT, initial: Any = ABSENT,
        where: Any = ABSENT,
    ) -> Any:  # fmt: skip
        leave_out(op.name, out=out, initial=initial, where=where)
        return apply(op, (a,), {"axis": axis, "dtype": dtype, "keepdims": _keeps(keepdims)})

    function.__doc__ = f"`np.{op.name}` on a Tensor."
    return function


def _choosing_function(op: Op) -> Callable[..., Any]:
    def function(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = ABSENT, initial: Any = ABSENT, where: Any = ABSENT
    ) -> Any:
        leave_out(op.name, out=out, initial=initial, where=where)
        return apply(op, (a,), {"axis": axis, "keepdims": _keeps(keepdims)})

    function.__doc__ = f"`np.{op.name}` on a Tensor."
    return function


nansum, nanmean, nanprod = map(_accumulating_function, (NANSUM, NANMEAN, NANPROD))
nanmax, nanmin, ptp = map(_choosing_function, (NANMAX, NANMIN, PTP))


def cov(
    m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """`np.cov` on Tensors; the weights of the observations are constants."""
    weights = constants_only("cov", fweights=fweights, aweights=aweights)
    static = {"rowvar": bool(rowvar), "bias": bool(bias), "ddof": ddof, **weights, "dtype": dtype}
    return apply(COV, (m,) if y is None else (m, y), static)


def corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    """`np.corrcoef` on Tensors."""
    if any(v is not None and dtype_of(v).kind == "c" for v in (x, y)):
        raise RecordError("np.corrcoef of complex numbers has no gradient rule in gradviz: divide np.cov by deviations")
    return apply(CORRCOEF, (x,) if y is None else (x, y), {"rowvar": bool(rowvar), "dtype": dtype})


def histogram_of(function: Any) -> Callable[..., Any]:
    """Counts and edges are facts: they step where the data moves, and are plain arrays."""

    def fact(*args: Any, **kwargs: Any) -> Any:
        given = inspect.signature(function).bind(*args, **kwargs)
        given.arguments |= constants_only(function.__name__, weights=given.arguments.get("weights"))
        plain = {name: value_of(value) for name, value in given.kwargs.items()}
        return observe(lambda *values: function(*values, **plain), given.args, function.__name__)

    return fact


FUNCTIONS.update(
    {
        np.var: var,
        np.std: std,
        np.average: average,
        np.median: median,
        np.quantile: quantile,
        np.percentile: percentile,
        np.nanvar: nanvar,
        np.nanstd: nanstd,
        np.nanmedian: nanmedian,
        np.nanquantile: nanquantile,
        np.nanpercentile: nanpercentile,
        np.nansum: nansum,
        np.nanmean: nanmean,
        np.nanprod: nanprod,
        np.nanmax: nanmax,
        np.nanmin: nanmin,
        np.ptp: ptp,
        np.cov: cov,
        np.corrcoef: corrcoef,
        np.histogram2d: histogram_of(np.histogram2d),
        np.histogramdd: histogram_of(np.histogramdd),
        np.histogram_bin_edges: histogram_of(np.histogram_bin_edges),
    }
)
