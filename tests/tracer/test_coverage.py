"""The table of all that is recorded, and that nothing is missing which autograd 1.9 differentiates."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from gradviz.tracer.coverage import composed, facts, markdown, recorded
from gradviz.tracer.op import OPS
from gradviz.tracer.tensor import FUNCTIONS, PLAIN_UFUNCS, UFUNCS

NAMESPACES = {
    "autograd.numpy": np,
    "autograd.numpy.linalg": np.linalg,
    "autograd.numpy.fft": np.fft,
}
#: What autograd has a rule for and gradviz needs none for.
NOT_NUMPYS = {
    "_original_where": "autograd's name for np.where",
    "_primitive_norm": "autograd's name for np.linalg.norm",
    "array_from_args": "how autograd writes np.array of a list: gv.np.array",
    "concatenate_args": "how autograd writes np.concatenate",
    "make_diagonal": "a helper of autograd's own rules",
    "truncate_pad": "a helper of autograd's own rules",
    "full": "NumPy does not hand np.full to the Tensor that fills it: gv.np.full",
}


def differentiated_by_autograd() -> list[tuple[str, str]]:
    """Each name for which autograd has a rule, with its namespace."""
    rules: Any = importlib.import_module("autograd.core").primitive_vjps
    found: list[tuple[str, str]] = []
    for namespace in NAMESPACES:
        module = importlib.import_module(namespace)
        found += [
            (namespace, name) for name in dir(module) if _hashable(member := getattr(module, name)) and member in rules
        ]
    return found


def _hashable(x: Any) -> bool:
    return callable(x) and getattr(x, "__hash__", None) is not None


def test_all_that_autograd_differentiates_is_recorded():
    pytest.importorskip("autograd", reason="autograd is not installed: there is nothing to compare with")
    names = differentiated_by_autograd()
    assert len(names) > 100
    missing = [
        f"{namespace}.{name}"
        for namespace, name in names
        if name not in NOT_NUMPYS and not _is_recorded(getattr(NAMESPACES[namespace], name, None))
    ]
    assert missing == []


def _is_recorded(function: Any) -> bool:
    return function in FUNCTIONS or function in UFUNCS


def test_every_op_is_in_the_table():
    assert [entry.op for entry in recorded()] == sorted(name for name, op in OPS.items() if op.rules)


def test_a_row_says_how_the_op_is_called_and_what_it_hands_down():
    [row] = [entry for entry in recorded() if entry.op == "multiply"]
    assert row.calls == ("x * y", "np.multiply")
    assert row.gradients == ("y", "x")
    assert row.role == "switches"


def test_every_function_and_ufunc_is_somewhere():
    called = {call for entry in recorded() for call in entry.calls} | set(composed()) | set(facts())
    for known in (*FUNCTIONS, *UFUNCS, *PLAIN_UFUNCS):
        assert any(call.rpartition(".")[2] == known.__name__ for call in called), known


def test_the_table_is_markdown():
    lines = markdown().splitlines()
    table = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert len(table) == len(recorded()) + 2
    assert {line.count("|") for line in table} == {6}
    assert "| `add` | + | `x + y`, `np.add` | 1; 1 | distributes |" in lines
    assert all("{" not in line for line in lines)
