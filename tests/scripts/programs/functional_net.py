"""A network of pure functions: parameters are a dict, and every update makes a new one."""

import numpy as np


def init_params(sizes, rng):
    params = {}
    for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:])):
        params[f"W{i}"] = rng.normal(0, 1 / np.sqrt(m), (m, n))
        params[f"b{i}"] = np.zeros(n)
    return params


def predict(params, x):
    hidden = np.tanh(x @ params["W0"] + params["b0"])
    return hidden @ params["W1"] + params["b1"], hidden


def loss_fn(params, x, y):
    out, _ = predict(params, x)
    return ((out - y) ** 2).mean()


def grad_fn(params, x, y):
    out, hidden = predict(params, x)
    d = 2 * (out - y) / out.size
    dh = d @ params["W1"].T * (1 - hidden**2)
    return {"W1": hidden.T @ d, "b1": d.sum(0), "W0": x.T @ dh, "b0": dh.sum(0)}


def update(params, grads, lr):
    return {k: v - lr * grads[k] for k, v in params.items()}


rng = np.random.default_rng(42)
x = np.linspace(-2, 2, 40).reshape(-1, 1)
y = np.sin(2 * x)
params = init_params([1, 8, 1], rng)
for step in range(300):
    grads = grad_fn(params, x, y)
    params = update(params, grads, 0.1)
    if step % 100 == 99:
        print("step", step, "loss", float(loss_fn(params, x, y)))
final = loss_fn(params, x, y)
print("final loss: %.8f" % final)
print({k: v.shape for k, v in params.items()})
