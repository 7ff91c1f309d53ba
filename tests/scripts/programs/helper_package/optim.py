import numpy as np


class Momentum:
    def __init__(self, lr, mu):
        self.lr = lr
        self.mu = mu
        self.velocity = {}

    def step(self, parameters):
        for owner, name in parameters:
            value, grad = getattr(owner, name), getattr(owner, "d" + name)
            key = (id(owner), name)
            v = self.velocity.get(key, np.zeros_like(value))
            v = self.mu * v - self.lr * grad
            self.velocity[key] = v
            value += v
