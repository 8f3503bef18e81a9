"""The Fellegi-Sunter model: level probabilities become match weights, and weights add up to a probability.

The weight of a level is ``log2(m / u)``: how many times likelier it is among matching pairs than among others
(Fellegi and Sunter, A Theory for Record Linkage, JASA 64, 1969). Agreement on a rare value counts for more: where
a comparison counts its values, ``u`` is replaced by the frequency of the value at hand (Winkler, 1989). The model
is a readable JSON document, see :meth:`KindModel.document`; how it is learned stands in :mod:`crm_etl.match.em`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crm_etl.faults import StateFault
from crm_etl.match import copies
from crm_etl.match.compare import BOUND, COMPARISONS, Comparison, comparison
from crm_etl.match.encode import KINDS, Floats, Ints, Levels, Parties
from crm_etl.match.frequencies import Shares
from crm_etl.match.kin import KIN, Kin, Learned, odds, taken
from crm_etl.match.signs import LIKENESS, likeness, named_apart
from crm_etl.match.weights import LOWEST, SCALE, by_rarity

VERSION = 4
#: Significant digits in the document. The model in use is always the one that was written.
_DIGITS = 12
_NO_CHANCE: Shares = np.zeros(0, dtype=np.float32)

Codes = dict[str, Levels]


@dataclass(frozen=True)
class Counts:
    """How common the values are that pairs agree on: comparison -> (pairs,).

    ``seen``: records that hold the value; ``chance``: records that would hold it by chance, where that is known.
    """

    seen: dict[str, Ints]
    chance: dict[str, Shares]

    def take(self, at: Ints | slice) -> Counts:
        """Those of the pairs at these places."""
        seen = {name: column[at] for name, column in self.seen.items()}
        return Counts(seen, {name: column[at] for name, column in self.chance.items()})


@dataclass(frozen=True)
class KindModel:
    """The model of one kind of party. ``m`` and ``u``: comparison -> probabilities of its levels, low to high."""

    kind: int
    records: int
    prior: float
    m: dict[str, Floats]
    u: dict[str, Floats]
    notes: tuple[str, ...] = ()
    #: Comparison whose rarity is learned -> weights for :data:`crm_etl.match.weights.SCALE`.
    learned: dict[str, Floats] = field(default_factory=dict)
    #: Group of :data:`crm_etl.match.signs.LIKENESS` -> comparison -> u between parties whose names are so alike.
    alike: dict[str, dict[str, Floats]] = field(default_factory=dict)
    #: Sort of :data:`crm_etl.match.kin.KIN` -> what was learned of it.
    kin: dict[str, Learned] = field(default_factory=dict)
    #: Rounds of learning: expected matches, and the most that any m probability moved.
    trace: tuple[tuple[float, float], ...] = ()

    @property
    def prior_weight(self) -> float:
        """log2 odds that two records drawn at random are one party."""
        return float(np.log2(self.prior / (1 - self.prior)))

    def level_weights(self, name: str, group: str | None = None) -> Floats:
        """Weight of each level in bits, without rarity: within the declared bounds, and never falling.

        ``group``: how alike the names of the parties are, see :data:`crm_etl.match.signs.LIKENESS`; None for not.
        """
        entry = comparison(self.kind, name)
        least = np.array([level.least for level in entry.levels])
        most = np.array([level.most for level in entry.levels])
        u = self.u[name] if group is None else self.alike.get(group, self.u).get(name, self.u[name])
        weights = np.clip(pooled(self.m[name], u), least, most)
        falling: Floats = np.minimum.accumulate(weights[::-1])[::-1]
        return falling

    def usual(self, name: str, codes: Levels, alike: Levels) -> Floats:
        """Weight of each pair's level, without rarity, (pairs,); ``alike``: how alike the names of each pair are."""
        groups = [np.append(self.level_weights(name, group), 0.0) for group in (None, *LIKENESS[self.kind])]
        weights: Floats = np.stack(groups)[alike, codes]
        return weights

    @property
    def duplicates(self) -> float:
        """Records that a record is expected to match."""
        return self.prior * (self.records - 1)

    def by_frequency(self, entry: Comparison, codes: Codes, counts: Counts, alike: Levels) -> Floats:
        """Weights of one comparison (pairs,), those of rare values included, before anything is learned of them."""
        bits = self.usual(entry.name, codes[entry.name], alike)
        if entry.name not in counts.seen:
            return bits
        usual = max(self.records, 2) * float(self.u[entry.name][entry.rare_from :].sum())
        chance = counts.chance.get(entry.name, _NO_CHANCE)
        seen = counts.seen[entry.name]
        return by_rarity(codes[entry.name], bits, entry.rare_from, seen, chance, usual, self.duplicates)

    def parts(self, codes: Codes, counts: Counts) -> Iterator[Floats]:
        """Weights of each comparison (pairs,), in the order of the table, and what each sort of kin takes from them."""
        implied, alike = named_apart(self.kind, codes), likeness(self.kind, codes)
        weight = np.full(len(implied), self.prior_weight)
        for entry in COMPARISONS[self.kind]:
            bits = self._by_rarity(entry, codes, counts, alike)
            bits = np.where(implied, 0.0, bits) if entry.implied else bits
            weight += bits
            yield bits
        yield from taken(self.kin_odds(codes, weight))

    def kin_odds(self, codes: Codes, weight: Floats) -> list[Floats]:
        """Log2 odds of each pair to be kin of each sort, where those to be one party are ``weight``, (pairs,)."""
        sorts = [(kin, self.kin[kin.name]) for kin in KIN[self.kind] if kin.name in self.kin]
        return [odds(self.kind, kin, known, weight, self.prior, self.m, codes) for kin, known in sorts]

    def _by_rarity(self, entry: Comparison, codes: Codes, counts: Counts, alike: Levels) -> Floats:
        """Weights of one comparison (pairs,), rare values included."""
        bits = self.by_frequency(entry, codes, counts, alike)
        shared = codes[entry.name] >= entry.rare_from
        if entry.name in self.learned:
            bits = np.where(shared, np.interp(bits, SCALE, self.learned[entry.name]), bits)
        return bits if entry.count is None else np.where(shared, np.clip(bits, 0.0, BOUND), bits)

    def waterfall(self, codes: Codes, counts: Counts) -> Floats:
        """Weights for each pair, (pairs, comparisons and sorts of kin), in the order of the tables."""
        return np.column_stack(list(self.parts(codes, counts)))

    def weights(self, codes: Codes, counts: Counts) -> Floats:
        """Match weight of each pair: the prior and its parts, added in the order of the table."""
        total = np.full(len(next(iter(codes.values()))), self.prior_weight)
        for part in self.parts(codes, counts):
            total += part
        return total

    def document(self) -> dict[str, Any]:
        """The model as JSON: prior, and m, u and weight of every level."""
        return {
            "records": self.records,
            "prior": self.prior,
            "prior_weight": round(self.prior_weight, 4),
            "comparisons": {entry.name: self._levels(entry) for entry in COMPARISONS[self.kind]},
            "rarity": {name: {"from": LOWEST, "weights": bits.tolist()} for name, bits in sorted(self.learned.items())},
            "alike": {
                group: {name: self._named(name, shares) for name, shares in sorted(table.items())}
                for group, table in sorted(self.alike.items())
            },
            "kin": {kin.name: self._kin(kin) for kin in KIN[self.kind] if kin.name in self.kin},
            "rounds": [{"matches": matches, "moved": moved} for matches, moved in self.trace],
            "notes": list(self.notes),
        }

    def _kin(self, kin: Kin) -> dict[str, Any]:
        known = self.kin[kin.name]
        levels = {name: self._named(name, shares) for name, shares in sorted(known.levels.items())}
        return {"prior": known.prior, "levels": levels}

    def _named(self, name: str, shares: Floats) -> dict[str, float]:
        levels = (level.name for level in comparison(self.kind, name).levels)
        return dict(zip(levels, shares.tolist(), strict=True))

    def _levels(self, entry: Comparison) -> dict[str, Any]:
        weights = self.level_weights(entry.name)
        return {
            level.name: {
                "m": float(self.m[entry.name][code]),
                "u": float(self.u[entry.name][code]),
                "weight": round(float(weights[code]), 4),
                "words": level.words,
            }
            for code, level in enumerate(entry.levels)
        }


def pooled(m: Floats, u: Floats) -> Floats:
    """log2 of m / u of each level; neighbours of which the higher would weigh less count as one level."""
    pools: list[tuple[float, float, int]] = []
    for agree, chance in zip(m.tolist(), u.tolist(), strict=True):
        pools.append((agree, chance, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            (one, low, few), (other, high, many) = pools[-2:]
            pools[-2:] = [(one + other, low + high, few + many)]
    return np.repeat([np.log2(agree / chance) for agree, chance, _ in pools], [size for _, _, size in pools])


def rounded(values: Floats, digits: int = _DIGITS) -> Floats:
    """Numbers as the document holds them, so many significant digits of each."""
    return np.array([float(f"{value:.{digits}g}") for value in values.tolist()])


def declared(kind: int, which: str) -> dict[str, Floats]:
    """The starting beliefs of a kind: ``which`` is m or u."""
    return {
        entry.name: np.array([getattr(level, which) for level in entry.levels], dtype=np.float64)
        for entry in COMPARISONS[kind]
    }


def document(models: dict[int, KindModel], seed: int) -> dict[str, Any]:
    """The whole model as a JSON-able dictionary."""
    notes = [f"{KINDS[kind]}: {note}" for kind, model in sorted(models.items()) for note in model.notes]
    kinds = {KINDS[kind]: model.document() for kind, model in sorted(models.items())}
    return {"version": VERSION, "seed": seed, "kinds": kinds, "notes": notes}


def restore(text: dict[str, Any]) -> dict[int, KindModel]:
    """The models of a :func:`document`.

    Raises:
        StateFault: the document is of another version, or of other comparisons, than this program's, or damaged.
    """
    try:
        if text["version"] != VERSION:
            raise KeyError("version")
        return {kind: _restore(kind, text["kinds"][KINDS[kind]]) for kind in COMPARISONS}
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError):
        raise StateFault(
            "the linkage model is of another version, or damaged",
            remedy="run the matching in full, without matching.model in migration.yaml: it learns a new one",
        ) from None


def _restore(kind: int, part: dict[str, Any]) -> KindModel:
    def read(which: str) -> dict[str, Floats]:
        levels = {entry.name: part["comparisons"][entry.name] for entry in COMPARISONS[kind]}
        return {
            entry.name: _shares([levels[entry.name][level.name][which] for level in entry.levels])
            for entry in COMPARISONS[kind]
        }

    if set(part["comparisons"]) != {entry.name for entry in COMPARISONS[kind]}:
        raise ValueError("comparisons")
    if any(line["from"] != LOWEST for line in part["rarity"].values()):
        raise ValueError("rarity")
    if set(part["kin"]) != {kin.name for kin in KIN[kind]}:
        raise ValueError("kin")
    if part["alike"] and set(part["alike"]) != set(LIKENESS[kind]):
        raise ValueError("alike")
    _check_weights(part["comparisons"])
    return KindModel(
        kind,
        int(part["records"]),
        float(_shares([part["prior"], 1 - part["prior"]])[0]),
        read("m"),
        read("u"),
        tuple(part["notes"]),
        {name: _bits(line["weights"], SCALE.shape) for name, line in part["rarity"].items()},
        {
            group: {name: _shares_of(kind, name, levels) for name, levels in part["alike"][group].items()}
            for group in part["alike"]
        },
        {kin.name: _restore_kin(kind, kin, part["kin"][kin.name]) for kin in KIN[kind]},
        tuple((turn["matches"], turn["moved"]) for turn in part["rounds"]),
    )


def _check_weights(comparisons: dict[str, Any]) -> None:
    """The weights stand there for people; one that is no number shows that a hand slipped.

    Raises:
        ValueError: so it is.
    """
    weights = [level["weight"] for levels in comparisons.values() for level in levels.values()]
    _bits(weights, (len(weights),))


def _restore_kin(kind: int, kin: Kin, part: dict[str, Any]) -> Learned:
    if set(part["levels"]) != set(kin.levels):
        raise ValueError("kin")
    levels = {name: _shares_of(kind, name, part["levels"][name]) for name in kin.levels}
    return Learned(float(_shares([part["prior"]])[0]), levels)


def _shares_of(kind: int, name: str, levels: dict[str, Any]) -> Floats:
    return _shares([levels[level.name] for level in comparison(kind, name).levels])


def _shares(values: list[Any]) -> Floats:
    """Probabilities, none of them 0.

    Raises:
        ValueError: one of them is no number over 0 and up to 1.
    """
    shares = np.array(values, dtype=np.float64)
    if not ((shares > 0) & (shares <= 1)).all():
        raise ValueError("share")
    return shares


def _bits(values: Any, shape: tuple[int, ...]) -> Floats:
    """Weights.

    Raises:
        ValueError: they are not as many as they must be, or one is no number.
    """
    bits = np.array(values, dtype=np.float64)
    if bits.shape != shape or not np.isfinite(bits).all():
        raise ValueError("bits")
    return bits


def count(kind: int, parties: Parties, left: Ints, right: Ints) -> Counts:
    """How common what each pair agrees on is, for the comparisons that ask."""
    table = COMPARISONS[kind]
    held = ((entry.name, entry.count(parties, left, right)) for entry in table if entry.count is not None)
    return Counts(
        {name: copies.left_out(parties, records, left, right) for name, records in held},
        {entry.name: entry.chance(parties, left, right) for entry in table if entry.chance is not None},
    )


def joined(kind: int, parts: list[Counts]) -> Counts:
    """Counts of pairs of a kind, one part after the other."""
    table = COMPARISONS[kind]
    none, no_share = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    return Counts(
        {e.name: np.concatenate([none, *(part.seen[e.name] for part in parts)]) for e in table if e.count is not None},
        {
            e.name: np.concatenate([no_share, *(part.chance[e.name] for part in parts)])
            for e in table
            if e.chance is not None
        },
    )


def probability(weights: Floats) -> Floats:
    """Match probability of weights in bits (prior included)."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weights, -1000.0, 1000.0)))
