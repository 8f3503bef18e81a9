"""Clusters: every party once, no chains, people obeyed, the order of rows irrelevant, ids that last."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.match import Clustered
from crm_etl.match.decisions import DECISIONS
from crm_etl.match.engines.local import run
from crm_etl.match.evaluate import evaluate
from crm_etl.match.explain import explain_pair, explain_records
from tests.match.factories import MATCHING, crowd, organization, parties, person

RECORD = ["source", "key"]


def _cluster(frame: pd.DataFrame, decisions: Any = None, crosswalk: Any = None) -> Clustered:
    before = schema.CROSSWALK.empty() if crosswalk is None else crosswalk
    return run(frame, MATCHING, decisions, before).clustered


def _decide(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Decisions on records of source crm: left key, right key, verdict."""
    return DECISIONS.build(
        {"left_source": "crm", "left_key": a, "right_source": "crm", "right_key": b, "verdict": verdict, "who": "eva"}
        for a, b, verdict in rows
    )


def _groups(clustered: Clustered) -> set[frozenset[str]]:
    return {frozenset(part["key"]) for _, part in clustered.members.groupby("client_id")}


@pytest.fixture(scope="module")
def people() -> tuple[pd.DataFrame, pd.DataFrame]:
    return crowd(250)


@pytest.fixture(scope="module")
def clustered(people: tuple[pd.DataFrame, pd.DataFrame]) -> Clustered:
    return _cluster(people[0])


def test_every_party_stands_in_exactly_one_client(
    people: tuple[pd.DataFrame, pd.DataFrame], clustered: Clustered
) -> None:
    pd.testing.assert_frame_equal(clustered.members[RECORD], people[0][RECORD])
    sizes = clustered.members.groupby("client_id")["key"].transform("size")
    assert (sizes == clustered.members["size"]).all()
    assert clustered.members["client_id"].str.fullmatch("c[0-9a-f]{15}").all()
    single = clustered.members["size"] == 1
    assert clustered.members.loc[single, "density"].eq(1.0).all()
    assert clustered.members.loc[single, "weakest"].isna().all()
    assert clustered.members.loc[~single, "weakest"].notna().all()


def test_people_are_found(people: tuple[pd.DataFrame, pd.DataFrame], clustered: Clustered) -> None:
    found = evaluate(clustered.members, people[1])["pairwise"]
    assert found["precision"] > 0.98
    assert found["recall"] > 0.85


def test_matches_are_merged_and_their_reasons_add_up(clustered: Clustered) -> None:
    client = {(row.source, row.key): row.client_id for row in clustered.members.itertuples()}
    assert list(clustered.matches.columns) == schema.MATCHES.names
    for row in clustered.matches.itertuples():
        same = client[row.left_source, row.left_key] == client[row.right_source, row.right_key]
        assert same == (row.verdict == "match")
        reasons = json.loads(row.reasons)
        assert reasons[0]["comparison"] == "prior"
        assert sum(reason["weight"] for reason in reasons) == pytest.approx(row.weight, abs=0.01)


def test_the_order_of_rows_does_not_matter(people: tuple[pd.DataFrame, pd.DataFrame], clustered: Clustered) -> None:
    again = _cluster(people[0].sample(frac=1.0, random_state=11).reset_index(drop=True))
    ours, theirs = (c.members.sort_values(RECORD).reset_index(drop=True) for c in (clustered, again))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    pd.testing.assert_frame_equal(clustered.matches, again.matches, check_exact=True)


def test_no_parties_no_clients() -> None:
    found = _cluster(parties())
    assert found.members.empty
    assert found.matches.empty
    assert list(found.members.columns) == schema.MEMBERS.names


def _home(key: str, given: str, **cells: Any) -> dict[str, Any]:
    shared = {"phones": ["+79161234567"], "city": "Kyiv", "street": "ul franka 7"}
    return person(key, given, "Kovalchuk", **(shared | cells))


def test_a_household_stays_apart() -> None:
    frame = parties(
        _home("1", "Anna", birth_date="1960-02-03"),
        _home("2", "Boris", birth_date="1984-07-21"),
        _home("3", "Anna", birth_date="1960-02-03"),
        _home("4", "Galina"),
    )
    assert _groups(_cluster(frame)) == {frozenset("13"), frozenset("2"), frozenset("4")}


def test_twins_are_not_merged_where_the_data_know_no_families(people: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    shared: dict[str, Any] = {
        "birth_date": "1980-05-05",
        "phones": ["+79160000001"],
        "city": "Tver",
        "street": "lenina 5",
    }
    twins = parties(person("a", "Viktor", "Gemelov", **shared), person("b", "Dmitri", "Gemelov", **shared))
    found = run(pd.concat([people[0], twins], ignore_index=True), MATCHING, None, schema.CROSSWALK.empty()).clustered
    ids = found.members.set_index(["source", "key"])["client_id"]
    assert ids["crm", "a"] != ids["crm", "b"]


def test_same_name_and_phone_but_another_tax_number_is_forbidden_and_shown() -> None:
    frame = parties(
        _home("1", "Anna", identifiers=["ru_inn:1"]),
        _home("2", "Anna", identifiers=["ru_inn:2"]),
    )
    found = _cluster(frame)
    assert _groups(found) == {frozenset("1"), frozenset("2")}
    assert list(found.matches["verdict"]) == ["forbidden"]


def test_a_record_between_two_that_contradict_each_other_joins_only_one() -> None:
    frame = parties(
        _home("1", "Anna", identifiers=["ru_inn:1"]),
        _home("2", "Anna"),
        _home("3", "Anna", identifiers=["ru_inn:2"]),
    )
    groups = _groups(_cluster(frame))
    assert len(groups) == 2
    assert not any({"1", "3"} <= group for group in groups)


def test_namesakes_with_nothing_but_a_common_name_are_not_merged() -> None:
    everybody = parties(*(person(str(number), "Anna", "Petrova") for number in range(20)))
    found = _cluster(everybody)
    assert found.members["client_id"].nunique() == 20
    assert set(found.matches["verdict"]) <= {"review"}
    born = parties(*(person(key, "Anna", "Petrova", birth_date="1980-02-03") for key in "12"))
    assert _cluster(born).members["client_id"].nunique() == 1


def test_branches_are_clients_of_their_own() -> None:
    numbers = {"identifiers": ["ru_inn:7707083893"], "phones": ["+74951112233"]}
    frame = parties(
        organization("1", "Luch", **numbers, name="ООО «Луч»"),
        organization("2", "Luch", **numbers, name="ООО «Луч», филиал в г. Самара"),
        organization("3", "Luch", **numbers, name="Luch LLC"),
    )
    assert _groups(_cluster(frame)) == {frozenset("13"), frozenset("2")}


def test_different_keeps_apart_and_same_brings_together() -> None:
    frame = parties(
        _home("1", "Anna", birth_date="1960-02-03"),
        _home("2", "Anna", birth_date="1960-02-03"),
        person("3", "Zoya", "Brusnikina"),
    )
    assert _groups(_cluster(frame)) == {frozenset("12"), frozenset("3")}
    found = _cluster(frame, _decide(("2", "1", "different"), ("1", "3", "same")))
    assert _groups(found) == {frozenset("13"), frozenset("2")}
    verdicts = {frozenset((row.left_key, row.right_key)): row.verdict for row in found.matches.itertuples()}
    assert verdicts == {frozenset("12"): "forbidden", frozenset("13"): "match"}


def test_the_last_decision_counts_and_unknown_records_wait() -> None:
    frame = parties(_home("1", "Anna"), _home("2", "Boris"))
    decisions = _decide(("1", "2", "same"), ("1", "404", "same"), ("2", "1", "different"))
    found = _cluster(frame, decisions)
    assert _groups(found) == {frozenset("1"), frozenset("2")}
    assert found.facts["decisions_waiting"] == 1
    assert found.unheeded[["right_key", "verdict", "state", "reason"]].to_dict("records") == [
        {"right_key": "404", "verdict": "same", "state": "waiting", "reason": "crm:404 is not in this run"}
    ]
    assert _groups(_cluster(frame, _decide(("1", "2", "different"), ("2", "1", "same")))) == {frozenset("12")}


def test_a_decision_that_is_taken_back_waits_for_nothing() -> None:
    frame = parties(_home("1", "Anna"), _home("2", "Boris"))
    found = _cluster(frame, _decide(("1", "404", "same"), ("404", "1", "unsure"), ("1", "1", "same")))
    assert found.facts["decisions_waiting"] == 0
    assert found.unheeded["reason"].tolist() == ["both are the same record"]


def test_wishes_that_contradict_each_other_are_counted_and_none_called_different_is_joined() -> None:
    frame = parties(*(person(str(n), "Anna", f"Family{n}ko") for n in range(3)))
    found = _cluster(frame, _decide(("0", "1", "same"), ("1", "2", "same"), ("0", "2", "different")))
    assert found.facts["decisions_refused"] == 1
    assert not any({"0", "2"} <= group for group in _groups(found))
    assert found.unheeded["reason"].tolist() == [
        "it would make one client of records that people called different: crm:0 and crm:2"
    ]


def test_a_refused_decision_is_explained_and_nothing_else_is_said_of_the_pair() -> None:
    """All agree with each other, so that without people the pair would be a match."""
    frame = parties(*(_home(key, "Anna", birth_date="1960-02-03") for key in "123"))
    decided = _decide(("1", "2", "same"), ("2", "3", "same"), ("1", "3", "different")).assign(line=[2, 3, 4])
    found = _cluster(frame, decided)
    (refused,) = found.unheeded.to_dict("records")
    assert refused["line"] in (2, 3)
    assert refused["reason"].endswith("crm:1 and crm:3 (line 4)")
    keys = {refused["left_key"], refused["right_key"]}
    (pair,) = (row for row in found.matches.to_dict("records") if {row["left_key"], row["right_key"]} == keys)
    text = explain_records(pair, found.members, found.matches, found.unheeded)
    assert "a person called them the same: not obeyed, for other decisions forbid it" in text
    assert "the decision 'same' was not obeyed: it would make one client" in text
    assert "without a person" not in text


def test_a_person_may_join_a_person_and_an_organization() -> None:
    frame = parties(person("1", "Anna", "Petrova"), organization("2", "Petrova"))
    found = _cluster(frame, _decide(("1", "2", "same")))
    assert _groups(found) == {frozenset("12")}
    assert "one is a person and the other an organization" in explain_pair(found.matches.iloc[0])


def test_a_person_and_an_organization_of_several_records_are_joined_whole_and_no_other_pair_waits() -> None:
    number = {"identifiers": ["ru_inn:500100732259"], "phones": ["+79161234567"]}
    people = [person(f"p{n}", "Petr", "Ivanov", birth_date="1980-02-03", **number) for n in range(3)]
    traders = [organization(f"o{n}", "Ivanov Petr", **number) for n in range(4)]
    frame = parties(*people, *traders)
    alone = _cluster(frame)
    found = _cluster(frame, _decide(("p0", "o0", "same")))
    assert len(_groups(alone)) == 2
    assert len(_groups(found)) == 1
    assert found.facts["decisions_refused"] == 0
    waiting = found.matches[found.matches["verdict"] != "match"]
    assert waiting.empty
    assert len(alone.matches[alone.matches["verdict"] != "match"]) == 0


def test_what_a_person_should_look_at_is_flagged_and_not_cut_for_that_alone() -> None:
    crowded = parties(*(person(str(number), "Anna", "Petrova") for number in range(40)))
    found = _cluster(crowded, _decide(*(("0", str(number), "same") for number in range(1, 40))))
    assert found.members["client_id"].nunique() == 1
    assert set(found.members["flags"]) == {"large+loose"}
    assert found.facts["flagged"] == {"large": 1, "loose": 1, "contradiction": 0, "bridge": 0}


def test_a_contradiction_that_a_person_overruled_is_counted_and_flagged() -> None:
    frame = parties(_home("1", "Anna", identifiers=["ru_inn:1"]), _home("2", "Anna", identifiers=["ru_inn:2"]))
    found = _cluster(frame, _decide(("1", "2", "same")))
    assert list(found.members["contradictions"]) == [1, 1]
    assert list(found.members["flags"]) == ["contradiction", "contradiction"]


def test_a_match_that_was_cut_waits_for_a_person_and_says_why() -> None:
    frame = parties(
        _home("1", "Anna", identifiers=["ru_inn:1"]),
        _home("2", "Anna"),
        _home("3", "Anna", identifiers=["ru_inn:2"]),
    )
    found = _cluster(frame)
    cut = found.matches[found.matches["verdict"] == "review"]
    assert len(cut) == 1
    assert "the records around them speak against it" in explain_pair(cut.iloc[0])
    assert found.members["bridges"].eq(1).all()
    assert found.members["flags"].eq("bridge").all()


# ------------------------------------------------------------------------------------------------------ identity
def test_ids_survive_a_rerun(people: tuple[pd.DataFrame, pd.DataFrame], clustered: Clustered) -> None:
    crosswalk = schema.CROSSWALK.conform(clustered.members[schema.CROSSWALK.names])
    shuffled = people[0].sample(frac=1.0, random_state=2).reset_index(drop=True)
    again = _cluster(shuffled, crosswalk=crosswalk)
    joined = clustered.members.merge(again.members, on=RECORD)
    assert (joined["client_id_x"] == joined["client_id_y"]).all()
    assert again.events.empty


def test_a_merge_keeps_the_id_of_most_records_and_is_an_event() -> None:
    frame = parties(_home("1", "Anna"), _home("2", "Anna"), _home("3", "Anna"))
    crosswalk = schema.CROSSWALK.build(
        {"source": "crm", "key": key, "client_id": client}
        for key, client in [("1", "cold"), ("2", "cbig"), ("3", "cbig")]
    )
    found = _cluster(frame, crosswalk=crosswalk)
    assert set(found.members["client_id"]) == {"cbig"}
    assert found.events[["event", "client_id", "other_id"]].to_dict("records") == [
        {"event": "merge", "client_id": "cbig", "other_id": "cold"}
    ]
    reason = found.events["reason"][0]
    assert reason.startswith("crm:1 joined crm:2, crm:3; strongest pair between them: weight ")
    assert reason.endswith(" bits, a match")


def test_what_parts_two_is_told_in_words() -> None:
    place = {"city": "Moskva", "street": "ulitsa lenina 5", "postal_code": "101000"}
    shared = {"phones": ["+79161230001"], "emails": ["rozhdestvenskie@mail.example"], "birth_date": "1990-05-06"}
    twins = place | shared
    frame = parties(
        person("1", "Anna", "Rozhdestvenskaya", **twins),
        person("2", "Boris", "Rozhdestvenskiy", **twins),
        person("3", "Zoya", "Brusnikina"),
    )
    crosswalk = schema.CROSSWALK.build({"source": "crm", "key": key, "client_id": "cold"} for key in "123")
    reasons = {event["reason"].partition(" left ")[0]: event["reason"] for event in _events(frame, crosswalk)}
    assert reasons["crm:3"].endswith("; no rule brings them together, or they have too little in common")
    assert "; strongest pair between them: weight " in reasons["crm:2"]
    assert "too weak" not in reasons["crm:2"]
    assert reasons["crm:2"].endswith((": a person decides", "contradicted"))


def _events(frame: pd.DataFrame, crosswalk: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _cluster(frame, crosswalk=crosswalk).events.to_dict("records")
    return found


def test_a_split_leaves_the_id_with_most_records_and_gives_a_fresh_one() -> None:
    frame = parties(_home("1", "Anna"), _home("2", "Anna"), _home("3", "Anna"))
    first = _cluster(frame)
    crosswalk = schema.CROSSWALK.conform(first.members[schema.CROSSWALK.names])
    old = first.members["client_id"][0]
    found = _cluster(frame, _decide(("1", "2", "different"), ("1", "3", "different")), crosswalk)
    ids = dict(zip(found.members["key"], found.members["client_id"], strict=True))
    assert ids["2"] == ids["3"] == old
    assert ids["1"] != old
    assert found.events.to_dict("records") == [
        {
            "event": "split",
            "client_id": old,
            "other_id": ids["1"],
            "reason": "crm:1 left crm:2, crm:3; a person called them different",
        }
    ]


def test_a_fresh_id_is_never_one_in_use() -> None:
    frame = parties(person("1", "Anna", "Petrova"), person("2", "Zoya", "Brusnikina"))
    taken = _cluster(frame).members["client_id"][0]
    crosswalk = schema.CROSSWALK.build([{"source": "gone", "key": "9", "client_id": taken}])
    assert taken not in set(_cluster(frame, crosswalk=crosswalk).members["client_id"])
