"""Each survivorship rule decides as it says, and says so."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from crm_etl.merge import Merged, merge
from tests.merge.factories import frames, migration, party


def fold(*parties: dict[str, Any], rules: str = "") -> Merged:
    people, members = frames(*parties)
    return merge(people, members, {}, migration(rules))


def told(merged: Merged, field: str) -> dict[str, Any]:
    rows = merged.lineage[merged.lineage["field"] == field]
    assert len(rows) == 1
    return dict(rows.iloc[0])


def test_only_value_and_same_everywhere() -> None:
    merged = fold(party("crm", "1", "c", sex="f"), party("shop", "2", "c", branch="north"), party("cards", "3", "c"))
    assert told(merged, "sex")["rule"] == "only_value"
    assert told(merged, "branch")["source"] == "shop"
    assert told(merged, "kind")["rule"] == "same_everywhere"
    assert told(merged, "kind")["source"] == "crm"


def test_trusted_source_wins_and_the_losers_are_told() -> None:
    merged = fold(party("cards", "3", "c", segment="a"), party("shop", "2", "c", segment="b"))
    assert merged.client.loc[0, "segment"] == "b"
    row = told(merged, "segment")
    assert (row["rule"], row["source"], row["key"]) == ("trusted", "shop", "2")
    assert json.loads(row["lost"]) == [{"source": "cards", "key": "3", "value": "a"}]


def test_recent_decides_within_a_source() -> None:
    merged = fold(
        party("crm", "1", "c", segment="old", updated_at="2020-01-01"),
        party("crm", "2", "c", segment="new", updated_at="2020-01-01T08:00:00"),
        party("crm", "3", "c", segment="undated"),
    )
    assert merged.client.loc[0, "segment"] == "new"
    assert told(merged, "segment")["rule"] == "recent"


def test_declared_order_goes_before_trust() -> None:
    rules = "fields: {segment: [frequent, trusted]}"
    merged = fold(
        party("crm", "1", "c", segment="a"),
        party("shop", "2", "c", segment="b"),
        party("cards", "3", "c", segment="b"),
        rules=rules,
    )
    assert merged.client.loc[0, "segment"] == "b"
    assert told(merged, "segment")["rule"] == "frequent"


def test_longest_and_then_the_alphabet() -> None:
    rules = "fields: {segment: [longest]}"
    assert (
        fold(party("crm", "1", "c", segment="zz"), party("shop", "2", "c", segment="abc"), rules=rules).client.loc[
            0, "segment"
        ]
        == "abc"
    )
    merged = fold(party("crm", "1", "c", segment="zzz"), party("shop", "2", "c", segment="abc"), rules=rules)
    assert merged.client.loc[0, "segment"] == "abc"
    assert told(merged, "segment")["rule"] == "alphabet"


def test_name_language_and_latin_name_come_from_one_record() -> None:
    merged = fold(
        party("crm", "1", "c", name="Petrov Ivan", script="Latn", language="en", name_latin="Petrov Ivan"),
        party("shop", "2", "c", name="Петров Иван", script="Cyrl", language="ru", name_latin="Petrov Iwan"),
    )
    client = merged.client.iloc[0]
    assert (client["display_name"], client["latin_name"], client["language"]) == ("Петров Иван", "Petrov Iwan", "ru")
    assert told(merged, "display_name")["rule"] == "native_script"
    assert told(merged, "latin_name")["key"] == told(merged, "language")["key"] == "2"


def test_declared_name_rules_replace_the_native_script() -> None:
    merged = fold(
        party("crm", "1", "c", name="Petrov Ivan", script="Latn"),
        party("shop", "2", "c", name="Петров Иван", script="Cyrl"),
        rules="fields: {display_name: [trusted]}",
    )
    assert merged.client.loc[0, "display_name"] == "Petrov Ivan"


def test_a_client_of_two_kinds_is_described_by_its_records_of_one() -> None:
    merged = fold(
        party("crm", "1", "c", kind="organization", name="ИП Ким", legal_form="sole_trader", birth_date="2014-06-29"),
        party(
            "shop", "2", "c", name="Анна Ким", sex="f", birth_date="1984-03-21", updated_at="2026-01-01", segment="a"
        ),
        rules="default: [recent]\nfields: {kind: [trusted]}",
    )
    client = merged.client.iloc[0]
    assert (client["kind"], client["display_name"], client["birth_date"]) == ("organization", "ИП Ким", "2014-06-29")
    assert pd.isna(client["sex"])
    assert client["segment"] == "a"
    assert set(merged.client_name["full_name"]) >= {"ИП Ким", "Анна Ким"}
    assert merged.client_name.loc[merged.client_name["is_primary"], "full_name"].tolist() == ["ИП Ким"]


def test_a_client_whose_kind_has_no_name_takes_one_where_it_is() -> None:
    merged = fold(
        party("crm", "1", "c", kind="organization", name=None), party("shop", "2", "c", name="Анна Ким", sex="f")
    )
    assert (merged.client.loc[0, "kind"], merged.client.loc[0, "display_name"]) == ("organization", "Анна Ким")


def test_balances_are_added_exactly() -> None:
    merged = fold(
        party("crm", "1", "c", balance="0.10", currency="RUB"),
        party("shop", "2", "c", balance="9007199254740993.20", currency="RUB"),
    )
    assert tuple(merged.client.loc[0, ["balance", "currency"]]) == ("9007199254740993.30", "RUB")
    row = told(merged, "balance")
    assert row["rule"] == "sum"
    assert row["value"] == "9007199254740993.30"
    assert [part["value"] for part in json.loads(row["lost"])] == ["0.10 RUB", "9007199254740993.20 RUB"]


@pytest.mark.parametrize("other", ["USD", None])
def test_balances_in_other_currencies_are_not_added(other: str | None) -> None:
    merged = fold(
        party("shop", "2", "c", balance="5.00", currency=other), party("crm", "1", "c", balance="1.00", currency="RUB")
    )
    assert tuple(merged.client.loc[0, ["balance", "currency"]]) == ("1.00", "RUB")
    assert told(merged, "balance")["rule"] == "trusted"
    assert merged.facts["notes"] == {"balance:currencies_differ": 1}


def test_balances_in_the_preferred_currency_are_added_and_others_stay_in_the_lineage() -> None:
    merged = fold(
        party("crm", "1", "c", balance="1.00", currency="RUB"),
        party("shop", "2", "c", balance="5.00", currency="USD"),
        party("shop", "3", "c", balance="2.50", currency="RUB"),
    )
    assert tuple(merged.client.loc[0, ["balance", "currency"]]) == ("3.50", "RUB")
    assert told(merged, "balance")["rule"] == "sum"
    assert "5.00 USD" in told(merged, "balance")["lost"]


def test_a_currency_without_balance_is_kept() -> None:
    merged = fold(party("shop", "2", "c", currency="IRR"), party("crm", "1", "c"))
    assert merged.client.loc[0, "currency"] == "IRR"
    assert told(merged, "currency")["rule"] == "only_value"


def test_earliest_creation_and_joined_comments() -> None:
    merged = fold(
        party("crm", "1", "c", created_at="2015-05-05", comment="a"),
        party("shop", "2", "c", created_at="2011-01-01", comment="b"),
        party("cards", "3", "c", comment="a"),
    )
    assert merged.client.loc[0, "created_at"] == "2011-01-01"
    assert told(merged, "created_at")["rule"] == "earliest"
    assert merged.client.loc[0, "comment"] == "a\nb"
    assert told(merged, "comment")["rule"] == "joined"


def test_owners_become_users_without_case_and_blanks() -> None:
    merged = fold(
        party("crm", "1", "c", owner="Anna  Kim "), party("shop", "2", "c", owner="anna kim"), party("crm", "9", "d")
    )
    assert len(merged.crm_user) == 1
    assert merged.client.loc[0, "owner"] == merged.crm_user.loc[0, "user_id"]
    assert told(merged, "owner")["rule"] == "same_everywhere"
    assert merged.client.loc[1, "owner"] is pd.NA
