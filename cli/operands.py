"""What an op on plain arrays was given when it failed: read from its text and the variables of its frame."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from ..tracer.op import OPS, Op
from ..tracer.source import locate

__all__ = ["Operand", "plain_op"]


@dataclass(frozen=True)
class Operand:
    """An operand: how the script writes it, and what it was."""

    text: str
    value: Any


_OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add), ast.Sub: ("subtract", operator.sub), ast.Mult: ("multiply", operator.mul),
    ast.Div: ("divide", operator.truediv), ast.MatMult: ("matmul", operator.matmul), ast.Pow: ("power", operator.pow),
}  # fmt: skip
#: Functions of two arrays that are explained.
_FUNCTIONS = frozenset({"matmul", "dot", "add", "subtract", "multiply", "divide", "power", "maximum", "minimum"})
#: What is computed again to learn an operand's shape: it has no effect but its result.
_HARMLESS = frozenset(
    {"zeros", "ones", "empty", "full", "eye", "identity", "arange", "linspace", "array", "asarray", "zeros_like",
     "ones_like", "transpose", "reshape", "ravel", "atleast_1d", "atleast_2d", "expand_dims", "squeeze", "flatten",
     "exp", "tanh", "sqrt", "maximum", "minimum", "astype", "copy"}
)  # fmt: skip


def plain_op(trace: TracebackType) -> tuple[Op, list[Any]] | None:
    """The op at a frame's instruction, and its operands; None where it is none of those that are explained."""
    frame = trace.tb_frame
    text = locate(frame.f_code, trace.tb_lasti).code
    try:
        statement = ast.parse(text or "").body[0]
    except (SyntaxError, IndexError, RecursionError):
        return None
    parts = _parts(statement.value if isinstance(statement, ast.Expr) else statement)
    if parts is None:
        return None
    name, nodes = parts
    try:
        return OPS[name], [Operand(ast.unparse(node), _value(node, frame)) for node in nodes]
    except _Unknown:
        return None


def _parts(node: ast.AST) -> tuple[str, list[ast.expr]] | None:
    """The op's name and its two operands."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)][0], [left, right]
        case ast.AugAssign(target=left, op=op, value=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)][0], [left, right]
        case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right]):
            return "dot", [left, right]
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[left, right]) if name in _FUNCTIONS:
            return name, [left, right]
        case _:
            return None


class _Unknown(Exception):
    """An expression whose value can't be had without running the script's code again."""


def _value(node: ast.expr, frame: FrameType) -> Any:
    """What an expression of variables, arrays and NumPy's plain functions is now."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            for names in (frame.f_locals, frame.f_globals, vars(builtins)):
                if name in names:
                    return names[name]
        case ast.Tuple(elts=parts):
            return tuple(_value(part, frame) for part in parts)
        case ast.List(elts=parts):
            return [_value(part, frame) for part in parts]
        case ast.Attribute(value=inner, attr=name):
            owner = _value(inner, frame)
            if isinstance(owner, (np.ndarray, ModuleType)) or name in getattr(owner, "__dict__", ()):
                return getattr(owner, name)
        case ast.Subscript(value=inner, slice=index):
            owner = _value(inner, frame)
            if type(owner) in (list, tuple, dict, np.ndarray):
                return _tried(operator.getitem, owner, _index(index, frame))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _tried(operator.neg, _value(inner, frame))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _tried(_OPERATORS[type(op)][1], _value(left, frame), _value(right, frame))
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=args, keywords=keywords) if name in _HARMLESS:
            owner = _value(inner, frame)
            if isinstance(owner, np.ndarray) or getattr(owner, "__name__", None) == "numpy":
                options = {str(keyword.arg): _value(keyword.value, frame) for keyword in keywords}
                return _tried(partial(getattr(owner, name), **options), *(_value(arg, frame) for arg in args))
        case _:
            pass
    raise _Unknown


def _index(node: ast.expr, frame: FrameType) -> Any:
    match node:
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(*(None if part is None else _value(part, frame) for part in (lower, upper, step)))
        case ast.Tuple(elts=parts):
            return tuple(_index(part, frame) for part in parts)
        case _:
            return _value(node, frame)


def _tried(compute: Callable[..., Any], *values: Any) -> Any:
    try:
        return compute(*values)
    except Exception:
        raise _Unknown from None
