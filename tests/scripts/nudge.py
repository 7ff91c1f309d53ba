"""Differentiates a program numerically, under plain Python: `python nudge.py JOB.json RESULT.json SCRIPT [ARGS…]`.

It runs the program itself over and over, each time with one element of one input moved up or down, and reads the output
where the program computes it. It knows nothing of gradviz: JOB.json says where in the source the inputs and the output
stand and what values they have there, and all else is done on the program's tree.

A gradient says what the output does if one input moves and the others keep their values. So in each run all other
inputs are put back to the values of the first run where the program makes them: of a training loop this holds the
parameters of the step that is drawn, however the moved number changed the training before it.
"""

import ast
import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import sys
import types
from pathlib import Path

import numpy as np

SEEN = "__seen__"
FILLED = "filled"  # in place of a place: behind each `array[i] = value`


def main():
    job, result, script, *arguments = sys.argv[1:]
    job = json.loads(Path(job).read_text())
    program = Program(script, arguments, sys.stdin.read(), {tuple(x["place"]) for x in [job["output"], *job["inputs"]]})
    wanted = [Wanted(given) for given in job["inputs"]]
    output = Wanted(job["output"])
    find(program, wanted, output)
    step = job["step"]
    found = [[difference(program, wanted, output, one, place, step) for place in one.elements] for one in wanted]
    assert "gradviz" not in sys.modules
    Path(result).write_text(json.dumps(found))


class Wanted:
    """An input or the output: where it stands, what it is worth there, and which evaluation of that place it is."""

    def __init__(self, given):
        self.name = given["name"]
        self.place = tuple(given["place"])
        self.value = np.array(given["value"], dtype=given["dtype"])
        self.elements = given.get("elements", [])
        self.events = []
        self.arrays = []  # that its place gave, and that may have got this value later

    def is_it(self, value):
        value = array_of(value)
        return value is not None and value.shape == self.value.shape and value.tobytes() == self.value.tobytes()


def array_of(value):
    """The array or number that a place gives; that of SciPy's results is their `x`. None for anything else."""
    value = getattr(value, "x", value)
    return np.asarray(value) if isinstance(value, (float, np.floating, np.ndarray)) else None


# -- from the program to a number -------------------------------------------------------------------------------------


def find(program, wanted, output):
    """Learn, from a run as it is, which evaluation of its place each input and the output is: the last that fits.

    Of several inputs that one place made with one value, such as the biases of the layers, the first is the earliest.
    An array may be made at its place and have its value once it is filled.
    """
    everything = [*wanted, output]
    by_place = {place: [x for x in everything if x.place == place] for place in program.places}
    by_place[FILLED] = wanted

    def watch(event, place, value):
        for one in by_place[place]:
            if place != FILLED:
                one.arrays.append(value)
            if one.is_it(value) and any(value is array for array in one.arrays):
                one.events.append(event)
        return value

    program.run(watch)
    for one in everything:
        assert one.events, f"{one.name}: {one.place} never had the value that it has in gradviz"
    output.event = output.events[-1]
    for one in wanted:
        alike = [x for x in wanted if x.place == one.place and x.is_it(one.value)]
        before = [event for event in one.events if event < output.event]
        one.event = before[alike.index(one) - len(alike)]


def difference(program, wanted, output, moved, element, step):
    """How the output changes with one element of an input: central differences of two widths, extrapolated to none.

    The step is a part of the element's size, or of 1 where it is smaller.
    """
    h = step * max(1.0, abs(float(moved.value.flat[element])))
    values = [value_at(program, wanted, output, moved, element, by) for by in (-2 * h, -h, h, 2 * h)]
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)


def value_at(program, wanted, output, moved, element, by):
    """The output of a run in which one element is moved, and the other inputs are what they were."""
    held = {one.event: one.value for one in wanted}
    held[moved.event] = moved.value.copy()
    held[moved.event].flat[element] += by
    put, read = set(), []

    def watch(event, place, value):
        if event in held:
            put.add(event)
            return replaced(value, held[event])
        if event == output.event:
            read.append(float(array_of(value)))
        return value

    program.run(watch)
    assert put == set(held), f"moving {moved.name}: the program went another way"
    assert len(read) == 1, f"moving {moved.name}: the program did not compute {output.name}"
    return read[0]


def replaced(value, new):
    """`value` with other numbers in it: in place, as other names may hold the same array."""
    array = getattr(value, "x", value)
    if not isinstance(array, np.ndarray):
        return type(value)(new)
    if not array.flags.writeable:
        return new.copy()
    array[...] = new
    return value


# -- running it -------------------------------------------------------------------------------------------------------


class Program:
    """A script that can be run again, and the modules beside it, with a call at each place that is asked for."""

    def __init__(self, script, arguments, given, places):
        self.script, self.arguments, self.given, self.places = script, arguments, given, places
        self.folder = Path(script).resolve().parent
        self.code = self.compiled(Path(script).read_bytes(), str(Path(script).absolute()))
        sys.path[0] = str(self.folder)
        sys.meta_path.insert(0, Beside(self))
        self.known = set(sys.modules)

    def compiled(self, source, file):
        tree = Around([place for place in self.places if place[0] == file]).visit(ast.parse(source))
        return compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)

    def run(self, watch):
        """Run it once; `watch` is called with the number of the evaluation, its place and the value."""
        count = iter(range(10**9))
        places = {repr(place): place for place in (*self.places, FILLED)}

        def seen(place, value):
            return watch(next(count), places[place], value)

        for name in set(sys.modules) - self.known:
            if str(getattr(sys.modules[name], "__file__", None)).startswith(str(self.folder)):
                del sys.modules[name]
        sys.modules["__main__"] = module = types.ModuleType("__main__")
        module.__dict__.update({"__file__": self.script, "__builtins__": __builtins__, SEEN: seen})
        self.seen = seen
        sys.argv = [self.script, *self.arguments]
        sys.stdin = io.StringIO(self.given)
        with contextlib.suppress(SystemExit):
            exec(self.code, vars(module))


class Beside(importlib.abc.MetaPathFinder):
    """Finds the modules beside the script, and compiles them with the calls in them."""

    def __init__(self, program):
        self.program = program

    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path or [str(self.program.folder)])
        if spec is None or not str(spec.origin).startswith(str(self.program.folder)):
            return None
        spec.loader = Loader(name, spec.origin)
        spec.loader.program = self.program
        return spec


class Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, name):
        return self.program.compiled(Path(self.path).read_bytes(), self.path)

    def exec_module(self, module):
        vars(module)[SEEN] = self.program.seen
        super().exec_module(module)


# -- the tree ---------------------------------------------------------------------------------------------------------


class Around(ast.NodeTransformer):
    """Puts a call around each expression at a place, and behind each statement that writes, or unpacks there.

    A place is a file with first line, first column, last line and last column. Where it has no columns, what begins on
    that line will do: which expression was meant, its value tells.
    """

    def __init__(self, places):
        self.places = places

    def at(self, node):
        """The places where a node stands."""
        there = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return [p for p in self.places if p[1:] == there or (p[2] is None and p[1] == node.lineno)]

    def visit(self, node):
        if isinstance(node, (ast.JoinedStr, ast.pattern)):  # no places of their own; no expressions
            return node
        places = self.at(node) if is_value(node) else []
        is_number = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)  # -1.0 is no 1.0
        made = node if is_number else super().visit(node)
        for place in places:
            made = ast.copy_location(call(place, made), node)
        return made

    def visit_AugAssign(self, node):
        places = self.at(node)
        self.generic_visit(node)
        return [node, *fills([node.target]), *(look for place in places for look in looks(place, node.target))]

    def visit_Assign(self, node):
        unpacks = isinstance(node.targets[0], ast.Tuple) and not isinstance(node.value, ast.Tuple)
        places = {*self.at(node), *self.at(node.value)} if unpacks else ()
        self.generic_visit(node)
        parts = [part for place in places for target in node.targets[0].elts for part in looks(place, target)]
        return [node, *fills(node.targets), *parts]


def is_value(node):
    """Whether a node may give a number or an array that is nobody else's."""
    if isinstance(node, ast.Constant):
        return type(node.value) is float
    is_part = isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load)
    return is_part or isinstance(node, (ast.UnaryOp, ast.BinOp, ast.Call))


def looks(place, target):
    """Statements that look at what a target holds now, and at what holds that."""
    yield ast.Assign([target], call(place, loads(target)))
    if isinstance(target, ast.Subscript):
        yield ast.Expr(call(place, loads(target.value)))


def fills(targets):
    """Statements that look at the arrays into which something was written."""
    for target in targets:
        if isinstance(target, ast.Subscript) and not any(isinstance(part, ast.Call) for part in ast.walk(target)):
            yield ast.Expr(call(FILLED, loads(target.value)))


def call(place, value):
    return ast.Call(ast.Name(SEEN, ast.Load()), [ast.Constant(repr(place)), value], [])


def loads(target):
    """A target's expression, to be read."""
    return ast.parse(ast.unparse(target), mode="eval").body


if __name__ == "__main__":
    main()
