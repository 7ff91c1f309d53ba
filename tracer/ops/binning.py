"""Sums by bin of weights that are Tensors: bincount and histogram. Where the data falls is a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, apply, call, holds_tensor, is_differentiable, observe, value_of
from .blocking import fact_of
from .creation import array
from .indexing import GETITEM
from .statistics import histogram_of

_ROLE = "upstream of its bin → each weight"


def _row(name: str, compute: Callable[..., Any]) -> Op:
    """An op on weights. `places` says which bin each goes to; −1 is none."""
    return row(
        name,
        compute,
        [Rule("δ of its bin", vjp=_to_weights)],
        role="broadcasts",
        role_text=_ROLE,
        symbol="Σ bins",
        text=f"{name}({{0}})",
    )


def _to_weights(g: Any, out: Any, weights: Any, places: Any, **given: Any) -> Any:
    if not np.size(weights):
        return np.zeros(np.shape(weights))
    share = call(GETITEM, (g,), {"index": places})
    return share if np.all(places >= 0) else np.where(places >= 0, share, 0.0)


BINCOUNT = _row("bincount", lambda weights, places, minlength: np.bincount(places, weights, minlength))
HISTOGRAM = _row(
    "histogram",
    lambda weights, places, a, bins, range: np.histogram(a, bins, range, weights=weights)[0],
)

# What they are without weights: plain counts and edges.
_counts, _counts_and_edges = fact_of(np.bincount), histogram_of(np.histogram)


def _summed(weights: Any) -> Any:
    """The weights as a Tensor whose gradient counts; None where there are none."""
    weights = array(weights) if isinstance(weights, (list, tuple)) and holds_tensor(weights) else weights
    return weights if holds_tensor(weights) and is_differentiable(value_of(weights)) else None


def bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    """`np.bincount` with weights that are a Tensor; without, it is a fact."""
    summed = _summed(weights)
    if summed is None:
        return _counts(x, weights, minlength)
    static = {"places": np.array(value_of(x), dtype=np.intp), "minlength": value_of(minlength)}
    np.bincount(value_of(x), value_of(summed))  # NumPy's own errors
    return apply(BINCOUNT, (summed,), static)


def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """`np.histogram` with weights that are a Tensor; without, it is a fact."""
    summed = _summed(weights)
    if summed is None:
        return _counts_and_edges(a, bins, range, density, weights)
    plain = value_of(summed)
    bins, range = value_of(bins), value_of(range)
    edges = observe(lambda data: np.histogram(data, bins, range, weights=plain)[1], (a,), "histogram")
    data = np.array(value_of(a)).reshape(np.shape(summed))
    places = np.searchsorted(edges, data, side="right") - 1
    places[data == edges[-1]] = len(edges) - 2
    places[~((data >= edges[0]) & (data <= edges[-1]))] = -1
    static = {"places": places, "a": data, "bins": np.array(bins) if np.ndim(bins) else bins, "range": range}
    sums = apply(HISTOGRAM, (summed,), static)
    return (sums / np.diff(edges) / np.sum(sums) if density else sums), edges


FUNCTIONS.update({np.bincount: bincount, np.histogram: histogram})
