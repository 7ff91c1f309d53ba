# A window classifier: the vectors of five words side by side, a hidden layer, a score; only rows that are read learn.
import sys

import numpy as np

import gradviz as gv

rng = np.random.default_rng(224)
words = ["all", "are", "amazing", "in", "museums", "open", "Paris", "the"]
window = [words.index(word) for word in "museums in Paris are amazing".split()]

vectors = gv.tensor(rng.standard_normal((8, 2)), name="vectors", parameter=True)
if "frozen" in sys.argv:
    vectors = gv.constant(vectors.value)
W = gv.tensor(0.5 * rng.standard_normal((4, 10)), parameter=True)
b = gv.tensor(np.zeros(4), parameter=True)
u = gv.tensor(rng.standard_normal(4), parameter=True)

x = vectors[window].reshape(10)
h = np.tanh(W @ x + b)
s = u @ h
s.backward()
print(f"{s.value:.4f}")
