"""Scopes as frames: each box in its own scope, each wire in the deepest that both its ends share."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from ..document import Cluster

__all__ = ["clusters_of", "common"]


def common(scopes: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The deepest scope that all these scopes lie in.

    Examples
    --------
    >>> common([("loss", "nll"), ("loss", "l2")])
    ('loss',)
    """
    scopes = list(scopes)
    same = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*scopes, strict=False))
    return tuple(names[0] for names in same)


def clusters_of(placed: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Cluster, ...]:
    """The frames around what stands in scopes.

    Parameters
    ----------
    placed
        The id of each box and wire, and its scope.

    Examples
    --------
    >>> [outer] = clusters_of([("n1", ("loss",)), ("n2", ("loss", "l2")), ("n3", ())])
    >>> outer.label, outer.members, outer.clusters[0].label
    ('loss', ('n1',), 'l2')
    """
    members: dict[tuple[str, ...], list[str]] = {}
    for id, scope in placed:
        for depth in range(1, len(scope) + 1):
            members.setdefault(scope[:depth], [])
        if scope:
            members[scope].append(id)
    number = {scope: i for i, scope in enumerate(members)}

    def cluster(scope: tuple[str, ...]) -> Cluster:
        inner = [other for other in members if other[:-1] == scope]
        return Cluster(f"s{number[scope]}", scope[-1], tuple(members[scope]), tuple(map(cluster, inner)))

    return tuple(cluster(scope) for scope in members if len(scope) == 1)
