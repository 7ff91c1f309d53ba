"""The `builtins` that a plain script has: Python's, with stand-ins for some; what is put into either is in both."""

from __future__ import annotations

import builtins
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

__all__ = ["builtins_with", "kept_alike"]


def builtins_with(extra: Mapping[str, Any]) -> ModuleType:
    """A module like `builtins` with more in it; the real one where there is nothing to add, as everyone has it."""
    if not extra:
        return builtins
    made = _Kept("builtins", builtins.__doc__)
    vars(made).update(vars(builtins))
    vars(made).update(extra)
    return made


_Kept: Any = type("module", (ModuleType,), {"__module__": "builtins"})


@contextmanager
def kept_alike(own: ModuleType) -> Generator[None]:
    """While it is open, `builtins.print = …` holds for the script too: tests and libraries put names there."""
    if own is builtins:
        yield
        return
    theirs, ours = builtins.__dict__, own.__dict__
    pairs = {name: (value, ours[name]) for name, value in theirs.items() if value is not ours[name]}
    before = dict(theirs)

    def put(module: ModuleType, name: str, value: Any) -> None:
        real, stand_in = pairs.get(name, (None, None))
        back = name in pairs and (value is real or value is stand_in)  # as it was: each has its own again
        theirs[name] = real if back else value
        ours[name] = stand_in if back else value

    def take(module: ModuleType, name: str) -> None:
        if name not in module.__dict__:
            raise AttributeError(name)
        theirs.pop(name, None)
        ours.pop(name, None)

    kept: Any = type("module", (_Kept,), {"__module__": "builtins", "__setattr__": put, "__delattr__": take})
    for module in (builtins, own):
        object.__setattr__(module, "__class__", kept)
    try:
        yield
    finally:
        for module, kind in ((builtins, ModuleType), (own, _Kept)):
            object.__setattr__(module, "__class__", kind)  # past `put`
        for name in set(theirs) - set(before):
            del theirs[name]
        theirs.update(before)
