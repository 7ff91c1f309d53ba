"""A fixed set of small graphs: what every format has to be able to write."""

from __future__ import annotations

import warnings

import numpy as np

import gradviz as gv


def worked_example() -> gv.Graph:
    """f(x, y, z) = (x + y) · max(y, z) at 1, 2, 0."""

    def f(x, y, z):
        a = x + y
        b = gv.np.maximum(y, z)
        return a * b

    return _swept(gv.trace(f, 1.0, 2.0, 0.0))


def neural_layer() -> gv.Graph:
    """s = uᵀ·σ(Wx + b)."""

    def s(x, W, b, u):
        z = W @ x + b
        h = gv.sigmoid(z)
        return u @ h

    values = np.random.default_rng(1)
    return _swept(gv.trace(s, values.normal(size=3), values.normal(size=(4, 3)), np.zeros(4), values.normal(size=4)))


def chain() -> gv.Graph:
    """Twelve sigmoids, one after the other."""

    def deep(x):
        for _ in range(12):
            x = gv.sigmoid(x)
        return x

    return _swept(gv.trace(deep, 0.5))


def not_a_number() -> gv.Graph:
    """log(−1) and what becomes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _swept(gv.trace(lambda x: gv.np.log(x) * 2.0 + x, -1.0))


def not_swept() -> gv.Graph:
    """A graph that ends in several numbers: from where its gradients run back, nobody has said."""
    return gv.trace(lambda x, y: x * y - 1.5, np.arange(3.0), 4.0)


def one_op() -> gv.Graph:
    """−x."""
    return _swept(gv.trace(lambda x: -x, 3.0))


def named(*names: str) -> gv.Graph:
    """A sum of products of inputs with these names."""
    total = gv.tensor(1.0, name=names[0])
    for place, name in enumerate(names[1:] or names):
        total = total * gv.tensor(place + 2.0, name=name)
    return _swept(gv.graph(total + 1.0))


def _swept(graph: gv.Graph) -> gv.Graph:
    graph.backward()
    return graph


SMALL = {graph.__name__: graph for graph in (worked_example, neural_layer, chain, not_a_number, not_swept, one_op)}
