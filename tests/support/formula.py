"""Reads the formulas of the table of ops, so that tests can hold what is printed against what is computed.

The language is that of the pictures: `{1}·{0}^({1}−1)`, `1/√(1−{0}²)`, `−⌊{0}/{1}⌋`, `{0} > 0 ? 1 : {slope}`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

try:
    from scipy import special
except ImportError:
    special = None

__all__ = ["NoFormula", "evaluate"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<place>\{[^}]*\})|(?P<word>[^\W\d_]\w*(?:\.\w+)*)|(?P<sign>[^\s\w]|[²³⁴½⅓¼]))"
)
_POWERS = {"²": 2.0, "³": 3.0, "⁴": 4.0}
_FRACTIONS = {"½": 0.5, "⅓": 1 / 3, "¼": 0.25}
_CONSTANTS = {"π": np.pi, "e": np.e, "inf": np.inf}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    ">": np.greater,
    "≤": np.less_equal,
    "≥": np.greater_equal,
    "=": np.equal,
    "≠": np.not_equal,
}
#: What formulas call functions, where it is not NumPy's name for them.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ln": np.log,
    "log₂": np.log2,
    "log₁₀": np.log10,
    "max": np.maximum,
    "min": np.minimum,
    "mod": np.remainder,
    "round": np.round,
    "relu": lambda x: np.maximum(x, 0.0),
    "I₀": np.i0,
    "hard_tanh": lambda x: np.clip(x, -1.0, 1.0),
    "σ": lambda x: 1.0 / (1.0 + np.exp(-x)),
}


_SCIPYS = frozenset({"iv", "i1"})


class NoFormula(Exception):
    """The text is prose, or in a notation that is not read here."""


def evaluate(text: str, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """The number that a formula stands for, where `values` holds what is in its places: ``0``, ``1``, ``out``, a slope.

    Raises
    ------
    NoFormula
        If the text is none.
    """
    reader = _Reader(text, values, {**_FUNCTIONS, **(functions or {})})
    result = reader.choice()
    if reader.next is not None:
        raise NoFormula(f"{text!r}: {reader.next!r} is left over")
    return result


class _Reader:
    """Reads a formula from left to right, computing as it goes: one method per level of precedence."""

    def __init__(self, text: str, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self.text = text
        self.values = values
        self.functions = functions
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Any:
        position = 0
        text = self.text.strip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise NoFormula(f"{self.text!r}: can't read {text[position:]!r}")
            yield match.lastgroup, match.group(match.lastgroup or 0)
            position = match.end()

    @property
    def next(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    @property
    def kind(self) -> str | None:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else None

    def take(self, *expected: str) -> str:
        token = self.next
        if token is None or (expected and token not in expected):
            raise NoFormula(f"{self.text!r}: expected {' or '.join(expected) or 'more'}, found {token!r}")
        self.at += 1
        return token

    def choice(self) -> Any:
        first = self.comparison()
        if self.next != "?":
            return first
        self.take("?")
        yes = self.choice()
        self.take(":")
        return np.where(first, yes, self.choice())

    def comparison(self) -> Any:
        left = self.sum()
        result = None
        while self.next in _COMPARISONS:
            compare = _COMPARISONS[self.take()]
            right = self.sum()
            result = compare(left, right) if result is None else result & compare(left, right)
            left = right
        return left if result is None else result

    def sum(self) -> Any:
        total = self.product()
        while self.next in ("+", "−", "-"):
            total = total + self.product() if self.take() == "+" else total - self.product()
        return total

    def product(self) -> Any:
        total = self.signed()
        while True:
            if self.next in ("·", "×", "*"):
                self.take()
                total = total * self.signed()
            elif self.next in ("/", "÷"):
                self.take()
                total = np.divide(total, self.signed())
            elif self.next == "mod":
                self.take()
                total = np.remainder(total, self.signed())
            elif self.kind in ("number", "place", "word") or self.next in ("(", "√"):
                total = total * self.signed()  # juxtaposed
            else:
                return total

    def signed(self) -> Any:
        if self.next in ("−", "-", "+"):
            return operator.neg(self.signed()) if self.take() != "+" else self.signed()
        return self.power()

    def power(self) -> Any:
        base = self.atom()
        while self.next in _POWERS:
            base = base ** _POWERS[self.take()]
        if self.next == "^":
            self.take()
            base = np.power(np.asarray(base, dtype=float), self.signed())
        return base

    def atom(self) -> Any:
        kind, token = self.kind, self.take()
        if kind == "number":
            return float(token)
        if kind == "place":
            if token[1:-1] not in self.values:
                raise NoFormula(f"{self.text!r}: nothing is known of {token}")
            return self.values[token[1:-1]]
        if token in _FRACTIONS:
            return _FRACTIONS[token]
        if token == "√":
            return np.sqrt(self.power())
        if token == "∛":
            return np.cbrt(self.power())
        for opening, closing, function in (
            ("(", ")", None),
            ("⌊", "⌋", np.floor),
            ("⌈", "⌉", np.ceil),
            ("|", "|", np.abs),
        ):
            if token == opening:
                inside = self.choice()
                self.take(closing)
                return inside if function is None else function(inside)
        if kind == "word":
            return self.word(token)
        raise NoFormula(f"{self.text!r}: can't read {token!r}")

    def word(self, name: str) -> Any:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        function = self.functions.get(name) or getattr(np, name, None) or getattr(special, name, None)
        if not callable(function):
            if name in _SCIPYS:  # NumPy has the op, and only scipy the function that its slope is
                pytest.importorskip("scipy.special")
            raise NoFormula(f"{self.text!r}: unknown word {name!r}")
        power = _POWERS[self.take()] if self.next in _POWERS else 1.0  # sin² x
        if self.next != "(":
            return function(self.power()) ** power
        self.take("(")
        arguments = [self.choice()]
        while self.next == ",":
            self.take(",")
            arguments.append(self.choice())
        self.take(")")
        return function(*arguments) ** power
