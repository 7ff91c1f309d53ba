"""A two-layer network as a class, trained on XOR with backpropagation by hand."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class NeuralNetwork:
    def __init__(self, n_in, n_hidden, n_out, seed=1):
        rng = np.random.RandomState(seed)
        self.W1 = rng.randn(n_in, n_hidden) * 0.5
        self.b1 = np.zeros(n_hidden)
        self.W2 = rng.randn(n_hidden, n_out) * 0.5
        self.b2 = np.zeros(n_out)
        self.lr = 0.5

    def forward(self, X):
        self.z1 = X @ self.W1 + self.b1
        self.a1 = sigmoid(self.z1)
        self.z2 = self.a1 @ self.W2 + self.b2
        self.out = sigmoid(self.z2)
        return self.out

    def loss(self, X, y):
        diff = self.forward(X) - y
        return np.mean(diff**2)

    def backward(self, X, y):
        n = X.shape[0]
        d_out = 2 * (self.out - y) * self.out * (1 - self.out) / n
        self.dW2 = self.a1.T @ d_out
        self.db2 = d_out.sum(axis=0)
        d_hidden = d_out @ self.W2.T * self.a1 * (1 - self.a1)
        self.dW1 = X.T @ d_hidden
        self.db1 = d_hidden.sum(axis=0)

    def step(self):
        self.W1 -= self.lr * self.dW1
        self.b1 -= self.lr * self.db1
        self.W2 -= self.lr * self.dW2
        self.b2 -= self.lr * self.db2


X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [0.0]])
net = NeuralNetwork(2, 4, 1)
for epoch in range(500):
    loss = net.loss(X, y)
    net.backward(X, y)
    net.step()
    if epoch % 100 == 0:
        print(f"epoch {epoch:4d}  loss {loss:.6f}")
print(np.round(net.forward(X), 3).ravel())
