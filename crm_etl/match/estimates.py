"""What can honestly be said of a linkage without a truth, each figure with what it rests on.

The model's own probabilities give expected precision and recall of what was compared, as good as the model is; the
clusters show their weak places; people's decisions are the only outside evidence. What blocking missed is estimated
in :mod:`crm_etl.match.recall`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_etl.match.curves import thresholds
from crm_etl.match.decisions import latest
from crm_etl.match.encode import Flags, Floats
from crm_etl.match.reasons import of_two_kinds
from crm_etl.match.recall import DEVIATE
from crm_etl.migration import Matching

#: Classes of cluster sizes: the least of each.
_SIZES = (1, 2, 3, 4, 5, 10, 50)
#: Under this share of pairs that match, a cluster hangs together by few of its records.
_SPARSE = 0.5


def expected(probability: Floats, merged: Flags) -> dict[str, Any]:
    """Expected precision and recall of merging, if the probabilities are what they claim to be.

    Args:
        probability: match probabilities of the pairs in play, (pairs,).
        merged: whether both records of each pair became one client.
    """
    inside, every = float(probability[merged].sum()), float(probability.sum())
    precision = inside / int(merged.sum()) if merged.any() else 1.0
    recall = inside / every if every else 1.0
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "merged_pairs": int(merged.sum()),
        "matches_expected": every,
    }


def curve(weight: Floats, probability: Floats) -> list[dict[str, float]]:
    """Expected precision and recall of the pairs that weigh at least each threshold; weights are bits."""
    order = np.argsort(-weight, kind="stable")
    falling, gained = weight[order], np.cumsum(probability[order])
    every = float(gained[-1]) if len(gained) else 0.0
    points = []
    for threshold in thresholds():
        found = int(np.searchsorted(-falling, -threshold, side="right"))
        right = float(gained[found - 1]) if found else 0.0
        shares = {"precision": right / found if found else 1.0, "recall": right / every if every else 1.0}
        points.append({"weight": float(threshold), "found": found, **shares})
    return points


def clusters(members: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Sizes of the clusters, and how many of those with two records or more have a weak place.

    Args:
        members: rows of :data:`crm_etl.schema.MEMBERS`.
        threshold: weight in bits under which a link is weak.
    """
    each = members.drop_duplicates("client_id")
    sizes = each["size"].to_numpy(dtype=np.int64)
    several = each[sizes > 1]
    classes = np.searchsorted(_SIZES, sizes, side="right") - 1
    return {
        "clients": len(each),
        "merged": len(several),
        "sizes": {_class(at): int((classes == at).sum()) for at in range(len(_SIZES))},
        "largest": int(sizes.max(initial=0)),
        "sparse": int((several["density"].to_numpy(dtype=np.float64) < _SPARSE).sum()),
        "weak_link": int((several["weakest"].to_numpy(dtype=np.float64) < threshold).sum()),
        "contradicted": int((several["contradictions"].to_numpy(dtype=np.int64) > 0).sum()),
    }


def _class(at: int) -> str:
    least = _SIZES[at]
    if at + 1 == len(_SIZES):
        return f"{least}+"
    most = _SIZES[at + 1] - 1
    return str(least) if most == least else f"{least}-{most}"


def decided(matches: pd.DataFrame, decisions: pd.DataFrame, matching: Matching) -> list[dict[str, Any]]:
    """What people said of pairs that the model judged, by bands of its probability, the surest first.

    Of a person and an organization the model says nothing: such pairs are in no band.

    Args:
        matches: rows of :data:`crm_etl.schema.MATCHES`: decided pairs are among them.
        decisions: rows of :data:`crm_etl.match.decisions.DECISIONS`.
        matching: ``threshold`` and ``review`` bound the bands.

    Returns:
        Of each band: ``least`` probability and ``most``, which it ends before, pairs called ``same`` and
        ``different``, the ``share`` of same with its bounds ``low`` and ``high`` (95 %), the mean probability
        ``claimed``; shares are None where nobody decided.
    """
    said = _said(matches, decisions)
    bounds = ((matching.threshold, 1.0), (matching.review, matching.threshold), (0.0, matching.review))
    return [_band(said, least, most) for least, most in bounds]


def _said(matches: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """Probability and verdict of each decided pair, whichever record stood left."""
    sides = ("left_source", "left_key", "right_source", "right_key")
    matches = matches[~of_two_kinds(matches["reasons"])]
    last = latest(decisions)
    last = last[last["verdict"].isin(["same", "different"])]
    found = {tuple(row[:4]): row[4] for row in matches[[*sides, "probability"]].itertuples(index=False, name=None)}
    rows = [
        (found.get((a, b, c, d), found.get((c, d, a, b))), verdict)
        for a, b, c, d, verdict in last[[*sides, "verdict"]].itertuples(index=False, name=None)
    ]
    known = [row for row in rows if row[0] is not None]
    return pd.DataFrame(known, columns=["probability", "verdict"]).astype({"probability": "float64"})


def _band(said: pd.DataFrame, least: float, most: float) -> dict[str, Any]:
    """The band from ``least`` to below ``most``; the surest ends with 1, which is in it."""
    probability = said["probability"]
    here = said[(probability >= least) & ((probability < most) | (most == 1))]
    same = int((here["verdict"] == "same").sum())
    share, low, high = wilson(same, len(here))
    claimed = float(here["probability"].mean()) if len(here) else None
    line = {"least": least, "most": most, "same": same, "different": len(here) - same}
    return line | {"share": share, "low": low, "high": high, "claimed": claimed}


def wilson(hits: int, cases: int) -> tuple[float | None, float | None, float | None]:
    """Share of ``hits`` among ``cases`` and its 95 % interval (Wilson, JASA 22, 1927); None without a case."""
    if not cases:
        return None, None, None
    share, square = hits / cases, DEVIATE**2
    centre = (share + square / (2 * cases)) / (1 + square / cases)
    half = DEVIATE / (1 + square / cases) * (share * (1 - share) / cases + square / (4 * cases**2)) ** 0.5
    return share, max(centre - half, 0.0), min(centre + half, 1.0)
