"""`gv.np`: NumPy's namespace in which the functions that create arrays make Tensors where they are given any."""

from __future__ import annotations

import types
from typing import Any

import numpy

from .tensor import Tensor

__all__ = ["np"]


def _array(object: Any, dtype: Any = None, **options: Any) -> Any:
    """`numpy.array`; a list that holds Tensors is stacked into one."""
    if isinstance(object, Tensor):
        return object.copy() if dtype is None else object.astype(dtype)
    if isinstance(object, (list, tuple)) and _holds_tensor(object):
        stacked = numpy.stack([_array(item) if isinstance(item, (list, tuple)) else item for item in object])  # pyright: ignore
        return stacked if dtype is None else stacked.astype(dtype)
    return numpy.array(object, dtype=dtype, **options)


def _asarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """`numpy.asarray`; a Tensor stays one."""
    if isinstance(a, Tensor):
        return a if dtype is None or a.dtype == dtype else a.astype(dtype)
    return _array(a, dtype=dtype, copy=None, **options)


def _holds_tensor(values: Any) -> bool:
    return any(isinstance(v, Tensor) or (isinstance(v, (list, tuple)) and _holds_tensor(v)) for v in values)


_OVERRIDES = {"array": _array, "asarray": _asarray, "asanyarray": _asarray, "ascontiguousarray": _asarray}


class _Namespace(types.ModuleType):
    """NumPy, with a few functions of its own."""

    def __getattr__(self, name: str) -> Any:
        return getattr(numpy, name)

    def __dir__(self) -> list[str]:
        return dir(numpy)


np: Any = _Namespace("numpy", numpy.__doc__)
np.__dict__.update(_OVERRIDES)
# What imports look at: `import numpy.linalg as la` through this namespace must find the real submodules.
np.__path__ = numpy.__path__
np.__file__ = numpy.__file__
np.__spec__ = numpy.__spec__
np.__version__ = numpy.__version__
