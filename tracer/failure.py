"""What a graph knows of the op that raised an exception, where its script did not reach its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Failure"]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The op that raised the exception; `Graph.failure` of what is drawn then.

    Attributes
    ----------
    op, symbol
        NumPy's name of it, and what stands in its box.
    operands
        What it was given: records of the graph, and plain values.
    given
        The same in words: `W (2, 3)`, `0`.
    message
        The exception's own.
    sentence
        What does not fit, in one sentence; None where there is nothing to explain.
    file, line, code
        Where it stands in the script.
    """

    op: str
    symbol: str
    operands: list[Any] = field(default_factory=list[Any])
    given: list[str] = field(default_factory=list[str])
    message: str
    sentence: str | None = None
    file: str
    line: int | None
    code: str | None
