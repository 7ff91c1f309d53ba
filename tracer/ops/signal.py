"""Signals: convolve, correlate, interp, and the windows that user code makes with stride tricks."""
