"""Random programs over the ops that NumPy and torch share, to run in either, or on plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np

import gradviz as gv

Shape = tuple[int, ...]

#: Functions that NumPy and torch call alike.
SAME = ("exp", "log", "sqrt", "sin", "cos", "tanh", "abs", "maximum", "minimum", "where", "stack", "clip", "square")
#: What programs call, as NumPy and gradviz have it; `test_torch` has its twin.
NUMPY = SimpleNamespace(
    **{name: getattr(np, name) for name in SAME},
    relu=gv.relu,
    sigmoid=gv.sigmoid,
    leaky_relu=lambda x: gv.leaky_relu(x, 0.1),
    hard_tanh=gv.hard_tanh,
    softmax=lambda x, axis: gv.softmax(x, axis=axis),
    log_softmax=lambda x, axis: gv.log_softmax(x, axis=axis),
    cross_entropy=lambda z, classes: gv.cross_entropy(z, classes),
    concatenate=lambda xs, axis: np.concatenate(xs, axis=axis),
    sum=lambda x, axis, keep: np.sum(x, axis=axis, keepdims=keep),
    mean=lambda x, axis, keep: np.mean(x, axis=axis, keepdims=keep),
    max=lambda x, axis, keep: np.max(x, axis=axis, keepdims=keep),
    min=lambda x, axis, keep: np.min(x, axis=axis, keepdims=keep),
    transpose=lambda x, axes: np.transpose(x, axes),
    broadcast_to=np.broadcast_to,
    constant=lambda x: x,
)


@dataclass
class Value:
    """A value of the program: its shape, and how to compute it from the library and the values before it."""

    shape: Shape
    compute: Callable[[Any, list[Any]], Any]
    text: str


class Program:
    """A random program: inputs, then a list of statements, each an op on values before it; the last is a number."""

    def __init__(self, random: Random, length: int = 12, shapes: list[Shape] | None = None) -> None:
        self.random = random
        array = np.random.default_rng(random.randrange(2**32))
        shapes = shapes or [random.choice([(), (3,), (2, 3), (3, 2), (2, 1), (2, 2, 3)]) for _ in range(3)]
        self.inputs = [array.uniform(0.3, 1.7, shape) * array.choice([-1.0, 1.0], shape) for shape in shapes]
        self.values = [Value(shape, lambda lib, v: None, "input") for shape in shapes]
        for _ in range(length):
            self.random.choice(STATEMENTS)(self)
        self._end()

    def put(self, shape: Shape, text: str, compute: Callable[[Any, list[Any]], Any]) -> int:
        """Append a statement."""
        self.values.append(Value(shape, compute, text))
        return len(self.values) - 1

    def pick(self, fits: Callable[[Shape], bool] = lambda shape: True) -> int | None:
        """A value before, the later ones more often; None where none fits."""
        found = [i for i, value in enumerate(self.values) if fits(value.shape)]
        return self.random.choice(found[-4:] if self.random.random() < 0.7 else found) if found else None

    def _end(self) -> None:
        # Everything that was computed counts, so that no statement is idle.
        wanted = range(len(self.values))
        self.put((), "end", lambda lib, v: sum((v[i] * (0.5 + i / 7)).sum() for i in wanted))

    def values_on(self, lib: Any, inputs: list[Any]) -> list[Any]:
        """Every value of the program, the inputs among them."""
        values = list(inputs)
        for value in self.values[len(inputs) :]:
            values.append(value.compute(lib, values))
        return values

    def run(self, lib: Any, inputs: list[Any]) -> Any:
        """The program's last value."""
        return self.values_on(lib, inputs)[-1]

    def __str__(self) -> str:
        return "\n".join(f"v{i} {value.shape} = {value.text}" for i, value in enumerate(self.values))


#: Elementwise functions of one operand; arguments are squeezed to where they are smooth and don't grow.
UNARY: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda lib, x: lib.exp(lib.tanh(x)),
    "log": lambda lib, x: lib.log(1.5 + x * x),
    "sqrt": lambda lib, x: lib.sqrt(x * x + 0.5),
    "sin": lambda lib, x: lib.sin(x),
    "cos": lambda lib, x: lib.cos(x),
    "tanh": lambda lib, x: lib.tanh(x),
    "sigmoid": lambda lib, x: lib.sigmoid(x),
    "relu": lambda lib, x: lib.relu(x - 0.05),
    "leaky_relu": lambda lib, x: lib.leaky_relu(x + 0.07),
    "hard_tanh": lambda lib, x: lib.hard_tanh(x + 0.03),
    "abs": lambda lib, x: lib.abs(x + 0.11),
    "square": lambda lib, x: lib.square(lib.sin(x)),
    "power": lambda lib, x: (x * x + 0.3) ** 1.5 / (1.0 + x * x),
    "cube": lambda lib, x: lib.tanh(x) ** 3,
    "negative": lambda lib, x: -x,
    "reflected": lambda lib, x: 1.0 - 2.0 / (x * x + 1.0),
    "base": lambda lib, x: 2.0 ** lib.sin(x),
    "clip": lambda lib, x: lib.clip(x, -0.913, 0.787),
    "where": lambda lib, x: lib.where(x > 0.123, x * 2.0, lib.sin(x)),
    "self": lambda lib, x: x * lib.tanh(x) + x,
}
#: Elementwise functions of two operands that broadcast.
BINARY: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda lib, x, y: x + y,
    "subtract": lambda lib, x, y: x - y,
    "multiply": lambda lib, x, y: x * lib.tanh(y),
    "divide": lambda lib, x, y: x / (1.0 + y * y),
    "power": lambda lib, x, y: (1.1 + lib.tanh(x)) ** lib.sin(y),
    "maximum": lambda lib, x, y: lib.maximum(x, y * 0.9 + 0.01),
    "minimum": lambda lib, x, y: lib.minimum(x * 1.1 - 0.02, y),
    "where": lambda lib, x, y: lib.where(x > y * 0.8, x, y),
    "mean": lambda lib, x, y: (x + y) / 2,
}


def unary(p: Program) -> None:
    """An elementwise function."""
    i, name = p.pick(), p.random.choice(list(UNARY))
    p.put(p.values[i].shape, f"{name}(v{i})", lambda lib, v: UNARY[name](lib, v[i]))


def binary(p: Program) -> None:
    """An elementwise function of two values whose shapes broadcast."""
    i = p.pick()
    j = p.pick(lambda shape: broadcasts(shape, p.values[i].shape))
    name = p.random.choice(list(BINARY))
    shape = np.broadcast_shapes(p.values[i].shape, p.values[j].shape)
    p.put(shape, f"{name}(v{i}, v{j})", lambda lib, v: BINARY[name](lib, v[i], v[j]))


def broadcasts(one: Shape, other: Shape) -> bool:
    """Whether two shapes broadcast, to something small."""
    try:
        return int(np.prod(np.broadcast_shapes(one, other))) <= 48
    except ValueError:
        return False


def reduction(p: Program) -> None:
    """A sum, mean, maximum or minimum, along one axis, some or all."""
    i = p.pick(lambda shape: len(shape) > 0)
    if i is None:
        return
    shape = p.values[i].shape
    axis = tuple(p.random.sample(range(len(shape)), p.random.randint(1, len(shape))))
    axis = tuple(a - len(shape) if p.random.random() < 0.3 else a for a in axis)
    keep, name = p.random.random() < 0.4, p.random.choice(["sum", "mean", "max", "min"])
    gone = {a % len(shape) for a in axis}
    after = tuple(1 if a in gone else n for a, n in enumerate(shape) if keep or a not in gone)
    p.put(after, f"{name}(v{i}, {axis}, {keep})", lambda lib, v: getattr(lib, name)(v[i], axis, keep))


def matmul(p: Program) -> None:
    """A product of what fits, transposed where that makes it fit."""
    i = p.pick(lambda shape: 1 <= len(shape) <= 3)
    if i is None:
        return
    k = p.values[i].shape[-1]
    j = p.pick(lambda shape: (1 <= len(shape) <= 2) and (shape[-2:][0] == k or shape[-1] == k))
    if j is None:
        return
    right = p.values[j].shape
    turn = len(right) == 2 and right[0] != k
    right = right[::-1] if turn else right
    shape = np.matmul(np.zeros(p.values[i].shape), np.zeros(right)).shape
    if int(np.prod(shape)) <= 48:
        p.put(shape, f"v{i} @ v{j}{'.T' * turn}", lambda lib, v: (v[i] @ (v[j].T if turn else v[j])) * 0.3)


def index(p: Program) -> None:
    """Basic and advanced indexing, places read twice."""
    i = p.pick(lambda shape: len(shape) > 0)
    if i is None:
        return
    shape = p.values[i].shape
    forms = [0, -1, slice(None, None, 1), slice(0, 1), [0, 0, shape[0] - 1], Ellipsis, (Ellipsis, None), (None, 0)]
    if len(shape) > 1:
        forms += [(slice(None), 0), (slice(None), [0, 0, -1]), ([0, 0], [0, shape[1] - 1]), (Ellipsis, -1)]
    form = p.random.choice(forms)
    p.put(np.zeros(shape)[form].shape, f"v{i}[{form}]", lambda lib, v: v[i][form])


def mask(p: Program) -> None:
    """What lies where another value is large, as a number: how many there are depends on the values."""
    i = p.pick(lambda shape: len(shape) > 0)
    if i is not None:
        p.put((), f"v{i}[v{i} > 0.1].sum()", lambda lib, v: v[i][v[i] > 0.1].sum() * 0.7)


def joining(p: Program) -> None:
    """Values of the same shape, one behind the other or stacked."""
    i = p.pick(lambda shape: int(np.prod(shape)) <= 12)
    if i is None:
        return
    shape = p.values[i].shape
    j = p.pick(lambda other: other == shape)
    if shape and p.random.random() < 0.6:
        axis = p.random.randrange(-len(shape), len(shape))
        after = tuple(2 * n if a == axis % len(shape) else n for a, n in enumerate(shape))
        p.put(after, f"concatenate(v{i}, v{j}, {axis})", lambda lib, v: lib.concatenate([v[i], v[j]], axis))
    else:
        axis = p.random.randrange(-len(shape) - 1, len(shape) + 1)
        at = axis % (len(shape) + 1)
        after = (*shape[:at], 2, *shape[at:])
        p.put(after, f"stack(v{i}, v{j}, {axis})", lambda lib, v: lib.stack([v[i], v[j]], axis))


def shaping(p: Program) -> None:
    """Reshape, transpose, broadcast."""
    i = p.pick()
    shape = p.values[i].shape
    kind = p.random.choice(["reshape", "transpose", "broadcast", "T"])
    if kind == "reshape":
        p.put((int(np.prod(shape)),), f"v{i}.reshape(-1)", lambda lib, v: v[i].reshape(-1))
    elif kind == "transpose":
        axes = tuple(p.random.sample(range(len(shape)), len(shape)))
        after = tuple(shape[a] for a in axes)
        p.put(after, f"transpose(v{i}, {axes})", lambda lib, v: lib.transpose(v[i], axes))
    elif kind == "broadcast" and int(np.prod(shape)) <= 12:
        p.put((2, *shape), f"broadcast(v{i})", lambda lib, v: lib.broadcast_to(v[i], (2, *shape)))
    elif len(shape) == 2:
        p.put(shape[::-1], f"v{i}.T", lambda lib, v: v[i].T)


def softmax(p: Program) -> None:
    """Softmax, its logarithm, or cross-entropy against class numbers."""
    i = p.pick(lambda shape: len(shape) > 0)
    if i is None:
        return
    shape = p.values[i].shape
    axis = p.random.randrange(-len(shape), len(shape))
    kind = p.random.choice(["softmax", "log_softmax", "cross_entropy"])
    if kind == "cross_entropy" and len(shape) == 2:
        classes = np.array([p.random.randrange(shape[1]) for _ in range(shape[0])])
        p.put((), f"cross_entropy(v{i}, {classes})", lambda lib, v: lib.cross_entropy(v[i], classes))
    elif kind != "cross_entropy":
        p.put(shape, f"{kind}(v{i}, {axis})", lambda lib, v: getattr(lib, kind)(v[i], axis))


STATEMENTS = [
    unary,
    unary,
    unary,
    binary,
    binary,
    binary,
    reduction,
    matmul,
    matmul,
    index,
    mask,
    joining,
    shaping,
    softmax,
]
