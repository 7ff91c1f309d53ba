"""The works: for each peer a function that runs once and gives the seconds of recording and of going back."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from types import SimpleNamespace
from typing import Any

import by_hand
import numpy as np
from peers import Split, value

Run = Callable[[], Split]

KEPT = 5_000  # elements of each array of the work `kept`
CHAINED = (1.0, 0.99, 0.5)  # what `_chained` begins with


def _numbers(*shape: int, scale: float = 1.0, seed: int = 0) -> Any:
    return scale * np.random.default_rng(seed).standard_normal(shape)


def _chained(size: int) -> Callable[..., Any]:
    """× and + in turn, on single numbers."""

    def f(x: Any, w: Any, b: Any) -> Any:
        for _ in range(size // 2):
            x = x * w
            x = x + b
        return x

    return f


def chain(peer: SimpleNamespace, size: int) -> Run:
    leaves, f = [peer.leaf(x) for x in CHAINED], _chained(size)
    return lambda: peer.split(lambda: f(*map(value, leaves)), leaves)


def tree(peer: SimpleNamespace, size: int) -> Run:
    leaves = [peer.leaf(1.0 + i / size) for i in range(size + 1)]

    def f() -> Any:
        level = [value(leaf) for leaf in leaves]
        while len(level) > 1:
            odd = [level.pop()] if len(level) % 2 else []
            ones, others = level[::2], level[1::2]
            level = [x * y if i % 2 else x + y for i, (x, y) in enumerate(zip(ones, others, strict=True))] + odd
        return level[0]

    return lambda: peer.split(f, leaves)


def mlp(peer: SimpleNamespace, size: int, dtype: Any = np.float64) -> Run:
    data = by_hand.mlp_data(size, dtype)
    if not vars(peer):
        return by_hand.mlp(data)
    leaves = [peer.leaf(x) for x in data.weights]
    images, labels = peer.constant(data.images), peer.constant(data.labels)

    def f() -> Any:
        w1, b1, w2, b2, w3, b3 = [value(leaf) for leaf in leaves]
        h = peer.relu(images @ w1 + b1)
        h = peer.relu(h @ w2 + b2)
        return peer.cross_entropy(h @ w3 + b3, labels)

    return lambda: peer.split(f, leaves)


def mlp32(peer: SimpleNamespace, size: int) -> Run:
    return mlp(peer, size, np.float32)


def lstm(peer: SimpleNamespace, size: int) -> Run:
    data = by_hand.lstm_data(size)
    if not vars(peer):
        return by_hand.lstm(data)
    leaves = [peer.leaf(x) for x in data.weights]
    inputs = [peer.constant(x) for x in data.inputs]
    start = peer.constant(np.zeros((by_hand.BATCH, by_hand.HIDDEN)))
    n = by_hand.HIDDEN

    def f() -> Any:
        wx, wh, b = [value(leaf) for leaf in leaves]
        h = c = start
        for x in inputs:
            z = x @ wx + h @ wh + b
            gates = peer.sigmoid(z[:, : 3 * n])
            c = gates[:, :n] * c + gates[:, n : 2 * n] * peer.tanh(z[:, 3 * n :])
            h = gates[:, 2 * n :] * peer.tanh(c)
        return peer.sum(h * h)

    return lambda: peer.split(f, leaves)


def transformer(peer: SimpleNamespace, size: int) -> Run:
    data = by_hand.transformer_data(size)
    if not vars(peer):
        return by_hand.transformer(data)
    leaves = [peer.leaf(w) for w in data.weights]
    x = peer.constant(data.inputs)
    heads, batch, length, width = by_hand.HEADS, *data.inputs.shape

    def normalised(x: Any) -> Any:
        centred = x - peer.mean(x, axis=-1, keepdims=True)
        return centred / peer.sqrt(peer.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)

    def split_heads(x: Any) -> Any:
        return peer.transpose(peer.reshape(x, (batch, length, heads, width // heads)), (0, 2, 1, 3))

    def f() -> Any:
        wq, wk, wv, wo, w1, w2 = [value(leaf) for leaf in leaves]
        y = normalised(x)
        q, k, v = split_heads(y @ wq), split_heads(y @ wk), split_heads(y @ wv)
        p = peer.softmax((q @ peer.swap(k)) * (width // heads) ** -0.5)
        mixed = peer.reshape(peer.transpose(p @ v, (0, 2, 1, 3)), (batch, length, width))
        h = x + mixed @ wo
        out = h + peer.relu(normalised(h) @ w1) @ w2
        return peer.sum(out * out)

    return lambda: peer.split(f, leaves)


def small_arrays(peer: SimpleNamespace, size: int) -> Run:
    """Six ops a turn on arrays of 16 × 32: Tensor with Tensor, with a plain array, with a number, and a function."""
    start, w, b = (_numbers(16, 32, scale=0.5, seed=i) for i in range(3))
    if not vars(peer):
        return by_hand.small_arrays(start, w, b, size)
    leaves = [peer.leaf(start), peer.leaf(w)]
    plain = peer.constant(b)

    def f() -> Any:
        x, y = [value(leaf) for leaf in leaves]
        for _ in range(size // 6):
            x = peer.tanh((x * y + plain) * 0.5 - y) * plain
        return peer.sum(x)

    return lambda: peer.split(f, leaves)


def kept(keep: str) -> Callable[[SimpleNamespace, int], Run]:
    """Four ops a turn on arrays of 5,000, of whose results a rule needs one: what a trace holds with this `keep=`."""

    def work(peer: SimpleNamespace, size: int) -> Run:
        import gradviz as gv

        leaves = [peer.leaf(_numbers(KEPT, scale=0.5, seed=i)) for i in range(2)]

        def f(x: Any, w: Any) -> Any:
            for _ in range(size // 4):
                x = np.tanh(x) * w + w - 0.5
            return np.sum(x)

        def run() -> Split:
            begin = process_time()
            _graph = gv.trace(f, *leaves, keep=keep)
            return process_time() - begin, 0.0

        return run

    return work


def in_place(peer: SimpleNamespace, size: int) -> Run:
    """A recurrence written into an array, element by element, and a row scaled in place."""
    if not vars(peer):
        return by_hand.in_place(size)
    import gradviz as gv

    a = gv.tensor(0.9)

    def f() -> Any:
        y = gv.np.zeros(size)
        y[0] = a
        for i in range(1, size):
            y[i] = y[i - 1] * a + 0.1
        y *= 2.0
        return np.sum(y)

    return lambda: peer.split(f, [a])


def second_derivatives(peer: SimpleNamespace, size: int) -> Run:
    """The Hessian of a function of `size` numbers; the seconds stand under forward."""
    x = _numbers(size)
    module = type(peer.leaf(1.0)).__module__.partition(".")[0]
    hessian: Any
    if module == "gradviz":
        from gradviz.tracer.transforms import hessian
    elif module == "torch":
        from torch.autograd.functional import hessian as torch_hessian

        hessian = lambda f: lambda x: torch_hessian(f, x)  # noqa: E731
    else:
        from autograd import hessian

    def f(x: Any) -> Any:
        return peer.sum(peer.tanh(x * x) * peer.exp(x) + x[1:].sum() * x)

    of = hessian(f)
    at = peer.constant(x)

    def run() -> Split:
        begin = process_time()
        of(at)
        return process_time() - begin, 0.0

    return run


def gradient_check(peer: SimpleNamespace, size: int) -> Run:
    """Each gradient of a function of `size` numbers against the numerical one; the seconds stand under forward."""
    x = _numbers(size)
    module = type(peer.leaf(1.0)).__module__.partition(".")[0]

    def f(x: Any) -> Any:
        return peer.sum(peer.tanh(x * x) * peer.exp(x))

    if module == "gradviz":
        from gradviz.tracer.check import check_gradients

        def check() -> Any:
            return check_gradients(f, x)
    elif module == "torch":
        from torch.autograd import gradcheck

        leaf = peer.leaf(x)

        def check() -> Any:
            return gradcheck(f, (leaf,))
    else:
        from autograd.test_util import check_grads

        def check() -> Any:
            return check_grads(f, modes=["rev"], order=1)(x)

    def run() -> Split:
        begin = process_time()
        check()
        return process_time() - begin, 0.0

    return run


def looked_at(peer: SimpleNamespace, size: int) -> Run:
    """The chain, traced; under back the seconds to look at each edge's value, local gradient and downstream."""
    import gradviz as gv

    leaves, f = [gv.tensor(x) for x in CHAINED], _chained(size)

    def run() -> Split:
        begin = process_time()
        graph = gv.trace(f, *leaves)
        middle = process_time()
        for edge in graph.edges:
            _ = edge.value, edge.local, edge.downstream
        return middle - begin, process_time() - middle

    return run


def again(peer: SimpleNamespace, size: int) -> Run:
    """The chain's graph: under forward a replay with other inputs, under back `Graph.backward`."""
    import gradviz as gv

    graph = gv.trace(_chained(size), *CHAINED)

    def run() -> Split:
        begin = process_time()
        graph.forward(x=1.5)
        middle = process_time()
        graph.backward()
        return middle - begin, process_time() - middle

    return run


def json_text(peer: SimpleNamespace, size: int) -> Run:
    """The chain's graph as JSON text; the seconds stand under forward."""
    import json

    import gradviz as gv

    def run() -> Split:
        graph = gv.trace(_chained(size), *CHAINED)
        begin = process_time()
        json.dumps(graph.to_dict())
        return process_time() - begin, 0.0

    return run


#: work → its function and the peers that can do it.
_SCALARS = ("gradviz", "floor", "micrograd", "torch", "mygrad", "autograd")
_ARRAYS = ("gradviz", "numpy", "torch", "mygrad", "autograd")
WORKS: dict[str, tuple[Callable[[SimpleNamespace, int], Run], tuple[str, ...]]] = {
    "chain": (chain, _SCALARS),
    "tree": (tree, _SCALARS[:-1]),  # autograd takes n² time towards n leaves
    "mlp64": (mlp, _ARRAYS),
    "mlp32": (mlp32, _ARRAYS),
    "lstm": (lstm, _ARRAYS),
    "transformer": (transformer, _ARRAYS),
    "small arrays": (small_arrays, _ARRAYS),
    "in place": (in_place, ("gradviz", "numpy")),
    **{f"keep={keep}": (kept(keep), ("gradviz",)) for keep in ("all", "needed", "none")},
    "second derivatives": (second_derivatives, ("gradviz", "torch", "autograd")),
    "gradient check": (gradient_check, ("gradviz", "torch", "autograd")),
    "edges looked at": (looked_at, ("gradviz",)),
    "replay": (again, ("gradviz",)),
    "JSON": (json_text, ("gradviz",)),
}
