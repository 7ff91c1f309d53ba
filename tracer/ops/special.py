"""Special functions: those of scipy.special that have derivatives, where scipy is installed."""
