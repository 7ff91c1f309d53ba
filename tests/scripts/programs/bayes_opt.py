"""Bayesian optimisation of a hidden function with a Gaussian process; acquisition by expected improvement."""
import numpy as np
from scipy.optimize import minimize, curve_fit, least_squares, root, fsolve
from scipy.special import erf
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import norm

def target(x):
    return np.sin(3 * x) + x ** 2 - 0.7 * x

def kernel(a, b, length=0.5, scale=1.0):
    return scale ** 2 * np.exp(-0.5 * (a[:, None] - b[None, :]) ** 2 / length ** 2)

noise = 1e-4
np.random.seed(42)
X = np.random.uniform(-1.0, 2.0, 3)
Y = target(X)
for it in range(3):
    K = kernel(X, X) + noise * np.eye(len(X))
    Ki = np.linalg.inv(K)
    grid = np.linspace(-1, 2, 31)
    Ks = kernel(X, grid)
    mu = Ks.T @ Ki @ Y
    var = np.maximum(1.0 - np.einsum("ij,ik,kj->j", Ks, Ki, Ks), 1e-12)
    s = np.sqrt(var)
    imp = Y.min() - mu - 0.01
    z = imp / s
    ei = imp * 0.5 * (1 + erf(z / np.sqrt(2))) + s * np.exp(-z ** 2 / 2) / np.sqrt(2 * np.pi)
    x_next = grid[np.argmax(ei)]
    X, Y = np.append(X, x_next), np.append(Y, target(x_next))
    print("next %.3f value %.5f" % (x_next, Y[-1]))
nlml = 0.5 * Y @ np.linalg.solve(kernel(X, X) + noise * np.eye(len(X)), Y) + 0.5 * np.linalg.slogdet(kernel(X, X) + noise * np.eye(len(X)))[1]
popt, pcov = curve_fit(lambda x, a, b: a * np.sin(3 * x) + b * x ** 2, X, Y, p0=[1.0, 1.0])
res = least_squares(lambda p: p[0] * np.sin(3 * X) + p[1] * X ** 2 - Y, [1.0, 1.0])
print(np.round(popt, 4), np.round(res.x, 4), res.cost > 0)
c, low = cho_factor(kernel(X, X) + noise * np.eye(len(X)))
print("check", np.allclose(cho_solve((c, low), Y), np.linalg.solve(kernel(X, X) + noise * np.eye(len(X)), Y)))
print("nlml %.6f" % nlml)
