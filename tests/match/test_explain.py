"""Explanations: the waterfall in words, the tree that spans a client, and no value in either."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from crm_etl import schema
from crm_etl.faults import Fault
from crm_etl.match import Clustered
from crm_etl.match.encode import Parties
from crm_etl.match.engines.local import Linked, run
from crm_etl.match.explain import explain_client, explain_pair, explain_records, words
from crm_etl.match.model import restore
from crm_etl.match.verdicts import match_of, pairs_within
from tests.match.factories import MATCHING, parties, person

PHONE = "+79161234567"


CELLS = {"phones": [PHONE], "birth_date": "1984-03-21"}
PEOPLE = Parties(
    parties(
        *(person(key, "Anna", "Petrova", **CELLS) for key in "123"),
        person("4", "Boris", "Sidorenko"),
        person("5", "Anna", "Petrova", phones=[PHONE], identifiers=["ru_inn:1"]),
        person("6", "Anna", "Petrova", phones=[PHONE], identifiers=["ru_inn:2"]),
    )
)


@pytest.fixture(scope="module")
def linked() -> Linked:
    return run(PEOPLE, MATCHING, None, schema.CROSSWALK.empty())


@pytest.fixture(scope="module")
def clustered(linked: Linked) -> Clustered:
    return linked.clustered


def _two(linked: Linked, one: int, other: int) -> str:
    """The explanation of two records by position."""
    members = linked.clustered.members
    together = members["client_id"][one] == members["client_id"][other]
    match = match_of(PEOPLE, restore(linked.scored.model), one, other, together, MATCHING)
    return explain_records(match, members, linked.clustered.matches, schema.UNHEEDED.empty())


def test_a_pair_is_a_waterfall_in_words(clustered: Clustered) -> None:
    row = clustered.matches.iloc[0]
    text = explain_pair(row)
    assert "one client" in text
    assert "the same family and given name" in text
    assert "a phone in common" in text
    assert len(text.splitlines()) == len(json.loads(row["reasons"])) + 2


def test_a_client_is_spanned_by_its_strongest_pairs(clustered: Clustered) -> None:
    client = clustered.members["client_id"][0]
    size = int(clustered.members["size"][0])
    text = explain_client(client, clustered.members, clustered.matches).split("between this client and others:")[0]
    assert text.startswith(f"client {client}: {size} records")
    assert text.count("match weight") == size - 1 >= 2
    assert "of its pairs match; weakest link" in text


def test_two_records_that_were_never_compared_are_explained(linked: Linked) -> None:
    text = _two(linked, 0, 3)
    assert "crm:1 and crm:4: not one client: too little speaks for it" in text
    assert "another name" in text
    assert "crm:4 is of client" in text


def test_two_records_that_contradict_each_other_say_what_contradicts(linked: Linked) -> None:
    text = _two(linked, 5, 4)
    assert "crm:5 and crm:6: not one client: they contradict each other" in text
    assert "two valid numbers of one type that differ" in text


def test_a_fresh_comparison_is_the_one_that_clustering_kept(linked: Linked) -> None:
    kept = linked.clustered.matches.iloc[0]
    one, other = (int(kept[f"{side}_key"]) - 1 for side in ("left", "right"))
    fresh = match_of(PEOPLE, restore(linked.scored.model), one, other, True, MATCHING)
    assert fresh == kept.to_dict()


def test_records_that_meet_through_a_third_show_the_way() -> None:
    members = schema.MEMBERS.build({"source": "crm", "key": key, "client_id": "c1"} for key in "abc")
    sides = {"left_source": "crm", "right_source": "crm", "probability": 1.0, "reasons": "[]"}
    pairs = [("a", "b", 9.0, "match"), ("b", "c", 8.0, "match")]
    rows = [{"left_key": a, "right_key": b, "weight": w, "verdict": v, **sides} for a, b, w, v in pairs]
    apart = {"left_key": "a", "right_key": "c", "weight": -2.0, "verdict": "match", **sides}
    text = explain_records(apart, members, schema.MATCHES.build(rows), schema.UNHEEDED.empty())
    assert "they are joined through 1 more" in text
    assert text.index("crm:a and crm:b: one client") < text.index("crm:b and crm:c: one client")


def test_a_client_tells_what_speaks_against_it() -> None:
    members = schema.MEMBERS.build(
        {
            "source": "crm",
            "key": key,
            "client_id": "c1",
            "size": 2,
            "density": 0.4,
            "weakest": 5.0,
            "flags": "loose+bridge",
        }
        for key in "ab"
    )
    sides = {"left_source": "crm", "right_source": "crm", "probability": 1.0, "reasons": "[]"}
    pairs = [("a", "b", -3.0, "match"), ("b", "z", 8.0, "review")]
    rows = [{"left_key": a, "right_key": b, "weight": w, "verdict": v, **sides} for a, b, w, v in pairs]
    text = explain_client("c1", members, schema.MATCHES.build(rows))
    assert "40% of its pairs match; weakest link +5.00" in text
    assert "to look at: it matches records of other clients" in text
    assert "within the client, against it:\n\ncrm:a and crm:b" in text
    assert "between this client and others:\n\ncrm:b and crm:z: a person must look" in text


def _match(left: str, right: str, weight: float, verdict: str, *reasons: tuple[str, str]) -> dict[str, Any]:
    """A row of MATCHES between records of source crm."""
    told = [{"comparison": name, "level": level, "weight": 0.0} for name, level in reasons]
    sides = {"left_source": "crm", "left_key": left, "right_source": "crm", "right_key": right}
    return sides | {"weight": weight, "probability": 0.5, "verdict": verdict, "reasons": json.dumps(told)}


def test_what_contradicts_within_a_client_is_told_whatever_it_weighs_and_first() -> None:
    members = schema.MEMBERS.build({"source": "crm", "key": key, "client_id": "c1"} for key in "abcd")
    kept = [
        _match("a", "b", 9.0, "match"),
        _match("b", "c", 8.0, "match"),
        _match("c", "d", 7.0, "match"),
        _match("a", "c", 3.0, "match", ("contradiction", "identifiers")),
        _match("a", "d", 2.0, "match", ("decision", "different")),
    ]
    light = [_match("b", "d", -9.0, "match")]
    text = explain_client("c1", members, schema.MATCHES.build(kept), light)
    against = text.split("within the client, against it:")[1]
    assert [against.index(pair) for pair in ("crm:a and crm:d", "crm:a and crm:c", "crm:b and crm:d")] == sorted(
        against.index(pair) for pair in ("crm:a and crm:d", "crm:a and crm:c", "crm:b and crm:d")
    )
    assert "crm:b and crm:c" not in against


def test_of_many_pairs_against_a_client_the_worst_are_shown_and_the_others_counted() -> None:
    members = schema.MEMBERS.build({"source": "crm", "key": key, "client_id": "c1"} for key in "abcde")
    kept = [_match("a", key, 5.0, "match", ("decision", "same")) for key in "bcde"]
    light = [_match(one, other, -float(ord(other)), "match") for one, other in combinations("bcde", 2)]
    text = explain_client("c1", members, schema.MATCHES.build(kept), light)
    assert text.count("-101.00") == 3
    assert text.endswith("and 1 more pair against it")


def test_a_verdict_says_who_keeps_two_records_apart() -> None:
    said = explain_pair(_match("a", "b", 9.0, "forbidden", ("name", "same"), ("decision", "different")))
    assert "not one client: a person called them different" in said.splitlines()[0]
    both = explain_pair(_match("a", "b", 9.0, "forbidden", ("contradiction", "sex"), ("decision", "different")))
    assert "they contradict each other" in both.splitlines()[0]
    kinds = explain_pair(_match("a", "b", 0.0, "forbidden", ("kind", "differs"), ("decision", "different")))
    assert kinds.splitlines() == [
        "crm:a and crm:b: not one client: one is a person, the other an organization",
        "  a person called them different",
    ]


def test_every_pair_within_a_client_is_judged_with_its_contradiction(linked: Linked) -> None:
    models = restore(linked.scored.model)
    found = pairs_within(PEOPLE, models, np.array([5, 4, 3]), MATCHING)
    assert set(found["verdict"]) == {"match"}
    pairs = zip(found["left_key"], found["right_key"], strict=True)
    assert dict(zip(pairs, found["reasons"].str.contains("contradiction"), strict=True)) == {
        ("4", "5"): False,
        ("4", "6"): False,
        ("5", "6"): True,
    }


def test_a_single_record_and_an_unknown_client(clustered: Clustered) -> None:
    single = clustered.members["client_id"][3]
    assert explain_client(single, clustered.members, clustered.matches).endswith("crm:4")
    with pytest.raises(Fault, match="no client 'cnone'"):
        explain_client("cnone", clustered.members, clustered.matches)


def test_no_value_is_shown(clustered: Clustered) -> None:
    text = explain_client(clustered.members["client_id"][0], clustered.members, clustered.matches)
    assert not any(value in text + clustered.matches.to_json() for value in (PHONE, "1984", "Petrov", "petrov"))


def test_every_level_has_words() -> None:
    assert words("decision", "same") == "a person called them the same"
    assert words("organization", "same") == "the same name"
    assert words("name", "same") == "the same family and given name"


def test_what_forbids_a_pair_is_said(linked: Linked) -> None:
    assert "identifiers contradict: not one client, whatever else agrees" in _two(linked, 4, 5)
    assert "contradict" not in _two(linked, 0, 1)
    assert words("contradiction", "birth_date+name").startswith("birth date and name contradict")
