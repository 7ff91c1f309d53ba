"""Where recording begins: leaves (`tensor`, `constant`), a traced function (`trace`), tensors' graph (`graph`)."""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from .backward import CONSTANT, INPUT, PARAMETER, ancestors, one_at_a_time, order_of, seed_for
from .errors import GradientError, RecordError
from .garbage import fewer_collections
from .graph import Graph
from .keeping import KEEP, Keeper
from .layout import copied
from .op import Op
from .ops.selection import MAXIMUM, MINIMUM
from .tensor import Fresh, Tensor, apply, describe, is_differentiable, leaf, now, put_back, recording, value_of

__all__ = ["constant", "graph", "maximum_of", "minimum_of", "recorded_builtins", "tensor", "trace"]

T = TypeVar("T")


def tensor(value: Any, name: str | None = None, *, dtype: Any = None, parameter: bool = False) -> Tensor:
    """A leaf: a number or an array to differentiate with respect to.

    Parameters
    ----------
    value : float or array_like
        Arrays are copied. Integers and booleans become constants: they have no gradient.
    name : str, optional
        A name of its own; without one it bears the name of the variable it is assigned to.
    dtype : dtype, optional
        As for `numpy.array`.
    parameter : bool
        Whether to draw it as something that is learned.

    Raises
    ------
    RecordError
        If the value is no number and no array of numbers.

    Examples
    --------
    >>> import gradviz as gv
    >>> x = gv.tensor([1.0, 2.0])
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.])
    """
    value = _leaf_value(value, dtype)
    kind = PARAMETER if parameter else INPUT
    return leaf(value, kind if is_differentiable(value) else CONSTANT, name, sys._getframe(1))  # pyright: ignore


def constant(value: Any, name: str | None = None, *, dtype: Any = None) -> Tensor:
    """A leaf that has no gradient: data, a learning rate, a frozen weight.

    Examples
    --------
    >>> import gradviz as gv
    >>> x, c = gv.tensor(2.0), gv.constant(3.0)
    >>> (x * c).backward()
    >>> x.grad, c.grad
    (3.0, None)
    """
    return leaf(_leaf_value(value, dtype), CONSTANT, name, sys._getframe(1))  # pyright: ignore[reportPrivateUsage]


def _leaf_value(value: Any, dtype: Any) -> Any:
    if isinstance(value, Tensor):
        value = value.value
    if type(value) in (float, int) and dtype is None:
        return value
    if isinstance(value, (list, tuple)) and _holds_gradients(value):  # pyright: ignore[reportUnknownArgumentType]
        raise RecordError(
            "gv.tensor makes a leaf, and was given a list that holds Tensors, which would be cut off their graph: "
            "join them with gv.np.array or np.stack, or take their .value"
        )
    try:
        array = copied(value) if type(value) is np.ndarray and dtype is None else np.array(value_of(value), dtype=dtype)
    except (TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise RecordError(
            f"a tensor holds a number or an array of numbers, and was given {_shown(value)}: {reason}"
        ) from error
    if array.dtype.kind not in "biufc":
        raise RecordError(
            f"a tensor holds a number or an array of numbers, and was given {_shown(value)}: its dtype is {array.dtype}"
        )
    return array if isinstance(value, (np.ndarray, list, tuple)) else array[()]


def _shown(value: Any) -> str:
    """A value in an error: in one line, and a short one."""
    if isinstance(value, np.ndarray):
        return describe(value)
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:60]}…"


def _holds_gradients(values: Any) -> bool:
    if isinstance(values, (list, tuple)):
        return any(map(_holds_gradients, values))  # pyright: ignore[reportUnknownArgumentType]
    return isinstance(values, Tensor) and values._op is not CONSTANT and is_differentiable(values._value)


def graph(*tensors: Tensor) -> Graph:
    """The graph of what some tensors were computed from, with the gradients of the last `backward` where one was run.

    Raises
    ------
    RecordError
        If something else than Tensors is given, or nothing.

    Examples
    --------
    >>> import gradviz as gv
    >>> x = gv.tensor(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> gv.graph(y).gradients()
    {'x': 6.0}
    """
    if not tensors:
        raise RecordError("gv.graph() was given nothing: give it the tensor that the graph should end in")
    for given in tensors:
        if not isinstance(given, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RecordError(f"gv.graph takes Tensors, and was given {given!r}: start from gv.tensor(value)")
    put_back()
    made = Graph(tensors)
    if any(t._grad is not None and type(t._grad) is not Fresh for t in made._outputs):
        made.take_gradients()
    return made


def trace(f: Callable[..., Any], *args: Any, keep: str = "all", **kwargs: Any) -> Graph:
    """Run `f`, record what it computes, and, where the result is a single number, run the gradients back.

    Parameters
    ----------
    f : callable
        Any function that computes with NumPy and Python's operators; builtin `max` and `min` of traced values record.
    *args, **kwargs
        Floats and float arrays, also inside lists, tuples and dicts, become inputs named by `f`'s parameters;
        everything else is handed on as it is.
    keep : {"all", "needed", "none"}
        Which of the arrays computed on the way stay in memory: all; those that a gradient rule needs; or about √n of
        them, for which the gradients take a second forward pass. What was let go of is computed again when someone
        looks, so the graph shows the same. It is not handed on to `f`.

    Returns
    -------
    Graph

    Raises
    ------
    GradientError
        If every number given is an integer.
    RecordError
        If the result does not depend on any input, or `keep` is none of the three.

    Examples
    --------
    >>> import gradviz as gv
    >>> def f(x, y, z):
    ...     return (x + y) * max(y, z)
    >>> graph = gv.trace(f, 1.0, 2.0, 0.0)
    >>> graph.output.value, graph.gradients()
    (6.0, {'x': 2.0, 'y': 5.0, 'z': 0.0})
    """
    if keep not in KEEP:
        raise RecordError(f"unknown keep={keep!r} (must be one of {', '.join(map(repr, KEEP))})")
    tape: list[Tensor] = []
    inputs: list[Tensor] = []
    fresh = Fresh()
    keeper = None if keep == "all" else Keeper(tape, keep)
    with one_at_a_time:
        with recording(keeper or tape, fresh), recorded_builtins(), fewer_collections():
            named = _as_inputs(f, args, kwargs, inputs)
            result = f(*named[0], **named[1])
        outputs = _outputs(result)
        if not inputs and not any(t._op in (INPUT, PARAMETER) for t in (*tape, *ancestors(*outputs))):
            _refuse_integers(f, args, kwargs)
        name = getattr(f, "__name__", None)
        if keeper is not None:
            keeper.make_room()
        made = Graph(outputs, inputs=inputs, name=None if name == "<lambda>" else name, tape=tape, keep=keep)
        if not outputs:
            what = type(result).__name__ if result is None else describe(result)
            raise RecordError(
                f"{name or 'the function'} returned {what}, which was not computed from its inputs: "
                f"return what was computed, and take no values out with .value on the way"
            )
        made._order = order_of(tape, fresh.outside, (*outputs, *inputs))
        if len(outputs) == 1 and np.size(outputs[0]._value) == 1 and is_differentiable(outputs[0]._value):
            made.run_back(outputs[0], seed_for(outputs[0], None))
    return made


def _as_inputs(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], inputs: list[Tensor]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments with their floats turned into inputs, named by the function's parameters."""
    if not kwargs and all(isinstance(x, Tensor) for x in args):  # they have names of their own
        inputs += args
        return list(args), {}
    names = [*_parameter_names(f, len(args)), *kwargs]
    values = [*args, *kwargs.values()]
    made = [_as_input(value, name, inputs) for name, value in zip(names, values, strict=True)]
    return made[: len(args)], dict(zip(kwargs, made[len(args) :], strict=True))


def _parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # builtins may have no signature
        return [f"x{i}" for i in range(count)]
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}{i}" for i in range(count - len(names))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return (names + [f"x{i}" for i in range(len(names), count)])[:count]


def _as_input(value: Any, name: str, inputs: list[Tensor]) -> Any:
    if isinstance(value, Tensor):
        inputs.append(value)
        return value
    if isinstance(value, dict):
        return {k: _as_input(v, f"{name}[{k!r}]", inputs) for k, v in value.items()}  # pyright: ignore
    if isinstance(value, (list, tuple)):
        items = [_as_input(v, f"{name}[{i}]", inputs) for i, v in enumerate(value)]  # pyright: ignore
        if hasattr(value, "_fields"):
            return type(value)(*items)  # pyright: ignore[reportUnknownVariableType]
        return type(value)(items)  # pyright: ignore[reportUnknownVariableType]
    if not is_differentiable(value):
        return value
    made = tensor(value, name)
    inputs.append(made)
    return made


def _outputs(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [now(result)]  # of what was written in place the record it stands for
    if isinstance(result, dict):
        result = list(result.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in _outputs(part)]  # pyright: ignore[reportUnknownVariableType]
    return []


def _refuse_integers(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    names = [*_parameter_names(f, len(args)), *kwargs]
    given = ", ".join(f"{n} = {describe(v)}" for n, v in zip(names, (*args, *kwargs.values()), strict=True))
    raise GradientError(
        f"nothing to differentiate: {given or 'no arguments were given'}; gradviz takes integers as constants: "
        f"write 1.0 instead of 1, arrays with dtype float, or make an input with gv.tensor"
    )


# -- builtin max and min ----------------------------------------------------------------------------------------------

_max, _min = builtins.max, builtins.min


def _recording_builtin(builtin: Callable[..., Any], op: Op) -> Callable[..., Any]:
    def pair(x: Any, y: Any) -> Any:
        # The value is what the builtin picks, not what the ufunc would: 2.0 stays a plain 2.0.
        return apply(op, (x, y), compute=builtin) if isinstance(x, Tensor) or isinstance(y, Tensor) else builtin(x, y)

    @functools.wraps(builtin)
    def chosen(*args: Any, **options: Any) -> Any:
        if options or not args:  # key=, default=: picks by something else than size
            return builtin(*args, **options)
        items = args
        if len(args) == 1:
            if isinstance(args[0], Tensor):
                items = tuple(args[0])
            elif isinstance(args[0], (list, tuple)):
                items = tuple(args[0])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            else:
                return builtin(*args)
        if not any(isinstance(x, Tensor) for x in items):
            return builtin(*args)
        return functools.reduce(pair, items)

    return chosen


maximum_of, minimum_of = _recording_builtin(_max, MAXIMUM), _recording_builtin(_min, MINIMUM)
_nested = 0


@contextmanager
def recorded_builtins() -> Generator[None]:
    """Let builtin `max` and `min` record while a trace runs; on anything but Tensors they do what they always do."""
    global _nested
    _nested += 1
    builtins.max, builtins.min = maximum_of, minimum_of
    try:
        yield
    finally:
        _nested -= 1
        if not _nested:
            builtins.max, builtins.min = _max, _min
