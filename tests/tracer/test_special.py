"""Special functions: agreement with torch, how scipy's are found, conventions at the edges, what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from op_samples.special import ANY, INSIDE, OTHER, POSITIVE, POSITIVE_OTHER

import gradviz as gv
from gradviz.tracer.ops.special import SCIPY_FUNCTIONS, logsumexp, multigammaln, polygamma


def gradient(f: Callable[..., Any], *arrays: Any) -> list[Any]:
    """The gradients of the sum of what a function gives."""
    inputs = [gv.tensor(x) for x in arrays]
    np.sum(f(*inputs)).backward()
    return [x.grad for x in inputs]


#: scipy's name → torch's, and where
PAIRS = {
    "expit": ("expit", (ANY,)),
    "logit": ("logit", (INSIDE,)),
    "log_expit": (None, (ANY,)),
    "erf": ("erf", (ANY,)),
    "erfc": ("erfc", (ANY,)),
    "erfcx": ("erfcx", (ANY,)),
    "erfinv": ("erfinv", (INSIDE,)),
    "ndtr": ("ndtr", (ANY,)),
    "log_ndtr": ("log_ndtr", (ANY,)),
    "ndtri": ("ndtri", (INSIDE,)),
    "gammaln": ("gammaln", (POSITIVE,)),
    "psi": ("psi", (POSITIVE,)),
    "entr": ("entr", (POSITIVE,)),
    "xlogy": ("xlogy", (POSITIVE, POSITIVE_OTHER)),
    "xlog1py": ("xlog1py", (POSITIVE, POSITIVE_OTHER)),
    "i0": ("i0", (ANY,)),
    "i1": ("i1", (ANY,)),
    "i0e": ("i0e", (ANY,)),
    "i1e": ("i1e", (ANY,)),
    "expm1": ("expm1", (ANY,)),
    "log1p": ("log1p", (POSITIVE,)),
    "exp2": ("exp2", (ANY,)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_torchs(name: str):
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    special = pytest.importorskip("scipy.special")
    theirs, arrays = PAIRS[name]
    function = getattr(torch.special, theirs) if theirs else torch.nn.functional.logsigmoid
    inputs = [torch.tensor(x, requires_grad=True) for x in arrays]
    function(*inputs).sum().backward()
    for got, x in zip(gradient(getattr(special, name), *arrays), inputs, strict=True):
        np.testing.assert_allclose(got, x.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2", "hypot", "arctan2", "copysign", "fmod", "sinc", "i0"])
def test_numpys_own_agree_with_torch(name: str):
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    arrays = (ANY,) if name in ("sinc", "i0") else (ANY, OTHER)
    inputs = [torch.tensor(x, requires_grad=True) for x in arrays]
    getattr(torch, name)(*inputs).sum().backward()
    for got, x in zip(gradient(getattr(np, name), *arrays), inputs, strict=True):
        np.testing.assert_allclose(got, x.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize(("n", "axis"), [(1, 0), (2, 1), (3, None)])
def test_polygamma_and_logsumexp_agree_with_torch(n: int, axis: int | None):
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    pytest.importorskip("scipy.special")
    x = torch.tensor(POSITIVE, requires_grad=True)
    axes = (0, 1) if axis is None else (axis,)
    (torch.polygamma(n, x) * torch.logsumexp(x, axes, keepdim=True)).sum().backward()
    (got,) = gradient(lambda y: polygamma(n, y) * logsumexp(y, axis=axis, keepdims=True), POSITIVE)
    np.testing.assert_allclose(got, x.grad.numpy(), rtol=1e-9)


# -- how scipy's are found ---------------------------------------------------------------------------------------------


def run(script: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_gradviz_imports_no_scipy():
    script = (
        "import sys, numpy as np, gradviz as gv\n"
        "np.logaddexp(gv.tensor(1.0), 2.0).backward()\n"
        "print('scipy' in sys.modules)"
    )
    assert run(script) == "False"


def test_scipys_functions_record_when_scipy_is_imported_after_gradviz():
    pytest.importorskip("scipy.special")
    script = (
        "import gradviz as gv\n"
        "x = gv.tensor(0.0)\n"
        "try: __import__('numpy').spacing(x)\n"
        "except gv.RecordError: pass\n"
        "from scipy.special import expit\n"
        "y = expit(x); y.backward(); print(x.grad, gv.graph(y).nodes[-1].op)"
    )
    assert run(script) == "0.25 expit"


def test_aliases_are_the_same_op():
    special = pytest.importorskip("scipy.special")
    x = gv.tensor(POSITIVE)
    assert gv.graph(special.digamma(x)).nodes[-1].op == "psi"
    assert gv.graph(special.jn(1, x)).nodes[-1].op == "jv"
    assert gv.graph(special.log1p(x)).nodes[-1].op == "log1p"


def test_softplus_is_made_of_what_records():
    special = pytest.importorskip("scipy.special")
    if hasattr(special, "softplus"):
        (got,) = gradient(special.softplus, ANY)
        np.testing.assert_allclose(got, 1 / (1 + np.exp(-ANY)))


@pytest.mark.parametrize("name", sorted(SCIPY_FUNCTIONS))
def test_what_can_not_be_reached_has_a_double_of_the_same_value(name: str):
    special = pytest.importorskip("scipy.special")
    args = {"polygamma": (2, 3.5), "multigammaln": (3.5, 2), "logsumexp": (np.array([1.0, -2.0, 700.0]),)}[name]
    assert SCIPY_FUNCTIONS[name](*args) == pytest.approx(getattr(special, name)(*args), rel=1e-14)


def test_what_can_not_be_reached_says_so():
    special = pytest.importorskip("scipy.special")
    with pytest.raises(gv.GradientError, match="would silently cut"):
        special.logsumexp(gv.tensor(ANY))


# -- at the edges ------------------------------------------------------------------------------------------------------

INF = np.inf


@pytest.mark.parametrize("function", [np.logaddexp, np.logaddexp2])
def test_infinities_in_a_sum_of_exponentials(function: Any):
    with np.errstate(invalid="ignore"):  # of their sum, which is ∞ − ∞
        x, y = gradient(function, [INF, -INF, INF, -INF, 1.0], [INF, -INF, 0.0, 0.0, -INF])
    assert x.tolist() == [0.5, 0.5, 1.0, 0.0, 1.0]
    assert y.tolist() == [0.5, 0.5, 0.0, 1.0, 0.0]


def test_infinities_in_a_longer_one():
    assert gradient(logsumexp, [-INF, -INF])[0].tolist() == [0.5, 0.5]
    assert gradient(logsumexp, [-INF, 1.0])[0].tolist() == [0.0, 1.0]
    with np.errstate(invalid="ignore"):
        assert gradient(logsumexp, [INF, 1.0])[0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("function", [np.hypot, np.arctan2])
def test_the_origin_has_gradient_zero(function: Any):
    assert [float(g[0]) for g in gradient(function, [0.0], [0.0])] == [0.0, 0.0]


def test_zero_times_the_log_of_zero():
    special = pytest.importorskip("scipy.special")
    x, y = gradient(special.xlogy, [0.0, 0.0, 2.0], [0.0, 3.0, 4.0])
    np.testing.assert_allclose(x, [0.0, np.log(3.0), np.log(4.0)])
    np.testing.assert_allclose(y, [0.0, 0.0, 0.5])
    x, y = gradient(special.xlog1py, [0.0, 2.0], [-1.0, 3.0])
    np.testing.assert_allclose(x, [0.0, np.log(4.0)])
    np.testing.assert_allclose(y, [0.0, 0.5])


def test_sinc_at_zero():
    x = gv.tensor([0.0, 1e-12])
    np.sum(np.sinc(x)).backward()
    np.testing.assert_allclose(x.grad, [0.0, -(np.pi**2) / 3 * 1e-12])


def test_bessel_functions_that_numpy_lacks():
    special = pytest.importorskip("scipy.special")
    x = np.array([0.0, 0.01, 0.7, -3.0, 8.0, 30.0, 200.0, 690.0])
    (got,) = gradient(np.i0, x)
    np.testing.assert_allclose(got, special.i1(x), rtol=1e-13, atol=1e-16)


def test_box_cox_at_power_zero():
    special = pytest.importorskip("scipy.special")
    x, power = gradient(special.boxcox, [2.0], [0.0])
    np.testing.assert_allclose([x[0], power[0]], [0.5, 0.5 * np.log(2.0) ** 2])


# -- refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "what"),
    [
        ("jv", (1.0, 2.0), "order"),
        ("iv", (1.0, 2.0), "order"),
        ("gammainc", (1.0, 2.0), "shape"),
        ("betainc", (1.0, 2.0, 0.5), "shapes"),
    ],
)
def test_an_operand_without_a_rule_is_never_silently_constant(name: str, args: Any, what: str):
    special = pytest.importorskip("scipy.special")
    with pytest.raises(gv.GradientError, match=rf"scipy.special.{name} .* {what}"):
        getattr(special, name)(*map(gv.tensor, args)).backward()
    y = getattr(special, name)(*args[:-1], gv.tensor(args[-1]))
    y.backward()


@pytest.mark.parametrize("function", [np.spacing, lambda x: np.nextafter(x, 1.0)])
def test_steps_between_floats_are_refused_by_name(function: Any):
    with pytest.raises(gv.RecordError, match="has no gradient rule"):
        function(gv.tensor(0.5))


def test_logsumexp_refuses_what_it_can_not_do():
    with pytest.raises(gv.RecordError, match="b="):
        logsumexp(gv.tensor(ANY), b=OTHER)
    with pytest.raises(gv.RecordError, match="return_sign="):
        logsumexp(gv.tensor(ANY), return_sign=True)


def test_multigammaln_refuses_a_variable_dimension():
    pytest.importorskip("scipy.special")
    x = gv.tensor(3.5)
    multigammaln(x, 2).backward()
    assert x.grad == pytest.approx(gradient(lambda a: multigammaln(a, 2), np.array([3.5]))[0][0])
