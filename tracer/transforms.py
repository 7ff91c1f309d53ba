"""Functions into functions: grad, value_and_grad, vjp, jvp, jacobian, hessian, with JAX's signatures.

A transform hands the function Tensors of its own in place of the arguments: leaves where they are plain, aliases where
they are Tensors already. What comes back is plain where nothing but these leaves went into it; where any other Tensor
did, an outer transform, a trace or the caller may ask for its gradient, so the gradients are recorded themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .backward import seed_for
from .errors import GradientError
from .linearise import Linearised, described, linearise, named
from .structure import Leaf, leaves, rebuilt
from .tensor import Tensor, describe, integer_message, is_differentiable, value_of
from .trace import _parameter_names

__all__ = ["grad", "hessian", "jacobian", "jvp", "value_and_grad", "vjp"]


# -- the public transforms -------------------------------------------------------------------------------------------


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of `f`.

    Parameters
    ----------
    f : callable
        Gives a single number, computed with NumPy and Python's operators.
    argnums : int or tuple of int
        Which positional arguments to differentiate with respect to. They may be dicts, lists, tuples, named tuples and
        dataclasses, nested at will; integers, None and other things inside them are constants.
    has_aux : bool
        Whether `f` returns a pair of the number and something else, which is handed through.

    Returns
    -------
    callable
        Takes what `f` takes, and returns the gradient in the structure of the argument, each with its value's shape
        and dtype (None for a constant inside); a tuple of them where `argnums` is one; with `has_aux` a pair of the
        gradient and the rest. Where `f` does not depend on an argument its gradient is zero.

    Raises
    ------
    GradientError
        If `f` does not give a single number, or an argument has no gradient.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> gv.grad(lambda x: x**3)(2.0), gv.grad(gv.grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    >>> gv.grad(lambda w: np.sum(w["a"] * w["b"]))({"a": np.array([1.0, 2.0]), "b": 3.0})
    {'a': array([3., 3.]), 'b': 3.0}
    """
    both = value_and_grad(f, argnums, has_aux)

    @_like(f, "grad")
    def gradient_of(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return gradient_of


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the value of `f` and its gradient, in one run.

    Parameters
    ----------
    f, argnums, has_aux
        As for `grad`.

    Returns
    -------
    callable
        Takes what `f` takes, and returns a pair of what `f` returns and the gradient.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(3.0, 4.0)
    (12.0, (4.0, 3.0))
    """
    chosen = _Chosen.of(argnums)

    @_like(f, "value_and_grad")
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(chosen, f, args, "gv.grad")
        line = linearise(f, args, kwargs, positions=positions, has_aux=has_aux)
        gradients = line.back([_seed_of_scalar(line, f)])
        value = line.result
        return ((value, line.aux) if has_aux else value), chosen.pick(gradients)

    return value_and_gradient


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of `f`, and the function that maps a gradient of the output to those of the arguments.

    Parameters
    ----------
    f : callable
        Any function; its output may be an array or a structure of them.
    *primals
        Its arguments; each is differentiated.
    has_aux : bool
        Whether `f` returns a pair of its output and something else, which comes third.

    Returns
    -------
    value, back
        ``back(gradient)`` takes the gradient of the output, in its structure and shapes, and returns a tuple with the
        gradient of each argument. It may be called as often as one likes.

    Raises
    ------
    GradientError
        If an argument has no gradient, or the gradient given has another structure or shape than the output.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> value, back = gv.vjp(lambda x, y: x * y, np.array([1.0, 2.0]), 3.0)
    >>> value, back(np.array([1.0, 10.0]))
    (array([3., 6.]), (array([ 3., 30.]), 21.0))
    """
    chosen = _Chosen(tuple(range(len(primals))), many=True)
    line = linearise(f, primals, {}, positions=_positions(chosen, f, primals, "gv.vjp"), has_aux=has_aux)

    def back(gradient: Any) -> tuple[Any, ...]:
        """The gradient of each argument, for this one of the output."""
        given = _matching(line.output, gradient, "gv.vjp: the gradient", "the output")
        return tuple(line.back([None if t is None else seed for t, seed in zip(line.outputs, given, strict=True)]))

    return (line.result, back, line.aux) if has_aux else (line.result, back)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """The value of `f`, and its derivative in the direction of the tangents.

    It runs the reverse rules twice: the gradient that comes back is linear in the one that is sent in, and the
    gradient of that linear map is the derivative forwards.

    Parameters
    ----------
    f : callable
        Any function; its output may be an array or a structure of them.
    primals, tangents : tuple or list
        The arguments, and a direction for each, in the same structure and shapes.
    has_aux : bool
        Whether `f` returns a pair of its output and something else, which comes third.

    Returns
    -------
    value, tangent
        The tangent has the structure, shapes and dtypes of the output.

    Raises
    ------
    GradientError
        If an argument has no gradient, or a tangent has another structure or shape than its argument.

    Examples
    --------
    >>> import gradviz as gv
    >>> gv.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
    (12.0, 5.5)
    """
    primals, tangents = tuple(primals), tuple(tangents)
    if len(primals) != len(tangents):
        raise GradientError(f"gv.jvp was given {len(primals)} primals and {len(tangents)} tangents: give one for each")
    chosen = _Chosen(tuple(range(len(primals))), many=True)
    line = linearise(f, primals, {}, positions=_positions(chosen, f, primals, "gv.jvp"), has_aux=has_aux)
    directions = _matching(primals, tangents, "gv.jvp: the tangent", "primals")
    tangent = rebuilt(line.output, line.forth(directions))
    return (line.result, tangent, line.aux) if has_aux else (line.result, tangent)


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the Jacobian of `f`: the gradient of every element of its output.

    Parameters
    ----------
    f : callable
        Its output may be a number, an array, or a structure of them.
    argnums, has_aux
        As for `grad`.

    Returns
    -------
    callable
        Takes what `f` takes. For each part of the output, in its structure, it returns what `grad` would, each array
        of the shape of the output followed by that of the argument.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> gv.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    chosen = _Chosen.of(argnums)

    @_like(f, "jacobian")
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(chosen, f, args, "gv.jacobian")
        line = linearise(f, args, kwargs, positions=positions, has_aux=has_aux)
        whole = rebuilt(line.output, [chosen.pick(line.rows(i)) for i in range(len(line.outputs))])
        return (whole, line.aux) if has_aux else whole

    return jacobian_of


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the second derivatives of `f`: the Jacobian of its Jacobian.

    Parameters
    ----------
    f, argnums, has_aux
        As for `jacobian`.

    Returns
    -------
    callable
        Takes what `f` takes. For arguments in a structure, the result is that structure of that structure.

    Examples
    --------
    >>> import gradviz as gv
    >>> from gradviz import np
    >>> gv.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return _like(f, "hessian")(jacobian(jacobian(f, argnums, has_aux), argnums, has_aux))


def _like(f: Callable[..., Any], transform: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What makes a function look like `f`, under the transform's name: its parameters name the inputs of a trace."""

    def dress(made: Callable[..., Any]) -> Callable[..., Any]:
        dressed = functools.wraps(f)(made)
        name = getattr(f, "__name__", "f")
        dressed.__name__ = transform if name == "<lambda>" else f"{transform}_{name}"
        dressed.__doc__ = f"{transform} of {name}.\n\n{getattr(f, '__doc__', None) or ''}".strip()
        return dressed

    return dress


# -- which arguments --------------------------------------------------------------------------------------------------


class _Chosen(NamedTuple):
    """The arguments to differentiate with respect to, and whether they come back as a tuple."""

    argnums: tuple[int, ...]
    many: bool

    @classmethod
    def of(cls, argnums: Any) -> _Chosen:
        many = not isinstance(argnums, (int, np.integer))
        numbers: tuple[Any, ...] = tuple(argnums) if isinstance(argnums, (tuple, list)) else (argnums,)
        if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in numbers) or not numbers:
            raise GradientError(
                f"argnums={argnums!r}: give the number of an argument, or a tuple of numbers; 0 is the first"
            )
        return cls(tuple(int(n) for n in numbers), many)

    def pick(self, gradients: Sequence[Any]) -> Any:
        return tuple(gradients) if self.many else gradients[0]


def _positions(chosen: _Chosen, f: Callable[..., Any], args: Sequence[Any], what: str) -> list[int]:
    """The places of the arguments asked for, checked before `f` runs."""
    names = _parameter_names(f, len(args))
    positions = [_position(number, f, args, names, what) for number in chosen.argnums]
    for position in positions:
        _require_float(args[position], names[position], what)
    return positions


def _position(number: int, f: Callable[..., Any], args: Sequence[Any], names: list[str], what: str) -> int:
    """An argument's place, counted from the front.

    Raises
    ------
    GradientError
        If it was not given, or not by position; the message lists the parameters.
    """
    if -len(args) <= number < len(args):
        return number % len(args)
    every = _parameter_names(f, max(len(args), number + 1))
    missing = f" ({every[number]})" if number >= 0 and every[number] != f"x{number}" else ""
    listed = ", ".join(f"{i}: {name}" for i, name in enumerate(names)) or "none"
    raise GradientError(
        f"{what} of {named(f)} was asked for argument {number}{missing}, and was given by position: {listed}; "
        f"change argnums, or give that argument by position"
    )


def _require_float(tree: Any, name: str, what: str) -> None:
    """
    Raises
    ------
    GradientError
        If there is nothing in an argument that can have a gradient.
    """
    held = leaves(tree, name)
    if any(is_differentiable(value_of(x.value)) for x in held):
        return
    for x in held:
        value = value_of(x.value)
        if isinstance(value, (int, np.ndarray, np.generic)) and np.asarray(value).dtype.kind in "biu":
            raise GradientError(f"{what}: {integer_message(value, x.name)}")
    kind = "empty" if not held and tree is not None else f"{held[0].value!r}" if held else "None"
    raise GradientError(f"{what}: {name} is {kind}: only floats and arrays of floats have a gradient")


# -- outputs, seeds, structures ---------------------------------------------------------------------------------------


def _seed_of_scalar(line: Linearised, f: Callable[..., Any]) -> Any:
    """The gradient to start from where the output is a single number.

    Raises
    ------
    GradientError
        If it is none; the message says what it is and what to do.
    """
    output = line.outputs[0] if len(line.outputs) == 1 and line.output is line.outputs[0] else None
    if output is not None:
        value = output._value
        if np.size(value) != 1:
            raise GradientError(
                f"gv.grad needs a function that gives a single number, and {named(f)} gave {describe(value)}: "
                f"sum it, or use gv.jacobian for the gradient of each element, or gv.vjp with a gradient of that shape"
            )
        return seed_for(output, None)
    if is_differentiable(line.output) and np.size(line.output) == 1:
        return None  # a plain number: it depends on nothing
    if isinstance(line.output, (int, np.integer, np.bool_)):
        raise GradientError(f"gv.grad: {integer_message(line.output, f'the output of {named(f)}')}")
    raise GradientError(
        f"gv.grad needs a function that gives a single number, and {named(f)} returned {described(line.output)}"
        + {
            type(None): ": is a return missing?",
            tuple: ": return the number alone, or use has_aux=True for a pair of the number and the rest",
        }.get(type(line.output), ": return one number, or use gv.jacobian or gv.vjp")
    )


def _matching(tree: Any, given: Any, what: str, name: str) -> list[Any]:
    """The leaves of `given`, in the dtypes of those of `tree`, which has the same structure and shapes.

    Raises
    ------
    GradientError
        If it does not.
    """
    wanted, have = leaves(tree, name), leaves(given, name)
    if [x.name for x in wanted] != [x.name for x in have]:
        raise GradientError(f"{what} must be given for {_outline(wanted)}, and was given for {_outline(have)}")
    return [_cast(w.value, h.value, f"{what} of {w.name}") for w, h in zip(wanted, have, strict=True)]


def _outline(held: Sequence[Leaf]) -> str:
    names = [x.name for x in held]
    return (", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")) or "nothing"


def _cast(like: Any, given: Any, what: str) -> Any:
    value = value_of(like)
    if not is_differentiable(value):
        return None
    if np.shape(value_of(given)) != np.shape(value):
        raise GradientError(f"{what} has shape {np.shape(value_of(given))}, and its value has shape {np.shape(value)}")
    if isinstance(given, Tensor):
        return given
    return float(given) if type(value) is float else np.array(given, dtype=value.dtype)[()]
