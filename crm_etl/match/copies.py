"""Copies: many records that are the same in all that blocking looks at, such as rows that a form sent a hundred times.

They share every key, and so every block of theirs is too large to be compared: without help none of them would find
any other. So one of them stands for all: the others take part in no rule, and each is compared with that one alone.
A copy that matches it belongs to its client. Records of one name with nothing else are no copies but namesakes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crm_etl.match import texts
from crm_etl.match.encode import Flags, Hashes, Ints, Parties
from crm_etl.match.references import marks
from crm_etl.match.texts import Hashed

Places = npt.NDArray[np.int32]

#: Copies up to which each is a record like any other: blocks of so few are not dropped.
MOST = 10
#: What blocking looks at, but the keys of names, which are made of the names.
_NAMES = ("family_latin", "given_latin", "patronymic_latin", "org_latin", "city", "street", "postal_code")
_PLAIN = ("birth_date", "sex")
_LISTS = ("phones", "emails", "identifiers", "other_names")


def of(parties: Parties) -> Places:
    """The position that stands for each record, (records,): its own, or that of the first of its many copies."""
    found: Places = parties.table("copies", lambda: _stand_ins(parties))
    return found


def taking_part(parties: Parties) -> Flags:
    """Which records take part in the rules, (records,): those that another one does not stand for."""
    return np.equal(of(parties), np.arange(parties.size))


def are(standing: Places, left: Ints, right: Ints) -> Flags:
    """Which pairs, left < right, are a copy and the record that stands for it."""
    found: Flags = (standing[right] == left) & (left != right)
    return found


def left_out(parties: Parties, records: Ints, left: Ints, right: Ints) -> Ints:
    """``records`` that hold something which both sides of a pair have, (pairs,), the copies of either side left out: a
    value is not common because one row was sent a hundred times."""
    standing = of(parties)
    copied = np.bincount(standing, minlength=parties.size) - 1
    if copied.max(initial=0) <= 0:
        return records
    ours, theirs = standing[left], standing[right]
    further = copied[ours] + np.where(ours != theirs, copied[theirs], 0)
    return np.where(records > 0, np.maximum(records - further, 1), records)


def keys(parties: Parties) -> Hashed:
    """A key for each copy, which it shares with the record that stands for it: a feature."""
    standing = of(parties)
    copied = np.flatnonzero(standing != np.arange(parties.size))
    owners = np.concatenate([standing[copied].astype(np.int64), copied])
    hashes = marks(parties)[copied] if len(copied) else np.zeros(0, dtype=np.uint64)
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=parties.size)).astype(np.int64)
    return Hashed(np.append(0, ends)[:-1], ends, np.tile(hashes, 2)[order])


def _stand_ins(parties: Parties) -> Places:
    standing = np.arange(parties.size, dtype=np.int32)
    seen = _looked_at(parties)
    told = np.flatnonzero(_told(parties))
    order = told[np.argsort(seen[told], kind="stable")]
    starts = np.flatnonzero(np.diff(seen[order], prepend=~seen[order[:1]]) != 0)
    sizes = np.diff(np.append(starts, len(order)))
    for start, size in zip(starts[sizes > MOST].tolist(), sizes[sizes > MOST].tolist(), strict=True):
        members = order[start : start + size]
        standing[members] = members[0]
    return standing


def _told(parties: Parties) -> Flags:
    """Which records have a name, and a phone, an e-mail address or a number."""
    named = np.logical_or.reduce([parties.folded(name).codes >= 0 for name in ("family_latin", "org_latin")])
    reached = np.logical_or.reduce([parties.lists(name).lengths > 0 for name in ("phones", "emails", "identifiers")])
    return np.asarray(np.logical_and(named, reached))


def _looked_at(parties: Parties) -> Hashes:
    """A hash of what blocking looks at in each record."""
    found = parties.kind.astype(np.uint64)
    for name in (*_NAMES, *_PLAIN):
        codes = parties.folded(name) if name in _NAMES else parties.text(name)
        found = texts.mix(found, np.append(codes.hashes, np.uint64(0))[codes.codes])
    for name in _LISTS:
        lists = parties.lists(name)
        found = texts.mix(found, texts.totals(lists.hashes[lists.codes], lists.offsets))
    return found
