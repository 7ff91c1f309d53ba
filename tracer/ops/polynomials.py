"""Polynomials given by their coefficients: polyfit, and the sums, products and derivatives that `np.poly1d` takes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..frames import user_frame
from ..tensor import FUNCTIONS, value_of
from .rearranging import refuse

# Each is NumPy's own formula, so that values are the same to the bit, written with functions that record.


def polyfit(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    """`np.polyfit` of Tensors: by least squares."""
    if cov:
        refuse("polyfit", cov=cov)
    plain = [None if v is None else np.asarray(value_of(v)) for v in (x, y, w)]
    if deg < 0 or plain[0].ndim != 1 or not plain[0].size or plain[1].shape[:1] != plain[0].shape:  # pyright: ignore
        np.polyfit(plain[0], plain[1], deg, w=plain[2])  # pyright: ignore  # NumPy's own error
    x, y = np.add(x, 0.0), np.add(y, 0.0)
    order = int(deg) + 1
    rcond = len(x) * np.finfo(np.result_type(plain[0], 0.0)).eps if rcond is None else rcond  # pyright: ignore
    powers = np.vander(x, order)
    if w is not None:
        powers = powers * np.expand_dims(w, 1)
        y = y * (np.expand_dims(w, 1) if np.ndim(y) == 2 else w)
    scale = np.sqrt((powers * powers).sum(axis=0))
    found, residuals, rank, singular = np.linalg.lstsq(powers / scale, y, rcond)
    found = (found.T / scale).T
    if full:
        return found, residuals, rank, singular, rcond
    if rank != order:
        frame = user_frame(1)
        message, category = "Polyfit may be poorly conditioned", np.exceptions.RankWarning
        module, told = frame.f_globals.get("__name__"), frame.f_globals.setdefault("__warningregistry__", {})
        warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, module, told)
    return found


def _summed(sign: int, a1: Any, a2: Any) -> Any:
    truly = isinstance(a1, np.poly1d) or isinstance(a2, np.poly1d)
    a1, a2 = np.atleast_1d(_coefficients(a1)), np.atleast_1d(_coefficients(a2))
    longest = max(len(a1), len(a2))
    a1, a2 = (
        a if len(a) == longest else np.concatenate((np.zeros(longest - len(a), value_of(a).dtype), a)) for a in (a1, a2)
    )
    total = a1 + a2 if sign > 0 else a1 - a2
    return np.poly1d(total) if truly else total


def _coefficients(a: Any) -> Any:
    return a.coeffs if isinstance(a, np.poly1d) else a


def polyadd(a1: Any, a2: Any) -> Any:
    """`np.polyadd` of Tensors."""
    return _summed(1, a1, a2)


def polysub(a1: Any, a2: Any) -> Any:
    """`np.polysub` of Tensors."""
    return _summed(-1, a1, a2)


def polymul(a1: Any, a2: Any) -> Any:
    """`np.polymul` of Tensors."""
    truly = isinstance(a1, np.poly1d) or isinstance(a2, np.poly1d)
    product = np.convolve(np.poly1d(_coefficients(a1)).coeffs, np.poly1d(_coefficients(a2)).coeffs)
    return np.poly1d(product) if truly else product


def polyder(p: Any, m: int = 1) -> Any:
    """`np.polyder` of a Tensor."""
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    for _ in range(int(m)):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


FUNCTIONS.update(
    {
        np.polyfit: polyfit,
        np.polyadd: polyadd,
        np.polysub: polysub,
        np.polymul: polymul,
        np.polyder: polyder,
    }
)
