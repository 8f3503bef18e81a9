"""How good an outcome is: its scored pairs at the contestant's threshold and at the best one, and its clusters.

Clusters are measured by the product's own :func:`crm_etl.match.evaluate.evaluate`, the same for every contestant. As a
contestant's threshold may be a bad choice for the records, ``components`` tells the most that it could reach if
somebody knew the truth: connected components of its pairs at the threshold that is best for the clusters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.linkage.outcome import Outcome
from crm_etl.match.evaluate import evaluate

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Match weights, in bits, that are tried as thresholds of components.
_WEIGHTS = range(-4, 41, 2)


def truth(parties: Path, entities: Path) -> pd.DataFrame:
    """Columns source, key, entity of the records in the order of the Parquet file; a record without entity has NA."""
    records = pd.read_parquet(parties, columns=["source", "key"]).astype("string")
    known = pd.read_csv(entities, dtype="string")
    return records.merge(known, on=["source", "key"], how="left", validate="one_to_one")


def measure(outcome: Outcome, known: pd.DataFrame) -> dict[str, Any]:
    """All measures of ``outcome`` against ``known`` (see :func:`truth`).

    Returns:
        ``pairs`` at the contestant's threshold and ``best`` at the best one: precision, recall, F1, right, found, true;
        ``pairwise``, ``cluster``, ``b_cubed`` of its clusters; ``components``: cluster F1, see the module.
    """
    entity = pd.factorize(known["entity"])[0].astype(np.int64)
    pairs = outcome.pairs[(entity[outcome.pairs["left"]] >= 0) & (entity[outcome.pairs["right"]] >= 0)]
    left, right = pairs["left"].to_numpy(dtype=np.int64), pairs["right"].to_numpy(dtype=np.int64)
    weight = pairs["weight"].to_numpy(dtype=np.float64)
    same = entity[left] == entity[right]
    chosen = pairs["probability"].to_numpy(dtype=np.float64) >= outcome.facts["threshold"]
    true = within(np.bincount(entity[entity >= 0]))
    found = evaluate(_members(outcome, known), known.dropna())
    return {
        "pairs": scores(int((same & chosen).sum()), int(chosen.sum()), true),
        "best": best(weight, same, true),
        **{name: found[name] for name in ("pairwise", "cluster", "b_cubed")},
        "components": components(left, right, weight, entity),
    }


def _members(outcome: Outcome, known: pd.DataFrame) -> pd.DataFrame:
    clusters = outcome.members.set_index("row")["cluster"].sort_index().astype("string").reset_index(drop=True)
    return known[["source", "key"]].assign(client_id=clusters)


def within(sizes: Ints) -> int:
    """Pairs within groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def scores(right: int, found: int, true: int) -> dict[str, Any]:
    """Precision, recall and F1 of ``found`` pairs of which ``right`` are among the ``true`` ones."""
    precision, recall = right / found if found else 1.0, right / true if true else 1.0
    f1 = 2 * right / (found + true) if found + true else 1.0
    return {"precision": precision, "recall": recall, "f1": f1, "right": right, "found": found, "true": true}


def best(weights: Floats, same: Flags, true: int) -> dict[str, Any]:
    """The scores at the threshold of highest F1, and its ``weight``; pairs of equal weight are never told apart."""
    order = np.argsort(-weights, kind="stable")
    ranked = weights[order]
    if not len(ranked):
        return {**scores(0, 0, true), "weight": None}
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    right, found = np.cumsum(same[order])[last], last + 1
    at = int(np.argmax(2 * right / (found + true)))
    return {**scores(int(right[at]), int(found[at]), true), "weight": float(ranked[last[at]])}


def components(left: Ints, right: Ints, weights: Floats, entity: Ints) -> dict[str, Any]:
    """Highest cluster F1 of connected components, and the ``weight`` from which pairs are taken for it."""
    tried = []
    for weight in _WEIGHTS:
        chosen = weights >= weight
        links = coo_matrix((chosen[chosen], (left[chosen], right[chosen])), shape=(len(entity), len(entity)))
        cluster = connected_components(links, directed=False)[1].astype(np.int64)
        tried.append((exact(cluster[entity >= 0], entity[entity >= 0]), -weight))
    f1, weight = max(tried)
    return {"f1": f1, "weight": -weight}


def exact(clusters: Ints, entities: Ints) -> float:
    """F1 of the clusters that are exactly one whole entity."""
    if not len(clusters):
        return 1.0
    joint, sizes = np.unique(clusters * np.int64(entities.max() + 1) + entities, return_counts=True)
    cluster, entity = np.divmod(joint, np.int64(entities.max() + 1))
    in_cluster, in_entity = np.bincount(clusters), np.bincount(entities)
    right = int(((sizes == in_cluster[cluster]) & (sizes == in_entity[entity])).sum())
    return 2 * right / (int((in_cluster > 0).sum()) + int((in_entity > 0).sum()))
