"""Weights of pairs in compiled code: what a level is worth, and how much more where the value in common is rare."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crm_etl.match.encode import Floats, Ints, Levels
from crm_etl.normalize.names.compiled import compiled

#: Records that hold a value by chance, at least: no value is rarer.
LEAST_CHANCE = 1e-4
#: Weights by rarity are learned for each whole bit of this range.
LOWEST, HIGHEST = -10, 30
SCALE: Floats = np.arange(LOWEST, HIGHEST + 1, dtype=np.float64)


def by_level(levels: Levels, bits: Floats) -> Floats:
    """Weight of each pair: ``bits`` of its level, the last for none."""
    weights: Floats = bits[levels]
    return weights


def by_rarity(
    levels: Levels,
    bits: Floats,
    rare_from: int,
    seen: Ints,
    chance: npt.NDArray[np.float32],
    usual: float,
    duplicates: float,
) -> Floats:
    """The same where the frequency of the value in common is known.

    How many records hold a value by chance is taken as gamma distributed with shape 1 around what is expected;
    the records seen to hold it, beyond the pair and its duplicates, correct that (empirical Bayes).

    Args:
        levels: level codes (pairs,); ``bits``: weight of each level, the last for none.
        rare_from: the lowest level that agrees on a value.
        seen: records that hold the value (pairs,), 0 for unknown.
        chance: records expected to hold it (pairs,); empty where all values have the same, ``usual``.
        usual: records expected to hold the value of an average pair: the level weights reckon with it.
        duplicates: records that a record is expected to match.
    """
    out = np.empty(len(levels), dtype=np.float64)
    _by_rarity(levels, bits, rare_from, seen, chance, usual, duplicates, out)
    return out


def under_one_roof(bits: Floats, between: Floats | None, alien: Levels, levels: Levels, best: Floats) -> Floats:
    """What a household comparison adds to each pair.

    Args:
        bits: what it is worth where nobody is a stranger (pairs,).
        between: what its levels are worth between strangers, (lines, levels); None for nothing.
        alien: line of strangers (pairs,), -1 for none.
        levels: level codes (pairs,).
        best: the most that any has been worth so far between these strangers (pairs,); raised in place.
    """
    at = np.flatnonzero((alien >= 0) & (bits > 0))
    worth = np.zeros(len(at)) if between is None else np.minimum(bits[at], between[alien[at], levels[at]])
    out = bits.copy()
    out[at] = np.maximum(worth - best[at], 0.0)
    best[at] = np.maximum(best[at], worth)
    return out


@compiled
def _by_rarity(
    levels: Any, bits: Any, rare_from: int, seen: Any, chance: Any, usual: float, duplicates: float, out: Any
) -> None:
    for pair in range(len(levels)):
        level = levels[pair]
        weight = bits[level]
        if level >= rare_from and seen[pair] > 0:
            expected = max(np.float64(chance[pair]), LEAST_CHANCE) if len(chance) > 0 else usual
            others = max(seen[pair] - 2.0 - duplicates, 0.0)
            weight += np.log2(usual * (1.0 + expected) / (expected * (1.0 + others)))
        out[pair] = weight
