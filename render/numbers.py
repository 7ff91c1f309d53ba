"""How numbers and arrays are written in pictures: four digits, a true minus, and no noise shown as if it meant much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = [
    "NEGLIGIBLE",
    "array_norm",
    "array_shape",
    "is_zero",
    "number",
    "shape_text",
    "sum_text",
    "summary",
    "value_text",
]

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
    if isinstance(value, (complex, np.complexfloating)) or getattr(getattr(value, "dtype", None), "kind", "") == "c":
        sign = MINUS if value.imag < 0 else "+"
        return f"{number(value.real, largest=largest)} {sign} {number(abs(value.imag), largest=largest)}i"
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
    elif abs(value) < 1e-3 or abs(value) >= 1e6:
        mantissa, exponent = f"{value:.3e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text.replace("-", MINUS)


#: No addend is written with more decimals than these; those of a larger total are left as they are.
_MOST_DECIMALS, _MOST = 12, 1e6


def sum_text(addends: Sequence[Any], total: Any, *, largest: float = 0.0) -> str:
    """A sum as its addends, with as many digits as it takes for them to add up to the total as it is shown.

    Examples
    --------
    >>> sum_text([2.0, 3.0], 5.0), sum_text([6834.37741, -6834.77114], -0.39373)
    ('2 + 3', '6834.3774 − 6834.7711')
    """
    texts = [number(addend, largest=largest) for addend in addends]
    place = _last_place(total)
    if place is not None and all(_is_finite(addend) for addend in addends):
        # To the last place of the total; to one more, where the roundings of several add up.
        for more in (0, 1):
            if _is_off(texts, total, place):
                texts = [_to_place(addend, max(0, more - place)) for addend in addends]
    return " + ".join(texts).replace("+ −", "− ")


def _is_off(texts: Sequence[str], total: Any, place: int) -> bool:
    shown = sum(0.0 if text == "≈0" else float(text.replace(MINUS, "-")) for text in texts)
    return abs(shown - float(total)) > 10.0**place


def _last_place(total: Any) -> int | None:
    """The power of ten of a number's last digit, if it is written with four; None where that says nothing."""
    if not _is_finite(total) or not total:
        return None
    place = math.floor(math.log10(abs(total))) - 3
    return place if place >= -_MOST_DECIMALS and abs(total) < _MOST else None


def _is_finite(value: Any) -> bool:
    return not np.iscomplexobj(value) and bool(np.isfinite(value))


def _to_place(value: Any, digits: int) -> str:
    text = f"{float(value):.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


def is_zero(value: Any) -> bool:
    """Whether every element is exactly zero."""
    return not np.any(value)


def array_shape(value: Any) -> str:
    """A shape as people write it: ``5×4``, ``3``; nothing for a single number."""
    return "×".join(str(n) for n in np.shape(value))


def shape_text(value: Any) -> str:
    """A shape where it stands alone: ``5×4``, and ``(5,)`` lest it be taken for the number 5.

    Examples
    --------
    >>> shape_text(np.zeros(5)), shape_text(np.zeros((5, 4))), shape_text(1.0)
    ('(5,)', '5×4', '')
    """
    return f"({np.shape(value)[0]},)" if np.ndim(value) == 1 else array_shape(value)


def array_norm(value: Any, *, largest: float = 0.0) -> str:
    """The Euclidean norm: ``‖0.196‖``."""
    with np.errstate(all="ignore"):
        return f"‖{number(np.linalg.norm(np.ravel(np.asarray(value))), largest=largest)}‖"


def summary(value: Any) -> str:
    """An array in a line: shape, dtype, mean and spread, range, and what in it is no number.

    Examples
    --------
    >>> summary(np.array([1.0, 2.0, 3.0, np.nan]))
    '4 float64, 2 ± 0.8165, 1 … 3, 1 NaN'
    """
    array = np.asarray(value)
    parts = [f"{array_shape(array) or 'number'} {array.dtype}"]
    if array.size == 0 or array.dtype.kind not in "iufc":
        return parts[0]
    finite = array[np.isfinite(array)]
    with np.errstate(all="ignore"):
        if finite.size and array.dtype.kind != "c":
            wide = finite.astype(float)
            parts.append(f"{number(wide.mean())} ± {number(wide.std())}")
            parts.append(f"{number(wide.min())} … {number(wide.max())}")
    not_numbers, infinite = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    parts += [f"{not_numbers:,} NaN"] * (not_numbers > 0) + [f"{infinite:,} infinite"] * (infinite > 0)
    if not not_numbers and not infinite and not np.any(array):
        parts.append("all zero")
    return ", ".join(parts)


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
    return shape_text(value)
