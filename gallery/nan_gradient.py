# Where a NaN is born: the root's slope at 0 is ∞, np.where sends it a gradient of 0, and 0·∞ is not a number.
import numpy as np

x = 0.0
y = 3.0
with np.errstate(divide="ignore", invalid="ignore"):
    root = np.sqrt(x)
    safe = np.where(x > 0, root, 0.0)
    f = safe + x * y
print(f)
