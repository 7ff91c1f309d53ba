#!/usr/bin/env python
# Expectation-maximisation for a mixture of Gaussians in one dimension, in log space.
import numpy as np


def logsumexp(a, axis=None):
    m = np.max(a, axis=axis, keepdims=True)
    s = np.log(np.sum(np.exp(a - m), axis=axis, keepdims=True)) + m
    return np.squeeze(s, axis=axis)


def log_gaussian(x, mu, sigma):
    return -0.5 * np.log(2 * np.pi) - np.log(sigma) - 0.5 * ((x - mu) / sigma) ** 2


class GaussianMixture:
    def __init__(self, n_components, max_iter=100, tol=1e-6):
        self.n_components = n_components
        self.max_iter = max_iter
        self.tol = tol

    def _initialize(self, x):
        self.weights_ = np.full(self.n_components, 1 / self.n_components)
        self.means_ = np.percentile(x, np.linspace(10, 90, self.n_components))
        self.stds_ = np.full(self.n_components, x.std())

    def _log_joint(self, x):
        return np.log(self.weights_) + log_gaussian(x[:, np.newaxis], self.means_, self.stds_)

    def _e_step(self, x):
        log_joint = self._log_joint(x)
        log_norm = logsumexp(log_joint, axis=1)
        return log_norm.mean(), np.exp(log_joint - log_norm[:, np.newaxis])

    def _m_step(self, x, resp):
        nk = resp.sum(axis=0) + 1e-10
        self.weights_ = nk / nk.sum()
        self.means_ = resp.T @ x / nk
        self.stds_ = np.sqrt((resp * (x[:, np.newaxis] - self.means_) ** 2).sum(axis=0) / nk)

    def fit(self, x):
        self._initialize(x)
        self.lower_bound_ = -np.inf
        for self.n_iter_ in range(1, self.max_iter + 1):
            bound, resp = self._e_step(x)
            self._m_step(x, resp)
            change = bound - self.lower_bound_
            self.lower_bound_ = bound
            if abs(change) < self.tol:
                break
        return self

    def score(self, x):
        return logsumexp(self._log_joint(x), axis=1).mean()


if __name__ == '__main__':
    rng = np.random.default_rng(7)
    samples = np.concatenate([rng.normal(-2.0, 0.5, 60), rng.normal(1.0, 1.0, 90), rng.normal(4.0, 0.3, 50)])
    gmm = GaussianMixture(3, max_iter=40).fit(samples)
    order = np.argsort(gmm.means_)
    for k in order:
        print(f'component {k}: weight={gmm.weights_[k]:.3f} mean={gmm.means_[k]:+.3f} std={gmm.stds_[k]:.3f}')
    print('iterations:', gmm.n_iter_)
    score = gmm.score(samples)
    print('mean log-likelihood: {0:.6f}'.format(score))
