# reshape and transpose permute: the gradient is rearranged back, no number changes.
import numpy as np

import gradviz as gv

x = gv.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
weights = gv.constant([[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]])
m = x.reshape(2, 3)
t = m.T
f = np.sum(t * weights)
f.backward()
print(x.grad)
