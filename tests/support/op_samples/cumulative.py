"""Samples of `tracer/ops/cumulative.py`."""

SAMPLES = {}
