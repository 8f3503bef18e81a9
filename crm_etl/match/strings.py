"""String similarity over coded values: computed once for each distinct pair, by rapidfuzz, counting characters.

The pair is put in sorted order first, so that left and right do not matter. Only kernels are here; what a
similarity means is decided where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from crm_etl.match.encode import Floats, Ints, Texts


def distinct_pairs(a: Ints, b: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Distinct unordered pairs of codes below ``size``, lower first, and the place of each given pair among them."""
    width = np.int64(max(size, 1))
    distinct, inverse = np.unique(np.minimum(a, b) * width + np.maximum(a, b), return_inverse=True)
    return distinct // width, distinct % width, inverse.astype(np.int64)


def over_pairs(values: Texts, a: Ints, b: Ints, compare: Callable[[Any, Any], Floats]) -> Floats:
    """``compare`` of ``values[a]`` and ``values[b]``, computed once for each distinct pair."""
    low, high, inverse = distinct_pairs(a, b, len(values))
    return compare(values[low], values[high])[inverse] if len(low) else np.zeros(0)


def jaro_winkler(ours: Any, theirs: Any) -> Floats:
    """Jaro-Winkler similarity, 0 to 1."""
    from rapidfuzz.distance import JaroWinkler

    return _cpdist(ours, theirs, JaroWinkler.normalized_similarity)


def token_ratio(ours: Any, theirs: Any) -> Floats:
    """Similarity of the sorted words, 0 to 1."""
    from rapidfuzz.fuzz import token_sort_ratio

    return _cpdist(ours, theirs, token_sort_ratio) / 100.0


def edits(ours: Any, theirs: Any) -> Floats:
    """Insertions, deletions, replacements and exchanges of neighbours."""
    from rapidfuzz.distance import OSA

    return _cpdist(ours, theirs, OSA.distance)


def _cpdist(ours: Any, theirs: Any, scorer: Any) -> Floats:
    from rapidfuzz import process

    return np.asarray(process.cpdist(ours, theirs, scorer=scorer, dtype=np.float64), dtype=np.float64)
