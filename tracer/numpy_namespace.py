"""`gv.np`: NumPy's namespace in which the functions that create arrays make Tensors where they are given any."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy

from .backward import CONSTANT
from .errors import RecordError
from .frames import user_frame
from .ops import creation, ordering, rearranging
from .tensor import FUNCTIONS, Tensor, leaf, value_of

__all__ = ["FILLABLE", "fillable_np", "np"]

#: The functions whose arrays a program may fill with Tensors later, by `z[i] = t`: in `gv.np` they give constants that
#: can be written into. Under the command a script that does not know of gradviz gets NumPy's own arrays from them.
FILLABLE: tuple[str, ...] = (
    "empty",
    "empty_like",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
    "eye",
    "identity",
)


# -- arrays ------------------------------------------------------------------------------------------------------------


def _asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, **more: Any) -> Any:
    """`numpy.asarray` and its kin; a Tensor stays one."""
    if not creation.holds_tensor(a):
        return numpy.asarray(a, dtype=dtype, order=order, copy=copy, **more)
    return creation.array(a, dtype=dtype, copy=bool(copy))


def _asanyarray(a: Any, dtype: Any = None, order: Any = None, **more: Any) -> Any:
    return _asarray(a, dtype) if creation.holds_tensor(a) else numpy.asanyarray(a, dtype, order, **more)


def _contiguous(function: Callable[..., Any]) -> Callable[..., Any]:
    """`numpy.ascontiguousarray` or `asfortranarray`: how a Tensor lies in memory changes no value."""

    def contiguous(a: Any, dtype: Any = None, **more: Any) -> Any:
        return rearranging.atleast_1d(_asarray(a, dtype)) if creation.holds_tensor(a) else function(a, dtype, **more)

    return contiguous


def _asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    numpy.asarray_chkfinite(value_of(a))
    return _asanyarray(a, dtype, order)


def _require(a: Any, dtype: Any = None, requirements: Any = None, **more: Any) -> Any:
    """`numpy.require`: what is required of memory, a Tensor's value has or gets when it is needed."""
    return _asarray(a, dtype) if creation.holds_tensor(a) else numpy.require(a, dtype, requirements, **more)


def _fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **more: Any) -> Any:
    items = list(iter if count < 0 else islice(iter, count))
    if not creation.holds_tensor(items):
        return numpy.fromiter(items, dtype, count, **more)
    if len(items) < count:
        raise ValueError("iterator too short")
    return creation.array(items, dtype=dtype)


def _isscalar(element: Any) -> bool:
    return numpy.isscalar(value_of(element))


# -- functions that call functions -------------------------------------------------------------------------------------


class _Vectorize(numpy.vectorize):  # pyright: ignore[reportIncompatibleVariableOverride]
    """`numpy.vectorize`; with a Tensor among the arguments, the function's calls are recorded one by one."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(x, Tensor) for x in (*args, *kwargs.values())):
            return super().__call__(*args, **kwargs)
        if self.signature is not None or self.excluded or kwargs:
            raise RecordError(
                "np.vectorize with signature=, excluded= or keyword arguments can't be recorded on Tensors: call the "
                "function in a loop, and put the results together with gv.np.array"
            )
        arrays: Any = rearranging.broadcast_arrays(*args)
        shape = numpy.shape(arrays[0])
        if 0 in shape:
            raise ValueError("cannot call `vectorize` on size 0 inputs of Tensors")
        results = [self.pyfunc(*[x[place] for x in arrays]) for place in numpy.ndindex(shape)]
        if not isinstance(results[0], tuple):
            return _in_shape(results, shape)
        return tuple(_in_shape(column, shape) for column in zip(*results, strict=True))


def _in_shape(results: Iterable[Any], shape: tuple[int, ...]) -> Any:
    made = creation.array(list(results))
    return numpy.reshape(made, shape + numpy.shape(made)[1:])


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.apply_along_axis` on a Tensor: the function is called on each line, and what it does is recorded."""
    moved = numpy.moveaxis(arr, axis, -1) if numpy.ndim(arr) > 1 else arr
    rest = numpy.shape(moved)[:-1]
    if 0 in rest:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    results = [func1d(moved[place], *args, **kwargs) for place in numpy.ndindex(rest)]
    made = _in_shape(results, rest)
    axis = axis % numpy.ndim(arr)
    own = numpy.ndim(made) - len(rest)
    return numpy.moveaxis(made, range(len(rest), len(rest) + own), range(axis, axis + own)) if own else made


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """`numpy.apply_over_axes` on a Tensor: the function is called on one axis after the other."""
    for axis in numpy.ravel(axes).tolist():
        axis = axis % numpy.ndim(a)
        result = func(a, axis)
        a = result if numpy.ndim(result) == numpy.ndim(a) else numpy.expand_dims(result, axis)
    return a


# -- np.r_ and np.c_ ---------------------------------------------------------------------------------------------------


class _Joining:
    """`numpy.r_` or `numpy.c_`; Tensors among the parts are joined as arrays are, and recorded."""

    def __init__(self, plain: Any, name: str) -> None:
        self._plain = plain
        self._name = name

    def __getitem__(self, key: Any) -> Any:
        parts: tuple[Any, ...] = key if isinstance(key, tuple) else (key,)
        if not any(map(creation.holds_tensor, parts)):
            return self._plain[key]
        if isinstance(parts[0], str):
            raise RecordError(f"np.{self._name}[{parts[0]!r}, …] can't be recorded: use np.concatenate")
        arrays = [self._plain[part] if isinstance(part, slice) else self._wide(_asarray(part)) for part in parts]
        return numpy.concatenate(arrays, axis=-1 if self._name == "c_" else 0)

    def _wide(self, part: Any) -> Any:
        if self._name == "c_" and numpy.ndim(part) < 2:
            return numpy.reshape(part, (-1, 1))
        return numpy.atleast_1d(part)

    def __len__(self) -> int:
        return 0


# -- the namespace -----------------------------------------------------------------------------------------------------

_OVERRIDES: dict[str, Any] = {
    "array": creation.array,
    "asarray": _asarray,
    "asanyarray": _asanyarray,
    "ascontiguousarray": _contiguous(numpy.ascontiguousarray),
    "asfortranarray": _contiguous(numpy.asfortranarray),
    "asarray_chkfinite": _asarray_chkfinite,
    "require": _require,
    "fromiter": _fromiter,
    "full": creation.full,
    "full_like": creation.full_like,
    "arange": creation.arange,
    "piecewise": ordering.piecewise,
    "pad": rearranging.pad,
    "isscalar": _isscalar,
    "vectorize": _Vectorize,
    "r_": _Joining(numpy.r_, "r_"),
    "c_": _Joining(numpy.c_, "c_"),
}

FUNCTIONS[numpy.apply_along_axis] = apply_along_axis
FUNCTIONS[numpy.apply_over_axes] = apply_over_axes


class _Namespace(types.ModuleType):
    """NumPy, with a few functions of its own."""

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = getattr(numpy, name)  # asked once: this costs as much as an op
        return value

    def __dir__(self) -> list[str]:
        return dir(numpy)


def _namespace(overrides: dict[str, Any]) -> Any:
    made: Any = _Namespace("numpy", numpy.__doc__)
    made.__dict__.update(overrides)
    # What imports look at: `import numpy.linalg as la` through this namespace must find the real submodules.
    for name in ("__path__", "__file__", "__spec__", "__version__"):
        setattr(made, name, getattr(numpy, name))
    return made


def _fillable(create: Callable[..., Any]) -> Callable[..., Any]:
    """A creation function whose arrays of floats are constants that can be written into."""

    @functools.wraps(create)
    def fillable(*args: Any, **options: Any) -> Any:
        made = create(*args, **options)
        if isinstance(made, numpy.ndarray) and made.dtype.kind in "fc":
            return leaf(made, CONSTANT, None, user_frame(1))
        return made

    return fillable


#: What a script that does not know of gradviz gets for its `numpy`.
np: Any = _namespace(_OVERRIDES)

#: `gv.np`: the same, and what `zeros` and its kin give can be filled with Tensors.
fillable_np: Any = _namespace(
    {**_OVERRIDES, **{name: _fillable(_OVERRIDES.get(name, getattr(numpy, name))) for name in FILLABLE}}
)
