"""Addresses made of their owner's name, told from those that say more."""

from __future__ import annotations

from typing import Any

import pytest

from crm_etl.match.encode import Parties
from crm_etl.match.mailnames import named
from tests.match.factories import organization, parties, person


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("anna.petrova@x.ru", True),
        ("petrova.anna84@x.ru", True),
        ("a.petrova@x.ru", True),
        ("apetrova1984@x.ru", True),
        ("petrova@x.ru", True),
        ("Anna_Petrova@x.ru", True),
        ("anna.petrova4711@x.ru", False),
        ("petrova384@x.ru", False),
        ("b.petrova@x.ru", False),
        ("bluebird@x.ru", False),
        ("anna.petrova.omsk@x.ru", False),
        ("1984@x.ru", False),
        ("ap@x.ru", False),
    ],
)
def test_of_persons(address: str, expected: bool) -> None:
    encoded = Parties(parties(person("1", "Anna", "Petrova", emails=[address])))
    assert named(encoded).tolist() == [expected]


def test_of_firms_and_of_records_without_names() -> None:
    firm: dict[str, Any] = organization("1", "Romashka Trade", emails=["romashka@x.ru"])
    nobody = {"source": "crm", "key": "2", "kind": "person", "emails": ["romashka@y.ru"]}
    encoded = Parties(parties(firm, nobody))
    assert named(encoded).tolist() == [True, False]


@pytest.mark.parametrize(("boris", "expected"), [("0", [False, True]), ("2", [True, False])])
def test_other_holders_of_an_address_change_nothing(boris: str, expected: list[bool]) -> None:
    mailbox = ["anna.petrova@x.ru"]
    rows = person("1", "Anna", "Petrova", emails=mailbox), person(boris, "Boris", "Ivanov", emails=mailbox)
    assert named(Parties(parties(*sorted(rows, key=lambda row: str(row["key"]))))).tolist() == expected


def test_no_addresses() -> None:
    assert named(Parties(parties(person("1", "Anna", "Petrova")))).tolist() == []
