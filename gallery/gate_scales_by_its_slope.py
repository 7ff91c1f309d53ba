# A power scales by its slope: x³ has the slope 3x².
x = 2.0
h = x**3
f = 0.5 * h
print(f)
