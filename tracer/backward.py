"""The reverse sweep: from the output back, each op once, upstream × local = downstream, summed where wires fork."""

from __future__ import annotations

from _thread import RLock  # threading's own, which takes half a millisecond to import
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .constants import check_unchanged, stamps_given
from .errors import GradientError
from .op import Op, Rule, row
from .tensor import PENDING, Later, Tensor, describe, integer_message, is_differentiable, operands

__all__ = [
    "ALIAS",
    "CONSTANT",
    "INPUT",
    "PARAMETER",
    "acted_on",
    "ancestors",
    "downstream",
    "fit",
    "gradient_to_add_into",
    "hand_down",
    "hand_on",
    "letting_go",
    "local_gradient",
    "one_at_a_time",
    "push",
    "seed_for",
    "sweep",
    "takes_gradient",
    "unaliased",
]


#: The tape and the gradients on the records belong to one trace or sweep.
one_at_a_time = RLock()


def _leaf(name: str) -> Any:
    return row(name, lambda: None, [], role="blocks", text="", push=lambda tensor, upstream: None)


#: The three kinds of leaf. A leaf hands nothing on.
INPUT, PARAMETER, CONSTANT = _leaf("input"), _leaf("parameter"), _leaf("constant")


#: What a tensor that was written in place is to the ops that used it before: its old record, unchanged (see `inplace`).
ALIAS = row("alias", lambda x: x, [Rule("δ", local=lambda out, x: 1.0)], role="distributes", symbol="=", text="{0}")


def unaliased(x: Any) -> Any:
    """The record that an operand stands for: the old one of what was written since, else itself."""
    return x._a if isinstance(x, Tensor) and x._op is ALIAS else x


def ancestors(*outputs: Tensor) -> list[Tensor]:
    """Everything the outputs were computed from, themselves included, operands before what uses them.

    Leaves come first, in the order they were made; ops follow as a left-to-right evaluation would run them. There is
    no recursion: a chain a million ops deep is fine.
    """
    seen: set[int] = set()
    leaves: list[Tensor] = []
    ops: list[Tensor] = []
    stack: list[Tensor | None] = [*reversed(outputs)]
    while stack:
        tensor = stack.pop()
        if tensor is None:  # all operands of the one below are placed
            ops.append(stack.pop())  # pyright: ignore[reportArgumentType]
            continue
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        if tensor._a is None:
            leaves.append(tensor)
            continue
        stack += (tensor, None)
        stack += [x for x in reversed(operands(tensor)) if isinstance(x, Tensor) and id(x) not in seen]
    leaves.sort(key=lambda leaf: leaf._note.serial)  # pyright: ignore[reportOptionalMemberAccess]
    return leaves + ops


def order_of(tape: list[Tensor], outside: Iterable[Tensor], outputs: Iterable[Tensor]) -> list[Tensor]:
    """The order of the sweep, from a tape and what its ops use besides; each is marked PENDING.

    It is the tape itself, in front of which the leaves from outside are put. What was made by ops before the trace
    began, or in another one, takes collecting.
    """
    if any(x._a is not None for x in outside):
        order = ancestors(*outputs, *acted_on(tape))
    else:
        tape[:0] = outside
        order = tape
    for tensor in order:
        tensor._grad = PENDING
    return order


def acted_on(records: Iterable[Tensor]) -> list[Tensor]:
    """The records that Python code acted on a fact about, and what that fact compares them with."""
    facts = [fact for x in records if x._note is not None for fact in x._note.watches or ()]
    return [x for fact in facts for x in fact.operands if isinstance(x, Tensor)]


def seed_for(output: Tensor, seed: Any) -> Any:
    """The gradient that the sweep starts from, with the output's shape and dtype.

    Raises
    ------
    GradientError
        If the output is an integer, or no single number while no seed was given, or the seed's shape is another.
    """
    value = output._value
    name = output.name or "the output"
    if not is_differentiable(value):
        raise GradientError(integer_message(value, name))
    if seed is None:
        if _is_complex(value):
            raise GradientError(
                f"{name} = {describe(value)} is complex, and gradients run back from a real number: take np.abs, "
                f"np.real or np.imag of it, or give backward a seed"
            )
        if np.size(value) != 1:
            raise GradientError(
                f"{name} has shape {np.shape(value)}, and gradients run back from a single number: "
                f"sum it, or give backward a seed of that shape"
            )
        seed = 1.0
    if isinstance(seed, Tensor):
        return seed
    if type(value) is float:
        if np.ndim(seed):
            raise GradientError(f"the seed has shape {np.shape(seed)}, and {name} is a single number")
        return float(seed)
    array = np.asarray(seed, dtype=value.dtype)
    if array.shape != value.shape:
        if array.size != 1:
            raise GradientError(f"the seed has shape {array.shape}, and {name} has shape {value.shape}")
        array = np.broadcast_to(array.reshape(()), value.shape)
    return array if isinstance(value, np.ndarray) else array[()]


# The ids of the operands whose gradient is an array that this sweep made by adding: what comes next may be added into
# it. Any other may be someone else's too: `add` hands one array to both its operands, and `sum` a read-only view.
_owned: set[int] = set()


def hand_down(operand: Tensor, share: Any) -> None:
    """Add what an op hands down, in the operand's shape and dtype, into the operand's gradient."""
    held = operand._grad
    if held is PENDING:
        operand._grad = share
    elif type(held) is not np.ndarray:
        operand._grad = held + share
    elif id(operand) in _owned:
        held += share  # a weight that is used 500 times: half the time of a new array each time
    else:
        operand._grad = held + share
        _owned.add(id(operand))


def gradient_to_add_into(operand: Tensor) -> Any:
    """The gradient of an array operand as an array of this sweep's own, to add into."""
    held = operand._grad
    if type(held) is not np.ndarray or id(operand) not in _owned:
        value = operand._value
        held = operand._grad = np.zeros(value.shape, value.dtype) if held is PENDING else np.array(held)
        _owned.add(id(operand))
    return held


def hand_on(records: Iterable[Tensor]) -> None:
    """Let each record that the sweep has reached hand its gradient on."""
    for tensor in records:
        upstream = tensor._grad
        if type(upstream) is float:
            (tensor._op.push_float or floats_of(tensor._op))(tensor, upstream)
        elif upstream is not PENDING:
            (tensor._op.push or push)(tensor, upstream)


def letting_go(later: Later) -> Callable[[Iterable[Tensor]], None]:
    """Like `hand_on`, but an inner array's gradient is let go of once it was handed on.

    Its memory serves the next one while it is still in the processor's cache: of an LSTM's sweep that is a third.
    """

    def over(records: Iterable[Tensor]) -> None:
        for tensor in records:
            upstream = tensor._grad
            if type(upstream) is float:
                (tensor._op.push_float or floats_of(tensor._op))(tensor, upstream)
            elif upstream is not PENDING:
                (tensor._op.push or push)(tensor, upstream)
                if type(upstream) is np.ndarray and tensor._a is not None:
                    tensor._grad = later

    return over


def sweep(order: list[Tensor], output: Tensor, seed: Any, over: Callable[[Iterable[Tensor]], None] = hand_on) -> None:
    """Run the gradients back over `order`, in which every tensor is marked PENDING; `over` visits the records."""
    global _owned
    _owned = set()
    if stamps_given():
        check_unchanged(tensor for tensor in order if tensor._op is CONSTANT)
    output._grad = seed
    # Infinities and NaNs in a gradient are findings, reported with their place, not warnings from inside a rule.
    with np.errstate(all="ignore"):
        over(reversed(order))


def run_back(output: Tensor, seed: Any = None) -> list[Tensor]:
    """`Tensor.backward`: collect what `output` was computed from, and run the gradients back over it."""
    seed = seed_for(output, seed)
    order = ancestors(output)
    for tensor in order:
        tensor._grad = PENDING
    sweep(order, output, seed)
    handed_out: set[int] = set()
    for tensor in order:
        gradient = tensor._grad
        if gradient is PENDING:
            tensor._grad = zeros(tensor._value)
        elif tensor._a is None and isinstance(gradient, np.ndarray):
            # + hands one array to both inputs, and a sum a read-only view: what users hold is theirs to change
            if id(gradient) in handed_out or not gradient.flags.writeable or gradient.base is not None:
                gradient = tensor._grad = gradient.copy()
            handed_out.add(id(gradient))
    return order


def takes_gradient(operand: Any) -> bool:
    """Whether a gradient is handed to this operand: a Tensor of floats that is no constant."""
    if not isinstance(operand, Tensor) or operand._op is CONSTANT:
        return False
    value = operand._value
    return value.dtype.kind in "fc" if type(value) is np.ndarray else is_differentiable(value)


def zeros(value: Any) -> Any:
    """The gradient of what has no path to the output."""
    if isinstance(value, np.ndarray):
        return np.zeros(value.shape, value.dtype)
    return 0.0 if type(value) is float else type(value)(0)


def push(tensor: Tensor, upstream: Any) -> None:
    """Add what `tensor` hands down into the gradients of its operands: the general way."""
    op, out, static = tensor._op, tensor._value, tensor._static or {}
    operand = tensor._a
    if tensor._b is None and type(operand) is Tensor:  # one operand, as most have: spares the loop
        if takes_gradient(operand):
            share = downstream(op, 0, upstream, out, (operand._value,), static)
            if share is not None:
                hand_down(operand, share)
        return
    inputs = operands(tensor)
    values = [x._value if isinstance(x, Tensor) else x for x in inputs]
    for position, operand in enumerate(inputs):
        if takes_gradient(operand):
            share = downstream(op, position, upstream, out, values, static)
            if share is not None:
                hand_down(operand, share)


def floats_of(op: Op) -> Callable[[Any, float], None]:
    """How an op pushes a Python float: made of its rules, where these are local gradients, when it is first asked for.

    The general way takes three times as long. There is nothing to fit where the operands are Python floats too.
    """
    locals_ = [rule.local for rule in op.rules]
    if not locals_ or op.variadic or len(locals_) > 2 or None in locals_:
        made = op.push or push
    else:
        made = _float_of_one(*locals_) if len(locals_) == 1 else _float_of_two(*locals_)  # pyright: ignore
    op.push_float = made
    return made


def _float_of_one(local: Callable[..., Any]) -> Callable[[Any, float], None]:
    def pushed(tensor: Tensor, upstream: float) -> None:
        a = tensor._a
        if tensor._static is None and type(a) is Tensor and type(a._value) is float and a._op is not CONSTANT:
            try:
                share = float(upstream * local(tensor._value, a._value))
            except _NO_FLOAT:
                pass
            else:
                hand_down(a, share)
                return
        push(tensor, upstream)

    return pushed


def _float_of_two(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[[Any, float], None]:
    def pushed(tensor: Tensor, upstream: float) -> None:
        a, b, out = tensor._a, tensor._b, tensor._value
        x = a._value if type(a) is Tensor else a
        y = b._value if type(b) is Tensor else b
        if tensor._static is None and type(x) in _PYTHONS and type(y) in _PYTHONS:
            down = type(a) is Tensor and type(x) is float and a._op is not CONSTANT
            across = type(b) is Tensor and type(y) is float and b._op is not CONSTANT
            try:
                to_a = float(upstream * first(out, x, y)) if down else 0.0
                to_b = float(upstream * second(out, x, y)) if across else 0.0
            except _NO_FLOAT:
                pass
            else:
                if down:
                    hand_down(a, to_a)
                if across:
                    hand_down(b, to_b)
                return
        push(tensor, upstream)

    return pushed


_PYTHONS = frozenset({float, int})
_NO_FLOAT = (ArithmeticError, TypeError)  # where NumPy has inf or nan, and of what is complex


def downstream(op: Any, position: int, upstream: Any, out: Any, values: Sequence[Any], static: dict[str, Any]) -> Any:
    """The gradient that one op hands to the operand at `position`; None where it lets nothing through."""
    rule = op.rules[0 if op.variadic else position]
    if rule.local is not None:
        share = upstream * local_gradient(op, position, out, values, static)
    elif rule.vjp is not None:
        where = {"position": position} if op.variadic else {}
        share = rule.vjp(upstream, out, *values, **static, **where)
    else:
        return None
    return fit(share, values[position])


def local_gradient(op: Any, position: int, out: Any, values: Sequence[Any], static: dict[str, Any]) -> Any:
    """The local gradient of an elementwise op, one number per element of its result."""
    local = op.rule(position).local
    try:
        return local(out, *values, **static)
    except ArithmeticError:  # Python's floats raise where NumPy has inf and nan
        with np.errstate(all="ignore"):
            return local(*[np.float64(v) if isinstance(v, (float, int)) else v for v in (out, *values)], **static)


def fit(gradient: Any, value: Any) -> Any:
    """A gradient with its value's shape and dtype: what broadcasting copied is summed, and the dtype is the value's.

    A real value in complex arithmetic takes the real part: it can't move in the imaginary direction.
    """
    if type(value) is float:
        if type(gradient) is float:
            return gradient
        if np.ndim(gradient):
            gradient = np.sum(gradient)
        if _is_complex(gradient):
            gradient = np.real(gradient)
        return gradient if isinstance(gradient, Tensor) else float(gradient)
    shape = value.shape
    if type(gradient) is np.ndarray and gradient.shape == shape and gradient.dtype is value.dtype:
        return gradient  # nearly all
    if type(gradient) is complex:
        gradient = np.complex128(gradient)
    if np.shape(gradient) != shape:
        gradient = sum_to(gradient, shape)
    if isinstance(gradient, Tensor):
        gradient = np.real(gradient) if _is_complex(gradient) and not _is_complex(value) else gradient
        return gradient if gradient.dtype == value.dtype else gradient.astype(value.dtype)
    if getattr(gradient, "dtype", None) != value.dtype:
        if _is_complex(gradient) and not _is_complex(value):
            gradient = np.real(gradient)
        gradient = np.asarray(gradient, dtype=value.dtype)
        gradient = gradient if isinstance(value, np.ndarray) else gradient[()]
    return gradient


def _is_complex(x: Any) -> bool:
    return x.dtype.kind == "c" if hasattr(x, "dtype") else isinstance(x, complex)


def sum_to(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: sum over the axes that were added and those that were stretched."""
    if type(gradient) is np.ndarray:
        if gradient.shape == shape:
            return gradient
        if len(shape) == 1 and gradient.ndim == 2 and gradient.shape[1] == shape[0]:  # a bias: 2 µs instead of 7
            return np.add.reduce(gradient, 0)
    have = np.shape(gradient)
    added = len(have) - len(shape)
    if added < 0 or any(n not in (1, h) for n, h in zip(shape, have[added:], strict=True)):
        return np.broadcast_to(gradient, shape)
    axes = tuple(range(added)) + tuple(i + added for i, n in enumerate(shape) if n == 1 and have[i + added] != 1)
    gradient = np.sum(gradient, axis=axes, keepdims=True) if axes else gradient
    return np.reshape(gradient, shape)
