"""Samples of every op in the table: the op tests are made from these, and an op without a sample fails them.

A family of ops in `tracer/ops/NAME.py` has its samples in `NAME.py` beside this file: a dict `SAMPLES` from the op's
name to a list of `Sample`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One use of an op.

    Attributes
    ----------
    f
        Takes the inputs, Tensors or plain values, and calls NumPy (or gradviz) on them in a way that records the op.
        On plain values it must give NumPy's own result: that is what values are compared with, to the bit.
    args
        Floats and float arrays: the inputs, away from kinks and poles.
    first, second
        Whether first and second derivatives are compared with differences here (a kink, a step: false, say why).
    tolerance
        The relative error allowed against central differences.
    plain
        What gives the expected value where `f` on plain values can't: for gradviz's own functions.
    """

    f: Callable[..., Any]
    args: tuple[Any, ...]
    first: bool = True
    second: bool = True
    tolerance: float = 1e-6
    plain: Callable[..., Any] | None = None
    note: str = field(default="", compare=False)


def all_samples() -> dict[str, list[Sample]]:
    """Every sample there is, by the name of its op."""
    found: dict[str, list[Sample]] = {}
    for module in pkgutil.iter_modules(__path__):
        for name, samples in importlib.import_module(f"{__name__}.{module.name}").SAMPLES.items():
            found.setdefault(name, []).extend(samples)
    return found
