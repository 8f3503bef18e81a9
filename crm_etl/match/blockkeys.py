"""Keys of blocking rules: the features that a rule names, put together and hashed, with the records that have them.

A record has a key for every choice of one value of each feature. What the features are stands in
:mod:`crm_etl.match.features`, which rules there are in :mod:`crm_etl.match.rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from crm_etl.match.codes import Codes, Lists
from crm_etl.match.encode import Flags, Hashes, Ints, Levels, Parties
from crm_etl.match.features import Feature
from crm_etl.match.keysort import position_bits
from crm_etl.match.texts import Hashed, scramble
from crm_etl.normalize.names.compiled import compiled, inner

#: Records whose keys are made at a time.
_RECORDS = 500_000
#: Features that a rule may name.
MOST = 3
_PRIME, _ONE, _KIND = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(63)


class _Column(NamedTuple):
    """What each record has of a feature: ``values[starts[p]:ends[p]]`` are hashes."""

    starts: Ints
    ends: Ints
    values: Hashes


def entries(features: Sequence[Feature], parties: Parties, taking_part: Flags) -> Iterator[Hashes]:
    """Every key that the features give to a record, and its position, in one number each, see
    :mod:`crm_etl.match.keysort`; the highest bit is the kind of party. Some records at a time, in their order.
    Only records ``taking_part`` (records,) have keys.

    Raises:
        ValueError: more than :data:`MOST` features.
    """
    if not 0 < len(features) <= MOST:
        raise ValueError("features")
    columns = [_column(feature(parties)) for feature in features]
    every = [*columns, *[columns[0]] * (MOST - len(columns))]
    bits = position_bits(parties.size)
    for first in range(0, parties.size, _RECORDS):
        last = min(first + _RECORDS, parties.size)
        yield _entries(every[0], every[1], every[2], len(columns), parties.kind, taking_part, first, last, bits)


def _column(feature: Codes | Lists | Hashed) -> _Column:
    if isinstance(feature, Hashed):
        return _Column(feature.starts, feature.ends, feature.hashes)
    values = feature.hashes[feature.codes[feature.codes >= 0]]
    if isinstance(feature, Lists):
        offsets = feature.offsets.astype(np.int64)
        return _Column(offsets[:-1], offsets[1:], values)
    has = (feature.codes >= 0).astype(np.int64)
    ends = np.cumsum(has)
    return _Column(ends - has, ends, values)


@compiled
def _entries(
    a: _Column, b: _Column, c: _Column, width: int, kind: Levels, taking_part: Flags, first: int, last: int, bits: int
) -> Any:
    room = 0
    for record in range(first, last):
        if not taking_part[record]:
            continue
        keys = a.ends[record] - a.starts[record]
        if width > 1:
            keys *= b.ends[record] - b.starts[record]
        if width > 2:
            keys *= c.ends[record] - c.starts[record]
        room += keys
    found, end = np.empty(room, dtype=np.uint64), 0
    for record in range(first, last):
        if not taking_part[record]:
            continue
        own = np.uint64(kind[record])
        for i in range(a.starts[record], a.ends[record]):
            one = scramble(a.values[i])
            if width == 1:
                found[end] = _entry(one, own, record, bits)
                end += 1
                continue
            for j in range(b.starts[record], b.ends[record]):
                two = scramble(one * _PRIME + b.values[j])
                if width == 2:
                    found[end] = _entry(two, own, record, bits)
                    end += 1
                    continue
                for k in range(c.starts[record], c.ends[record]):
                    found[end] = _entry(scramble(two * _PRIME + c.values[k]), own, record, bits)
                    end += 1
    return found


@inner
def _entry(key: Any, kind: Any, record: int, bits: int) -> Any:
    whole = (key >> _ONE) | (kind << _KIND)
    return (whole >> np.uint64(bits) << np.uint64(bits)) | np.uint64(record)
