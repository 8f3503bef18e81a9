"""Linkage as parts of the Python Record Linkage Toolkit (``recordlinkage``): its indexes, comparisons and measures.

A blocking rule is a ``BaseIndexAlgorithm``, a comparison a ``BaseCompareFeature``. Both are handed positions, and
give back positions and level codes: no text passes through the toolkit's frames. Whoever works with the toolkit can
put them beside its own classes. The engines go around it, because its frames cost more than the comparisons; tests hold
both ways to the same result.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from recordlinkage import Compare, Index
from recordlinkage.base import BaseCompareFeature, BaseIndexAlgorithm

from crm_etl.match import blocking
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Ints, Levels, Parties
from crm_etl.match.rules import select
from crm_etl.migration import Matching

LevelFunction = Callable[[Ints, Ints], Levels]


def frame(parties: Parties) -> pd.DataFrame:
    """What the toolkit is to index and compare: a row a position, which is also the only column."""
    return pd.DataFrame({"position": np.arange(parties.size, dtype=np.int64)})


def indexer(parties: Parties, matching: Matching) -> Index:
    """The toolkit's union of all blocking rules; each drops the blocks that it would drop alone."""
    index = Index()
    for rule in (rule for rule in select(matching) if not rule.copies):  # which is in force beside each
        index.add(RuleIndex(parties, matching.model_copy(update={"rules": (rule.name,)})))
    return index


def comparer(parties: Parties, kind: int) -> Compare:
    """The toolkit's comparison of all fields of a kind of party: one int8 column each, before refining."""
    return Compare([LevelFeature(parties, kind, at) for at in range(len(COMPARISONS[kind]))], indexing_type="position")


class RuleIndex(BaseIndexAlgorithm):  # type: ignore[misc]
    """All pairs that the rules of ``matching`` make, as the toolkit's pairs of positions, left < right."""

    def __init__(self, parties: Parties, matching: Matching) -> None:
        super().__init__()
        self._parties, self._matching = parties, matching

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        left, right = blocking.plan(self._parties, self._matching).every_pair()
        return multi_index(left, right, len(df_a))


class LevelFeature(BaseCompareFeature):  # type: ignore[misc]
    """One comparison: positions of both sides to int8 level codes, -1 where a side has no value."""

    def __init__(self, parties: Parties, kind: int, at: int) -> None:
        entry = COMPARISONS[kind][at]
        super().__init__(["position"], ["position"], label=entry.name)
        self._parties, self._measure = parties, entry.measure

    def _compute_vectorized(self, left: pd.Series, right: pd.Series) -> Levels:
        return self._measure(self._parties, left.to_numpy(dtype=np.int64), right.to_numpy(dtype=np.int64))


def multi_index(left: Ints, right: Ints, size: int) -> pd.MultiIndex:
    """Pairs of positions in the toolkit's form, without the search that pandas would make for their values."""
    positions = pd.RangeIndex(size)
    return pd.MultiIndex(levels=[positions, positions], codes=[left, right], verify_integrity=False)
