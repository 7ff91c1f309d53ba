"""Arithmetic: + − × ÷, negation, powers and absolute value."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..backward import CONSTANT, push
from ..op import elementwise
from ..tensor import FUNCTIONS, PENDING, UFUNCS, Tensor, apply, observe
from .pushing import hand


def _push_add(tensor: Tensor, upstream: Any) -> None:
    hand(tensor._a, upstream)
    hand(tensor._b, upstream)


def _push_subtract(tensor: Tensor, upstream: Any) -> None:
    hand(tensor._a, upstream)
    b = tensor._b
    if isinstance(b, Tensor) and b._op is not CONSTANT:
        hand(b, -upstream)


def _push_multiply(tensor: Tensor, upstream: Any) -> None:
    a, b = tensor._a, tensor._b
    if isinstance(a, Tensor) and a._op is not CONSTANT:
        hand(a, upstream * (b._value if isinstance(b, Tensor) else b))
    if isinstance(b, Tensor) and b._op is not CONSTANT:
        hand(b, upstream * (a._value if isinstance(a, Tensor) else a))


# The ops that make up most scalar code push a Python float by hand: the general way costs three times as much. A
# gradient that is a Python float means that the result is one, and then so are the operands: there is nothing to fit,
# and none of them is of a kind that stands for what was written in place.


def _push_float_of_add(tensor: Tensor, upstream: float) -> None:
    a, b = tensor._a, tensor._b
    if type(a) is Tensor:
        held = a._grad
        a._grad = upstream if held is PENDING else held + upstream
    if type(b) is Tensor:
        held = b._grad
        b._grad = upstream if held is PENDING else held + upstream


def _push_float_of_subtract(tensor: Tensor, upstream: float) -> None:
    a, b = tensor._a, tensor._b
    if type(a) is Tensor:
        held = a._grad
        a._grad = upstream if held is PENDING else held + upstream
    if type(b) is Tensor:
        held = b._grad
        b._grad = -upstream if held is PENDING else held - upstream


def _push_float_of_multiply(tensor: Tensor, upstream: float) -> None:
    a, b = tensor._a, tensor._b
    if type(b) is not Tensor:
        held = a._grad
        a._grad = upstream * b if held is PENDING else held + upstream * b
        return
    if type(a) is Tensor:
        held = a._grad
        a._grad = upstream * b._value if held is PENDING else held + upstream * b._value
        a = a._value
    held = b._grad
    b._grad = upstream * a if held is PENDING else held + upstream * a


def _push_divide(tensor: Tensor, upstream: Any) -> None:
    a, b = tensor._a, tensor._b
    x, y = a._value if isinstance(a, Tensor) else a, b._value if isinstance(b, Tensor) else b
    if not (type(upstream) is type(y) is np.ndarray and upstream.ndim):
        push(tensor, upstream)
        return
    if isinstance(a, Tensor) and a._op is not CONSTANT:
        hand(a, upstream * (1.0 / y))
    if isinstance(b, Tensor) and b._op is not CONSTANT:
        share = x / (y * y)
        np.negative(share, out=share)
        share *= upstream
        hand(b, share)


def _power(x: Any, y: Any) -> Any:
    """x to the y, real: where Python would turn to complex numbers, NumPy has nan."""
    if type(y) is float and type(x) in (float, int) and x < 0 and not y.is_integer():
        return np.power(np.float64(x), y)
    return x**y


def _raised(x: Any, y: Any) -> Any:
    """x to the y in a rule, where either may be a Tensor."""
    return x**y if isinstance(x, Tensor) or isinstance(y, Tensor) else _power(x, y)


def _power_base(out: Any, x: Any, y: Any) -> Any:
    if type(y) in (float, int) and y != 0:  # x², say
        return 2.0 * x if y == 2 else y * _raised(x, y - 1)
    # y·x^(y−1) would be 0·inf at x = 0, y = 0; the exponent 1 stands in where y is 0 and the factor is 0 anyway.
    return y * _raised(x, np.where(_plain(y) == 0, 1.0, y - 1) if np.any(_plain(y) == 0) else y - 1)


def _power_exponent(out: Any, x: Any, y: Any) -> Any:
    # x^y·ln x; at x = 0 its limit is 0 for y > 0, which 0·(−inf) would miss.
    return out * np.log(np.where(_plain(x) == 0, 1.0, x))


def _slope_of_absolute(out: Any, x: Any) -> Any:
    if np.iscomplexobj(_plain(x)):  # |x + iy|: (x − iy)/|x + iy|, by the convention of `fourier`
        return np.where(_plain(out) == 0, 0.0, np.conjugate(x) / np.where(_plain(out) == 0, 1.0, out))
    return np.sign(x)


def _plain(x: Any) -> Any:
    return x.value if isinstance(x, Tensor) else x


ADD = elementwise(
    "add",
    operator.add,
    ("1", lambda out, x, y: 1.0),
    ("1", lambda out, x, y: 1.0),
    role="distributes",
    symbol="+",
    text="{0} + {1}",
    binds=1,
    push=_push_add,
    push_float=_push_float_of_add,
)
SUBTRACT = elementwise(
    "subtract",
    operator.sub,
    ("1", lambda out, x, y: 1.0),
    ("−1", lambda out, x, y: -1.0),
    role="distributes",
    role_text="upstream → first, −upstream → second",
    symbol="−",
    text="{0} − {1}",
    binds=1,
    push=_push_subtract,
    push_float=_push_float_of_subtract,
)
MULTIPLY = elementwise(
    "multiply",
    operator.mul,
    ("{1}", lambda out, x, y: y),
    ("{0}", lambda out, x, y: x),
    role="switches",
    symbol="×",
    text="{0} · {1}",
    binds=2,
    push=_push_multiply,
    push_float=_push_float_of_multiply,
)
DIVIDE = elementwise(
    "divide",
    operator.truediv,
    ("1/{1}", lambda out, x, y: 1.0 / y),
    ("−{0}/{1}²", lambda out, x, y: -x / (y * y)),
    role="switches",
    role_text="upstream ÷ divisor, × −result ÷ divisor",
    symbol="÷",
    text="{0} / {1}",
    binds=2,
    push=_push_divide,
)
POWER = elementwise(
    "power",
    _power,
    ("{1}·{0}^({1}−1)", _power_base),
    ("{out}·ln {0}", _power_exponent),
    role="scales by its slope",
    symbol="xʸ",
    text="{0}^{1}",
    binds=4,
)
FLOAT_POWER = elementwise(
    "float_power",
    np.float_power,
    ("{1}·{0}^({1}−1)", _power_base),
    ("{out}·ln {0}", _power_exponent),
    role="scales by its slope",
    symbol="xʸ",
    text="{0}^{1}",
    binds=4,
)
SQUARE = elementwise(
    "square",
    np.square,
    ("2·{0}", lambda out, x: 2.0 * x),
    role="scales by its slope",
    symbol="x²",
    text="{0}²",
    binds=4,
)
NEGATIVE = elementwise(
    "negative",
    operator.neg,
    ("−1", lambda out, x: -1.0),
    role="flips the sign",
    symbol="−x",
    text="−{0}",
    binds=3,
)
POSITIVE = elementwise(
    "positive", operator.pos, ("1", lambda out, x: 1.0), role="distributes", symbol="+x", text="+{0}", binds=3
)
ABSOLUTE = elementwise(
    "absolute",
    abs,
    ("sign {0}", _slope_of_absolute),
    role="gates",
    role_text="upstream × sign of the input",
    symbol="|x|",
    text="|{0}|",
)
RECIPROCAL = elementwise(
    "reciprocal",
    np.reciprocal,
    ("−{out}²", lambda out, x: -out * out),
    role="scales by its slope",
    symbol="1/x",
    text="1/{0}",
    binds=2,
)
REMAINDER = elementwise(
    "remainder",
    operator.mod,
    ("1", lambda out, x, y: 1.0),
    ("−⌊{0}/{1}⌋", lambda out, x, y: -np.floor_divide(_plain(x), _plain(y))),
    role="scales by its slope",
    role_text="upstream → first, upstream × −⌊x/y⌋ → second",
    symbol="mod",
    text="{0} mod {1}",
    binds=2,
)
MODF = elementwise(
    "modf", lambda x: np.modf(x)[0], ("1", lambda out, x: 1.0), role="distributes", symbol="frac", text="frac({0})"
)
FREXP = elementwise(
    "frexp",
    lambda x: np.frexp(x)[0],
    ("{out}/{0}", lambda out, x: np.ldexp(1.0, -np.frexp(_plain(x))[1])),
    role="scales by its slope",
    role_text="upstream ÷ 2^exponent",
    symbol="mantissa",
)


def divmod_(x: Any, y: Any) -> tuple[Any, Any]:
    """`np.divmod` on Tensors."""
    return np.floor_divide(x, y), np.remainder(x, y)


def modf(x: Any) -> tuple[Any, Any]:
    """`np.modf` on a Tensor: the integral part is a step, which lets no gradient through."""
    return apply(MODF, (x,)), np.trunc(x)


def frexp(x: Any) -> tuple[Any, Any]:
    """`np.frexp` on a Tensor: the exponents are plain integers."""
    return apply(FREXP, (x,)), observe(lambda value: np.frexp(value)[1], (x,), "frexp({0})")


FUNCTIONS.update({np.divmod: divmod_, np.modf: modf, np.frexp: frexp})
UFUNCS.update(
    {
        np.add: ADD,
        np.subtract: SUBTRACT,
        np.multiply: MULTIPLY,
        np.divide: DIVIDE,
        np.power: POWER,
        np.float_power: FLOAT_POWER,
        np.square: SQUARE,
        np.negative: NEGATIVE,
        np.positive: POSITIVE,
        np.absolute: ABSOLUTE,
        np.fabs: ABSOLUTE,
        np.reciprocal: RECIPROCAL,
        np.remainder: REMAINDER,
    }
)
