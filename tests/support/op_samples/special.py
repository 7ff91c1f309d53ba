"""Samples of `tracer/ops/special.py`."""

SAMPLES = {}
