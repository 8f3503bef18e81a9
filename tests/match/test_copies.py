"""Many records that are the same: one stands for all in blocking, and those that match it belong to its client."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.match import Parties, blocking, cluster, copies, forecast, proposal, sampling, score
from crm_etl.match.decisions import DECISIONS
from crm_etl.match.engines.local import run
from crm_etl.match.explain import explain_client
from crm_etl.match.incremental import remember, rescore
from crm_etl.migration import Matching
from tests.match.factories import brought_together, crowd, organization, parties, person

_SMALL = Matching.model_validate({"max_block": 15, "random_pairs": 20_000})
_NONE = schema.CROSSWALK.empty()


def _sent(number: int, first: int = 0, **cells: Any) -> list[dict[str, Any]]:
    """The same row, sent so many times."""
    known = {"birth_date": "1980-02-03", "phones": ["+79161112233"], "emails": ["wanda.zeleny@example.com"]}
    rows = range(first, first + number)
    return [person(f"w{row:03d}", "Wanda", "Zeleny", source="web", **known | cells) for row in rows]


def _frame(*rows: dict[str, Any], people: int = 100) -> pd.DataFrame:
    return pd.concat([crowd(people)[0], parties(*rows)], ignore_index=True)


def _clients(frame: pd.DataFrame, decisions: Any = None) -> pd.DataFrame:
    return run(frame, _SMALL, decisions, _NONE).clustered.members


def test_a_row_that_was_sent_many_times_becomes_one_client() -> None:
    members = _clients(_frame(*_sent(60)))
    sent = members[members["source"] == "web"]
    assert sent["client_id"].nunique() == 1
    assert (sent["size"] == 60).all()
    assert (sent["density"] == 1.0).all()
    assert sent["flags"].eq("large").all()


def test_another_record_of_theirs_joins_them_and_a_namesake_does_not() -> None:
    theirs = person("a", "Wanda", "Zeleny", birth_date="1980-02-03", emails=["wanda.zeleny@example.com"], city="omsk")
    namesake = person("b", "Wanda", "Zeleny", birth_date="1951-11-30", phones=["+79030000000"], city="tomsk")
    found = _clients(_frame(*_sent(60), theirs, namesake)).set_index("key")["client_id"]
    assert found["a"] == found["w000"]
    assert found["b"] != found["w000"]


def test_copies_that_share_nothing_but_a_name_stay_apart() -> None:
    bare = _sent(60, birth_date=None, phones=[], emails=[])
    members = _clients(_frame(*bare))
    assert members.loc[members["source"] == "web", "client_id"].nunique() == 60


def test_people_are_obeyed_about_copies() -> None:
    said = {"left_source": "web", "left_key": "w003", "right_source": "web", "right_key": "w000", "who": "eva"}
    found = _clients(_frame(*_sent(60)), DECISIONS.build([said | {"verdict": "different"}])).set_index("key")
    assert found.loc["w003", "client_id"] != found.loc["w000", "client_id"]
    assert found.loc["w003", "size"] == 1
    assert found.loc["w004", "client_id"] == found.loc["w000", "client_id"]


def test_copies_whose_stand_in_is_called_different_are_still_one() -> None:
    others = [f"w{row:03d}" for row in range(1, 12)]
    said = [{"left_source": "web", "left_key": "w000", "right_source": "web", "right_key": key} for key in others]
    found = _clients(_frame(*_sent(12)), DECISIONS.build(one | {"verdict": "different", "who": "eva"} for one in said))
    clients = found[found["source"] == "web"].set_index("key")["client_id"]
    assert clients[others].nunique() == 1
    assert clients["w000"] not in set(clients[others])


def test_what_differs_in_what_blocking_does_not_look_at_is_no_copy() -> None:
    reached = {"phones": ["+74951112233"], "emails": ["info@romashka.example"], "city": "Omsk"}
    heads = [organization(f"h{row}", "Romashka", source="web", **reached) for row in range(8)]
    named = {"name": "Филиал ООО Ромашка в Омске"}
    offices = [organization(f"o{row}", "Romashka", source="web", **reached) | named for row in range(8)]
    firms = [organization(f"f{n}", f"Firma{n % 90}", phones=[f"+7495{n % 90:07d}"], city="Omsk") for n in range(180)]
    members = _clients(_frame(*heads, *offices, *firms))
    clients = members[members["source"] == "web"].groupby("client_id")["key"].agg(set)
    assert sorted(map(sorted, clients)) == [[f"{kind}{row}" for row in range(8)] for kind in "ho"]


def test_a_client_of_many_copies_is_explained_by_its_weakest_pairs_and_the_others_are_counted() -> None:
    clustered = run(_frame(*_sent(60)), _SMALL, None, _NONE).clustered
    sent = clustered.members[clustered.members["source"] == "web"]
    told = explain_client(str(sent["client_id"].iloc[0]), clustered.members, clustered.matches)
    assert "the 20 weakest of the pairs that hold it together; besides there are 39 more pairs of +" in told
    assert "and 20 more records" in told
    assert len(told.splitlines()) < 60 + 20 * 14


@pytest.mark.parametrize("number", [copies.MOST, copies.MOST + 1])
def test_few_are_records_like_any_other(number: int) -> None:
    made = brought_together(parties(*_sent(number)))
    assert len(made) == (number * (number - 1) // 2 if number <= copies.MOST else number - 1)
    assert all(("copies" in rules) is (number > copies.MOST) for rules in made.values())


def test_the_order_of_rows_does_not_matter() -> None:
    frame = _frame(*_sent(30))
    shuffled = frame.sample(frac=1.0, random_state=5)
    ours, theirs = (_clients(rows).sort_values(["source", "key"], ignore_index=True) for rows in (frame, shuffled))
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize(
    ("before", "now"), [(copies.MOST, copies.MOST + 1), (copies.MOST + 1, copies.MOST), (20, 25), (25, 20)]
)
def test_a_rerun_finds_what_a_full_run_finds_when_copies_become_many_or_few(before: int, now: int) -> None:
    frames = [_frame(*_sent(number, first=3 if number == min(before, now) else 0)) for number in (before, now)]
    first, then = map(Parties, frames)
    last = remember(first, _SMALL, score(first, _SMALL))
    again, full = rescore(then, _SMALL, last), score(Parties(frames[1]), _SMALL, model=last.model)
    pd.testing.assert_frame_equal(again.pairs, full.pairs, check_exact=True)
    members = [cluster(then, found, _SMALL, None, _NONE).members for found in (again, full)]
    pd.testing.assert_frame_equal(*members)


def test_copies_do_not_move_what_is_learned() -> None:
    def learned(sent: int) -> dict[str, Any]:
        found = score(
            Parties(_frame(*_sent(sent))), Matching.model_validate({"max_block": 2_000, "random_pairs": 50_000})
        )
        model: dict[str, Any] = found.model["kinds"]["person"]
        return model

    once, often = learned(1), learned(400)
    assert often["records"] == once["records"]
    assert often["prior"] == pytest.approx(once["prior"], rel=0.05)
    for name in ("phones", "emails", "name", "birth_date"):
        weights = [model["comparisons"][name]["same"]["weight"] for model in (once, often)]
        assert weights[1] == pytest.approx(weights[0], abs=1.0), name


def test_true_pairs_of_copies_count_as_brought_together() -> None:
    made = Parties(parties(*_sent(30), person("a", "Wanda", "Zeleny", phones=["+79161112233"])))
    blocks = blocking.plan(made, _SMALL)
    left, right = np.triu_indices(made.size, k=1)
    assert (blocks.through_copies.bits(left, right) > 0).all()
    assert blocks.covers(left, right).sum() == made.size - 1
    only = np.int64(1) << [rule.copies for rule in blocks.rules].index(True)
    standing = copies.of(made)
    pairs = copies.are(standing, left, right)
    assert (blocks.bits(left[pairs], right[pairs]) == only).all(), (
        "a stranger with their phone is no other rule's merit"
    )
    assert pairs.sum() == 29


def test_figures_of_rules_do_not_count_copies_as_theirs() -> None:
    made = Parties(_frame(*_sent(60), person("a", "Olga", "Sidorova", source="web", phones=["+79161112233"])))
    blocks = blocking.plan(made, _SMALL)
    lines = {line["rule"]: line for line in forecast.forecast(made, blocks)["rules"]}
    assert all(line["matches"] <= line["pairs"] for line in lines.values())
    assert lines["copies"]["pairs"] == lines["copies"]["only"] == 59


@pytest.mark.parametrize("budget", [58, 59, 200, 2_000])
def test_a_proposal_never_names_the_rule_for_copies_and_counts_its_pairs(budget: int) -> None:
    made = Parties(_frame(*_sent(60)))
    every = sampling.draw(blocking.plan(made, Matching.model_validate({"max_block": 10_000})), 10**9)
    blocks = blocking.plan(made, Matching.model_validate({"max_block": 10_000}))
    found = proposal.propose(blocks, every, sampling.likely(made, every, None), budget)
    rules = [line["rule"] for line in found["rules"]]
    assert "copies" not in rules
    assert bool(rules) is (budget >= 200)
    if rules:
        assert found["pairs"] <= budget
        written = Matching.model_validate(
            {name: found[name] for name in ("max_block", "pairs_per_record")} | {"rules": rules}
        )
        assert len(blocking.plan(made, written).every_pair()[0]) == found["pairs"]
