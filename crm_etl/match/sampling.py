"""A sample of the candidate pairs, each drawn with the same chance, and how likely each of them is a match.

Pairs are made, counted and drawn by a hash of the two records: the same in every run, whatever the order of the rows.
Of very many only some chunks are made at all. What is made of the sample stands in :mod:`crm_etl.match.forecast` and
:mod:`crm_etl.match.proposal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from crm_etl.match import threads
from crm_etl.match.blocking import Blocking, Chunk
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Floats, Ints, Parties
from crm_etl.match.model import Codes, KindModel, probability
from crm_etl.match.scoring import full_levels, judge
from crm_etl.match.signs import contradict

#: Pairs up to which all of them are made and counted.
_COUNTED = 50_000_000
#: Odd multiplier of Fibonacci hashing: 2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: Duplicates a record that are expected before any data have spoken.
_BELIEVED_DUPLICATES = 0.3


@dataclass(frozen=True)
class Sample:
    """Pairs drawn with equal chances; ``share``: how much of all pairs they are; ``made``: pairs of each rule that no
    rule before it makes, (rules,)."""

    left: Ints
    right: Ints
    share: float
    made: Ints

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class _Part:
    rule: int
    pairs: int
    left: Ints
    right: Ints


def draw(blocks: Blocking, pairs: int) -> Sample:
    """About ``pairs`` of the pairs that ``blocks`` make, all of them where there are fewer."""
    chunks = blocks.chunks()
    stride = max(-(-blocks.most // _COUNTED), 1)
    every = max(blocks.most // stride // max(pairs, 1), 1)
    work = (partial(_drawn, blocks, chunk, every) for chunk in chunks[::stride])
    parts = list(threads.in_order(work))
    looked_at = sum(chunk.pairs for chunk in chunks[::stride]) / max(blocks.most, 1) or 1.0
    made = np.bincount([part.rule for part in parts], [part.pairs for part in parts], len(blocks.rules))
    left, right = (
        np.concatenate([np.zeros(0, np.int64), *(getattr(part, side) for part in parts)]) for side in ("left", "right")
    )
    return Sample(left, right, looked_at / every, np.rint(made / looked_at).astype(np.int64))


def _drawn(blocks: Blocking, chunk: Chunk, every: int) -> _Part:
    left, right = blocks.pairs(chunk)
    mixed = (left.astype(np.uint64) * np.uint64(blocks.size) + right.astype(np.uint64)) * _GOLDEN
    kept = np.flatnonzero((mixed >> np.uint64(32)) % np.uint64(every) == 0)
    return _Part(chunk.rule, len(left), left[kept], right[kept])


def likely(parties: Parties, sample: Sample, models: Mapping[int, KindModel] | None) -> Floats:
    """How likely each pair is a match: by ``models`` where there are any, else by what is believed of the levels."""
    found = np.zeros(len(sample), dtype=np.float64)
    for kind in COMPARISONS:
        at = np.flatnonzero(parties.kind[sample.left] == kind)
        left, right = sample.left[at], sample.right[at]
        if models is None:
            found[at] = _believed(kind, full_levels(kind, parties, left, right), int((parties.kind == kind).sum()))
        else:
            verdict = judge(models[kind], parties, left, right)
            found[at] = np.where(verdict.forbidden, 0.0, probability(verdict.weight))
    return found


def _believed(kind: int, codes: Codes, records: int) -> Floats:
    """Probability of a match by the declared m and u of the levels, as if the comparisons were independent."""
    weight = np.full(len(next(iter(codes.values()))), np.log2(2 * _BELIEVED_DUPLICATES / max(records, 2)))
    for entry in COMPARISONS[kind]:
        bits = [np.clip(np.log2(level.m / level.u), level.least, level.most) for level in entry.levels]
        weight += np.array([*bits, 0.0])[codes[entry.name]]
    return np.where(contradict(kind, codes), 0.0, probability(weight))
