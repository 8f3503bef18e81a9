"""How alike two records are in one respect: functions from pairs of positions to level codes.

Each function takes the encoded parties and two position arrays (pairs,) and gives int8 codes (pairs,): higher is
more alike, -1 where a side has no value, which is no evidence. The names of the codes stand in the tables of
:mod:`crm_etl.match.compare`. What takes more than a glance has a module of its own: :mod:`crm_etl.match.dates`,
:mod:`crm_etl.match.contacts`, :mod:`crm_etl.match.identifiers`, :mod:`crm_etl.match.places`, and for names
:mod:`crm_etl.match.names` and :mod:`crm_etl.match.organizations`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.match import names
from crm_etl.match.contacts import emails, phones
from crm_etl.match.dates import birth_date
from crm_etl.match.encode import Codes, Hashes, Ints, Levels, Parties
from crm_etl.match.identifiers import identifiers
from crm_etl.match.places import address
from crm_etl.normalize.names.compiled import compiled

__all__ = ["address", "birth_date", "emails", "identifiers", "legal_form", "phones", "sex"]


def sex(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 same. No evidence where one's given name is the other's family name: one was told from the wrong."""
    level = _equal(parties.text("sex"), left, right)
    differ = np.flatnonzero(level == 0)
    family, given = names.family(parties), names.given(parties)
    for one, other in ((left[differ], right[differ]), (right[differ], left[differ])):
        exchanged = _hashes(given, one)
        level[differ[(exchanged == _hashes(family, other)) & (exchanged != 0)]] = -1
    return level


def legal_form(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 same."""
    return _equal(parties.text("legal_form"), left, right)


def _hashes(codes: Codes, at: Ints) -> Hashes:
    """What the values of the records ``at`` these positions are known by, 0 for none."""
    found = codes.codes[at]
    return (
        np.where(found >= 0, codes.hashes[found], np.uint64(0)) if len(codes.hashes) else np.zeros(len(at), np.uint64)
    )


def _equal(codes: Codes, left: Ints, right: Ints) -> Levels:
    level: Levels = _same(codes.codes, left, right)
    return level


@compiled
def _same(codes: Any, left: Any, right: Any) -> Any:
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = codes[left[pair]], codes[right[pair]]
        found[pair] = -1 if a < 0 or b < 0 else a == b
    return found
