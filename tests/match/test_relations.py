"""Relations between clients: found with their reasons, in the right direction, and never between one and the same."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.match.domains import is_free
from crm_etl.match.relations import RELATIONS, relate, words
from crm_etl.match.ties import Entries, between, within
from crm_etl.normalize import names
from tests.match.factories import organization, parties, person

PHONE, OTHER = "+79161234567", "+74952748172"


def related(*rows: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, float]]:
    """Relations of clients that are one record each, named by its key, with their reasons."""
    found = relate(*_frames(*rows)).relations
    assert list(found.columns) == schema.RELATIONS.names
    return {
        (row.relation, row.from_id, row.to_id): {each["reason"]: each["weight"] for each in json.loads(row.reasons)}
        for row in found.itertuples()
    }


def firm(key: str, text: str, **cells: Any) -> dict[str, Any]:
    """An organization with the keys of its name."""
    name = names.parse(text, names.Hints(kind="organization"))
    return organization(key, name.org_latin or text) | {"name": text, "name_keys": names.keys(name)} | cells


def _frames(*rows: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = parties(*rows)
    return frame, frame[["source", "key"]].assign(client_id=frame["key"])


def test_spouses_with_a_phone_are_a_household() -> None:
    found = related(
        person("1", "Ivan", "Petrov", phones=[PHONE], sex="m"),
        person("2", "Anna", "Petrov", phones=[f"{PHONE};ext=2"], sex="f"),
        person("3", "Oleg", "Sidorov", phones=[OTHER]),
    )
    assert found == {("household", "1", "2"): {"family": 4.0, "phone": 6.5}}


def test_who_could_be_one_and_the_same_is_no_household() -> None:
    assert related(person("1", "Ivan", "Petrov", phones=[PHONE]), person("2", "Ivan", "Petrov", phones=[PHONE])) == {}


def test_a_family_name_alone_is_no_household() -> None:
    place = {"city": "Moscow"}
    assert related(person("1", "Ivan", "Petrov", **place), person("2", "Anna", "Petrov", **place)) == {}


def test_colleagues_behind_a_switchboard_are_no_household_but_work_there() -> None:
    found = related(
        organization("9", "Vostok", phones=[OTHER]),
        person("1", "Ivan", "Petrov", phones=[f"{OTHER};ext=12"]),
        person("2", "Anna", "Petrova", phones=[OTHER]),
    )
    assert found == {("works_at", "1", "9"): {"extension": 7.0}, ("works_at", "2", "9"): {"phone": 5.0}}


def test_an_own_domain_tells_the_employer_and_a_free_one_does_not() -> None:
    found = related(
        organization("9", "Vostok", emails=["info@vostok.example"]),
        organization("8", "Zapad", emails=["zapad@gmail.com"]),
        person("1", "Ivan", "Petrov", emails=["ivan@vostok.example"]),
        person("2", "Anna", "Sidorova", emails=["anna@gmail.com"]),
    )
    assert found == {("works_at", "1", "9"): {"domain": 6.0}}
    assert is_free("gmail.com")
    assert is_free("mail.ru")
    assert not is_free("vostok.example")


def _trader(key: str, **cells: Any) -> dict[str, Any]:
    """An organization that is a person in business."""
    name = names.parse("ИП Иванов Пётр Сергеевич", names.Hints(kind="organization"))
    parts = {part: getattr(name, part) for part in ("family_latin", "given_latin", "patronymic_latin", "legal_form")}
    return firm(key, "ИП Иванов Пётр Сергеевич", **parts, **cells)


def test_a_person_and_the_sole_trader_that_they_are_trade_as_one_and_do_not_work_there() -> None:
    found = related(
        _trader("9", phones=[PHONE], identifiers=["ru_inn:500100732259"]),
        person("1", "Petr", "Ivanov", phones=[PHONE], identifiers=["ru_inn:500100732259"]),
        person("2", "Anna", "Ivanova", phones=[PHONE]),
    )
    assert found == {
        ("trades_as", "1", "9"): {"number": 8.0, "name": 5.0, "phone": 4.0},
        ("works_at", "2", "9"): {"phone": 5.0},
    }


def test_who_works_for_a_sole_trader_is_not_that_trader() -> None:
    shared = {"phones": [PHONE], "emails": ["shop@ivanov.example"], "city": "Omsk", "street": "Lenina 5"}
    found = related(_trader("9", **shared), person("1", "Anna", "Sidorova", **shared))
    assert [(relation, one, other) for relation, one, other in found] == [("works_at", "1", "9")]


def test_a_name_alone_makes_no_sole_trader_of_a_person_nor_does_a_company_of_that_name() -> None:
    assert related(_trader("9"), person("1", "Petr", "Ivanov", phones=[PHONE])) == {}
    company = organization("8", "Ivanov Petr", phones=[PHONE], family_latin="ivanov", given_latin="petr")
    assert related(company, person("1", "Petr", "Ivanov", phones=[PHONE])) == {("works_at", "1", "8"): {"phone": 5.0}}


def test_a_person_with_the_number_of_an_organization_works_there() -> None:
    number = "ru_inn:7707083893"
    rows = [firm("9", "ООО «Восток»", identifiers=[number]), person("1", "Ivan", "Petrov", identifiers=[number])]
    assert related(*rows) == {("works_at", "1", "9"): {"number": 5.0}}


def test_a_comment_that_names_an_organization_tells_the_employer() -> None:
    rows = [
        firm("9", "ООО «Восток Галактика»"),
        person("1", "Ivan", "Petrov", comment="director of “Vostok Galaktika” since May"),
        person("2", "Anna", "Sidorova", comment="asked for the vostok galaktika catalogue"),
    ]
    assert related(*rows) == {("works_at", "1", "9"): {"named": 5.0}}


def test_a_value_that_many_hold_counts_for_less_and_then_for_nothing() -> None:
    def staff(firms: int) -> dict[tuple[str, str, str], dict[str, float]]:
        offices = [organization(f"9{n}", f"Firm{n}", phones=[OTHER]) for n in range(firms)]
        return related(person("1", "Ivan", "Petrov", phones=[OTHER]), *offices)

    assert [reasons["phone"] for reasons in staff(2).values()] == [4.0, 4.0]
    assert staff(8) == {}


def test_a_branch_points_to_its_head_office() -> None:
    number = "ru_inn:7707083893"
    found = related(
        firm("1", "Vostok", identifiers=[number, "ru_kpp:770701001"]),
        firm("2", "Восток, филиал в г. Казань", identifiers=[number, "ru_kpp:165543001"]),
        firm("3", "Zapad", identifiers=["ru_inn:7736050003"]),
    )
    assert found == {("branch_of", "2", "1"): {"number": 8.0, "name": 4.0, "branch": 3.0, "division": 3.0}}


@pytest.mark.parametrize("differs", [{"identifiers": ["ru_inn:7736050003"]}, {"country": "UA"}])
def test_a_branch_of_another_organization_with_that_name_is_none(differs: dict[str, Any]) -> None:
    head = {"identifiers": ["ru_inn:7707083893"], "country": "RU"}
    branch = firm("2", "Восток, филиал в г. Казань", **(head | differs))
    assert related(firm("1", "Vostok", **head), branch) == {}
    alone = firm("2", "Восток, филиал в г. Казань", country="RU")
    assert list(related(firm("1", "Vostok", **head), alone)) == [("branch_of", "2", "1")]


def test_clients_of_several_records_are_related_once() -> None:
    frame = parties(
        person("1", "Ivan", "Petrov", phones=[PHONE]),
        person("2", "Ivan", "Petrov", phones=[PHONE], source="shop"),
        person("3", "Anna", "Petrov", phones=[PHONE]),
    )
    members = frame[["source", "key"]].assign(client_id=["a", "a", "b"])
    found = relate(frame, members)
    assert found.relations[["from_id", "to_id"]].to_numpy().tolist() == [["a", "b"]]
    assert found.facts == {"clients": 2, "household": 1, "trades_as": 0, "works_at": 0, "branch_of": 0}


def test_nothing_depends_on_the_order_of_the_records() -> None:
    frame, members = _frames(
        person("1", "Ivan", "Petrov", phones=[PHONE]),
        person("2", "Anna", "Petrov", phones=[PHONE]),
        organization("9", "Vostok", phones=[OTHER]),
        person("3", "Oleg", "Sidorov", phones=[OTHER]),
    )
    mixed = np.array([2, 0, 3, 1])
    again = relate(frame.iloc[mixed].reset_index(drop=True), members.iloc[mixed].reset_index(drop=True))
    pd.testing.assert_frame_equal(relate(frame, members).relations, again.relations)


def test_no_clients_no_relations() -> None:
    assert relate(*_frames()).relations.empty


def test_every_reason_has_words() -> None:
    assert all(
        words(relation.name, reason.name) == reason.words for relation in RELATIONS for reason in relation.reasons
    )


def test_ties_leave_out_what_too_many_hold() -> None:
    entries = Entries(np.array([0, 1, 2, 0, 3]), np.array([5, 5, 5, 6, 6]))
    tied = within(entries)
    assert list(zip(tied.one.tolist(), tied.other.tolist(), tied.sharing.tolist(), strict=True)) == [
        (0, 1, 2), (0, 2, 2), (0, 3, 1), (1, 2, 2),
    ]  # fmt: skip
    assert between(entries, entries, most=2).one.tolist() == [0, 3]
