"""What is said of a linkage without a truth."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.match import estimates
from crm_etl.match.decisions import DECISIONS
from tests.match.factories import MATCHING


def test_expected_precision_and_recall_are_sums_of_probabilities() -> None:
    found = estimates.expected(np.array([0.9, 0.8, 0.5, 0.1]), np.array([True, True, False, False]))
    assert found["precision"] == pytest.approx(0.85)
    assert found["recall"] == pytest.approx(1.7 / 2.3)
    assert found["merged_pairs"] == 2
    assert found["matches_expected"] == pytest.approx(2.3)
    nothing = estimates.expected(np.zeros(0), np.zeros(0, dtype=np.bool_))
    assert (nothing["precision"], nothing["recall"]) == (1.0, 1.0)


def test_the_expected_curve_falls_in_recall() -> None:
    weight = np.array([6.0, 1.0, -4.0])
    points = estimates.curve(weight, 1 / (1 + np.exp2(-weight)))
    by_weight = {point["weight"]: point for point in points}
    assert by_weight[2.0]["found"] == 1
    assert by_weight[2.0]["precision"] == pytest.approx(64 / 65)
    assert by_weight[-20.0]["recall"] == 1.0
    recalls = [point["recall"] for point in points]
    assert recalls == sorted(recalls, reverse=True)


def test_weak_places_of_clusters_are_counted() -> None:
    rows = [("1", "a", 3, 1 / 3, 2.0, 0)] * 3 + [("2", "b", 2, 1.0, 9.0, 1)] * 2 + [("3", "c", 1, 1.0, None, 0)]
    members = schema.MEMBERS.build(
        dict(zip(("key", "client_id", "size", "density", "weakest", "contradictions"), row, strict=True))
        for row in rows
    )
    found = estimates.clusters(members, 4.0)
    assert (found["clients"], found["merged"], found["largest"]) == (3, 2, 3)
    assert (found["sparse"], found["weak_link"], found["contradicted"]) == (1, 1, 1)
    assert {name: count for name, count in found["sizes"].items() if count} == {"1": 1, "2": 1, "3": 1}


def _decisions(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return DECISIONS.build(
        {"left_source": "a", "left_key": left, "right_source": "a", "right_key": right, "verdict": verdict}
        for left, right, verdict in rows
    )


def test_people_are_asked_by_bands_of_probability() -> None:
    matches = schema.MATCHES.build(
        {"left_source": "a", "left_key": left, "right_source": "a", "right_key": right, "probability": probability}
        for left, right, probability in (("1", "2", 0.99), ("3", "4", 0.97), ("5", "6", 0.6), ("7", "8", 0.2))
    )
    said = _decisions(("2", "1", "same"), ("3", "4", "different"), ("5", "6", "unsure"), ("8", "7", "same"))
    sure, doubtful, rest = estimates.decided(matches, said, MATCHING)
    assert (sure["least"], sure["same"], sure["different"], sure["share"]) == (MATCHING.threshold, 1, 1, 0.5)
    assert sure["claimed"] == pytest.approx(0.98)
    assert (doubtful["same"], doubtful["share"], doubtful["low"]) == (0, None, None)
    assert rest["same"] == 1
    assert [band["most"] for band in (sure, doubtful, rest)] == [1.0, MATCHING.threshold, MATCHING.review]


def test_a_certain_pair_is_in_the_surest_band_and_one_of_two_kinds_in_none() -> None:
    kinds = json.dumps([{"comparison": "kind", "level": "differs", "weight": 0.0}])
    matches = schema.MATCHES.build(
        {"left_source": "a", "left_key": "1", "right_source": "a", "right_key": right} | cells
        for right, cells in (("2", {"probability": 1.0}), ("3", {"probability": 0.5, "reasons": kinds}))
    )
    said = _decisions(("1", "2", "same"), ("1", "3", "different"))
    counts = [(band["same"], band["different"]) for band in estimates.decided(matches, said, MATCHING)]
    assert counts == [(1, 0), (0, 0), (0, 0)]


def test_wilson_gives_the_textbook_interval() -> None:
    share, low, high = estimates.wilson(81, 263)
    assert share == pytest.approx(0.308, abs=0.001)
    assert low == pytest.approx(0.255, abs=0.001)
    assert high == pytest.approx(0.366, abs=0.001)
    assert estimates.wilson(3, 3)[2] == 1.0
    assert estimates.wilson(0, 0) == (None, None, None)
