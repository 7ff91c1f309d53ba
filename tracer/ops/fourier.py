"""Fourier transforms: numpy.fft's functions."""
