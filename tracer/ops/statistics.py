"""Statistics: var, std, median, quantile, average, and the nan-ignoring variants."""
