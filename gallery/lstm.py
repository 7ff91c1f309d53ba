# An LSTM unrolled over 50 steps: the cell carries the gradient back through all of them.
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(x, h, c):
    z = W @ np.concatenate([h, x]) + b
    i, f, o = sigmoid(z[:4]), sigmoid(z[4:8] + 2), sigmoid(z[8:12])  # f begins open: else the gradient vanishes
    c = f * c + i * np.tanh(z[12:])
    h = o * np.tanh(c)
    return h, c


rng = np.random.default_rng(224)
xs = np.sin(np.arange(150.0)).reshape(50, 3)
W = 0.4 * rng.standard_normal((16, 7))
b = np.zeros(16)
h0 = np.zeros(4)
c0 = np.zeros(4)

h, c = h0, c0
for t in range(50):
    h, c = step(xs[t], h, c)
loss = (h**2).sum()
print(f"{loss:.6f}")
