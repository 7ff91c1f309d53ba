# Softmax and cross-entropy, op by op: what arrives at the scores is p − y all the same.
import numpy as np

scores = np.array([2.0, 1.0, 0.1])
exps = np.exp(scores)
total = np.sum(exps)
p = exps / total
loss = -np.log(p[1])
print(p - np.array([0.0, 1.0, 0.0]))
