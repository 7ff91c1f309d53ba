"""Copies that lie in memory as the original does, so that NumPy and BLAS compute with them to the same last bit.

How arrays are summed depends on their strides: a column with every fourth number is summed another way than one packed
tightly. A copy of a part has the strides of the part; several such copies lie interleaved in one slab of memory, so
that the columns of an array, copied one by one, take no more room than the array.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

__all__ = ["copied", "empty_as"]


class _Slab(np.ndarray[Any, Any]):
    """Bytes in which copies of the same shape and strides lie, and the places that are still free in it."""

    free: Iterator[int]


_slabs: WeakValueDictionary[Any, _Slab] = WeakValueDictionary()


def copied(value: Any) -> Any:
    """A copy with the same strides and flags; what is no array is given back."""
    if not isinstance(value, np.ndarray):
        return value
    made = value.copy("K")
    if made.strides == value.strides or not value.size:  # nearly all
        return made if value.base is None else made.view()  # of a view, it says that its memory is another's
    made = _placed(value)
    made[...] = value
    return made


def empty_as(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Memory for another array of the same shape, dtype, strides and flags."""
    made = np.empty_like(value)
    if made.strides == value.strides or not value.size:
        return made if value.base is None else made.view()
    return _placed(value)


def _placed(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array like `value`, without its numbers, at a free place of a slab."""
    if value.base is None:  # it only says something else of axes of length 1
        with suppress(ValueError):
            return np.ndarray(value.shape, value.dtype, strides=value.strides)
    kind = value.shape, value.strides, value.dtype
    slab = _slabs.get(kind)
    try:
        start = next(slab.free)  # pyright: ignore[reportOptionalMemberAccess]  # one step: threads may meet here
    except (AttributeError, StopIteration):
        slab = _slabs[kind] = _slab(value)
        start = next(slab.free)
    return np.ndarray(value.shape, value.dtype, slab, start, value.strides)


def _slab(value: np.ndarray[Any, Any]) -> _Slab:
    """A slab for arrays like this one: as many as fit side by side between two steps along its longest stride."""
    ways = [(abs(step), n - 1) for n, step in zip(value.shape, value.strides, strict=True) if n > 1]
    before = sum(-step * (n - 1) for n, step in zip(value.shape, value.strides, strict=True) if step < 0)
    stride, steps = max(ways, default=(0, 0))
    span = sum(step * n for step, n in ways) + value.itemsize
    width = span - stride * steps
    free = range(before, before + max(1, stride - width + 1), width)
    slab = _Slab(span + free[-1] - before, np.uint8)
    slab.free = iter(free)
    return slab
