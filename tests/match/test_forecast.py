"""What blocking will do, told beforehand: counts are those of the pairs, samples fair, proposals within a budget."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from crm_etl.match import blocking, proposal, sampling
from crm_etl.match.blocking import Blocking
from crm_etl.match.encode import Ints, Parties
from crm_etl.match.forecast import forecast
from crm_etl.match.model import restore
from crm_etl.match.scoring import score
from crm_etl.migration import Matching
from tests.match.factories import MATCHING, crowd


@pytest.fixture(scope="module")
def people() -> tuple[Parties, Ints]:
    frame, truth = crowd(400)
    return Parties(frame), pd.factorize(truth["entity"])[0].astype(np.int64)


@pytest.fixture(scope="module")
def blocks(people: tuple[Parties, Ints]) -> Blocking:
    return blocking.plan(people[0], MATCHING)


def test_counts_are_those_of_the_pairs(people: tuple[Parties, Ints], blocks: Blocking) -> None:
    parties, entities = people
    found = forecast(parties, blocks, entities=entities)
    left, right = blocks.every_pair()
    assert found["pairs"] == len(left) == sum(line["new"] for line in found["rules"])
    bits = blocks.bits(left, right)
    for number, line in enumerate(found["rules"]):
        assert line["pairs"] >= int(((bits >> number) & 1).sum()) >= line["new"]
    assert found["sampled"] == 1.0
    same = entities[left] == entities[right]
    assert found["truth"]["met"] == int(same.sum())
    assert found["matches"] == pytest.approx(same.sum(), rel=0.1)
    assert found["truth"]["recall"] == pytest.approx(found["recall"]["recall"], abs=0.03)


def test_what_was_dropped_is_told_with_the_limit_that_dropped_it(people: tuple[Parties, Ints]) -> None:
    parties, _ = people
    narrow = Matching.model_validate({"max_block": 5, "pairs_per_record": 900})
    found = forecast(parties, blocking.plan(parties, narrow))
    assert found["limits"]["max_block"] == 5
    assert found["dropped_by"] == {"max_block": found["dropped_pairs"], "budget": 0}
    assert found["dropped_pairs"] == sum(line["dropped_pairs"] for line in found["rules"]) > 0
    pairs = [line["pairs"] for line in found["dropped"]]
    assert pairs == sorted(pairs, reverse=True)
    assert all(len(line["examples"]) == 3 for line in found["dropped"])
    assert forecast(parties, blocking.plan(parties, MATCHING))["dropped"] == []


def test_a_model_judges_where_there_is_one(people: tuple[Parties, Ints], blocks: Blocking) -> None:
    parties, _ = people
    models = restore(score(parties, MATCHING).model)
    assert forecast(parties, blocks, models)["judged_by"] == "model"
    assert forecast(parties, blocks)["judged_by"] == "beliefs"
    assert forecast(parties, blocks)["truth"] is None


def test_a_sample_is_a_fair_share_and_always_the_same(people: tuple[Parties, Ints], blocks: Blocking) -> None:
    every = sampling.draw(blocks, 10**9)
    some = sampling.draw(blocks, 400)
    assert (every.share, len(every)) == (1.0, int(every.made.sum()))
    assert len(some) == pytest.approx(len(every) * some.share, rel=0.25)
    assert some.made.tolist() == every.made.tolist()
    again = sampling.draw(blocks, 400)
    assert (again.left.tolist(), again.right.tolist()) == (some.left.tolist(), some.right.tolist())
    pairs = set(zip(every.left.tolist(), every.right.tolist(), strict=True))
    assert set(zip(some.left.tolist(), some.right.tolist(), strict=True)) < pairs


def test_contradicted_pairs_are_no_matches(people: tuple[Parties, Ints], blocks: Blocking) -> None:
    parties, entities = people
    every = sampling.draw(blocks, 10**9)
    chances = sampling.likely(parties, every, None)
    same = entities[every.left] == entities[every.right]
    assert chances[same].mean() > 0.8
    assert chances[~same].mean() < 0.05


@pytest.mark.parametrize("budget", [1000, 2000])
def test_a_proposal_keeps_to_its_budget_and_finds_most(
    people: tuple[Parties, Ints], blocks: Blocking, budget: int
) -> None:
    parties, _ = people
    every = sampling.draw(blocks, 10**9)
    found = proposal.propose(blocks, every, sampling.likely(parties, every, None), budget)
    assert found["pairs"] <= budget
    assert found["found"] > 0.9
    lines = proposal.settings(found)
    assert lines is not None
    written = yaml.safe_load(lines)["matching"]
    fresh = blocking.plan(parties, Matching.model_validate(written))
    assert [rule.name for rule in fresh.rules if not rule.copies] == sorted(written["rules"], key=_place)
    assert len(fresh.every_pair()[0]) == found["pairs"]


def _place(name: str) -> int:
    from crm_etl.match.rules import rule_names

    return rule_names().index(name)


def test_a_budget_too_small_for_any_rule_gives_none(people: tuple[Parties, Ints], blocks: Blocking) -> None:
    every = sampling.draw(blocks, 10**9)
    found = proposal.propose(blocks, every, sampling.likely(people[0], every, None), 1)
    assert (found["rules"], found["pairs"], found["found"]) == ([], 0, 0.0)
    assert proposal.settings(found) is None


def test_a_small_budget_is_spent_no_worse_than_on_the_best_single_rule(
    people: tuple[Parties, Ints], blocks: Blocking
) -> None:
    every = sampling.draw(blocks, 10**9)
    chances = sampling.likely(people[0], every, None)
    for budget in (30, 60, 120, 250):
        found = proposal.propose(blocks, every, chances, budget)
        single = max(sum(proposal._single(blocks, every, chances, budget, cap).matches) for cap in proposal.CAPS)
        assert found["matches"] >= round(single)
