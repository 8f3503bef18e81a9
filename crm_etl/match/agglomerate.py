"""Cutting a connected component into clusters: average linkage with links that must and links that may not be.

Two clusters are joined while the mean weight between *all* their records is in favour, at least one link is a match
and no pair forbids it, the best supported join first. So a chain of weak bridges does not hold, while two records
that know nothing of each other may meet through a third that agrees with both.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

#: Weight of a pair that was not compared: nothing brought it together.
MISSING = -3.0
#: No single pair outvotes the others by more than this.
_CLIP = 25.0
#: Mean weight (bits) between two clusters from which they are joined: even odds.
_JOIN = 0.0


@dataclass(frozen=True)
class Link:
    """A pair within the component, by member number. ``same`` and ``different`` are what people said of it."""

    left: int
    right: int
    weight: float
    match: bool
    forbidden: bool
    same: bool
    different: bool


@dataclass
class _Between:
    """Evidence between two clusters."""

    total: float = 0.0
    pairs: int = 0
    matches: int = 0
    forbidden: int = 0
    different: int = 0

    def add(self, other: _Between) -> None:
        self.total += other.total
        self.pairs += other.pairs
        self.matches += other.matches
        self.forbidden += other.forbidden
        self.different += other.different


def agglomerate(size: int, links: Iterable[Link]) -> tuple[list[int], int]:
    """Cluster of each of ``size`` members, named by its smallest member, and human wishes that others forbid.

    ``links`` come in a stable order: members are numbered, and links sorted, by rank.
    """
    return _Agglomeration(size, list(links)).run()


class _Agglomeration:
    def __init__(self, size: int, links: list[Link]) -> None:
        self._members = {member: [member] for member in range(size)}
        self._near: dict[int, dict[int, _Between]] = {member: {} for member in range(size)}
        self._wishes = [link for link in links if link.same]
        for link in links:
            weight = min(max(link.weight, -_CLIP), _CLIP)
            forbidden = link.different or (link.forbidden and not link.same)
            between = _Between(weight, 1, int(link.match or link.same), int(forbidden), int(link.different))
            self._near[link.left][link.right] = self._near[link.right][link.left] = between
        self._heap: list[tuple[float, int, int]] = []

    def run(self) -> tuple[list[int], int]:
        refused = self._obey()
        for cluster in list(self._near):
            self._offer(cluster)
        while self._heap:
            score, one, other = heapq.heappop(self._heap)
            if self._score(one, other) == -score:
                self._join(one, other)
                self._offer(min(one, other))
        labels = [0] * sum(len(members) for members in self._members.values())
        for members in self._members.values():
            for member in members:
                labels[member] = min(members)
        return labels, refused

    def _obey(self) -> int:
        """Join what people called the same, unless they also called some of it different."""
        refused = 0
        for link in self._wishes:
            one, other = self._cluster(link.left), self._cluster(link.right)
            if one == other:
                continue
            if self._near[one][other].different:
                refused += 1
            else:
                self._join(one, other)
        return refused

    def _cluster(self, member: int) -> int:
        return next(cluster for cluster, members in self._members.items() if member in members)

    def _score(self, one: int, other: int) -> float | None:
        """Mean weight between two clusters, None where they may not be joined (or are gone)."""
        between = self._near.get(one, {}).get(other)
        if between is None or between.forbidden or not between.matches:
            return None
        pairs = len(self._members[one]) * len(self._members[other])
        mean = (between.total + MISSING * (pairs - between.pairs)) / pairs
        return mean if mean >= _JOIN else None

    def _offer(self, cluster: int) -> None:
        for other in self._near[cluster]:
            score = self._score(cluster, other)
            if score is not None:
                heapq.heappush(self._heap, (-score, min(cluster, other), max(cluster, other)))

    def _join(self, one: int, other: int) -> None:
        kept, gone = min(one, other), max(one, other)
        self._members[kept] += self._members.pop(gone)
        for neighbour, between in self._near.pop(gone).items():
            del self._near[neighbour][gone]
            if neighbour == kept:
                continue
            mine = self._near[kept].setdefault(neighbour, _Between())
            mine.add(between)
            self._near[neighbour][kept] = mine
