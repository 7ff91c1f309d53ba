# Indexing scatters: the gradient lands on the places that were read, summed where one was read twice; the rest get 0.
import numpy as np

x = np.array([10.0, 20.0, 30.0, 40.0])
picked = x[[0, 2, 2]]
f = np.sum(picked)
print(f)
