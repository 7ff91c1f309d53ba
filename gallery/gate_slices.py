# concatenate slices: each part gets its own piece of what comes from above.
import numpy as np

x = np.array([1.0, 2.0])
y = np.array([3.0])
c = np.concatenate([x, y])
f = np.sum(c * np.array([5.0, 6.0, 7.0]))
print(f)
