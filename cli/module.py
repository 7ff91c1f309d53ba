"""What the text of a script says about its module level: the names it binds, where its imports lead, what it writes."""

from __future__ import annotations

import ast
import copy
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

import numpy as np

__all__ = [
    "Integers",
    "Origins",
    "bound_names",
    "imports_gradviz",
    "integers_as_floats",
    "main_functions",
    "parameters",
    "roots_handed_over",
    "written_roots",
]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)

#: What makes an object whose methods draw random numbers.
_GENERATOR_MAKERS = frozenset(
    {"numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator", "random.Random"}
)
#: Methods of an array that write into it.
_WRITING_METHODS = frozenset({"fill", "sort", "resize", "put", "partition", "setflags", "itemset"})


def imports_gradviz(tree: ast.Module) -> bool:
    """Whether a script knows of gradviz: it imports it, at whatever place."""
    return any(name.split(".")[0] == "gradviz" for node in ast.walk(tree) for name in _imported(node))


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str() as module, level=0):
            return [module]
        case _:
            return []


def bound_names(tree: ast.Module) -> list[str]:
    """The names that assignments at module level bind, loops and branches included, in the order of their last ones.

    Examples
    --------
    >>> bound_names(ast.parse("x = 1.0\\nfor i in 'ab':\\n    y = x\\nx = 2.0"))
    ['i', 'y', 'x']
    """
    names: dict[str, None] = {}
    for name in _stores(tree):
        names.pop(name, None)
        names[name] = None
    return list(names)


def _stores(node: ast.AST) -> Iterator[str]:
    """The names bound in a scope, in the order of the text, without those of the scopes inside it."""
    waiting = [*reversed(list(ast.iter_child_nodes(node)))]
    while waiting:
        child = waiting.pop()
        if isinstance(child, ast.Name):
            if isinstance(child.ctx, ast.Store):
                yield child.id
        elif isinstance(child, _COMPREHENSIONS):  # only := binds outside
            yield from (n.target.id for n in ast.walk(child) if isinstance(n, ast.NamedExpr))
        elif not isinstance(child, _SCOPES):
            waiting += reversed(list(ast.iter_child_nodes(child)))


class Origins:
    """Where names lead: `np.random.randn` is `numpy.random.randn` after `import numpy as np`.

    Examples
    --------
    >>> tree = ast.parse("import numpy as np\\nrng = np.random.default_rng(0)\\nrng.normal")
    >>> Origins(tree).of(tree.body[-1].value)
    'numpy.random.default_rng().normal'
    """

    def __init__(self, tree: ast.Module) -> None:
        self._of_name: dict[str, str] = {"float": "builtins.float"}
        self._everything_of_numpy = False
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    for alias in names:
                        top = alias.name.split(".")[0]
                        self._of_name[alias.asname or top] = alias.name if alias.asname else top
                case ast.ImportFrom(module=str() as module, names=names, level=0):
                    for alias in names:
                        self._of_name[alias.asname or alias.name] = f"{module}.{alias.name}"
                        self._everything_of_numpy |= module == "numpy" and alias.name == "*"
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    self._of_name[name] = f"__main__.{name}"
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
                    if self.of(function) in _GENERATOR_MAKERS:
                        self._of_name[name] = f"{self.of(function)}()"
                case _:
                    pass

    def of(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for, from the import on; None where it isn't one."""
        match node:
            case ast.Name(id=name):
                starred = self._everything_of_numpy and name in np.__all__
                return self._of_name.get(name, f"numpy.{name}" if starred else None)
            case ast.Attribute(value=value, attr=name):
                owner = self.of(value)
                return None if owner is None else f"{owner}.{name}"
            case ast.Call(func=function) if self.of(function) in _GENERATOR_MAKERS:
                return f"{self.of(function)}()"
            case _:
                return None

    def is_random(self, call: ast.Call, modules: tuple[str, ...]) -> bool:
        """Whether a call draws random numbers from one of these modules."""
        origin = self.of(call.func)
        return origin is not None and origin.startswith(modules) and origin not in _GENERATOR_MAKERS


class Integers(NamedTuple):
    """A line that writes out integers: the names that get them, and the same with floats."""

    line: int
    names: list[str]
    text: str


def integers_as_floats(tree: ast.Module) -> list[Integers]:
    """Where integers are written out that may be meant as numbers of a computation.

    Those are assignments of integers and of arrays of them, and calls of the script's own functions.

    Examples
    --------
    >>> found = integers_as_floats(ast.parse("x, y = 1, -2\\na = np.array([1, 2])\\nprint(f(x, 3))\\ndef f(x, y): ..."))
    >>> [(line, text) for line, names, text in found]
    [(1, 'x, y = 1.0, -2.0'), (2, 'a = np.array([1.0, 2.0])'), (3, 'f(x, 3.0)')]
    """
    functions = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    found: list[Integers] = []
    for node in _at_module_level(tree):
        if isinstance(node, ast.Assign) and (names := list(_given_integers(node))):
            text = " = ".join(_bare(x) for x in (*node.targets, _with_floats(node.value)))
            found.append(Integers(node.lineno, names, text))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(map(_is_of_integers, given)):
                found.append(Integers(node.lineno, [], _bare(_with_floats(node))))
    return found


def _given_integers(statement: ast.Assign) -> Iterator[str]:
    """The names that an assignment gives integers."""
    for target in statement.targets:
        pairs = [(target, statement.value)]
        if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
            pairs = list(zip(target.elts, statement.value.elts, strict=False))
        yield from (name.id for name, value in pairs if isinstance(name, ast.Name) and _is_of_integers(value))


def _bare(node: ast.AST) -> str:
    """The text of an expression; of a tuple, without the parentheses around it."""
    return ", ".join(map(ast.unparse, node.elts)) if isinstance(node, ast.Tuple) else ast.unparse(node)


def _at_module_level(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes outside functions and classes, in the order of the text."""
    waiting: list[ast.AST] = [*reversed(tree.body)]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def _is_of_integers(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=number):
            return type(number) is int
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _is_of_integers(operand)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return bool(parts) and all(map(_is_of_integers, parts))
        case ast.Call(func=ast.Attribute(attr="array") | ast.Name(id="array"), args=[part], keywords=[]):
            return _is_of_integers(part)
        case _:
            return False


def _with_floats(node: ast.AST) -> ast.AST:
    made = copy.deepcopy(node)
    for part in ast.walk(made):
        if isinstance(part, ast.Constant) and type(part.value) is int:
            part.value = float(part.value)
    return made


def written_roots(tree: ast.AST) -> frozenset[str]:
    """The names, or `self.x`, whose arrays a script writes into, at whatever place.

    Examples
    --------
    >>> sorted(written_roots(ast.parse("x[0] = 1.0\\ny += x\\nself.z[0] = 1\\nnp.add(a, b, out=c)")))
    ['c', 'self', 'self.z', 'x', 'y']
    """
    return _roots(target for node in ast.walk(tree) for target in (*_written(node), *_handed_over(node)))


def roots_handed_over(tree: ast.AST) -> frozenset[str]:
    """Those among them that functions write into, `np.add(a, b, out=c)`, or loops row by row.

    Examples
    --------
    >>> sorted(roots_handed_over(ast.parse("x[0] = 1.0\\nnp.add(a, b, out=c)\\nfor row in d: row[:] = 1.0")))
    ['c', 'd']
    """
    return _roots(target for node in ast.walk(tree) for target in _handed_over(node))


def _roots(targets: Iterable[ast.expr]) -> frozenset[str]:
    found: set[str] = set()
    for target in targets:
        while isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            found |= {f"{target.value.id}.{target.attr}", target.value.id}
        elif isinstance(target, ast.Name):
            found.add(target.id)
    return frozenset(found)


def _written(node: ast.AST) -> list[ast.expr]:
    """What a statement writes into."""
    match node:
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return [value]
        case ast.AugAssign(target=target):
            return [target]
        case _:
            return []


def _handed_over(node: ast.AST) -> list[ast.expr]:
    """What a call writes into, or a loop row by row."""
    match node:
        case ast.For(target=target, iter=rows, body=body):
            names = {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
            return _iterated(rows) if any(_writes_into(part, names) for x in body for part in ast.walk(x)) else []
        case ast.Call(func=ast.Attribute(attr="at"), args=[target, *_]):
            return [target]
        case ast.Call(func=ast.Attribute(value=value, attr=name), keywords=keywords):
            out = [keyword.value for keyword in keywords if keyword.arg == "out"]
            return [value, *out] if name in _WRITING_METHODS else out
        case ast.Call(keywords=keywords):
            return [keyword.value for keyword in keywords if keyword.arg == "out"]
        case _:
            return []


def _writes_into(node: ast.AST, names: Container[str]) -> bool:
    """Whether it is `row[i]` of one of these names, to be written."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
            return name in names
        case _:
            return False


def _iterated(rows: ast.expr) -> list[ast.expr]:
    """What `for … in` goes through, be it by `enumerate` or `zip`."""
    match rows:
        case ast.Call(func=ast.Name(id="enumerate" | "zip"), args=args):
            return args
        case _:
            return [rows]


def parameters(tree: ast.Module) -> frozenset[str]:
    """The names of all that functions take, which numbers in their calls are called by.

    Examples
    --------
    >>> sorted(parameters(ast.parse("def f(x, *, y=1.0): ...")))
    ['x', 'y']
    """
    return frozenset(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))


def main_functions(tree: ast.Module) -> frozenset[str]:
    """The functions whose bodies are the program: the module level calls them once, for their own sake, as `main()`.

    What is called with arguments is one where it is called `main`, or stands under `if __name__ == "__main__"`.

    Examples
    --------
    >>> sorted(main_functions(ast.parse("def main(): ...\\nif __name__ == '__main__':\\n    main()")))
    ['main']
    """
    functions = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    calls = [
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions
    ]
    guarded = {id(node) for guard in tree.body if _is_guard(guard) for node in ast.walk(guard)}
    found = (
        _called(node, with_arguments=id(node) in guarded)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Expr, ast.Raise, ast.Assign))
    )
    return frozenset(name for name in found if name in functions and calls.count(name) == 1)


def _is_guard(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)


def _called(statement: ast.Expr | ast.Raise | ast.Assign, *, with_arguments: bool) -> str | None:
    """The function that a statement calls for its own sake: `main()`, `sys.exit(main())`, `asyncio.run(main())`."""
    call = statement.exc if isinstance(statement, ast.Raise) else statement.value
    match call:
        case ast.Call(func=ast.Attribute(attr="exit") | ast.Name(id="exit" | "SystemExit"), args=[ast.Call() as inner]):
            call = inner
        case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncio"), attr="run"), args=[ast.Call() as inner]):
            call = inner
        case _ if isinstance(statement, ast.Assign):
            return None
        case _:
            pass
    match call:
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            return name if with_arguments or name == "main" or not (arguments or keywords) else None
        case _:
            return None
