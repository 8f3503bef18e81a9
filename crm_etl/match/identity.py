"""Stable client ids: clusters inherit the ids that their records had, and what moves is an event.

An id goes to the cluster that holds most of its records, and a cluster keeps the id that most of its records bring;
ties go to the smaller id and the cluster of the smallest record. A cluster without an heir's claim gets a fresh id,
made from its smallest record, never one that is or was in use. Records are named ``source:key``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

Record = tuple[str, str]
#: Text on the strongest match between two groups of records, by record number.
Because = Callable[[list[int], list[int]], str]

_HEX = 15
#: References named in the reason of an event; more are counted.
_NAMED = 5


def fresh_id(record: Record, taken: set[str]) -> str:
    """``c`` and 15 hex digits of BLAKE2b over the record; another salt while the id is taken."""
    salt = 0
    while True:
        text = "\x1f".join([*record, *([str(salt)] if salt else [])])
        candidate = "c" + hashlib.blake2b(text.encode()).hexdigest()[:_HEX]
        if candidate not in taken:
            return candidate
        salt += 1


class Identities:
    """Ids of clusters.

    Args:
        records: all records in rank order.
        clusters: each cluster's records as sorted numbers into ``records``; ordered by the smallest.
        before: record -> id of the last run.
    """

    def __init__(self, records: list[Record], clusters: list[list[int]], before: dict[Record, str]) -> None:
        self._records, self._clusters = records, clusters
        self._old = [before.get(record) for record in records]
        self._votes = self._count()
        self._heirs = self._inherit()
        self.ids = self._name(set(before.values()))

    def _count(self) -> Counter[tuple[str, int]]:
        return Counter(
            (old, number)
            for number, members in enumerate(self._clusters)
            for member in members
            if (old := self._old[member]) is not None
        )

    def _inherit(self) -> dict[str, int]:
        """Old id -> the cluster that keeps it."""
        heirs: dict[str, int] = {}
        served: set[int] = set()
        for (old, cluster), _ in sorted(self._votes.items(), key=lambda vote: (-vote[1], vote[0])):
            if old not in heirs and cluster not in served:
                heirs[old] = cluster
                served.add(cluster)
        return heirs

    def _name(self, taken: set[str]) -> list[str]:
        ids: dict[int, str] = {cluster: old for old, cluster in self._heirs.items()}
        for number, members in enumerate(self._clusters):
            if number not in ids:
                ids[number] = fresh_id(self._records[members[0]], taken)
                taken.add(ids[number])
        return [ids[number] for number in range(len(self._clusters))]

    def events(self, because: Because) -> list[dict[str, Any]]:
        """Rows of :data:`crm_etl.schema.EVENTS`: merges and splits since the last run, in a stable order."""
        rows = []
        gone_into: dict[str, int] = {}
        for (old, cluster), _ in sorted(self._votes.items(), key=lambda vote: (vote[0][0], -vote[1], vote[0][1])):
            if self._heirs.get(old) == cluster:
                continue
            if old not in self._heirs and old not in gone_into:
                gone_into[old] = cluster
                rows.append(self._merge(old, cluster, because))
            else:
                rows.append(self._split(old, cluster, because))
        return sorted(rows, key=lambda row: (row["event"], row["client_id"], row["other_id"]))

    def _merge(self, old: str, cluster: int, because: Because) -> dict[str, Any]:
        moved, others = self._parted(old, self._clusters[cluster])
        reason = f"{self._list(moved)} joined {self._list(others)}; {because(moved, others)}"
        return {"event": "merge", "client_id": self.ids[cluster], "other_id": old, "reason": reason}

    def _split(self, old: str, cluster: int, because: Because) -> dict[str, Any]:
        moved, _ = self._parted(old, self._clusters[cluster])
        home = self._heirs.get(old)
        stayed = [] if home is None else self._parted(old, self._clusters[home])[0]
        reason = f"{self._list(moved)} left {self._list(stayed)}; {because(moved, stayed)}"
        return {"event": "split", "client_id": old, "other_id": self.ids[cluster], "reason": reason}

    def _parted(self, old: str, members: Iterable[int]) -> tuple[list[int], list[int]]:
        mine: list[int] = []
        others: list[int] = []
        for member in members:
            (mine if self._old[member] == old else others).append(member)
        return mine, others

    def _list(self, members: list[int]) -> str:
        names = [":".join(self._records[member]) for member in members[:_NAMED]]
        more = len(members) - len(names)
        return ", ".join([*names, *([f"{more} more"] if more > 0 else [])]) or "a client of which nothing is left"
