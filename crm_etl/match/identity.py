"""Stable client ids: clusters inherit the ids that their records had, and what moves is an event.

An id goes to the cluster that holds most of its records, and a cluster keeps the id that most of its records bring;
ties go to the cluster of the record that the id was made from, then to the smaller id and the cluster of the smallest
record. A cluster without an heir's claim gets the id that is made from its smallest record, never one that a record
of the last run has. An id that went in a merge comes back that way when the merge is undone: for the record that it
was made from, and for no other. Records are named ``source:key``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl import joining
from crm_etl.match import texts
from crm_etl.match.encode import Flags, Hashes, Ints, Parties, Texts, distinct
from crm_etl.match.references import locate, references

Record = tuple[str, str]
#: Text on what binds or parts two groups of records, by position.
Because = Callable[[Ints, Ints], str]

_HEX = 15
#: Bits of a hash that an id does not tell.
_REST = np.uint64(64 - 4 * _HEX)
#: References named in the reason of an event; more are counted.
_NAMED = 5


def fresh_id(record: Record, taken: set[str]) -> str:
    """``c`` and 15 hexadecimal digits of a hash of the record; another salt while the id is taken."""
    salt = 0
    while True:
        text = joining.join([*record, *([str(salt)] if salt else [])])
        candidate = str(_ids(_hashes(pa.array([text], type=pa.large_string())))[0])
        if candidate not in taken:
            return candidate
        salt += 1


def _hashes(records: pa.Array) -> Hashes:
    """A hash of each record, given by :func:`references`: its highest bits are the first choice of an id."""
    return texts.hashes(records, np.arange(len(records)))


def _ids(hashes: Hashes) -> pa.Array:
    return pc.binary_join_element_wise("c", pc.utf8_slice_codeunits(texts.hexadecimal(hashes), 0, _HEX), "")


@dataclass(frozen=True)
class _Votes:
    """How many records bring each former id to each cluster: arrays (votes,), sorted by id and cluster."""

    old: Ints
    cluster: Ints
    records: Ints

    @classmethod
    def of(cls, old: Ints, number: Ints) -> _Votes:
        known = old >= 0
        width = np.int64(number.max(initial=0) + 1)
        found, counts = np.unique(old[known] * width + number[known], return_counts=True)
        return cls(*np.divmod(found, width), counts)

    def heirs(self, founded: Callable[[Ints, Ints], Flags]) -> dict[int, int]:
        """Former id -> the cluster that keeps it. ``founded`` tells of ids and clusters which of them belong together
        because the cluster holds the record that the id was made from."""
        alone = self._alone(self.old) & self._alone(self.cluster)
        heirs = dict(zip(self.old[alone].tolist(), self.cluster[alone].tolist(), strict=True))
        served: set[int] = set()
        rest = np.flatnonzero(~alone)
        others = ~founded(self.old[rest], self.cluster[rest])
        # Stable, so that of equal votes the smaller id comes first, and of equal ids the smaller cluster.
        rest = rest[np.lexsort((others, -self.records[rest]))]
        for old, cluster in zip(self.old[rest].tolist(), self.cluster[rest].tolist(), strict=True):
            if old not in heirs and cluster not in served:
                heirs[old] = cluster
                served.add(cluster)
        return heirs

    @staticmethod
    def _alone(values: Ints) -> Flags:
        """Which values stand only once."""
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return np.asarray(counts[inverse] == 1, dtype=np.bool_)


class Identities:
    """Ids of clusters.

    Args:
        parties: all records.
        number: cluster of each record, (records,); clusters are numbered in the order of their lowest record.
        crosswalk: rows of :data:`crm_etl.schema.CROSSWALK`: the client of each record in the last run.
    """

    def __init__(self, parties: Parties, number: Ints, crosswalk: pd.DataFrame) -> None:
        self._source, self._key = parties.records(np.arange(parties.size))
        self._number = number
        self._first = np.flatnonzero(np.diff(np.maximum.accumulate(number), prepend=-1) > 0)
        former, names = pd.factorize(crosswalk["client_id"].to_numpy(dtype=object), sort=True)
        self._names: Texts = names
        self._old = np.full(parties.size, -1, dtype=np.int64)
        at = locate(parties, crosswalk["source"], crosswalk["key"])
        self._old[at[at >= 0]] = former[at >= 0]
        self._votes = _Votes.of(self._old, number)
        self._heirs = self._votes.heirs(self._founded)
        #: Id of each cluster, text.
        self.ids: pa.Array = self._name()

    def _founded(self, old: Ints, cluster: Ints) -> Flags:
        """Which of the ids were made from a record that has them still and is in the cluster beside them."""
        at = np.flatnonzero(np.isin(self._old, old))
        if not len(at):
            return np.zeros(len(old), dtype=np.bool_)
        made = _ids(_hashes(references(self._source.take(at), self._key.take(at)))).to_numpy(zero_copy_only=False)
        at = at[made == self._names[self._old[at]]]
        width = np.int64(len(self._first))
        return np.isin(old * width + cluster, self._old[at] * width + self._number[at])

    def _name(self) -> pa.Array:
        kept = {cluster: self._names[old] for old, cluster in self._heirs.items()}
        bare = np.ones(len(self._first), dtype=np.bool_)
        bare[list(kept)] = False
        first, taken = self._first[bare], set(self._names.tolist())
        hashes = _hashes(references(self._source.take(first), self._key.take(first)))
        fresh = _ids(hashes)
        met = taken and pc.any(pc.is_in(fresh, value_set=pa.array(sorted(taken), type=fresh.type))).as_py()
        if met or len(distinct(hashes >> _REST)) < len(hashes):
            fresh = pa.array(_one_by_one(self._records(first), taken), type=fresh.type)
        if not kept:
            return fresh
        ids = pa.array([kept.get(cluster) for cluster in range(len(bare))], type=fresh.type)
        return pc.replace_with_mask(ids, pa.array(bare), fresh)

    def events(self, joined: Because, parted: Because) -> list[dict[str, Any]]:
        """Rows of :data:`crm_etl.schema.EVENTS`: merges and splits since the last run, in a stable order.

        Args:
            joined: tells what made one client of two groups of records.
            parted: tells what keeps two groups apart.
        """
        rows = []
        gone: set[int] = set()
        for old, cluster in self._moves():
            if old not in self._heirs and old not in gone:
                gone.add(old)
                rows.append(self._merge(old, cluster, joined))
            else:
                rows.append(self._split(old, cluster, parted))
        return sorted(rows, key=lambda row: (row["event"], row["client_id"], row["other_id"]))

    def _moves(self) -> list[tuple[int, int]]:
        """Former ids and the clusters that hold some of their records without keeping the id; most records first."""
        votes = self._votes
        order = np.lexsort((votes.cluster, -votes.records, votes.old))
        heirs = np.full(len(self._names), -1, dtype=np.int64)
        heirs[list(self._heirs)] = list(self._heirs.values())
        order = order[heirs[votes.old[order]] != votes.cluster[order]]
        return list(zip(votes.old[order].tolist(), votes.cluster[order].tolist(), strict=True))

    def _merge(self, old: int, cluster: int, because: Because) -> dict[str, Any]:
        members = self._of(cluster)
        ours = self._old[members] == old
        moved, others = members[ours], members[~ours]
        reason = f"{self._list(moved)} joined {self._list(others)}; {because(moved, others)}"
        return {"event": "merge", "client_id": self._id(cluster), "other_id": self._names[old], "reason": reason}

    def _split(self, old: int, cluster: int, because: Because) -> dict[str, Any]:
        moved, stayed = self._brought(old, cluster), np.zeros(0, dtype=np.int64)
        if old in self._heirs:
            stayed = self._brought(old, self._heirs[old])
        reason = f"{self._list(moved)} left {self._list(stayed)}; {because(moved, stayed)}"
        return {"event": "split", "client_id": self._names[old], "other_id": self._id(cluster), "reason": reason}

    def _id(self, cluster: int) -> str:
        return str(self.ids[cluster])

    @cached_property
    def _members(self) -> Ints:
        """All records, cluster after cluster."""
        return np.argsort(self._number, kind="stable")

    @cached_property
    def _starts(self) -> Ints:
        """Where the members of each cluster begin, and where the last ones end."""
        return np.append(0, np.cumsum(np.bincount(self._number, minlength=len(self._first))))

    def _of(self, cluster: int) -> Ints:
        return self._members[self._starts[cluster] : self._starts[cluster + 1]]

    def _brought(self, old: int, cluster: int) -> Ints:
        """Records of a cluster that had the id ``old``."""
        members = self._of(cluster)
        brought: Ints = members[self._old[members] == old]
        return brought

    def _records(self, members: Ints) -> list[Record]:
        sides = (column.take(members).tolist() for column in (self._source, self._key))
        return list(zip(*sides, strict=True))

    def _list(self, members: Ints) -> str:
        names = [":".join(record) for record in self._records(members[:_NAMED])]
        more = len(members) - len(names)
        return ", ".join([*names, *([f"{more} more"] if more > 0 else [])]) or "a client of which nothing is left"


def _one_by_one(records: list[Record], taken: set[str]) -> list[str]:
    fresh = []
    for record in records:
        fresh.append(fresh_id(record, taken))
        taken.add(fresh[-1])
    return fresh
