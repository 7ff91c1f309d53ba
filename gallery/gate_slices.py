# concatenate slices: each part gets its own piece of what comes from above.
import numpy as np

import gradviz as gv

x = gv.tensor([1.0, 2.0])
y = gv.tensor([3.0])
weights = gv.constant([5.0, 6.0, 7.0])
c = np.concatenate([x, y])
f = np.sum(c * weights)
f.backward()
print(x.grad, y.grad)
