"""Softmax regression with a hand-written Adam, parameters in a dict."""

import json

import numpy as np


class Adam:
    def __init__(self, params, lr=0.05, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = {k: np.zeros_like(v) for k, v in params.items()}
        self.v = {k: np.zeros_like(v) for k, v in params.items()}
        self.t = 0

    def update(self, params, grads):
        self.t += 1
        for k in params:
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * grads[k]
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * grads[k] ** 2
            m_hat = self.m[k] / (1 - self.beta1**self.t)
            v_hat = self.v[k] / (1 - self.beta2**self.t)
            params[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


rng = np.random.default_rng(6)
N, D, C = 30, 4, 3
X = rng.normal(size=(N, D))
labels = np.argmax(X[:, :C] + 0.1 * rng.normal(size=(N, C)), axis=1)
params = {"W": 0.01 * rng.normal(size=(D, C)), "b": np.zeros(C)}
optimizer = Adam(params)
for step in range(150):
    scores = X @ params["W"] + params["b"]
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[np.arange(N), labels].mean() + 1e-3 * np.sum(params["W"] ** 2)
    delta = np.exp(log_probs)
    delta[np.arange(N), labels] -= 1
    delta /= N
    grads = {"W": X.T @ delta + 2e-3 * params["W"], "b": delta.sum(axis=0)}
    optimizer.update(params, grads)
    if step % 50 == 0:
        print(json.dumps({"step": step, "loss": round(float(loss), 6)}))
accuracy = (np.argmax(X @ params["W"] + params["b"], axis=1) == labels).mean()
print(json.dumps({"accuracy": accuracy, "loss": loss}))
