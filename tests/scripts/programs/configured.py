"""Ridge regression on radial basis functions; the experiment is described by an INI text and a JSON override."""
import configparser
import json
from types import SimpleNamespace

import numpy as np

DEFAULTS = """
[data]
points = 24
noise = 0.05
seed = 3

[model]
centres = 6
width = 0.35
ridge = 1e-2
"""
OVERRIDE = '{"model": {"centres": 5, "ridge": 0.02}}'


def load_config(text, override):
    parser = configparser.ConfigParser()
    parser.read_string(text)
    parser.read_dict({s: {k: str(v) for k, v in d.items()} for s, d in json.loads(override).items()})
    return SimpleNamespace(
        data=SimpleNamespace(points=parser.getint("data", "points"), noise=parser.getfloat("data", "noise"),
                             seed=parser.getint("data", "seed")),
        model=SimpleNamespace(centres=parser.getint("model", "centres"), width=parser.getfloat("model", "width"),
                              ridge=parser.getfloat("model", "ridge")),
    )


def rbf_design(x, centres, width):
    Phi = np.exp(-((x[:, None] - centres[None, :]) ** 2) / (2 * width ** 2))
    return np.c_[np.ones(len(x)), Phi]


config = load_config(DEFAULTS, OVERRIDE)
random = np.random.RandomState(config.data.seed)
x = np.sort(random.uniform(-1, 1, config.data.points))
y = np.sin(np.pi * x) + config.data.noise * random.randn(config.data.points)
centres = np.linspace(-1, 1, config.model.centres)
width = config.model.width
Phi = rbf_design(x, centres, width)
A = Phi.T @ Phi + config.model.ridge * np.identity(Phi.shape[1])
weights = np.linalg.solve(A, Phi.T @ y)
hat = Phi @ np.linalg.inv(A) @ Phi.T
residual = y - Phi @ weights
gcv = np.mean(residual ** 2) / (1 - np.trace(hat) / len(x)) ** 2
sign, logdet = np.linalg.slogdet(A)
report = {"gcv": float(gcv), "logdet": round(float(logdet), 6), "dof": np.trace(hat).item(), "config": vars(config.model)}
print(json.dumps(report, indent=1, sort_keys=True))
