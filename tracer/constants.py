"""Plain arrays that ops keep: copied while they are small, stamped where they are large.

A gradient rule uses the values that its op used. A user's array may be changed after that; what is small is therefore
copied when it is recorded, and what is large gets a stamp, by which the sweep notices a change instead of computing
with the wrong numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .errors import GradientError
from .layout import copied
from .source import locate

__all__ = ["check_unchanged", "copied", "key", "stamp", "stamps_given"]

#: Up to so many elements an array is copied: that costs less than the op.
COPIED = 1024
#: Up to so many elements a stamp takes in every one; of a larger array it takes that many, evenly spread.
STAMPED = 65_536
_STRETCHES = 64


_stamps = False


def stamps_given() -> bool:
    """Whether any array was stamped so far: scalar code, which has none, need not look for them (30 ns an op)."""
    return _stamps


def stamp(array: Any) -> Any:
    """A number that another content, or the same in another order, would not have, or hardly.

    It comes from the sums of the bytes' words in each of some stretches.
    """
    global _stamps
    _stamps = True
    if array.size > STAMPED:
        array = array.reshape(-1)[:: array.size // STAMPED] if array.flags.c_contiguous else array.flat[:STAMPED]
    flat = np.ascontiguousarray(array).reshape(-1)
    words = flat.view(np.uint64 if flat.nbytes % 8 == 0 else np.uint8)
    even = words.size - words.size % _STRETCHES
    sums = np.add.reduce(words[:even].reshape(_STRETCHES, -1), 1, np.uint64)
    return hash(sums.tobytes() + words[even:].tobytes())


def key(value: Any) -> Any:
    """What makes two constants the same one in a graph: the content of a small array, the identity of a large one.

    A number that is written in the code twice is two constants.
    """
    if isinstance(value, np.ndarray) and value.ndim and value.size <= COPIED:
        return value.shape, value.dtype.str, value.tobytes()
    return id(value)


def check_unchanged(records: Iterable[Any]) -> None:
    """Raise where an array that an op used has another content now.

    Raises
    ------
    GradientError
        Naming the array's shape and where it was used, and the remedy.
    """
    for record in records:
        static = record._static
        if static is not None and record._a is None and static["stamp"] != stamp(record._value):
            where = locate(record._code, record._at)
            raise GradientError(
                f"an array of shape {record._value.shape} was changed after {where.file}:{where.line} had used it, so "
                f"its gradient would be computed from other numbers: give the op a copy, or change it with a new array"
            )
