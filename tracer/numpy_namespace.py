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
from .ops.indexing import GETITEM
from .ops.shaping import COPY, as_number
from .tensor import FUNCTIONS, Tensor, apply, leaf, value_of

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
    return creation.array(a, dtype=dtype, copy=copy, order=order)


def _asanyarray(a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, **more: Any) -> Any:
    if not creation.holds_tensor(a):
        return numpy.asanyarray(a, dtype, order, copy=copy, **more)
    return creation.array(a, dtype=dtype, copy=copy, order=order)


def _contiguous(function: Callable[..., Any], order: str) -> Callable[..., Any]:
    """`numpy.ascontiguousarray` or `asfortranarray`: what does not lie so is copied."""

    def contiguous(a: Any, dtype: Any = None, **more: Any) -> Any:
        if not creation.holds_tensor(a):
            return function(a, dtype, **more)
        return creation.array(a, dtype=dtype, copy=None, order=order, ndmin=1)

    return contiguous


def _asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    numpy.asarray_chkfinite(value_of(a))
    return _asanyarray(a, dtype, order)


def _require(a: Any, dtype: Any = None, requirements: Any = None, **more: Any) -> Any:
    """`numpy.require`: of what it requires, the order in memory counts; the rest a Tensor's value has."""
    if not creation.holds_tensor(a):
        return numpy.require(a, dtype, requirements, **more)
    flags = numpy.require(value_of(a), dtype, requirements, **more).flags
    order = "K" if flags.c_contiguous is flags.f_contiguous else "C" if flags.c_contiguous else "F"
    return creation.array(a, dtype=dtype, copy=None, order=order)


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


class _FromPyFunc:
    """What `numpy.frompyfunc` gives; with a Tensor among the arguments, the calls are recorded one by one."""

    def __init__(self, plain: numpy.ufunc, function: Callable[..., Any]) -> None:
        self._plain = plain
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        plain = self._plain
        if kwargs or len(args) != plain.nin or not any(isinstance(x, Tensor) for x in args):
            return plain(*args, **kwargs)
        shape = numpy.broadcast_shapes(*map(numpy.shape, args))
        results = [self._function(*[_element(x, place) for x in args]) for place in numpy.ndindex(shape)]
        if plain.nout == 1:
            return _objects(results, shape)
        return tuple(_objects(column, shape) for column in zip(*results, strict=True))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asked if name in ("shape", "ndim") else self._plain, name)

    def __repr__(self) -> str:
        return repr(self._plain)


def _frompyfunc(func: Callable[..., Any], /, nin: int, nout: int, **more: Any) -> Any:
    return _FromPyFunc(numpy.frompyfunc(func, nin, nout, **more), func)


def _element(x: Any, place: tuple[int, ...]) -> Any:
    """What stands at a place of the broadcast arrays, as the Python object that a function is given."""
    shape = numpy.shape(x)
    index = tuple([0 if n == 1 else i for n, i in zip(shape, place[len(place) - len(shape) :], strict=True)])
    if not isinstance(x, Tensor):
        return numpy.asarray(x, dtype=object)[index]
    if not isinstance(value_of(x), numpy.ndarray):
        return x if type(value_of(x)) is float else apply(COPY, (x,), compute=lambda value: value.item())
    return apply(GETITEM, (x,), {"index": index}, compute=lambda value, index: value[index].item())


class _Objects(numpy.ndarray[Any, Any]):
    """The array of objects that a function from `numpy.frompyfunc` gives: made one of numbers, it is a Tensor."""

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        items = self.tolist()
        if numpy.dtype(dtype).kind not in "fc" or not creation.holds_tensor(items):
            return super().astype(dtype, *args, **kwargs)
        return creation.array(items, dtype=dtype)

    def __array_wrap__(self, array: Any, *context: Any) -> Any:
        return array.view(_Objects) if array.ndim else array[()]  # of a subclass NumPy would leave arrays of no axes


_Objects.__name__ = "array"  # so it calls itself when printed


def _objects(results: Iterable[Any], shape: tuple[int, ...]) -> Any:
    made = numpy.empty(shape, dtype=object).view(_Objects)
    for place, result in zip(numpy.ndindex(shape), results, strict=True):
        made[place] = result
    return made if shape else made[()]


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


# -- loops over elements -----------------------------------------------------------------------------------------------


def _ndenumerate(arr: Any) -> Any:
    """`numpy.ndenumerate`: the elements of a Tensor are recorded."""
    if not isinstance(arr, Tensor):
        return numpy.ndenumerate(arr)
    value = value_of(arr)
    if isinstance(value, numpy.ndarray):
        return ((place, arr[place]) for place in numpy.ndindex(value.shape))
    return iter([((), as_number(arr, numpy.asarray(value).dtype.type))])  # Python's numbers come as NumPy's


class _NdIter:
    """`numpy.nditer` over one Tensor: its elements as arrays of no axes, views that can be read and written."""

    def __init__(self, array: Tensor, flags: tuple[str, ...]) -> None:
        self._array = array
        self._plain = numpy.nditer(value_of(array), flags=[*{*flags, "multi_index"}])  # pyright: ignore
        self._asked = numpy.nditer(value_of(array), flags=list(flags))  # pyright: ignore  # goes along fewer axes
        self._started = False

    def __iter__(self) -> _NdIter:
        return self

    def __next__(self) -> Any:
        if self._plain.finished or (self._started and not self._plain.iternext()):
            raise StopIteration
        self._started = True
        return self[0]

    def __getitem__(self, operand: int) -> Any:
        a_number = not isinstance(value_of(self._array), numpy.ndarray)
        return (self._array if a_number else self._array[(*self._plain.multi_index, ...)],)[operand]

    @property
    def value(self) -> Any:
        return self[0]

    def __enter__(self) -> _NdIter:
        return self

    def __exit__(self, *_: object) -> None:
        self._plain.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asked if name in ("shape", "ndim") else self._plain, name)


#: What else a loop over one array may ask for, and gets.
_LOOP_FLAGS = frozenset({"multi_index", "c_index", "f_index", "refs_ok", "zerosize_ok"})


def _nditer(op: Any, flags: Any = None, op_flags: Any = None, *args: Any, **options: Any) -> Any:
    """`numpy.nditer`: a plain loop over the elements of a Tensor is recorded."""
    array: Any = op[0] if isinstance(op, (list, tuple)) and len(op) == 1 else op  # pyright: ignore
    flags = tuple(flags or ())
    if isinstance(array, Tensor) and _LOOP_FLAGS.issuperset(flags) and not args and not options:
        return _NdIter(array, flags)
    if creation.holds_tensor(op):
        raise RecordError(
            "np.nditer is recorded over one Tensor, in plain loops: loop over np.ndindex(x.shape), or call the "
            "functions on whole arrays"
        )
    given = {"flags": list(flags), "op_flags": op_flags}
    return numpy.nditer(op, *args, **{key: value for key, value in given.items() if value}, **options)


# -- polynomials -------------------------------------------------------------------------------------------------------


class _Poly1dKind(type):
    """Makes `numpy.poly1d` itself, with the coefficients as a Tensor where any of them is one."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        if args and isinstance(args[0], (list, tuple)) and creation.holds_tensor(args[0]):
            args = (creation.array(args[0]), *args[1:])
        return numpy.poly1d(*args, **options) if cls is _Poly1d else super().__call__(*args, **options)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, numpy.poly1d) if cls is _Poly1d else super().__instancecheck__(instance)


class _Poly1d(numpy.poly1d, metaclass=_Poly1dKind):
    """`numpy.poly1d`; its coefficients may be Tensors."""


_Poly1d.__name__ = _Poly1d.__qualname__ = "poly1d"


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
    "ascontiguousarray": _contiguous(numpy.ascontiguousarray, "C"),
    "asfortranarray": _contiguous(numpy.asfortranarray, "F"),
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
    "frompyfunc": _frompyfunc,
    "ndenumerate": _ndenumerate,
    "nditer": _nditer,
    "poly1d": _Poly1d,
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
