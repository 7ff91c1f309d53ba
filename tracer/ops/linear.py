"""Matrix products: matmul and dot."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..backward import CONSTANT, push, sum_to
from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, UFUNCS, Tensor, apply
from .pushing import hand


def transposed(x: Any) -> Any:
    """The last two axes swapped."""
    return np.swapaxes(x, -1, -2) if np.ndim(x) > 1 else x


# The first lines of both rules say the same as the rest: in 3 µs less for two matrices, and with one product instead of
# one for each matrix of a stack.


def _as_matrix(stack: Any) -> Any:
    """The rows of all matrices in one."""
    return stack.reshape(math.prod(stack.shape[:-1]), stack.shape[-1])


def _matmul_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    if type(g) is type(y) is np.ndarray and y.ndim == 2 and g.ndim > 1:
        return g @ y.T if g.ndim == 2 else (_as_matrix(g) @ y.T).reshape(x.shape)
    if np.ndim(y) == 1:  # (…, n, k) @ (k,): each row of x met y
        return g * y if np.ndim(x) == 1 else np.expand_dims(g, -1) * y
    if np.ndim(x) == 1:  # (k,) @ (…, k, m)
        return sum_to(np.squeeze(np.matmul(y, np.expand_dims(g, -1)), -1), np.shape(x))
    return sum_to(np.matmul(g, transposed(y)), np.shape(x))


def _matmul_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    if type(g) is type(x) is np.ndarray and g.ndim > 1 and x.ndim > 1 and np.ndim(y) == 2:
        return x.T @ g if x.ndim == 2 else _as_matrix(x).T @ _as_matrix(g)
    if np.ndim(x) == 1:
        return g * x if np.ndim(y) == 1 else np.expand_dims(x, -1) * np.expand_dims(g, -2)
    if np.ndim(y) == 1:
        return sum_to(np.squeeze(np.matmul(transposed(x), np.expand_dims(g, -1)), -1), np.shape(y))
    return sum_to(np.matmul(transposed(x), g), np.shape(y))


def _push_matmul(tensor: Any, upstream: Any) -> None:
    a, b = tensor._a, tensor._b
    if type(upstream) is not np.ndarray:
        push(tensor, upstream)
        return
    x, y = a._value if isinstance(a, Tensor) else a, b._value if isinstance(b, Tensor) else b
    if isinstance(a, Tensor) and a._op is not CONSTANT:
        hand(a, _matmul_left(upstream, None, x, y))
    if isinstance(b, Tensor) and b._op is not CONSTANT:
        hand(b, _matmul_right(upstream, None, x, y))


MATMUL = row(
    "matmul",
    operator.matmul,
    [Rule("δ · {1}ᵀ", vjp=_matmul_left), Rule("{0}ᵀ · δ", vjp=_matmul_right)],
    role="switches",
    symbol="@",
    text="{row} {1}",
    binds=2,
    push=_push_matmul,
)


def _dot_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return np.sum(g * y) if np.ndim(x) == 0 else g * y
    if np.ndim(y) == 1:
        return np.expand_dims(g, -1) * y
    axes = list(range(np.ndim(x) - 1, np.ndim(g)))  # g's axes that came from y, against y's axes but its last-but-one
    others = [i for i in range(np.ndim(y)) if i != np.ndim(y) - 2]
    return np.tensordot(g, y, axes=(axes, others))


def _dot_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return np.sum(g * x) if np.ndim(y) == 0 else g * x
    lead = list(range(np.ndim(x) - 1))
    joined = np.tensordot(x, g, axes=(lead, lead))  # (k, y's other axes)
    return joined if np.ndim(y) == 1 else np.moveaxis(joined, 0, np.ndim(y) - 2)


DOT = row(
    "dot",
    np.dot,
    [Rule("δ · {1}ᵀ", vjp=_dot_left), Rule("{0}ᵀ · δ", vjp=_dot_right)],
    role="switches",
    symbol="·",
    text="{0} · {1}",
    binds=2,
)


def dot(a: Any, b: Any, out: Any = None) -> Any:
    """`np.dot` on Tensors."""
    if out is not None:
        raise RecordError("np.dot with out= can't be recorded: leave out= away and assign the result")
    return apply(DOT, (a, b), depth=2)


UFUNCS[np.matmul] = MATMUL
FUNCTIONS[np.dot] = dot
