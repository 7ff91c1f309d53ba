"""Functions into functions: grad, value_and_grad, vjp, jvp, jacobian, hessian, with JAX's signatures.

A transform hands the function Tensors of its own in place of the arguments: leaves where they are plain, aliases where
they are Tensors already. What comes back is plain where nothing but these leaves went into it; where any other Tensor
did, an outer transform, a trace or the caller may ask for its gradient, so the gradients are recorded themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from .backward import CONSTANT, INPUT, ancestors, downstream, seed_for, sweep, takes_gradient, unaliased, zeros
from .errors import GradientError
from .frames import user_frame
from .op import Op, Rule
from .roles import ROLES
from .silence import is_silent, resumed, without_source
from .structure import Leaf, leaves, rebuilt
from .tensor import (
    PENDING,
    Tensor,
    apply,
    describe,
    integer_message,
    is_differentiable,
    leaf,
    now,
    operands,
    sweeping,
    value_of,
)
from .trace import _parameter_names, recorded_builtins

__all__ = ["ARGUMENT", "Linearised", "grad", "hessian", "jacobian", "jvp", "linearise", "value_and_grad", "vjp"]

#: The same value under a record of its own, so that a transform can tell the argument it was given from the same
#: Tensor reached another way. In no table: nobody calls it, and graphs look through it.
ARGUMENT = Op(
    name="argument",
    symbol="=",
    compute=lambda x: x,
    rules=(Rule("1", local=lambda out, x: 1.0),),
    role="distributes",
    role_text=ROLES["distributes"],
    text="{0}",
)


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
        f"{what} of {_named(f)} was asked for argument {number}{missing}, and was given by position: {listed}; "
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


def _named(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return "the function" if name == "<lambda>" else name


# -- one run of the function, and its derivative at that place ---------------------------------------------------------


def linearise(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    *,
    positions: Sequence[int],
    has_aux: bool = False,
) -> Linearised:
    """Run `f` on Tensors of its own in the places asked for, and keep what is needed for derivatives there."""
    frame = user_frame(1)
    names = _parameter_names(f, len(args))
    own: dict[int, list[Tensor | None]] = {}
    given = list(args)
    for position in dict.fromkeys(positions):
        held = leaves(args[position], names[position])
        own[position] = [_own(x.name, x.value, frame) for x in held]
        handed = [x.value if t is None else t for t, x in zip(own[position], held, strict=True)]
        given[position] = rebuilt(args[position], handed)
    with recorded_builtins(), resumed():
        output = f(*given, **kwargs)
    aux = None
    if has_aux:
        if not (isinstance(output, tuple) and len(output) == 2):  # pyright: ignore[reportUnknownArgumentType]
            raise GradientError(
                f"has_aux=True: {_named(f)} must return a pair of its output and the rest, and returned "
                f"{_described(output)}"
            )
        output, aux = output  # pyright: ignore[reportUnknownVariableType]
    # What the function wrote in place has become a handle; the gradients go to what it was given.
    own = {position: [None if t is None else unaliased(t) for t in tensors] for position, tensors in own.items()}
    return Linearised.at([args[p] for p in positions], [own[p] for p in positions], output, aux)


def _own(name: str, value: Any, frame: FrameType) -> Tensor | None:
    """A transform's own Tensor in the place of an argument; None where that is a constant."""
    if isinstance(value, Tensor):
        if not is_differentiable(value_of(value)):
            return None
        with resumed(), without_source():
            return apply(ARGUMENT, (value,))
    if not is_differentiable(value):
        return None
    return leaf(np.array(value) if isinstance(value, np.ndarray) else value, INPUT, name, frame)


@dataclass(frozen=True, kw_only=True)
class Linearised:
    """A function that was run at one place, ready to map gradients back and tangents forth there.

    Attributes
    ----------
    arguments
        The arguments that it is differentiated with respect to, as they were given.
    own
        For each argument, a transform's own Tensor per leaf; None for a constant.
    output, outputs
        What the function returned, and its leaves: Tensors; None for what is none.
    order
        Everything between, operands first.
    aux
        What the function returned besides.
    foreign
        Whether Tensors from outside went into it, so that what comes out are Tensors.
    live
        Whether what comes out is recorded: where it is foreign, but for inside `no_trace`.
    """

    arguments: list[Any]
    own: list[list[Tensor | None]]
    output: Any
    outputs: list[Tensor | None]
    order: list[Tensor]
    aux: Any
    foreign: bool
    live: bool

    @classmethod
    def at(cls, arguments: list[Any], own: list[list[Tensor | None]], output: Any, aux: Any) -> Linearised:
        results = [now(x.value) if isinstance(x.value, Tensor) else x.value for x in leaves(output)]
        output = rebuilt(output, results)
        outputs = [x if isinstance(x, Tensor) else None for x in results]
        order = ancestors(*[t for t in outputs if t is not None])
        mine = {id(t) for tensors in own for t in tensors if t is not None}
        foreign = any(t._a is None and id(t) not in mine and takes_gradient(t) for t in order)
        foreign = foreign or any(t is not None and t._a is not None for tensors in own for t in tensors)
        shown = functools.partial(_shown, foreign=foreign)
        return cls(
            arguments=arguments,
            own=own,
            output=output,
            outputs=outputs,
            order=order,
            aux=shown(aux),
            foreign=foreign,
            live=foreign and not is_silent(),
        )

    @property
    def result(self) -> Any:
        """What the function returned: plain where no Tensor from outside went into it."""
        return _shown(self.output, foreign=self.foreign)

    @property
    def wrt(self) -> list[Tensor]:
        """Every Tensor that it is differentiated with respect to, each once."""
        return list({id(t): t for tensors in self.own for t in tensors if t is not None}.values())

    def back(self, seeds: Sequence[Any]) -> list[Any]:
        """The gradients of the arguments, in their structures, for a gradient per leaf of the output."""
        wrt = self.wrt
        pairs = [(t, s) for t, s in zip(self.outputs, seeds, strict=True) if t is not None and s is not None]
        recorded = self.foreign or any(isinstance(seed, Tensor) for _, seed in pairs)
        run = functools.partial(pull, live=self.live) if recorded else _swept
        gradients = {id(t): g for t, g in zip(wrt, run(self.order, pairs, wrt), strict=True)}
        whole = functools.partial(_whole, recorded=recorded)
        return [
            rebuilt(argument, [None if t is None else whole(gradients[id(t)], t._value) for t in tensors])
            for argument, tensors in zip(self.arguments, self.own, strict=True)
        ]

    def rows(self, position: int) -> list[Any]:
        """The Jacobians of one leaf of the output, in the structures of the arguments."""
        output = self.outputs[position]
        shape = np.shape(value_of(leaves(self.output)[position].value))
        rows: list[list[Any]] = []
        for seed in _units(output):
            seeds: list[Any] = [None] * len(self.outputs)
            seeds[position] = seed
            rows.append([x.value for tree in self.back(seeds) for x in leaves(tree)])
        values = [t._value for tensors in self.own for t in tensors if t is not None]
        columns = iter([_stacked(column, shape, value) for column, value in zip(_turned(rows, values), values, strict=True)])
        return [
            rebuilt(argument, [None if t is None else next(columns) for t in tensors])
            for argument, tensors in zip(self.arguments, self.own, strict=True)
        ]

    def forth(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangent of each leaf of the output, for one per leaf of the arguments."""
        frame = user_frame(1)
        senders = [None if t is None else leaf(_ones(t._value), INPUT, None, frame) for t in self.outputs]
        pairs = [(t, s) for t, s in zip(self.outputs, senders, strict=True) if t is not None and s is not None]
        tensors = [t for own in self.own for t in own]
        wrt = [t for t in tensors if t is not None]
        directions = [d for t, d in zip(tensors, tangents, strict=True) if t is not None]
        with resumed():
            arrived = pull(self.order, pairs, wrt, live=self.live)
            total = _paired(arrived, directions)
        recorded = self.foreign or any(isinstance(d, Tensor) for d in directions)
        received = [s for s in senders if s is not None]
        gradients: Sequence[Any] = [None] * len(received)
        if isinstance(total, Tensor):
            live = recorded and not is_silent()
            gradients = pull(ancestors(total), [(total, seed_for(total, None))], received, live=live)
        found = iter(gradients)
        return [
            zeros(x.value) if sender is None else _whole(next(found), sender._value, recorded=recorded)
            for sender, x in zip(senders, leaves(self.output), strict=True)
        ]


def _shown(tree: Any, *, foreign: bool) -> Any:
    """What a function returned, as it is handed out: plain unless Tensors from outside went into it."""
    if foreign and not is_silent():
        return tree
    values = [x.value for x in leaves(tree)]
    return rebuilt(tree, [_constant(value_of(v)) if foreign and isinstance(v, Tensor) else value_of(v) for v in values])


def _constant(value: Any) -> Tensor:
    return leaf(value, CONSTANT, None, user_frame(1))


def _ones(value: Any) -> Any:
    return 1.0 if type(value) is float else np.ones_like(value)[()]


def _paired(shares: Sequence[Any], directions: Sequence[Any]) -> Any:
    """Σ share · direction, over those that something arrived at."""
    total: Any = 0.0
    with without_source():
        for share, direction in zip(shares, directions, strict=True):
            if isinstance(share, Tensor):
                total = total + np.sum(share * direction)
    return total


def _swept(order: list[Tensor], pairs: Sequence[tuple[Tensor, Any]], wrt: list[Tensor]) -> list[Any]:
    """The gradients of `wrt` by the plain sweep; None where there is no path."""
    if not pairs:
        return [None] * len(wrt)
    for tensor in (*order, *wrt):
        tensor._grad = PENDING
    for output, seed in pairs:
        output._grad = seed if output._grad is PENDING else output._grad + seed
    last = pairs[-1][0]
    sweep(order, last, last._grad)
    return [None if t._grad is PENDING else t._grad for t in wrt]


def pull(
    order: list[Tensor], pairs: Sequence[tuple[Tensor, Any]], wrt: Sequence[Tensor], *, live: bool
) -> list[Any]:
    """The gradients of `wrt` by the rules run on Tensors, only where a path leads; None where there is none.

    Parameters
    ----------
    order
        Operands before what uses them.
    pairs
        Each output with the gradient to start from; a plain one or a Tensor.
    wrt
        What to differentiate with respect to.
    live
        Whether the rules see the operands as Tensors, so that what they give depends on them, or as values.
    """
    reached = {id(t) for t in wrt}
    for tensor in order:
        if any(id(unaliased(x)) in reached for x in operands(tensor) if isinstance(x, Tensor)):
            reached.add(id(tensor))
    gradients: dict[int, Any] = {}
    for output, seed in pairs:
        held = gradients.get(id(output))
        gradients[id(output)] = seed if held is None else held + seed
    ends = {id(t) for t in wrt}
    with np.errstate(all="ignore"), without_source(), sweeping():
        for tensor in reversed(order):
            upstream = gradients.get(id(tensor)) if id(tensor) in reached and id(tensor) not in ends else None
            if upstream is None:
                continue
            inputs = [unaliased(x) for x in operands(tensor)]
            out, values = (tensor, inputs) if live else (tensor._value, [_held(x) for x in inputs])
            for position, operand in enumerate(inputs):
                if id(operand) not in reached or not takes_gradient(operand):
                    continue
                share = downstream(tensor._op, position, upstream, out, values, tensor._static or {})
                if share is not None:
                    held = gradients.get(id(operand))
                    gradients[id(operand)] = share if held is None else held + share
    return [gradients.get(id(t)) for t in wrt]


def _held(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _whole(gradient: Any, value: Any, *, recorded: bool) -> Any:
    """A gradient as it is handed out: the caller's own, zero where there is no path, a Tensor where it is recorded."""
    gradient = zeros(value) if gradient is None else gradient
    if isinstance(gradient, Tensor):
        return gradient if recorded else gradient._value
    if isinstance(gradient, np.ndarray):
        gradient = np.array(gradient)  # rules may hand out a read-only view, or one array to two operands
    return _constant(gradient) if recorded else gradient


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
                f"gv.grad needs a function that gives a single number, and {_named(f)} gave {describe(value)}: "
                f"sum it, or use gv.jacobian for the gradient of each element, or gv.vjp with a gradient of that shape"
            )
        return seed_for(output, None)
    if is_differentiable(line.output) and np.size(line.output) == 1:
        return None  # a plain number: it depends on nothing
    if isinstance(line.output, (int, np.integer, np.bool_)):
        raise GradientError(f"gv.grad: {integer_message(line.output, f'the output of {_named(f)}')}")
    raise GradientError(
        f"gv.grad needs a function that gives a single number, and {_named(f)} returned {_described(line.output)}"
        + {
            type(None): ": is a return missing?",
            tuple: ": return the number alone, or use has_aux=True for a pair of the number and the rest",
        }.get(type(line.output), ": return one number, or use gv.jacobian or gv.vjp")
    )


def _described(output: Any) -> str:
    if isinstance(output, (tuple, list, dict)):
        return f"a {type(output).__name__} of {len(output)}"  # pyright: ignore[reportUnknownArgumentType]
    return "None" if output is None else describe(value_of(output))


def _units(output: Tensor | None) -> list[Any]:
    """For each element of an output, the gradient to start from that asks for this element alone."""
    if output is None:
        return []
    value = output._value
    if not is_differentiable(value):
        raise GradientError(f"gv.jacobian: {integer_message(value, 'the output')}")
    if np.iscomplexobj(value):
        raise GradientError(
            f"gv.jacobian: the output {describe(value)} is complex: return np.stack([np.real(z), np.imag(z)])"
        )
    if type(value) is float:
        return [1.0]
    return list(np.eye(value.size, dtype=value.dtype).reshape(value.size, *value.shape)) if value.ndim else [value.dtype.type(1)]


def _turned(rows: list[list[Any]], values: list[Any]) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(len(values))]


def _stacked(column: list[Any], shape: tuple[int, ...], value: Any) -> Any:
    """The gradients of every element of an output towards one value, as one array."""
    if not shape and column:
        return column[0]
    if not column:  # no element, or an output that is no Tensor
        return np.zeros(shape + np.shape(value), dtype=np.asarray(value).dtype)[()]
    return np.reshape(np.stack(column), shape + np.shape(value))


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
