"""The Fellegi-Sunter model: level probabilities become match weights, and weights add up to a probability.

The weight of a level is ``log2(m / u)``: how many times likelier it is among matching pairs than among others
(Fellegi and Sunter, A Theory for Record Linkage, JASA 64, 1969). Agreement on a rare value counts for more: where
a comparison counts its values, ``u`` is replaced by the frequency of the value at hand (Winkler, 1989). The model
is a readable JSON document, see :meth:`KindModel.document`; how it is learned stands in :mod:`crm_etl.match.em`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_etl.faults import StateFault
from crm_etl.match.compare import BOUND, COMPARISONS, Comparison, comparison, contradict, strangers
from crm_etl.match.encode import KINDS, Flags, Floats, Ints, Levels, Parties

VERSION = 1
#: Records that the declared frequency of a value weighs as much as: keeps a handful of records from
#: believing that all their values are common.
_BELIEVED_RECORDS = 1000
#: Decimals of probabilities in the document. The model in use is always the one that was written.
_DECIMALS = 12

Codes = dict[str, Levels]
Counts = dict[str, Ints]


@dataclass(frozen=True)
class KindModel:
    """The model of one kind of party. ``m`` and ``u``: comparison -> probabilities of its levels, low to high."""

    kind: int
    records: int
    prior: float
    m: dict[str, Floats]
    u: dict[str, Floats]
    notes: tuple[str, ...] = ()

    @property
    def prior_weight(self) -> float:
        """log2 odds that two records drawn at random are one party."""
        return float(np.log2(self.prior / (1 - self.prior)))

    def level_weights(self, name: str) -> Floats:
        """Weight of each level in bits, without rarity: within the declared bounds, and never falling."""
        entry = comparison(self.kind, name)
        least = np.array([level.least for level in entry.levels])
        most = np.array([level.most for level in entry.levels])
        weights = np.clip(np.log2(self.m[name] / self.u[name]), least, most)
        falling: Floats = np.minimum.accumulate(weights[::-1])[::-1]
        return falling

    def rarity(self, name: str, counts: Ints) -> Floats:
        """Bits that agreement on values held by ``counts`` records adds to the weight of its level."""
        entry = comparison(self.kind, name)
        believed = sum(level.u for level in entry.levels[entry.rare_from :])
        usual = float(self.u[name][entry.rare_from :].sum())
        share = (counts + _BELIEVED_RECORDS * believed) / (self.records + _BELIEVED_RECORDS)
        bits: Floats = np.log2(usual / share)
        return bits

    def waterfall(self, codes: Codes, counts: Counts) -> Floats:
        """Weight of each comparison for each pair, (pairs, comparisons) in the order of the table."""
        alien = strangers(self.kind, codes)
        columns = []
        for entry in COMPARISONS[self.kind]:
            bits = np.concatenate([[0.0], self.level_weights(entry.name)])[codes[entry.name].astype(np.int64) + 1]
            if entry.count is not None:
                rare = (codes[entry.name] >= entry.rare_from) & (counts[entry.name] > 0)
                bits = np.where(rare, np.clip(bits + self.rarity(entry.name, counts[entry.name]), 0.0, BOUND), bits)
            columns.append(np.where(alien & (bits > 0), 0.0, bits) if entry.household else bits)
        return np.column_stack(columns)

    def document(self) -> dict[str, Any]:
        """The model as JSON: prior, and m, u and weight of every level."""
        return {
            "records": self.records,
            "prior": self.prior,
            "prior_weight": round(self.prior_weight, 4),
            "comparisons": {entry.name: self._levels(entry) for entry in COMPARISONS[self.kind]},
            "notes": list(self.notes),
        }

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


def rounded(probabilities: Floats) -> Floats:
    """Probabilities as the document holds them."""
    return np.maximum(np.round(probabilities, _DECIMALS), 10.0**-_DECIMALS)


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
        StateFault: the document is of another version, or of other comparisons, than this program's.
    """
    try:
        if text["version"] != VERSION:
            raise KeyError("version")
        return {KINDS.index(name): _restore(KINDS.index(name), part) for name, part in text["kinds"].items()}
    except (KeyError, ValueError):
        raise StateFault("the linkage model is of another version", remedy="run the matching again") from None


def _restore(kind: int, part: dict[str, Any]) -> KindModel:
    def read(which: str) -> dict[str, Floats]:
        return {
            entry.name: np.array([part["comparisons"][entry.name][level.name][which] for level in entry.levels])
            for entry in COMPARISONS[kind]
        }

    return KindModel(kind, part["records"], part["prior"], read("m"), read("u"), tuple(part["notes"]))


def contradictory(model: KindModel, codes: Codes) -> Flags:
    """Which pairs may not be one party, whatever their weight."""
    return contradict(model.kind, codes)


def count(kind: int, parties: Parties, left: Ints, right: Ints) -> Counts:
    """How many records share what each pair agrees on, for the comparisons that ask."""
    return {
        entry.name: entry.count(parties, left, right).astype(np.int32)
        for entry in COMPARISONS[kind]
        if entry.count is not None
    }


def probability(weights: Floats) -> Floats:
    """Match probability of weights in bits (prior included)."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weights, -1000.0, 1000.0)))
