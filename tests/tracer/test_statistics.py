"""Statistics: conventions, refusals, PyTorch's opinion: what their samples can't say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recorded import recorded_gradients

import gradviz as gv
from gradviz.tracer.errors import RecordError

_random = np.random.default_rng(5)


@pytest.mark.parametrize("function", [np.std, np.nanstd])
def test_what_does_not_vary_has_deviation_0_and_gradient_0(function: Any):
    x = gv.tensor([[2.0, 2.0, 2.0], [1.0, 2.0, 3.0]])
    function(x, axis=1).backward([1.0, 1.0])
    assert x.grad[0].tolist() == [0.0, 0.0, 0.0]
    assert np.all(x.grad[1, ::2] != 0)


def test_its_second_derivative_is_a_number_too():
    x = gv.tensor([2.0, 2.0])
    gradient = recorded_gradients(np.std(x), [x])[0]
    assert np.isfinite(recorded_gradients(np.sum(gradient), [x])[0].value).all()


def test_a_tie_at_the_median_is_split_evenly():
    x = gv.tensor([1.0, 2.0, 2.0, 5.0, 2.0])
    np.median(x).backward()
    np.testing.assert_allclose(x.grad, [0.0, 1 / 3, 1 / 3, 0.0, 1 / 3])


@pytest.mark.parametrize("function", [np.median, lambda x: np.quantile(x, 0.3)])
def test_a_nan_gets_the_gradient_of_the_quantile_it_made_nan(function: Any):
    x = gv.tensor([1.0, np.nan, 2.0])
    function(x).backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "function",
    [
        np.nanmax,
        np.nanmin,
        np.nanmedian,
        np.nanmean,
        np.nanvar,
        np.nanstd,
        lambda x, axis: np.nanquantile(x, 0.5, axis),
    ],
)
def test_where_all_is_nan_nothing_passes(function: Any):
    x = gv.tensor([[np.nan, np.nan], [1.0, 2.5]])
    function(x, axis=1).backward([1.0, 1.0])
    assert x.grad[0].tolist() == [0.0, 0.0]
    assert np.any(x.grad[1])


def test_ties_in_ptp_are_split_evenly():
    x = gv.tensor([3.0, 1.0, 3.0, 2.0])
    np.ptp(x).backward()
    assert x.grad.tolist() == [0.5, -1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda x: np.var(x, where=np.array([True, False, True])), "np.var with where="),
        (lambda x: np.std(x, out=np.zeros(())), "would write a Tensor into a plain array"),
        (lambda x: np.nansum(x, initial=1.0), "np.nansum with initial="),
        (lambda x: np.median(x, overwrite_input=True), "np.median with overwrite_input="),
        (lambda x: np.quantile(x, 0.5, method="inverted_cdf", weights=[1, 2, 3]), "np.quantile with weights="),
        (lambda x: np.quantile(x, x[0]), "np.quantile has no gradient rule towards q="),
        (lambda x: np.quantile(x, [0.1, x[0]]), "np.quantile has no gradient rule towards q="),
        (lambda x: np.nanquantile(x, [[0.1], [0.9]]), "np.nanquantile with q of 2 axes"),
        (lambda x: np.cov(x, aweights=x), "np.cov has no gradient rule towards aweights="),
        (lambda x: np.histogram2d(x, x, weights=x), "np.histogram2d has no gradient rule towards weights="),
        (lambda x: np.corrcoef(x * 1j), "np.corrcoef of complex numbers"),
    ],
)
def test_arguments_without_a_rule_are_refused_by_name(call: Any, named: str):
    with pytest.raises(RecordError, match=named) as error:
        call(gv.tensor([0.1, 0.4, 0.2]))
    assert "\n" not in str(error.value)


def test_a_detached_quantile_is_a_constant():
    x = gv.tensor([0.1, 0.4, 0.2])
    np.quantile(x, gv.detach(x[2])).backward()
    np.testing.assert_allclose(x.grad, [0.6, 0.0, 0.4])


def test_a_plain_array_that_is_changed_later_does_not_change_the_gradient():
    x, q = gv.tensor([1.0, 2.0, 4.0]), np.array([0.0, 0.5])
    low = np.quantile(x, q)
    q[:] = 1.0
    np.sum(low).backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]


def test_histograms_are_facts():
    x = np.array([0.1, 0.4, 0.2])
    counts, edges = np.histogram(gv.tensor(x), bins=2)
    expected, expected_edges = np.histogram(x, bins=2)
    assert type(counts) is np.ndarray
    assert (counts.tolist(), edges.tolist()) == (expected.tolist(), expected_edges.tolist())
    assert type(np.histogram_bin_edges(gv.tensor(x), 3)) is np.ndarray
    assert type(np.histogram2d(gv.tensor(x), gv.tensor(x))[0]) is np.ndarray


def _torch_cases(torch: Any) -> dict[str, tuple[Any, Any]]:
    return {
        "var": (lambda x: np.var(x, axis=1, ddof=1), lambda t: torch.var(t, 1)),
        "std": (lambda x: np.std(x, axis=0), lambda t: torch.std(t, 0, correction=0)),
        "quantile": (lambda x: np.quantile(x, [0.2, 0.7], axis=1), lambda t: torch.quantile(t, _q(torch), 1)),
        "nansum": (lambda x: np.nansum(x, axis=0), lambda t: torch.nansum(t, 0)),
        "cov": (np.cov, torch.cov),
        "corrcoef": (np.corrcoef, torch.corrcoef),
    }


def _q(torch: Any) -> Any:
    return torch.tensor([0.2, 0.7], dtype=torch.float64)


@pytest.mark.parametrize("name", ["var", "std", "quantile", "nansum", "cov", "corrcoef"])
def test_torch_agrees(name: str):
    torch = pytest.importorskip("torch")
    ours, theirs = _torch_cases(torch)[name]
    values = _random.normal(size=(3, 5))
    x, t = gv.tensor(values), torch.tensor(values, requires_grad=True)
    out = ours(x)
    seed = _random.normal(size=out.shape)
    out.backward(seed)
    theirs(t).backward(torch.tensor(seed))
    np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["var", "cov"])
def test_complex_numbers_agree_with_torch(name: str):
    torch = pytest.importorskip("torch")
    ours, theirs = {
        "var": (lambda x: np.var(x, ddof=1), torch.var),
        "cov": (lambda x: np.sum(np.abs(np.cov(x))), lambda t: torch.cov(t).abs().sum()),
    }[name]
    parts = _random.normal(size=(2, 2, 4))
    x, t = gv.tensor(parts), torch.tensor(parts[0] + 1j * parts[1], requires_grad=True)
    ours(x[0] + 1j * x[1]).backward()
    theirs(t).backward()
    np.testing.assert_allclose(x.grad[0] + 1j * x.grad[1], t.grad.numpy(), rtol=1e-9)
