"""The examples in docstrings run, and show what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import gradviz as gv
from gradviz import cli, render, tracer
from gradviz.tracer.op import OPS
from gradviz.tracer.tensor import FUNCTIONS, LATE, PLAIN_UFUNCS, UFUNCS

MODULES = [
    module.name
    for package in (tracer, render, cli)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


NEED_SCIPY = {"gradviz.tracer.ops.special"}


@pytest.fixture(autouse=True)
def tables_as_they_were() -> Iterator[None]:
    """What an example adds to the tables of ops is gone after it."""
    tables = (OPS, UFUNCS, FUNCTIONS, PLAIN_UFUNCS)
    before = [table.copy() for table in tables]
    late = list(LATE)  # who registered meanwhile registers again
    yield
    LATE[:] = late
    for table, old in zip(tables, before, strict=True):
        table.clear()
        table.update(old)  # pyright: ignore


@pytest.mark.parametrize("name", ["gradviz", *MODULES])
def test_examples_run(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path):
    if name in NEED_SCIPY:
        pytest.importorskip("scipy.special")
    if name.startswith("gradviz.render.portable_"):  # they run as a program of their own, from their folder
        monkeypatch.setattr(sys, "path", [*sys.path, str(Path(render.__file__).parent)])
    monkeypatch.chdir(tmp_path)  # what an example writes, it writes here
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"gv": gv, "np": np}, verbose=False)
    assert not failed


def test_public_functions_have_examples():
    public = [getattr(gv, name) for name in gv.__all__]
    errors = [item for item in public if isinstance(item, type) and issubclass(item, Exception)]
    lacking = [item.__name__ for item in public if callable(item) and ">>>" not in (item.__doc__ or "")]
    assert set(lacking) - {error.__name__ for error in errors} == set()
