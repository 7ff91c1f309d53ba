"""Gives the modules beside a plain script the same treatment as the script; installed libraries keep their own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ..tracer.frames import Owner, owner_of
from .module import imports_gradviz

__all__ = ["modules_beside"]

Compile = Callable[[ast.Module, str], CodeType]


class _Loader(SourceFileLoader):
    """Compiles a module's rewritten text, and gives it the script's builtins. It neither reads nor writes bytecode."""

    compile_tree: Compile
    own_builtins: ModuleType

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        if imports_gradviz(tree):
            return super().get_code(fullname)
        return self.compile_tree(tree, path)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self.own_builtins
        super().exec_module(module)


class _Finder:
    """Finds the modules that lie under one folder."""

    def __init__(self, root: Path, compile_tree: Compile, own_builtins: ModuleType) -> None:
        self._root = root
        self._compile = compile_tree
        self._builtins = own_builtins

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] in sys.builtin_module_names or name == "gradviz":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None or type(spec.loader) is not SourceFileLoader:
            return None
        if not self._is_beside(spec.origin):
            return None
        loader = spec.loader = _Loader(spec.loader.name, spec.loader.path)
        loader.compile_tree = self._compile
        loader.own_builtins = self._builtins
        return spec

    def _is_beside(self, file: str) -> bool:
        return owner_of(file) is Owner.USER and Path(file).resolve().is_relative_to(self._root)


@contextmanager
def modules_beside(root: Path | None, compile_tree: Compile, own_builtins: ModuleType) -> Generator[None]:
    """While it is open, importing a module under `root` runs it rewritten; afterwards it is forgotten again."""
    if root is None:
        yield
        return
    finder: Any = _Finder(root, compile_tree, own_builtins)
    hidden = _hidden_by(root)
    for name in hidden:
        del sys.modules[name]
    known = set(sys.modules)
    owner_of(ast.__file__)  # which imports what it needs, and would come by the finder again
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - known:
            if isinstance(getattr(sys.modules[name], "__loader__", None), _Loader):
                del sys.modules[name]
        sys.modules.update(hidden)


#: What Python itself has imported before a script runs, and what is one of ours anyway.
_ALWAYS_THERE = frozenset(
    {"__main__", "_collections_abc", "_sitebuiltins", "abc", "codecs", "encodings", "genericpath", "gradviz", "io",
     "ntpath", "numpy", "os", "posixpath", "site", "stat", "zipimport"}
).union(sys.builtin_module_names)  # fmt: skip


def _hidden_by(root: Path) -> dict[str, ModuleType]:
    """The modules that gradviz has imported, and that a file beside the script hides from it under `python`."""
    try:
        there = {path.name for path in root.iterdir()}
    except OSError:  # an archive
        return {}
    tops = {name.partition(".")[0] for name in sys.modules} - _ALWAYS_THERE
    tops = {
        name for name in tops if f"{name}.py" in there or (name in there and (root / name / "__init__.py").exists())
    }
    return {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in tops and not _lies_under(module, root)
    }


def _lies_under(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve().is_relative_to(root)
