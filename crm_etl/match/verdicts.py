"""The matches that people see: pairs with their verdict and their waterfall of reasons, without any value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crm_etl import schema
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Flags, Ints, Parties
from crm_etl.match.evidence import HOPELESS, Evidence, by_kind, judged, odds
from crm_etl.match.model import KindModel, probability
from crm_etl.match.reasons import Remarks, parts_of, reasons
from crm_etl.migration import Matching

_VERDICTS = ("match", "forbidden", "review")


def matches_frame(
    parties: Parties, known: Evidence, labels: Ints, models: dict[int, KindModel], matching: Matching
) -> pd.DataFrame:
    """:data:`schema.MATCHES` of the pairs worth showing, the heaviest first.

    Shown are pairs from ``matching.review`` upwards, pairs that people decided, and forbidden pairs that would be
    worth a look but for what contradicts.
    """
    of_one_kind = parties.kind[known.left] == parties.kind[known.right]
    shown = ((known.weight >= odds(matching.review)) & of_one_kind) | known.decided
    doubtful = np.flatnonzero(known.forbidden & of_one_kind & ~shown & (known.weight >= HOPELESS))
    shown[doubtful[_worth_a_look(parties, known.take(doubtful), models, matching.review)]] = True
    chosen = known.take(np.flatnonzero(shown))
    chosen = chosen.take(np.argsort(-chosen.weight, kind="stable"))
    return _frame(parties, chosen, labels, models, matching.threshold)


def match_of(
    parties: Parties, models: dict[int, KindModel], one: int, other: int, together: bool, matching: Matching
) -> dict[str, Any]:
    """A row of :data:`schema.MATCHES` for any two positions, compared afresh: also for a pair that was never compared.

    The verdict of a pair that is not ``together`` and lighter than ``matching.review`` is ``apart``.
    """
    left, right = (np.array([position]) for position in sorted((one, other)))
    pairs = judged(parties, models, left, right)
    labels = np.arange(parties.size)
    if together:
        labels[right] = left
    row: dict[str, Any] = _frame(parties, pairs, labels, models, matching.threshold).iloc[0].to_dict()
    if row["verdict"] == "review" and row[schema.PROBABILITY] < matching.review:
        row["verdict"] = "apart"
    return row


def pairs_within(parties: Parties, models: dict[int, KindModel], positions: Ints, matching: Matching) -> pd.DataFrame:
    """:data:`schema.MATCHES` of all pairs of the records at ``positions``, which are one client, compared afresh."""
    first, second = np.triu_indices(len(positions), k=1)
    ordered, labels = np.sort(positions), np.arange(parties.size)
    labels[positions] = ordered[0]
    pairs = judged(parties, models, ordered[first], ordered[second])
    return _frame(parties, pairs, labels, models, matching.threshold)


def _frame(
    parties: Parties, pairs: Evidence, labels: Ints, models: dict[int, KindModel], threshold: float
) -> pd.DataFrame:
    merged = labels[pairs.left] == labels[pairs.right]
    verdict = np.where(merged, 0, np.where(pairs.forbidden | pairs.different, 1, 2))
    refused = pairs.same & ~merged
    waiting = (pairs.weight > 0) & ~pairs.forbidden & ~merged & ~refused
    others = waiting & pairs.other_people
    alone = waiting & pairs.unsupported & ~others
    bridge = pairs.matches(threshold) & ~merged & ~refused
    left_source, left_key = parties.records(pairs.left)
    right_source, right_key = parties.records(pairs.right)
    columns = {
        "left_source": left_source,
        "left_key": left_key,
        "right_source": right_source,
        "right_key": right_key,
        schema.WEIGHT: pairs.weight,
        schema.PROBABILITY: probability(pairs.weight),
        "verdict": pd.array(pa.array(_VERDICTS).take(pa.array(verdict)), dtype="string[pyarrow]"),
        "reasons": reasons(parties, pairs, Remarks(alone, others, bridge, refused), models),
    }
    return schema.MATCHES.conform(pd.DataFrame(columns))


def _worth_a_look(parties: Parties, pairs: Evidence, models: dict[int, KindModel], review: float) -> Flags:
    """Contradicted pairs for which everything else speaks."""
    found = np.zeros(len(pairs.left), dtype=np.bool_)
    for kind, at in by_kind(parties, pairs.left, pairs.right):
        parts = parts_of(parties, models[kind], pairs.take(at))
        agree, kin = np.split(parts, [len(COMPARISONS[kind])], axis=1)
        found[at] = np.maximum(agree, 0.0).sum(axis=1) + kin.sum(axis=1) + models[kind].prior_weight >= odds(review)
    return found
