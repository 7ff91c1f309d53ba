"""Tells from the text which expressions are given: made of literals, by a random generator, or of sizes alone."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cached_property

from .module import Origins

__all__ = ["Given"]

_GENERATORS = ("numpy.random.", "random.")
#: Functions of NumPy that make arrays of sizes and bounds, whatever those are computed from.
_MAKERS = frozenset({"zeros", "ones", "full", "eye", "identity", "linspace", "logspace", "arange"})
#: Those whose arrays a program may fill later.
_FILLABLE = frozenset(
    {"zeros", "ones", "full", "eye", "identity", "empty", "zeros_like", "ones_like", "full_like", "empty_like"}
)
#: What is in theirs means nothing until they are filled.
_UNFILLED = frozenset({"numpy.empty", "numpy.empty_like"})
_LEARNED = frozenset({"zeros", "ones"})
#: Constants of modules; infinities and NaN are no inputs but marks such as `best = np.inf`.
_CONSTANTS = frozenset({"numpy.pi", "numpy.e", "numpy.euler_gamma", "math.pi", "math.e", "math.tau"})
#: Modules and builtins whose functions of literals are as good as literals: np.array([1.0]), math.sqrt(2.0), float(3).
_OF_LITERALS = ("numpy.", "math.", "builtins.float")
#: Methods that keep an array's numbers.
_METHODS = frozenset({"reshape", "astype", "transpose", "copy", "ravel", "flatten", "squeeze"})
#: What keeps what it is given, as the classes of the script's own do.
_KEEPERS = frozenset(
    {"dict", "list", "tuple", "setattr", "collections.OrderedDict", "collections.defaultdict", "collections.deque",
     "collections.UserDict", "collections.UserList", "collections.ChainMap", "types.SimpleNamespace",
     "argparse.Namespace", "dataclasses.replace", "dataclasses.field", "functools.partial"}
)  # fmt: skip
#: Those among them that name what they are given, so that a number is an input.
_RECORDS = frozenset({"dict", "collections.OrderedDict", "types.SimpleNamespace", "argparse.Namespace",
                      "dataclasses.replace"})  # fmt: skip
#: Bases, or their beginnings, of classes whose bodies are ordinary ones.
_PLAIN_BASES = ("__main__.", "typing.", "abc.ABC", "collections.abc.")
#: What makes classes of names in a text or a list.
_CLASS_MAKERS = frozenset({"collections.namedtuple", "typing.NamedTuple", "dataclasses.make_dataclass"})
#: What functions get generators as, and the methods that draw numbers from them.
_NOISE = re.compile(r"(?i:.*(noise|jitter).*|eps|epsilon|ε)")
_RNG_NAMES = frozenset({"rng", "_rng", "rs", "random_state", "prng", "gen", "generator", "rand"})
_DRAWS = frozenset(
    {"normal", "standard_normal", "uniform", "random", "randn", "rand", "gauss", "lognormal", "exponential", "gamma",
     "beta", "laplace", "logistic", "multivariate_normal", "random_sample", "triangular", "dirichlet"}
)  # fmt: skip


class Given:
    """What a script's text says about where its numbers come from.

    Attributes
    ----------
    converted
        The names that are handed to `np.array` or another function of NumPy's: lists of them are data.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self.origins = Origins(tree)

    @cached_property
    def converted(self) -> frozenset[str]:
        found: set[str] = set()
        for call in _calls(self._tree):
            if (self.origins.of(call.func) or "").startswith(("numpy.", "scipy.", "matplotlib.")):
                found |= {arg.id for arg in call.args if isinstance(arg, ast.Name)}
        return frozenset(found)

    @cached_property
    def lists(self) -> frozenset[str]:
        """The module-level names of lists of literals, bound once: what is made of them is given too."""
        bound = [n.id for n in ast.walk(self._tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        return frozenset(
            target.id
            for node in self._tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value, (ast.List, ast.Tuple))
            if bound.count(target.id) == 1 and _is_nest(node.value)
        )

    @cached_property
    def handed_lists(self) -> frozenset[str]:
        """The parameters of the script's own functions and classes that are given lists of literals.

        What is made of such a one is given too: `self.r = np.array(r)` for `Body([1.0, 0.0])`.
        """
        found: set[str] = set()
        for call in _calls(self._tree):
            if self.is_own(call):
                found |= {n for n, x in zip(self.called_with(call), call.args, strict=True) if n and _is_list(x)}
                found |= {keyword.arg for keyword in call.keywords if keyword.arg and _is_list(keyword.value)}
        return frozenset(found)

    @cached_property
    def arrays(self) -> frozenset[str]:
        """The names that hold arrays made by NumPy."""
        return frozenset(
            target.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
            if (self.origins.of(node.value.func) or "").startswith("numpy.")
            for target in node.targets
            if isinstance(target, ast.Name)
        )

    @cached_property
    def parameters(self) -> dict[str, list[str]]:
        """The script's own functions, classes and methods (`.step`) → what they are given by position."""
        found: dict[str, list[str]] = {}
        for node in self._tree.body:
            if isinstance(node, ast.ClassDef):
                methods = [x for x in node.body if isinstance(x, ast.FunctionDef)]
                inits = [x for x in methods if x.name == "__init__"]
                found[node.name] = _positional(inits[0])[1:] if inits else _fields(node)
                found |= {f".{x.name}": _positional(x)[1:] for x in methods}
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[node.name] = _positional(node)
        return found | self.made_classes

    @cached_property
    def made_classes(self) -> dict[str, list[str]]:
        """The names of named tuples → their fields: `Config = namedtuple("Config", "lr reg")`."""
        return {
            target.id: _field_names(node.value.args[1])
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and len(node.value.args) > 1
            if self.origins.of(node.value.func) in _CLASS_MAKERS
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def is_own(self, call: ast.Call) -> bool:
        """Whether the script's own function, class or method is called, or what names the numbers it is given."""
        return self._called(call) in self.parameters or self._known(call) in _RECORDS

    def keeps(self, call: ast.Call) -> bool:
        """Whether what is called keeps what it is given: there is a better name where that is."""
        called = self._called(call)
        return called not in self.parameters or called in self.kept

    def _known(self, call: ast.Call) -> str:
        """The builtin or the library's function that is called; nothing for another."""
        origin = self.origins.of(call.func)
        if origin is not None:
            return "" if origin.startswith("__main__.") else origin
        return call.func.id if isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id) else ""

    def called_with(self, call: ast.Call) -> list[str | None]:
        """The parameters that a call's arguments by position are for; None where that is not known."""
        names = self.parameters.get(self._called(call), [])
        return [names[i] if i < len(names) else None for i in range(len(call.args))]

    def _called(self, call: ast.Call) -> str:
        match call.func:
            case ast.Name(id=name):
                return name
            case ast.Attribute(attr=name) if self.origins.of(call.func) is None:
                return f".{name}"
            case _:
                return ""

    @cached_property
    def kept(self) -> dict[str, dict[str, str]]:
        """The script's own classes → the parameters of `__init__` → the attributes that keep them: `self.w = w`."""
        return {
            node.name: {value.id: target.attr for target, value in _self_assignments(node)}
            | {name: name for name in _fields(node)}
            for node in self._tree.body
            if isinstance(node, ast.ClassDef)
        } | {name: {field: field for field in fields} for name, fields in self.made_classes.items()}

    def is_made_by_rules(self, node: ast.ClassDef) -> bool:
        """Whether a metaclass or a library makes something of its own of a class's numbers, as of an enumeration's."""
        return bool(node.keywords) or any(
            not (self.origins.of(base) or "__main__.").startswith(_PLAIN_BASES) for base in node.bases
        )

    @cached_property
    def of_written_parts(self) -> frozenset[str]:
        """The names of containers into whose arrays something is written: `xs[t][i] = 1` encodes a letter."""
        stores = (x for x in ast.walk(self._tree) if isinstance(x, ast.Subscript) and isinstance(x.ctx, ast.Store))
        return frozenset(ast.unparse(x.value.value) for x in stores if isinstance(x.value, ast.Subscript))

    def is_noise(self, name: str) -> bool:
        """Whether random numbers of this name are no input: they disturb others."""
        return bool(_NOISE.fullmatch(name))

    def is_random(self, value: ast.AST) -> bool:
        """Whether random numbers are in it, as in `rng.normal(size=n) * np.sqrt(2 / n)`.

        Those that the script's own functions and classes are given are theirs.
        """
        return any(self.origins.is_random(call, _GENERATORS) or _draws(call) for call in self._own_calls(value))

    def _own_calls(self, value: ast.AST) -> Iterator[ast.Call]:
        """The calls in an expression, but for what the script's own functions, classes and containers are given."""
        waiting = [value]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Call):
                yield node
                own = (self.origins.of(node.func) or "").startswith("__main__.")
                if own or self._called(node) in self.made_classes or self._known(node) in _KEEPERS:
                    waiting.append(node.func)
                    continue
            waiting += ast.iter_child_nodes(node)

    def is_learned(self, value: ast.AST) -> bool:
        """Whether an array assigned from this is drawn as a parameter."""
        return self.is_random(value) or any(self._numpy(call) in _LEARNED for call in _calls(value))

    def is_scalar(self, value: ast.AST) -> bool:
        """Whether it is a number written out: 0.5, -1.0, 2 * 0.1."""
        match value:
            case ast.Constant(value=number):
                return type(number) is float
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.is_scalar(operand)
            case ast.BinOp():
                return self.is_literal(value)
            case _:
                return False

    def is_maker(self, value: ast.AST) -> bool:
        """Whether it is an array of literals, or one that only its size decides."""
        made = any(self._numpy(call) is not None for call in _calls(value))
        return made and self.is_literal(value)

    def is_fillable(self, call: ast.Call) -> bool:
        """Whether it makes an array that the program may fill."""
        return self._numpy(call) in _FILLABLE

    def is_library(self, call: ast.Call) -> bool:
        """Whether a library's function is called, to which arrays are data."""
        known = self._known(call)
        return bool(known) and known not in _KEEPERS

    def _numpy(self, call: ast.Call) -> str | None:
        origin = self.origins.of(call.func)
        return origin.removeprefix("numpy.") if origin is not None and origin.startswith("numpy.") else None

    def is_literal(self, value: ast.AST) -> bool:
        """Whether it consists of literals alone, or is an array that only its size decides."""
        match value:
            case ast.Constant(value=bool() | complex() | str() | bytes() | None):
                return False
            case ast.Constant(value=number):
                return isinstance(number, (int, float))
            case ast.Name(id=name):
                return name in self.lists or name in self.handed_lists
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.is_literal(operand)
            case ast.BinOp(left=left, right=right):
                return self.is_literal(right) and self.is_literal(left)  # a long sum is deep on its left
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return all(self.is_literal(element) for element in elements)
            case ast.Attribute(value=inner, attr=name):
                return self.origins.of(value) in _CONSTANTS or (name in ("T", "mT") and self.is_literal(inner))
            case ast.Subscript(value=inner, slice=ast.Tuple() | ast.Slice()):  # x[:, None]
                return not isinstance(inner, ast.Name) and self.is_literal(inner)
            case ast.Call(func=function, args=arguments):
                return self._is_made_of_literals(function, arguments)
            case _:
                return False

    def _is_made_of_literals(self, function: ast.expr, arguments: list[ast.expr]) -> bool:
        origin = self.origins.of(function)
        if origin is None:
            return isinstance(function, ast.Attribute) and function.attr in _METHODS and self.is_literal(function.value)
        if origin.startswith("numpy.") and origin.removeprefix("numpy.") in _MAKERS:
            return True
        if origin.startswith(_GENERATORS) or origin in _UNFILLED:  # one that draws numbers is found by `is_random`
            return False
        return origin.startswith(_OF_LITERALS) and bool(arguments) and all(self.is_literal(a) for a in arguments)


def _fields(node: ast.ClassDef) -> list[str]:
    """The fields of a dataclass or a named tuple."""
    return [x.target.id for x in node.body if isinstance(x, ast.AnnAssign) and isinstance(x.target, ast.Name)]


def _self_assignments(node: ast.ClassDef) -> Iterator[tuple[ast.Attribute, ast.Name]]:
    for statement in (x for init in node.body if getattr(init, "name", "") == "__init__" for x in ast.walk(init)):
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = list(zip(targets, values, strict=False))
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case _:
                continue
        for target, value in pairs:
            if isinstance(target, ast.Attribute) and isinstance(value, ast.Name):
                yield target, value


def _positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def _is_list(value: ast.expr) -> bool:
    return isinstance(value, (ast.List, ast.Tuple)) and bool(value.elts) and _is_nest(value)


def _field_names(fields: ast.expr) -> list[str]:
    """The names in `"lr reg"`, `["lr", "reg"]` or `[("lr", float)]`; none where they are not written out."""
    match fields:
        case ast.Constant(value=str() as text):
            return text.replace(",", " ").split()
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            names = [part.elts[0] if isinstance(part, ast.Tuple) and part.elts else part for part in parts]
            return [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
        case _:
            return []


def _is_nest(value: ast.expr) -> bool:
    """Whether it is a nest of lists with nothing but numbers in it."""
    if isinstance(value, (ast.List, ast.Tuple)):
        return all(map(_is_nest, value.elts))
    if isinstance(value, ast.UnaryOp):
        return _is_nest(value.operand)
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def _draws(call: ast.Call) -> bool:
    """Whether it draws from a generator that was handed in: `rng.normal()`, `self.rng.uniform()`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _DRAWS:
        return False
    owner = call.func.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return name in _RNG_NAMES


def _calls(value: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(value) if isinstance(node, ast.Call))
