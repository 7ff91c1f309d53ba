"""Makes modules that are like others, with stand-ins for some of what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

__all__ = ["module_like"]


def module_like(real: ModuleType, stand_ins: Mapping[str, Any]) -> ModuleType:
    """A module of the same name with all that the real one has, but for the stand-ins.

    Examples
    --------
    >>> import math
    >>> made = module_like(math, {"pi": 3})
    >>> made.pi, made.e == math.e, math.pi == 3
    (3, True, False)
    """
    made = ModuleType(real.__name__, real.__doc__)
    vars(made).update(vars(real))
    vars(made).update(stand_ins)
    return made
