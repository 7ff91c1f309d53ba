"""Layers as dataclasses with typed fields."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass
class Linear:
    weight: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return x @ self.weight + self.bias

    @property
    def n_params(self) -> int:
        return self.weight.size + self.bias.size


@dataclass(frozen=True)
class Config:
    scale: float = 0.3
    decay: float = 0.01


@dataclass
class Model:
    config: Config
    layers: list[Linear] = field(default_factory=list)

    def add(self, n_in: int, n_out: int, rng: np.random.Generator) -> "Model":
        self.layers.append(Linear(rng.normal(size=(n_in, n_out)) * self.config.scale, np.zeros(n_out)))
        return self

    def __call__(self, x):
        for layer in self.layers[:-1]:
            x = np.maximum(0, layer(x))
        return self.layers[-1](x)

    def penalty(self):
        return self.config.decay * sum(np.sum(layer.weight**2) for layer in self.layers)


rng = np.random.default_rng(11)
model = Model(Config()).add(3, 5, rng).add(5, 1, rng)
batch = rng.normal(size=(6, 3))
goal = rng.normal(size=(6, 1))
prediction = model(batch)
data_loss = np.mean((prediction - goal) ** 2)
loss = data_loss + model.penalty()
print([layer.n_params for layer in model.layers], isinstance(model.layers[0].weight, np.ndarray))
print(replace(model.config, scale=0.5))
print(f"{data_loss:.6f} {loss:.6f}")
