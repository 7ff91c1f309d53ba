"""Samples of `tracer/ops/ordering.py`."""

SAMPLES = {}
