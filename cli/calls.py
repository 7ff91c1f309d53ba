"""What rewritten calls go through: C code that takes nothing but floats and arrays, and shuffling in place."""

from __future__ import annotations

import ctypes
import struct
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from ..tracer import RecordError
from ..tracer.frames import Owner, owner_of, user_frame
from ..tracer.ops.ordering import drawn
from ..tracer.ops.shaping import as_number
from ..tracer.tensor import Tensor, is_differentiable, now
from ..tracer.tensor import _taken_out as taken_out
from ..tracer.tensor import _unrecorded as unrecorded
from .lists import OF_ARRAYS, holds_traced, on_arrays

__all__ = ["DRAWN", "PLAIN", "called", "shuffled", "value_for"]

#: The beginnings of what is called with plain values: it looks at the very class, and refuses a Tensor.
PLAIN = (
    "decimal.", "datetime.", "time.", "torch.", "tensorflow.", "PIL.", "cv2.", "numba.", "yaml.", "pickle.",
    "numpy.ctypeslib.", "numpy.frombuffer",
)  # fmt: skip

#: Methods of random generators that put an array's own elements in an order.
DRAWN = ("permutation", "choice")
_GENERATORS = (np.random.Generator, np.random.RandomState)
#: Modules whose functions hand over to another process what they are given.
_TO_PROCESSES = ("multiprocessing", "concurrent.futures.process")
#: The standard library's modules that look at the frame they are called from, or hand on what they are given as it is.
_AS_THEY_ARE = frozenset(
    {"_operator", "_warnings", "abc", "argparse", "ast", "builtins", "cProfile", "code", "codeop", "collections",
     "contextlib", "contextvars", "copy", "dataclasses", "dis", "doctest", "enum", "functools", "gc", "gettext",
     "importlib", "inspect", "itertools", "linecache", "logging", "operator", "pdb", "pprint", "profile", "runpy",
     "site", "sys", "timeit", "trace", "traceback", "types", "typing", "unittest", "warnings"}
)  # fmt: skip
_HELPED = frozenset(sys.stdlib_module_names) - _AS_THEY_ARE
#: Objects whose methods take anything, or run the script's code.
_TAKING = frozenset(
    {list, dict, set, frozenset, tuple, deque, GeneratorType, CoroutineType, AsyncGeneratorType, float, int}
)
_HEAP_TYPE = 1 << 9  # the flag of a class that a class statement made
#: What C code raises when it is given what it does not know.
_REFUSALS = (TypeError, struct.error, ctypes.ArgumentError)


def called(function: Any) -> Any:
    """A function that a script is about to call, or what calls it such that it gets along with traced values.

    Functions in C, and the standard library's that call such, may refuse a Tensor: `time.sleep(x)`, `lock.acquire(
    timeout=x)`, `memoryview(x)`. Where one does, it is called again with plain values, which leave the graph; what it
    then raises is in Python's own words. The script's own functions and other libraries' are called as they are.
    """
    kind = type(function)
    if kind in OF_ARRAYS:
        return partial(on_arrays, function)
    if kind is MethodType and isinstance(function.__self__, _GENERATORS) and function.__name__ in DRAWN:
        return partial(_drawn, function)
    if kind is MethodType and isinstance(function.__self__, Tensor):
        return partial(_of_tensor, function)
    if kind is FunctionType or kind is MethodType:
        return _in_python(function)
    if kind is BuiltinFunctionType:
        owner = function.__self__
        if type(owner) in _TAKING or (type(owner) is ModuleType and owner.__name__ in _AS_THEY_ARE):
            return function
        if isinstance(owner, np.ufunc):
            return partial(on_arrays, function)
        return partial(_of_array if type(owner) is np.ndarray else _in_c, function)
    if kind is MethodDescriptorType or kind is WrapperDescriptorType:
        return partial(_of_class, function)
    if isinstance(function, type):
        if issubclass(function, np.floating):
            return partial(_of_number, function)
        if function.__flags__ & _HEAP_TYPE:
            return _in_python(function)
        known = function.__module__ in _AS_THEY_ARE and function not in (memoryview, bytearray)
        return function if known else partial(_in_c, function)
    return now(function)._value if kind is Tensor else function  # a number: Python says that it can't be called


def _in_python(function: Any) -> Any:
    """What calls one that is written in Python."""
    module = function.__module__
    if module == "__main__" or type(module) is not str or module.partition(".")[0] not in _HELPED:
        return function
    return partial(_elsewhere if module.startswith(_TO_PROCESSES) else _in_library, function)


def _in_c(function: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
    try:
        return function(*args, **options)
    except _REFUSALS as error:
        if _ran(error, Owner.USER, Owner.LIBRARY):
            raise
        plain = _Plain(args, options)
        if not plain.tensors:
            raise
    return plain.call(function)


def _in_library(function: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
    try:
        return function(*args, **options)
    except _REFUSALS as error:
        if _ran(error, Owner.USER):
            raise
        plain = _Plain(args, options)
        if not plain.tensors:
            raise
    return plain.call(function)


def _ran(error: BaseException, *owners: Owner) -> bool:
    """Whether an exception came through code of theirs, which must not run twice."""
    trace = error.__traceback__
    while trace is not None:
        if owner_of(trace.tb_frame.f_code.co_filename) in owners:
            return True
        trace = trace.tb_next
    return False


def _elsewhere(function: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
    """Call what hands over to another process what it is given: gradients end there."""
    return _Plain(args, options, "{} for another process").call(function)


def _of_class(function: Any, /, *args: Any, **options: Any) -> Any:
    """Call a class's own function: `np.ndarray.sum(x)` is `x.sum()`."""
    if args and isinstance(args[0], Tensor) and type(now(args[0])._value) is function.__objclass__:
        return getattr(args[0], function.__name__)(*args[1:], **options)
    return _in_c(function, *args, **options)


#: An array's methods that are NumPy's functions too, which record.
_METHODS = frozenset({"choose", "clip", "dot", "max", "mean", "min", "prod", "searchsorted", "sum", "take"})


def _of_array(function: Any, /, *args: Any, **options: Any) -> Any:
    """Call a plain array's method: `X.dot(w)` is `np.dot(X, w)` where w is traced."""
    if function.__name__ in _METHODS and holds_traced((*args, *options.values())):
        return on_arrays(getattr(np, function.__name__), function.__self__, *args, **options)
    return _in_c(function, *args, **options)


def _of_tensor(method: Any, /, *args: Any, **options: Any) -> Any:
    """Call a traced array's method: what no op records leaves the graph, as from NumPy's function of that name."""
    try:
        return on_arrays(method, *args, **options)
    except RecordError:
        tensor, name = method.__self__, method.__name__.rstrip("_")
        return unrecorded(getattr(np.ndarray, name), f"ndarray.{name}", (tensor, *args), options)


def _drawn(function: Any, /, x: Any = None, *args: Any, **options: Any) -> Any:
    """Draw from a traced array: `rng.choice(x, 3)`."""
    takes_more = function.__name__ == "choice" or isinstance(function.__self__, np.random.Generator)
    if isinstance(x, Tensor) and np.ndim(now(x)._value) and (takes_more or not (args or options)):
        return drawn(function, x, *args, **options)
    return function(*(() if x is None else (x,)), *args, **options)


def _of_number(kind: type, /, *args: Any, **options: Any) -> Any:
    """Call a class of NumPy's numbers: `np.float64(x)` is traced as x is."""
    if len(args) != 1 or options or not isinstance(args[0], Tensor):
        return kind(*args, **options)
    value = now(args[0])._value
    if not is_differentiable(value) or np.iscomplexobj(value):
        return _in_c(kind, *args)
    return as_number(args[0], kind)


class _Plain:
    """Arguments with the values of the Tensors in them, at whatever depth of lists, tuples and dicts."""

    def __init__(self, args: tuple[Any, ...], options: dict[str, Any], how: str = "the value of {}") -> None:
        self.how = how
        self.tensors: list[Tensor] = []
        self.args: tuple[Any, ...] = self._of(args)
        self.options: dict[str, Any] = self._of(options)

    def _of(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            self.tensors.append(now(value))
            return self.tensors[-1]._value
        if type(value) in (list, tuple):
            return type(value)(map(self._of, value))
        if type(value) is dict:
            return {self._of(key): self._of(part) for key, part in value.items()}
        return value

    def call(self, function: Callable[..., Any]) -> Any:
        """Call a function with them, and note what left the graph."""
        result = function(*self.args, **self.options)
        for tensor in self.tensors:
            taken_out(tensor, self.how, user_frame(1))
        return result


def value_for(value: Any) -> Any:
    """An argument of a call with plain values: they leave the graph."""
    plain = _Plain((value,), {})
    for tensor in plain.tensors:
        taken_out(tensor, plain.how, user_frame(1))
    return plain.args[0] if plain.tensors else value


def shuffled(shuffle: Callable[..., Any], x: Any, /, *args: Any, **options: Any) -> Any:
    """`rng.shuffle(x)`: a traced array is put in the order in which its indices are shuffled."""
    if not isinstance(x, Tensor) or args or options or not np.ndim(now(x)._value):
        return shuffle(x, *args, **options)
    order = np.arange(len(now(x)._value))
    result = shuffle(order)
    x[:] = x[order]
    return result
