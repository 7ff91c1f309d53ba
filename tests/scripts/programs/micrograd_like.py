"""A multilayer perceptron of neuron objects with plain numbers, and its gradient by finite differences."""

import math
import random

random.seed(1337)


class Neuron:
    def __init__(self, n_inputs, nonlinear=True):
        self.w = [random.uniform(-1, 1) for _ in range(n_inputs)]
        self.b = 0.0
        self.nonlinear = nonlinear

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return math.tanh(act) if self.nonlinear else act

    def parameters(self):
        return self.w + [self.b]


class Layer:
    def __init__(self, n_inputs, n_outputs, **kwargs):
        self.neurons = [Neuron(n_inputs, **kwargs) for _ in range(n_outputs)]

    def __call__(self, x):
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


class MLP:
    def __init__(self, n_inputs, sizes):
        dims = [n_inputs] + sizes
        self.layers = [Layer(dims[i], dims[i + 1], nonlinear=i != len(sizes) - 1) for i in range(len(sizes))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


model = MLP(3, [4, 4, 1])
xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
ypred = [model(x) for x in xs]
loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
print(len(model.parameters()), "parameters")
print([f"{p:.4f}" for p in ypred])
print(loss, loss > 0, max(ypred), min(ypred))
