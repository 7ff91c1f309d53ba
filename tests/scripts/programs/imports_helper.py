"""The network lives in a module and a package beside this script."""

import helper_layers as layers
from helper_package import optim
from helper_package.losses import mean_squared_error
import numpy as np

rng = np.random.default_rng(9)
model = layers.Sequential([layers.Dense(2, 6, rng), layers.Tanh(), layers.Dense(6, 1, rng)])
inputs = rng.normal(size=(12, 2))
targets = inputs[:, :1] * inputs[:, 1:]
optimizer = optim.Momentum(lr=0.1, mu=0.8)
for epoch in range(60):
    outputs = model.forward(inputs)
    loss, gradient = mean_squared_error(outputs, targets)
    model.backward(gradient)
    optimizer.step(model.parameters())
    if epoch % 20 == 0:
        print(epoch, "{:.6f}".format(loss))
print(layers.__name__, optim.__name__, len(model.parameters()))
