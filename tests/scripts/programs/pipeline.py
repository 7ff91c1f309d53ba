"""Functional data pipeline: partial, reduce, chain, accumulate, context managers and generators."""
import contextlib
import itertools
import math
import operator
from functools import lru_cache, partial, reduce, singledispatch

import numpy as np


def scale(factor, values):
    return [factor * v for v in values]


def shift(offset, values):
    return [v + offset for v in values]


def squash(f, values):
    return list(map(f, values))


def pipe(*stages):
    return lambda x: reduce(lambda acc, stage: stage(acc), stages, x)


@contextlib.contextmanager
def section(title, depth=[0]):
    print("  " * depth[0] + "begin " + title)
    depth[0] += 1
    try:
        yield title.upper()
    finally:
        depth[0] -= 1
        print("  " * depth[0] + "end " + title)


def sliding(iterable, n):
    its = itertools.tee(iterable, n)
    for i, it in enumerate(its):
        next(itertools.islice(it, i, i), None)
    return zip(*its)


def ema(values, decay):
    state = None
    for v in values:
        state = v if state is None else decay * state + (1 - decay) * v
        yield state


@singledispatch
def energy(x):
    return x * x


@energy.register
def _(x: list):
    return math.fsum(energy(v) for v in x)


@lru_cache(maxsize=None)
def binomial(n, k):
    return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)


gain = 1.5
bias = -0.25
decay = 0.6
signal = [0.2, -0.4, 0.9, 1.3, -0.7]
process = pipe(partial(scale, gain), partial(shift, bias), partial(squash, math.tanh))
with section("pipeline") as title, contextlib.suppress(ZeroDivisionError):
    print(title)
    out = process(signal)
    smooth = list(ema(out, decay))
    with section("statistics"):
        total = sum(smooth)
        running = list(itertools.accumulate(smooth))
        product = reduce(operator.mul, (1 + s for s in smooth))
        diffs = [b - a for a, b in sliding(smooth, 2)]
        print(["%.4f" % r for r in running])
    unreached = 1 / (len(out) - len(signal))
bernstein = sum(binomial(4, k) * s * decay**k * (1 - decay) ** (4 - k) for k, s in enumerate(smooth))
roughness = math.sqrt(sum(d**2 for d in diffs))
chained = list(itertools.chain.from_iterable([out, smooth]))
score = energy(chained) + bernstein * product - roughness * max(out, key=abs) + total
print(len(chained), sorted(chained)[0] < 0, all(abs(c) < 2 for c in chained))
print(f"{bernstein:.6f} {roughness:.6f} {score:.6f}")
