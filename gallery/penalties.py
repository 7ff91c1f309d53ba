# L2 pulls each weight towards 0 by its size, L1 by the same amount whatever its size.
import numpy as np

w = np.array([2.0, -0.5, 0.1])
l2 = 0.5 * np.sum(w**2)
l1 = np.sum(np.abs(w))
penalty = l2 + l1
print(penalty)
