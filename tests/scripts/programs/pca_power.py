"""The first principal component by power iteration."""

import numpy as np

rs = np.random.RandomState(4)
data = rs.randn(30, 3) @ np.array([[2.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.2, 0.1, 0.3]])
centred = data - data.mean(axis=0)
cov = centred.T @ centred / (len(data) - 1)
v = np.ones(3) / np.sqrt(3)
for _ in range(15):
    w = cov @ v
    v = w / np.linalg.norm(w)
eigenvalue = v @ cov @ v
explained = eigenvalue / np.trace(cov)
print("direction", np.round(np.abs(v), 4))
print("eigenvalue %.6f, explained %.2f%%" % (eigenvalue, 100 * explained))
