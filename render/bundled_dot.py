"""A stand-in for the `dot` command, made of the Graphviz in pygraphviz's wheel; it runs as a script, in a child.

    python bundled_dot.py -V
    python bundled_dot.py -Kdot -Gdpi=144 -Tplain -Tpng < graph.dot > plain-and-png

It takes the few options of `dot` that graphviz.py uses, imports nothing of gradviz, and leaves checks to its caller.
"""
# pygraphviz has no type stubs
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false, reportUnknownParameterType=false

from __future__ import annotations

import sys
from typing import Any


def main(options: list[str]) -> int:
    """Do what `dot` would do with these options; the exit code."""
    try:
        if options == ["-V"]:
            _say(f"dot - graphviz version {_version()} (bundled with pygraphviz)")
            return 0
        for output in _draw(sys.stdin.buffer.read().decode("utf-8"), options):
            sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    except Exception as error:
        _say(f"Error: {type(error).__name__}: {error}")
        return 1
    return 0


def _version() -> str:
    import pygraphviz

    return pygraphviz.__graphviz_version__


def _draw(dot: str, options: list[str]) -> list[bytes]:
    import pygraphviz
    from pygraphviz import graphviz

    context = graphviz.gvContextWithBuiltins()  # first: it makes a node's name its label where it has none
    graph = pygraphviz.AGraph(string=dot)
    _set_defaults(graph, _values(options, "-G"))
    (program,) = _values(options, "-K")
    # One layout for all the outputs, as `dot` does it.
    if graphviz.gvLayout(context, graph.handle, program.encode()):
        raise ValueError(f"no layout by {program}")
    return [_render(graphviz, context, graph, format) for format in _values(options, "-T")]


def _values(options: list[str], flag: str) -> list[str]:
    return [option[len(flag) :] for option in options if option.startswith(flag)]


def _set_defaults(graph: Any, settings: list[str]) -> None:
    for setting in settings:
        name, _, value = setting.partition("=")
        if not graph.graph_attr.get(name):  # as with `dot`, what the graph itself says counts more
            graph.graph_attr[name] = value


def _render(graphviz: Any, context: Any, graph: Any, format: str) -> bytes:
    # On failure it returns a bare error number, not a pair.
    result = graphviz.gvRenderData(context, graph.handle, format.encode())
    if not isinstance(result, (tuple, list)) or result[0]:
        raise ValueError(f"no {format} drawn")
    return result[1]


def _say(text: str) -> None:
    # Whatever the console's encoding is, the caller reads UTF-8.
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stderr.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
