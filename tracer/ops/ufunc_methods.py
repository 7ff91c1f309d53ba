"""What a ufunc does besides being called plainly: reduce, accumulate, outer, reduceat, `where=`, `dtype=`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..backward import local_gradient, sum_to
from ..errors import RecordError
from ..frames import user_frame
from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, PLAIN_UFUNCS, UFUNC_METHODS, UFUNCS, Tensor, call, observe, place, value_of
from .cumulative import product_of_others
from .indexing import SCATTER
from .rearranging import along, fixed
from .reduction import kept

_ABSENT: Any = np._NoValue  # pyright: ignore[reportPrivateUsage]  # NumPy's own default for "not given"

#: What writes into an array that is there already: the module that records writing in place puts its own here.
#: "out" is called with (ufunc, method, inputs, kwargs), kwargs holding out=; "at" with (ufunc, inputs, kwargs).
IN_PLACE: dict[str, Callable[..., Any]] = {}

#: By its name, each ufunc that a static argument may mean.
_BY_NAME: dict[str, np.ufunc] = {ufunc.__name__: ufunc for ufunc in UFUNCS}


def _refusal(ufunc: np.ufunc, method: str, kwargs: dict[str, Any], way: str) -> RecordError:
    name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
    using = f" with {', '.join(f'{key}=' for key in kwargs)}" if kwargs else ""
    return RecordError(f"{name}{using} has no gradient rule in gradviz ({place(user_frame(1))}): {way}")


def _refuse_rest(ufunc: np.ufunc, method: str, kwargs: dict[str, Any]) -> None:
    """Refuse the arguments that no handler has taken."""
    given = {key: value for key, value in kwargs.items() if value is not None and value is not _ABSENT}
    if given:
        raise _refusal(ufunc, method, given, f"leave {', '.join(f'{key}=' for key in given)} out")


# -- where=: computed at some places only ------------------------------------------------------------------------------


def _masked(*operands: Any, ufunc: str, where: Any) -> Any:
    *inputs, old = operands
    new = np.array(np.broadcast_to(old, np.broadcast_shapes(*[np.shape(x) for x in operands], np.shape(where))))
    return _BY_NAME[ufunc](*inputs, out=new, where=where)


def _masked_share(g: Any, out: Any, *operands: Any, ufunc: str, where: Any, position: int) -> Any:
    *inputs, old = operands
    if position == len(inputs):
        return np.where(where, 0.0, g)
    op = UFUNCS[_BY_NAME[ufunc]]
    if op.rules[position].local is None:
        return np.zeros(np.shape(old))
    # Where nothing was computed the slope may be inf or nan, and 0 times that is nan: chosen last, not multiplied.
    return np.where(where, g * local_gradient(op, position, out, inputs, {}), 0.0)


MASKED = row(
    "masked",
    _masked,
    [Rule("δ · slope where computed; δ elsewhere → what was there", vjp=_masked_share)],
    role="scales by its slope",
    role_text="upstream × slope where computed, else 0",
    symbol="where=",
    variadic=True,
    text="{ufunc}({all}) where {where}",
)


def masked(ufunc: np.ufunc, inputs: Sequence[Any], where: Any, old: Any) -> Any:
    """`ufunc(*inputs, out=old, where=where)`, without writing into `old`: computed where the mask holds, else `old`."""
    if ufunc not in UFUNCS or ufunc.signature is not None:
        raise _refusal(ufunc, "__call__", {"where": where}, "use np.where on the inputs and on the result")
    _BY_NAME.setdefault(ufunc.__name__, ufunc)  # those of other libraries come later
    mask = np.array(value_of(where), dtype=bool)
    return call(MASKED, (*inputs, old), {"ufunc": ufunc.__name__, "where": mask})


# -- called, with arguments --------------------------------------------------------------------------------------------


def _called(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    where = kwargs.pop("where", True)
    if where is not True:
        raise _refusal(
            ufunc, "__call__", {"where": where}, "without out= the other places hold whatever lay in memory: give out="
        )
    dtype, casting = kwargs.pop("dtype", None), kwargs.pop("casting", "same_kind")
    for layout in ("order", "subok"):  # they change no value
        kwargs.pop(layout, None)
    _refuse_rest(ufunc, "__call__", kwargs)
    return ufunc(*_cast(ufunc, inputs, dtype, casting))


def _cast(ufunc: np.ufunc, inputs: tuple[Any, ...], dtype: Any, casting: str) -> list[Any]:
    """The inputs in the dtypes that the ufunc computes in when asked for `dtype`; NumPy's error where it can't."""
    types: list[Any] = []
    for value in map(value_of, inputs):
        types.append(type(value) if type(value) in (float, int) else np.asarray(value).dtype)
    given: dict[str, Any] = {"casting": casting}
    if dtype is not None:
        given["signature"] = (None,) * ufunc.nin + (np.dtype(dtype),) * ufunc.nout
    loop: Any = ufunc.resolve_dtypes((*types, *[None] * ufunc.nout), **given)  # pyright: ignore
    if dtype is None:
        return list(inputs)
    return [_as_type(x, dtype) for x, dtype in zip(inputs, loop, strict=False)]


def _as_type(x: Any, dtype: Any) -> Any:
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x if dtype is None or x.dtype == dtype else np.astype(x, np.dtype(dtype))


# -- outer: every pair -------------------------------------------------------------------------------------------------


def _outer_share(ufunc: np.ufunc, op: Op, position: int) -> Callable[..., Any]:
    def share(g: Any, out: Any, x: Any, y: Any) -> Any:
        wide = np.reshape(x, np.shape(x) + (1,) * np.ndim(y))
        whole = g * local_gradient(op, position, out, [wide, y], {})
        if position == 1:
            return whole  # y's axes are the last: the engine sums the others away
        return np.reshape(sum_to(np.broadcast_to(whole, np.shape(out)), np.shape(wide)), np.shape(x))

    return share


_NOTHING = (
    Rule("0", vjp=lambda g, out, x, y: np.zeros(np.shape(x))),
    Rule("0", vjp=lambda g, out, x, y: np.zeros(np.shape(y))),
)


def _outer(ufunc: np.ufunc, op: Op) -> Op:
    """The row for `ufunc.outer`, from the row of the ufunc."""
    rules = [
        Rule(f"Σ δ · ({rule.text})", vjp=_outer_share(ufunc, op, i)) if rule.local else _NOTHING[i]
        for i, rule in enumerate(op.rules)
    ]
    return row(
        f"{ufunc.__name__}.outer",
        ufunc.outer,
        rules,
        role=op.role,
        role_text=f"{op.role_text}, summed over the pairs",
        symbol=f"{op.symbol} outer",
        text=f"{ufunc.__name__}.outer({{0}}, {{1}})",
    )


_OUTER: dict[np.ufunc, Op] = {
    ufunc: _outer(ufunc, op) for ufunc, op in UFUNCS.items() if ufunc.nin == 2 and ufunc.signature is None
}


def _outered(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    x, y = inputs
    if kwargs or ufunc not in _OUTER:  # a ufunc of another library: two ops
        wide = np.reshape(x, np.shape(x) + (1,) * np.ndim(y))
        return _called(ufunc, (wide, y), kwargs)
    return call(_OUTER[ufunc], (x, y))


# -- accumulate and reduce: a chain of calls, each on the result of the last -------------------------------------------


def _back_along(h: Any, carry: Any, axis: int) -> Any:
    """The gradients of a chain's results: G[k] = h[k] + carry[k+1]·G[k+1], its own and what the next carries back.

    What carries nothing hands nothing on, not even a nan.
    """
    h, carry = np.moveaxis(h, axis, 0), np.moveaxis(carry, axis, 0)
    total = h[-1]
    parts = [total]
    for k in range(np.shape(h)[0] - 2, -1, -1):
        total = h[k] + np.where(value_of(carry[k + 1]) == 0, 0.0, carry[k + 1] * total)
        parts.append(total)
    return np.moveaxis(np.stack(parts[::-1]), 0, axis)


def _chain_share(op: Op, g: Any, out: Any, x: Any, axis: int) -> Any:
    """The rule of accumulate for any binary ufunc, out[k] = f(out[k−1], x[k]), by the local gradients of f."""
    ndim, n = np.ndim(x), np.shape(x)[axis]
    if n == 0:
        return g
    first, rest = along(axis, ndim, slice(0, 1)), along(axis, ndim, slice(1, None))
    before = out[along(axis, ndim, slice(0, n - 1))]
    slopes = [_whole(op, i, out[rest], [before, x[rest]]) for i in (0, 1)]
    one = np.ones(np.shape(value_of(x)[first]))
    total = _back_along(g, np.concatenate([one, slopes[0]], axis), axis)
    return total * np.concatenate([one, slopes[1]], axis)


def _whole(op: Op, position: int, out: Any, values: list[Any]) -> Any:
    return np.broadcast_to(local_gradient(op, position, out, values, {}), np.shape(out))


_SLOPE = "scales by its slope"
_ALONG = "upstream × the slopes along the chain"


def _accumulate_row(ufunc: np.ufunc, text: str, share: Callable[..., Any], role: str, role_text: str) -> Op:
    return row(
        f"{ufunc.__name__}.accumulate",
        lambda x, axis: ufunc.accumulate(x, axis),
        [Rule(text, vjp=lambda g, out, x, axis: share(g, out, x, axis % np.ndim(x)))],
        role=role,
        role_text=role_text,
        symbol=f"{UFUNCS[ufunc].symbol} accumulate",
        text=f"{ufunc.__name__}.accumulate({{0}})",
    )


def _running_share(g: Any, out: Any, x: Any, axis: int) -> Any:
    """The rule of a running largest or smallest: to the elements that are it so far, split evenly where they tie."""
    x, out = value_of(x), value_of(out)
    ndim, n = x.ndim, x.shape[axis]
    if x.size == 0:
        return g
    winner = _same(x, out)  # those that are the best so far when they come
    later, sooner = (out[along(axis, ndim, s)] for s in (slice(1, None), slice(0, n - 1)))
    same = np.concatenate([np.zeros_like(winner[along(axis, ndim, slice(0, 1))]), _same(later, sooner)], axis)
    places = np.arange(n).reshape(tuple(-1 if i == axis else 1 for i in range(ndim)))
    if not np.any(same & winner):  # no ties: each result comes from one place
        index: list[Any] = list(np.ogrid[tuple(slice(m) for m in x.shape)])
        index[axis] = np.maximum.accumulate(np.where(winner, places, 0), axis)
        return call(SCATTER, (g,), {"index": tuple(index), "shape": x.shape})
    # How many tie so far: those counted since the best changed last.
    counts = np.cumsum(winner, axis)
    ties = counts - np.maximum.accumulate(np.where(same, 0, counts - winner), axis)
    return winner * _back_along(g / ties, same.astype(float), axis)


def _same(x: Any, y: Any) -> Any:
    return (x == y) | ((x != x) & (y != y))


_CHAINED: tuple[np.ufunc, ...] = (
    np.subtract,
    np.divide,
    np.power,
    np.float_power,
    np.hypot,
    np.logaddexp,
    np.logaddexp2,
)
_EXTREMES: tuple[tuple[np.ufunc, str], ...] = (
    (np.maximum, "max"),
    (np.minimum, "min"),
    (np.fmax, "max"),
    (np.fmin, "min"),
)
_ACCUMULATE: dict[np.ufunc, Op] = {
    ufunc: _accumulate_row(ufunc, "δ, back along the chain", partial(_chain_share, UFUNCS[ufunc]), _SLOPE, _ALONG)
    for ufunc in _CHAINED
}
for _ufunc, _word in _EXTREMES:
    _text, _role_text = f"Σ δ while it is the {_word}", f"upstream → the {_word} so far"
    _ACCUMULATE[_ufunc] = _accumulate_row(_ufunc, _text, _running_share, "routes", _role_text)


def _accumulated(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    array, axis, dtype = _positional(inputs, kwargs, ("array", "axis", "dtype"), (None, 0, None))
    _refuse_rest(ufunc, "accumulate", kwargs)
    function: Any = _ACCUMULATIONS.get(ufunc)
    if function in FUNCTIONS and np.ndim(array):
        return FUNCTIONS[function](array, axis=axis, **({} if dtype is None else {"dtype": dtype}))
    if ufunc not in _ACCUMULATE:
        raise _refusal(ufunc, "accumulate", {}, "write the chain as a loop")
    array = _as_type(array, dtype)
    return call(_ACCUMULATE[ufunc], (array,), {"axis": axis})


def _reduction(ufunc: np.ufunc, text: str, share: Callable[..., Any], role: str, role_text: str) -> Op:
    return row(
        f"{ufunc.__name__}.reduce",
        lambda x, axis, keepdims, where, **initial: ufunc.reduce(
            x, axis=axis, keepdims=keepdims, where=where, **initial
        ),
        [Rule(text, vjp=share)],
        role=role,
        role_text=role_text,
        symbol=f"{UFUNCS[ufunc].symbol} reduce",
        text=f"{ufunc.__name__}.reduce({{0}})",
    )


def _by_slope(slope: Callable[..., Any]) -> Callable[..., Any]:
    """The rule of a reduction in which an element's slope follows from itself and the result."""

    def share(g: Any, out: Any, x: Any, axis: Any, keepdims: bool, where: Any, initial: Any = _ABSENT) -> Any:
        shape = np.shape(x)
        slopes = slope(kept(out, shape, axis), x, axis, where, initial)
        return np.where(where, kept(g, shape, axis) * slopes, 0.0)

    return share


def _by_chain(ufunc: np.ufunc) -> Callable[..., Any]:
    """The rule of a reduction by that of accumulate, whose last result it is."""

    def share(g: Any, out: Any, x: Any, axis: int, keepdims: bool, where: Any) -> Any:
        chain = call(_ACCUMULATE[ufunc], (x,), {"axis": axis})
        end = {"index": along(axis, np.ndim(x), slice(-1, None)), "shape": np.shape(x)}
        last = call(SCATTER, (kept(g, np.shape(x), axis),), end)
        return _chain_share(UFUNCS[ufunc], last, chain, x, axis % np.ndim(x))

    return share


def _winners(out: Any, x: Any, axis: Any, where: Any, initial: Any) -> Any:
    """1 at the winner, split evenly where several tie, the initial value among them."""
    out, x = value_of(out), value_of(x)
    winner = _same(x, out) & where
    ties = np.sum(winner, axis=axis, keepdims=True) + (0 if initial is _ABSENT else _same(initial, out))
    return winner / np.maximum(ties, 1)


def _others(out: Any, x: Any, axis: Any, where: Any, initial: Any) -> Any:
    """The product of all the others, those left out standing as 1."""
    x = np.where(where, x, 1.0)
    return product_of_others(x, np.prod(x, axis=axis), axis) * (1.0 if initial is _ABSENT else initial)


def _hypot_slope(out: Any, x: Any, *_: Any) -> Any:
    return x / np.where(value_of(out) == 0, 1.0, out)


_TO_MAX = ("δ at the max, else 0", _winners, "routes", "upstream → the max only")
_TO_MIN = ("δ at the min, else 0", _winners, "routes", "upstream → the min only")
_TO_SOFTMAX = "upstream × softmax of the elements"

#: The reductions whose slopes are known: their formula, the slopes, the role and its line.
_SLOPES: dict[np.ufunc, tuple[str, Callable[..., Any], str, str]] = {
    np.add: (
        "δ where summed",
        lambda out, x, *_: np.ones(np.shape(x)),
        "broadcasts",
        "upstream → every element summed",
    ),
    np.multiply: ("δ · product of the others", _others, _SLOPE, "upstream × product of the others"),
    np.maximum: _TO_MAX,
    np.minimum: _TO_MIN,
    np.fmax: _TO_MAX,
    np.fmin: _TO_MIN,
    np.logaddexp: ("δ · exp({0} − {out})", lambda out, x, *_: np.exp(x - out), "routes", _TO_SOFTMAX),
    np.logaddexp2: ("δ · 2^({0} − {out})", lambda out, x, *_: np.exp2(x - out), "routes", _TO_SOFTMAX),
    np.hypot: ("δ · {0}/{out}", _hypot_slope, _SLOPE, "upstream × element ÷ output"),
}
_REDUCE: dict[np.ufunc, Op] = {
    ufunc: _reduction(ufunc, text, _by_slope(slope), role, role_text)
    for ufunc, (text, slope, role, role_text) in _SLOPES.items()
} | {
    ufunc: _reduction(ufunc, "δ, back along the chain", _by_chain(ufunc), _SLOPE, _ALONG)
    for ufunc in _CHAINED
    if ufunc not in _SLOPES and ufunc is not np.power
}

#: What NumPy has a function for: called plainly, it is that function's op.
_ACCUMULATIONS: dict[np.ufunc, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
_REDUCTIONS: dict[np.ufunc, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}


def reduced(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`ufunc.reduce`, with `initial=` and `where=`."""
    names = ("array", "axis", "dtype", "keepdims", "initial", "where")
    taken = _positional(inputs, kwargs, names, (None, 0, None, False, _ABSENT, True))
    array, axis, dtype, keepdims, initial, where = taken
    _refuse_rest(ufunc, "reduce", kwargs)
    more = {} if initial is _ABSENT else {"initial": initial}
    function: Any = _REDUCTIONS.get(ufunc)
    if function in FUNCTIONS and not more and where is True:
        types = {"dtype": dtype} if dtype is not None and function in (np.sum, np.prod) else {}
        array = array if types else _as_type(array, dtype)
        return FUNCTIONS[function](array, axis=axis, keepdims=bool(keepdims), **types)
    if ufunc is np.power:  # with AVX-512, NumPy 2.4 gives first ** last
        raise _refusal(ufunc, "reduce", {}, "its value depends on the processor: take the last of power.accumulate")
    if ufunc not in _REDUCE:
        raise _refusal(ufunc, "reduce", {}, "write the chain as a loop")
    if isinstance(initial, Tensor):
        raise _refusal(ufunc, "reduce", more, f"call np.{ufunc.__name__}(…) of it and the result")
    if ufunc not in _SLOPES:
        _refuse_rest(ufunc, "reduce", {**more, "where": None if where is True else where})
        axis = _one_axis(axis, np.ndim(array))
    mask = True if where is True else np.array(value_of(where), dtype=bool)
    static = {"axis": axis, "keepdims": bool(keepdims), "where": mask, **more}
    return call(_REDUCE[ufunc], (_as_type(array, dtype),), static)


def _one_axis(axis: Any, ndim: int) -> Any:
    """The one axis that a chain runs along; NumPy refuses several, in its own words."""
    if isinstance(axis, tuple) and len(axis) == 1:
        return axis[0]
    return 0 if axis is None and ndim == 1 else axis


# -- reduceat ----------------------------------------------------------------------------------------------------------


def _segments(indices: Any, n: int) -> tuple[Any, Any]:
    """The places that each segment sums, one after the other, and which segment each belongs to."""
    stops = np.append(indices[1:], n)
    lengths = np.maximum(stops - indices, 1)  # where the next index is no larger, NumPy takes the one element
    which = np.repeat(np.arange(len(indices)), lengths)
    within = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return indices[which] + within, which


def _add_reduceat_share(g: Any, out: Any, x: Any, indices: Any, axis: int) -> Any:
    ndim = np.ndim(x)
    places, which = _segments(indices, np.shape(x)[axis])
    return call(SCATTER, (g[along(axis, ndim, which)],), {"index": along(axis, ndim, places), "shape": np.shape(x)})


ADD_REDUCEAT = row(
    "add.reduceat",
    lambda x, indices, axis: np.add.reduceat(x, indices, axis),
    [Rule("δ of its segment, copied", vjp=_add_reduceat_share)],
    role="broadcasts",
    role_text="upstream → every element of its segment",
    symbol="Σ segments",
    text="add.reduceat({0}, {indices})",
)


def _reduced_at(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    array, indices, axis, dtype = _positional(
        inputs, kwargs, ("array", "indices", "axis", "dtype"), (None, None, 0, None)
    )
    _refuse_rest(ufunc, "reduceat", kwargs)
    if ufunc is not np.add:
        raise _refusal(ufunc, "reduceat", {}, "reduce each segment by itself, in a loop")
    array = _as_type(array, dtype)
    return call(ADD_REDUCEAT, (array,), {"indices": fixed(indices), "axis": axis})


# -- the way in --------------------------------------------------------------------------------------------------------


def _positional(
    inputs: tuple[Any, ...], kwargs: dict[str, Any], names: tuple[str, ...], defaults: tuple[Any, ...]
) -> list[Any]:
    """The arguments of a ufunc's method, by position or keyword, taken out of `kwargs`."""
    named = [kwargs.pop(name, default) for name, default in zip(names, defaults, strict=True)]
    given = [*inputs, *named[len(inputs) :]]
    return [default if value is _ABSENT else value for value, default in zip(given, defaults, strict=True)]


_HANDLERS: dict[str, Callable[[np.ufunc, tuple[Any, ...], dict[str, Any]], Any]] = {
    "__call__": _called,
    "reduce": reduced,
    "accumulate": _accumulated,
    "outer": _outered,
    "reduceat": _reduced_at,
}


def ufunc_with(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A ufunc with keyword arguments, or by one of its methods, when a Tensor is among its arguments."""
    out = kwargs.pop("out", None)
    outs = out if isinstance(out, tuple) else (out,)
    if ufunc in PLAIN_UFUNCS and not any(isinstance(x, Tensor) for x in outs):
        return _plain(ufunc, method, inputs, kwargs if out is None else {**kwargs, "out": out})
    if any(x is not None for x in outs):
        return _writing("out", ufunc, method, inputs, {**kwargs, "out": out})
    if method == "at":
        return _writing("at", ufunc, method, inputs, kwargs)
    if ufunc not in UFUNCS or ufunc.signature is not None:
        raise _refusal(ufunc, method, kwargs, f"call np.{ufunc.__name__}(…) plainly")
    return _HANDLERS[method](ufunc, inputs, dict(kwargs))


def _plain(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A fact: plain, and may be written into a plain array. A replay looks at what was answered, not at that array."""
    given = {key: value_of(value) for key, value in kwargs.items() if key != "out"}
    run: Callable[..., Any] = getattr(ufunc, method)
    if "out" not in kwargs:
        return observe(lambda *values: run(*values, **given), inputs, f"{ufunc.__name__}.{method}")
    without = {key: value for key, value in given.items() if key != "where"}
    observe(lambda *values: run(*values, **without), inputs, f"{ufunc.__name__}.{method}")
    return run(*map(value_of, inputs), **given, out=kwargs["out"])


def _writing(what: str, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if what in IN_PLACE:
        return IN_PLACE[what](ufunc, inputs, kwargs) if what == "at" else IN_PLACE[what](ufunc, method, inputs, kwargs)
    target = inputs[0] if what == "at" else kwargs["out"]
    if any(isinstance(x, np.ndarray) for x in (target if isinstance(target, tuple) else (target,))):
        raise RecordError(
            f"np.{ufunc.__name__} would write a Tensor into a plain array at {place(user_frame(1))}, which would cut "
            f"it off the graph: write y = x + t instead of y += t, or make y a Tensor first with gv.tensor(y)"
        )
    raise _refusal(ufunc, method, kwargs if what == "out" else {}, f"call np.{ufunc.__name__}(…) plainly and assign")


# Integers have no gradient, so what NumPy has for integers alone answers with facts.
PLAIN_UFUNCS.update(
    {
        np.bitwise_and,
        np.bitwise_count,
        np.bitwise_or,
        np.bitwise_xor,
        np.gcd,
        np.invert,
        np.isnat,
        np.lcm,
        np.left_shift,
        np.right_shift,
    }
)
UFUNC_METHODS.update(dict.fromkeys((*_HANDLERS, "at"), ufunc_with))
