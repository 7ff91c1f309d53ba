# mean splits evenly: each of n elements gets an n-th of what comes from above.
import numpy as np

x = np.array([1.0, 2.0, 3.0, 6.0])
m = np.mean(x)
f = 2.0 * m
print(f)
