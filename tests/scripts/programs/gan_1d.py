#!/usr/bin/env python
"""GAN on one-dimensional data, pure numpy."""
import argparse
import sys

import numpy as np


def parse_args(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--num-steps", type=int, default=30, help="the number of training steps to take")
    parser.add_argument("--hidden-size", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--log-every", type=int, default=10)
    return parser.parse_args(argv)


class DataDistribution(object):
    def __init__(self):
        self.mu = 4
        self.sigma = 0.5

    def sample(self, N):
        samples = np.random.normal(self.mu, self.sigma, N)
        samples.sort()
        return samples


class GeneratorDistribution(object):
    def __init__(self, range):
        self.range = range

    def sample(self, N):
        return np.linspace(-self.range, self.range, N) + np.random.random(N) * 0.01


def linear(x, p):
    w, b = p
    return x @ w + b


def softplus(x):
    return np.logaddexp(0, x)


def generator(z, p):
    h = softplus(linear(z, p[0]))
    return linear(h, p[1]), h


def discriminator(x, p):
    h = np.tanh(linear(x, p[0]))
    return 1 / (1 + np.exp(-linear(h, p[1]))), h


def d_grads(x, h, p, dlogit):
    (w0, b0), (w1, b1) = p
    dh = dlogit @ w1.T * (1 - h * h)
    return [(x.T @ dh, dh.sum(0)), (h.T @ dlogit, dlogit.sum(0))], dh @ w0.T


def log(x):
    return np.log(np.maximum(x, 1e-5))


def apply(p, g, lr):
    return [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(p, g)]


def train(args):
    data, gen = DataDistribution(), GeneratorDistribution(range=8)
    n, H = args.batch_size, args.hidden_size
    G = [(np.random.randn(1, H) * .1, np.zeros(H)), (np.random.randn(H, 1) * .1, np.zeros(1))]
    D = [(np.random.randn(1, H) * .5, np.zeros(H)), (np.random.randn(H, 1) * .5, np.zeros(1))]
    for step in range(args.num_steps + 1):
        # update discriminator
        x, z = data.sample(n).reshape(-1, 1), gen.sample(n).reshape(-1, 1)
        fake, _ = generator(z, G)
        D1, h1 = discriminator(x, D)
        D2, h2 = discriminator(fake, D)
        loss_d = np.mean(-log(D1) - log(1 - D2))
        g1, _ = d_grads(x, h1, D, (D1 - 1) / n)
        g2, _ = d_grads(fake, h2, D, D2 / n)
        D = apply(D, [(a + c, b + d) for (a, b), (c, d) in zip(g1, g2)], args.lr)

        # update generator
        z = gen.sample(n).reshape(-1, 1)
        fake, hg = generator(z, G)
        D2, h2 = discriminator(fake, D)
        loss_g = np.mean(-log(D2))
        _, dfake = d_grads(fake, h2, D, (D2 - 1) / n)
        dh = dfake @ G[1][0].T * (1 - np.exp(-hg))
        G = apply(G, [(z.T @ dh, dh.sum(0)), (hg.T @ dfake, dfake.sum(0))], args.lr)
        if step % args.log_every == 0:
            print('{}: {:.4f}\t{:.4f}'.format(step, loss_d, loss_g))
            sys.stdout.flush()
    return G, D


def main(args):
    np.random.seed(42)
    train(args)


if __name__ == '__main__':
    main(parse_args())
