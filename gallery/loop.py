# Wx by two loops: an op for each product and each sum. Compare vectorised.py.
import time

import numpy as np

W = np.array([[0.1, 0.5], [-0.3, 0.8]])
x = np.array([0.2, 0.4])

start = time.perf_counter()
z = []
for i in range(2):
    total = 0.0
    for j in range(2):
        total = total + W[i, j] * x[j]
    z.append(total)
f = z[0] ** 2 + z[1] ** 2
print(f"{f:.4f} in {1e6 * (time.perf_counter() - start):.0f} µs")
