"""Samples of `tracer/ops/signal.py`."""

SAMPLES = {}
