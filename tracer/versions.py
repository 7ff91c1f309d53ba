"""What a node of an array that was written in place had once: its value and gradient, whose buffers were handed on.

All versions of such an array share one buffer: a write puts its values there, and the sweep's rule for it zeroes them
and hands the gradient's buffer on to the version before. So n writes take n steps and one array, not n arrays. For the
node that is asked, both are made again the way they came about, from the nearest version that still has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from .backward import downstream
from .gone import Gone, ValueGone
from .keeping import restored
from .ops.indexing import GETITEM, is_basic
from .ops.writing import HANDED_ON, WRITE, taken, zero
from .tensor import Tensor

if TYPE_CHECKING:
    from .node import Edge, Node

__all__ = ["gradient_again", "value_again"]

# What knows a graph's nodes → what was found for them. Nodes are looked at in the order of their numbers: the value
# made last is the next one's beginning, and the gradients that a walk down to one node meets are the next ones'.
_value: WeakKeyDictionary[Any, tuple[Tensor, Any]] = WeakKeyDictionary()
_gradients: WeakKeyDictionary[Any, dict[int, Any]] = WeakKeyDictionary()

#: So many bytes of gradients are kept for the nodes that are likely to be asked next.
_AT_ONCE = 2**26


def value_again(node: Node) -> Any:
    """The value of a version whose buffer holds a later one now."""
    last, value = _value.get(node._family, (None, None))
    written: list[Tensor] = []
    record: Tensor = node.record
    while record is not last and type(record._value) is Gone and record._op is WRITE:
        written.append(record)
        record = record._a
    value = np.array(value if record is last else restored(record))
    for version in reversed(written):
        static = version._static or {}
        part = version._b
        taken(value, static["path"])[static["index"]] = restored(part) if isinstance(part, Tensor) else part
    _value[node._family] = node.record, value
    return value


def gradient_again(node: Node) -> Any:
    """The gradient of a version that the sweep has handed on."""
    found = _gradients.get(node._family, {})
    if node.index not in found:
        later = _later(node)
        kept = max(1, _AT_ONCE // max(1, node.record._value.nbytes))
        found = {}
        buffer: Any = None
        for i, version in reversed(list(enumerate(later))):
            above = later[i + 1] if i + 1 < len(later) else None
            there = version._gradient is not HANDED_ON
            buffer = np.array(version._gradient) if there else _summed(version, above, buffer)
            if i < kept:
                found[version.index] = buffer.copy()
        _gradients[node._family] = found
    return found[node.index]


def _later(node: Node) -> list[Node]:
    """The version itself and those after it, up to the first whose gradient is there or that was not written again."""
    later = [node]
    while later[-1]._gradient is HANDED_ON:
        after = next((use.target for use in later[-1].uses if _writes_to(use)), None)
        if after is None:
            break
        later.append(after)
    return later


def _writes_to(use: Edge) -> bool:
    return use.position == 0 and use.target.rule is WRITE


def _summed(version: Node, above: Node | None, buffer: Any) -> Any:
    """What all uses of a version hand down, in the order of the sweep; `buffer` has the gradient of the one above."""
    total: Any = None
    for use in sorted(version.uses, key=lambda use: (-use.target.index, use.position)):
        if above is not None and use.target is above and use.position == 0:
            zero(buffer, **above.static)
            share = buffer
        elif total is not None and use.target.rule is GETITEM and is_basic(use.target.static["index"]):
            total[use.target.static["index"]] += use.target.gradient
            continue
        else:
            share = _share(use)
        if share is None:
            continue
        if total is None:
            total = share if share is buffer else np.array(share)
        else:
            total += share
    return total


def _share(use: Edge) -> Any:
    """What a use hands down; None for nothing."""
    target = use.target
    upstream = gradient_again(target) if target._gradient is HANDED_ON else target.gradient
    if upstream is None:
        return None
    try:  # many rules look at the shapes of values alone, which those that are gone have
        return _handed(use, upstream, [_held(x) for x in target.inputs], _held(target))
    except ValueGone:
        return _handed(use, upstream, [x.value for x in target.inputs], target.value)


def _handed(use: Edge, upstream: Any, values: list[Any], out: Any) -> Any:
    with np.errstate(all="ignore"):
        return downstream(use.target.rule, use.position, upstream, out, values, use.target.static)


def _held(node: Node) -> Any:
    return node.record._value if isinstance(node.record, Tensor) else node.record
