"""CP decomposition of a three-way tensor by gradient descent, with einsum."""
import numpy as np

rng = np.random.default_rng(17)
I, J, K, R = 5, 4, 3, 2
A_true, B_true, C_true = (rng.normal(size=(n, R)) for n in (I, J, K))
T = np.einsum('ir,jr,kr->ijk', A_true, B_true, C_true)

A = rng.normal(scale=0.5, size=(I, R))
B = rng.normal(scale=0.5, size=(J, R))
C = rng.normal(scale=0.5, size=(K, R))
lam = 1e-3

for it in range(201):
    E = np.einsum('ir,jr,kr->ijk', A, B, C) - T
    loss = 0.5 * np.einsum('ijk,ijk->', E, E) + 0.5 * lam * sum(np.einsum('ir,ir', M, M) for M in (A, B, C))
    gA = np.einsum('ijk,jr,kr->ir', E, B, C) + lam * A
    gB = np.einsum('ijk,ir,kr->jr', E, A, C) + lam * B
    gC = np.einsum('ijk,ir,jr->kr', E, A, B) + lam * C
    if it % 50 == 0:
        print(it, '%.6f' % loss)
    A, B, C = A - 0.02 * gA, B - 0.02 * gB, C - 0.02 * gC

gram = np.einsum('ir,is->rs', A, A) * np.einsum('jr,js->rs', B, B) * np.einsum('kr,ks->rs', C, C)
fit = 1 - np.sqrt(np.einsum('ijk,ijk', E, E) / np.einsum('ijk,ijk', T, T))
print('fit', round(float(fit), 6), 'trace', np.einsum('rr', gram).round(4), 'outer', np.einsum('i,j->ij', A[0], B[0]).shape)
