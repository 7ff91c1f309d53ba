"""The peers: for each library how to make a leaf, run a function forward and back, and what it calls the functions.

A worker holds one of them and imports that library alone. `split` gives the seconds that recording and going back took;
`f` is called with nothing and uses leaves that were made before, as a training loop does. Seconds are the processor's,
not the clock's: what else the machine does takes no part.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import process_time
from types import SimpleNamespace
from typing import Any

Split = tuple[float, float]


def _by_backward(f: Callable[[], Any], leaves: list[Any]) -> Split:
    start = process_time()
    out = f()
    middle = process_time()
    out.backward()
    return middle - start, process_time() - middle


def gradviz() -> SimpleNamespace:
    import numpy as np

    import gradviz as gv

    def split(f: Callable[[], Any], leaves: list[Any]) -> Split:
        ended = [0.0]

        def timed(*_: Any) -> Any:
            result = f()
            ended[0] = process_time()
            return result

        start = process_time()
        _graph = gv.trace(timed, *leaves)  # held, as the peers hold what they recorded: freeing it is not timed
        return ended[0] - start, process_time() - ended[0]

    return SimpleNamespace(
        leaf=gv.tensor, constant=lambda x: x, split=split, exp=np.exp, tanh=np.tanh, sigmoid=gv.sigmoid, relu=gv.relu,
        cross_entropy=gv.cross_entropy, softmax=gv.softmax, sqrt=np.sqrt, sum=np.sum, mean=np.mean,
        swap=lambda x: np.swapaxes(x, -1, -2), reshape=np.reshape, transpose=np.transpose,
    )  # fmt: skip


def floor() -> SimpleNamespace:
    """No peer, but what nothing in Python can go below."""
    import floor as bare

    return SimpleNamespace(leaf=bare.leaf, split=bare.split)


def micrograd() -> SimpleNamespace:
    from micrograd.engine import Value

    sys.setrecursionlimit(10_000_000)  # its sweep is recursive

    return SimpleNamespace(leaf=Value, constant=lambda x: x, split=_by_backward)


def torch() -> SimpleNamespace:
    import torch as t

    t.set_num_threads(1)

    def split(f: Callable[[], Any], leaves: list[Any]) -> Split:
        for leaf in leaves:
            leaf.grad = None
        return _by_backward(f, leaves)

    def leaf(x: Any) -> Any:
        made = t.tensor(x, dtype=t.float64) if isinstance(x, float) else t.tensor(x)
        return made.requires_grad_()

    return SimpleNamespace(
        leaf=leaf, constant=t.tensor, split=split, exp=t.exp, tanh=t.tanh, sigmoid=t.sigmoid, relu=t.relu,
        cross_entropy=t.nn.functional.cross_entropy, softmax=lambda x: t.softmax(x, -1), sqrt=t.sqrt,
        sum=lambda x, axis=None, keepdims=False: t.sum(x) if axis is None else t.sum(x, axis, keepdims),
        mean=lambda x, axis, keepdims: t.mean(x, axis, keepdims),
        swap=lambda x: t.transpose(x, -1, -2), reshape=t.reshape, transpose=lambda x, axes: x.permute(axes),
    )  # fmt: skip


def mygrad() -> SimpleNamespace:
    import mygrad as mg
    from mygrad.nnet import losses
    from mygrad.nnet.activations import relu, sigmoid, softmax

    mg.turn_memory_guarding_off()

    return SimpleNamespace(
        leaf=mg.tensor, constant=lambda x: x, split=_by_backward, exp=mg.exp, tanh=mg.tanh, sigmoid=sigmoid, relu=relu,
        cross_entropy=losses.softmax_crossentropy, softmax=lambda x: softmax(x, axis=-1), sqrt=mg.sqrt, sum=mg.sum,
        mean=mg.mean, swap=lambda x: mg.swapaxes(x, -1, -2), reshape=mg.reshape,
        transpose=lambda x, axes: mg.transpose(x, *axes),
    )  # fmt: skip


def autograd() -> SimpleNamespace:
    import autograd.numpy as np
    from autograd.core import make_vjp

    class Leaf:
        """Stands for a leaf: autograd makes its own when a function is called."""

        def __init__(self, value: Any) -> None:
            self.value = value
            self.now: Any = value

    def split(f: Callable[[], Any], leaves: list[Any]) -> Split:
        def of_values(values: Any) -> Any:
            for i, leaf in enumerate(leaves):
                leaf.now = values[i]
            return f()

        values = [leaf.value for leaf in leaves]
        if len(leaves) > 1000:  # it unpacks a list of n leaves in n² time: differentiate towards the first only
            for leaf in leaves:
                leaf.now = leaf.value

            def of_values(value: Any) -> Any:
                leaves[0].now = value
                return f()

            values = leaves[0].value
        start = process_time()
        back, _ = make_vjp(of_values, values)
        middle = process_time()
        back(1.0)
        return middle - start, process_time() - middle

    def cross_entropy(logits: Any, target: Any) -> Any:
        shifted = logits - np.max(logits, axis=-1, keepdims=True)
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
        return -np.mean(log_p[np.arange(len(target)), target])

    def softmax(x: Any) -> Any:
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)

    return SimpleNamespace(
        leaf=Leaf, constant=lambda x: x, split=split, exp=np.exp, tanh=np.tanh,
        sigmoid=lambda x: 1.0 / (1.0 + np.exp(-x)), relu=lambda x: np.maximum(x, 0.0), cross_entropy=cross_entropy,
        softmax=softmax, sqrt=np.sqrt, sum=np.sum, mean=np.mean, swap=lambda x: np.swapaxes(x, -1, -2),
        reshape=np.reshape, transpose=np.transpose,
    )  # fmt: skip


def numpy() -> SimpleNamespace:
    """NumPy by hand: its works are written out in `by_hand`."""
    return SimpleNamespace()


#: The peers in the order of the table; gradviz first.
PEERS: dict[str, Callable[[], SimpleNamespace]] = {
    "gradviz": gradviz, "floor": floor, "numpy": numpy, "micrograd": micrograd, "torch": torch, "mygrad": mygrad,
    "autograd": autograd,
}  # fmt: skip


def value(leaf: Any) -> Any:
    """What a function computes with: for autograd what the leaf stands for now, for all others the leaf itself."""
    return leaf.now if type(leaf).__name__ == "Leaf" else leaf
