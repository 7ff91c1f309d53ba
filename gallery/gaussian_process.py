# A Gaussian process: the log likelihood of its length scale and noise, through a Cholesky factor and a solve.
import numpy as np

points = np.linspace(0.0, 3.0, 6)
seen = np.sin(points)
length = 0.8
noise = 0.1

distance = (points[:, None] - points[None, :]) ** 2
K = np.exp(-0.5 * distance / length**2) + noise**2 * np.eye(6)
L = np.linalg.cholesky(K)
white = np.linalg.solve(L, seen)
fit = 0.5 * white @ white
loss = fit + np.log(np.diag(L)).sum()
print(f"{loss:.4f}")
