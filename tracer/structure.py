"""Takes nested arguments apart into the numbers they hold, and puts numbers back into the same structure."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

__all__ = ["Leaf", "leaves", "rebuilt"]


class Leaf(NamedTuple):
    """What stands at one place of a structure, and the place's name: ``params['w'][0]``."""

    name: str
    value: Any


def leaves(tree: Any, name: str = "") -> list[Leaf]:
    """What is no container in dicts, lists, tuples, named tuples and dataclasses, in order; None is no leaf.

    Examples
    --------
    >>> leaves({"w": 1.0, "b": [2.0, None]}, "params")
    [Leaf(name="params['w']", value=1.0), Leaf(name="params['b'][0]", value=2.0)]
    """
    if tree is None:
        return []
    parts = _parts(tree)
    if parts is None:
        return [Leaf(name, tree)]
    return [leaf for suffix, part in parts for leaf in leaves(part, name + suffix)]


def rebuilt(tree: Any, values: Sequence[Any]) -> Any:
    """The same structure with other values in the places of its leaves, in the order of `leaves`.

    Examples
    --------
    >>> rebuilt({"w": 1.0, "b": [2.0, None]}, ["first", "second"])
    {'w': 'first', 'b': ['second', None]}
    """
    return _rebuilt(tree, iter(values))


def _rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    if tree is None:
        return None
    parts = _parts(tree)
    if parts is None:
        return next(values)
    return _remake(tree, [_rebuilt(part, values) for _, part in parts])


def _parts(tree: Any) -> list[tuple[str, Any]] | None:
    """A container's parts with the suffixes that name them; None for what is no container."""
    if isinstance(tree, dict):
        return [(f"[{key!r}]", part) for key, part in tree.items()]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return [(f".{field}", getattr(tree, field)) for field in tree._fields]  # pyright: ignore
    if isinstance(tree, (list, tuple)):
        return [(f"[{i}]", part) for i, part in enumerate(tree)]  # pyright: ignore[reportUnknownVariableType]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [(f".{field.name}", getattr(tree, field.name)) for field in dataclasses.fields(tree) if field.init]
    return None


def _remake(tree: Any, parts: list[Any]) -> Any:
    """A container of the same kind around other parts."""
    for kind, remake in _REMAKERS:
        if isinstance(tree, kind):
            return remake(tree, parts)
    fields = [field.name for field in dataclasses.fields(tree) if field.init]
    return dataclasses.replace(tree, **dict(zip(fields, parts, strict=True)))


_REMAKERS: tuple[tuple[type, Callable[[Any, list[Any]], Any]], ...] = (
    (defaultdict, lambda tree, parts: defaultdict(tree.default_factory, zip(tree, parts, strict=True))),
    (dict, lambda tree, parts: type(tree)(zip(tree, parts, strict=True))),
    (tuple, lambda tree, parts: type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)),
    (list, lambda tree, parts: type(tree)(parts)),
)
