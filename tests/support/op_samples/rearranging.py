"""Samples of `tracer/ops/rearranging.py`."""

SAMPLES = {}
