"""Natural cubic spline (Thomas algorithm) and least squares, plotted on Agg, legend and all."""
import os, tempfile
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

xs = np.array([0.0, 1.0, 2.5, 3.6, 5.0, 7.0, 8.1, 10.0])
ys = np.array([0.0, 0.8, 0.6, -0.5, -1.0, 0.7, 1.0, -0.5])

def thomas(a, b, c, d):
    n = len(d)
    ac, bc, cc, dc = map(np.array, (a, b, c, d)) # copy arrays
    for it in range(1, n):
        mc = ac[it-1]/bc[it-1]
        bc[it] = bc[it] - mc*cc[it-1]
        dc[it] = dc[it] - mc*dc[it-1]
    xc = bc
    xc[-1] = dc[-1]/bc[-1]
    for il in range(n-2, -1, -1):
        xc[il] = (dc[il]-cc[il]*xc[il+1])/bc[il]
    return xc

def natural_spline(x, y):
    h = np.diff(x)
    rhs = 6 * np.diff(np.diff(y) / h)
    m = np.zeros(len(x))
    m[1:-1] = thomas(h[1:-1], 2 * (h[:-1] + h[1:]), h[1:-1], rhs)
    def s(t):
        i = np.clip(np.searchsorted(x, t) - 1, 0, len(h) - 1)
        u, v = x[i + 1] - t, t - x[i]
        return (m[i] * u**3 + m[i+1] * v**3) / (6 * h[i]) + (y[i] / h[i] - m[i] * h[i] / 6) * u + (y[i+1] / h[i] - m[i+1] * h[i] / 6) * v
    return s

s = natural_spline(xs, ys)
t = np.linspace(0, 10, 41)
curve = s(t)
fig, ax = plt.subplots(figsize=(6, 3))
ax.plot(t, curve, label=f"spline, max {curve.max():.2f}")
ax.plot(xs, ys, "o", label="knots")
ax.fill_between(t, curve - 0.1, curve + 0.1, alpha=0.2)
ax.errorbar(xs, ys, yerr=0.05 * np.abs(ys), fmt="none")
ax.set_title("area %.4f" % np.trapezoid(curve, t)); ax.legend(); ax.set_xlim(xs[0], xs[-1])
with tempfile.TemporaryDirectory() as folder:
    fig.savefig(os.path.join(folder, "spline.png"), dpi=50)
    print(os.path.getsize(os.path.join(folder, "spline.png")) > 1000)
plt.close(fig)
energy = np.sum(np.diff(curve, 2) ** 2)
print(f"bending energy {energy:.8f}")
