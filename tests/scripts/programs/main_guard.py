#!/usr/bin/env python3
"""Polynomial fitting by gradient descent, as a command-line program."""

import argparse
import sys

import numpy as np


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--degree", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("out", nargs="?", default="-")
    return parser.parse_args(argv)


def make_data(n, rng):
    x = rng.uniform(-1, 1, n)
    return x, np.sin(3 * x) + 0.05 * rng.normal(size=n)


def main():
    args = parse_args()
    rng = np.random.default_rng(0)
    x, y = make_data(50, rng)
    powers = np.stack([x**k for k in range(args.degree + 1)], axis=1)
    coef = np.zeros(args.degree + 1)
    for epoch in range(args.epochs):
        prediction = powers @ coef
        residual = prediction - y
        loss = np.mean(residual**2)
        gradient = 2 * powers.T @ residual / len(x)
        coef -= args.lr * gradient
        if args.verbose and epoch % 25 == 0:
            print(f"[{epoch:3d}] loss={loss:.5f}")
    print("coefficients:", " ".join(f"{c:+.3f}" for c in coef))
    print("out:", args.out, file=sys.stderr)
    return 0 if loss < 0.5 else 1


if __name__ == "__main__":
    sys.exit(main())
