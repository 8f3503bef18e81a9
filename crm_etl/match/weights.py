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


def by_rarity(
    levels: Levels,
    bits: Floats,
    rare_from: int,
    seen: Ints,
    chance: npt.NDArray[np.float32],
    usual: float,
    duplicates: float,
) -> Floats:
    """Weights of pairs where the frequency of the value in common is known.

    How many records hold a value by chance is taken as gamma distributed with shape 1 around what is expected;
    the records seen to hold it, beyond the pair and its duplicates, correct that (empirical Bayes).

    Args:
        levels: level codes (pairs,); ``bits``: weight of each pair's level.
        rare_from: the lowest level that agrees on a value.
        seen: records that hold the value (pairs,), 0 for unknown.
        chance: records expected to hold it (pairs,); empty where all values have the same, ``usual``.
        usual: records expected to hold the value of an average pair: the level weights reckon with it.
        duplicates: records that a record is expected to match.
    """
    out = np.empty(len(levels), dtype=np.float64)
    _by_rarity(levels, bits, rare_from, seen, chance, usual, duplicates, out)
    return out


@compiled
def _by_rarity(
    levels: Any, bits: Any, rare_from: int, seen: Any, chance: Any, usual: float, duplicates: float, out: Any
) -> None:
    for pair in range(len(levels)):
        weight = bits[pair]
        if levels[pair] >= rare_from and seen[pair] > 0:
            expected = max(np.float64(chance[pair]), LEAST_CHANCE) if len(chance) > 0 else usual
            others = max(seen[pair] - 2.0 - duplicates, 0.0)
            weight += np.log2(usual * (1.0 + expected) / (expected * (1.0 + others)))
        out[pair] = weight
