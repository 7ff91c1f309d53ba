# Is a gradient right? (f(x + h) − f(x − h)) / 2h is nearly the same, and twice the work: behind an if, for tests.
import numpy as np

CHECK = True


def f(x):
    return np.sin(x) * x


def numerical(f, x, h=0.01):
    return (f(x + h) - f(x - h)) / (2 * h)


x = 1.2
y = f(x)
if CHECK:
    y = numerical(f, x)
print(y, np.cos(x) * x + np.sin(x))
