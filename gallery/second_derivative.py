# A second derivative: the rules themselves are recorded, so the gradient of sin(x)·x has a graph of its own.
import numpy as np

import gradviz as gv


def f(x):
    return np.sin(x) * x


graph = gv.trace(gv.grad(f), 1.2)
print(graph.gradients())
