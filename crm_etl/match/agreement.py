"""Agreement patterns of pairs, counted: what the model is learned from.

A pattern is the levels of all comparisons, and how rare the values in common are, in whole bits: so patterns stay few.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from crm_etl.match.compare import BOUND, COMPARISONS
from crm_etl.match.encode import Flags, Floats, Ints, Levels
from crm_etl.match.model import Codes, Counts, KindModel
from crm_etl.match.packing import Histogram, pack, unpack
from crm_etl.match.signs import likeness, named_apart
from crm_etl.match.weights import LOWEST, SCALE

#: Pairs that one counts for which a person decided.
_WORD = 5.0
#: Whole bits that rarity adds or takes, at most.
_MOST_BITS = 40


@dataclass(frozen=True)
class Patterns:
    """Distinct agreement patterns, (patterns,).

    ``codes``: comparison -> levels. ``bin``: place of the weight of the learned comparison on
    :data:`crm_etl.match.weights.SCALE`, -1 where its level says all. ``rarity``: bits that the rarity of other values
    adds. ``pairs``: how many show the pattern. ``said``: 1 where people called them the same, -1 different, else 0.
    """

    kind: int
    codes: Codes
    bin: Ints
    rarity: Floats
    pairs: Floats
    said: Levels

    def __len__(self) -> int:
        return len(self.pairs)

    @cached_property
    def implied(self) -> Flags:
        """Where the names have said already what comparisons marked so say."""
        return named_apart(self.kind, self.codes)

    @cached_property
    def alike(self) -> Levels:
        """Group of :data:`crm_etl.match.signs.LIKENESS` that the names are of."""
        return likeness(self.kind, self.codes)

    @cached_property
    def voices(self) -> Floats:
        """For how many each pair counts: several where a person decided."""
        return np.where(self.said == 0, 1.0, _WORD)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Levels of each comparison."""
        return {entry.name: len(entry.levels) for entry in COMPARISONS[self.kind]}

    def join(self, other: Patterns) -> Patterns:
        """Patterns of both."""
        codes = {name: np.concatenate([levels, other.codes[name]]) for name, levels in self.codes.items()}
        return Patterns(
            self.kind,
            codes,
            np.concatenate([self.bin, other.bin]),
            np.concatenate([self.rarity, other.rarity]),
            np.concatenate([self.pairs, other.pairs]),
            np.concatenate([self.said, other.said]),
        )


@dataclass(frozen=True)
class Decided:
    """Pairs of one kind that people called the same or different, (pairs,): their levels, and what was said."""

    codes: Codes
    counts: Counts
    same: Flags

    def patterns(self, model: KindModel) -> Patterns:
        """Their patterns; each pair counts for several, because a person looked at it."""
        parts = [self._patterns(model, chosen) for chosen in (True, False)]
        return parts[0].join(parts[1])

    def _patterns(self, model: KindModel, same: bool) -> Patterns:
        at = np.flatnonzero(self.same == same)
        counts = self.counts.take(at)
        found = of_pairs(model, {name: levels[at] for name, levels in self.codes.items()}, counts)
        said = np.full(len(found), 1 if same else -1, dtype=np.int8)
        return replace(found, pairs=found.pairs * _WORD, said=said)


def counted(histogram: Histogram) -> Patterns:
    """The patterns of a histogram, without rarity."""
    packed, pairs = histogram.found
    size = len(packed)
    none = np.full(size, -1, dtype=np.int64)
    codes = unpack(histogram.kind, packed)
    return Patterns(
        histogram.kind, codes, none, np.zeros(size), pairs.astype(np.float64), np.zeros(size, dtype=np.int8)
    )


def of_pairs(model: KindModel, codes: Codes, counts: Counts) -> Patterns:
    """The patterns of pairs; ``model`` says what rarity adds."""
    kind = model.kind
    bins, bits = _rarity(model, codes, counts)
    width = np.int64(2 * _MOST_BITS + 1)
    packed = (pack(kind, codes) * np.int64(len(SCALE) + 1) + bins + 1) * width + bits + _MOST_BITS
    distinct, pairs = np.unique(packed, return_counts=True)
    rest, rarity = np.divmod(distinct, width)
    rest, found = np.divmod(rest, np.int64(len(SCALE) + 1))
    nobody = np.zeros(len(distinct), dtype=np.int8)
    rarity = (rarity - _MOST_BITS).astype(np.float64)
    return Patterns(kind, unpack(kind, rest), found - 1, rarity, pairs.astype(np.float64), nobody)


def _rarity(model: KindModel, codes: Codes, counts: Counts) -> tuple[Ints, Ints]:
    """Place on the scale of the learned comparison, and whole bits that the rarity of all others adds."""
    size = len(next(iter(codes.values())))
    bins, more, alike = np.full(size, -1, dtype=np.int64), np.zeros(size), likeness(model.kind, codes)
    for entry in COMPARISONS[model.kind]:
        if entry.count is None:
            continue
        at = np.flatnonzero(codes[entry.name] >= entry.rare_from)
        bits = model.by_frequency(entry, codes, counts, alike)[at]
        if entry.learned:
            bins[at] = np.clip(np.rint(bits) - LOWEST, 0, len(SCALE) - 1).astype(np.int64)
        else:
            usual = model.usual(entry.name, codes[entry.name][at], alike[at])
            more[at] += np.clip(bits, 0.0, BOUND) - usual
    return bins, np.clip(np.rint(more), -_MOST_BITS, _MOST_BITS).astype(np.int64)
