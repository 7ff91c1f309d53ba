# The lecture's worked example, f = (x + y)·max(y, z), in plain Python: it does not know of gradviz.
x = 1.0
y = 2.0
z = 0.0
a = x + y
b = max(y, z)
f = a * b
print(f)
