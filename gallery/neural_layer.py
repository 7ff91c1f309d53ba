# The lecture's neural layer: s = uᵀf(Wx + b), with f = tanh.
import numpy as np

rng = np.random.default_rng(224)
W = 0.5 * rng.standard_normal((4, 3))
b = np.zeros(4)
u = 0.5 * rng.standard_normal(4)
x = np.array([1.0, -2.0, 0.5])

z = W @ x + b
h = np.tanh(z)
s = u @ h
print(f"{s:.4f}")
