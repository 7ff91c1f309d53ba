"""Graphs that the tests of pictures draw: a network with scopes, an unrolled recurrence, chains, a NaN."""

import numpy as np

import gradviz as gv


def worked_example():
    """The lecture's f = (x + y)·max(y, z)."""

    def f(x, y, z):
        a = x + y
        b = max(y, z)
        return a * b

    return gv.trace(f, 1.0, 2.0, 0.0)


def layer():
    """s = uᵀ σ(W x + b)."""

    def s(W, x, b, u):
        z = W @ x + b
        h = gv.sigmoid(z)
        return u @ h

    rng = np.random.default_rng(224)
    return gv.trace(s, rng.standard_normal((5, 4)), rng.standard_normal(4), np.zeros(5), rng.standard_normal(5))


def network():
    """Two layers in scopes, with a penalty on the first weights: they are used in two scopes."""
    rng = np.random.default_rng(0)
    X = gv.tensor(rng.standard_normal((8, 4)), "X")
    W1 = gv.tensor(rng.standard_normal((4, 6)), "W1", parameter=True)
    W2 = gv.tensor(rng.standard_normal((6, 3)), "W2", parameter=True)
    with gv.scope("layer1"):
        h = np.tanh(X @ W1)
    with gv.scope("layer2"):
        y = np.tanh(h @ W2)
    with gv.scope("loss"):
        with gv.scope("fit"):
            fit = np.mean(y * y)
        with gv.scope("l2"):
            penalty = 0.01 * np.sum(W1 * W1)
        loss = fit + penalty
    loss.backward()
    return gv.graph(loss)


def recurrence(steps=50, *, scoped=False):
    """h = tanh(W h + x), again and again."""
    W = gv.tensor(0.4 * np.random.default_rng(1).standard_normal((4, 4)), "W", parameter=True)
    xs = gv.tensor(np.random.default_rng(2).standard_normal((steps, 4)), "xs")
    h = np.zeros(4)
    for t in range(steps):
        if scoped:
            with gv.scope(f"step{t}"):
                h = np.tanh(W @ h + xs[t])
        else:
            h = np.tanh(W @ h + xs[t])
    loss = np.sum(h * h)
    loss.backward()
    return gv.graph(loss)


def chain(rounds):
    """Two ops, `rounds` times."""

    def f(x, w):
        for _ in range(rounds):
            x = x * w
            x = np.sin(x)
        return x

    return gv.trace(f, 0.5, 1.1)


def not_a_number():
    """√ of a negative number, and what follows."""

    def f(x, y):
        a = x - y
        b = np.sqrt(a)
        return np.sum(b * y)

    with np.errstate(invalid="ignore"):
        return gv.trace(f, np.array([1.0, 2.0]), np.array([2.0, 1.0]))
