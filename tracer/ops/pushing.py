"""What the hand-made pushes share: handing a share down without the questions that the usual case answers at once.

An op without a push of its own goes the general way (`backward.push`), which runs its rules. A push says the same as
the rules in fewer steps, and computes with no operand's numbers that they don't compute with: those may be gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..backward import CONSTANT, fit, hand_down, push, takes_gradient
from ..tensor import PENDING, Tensor

__all__ = ["hand", "of_one"]

_ndarray, _number = np.ndarray, np.float64


def hand(operand: Any, share: Any) -> None:
    """Add a share into an operand's gradient, in the operand's shape and dtype, where it takes one."""
    if not isinstance(operand, Tensor) or operand._op is CONSTANT:
        return
    value, kind = operand._value, type(share)
    if kind is _ndarray:
        if type(value) is not _ndarray or value.dtype is not share.dtype or value.shape != share.shape:
            _fitted(operand, share)
            return
    elif kind is _number and type(value) is float:
        share = float(share)
    elif kind is not _number or type(value) is not _number:
        _fitted(operand, share)
        return
    if operand._grad is PENDING:
        operand._grad = share
    else:
        hand_down(operand, share)


def _fitted(operand: Tensor, share: Any) -> None:
    if takes_gradient(operand):
        hand_down(operand, fit(share, operand._value))


def of_one(downstream: Callable[[Any, Any, Any], Any]) -> Callable[[Tensor, Any], None]:
    """A push for an elementwise op of one operand: ``downstream(upstream, out, x)`` on arrays, else the rules."""

    def pushed(tensor: Tensor, upstream: Any) -> None:
        operand = tensor._a
        if type(upstream) is _ndarray and upstream.ndim and isinstance(operand, Tensor):
            hand(operand, downstream(upstream, tensor._value, operand._value))
        else:
            push(tensor, upstream)

    return pushed
