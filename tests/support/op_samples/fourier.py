"""Samples of `tracer/ops/fourier.py`: complex results are looked at by their parts."""

from typing import Any

import numpy as np

from . import Sample

SIGNAL = np.array([0.7, -1.1, 0.4, 1.6, -0.3, 0.9])
OTHER = np.array([-0.2, 0.5, 1.3, -0.8, 0.6, -1.4])
CUBE = np.array([[[0.9, -0.4, 0.3], [1.3, 0.2, -0.6]], [[-1.1, 0.6, 0.8], [0.5, -1.6, 1.2]]])
ODD = np.array([[0.3, 0.8, -0.5], [-0.9, 0.1, 0.7]])


def halves(z: Any) -> Any:
    """The real and the imaginary part, for differences to be taken of."""
    return np.stack([np.real(z), np.imag(z)])


def one(name: str, *, real: bool = False) -> list[Sample]:
    """One axis: every length against the operand's, odd and even, every scaling, other axes."""
    f = getattr(np.fft, name)
    given = [{}, *[{"n": n} for n in (4, 5, 8, 9)], {"norm": "ortho"}, {"norm": "forward"}]
    if real:
        return [Sample(lambda x, k=k: halves(f(x, **k)), (SIGNAL,)) for k in given] + [
            Sample(lambda x: halves(f(x, axis=0)), (CUBE,))
        ]
    return [Sample(lambda x, y, k=k: halves(f(x + 1j * y, **k)), (SIGNAL, OTHER)) for k in given] + [
        Sample(lambda x: halves(f(x, axis=0)), (CUBE,))
    ]


def many(name: str, *, real: bool = False) -> list[Sample]:
    """Several axes: some, in another order, cut and padded."""
    f = getattr(np.fft, name)
    given = [{}, {"axes": (1, 0)}, {"s": (3, 4), "axes": (0, 2)}, {"s": (1, 2), "axes": (2, 1)}, {"norm": "ortho"}]
    if real:
        return [Sample(lambda x, k=k: halves(f(x, **k)), (CUBE,)) for k in given]
    return [Sample(lambda x, y, k=k: halves(f(x + 1j * y, **k)), (CUBE, CUBE[::-1] * 0.7 + 0.1)) for k in given] + [
        Sample(lambda x: halves(f(x)), (ODD,))
    ]


SAMPLES = {
    "real": [Sample(lambda x, y: np.real((x + 1j * y) ** 2), (SIGNAL, OTHER)), Sample(np.real, (SIGNAL,))],
    "imag": [Sample(lambda x, y: np.imag((x + 1j * y) ** 2), (SIGNAL, OTHER))],
    "conjugate": [
        Sample(lambda x, y: halves(np.conjugate(x + 1j * y) * (x + 2j * y) ** 2), (SIGNAL, OTHER)),
        Sample(np.conj, (SIGNAL,)),
    ],
    "angle": [
        Sample(lambda x, y: np.angle(x + 1j * y), (SIGNAL, OTHER)),
        Sample(lambda x, y: np.angle(x + 1j * y, deg=True), (SIGNAL, OTHER)),
        Sample(np.angle, (SIGNAL,)),
    ],
    **{name: one(name) for name in ("fft", "ifft", "irfft", "hfft")},
    **{name: one(name, real=True) for name in ("rfft", "ihfft")},
    **{name: many(name) for name in ("fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn")},
    **{name: many(name, real=True) for name in ("rfft2", "rfftn")},
    "fftshift": [Sample(np.fft.fftshift, (SIGNAL,)), Sample(lambda x: np.fft.fftshift(x, axes=(0, 2)), (CUBE,))],
    "ifftshift": [Sample(np.fft.ifftshift, (ODD,)), Sample(lambda x: np.fft.ifftshift(x, axes=1), (CUBE,))],
}
# What people write: a power spectrum, a filter, a convolution, a correlation.
SAMPLES["rfft"] += [
    Sample(lambda x: np.abs(np.fft.rfft(x)) ** 2, (SIGNAL,)),
    Sample(lambda x, h: np.fft.irfft(np.fft.rfft(x) * h, 6), (SIGNAL, OTHER[:4])),
]
SAMPLES["fft"] += [
    Sample(lambda x: np.abs(np.fft.fft(x)) ** 2, (SIGNAL,)),
    Sample(lambda x, h: np.real(np.fft.ifft(np.fft.fft(x) * np.fft.fft(h))), (SIGNAL, OTHER)),
    Sample(lambda x, h: np.real(np.fft.ifft(np.fft.fft(x) * np.conj(np.fft.fft(h)))), (SIGNAL, OTHER)),
]
