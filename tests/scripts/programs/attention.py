"""Causal self-attention with two heads and a residual connection, forward pass only."""

import numpy as np

rng = np.random.default_rng(12)
T, C, n_head = 5, 8, 2


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def layer_norm(x, gain, shift, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    return gain * (x - mu) / np.sqrt(var + eps) + shift


def attention(x, weights):
    q, k, v = (x @ weights[name] for name in ("query", "key", "value"))
    heads = []
    for h in range(n_head):
        s = slice(h * C // n_head, (h + 1) * C // n_head)
        att = q[:, s] @ k[:, s].T / np.sqrt(C // n_head)
        att = np.where(np.tril(np.ones((T, T))) == 0, -1e9, att)
        heads.append(softmax(att) @ v[:, s])
    return np.concatenate(heads, axis=1) @ weights["proj"]


block = {name: rng.normal(size=(C, C)) * 0.2 for name in ("query", "key", "value", "proj")}
gain, shift = np.ones(C), np.zeros(C)
tokens = rng.normal(size=(T, C))
x = tokens
x = x + attention(layer_norm(x, gain, shift), block)
loss = (x**2).mean()
print(x.shape, x.dtype, "%.6f" % loss)
