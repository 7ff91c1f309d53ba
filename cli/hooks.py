"""The names of what rewritten scripts call; it stands among the script's own builtins, under names nobody else uses."""

from __future__ import annotations

__all__ = ["FILLABLE", "INPUT", "ITEM", "SCOPE", "UPDATE"]

INPUT = "__gradviz_input__"  # (name, value, learned) → the leaf that is to stand for the value
FILLABLE = "__gradviz_fillable__"  # (array) → a constant that may be written into
UPDATE = "__gradviz_update__"  # (value, target, itself) → the value; a step may end here
ITEM = "__gradviz_item__"  # (container, key, target, itself): the same for `container[key] -= …`
SCOPE = "__gradviz_scope__"  # (function) → a context for the function's body
