"""Samples of `tracer/ops/linalg.py`."""

SAMPLES = {}
