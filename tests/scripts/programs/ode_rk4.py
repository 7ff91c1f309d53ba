"""Lotka-Volterra by Runge-Kutta, and how far the orbit drifts."""

import numpy as np

alpha, beta, delta, gamma = 1.1, 0.4, 0.1, 0.4
dt = 0.05


def derivative(state):
    prey, predator = state
    return np.array([alpha * prey - beta * prey * predator, delta * prey * predator - gamma * predator])


def rk4(state, h):
    k1 = derivative(state)
    k2 = derivative(state + h / 2 * k1)
    k3 = derivative(state + h / 2 * k2)
    k4 = derivative(state + h * k3)
    return state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


state = np.array([10.0, 5.0])
trajectory = np.empty((41, 2))
trajectory[0] = state
for i in range(40):
    state = rk4(state, dt)
    trajectory[i + 1] = state
    if i % 10 == 0:
        print(f"t={i * dt:4.2f} prey={state[0]:.4f} predator={state[1]:.4f}")
energy = np.sum(trajectory[-1] ** 2)
print(energy, trajectory.shape)
