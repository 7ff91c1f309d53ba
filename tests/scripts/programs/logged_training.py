"""A binary classifier with the logging module, early stopping, and a learning-rate schedule."""
import logging
import sys
import time
import warnings

import numpy as np

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s:%(name)s:%(funcName)s: %(message)s")
log = logging.getLogger("train")


class StopEarly(Exception):
    pass


class Patience:
    def __init__(self, patience=5, min_delta=1e-4):
        self.best = float("inf")
        self.bad = 0
        self.patience, self.min_delta = patience, min_delta

    def update(self, loss):
        if loss < self.best - self.min_delta:
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.bad >= self.patience:
            raise StopEarly(f"no improvement over {self.best:.5f}")


def two_moons(n, rng, noise=0.15):
    angle = rng.uniform(0, np.pi, n)
    label = (np.arange(n) % 2).astype(np.float64)
    x = np.where(label == 0, np.cos(angle), 1 - np.cos(angle))
    y = np.where(label == 0, np.sin(angle), 0.5 - np.sin(angle))
    return np.c_[x, y] + noise * rng.standard_normal((n, 2)), label


def features(X):
    return np.hstack([np.ones((len(X), 1)), X, X ** 2, (X[:, 0] * X[:, 1])[:, None]])


def cosine_schedule(step, total, base=0.5):
    return base * 0.5 * (1 + np.cos(np.pi * step / total))


def train(X, t, epochs=60):
    rng = np.random.default_rng(0)
    w = rng.normal(0, 0.1, X.shape[1])
    stopper = Patience()
    started = time.perf_counter()
    try:
        for epoch in range(epochs):
            p = 1 / (1 + np.exp(-X @ w))
            nll = -(t * np.log(p) + (1 - t) * np.log1p(-p)).mean()
            lr = cosine_schedule(epoch, epochs)
            grad = X.T @ (p - t) / len(t)
            w = w - lr * grad
            stopper.update(nll)
            if epoch % 20 == 0:
                log.info("epoch %d lr %.3f nll %.5f |grad| %.4f", epoch, lr, nll, np.linalg.norm(grad))
                log.debug("weights %s", w)
    except StopEarly as stop:
        log.warning("stopped at epoch %d: %s", epoch, stop)
    assert time.perf_counter() - started < 60
    return w, nll


rng = np.random.default_rng(1)
points, label = two_moons(80, rng)
w, nll = train(features(points), label)
hits = ((features(points) @ w > 0) == (label == 1)).mean()
log.info("accuracy %.3f", hits)
if hits < 0.9:
    warnings.warn("the classes overlap")
print("final nll %.6f" % nll)
