"""Rewrites a script's tree so that it hands its inputs, its updates and its functions' calls over to gradviz.

`x = 1.0` becomes `x = __gradviz_input__("x", 1.0, False)`, `w -= g` is followed by `__gradviz_update__(w, "w", True)`,
and a function's body stands in `with __gradviz_scope__("f"):`. Every new node bears the position of what it stands
around, so that tracebacks and `co_positions` go on pointing at the user's text.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from . import hooks
from .calls import PLAIN
from .given import Given
from .module import main_functions, roots_handed_over, written_roots

__all__ = ["rewrite"]

_BLOCKS = (ast.If, ast.With, ast.Try, ast.TryStar, ast.ExceptHandler, ast.Match, ast.match_case)
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LONGEST_LIST = 32  # so many numbers of a list are inputs of their own; more of them are data


def rewrite(
    tree: ast.Module,
    *,
    part_of: ast.Module | None = None,
    wrt: Collection[str] = (),
    scopes: bool = True,
    updates: bool = True,
) -> None:
    """Rewrite a script, or a module beside it.

    Parameters
    ----------
    tree
        It is changed.
    part_of
        The whole that it is a part of, as it was written, where it is the cell of a notebook.
    wrt
        The module-level names to make leaves of, whatever is assigned to them; where it is empty, everything that is
        assigned from literals or random generators.
    scopes
        Whether the calls of its functions are scopes.
    updates
        Whether updates of inputs begin new steps.
    """
    rewriter = _Rewriter(part_of or tree, frozenset(wrt), scopes=scopes, updates=updates)
    rewriter.visit(tree)
    _rewrite_calls(tree, rewriter.given)


class _ByObject(str):
    """The name of a parameter of a class."""

    __slots__ = ()


class _Place:
    """Where in the script a statement stands."""

    def __init__(self, function: str | None = None, *, loop: bool = False, main: bool = True) -> None:
        self.function = function
        self.loop = loop
        self.main = main  # at module level, or in a function that is called there as the whole program
        self.passed_on: set[str] = set()  # the names that the function returns or puts into something


class _Rewriter(ast.NodeTransformer):
    """Rewrites statement by statement; `self.place` is where it is."""

    def __init__(self, tree: ast.Module, wrt: frozenset[str], *, scopes: bool, updates: bool) -> None:
        self.given = Given(tree)
        self.wrt = wrt
        self.scopes = scopes
        self.updates = updates
        self.written = written_roots(tree)
        self.handed_over = roots_handed_over(tree)
        self.mains = main_functions(tree)
        self.place = _Place()

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.stmt) and self.place.main and not self.wrt:
            for expression in _expressions(node):
                self.give(expression, {id(value): target for target, value in _bindings(node)})
        return super().visit(node)

    # -- blocks -----------------------------------------------------------------------------------------------------

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, (ast.Module, ast.ClassDef, *_BLOCKS)):
            return super().generic_visit(node)
        if isinstance(node, _LOOPS):
            outer, self.place = self.place, copy.copy(self.place)
            self.place.loop = True
            try:
                return super().generic_visit(node)
            finally:
                self.place = outer
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        outer, self.place = self.place, _Place(node.name, main=False)
        try:
            return self.generic_visit(node)
        finally:
            self.place = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return self.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        return self.function(node)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        outer = self.place
        main = outer.function is None and node.name in self.mains
        self.place = _Place(node.name, main=main)
        self.place.passed_on = set(_passed_on(node))
        body = [self.visit(statement) for statement in node.body]
        body = [one for made in body for one in (made if isinstance(made, list) else [made])]
        self.place = outer
        if self.scopes and not main and not _suspends(node):
            name = outer.function if node.name == "__call__" and outer.function else node.name
            if not name.startswith("__"):
                body = _scoped(body, name)
        node.body = body
        return node

    # -- statements -------------------------------------------------------------------------------------------------

    def visit_Return(self, node: ast.Return) -> Any:
        if node.value is not None and not self.wrt:
            node.value = self.stored(node.value, None, scalars=False)
        return node

    def visit_Expr(self, node: ast.Expr) -> Any:
        after = list(self.written_by(node.value)) if self.watched() else []
        if not self.wrt and isinstance(node.value, ast.Call):
            node.value = self.stored(node.value, None, scalars=False)
        return [node, *after] if after else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            itself = _text(node.target) in _text(node.value)
            node.value = self.assigned(node.target, node.value, [])
            node.value = self.looked_at(node.target, node.value, itself)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        text = _text(node.value) if self.watched() else ""
        later: list[str] = []
        target = node.targets[0]
        if len(node.targets) > 1:
            named = [t.id for t in node.targets if isinstance(t, ast.Name) and self.wanted(t.id, node.value)]
            if named:
                node.value = self.leaf(named[0], node.value)
            else:
                later = [n.id for t in node.targets for n in _names(t) if self.wanted(n.id, node.value)]
        else:
            node.value = self.assigned(target, node.value, later)
        after: list[ast.stmt] = []
        if self.watched():
            for target in node.targets:
                if isinstance(target, (ast.Tuple, ast.List)):
                    after += [self.look(part, False) for part in target.elts if _simple(part) is not None]
                elif isinstance(target, ast.Subscript):
                    if _mentions(target, text) and _simple(target) is not None:
                        after.append(self.look(target, False))
                else:
                    node.value = self.looked_at(target, node.value, _mentions(target, text))
        for target in node.targets:
            node.value = self.stored_into(target, node.value)
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                call = _call(hooks.FILLED, target, [], _loaded(target.value, target), [])
                after.insert(0, ast.copy_location(ast.Expr(call), target))
        return [node, *(self.rebound(name, node) for name in later), *after]

    def stored_into(self, target: ast.expr, value: ast.expr) -> ast.expr:
        """`value`, handed through the function that lets it be written into a plain array."""
        places, given = _elements(target), _elements(value)
        if places and len(places) == len(given) and isinstance(value, (ast.Tuple, ast.List)):
            value.elts = [self.stored_into(t, v) for t, v in zip(places, given, strict=True)]
        elif isinstance(target, ast.Subscript) and _simple(target.value) is not None and not _is_plain(value):
            return _call(hooks.STORED, value, [_loaded(target.value, value)], value, [])
        return value

    def added_to(self, target: ast.expr, value: ast.expr) -> ast.expr:
        """The same for what an augmented assignment adds."""
        if _is_plain(value):
            return value
        if isinstance(target, ast.Name) or (isinstance(target, ast.Attribute) and _simple(target) is not None):
            return _call(hooks.ADDED, value, [_loaded(target, value)], value, [])
        if isinstance(target, ast.Subscript) and _simple(target) is not None:
            return _call(hooks.ADDED_AT, value, [_loaded(target.value, value), _loaded(target.slice, value)], value, [])
        return value

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        node.value = self.added_to(node.target, node.value)
        if not self.watched() or not isinstance(node.op, (ast.Add, ast.Sub)) or _simple(node.target) is None:
            return node
        return [node, self.look(node.target, True)]

    # -- inputs -----------------------------------------------------------------------------------------------------

    def wanted(self, name: str, value: ast.expr) -> bool:
        """Whether a name becomes an input when it gets this value."""
        if self.wrt:
            return self.place.function is None and name in self.wrt
        if self.place.loop:  # what a loop assigns is a result, or different each time
            return False
        if self.given.is_noise(name) and self.given.is_random(value):
            return False
        if self.place.main:
            return self.given.is_literal(value) or self.given.is_random(value)
        if self.given.is_random(value):
            return True
        makes = self.given.is_maker(value)
        return makes and name in self.place.passed_on and name not in self.written

    def assigned(self, target: ast.expr, value: ast.expr, later: list[str]) -> ast.expr:
        """`value` with leaves made of what becomes an input; `later` gets the names that can't be handled here."""
        places, given = _elements(target), _elements(value)
        if places and len(places) == len(given) and isinstance(value, (ast.Tuple, ast.List)):
            value.elts = [self.assigned(t, v, later) for t, v in zip(places, given, strict=True)]
            return value
        if isinstance(target, ast.Name):
            if self.wanted(target.id, value) and (self.wrt or not _is_container(value)):
                return self.leaf(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            if not _is_container(value):
                later += [name.id for name in _names(target) if self.wanted(name.id, value)]
            return value
        elif isinstance(target, (ast.Attribute, ast.Subscript)) and not self.wrt and not _is_container(value):
            stores = isinstance(target, ast.Attribute) or not self.place.loop or self.given.is_random(value)
            literal = self.given.is_literal(value) and isinstance(target, ast.Attribute)
            if stores and (self.given.is_random(value) or literal or self.given.is_maker(value)):
                name = _text(target)
                dynamic = isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant)
                if not (isinstance(target, ast.Subscript) and _root(target) in self.filled):
                    return self.leaf(None if dynamic else name, value)
        if not self.wrt:
            value = self.stored(value, _text(target), scalars=self.place.main or isinstance(target, ast.Attribute))
        return self.fillable(value) if _root(target) in self.handed_over else value

    @property
    def filled(self) -> frozenset[str]:
        """The names of arrays that are filled place by place: what goes into one is no input of its own."""
        return self.given.arrays

    def stored(self, value: ast.expr, name: str | None, *, scalars: bool, inside: bool = False) -> ast.expr:
        """`value`, a container or a call, with leaves made of the numbers and arrays that are written in it."""
        match value:
            case ast.Dict(keys=keys, values=values):
                value.values = [
                    self.stored(v, f"{name or ''}[{_text(k)}]" if k is not None else None, scalars=True, inside=True)
                    for k, v in zip(keys, values, strict=True)
                ]
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                numbers = scalars and self.are_inputs(value, name, inside)
                value.elts = [
                    self.stored(v, f"{name or ''}[{i}]", scalars=numbers, inside=True) for i, v in enumerate(elements)
                ]
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
                value.elt = self.stored(element, None, scalars=False, inside=True)
            case ast.DictComp(value=element):
                value.value = self.stored(element, None, scalars=True, inside=True)
            case ast.IfExp(body=body, orelse=orelse):
                value.body = self.stored(body, name, scalars=scalars, inside=inside)
                value.orelse = self.stored(orelse, name, scalars=scalars, inside=inside)
            case ast.Call(args=args, keywords=keywords) if not self.given.is_library(value):
                for i, parameter in enumerate(self.given.called_with(value)):
                    args[i] = self.stored(args[i], self.handed(value, parameter), scalars=False, inside=True)
                for keyword in keywords:
                    name = self.handed(value, keyword.arg)
                    keyword.value = self.stored(keyword.value, name, scalars=False, inside=True)
            case _:
                scalar = self.given.is_scalar(value)
                if (inside or name is None) and (
                    self.given.is_random(value) or (inside and (self.given.is_maker(value) or (scalars and scalar)))
                ):
                    return self.leaf(name if name and name[:1] != "[" else None, value)
        return value

    def give(self, expression: ast.expr, targets: Mapping[int, str]) -> None:
        """Make leaves of the numbers that are written in calls of the script's own functions and classes."""
        for call in _calls(expression):
            if not self.given.is_own(call):
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            kept = self.given.kept.get(name, {}) if id(call) in targets else {}
            shown = {parameter: f"{targets[id(call)]}.{attribute}" for parameter, attribute in kept.items()}
            by_object = name in self.given.kept
            for i, parameter in enumerate(self.given.called_with(call)):
                call.args[i] = self.given_to(call.args[i], shown.get(parameter or "", parameter), by_object)
            for keyword in call.keywords:
                keyword.value = self.given_to(keyword.value, shown.get(keyword.arg or "", keyword.arg), by_object)

    def given_to(self, argument: ast.expr, parameter: str | None, by_object: bool) -> ast.expr:
        """An argument with leaves made of the numbers that are written in it."""
        if self.given.is_scalar(argument):
            return _call(hooks.HANDED_IN, argument, [parameter], argument, [by_object])
        if isinstance(argument, (ast.List, ast.Tuple)) and not self.place.loop:
            return self.stored(argument, parameter, scalars=True)
        return argument

    def handed(self, call: ast.Call, parameter: str | None) -> str | None:
        """The name of what a parameter is given: a weak one, where an object may keep it under a better."""
        is_class = isinstance(call.func, ast.Name) and call.func.id in self.given.kept
        return _ByObject(parameter) if is_class and parameter is not None else parameter

    def are_inputs(self, value: ast.List | ast.Tuple, name: str | None, inside: bool) -> bool:
        """Whether the numbers in a list are inputs: few of them, and no data for an array."""
        if name in self.given.converted or len(value.elts) > _LONGEST_LIST:
            return False
        if name is not None and name.partition("[")[0] in self.written:  # weights[j][i] -= …
            return True
        return not inside or not all(self.given.is_scalar(element) for element in value.elts)

    def leaf(self, name: str | None, value: ast.expr) -> ast.expr:
        """`value`, handed through the function that makes a leaf of it."""
        by_object = [True] if isinstance(name, _ByObject) else []
        return _call(hooks.INPUT, value, [name and str(name)], value, [self.given.is_learned(value), *by_object])

    def rebound(self, name: str, node: ast.Assign) -> ast.stmt:
        """A statement that binds `name` again, to the leaf of what it holds."""
        held = ast.copy_location(ast.Name(name, ast.Load()), node)
        call = _call(hooks.INPUT, node, [name], held, [self.given.is_learned(node.value)])
        return ast.copy_location(ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), node)], call), node)

    def fillable(self, value: ast.expr) -> ast.expr:
        """`value` with its new arrays made such that Tensors can be written into them."""
        given = self.given

        class Wrapped(ast.NodeTransformer):
            def visit_Call(self, node: ast.Call) -> Any:
                if isinstance(node.func, ast.Name) and node.func.id.startswith("__gradviz"):
                    return node
                self.generic_visit(node)
                return _call(hooks.FILLABLE, node, [], node, []) if given.is_fillable(node) else node

        return Wrapped().visit(value)

    # -- updates ----------------------------------------------------------------------------------------------------

    def watched(self) -> bool:
        """Whether an update may stand here."""
        return self.updates and (self.place.loop or self.place.function is not None)

    def looked_at(self, target: ast.expr, value: ast.expr, itself: bool) -> ast.expr:
        """`value`, handed through the function that notices updates, where `target` may get one."""
        if not self.watched() or isinstance(value, (ast.Constant, ast.JoinedStr, ast.Lambda, ast.Compare)):
            return value
        if not itself and not self.place.loop:
            return value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id.startswith("__gradviz"):
            return value
        return _call(hooks.UPDATE, value, [], value, [_text(target), False])

    def look(self, target: ast.expr, itself: bool) -> ast.stmt:
        """A statement that looks at what `target` holds now."""
        text = _text(target)
        if isinstance(target, ast.Subscript):
            container, key = _loaded(target.value, target), _loaded(target.slice, target)
            call = _call(hooks.ITEM, target, [], container, [text, itself])
            assert isinstance(call, ast.Call)
            call.args.insert(1, key)
        else:
            call = _call(hooks.UPDATE, target, [], _loaded(target, target), [text, itself])
        return ast.copy_location(ast.Expr(call), target)

    def written_by(self, call: ast.expr) -> Iterator[ast.stmt]:
        """What to look at after a call that writes: `np.subtract(w, d, out=w)`, `np.subtract.at(w, i, d)`."""
        match call:
            case ast.Call(func=ast.Attribute(attr="at"), args=[target, *_]) if _simple(target) is not None:
                yield self.look(target, True)
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "out" and _simple(keyword.value) is not None:
                        yield self.look(keyword.value, True)
            case _:
                pass


# -- calls ------------------------------------------------------------------------------------------------------------


def _rewrite_calls(tree: ast.Module, given: Given) -> None:
    """Hand what libraries in C are given through the function that takes the values; and arrays that are shuffled."""
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        if (given.origins.of(call.func) or "").startswith(PLAIN):
            call.args = [x if isinstance(x, (ast.Starred, ast.Constant)) else _value_of(x) for x in call.args]
            for keyword in call.keywords:
                keyword.value = keyword.value if keyword.arg is None else _value_of(keyword.value)
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "shuffle" and len(call.args) == 1:
            call.args = [call.func, *call.args]
            call.func = ast.copy_location(ast.Name(hooks.SHUFFLED, ast.Load()), call.func)


def _value_of(value: ast.expr) -> ast.expr:
    return _call(hooks.VALUE, value, [], value, [])


# -- parts of a tree --------------------------------------------------------------------------------------------------


def _call(name: str, position: ast.AST, before: list[Any], value: ast.expr, after: list[Any]) -> ast.expr:
    """A call of ours around `value`, with constants before and after it."""
    arguments = [
        *(x if isinstance(x, ast.expr) else ast.Constant(x) for x in before), value, *map(ast.Constant, after)
    ]  # fmt: skip
    call = ast.Call(ast.Name(name, ast.Load()), arguments, [])
    for new in (call, call.func, *(a for a in arguments if a is not value and isinstance(a, ast.Constant))):
        ast.copy_location(new, position)
    return call


def _scoped(body: list[ast.stmt], name: str) -> list[ast.stmt]:
    """A function's body inside the context of its scope; a docstring stays where it is."""
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    head, rest = (body[:1], body[1:]) if documented else ([], body)
    if not rest:
        return body
    call = _call(hooks.SCOPE, rest[0], [], ast.copy_location(ast.Constant(name), rest[0]), [])
    return [*head, ast.copy_location(ast.With([ast.withitem(call)], rest), rest[0])]


def _suspends(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function's body runs in pieces: a generator, a coroutine."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)
    return False


def _passed_on(function: ast.AST) -> Iterator[str]:
    """The names that a function returns, or puts into a container, an attribute or a call."""
    for node in ast.walk(function):
        match node:
            case ast.Return(value=ast.Name(id=name)):
                yield name
            case ast.Tuple(elts=parts, ctx=ast.Load()) | ast.List(elts=parts, ctx=ast.Load()):
                yield from (part.id for part in parts if isinstance(part, ast.Name))
            case ast.Dict(values=parts):
                yield from (part.id for part in parts if isinstance(part, ast.Name))
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()], value=ast.Name(id=name)):
                yield name
            case ast.keyword(value=ast.Name(id=name)):
                yield name
            case _:
                pass


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself, without those of the statements in it."""
    for _, value in ast.iter_fields(statement):
        for part in value if isinstance(value, list) else [value]:  # pyright: ignore[reportUnknownVariableType]
            if isinstance(part, ast.expr):
                yield part
            elif isinstance(part, ast.withitem):
                yield part.context_expr


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement binds, with what they get."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[target], value=value):
            places, given = _elements(target), _elements(value)
            if len(places) == len(given):
                yield from ((t.id, v) for t, v in zip(places, given, strict=True) if isinstance(t, ast.Name))
        case _:
            pass


def _calls(expression: ast.expr) -> Iterator[ast.Call]:
    """The calls in an expression that are evaluated once with it."""
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            waiting += ast.iter_child_nodes(node)


def _is_plain(value: ast.expr) -> bool:
    """Whether it is written out, or something that no traced value can be."""
    return isinstance(value, (ast.Constant, ast.JoinedStr, ast.Lambda, ast.Compare))


def _is_container(value: ast.expr) -> bool:
    return isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.IfExp))


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


_SIMPLE = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Slice, ast.Tuple, ast.List, ast.UnaryOp, ast.BinOp,
    ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


def _simple(target: ast.expr) -> str | None:
    """The text of a target that can be read again without a side effect; None for another."""
    if not isinstance(target, (ast.Name, ast.Attribute, ast.Subscript)):
        return None
    return _text(target) if all(isinstance(part, _SIMPLE) for part in ast.walk(target)) else None


def _mentions(target: ast.expr, text: str) -> bool:
    """Whether the text of a value has the target in it; `w[:] = w - d` counts."""
    whole = isinstance(target, ast.Subscript) and _text(target.slice) in (":", "...", "Ellipsis")
    return bool(text) and _text(target.value if whole and isinstance(target, ast.Subscript) else target) in text


def _text(node: ast.AST) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:  # a sum of a thousand terms
        return ""


def _root(target: ast.expr) -> str | None:
    while isinstance(target, (ast.Attribute, ast.Subscript)):
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            return f"{target.value.id}.{target.attr}" if target.value.id == "self" else target.value.id
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _loaded(node: ast.expr, position: ast.AST) -> ast.expr:
    """A copy of a target, to be read."""
    made = copy.deepcopy(node)
    for part in ast.walk(made):
        if isinstance(part, (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple)):
            part.ctx = ast.Load()
    return made
