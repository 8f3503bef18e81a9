"""Learns how the numbers of an alignment are weighed: ``models/<kind>.json``, read by ``names.scoring``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

Array = np.ndarray[Any, Any]

_TREES, _RATE, _LEAVES, _SEED = 150, 0.06, 8, 0
_DIGITS = 5


def learn(
    features: Array, same: Array, share: Array, names: Sequence[str], path: Path, *, rises: Sequence[int]
) -> dict[str, Any]:
    """Writes the scorer of these examples to ``path`` and returns it.

    ``same`` says which are true pairs, ``share`` how much each weighs. ``rises`` says of each feature whether the
    score may only rise (1) or only fall (-1) with it, so that the trees follow no accident of the examples.
    """
    odds = np.log(share[same].sum() / share[~same].sum())
    intercept, weights = _linear(features, same, share)
    trees, first = _boosted(features, same, share, rises)
    document = {
        "features": list(names),
        "intercept": _bits(intercept + first - 2.0 * odds),
        "weights": [_bits(weight) for weight in weights],
        "trees": trees,
    }
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
    return document


def _bits(log_odds: float) -> float:
    """Natural log odds of one of the two models -> its part of their mean, in bits."""
    return round(float(log_odds) * 0.5 / np.log(2.0), _DIGITS)


def _linear(features: Array, same: Array, share: Array) -> tuple[float, Array]:
    mean = np.average(features, axis=0, weights=share)
    spread = np.maximum(features.std(axis=0), 1e-6)
    fitted = LogisticRegression(C=0.3, max_iter=5000).fit((features - mean) / spread, same, share)
    weights = fitted.coef_[0] / spread
    return float(fitted.intercept_[0] - weights @ mean), weights


def _boosted(features: Array, same: Array, share: Array, rises: Sequence[int]) -> tuple[list[list[list[float]]], float]:
    """Trees as lists of nodes [feature or -1, threshold, left, right, bits], and the log odds that they start from."""
    model = HistGradientBoostingClassifier(
        max_iter=_TREES,
        learning_rate=_RATE,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=20,
        l2_regularization=3.0,
        monotonic_cst=list(rises),
        random_state=_SEED,
    ).fit(features, same, share)
    trees = [_nodes(stage[0].nodes) for stage in model._predictors]
    return trees, float(model._baseline_prediction[0, 0])


def _nodes(nodes: Array) -> list[list[float]]:
    return [
        [
            -1 if node["is_leaf"] else int(node["feature_idx"]),
            0.0 if node["is_leaf"] else float(node["num_threshold"]),
            int(node["left"]),
            int(node["right"]),
            _bits(node["value"]) if node["is_leaf"] else 0.0,
        ]
        for node in nodes
    ]
