# relu gates: it lets through where the input is above 0, and nothing where it is not.
import gradviz as gv

x = gv.tensor([-1.0, 0.5, 2.0])
h = gv.relu(x)
f = h.sum()
f.backward()
print(x.grad)
