# sum broadcasts: each element gets what comes from above.
import numpy as np

x = np.array([1.0, 2.0, 3.0])
s = np.sum(x)
f = 2.0 * s
print(f)
