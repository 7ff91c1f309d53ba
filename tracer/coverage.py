"""What gradviz records, as tables in Markdown: made from the op table and the registries, printed by `python -m`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

import numpy as np

from .op import OPS, Op
from .tensor import FUNCTIONS, LATE, PLAIN_UFUNCS, UFUNCS, Tensor

__all__ = ["Entry", "composed", "facts", "markdown", "recorded"]

#: Where the public names are, in the order in which a function that has several is called.
_NAMESPACES = {
    "numpy": "np",
    "numpy.linalg": "np.linalg",
    "numpy.fft": "np.fft",
    "numpy.lib.stride_tricks": "np.lib.stride_tricks",
    "scipy.special": "scipy.special",
    "gradviz": "gv",
}

#: Ops that are no function of NumPy's, and how code comes by them.
_NOTATIONS = {
    "getitem": "x[i]",
    "setitem": "x[i] = v",
    "masked": "where=",
    "alias": "y = x[:]",
    "array": "gv.np.array([x, y])",
    "full": "gv.np.full",
    "arange": "gv.np.arange",
}
_OPERATORS = {
    "add": "x + y",
    "subtract": "x − y",
    "multiply": "x * y",
    "divide": "x / y",
    "power": "x ** y",
    "remainder": "x % y",
    "floor_divide": "x // y",
    "matmul": "x @ y",
    "negative": "−x",
    "positive": "+x",
    "absolute": "abs(x)",
    "maximum": "max(x, y)",
    "minimum": "min(x, y)",
}

#: What the handlers of NumPy's functions are called that answer with plain facts (see `ops.blocking`).
_FACT_HANDLERS = frozenset({"fact", "plain"})


#: Facts that have a handler of their own.
_OTHER_FACTS = frozenset({np.lexsort, np.linalg.matrix_rank})


@dataclass(frozen=True)
class Entry:
    """One row of the table.

    Attributes
    ----------
    op
        The op's name.
    symbol
        What stands in its box.
    calls
        How code calls it: ``np.sum``, ``x.sum()``.
    gradients
        The gradient towards each operand, as a formula in x, y, z and δ, the upstream gradient.
    role
        What it does to the gradient.
    """

    op: str
    symbol: str
    calls: tuple[str, ...]
    gradients: tuple[str, ...]
    role: str


def recorded() -> list[Entry]:
    """Every op there is, by name; leaves are none.

    Examples
    --------
    >>> [entry.gradients for entry in recorded() if entry.op == "multiply"]
    [('y', 'x')]
    """
    names = _public_names()
    calls: dict[str, list[str]] = {name: [] for name in OPS}
    for ufunc, op in UFUNCS.items():
        calls[op.name].append(names.get(ufunc, ufunc.__name__))
    for function in FUNCTIONS:
        if _own_op(function):
            calls[function.__name__].append(names.get(function, function.__name__))
    return [
        Entry(op.name, op.symbol, tuple(_calls(op, calls[op.name], names)), _gradients(op), op.role)
        for op in sorted(OPS.values(), key=lambda op: op.name)
        if op.rules
    ]


def composed() -> list[str]:
    """The functions that are recorded as the ops they are made of: `np.split` as slices, say."""
    names = _public_names()
    return sorted(names.get(f, f.__name__) for f in FUNCTIONS if not _is_fact(f) and not _own_op(f))


def facts() -> list[str]:
    """The functions and ufuncs that answer with plain numbers and truths."""
    names = _public_names()
    return sorted(names.get(f, f.__name__) for f in (*filter(_is_fact, FUNCTIONS), *PLAIN_UFUNCS))


def markdown() -> str:
    """All of it, for the README."""
    lines = ["| op | box | called as | ∂ | role |", "| --- | --- | --- | --- | --- |"]
    lines += [_line(entry) for entry in recorded()]
    lines += ["", f"Recorded as the ops they are made of: {_listed(composed())}."]
    lines += ["", f"Facts, which are plain numbers and truths: {_listed(facts())}."]
    return "\n".join(lines)


# -- names -------------------------------------------------------------------------------------------------------------


def _public_names() -> dict[Any, str]:
    """A function or ufunc → its public name, the first of several; SciPy's only where it is installed."""
    names: dict[Any, str] = {}
    for module, short in _NAMESPACES.items():
        for name, member in _members(module):
            own = getattr(member, "__name__", name) == name
            if member not in names or (own and names[member].startswith(f"{short}.")):
                names[member] = f"{short}.{name}"
    return names


def _members(module: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    try:
        found = importlib.import_module(module)
    except ImportError:
        return
    for register in tuple(LATE):  # what was waiting for SciPy to be imported
        register()
    for name in sorted(getattr(found, "__all__", dir(found))):
        member = getattr(found, name, None)
        if callable(member) and not isinstance(member, type):
            yield name, member


def _is_fact(function: Callable[..., Any]) -> bool:
    return FUNCTIONS[function].__name__ in _FACT_HANDLERS or function in _OTHER_FACTS


def _own_op(function: Callable[..., Any]) -> bool:
    """Whether a function is recorded as the one op that bears its name."""
    return not _is_fact(function) and function.__name__ in OPS


def _calls(op: Op, functions: Iterable[str], names: dict[Any, str]) -> Iterator[str]:
    """How code comes by an op: as an operator, a function, a method."""
    if op.name in _OPERATORS:
        yield _OPERATORS[op.name]
    yield from sorted(dict.fromkeys(functions))
    if op.name in _NOTATIONS:
        yield _NOTATIONS[op.name]
    first, _, method = op.name.partition(".")
    if method and hasattr(np, first):
        yield f"np.{op.name}" if isinstance(getattr(np, first), np.ufunc) else f"np.{first}(…, {method!r})"
    yield from _elsewhere(op, set(functions), names)
    if hasattr(np.ndarray, op.name) and hasattr(Tensor, op.name):
        yield f"x.{op.name}()"


def _elsewhere(op: Op, found: set[str], names: dict[Any, str]) -> Iterator[str]:
    """gradviz's own function of the op's name, and libraries' functions that don't go through NumPy's protocols."""
    for space in ("gv", "scipy.special", "np.lib.stride_tricks"):
        name = f"{space}.{op.name}"
        if name in names.values() and name not in found and (space == "gv" or not found):
            yield name


# -- formulas ----------------------------------------------------------------------------------------------------------


class _Places(dict[str, str]):
    """What a formula's places are called where there is no graph: static arguments by their own names."""

    def __missing__(self, key: str) -> str:
        return key


def _gradients(op: Op) -> tuple[str, ...]:
    operands = ("x…",) if op.variadic else ("x", "y", "z")
    places = _Places({"out": "out", "all": "…", "position": "k"})
    return tuple(Formatter().vformat(rule.text, operands, places) for rule in op.rules)


def _line(entry: Entry) -> str:
    calls = ", ".join(f"`{call}`" for call in entry.calls) or "in gradients"
    cells = (f"`{entry.op}`", entry.symbol, calls, "; ".join(entry.gradients), entry.role)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    print(markdown())
