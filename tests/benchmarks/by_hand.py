"""The same works in NumPy by hand, as well as we can write them: what a library can at best come near to."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from types import SimpleNamespace
from typing import Any

import numpy as np

BATCH, HIDDEN = 16, 32  # of the LSTM
HEADS = 4  # of the transformer block

Run = Callable[[], tuple[float, float]]


def _normal(seed: int, *shape: int, scale: float = 1.0, dtype: Any = np.float64) -> Any:
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


# -- a network of 784-256-256-10 --------------------------------------------------------------------------------------


def mlp_data(batch: int, dtype: Any) -> SimpleNamespace:
    sizes = ((784, 256), (256, 256), (256, 10))
    weights: list[Any] = []
    for i, (n, m) in enumerate(sizes):
        weights += [_normal(i, n, m, scale=n**-0.5, dtype=dtype), np.zeros(m, dtype)]
    labels = np.random.default_rng(9).integers(0, 10, batch)
    return SimpleNamespace(weights=weights, images=_normal(8, batch, 784, dtype=dtype), labels=labels)


def mlp(data: SimpleNamespace) -> Run:
    w1, b1, w2, b2, w3, b3 = data.weights
    x, labels = data.images, data.labels
    rows = np.arange(len(labels))

    def run() -> tuple[float, float]:
        start = process_time()
        h1 = x @ w1
        h1 += b1
        np.maximum(h1, 0.0, out=h1)
        h2 = h1 @ w2
        h2 += b2
        np.maximum(h2, 0.0, out=h2)
        z = h2 @ w3
        z += b3
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        _loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
        middle = process_time()
        e /= total
        e[rows, labels] -= 1.0
        e /= len(labels)
        _gradients = [h2.T @ e, e.sum(axis=0)]
        d2 = e @ w3.T
        d2 *= h2 > 0
        _gradients += [h1.T @ d2, d2.sum(axis=0)]
        d1 = d2 @ w2.T
        d1 *= h1 > 0
        _gradients += [x.T @ d1, d1.sum(axis=0)]
        return middle - start, process_time() - middle

    return run


# -- an LSTM: input 32, hidden 32, batch 16 ---------------------------------------------------------------------------


def lstm_data(steps: int) -> SimpleNamespace:
    weights = [
        _normal(1, HIDDEN, 4 * HIDDEN, scale=0.2),
        _normal(2, HIDDEN, 4 * HIDDEN, scale=0.2),
        np.zeros(4 * HIDDEN),
    ]
    return SimpleNamespace(weights=weights, inputs=list(_normal(3, steps, BATCH, HIDDEN)))


def lstm(data: SimpleNamespace) -> Run:
    wx, wh, b = data.weights
    n = HIDDEN

    def run() -> tuple[float, float]:
        start = process_time()
        h = c = np.zeros((BATCH, n))
        kept: list[Any] = []
        for x in data.inputs:
            z = x @ wx
            z += h @ wh
            z += b
            s = z[:, : 3 * n]
            np.negative(s, out=s)
            np.exp(s, out=s)
            s += 1.0
            np.reciprocal(s, out=s)
            g = z[:, 3 * n :]
            np.tanh(g, out=g)
            before, c = c, z[:, :n] * c
            c += z[:, n : 2 * n] * g
            t = np.tanh(c)
            kept.append((x, h, before, z, t))
            h = z[:, 2 * n : 3 * n] * t
        _loss = (h * h).sum()
        middle = process_time()
        dwx, dwh, db = np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(b)
        dh, dc = 2.0 * h, np.zeros((BATCH, n))
        for x, h, before, z, t in reversed(kept):
            f, i, o, g = z[:, :n], z[:, n : 2 * n], z[:, 2 * n : 3 * n], z[:, 3 * n :]
            dc += dh * o * (1.0 - t * t)
            dz = np.empty_like(z)
            np.multiply(dc, before, out=dz[:, :n])
            np.multiply(dc, g, out=dz[:, n : 2 * n])
            np.multiply(dh, t, out=dz[:, 2 * n : 3 * n])
            s = z[:, : 3 * n]
            dz[:, : 3 * n] *= s * (1.0 - s)
            np.multiply(dc * i, 1.0 - g * g, out=dz[:, 3 * n :])
            dc *= f
            dwx += x.T @ dz
            dwh += h.T @ dz
            db += dz.sum(axis=0)
            dh = dz @ wh.T
        return middle - start, process_time() - middle

    return run


# -- a transformer block ----------------------------------------------------------------------------------------------


def transformer_data(width: int) -> SimpleNamespace:
    shapes = [(width, width)] * 4 + [(width, 4 * width), (4 * width, width)]
    weights = [_normal(i, *shape, scale=shape[0] ** -0.5) for i, shape in enumerate(shapes)]
    return SimpleNamespace(weights=weights, inputs=_normal(9, 8, 32, width))


def _normalised(x: Any) -> tuple[Any, Any]:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-5)
    centred /= spread
    return centred, spread


def _back_through_normalised(g: Any, y: Any, spread: Any) -> Any:
    return (g - g.mean(axis=-1, keepdims=True) - y * (g * y).mean(axis=-1, keepdims=True)) / spread


def transformer(data: SimpleNamespace) -> Run:
    wq, wk, wv, wo, w1, w2 = data.weights
    x = data.inputs
    batch, length, width = x.shape
    scale = (width // HEADS) ** -0.5

    def heads(x: Any) -> Any:
        return x.reshape(batch, length, HEADS, width // HEADS).transpose(0, 2, 1, 3)

    def flat(x: Any) -> Any:
        return x.transpose(0, 2, 1, 3).reshape(batch * length, width)

    def run() -> tuple[float, float]:
        start = process_time()
        y, _ = _normalised(x)
        rows = y.reshape(-1, width)
        q, k, v = heads(rows @ wq), heads(rows @ wk), heads(rows @ wv)
        p = q @ k.swapaxes(-1, -2)
        p *= scale
        p -= p.max(axis=-1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=-1, keepdims=True)
        mixed = flat(p @ v)
        h = x.reshape(-1, width) + mixed @ wo
        z, spread = _normalised(h)
        a = z @ w1
        np.maximum(a, 0.0, out=a)
        out = a @ w2
        out += h
        _loss = (out * out).sum()
        middle = process_time()
        d = 2.0 * out
        _gradients = [a.T @ d]
        da = d @ w2.T
        da *= a > 0
        _gradients.append(z.T @ da)
        dh = d + _back_through_normalised(da @ w1.T, z, spread)
        _gradients.append(mixed.T @ dh)
        dm = heads(dh @ wo.T)
        dp = dm @ v.swapaxes(-1, -2)
        dv = p.swapaxes(-1, -2) @ dm
        dp -= (dp * p).sum(axis=-1, keepdims=True)
        dp *= p
        dp *= scale
        dq, dk = dp @ k, dp.swapaxes(-1, -2) @ q
        _gradients += [rows.T @ flat(dq), rows.T @ flat(dk), rows.T @ flat(dv)]
        return middle - start, process_time() - middle

    return run


# -- what is about the cost per op: the bare ops ----------------------------------------------------------------------


def small_arrays(start: Any, w: Any, b: Any, size: int) -> Run:
    def run() -> tuple[float, float]:
        begin = process_time()
        x = start
        kept: list[Any] = []
        for _ in range(size // 6):
            before = x
            t = np.tanh((x * w + b) * 0.5 - w)
            x = t * b
            kept.append((before, t))
        _loss = np.sum(x)
        middle = process_time()
        d, dw = np.ones_like(x), np.zeros_like(w)
        for before, t in reversed(kept):
            d = d * b
            d *= 1.0 - t * t
            dw -= d
            d *= 0.5
            dw += d * before
            d *= w
        return middle - begin, process_time() - middle

    return run


def in_place(size: int) -> Run:
    def run() -> tuple[float, float]:
        begin = process_time()
        a = np.float64(0.9)
        y = np.zeros(size)
        y[0] = a
        for i in range(1, size):
            y[i] = y[i - 1] * a + 0.1
        y *= 2.0
        _loss = np.sum(y)
        middle = process_time()
        d, da = np.full(size, 2.0), 0.0
        for i in range(size - 1, 0, -1):
            da += d[i] * y[i - 1] * 0.5
            d[i - 1] += d[i] * a
        return middle - begin, process_time() - middle

    return run
