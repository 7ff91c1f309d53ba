"""Ends in an exception: the shapes of the second layer do not fit."""

import numpy as np

rng = np.random.default_rng(0)
W1 = rng.normal(size=(3, 4))
W2 = rng.normal(size=(5, 2))
x = np.array([1.0, 2.0, 3.0])


def layer(x, W):
    return np.tanh(x @ W)


hidden = layer(x, W1)
print("hidden", hidden.shape)
out = layer(hidden, W2)
print("never printed")
