"""The names of what rewritten scripts call; it stands among the script's own builtins, under names nobody else uses."""

from __future__ import annotations

__all__ = [
    "ADDED",
    "ADDED_AT",
    "AT",
    "BESIDE",
    "CALLED",
    "FILLABLE",
    "FILLED",
    "HANDED_IN",
    "HELD",
    "INPUT",
    "ITEM",
    "LISTED",
    "LISTS",
    "SCOPE",
    "SHUFFLED",
    "SLICE",
    "STORED",
    "UPDATE",
    "VALUE",
]

INPUT = "__gradviz_input__"  # (name, value, learned) → the leaf that is to stand for the value
HANDED_IN = "__gradviz_handed_in__"  # (name, value, by_object): the same for a number in a call
FILLABLE = "__gradviz_fillable__"  # (array) → a constant that may be written into
FILLED = "__gradviz_filled__"  # (array) after `array[i] = value`
STORED = "__gradviz_stored__"  # (array, value) → the value that is written into the array
ADDED = "__gradviz_added__"  # (array, value) → what is added to it in place
ADDED_AT = "__gradviz_added_at__"  # (array, index, value) → what is added to `array[index]` in place
AT = "__gradviz_at__"  # (index) → the index, which is held for HELD
HELD = "__gradviz_held__"  # () → the index of the statement, for ADDED_AT
UPDATE = "__gradviz_update__"  # (value, target, itself) → the value; a step may end here
ITEM = "__gradviz_item__"  # (container, key, target, itself): the same for `container[key] -= …`
SCOPE = "__gradviz_scope__"  # (function) → a context for the function's body
SLICE = "__gradviz_slice__"  # (start, stop, step) → the slice
SHUFFLED = "__gradviz_shuffled__"  # (rng.shuffle, x) → None, with x shuffled
CALLED = "__gradviz_called__"  # (function) → it, or what calls it such that C code takes traced values
LISTED = "__gradviz_listed__"  # (argument) → an array where it is a list with traced values, for NumPy
LISTS = "__gradviz_lists__"  # (argument): the same for each of a list of arrays
BESIDE = "__gradviz_beside__"  # (operand) → a list that an array's operator records, where it holds traced values
VALUE = "__gradviz_value__"  # (argument) → the plain value, for a library that takes no Tensors
