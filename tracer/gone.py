"""What stands for an array that was let go of: it has the shape and the dtype, and no numbers.

Whoever computes with it gets `ValueGone` instead of a wrong number; `keeping.restored` computes the value again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Gone", "ValueGone", "gone"]


class ValueGone(Exception):
    """Someone computed with an array that was let go of."""

    def __init__(self, which: Gone) -> None:
        super().__init__(f"the numbers of this array of shape {which.shape} were let go of")
        self.which = which


#: What may be asked of an array that has no numbers.
_OF_THE_SHAPE = frozenset({np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.result_type, np.can_cast})


class Gone(np.ndarray[Any, Any]):
    """Stands for an array that was let go of. It takes no memory to speak of, and refuses to be computed with.

    `mark` is for whoever wants to know it, or a view of it, again.
    """

    mark: Any = None

    def __array_finalize__(self, obj: Any) -> None:
        self.mark = getattr(obj, "mark", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        raise ValueGone(self)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in _OF_THE_SHAPE:
            return func._implementation(*args, **kwargs)
        raise ValueGone(self)

    def __getitem__(self, index: Any) -> Any:
        raise ValueGone(self)

    def __repr__(self) -> str:
        return f"<array of shape {self.shape} and dtype {self.dtype} that was let go of>"


def gone(array: np.ndarray[Any, Any]) -> Gone:
    """What stands for `array` from now on."""
    nothing = np.full((), np.nan if array.dtype.kind in "fc" else 0, array.dtype)
    return np.ndarray.__new__(Gone, array.shape, array.dtype, buffer=nothing.data, strides=(0,) * array.ndim)
