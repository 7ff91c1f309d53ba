# A chain of 100,000 ops: nothing recurses, and it is drawn as the two lines that made it.
import numpy as np

x = 0.5
w = 1.0
h = x
for _ in range(50_000):
    h = w * h
    h = np.sin(h)
print(h)
