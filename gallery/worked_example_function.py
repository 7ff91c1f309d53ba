# The lecture's worked example, f = (x + y)·max(y, z), as a function that gv.trace runs.
import gradviz as gv


def f(x, y, z):
    a = x + y
    b = max(y, z)
    return a * b


graph = gv.trace(f, 1.0, 2.0, 0.0)
print(graph.output.value, graph.gradients())
