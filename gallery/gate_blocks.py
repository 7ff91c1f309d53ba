# detach blocks: the value goes forward, and no gradient comes back.
import gradviz as gv

x = gv.tensor(3.0)
y = gv.tensor(4.0)
d = gv.detach(y)
f = x * d
f.backward()
print(x.grad, y.grad)
