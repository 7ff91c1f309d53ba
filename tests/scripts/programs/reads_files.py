"""Least squares on a table beside the script, scaled by a number from stdin."""

import csv
import sys
from pathlib import Path

import numpy as np

path = Path(__file__).with_name("table.csv")
with path.open() as f:
    rows = [[float(cell) for cell in row] for row in list(csv.reader(f))[1:]]
table = np.array(rows)
scale = float(sys.stdin.readline())
names = sys.stdin.read().split()
slope = 0.5
intercept = 1.0
predicted = slope * table[:, 0] + intercept
residuals = (table[:, 1] - predicted) * scale
sse = np.sum(residuals**2)
print(names, table.shape, "sse = %.4f" % sse)
if sse > 1.0:
    sys.exit(4)
