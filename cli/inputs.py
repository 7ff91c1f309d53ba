"""Finds the assignments at module level that give a script its inputs, and rewrites them to make leaves of the values.

`x = 1.0` becomes `x = __gradviz_input__("x", 1.0, False)`. Every new node bears the position of what it stands around,
so that tracebacks and `co_positions` go on pointing at the user's text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from ..tracer.backward import INPUT, PARAMETER
from ..tracer.tensor import Tensor, is_differentiable, leaf
from .module import Origins, written_in_place

__all__ = ["HIDDEN", "Inputs", "mark_inputs"]

#: What the rewritten assignments call; it stands among the script's builtins.
HIDDEN = "__gradviz_input__"

_GENERATORS = ("numpy.random.", "random.")
#: Functions of NumPy that make arrays of sizes and bounds, whatever those are computed from.
_MAKERS = frozenset({"zeros", "ones", "full", "eye", "identity", "empty", "linspace", "logspace", "arange"})
_LEARNED = frozenset({"zeros", "ones"})
#: Constants of modules; infinities and NaN are no inputs but marks such as `best = np.inf`.
_CONSTANTS = frozenset({"numpy.pi", "numpy.e", "numpy.euler_gamma", "math.pi", "math.e", "math.tau"})
#: Modules and builtins whose functions of literals are as good as literals: np.array([1.0]), math.sqrt(2.0), float(3).
_OF_LITERALS = ("numpy.", "math.", "builtins.")
#: Methods that keep an array's numbers.
_METHODS = frozenset({"reshape", "astype", "transpose", "copy", "ravel", "flatten", "squeeze"})


class Inputs:
    """Makes named leaves of the values that the rewritten assignments hand over, and remembers them.

    Attributes
    ----------
    leaves : dict
        Name → the leaf that was made last.
    refused : dict
        Name → the last value that can't be a leaf: an integer, a text.
    """

    def __init__(self) -> None:
        self.leaves: dict[str, Tensor] = {}
        self.refused: dict[str, Any] = {}

    def __call__(self, name: str, value: Any, learned: bool) -> Any:
        """The leaf that `name` is to hold in place of `value`; the value itself where it can't be one."""
        if isinstance(value, Tensor):  # computed from other inputs: it is in the graph already
            return value
        if not _may_be_leaf(value):
            self.refused[name] = value
            return value
        is_array = isinstance(value, np.ndarray)
        kind = PARAMETER if learned and is_array else INPUT
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        made = self.leaves[name] = leaf(value.copy() if is_array else value, kind, name, frame)
        return made


def _may_be_leaf(value: Any) -> bool:
    # Matrices and masked arrays compute by rules of their own.
    return is_differentiable(value) and (not isinstance(value, np.ndarray) or type(value) is np.ndarray)


def mark_inputs(tree: ast.Module, *, wrt: Collection[str] = ()) -> dict[str, int]:
    """Rewrite a script's module-level assignments so that they make leaves.

    Parameters
    ----------
    tree
        The script; it is changed.
    wrt
        The names to make leaves of, whatever is assigned to them; where it is empty, those that are assigned from
        literals or random generators.

    Returns
    -------
    dict
        The names that were left alone because the script writes into them in place, and the lines where it does.
    """
    marker = _NamedOnly(tree, frozenset(wrt)) if wrt else _Literals(tree)
    marker.visit(tree)
    return marker.left_alone


_BLOCKS = (ast.Module, ast.If, ast.With, ast.Try, ast.TryStar, ast.ExceptHandler, ast.Match, ast.match_case)
_LOOPS = (ast.For, ast.While)


class _Marker(ast.NodeTransformer):
    """Rewrites the assignments of a module: what `wanted` says of the name and what is assigned to it."""

    loops = True  # whether the bodies of loops are rewritten too

    def __init__(self, tree: ast.Module) -> None:
        self.origins = Origins(tree)
        self.left_alone: dict[str, int] = {}

    def wanted(self, name: str, value: ast.expr) -> bool:
        raise NotImplementedError

    def visit_Assign(self, node: ast.Assign) -> Any:
        names = [t.id for t in node.targets if isinstance(t, ast.Name) and self.wanted(t.id, node.value)]
        if names:
            node.value = self.wrapped(names[0], node.value)
            return node
        later: list[str] = []
        if len(node.targets) == 1:
            node.value = self.unpacked(node.targets[0], node.value, later)
        else:
            later = [name.id for target in node.targets for name in _names(target) if self.wanted(name.id, node.value)]
        return [node, *(self.rebound(name, node) for name in later)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if isinstance(node.target, ast.Name) and node.value is not None and self.wanted(node.target.id, node.value):
            node.value = self.wrapped(node.target.id, node.value)
        return node

    def unpacked(self, target: ast.expr, value: ast.expr, later: list[str]) -> ast.expr:
        """`value` with its elements wrapped that go to names one by one; `later` gets the names that can't be so."""
        if isinstance(target, ast.Name):
            return self.wrapped(target.id, value) if self.wanted(target.id, value) else value
        places = _elements(target)
        given = _elements(value)
        if places and len(places) == len(given) and isinstance(value, (ast.Tuple, ast.List)):
            value.elts = [self.unpacked(t, v, later) for t, v in zip(places, given, strict=True)]
        else:
            later += [name.id for name in _names(target) if self.wanted(name.id, value)]
        return value

    def wrapped(self, name: str, value: ast.expr) -> ast.expr:
        """`value`, handed through the hidden function."""
        arguments = [ast.Constant(name), value, ast.Constant(self.is_learned(value))]
        call = ast.Call(ast.Name(HIDDEN, ast.Load()), arguments, [])
        for new in (call, call.func, arguments[0], arguments[2]):
            ast.copy_location(new, value)
        return call

    def rebound(self, name: str, node: ast.Assign) -> ast.stmt:
        """A statement that binds `name` again, to the leaf of what it holds."""
        call = self.wrapped(name, ast.copy_location(ast.Name(name, ast.Load()), node))
        assert isinstance(call, ast.Call)
        call.args[2] = ast.copy_location(ast.Constant(self.is_learned(node.value)), node)
        target = ast.copy_location(ast.Name(name, ast.Store()), node)
        return ast.copy_location(ast.Assign([target], call), node)

    def is_learned(self, value: ast.expr) -> bool:
        """Whether an array assigned from this is drawn as a parameter."""
        return any(
            self.origins.is_random(call, _GENERATORS) or self.origins.of(call.func) in _LEARNED_ORIGINS
            for call in _calls(value)
        )

    def generic_visit(self, node: ast.AST) -> ast.AST:
        # Only the statements of the module level: not into functions, classes, or expressions.
        inside = isinstance(node, _BLOCKS) or (self.loops and isinstance(node, _LOOPS))
        return super().generic_visit(node) if inside else node


_LEARNED_ORIGINS = frozenset(f"numpy.{name}" for name in _LEARNED)


class _NamedOnly(_Marker):
    """The names that the user gave."""

    def __init__(self, tree: ast.Module, wrt: frozenset[str]) -> None:
        super().__init__(tree)
        self.wrt = wrt

    def wanted(self, name: str, value: ast.expr) -> bool:
        return name in self.wrt


class _Literals(_Marker):
    """The names that are assigned from literals or random generators, outside of loops."""

    loops = False  # what a loop assigns is a result, or different each time

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self.written = written_in_place(tree)

    def wanted(self, name: str, value: ast.expr) -> bool:
        if not (self.is_given(value) or self.is_random(value)):
            return False
        if name in self.written:  # a Tensor can't be written into yet, and the script must go on as it is
            self.left_alone[name] = self.written[name]
            return False
        return True

    def is_random(self, value: ast.expr) -> bool:
        """Whether random numbers are in it, as in `rng.normal(size=n) * np.sqrt(2 / n)`."""
        return any(self.origins.is_random(call, _GENERATORS) for call in _calls(value))

    def is_given(self, value: ast.AST) -> bool:
        """Whether it consists of literals alone, or is an array that only its size decides."""
        match value:
            case ast.Constant(value=bool() | complex() | str() | bytes() | None):
                return False
            case ast.Constant(value=number):
                return isinstance(number, (int, float))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.is_given(operand)
            case ast.BinOp(left=left, right=right):
                return self.is_given(right) and self.is_given(left)  # a long sum is deep on its left
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return all(self.is_given(element) for element in elements)
            case ast.Attribute(value=inner, attr=name):
                return self.origins.of(value) in _CONSTANTS or (name in ("T", "mT") and self.is_given(inner))
            case ast.Call(func=function, args=arguments):
                return self.is_given_by(function, arguments)
            case _:
                return False

    def is_given_by(self, function: ast.expr, arguments: list[ast.expr]) -> bool:
        origin = self.origins.of(function)
        if origin is None:
            return isinstance(function, ast.Attribute) and function.attr in _METHODS and self.is_given(function.value)
        if origin.startswith("numpy.") and origin.removeprefix("numpy.") in _MAKERS:
            return True
        if origin.startswith(_GENERATORS):  # one that draws numbers is found by `is_random`
            return False
        return origin.startswith(_OF_LITERALS) and bool(arguments) and all(self.is_given(a) for a in arguments)


def _calls(value: ast.expr) -> Iterator[ast.Call]:
    return (node for node in ast.walk(value) if isinstance(node, ast.Call))


def _elements(node: ast.expr) -> list[ast.expr]:
    """The elements of a tuple or list, where there is one for each place."""
    if not isinstance(node, (ast.Tuple, ast.List)) or any(isinstance(e, ast.Starred) for e in node.elts):
        return []
    return node.elts


def _names(target: ast.expr) -> Iterator[ast.Name]:
    """The names that a target binds; what `a[i]` and `a.b` write into are none."""
    match target:
        case ast.Name():
            yield target
        case ast.Starred(value=inner):
            yield from _names(inner)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _names(element)
        case _:
            pass
