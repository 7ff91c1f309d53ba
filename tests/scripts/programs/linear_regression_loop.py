# Linear regression in plain Python: no arrays, one sample after the other.
xs = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
ys = [1.9, 3.1, 3.9, 5.2, 5.8, 7.1]
m = 0.0
b = 0.0
L = 0.01
epochs = 200
for i in range(epochs):
    dm = 0.0
    db = 0.0
    for x, y in zip(xs, ys):
        error = (m * x + b) - y
        dm += 2 * error * x / len(xs)
        db += 2 * error / len(xs)
    m = m - L * dm
    b = b - L * db
mse = sum(((m * x + b) - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
print(f"m={m:.4f} b={b:.4f} mse={mse:.6f}")
print(isinstance(mse, float), type(mse).__name__, round(mse, 3))
