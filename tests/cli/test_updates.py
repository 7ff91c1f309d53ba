"""What counts as an update of an input: programs that train, those whose state evolves, and what is known to fail."""

import pytest

from gradviz.cli.script import Asked, run

#: A loop that trains, and the output that is drawn.
TRAINED = {
    "in a function, from plain zeros": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(30, 2))
y = X @ np.array([1.5, -2.0]) + 0.7
def train(X, y, lr=0.1, epochs=20):
    w = np.zeros(X.shape[1])
    b = 0.0
    history = []
    for epoch in range(epochs):
        error = X @ w + b - y
        loss = (error ** 2).mean()
        w -= lr * 2 * X.T @ error / len(y)
        b -= lr * 2 * error.mean()
        history.append(loss)
    return w, b, history
w, b, history = train(X, y)
print(w, b, history[-1])
""",
        "loss",
    ),
    "from plain zeros, without a word": (
        """
import numpy as np
def fit(X, y, alpha, steps):
    theta = np.zeros_like(X[0])
    bias = 0.0
    for _ in range(steps):
        r = X @ theta + bias - y
        theta = theta - alpha * X.T @ r / len(y)
        bias = bias - alpha * r.mean()
    return theta, bias
X = np.random.RandomState(0).randn(30, 2)
y = X @ np.array([1.5, -2.0]) + 0.7
theta, bias = fit(X, y, alpha=0.1, steps=25)
final = np.mean((X @ theta + bias - y) ** 2)
""",
        "final",
    ),
    "a gradient with a mistake in it, without a word": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
y = np.sin(X).sum(1, keepdims=True)
A = rng.normal(size=(3, 4))
C = rng.normal(size=(4, 1))
for t in range(50):
    H = np.tanh(X @ A)
    E = H @ C - y
    mse = (E ** 2).mean()
    G = E @ C.T
    C = C - 0.005 * H.T @ E
    A = A - 0.005 * X.T @ G
    print(mse)
""",
        "mse",
    ),
    "a loss that an object keeps": (
        """
import numpy as np
X = np.random.default_rng(0).normal(size=(20, 3))
class Net:
    def __init__(self):
        self.w = np.ones(3)
    def forward(self, X):
        self.out = X @ self.w
        self.loss = (self.out ** 2).mean()
    def backward(self, X):
        self.grad_norm = (self.out * self.out).sum()
        self.w -= 0.1 * 2 * X.T @ self.out / len(X)
net = Net()
for i in range(10):
    net.forward(X)
    net.backward(X)
print(net.loss)
""",
        "net.loss",
    ),
    "a running mean of the loss of a function": (
        """
import numpy as np
X = np.random.default_rng(0).normal(size=(20, 3))
def evaluate(w):
    out = X @ w
    loss = (out ** 2).mean()
    return loss, 2 * X.T @ out / len(X)
def sgd(w, step, n):
    smooth = None
    for i in range(n):
        loss, grad = evaluate(w)
        smooth = loss if smooth is None else 0.9 * smooth + 0.1 * loss
        w = w - step * grad
        print("%.5f" % smooth)
    return w
w = sgd(np.ones(3), 0.1, 12)
""",
        "loss",
    ),
    "a velocity that a word tells": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X @ np.array([1.0, -2.0, 0.5])
c = np.zeros(3)
v = np.zeros(3)
lr = 0.01
for i in range(30):
    e = X @ c - y
    loss = (e ** 2).mean()
    v = 0.9 * v - lr * 2 * X.T @ e / len(y)
    c = c + v
print(loss)
""",
        "loss",
    ),
    "setattr": (
        """
import numpy as np
x = np.random.default_rng(0).normal(size=3)
class M:
    def __init__(self):
        self.W, self.b = np.ones(3), np.zeros(3)
    def step(self, lr, **grads):
        for name, g in grads.items():
            setattr(self, name, getattr(self, name) - lr * g)
m = M()
for i in range(20):
    e = m.W * x + m.b - 1.0
    loss = (e * e).sum()
    m.step(0.1, W=2 * e * x, b=2 * e)
print(loss)
""",
        "loss",
    ),
    "an optimizer over an OrderedDict": (
        """
import numpy as np
from collections import OrderedDict
rng = np.random.default_rng(0)
x, t = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
class Layer:
    def __init__(self):
        W = rng.uniform(-1, 1, (3, 2))
        self.parameters = OrderedDict(W=W)
    def update(self, **gradients):
        for k, v in gradients.items():
            self.parameters[k] = self.parameters[k] - 0.1 * v
l = Layer()
for i in range(20):
    y = x @ l.parameters["W"]
    loss = 0.5 * np.linalg.norm(y - t) ** 2
    l.update(W=x.T @ (y - t))
print(loss)
""",
        "loss",
    ),
    "a loss now and then, printed alone": (
        """
import numpy as np
rng = np.random.default_rng(1)
X = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [0.0]])
syn0 = 2 * rng.random((3, 4)) - 1
syn1 = 2 * rng.random((4, 1)) - 1
for j in range(45):
    l1 = 1 / (1 + np.exp(-(X @ syn0)))
    l2 = 1 / (1 + np.exp(-(l1 @ syn1)))
    l2_error = y - l2
    if j % 10 == 0:
        print("Error:" + str(np.mean(np.abs(l2_error))))
    l2_delta = l2_error * l2 * (1 - l2)
    l1_delta = l2_delta @ syn1.T * l1 * (1 - l1)
    syn1 += l1.T @ l2_delta
    syn0 += X.T @ l1_delta
""",
        None,
    ),
    "momentum": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X @ np.array([1.0, -2.0, 0.5])
c = np.zeros(3)
v = np.zeros(3)
for i in range(30):
    e = X @ c - y
    loss = (e ** 2).mean()
    g = 2 * X.T @ e / len(y)
    v = 0.9 * v - 0.01 * g
    c = c + v
    print(loss)
""",
        "loss",
    ),
    "adam": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = np.sin(X).sum(1)
a = rng.normal(size=(3, 4)); o = rng.normal(size=4)
s = [np.zeros((3, 4)), np.zeros(4)]; r = [np.zeros((3, 4)), np.zeros(4)]
for t in range(1, 40):
    hid = np.tanh(X @ a)
    e = hid @ o - y
    cost = (e * e).mean()
    do = 2 * hid.T @ e / len(y)
    da = X.T @ (2 * np.outer(e, o) * (1 - hid ** 2)) / len(y)
    for i, d in enumerate([da, do]):
        s[i] = 0.9 * s[i] + 0.1 * d
        r[i] = 0.999 * r[i] + 0.001 * d ** 2
    a = a - 0.01 * (s[0] / (1 - 0.9 ** t)) / (np.sqrt(r[0] / (1 - 0.999 ** t)) + 1e-8)
    o = o - 0.01 * (s[1] / (1 - 0.9 ** t)) / (np.sqrt(r[1] / (1 - 0.999 ** t)) + 1e-8)
print(cost)
""",
        "cost",
    ),
    "numerical differences": (
        """
import numpy as np
def f(p):
    return (1 - p[0]) ** 2 + 10 * (p[1] - p[0] ** 2) ** 2
p = np.array([-1.0, 1.0])
for i in range(40):
    d = np.zeros(2)
    for j in range(2):
        q = p.copy()
        q[j] += 1e-6
        d[j] = (f(q) - f(p)) / 1e-6
    p = p - 0.005 * d
    value = f(p)
print(value)
""",
        "value",
    ),
    "line search": (
        """
import numpy as np
def f(p):
    return (1 - p[0]) ** 2 + 10 * (p[1] - p[0] ** 2) ** 2
def df(p):
    return np.array([-2 * (1 - p[0]) - 40 * p[0] * (p[1] - p[0] ** 2), 20 * (p[1] - p[0] ** 2)])
p = np.array([-0.7, 1.5])
for i in range(25):
    d = df(p)
    t = 1.0
    while f(p - t * d) > f(p) - 0.3 * t * (d @ d):
        t *= 0.5
    p = p - t * d
    value = f(p)
print(value)
""",
        "value",
    ),
    "minibatches": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3)); y = X @ np.array([1.0, -2.0, 0.5])
c = np.zeros(3)
for epoch in range(4):
    total = 0.0
    for s in range(0, 60, 10):
        xb, yb = X[s:s+10], y[s:s+10]
        e = xb @ c - yb
        loss = (e ** 2).mean()
        c = c - 0.05 * 2 * xb.T @ e / 10
        total += loss
    print(total)
""",
        "loss",
    ),
    "coordinate descent": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(30, 4)); y = X @ np.array([1.0, 0.0, -2.0, 0.5])
weights = np.zeros(4)
for it in range(10):
    for j in range(4):
        r = y - X @ weights
        weights[j] += X[:, j] @ r / (X[:, j] @ X[:, j])
    obj = ((y - X @ weights) ** 2).sum()
    print(obj)
""",
        "obj",
    ),
    "gan": (
        """
import math
real = 3.0
gm = 0.0
dw = 0.5
dc = 0.0
def sig(z):
    return 1 / (1 + math.exp(-z))
for i in range(40):
    fake = gm
    dr, df = sig(dw * real + dc), sig(dw * fake + dc)
    d_loss = -math.log(dr) - math.log(1 - df)
    g_loss = -math.log(df)
    ddw = -(1 - dr) * real + df * fake
    ddc = -(1 - dr) + df
    dgm = -(1 - df) * dw
    dw = dw - 0.1 * ddw
    dc = dc - 0.1 * ddc
    gm = gm - 0.1 * dgm
    print(d_loss, g_loss)
""",
        "g_loss",
    ),
    "rnn carried": (
        """
import numpy as np
rng = np.random.default_rng(0)
U = rng.normal(size=(4, 4)) * 0.3; V = rng.normal(size=4)
xs = rng.normal(size=200)
h = np.zeros(4)
for t in range(100):
    prev = h
    h = np.tanh(U @ prev + xs[t])
    pred = V @ h
    err = pred - xs[t + 1]
    loss = err ** 2
    dV = 2 * err * h
    dU = np.outer(2 * err * V * (1 - h ** 2), prev)
    V = V - 0.01 * dV
    U = U - 0.01 * dU
print(loss)
""",
        "loss",
    ),
    "lr decay": (
        """
import numpy as np
w = np.array([3.0, -2.0])
lr = 0.1
for i in range(50):
    loss = ((w - 1.0) ** 2).sum()
    w = w - lr * 2 * (w - 1.0)
    lr = lr - 0.001
    lr = lr * 0.99
print(loss, lr)
""",
        "loss",
    ),
    "lr decay first": (
        """
w = 3.0
lr = 0.1
for i in range(50):
    lr = lr * 0.99 - 1e-5
    loss = (w - 1.0) ** 2
    w = w - lr * 2 * (w - 1.0)
print(loss, lr)
""",
        "loss",
    ),
    "linreg no loss": (
        """
xs = [0.5, 1.0, 1.5, 2.0]
ys = [1.9, 3.1, 3.9, 5.2]
p = 0.0
q = 0.0
for i in range(100):
    s = 0.0
    t = 0.0
    for x, y in zip(xs, ys):
        s += 2 * (p * x + q - y) * x
        t += 2 * (p * x + q - y)
    p = p - 0.01 * s
    q = q - 0.01 * t
mse = sum((p * x + q - y) ** 2 for x, y in zip(xs, ys)) / 4
print(mse)
""",
        "mse",
    ),
    "net no loss": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = np.sin(X).sum(1, keepdims=True)
A = rng.normal(size=(3, 4)); C = rng.normal(size=(4, 1))
for t in range(50):
    H = np.tanh(X @ A)
    E = H @ C - y
    G = E @ C.T * (1 - H ** 2)
    C = C - 0.005 * H.T @ E
    A = A - 0.005 * X.T @ G
mse = (E ** 2).mean()
print(mse)
""",
        "mse",
    ),
    "one d loss": (
        """
z = 5.0
for i in range(20):
    cost = (z - 1.0) ** 2 + 3.0
    z = z - 0.1 * 2 * (z - 1.0)
    print(cost)
""",
        "cost",
    ),
    "wrong gradient": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = np.sin(X).sum(1, keepdims=True)
W1 = rng.normal(size=(3, 4)); W2 = rng.normal(size=(4, 1))
for t in range(50):
    H = np.tanh(X @ W1)
    E = H @ W2 - y
    loss = (E ** 2).mean()
    dW2 = H.T @ E
    dW1 = X.T @ (E @ W2.T)
    W2 -= 0.005 * dW2
    W1 -= 0.005 * dW1
    print(loss)
""",
        "loss",
    ),
    "mae printed": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X @ np.array([1.0, -2.0, 0.5])
c = np.zeros(3)
for i in range(30):
    e = X @ c - y
    c = c - 0.01 * X.T @ e
    print(np.abs(e).mean())
mse = (e ** 2).mean()
""",
        "mse",
    ),
    "weight decay": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X @ np.array([1.0, -2.0, 0.5])
c = np.ones(3)
for i in range(30):
    e = X @ c - y
    cost = (e ** 2).mean()
    g = 2 * X.T @ e / 20
    c = c * (1 - 0.01) - 0.05 * g
print(cost)
""",
        "cost",
    ),
    "clipped": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X @ np.array([10.0, -20.0, 0.5])
c = np.ones(3)
for i in range(30):
    e = X @ c - y
    cost = (e ** 2).mean()
    g = 2 * X.T @ e / 20
    c = c - 0.05 * np.clip(g, -1, 1)
print(cost)
""",
        "cost",
    ),
    "lms dt training": (
        """
import numpy as np
k = 3.0
for it in range(20):
    x = 1.0; s = 0.0
    dt = 0.1
    for i in range(10):
        s = s + dt * (x - k * s)
    loss = (s - 0.2) ** 2
    x2 = 1.0; s2 = 0.0
    for i in range(10):
        s2 = s2 + dt * (x2 - (k + 1e-6) * s2)
    dk = ((s2 - 0.2) ** 2 - loss) / 1e-6
    k = k - 2.0 * dk
print(loss)
""",
        "loss",
    ),
    "class sgd": (
        """
import numpy as np
class Layer:
    def __init__(self, n, m, rng):
        self.kernel = rng.normal(size=(n, m))
    def __call__(self, x):
        self.x = x
        return x @ self.kernel
    def back(self, d):
        self.dkernel = self.x.T @ d
        return d @ self.kernel.T
class SGD:
    def __init__(self, layers, speed):
        self.layers, self.speed = layers, speed
    def step(self):
        for l in self.layers:
            l.kernel = l.kernel - self.speed * l.dkernel
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X.sum(1, keepdims=True)
layers = [Layer(3, 4, rng), Layer(4, 1, rng)]
opt = SGD(layers, 0.001)
for i in range(30):
    h = layers[1](layers[0](X))
    e = h - y
    loss = (e ** 2).sum()
    d = layers[1].back(2 * e)
    layers[0].back(d)
    opt.step()
    print(loss)
""",
        "loss",
    ),
    "two phases": (
        """
import numpy as np
c = np.array([3.0, 1.0])
for i in range(20):
    cost = ((c - 1.0) ** 2).sum()
    c = c - 0.1 * 2 * (c - 1.0)
x = 1.0
for i in range(10):
    x = x + 0.1 * (c[0] * 1.0 - x * x)
final = x * 2.0
print(final)
""",
        "final",
    ),
    "hinge": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(30, 2)); y = np.sign(X[:, 0] + 0.5)
w = np.zeros(2); b = 0.0
for i in range(40):
    margin = y * (X @ w + b)
    loss = np.maximum(0, 1 - margin).mean()
    m = (margin < 1) * y
    w = w + 0.1 * (m @ X) / 30
    b = b + 0.1 * m.mean()
    print(loss)
""",
        "loss",
    ),
    "logreg alpha": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(30, 2)); y = (X[:, 0] > 0) * 1.0
q = np.zeros(2)
alpha = 0.1
for i in range(40):
    p = 1 / (1 + np.exp(-X @ q))
    q = q - alpha * X.T @ (p - y) / 30
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
""",
        "nll",
    ),
    "nielsen": (
        """
import numpy as np
rng = np.random.default_rng(0)
def sigmoid(z): return 1 / (1 + np.exp(-z))
class Network:
    def __init__(self, sizes):
        self.biases = [rng.normal(size=(y, 1)) for y in sizes[1:]]
        self.weights = [rng.normal(size=(y, x)) for x, y in zip(sizes[:-1], sizes[1:])]
    def backprop(self, x, y):
        nb = [np.zeros(b.shape) for b in self.biases]
        nw = [np.zeros(w.shape) for w in self.weights]
        a = x; acts = [x]; zs = []
        for b, w in zip(self.biases, self.weights):
            z = w @ a + b; zs.append(z); a = sigmoid(z); acts.append(a)
        delta = (acts[-1] - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
        nb[-1] = delta; nw[-1] = delta @ acts[-2].T
        for l in range(2, len(self.weights) + 1):
            s = sigmoid(zs[-l]); delta = (self.weights[-l + 1].T @ delta) * s * (1 - s)
            nb[-l] = delta; nw[-l] = delta @ acts[-l - 1].T
        return nb, nw
    def update(self, batch, eta):
        gb = [np.zeros(b.shape) for b in self.biases]
        gw = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            db, dw = self.backprop(x, y)
            gb = [a + d for a, d in zip(gb, db)]
            gw = [a + d for a, d in zip(gw, dw)]
        self.weights = [w - (eta / len(batch)) * g for w, g in zip(self.weights, gw)]
        self.biases = [b - (eta / len(batch)) * g for b, g in zip(self.biases, gb)]
net = Network([2, 3, 1])
data = [(rng.normal(size=(2, 1)), np.array([[0.5]])) for _ in range(6)]
for epoch in range(8):
    net.update(data, 0.5)
a = data[0][0]
for b, w in zip(net.biases, net.weights):
    a = sigmoid(w @ a + b)
cost = ((a - 0.5) ** 2).sum()
print(cost)
""",
        "cost",
    ),
    "ascent": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(30, 2)); y = (X[:, 0] > 0) * 1.0
c = np.zeros(2)
for i in range(40):
    p = 1 / (1 + np.exp(-X @ c))
    c += 0.1 * X.T @ (y - p)
    ll = np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
    print(ll)
""",
        "ll",
    ),
    "tuple update": (
        """
m, k = 0.0, 0.0
data = [(1.0, 2.0), (2.0, 4.1), (3.0, 6.2)]
for i in range(60):
    dm = dk = 0.0
    cost = 0.0
    for x, y in data:
        e = m * x + k - y
        cost += e * e
        dm += 2 * e * x
        dk += 2 * e
    m, k = m - 0.01 * dm, k - 0.01 * dk
    print(cost)
""",
        "cost",
    ),
    "pure python lists": (
        """
import math
ws = [[0.1, -0.2], [0.4, 0.3]]
vs = [0.5, -0.5]
data = [([0.0, 1.0], 1.0), ([1.0, 0.0], 0.0), ([1.0, 1.0], 0.5)]
def sig(z):
    return 1 / (1 + math.exp(-z))
for epoch in range(10):
    loss = 0.0
    for x, y in data:
        h = [sig(sum(w * a for w, a in zip(row, x))) for row in ws]
        o = sum(v * a for v, a in zip(vs, h))
        loss += (o - y) ** 2
        d = 2 * (o - y)
        for j in range(2):
            dh = d * vs[j] * h[j] * (1 - h[j])
            vs[j] -= 0.1 * d * h[j]
            for i in range(2):
                ws[j][i] -= 0.1 * dh * x[i]
    print(loss)
""",
        "loss",
    ),
    "rmsprop dict": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X.sum(1)
P = {"a": rng.normal(size=3), "c": np.zeros(1)}
S = {k: np.zeros_like(v) for k, v in P.items()}
for i in range(30):
    e = X @ P["a"] + P["c"] - y
    loss = (e ** 2).mean()
    G = {"a": 2 * X.T @ e / 20, "c": 2 * e.mean(keepdims=True)}
    for k in P:
        S[k] = 0.9 * S[k] + 0.1 * G[k] ** 2
        P[k] = P[k] - 0.01 * G[k] / (np.sqrt(S[k]) + 1e-8)
    print(loss)
""",
        "loss",
    ),
    "rosenbrock": (
        """
import numpy as np
def f(x): return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
def df(x): return np.array([-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)])
x = np.array([-1.2, 1.0])
path = [x]
for i in range(100):
    x = x - 1e-3 * df(x)
    path.append(x)
best = f(x)
print(best)
""",
        "best",
    ),
    "float32": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)).astype(np.float32); y = X.sum(1)
c = np.zeros(3, dtype=np.float32)
for i in range(30):
    e = X @ c - y
    cost = (e ** 2).mean()
    c = c - np.float32(1e-3) * (2 * X.T @ e / np.float32(20))
print(cost)
""",
        "cost",
    ),
    "batchnorm running": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X.sum(1)
a = rng.normal(size=3); run = np.zeros(3)
for i in range(30):
    mu = X.mean(0)
    run = 0.9 * run + 0.1 * mu
    e = (X - mu) @ a - y
    loss = (e ** 2).mean()
    a = a - 0.05 * 2 * (X - mu).T @ e / 20
print(loss)
""",
        "loss",
    ),
    "function train": (
        """
import numpy as np
def train(X, y, n):
    c = np.zeros(X.shape[1])
    for i in range(n):
        e = X @ c - y
        c = c - 0.05 * 2 * X.T @ e / len(y)
        if i % 10 == 0:
            print(i, (e ** 2).mean())
    return c
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)); y = X.sum(1)
c = train(X, y, 40)
loss = ((X @ c - y) ** 2).mean()
print(loss)
""",
        "loss",
    ),
    "a step that is projected, from a quotient": (
        """
import numpy as np
mu = np.array([0.02, 0.01, 0.015])
S = np.diag([0.04, 0.02, 0.03])
def project(w):
    u = np.sort(w)[::-1]
    css = np.cumsum(u) - 1
    rho = np.nonzero(u - css / np.arange(1, 4) > 0)[0][-1]
    return np.maximum(w - css[rho] / (rho + 1.0), 0)
def gain(w):
    return w @ mu - w @ S @ w
def gain_grad(w):
    return mu - 2 * S @ w
ones = np.ones(3)
w = ones / 3
for _ in range(20):
    w = project(w + 0.5 * gain_grad(w))
best = gain(w)
""",
        "best",
    ),
    "what an optimizer's function returns, with momentum": (
        """
import numpy as np
def sgd_momentum(w, dw, config):
    v = config.get("velocity", np.zeros_like(w))
    v = 0.9 * v - config["learning_rate"] * dw
    next_w = w + v
    config["velocity"] = v
    return next_w, config
class Net:
    def __init__(self):
        rng = np.random.RandomState(0)
        self.params = {"W": 0.1 * rng.randn(3, 2), "b": np.zeros(2)}
        for k, v in self.params.items():
            self.params[k] = v.astype(float)
    def loss(self, X, y):
        W, b = self.params["W"], self.params["b"]
        e = X @ W + b - y
        return (e * e).mean(), {"W": 2 * X.T @ e / e.size, "b": 2 * e.sum(0) / e.size}
net = Net()
X = np.random.RandomState(1).randn(8, 3)
y = X[:, :2] * 2
configs = {k: {"learning_rate": 0.1} for k in net.params}
for epoch in range(9):
    loss, grads = net.loss(X, y)
    for p, w in net.params.items():
        next_w, config = sgd_momentum(w, grads[p], configs[p])
        net.params[p] = next_w
        configs[p] = config
""",
        "loss",
    ),
    "weights into which a bias was inserted": (
        """
import numpy as np
rng = np.random.RandomState(0)
weights = rng.uniform(-0.1, 0.1, size=(4, 2))
weights = np.insert(weights, 0, 0, axis=0)
X = np.insert(rng.randn(6, 4), 0, 1, axis=1)
for epoch in range(12):
    p = 1.0 / (1 + np.exp(-X @ weights))
    q = 1.0 / (1 + np.exp(-p @ weights.T))
    weights += 0.1 * (X.T @ p - q.T @ (q @ weights))
    error = np.sum((X - q) ** 2)
""",
        "error",
    ),
    "rows of a table, which views hold": (
        """
import numpy as np
rng = np.random.RandomState(5)
W = (rng.rand(6, 3) - 0.5) / 4
pairs = [(W[i], W[j], float(i + j)) for i, j in [(0, 3), (1, 4), (2, 5), (0, 5)]]
for i in range(4):
    for main, context, count in pairs:
        inner = main.dot(context) - np.log(count)
        cost = 0.5 * inner ** 2
        grad_main, grad_context = inner * context, inner * main
        main -= 0.05 * grad_main
        context -= 0.05 * grad_context
""",
        "cost",
    ),
}

#: A loop that must stay whole.
EVOLVES = {
    "a density that is kept positive": """
import numpy as np
u = np.array([0.1, 0.9, 0.4, 0.2])
dt, k = 0.1, 0.3
for step in range(30):
    flow = k * (np.roll(u, 1) - u) * u
    u = np.maximum(u + dt * flow, 0.0)
total = u.sum() * 1.0
""",
    "a residual that starts from a reshaped input": """
import numpy as np
rng = np.random.RandomState(0)
x = rng.randn(2, 4)
Ws = [rng.randn(4, 4) * 0.3 for _ in range(6)]
h = x.reshape(2, 4) * 0.5
for W in Ws:
    h = h + np.maximum(0, h @ W)
out = (h ** 2).mean()
""",
    "newton root": """
a = 2.0
x = 1.0
for i in range(6):
    fx = x * x - a
    fp = 2 * x
    x = x - fx / fp
    print(x, fx)
root = x * 1.0
""",
    "newton optimum": """
import math
x = 3.0
k = 0.5
for i in range(8):
    value = math.cosh(x) - k * x
    d1 = math.sinh(x) - k
    d2 = math.cosh(x)
    x = x - d1 / d2
    print(value)
best = math.cosh(x) - k * x
""",
    "euler energy": """
x = 1.0
v = 0.0
k = 4.0
dt = 0.01
for i in range(100):
    a = -k * x
    v = v + a * dt
    x = x + v * dt
    energy = 0.5 * v ** 2 + 0.5 * k * x ** 2
    print(energy)
""",
    "euler energy nameless": """
import math
x = 1.0
v = 0.0
for i in range(100):
    v = v - math.sin(x) * 0.01 - 0.001 * v
    x = x + v * 0.01
    energy = 0.5 * v ** 2 + (1 - math.cos(x))
    print(energy)
""",
    "euler array energy": """
import numpy as np
s = np.array([1.0, 0.0])
A = np.array([[0.0, 1.0], [-4.0, -0.1]])
for i in range(50):
    s = s + 0.01 * (A @ s)
    E = 0.5 * s[1] ** 2 + 2 * s[0] ** 2
    print(E)
""",
    "power rayleigh": """
import numpy as np
rng = np.random.default_rng(1)
M = rng.normal(size=(4, 4)); M = M @ M.T
v = np.ones(4)
for i in range(20):
    w = M @ v
    v = w / np.linalg.norm(w)
    rayleigh = v @ M @ v
    print(rayleigh)
""",
    "power relaxed": """
import numpy as np
rng = np.random.default_rng(1)
M = rng.normal(size=(4, 4))
v = np.ones(4)
for i in range(20):
    v = v + 0.5 * (M @ v / np.linalg.norm(M @ v) - v)
    r = (v @ M @ v) / (v @ v)
    print(r)
""",
    "kmeans": """
import numpy as np
rng = np.random.default_rng(1)
pts = rng.normal(size=(30, 2))
cen = pts[:3].copy()
for i in range(8):
    d = ((pts[:, None] - cen[None]) ** 2).sum(2)
    lab = d.argmin(1)
    for k in range(3):
        cen[k] = pts[lab == k].mean(axis=0)
    inertia = d.min(1).sum()
    print(inertia)
""",
    "em": """
import numpy as np
rng = np.random.default_rng(1)
x = np.concatenate([rng.normal(-2, 1, 40), rng.normal(3, 1, 40)])
mu = np.array([-1.0, 1.0])
for i in range(10):
    p = np.exp(-0.5 * (x[:, None] - mu) ** 2)
    r = p / p.sum(1, keepdims=True)
    ll = np.log(p.sum(1)).sum()
    mu = (r * x[:, None]).sum(0) / r.sum(0)
    print(ll)
""",
    "savings": """
balance = 1000.0
rate = 0.05
payment = 20.0
for year in range(10):
    interest = balance * rate
    balance = balance + balance * rate - payment
    print(year, balance, interest)
""",
    "sir": """
S = 0.99
I = 0.01
R = 0.0
b = 0.4
g = 0.1
for day in range(60):
    dS = -b * S * I
    dI = b * S * I - g * I
    dR = g * I
    S += dS
    I += dI
    R += dR
    print(S, I, R, S + I + R)
peak = I * 100.0
""",
    "lotka": """
x = 10.0
y = 5.0
for i in range(50):
    dx = 1.1 * x - 0.4 * x * y
    dy = 0.1 * x * y - 0.4 * y
    x = x + 0.01 * dx
    y = y + 0.01 * dy
total = x + y
""",
    "heat": """
import numpy as np
u = np.sin(np.linspace(0, 3, 20))
alpha = 0.1
for i in range(40):
    u = u + alpha * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    print((u ** 2).sum())
heat = u.sum()
""",
    "smoothing": """
data = [1.0, 2.0, 1.5, 3.0, 2.5, 4.0]
alpha = 0.3
s = 1.0
sse = 0.0
for x in data:
    error = x - s
    sse += error ** 2
    s = s + alpha * error
print(sse)
""",
    "smoothing held": """
data = [1.0, 2.0, 1.5, 3.0, 2.5, 4.0]
alpha = 0.3
s = 1.0
sse = 0.0
for x in data:
    error = x - s
    se = error ** 2
    sse += se
    s = s + alpha * error
print(sse)
""",
    "cg": """
import numpy as np
rng = np.random.default_rng(0)
B = rng.normal(size=(5, 5)); A = B @ B.T + np.eye(5)
b = rng.normal(size=5)
x = np.zeros(5)
r = b - A @ x
p = r
for i in range(5):
    Ap = A @ p
    t = (r @ r) / (p @ Ap)
    x = x + t * p
    rn = r - t * Ap
    p = rn + (rn @ rn) / (r @ r) * p
    r = rn
    print(np.linalg.norm(r))
norm = (x ** 2).sum()
""",
    "jacobi": """
import numpy as np
A = np.array([[4.0, 1.0, 0.5], [1.0, 5.0, 1.0], [0.2, 1.0, 3.0]])
b = np.array([1.0, 2.0, 3.0])
x = np.zeros(3)
for i in range(15):
    res = b - A @ x
    x = x + res / np.diag(A)
    n = np.sqrt((res ** 2).sum())
    print(n)
""",
    "q learning": """
import numpy as np
rng = np.random.default_rng(0)
Q = np.zeros((3, 2))
rewards = np.array([0.0, 1.0, 0.5])
s = 0
for i in range(30):
    a = int(rng.integers(2)); n = (s + a + 1) % 3
    Q[s, a] += 0.5 * (rewards[n] + 0.9 * Q[n].max() - Q[s, a])
    s = n
value = Q.sum()
print(value)
""",
    "logistic map": """
x = 0.3
r = 2.5
for i in range(20):
    x = x + r * x * (1 - x) * 0.1
    print(x)
out = x * 2.0
""",
    "filled series": """
import numpy as np
S = np.zeros(30)
S[0] = 1.0
beta = 0.2
for t in range(29):
    dS = -beta * S[t]
    S[t + 1] = S[t] + dS
end = S[-1] * 1.0
print(end)
""",
    "leapfrog": """
import numpy as np
q = np.array([1.0, 0.0, 0.0, 1.0]); p = np.array([0.0, 0.9, -0.8, 0.0])
def force(q):
    return -q / (q @ q) ** 1.5
for i in range(40):
    p = p + 0.005 * force(q)
    q = q + 0.01 * p
    p = p + 0.005 * force(q)
    H = 0.5 * p @ p - 1 / np.sqrt(q @ q)
    print(H)
""",
    "lorenz": """
import numpy as np
s = np.array([1.0, 1.0, 1.0])
sigma, rho, beta = 10.0, 28.0, 8.0 / 3.0
for i in range(60):
    x, y, z = s
    ds = np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])
    s = s + 0.01 * ds
    print(s[0])
""",
    "rk4 h": """
import numpy as np
def f(y):
    return np.array([y[1], -np.sin(y[0])])
y = np.array([0.5, 0.0])
h = 0.1
for i in range(20):
    k1 = f(y); k2 = f(y + h/2*k1); k3 = f(y + h/2*k2); k4 = f(y + h*k3)
    dy = h/6*(k1 + 2*k2 + 2*k3 + k4)
    y += dy
    print(y[0])
""",
    "richardson": """
import numpy as np
A = np.array([[2.0, 0.5], [0.5, 1.0]]); b = np.array([1.0, 2.0])
x = np.zeros(2)
for i in range(20):
    r = b - A @ x
    x = x + 0.3 * r
    print(np.linalg.norm(r))
""",
    "sor": """
import numpy as np
A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]]); b = np.array([1.0, 2.0, 3.0])
x = np.zeros(3)
for it in range(10):
    for i in range(3):
        x[i] += 1.1 * ((b[i] - A[i] @ x) / A[i, i])
    print(np.abs(b - A @ x).max())
""",
    "resnet": """
import numpy as np
rng = np.random.default_rng(0)
Ws = [rng.normal(size=(4, 4)) * 0.2 for _ in range(5)]
x = rng.normal(size=4)
for W in Ws:
    x = x + np.tanh(W @ x)
    print((x ** 2).sum())
loss = (x ** 2).sum()
""",
    "pid": """
target = 1.0
x = 0.0
integral = 0.0
kp, ki = 2.0, 0.5
for i in range(50):
    error = target - x
    integral += error * 0.05
    u = kp * error + ki * integral
    x += u * 0.05
    print(error ** 2)
final = (x - target) ** 2
""",
    "running mean": """
data = [1.0, 3.0, 2.0, 5.0]
mean = 0.0
n = 0
for v in data:
    n += 1
    mean += (v - mean) / n
    print(mean)
result = mean * 2.0
""",
    "returns": """
gamma = 0.9
G = 0.0
for r in [1.0, 2.0, 3.0]:
    G = r + gamma * G
out = G * 1.0
""",
    "heun": """
x = 1.0
for i in range(20):
    p = x + 0.1 * (-2.0 * x)
    x = x + 0.05 * (-2.0 * x - 2.0 * p)
    print(abs(x - 0.5))
err = abs(x - 0.1)
""",
    "relax fixed point": """
import math
x = 1.0
for i in range(20):
    r = math.cos(x) - x
    x = x + 0.5 * r
    print(abs(r))
out = x * 1.0
""",
    "langevin": """
import numpy as np
rng = np.random.default_rng(0)
x = np.array([2.0, -1.0])
for i in range(20):
    x = x + 0.1 * (-x ** 3) + 0.3 * rng.normal(size=2)
    print((x ** 2).sum())
m = x.sum()
""",
    "kuramoto": """
import numpy as np
rng = np.random.default_rng(0)
th = rng.uniform(0, 6, 5); om = rng.normal(size=5)
dt = 0.05
for i in range(20):
    th = th + dt * (om + np.sin(th[None] - th[:, None]).sum(1) / 5)
    R = np.sqrt(np.cos(th).sum() ** 2 + np.sin(th).sum() ** 2)
    print(R)
""",
    "two tanks": """
T1 = 80.0
T2 = 20.0
for i in range(30):
    q = 0.1 * (T1 - T2)
    T1 -= q
    T2 += q
    print(T1, T2, T1 - T2)
out = T1 * 1.0
""",
}

#: What is decided wrongly, as `descent` says: how it is decided.
WRONG = {
    "a flow down what it prints": (
        """
x = 1.0
for i in range(20):
    energy = 0.5 * x ** 2
    x = x + 0.1 * (0.0 - x)
    print(energy)
end = x * 1.0
""",
        "cut",
    ),
    "oscillators that are coupled, without a word of time": (
        """
import numpy as np
ph = np.array([0.1, 1.0, 2.5])
for i in range(10):
    ph = ph + 0.1 * np.sin(ph[None] - ph[:, None]).sum(1)
end = ph[0] * 1.0
""",
        "cut",
    ),
    "a factorisation element by element": (
        """
import numpy as np
rng = np.random.default_rng(0)
R = np.array([[5.0, 3.0, 0.0], [4.0, 0.0, 1.0], [1.0, 1.0, 5.0]])
P = rng.random((3, 2)); Q = rng.random((2, 3))
for step in range(20):
    for i in range(3):
        for j in range(3):
            if R[i, j] > 0:
                e = R[i, j] - P[i, :] @ Q[:, j]
                for k in range(2):
                    P[i, k] = P[i, k] + 0.01 * (2 * e * Q[k, j] - 0.02 * P[i, k])
                    Q[k, j] = Q[k, j] + 0.01 * (2 * e * P[i, k] - 0.02 * Q[k, j])
    err = ((R - P @ Q) ** 2).sum()
    print(err)
""",
        "whole",
    ),
    "a gradient with a mistake in it, without a name and without a loss in the loop": (
        """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
y = np.sin(X).sum(1, keepdims=True)
A = rng.normal(size=(3, 4))
C = rng.normal(size=(4, 1))
for t in range(50):
    H = np.tanh(X @ A)
    E = H @ C - y
    G = E @ C.T
    C = C - 0.005 * H.T @ E
    A = A - 0.005 * X.T @ G
mse = (E ** 2).mean()
print(mse)
""",
        "whole",
    ),
}


@pytest.fixture
def session(write):
    """Writes a script and runs it."""
    return lambda text, **asked: run(write(text), asked=Asked(**asked))


def steps(made):
    """The notes about steps."""
    return [note for note in made.notes if " steps" in note or "updated" in note]


@pytest.mark.parametrize("name", TRAINED)
def test_what_is_trained_is_drawn_by_its_last_evaluation(session, capsys, name):
    text, output = TRAINED[name]
    made = session(text)
    assert len(steps(made)) == 1
    assert made.graph.output.name == output
    assert made.graph.op_count() < 120
    assert "--unroll" in steps(made)[0]


@pytest.mark.parametrize("name", EVOLVES)
def test_what_evolves_is_drawn_through(session, capsys, name):
    made = session(EVOLVES[name])
    assert steps(made) == []
    assert made.graph is not None


@pytest.mark.parametrize("name", WRONG)
def test_what_is_known_to_be_decided_wrongly(session, capsys, name):
    text, decided = WRONG[name]
    assert bool(steps(session(text))) is (decided == "cut")


@pytest.mark.parametrize("name", ["momentum", "gan", "in a function, from plain zeros", "setattr"])
def test_unrolled_the_output_is_the_same(session, capsys, name):
    text, output = TRAINED[name]
    assert session(text, unroll=True).graph.output.name == output


def test_what_an_object_keeps_is_called_by_the_way_to_it_and_counted_once(session, capsys):
    made = session(TRAINED["what an optimizer's function returns, with momentum"][0])
    assert {"net.params['W']", "net.params['b']"} <= {node.name for node in made.graph.inputs}
    assert " changed in 9 steps" in steps(made)[0]


def test_two_updates_of_a_round_are_one_step(session, capsys):
    text = """
    import numpy as np
    X = np.array([[1.0, 2.0], [1.0, -1.0], [1.0, 0.5]])
    w = np.array([0.5, -0.5])
    eta = 0.1
    for epoch in range(8):
        e = X @ w - 1.0
        cost = (e * e).sum()
        w[1:] -= eta * X[:, 1:].T @ e
        w[0] -= eta * e.sum()
    """
    made = session(text)
    assert steps(made)[0].startswith("w changed in 8 steps")
    assert session(text, step=3).graph.output.name == "cost"


def test_what_is_added_up_from_a_plain_zero_is_drawn_through(session, capsys):
    text = "def f(x):\n    s = 0.0\n    for i in range(9):\n        s = s + x * i\n    return s\n"
    made = session(text + "x = 2.0\ny = f(x)\n")
    assert steps(made) == []
    assert made.graph.gradients() == {"x": 36.0}


def test_the_note_is_of_inputs_in_the_picture(session, capsys):
    text = "x, w, lr = 3.0, 4.0, 0.1\nf = x * x\nfor i in range(5):\n    w = w - lr * 2 * (w - 1.0)\n"
    made = session(text, of="f")
    assert steps(made) == []


@pytest.mark.parametrize("name", ["momentum", "gan", "linreg no loss", "clipped"])
def test_unrolled_it_is_drawn_through_all_the_same(session, capsys, name):
    made = session(TRAINED[name][0], unroll=True)
    assert steps(made) == []
    assert made.graph.op_count() > 150


REASONS = {
    "momentum": "c changed in 30 steps along the gradient of loss, and",
    "adam": "a, o changed in 39 steps along the gradient of cost, and the last evaluation is drawn",
    "gan": "dw, dc, gm changed in 40 steps along the gradients of d_loss, g_loss, and",
    "net no loss": "C, A changed in 50 steps along a gradient, and",
    "wrong gradient": "W2, W1 changed in 50 steps along the gradient of loss, and",
    "lr decay": "w changed in 50 steps (updated, as lr says), and",
    "class sgd": "layers[0].kernel, layers[1].kernel changed in 30 steps along the gradient of loss, and",
}


@pytest.mark.parametrize("name", REASONS)
def test_the_note_says_why(session, capsys, name):
    assert steps(session(TRAINED[name][0]))[0].startswith(REASONS[name])


def test_the_first_steps_can_be_drawn_although_they_were_on_trial(session, capsys):
    values = [session(TRAINED["one d loss"][0], step=step).graph.inputs[0].value for step in (1, 2, 5)]
    expected = [5.0]
    for _ in range(4):
        expected.append(expected[-1] - 0.1 * 2 * (expected[-1] - 1.0))
    assert values == [expected[0], expected[1], expected[4]]


def test_what_was_on_trial_in_vain_is_whole(session, capsys):
    made = session("x = 1.0\nfor i in range(3):\n    x = x + 0.5 * (2.0 - x * x)\nend = x * 1.0\n")
    assert [node.value for node in made.graph.inputs] == [1.0]
    slope, x = 1.0, 1.0
    for _ in range(3):
        slope *= 1 - x
        x = x + 0.5 * (2.0 - x * x)
    assert made.graph.gradients()["x"] == pytest.approx(slope)


def test_an_output_is_no_mean_over_the_steps(session, capsys):
    made = session(
        "w, lr, mean = 4.0, 0.1, 0.0\nfor i in range(9):\n    loss = (w - 1.0) ** 2\n"
        "    mean = 0.9 * mean + 0.1 * loss\n    w = w - lr * 2 * (w - 1.0)\n"
    )
    assert made.graph.output.name == "loss"


def test_a_large_program_is_not_slowed_down_by_the_search(session, capsys, monkeypatch):
    from gradviz.cli import descent

    visited = []
    history = descent._history
    monkeypatch.setattr(descent, "_history", lambda *args: visited.append(len(found := history(*args))) or found)
    text = """
ws = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]
for i in range(12):
    cost = 0.0
    for x in [0.5, 1.0, 1.5, 2.0, 2.5]:
        cost += (sum([w * x for w in ws]) - 1.0) ** 2
    slopes = [0.0] * 16
    for x in [0.5, 1.0, 1.5, 2.0, 2.5]:
        e = 2 * (sum([w * x for w in ws]) - 1.0)
        for j in range(16):
            slopes[j] += e * x
    for j in range(16):
        ws[j] -= 0.0001 * slopes[j]
"""
    made = session(text)
    assert steps(made)
    assert sum(visited) < 60 * 400  # a few of the sixteen variables, and four rounds of about 400 ops
