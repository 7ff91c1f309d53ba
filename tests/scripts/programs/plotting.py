"""Fits a curve and plots it."""

import os
import tempfile

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

t = np.linspace(0, 4, 30)
amplitude = 1.5
decay = 0.6
frequency = 2.0
signal = amplitude * np.exp(-decay * t) * np.cos(frequency * t)
observed = 1.4 * np.exp(-0.5 * t) * np.cos(2.1 * t)
misfit = np.mean((signal - observed) ** 2)

fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3))
left.plot(t, signal, label="model")
left.scatter(t, observed, s=4)
left.set_title(f"misfit {misfit:.4f}")
left.legend()
right.bar(["a", "d", "f"], [amplitude, decay, frequency])
right.axhline(amplitude)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "fit.png")
    fig.savefig(path)
    print(os.path.getsize(path) > 1000, len(left.lines), left.get_title())
plt.close(fig)
print("misfit", misfit)
