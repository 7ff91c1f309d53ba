"""What an op is: one row of the table, with its value, its local gradients, its formulas and its role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .roles import ROLES

__all__ = ["OPS", "Op", "Rule", "elementwise", "row"]

#: Every op by its name. The families in `ops/` fill it as they are imported.
OPS: dict[str, Op] = {}


# Rows are not changed but for what is made of their rules. Frozen, the table would take 1 ms more of the import.
@dataclass(slots=True, eq=False)
class Rule:
    """How the gradient passes one op towards one of its operands.

    Attributes
    ----------
    text
        The rule as a formula, with `{0}`, `{1}` for the operands, `{out}` for the result and δ for the upstream
        gradient, which pictures and the export print with the names of the user's variables.
    local
        For elementwise ops, ``local(out, *operands, **static)``: the local gradient, one number per element of the
        result. The engine does the rest: downstream = upstream × local, with broadcasting undone.
    vjp
        For all other ops, ``vjp(upstream, out, *operands, **static)``: the downstream gradient itself.

    Exactly one of `local` and `vjp` is given; an op that lets no gradient through has neither.
    Both are written in NumPy calls, so they run on Tensors too, which is what makes gradients of gradients.
    """

    text: str
    local: Callable[..., Any] | None = None
    vjp: Callable[..., Any] | None = None


@dataclass(slots=True, eq=False)
class Op:
    """One row of the table of ops.

    Attributes
    ----------
    name
        NumPy's name for it: ``add``, ``maximum``, ``getitem``.
    symbol
        What stands in its box: ``+``, ``max``, ``σ``.
    compute
        ``compute(*operands, **static)`` gives the value, exactly as NumPy does.
    rules
        A rule per operand. An op that takes any number of operands has a single rule whose function is given
        ``position=`` as well (`variadic`).
    role, role_text
        What it does to the gradient, in a word and in a line (see `roles`).
    text
        How it is written in a formula: ``{0} + {1}``.
    binds
        How tightly `text` binds, to know where parentheses are due: 1 sum, 2 product, 3 sign, 4 power, 5 call.
    push
        Adds this op's contributions straight into the gradients of its operands: ``push(tensor, upstream)``.
        None means the general one; the few ops that dominate most code have a hand-made one (see `ops.pushing`).
    view
        Whether its result may be a view of its operand's memory, as NumPy's indexing and reshaping give.
    push_float
        The same for an upstream gradient that is a Python float, as the result then is too. Where it is None, the sweep
        makes it of the rules (see `backward.floats_of`).
    """

    name: str
    symbol: str
    compute: Callable[..., Any]
    rules: tuple[Rule, ...]
    role: str
    role_text: str
    text: str
    binds: int = 5
    variadic: bool = False
    push: Callable[[Any, Any], None] | None = None
    view: bool = False
    push_float: Callable[[Any, Any], None] | None = None

    def rule(self, position: int) -> Rule:
        """The rule towards the operand at `position`."""
        return self.rules[0] if self.variadic else self.rules[position]

    def __repr__(self) -> str:
        return f"<op {self.name}>"


def row(
    name: str,
    compute: Callable[..., Any],
    rules: list[Rule],
    *,
    role: str,
    symbol: str | None = None,
    role_text: str | None = None,
    text: str | None = None,
    binds: int = 5,
    variadic: bool = False,
    push: Callable[[Any, Any], None] | None = None,
    push_float: Callable[[Any, Any], None] | None = None,
    view: bool = False,
) -> Op:
    """Add a row to the table of ops."""
    if name in OPS:
        raise ValueError(f"there is an op named {name!r} already")
    if role not in ROLES:
        raise ValueError(f"unknown role {role!r} (must be one of {', '.join(map(repr, ROLES))})")
    if text is None:
        places = "…" if variadic else ", ".join(f"{{{i}}}" for i in range(len(rules)))
        text = f"{symbol or name}({places})"
    op = Op(
        name=name,
        symbol=symbol or name,
        compute=compute,
        rules=tuple(rules),
        role=role,
        role_text=role_text or ROLES[role],
        text=text,
        binds=binds,
        variadic=variadic,
        push=push,
        view=view,
        push_float=push_float,
    )
    OPS[name] = op
    return op


def elementwise(
    name: str,
    compute: Callable[..., Any],
    *locals_: tuple[str, Callable[..., Any]],
    role: str,
    symbol: str | None = None,
    role_text: str | None = None,
    text: str | None = None,
    binds: int = 5,
    push: Callable[[Any, Any], None] | None = None,
    push_float: Callable[[Any, Any], None] | None = None,
) -> Op:
    """Add an elementwise op: for each operand its local gradient, as a formula and as a function."""
    rules = [Rule(text=formula, local=local) for formula, local in locals_]
    return row(
        name,
        compute,
        rules,
        role=role,
        symbol=symbol,
        role_text=role_text,
        text=text,
        binds=binds,
        push=push,
        push_float=push_float,
    )
