"""What networks add to NumPy: sigmoid, the ReLU family, hard tanh, softmax and cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RecordError
from ..op import Op, Rule, elementwise, row
from ..tensor import Tensor, apply, call, is_differentiable, value_of
from .pushing import of_one

_add: Any = np.add.reduce
_max: Any = np.maximum.reduce


def _sigmoid(x: Any) -> Any:
    # Where exp(−x) overflows, the result is below the smallest normal number, and 0 stands for it.
    with np.errstate(over="ignore"):
        e = np.exp(-x)
    if type(e) is not np.ndarray:
        return 1.0 / (1.0 + e)
    e += 1.0  # an array of our own: the other steps write into it
    return np.divide(1.0, e, out=e)


def _step(x: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
    """`high` where x > 0, `low` where it is not: at 0 the slope is that of the left side."""
    x = value_of(x)
    if type(x) is float:
        return high if x > 0 else low
    if low == 0.0 and high == 1.0:
        return (x > 0).astype(x.dtype)
    return np.where(x > 0, high, low).astype(x.dtype)[()]


def _back_through_sigmoid(g: Any, out: Any, x: Any) -> Any:
    share = 1.0 - out
    share *= out
    share *= g
    return share


SIGMOID = elementwise(
    "sigmoid",
    _sigmoid,
    ("{out}·(1 − {out})", lambda out, x: out * (1.0 - out)),
    role="attenuates",
    role_text="upstream × slope ≤ ¼",
    symbol="σ",
    text="σ({0})",
    push=of_one(_back_through_sigmoid),
)
RELU = elementwise(
    "relu",
    lambda x: np.maximum(x, 0.0) if type(x) is not float else x if not x <= 0.0 else 0.0,
    ("{0} > 0 ? 1 : 0", lambda out, x: _step(x)),
    role="gates",
    role_text="upstream where input > 0, else 0",
    text="relu({0})",
    push=of_one(lambda g, out, x: g * (x > 0)),
)
LEAKY_RELU = row(
    "leaky_relu",
    lambda x, slope: np.where(np.asarray(x) > 0, x, slope * x)[()],
    [Rule("{0} > 0 ? 1 : {slope}", local=lambda out, x, slope: _step(x, low=slope))],
    role="gates",
    role_text="upstream where input > 0, else × {slope}",
    text="leaky_relu({0}, {slope})",
)
PRELU = elementwise(
    "prelu",
    lambda x, slope: np.where(np.asarray(x) > 0, x, slope * x)[()],
    ("{0} > 0 ? 1 : {1}", lambda out, x, slope: np.where(value_of(x) > 0, 1.0, slope)),
    ("{0} > 0 ? 0 : {0}", lambda out, x, slope: np.where(value_of(x) > 0, 0.0, x)),
    role="gates",
    role_text="upstream where input > 0, else × slope",
)
HARD_TANH = elementwise(
    "hard_tanh",
    lambda x: np.clip(x, -1.0, 1.0),
    ("−1 < {0} < 1 ? 1 : 0", lambda out, x: np.where(np.abs(value_of(x)) < 1.0, 1.0, 0.0)[()]),
    role="gates",
    role_text="upstream where |input| < 1, else 0",
    symbol="hard tanh",
    text="hard_tanh({0})",
)


# -- softmax and its relatives: along one axis -------------------------------------------------------------------------


# What is written into are arrays of our own.


def _softmax(x: Any, axis: int) -> Any:
    shifted = _below_the_largest(x, axis)
    e = np.exp(shifted, out=shifted) if type(shifted) is np.ndarray else np.exp(shifted)
    e /= _add(e, axis, None, None, True)
    return e


def _log_softmax(x: Any, axis: int) -> Any:
    shifted = _below_the_largest(x, axis)
    shifted -= np.log(_add(np.exp(shifted), axis, None, None, True))
    return shifted


def _below_the_largest(x: Any, axis: int) -> Any:
    shifted = x - _max(x, axis, None, None, True)
    return shifted if shifted.dtype.kind == "f" else shifted.astype(float)


def _back_through_softmax(g: Any, out: Any, x: Any, axis: int) -> Any:
    if not type(g) is type(out) is np.ndarray:
        return out * (g - np.sum(g * out, axis=axis, keepdims=True))
    share = g - _add(g * out, axis, None, None, True)
    share *= out
    return share


SOFTMAX = row(
    "softmax",
    _softmax,
    [
        Rule(
            "{out} ⊙ (δ − Σ δ⊙{out})",
            vjp=_back_through_softmax,
        )
    ],
    role="scales by its output",
    role_text="output × (upstream − its mean under p)",
    text="softmax({0})",
)
LOG_SOFTMAX = row(
    "log_softmax",
    _log_softmax,
    [Rule("δ − p · Σ δ", vjp=lambda g, out, x, axis: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True))],
    role="p − y",
    role_text="upstream − p · Σ upstream",
    text="log_softmax({0})",
)


def _cross_entropy(logits: Any, target: Any, axis: int) -> Any:
    # A class that the target leaves out counts nothing, even where its logit is −inf: 0 · −inf would be nan.
    log_p = np.where(np.asarray(target) == 0, 0.0, _log_softmax(logits, axis))
    return -np.sum(target * log_p) / _rows(logits, axis)


def _rows(logits: Any, axis: int) -> int:
    return max(1, np.size(logits) // max(1, np.shape(logits)[axis]))


def _cross_entropy_logits(g: Any, out: Any, logits: Any, target: Any, axis: int) -> Any:
    # p·Σy − y: for a target that sums to 1 this is the lecture's p − y.
    p = softmax(logits, axis=axis)
    return g * (p * np.sum(target, axis=axis, keepdims=True) - target) / _rows(value_of(logits), axis)


CROSS_ENTROPY = row(
    "cross_entropy",
    _cross_entropy,
    [
        Rule("p − y", vjp=_cross_entropy_logits),
        Rule(
            "−log p",
            vjp=lambda g, out, logits, target, axis: (
                -g * log_softmax(logits, axis=axis) / _rows(value_of(logits), axis)
            ),
        ),
    ],
    role="p − y",
    symbol="CE",
    text="cross_entropy({0}, {1})",
)


# -- the public functions: on Tensors they record, on anything else they compute ---------------------------------------


def _of(op: Op, x: Any, static: dict[str, Any] | None = None) -> Any:
    if isinstance(x, Tensor):
        return apply(op, (x,), static, depth=3)
    return op.compute(_array(x), **(static or {}))


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(−x)), elementwise, without overflow.

    Examples
    --------
    >>> import gradviz as gv
    >>> x = gv.tensor(0.0)
    >>> y = gv.sigmoid(x)
    >>> y.backward()
    >>> float(y.value), float(x.grad)
    (0.5, 0.25)
    """
    return _of(SIGMOID, x)


def relu(x: Any) -> Any:
    """max(x, 0), elementwise; its slope at 0 is 0.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.relu(gv.tensor([-1.0, 2.0])).value
    array([0., 2.])
    """
    return _of(RELU, x)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where it is above 0, else slope · x, elementwise; its slope at 0 is `slope`.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.leaky_relu(gv.tensor([-1.0, 2.0]), slope=0.1).value
    array([-0.1,  2. ])
    """
    return _of(LEAKY_RELU, x, {"slope": slope})


def prelu(x: Any, slope: Any) -> Any:
    """Leaky ReLU whose slope is learned: it gets a gradient too.

    Examples
    --------
    >>> import gradviz as gv
    >>> a = gv.tensor(0.1)
    >>> gv.prelu(gv.tensor(-3.0), a).backward()
    >>> float(a.grad)
    -3.0
    """
    return call(PRELU, (_array(x), _array(slope)))


def hard_tanh(x: Any) -> Any:
    """x, cut off at −1 and 1, elementwise; its slope at ±1 is 0.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.hard_tanh(gv.tensor([-2.0, 0.5])).value
    array([-1. ,  0.5])
    """
    return _of(HARD_TANH, x)


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / Σ exp(x) along `axis`, without overflow.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.softmax(gv.tensor([0.0, 0.0])).value
    array([0.5, 0.5])
    """
    return _of(SOFTMAX, x, {"axis": axis})


def log_softmax(x: Any, axis: int = -1) -> Any:
    """log of `softmax` along `axis`, computed without taking the log of a small number.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.log_softmax(gv.tensor([0.0, 0.0])).value.round(4)
    array([-0.6931, -0.6931])
    """
    return _of(LOG_SOFTMAX, x, {"axis": axis})


def cross_entropy(logits: Any, target: Any, axis: int = -1) -> Any:
    """Softmax cross-entropy of `logits` against `target`, averaged over all axes but `axis`.

    Parameters
    ----------
    logits : Tensor or array_like, shape (..., classes, ...)
        Scores, with the classes along `axis`.
    target : array_like
        Class numbers, integers in the shape of `logits` without `axis`; or probabilities in the shape of `logits`.
    axis : int
        The axis of the classes.

    Returns
    -------
    Tensor or float
        A single number; its gradient towards the logits is (p − y) / rows.

    Raises
    ------
    RecordError
        If the shapes don't fit or a class number is out of range.

    Examples
    --------
    >>> import gradviz as gv
    >>> z = gv.tensor([0.0, 0.0])
    >>> gv.cross_entropy(z, 1).backward()
    >>> z.grad
    array([ 0.5, -0.5])
    """
    logits = _array(logits)
    shape = np.shape(logits)
    if not shape:
        raise RecordError("cross_entropy got a single number as logits: give an array with the classes along an axis")
    if not (isinstance(target, Tensor) and is_differentiable(target.value)):
        target = _one_hot(np.asarray(value_of(target)), logits, axis)
    if np.shape(target) != shape:
        raise RecordError(
            f"cross_entropy got logits of shape {shape} and probabilities of shape {np.shape(target)}: "
            f"give probabilities in the logits' shape, or class numbers as integers"
        )
    return call(CROSS_ENTROPY, (logits, target), {"axis": axis})


def _one_hot(target: Any, logits: Any, axis: int) -> Any:
    """A target of class numbers as probabilities, in the logits' dtype."""
    dtype = np.result_type(value_of(logits))
    shape = np.shape(logits)
    if target.dtype.kind not in "iu" or target.shape == shape:
        return target.astype(dtype) if target.dtype.kind in "biu" else target
    classes = shape[axis]
    if target.size and (target.min() < 0 or target.max() >= classes):
        raise RecordError(
            f"cross_entropy got class number {target.max() if target.max() >= classes else target.min()}, "
            f"and the logits have {classes} classes: numbers run from 0 to {classes - 1}"
        )
    return np.moveaxis(np.eye(classes, dtype=dtype)[target], -1, axis)


def _array(x: Any) -> Any:
    return x if isinstance(x, (Tensor, float, np.ndarray, np.generic)) else apply_free(x)


def apply_free(x: Any) -> Any:
    """Numbers and lists that are no Tensors, as NumPy takes them."""
    return float(x) if isinstance(x, int) else np.asarray(x, dtype=float)


__all__ = ["cross_entropy", "hard_tanh", "leaky_relu", "log_softmax", "prelu", "relu", "sigmoid", "softmax"]
