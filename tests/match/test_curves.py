"""Thresholds and pairs of a truth, against plain loops."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.match import curves

PAIRS = st.lists(st.tuples(st.sampled_from([-3.0, 0.5, 2.0, 7.25]), st.booleans()), max_size=30)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.integers(0, 5))
def test_points_count_what_weighs_enough(pairs: list[tuple[float, bool]], unseen: int) -> None:
    weight = np.array([pair[0] for pair in pairs])
    right = np.array([pair[1] for pair in pairs], dtype=np.bool_)
    true = int(right.sum()) + unseen
    found = curves.of_pairs(weight, right, true)
    assert [point["weight"] for point in found["points"]] == curves.thresholds().tolist()
    for point in found["points"]:
        chosen = [hit for bits, hit in pairs if bits >= point["weight"]]
        assert (point["found"], point["right"], point["true"]) == (len(chosen), sum(chosen), true)
    assert all(found["best"]["f1"] >= point["f1"] - 1e-12 for point in found["points"] if point["found"])


def test_pairs_that_no_threshold_merges_are_never_the_best() -> None:
    found = curves.of_pairs(np.array([-np.inf, 3.0]), np.array([True, False]), 1)
    assert found["best"]["weight"] == 3.0
    assert curves.of_pairs(np.array([-np.inf]), np.array([True]), 1)["best"]["found"] == 0


def test_clusters_at_a_cut_are_components() -> None:
    left, right = np.array([0, 1, 3]), np.array([1, 2, 4])
    found = curves.of_clusters(left, right, np.array([9.0, 1.0, 5.0]), np.array([7, 7, 4, 9, 9, -1]))
    by_cut = {point["weight"]: point for point in found}
    assert by_cut[0.0]["pairwise"]["precision"] == pytest.approx(2 / 4)
    assert by_cut[4.0]["cluster"]["f1"] == 1.0
    assert by_cut[8.0]["pairwise"]["recall"] == pytest.approx(1 / 2)
    assert by_cut[16.0]["cluster"]["right"] == 1


@given(st.lists(st.integers(-1, 4), max_size=20))
def test_true_pairs_stand_once_each(entities: list[int]) -> None:
    left, right = curves.true_pairs(np.array(entities, dtype=np.int64))
    wanted = {(a, b) for a, b in combinations(range(len(entities)), 2) if entities[a] == entities[b] >= 0}
    listed = list(zip(left.tolist(), right.tolist(), strict=True))
    assert len(listed) == len(wanted)
    assert set(listed) == wanted
