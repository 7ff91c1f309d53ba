"""A neural ODE on a spiral, adjoint by hand, unrolled Euler."""
import numpy as np
import sys

rng = np.random.RandomState(7)
params = [0.3 * rng.randn(2, 6), np.zeros(6), 0.3 * rng.randn(6, 2), np.zeros(2)]
y0 = np.array([2.0, 0.0])
A = np.array([[-0.1, 2.0], [-2.0, -0.1]])
h, N = 0.05, 10

def rhs(y, p):
    W1, b1, W2, b2 = p
    a = np.tanh(y ** 3 @ W1 + b1)
    return a @ W2 + b2, a

def true_path():
    y, out = y0, [y0]
    for _ in range(N):
        y = y + h * (y ** 3 @ A)
        out.append(y)
    return np.array(out)

def forward(p):
    ys, acts = [y0], []
    for _ in range(N):
        dy, a = rhs(ys[-1], p)
        acts.append(a)
        ys.append(ys[-1] + h * dy)
    return np.stack(ys), acts

def backward(p, ys, acts, dys):
    W1, b1, W2, b2 = p
    grads = [np.zeros_like(q) for q in p]
    lam = np.zeros(2)
    for t in range(N - 1, -1, -1):
        lam = lam + dys[t + 1]
        dz = (h * lam) @ W2.T * (1 - acts[t] ** 2)
        grads[0] += np.outer(ys[t] ** 3, dz)
        grads[1] += dz
        grads[2] += np.outer(acts[t], h * lam)
        grads[3] += h * lam
        lam = lam + 3 * ys[t] ** 2 * (W1 @ dz)
    return grads

path = true_path()
width = 20
for epoch in range(30):
    ys, acts = forward(params)
    residual = ys - path
    loss = np.mean(np.abs(residual) ** 2)
    grads = backward(params, ys, acts, 2 * residual / residual.size)
    for p, g in zip(params, grads):
        p -= 0.002 * g
    done = (epoch + 1) * width // 30
    sys.stderr.write("\r[%s%s] %3d%% loss=%.5f" % ("#" * done, "." * (width - done), 100 * (epoch + 1) // 30, loss))
    sys.stderr.flush()
sys.stderr.write("\n")
print("final loss {:.6f}".format(loss))
