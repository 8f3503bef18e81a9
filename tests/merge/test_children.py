"""Child tables of a client: names, contacts, addresses, identifiers, consents."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from crm_etl.merge import Merged, merge
from tests.merge.factories import frames, migration, origin, party, related


def fold(*parties: dict[str, Any], **sources: pd.DataFrame) -> Merged:
    people, members = frames(*parties)
    return merge(people, members, sources, migration())


def test_best_name_of_each_script_romanized_where_none_is_latin_and_others() -> None:
    merged = fold(
        party("crm", "1", "c", name="Сара Ахмади", script="Cyrl", family="Ахмади", name_latin="Sara Akhmadi"),
        party("shop", "2", "c", name="سارا احمدی", script="Arab", name_latin="Sara Ahmadi", language="fa"),
        party("cards", "3", "c", name="Сара Ахмадова", script="Cyrl", other_names=["Sara Karimi", "Сара Ахмади"]),
    )
    names = merged.client_name.set_index("full_name")
    assert set(names.index) == {"Сара Ахмади", "سارا احمدی", "Sara Akhmadi", "Sara Karimi"}
    assert names.loc["Sara Akhmadi", "script"] == "Latn"
    assert names.loc["سارا احمدی", "language"] == "fa"
    assert list(names.index[names["is_primary"]]) == ["Сара Ахмади"]
    trail = merged.lineage[merged.lineage["field"] == "client_name"].set_index("value")
    assert trail.loc["Sara Akhmadi", "rule"] == "romanized"
    assert trail.loc["Sara Karimi", "rule"] == "union"
    assert json.loads(trail.loc["Сара Ахмади", "lost"])[0]["value"] == "Сара Ахмадова"


def test_phones_and_emails_are_the_union_and_the_trusted_first_is_primary() -> None:
    merged = fold(
        party("shop", "2", "c", phones=["+74950000001", "+79160000002"], emails=["b@x.ru"]),
        party("crm", "1", "c", phones=["+79160000002", "+79160000003"]),
        party("cards", "3", "d", phones=["+79160000002"]),
    )
    phones = merged.client_phone
    assert list(phones["phone"][phones["client_id"] == "c"]) == ["+79160000002", "+79160000003", "+74950000001"]
    assert list(phones["phone"][phones["is_primary"]]) == ["+79160000002", "+79160000002"]
    assert phones["row_id"].is_unique
    assert list(merged.client_email["is_primary"]) == [True]


def test_addresses_differ_by_place_not_by_spelling() -> None:
    place = {"country": "RU", "city": "moskva", "street": "lenina 1"}
    merged = fold(
        party("shop", "2", "c", **place, address_raw="улица Ленина, 1"),
        party("crm", "1", "c", **place, address_raw="ул. Ленина 1"),
        party("cards", "3", "c", country="RU"),
        party("crm", "8", "d", country="IR"),
    )
    addresses = merged.client_address
    assert list(addresses["client_id"]) == ["c", "d"]
    assert addresses.loc[0, "street"] == "ул. Ленина 1"
    assert addresses.loc[1, "country"] == "IR"
    assert addresses["is_primary"].all()


def test_identifiers_are_parted_at_the_first_colon() -> None:
    merged = fold(party("crm", "1", "c", identifiers=["other:a:b", "ru_inn:7707083893"]), party("shop", "2", "c"))
    assert list(merged.client_identifier["type"]) == ["other", "ru_inn"]
    assert list(merged.client_identifier["value"]) == ["a:b", "7707083893"]


def test_the_stricter_consent_wins_whatever_the_trust() -> None:
    optouts = related(
        "consent",
        {**origin("optouts", "1"), "client_source": "crm", "client_key": "1", "channel": "sms", "allowed": "no"}
        | {"since": "2020-02-02"},
        {**origin("optouts", "2"), "client_source": "crm", "client_key": "1", "channel": "sms", "allowed": "no"}
        | {"since": "2021-01-01"},
        {**origin("optouts", "3"), "client_source": "crm", "client_key": "1", "channel": "post"},
    )
    merged = fold(
        party("crm", "1", "c", consents=["email:yes", "sms:yes"]),
        party("cards", "3", "c", consents=["email:no"]),
        optouts=optouts,
    )
    answers = merged.client_consent.set_index("channel")
    assert dict(answers["allowed"]) == {"email": "no", "sms": "no"}
    assert answers.loc["sms", "since"] == "2021-01-01"
    trail = merged.lineage[merged.lineage["field"] == "client_consent"].set_index("value")
    assert set(trail["rule"]) == {"stricter"}
    assert json.loads(trail.loc["sms:no", "lost"]) == [{"source": "crm", "key": "1", "value": "sms:yes"}]
    assert list(merged.refused["reason"]) == ["incomplete_consent"]
