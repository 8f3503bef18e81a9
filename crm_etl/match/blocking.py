"""Which pairs of records are worth comparing: blocking rules, and the pairs that they make.

A rule names the features that two records must share: :mod:`crm_etl.match.rules` is their table. What a shared
feature *proves* is no matter of this module: see :mod:`crm_etl.match.compare`. Persons and organizations never meet. A
key that too many records share tells little and costs much: its block is dropped, and listed by the hash of the key,
because the key may be personal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match.encode import KINDS, Codes, Ints, Lists, Parties, Texts, distinct
from crm_etl.match.rules import Rule, select
from crm_etl.migration import Matching
from crm_etl.progress import NullProgress, Progress


@dataclass(frozen=True)
class Candidates:
    """Pairs to compare (:data:`schema.PAIRS`), blocks left out (:data:`schema.DROPPED_BLOCKS`), and counts."""

    pairs: pd.DataFrame
    dropped: pd.DataFrame
    facts: dict[str, Any]


def candidate_pairs(
    parties: pd.DataFrame | Parties, matching: Matching, progress: Progress | None = None
) -> Candidates:
    """Pairs of positions that share at least one blocking key, left < right, no pair twice.

    Args:
        parties: rows of :data:`schema.PARTY` of all client sources, n of them; positions are row numbers.
        matching: ``rules`` and ``max_block`` are used.
        progress: told of each rule.

    Raises:
        Fault: ``matching.rules`` names an unknown rule.
    """
    encoded = parties if isinstance(parties, Parties) else Parties(parties)
    rules = select(matching)
    found: list[Ints] = []
    dropped: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    with (progress or NullProgress()).task("blocking", len(rules)) as task:
        for rule in rules:
            pairs, left_out = pairs_of(rule, encoded, matching.max_block)
            found.append(pairs)
            dropped.extend(left_out)
            counts[rule.name] = len(pairs)
            task.advance()
    keys, bits = _union(found)
    facts = {
        "records": encoded.size,
        "pairs": len(keys),
        "by_rule": counts,
        "dropped_blocks": len(dropped),
        "dropped_pairs": sum(block["pairs"] for block in dropped),
    }
    return Candidates(_frame(keys, bits, rules, encoded.size), schema.DROPPED_BLOCKS.build(dropped), facts)


def pairs_of(rule: Rule, parties: Parties, max_block: int) -> tuple[Ints, list[dict[str, Any]]]:
    """Sorted unique ``left * n + right`` of one rule, through the toolkit, and the blocks that were dropped."""
    from crm_etl.match.toolkit import KeyIndex, positions

    blocks = _Blocks(rule, parties)
    index = KeyIndex(rule.name, lambda: blocks.pairs(max_block))
    left, right = positions(index.index(pd.DataFrame(index=pd.RangeIndex(parties.size))))
    return distinct(left * np.int64(parties.size) + right), blocks.dropped(max_block)


class _Blocks:
    """Records grouped by the key of one rule."""

    def __init__(self, rule: Rule, parties: Parties) -> None:
        self._rule = rule
        self._features = [feature(parties) for feature in rule.features]
        positions, keys = np.arange(parties.size), parties.kind.astype(np.int64)
        for feature in self._features:
            positions, keys = _combine(positions, keys, feature)
        order = np.lexsort((positions, keys))
        self._positions, self._keys = positions[order], keys[order]
        starts = np.flatnonzero(np.r_[True, self._keys[1:] != self._keys[:-1]]) if len(keys) else np.zeros(0, int)
        self._starts = starts.astype(np.int64)
        self._sizes: Ints = np.diff(np.r_[self._starts, len(self._keys)]).astype(np.int64)

    def pairs(self, max_block: int) -> tuple[Ints, Ints]:
        """Both positions of every pair within a block that is not too large."""
        kept = (self._sizes > 1) & (self._sizes <= max_block)
        starts, sizes = self._starts[kept], self._sizes[kept]
        members = np.repeat(starts, sizes) + _within(sizes)
        after = np.repeat(sizes, sizes) - _within(sizes) - 1
        first = np.repeat(members, after)
        second = first + 1 + _within(after)
        return self._positions[first], self._positions[second]

    def dropped(self, max_block: int) -> list[dict[str, Any]]:
        return [
            {
                "rule": self._rule.name,
                "key_hash": self._hash(int(self._keys[self._starts[block]])),
                "records": int(self._sizes[block]),
                "pairs": int(self._sizes[block] * (self._sizes[block] - 1) // 2),
            }
            for block in np.flatnonzero(self._sizes > max_block)
        ]

    def _hash(self, key: int) -> str:
        parts: list[str] = []
        for feature in reversed(self._features):
            key, code = divmod(key, max(len(feature.values), 1))
            parts.append(str(feature.values[code]))
        text = "\x1f".join([*parts, KINDS[key]])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _combine(positions: Ints, keys: Ints, feature: Codes | Lists) -> tuple[Ints, Ints]:
    width = np.int64(max(len(feature.values), 1))
    if isinstance(feature, Lists):
        owner, codes = feature.expand(positions)
        return positions[owner], keys[owner] * width + codes
    has = feature.codes[positions] >= 0
    return positions[has], keys[has] * width + feature.codes[positions[has]]


def _within(sizes: Ints) -> Ints:
    """0, 1, … within each of consecutive runs of these sizes."""
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _union(found: list[Ints]) -> tuple[Ints, Ints]:
    """Each pair once, and a bit for every rule that made it."""
    keys = np.concatenate([*found, np.zeros(0, dtype=np.int64)])
    bits = np.concatenate([*(np.full(len(pairs), 1 << n) for n, pairs in enumerate(found)), np.zeros(0, np.int64)])
    order = np.argsort(keys, kind="stable")
    keys, bits = keys[order], bits[order].astype(np.int64)
    if not len(keys):
        return keys, bits
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[starts], np.bitwise_or.reduceat(bits, starts)


def _frame(keys: Ints, bits: Ints, rules: tuple[Rule, ...], size: int) -> pd.DataFrame:
    found, codes = np.unique(bits, return_inverse=True)
    names: Texts = np.array(
        ["+".join(rule.name for n, rule in enumerate(rules) if (value >> n) & 1) for value in found.tolist()],
        dtype=object,
    )
    labels = pd.array(names, dtype="string[pyarrow]").take(codes)
    pairs = {"left": keys // max(size, 1), "right": keys % max(size, 1), "rules": labels}
    return schema.PAIRS.conform(pd.DataFrame(pairs))
