# log scales by 1/x: small inputs get large gradients.
import numpy as np

x = 0.25
h = np.log(x)
f = 3.0 * h
print(f)
