"""Gradients that are recorded themselves, as the transforms make them, of tensors that are there already."""

from __future__ import annotations

from typing import Any

from gradviz.tracer.backward import ancestors, seed_for, unaliased, zeros
from gradviz.tracer.linearise import pull
from gradviz.tracer.tensor import Tensor


def recorded_gradients(output: Tensor, wrt: list[Tensor], seed: Any = None) -> list[Any]:
    """The gradients of `output` with respect to `wrt`, which can be differentiated again; 0 where no path leads."""
    ends = [unaliased(tensor) for tensor in wrt]
    made = pull(ancestors(output), [(output, seed_for(output, seed))], ends, live=True)
    return [zeros(end._value) if g is None else g for end, g in zip(ends, made, strict=True)]
