"""Recursive evaluation: a polynomial by Horner, an expression tree, and a continued fraction."""

import math


def horner(coefficients, x):
    if not coefficients:
        return 0.0
    return coefficients[0] + x * horner(coefficients[1:], x)


def fraction(terms, depth=0):
    if depth == len(terms) - 1:
        return terms[depth]
    return terms[depth] + 1 / fraction(terms, depth + 1)


def evaluate(tree, env):
    match tree:
        case ("+", left, right):
            return evaluate(left, env) + evaluate(right, env)
        case ("*", left, right):
            return evaluate(left, env) * evaluate(right, env)
        case ("sin", inner):
            return math.sin(evaluate(inner, env))
        case str() as name:
            return env[name]
        case number:
            return number


coefficients = [1.0, -0.5, 0.25, 2.0]
x = 1.3
y = horner(coefficients, x)
z = fraction([1.5, 2.5, 3.5])
env = {"x": x, "y": y}
f = evaluate(("+", ("*", "x", "y"), ("sin", ("*", "x", 2.0))), env) + z
print(y, z)
print("f = %r" % f)
