"""numpy.fft and complex numbers on Tensors: agreement with torch, the convention, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from op_samples.fourier import CUBE, OTHER, SIGNAL

import gradviz as gv

fft = np.fft


def gradient(f: Callable[..., Any], *arrays: Any) -> list[Any]:
    """The gradients of a function that gives a single number."""
    inputs = [gv.tensor(x) for x in arrays]
    f(*inputs).backward()
    return [x.grad for x in inputs]


H = np.array([0.3 + 0.2j, -0.7j, 1.1, 0.4 - 0.6j])

#: name → the same program in gradviz and in torch, by its namespace
PROGRAMS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "power spectrum": (lambda np_, x: np_.abs(np_.fft.fft(x)) ** 2, SIGNAL),
    "half of it": (lambda np_, x: np_.abs(np_.fft.rfft(x)) ** 2, SIGNAL),
    "filter": (lambda np_, x: np_.fft.irfft(np_.fft.rfft(x) * np_.asarray(H)), SIGNAL),
    "convolution": (lambda np_, x: np_.real(np_.fft.ifft(np_.fft.fft(x) * np_.fft.fft(np_.asarray(OTHER)))), SIGNAL),
    "correlation": (
        lambda np_, x: np_.real(np_.fft.ifft(np_.fft.fft(x) * np_.conj(np_.fft.fft(x * x)))),
        SIGNAL,
    ),
    "phase": (lambda np_, x: np_.angle(np_.fft.rfft(x))[1:3], SIGNAL),
    "two axes": (lambda np_, x: np_.abs(np_.fft.fft2(x)) ** 2, CUBE),
    "padded": (lambda np_, x: np_.abs(np_.fft.rfft(x, 9)) ** 2, SIGNAL),
    "cut": (lambda np_, x: np_.imag(np_.fft.fft(x, 4)), SIGNAL),
    "hermitian": (lambda np_, x: np_.fft.hfft(x), SIGNAL),
    "shifted": (lambda np_, x: np_.abs(np_.fft.fftshift(np_.fft.fft(x)))[1:3], SIGNAL),
    "many axes": (lambda np_, x: np_.fft.irfftn(np_.fft.rfftn(x) * 2j), CUBE),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_torchs(name: str):
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    program, array = PROGRAMS[name]
    weights = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(program(np, array)))
    (got,) = gradient(lambda x: np.sum(program(np, x) * weights), array)
    x = torch.tensor(array, requires_grad=True)
    (program(torch, x) * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(got, x.grad.numpy(), rtol=1e-9, atol=1e-11)


# -- the convention ----------------------------------------------------------------------------------------------------


def test_the_gradient_of_a_complex_number_is_dx_minus_i_dy():
    x, y = gv.tensor(3.0), gv.tensor(-2.0)
    z = x + 1j * y
    (np.abs(z) ** 2).backward()
    assert z.grad == pytest.approx(2 * 3.0 - 1j * 2 * -2.0)
    assert (x.grad, y.grad) == pytest.approx((6.0, -4.0))


def test_it_is_the_conjugate_of_torchs():
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    z = gv.tensor(SIGNAL) + 1j * gv.tensor(OTHER)
    np.sum(np.real(np.exp(z) * z**2)).backward()
    t = torch.tensor(SIGNAL + 1j * OTHER, requires_grad=True)
    torch.sum(torch.real(torch.exp(t) * t**2)).backward()
    np.testing.assert_allclose(z.grad, t.grad.numpy().conj(), rtol=1e-12)


@pytest.mark.parametrize(
    "function",
    [np.exp, np.sin, np.log, np.sqrt, np.tanh, lambda z: z**3, lambda z: 1 / z, lambda z: z @ z, np.sum],
)
def test_holomorphic_functions_need_no_rule_of_their_own(function: Any):
    z = gv.tensor(SIGNAL) + 1j * gv.tensor(OTHER)
    np.sum(np.real(function(z))).backward()
    step = 1e-6
    for direction in (1.0, 1j):
        for i in range(SIGNAL.size):
            moved = np.zeros(SIGNAL.size, dtype=complex)
            moved[i] = step * direction
            slope = (np.sum(function(z.value + moved)) - np.sum(function(z.value - moved))).real / (2 * step)
            assert (z.grad[i] * direction).real == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_a_real_operand_gets_a_real_gradient():
    for x in (2.0, np.float32(2.0), np.array([2.0, 1.0])):
        t = gv.tensor(x)
        np.sum(np.real(t * (1.0 + 2.0j) * (t + 1j))).backward()
        assert np.asarray(t.grad).dtype == np.asarray(x).dtype
        np.testing.assert_allclose(t.grad, 2 * x - 2.0)


def test_single_precision_stays_single():
    x = gv.tensor(SIGNAL.astype(np.float32))
    y = fft.rfft(x) * 2j
    assert y.dtype == np.complex64
    np.sum(np.abs(y)).backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.complex64)


@pytest.mark.parametrize("function", [np.abs, np.angle])
def test_zero_has_gradient_zero(function: Any):
    x, y = gv.tensor([0.0, 1.0]), gv.tensor([0.0, 1.0])
    np.sum(function(x + 1j * y)).backward()
    assert x.grad[0] == y.grad[0] == 0.0


# -- refused -----------------------------------------------------------------------------------------------------------


def test_gradients_run_back_from_a_real_number():
    x = gv.tensor(SIGNAL)
    with pytest.raises(gv.GradientError, match="complex"):
        fft.fft(x)[0].backward()


def test_they_run_back_from_a_complex_number_with_a_seed():
    x = gv.tensor(SIGNAL)
    fft.fft(x)[1].backward(1.0)
    np.testing.assert_allclose(x.grad, np.real(fft.fft(np.eye(6))[:, 1]))


@pytest.mark.parametrize("part", [np.real, np.imag])
def test_a_part_of_a_complex_tensor_is_read_only(part: Any):
    z = gv.tensor(SIGNAL) * (1 + 1j)
    with pytest.raises(ValueError, match="read-only"):
        part(z)[0] = 1.0
    assert z.value[0] == SIGNAL[0] * (1 + 1j)


def test_arguments_without_a_rule_are_refused_by_name():
    x = gv.tensor(CUBE)
    with pytest.raises(gv.RecordError, match="would write a Tensor into a plain array"):
        fft.fft(x, out=np.zeros(CUBE.shape, dtype=complex))
    with pytest.raises(gv.RecordError, match="axis twice"):
        fft.fftn(x, axes=(0, 0))
    with pytest.raises(TypeError, match="nonsense"):
        fft.fft(x, nonsense=1)
    with pytest.raises(ValueError, match="norm"):
        fft.fft(x, norm="nonsense")
