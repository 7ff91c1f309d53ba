"""Newton's method for Kepler's equation."""

from math import cos, pi, sin

M = 0.8
e = 0.3


def f(E):
    return E - e * sin(E) - M


def fprime(E):
    return 1 - e * cos(E)


E = M
for k in range(20):
    step = f(E) / fprime(E)
    E = E - step
    print(k, "%.12f" % E)
    if abs(step) < 1e-12:
        break
else:
    raise RuntimeError("no convergence")
radius = 1.0 - e * cos(E)
print(radius, E % (2 * pi) > 0)
