"""Gaussian process regression: the log marginal likelihood of an RBF kernel."""

import numpy as np
from numpy.linalg import cholesky, solve

length_scale = 0.8
signal = 1.2
noise = 0.1
x_train = np.linspace(0, 5, 8)
y_train = np.sin(x_train)
x_test = np.array([0.5, 2.2, 4.1])


def rbf(a, b):
    sq = (a[:, None] - b[None, :]) ** 2
    return signal**2 * np.exp(-0.5 * sq / length_scale**2)


K = rbf(x_train, x_train) + noise**2 * np.eye(len(x_train))
L = cholesky(K)
alpha = solve(L.T, solve(L, y_train))
mean = rbf(x_test, x_train) @ alpha
lml = -0.5 * y_train @ alpha - np.sum(np.log(np.diag(L))) - 0.5 * len(x_train) * np.log(2 * np.pi)
print("mean:", np.round(mean, 4))
print("log marginal likelihood: {:.6f}".format(lml))
