"""Minibatches from a generator; stochastic gradient descent on least squares."""

import itertools

import numpy as np


def minibatches(X, y, size, rng):
    while True:
        order = rng.permutation(len(X))
        for start in range(0, len(X), size):
            index = order[start : start + size]
            yield X[index], y[index]


def running_mean():
    total, count = 0.0, 0
    value = yield
    while True:
        total += value
        count += 1
        value = yield total / count


rng = np.random.default_rng(5)
features = rng.normal(size=(64, 4))
target = features @ np.array([1.0, 0.5, -1.0, 2.0]) + 0.1 * rng.normal(size=64)
theta = np.zeros(4)
mean = running_mean()
next(mean)
for batch, (xb, yb) in enumerate(itertools.islice(minibatches(features, target, 16, rng), 120)):
    residual = xb @ theta - yb
    loss = 0.5 * np.mean(residual**2)
    average = mean.send(float(loss))
    theta = theta - 0.1 * xb.T @ residual / len(xb)
    if batch % 40 == 0:
        print(batch, round(average, 5), [round(t, 3) for t in theta.tolist()])
print(np.array2string(theta, precision=4))
