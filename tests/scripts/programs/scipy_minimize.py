"""Ridge logistic regression, fitted by scipy.optimize."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

rng = np.random.default_rng(3)
X = rng.normal(size=(60, 3))
true_w = np.array([1.5, -2.0, 0.5])
labels = (expit(X @ true_w) > rng.uniform(size=60)).astype(float)
penalty = 0.1


def objective(w):
    z = X @ w
    nll = np.sum(np.logaddexp(0.0, z) - labels * z)
    return nll + 0.5 * penalty * np.dot(w, w)


result = minimize(objective, np.zeros(3), method="BFGS")
print(result.success, np.round(result.x, 3))
best = objective(result.x)
print("objective at the optimum: %.6f" % best)
