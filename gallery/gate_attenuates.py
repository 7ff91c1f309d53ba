# sigmoid attenuates: its slope is never above ¼, so less comes out than went in.
import gradviz as gv

x = gv.tensor(2.0)
h = gv.sigmoid(x)
f = 3.0 * h
f.backward()
print(x.grad)
