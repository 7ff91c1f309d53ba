"""Samples of `tracer/ops/ufunc_methods.py`."""

SAMPLES = {}
