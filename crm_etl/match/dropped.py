"""The blocks that were dropped because too many records share their key: how large they were, and whose they were.

A key may be personal, so it is told by its hash and by some of the records that share it. Which blocks are dropped
stands in :mod:`crm_etl.match.blocking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl import schema
from crm_etl.match import texts
from crm_etl.match.encode import Hashes, Ints, Parties
from crm_etl.match.keysort import NAMED, Places

#: Dropped blocks of each rule that are told one by one.
LARGEST = 10


class Dropped(NamedTuple):
    """Dropped blocks of one rule: hash of each key, how many records share it, and positions of the first of them.

    ``some``: (blocks, :data:`NAMED`); -1 where there are not so many.
    """

    keys: Hashes
    records: Ints
    some: Places

    @property
    def pairs(self) -> Ints:
        """Pairs that each block would have made."""
        return self.records * (self.records - 1) // 2

    def join(self, other: Dropped) -> Dropped:
        return together([self, other])


def together(parts: Sequence[Dropped]) -> Dropped:
    """The blocks of several rules, one after the other."""
    every = [_NONE, *parts]
    return Dropped(
        np.concatenate([part.keys for part in every]),
        np.concatenate([part.records for part in every]),
        np.concatenate([part.some for part in every]),
    )


def of_blocks(keys: Hashes, sizes: Ints, members: Places, gone: Any) -> Dropped:
    """The blocks ``gone`` (blocks,) of those whose ``members`` stand block after block."""
    starts = (np.cumsum(sizes) - sizes)[gone]
    place = np.arange(NAMED)
    inside = place < sizes[gone][:, None]
    at = np.where(inside, starts[:, None] + place, 0)
    some = np.where(inside, members[at], -1) if len(starts) else np.zeros((0, NAMED))
    return Dropped(keys[gone], sizes[gone], some.astype(np.int32))


def listed(parties: Parties, rules: Sequence[str], gone: Sequence[Dropped]) -> pd.DataFrame:
    """:data:`schema.DROPPED_BLOCKS` of what each rule dropped, in the order of the rules."""
    every = together(gone)
    names = pa.array(rules, type=pa.string())
    frame = {
        "rule": pd.array(names.take(pa.array(_numbers(gone))), dtype="string[pyarrow]"),
        "key_hash": pd.array(texts.hexadecimal(every.keys), dtype="string[pyarrow]"),
        "records": every.records,
        "pairs": every.pairs,
        "examples": _references(parties, every.some),
    }
    return schema.DROPPED_BLOCKS.conform(pd.DataFrame(frame))


def largest(parties: Parties, rules: Sequence[str], gone: Sequence[Dropped]) -> list[dict[str, Any]]:
    """Up to :data:`LARGEST` dropped blocks of each rule: ``rule``, ``records``, ``pairs``, ``examples``; the largest
    first. Of each rule, because those of the rules about names would hide the one phone that a hundred share."""
    every, numbers = together(gone), _numbers(gone)
    ranked = np.lexsort((every.keys, -every.records, numbers))
    place = np.arange(len(ranked)) - np.searchsorted(numbers[ranked], numbers[ranked])
    chosen = ranked[place < LARGEST]
    order = chosen[np.argsort(-every.records[chosen], kind="stable")].tolist()
    return [
        {
            "rule": rules[numbers[at]],
            "records": int(every.records[at]),
            "pairs": int(every.pairs[at]),
            "examples": _names(parties, every.some[at]),
        }
        for at in order
    ]


_NONE = Dropped(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros((0, NAMED), np.int32))


def _numbers(gone: Sequence[Dropped]) -> Ints:
    """The number of the rule of each block."""
    return np.repeat(np.arange(len(gone)), [len(dropped.keys) for dropped in gone])


def _names(parties: Parties, some: Places) -> list[str]:
    """The records of one row of ``some`` as source:key."""
    source, key = parties.records(some[some >= 0].astype(np.int64))
    return [":".join(record) for record in zip(source.tolist(), key.tolist(), strict=True)]


def _references(parties: Parties, some: Places) -> pd.api.extensions.ExtensionArray:
    """The records of each row of ``some`` as source:key, joined by commas."""
    columns = []
    for positions in some.T:
        source, key = parties.records(np.maximum(positions, 0).astype(np.int64))
        names = pc.binary_join_element_wise(*(pa.array(side, type=pa.string()) for side in (source, key)), ":")
        columns.append(pc.if_else(pa.array(positions >= 0), names, None))
    return pd.array(pc.binary_join_element_wise(*columns, ", ", null_handling="skip"), dtype="string[pyarrow]")
