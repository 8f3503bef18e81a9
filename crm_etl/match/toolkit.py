"""Where linkage plugs into the Python Record Linkage Toolkit (``recordlinkage``).

A blocking rule is a ``BaseIndexAlgorithm``, a comparison a ``BaseCompareFeature``. Both are handed positions, and
give back positions and level codes: no text passes through the toolkit's frames. Its union of indexes and its
per-pair string functions are gone around for speed; tests hold both ways to the same result.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from recordlinkage import Compare
from recordlinkage.base import BaseCompareFeature, BaseIndexAlgorithm

from crm_etl.match.encode import Ints, Levels

LevelFunction = Callable[[Ints, Ints], Levels]


def multi_index(left: Ints, right: Ints, size: int) -> pd.MultiIndex:
    """Pairs of positions in the toolkit's form, without the search that pandas would make for their values."""
    positions = pd.RangeIndex(size)
    return pd.MultiIndex(levels=[positions, positions], codes=[left, right], verify_integrity=False)


def positions(index: pd.MultiIndex) -> tuple[Ints, Ints]:
    """The two positions of each pair of a :func:`multi_index`."""
    left, right = (np.asarray(codes, dtype=np.int64) for codes in index.codes)
    return left, right


class KeyIndex(BaseIndexAlgorithm):  # type: ignore[misc]
    """All pairs of records that share a key; ``pairs`` makes them as two position arrays, left < right."""

    def __init__(self, name: str, pairs: Callable[[], tuple[Ints, Ints]]) -> None:
        super().__init__()
        self.name = name
        self._pairs = pairs

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        left, right = self._pairs()
        return multi_index(left, right, len(df_a))


class LevelFeature(BaseCompareFeature):  # type: ignore[misc]
    """One comparison: positions of both sides to int8 level codes, -1 where a side has no value."""

    def __init__(self, name: str, levels: LevelFunction) -> None:
        super().__init__(["position"], ["position"], label=name)
        self._levels = levels

    def _compute_vectorized(self, left: pd.Series, right: pd.Series) -> Levels:
        return self._levels(left.to_numpy(dtype=np.int64), right.to_numpy(dtype=np.int64))


def compare(features: list[LevelFeature], left: Ints, right: Ints, size: int) -> pd.DataFrame:
    """Levels of each pair, one int8 column a feature, in the order of the pairs."""
    frame = pd.DataFrame({"position": np.arange(size, dtype=np.int64)})
    return Compare(features, indexing_type="position").compute(multi_index(left, right, size), frame)
