"""Ops that let no gradient through: detach, rounding, signs; and the NumPy calls that give plain facts."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, PLAIN_UFUNCS, UFUNCS, Tensor, apply, observe, value_of


def _blocking(name: str, compute: Any, symbol: str, operands: int = 1, text: str | None = None) -> Op:
    return row(name, compute, [Rule("0")] * operands, role="blocks", symbol=symbol, text=text)


DETACH = _blocking("detach", operator.pos, "detach")
SIGN = _blocking("sign", np.sign, "sign")
FLOOR = _blocking("floor", np.floor, "⌊x⌋", text="⌊{0}⌋")
CEIL = _blocking("ceil", np.ceil, "⌈x⌉", text="⌈{0}⌉")
RINT = _blocking("rint", np.rint, "round")
TRUNC = _blocking("trunc", np.trunc, "trunc")
FLOOR_DIVIDE = _blocking("floor_divide", operator.floordiv, "//", operands=2, text="⌊{0} / {1}⌋")
ROUND = row(
    "round",
    # Python's own round of a single number: to an integer, and by its decimal digits where NumPy scales and rounds
    lambda x, decimals, python=False: round(x, decimals) if python else np.round(x, decimals),
    [Rule("0")],
    role="blocks",
    text="round({0}, {decimals})",
)


def detach(x: Any) -> Any:
    """The same value with the gradient cut off on purpose; drawn as a box that blocks.

    Parameters
    ----------
    x : Tensor or float or array_like
        What to detach; anything that is no Tensor comes back as it is.

    Examples
    --------
    >>> import gradviz as gv
    >>> x = gv.tensor(3.0)
    >>> y = x * gv.detach(x)
    >>> y.backward()
    >>> x.grad
    3.0
    """
    return apply(DETACH, (x,)) if isinstance(x, Tensor) else x


def round_(a: Any, decimals: int = 0) -> Any:
    """`np.round` on a Tensor."""
    return apply(ROUND, (a,), {"decimals": decimals})


UFUNCS.update(
    {
        np.sign: SIGN,
        np.floor: FLOOR,
        np.ceil: CEIL,
        np.rint: RINT,
        np.trunc: TRUNC,
        np.floor_divide: FLOOR_DIVIDE,
    }
)
FUNCTIONS.update({np.round: round_, np.around: round_})

PLAIN_UFUNCS.update(
    {
        np.greater,
        np.greater_equal,
        np.less,
        np.less_equal,
        np.equal,
        np.not_equal,
        np.isnan,
        np.isinf,
        np.isfinite,
        np.signbit,
        np.logical_and,
        np.logical_or,
        np.logical_not,
        np.logical_xor,
    }
)


def fact_of(function: Any) -> Any:
    """A NumPy function that answers something about the values: an index, a truth, a shape."""

    def fact(*args: Any, **kwargs: Any) -> Any:
        named = {k: value_of(v) for k, v in kwargs.items()}
        return observe(lambda *values: function(*values, **named), args, function.__name__)

    return fact


def _unwatched(function: Any) -> Any:
    """A NumPy function whose answer depends on shapes alone, or that only prints."""

    def plain(*args: Any, **kwargs: Any) -> Any:
        return function(*[value_of(x) for x in args], **{k: value_of(v) for k, v in kwargs.items()})

    return plain


def _of_the_shape(ask: Any) -> Any:
    """A NumPy function that looks at the shape alone: not even a written tensor's value is kept for it."""

    def plain(a: Any, *args: Any, **kwargs: Any) -> Any:
        return ask(a, *args, **kwargs)

    return plain


def _size(a: Any, axis: Any = None) -> int:
    return a.size if axis is None else np.size(np.broadcast_to(0, a.shape), axis)


FUNCTIONS[np.shape] = _of_the_shape(lambda a: a.shape)
FUNCTIONS[np.ndim] = _of_the_shape(lambda a: a.ndim)
FUNCTIONS[np.size] = _of_the_shape(_size)
for _function in (
    np.all,
    np.any,
    np.argmax,
    np.argmin,
    np.argsort,
    np.argwhere,
    np.nonzero,
    np.flatnonzero,
    np.count_nonzero,
    np.searchsorted,
    np.allclose,
    np.array_equal,
    np.isclose,
    np.nanargmax,
    np.nanargmin,
    np.digitize,
    np.isneginf,
    np.isposinf,
):
    FUNCTIONS[_function] = fact_of(_function)
for _function in (
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.full_like,
    np.array_repr,
    np.array_str,
    np.array2string,
    np.result_type,
    np.iscomplexobj,
    np.isrealobj,
    np.may_share_memory,
    np.shares_memory,
):
    FUNCTIONS[_function] = _unwatched(_function)
