"""Random graphs for property tests: scopes entered again, loops, one expression that runs many ops, shared leaves."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from hypothesis import strategies as st

import gradviz as gv

__all__ = ["SCOPES", "graphs"]

SCOPES = ((), ("a",), ("b",), ("a", "c"), ("step1",), ("step2",), ("step3",), ("x/y",))
_ONE = (np.sin, np.tanh, lambda x: x * 0.5, lambda x: -x)
_TWO = (lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, np.maximum)


def _one(a: Any, b: Any, k: int) -> Any:
    return _ONE[k](a)


def _two(a: Any, b: Any, k: int) -> Any:
    return _TWO[k](a, b)


def _either(a: Any, b: Any, k: int) -> Any:
    """One expression that runs one op or another."""
    f, *operands = (_ONE[k], a) if k % 2 else (_TWO[k], a, b)
    return f(*operands)


def _many(a: Any, b: Any, k: int) -> Any:
    """One expression whose op has two operands or more."""
    return np.sum(np.stack([a, b] + [a] * k))


def _fresh(a: Any, b: Any, k: int) -> Any:
    return a * gv.tensor(0.7, "w[7]")


def _cut(a: Any, b: Any, k: int) -> Any:
    return a * gv.detach(b)


def _loop(a: Any, b: Any, k: int) -> Any:
    for _ in range(k + 2):
        a = np.sin(a * b) + 0.5
    return a


def _steps(a: Any, b: Any, k: int) -> Any:
    for t in range(k + 2):
        with gv.scope(f"step{t}"):
            a = np.sin(a * b) + 0.5
    return a


_STEPS = (_one, _two, _either, _many, _fresh, _cut, _loop, _steps)


@st.composite
def graphs(draw: st.DrawFn) -> gv.Graph:
    """A graph of numbers with one output or several, swept from one of them."""
    values = [gv.tensor(0.3 + 0.1 * i, f"w[{i}]" if i % 2 else "vxyz"[i // 2]) for i in range(draw(st.integers(1, 5)))]
    operand = st.integers(0, 6)
    step = st.tuples(st.sampled_from(_STEPS), operand, operand, st.integers(0, 3), st.sampled_from(SCOPES))
    for run, i, j, k, scope in draw(st.lists(step, min_size=1, max_size=25)):
        with contextlib.ExitStack() as inside:
            for name in scope:
                inside.enter_context(gv.scope(name))
            values.append(run(values[-1 - i % len(values)], values[j % len(values)], k))
    ends = values[-draw(st.integers(1, 3)) :]
    ends[-1].backward()
    return gv.graph(*dict.fromkeys(ends))
