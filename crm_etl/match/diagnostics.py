"""What there is to know of a model that was learned: its figures, and how the pairs in play fall under it.

Plain figures and words without any record; :mod:`crm_etl.report.model` draws them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match.compare import COMPARISONS, Comparison
from crm_etl.match.encode import KINDS, ORGANIZATION, PERSON, Flags
from crm_etl.match.kin import KIN
from crm_etl.match.model import KindModel, probability, restore
from crm_etl.match.scoring import Scored
from crm_etl.match.weights import SCALE
from crm_etl.migration import Matching

#: Bits of a bar of the histogram, and its ends: what is beyond counts into the last bars.
_BAR, _LEAST, _MOST = 2, -24, 48
#: Patterns shown.
_PATTERNS = 20

Figures = dict[str, Any]


def diagnose(scored: Scored, matching: Matching) -> Figures:
    """Figures of the model behind ``scored``, for each kind that has pairs, in the order of the tables.

    Returns:
        ``threshold``, ``review``; ``taken_over``: pairs in play that a rerun did not compare again, None for a run in
        full; ``kinds``: each with ``kind``, ``records``, ``prior``, ``compared`` and ``in_play``
        pairs, ``matches`` (pairs from the threshold upwards), ``review``, ``expected`` (sum of probabilities in play),
        ``rounds``, ``comparisons``, ``rarity``, ``kin``, ``histogram``, ``patterns``, ``notes``.
    """
    kinds = [
        _kind(model, scored, matching)
        for kind, model in sorted(restore(scored.model).items())
        if (scored.patterns["kind"] == KINDS[kind]).any()
    ]
    rerun = scored.facts.get("incremental")
    taken_over = None if rerun is None else int(rerun["pairs_taken_over"])
    return {"threshold": matching.threshold, "review": matching.review, "taken_over": taken_over, "kinds": kinds}


def _kind(model: KindModel, scored: Scored, matching: Matching) -> Figures:
    patterns = scored.patterns[scored.patterns["kind"] == KINDS[model.kind]]
    pairs = scored.pairs[_of_kind(model.kind, scored.pairs)]
    probable = pairs[schema.PROBABILITY].to_numpy()
    matches = int((probable >= matching.threshold).sum())
    return {
        "kind": KINDS[model.kind],
        "records": model.records,
        "prior": model.prior,
        "prior_weight": model.prior_weight,
        "compared": int(patterns["pairs"].sum()),
        "in_play": int(patterns["in_play"].sum()),
        "matches": matches,
        "review": int((probable >= matching.review).sum()) - matches,
        "expected": float(probable.sum()),
        "rounds": [{"matches": expected, "moved": moved} for expected, moved in model.trace],
        "comparisons": [_comparison(entry, model, patterns) for entry in COMPARISONS[model.kind]],
        "rarity": _rarity(model),
        "kin": _kin(model),
        "histogram": _histogram(pairs[schema.WEIGHT].to_numpy()),
        "patterns": _patterns(model, pairs, matching),
        "notes": list(model.notes),
    }


def _of_kind(kind: int, pairs: pd.DataFrame) -> Flags:
    """Which pairs are of a kind: organizations have levels that only they can have, all others are persons."""
    persons = {entry.name for entry in COMPARISONS[PERSON]}
    own = [entry.name for entry in COMPARISONS[ORGANIZATION] if entry.name not in persons]
    firms: Flags = np.any([pairs[f"{schema.LEVEL_PREFIX}{name}"].to_numpy() >= 0 for name in own], axis=0)
    return firms if kind == ORGANIZATION else ~firms


def _comparison(entry: Comparison, model: KindModel, patterns: pd.DataFrame) -> Figures:
    codes = patterns[f"{schema.LEVEL_PREFIX}{entry.name}"].to_numpy().astype(np.int64)
    seen = np.bincount(codes + 1, weights=patterns["pairs"].to_numpy(), minlength=len(entry.levels) + 1)
    weights = model.level_weights(entry.name)
    levels = [
        {
            "name": level.name,
            "words": level.words,
            "m": float(model.m[entry.name][code]),
            "u": float(model.u[entry.name][code]),
            "weight": float(weights[code]),
            "pairs": int(seen[code + 1]),
        }
        for code, level in enumerate(entry.levels)
    ]
    return {"name": entry.name, "levels": levels, "known": 1 - float(seen[0] / max(seen.sum(), 1.0))}


def _rarity(model: KindModel) -> list[Figures]:
    """What rare values are worth: expected by frequency, and learned."""
    return [
        {"comparison": name, "expected": SCALE.tolist(), "learned": np.maximum(weights, 0.0).tolist()}
        for name, weights in sorted(model.learned.items())
    ]


def _kin(model: KindModel) -> list[Figures]:
    """How each sort of kin agrees, beside records of one party and others."""
    return [
        {
            "name": sort.name,
            "words": sort.words,
            "pairs": model.kin[sort.name].prior * model.records * (model.records - 1) / 2,
            "levels": [
                {
                    "comparison": entry.name,
                    "level": level.words,
                    "one": float(model.m[entry.name][code]),
                    "kin": float(model.kin[sort.name].levels[entry.name][code]),
                    "others": float(model.u[entry.name][code]),
                }
                for entry in COMPARISONS[model.kind]
                if entry.name in sort.levels
                for code, level in enumerate(entry.levels)
            ],
        }
        for sort in KIN[model.kind]
        if sort.name in model.kin
    ]


def _histogram(weights: np.ndarray[Any, Any]) -> list[Figures]:
    """Pairs in play by weight, and how many of them are expected to match."""
    edges = np.arange(_LEAST, _MOST + 1, _BAR)
    place = np.clip((weights - _LEAST) // _BAR, 0, len(edges) - 2).astype(np.int64)
    pairs = np.bincount(place, minlength=len(edges) - 1)
    matches = np.bincount(place, weights=probability(weights), minlength=len(edges) - 1)
    return [
        {"from": int(edge), "pairs": int(pairs[at]), "matches": float(matches[at])}
        for at, edge in enumerate(edges[:-1])
    ]


def _patterns(model: KindModel, pairs: pd.DataFrame, matching: Matching) -> list[Figures]:
    """The patterns that most pairs in doubt show, with the range of their weights."""
    columns = [f"{schema.LEVEL_PREFIX}{entry.name}" for entry in COMPARISONS[model.kind]]
    doubtful = pairs[pairs[schema.PROBABILITY].between(1 - matching.threshold, matching.threshold, inclusive="left")]
    found = doubtful.groupby(columns)[schema.WEIGHT].agg(["size", "min", "mean", "max"])
    found = found.sort_values("size", ascending=False, kind="stable").head(_PATTERNS).reset_index()
    return [
        {
            "levels": _levels(model, [int(row[column]) for column in columns]),
            "pairs": int(row["size"]),
            "least": float(row["min"]),
            "mean": float(row["mean"]),
            "most": float(row["max"]),
        }
        for row in found.to_dict("records")
    ]


def _levels(model: KindModel, codes: list[int]) -> list[Figures]:
    table = zip(COMPARISONS[model.kind], codes, strict=True)
    return [
        {
            "comparison": entry.name,
            "level": entry.levels[code].name,
            "weight": float(model.level_weights(entry.name)[code]),
        }
        for entry, code in table
        if code >= 0
    ]
