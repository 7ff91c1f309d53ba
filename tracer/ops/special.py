"""Special functions: scipy.special's ufuncs, where scipy is installed, and NumPy's own that have no other home.

Importing gradviz imports no scipy. Its rows stand in the table all the same; its ufuncs are hooked up when the first of
them meets a Tensor, which is when a script has imported scipy itself.

An operand without a rule (the order of a Bessel function, the shape of gammainc) is a constant: where a gradient is
asked of it there is an error, never a silent zero.
"""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GradientError, RecordError
from ..op import OPS, Op, Rule, elementwise, row
from ..tensor import FUNCTIONS, LATE, UFUNCS, Tensor, apply, call, value_of
from .linalg import over
from .reduction import kept

__all__ = ["SCIPY_FUNCTIONS", "logsumexp", "multigammaln", "polygamma"]

_SLOPE = "scales by its slope"
_PI = math.pi
_LN2, _LN10 = math.log(2.0), math.log(10.0)


class _Constant:
    """Stands in for the rule of an operand that can be no variable."""

    def __init__(self, what: str) -> None:
        self.what = what

    def rule(self, function: str) -> Rule:
        def refuse(*_: Any, **__: Any) -> Any:
            raise GradientError(
                f"{function} has no gradient with respect to its {self.what}: give it as a plain number, "
                f"or gv.detach it"
            )

        return Rule(f"no rule: the {self.what} is a constant", vjp=refuse)


# -- NumPy's ufuncs ----------------------------------------------------------------------------------------------------


def _share_of_sum(exp: Callable[..., Any], log_half: float) -> Callable[..., Any]:
    """How much of a sum of exponentials is x's: exp(x − out), with the limit where both are infinite."""

    def local(out: Any, x: Any, y: Any) -> Any:
        gap = x - out
        unclear = np.isnan(value_of(gap)) & ~np.isnan(value_of(out))
        if np.any(unclear):  # ∞ − ∞: a tie is split evenly, else x = +∞ is all there is
            gap = np.where(unclear, np.where(np.equal(value_of(x), value_of(y)), log_half, 0.0), gap)
        return exp(gap)

    return local


def _swapped(local: Callable[..., Any]) -> Callable[..., Any]:
    return lambda out, x, y: local(out, y, x)


def _copied_sign(out: Any, x: Any, y: Any) -> Any:
    return np.sign(value_of(x)) * np.copysign(1.0, value_of(y))


_LOGADDEXP = _share_of_sum(np.exp, math.log(0.5))
_LOGADDEXP2 = _share_of_sum(np.exp2, -1.0)
_SHARE = "upstream × share of the sum"

LOGADDEXP = elementwise(
    "logaddexp",
    np.logaddexp,
    ("exp({0} − {out})", _LOGADDEXP),
    ("exp({1} − {out})", _swapped(_LOGADDEXP)),
    role="attenuates",
    role_text=_SHARE,
    symbol="log(eˣ+eʸ)",
    text="log(exp {0} + exp {1})",
)
LOGADDEXP2 = elementwise(
    "logaddexp2",
    np.logaddexp2,
    ("2^({0} − {out})", _LOGADDEXP2),
    ("2^({1} − {out})", _swapped(_LOGADDEXP2)),
    role="attenuates",
    role_text=_SHARE,
    symbol="log₂(2ˣ+2ʸ)",
    text="log₂(2^{0} + 2^{1})",
)
HYPOT = elementwise(
    "hypot",
    np.hypot,
    ("{0}/{out}", lambda out, x, y: over(x, out)),
    ("{1}/{out}", lambda out, x, y: over(y, out)),
    role="attenuates",
    symbol="√(x²+y²)",
    text="√({0}² + {1}²)",
    binds=4,
)
ARCTAN2 = elementwise(
    "arctan2",
    np.arctan2,
    ("{1}/({0}²+{1}²)", lambda out, y, x: over(x, x * x + y * y)),
    ("−{0}/({0}²+{1}²)", lambda out, y, x: over(-y, x * x + y * y)),
    role=_SLOPE,
    symbol="atan2",
    text="arctan2({0}, {1})",
)
COPYSIGN = row(
    "copysign",
    np.copysign,
    [Rule("sign {0} · sign {1}", local=_copied_sign), Rule("0", local=lambda out, x, y: 0.0)],
    role="gates",
    role_text="± upstream",
)
FMOD = elementwise(
    "fmod",
    np.fmod,
    ("1", lambda out, x, y: 1.0),
    ("−trunc({0}/{1})", lambda out, x, y: -np.trunc(value_of(x) / value_of(y))),
    role=_SLOPE,
    role_text="upstream → first, upstream × −trunc(x/y) → second",
)
HEAVISIDE = row(
    "heaviside",
    np.heaviside,
    [
        Rule("0", local=lambda out, x, h: 0.0),
        Rule("{0} = 0 ? 1 : 0", local=lambda out, x, h: np.where(value_of(x) == 0, 1.0, 0.0)),
    ],
    role="masks",
    role_text="upstream → the value at 0, where x = 0",
    symbol="H",
    text="heaviside({0}, {1})",
)
LDEXP = row(
    "ldexp",
    np.ldexp,
    [
        Rule("2^{1}", local=lambda out, x, n: np.ldexp(1.0, value_of(n))),
        _Constant("exponent").rule("np.ldexp"),
    ],
    role=_SLOPE,
    symbol="x·2ⁿ",
    text="{0}·2^{1}",
    binds=2,
)


def _angle_unit(ufunc: np.ufunc, symbol: str, formula: str, factor: float) -> Op:
    local = (formula, lambda out, x: factor)
    return elementwise(ufunc.__name__, ufunc, local, role=_SLOPE, symbol=symbol, text=f"{{0}}·{formula}", binds=2)


UFUNCS.update(
    {
        np.logaddexp: LOGADDEXP,
        np.logaddexp2: LOGADDEXP2,
        np.hypot: HYPOT,
        np.arctan2: ARCTAN2,
        np.copysign: COPYSIGN,
        np.fmod: FMOD,
        np.heaviside: HEAVISIDE,
        np.ldexp: LDEXP,
        np.deg2rad: _angle_unit(np.deg2rad, "°→rad", "π/180", _PI / 180.0),
        np.radians: _angle_unit(np.radians, "°→rad", "π/180", _PI / 180.0),
        np.rad2deg: _angle_unit(np.rad2deg, "rad→°", "180/π", 180.0 / _PI),
        np.degrees: _angle_unit(np.degrees, "rad→°", "180/π", 180.0 / _PI),
    }
)


# -- NumPy's functions that are no ufuncs: sinc, i0 --------------------------------------------------------------------


def _sinc_slope(out: Any, x: Any) -> Any:
    """(cos πx − sinc x)/x, and near 0, where that loses its digits, its power series."""
    near = np.abs(value_of(x)) < 0.1
    if not np.any(near):
        return (np.cos(_PI * x) - out) / x
    t = _PI * np.where(near, x, 0.0)
    square = t * t
    series = -_PI * t * (1 / 3 - square * (1 / 30 - square * (1 / 840 - square * (1 / 45360 - square / 3991680))))
    away = np.where(near, 1.0, x)
    return np.where(near, series, (np.cos(_PI * away) - np.sinc(away)) / away)


def _bessel(x: Any, n: int) -> Any:
    """Iₙ, n > 0, for NumPy has only I₀: the mean of exp(x·cos θ)·cos(nθ), by a midpoint rule as good as exact.

    Over a whole period that rule errs by I₂ₙ(x), N the number of points: beyond the last digit for N > √(20·x) + 16.
    """
    points = 24 + int(5.0 * math.sqrt(min(np.max(np.abs(x), initial=0.0), 1e4)))
    theta = _PI * (np.arange(points) + 0.5) / points
    return np.mean(np.exp(np.expand_dims(x, -1) * np.cos(theta)) * np.cos(n * theta), axis=-1)


def _bessel_slope(out: Any, x: Any, n: int) -> Any:
    below = np.i0(x) if n == 1 else call(BESSEL, (x,), {"n": n - 1})
    return 0.5 * (below + call(BESSEL, (x,), {"n": n + 1}))


SINC = elementwise(
    "sinc", np.sinc, ("(cos(π·{0}) − {out})/{0}", _sinc_slope), role=_SLOPE, text="sin(π·{0})/(π·{0})", binds=2
)
I0 = elementwise(
    "i0", np.i0, ("i1({0})", lambda out, x: call(BESSEL, (x,), {"n": 1})), role=_SLOPE, symbol="I₀", text="i0({0})"
)
BESSEL = row(
    "bessel_i",
    _bessel,
    [Rule("(iv({n}−1, {0}) + iv({n}+1, {0}))/2", local=_bessel_slope)],
    role=_SLOPE,
    symbol="Iₙ",
    text="iv({n}, {0})",
)


def sinc(x: Any) -> Any:
    """`np.sinc` on a Tensor."""
    return apply(SINC, (x,))


def i0(x: Any) -> Any:
    """`np.i0` on a Tensor."""
    return apply(I0, (x,))


FUNCTIONS.update({np.sinc: sinc, np.i0: i0})


# -- scipy.special's ufuncs --------------------------------------------------------------------------------------------


class _Scipy:
    """scipy.special, imported when something of it is first used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("scipy.special"), name)


_sp: Any = _Scipy()


def _bessel_half(name: str, sign: float, after: float) -> Callable[..., Any]:
    """±½(Cᵥ₋₁ ± Cᵥ₊₁): how the slope of a Bessel function comes from its neighbours."""

    def local(out: Any, v: Any, x: Any) -> Any:
        function = getattr(_sp, name)
        return 0.5 * sign * (function(v - 1, x) + after * function(v + 1, x))

    return local


def _decayed(name: str) -> Callable[..., Any]:
    """The slope of Iᵥ(x)·exp(−|x|)."""

    def local(out: Any, v: Any, x: Any) -> Any:
        function = getattr(_sp, name)
        return 0.5 * (function(v - 1, x) + function(v + 1, x)) - np.sign(value_of(x)) * out

    return local


def _log_or_zero(out: Any, x: Any, y: Any) -> Any:
    """log y; 0 where x = 0 and y ≤ 0, where x·log y is taken as 0."""
    void = (value_of(x) == 0) & (value_of(y) <= 0)
    return np.where(void, 0.0, np.log(np.where(void, 1.0, y))) if np.any(void) else np.log(y)


def _log1p_or_zero(out: Any, x: Any, y: Any) -> Any:
    void = (value_of(x) == 0) & (value_of(y) <= -1)
    return np.where(void, 0.0, np.log1p(np.where(void, 0.0, y))) if np.any(void) else np.log1p(y)


def _gammainc_density(out: Any, a: Any, x: Any) -> Any:
    return np.exp(_sp.xlogy(a - 1.0, x) - x - _sp.gammaln(a))


def _betainc_density(out: Any, a: Any, b: Any, x: Any) -> Any:
    return np.exp(_sp.xlogy(a - 1.0, x) + _sp.xlog1py(b - 1.0, -x) - _sp.betaln(a, b))


def _huber_delta(out: Any, delta: Any, r: Any) -> Any:
    outside = np.abs(value_of(r)) > value_of(delta)
    return np.where(outside, np.abs(r) - delta, 0.0)


def _huber_residual(out: Any, delta: Any, r: Any) -> Any:
    inside = np.abs(value_of(r)) <= value_of(delta)
    return np.where(inside, r, delta * np.sign(value_of(r)))


def _pseudo_huber_root(delta: Any, r: Any) -> Any:
    return np.sqrt(1.0 + (r / delta) ** 2)


def _boxcox_exponent(out: Any, x: Any, power: Any) -> Any:
    """(x^λ·log x − out)/λ, and log²x/2 at λ = 0."""
    zero = value_of(power) == 0
    log = np.log(x)
    if not np.any(zero):
        return ((1.0 + power * out) * log - out) / power
    safe = np.where(zero, 1.0, power)
    return np.where(zero, 0.5 * log * log + power * log**3 / 3.0, ((1.0 + power * out) * log - out) / safe)


_ORDER, _SHAPE, _SHAPES = _Constant("order"), _Constant("shape a"), _Constant("shapes a and b")
_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(_PI)
_ROOT_TWO_PI = math.sqrt(2.0 * _PI)

#: scipy's name → per operand the local gradient, as a formula in scipy's and NumPy's names and as a function
_SCIPY: dict[str, tuple[tuple[str, Callable[..., Any]] | _Constant, ...]] = {
    # sigmoids and their logs
    "expit": (("{out}·(1 − {out})", lambda out, x: out * (1.0 - out)),),
    "logit": (("1/({0}·(1 − {0}))", lambda out, x: 1.0 / (x * (1.0 - x))),),
    "log_expit": (("σ(−{0})", lambda out, x: _sp.expit(-x)),),
    # the error function and the normal distribution
    "erf": (("2/√π·exp(−{0}²)", lambda out, x: _TWO_OVER_ROOT_PI * np.exp(-x * x)),),
    "erfc": (("−2/√π·exp(−{0}²)", lambda out, x: -_TWO_OVER_ROOT_PI * np.exp(-x * x)),),
    "erfcx": (("2·{0}·{out} − 2/√π", lambda out, x: 2.0 * x * out - _TWO_OVER_ROOT_PI),),
    "erfi": (("2/√π·exp({0}²)", lambda out, x: _TWO_OVER_ROOT_PI * np.exp(x * x)),),
    "erfinv": (("√π/2·exp({out}²)", lambda out, x: np.exp(out * out) / _TWO_OVER_ROOT_PI),),
    "erfcinv": (("−√π/2·exp({out}²)", lambda out, x: -np.exp(out * out) / _TWO_OVER_ROOT_PI),),
    "dawsn": (("1 − 2·{0}·{out}", lambda out, x: 1.0 - 2.0 * x * out),),
    "ndtr": (("exp(−{0}²/2)/√(2·π)", lambda out, x: np.exp(-0.5 * x * x) / _ROOT_TWO_PI),),
    "log_ndtr": (("exp(−{0}²/2 − {out})/√(2·π)", lambda out, x: np.exp(-0.5 * x * x - out) / _ROOT_TWO_PI),),
    "ndtri": (("√(2·π)·exp({out}²/2)", lambda out, x: _ROOT_TWO_PI * np.exp(0.5 * out * out)),),
    # the gamma function and its relatives
    "gamma": (("{out}·psi({0})", lambda out, x: out * _sp.psi(x)),),
    "gammaln": (("psi({0})", lambda out, x: _sp.psi(x)),),
    "loggamma": (("psi({0})", lambda out, x: _sp.psi(x)),),
    "rgamma": (("−{out}·psi({0})", lambda out, x: -out * _sp.psi(x)),),
    "psi": (("polygamma(1, {0})", lambda out, x: polygamma(1, x)),),
    "polygamma": (_ORDER, ("polygamma({0}+1, {1})", lambda out, n, x: polygamma(n + 1, x))),
    "multigammaln": (
        ("Σ psi({0} − j/2), j < {1}", lambda out, a, d: sum(_sp.psi(a - 0.5 * j) for j in range(int(d)))),
        _Constant("dimension d"),
    ),
    "beta": (
        ("{out}·(psi({0}) − psi({0} + {1}))", lambda out, a, b: out * (_sp.psi(a) - _sp.psi(a + b))),
        ("{out}·(psi({1}) − psi({0} + {1}))", lambda out, a, b: out * (_sp.psi(b) - _sp.psi(a + b))),
    ),
    "betaln": (
        ("psi({0}) − psi({0} + {1})", lambda out, a, b: _sp.psi(a) - _sp.psi(a + b)),
        ("psi({1}) − psi({0} + {1})", lambda out, a, b: _sp.psi(b) - _sp.psi(a + b)),
    ),
    "gammainc": (_SHAPE, ("{1}^({0}−1)·exp(−{1})/gamma({0})", _gammainc_density)),
    "gammaincc": (_SHAPE, ("−{1}^({0}−1)·exp(−{1})/gamma({0})", lambda out, a, x: -_gammainc_density(out, a, x))),
    "betainc": (_SHAPES, _SHAPES, ("{2}^({0}−1)·(1−{2})^({1}−1)/beta({0}, {1})", _betainc_density)),
    # entropies
    "entr": (("−log {0} − 1", lambda out, x: -np.log(x) - 1.0),),
    "rel_entr": (
        ("log({0}/{1}) + 1", lambda out, x, y: np.log(x / y) + 1.0),
        ("−{0}/{1}", lambda out, x, y: -x / y),
    ),
    "kl_div": (
        ("log({0}/{1})", lambda out, x, y: np.log(x / y)),
        ("1 − {0}/{1}", lambda out, x, y: 1.0 - x / y),
    ),
    "xlogy": (("log {1}", _log_or_zero), ("{0}/{1}", lambda out, x, y: over(x, y))),
    "xlog1py": (("log(1 + {1})", _log1p_or_zero), ("{0}/(1 + {1})", lambda out, x, y: over(x, 1.0 + y))),
    # exponentials and their integrals
    "exp10": (("{out}·log(10)", lambda out, x: out * _LN10),),
    "exprel": (("hyp1f1(2, 3, {0})/2", lambda out, x: 0.5 * _sp.hyp1f1(2.0, 3.0, x)),),
    "hyp1f1": (
        _SHAPES,
        _SHAPES,
        ("{0}/{1}·hyp1f1({0}+1, {1}+1, {2})", lambda out, a, b, x: a / b * _sp.hyp1f1(a + 1, b + 1, x)),
    ),
    "exp1": (("−exp(−{0})/{0}", lambda out, x: -np.exp(-x) / x),),
    "expi": (("exp({0})/{0}", lambda out, x: np.exp(x) / x),),
    "cosm1": (("−sin {0}", lambda out, x: -np.sin(x)),),
    # losses and transformations
    "huber": (
        ("|{1}| > {0} ? |{1}| − {0} : 0", _huber_delta),
        ("|{1}| > {0} ? {0}·sign {1} : {1}", _huber_residual),
    ),
    "pseudo_huber": (
        (
            "2·{out}/{0} − {1}²/({0}·√(1+({1}/{0})²))",
            lambda out, d, r: 2.0 * out / d - r * r / (d * _pseudo_huber_root(d, r)),
        ),
        ("{1}/√(1+({1}/{0})²)", lambda out, d, r: r / _pseudo_huber_root(d, r)),
    ),
    "boxcox": (
        ("{0}^({1}−1)", lambda out, x, power: x ** (power - 1.0)),
        ("({0}^{1}·log {0} − {out})/{1}", _boxcox_exponent),
    ),
    # Bessel functions
    "j0": (("−j1({0})", lambda out, x: -_sp.j1(x)),),
    "j1": (("(j0({0}) − jv(2, {0}))/2", lambda out, x: 0.5 * (_sp.j0(x) - _sp.jv(2, x))),),
    "jv": (_ORDER, ("(jv({0}−1, {1}) − jv({0}+1, {1}))/2", _bessel_half("jv", 1.0, -1.0))),
    "y0": (("−y1({0})", lambda out, x: -_sp.y1(x)),),
    "y1": (("(y0({0}) − yn(2, {0}))/2", lambda out, x: 0.5 * (_sp.y0(x) - _sp.yn(2, x))),),
    "yn": (_ORDER, ("(yn({0}−1, {1}) − yn({0}+1, {1}))/2", _bessel_half("yn", 1.0, -1.0))),
    "yv": (_ORDER, ("(yv({0}−1, {1}) − yv({0}+1, {1}))/2", _bessel_half("yv", 1.0, -1.0))),
    "special.i0": (("i1({0})", lambda out, x: _sp.i1(x)),),
    "i1": (("(iv(0, {0}) + iv(2, {0}))/2", lambda out, x: 0.5 * (_sp.i0(x) + _sp.iv(2, x))),),
    "iv": (_ORDER, ("(iv({0}−1, {1}) + iv({0}+1, {1}))/2", _bessel_half("iv", 1.0, 1.0))),
    "i0e": (("i1e({0}) − sign {0}·{out}", lambda out, x: _sp.i1e(x) - np.sign(value_of(x)) * out),),
    "i1e": (
        (
            "(i0e({0}) + ive(2, {0}))/2 − sign {0}·{out}",
            lambda out, x: 0.5 * (_sp.i0e(x) + _sp.ive(2, x)) - np.sign(value_of(x)) * out,
        ),
    ),
    "ive": (_ORDER, ("(ive({0}−1, {1}) + ive({0}+1, {1}))/2 − sign {1}·{out}", _decayed("ive"))),
    "k0": (("−k1({0})", lambda out, x: -_sp.k1(x)),),
    "k1": (("−(k0({0}) + kv(2, {0}))/2", lambda out, x: -0.5 * (_sp.k0(x) + _sp.kv(2, x))),),
    "kn": (_ORDER, ("−(kn({0}−1, {1}) + kn({0}+1, {1}))/2", _bessel_half("kn", -1.0, 1.0))),
    "kv": (_ORDER, ("−(kv({0}−1, {1}) + kv({0}+1, {1}))/2", _bessel_half("kv", -1.0, 1.0))),
}

#: name → how it is written where that is no call, and how tightly that binds (see `Op.binds`)
_WRITTEN = {
    "expit": ("σ({0})", 5),
    "log_expit": ("log σ({0})", 5),
    "entr": ("−{0}·log {0}", 2),
    "rel_entr": ("{0}·log({0}/{1})", 2),
    "kl_div": ("{0}·log({0}/{1}) − {0} + {1}", 1),
    "xlogy": ("{0}·log {1}", 2),
    "xlog1py": ("{0}·log(1 + {1})", 2),
    "exp10": ("10^{0}", 4),
    "exprel": ("(exp({0}) − 1)/{0}", 2),
    "cosm1": ("cos({0}) − 1", 1),
    "pseudo_huber": ("{0}²·(√(1+({1}/{0})²) − 1)", 2),
    "boxcox": ("({0}^{1} − 1)/{1}", 2),
}

#: scipy's name → the row it goes by, where that is not its own name
_ALIASES = {
    "i0": "special.i0",
    "expm1": "expm1",
    "log1p": "log1p",
    "exp2": "exp2",
    "cbrt": "cbrt",
}


def _scipy_row(name: str) -> Op:
    function = name.rpartition(".")[2]
    rules = [
        part.rule(f"scipy.special.{function}") if isinstance(part, _Constant) else Rule(part[0], local=part[1])
        for part in _SCIPY[name]
    ]
    text, binds = _WRITTEN.get(name, (None, 5))
    return row(
        name,
        lambda *values: getattr(_sp, function)(*values),
        rules,
        role="attenuates" if name == "expit" else _SLOPE,
        symbol=function,
        text=text,
        binds=binds,
    )


for _name in _SCIPY:
    _scipy_row(_name)


def _hook_up_scipy() -> None:
    """Make scipy's ufuncs known, if scipy.special has been imported meanwhile."""
    module = sys.modules.get("scipy.special")
    if module is None:
        return
    LATE.remove(_hook_up_scipy)
    for name in {**{name: name for name in _SCIPY}, **_ALIASES}:
        ufunc = getattr(module, name, None)
        if isinstance(ufunc, np.ufunc):
            UFUNCS.setdefault(ufunc, OPS[_ALIASES.get(name, name)])


LATE.append(_hook_up_scipy)


# -- scipy.special's plain functions, which take no Tensor: here under the same names ----------------------------------


def _finite(x: Any) -> Any:
    """`x`, and 0 in place of infinities: what exponents are shifted by."""
    value = value_of(x)
    return x if np.all(np.isfinite(value)) else np.where(np.isfinite(value), x, 0.0)


def _logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
    top = _finite(np.max(x, axis=axis, keepdims=True))
    with np.errstate(divide="ignore"):  # all −∞: the log of 0 is −∞
        whole = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return whole if keepdims else np.squeeze(whole, axis=axis)[()]


def _logsumexp_vjp(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    gap = x - kept(out, np.shape(x), axis)
    unclear = np.isnan(value_of(gap)) & ~np.isnan(value_of(x))
    if np.any(unclear):  # ∞ − ∞: those that are infinite share evenly
        count = np.maximum(1, np.sum(unclear, axis=axis, keepdims=True))
        gap = np.where(unclear, -np.log(count), gap)
    return kept(g, np.shape(x), axis) * np.exp(gap)


LOGSUMEXP = row(
    "logsumexp",
    _logsumexp,
    [Rule("δ·exp({0} − {out})", vjp=_logsumexp_vjp)],
    role="routes",
    role_text="upstream × softmax",
    symbol="log Σ exp",
    text="log Σ exp({0})",
)


def _array(x: Any) -> Any:
    return x if isinstance(x, (Tensor, float, np.ndarray, np.generic)) else np.asarray(x, dtype=float)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log Σ exp(a) along `axis`, without overflow: `scipy.special.logsumexp` for Tensors.

    Parameters
    ----------
    a : Tensor or array_like
        The exponents.
    axis : int or tuple of int, optional
        Where to sum; over everything by default.
    keepdims : bool
        Whether the axes summed stay, with length 1.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz.tracer.ops.special import logsumexp
    >>> x = gv.tensor([0.0, 0.0])
    >>> logsumexp(x).backward()
    >>> x.grad
    array([0.5, 0.5])
    """
    if b is not None:
        raise RecordError("logsumexp with b= can't be recorded: add np.log(b) to a")
    if return_sign:
        raise RecordError("logsumexp with return_sign= can't be recorded: without b= the sign is 1")
    axis = tuple(axis) if isinstance(axis, list) else axis  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    return call(LOGSUMEXP, (_array(a),), {"axis": axis, "keepdims": keepdims})


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of the digamma function: `scipy.special.polygamma` for Tensors."""
    if np.iscomplexobj(x):
        raise GradientError(
            "scipy.special.polygamma, the slope of psi, takes real numbers only: split x into real parts"
        )
    return call(OPS["polygamma"], (n, _array(x)))


def multigammaln(a: Any, d: int) -> Any:
    """The log of the multivariate gamma function: `scipy.special.multigammaln` for Tensors."""
    return call(OPS["multigammaln"], (_array(a), d))


#: Functions of scipy.special that call np.asarray before anything else, so that no protocol lets a Tensor pass.
#: The command can put these in their place in a script that does not know of gradviz.
SCIPY_FUNCTIONS = {"logsumexp": logsumexp, "polygamma": polygamma, "multigammaln": multigammaln}
