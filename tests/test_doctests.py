"""The examples in docstrings run, and show what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import gradviz as gv
from gradviz import cli, render, tracer

MODULES = [
    module.name
    for package in (tracer, render, cli)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", ["gradviz", *MODULES])
def test_examples_run(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # what an example writes, it writes here
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"gv": gv, "np": np}, verbose=False)
    assert not failed


def test_public_names_have_examples():
    functions = [getattr(gv, name) for name in gv.__all__]
    missing = [f.__name__ for f in functions if callable(f) and ">>>" not in (f.__doc__ or "")]
    missing = [name for name in missing if not issubclass(getattr(gv, name, object), Exception)] if missing else []
    assert missing == []
