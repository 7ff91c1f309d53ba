# Broadcasting sums: what comes back to the copies is added up.
import numpy as np

import gradviz as gv

b = gv.tensor([0.5, -0.5])
weights = gv.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
rows = np.broadcast_to(b, (3, 2))
f = np.sum(rows * weights)
f.backward()
print(b.grad)
