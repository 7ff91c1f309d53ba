"""Ordering and picking: sort, partition, take, select, choose, piecewise."""
