"""Samples of `tracer/ops/statistics.py`."""

SAMPLES = {}
