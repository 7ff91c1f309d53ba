"""Logistic regression by Newton's method (iteratively reweighted least squares)."""
import numpy as np

rng = np.random.RandomState(42)
N = 120
X = np.column_stack([np.ones(N), rng.randn(N), rng.randn(N)])
true_beta = np.array([-0.5, 2.0, -1.0])
prob = 1. / (1. + np.exp(-X.dot(true_beta)))
y = (rng.rand(N) < prob).astype(float)


def log_likelihood(beta, ridge=1e-3):
    eta = X @ beta
    return np.sum(y * eta - np.logaddexp(0, eta)) - 0.5 * ridge * beta @ beta


def newton_step(beta, ridge=1e-3):
    mu = 1. / (1. + np.exp(-X.dot(beta)))
    s = mu * (1. - mu)
    gradient = X.T @ (y - mu) - ridge * beta
    hessian = -(X.T * s) @ X - ridge * np.eye(len(beta))
    return beta - np.linalg.solve(hessian, gradient)


beta = np.zeros(X.shape[1])
previous = -np.inf
for i in range(25):
    beta = newton_step(beta)
    ll = log_likelihood(beta)
    print("iter %2d  log-likelihood %.8f" % (i + 1, ll))
    if ll - previous < 1e-8:
        print("converged")
        break
    previous = ll

W = np.diag((1. / (1. + np.exp(-X @ beta))) * (1 - 1. / (1. + np.exp(-X @ beta))))
cov = np.linalg.inv(X.T @ W @ X)
se = np.sqrt(np.diag(cov))
for name, b, s in zip(["intercept", "x1", "x2"], beta, se):
    print("{:<10s} {:8.4f} ({:.4f})  z={:6.2f}".format(name, b, s, b / s))
deviance = -2 * ll
print("deviance:", round(deviance, 6))
