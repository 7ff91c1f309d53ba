"""Samples of `tracer/ops/fourier.py`."""

SAMPLES = {}
