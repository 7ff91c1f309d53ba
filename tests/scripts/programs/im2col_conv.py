"""Convolution by im2col with stride tricks, and its naive twin."""
import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
np.random.seed(7)
x = np.random.randn(2, 3, 6, 6)
w = np.random.randn(4, 3, 3, 3) / 3
b = np.linspace(-0.1, 0.2, num=4)
def conv_naive(x, w, b, stride=1, pad=1):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode='constant')
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    patch = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(patch * w[f]) + b[f]
    return out
def conv_windows(x, w, b, pad=1):
    x_pad = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    cols = sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    return np.einsum('nchwij,fcij->nfhw', cols, w) + b[:, None, None]
naive = conv_naive(x, w, b)
fast = conv_windows(x, w, b)
print(np.allclose(naive, fast), naive.shape)
loss = np.mean(naive ** 2) + np.mean(np.abs(fast))
print('%.6f' % loss)
