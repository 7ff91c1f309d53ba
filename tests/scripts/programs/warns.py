"""NumPy warns twice, at two lines; the program goes on."""

import numpy as np

values = np.array([1.0, 0.0, -1.0])
weights = np.array([0.5, 0.0, 0.25])
logs = np.log(values)
for _ in range(3):
    roots = np.sqrt(values)
finite = np.where(np.isfinite(logs), logs, 0.0)
kept = np.nan_to_num(roots)
total = (weights * finite).sum() + (weights * kept).sum()
print(logs, roots)
print(total)
