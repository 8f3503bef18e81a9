"""Which clients share a value: the joins that relations are made of, over clients rather than records.

A value that more clients share than a block may hold (a hotline, a city hall) ties nobody. What a tie *means* stands
in :mod:`crm_etl.match.relations`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_etl.match.encode import ORGANIZATION, Codes, Flags, Ints, Lists, Parties, Texts, distinct

#: Clients on one side that may share a value; with more it ties nobody.
MOST = 40
#: Records of each client that are looked at where all of them are compared.
_RECORDS = 4


@dataclass(frozen=True)
class Clients:
    """Clients by number: ``of`` (positions,) the client of each record, ``ids`` their ids, in sorted order."""

    of: Ints
    ids: Texts
    organizations: Flags

    @classmethod
    def of_parties(cls, parties: Parties, client_ids: pd.Series) -> Clients:
        """``client_ids``: of each row of the frame that the parties were made from."""
        of, ids = pd.factorize(client_ids.astype("string[pyarrow]").take(parties.row), sort=True)
        organizations = np.zeros(len(ids), dtype=np.bool_)
        organizations[of[parties.kind == ORGANIZATION]] = True
        return cls(np.asarray(of, dtype=np.int64), np.asarray(ids, dtype=object), organizations)

    @property
    def size(self) -> int:
        return len(self.ids)


def records(clients: Clients, one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """Every two records, a few of each client: index of the pair, position on the left, on the right."""
    order = np.argsort(clients.of, kind="stable")
    counts = np.bincount(clients.of, minlength=clients.size)
    starts, counts = np.cumsum(counts) - counts, np.minimum(counts, _RECORDS)
    cells = counts[one] * counts[other]
    pair = np.repeat(np.arange(len(one)), cells)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(cells) - cells, cells)
    row, column = np.divmod(place, np.maximum(counts[other], 1)[pair])
    left, right = order[starts[one][pair] + row], order[starts[other][pair] + column]
    return pair, np.minimum(left, right), np.maximum(left, right)


@dataclass(frozen=True)
class Entries:
    """Values of clients, each pair of a client and a value once, sorted by value, then client."""

    client: Ints
    value: Ints

    @classmethod
    def of(cls, clients: Clients, feature: Codes | Lists) -> Entries:
        """What the records of each client have of ``feature``."""
        if isinstance(feature, Lists):
            owner, codes = feature.positions, feature.codes.astype(np.int64)
        else:
            owner = np.flatnonzero(feature.codes >= 0)
            codes = feature.codes[owner].astype(np.int64)
        width = np.int64(max(clients.size, 1))
        value, client = np.divmod(distinct(codes * width + clients.of[owner]), width)
        return cls(client, value)

    def take(self, chosen: Flags | Ints) -> Entries:
        """Those entries."""
        return Entries(self.client[chosen], self.value[chosen])

    def held(self, values: int) -> Ints:
        """Clients that hold each of ``values`` codes."""
        return np.bincount(self.value, minlength=values).astype(np.int64)

    def of_kind(self, clients: Clients, organizations: bool) -> Entries:
        """Those of persons, or of organizations."""
        return self.take(clients.organizations[self.client] == organizations)

    def without(self, other: Entries) -> Entries:
        """Those whose value ``other`` does not hold."""
        return self.take(~np.isin(self.value, other.value))


@dataclass(frozen=True)
class Ties:
    """Pairs of clients that share a value; of several values the rarest. ``sharing``: how many on the second side
    hold it besides the first."""

    one: Ints
    other: Ints
    sharing: Ints

    def __len__(self) -> int:
        return len(self.one)

    def take(self, chosen: Flags) -> Ties:
        """Those pairs."""
        return Ties(self.one[chosen], self.other[chosen], self.sharing[chosen])


def within(entries: Entries) -> Ties:
    """Every two clients that share a value, ``one`` before ``other``."""
    tied = between(entries, entries)
    forward = tied.one < tied.other
    return Ties(tied.one[forward], tied.other[forward], np.maximum(tied.sharing[forward] - 1, 1))


def between(ours: Entries, theirs: Entries, most: int = MOST) -> Ties:
    """Every client of ``ours`` with every one of ``theirs`` that shares a value, itself excepted."""
    starts = np.searchsorted(theirs.value, ours.value, side="left")
    holders = np.searchsorted(theirs.value, ours.value, side="right") - starts
    crowd = np.searchsorted(ours.value, ours.value, side="right") - np.searchsorted(ours.value, ours.value)
    few = np.flatnonzero((holders > 0) & (holders <= most) & (crowd <= most))
    sizes = holders[few]
    first = np.repeat(few, sizes)
    place = np.arange(len(first)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    one, other = ours.client[first], theirs.client[np.repeat(starts[few], sizes) + place]
    apart = one != other
    return _rarest(one[apart], other[apart], np.repeat(sizes, sizes)[apart])


def _rarest(one: Ints, other: Ints, sharing: Ints) -> Ties:
    order = np.lexsort((sharing, other, one))
    one, other, sharing = one[order], other[order], sharing[order].astype(np.int64)
    first = np.r_[True, (one[1:] != one[:-1]) | (other[1:] != other[:-1])] if len(one) else np.zeros(0, np.bool_)
    return Ties(one[first], other[first], sharing[first])
