"""Recall of blocking: counted by a truth, and estimated from matches that several rules found."""

from __future__ import annotations

import numpy as np
import pytest

from crm_etl.match.encode import Ints
from crm_etl.match.recall import against_truth, evidence, recaptured
from crm_etl.match.rules import RULES


def test_rules_rest_on_what_their_features_are_made_of() -> None:
    rests = {rule.name: evidence(rule) for rule in RULES}
    assert rests["phone"] == {"phone"}
    assert rests["email_local"] == rests["email"] == {"email"}
    assert rests["identifier"] == {"identifier"}
    assert rests["name"] == rests["either_order"] == {"name"}
    assert rests["name_year"] == {"name", "birth date"}
    assert rests["address_family"] == {"name", "place"}


class Listed:
    """Two rules that know their pairs."""

    def bits(self, left: Ints, right: Ints) -> Ints:
        known = {(0, 1): 1, (0, 2): 3, (3, 4): 2}
        return np.array([known.get(pair, 0) for pair in zip(left.tolist(), right.tolist(), strict=True)])


def test_true_pairs_are_counted_by_rule() -> None:
    found = against_truth(Listed(), ["name", "phone"], np.array([5, 5, 5, 8, 8, -1]))
    assert (found["met"], found["true"], found["recall"]) == (3, 4, 0.75)
    assert found["by_rule"]["name"] == {"met": 2, "alone": 1, "recall": 0.5}
    assert found["by_rule"]["phone"] == {"met": 2, "alone": 1, "recall": 0.5}
    assert against_truth(Listed(), ["name"], np.array([1, 2]))["recall"] == 1.0


def test_independent_catches_tell_the_whole() -> None:
    draw = np.random.default_rng(5)
    names, phones = draw.random(20_000) < 0.8, draw.random(20_000) < 0.6
    bits = names.astype(np.int64) | (phones.astype(np.int64) << 1)
    found = recaptured(bits[bits != 0], [frozenset({"name"}), frozenset({"phone"})])
    assert found["recall"] == pytest.approx(0.92, abs=0.005)
    assert found["low"] < 0.92 < found["high"]
    assert found["matches"] == int((bits != 0).sum())


def test_rules_that_rest_on_both_count_for_neither() -> None:
    bits = np.array([0b001] * 40 + [0b010] * 10 + [0b011] * 50 + [0b100] * 5)
    found = recaptured(bits, [frozenset({"name"}), frozenset({"phone"}), frozenset({"name", "phone"})])
    assert found["estimates"]["name"]["whole"] == pytest.approx(91 * 61 / 51 - 1)
    assert found["recall"] == pytest.approx(105 / (91 * 61 / 51 - 1))


def test_too_few_caught_twice_give_no_estimate() -> None:
    found = recaptured(np.array([1, 2, 3]), [frozenset({"name"}), frozenset({"phone"})])
    assert (found["recall"], found["low"], found["high"]) == (None, None, None)
    assert recaptured(np.zeros(0, dtype=np.int64), [frozenset({"name"})])["recall"] is None
