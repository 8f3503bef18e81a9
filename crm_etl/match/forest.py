"""Spanning forests: which records hang together over pairs, and the pairs that suffice to hold them together."""

from __future__ import annotations

import numpy as np

from crm_etl.match.encode import Flags, Floats, Ints
from crm_etl.normalize.names.compiled import compiled, inner


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Connected component of each of ``size`` records, named by its lowest record."""
    return grow(size, left, right)[0]


def strongest(size: int, left: Ints, right: Ints, weight: Floats) -> Flags:
    """Which pairs make the heaviest forest that spans the records (Kruskal); of equal weights the first counts."""
    order = np.argsort(-weight, kind="stable")
    chosen = np.zeros(len(order), dtype=np.bool_)
    chosen[order] = grow(size, left[order], right[order])[1]
    return chosen


def grow(size: int, left: Ints, right: Ints) -> tuple[Ints, Flags]:
    """Trees grown pair by pair: the lowest record of each record's tree, and which pairs joined two trees."""
    parent, chosen = _grow(size, left, right)
    return np.asarray(parent, dtype=np.int64), np.asarray(chosen, dtype=np.bool_)


@compiled
def _grow(size, left, right):  # type: ignore[no-untyped-def]
    parent = np.arange(size)
    chosen = np.zeros(len(left), dtype=np.bool_)
    for at in range(len(left)):
        one, other = _root(parent, left[at]), _root(parent, right[at])
        if one != other:
            parent[max(one, other)] = min(one, other)
            chosen[at] = True
    for record in range(size):
        parent[record] = _root(parent, record)
    return parent, chosen


@inner
def _root(parent, record):  # type: ignore[no-untyped-def]
    while parent[record] != record:
        parent[record] = parent[parent[record]]
        record = parent[record]
    return record
