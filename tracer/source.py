"""Finds where an op stands in the user's source: file, line, the expression's text and the name it was assigned to."""

from __future__ import annotations

import ast
import dis
import linecache
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from itertools import takewhile
from types import CodeType
from typing import NamedTuple, cast

__all__ = ["Source", "locate"]


class Source(NamedTuple):
    """Where an op stands in the user's source.

    Attributes
    ----------
    file
        The code object's `co_filename`, as it is.
    line
        The first line of the op's expression; the instruction's own line where the source can't be had.
    code
        The expression's text on one line, such as `x + y`; None where there is no source, or where the source no
        longer matches the code that ran. A write in place gives its statement: `x[0] = y`.
    name
        What the value was assigned to, as the source has it: `a`, `self.W`, `params["W1"]`. In `a = b = x + y` it is
        the first, `a`. A write in place, `x[0] = y`, gives what was written into: `x`. One call may record several
        ops, all of which get the name: the last of them is the one whose value was assigned.
    function
        The qualified name of the function that ran the op; `<module>` at module level.
    returned
        Whether the value is what the function, or the lambda, returned.
    unpacked
        The names that the elements of the value went to, None for those without: `("a", "b")` for `a, b = split(x)`.
    element
        Whether it is one of the elements that the op takes: `a, b = x` takes two from `x`.
    end_line
        The last line of the expression.
    column, end_column
        Where the expression begins on `line` and where it stops on `end_line`, in characters from 0.
    """

    file: str
    line: int | None
    code: str | None
    name: str | None
    function: str
    returned: bool = False
    unpacked: tuple[str | None, ...] = ()
    element: bool = False
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


# ---- the public functions, and what they remember

_CODES_HELD = 4096  # a program that makes code objects for ever must not fill the memory with them
_FILES_HELD = 256

_sites: dict[tuple[int, int], Source] = {}
_codes: dict[int, _Code] = {}  # holds the code objects, so that the ids in the keys stay their own
_files: dict[str, _File] = {}


def locate(code: CodeType, lasti: int) -> Source:
    """Find the expression that an instruction belongs to. Never raises: what can't be found is None.

    Parameters
    ----------
    code
        The code object of the user's frame, `frame.f_code`.
    lasti
        The instruction's offset in it, `frame.f_lasti`.

    Examples
    --------
    >>> import linecache, sys
    >>> class Number:
    ...     def __add__(self, other):
    ...         frame = sys._getframe(1)
    ...         return locate(frame.f_code, frame.f_lasti)
    >>> text = "a = x + x"
    >>> linecache.cache["<cell>"] = (len(text), None, [text], "<cell>")
    >>> cell = {"x": Number()}
    >>> exec(compile(text, "<cell>", "exec"), cell)
    >>> cell["a"].code, cell["a"].name, cell["a"].line
    ('x + x', 'a', 1)
    """
    key = (id(code), lasti)
    known = _sites.get(key)
    if known is not None:
        return known
    read = _read_code(code)
    found = _sites[key] = _find(read, lasti)
    return found


# ---- a code object: its instructions, and what its source must contain


class Position(NamedTuple):
    """A place in a file, as `co_positions` gives it: lines from 1, columns in UTF-8 bytes from 0."""

    line: int | None
    end_line: int | None
    column: int | None
    end_column: int | None


_NOWHERE = Position(None, None, None, None)


class _Code:
    """A code object, taken apart once for all of its sites."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.instructions = code.co_code  # a property that copies
        self.positions = list(code.co_positions())
        self.names = set(_names_by_line(code))
        self.constants = set(_constants(code.co_consts))
        self.file: _File | None = None
        self.verified: set[ast.AST] = set()  # what of this file is known to be what was compiled

    def look_into(self, file: _File) -> None:
        """What is verified from now on, is of this file."""
        if self.file is not file:
            self.file = file
            self.verified = set()

    def position(self, lasti: int) -> Position:
        """Where the instruction stands in the file."""
        index = lasti // 2
        return Position(*self.positions[index]) if 0 <= index < len(self.positions) else _NOWHERE

    def instruction(self, lasti: int) -> tuple[str, int]:
        """The instruction's name and its argument."""
        # A call of Python code may leave `f_lasti` on the cache entries after the instruction: their opcode is 0.
        while lasti > 0 and self.instructions[lasti] == 0:
            lasti -= 2
        return dis.opname[self.instructions[lasti]], self.instructions[lasti + 1]


def _read_code(code: CodeType) -> _Code:
    """The code object taken apart, from memory where it has been before."""
    read = _codes.get(id(code))
    if read is None:
        if len(_codes) >= _CODES_HELD:
            _sites.clear()
            _codes.clear()
        read = _codes[id(code)] = _Code(code)
    return read


def _names_by_line(code: CodeType) -> Iterator[tuple[int | None, str]]:
    """The names that a code object's instructions use, with the lines that they stand on."""
    for instruction in dis.get_instructions(code):
        if instruction.opcode not in dis.hasconst:
            names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            line = instruction.positions.lineno if instruction.positions is not None else None
            for name in cast("tuple[object, ...]", names):  # since Python 3.13 one instruction may load two
                if isinstance(name, str):
                    yield line, name


def _constants(values: tuple[object, ...] | frozenset[object]) -> Iterator[tuple[type, object]]:
    """The numbers and texts among a code object's constants, with their types, as 1 == 1.0 == True."""
    for value in values:
        if isinstance(value, (tuple, frozenset)):
            yield from _constants(cast("tuple[object, ...]", value))
        elif isinstance(value, slice):  # a constant since Python 3.14
            parts = cast("slice[object, object, object]", value)
            yield from _constants((parts.start, parts.stop, parts.step))
        elif isinstance(value, _CHECKED_CONSTANTS):
            yield type(value), value


_CHECKED_CONSTANTS = (int, float, complex, str, bytes)


# ---- a file: its tree, and the way from a position to a node


class _File:
    """The text of a file, parsed."""

    def __init__(self, lines: list[str]) -> None:
        self.given = lines
        self.nodes: dict[Position, list[ast.AST]] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.places: dict[ast.AST, int] = {}  # of the elements of tuples and lists, as far as they can be counted
        text = "".join(lines)
        for parent in ast.walk(_parse(text)):
            for child in ast.iter_child_nodes(parent):
                self.parents[child] = parent
                for position, node in _positions(child):
                    self.nodes.setdefault(position, []).append(node)
            if isinstance(parent, (ast.Tuple, ast.List)):
                self.places.update((node, place) for place, node in enumerate(_counted(parent)))
        # What is no Python may not even be text.
        self._lines = [line.encode() for line in _LINE_END.split(text)] if self.nodes else []

    def line(self, number: int) -> bytes:
        """A line as Python counts them, in UTF-8: a form feed or a line separator ends none."""
        return self._lines[number - 1]

    def text(self, node: ast.AST) -> str | None:
        """The node's source on one line."""
        line, end_line, column, end_column = _span(node)
        if line is None or end_line is None:
            return None
        if line != end_line:  # the line breaks may stand in comments and in texts: only the parser can tell
            return ast.unparse(node)
        text = self.line(line)[column:end_column].decode()
        return text if _QUOTE.search(text) else " ".join(text.split())

    def characters(self, line: int | None, column: int | None) -> int | None:
        """A column in characters from one in UTF-8 bytes."""
        if line is None or column is None or line > len(self._lines):
            return None
        return len(self.line(line)[:column].decode(errors="replace"))


_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTE = re.compile(r"['\"]")


def _parse(text: str) -> ast.AST:
    """The tree of a text; an empty one where it isn't Python (any more)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python told the user when it compiled the text
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
        return ast.Module(body=[], type_ignores=[])


def _span(node: ast.AST) -> Position:
    """The position of a node, in the form that `co_positions` has."""
    if not isinstance(node, (ast.expr, ast.stmt)):
        return _NOWHERE
    return Position(node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)


def _positions(node: ast.AST) -> Iterator[tuple[Position, ast.AST]]:
    """The positions that instructions may give for a node."""
    match node:
        case ast.AugAssign():
            yield _span(node), node
        case ast.For():  # up to Python 3.12 what a loop runs over has the position of the loop
            yield _span(node), node.iter
        case ast.Call(func=ast.Attribute() as attribute):
            yield _span(node), node
            yield from _moved_to_attribute(node, attribute)
        case ast.Attribute():
            yield _span(node), node
            yield from _moved_to_attribute(node, node)
        case ast.expr():
            yield _span(node), node
        case _:
            pass


def _moved_to_attribute(node: ast.expr, attribute: ast.Attribute) -> Iterator[tuple[Position, ast.AST]]:
    """Where the compiler puts `.name` and `.name()` that stand on a later line than what they belong to."""
    if attribute.end_col_offset is not None and attribute.lineno != attribute.end_lineno:
        # It counts the name's characters although columns are bytes, so we do as well.
        column = attribute.end_col_offset - len(attribute.attr)
        yield Position(attribute.end_lineno, node.end_lineno, column, node.end_col_offset), node


_no_lines: Callable[[CodeType], list[str]] = lambda code: []  # noqa: E731


def _read_file(code: CodeType) -> _File | None:
    """The file of a code object, parsed, from memory where its text is still the same; None where there is none."""
    filename = code.co_filename
    try:
        linecache.checkcache(filename)
        # Since Python 3.13 the interactive prompt files its inputs by code object.
        lines = getattr(linecache, "_getlines_from_code", _no_lines)(code) or linecache.getlines(filename)
    except (OSError, ValueError):
        return None
    if not lines:
        return None
    held = _files.get(filename)
    # linecache gives the same list for as long as the text is the same; doctest's stand-in for it, an equal one.
    if held is None or (held.given is not lines and held.given != lines):
        if len(_files) >= _FILES_HELD:
            _files.clear()
        held = _files[filename] = _File(lines)
    return held


# ---- from an instruction to its expression

_OPERATORS = (  # in the order of BINARY_OP's argument; those in place follow in the same order
    ast.Add, ast.BitAnd, ast.FloorDiv, ast.LShift, ast.MatMult, ast.Mult, ast.Mod, ast.BitOr, ast.Pow, ast.RShift,
    ast.Sub, ast.Div, ast.BitXor,
)  # fmt: skip
_BINARY_SUBSCRIPT = 2 * len(_OPERATORS)  # Python 3.14 subscripts with BINARY_OP

# The instructions that can be an op whose value is the value of their expression, and what that expression may be.
_EXPRESSIONS: dict[str, tuple[type[ast.AST], ...]] = {
    "BINARY_OP": (ast.BinOp, ast.AugAssign),
    "BINARY_SUBSCR": (ast.Subscript,),
    "BINARY_SLICE": (ast.Subscript,),
    "COMPARE_OP": (ast.Compare,),
    "CONTAINS_OP": (ast.Compare,),
    "IS_OP": (ast.Compare,),
    "UNARY_NEGATIVE": (ast.UnaryOp,),
    "UNARY_POSITIVE": (ast.UnaryOp,),
    "UNARY_INVERT": (ast.UnaryOp,),
    "UNARY_NOT": (ast.UnaryOp,),
    "CALL_INTRINSIC_1": (ast.UnaryOp,),  # +x since Python 3.12
    "LOAD_ATTR": (ast.Attribute,),
    "LOAD_METHOD": (ast.Attribute,),
    "CALL": (ast.Call, ast.Name, ast.Attribute),  # a name or an attribute where it is a decorator
    "CALL_KW": (ast.Call,),
    "CALL_FUNCTION_EX": (ast.Call,),
}
# Those that are an op although their expression's value is another: they write, take apart or loop.
_TARGETS: dict[str, tuple[type[ast.AST], ...]] = {
    "STORE_SUBSCR": (ast.Subscript,),
    "STORE_SLICE": (ast.Subscript,),
    "UNPACK_SEQUENCE": (ast.Tuple, ast.List),
    "UNPACK_EX": (ast.Tuple, ast.List),
}
_TAKING_APART = frozenset({"UNPACK_SEQUENCE", "UNPACK_EX"})


def _find(read: _Code, lasti: int) -> Source:
    """The source of an instruction; its line only where the text isn't there or isn't what was compiled."""
    position = read.position(lasti)
    try:
        found = None if position.column is None else _find_in_file(read, position, *read.instruction(lasti))
    except RecursionError:  # an expression nested too deeply to be printed
        found = None
    if found is not None:
        return found
    return Source(
        file=read.code.co_filename, line=position.line, code=None, name=None, function=read.code.co_qualname,
        end_line=position.end_line,
    )  # fmt: skip


class _Site(NamedTuple):
    """What is at hand when a position is looked up."""

    file: _File
    read: _Code
    opcode: str


def _find_in_file(read: _Code, position: Position, opcode: str, argument: int) -> Source | None:
    """The source of the instruction at a position; None where its file has nothing that fits."""
    file = _read_file(read.code)
    if file is None:
        return None
    read.look_into(file)
    site = _Site(file, read, opcode)
    candidates = (node for node in file.nodes.get(position, []) if _fits(node, opcode, argument))
    node = next((node for node in candidates if _compiled_to(node, read)), None)
    if node is None:
        return None
    shown, destination = _destination(node, site)
    if not _compiled_to(shown, read):
        return None
    line, end_line, column, end_column = _span(shown)
    return Source(
        file=read.code.co_filename,
        line=line,
        code=file.text(shown),
        name=destination.name,
        function=read.code.co_qualname,
        returned=destination.returned,
        unpacked=destination.unpacked,
        element=opcode in _TAKING_APART,
        end_line=end_line,
        column=file.characters(line, column),
        end_column=file.characters(end_line, end_column),
    )


def _fits(node: ast.AST, opcode: str, argument: int) -> bool:
    """Whether an instruction is one that such an expression compiles to."""
    if opcode != "BINARY_OP":
        kinds = _EXPRESSIONS.get(opcode) or _TARGETS.get(opcode)
        return kinds is None or isinstance(node, kinds)
    if argument == _BINARY_SUBSCRIPT:
        return isinstance(node, ast.Subscript)
    in_place, operator = divmod(argument, len(_OPERATORS))
    kind = ast.AugAssign if in_place else ast.BinOp
    return isinstance(node, kind) and isinstance(node.op, _OPERATORS[operator])


def _compiled_to(node: ast.AST, read: _Code) -> bool:
    """Whether the code object has the expression's names, on its lines, and constants: else the file was edited."""
    waiting, passed = [node], list[ast.AST]()
    while waiting:
        node = waiting.pop()
        if node in read.verified:
            continue
        passed.append(node)
        if isinstance(node, _OWN_CODE) or (isinstance(node, (ast.BinOp, ast.UnaryOp)) and _is_folded(node)):
            continue
        if not _has(read, node):
            return False
        waiting += _parts(node)
    read.verified.update(passed)
    return True


_OWN_CODE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SMALL_INTEGERS = range(256) if sys.version_info >= (3, 14) else range(0)  # they stand in the instruction


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression that the compiler keeps as they are."""
    match node:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=ast.Tuple() as values):
            return iter([values])  # "W%s" % (i,) becomes an f-string
        case _:
            return ast.iter_child_nodes(node)


def _has(read: _Code, node: ast.AST) -> bool:
    """Whether the code object has the name or the constant that this node is, leaving its parts aside."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            # The compiler changes private names in classes.
            return (node.end_lineno, name) in read.names or name.startswith("__")
        case ast.Constant(value=bool()):
            return True
        case ast.Constant(value=value) if isinstance(value, _CHECKED_CONSTANTS):
            return (type(value), value) in read.constants or value in _SMALL_INTEGERS
        case _:
            return True


def _is_folded(node: ast.AST) -> bool:
    """Whether an expression is made of constants alone: the compiler keeps only its result, -1 or 2 * 3."""
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_folded(operand)
        case ast.BinOp(left=left, right=right):
            return _is_folded(right) and _is_folded(left)
        case _:
            return False


# ---- from an expression to where its value went


class _Destination(NamedTuple):
    """Where a value went: to a name, to several, or out of the function."""

    name: str | None = None
    unpacked: tuple[str | None, ...] = ()
    returned: bool = False


def _destination(node: ast.AST, site: _Site) -> tuple[ast.AST, _Destination]:
    """What to show as the op's source, and where its value went."""
    if site.opcode in _TARGETS:
        return _written(node, site)
    if isinstance(node, ast.AugAssign):
        return node, _Destination(_name(node.target, site))
    return node, _follow(node, site) if site.opcode in _EXPRESSIONS else _Destination()


def _written(node: ast.AST, site: _Site) -> tuple[ast.AST, _Destination]:
    """`_destination` for an instruction that stands at a target: it writes in place or takes a value apart."""
    match node, site.file.parents.get(node):
        case ast.Subscript(value=written), ast.Assign(targets=[_]) | ast.AugAssign() as statement:
            return statement, _Destination(_name(written, site))
        case ast.Subscript(value=written), _:
            return node, _Destination(_name(written, site))
        case ast.Tuple() | ast.List(), ast.Assign(value=value):
            return value, _Destination(unpacked=_names(node, site))
        case _:
            return node, _Destination(unpacked=_names(node, site))


def _follow(node: ast.AST, site: _Site) -> _Destination:
    """Follow an expression's value outwards, through what passes it on as it is."""
    path: list[int] = []  # the places in the tuples on the way, innermost first
    while (parent := site.file.parents.get(node)) is not None:
        match parent:
            case ast.Assign(targets=targets):
                return _first_named(targets, path, site)
            case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value) if value is node:
                return _first_named([target], path, site)
            case ast.Return() | ast.Lambda():
                return _Destination(returned=not path)
            case ast.Tuple() | ast.List() if node in site.file.places:
                path.append(site.file.places[node])
            case ast.IfExp(test=test) if test is not node:
                pass
            case ast.BoolOp(values=[*_, last]) if last is node:  # the others are asked for their truth
                pass
            case _:
                return _Destination()
        node = parent
    return _Destination()


def _first_named(targets: list[ast.expr], path: list[int], site: _Site) -> _Destination:
    """The first of the targets of `a = b = …` that has a name for the value at the path."""
    found = (_assigned(target, site) for target in (_at(target, path) for target in targets) if target is not None)
    return next((destination for destination in found if destination != _Destination()), _Destination())


def _at(target: ast.expr, path: list[int]) -> ast.expr | None:
    """The part of an unpacking target that gets the value at the path; None where that can't be told."""
    for place in reversed(path):
        elements = _counted(target)
        if place >= len(elements):
            return None
        target = elements[place]
    return target


def _counted(node: ast.AST) -> list[ast.expr]:
    """The elements of a tuple or a list, up to one with a star, from which on they can't be counted."""
    match node:
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return list(takewhile(lambda element: not isinstance(element, ast.Starred), elements))
        case _:
            return []


def _assigned(target: ast.AST, site: _Site) -> _Destination:
    """The name, or the names, that a target gives to a value."""
    match target:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) if len(elements) > len(_counted(target)):
            return _Destination()  # how many elements there are can't be told
        case _:
            return _Destination(_name(target, site), _names(target, site))


def _names(target: ast.AST, site: _Site) -> tuple[str | None, ...]:
    """The names that a target gives to the elements of a value."""
    return tuple([_name(element, site) for element in _counted(target)])


_LONGEST_NAME = 40
_NAME_PARTS = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator,
    ast.unaryop, ast.expr_context,
)  # fmt: skip


def _name(target: ast.AST, site: _Site) -> str | None:
    """The text of a target, if it is one that serves as a name: `a`, `self.W`, `params["W1"]`, `h[t + 1]`."""
    root = target
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    if not isinstance(root, ast.Name) or not all(isinstance(part, _NAME_PARTS) for part in ast.walk(target)):
        return None
    if not _compiled_to(target, site.read):
        return None
    text = site.file.text(target)
    return text if text is not None and len(text) <= _LONGEST_NAME else None
