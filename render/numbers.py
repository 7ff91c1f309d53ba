"""How numbers and arrays are written in pictures: four digits, a true minus, and no noise shown as if it meant much."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["array_norm", "array_shape", "is_zero", "number", "value_text"]

MINUS = "−"

#: What is below this share of the largest number in the picture is shown as ≈0.
NEGLIGIBLE = 1e-12


def number(value: Any, *, largest: float = 0.0) -> str:
    """A number with four significant digits: ``6``, ``−0.2455``, ``1.2e−7``, ``∞``, ``NaN``; ``≈0`` for mere noise.

    Parameters
    ----------
    value : float
    largest : float
        The largest magnitude beside which this one is shown.

    Examples
    --------
    >>> number(-0.24551), number(1.2e-7), number(3.0), number(1e-17, largest=1.0)
    ('−0.2455', '1.2e−7', '3', '≈0')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    if value == 0:
        return "0"
    if abs(value) < NEGLIGIBLE * largest:
        return "≈0"
    text = f"{value:.4g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    elif abs(value) < 1e-4 or abs(value) >= 1e6:
        mantissa, exponent = f"{value:.3e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text.replace("-", MINUS)


def is_zero(value: Any) -> bool:
    """Whether every element is exactly zero."""
    return not np.any(value)


def array_shape(value: Any) -> str:
    """A shape as people write it: ``5×4``, ``3``; nothing for a single number."""
    return "×".join(str(n) for n in np.shape(value))


def array_norm(value: Any) -> str:
    """The Euclidean norm: ``‖0.196‖``."""
    with np.errstate(all="ignore"):
        return f"‖{number(np.linalg.norm(np.asarray(value, dtype=float)))}‖"


def value_text(value: Any, *, largest: float = 0.0, elements: int = 3) -> str:
    """A value as a wire shows it: the number, the few numbers of a short vector, else the shape.

    Examples
    --------
    >>> value_text(2.0), value_text(np.array([1.0, 2.5])), value_text(np.zeros((5, 4)))
    ('2', '[1 2.5]', '5×4')
    """
    if np.ndim(value) == 0:
        return number(value, largest=largest)
    if np.ndim(value) == 1 and 0 < np.size(value) <= elements:
        return "[" + " ".join(number(v, largest=largest) for v in value) + "]"
    return array_shape(value)
