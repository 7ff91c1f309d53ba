"""Exponentials, logarithms, roots and the trigonometric and hyperbolic functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import elementwise
from ..tensor import UFUNCS
from .pushing import of_one

_SLOPE = "scales by its slope"
_LN2, _LN10 = float(np.log(2.0)), float(np.log(10.0))

EXP = elementwise("exp", np.exp, ("{out}", lambda out, x: out), role="scales by its output", text="exp({0})")
EXP2 = elementwise(
    "exp2",
    np.exp2,
    ("{out}·ln 2", lambda out, x: out * _LN2),
    role="scales by its output",
    role_text="upstream × output · ln 2",
    symbol="2ˣ",
    text="2^{0}",
)
EXPM1 = elementwise(
    "expm1",
    np.expm1,
    ("{out} + 1", lambda out, x: out + 1.0),
    role=_SLOPE,
    role_text="upstream × (output + 1)",
    text="exp({0}) − 1",
    binds=1,
)
LOG = elementwise("log", np.log, ("1/{0}", lambda out, x: 1.0 / x), role="scales by 1/x", text="log({0})")
LOG2 = elementwise(
    "log2",
    np.log2,
    ("1/({0}·ln 2)", lambda out, x: 1.0 / (x * _LN2)),
    role="scales by 1/x",
    role_text="upstream ÷ (input · ln 2)",
    symbol="log₂",
)
LOG10 = elementwise(
    "log10",
    np.log10,
    ("1/({0}·ln 10)", lambda out, x: 1.0 / (x * _LN10)),
    role="scales by 1/x",
    role_text="upstream ÷ (input · ln 10)",
    symbol="log₁₀",
)
LOG1P = elementwise(
    "log1p",
    np.log1p,
    ("1/(1 + {0})", lambda out, x: 1.0 / (1.0 + x)),
    role=_SLOPE,
    role_text="upstream ÷ (1 + input)",
    text="log(1 + {0})",
)
SQRT = elementwise(
    "sqrt", np.sqrt, ("1/(2·{out})", lambda out, x: 0.5 / out), role=_SLOPE, symbol="√", text="√{0}", binds=4
)
CBRT = elementwise(
    "cbrt", np.cbrt, ("1/(3·{out}²)", lambda out, x: 1.0 / (3.0 * out * out)), role=_SLOPE, symbol="∛", text="∛{0}"
)
SIN = elementwise("sin", np.sin, ("cos {0}", lambda out, x: np.cos(x)), role=_SLOPE, text="sin({0})")
COS = elementwise("cos", np.cos, ("−sin {0}", lambda out, x: -np.sin(x)), role=_SLOPE, text="cos({0})")
TAN = elementwise("tan", np.tan, ("1 + {out}²", lambda out, x: 1.0 + out * out), role=_SLOPE)
ARCSIN = elementwise("arcsin", np.arcsin, ("1/√(1−{0}²)", lambda out, x: 1.0 / np.sqrt(1.0 - x * x)), role=_SLOPE)
ARCCOS = elementwise("arccos", np.arccos, ("−1/√(1−{0}²)", lambda out, x: -1.0 / np.sqrt(1.0 - x * x)), role=_SLOPE)
ARCTAN = elementwise("arctan", np.arctan, ("1/(1+{0}²)", lambda out, x: 1.0 / (1.0 + x * x)), role=_SLOPE)
SINH = elementwise("sinh", np.sinh, ("cosh {0}", lambda out, x: np.cosh(x)), role=_SLOPE)
COSH = elementwise("cosh", np.cosh, ("sinh {0}", lambda out, x: np.sinh(x)), role=_SLOPE)


def _back_through_tanh(g: Any, out: Any, x: Any) -> Any:
    share = out * out
    np.subtract(1.0, share, out=share)
    share *= g
    return share


TANH = elementwise(
    "tanh",
    np.tanh,
    ("1 − {out}²", lambda out, x: 1.0 - out * out),
    role="attenuates",
    role_text="upstream × slope ≤ 1",
    text="tanh({0})",
    push=of_one(_back_through_tanh),
)
ARCSINH = elementwise("arcsinh", np.arcsinh, ("1/√({0}²+1)", lambda out, x: 1.0 / np.sqrt(x * x + 1.0)), role=_SLOPE)
ARCCOSH = elementwise("arccosh", np.arccosh, ("1/√({0}²−1)", lambda out, x: 1.0 / np.sqrt(x * x - 1.0)), role=_SLOPE)
ARCTANH = elementwise("arctanh", np.arctanh, ("1/(1−{0}²)", lambda out, x: 1.0 / (1.0 - x * x)), role=_SLOPE)

UFUNCS.update(
    {
        np.exp: EXP,
        np.exp2: EXP2,
        np.expm1: EXPM1,
        np.log: LOG,
        np.log2: LOG2,
        np.log10: LOG10,
        np.log1p: LOG1P,
        np.sqrt: SQRT,
        np.cbrt: CBRT,
        np.sin: SIN,
        np.cos: COS,
        np.tan: TAN,
        np.arcsin: ARCSIN,
        np.arccos: ARCCOS,
        np.arctan: ARCTAN,
        np.sinh: SINH,
        np.cosh: COSH,
        np.tanh: TANH,
        np.arcsinh: ARCSINH,
        np.arccosh: ARCCOSH,
        np.arctanh: ARCTANH,
    }
)
