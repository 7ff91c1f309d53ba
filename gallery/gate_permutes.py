# reshape and transpose permute: the gradient is rearranged back, no number changes.
import numpy as np

x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
m = x.reshape(2, 3)
t = m.T
f = np.sum(t * np.array([[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]]))
print(f)
