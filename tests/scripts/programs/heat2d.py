import numpy as np
nx = ny = 12
alpha = 0.2
u = np.zeros((nx, ny))
u[4:8, 4:8] = 1.0
def step(u):
    un = u.copy()
    un[1:-1, 1:-1] = u[1:-1, 1:-1] + alpha * (u[2:, 1:-1] - 2 * u[1:-1, 1:-1] + u[:-2, 1:-1]
                                              + u[1:-1, 2:] - 2 * u[1:-1, 1:-1] + u[1:-1, :-2])
    un[0, :] = un[-1, :] = 0
    un[:, 0] = 0; un[:, -1] = 0
    return un
for n in range(10):
    u = step(u)
lap = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u
total = u.sum()
rough = np.sqrt((lap ** 2).mean())
print(f'{total:.6f}', f'{rough:.6f}')
print(np.array2string(u[5, :], precision=3, suppress_small=True))
