"""Explanations: the waterfall in words, the tree that spans a client, and no value in either."""

from __future__ import annotations

import json

import pytest

from crm_etl import schema
from crm_etl.faults import Fault
from crm_etl.match import Clustered
from crm_etl.match.engines.local import run
from crm_etl.match.explain import explain_client, explain_pair, words
from tests.match.factories import MATCHING, parties, person

PHONE = "+79161234567"


@pytest.fixture(scope="module")
def clustered() -> Clustered:
    cells = {"phones": [PHONE], "birth_date": "1984-03-21"}
    frame = parties(*(person(key, "Anna", "Petrova", **cells) for key in "123"), person("4", "Boris", "Sidorenko"))
    return run(frame, MATCHING, None, schema.CROSSWALK.empty()).clustered


def test_a_pair_is_a_waterfall_in_words(clustered: Clustered) -> None:
    row = clustered.matches.iloc[0]
    text = explain_pair(row)
    assert "one client" in text
    assert "the same family and given name" in text
    assert "a phone in common" in text
    assert len(text.splitlines()) == len(json.loads(row["reasons"])) + 2


def test_a_client_is_spanned_by_its_strongest_pairs(clustered: Clustered) -> None:
    client = clustered.members["client_id"][0]
    text = explain_client(client, clustered.members, clustered.matches)
    assert text.startswith(f"client {client}: 3 records")
    assert text.count("match weight") == 2


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
