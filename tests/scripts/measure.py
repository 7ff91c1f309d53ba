"""Runs a script under tracing and writes down what came of it: `python measure.py RESULT.json SCRIPT [ARGS…]`.

The script's own output goes to stdout and stderr as it is. RESULT.json gets the inputs with their gradients and where
they and the output stand, how many ops bear the names that they are assigned to, the notes, and the memory held.
With `--unroll` before RESULT.json the graph goes through the updates of a training loop.
"""

import ast
import json
import sys
import time
from pathlib import Path

import numpy as np

from gradviz.cli.script import Asked, run

PROBED = 3  # so many elements of each input are compared


def main():
    unroll = sys.argv[1] == "--unroll"
    result, script, *arguments = sys.argv[1 + unroll :]
    start = time.perf_counter()
    session = run(script, arguments, asked=Asked(unroll=unroll))
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
            "named": named(graph),
            "scopes": sorted({"/".join(node.scope) for node in graph.nodes}),
            "failure": getattr(graph, "failure", None) and str(graph.failure.sentence or graph.failure.message),
        }
        if graph.has_gradients:
            found["gradients"] = {
                "output": placed(graph.output),
                "inputs": [probed(node) for node in sorted(graph.inputs, key=age)],
            }
    Path(result).write_text(json.dumps(found, default=str))
    return session.exit_code


def age(node):
    """Earlier inputs first."""
    note = node.record._note
    return note.serial if note is not None else 0


def placed(node):
    """A node's name, its place in the source and its value."""
    source = node.source
    place = [source.file, source.line, source.column, source.end_line, source.end_column]
    value = np.asarray(node.value)
    return {"name": node.label, "place": place, "value": value.tolist(), "dtype": str(value.dtype)}


def probed(node):
    """An input with its gradient at a few of its elements: where it is largest, and elsewhere."""
    gradient = np.ravel(node.gradient)
    elsewhere = np.random.default_rng(0).permutation(gradient.size)
    steepest = np.argsort(-np.abs(np.nan_to_num(gradient)))[:1]
    elements = sorted({*steepest.tolist(), *elsewhere[: PROBED - 1].tolist()})
    return {**placed(node), "elements": elements, "gradient": gradient[elements].tolist()}


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
