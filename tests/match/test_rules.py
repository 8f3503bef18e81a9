"""Blocking rules: what two records must share, and that slips in it do not keep them apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_etl.faults import Fault
from crm_etl.match import blocking
from crm_etl.match.encode import Parties
from crm_etl.match.rules import COPIES, RULES, rule_names, select
from crm_etl.migration import Matching
from tests.match.factories import organization, parties, person


def _rules_of(left: dict[str, Any], right: dict[str, Any]) -> set[str]:
    blocks = blocking.plan(Parties(parties(left, right)), Matching())
    bits = int(blocks.bits(np.array([0]), np.array([1]))[0])
    return {rule.name for place, rule in enumerate(blocks.rules) if bits >> place & 1}


@pytest.mark.parametrize(
    ("ours", "theirs", "rule"),
    [
        ({"phones": ["+79138783983"]}, {"phones": ["+989138783983;ext=7"]}, "phone"),
        ({"emails": ["anna@x.ru"]}, {"emails": ["b@x.ru", "anna@x.ru"]}, "email"),
        ({"emails": ["anna.petrova@x.ru"]}, {"emails": ["anna.petrova@y.ru"]}, "email_local"),
        ({"identifiers": ["ru_inn:7707083893"]}, {"identifiers": ["ru_snils:1", "ru_inn:7707083893"]}, "identifier"),
        ({"identifiers": ["other:4512345"]}, {"identifiers": ["other:4512354"]}, "identifier_slip"),
        ({"identifiers": ["passport:4512345"]}, {"identifiers": ["passport:451345"]}, "identifier_slip"),
        ({"birth_date": "1984-03-11", "city": "Kyiv"}, {"birth_date": "1984-11-03", "city": "Kyiv"}, "birth_place"),
        (
            {"birth_date": "1984-03-11", "city": "Kyiv", "postal_code": "01001"},
            {"birth_date": "1984-03-11", "city": "Lviv", "postal_code": "01001"},
            "birth_place",
        ),
        ({"city": "Kyiv", "street": "franka 7"}, {"city": "KYIV", "street": "franka 7"}, "address"),
        (
            {"postal_code": "01001", "street": "franka 7 kv 2"},
            {"postal_code": "01001", "street": "farnka 7 2"},
            "postal_house",
        ),
    ],
)
def test_records_with_other_names_meet(ours: dict[str, Any], theirs: dict[str, Any], rule: str) -> None:
    found = _rules_of(person("1", "Anna", "Petrov", **ours), person("2", "Viktor", "Zubko", **theirs))
    assert rule in found


@pytest.mark.parametrize(
    ("ours", "theirs", "rule"),
    [
        (("Anna", "Petrov"), ("Petrov", "Anna"), "birth_letter"),
        (("Anna", "Petrov"), ("Anna", "Petrow"), "name_year"),
        (("Anna", "Petrov"), ("", "Petrov"), "family_place"),
    ],
)
def test_records_with_a_name_in_common_meet(ours: tuple[str, str], theirs: tuple[str, str], rule: str) -> None:
    born = {"birth_date": "1984-03-11", "postal_code": "01001"}
    assert rule in _rules_of(person("1", *ours, **born), person("2", *theirs, **born))


def test_records_with_nothing_in_common_do_not_meet() -> None:
    ours = {"birth_date": "1984-03-11", "city": "Kyiv", "street": "franka 7", "identifiers": ["other:4512345"]}
    theirs = {"birth_date": "1991-07-30", "city": "Lviv", "street": "ruska 9", "identifiers": ["other:9912999"]}
    assert _rules_of(person("1", "Anna", "Petrov", **ours), person("2", "Viktor", "Zubko", **theirs)) == set()


def test_the_registration_code_of_a_branch_brings_nobody_together() -> None:
    ours, theirs = (
        organization(key, name, identifiers=["ru_kpp:773601001"]) for key, name in (("1", "Luch"), ("2", "Zagros"))
    )
    assert _rules_of(ours, theirs) == set()


def test_the_migration_file_chooses_rules_by_name() -> None:
    assert select(Matching()) == (*RULES, COPIES)
    assert [rule.name for rule in select(Matching(rules=("phone", "name")))] == ["name", "phone", "copies"]
    assert len(set(rule_names())) == len(rule_names())
    with pytest.raises(Fault, match="unknown blocking rules"):
        select(Matching(rules=("zodiac",)))
