"""Samples of `tracer/ops/products.py`."""

SAMPLES = {}
