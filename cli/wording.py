"""Reads in the text around a change what it is: the words of gradient descent, of time, and names of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..tracer.source import locate
from ..tracer.tensor import Tensor, operands
from .descent import Move

__all__ = ["is_learned", "says_so", "speaks_of_time"]

#: Identifiers that stand in the updates of gradient descent and its kin, and hardly anywhere else.
_DESCENT = re.compile(
    r"(?i:(\w+_)?lr(ate|_\w+|\d+)?|\w*learn(ing)?_?rate\w*|(\w+_)?(grad|nabla)(s|ients?)?(_\w+)?|sgd|eta)"
    r"|\w*[gG]radients?|grad[A-Z]\w*|∇\w*|η"
)
#: Those of a solver that goes through time.
_TIME = re.compile(r"d_?t\d?|\w+_dt|dt_\w+|[dD]elta_?t|[Δδ]t|(?i:time_?step)|dtau|dτ")
#: Names of what is learned.
_LEARNED = re.compile(
    r"(?i:w|b|w_?\d+|b_?\d+|w[a-z]h|b[a-z]|theta\w*|θ\w*|beta\w*|weights?\w*|bias\w*|coefs?\w*|params?\w*|syn_?\d+)"
)
_WORD = re.compile(r"[^\W\d]\w*")
#: The ops that a gradient goes through on its way to an update, in whose texts words are looked for.
_SCALING = frozenset({"add", "subtract", "multiply", "divide", "setitem", "add.at", "subtract.at", "clip", "alias",
                      "negative", "sqrt", "power"})  # fmt: skip
_READ = 40  # so many records' texts are read


def says_so(move: Move, target: str) -> str | None:
    """The word of gradient descent that stands in a change; None where there is none, or a word of time beside it."""
    words = list(_words(move, target))
    said = next((word for word in words if _DESCENT.fullmatch(word)), None)
    return None if said is None or any(map(_TIME.fullmatch, words)) else said


def speaks_of_time(move: Move, target: str) -> bool:
    """Whether a word of time stands in a change."""
    return any(map(_TIME.fullmatch, _words(move, target)))


def is_learned(name: str) -> bool:
    """Whether a name, or the last part of `self.W` or `params['W1']`, is one that parameters have.

    Examples
    --------
    >>> is_learned("params['W1']"), is_learned("state")
    (True, False)
    """
    return any(map(_LEARNED.fullmatch, _WORD.findall(name)))


def _words(move: Move, target: str) -> Iterator[str]:
    """The identifiers in what a variable is changed by, but for those of its own name."""
    own = set(_WORD.findall(target))
    waiting: list[Any] = [move.new]
    for _ in range(_READ):
        if not waiting:
            return
        record = waiting.pop(0)
        text = record.name or ""
        if record._a is not None:
            text = (locate(record._code, record._at).code if record._code is not None else None) or ""
            if record._op.name in _SCALING or record is move.new:
                waiting += [x for x in operands(record) if isinstance(x, Tensor) and x is not move.old]
        yield from (word for word in _WORD.findall(text) if word not in own)
