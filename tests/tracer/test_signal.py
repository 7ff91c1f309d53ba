"""Signals and windows: conventions, refusals, PyTorch's opinion: what their samples can't say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import numeric_gradients

import gradviz as gv
from gradviz.tracer.errors import GradvizError, RecordError
from gradviz.tracer.ops.signal import as_strided

_random = np.random.default_rng(6)
XP, FP = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0])


@pytest.mark.parametrize(("at", "slope"), [(1.0, 1.25), (0.0, 1.0), (3.0, 0.25), (-1.0, 0.0), (0.5, 2.0)])
def test_where_two_lines_meet_the_slope_is_their_mean(at: float, slope: float):
    x = gv.tensor(at)
    np.interp(x, XP, FP).backward()
    assert x.grad == slope


@pytest.mark.parametrize("what", ["left", "right", "period"])
def test_what_stands_beyond_the_points_is_constant(what: str):
    with pytest.raises(RecordError, match=f"np.interp has no gradient rule towards {what}="):
        np.interp(gv.tensor(0.5), XP, FP, **{what: gv.tensor(2.0)})


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_complex_signals_have_the_gradients_of_their_parts(name: str, mode: str):
    function = getattr(np, name)
    a, v = _random.normal(size=(2, 5)), _random.normal(size=(2, 3))

    def power(a: Any, v: Any) -> Any:
        return np.sum(np.abs(function(a[0] + 1j * a[1], v[0] + 1j * v[1], mode)) ** 2)

    inputs = [gv.tensor(a), gv.tensor(v)]
    power(*inputs).backward()
    for x, expected in zip(inputs, numeric_gradients(power, (a, v)), strict=True):
        np.testing.assert_allclose(x.grad, expected, rtol=1e-8, atol=1e-8)


def test_a_convolution_by_windows_agrees_with_torch():
    torch = pytest.importorskip("torch")
    image, kernel = _random.normal(size=(2, 6, 7)), _random.normal(size=(4, 2, 3, 3))
    ours = [gv.tensor(image), gv.tensor(kernel)]
    theirs = [torch.tensor(image, requires_grad=True), torch.tensor(kernel, requires_grad=True)]
    windows = np.lib.stride_tricks.sliding_window_view(ours[0], (3, 3), axis=(1, 2))[:, ::2, ::2]
    out = np.einsum("chwij,kcij->khw", windows, ours[1])
    expected = torch.nn.functional.conv2d(theirs[0][None], theirs[1], stride=2)[0]
    np.testing.assert_allclose(out.value, expected.detach().numpy(), rtol=1e-12)
    seed = _random.normal(size=out.shape)
    out.backward(seed)
    expected.backward(torch.tensor(seed))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad, other.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("what", ["writeable", "subok"])
def test_windows_to_write_into_are_refused(what: str):
    with pytest.raises(RecordError, match=f"sliding_window_view with {what}="):
        np.lib.stride_tricks.sliding_window_view(gv.tensor(np.ones(3)), 2, **{what: True})


@pytest.mark.parametrize(("window", "axis"), [(4, None), ((2, 2), None), (2, 3), (-1, None)])
def test_windows_that_do_not_fit_are_numpys_error(window: Any, axis: Any):
    with pytest.raises(ValueError) as expected:
        np.lib.stride_tricks.sliding_window_view(np.ones(3), window, axis)
    with pytest.raises(type(expected.value)):
        np.lib.stride_tricks.sliding_window_view(gv.tensor(np.ones(3)), window, axis)


def test_numpys_as_strided_is_refused_where_it_would_cut_the_graph():
    with pytest.raises(GradvizError, match=r"would silently cut"):
        np.lib.stride_tricks.as_strided(gv.tensor(np.ones(4)), (3, 2), (8, 8))


def test_as_strided_reads_elements_only():
    with pytest.raises(RecordError, match="sliding_window_view"):
        as_strided(gv.tensor(np.ones(4)), (4, 2), (8, 8))
    with pytest.raises(RecordError, match="sliding_window_view"):
        as_strided(gv.tensor(np.ones(8))[::2], (3, 2), (8, 8))
