import numpy as np


def mean_squared_error(outputs, targets):
    difference = outputs - targets
    loss = np.mean(difference**2)
    return loss, 2 * difference / difference.size
