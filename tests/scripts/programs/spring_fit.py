"""Fits a damped spring to noisy positions: RK4, a finite-difference Jacobian and Gauss-Newton."""
from collections import namedtuple
import numpy as np

Spring = namedtuple("Spring", ["mass", "damping", "stiffness"])
t_end, n_steps = 6.0, 60
dt = t_end / n_steps


def acceleration(spring, x, v):
    return -(spring.damping * v + spring.stiffness * x) / spring.mass


def simulate(spring, x0=1.0, v0=0.0):
    """Positions at each step, with the classical fourth-order Runge-Kutta method."""
    x, v = x0, v0
    xs = [x]
    for _ in range(n_steps):
        k1x, k1v = v, acceleration(spring, x, v)
        k2x, k2v = v + dt / 2 * k1v, acceleration(spring, x + dt / 2 * k1x, v + dt / 2 * k1v)
        k3x, k3v = v + dt / 2 * k2v, acceleration(spring, x + dt / 2 * k2x, v + dt / 2 * k2v)
        k4x, k4v = v + dt * k3v, acceleration(spring, x + dt * k3x, v + dt * k3v)
        x = x + dt / 6 * (k1x + 2 * k2x + 2 * k3x + k4x)
        v = v + dt / 6 * (k1v + 2 * k2v + 2 * k3v + k4v)
        xs.append(x)
    return np.array(xs)


def residuals(params, observed):
    damping, stiffness = params
    return simulate(Spring(1.0, damping, stiffness)) - observed


def jacobian(f, params, eps=1e-6):
    base = f(params)
    J = np.zeros((base.size, params.size))
    for j in range(params.size):
        shifted = params.copy()
        shifted[j] += eps
        J[:, j] = (f(shifted) - base) / eps
    return J


np.random.seed(10)
truth = Spring(mass=1.0, damping=0.4, stiffness=3.0)
observed = simulate(truth) + 0.02 * np.random.randn(n_steps + 1)
params = np.array([0.1, 2.5])
f = lambda p: residuals(p, observed)
for iteration in range(6):
    r = f(params)
    J = jacobian(f, params)
    delta = np.linalg.lstsq(J, -r, rcond=None)[0]
    params = params + delta
    print("iteration {}: damping={:.5f} stiffness={:.5f} cost={:.6f}".format(iteration, *params, 0.5 * r @ r))
final = residuals(params, observed)
cost = 0.5 * np.dot(final, final)
rmse = np.sqrt(np.mean(final ** 2))
print("rmse %.5f" % rmse)
