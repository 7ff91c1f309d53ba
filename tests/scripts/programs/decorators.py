"""Decorated functions: logging, caching, and a registry of activations."""

import functools
import math

ACTIVATIONS = {}


def activation(name):
    def register(f):
        ACTIVATIONS[name] = f
        return f

    return register


def logged(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        result = f(*args, **kwargs)
        print(f"{f.__name__} -> {result:.5f}")
        return result

    return wrapper


@activation("sigmoid")
def sigmoid(x):
    return 1 / (1 + math.exp(-x))


@activation("softplus")
def softplus(x):
    return math.log1p(math.exp(x))


@activation("gauss")
def gauss(x):
    return math.exp(-(x**2))


@functools.lru_cache(maxsize=None)
def factorial(n):
    return 1 if n == 0 else n * factorial(n - 1)


@logged
def taylor_sine(x, terms=6):
    return sum((-1) ** k * x ** (2 * k + 1) / factorial(2 * k + 1) for k in range(terms))


@logged
def mixture(x, weights):
    return sum(w * ACTIVATIONS[name](x) for name, w in weights.items())


x = 0.7
weights = {"sigmoid": 0.5, "softplus": -1.2, "gauss": 2.0}
series = taylor_sine(x)
exact = math.sin(x)
blend = mixture(x, weights)
value = blend * series + math.hypot(x, exact) - math.pow(x, 3) / math.sqrt(x)
print(abs(series - exact) < 1e-9, sorted(ACTIVATIONS))
print(value, taylor_sine.__name__, math.isclose(series, exact), math.floor(value))
