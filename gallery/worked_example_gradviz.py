# The lecture's worked example, f = (x + y)·max(y, z), by a script that uses gradviz itself.
import gradviz as gv

x = gv.tensor(1.0)
y = gv.tensor(2.0)
z = gv.tensor(0.0)
a = x + y
b = gv.np.maximum(y, z)
f = a * b
f.backward()
print(f.value, x.grad, y.grad, z.grad)
