"""Hooks Python's operators on the Tensor: which operator records which op."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .op import Op
from .ops import arithmetic, blocking, linear, shaping
from .ops.indexing import getitem
from .tensor import Tensor, apply, binary, comparison, unary

#: dunder name without underscores → the op and how Python computes it.
BINARY: dict[str, tuple[Op, Callable[[Any, Any], Any]]] = {
    "add": (arithmetic.ADD, operator.add),
    "sub": (arithmetic.SUBTRACT, operator.sub),
    "mul": (arithmetic.MULTIPLY, operator.mul),
    "truediv": (arithmetic.DIVIDE, operator.truediv),
    "pow": (arithmetic.POWER, arithmetic.POWER.compute),
    "mod": (arithmetic.REMAINDER, operator.mod),
    "floordiv": (blocking.FLOOR_DIVIDE, operator.floordiv),
    "matmul": (linear.MATMUL, operator.matmul),
}
UNARY: dict[str, tuple[Op, Callable[[Any], Any]]] = {
    "neg": (arithmetic.NEGATIVE, operator.neg),
    "pos": (arithmetic.POSITIVE, operator.pos),
    "abs": (arithmetic.ABSOLUTE, abs),
}
_COMPARISONS: dict[str, tuple[np.ufunc, Callable[[Any, Any], Any], str]] = {
    "lt": (np.less, operator.lt, "<"),
    "le": (np.less_equal, operator.le, "≤"),
    "gt": (np.greater, operator.gt, ">"),
    "ge": (np.greater_equal, operator.ge, "≥"),
    "eq": (np.equal, operator.eq, "="),
    "ne": (np.not_equal, operator.ne, "≠"),
}


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = name
    function.__qualname__ = f"Tensor.{name}"
    return function


for _name, (_op, _compute) in BINARY.items():
    _forward, _reflected = binary(_op, _compute)
    setattr(Tensor, f"__{_name}__", _named(_forward, f"__{_name}__"))
    setattr(Tensor, f"__r{_name}__", _named(_reflected, f"__r{_name}__"))
for _name, (_op, _compute) in UNARY.items():
    setattr(Tensor, f"__{_name}__", _named(unary(_op, _compute), f"__{_name}__"))
for _name, (_ufunc, _compute, _symbol) in _COMPARISONS.items():
    setattr(Tensor, f"__{_name}__", _named(comparison(_ufunc, _compute, _symbol), f"__{_name}__"))


def _round(self: Tensor, digits: int | None = None) -> Any:
    return apply(blocking.ROUND, (self,), {"decimals": digits, "python": True})


def _copied(self: Tensor, memo: Any = None) -> Any:
    """copy.copy and copy.deepcopy: a new value, on the same graph."""
    return apply(shaping.COPY, (self,))


def _divmod(self: Tensor, other: Any) -> Any:
    return self // other, self % other


def _rdivmod(self: Tensor, other: Any) -> Any:
    return other // self, other % self


def _contains(self: Tensor, item: Any) -> bool:
    return bool(np.any(self == item))


for _name, _function in {
    "__getitem__": getitem,
    "__divmod__": _divmod,
    "__rdivmod__": _rdivmod,
    "__contains__": _contains,
    "__round__": _round,
    "__copy__": _copied,
    "__deepcopy__": _copied,
}.items():
    setattr(Tensor, _name, _named(_function, _name))

#: The operators that write in place, and how NumPy does it.
IN_PLACE: dict[str, np.ufunc] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "pow": np.power,
    "mod": np.remainder,
    "floordiv": np.floor_divide,
    "matmul": np.matmul,
}
