# A classifier with two hidden layers: relu, softmax with cross-entropy spelled out, and an L2 penalty on the weights.
import numpy as np


def layer(x, W, b):
    z = x @ W + b
    h = np.maximum(z, 0)
    return h


def log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    logp = shifted - np.log(total)
    return logp


def cross_entropy(scores, labels):
    logp = log_softmax(scores)
    right = logp[np.arange(len(labels)), labels]
    return -right.mean()


def penalty(*weights):
    return 0.01 * sum((W**2).sum() for W in weights)


rng = np.random.default_rng(224)
X = np.array([[1.0, 0.2], [0.9, -0.3], [-0.6, 0.8], [-0.4, 1.1], [-0.5, -0.9], [-0.7, -0.6]])
labels = np.array([0, 0, 1, 1, 2, 2])
W1 = 0.7 * rng.standard_normal((2, 6))
b1 = np.zeros(6)
W2 = 0.5 * rng.standard_normal((6, 5))
b2 = np.zeros(5)
W3 = 0.5 * rng.standard_normal((5, 3))
b3 = np.zeros(3)

h1 = layer(X, W1, b1)
h2 = layer(h1, W2, b2)
scores = h2 @ W3 + b3
loss = cross_entropy(scores, labels) + penalty(W1, W2, W3)
print(f"{loss:.4f}")
