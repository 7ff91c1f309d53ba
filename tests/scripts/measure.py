"""Runs a script under tracing and writes down what came of it: `python measure.py RESULT.json SCRIPT [ARGS…]`.

The script's own output goes to stdout and stderr as it is. RESULT.json gets the gradients beside numerical ones, how
many ops bear the names that they are assigned to, the notes, and the memory held.
"""

import ast
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from gradviz.cli.script import Asked, run

PROBED = 4  # so many elements of each input are moved
STEP = 1e-6


def main():
    result, script, *arguments = sys.argv[1:]
    start = time.perf_counter()
    session = run(script, arguments, asked=Asked())
    seconds = time.perf_counter() - start
    found = {
        "exit_code": session.exit_code,
        "problem": str(session.problem) if session.problem else None,
        "notes": list(session.notes),
        "seconds": seconds,
        "held": session.held,
    }
    if session.graph is not None:
        graph = session.graph
        found |= {
            "ops": sum(node.kind == "op" for node in graph.nodes),
            "inputs": [node.name for node in graph.inputs],
            "output": graph.output.name if len(graph.outputs) == 1 else None,
            "named": named(graph),
            "scopes": sorted({"/".join(node.scope) for node in graph.nodes}),
            "failure": getattr(graph, "failure", None) and str(graph.failure.sentence or graph.failure.message),
        }
        if graph.has_gradients:
            found["gradients"] = gradients(graph)
    Path(result).write_text(json.dumps(found, default=str))
    return session.exit_code


def gradients(graph):
    """For each input the gradient at a few elements, and the numerical one there, by replaying the graph."""
    for node in graph.nodes:  # a number that was printed does not make the replay invalid
        note = getattr(node.record, "_note", None)
        if note is not None:
            note.watches = None
    warnings.simplefilter("ignore")
    held = {node.name or node.id: (np.copy(node.value), node.gradient) for node in graph.inputs}
    rng = np.random.default_rng(0)
    found = {}
    for name, (value, gradient) in held.items():
        size = np.size(value)
        places = rng.choice(size, min(PROBED, size), replace=False) if size else []
        found[name] = []
        for place in places:
            h = STEP * max(1.0, abs(float(np.ravel(value)[place])))
            up, down = moved(value, place, h), moved(value, place, -h)
            difference = float(graph.forward(**{name: up})) - float(graph.forward(**{name: down}))
            found[name].append([float(np.ravel(gradient)[place]), difference / (2 * h)])
            graph.forward(**{name: value if np.ndim(value) else float(value)})
    return found


def moved(value, place, by):
    new = np.array(value, dtype=float)
    new.reshape(-1)[place] += by
    return new if np.ndim(value) else float(new)


def named(graph):
    """How many of the drawn ops are the value of an assignment, by the script's own tree, and which lack the name."""
    targets = {}
    right, wrong = 0, []
    for node in graph.nodes:
        if node.kind != "op" or node.source is None or node.source.column is None:
            continue
        file = node.source.file
        if file not in targets:
            targets[file] = assignments(Path(file).read_text("utf-8")) if Path(file).exists() else {}
        source = node.source
        expected = targets[file].get((source.line, source.column, source.end_line, source.end_column))
        if expected is None:
            continue
        if node.name == expected:
            right += 1
        else:
            wrong.append([expected, node.name, source.line])
    return {"right": right, "wrong": wrong}


def assignments(text):
    """Where the values of assignments to one target stand, and the target's text."""
    found = {}
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript() as target], value=value):
                pass
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                pass
            case _:
                continue
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
            continue
        found[value.lineno, value.col_offset, value.end_lineno, value.end_col_offset] = ast.unparse(target)
    return found


if __name__ == "__main__":
    sys.exit(main())
