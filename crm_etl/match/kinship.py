"""Whether persons who share a home bear one family name and different given names, or could be one and the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_etl.match.compare import comparison
from crm_etl.match.encode import PERSON, Flags, Ints, Levels, Parties
from crm_etl.match.ties import Clients, records

Pairs = tuple[Ints, Ints]


@dataclass(frozen=True)
class Kinship:
    """Pairs of persons: those of one ``family``, and those who could be ``one`` and the same."""

    family: Pairs
    one: Pairs

    @classmethod
    def of(cls, parties: Parties, clients: Clients, one: Ints, other: Ints) -> Kinship:
        """What the names of the records of clients ``one`` and ``other`` say of each pair."""
        pair, left, right = records(clients, one, other)
        levels = _levels(parties, left, right)
        alike = _any(len(one), pair[levels >= _code("initials")])
        kin = _any(len(one), pair[levels == _code("given_differs")]) & ~alike
        return cls((one[kin], other[kin]), (one[alike], other[alike]))


def _levels(parties: Parties, left: Ints, right: Ints) -> Levels:
    entry = comparison(PERSON, "name")
    levels = entry.measure(parties, left, right)
    return levels if entry.refine is None else entry.refine(parties, left, right, levels)


def _code(level: str) -> int:
    return comparison(PERSON, "name").code(level)


def _any(size: int, pairs: Ints) -> Flags:
    found = np.zeros(size, dtype=np.bool_)
    found[pairs] = True
    return found
