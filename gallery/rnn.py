# A recurrent net of four steps: the gradient flows back through all of them.
import numpy as np

rng = np.random.default_rng(7)
W = 0.8 * rng.standard_normal((3, 3))
U = 0.5 * rng.standard_normal((3, 2))
seen = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, -0.5]])

start = np.zeros(3)
h = start
for t in range(4):
    h = np.tanh(W @ h + U @ seen[t])
loss = (h * h).sum()
print(f"{loss:.4f}")
