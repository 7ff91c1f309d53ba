"""What went wrong in an op: the op, what it was given, and one sentence that explains shapes that do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np

from ..tracer.failure import Failure
from ..tracer.frames import Owner, owner_of
from ..tracer.op import Op
from ..tracer.source import locate
from ..tracer.tensor import UFUNCS, Tensor, describe, now
from .operands import Operand, plain_op

__all__ = ["failure_of"]


def failure_of(error: BaseException) -> Failure | None:
    """The op that an exception came out of; None where it came from somewhere else."""
    frames = list(_frames(error.__traceback__))
    user = next((t for t in reversed(frames) if owner_of(t.tb_frame.f_code.co_filename) is Owner.USER), None)
    if user is None:
        return None
    inner = frames[frames.index(user) + 1 :]
    found = next((f for f in map(_op_in, inner) if f is not None), None)
    if found is None and isinstance(error, ValueError) and _NO_FIT.search(str(error)):
        found = plain_op(user)
    if found is None:
        return None
    op, operands = found
    given = [_in_words(now(x) if isinstance(x, Tensor) else x) for x in operands]
    operands = [x.value if isinstance(x, Operand) else x for x in operands]
    operands = [now(x) if isinstance(x, Tensor) else x for x in operands]
    where = locate(user.tb_frame.f_code, user.tb_lasti)
    return Failure(
        op=op.name,
        symbol=op.symbol,
        operands=[x for x in operands if isinstance(x, (Tensor, np.ndarray, np.generic, int, float, complex))],
        given=given,
        message=f"{type(error).__name__}: {error}",
        sentence=_sentence(op, [np.shape(x._value if isinstance(x, Tensor) else x) for x in operands], str(error)),
        file=where.file,
        line=user.tb_lineno,
        code=where.code,
    )


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _op_in(trace: TracebackType) -> tuple[Op, list[Any]] | None:
    """The op and its operands, where a frame is one of those that compute ops."""
    frame = trace.tb_frame
    if owner_of(frame.f_code.co_filename) is not Owner.GRADVIZ:
        return None
    held = frame.f_locals
    op = held.get("op")
    if not isinstance(op, Op):
        op = UFUNCS.get(held.get("ufunc"))  # pyright: ignore[reportArgumentType, reportCallIssue]
    if op is None:
        return None
    if "inputs" in held:
        return op, list(held["inputs"])
    if "self" not in held:
        return None
    operands = [held["self"], *([held["other"]] if "other" in held else [])]
    return op, operands[::-1] if frame.f_code.co_name == "reflected" else operands


def _in_words(x: Any) -> str:
    if isinstance(x, Operand):
        if x.text.replace(".", "").isidentifier():
            return f"{x.text} {np.shape(x.value)}" if np.ndim(x.value) else f"{x.text} = {describe(x.value)}"
        x = x.value
    if not isinstance(x, Tensor):
        return f"an array of shape {np.shape(x)}" if np.ndim(x) else repr(x)
    name = x.name or (locate(x._code, x._at).name if x._code is not None else None) or "a result"
    return f"{name} {np.shape(x._value)}" if np.ndim(x._value) else f"{name} = {describe(x._value)}"


_SIGNS = {"matmul": "@", "dot": "·", "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
_NO_FIT = re.compile(r"shape|dimension|align|broadcast", re.IGNORECASE)


def _sentence(op: Op, shapes: list[tuple[int, ...]], message: str) -> str | None:
    """`(3, 4) @ (3,): the inner dimensions 4 and 3 differ`."""
    if len(shapes) != 2 or not _NO_FIT.search(message):
        return None
    left, right = (list(shape) for shape in shapes)
    shown = f"{shapes[0]} {_SIGNS.get(op.name, op.symbol)} {shapes[1]}"
    if op.name in ("matmul", "dot"):
        if not left or not right:
            return f"{shown}: a matrix product needs arrays, and one of them is a single number"
        inner = right[-2] if len(right) > 1 else right[0]
        if left[-1] != inner:
            return f"{shown}: the inner dimensions {left[-1]} and {inner} differ"
        return f"{shown}: the stacks {tuple(left[:-2])} and {tuple(right[:-2])} do not broadcast"
    for i in range(1, min(len(left), len(right)) + 1):
        a, b = left[-i], right[-i]
        if a != b and 1 not in (a, b):
            which = "the last dimensions" if i == 1 else f"dimensions {-i}"
            return f"{shown}: {which}, {a} and {b}, differ and neither is 1"
    return None
