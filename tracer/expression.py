"""Formulas in the names of the user's variables: what a node was computed by, and what its local gradients are."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .node import Node
    from .op import Op

__all__ = ["expression", "formula", "label", "rule_text"]

#: How long a formula that stands inside another may become before it is cut short.
_LONGEST = 40
_DEEPEST = 4


class _Static(dict[str, Any]):
    """The static arguments, as formulas print them."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def expression(node: Node, depth: int = 0) -> str:
    """How `node` was computed from its operands: ``(x + y) · b``. For a leaf, its name or value."""
    if not node.inputs_edges:
        return label(node)
    op = node.rule
    operands = [_operand(child, _binds(op), i, depth) for i, child in enumerate(node.inputs)]
    return _fill(op.text, operands, node)


def label(node: Node, depth: int = 0) -> str:
    """What a formula calls `node`: its name, its value if it is a constant, else its expression, cut where too long."""
    if node.name is not None:
        return node.name
    if not node.inputs_edges:
        return number(node.value) if np.ndim(node.value) == 0 else _array_name(node)
    if depth >= _DEEPEST:
        return "…"
    text = expression(node, depth + 1)
    return text if len(text) <= _LONGEST else outline(node)


def formula(node: Node, *, longest: int = 60) -> str | None:
    """`node` as a formula of the leaves alone, the names between them written out; None where that gets too long.

    Examples
    --------
    >>> import gradviz as gv
    >>> def f(x, y):
    ...     a = x + y
    ...     return a * y
    >>> formula(gv.trace(f, 1.0, 2.0).output)
    '(x + y) · y'
    """
    budget = [longest // 2]  # every op takes two characters at least

    def written(part: Node) -> str | None:
        if not part.inputs_edges:
            return label(part)
        budget[0] -= 1
        if budget[0] < 0:
            return None
        operands: list[str] = []
        for i, child in enumerate(part.inputs):
            text = written(child)
            if text is None:
                return None
            operands.append(_in_parentheses(text, child, _binds(part.rule), i, named=False))
        return _fill(part.rule.text, operands, part)

    text = written(node)
    return text if text is not None and len(text) <= longest else None


def outline(node: Node) -> str:
    """What is left of an expression that is too long: `… + …`."""
    return _fill(node.rule.text, ["…"] * len(node.inputs_edges), node)


def rule_text(node: Node, template: str, position: int) -> str:
    """A rule of the table of ops, with the names of `node`'s operands in it."""
    operands = [_operand(child, 3, i, 1) for i, child in enumerate(node.inputs)]
    return _fill(template, operands, node, out=node.name or "out", position=position)


def number(value: Any) -> str:
    """A constant as a formula shows it."""
    value = value.item() if isinstance(value, np.generic | np.ndarray) else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:.4g}".replace("-", "−")


def _binds(op: Op) -> int:
    """How tightly an op holds its operands: a call holds them in its own parentheses, what trails them does not."""
    return 0 if op.binds == 5 and not op.text.startswith("{0}") else op.binds


def _operand(node: Node, binds: int, position: int, depth: int) -> str:
    """An operand inside a formula that binds as tightly as `binds`, in parentheses where they are due."""
    return _in_parentheses(label(node, depth), node, binds, position, named=node.name is not None)


def _in_parentheses(text: str, node: Node, binds: int, position: int, *, named: bool) -> str:
    inner = 5 if named or not node.inputs_edges else node.rule.binds
    # a − (b − c) and a / (b / c) need theirs on the right; a sum or product of the same kind reads without.
    due = inner < binds or (inner == binds and position == 1 and binds in (1, 2, 4))
    negative = text.startswith("−") and (binds >= 2 if not node.inputs_edges else position >= 1 and binds > 0)
    return f"({text})" if due or negative else text


def _array_name(node: Node) -> str:
    return "×".join(str(n) for n in node.shape) + " array"


def _fill(template: str, operands: list[str], node: Node, **more: Any) -> str:
    static = _Static({key: _static(value) for key, value in node.static.items()})
    shown = operands if len(operands) <= 4 else [*operands[:3], "…"]
    row = operands[0] + ("ᵀ" if node.inputs[0].value is not None and np.ndim(node.inputs[0].value) == 1 else "")
    return _tidy(Formatter().vformat(template, operands, _Static(static, all=", ".join(shown), row=row, **more)))


_SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def _tidy(text: str) -> str:
    """Powers as they are written by hand: x², and 3·x² for 3·x^(3−1)."""
    text = re.sub(r"\^\((\d+)−1\)", lambda m: "" if m[1] == "2" else f"^{int(m[1]) - 1}", text)
    return re.sub(r"\^\(?(−?\d+)\)?(?![\d.e])", lambda m: m[1].translate(_SUPERSCRIPTS), text)


def _static(value: Any) -> str:
    if isinstance(value, slice):
        step = "" if value.step is None else f":{value.step}"
        return f"{'' if value.start is None else value.start}:{'' if value.stop is None else value.stop}{step}"
    if isinstance(value, tuple):
        return ", ".join(_static(v) for v in value)  # pyright: ignore[reportUnknownVariableType]
    if value is Ellipsis:
        return "…"
    if isinstance(value, np.ndarray) and value.size > 4:
        return f"{'×'.join(str(n) for n in value.shape)} {'mask' if value.dtype == bool else 'indices'}"
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    return number(value) if isinstance(value, float) else str(value)
