"""Rewrites a script's tree so that it hands its inputs, its updates and its functions' calls over to gradviz.

`x = 1.0` becomes `x = __gradviz_input__("x", 1.0, False)`, `w -= g` is followed by `__gradviz_update__(w, "w", True)`,
and a function's body stands in `with __gradviz_scope__("f"):`. Every new node bears the position of what it stands
around, so that tracebacks and `co_positions` go on pointing at the user's text.
"""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from . import hooks
from .calls import DRAWN, PLAIN
from .given import Given
from .lists import JOINING, takes_arrays
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
    """The name of a function's parameter or variable, whose value an object may keep under a better one."""

    __slots__ = ()


class _Place:
    """Where in the script a statement stands."""

    def __init__(self, function: str | None = None, *, loop: bool = False, main: bool = True) -> None:
        self.function = function
        self.loop = loop
        self.main = main  # at module level, or in a function that is called there as the whole program
        self.keeps_numbers = False  # the body of a class: `lr = 0.1`
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
        self.place.keeps_numbers = not self.given.is_made_by_rules(node)
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
                    bound = _mentions(target, text) or (self.place.loop and not _is_plain(node.value))
                    if bound and _simple(target) is not None:
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
        if isinstance(target, ast.Subscript) and _simple(target.value) is not None:
            if _simple(target) is not None:
                index = _loaded(target.slice, value)
            else:  # x < 2.0, np.arange(n): evaluated once
                index = _bare_call(hooks.HELD, value)
                target.slice = _call(hooks.AT, target.slice, [], _written_out(target.slice), [])
            return _call(hooks.ADDED_AT, value, [_loaded(target.value, value), index], value, [])
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
        if self.place.keeps_numbers:
            return self.given.is_scalar(value) or self.given.is_maker(value) or self.given.is_random(value)
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
        if isinstance(value, ast.IfExp):
            value.body = self.assigned(target, value.body, later)
            value.orelse = self.assigned(target, value.orelse, later)
            return value
        if isinstance(target, ast.Name):
            if self.wanted(target.id, value) and (self.wrt or not _is_container(value)):
                if self.place.keeps_numbers:
                    return self.leaf(f"{self.place.function}.{target.id}", value)
                return self.leaf(target.id if self.place.main else _ByObject(target.id), value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            if not _is_container(value):
                later += [name.id for name in _names(target) if self.wanted(name.id, value)]
            return value
        elif isinstance(target, (ast.Attribute, ast.Subscript)) and not self.wrt and not _is_container(value):
            literal = self.given.is_literal(value) and isinstance(target, ast.Attribute)
            in_loop = self.place.loop and isinstance(target, ast.Subscript)
            makes = self.given.is_maker(value) and not (in_loop and _text(target.value) in self.given.of_written_parts)
            if self.given.is_random(value) or literal or makes:
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
            case ast.Call(func=ast.Name(id=known)) if known.startswith("__gradviz"):  # it is one already
                pass
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
            case ast.Lambda(body=body) if inside:  # field(default_factory=lambda: np.zeros(3))
                value.body = self.stored(body, None, scalars=False, inside=True)
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
            by_object = self.given.keeps(call)
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
        return _ByObject(parameter) if parameter is not None and self.given.keeps(call) else parameter

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
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, (ast.Name() | ast.Constant()) as name, value]):
                if not _is_plain(value) and (isinstance(owner, ast.Name) or _simple(owner) is not None):
                    held = ast.Call(ast.Name("getattr", ast.Load()), [_loaded(owner, call), _loaded(name, call)], [])
                    for new in (held, held.func):
                        ast.copy_location(new, call)
                    look = _call(hooks.UPDATE, call, [], held, [f"{_text(owner)}.{_text(name)}", True])
                    yield ast.copy_location(ast.Expr(look), call)
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
    """Hand the functions that may be in C, and what some libraries are given, through functions of ours."""
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in _OF_THE_VALUE:
            node.value = _value_of(node.value)
    lists = frozenset(_names_of_lists(tree))
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        origin = given.origins.of(call.func) or ""
        if origin.startswith(PLAIN):
            call.args = [x if isinstance(x, (ast.Starred, ast.Constant)) else _value_of(x) for x in call.args]
            for keyword in call.keywords:
                keyword.value = keyword.value if keyword.arg is None else _value_of(keyword.value)
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "shuffle" and len(call.args) == 1:
            call.args = [call.func, *call.args]
            call.func = ast.copy_location(ast.Name(hooks.SHUFFLED, ast.Load()), call.func)
        elif takes_arrays(origin):
            _rewrite_lists(call, given, lists)
        elif _is_helped(origin) or _may_refuse(call, given):
            call.func = _call(hooks.CALLED, call.func, [], call.func, [])
        call.args = [_call(hooks.CALLED, x, [], x, []) if _is_of_class(x, given) else x for x in call.args]
    for operation in [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]:
        _rewrite_operands(operation, lists)


def _may_refuse(call: ast.Call, given: Given) -> bool:
    """Whether what is called may be a function in C, and may be given a traced value."""
    if not any(not _is_plain(value) for value in (*call.args, *(keyword.value for keyword in call.keywords))):
        return False
    match call.func:
        case ast.Name(id=name) if given.origins.of(call.func) is None:
            return name in _REFUSING if hasattr(builtins, name) else not name.startswith("__gradviz")
        case ast.Attribute(attr="append" | "format"):
            return False
        case ast.Subscript():  # functions[name](x)
            return True
        case ast.Name() | ast.Attribute():
            return not given.is_own(call) and (
                _is_of_class(call.func, given) or not (given.origins.of(call.func) or "").startswith(_RECORDING)
            )
        case _:
            return False


def _is_helped(origin: str) -> bool:
    """Whether what NumPy itself would make plain stays traced: `np.float64(x)`, `rng.choice(x)`."""
    return origin in _NUMBERS or (origin.startswith("numpy.random.") and origin.endswith(DRAWN))


def _is_of_class(value: ast.expr, given: Given) -> bool:
    """Whether it is a function of a class of numbers: `map(float.is_integer, x)`."""
    return isinstance(value, ast.Attribute) and (given.origins.of(value) or "").startswith(_CLASSES)


#: Attributes that NumPy looks for itself, and that a Tensor must not have therefore.
_OF_THE_VALUE = frozenset({"__array_interface__", "__array_struct__"})
#: Builtins in C that refuse a Tensor.
_REFUSING = frozenset({"bytearray", "memoryview"})
#: What records, or is the script's own.
_RECORDING = ("numpy.", "math.", "scipy.", "__main__.")
#: Classes of numbers, whose own functions look at the very class.
_CLASSES = ("builtins.float.", "numpy.ndarray.")
#: Those that a traced value may be given to.
_NUMBERS = frozenset({f"numpy.{name}" for name in ("float16", "float32", "float64", "single", "double", "longdouble")})


def _value_of(value: ast.expr) -> ast.expr:
    return _call(hooks.VALUE, value, [], value, [])


# -- lists -------------------------------------------------------------------------------------------------------------

_LISTS = (ast.List, ast.Tuple, ast.ListComp)
#: Operators that stand between an array and a list; `%` puts a tuple into a text.
_BETWEEN = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow)
#: What NumPy's functions take besides arrays.
_NO_ARRAYS = frozenset({"axis", "axes", "dtype", "keepdims", "out", "shape", "order", "casting", "mode", "subok"})


def _names_of_lists(tree: ast.AST) -> Iterator[str]:
    """The names that are bound to a list or tuple somewhere."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=ast.List() | ast.Tuple() | ast.ListComp()):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.Assign(targets=targets, value=ast.Call(func=ast.Name(id="list" | "tuple"))):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case _:
                pass


def _rewrite_operands(operation: ast.BinOp, lists: Collection[str]) -> None:
    """Let a list beside what may be an array answer its operator: `np.ones(2) * [x, y]`."""
    left, right = operation.left, operation.right
    if not isinstance(operation.op, _BETWEEN) or any(isinstance(x, ast.Constant) for x in (left, right)):
        return
    if _is_list(left, lists) and not _is_list(right, lists):
        operation.left = _call(hooks.BESIDE, left, [], left, [])
    elif _is_list(right, lists) and not _is_list(left, lists):
        operation.right = _call(hooks.BESIDE, right, [], right, [])


def _is_list(value: ast.expr, lists: Collection[str]) -> bool:
    """Whether it is, or may be, a list that is not of literals alone."""
    if isinstance(value, (ast.List, ast.Tuple)):
        return not all(map(_is_plain, value.elts))
    return isinstance(value, ast.ListComp) or (isinstance(value, ast.Name) and value.id in lists)


def _rewrite_lists(call: ast.Call, given: Given, lists: Collection[str]) -> None:
    """Hand what may be a list with traced values through the function that makes an array of it."""
    joins = (given.origins.of(call.func) or "").rpartition(".")[2] in JOINING
    hook = hooks.LISTS if joins else hooks.LISTED
    call.args = [_call(hook, x, [], x, []) if _may_be_list(x, given, lists) else x for x in call.args]
    for keyword in call.keywords:
        if keyword.arg == "out" and isinstance(keyword.value, ast.Call) and given.is_fillable(keyword.value):
            keyword.value = _call(hooks.FILLABLE, keyword.value, [], keyword.value, [])
        elif keyword.arg not in _NO_ARRAYS and _may_be_list(keyword.value, given, lists):
            keyword.value = _call(hook, keyword.value, [], keyword.value, [])


def _may_be_list(value: ast.expr, given: Given, lists: Collection[str]) -> bool:
    match value:
        case ast.Starred() | ast.UnaryOp():
            return False
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult(), right=right):
            return _is_list(left, lists) or _is_list(right, lists)
        case ast.BinOp():
            return False
        case ast.Call(func=function):
            return not takes_arrays(given.origins.of(function) or "")
        case _:
            return not _is_plain(value)


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


def _bare_call(name: str, position: ast.AST) -> ast.expr:
    """A call of ours without arguments."""
    function = ast.copy_location(ast.Name(name, ast.Load()), position)
    return ast.copy_location(ast.Call(function, [], []), position)


def _written_out(index: ast.expr) -> ast.expr:
    """An index as an expression that stands anywhere: `i:j` is a call that makes the slice."""
    if isinstance(index, ast.Slice):
        none = ast.copy_location(ast.Constant(None), index)
        parts = [part or none for part in (index.lower, index.upper, index.step)]
        return _call(hooks.SLICE, index, parts[:2], parts[2], [])
    if isinstance(index, ast.Tuple):
        index.elts = [_written_out(part) for part in index.elts]
    return index


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
            case ast.FunctionDef() | ast.Lambda() if node is not function:  # a closure keeps what it reads
                yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
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
