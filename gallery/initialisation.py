# Six tanh layers, begun with weights of zero, too large, or as Xavier says: the gradient is gone, explodes, or is sound.
import sys

import numpy as np

import gradviz as gv

WIDTH = 16
SCALES = {"zero": 0.0, "large": 3.0, "xavier": 1 / np.sqrt(WIDTH)}

rng = np.random.default_rng(224)
scale = SCALES[sys.argv[1] if len(sys.argv) > 1 else "xavier"]
x = gv.tensor(np.linspace(-1.0, 1.0, WIDTH))

h = x
for k in range(1, 7):
    W = gv.tensor(scale * rng.standard_normal((WIDTH, WIDTH)), name=f"W{k}", parameter=True)
    h = np.tanh(W @ h)
    h.name = f"h{k}"
f = np.sum(h)
f.backward()
print(f.value)
