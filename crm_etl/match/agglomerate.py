"""Cutting connected components into clusters: average linkage with links that must and links that may not be.

Two clusters are joined while the mean weight between *all* their records is in favour, at least one link is a match
and no pair forbids it. So a chain of weak bridges does not hold, while two records that know nothing of each other
may meet through a third that agrees with both. All components are cut at once, in rounds: each cluster names the one
it would join first, and those that name each other are joined (reciprocal nearest neighbours, which for average
linkage give the same clusters as joining the best pair first: Murtagh, A Survey of Recent Advances in Hierarchical
Clustering Algorithms, The Computer Journal 26, 1983). A round costs as much as the links that are left.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from crm_etl.match import forest
from crm_etl.match.encode import Flags, Floats, Hashes, Ints, contains
from crm_etl.normalize.names.compiled import compiled, inner

#: Weight of a pair that was not compared: nothing brought it together.
MISSING = -3.0
#: One pair speaks against others by so much at most. Two records of one client that disagree do so for one cause,
#: such as a change of name, which every comparison that it spoils counts anew.
_LEAST = -4.0
#: No single pair outvotes the others by more than this.
_MOST = 25.0
#: Mean weight (bits) between two clusters from which they are joined: even odds.
_JOIN = 0.0
#: Mean weights (bits) closer than this are equal: else only one pair a round could join in a row of rising weights.
_STEP = 0.5


@dataclass(frozen=True)
class Links:
    """Pairs of records, left < right, sorted, none twice; all arrays (links,).

    ``same`` and ``different`` are what people said. ``copy``: the right record is a copy of the left one, see
    :mod:`crm_etl.match.copies`.
    """

    left: Ints
    right: Ints
    weight: Floats
    match: Flags
    forbidden: Flags
    same: Flags
    different: Flags
    copy: Flags


@dataclass(frozen=True)
class _Bonds:
    """Evidence between clusters, each pair of clusters once: sums over the pairs of records that were compared."""

    left: Ints
    right: Ints
    total: Floats
    pairs: Ints
    matches: Ints
    barred: Ints

    def score(self, sizes: Ints) -> Floats:
        """Mean weight between the clusters in steps; minus infinity where they may not be joined.

        ``sizes``: records of each cluster, copies not counted: what was compared with them says nothing new.
        """
        pairs = np.maximum(sizes[self.left] * sizes[self.right], self.pairs)
        mean = (self.total + MISSING * (pairs - self.pairs)) / pairs
        joinable = (self.matches > 0) & (self.barred == 0) & (mean >= _JOIN)
        return np.where(joinable, np.floor(mean / _STEP), -np.inf)

    def take(self, chosen: Ints) -> _Bonds:
        return _Bonds(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def renamed(self, names: Ints) -> _Bonds:
        """The same between the clusters that the present ones went into."""
        one, other = names[self.left], names[self.right]
        low, high = np.minimum(one, other), np.maximum(one, other)
        order = np.lexsort((high, low))
        order = order[low[order] != high[order]]
        if not len(order):
            return self.take(order)
        low, high = low[order], high[order]
        starts = np.flatnonzero(np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
        sums = (self.total, self.pairs, self.matches, self.barred)
        return _Bonds(low[starts], high[starts], *(np.add.reduceat(column[order], starts) for column in sums))


def agglomerate(links: Links, marks: Hashes) -> Ints:
    """Cluster of each record, named by its lowest record. What people called different is never joined.

    ``marks``: a number of each record (records,), that decides between equals: neither which other records there are
    nor their order shows in the clusters.
    """
    size = len(marks)
    labels = _obeyed(size, links)
    counted = np.ones(size, dtype=np.int64)
    counted[links.right[links.copy]] = 0
    lowest = marks.copy()
    np.minimum.at(lowest, labels, marks)
    homes = forest.components(size, links.left, links.right)
    bonds = _bonds(links).renamed(labels)
    while len(bonds.left):
        score = bonds.score(np.bincount(labels, counted, minlength=size).astype(np.int64))
        names = np.asarray(_joined(bonds.left, bonds.right, score, lowest))
        labels = names[labels]
        # A component in which nothing may be joined any more will not change: its links leave.
        alive = np.zeros(size, dtype=np.bool_)
        alive[homes[bonds.left[score > -np.inf]]] = True
        bonds = bonds.take(np.flatnonzero(alive[homes[bonds.left]])).renamed(names)
    return labels


def _bonds(links: Links) -> _Bonds:
    barred = links.different | (links.forbidden & ~links.same & ~_overruled(links))
    counts = (column.astype(np.int64) for column in (links.match | links.same, barred))
    ones = np.ones(len(links.left), dtype=np.int64)
    return _Bonds(links.left, links.right, np.clip(links.weight, _LEAST, _MOST), ones, *counts)


def _overruled(links: Links) -> Flags:
    """Which contradictions do not count, because people called a record the same as one that matches the other side:
    their word says that the two are one although something differs."""
    size = int(links.right.max(initial=0)) + 1
    group = forest.components(size, links.left[links.same], links.right[links.same])
    spoken = np.bincount(group, minlength=size)[group] > 1
    width, met = np.int64(size), []
    for one, other in ((links.left, links.right), (links.right, links.left)):
        at = np.flatnonzero(links.match & spoken[one])
        met.append(group[one[at]] * width + other[at])
    keys = np.sort(np.concatenate(met))
    return contains(keys, group[links.left] * width + links.right) | contains(
        keys, group[links.right] * width + links.left
    )


def _obeyed(size: int, links: Links) -> Ints:
    """Records that people called the same joined, and copies with what they are copies of, unless people also called
    some of them different."""
    labels = np.arange(size)
    apart = _apart(links)
    members: dict[int, list[int]] = {}
    wishes = np.concatenate([np.flatnonzero(links.same), np.flatnonzero(links.copy & ~links.same)])
    for left, right in zip(links.left[wishes].tolist(), links.right[wishes].tolist(), strict=True):
        low, high = sorted((int(labels[left]), int(labels[right])))
        if low == high or high in apart.get(low, ()):
            continue
        gone = members.pop(high, [high])
        members.setdefault(low, [low]).extend(gone)
        labels[gone] = low
        for other in apart.pop(high, ()):
            apart[other] = (apart[other] - {high}) | {low}
            apart.setdefault(low, set()).add(other)
    return labels


def _apart(links: Links) -> dict[int, set[int]]:
    """What people called different of each record."""
    apart: dict[int, set[int]] = {}
    sides = links.left[links.different].tolist(), links.right[links.different].tolist()
    for left, right in zip(*sides, strict=True):
        apart.setdefault(left, set()).add(right)
        apart.setdefault(right, set()).add(left)
    return apart


@compiled
def _joined(left, right, score, lowest):  # type: ignore[no-untyped-def]
    """The name of each cluster after a round: that of the lower one where two name each other first, else its own.

    Of equal scores the pair counts that comes first in a scrambled order of the clusters' ``lowest`` marks, which are
    kept up to date: in a long row of equal links the lowest name would let one pair a round join.
    """
    best = np.full(len(lowest), -1)
    for at in range(len(left)):
        if score[at] > -np.inf:
            for side in (left[at], right[at]):
                held = best[side]
                if held < 0 or _before(left, right, score, lowest, at, held):
                    best[side] = at
    names = np.arange(len(lowest))
    for at in range(len(left)):
        if best[left[at]] == at and best[right[at]] == at:
            names[right[at]] = left[at]
            lowest[left[at]] = min(lowest[left[at]], lowest[right[at]])
    return names


@inner
def _before(left, right, score, lowest, one, other):  # type: ignore[no-untyped-def]
    if score[one] != score[other]:
        return score[one] > score[other]
    first = _scrambled(lowest[left[one]], lowest[right[one]])
    second = _scrambled(lowest[left[other]], lowest[right[other]])
    return first < second or (first == second and one < other)


@inner
def _scrambled(one, other):  # type: ignore[no-untyped-def]
    mixed = min(one, other) * np.uint64(0x9E3779B97F4A7C15) + max(one, other) * np.uint64(0xC2B2AE3D27D4EB4F)
    return (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
