"""Samples of `tracer/ops/arithmetic.py`."""

import operator

import numpy as np

from . import Sample

V = np.array([0.7, -1.3, 2.4, -0.6])
W = np.array([1.9, 0.83, -1.1, -2.3])
POSITIVE = np.array([0.7, 1.3, 2.4, 0.6])
MATRIX = np.array([[0.5, -1.2, 3.1], [2.2, 0.9, -0.4]])
ROW = np.array([1.4, -0.7, 2.6])
COLUMN = np.array([[1.7], [-0.3]])

#: Shapes that meet by broadcasting, for every op of two operands: where one is a number, a row, a column, stretched.
PAIRS = [(V, W), (MATRIX, ROW), (COLUMN, ROW), (MATRIX, 1.6), (-0.83, MATRIX), (ROW, np.array([[2.3]])), (1.2, -0.9)]


def pairs(f):
    """The op on each pair of shapes, operands of either sign."""
    return [Sample(f, pair) for pair in PAIRS]


def positive_pairs(f):
    """The op on each pair of shapes, all operands positive."""
    return [Sample(f, (abs(x), abs(y))) for x, y in PAIRS]


SAMPLES = {
    "add": [*pairs(operator.add), *pairs(np.add), Sample(lambda x: x + 2, (V,)), Sample(lambda x: 2 + x, (V,))],
    "subtract": [*pairs(operator.sub), *pairs(np.subtract), Sample(lambda x: 3 - x, (MATRIX,))],
    "multiply": [
        *pairs(operator.mul),
        *pairs(np.multiply),
        Sample(lambda x: x * x, (V,)),
        Sample(lambda x: 3 * x, (V,)),
    ],
    "divide": [
        *pairs(operator.truediv),
        *pairs(np.divide),
        *pairs(np.true_divide),
        Sample(lambda x: 1 / x, (V,)),
        Sample(lambda x: x / 4, (V,)),
    ],
    "power": [
        *positive_pairs(operator.pow),
        *positive_pairs(np.power),
        Sample(lambda x: x**2, (V,)),
        Sample(lambda x: x**3, (-1.5,)),
        Sample(lambda x: x**-1, (V,)),
        Sample(lambda x: x**0.5, (POSITIVE,)),
        Sample(lambda x: x**0, (V,), note="the slope is 0 everywhere, at x = 0 as well"),
        Sample(lambda x: x**1, (np.array([0.0, 2.0]),), note="0 to the power 0 in the slope"),
        Sample(lambda x: x**2, (np.array([0.0, -2.0]),), note="0 to the power 0 in the second slope"),
        Sample(lambda x: x ** np.array([0, 1, 2, 3]), (V,), note="integer exponents are constants"),
        Sample(lambda y: 2**y, (V,)),
        Sample(lambda y: 2.0**y, (-1.5,)),
    ],
    "float_power": [*positive_pairs(np.float_power), Sample(lambda x: np.float_power(x, 3), (V,))],
    "square": [Sample(np.square, (V,)), Sample(np.square, (1.5,))],
    "negative": [Sample(operator.neg, (V,)), Sample(np.negative, (MATRIX,)), Sample(operator.neg, (1.5,))],
    "positive": [Sample(operator.pos, (V,)), Sample(np.positive, (MATRIX,))],
    "absolute": [Sample(abs, (V,)), Sample(np.abs, (MATRIX,)), Sample(np.fabs, (V,)), Sample(abs, (-1.5,))],
    "reciprocal": [Sample(np.reciprocal, (V,))],
    "modf": [Sample(np.modf, (V,)), Sample(lambda x: np.modf(x)[0], (-1.5,))],
    "frexp": [Sample(lambda x: np.frexp(x * x)[0], (V,)), Sample(lambda x: np.frexp(x)[0], (np.array([0.3, 5.0]),))],
    "remainder": [
        Sample(lambda x: np.divmod(x, 2.0), (V,)),
        Sample(lambda x: divmod(7.3, x), (W,)),
        *pairs(operator.mod),
        *pairs(np.remainder),
        Sample(lambda x: x % 2, (V,)),
        Sample(lambda y: 7.3 % y, (W,)),
    ],
}
