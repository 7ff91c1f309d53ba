"""Gradient descent with momentum on Rosenbrock's banana, its path drawn over the contours."""
import io
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np


def rosenbrock(x, y, a=1, b=100):
    return (a - x) ** 2 + b * (y - x ** 2) ** 2


def gradient(x, y, a=1, b=100):
    dx = -2 * (a - x) - 4 * b * x * (y - x ** 2)
    dy = 2 * b * (y - x ** 2)
    return np.array([dx, dy])


position = np.array([-1.2, 1.0])
velocity = np.zeros(2)
lr, momentum = 1e-3, 0.8
path = [position]
for i in range(80):
    g = gradient(*position)
    velocity = momentum * velocity - lr * g / max(1.0, np.linalg.norm(g) / 50)
    position = position + velocity
    path.append(position)
path = np.array(path)
value = rosenbrock(*position)

xs = np.linspace(-2, 2, 41)
ys = np.linspace(-1, 3, 41)
XX, YY = np.meshgrid(xs, ys)
ZZ = rosenbrock(XX, YY)
fig, ax = plt.subplots(figsize=(5, 4))
contours = ax.contour(XX, YY, np.log1p(ZZ), levels=12, cmap="viridis")
ax.clabel(contours, fontsize=7)
ax.plot(path[:, 0], path[:, 1], "r.-", lw=1, ms=3)
ax.plot(*position, "k*")
ax.annotate(f"f = {value:.3f}", xy=position, xytext=(position[0], position[1] + 0.5), arrowprops={"arrowstyle": "->"})
ax.set(xlabel="x", ylabel="y", title=f"{len(path) - 1} steps")
buffer = io.BytesIO()
fig.savefig(buffer, format="png", dpi=60)
print(buffer.getvalue()[:4], len(contours.levels), ax.get_title(), path.shape, path.dtype)
print("x = %.6f, y = %.6f, f = %.6f" % (position[0], position[1], value))
