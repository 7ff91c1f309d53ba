"""Formulas in the names of the user's variables: what a node was computed by, and what its local gradients are."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .node import Node
    from .op import Op

__all__ = ["expression", "fields", "formula", "label", "rule_text", "shortened"]

#: How long a formula that stands inside another may become before it is cut short.
_LONGEST = 40
_DEEPEST = 4


def expression(node: Node, depth: int = 0) -> str:
    """How `node` was computed from its operands: ``(x + y) · b``. For a leaf, its name or value."""
    if node.is_leaf:
        return label(node)
    op = node.rule
    binds = _binds(op)
    return _fill(op.text, node, lambda i, child: _operand(child, binds, i, depth))


def label(node: Node, depth: int = 0) -> str:
    """What a formula calls `node`: its name, its value if it is a constant, else its expression, cut where too long."""
    name = node.name
    if name is not None:
        return name
    if node.is_leaf:
        return number(node.value) if not node.shape else _array_name(node)
    if depth >= _DEEPEST:
        return "…"
    return shortened(node, _LONGEST, depth + 1)


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
        if part.is_leaf:
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
        return _fill(part.rule.text, part, lambda i, child: operands[i])

    text = written(node)
    return text if text is not None and len(text) <= longest else None


def shortened(node: Node, longest: int, depth: int = 0) -> str:
    """The expression of `node`; where that is too long, with the beginnings of its operands, as many as there is room.

    Examples
    --------
    >>> import gradviz as gv
    >>> total = gv.trace(lambda a, b, c, d: a * b + b * c + c * d + d * a, 1.0, 2.0, 3.0, 4.0).output
    >>> shortened(total, 30)
    'a · b + b · c + c · d + d · a'
    >>> shortened(total, 20)
    'a · b + … + d · a'
    """
    if node.is_leaf:
        return label(node)
    op = node.rule
    binds = _binds(op)
    operands: dict[int, str] = {}  # each is written once

    def operand(i: int, child: Node) -> str:
        if i not in operands:
            operands[i] = _operand(child, binds, i, depth)
        return operands[i]

    def within(room: int) -> str:
        text = _fill(op.text, node, lambda i, child: _beginning(operand(i, child), room))
        return _AND_MORE.sub(r"\1…", text)

    text = _fill(op.text, node, operand)
    if len(text) <= longest:
        return text
    return next((text for room in _ROOMS if len(text := within(room)) <= longest), within(1))


#: Letters that are left of each operand, until a formula is short enough.
_ROOMS = (16, 10, 5)
#: Terms left out one after the other are one ellipsis: a + … + … + b.
_AND_MORE = re.compile(r"( [+·] )…(?: [+·] …)+")


def _beginning(text: str, room: int) -> str:
    """The first term or factor of a formula that is longer than there is room, and an ellipsis."""
    if len(text) <= room:
        return text
    if text.startswith("(") and text.endswith(")") and len(_terms(text)) == 1:
        inner = _beginning(text[1:-1], room)
        return inner if inner == "…" else f"({inner})"
    first, *rest = _terms(text)
    begun = _beginning(first, room) if rest else "…"
    return "…" if begun == "…" else f"{begun}{rest[0]}…"


def _terms(text: str) -> list[str]:
    """A formula taken apart at the first of its signs that bind least: what is before it, the sign, the rest."""
    deep, found = 0, dict[bool, re.Match[str]]()
    for match in _SIGNS.finditer(text):
        deep += (match[0] in "([") - (match[0] in ")]")
        if deep == 0 and match[0].startswith(" "):
            found.setdefault(match[1] in "+−", match)
    sign = found.get(True) or found.get(False)
    return [text] if sign is None else [text[: sign.start()], sign[0], text[sign.end() :]]


_SIGNS = re.compile(r"[()\[\]]| ([+−·/@]) ")


def rule_text(node: Node, template: str, position: int) -> str:
    """A rule of the table of ops, with the names of `node`'s operands in it."""
    return _fill(template, node, lambda i, child: _operand(child, 3, i, 1), position)


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
    name = node.name
    if name is not None and name[:1] != "−":  # nearly all
        return name
    return _in_parentheses(label(node, depth), node, binds, position, named=name is not None)


def _in_parentheses(text: str, node: Node, binds: int, position: int, *, named: bool) -> str:
    inner = 5 if named or node.is_leaf else node.rule.binds
    # a − (b − c) and a / (b / c) need theirs on the right; a sum or product of the same kind reads without.
    due = inner < binds or (inner == binds and position == 1 and binds in (1, 2, 4))
    negative = text.startswith("−") and (binds >= 2 if node.is_leaf else position >= 1 and binds > 0)
    return f"({text})" if due or negative else text


def _array_name(node: Node) -> str:
    """A short vector by its numbers, any other array by its shape: ``[1 −2]``, ``[5 numbers]``, ``[4×5]``."""
    if len(node.shape) != 1:
        return f"[{'×'.join(map(str, node.shape))}]"
    [size] = node.shape
    return f"[{' '.join(map(number, node.value))}]" if 0 < size <= 3 else f"[{size:,} numbers]"


# -- templates ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def fields(template: str) -> tuple[str | int, ...]:
    """What a template has places for: operands' positions, and names.

    Examples
    --------
    >>> fields("{1}·{0}^({1}−1)"), fields("δ")
    ((1, 0, 1), ())
    """
    return tuple([field for _, field in _taken_apart(template) if field is not None])


@lru_cache(maxsize=4096)
def _taken_apart(template: str) -> tuple[tuple[str, str | int | None], ...]:
    """A template as pairs: some text, and the field behind it, an operand's position or a name; None at the end.

    What a user wrote as a formula and is no template stands as it is.
    """
    try:
        from string import Formatter  # only where something is drawn

        parts = [(text, field) for text, field, _, _ in Formatter().parse(template)]
    except ValueError:
        parts = [(template, None)]
    return tuple([(text, int(field) if field is not None and field.isdecimal() else field) for text, field in parts])


def _fill(template: str, node: Node, operand: Callable[[int, Node], str], position: int | None = None) -> str:
    """A template with the operands of `node`, its name and its static arguments in it."""
    inputs = node.inputs
    filled = ""
    for text, field in _taken_apart(template):
        filled += text
        if type(field) is int:
            filled += operand(field, inputs[field]) if field < len(inputs) else f"{{{field}}}"
        elif field is not None:
            filled += _named(field, node, operand, position)
    return _tidy(filled) if "^" in filled else filled


def _named(field: Any, node: Node, operand: Callable[[int, Node], str], position: int | None) -> str:
    """What stands in a template for a name."""
    inputs = node.inputs
    match field:
        case "all":
            shown = [operand(i, child) for i, child in enumerate(inputs if len(inputs) <= 4 else inputs[:3])]
            return ", ".join(shown if len(inputs) <= 4 else [*shown, "…"])
        case "row":
            return operand(0, inputs[0]) + ("ᵀ" if len(inputs[0].shape) == 1 else "")
        case "out" if position is not None:
            return node.name or "out"
        case "position" if position is not None:
            return str(position)
        case _:
            static = node.static
            return _static(static[field]) if field in static else f"{{{field}}}"


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
