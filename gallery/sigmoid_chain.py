# Eight sigmoid layers, one after the other: each multiplies the gradient by at most ¼, and it vanishes.
import gradviz as gv

x = gv.tensor(0.5)
weights = [1.1, 1.2, 1.0, 1.1, 1.2, 1.0, 1.1, 1.2]

h = x
for k, weight in enumerate(weights, 1):
    w = gv.tensor(weight, name=f"w{k}", parameter=True)
    z = w * h
    h = gv.sigmoid(z)
    z.name, h.name = f"z{k}", f"h{k}"
h.backward()
print(x.grad)
