"""Fourier transforms, numpy.fft's, and the parts of complex numbers: real, imaginary, conjugate, angle.

Complex numbers keep one convention: the gradient of a real number L with respect to z = x + iy is ∂L/∂x − i·∂L/∂y.
With it the rule of every holomorphic op is the one that it has on real numbers, with no conjugate anywhere:
downstream = upstream × local. (Steepest descent goes along the conjugate of this gradient, which is what torch calls
the gradient.) A real operand takes the real part of what comes back to it, which `backward.fit` sees to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, UFUNCS, apply, value_of
from .products import MIXES, conj, leave_out

__all__ = ["ANGLE", "CONJUGATE", "IMAG", "REAL", "angle", "conjugate", "imag", "real"]

# -- the parts of a complex number -------------------------------------------------------------------------------------


def _angle_vjp(g: Any, out: Any, z: Any, deg: bool) -> Any:
    """dθ = Im(dz/z); at z = 0, which has no angle, the gradient is 0."""
    zero = value_of(z) == 0
    scale = -180j / np.pi if deg else -1j
    return np.where(zero, 0.0, scale * g / np.where(zero, 1.0, z))


def _part(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A part of complex numbers, to read only: a write to it would have to leave each number's other part alone."""

    def part(z: Any) -> Any:
        result = function(z)
        if isinstance(result, np.ndarray) and np.iscomplexobj(z):
            result.flags.writeable = False
        return result

    return part


REAL = row(
    "real",
    _part(np.real),
    [Rule("δ", vjp=lambda g, out, z: g)],
    role="distributes",
    symbol="Re",
    text="Re({0})",
    view=True,
)
IMAG = row(
    "imag",
    _part(np.imag),
    [Rule("−i·δ", vjp=lambda g, out, z: -1j * g)],
    role="distributes",
    role_text="upstream → the imaginary part",
    symbol="Im",
    text="Im({0})",
    view=True,
)
CONJUGATE = row(
    "conjugate",
    np.conjugate,
    [Rule("conj(δ)", vjp=lambda g, out, z: np.conjugate(g))],
    role="distributes",
    role_text="upstream, conjugated",
    symbol="conj",
)
ANGLE = row(
    "angle",
    np.angle,
    [Rule("−i·δ/{0}", vjp=_angle_vjp)],
    role=MIXES,
    role_text="upstream × −i ÷ input",
    symbol="∠",
    text="∠{0}",
    binds=4,
)


def real(val: Any) -> Any:
    """`np.real` on a Tensor."""
    return apply(REAL, (val,))


def imag(val: Any) -> Any:
    """`np.imag` on a Tensor."""
    return apply(IMAG, (val,))


def conjugate(x: Any) -> Any:
    """`np.conj` on a Tensor."""
    return apply(CONJUGATE, (x,))


def angle(z: Any, deg: bool = False) -> Any:
    """`np.angle` on a Tensor."""
    return apply(ANGLE, (z,), {"deg": deg})


UFUNCS[np.conjugate] = CONJUGATE
FUNCTIONS.update({np.real: real, np.imag: imag, np.angle: angle})

# -- where a transform acts --------------------------------------------------------------------------------------------

_OTHER_NORM: dict[str | None, Any] = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _along(x: Any, static: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int | None, ...]]:
    """The axes that a transform acts on and its length along each, None where that is the operand's own."""
    if "axis" in static:
        return (static["axis"] % np.ndim(x),), (static["n"],)
    axes, sizes = static["axes"], static["s"]
    if axes is None:
        axes = tuple(range(np.ndim(x))) if sizes is None else tuple(range(-len(sizes), 0))
    axes = tuple(axis % np.ndim(x) for axis in axes)
    return axes, (None,) * len(axes) if sizes is None else tuple(None if n in (None, -1) else n for n in sizes)


def _lengths(x: Any, static: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that a transform to as many numbers acts on, and its length along each."""
    axes, sizes = _along(x, static)
    return axes, tuple(np.shape(x)[a] if n is None else n for a, n in zip(axes, sizes, strict=True))


def _resized(x: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """`x` cut or filled up with zeros along `axes` to the lengths there in `shape`: crop and pad undone."""
    for axis in axes:
        have, want = np.shape(x)[axis], shape[axis]
        before = (slice(None),) * axis
        if have > want:
            x = x[(*before, slice(want))]
        elif have < want:
            gap = tuple(want - have if i == axis else n for i, n in enumerate(np.shape(x)))
            x = np.concatenate([x, np.zeros(gap, dtype=value_of(x).dtype)], axis=axis)
    return x


# -- the rules ---------------------------------------------------------------------------------------------------------


def _complex_to_complex(transform: Callable[..., Any]) -> Callable[..., Any]:
    """The Fourier matrix is symmetric: the gradient goes back through the same transform."""

    def vjp(g: Any, out: Any, x: Any, norm: Any, **static: Any) -> Any:
        axes, _ = _along(x, static)
        return _resized(transform(g, axes=axes, norm=norm), axes, np.shape(x))

    return vjp


def _real_to_half(g: Any, out: Any, x: Any, norm: Any, **static: Any) -> Any:
    """rfft is fft of real numbers, cut in half: fill up with zeros, transform, take the real part."""
    axes, sizes = _lengths(x, static)
    return _resized(np.real(np.fft.fftn(g, s=sizes, axes=axes, norm=norm)), axes, np.shape(x))


def _half_to_real(g: Any, out: Any, x: Any, norm: Any, **static: Any) -> Any:
    """irfft reads each coefficient twice, the second time mirrored, but the first and, of an even length, the last."""
    axes, _ = _along(x, static)
    last, n = axes[-1], np.shape(g)[axes[-1]]
    twice = np.full(n // 2 + 1, 2.0)
    twice[0] = 1.0
    if n % 2 == 0:
        twice[-1] = 1.0
    shaped = np.reshape(twice, [-1 if i == last else 1 for i in range(np.ndim(g))])
    back = shaped * np.conjugate(np.fft.rfft(g, axis=last, norm=_OTHER_NORM[norm]))
    if len(axes) > 1:
        back = np.fft.ifftn(back, axes=axes[:-1], norm=norm)
    return _resized(back, axes, np.shape(x))


def _hfft_vjp(g: Any, out: Any, x: Any, norm: Any, **static: Any) -> Any:
    """hfft(x) is irfft(conj(x)) with the other scaling."""
    return conj(_half_to_real(g, out, x, norm=_OTHER_NORM[norm], **static))


def _ihfft_vjp(g: Any, out: Any, x: Any, norm: Any, **static: Any) -> Any:
    """ihfft(x) is conj(rfft(x)) with the other scaling."""
    return _real_to_half(conj(g), out, x, norm=_OTHER_NORM[norm], **static)


_FORWARD, _INVERSE = _complex_to_complex(np.fft.fftn), _complex_to_complex(np.fft.ifftn)

#: name → its rule, and the rule as a formula
_TRANSFORMS: dict[str, tuple[Callable[..., Any], str]] = {
    "fft": (_FORWARD, "fft(δ)"),
    "ifft": (_INVERSE, "ifft(δ)"),
    "rfft": (_real_to_half, "Re(fft(δ, padded))"),
    "irfft": (_half_to_real, "2·conj(rfft(δ))/n, the first and last once"),
    "hfft": (_hfft_vjp, "2·ifft(δ), half of it, the first and last once"),
    "ihfft": (_ihfft_vjp, "Re(ifft(δ, padded))"),
    "fft2": (_FORWARD, "fft2(δ)"),
    "ifft2": (_INVERSE, "ifft2(δ)"),
    "rfft2": (_real_to_half, "Re(fft2(δ, padded))"),
    "irfft2": (_half_to_real, "2·conj(rfft2(δ))/n, the first and last once"),
    "fftn": (_FORWARD, "fftn(δ)"),
    "ifftn": (_INVERSE, "ifftn(δ)"),
    "rfftn": (_real_to_half, "Re(fftn(δ, padded))"),
    "irfftn": (_half_to_real, "2·conj(rfftn(δ))/n, the first and last once"),
}


def _transform_row(name: str, vjp: Callable[..., Any], text: str) -> Op:
    return row(
        name,
        getattr(np.fft, name),
        [Rule(text, vjp=vjp)],
        role=MIXES,
        role_text="Σ upstream × its wave",
    )


_ROWS = {name: _transform_row(name, *rule) for name, rule in _TRANSFORMS.items()}


def _one_axis(name: str) -> Callable[..., Any]:
    op = _ROWS[name]

    def transform(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        leave_out(f"fft.{name}", out=out)
        return apply(op, (a,), {"n": value_of(n), "axis": axis, "norm": norm})

    return transform


def _many_axes(name: str, default: tuple[int, ...] | None) -> Callable[..., Any]:
    op = _ROWS[name]

    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        leave_out(f"fft.{name}", out=out)
        axes = None if axes is None else tuple(axes)
        if axes is not None and len({axis % np.ndim(a) for axis in axes}) < len(axes):
            raise RecordError(f"np.fft.{name} with axes={axes} would go along one axis twice: call it once for each")
        return apply(op, (a,), {"s": None if s is None else tuple(value_of(s)), "axes": axes, "norm": norm})

    return transform


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    FUNCTIONS[getattr(np.fft, _name)] = _one_axis(_name)
for _name in ("fft2", "ifft2", "rfft2", "irfft2"):
    FUNCTIONS[getattr(np.fft, _name)] = _many_axes(_name, (-2, -1))
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    FUNCTIONS[getattr(np.fft, _name)] = _many_axes(_name, None)

# -- shifts ------------------------------------------------------------------------------------------------------------

FFTSHIFT = row(
    "fftshift",
    np.fft.fftshift,
    [Rule("ifftshift(δ)", vjp=lambda g, out, x, axes: np.fft.ifftshift(g, axes))],
    role="permutes",
)
IFFTSHIFT = row(
    "ifftshift",
    np.fft.ifftshift,
    [Rule("fftshift(δ)", vjp=lambda g, out, x, axes: np.fft.fftshift(g, axes))],
    role="permutes",
)


def _shift_axes(axes: Any) -> Any:
    return tuple(axes) if isinstance(axes, list) else axes  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


def fftshift(x: Any, axes: Any = None) -> Any:
    """`np.fft.fftshift` on a Tensor."""
    return apply(FFTSHIFT, (x,), {"axes": _shift_axes(axes)})


def ifftshift(x: Any, axes: Any = None) -> Any:
    """`np.fft.ifftshift` on a Tensor."""
    return apply(IFFTSHIFT, (x,), {"axes": _shift_axes(axes)})


FUNCTIONS.update({np.fft.fftshift: fftshift, np.fft.ifftshift: ifftshift})
