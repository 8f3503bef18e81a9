"""What people under one roof share, and what it is worth between strangers.

A common address, phone or mailbox of two people whose given names or birth dates differ may be a household's. How many
such strangers there are hangs on the data: among a shop's clients there are families; in a register with hardly any,
who shares street and document is one person whose given name was mistaken. So that is learned. Of all that a household
shares only the strongest counts, and once: who shares the address shares the phone as well.
"""

from __future__ import annotations

import numpy as np

from crm_etl.match.agreement import Patterns
from crm_etl.match.compare import COMPARISONS, Comparison, comparison
from crm_etl.match.encode import Floats
from crm_etl.match.signs import ROOFS, STRANGERS

#: Pairs of strangers that stand behind the belief that so large a part of them lives together.
_BELIEVED, _TOGETHER = 100.0, 0.02


def learned(
    found: Patterns, others: Floats, m: dict[str, Floats], u: dict[str, Floats], known: dict[str, float]
) -> dict[str, Floats]:
    """Bits of the levels of household comparisons between strangers: comparison -> (lines of strangers, levels).

    Args:
        others: pairs of each pattern that do not match (patterns,).
        m, u: what has been learned of all pairs.
        known: comparison -> pairs of records, of all that there are, which have values on both sides.
    """
    if found.kind not in ROOFS:
        return {}
    chances = [_chance(found.kind, line, u) for line in STRANGERS[found.kind]]
    return {
        entry.name: np.stack(
            [
                _bits(entry, found, np.where(found.alien == line, others, 0.0), m, u, chance * known[entry.name])
                for line, chance in enumerate(chances)
            ]
        )
        for entry in COMPARISONS[found.kind]
        if entry.household
    }


def _bits(
    entry: Comparison, found: Patterns, others: Floats, m: dict[str, Floats], u: dict[str, Floats], strangers: float
) -> Floats:
    """What is more frequent among ``strangers`` than among all pairs is worth less between them."""
    levels = found.codes[entry.name]
    seen = np.bincount(levels[levels >= 0], weights=others[levels >= 0], minlength=len(entry.levels))
    believed = np.where(np.arange(len(entry.levels)) > 0, _TOGETHER / (len(entry.levels) - 1), 0.0)
    share = (seen + _BELIEVED * believed) / (strangers + _BELIEVED)
    bits: Floats = np.maximum(np.log2(m[entry.name] / np.maximum(share, u[entry.name])), 0.0)
    return bits


def _chance(kind: int, line: dict[str, tuple[str | None, ...]], u: dict[str, Floats]) -> float:
    """Share of all pairs that are strangers of this line."""
    shares = [
        sum(float(u[name][comparison(kind, name).code(str(level))]) for level in levels)
        for name, levels in line.items()
    ]
    return float(np.prod(shares))
