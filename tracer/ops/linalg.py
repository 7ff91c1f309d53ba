"""Linear algebra: numpy.linalg's functions."""
