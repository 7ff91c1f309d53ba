"""What the text of a script says about its module level: the names it binds, where its imports lead, what it writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

__all__ = ["Origins", "bound_names", "called_without_arguments", "imports_gradviz", "written_roots"]

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


def written_roots(tree: ast.AST) -> frozenset[str]:
    """The names, or `self.x`, whose arrays a script writes into, at whatever place.

    Examples
    --------
    >>> sorted(written_roots(ast.parse("x[0] = 1.0\\ny += x\\nself.z[0] = 1\\nnp.add(a, b, out=c)")))
    ['c', 'self', 'self.z', 'x', 'y']
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        for target in _written(node):
            while isinstance(target, ast.Subscript):
                target = target.value
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                found |= {f"{target.value.id}.{target.attr}", target.value.id}
            elif isinstance(target, ast.Name):
                found.add(target.id)
    return frozenset(found)


def _written(node: ast.AST) -> list[ast.expr]:
    """What a node writes into."""
    match node:
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return [value]
        case ast.AugAssign(target=target):
            return [target]
        case ast.Call(func=ast.Attribute(attr="at"), args=[target, *_]):
            return [target]
        case ast.Call(func=ast.Attribute(value=value, attr=name), keywords=keywords):
            out = [keyword.value for keyword in keywords if keyword.arg == "out"]
            return [value, *out] if name in _WRITING_METHODS else out
        case ast.Call(keywords=keywords):
            return [keyword.value for keyword in keywords if keyword.arg == "out"]
        case _:
            return []


def called_without_arguments(tree: ast.Module) -> frozenset[str]:
    """The functions that the module level calls without arguments, once, as `main()`: their bodies are the program.

    Examples
    --------
    >>> sorted(called_without_arguments(ast.parse("def main(): ...\\nif __name__ == '__main__':\\n    main()")))
    ['main']
    """
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = [
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions
    ]
    found = (_called(node) for node in ast.walk(tree) if isinstance(node, (ast.Expr, ast.Raise)))
    return frozenset(name for name in found if name in functions and calls.count(name) == 1)


def _called(statement: ast.Expr | ast.Raise) -> str | None:
    """The function that a statement calls for its own sake: `main()`, or `sys.exit(main())`."""
    call = statement.value if isinstance(statement, ast.Expr) else statement.exc
    match call:
        case ast.Call(func=ast.Attribute(attr="exit") | ast.Name(id="exit" | "SystemExit"), args=[ast.Call() as inner]):
            call = inner
        case _:
            pass
    match call:
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return name
        case _:
            return None
