"""What another threshold would have given, measured against a truth: pairs by match weight, clusters at a few cuts.

Weights are bits, prior included. Who has no truth asks :mod:`crm_etl.match.estimates`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from crm_etl.match.encode import Flags, Floats, Ints
from crm_etl.match.evaluate import cluster_measures, dense, measures, pair_measures

#: Range and step of the thresholds, in bits: probabilities from one in a million to one less a millionth.
_LOWEST, _HIGHEST, _STEP = -20.0, 20.0, 1.0
#: Thresholds at which clusters are made, in bits.
_CUTS = (-4.0, 0.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0)


def thresholds() -> Floats:
    """Thresholds of a curve in bits, low to high."""
    return np.arange(_LOWEST, _HIGHEST + _STEP, _STEP)


def of_pairs(weight: Floats, right: Flags, true: int) -> dict[str, Any]:
    """Measures of the pairs that weigh at least each threshold, and of the threshold where F1 is best.

    Args:
        weight: match weights of the pairs in play, (pairs,); minus infinity for those that no threshold merges.
        right: whether each of them is true.
        true: true pairs there are at all, those that nobody compared included.

    Returns:
        ``points``: one dictionary a threshold, low to high; ``best``: the same of the threshold with the best F1
        among all weights there are.
    """
    order = np.argsort(-weight, kind="stable")[: int(np.isfinite(weight).sum())]
    falling, hits = weight[order], np.cumsum(right[order])
    last = np.flatnonzero(np.r_[falling[1:] != falling[:-1], True]) if len(falling) else np.zeros(0, dtype=np.int64)
    f1 = 2.0 * hits[last] / np.maximum(last + 1 + true, 1)
    best = float(falling[last[int(f1.argmax())]]) if len(last) else 0.0

    def point(threshold: float) -> dict[str, Any]:
        found = int(np.searchsorted(-falling, -threshold, side="right"))
        return _at(threshold) | measures(int(hits[found - 1]) if found else 0, found, true)

    return {"points": [point(float(threshold)) for threshold in thresholds()], "best": point(best)}


def of_clusters(left: Ints, right: Ints, weight: Floats, entities: Ints) -> list[dict[str, Any]]:
    """Measures of the bare components that pairs of at least each weight make: what clustering starts from.

    Args:
        left, right, weight: the pairs that may join, (pairs,).
        entities: true entity of each position, any number; -1 where it is not known.
    """
    known = np.flatnonzero(entities >= 0)
    found = []
    for cut in _CUTS:
        at = np.flatnonzero(weight >= cut)
        graph = coo_matrix((np.ones(len(at), dtype=np.int8), (left[at], right[at])), shape=(len(entities),) * 2)
        labels = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
        one, other = dense(labels[known]), dense(entities[known])
        found.append(
            _at(cut) | {"pairwise": pair_measures(one, other), "cluster": cluster_measures(one, other)["cluster"]}
        )
    return found


def true_pairs(entities: Ints) -> tuple[Ints, Ints]:
    """Both positions, left < right, of every pair of one entity; -1 is none."""
    known = np.flatnonzero(entities >= 0)
    order = known[np.argsort(entities[known], kind="stable")]
    sizes = np.bincount(entities[known])
    ends = np.repeat(np.cumsum(sizes), sizes)
    after = ends - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), after)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)
    return order[first], order[second]


def _at(threshold: float) -> dict[str, float]:
    return {"weight": threshold, "probability": float(1.0 / (1.0 + np.exp2(-threshold)))}
