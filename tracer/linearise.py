"""One run of a function on Tensors of its own, ready to map gradients back and tangents forth at that place."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from .backward import CONSTANT, INPUT, ancestors, downstream, seed_for, sweep, takes_gradient, unaliased, zeros
from .errors import GradientError
from .frames import user_frame
from .op import Op, Rule
from .roles import ROLES
from .silence import is_silent, resumed, without_source
from .structure import leaves, rebuilt
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

__all__ = ["ARGUMENT", "Linearised", "described", "linearise", "named", "pull"]

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
                f"has_aux=True: {named(f)} must return a pair of its output and the rest, and returned "
                f"{described(output)}"
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
        columns = iter(
            [_stacked(column, shape, value) for column, value in zip(_turned(rows, values), values, strict=True)]
        )
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


def pull(order: list[Tensor], pairs: Sequence[tuple[Tensor, Any]], wrt: Sequence[Tensor], *, live: bool) -> list[Any]:
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
    return (
        list(np.eye(value.size, dtype=value.dtype).reshape(value.size, *value.shape))
        if value.ndim
        else [value.dtype.type(1)]
    )


def _turned(rows: list[list[Any]], values: list[Any]) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(len(values))]


def _stacked(column: list[Any], shape: tuple[int, ...], value: Any) -> Any:
    """The gradients of every element of an output towards one value, as one array."""
    if not shape and column:
        return column[0]
    if not column:  # no element, or an output that is no Tensor
        return np.zeros(shape + np.shape(value), dtype=np.asarray(value).dtype)[()]
    return np.reshape(np.stack(column), shape + np.shape(value))


# -- words for errors --------------------------------------------------------------------------------------------------


def named(f: Callable[..., Any]) -> str:
    """What an error calls a function."""
    name = getattr(f, "__name__", type(f).__name__)
    return "the function" if name == "<lambda>" else name


def described(output: Any) -> str:
    """What an error calls what a function returned."""
    if isinstance(output, (tuple, list, dict)):
        return f"a {type(output).__name__} of {len(output)}"  # pyright: ignore[reportUnknownArgumentType]
    return "None" if output is None else describe(value_of(output))
