"""A Kalman filter for position and velocity."""

import numpy as np

dt = 1.0
F = np.array([[1.0, 1.0], [0.0, 1.0]])
H = np.array([[1.0, 0.0]])
Q = np.array([[0.05, 0.0], [0.0, 0.05]])
R = np.array([[2.0]])
state = np.array([0.0, 1.0])
P = np.eye(2)
measurements = [1.1, 2.3, 2.8, 4.2, 5.1, 5.8, 7.3, 8.1]
log_likelihood = 0.0
for z in measurements:
    state = F @ state
    P = F @ P @ F.T + Q
    innovation = z - H @ state
    S = H @ P @ H.T + R
    K = P @ H.T @ np.linalg.inv(S)
    state = state + K @ innovation
    P = (np.eye(2) - K @ H) @ P
    log_likelihood += -0.5 * (innovation @ np.linalg.inv(S) @ innovation + np.log(np.linalg.det(S)) + np.log(2 * np.pi))
    print(np.round(state, 4))
print("trace of P: %.5f" % np.trace(P))
print("log likelihood:", log_likelihood)
