"""Learning the model without labels: u from random pairs, m and the prior by expectation maximization.

The E-step asks the scoring rule itself (bounds, household rule, contradictions and all) how likely each agreement
pattern is a match; the M-step re-estimates m from that (Winkler, 1988). Guards: starting beliefs act as so many
pseudo-pairs, u is cleaned of the matches that random pairs contain, and with too few matches to learn from the
declared m stays, with a note. Sums run over sorted patterns, so the same data gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crm_etl.match.compare import COMPARISONS, contradict
from crm_etl.match.encode import Flags, Floats, Ints, Levels, Parties
from crm_etl.match.model import Codes, Counts, KindModel, declared, probability, rounded
from crm_etl.match.packing import Histogram, unpack

RANDOM_PAIRS = 300_000
_ROUNDS = 40
_SETTLED = 1e-4
#: Expected matches under which m is not learned.
_FEWEST = 30.0
#: Pseudo-pairs that stand behind the declared beliefs.
_BELIEVED_MATCHES = 50.0
_BELIEVED_PAIRS = 1000.0
#: Share of the observed u that surely is no hidden match.
_SURE_U = 0.1
#: Duplicates a record that are expected before the data have spoken, and how strongly.
_BELIEVED_DUPLICATES = 0.3
_BELIEVED_PRIOR = 10.0
_RARITY_BOUND = 40


@dataclass(frozen=True)
class Patterns:
    """Distinct agreement patterns: level codes, rarity in whole bits, and the pairs that show each."""

    codes: Codes
    rarity: Floats
    pairs: Floats

    def __len__(self) -> int:
        return len(self.pairs)

    def join(self, other: Patterns) -> Patterns:
        """Patterns of both."""
        codes = {name: np.concatenate([levels, other.codes[name]]) for name, levels in self.codes.items()}
        return Patterns(codes, np.concatenate([self.rarity, other.rarity]), np.concatenate([self.pairs, other.pairs]))


def counted(histogram: Histogram) -> Patterns:
    """The patterns of a histogram, without rarity."""
    packed, pairs = histogram.found
    return Patterns(unpack(histogram.kind, packed), np.zeros(len(packed)), pairs.astype(np.float64))


def random_pairs(parties: Parties, kind: int, seed: int, most: int = RANDOM_PAIRS) -> tuple[Ints, Ints]:
    """Pairs of records of a kind: all of them where there are no more than ``most``, else a seeded draw.

    Drawn by position, so the order of the rows does not matter.
    """
    members = np.flatnonzero(parties.kind == kind)
    size = len(members)
    if size * (size - 1) // 2 <= most:
        first, second = np.triu_indices(size, k=1)
    else:
        generator = np.random.default_rng([seed, kind])
        first, second = generator.integers(0, size, most), generator.integers(0, size, most)
        first, second = first[first != second], second[first != second]
    return members[first], members[second]


def patterns(kind: int, codes: Codes, counts: Counts, start: KindModel) -> Patterns:
    """Count the agreement patterns of pairs; rarity enters in whole bits, so that patterns stay few."""
    table = COMPARISONS[kind]
    bits = np.zeros(len(next(iter(codes.values()))))
    for entry in table:
        if entry.count is not None:
            rare = (codes[entry.name] >= entry.rare_from) & (counts[entry.name] > 0)
            bits += np.where(rare, start.rarity(entry.name, counts[entry.name]), 0.0)
    packed = np.clip(np.rint(bits), -_RARITY_BOUND, _RARITY_BOUND).astype(np.int64) + _RARITY_BOUND
    for entry in table:
        packed = packed * np.int64(len(entry.levels) + 1) + codes[entry.name] + 1
    distinct, pairs = np.unique(packed, return_counts=True)
    unpacked: Codes = {}
    for entry in reversed(table):
        distinct, level = np.divmod(distinct, np.int64(len(entry.levels) + 1))
        unpacked[entry.name] = (level - 1).astype(np.int8)
    return Patterns(unpacked, (distinct - _RARITY_BOUND).astype(np.float64), pairs.astype(np.float64))


def train(kind: int, records: int, codes: Codes, counts: Counts, out: Histogram, random: Histogram) -> KindModel:
    """The model of one kind.

    Args:
        kind: person or organization.
        records: records of this kind.
        codes: comparison -> level codes of the candidate pairs (pairs,).
        counts: comparison -> records that share what a pair agrees on (pairs,).
        random: comparison -> level codes of random pairs.
    """
    total = max(records * (records - 1) / 2, 1.0)
    believed_prior = min(_BELIEVED_DUPLICATES * records / total, 0.3) if records > 1 else 0.3
    drawn = counted(random)
    observed = {entry.name: _observed_u(drawn, entry.name, kind) for entry in COMPARISONS[kind]}
    model = KindModel(kind, records, believed_prior, declared(kind, "m"), observed)
    found = patterns(kind, codes, counts, model).join(counted(out))
    learned, rounds = _maximize(model, found, observed, total, believed_prior)
    expected = float(learned.prior * total)
    if _expected(learned, found).sum() < _FEWEST:
        learned = replace(learned, m=declared(kind, "m"))
        note = f"too few matches to learn from (about {expected:.0f}): declared m probabilities are used"
    else:
        note = f"m probabilities learned in {rounds} rounds from {len(next(iter(codes.values())))} candidate pairs"
    return replace(
        learned,
        prior=float(f"{learned.prior:.12g}"),
        m={name: rounded(values) for name, values in learned.m.items()},
        u={name: rounded(values) for name, values in learned.u.items()},
        notes=(note,),
    )


def _maximize(
    model: KindModel, found: Patterns, observed: dict[str, Floats], total: float, believed_prior: float
) -> tuple[KindModel, int]:
    believed = declared(model.kind, "m")
    for turn in range(1, _ROUNDS + 1):  # noqa: B007 (told to the caller)
        matches = _expected(model, found)
        prior = (float(matches.sum()) + _BELIEVED_PRIOR) / (total + _BELIEVED_PRIOR / believed_prior)
        m = {name: _estimate(levels, matches, believed[name]) for name, levels in found.codes.items()}
        u = {name: _clean(observed[name], m[name], prior) for name in m}
        moved = max(float(np.abs(m[name] - model.m[name]).max()) for name in m)
        model = replace(model, prior=prior, m=m, u=u)
        if moved < _SETTLED:
            break
    return model, turn


def _expected(model: KindModel, found: Patterns) -> Floats:
    """Expected matches of each pattern."""
    if not len(found):
        return np.zeros(0)
    none: Counts = {name: np.zeros(len(found), dtype=np.int64) for name in found.codes}
    weights = model.waterfall(found.codes, none).sum(axis=1) + found.rarity + model.prior_weight
    impossible: Flags = contradict(model.kind, found.codes)
    return np.where(impossible, 0.0, probability(weights)) * found.pairs


def _estimate(levels: Levels, matches: Floats, believed: Floats) -> Floats:
    known = levels >= 0
    seen = np.bincount(levels[known], weights=matches[known], minlength=len(believed))
    return _shares(seen + _BELIEVED_MATCHES * believed)


def _observed_u(drawn: Patterns, name: str, kind: int) -> Floats:
    believed = declared(kind, "u")[name]
    known = drawn.codes[name] >= 0
    seen = np.bincount(drawn.codes[name][known], weights=drawn.pairs[known], minlength=len(believed))
    return _shares(seen + _BELIEVED_PAIRS * believed)


def _clean(observed: Floats, m: Floats, prior: float) -> Floats:
    return _shares(np.maximum(observed - prior * m, _SURE_U * observed))


def _shares(seen: Floats) -> Floats:
    shares: Floats = seen / seen.sum()
    return shares
