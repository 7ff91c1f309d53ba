"""Hooks ndarray's methods, and gradviz's own, on the Tensor: each is the function of that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import inplace, operators
from .backward import run_back
from .ops import activation, blocking, fourier, linear, reduction, selection, shaping
from .tensor import FUNCTIONS, Tensor

_METHODS: dict[str, Callable[..., Any]] = {
    "sum": reduction.sum_,
    "mean": reduction.mean,
    "max": reduction.max_,
    "min": reduction.min_,
    "dot": linear.dot,
    "clip": selection.clip,
    "round": blocking.round_,
    "squeeze": shaping.squeeze,
    "swapaxes": shaping.swapaxes,
    "ravel": shaping.ravel,
    "flatten": shaping.flatten,
    "copy": shaping.copy_of,
    "astype": shaping.astype,
    "argmax": FUNCTIONS[np.argmax],
    "argmin": FUNCTIONS[np.argmin],
    "argsort": FUNCTIONS[np.argsort],
    "nonzero": FUNCTIONS[np.nonzero],
    "all": FUNCTIONS[np.all],
    "any": FUNCTIONS[np.any],
    "relu": activation.relu,
    "sigmoid": activation.sigmoid,
    "softmax": activation.softmax,
    "log_softmax": activation.log_softmax,
    "conj": fourier.conjugate,
    "conjugate": fourier.conjugate,
    "detach": blocking.detach,
    "fill": inplace.fill,
    "sort": inplace.sort,
    "partition": inplace.partition,
    "put": inplace.put,
}

# ndarray's methods that take what NumPy's function of that name takes.
for _name in (
    "argpartition",
    "choose",
    "cumprod",
    "cumsum",
    "diagonal",
    "prod",
    "repeat",
    "searchsorted",
    "std",
    "take",
    "trace",
    "var",
):
    _METHODS[_name] = FUNCTIONS[getattr(np, _name)]


def _compress(self: Tensor, condition: Any, axis: int | None = None) -> Any:
    return FUNCTIONS[np.compress](condition, self, axis)


def _reshape(self: Tensor, *shape: Any, order: str = "C") -> Any:
    return shaping.reshape(self, shape[0] if len(shape) == 1 else shape, order)


def _transpose(self: Tensor, *axes: Any) -> Any:
    given = axes[0] if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))) else axes
    return shaping.transpose(self, given or None)


def _backward(self: Tensor, seed: Any = None) -> None:
    """Run the gradients back from this tensor: afterwards, everything it was computed from has its `grad`.

    Each call starts afresh; gradients of earlier calls are replaced, not added to.

    Parameters
    ----------
    seed : float or array_like, optional
        The gradient to start from, in this tensor's shape; 1 for a single number.

    Raises
    ------
    GradientError
        If this tensor is an integer, or no single number and no seed is given.
    """
    run_back(self, seed)
    for listener in on_backward:
        listener(self)


#: Called with each tensor on which `backward` was called; the command learns the output of a script from it.
on_backward: list[Callable[[Tensor], None]] = []

for _name, _function in {
    **_METHODS,
    "compress": _compress,
    "reshape": _reshape,
    "transpose": _transpose,
    "backward": _backward,
}.items():
    setattr(Tensor, _name, _function)
Tensor.T = property(lambda self: shaping.transpose(self), doc="The transpose.")  # pyright: ignore
Tensor.mT = property(lambda self: shaping.swapaxes(self, -1, -2), doc="The last two axes swapped.")  # pyright: ignore

Tensor.real = property(lambda self: fourier.real(self), doc="The real part.")  # pyright: ignore
Tensor.imag = property(lambda self: fourier.imag(self), doc="The imaginary part.")  # pyright: ignore
Tensor.flat = property(inplace.flat, inplace.fill_flat, doc="Its elements in a row.")  # pyright: ignore
for _name in ("itemsize", "nbytes", "strides"):
    setattr(Tensor, _name, property(lambda self, name=_name: getattr(np.asarray(self._value), name)))

# Last, when all that a Tensor can do is in place: what stands for another record hands it on.
inplace.hook(
    {name: op for name, (op, _) in operators.BINARY.items()},
    {name: op for name, (op, _) in operators.UNARY.items()},
    operators.IN_PLACE,
)
