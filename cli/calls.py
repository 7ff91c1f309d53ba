"""What rewritten calls go through: libraries in C that take nothing but floats and arrays, and shuffling in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tracer.frames import user_frame
from ..tracer.tensor import Tensor, now
from ..tracer.tensor import _taken_out as taken_out

__all__ = ["PLAIN", "shuffled", "value_for"]

#: The beginnings of what is called with plain values: it looks at the very class, and refuses a Tensor.
PLAIN = ("decimal.", "datetime.", "time.", "builtins.float.", "torch.", "tensorflow.", "PIL.", "cv2.", "numba.")


def value_for(value: Any) -> Any:
    """An argument of such a call: the plain value, which leaves the graph."""
    if isinstance(value, Tensor):
        return taken_out(now(value), "the value of {}", user_frame(1))
    if type(value) in (list, tuple):
        return type(value)([value_for(part) for part in value])
    return value


def shuffled(shuffle: Callable[..., Any], x: Any, /, *args: Any, **options: Any) -> Any:
    """`rng.shuffle(x)`: a traced array is put in the order in which its indices are shuffled."""
    if not isinstance(x, Tensor) or args or options or not np.ndim(now(x)._value):
        return shuffle(x, *args, **options)
    order = np.arange(len(now(x)._value))
    result = shuffle(order)
    x[:] = x[order]
    return result
