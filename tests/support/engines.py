"""Skips what a machine has no Graphviz for."""

import pytest

from gradviz.render.graphviz import layout
from gradviz.tracer.errors import RenderError


def need(engine: str) -> None:
    """Skip the test where this Graphviz can't be run, and say why."""
    try:
        layout("digraph { a }", "plain", engine=engine)
    except RenderError as error:
        pytest.skip(str(error))
