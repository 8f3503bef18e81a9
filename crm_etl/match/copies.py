"""Copies: records that are the same in all that linkage looks at, such as rows that a form sent a hundred times.

They share every key, and so every block of theirs is too large to be compared: without help none of them would find
any other. So one of them stands for all: the others take part in no rule, and each is compared with that one alone.
A copy that matches it belongs to its client. Records of one name with nothing else are no copies but namesakes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_etl.match import texts
from crm_etl.match.encode import Flags, Hashes, Ints, Parties
from crm_etl.match.references import marks
from crm_etl.match.texts import Hashed

Places = npt.NDArray[np.int32]

#: Copies up to which each is a record like any other: there is always a rule that keeps blocks of so few.
MOST = 5
#: What linkage looks at: columns that it codes anyway, and further ones, which are read only where the first agree.
_CODED = ("family_latin", "given_latin", "patronymic_latin", "org_latin", "city", "street", "postal_code")
_PLAIN = ("birth_date", "sex")
_LISTS = ("phones", "emails", "identifiers", "other_names")
_FURTHER = (
    *("name", "family", "given", "patronymic", "script", "language", "legal_form", "country"),
    *("birth_date_raw", "identifiers_raw"),
)
#: What tells that records of one name are one record: a reach or a number, or a birth date and an address.
_NAMES = ("family_latin", "given_latin", "org_latin")
_REACHES = ("phones", "emails", "identifiers")


def of(parties: Parties) -> Places:
    """The position that stands for each record, (records,): its own, or that of the first of its many copies."""
    found: Places = parties.table("copies", lambda: _stand_ins(parties))
    return found


def taking_part(parties: Parties) -> Flags:
    """Which records take part in the rules, (records,): those that another one does not stand for."""
    found: Flags = parties.table("copies:not", lambda: np.equal(of(parties), np.arange(parties.size)))
    return found


def are(standing: Places, left: Ints, right: Ints) -> Flags:
    """Which pairs, left < right, are a copy and the record that stands for it."""
    found: Flags = (standing[right] == left) & (left != right)
    return found


def left_out(parties: Parties, records: Ints, left: Ints, right: Ints) -> Ints:
    """``records`` that hold something which both sides of a pair have, (pairs,), the copies of either side left out: a
    value is not common because one row was sent a hundred times."""
    if taking_part(parties).all():
        return records
    standing = of(parties)
    copied = np.bincount(standing, minlength=parties.size) - 1
    ours, theirs = standing[left], standing[right]
    further = copied[ours] + np.where(ours != theirs, copied[theirs], 0)
    return np.where(records > 0, np.maximum(records - further, 1), records)


def keys(parties: Parties) -> Hashed:
    """A key for each copy, which it shares with the record that stands for it: a feature."""
    standing = of(parties)
    copied = np.flatnonzero(~taking_part(parties))
    owners = np.concatenate([standing[copied].astype(np.int64), copied])
    hashes = marks(parties)[copied] if len(copied) else np.zeros(0, dtype=np.uint64)
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=parties.size)).astype(np.int64)
    return Hashed(np.append(0, ends)[:-1], ends, np.tile(hashes, 2)[order])


def _stand_ins(parties: Parties) -> Places:
    standing = np.arange(parties.size, dtype=np.int32)
    told = np.flatnonzero(_told(parties))
    coded = _coded(parties)
    alike = _many(told, coded[told])
    for members in _groups(alike, _further(parties, alike, coded[alike])):
        standing[members] = members[0]
    return standing


def _many(places: Ints, seen: Hashes) -> Ints:
    """Those ``places`` whose hash so many have that they may be copies, rising."""
    groups = _groups(places, seen)
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *groups]))


def _groups(places: Ints, seen: Hashes) -> list[Ints]:
    """The ``places`` of each hash that more than :data:`MOST` have, rising."""
    order = np.argsort(seen, kind="stable")
    ordered = seen[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(order) else order
    sizes = np.diff(np.append(starts, len(order)))
    large = np.flatnonzero(sizes > MOST)
    return [places[order[start : start + size]] for start, size in zip(starts[large], sizes[large], strict=True)]


def _told(parties: Parties) -> Flags:
    """Which records say enough for that equal ones are one: a name, and a reach or a number, or both a birth date and
    an address."""
    named = np.logical_or.reduce([parties.folded(name).codes >= 0 for name in _NAMES])
    reached = np.logical_or.reduce([parties.lists(name).lengths > 0 for name in _REACHES])
    placed = (parties.text("birth_date").codes >= 0) & (parties.folded("street").codes >= 0)
    return np.asarray(named & (reached | placed))


def _coded(parties: Parties) -> Hashes:
    """A hash of what each record has in the columns that linkage codes anyway."""
    found = parties.kind.astype(np.uint64)
    for name in (*_CODED, *_PLAIN):
        codes = parties.folded(name) if name in _CODED else parties.text(name)
        found = texts.mix(found, np.append(codes.hashes, np.uint64(0))[codes.codes])
    for name in _LISTS:
        lists = parties.lists(name)
        found = texts.mix(found, texts.totals(lists.hashes[lists.codes], lists.offsets))
    return found


def _further(parties: Parties, places: Ints, coded: Hashes) -> Hashes:
    """A hash of the same, which is ``coded``, and of the further columns, at ``places``."""
    found = coded
    for name in _FURTHER if len(places) else ():
        found = texts.mix(found, _hashes(parties.arrow(name).take(pa.array(places))))
    return found


def _hashes(cells: Any) -> Hashes:
    """The hash of each cell, 0 for none."""
    found, at = np.zeros(len(cells), dtype=np.uint64), texts.present(cells)
    found[at] = texts.hashes(cells, at)
    return found
