"""A convolution and max pooling written with loops that fill arrays."""

import numpy as np


def conv2d(image, kernel, bias):
    h, w = image.shape
    kh, kw = kernel.shape
    out = np.zeros((h - kh + 1, w - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + kh, j : j + kw] * kernel) + bias
    return out


def max_pool(x, size=2):
    pooled = np.empty((x.shape[0] // size, x.shape[1] // size))
    for i in range(pooled.shape[0]):
        for j in range(pooled.shape[1]):
            pooled[i, j] = x[i * size : (i + 1) * size, j * size : (j + 1) * size].max()
    return pooled


rng = np.random.default_rng(21)
image = rng.normal(size=(6, 6))
kernel = rng.normal(size=(3, 3)) * 0.3
bias = 0.1
features = np.maximum(conv2d(image, kernel, bias), 0)
pooled = max_pool(features)
readout = np.array([[0.5, -0.25], [1.0, 0.75]])
score = (pooled * readout).sum()
print(features.shape, pooled.shape)
print(np.round(pooled, 4))
print("score", score)
