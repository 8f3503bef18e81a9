"""What holds for any parties: nobody is lost, all is explained, order does not matter."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.merge import merge
from tests.merge.factories import SOURCES, frames, migration, origin, party, related

MIGRATION = migration()


def maybe(values: list[str]) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *values])


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=3, unique=True)


FIELDS = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["c1", "c2", "c3"]),
        "name": maybe(["Иван", "Ivan", "ایوان", "Иоанн", "123"]),
        "name_latin": maybe(["Ivan", "Ioann"]),
        "script": maybe(["Cyrl", "Latn", "Arab", "Zyyy"]),
        "language": maybe(["ru", "en"]),
        "other_names": some(["Vanya", "Ваня", "Иван"]),
        "phones": some(["+79160000001", "+79160000002"]),
        "emails": some(["a@x.ru", "b@x.ru"]),
        "identifiers": some(["ru_inn:1", "other:2"]),
        "consents": some(["email:yes", "email:no", "sms:yes"]),
        "country": maybe(["RU", "IR"]),
        "city": maybe(["moskva", "tehran"]),
        "address_raw": maybe(["somewhere"]),
        "balance": maybe(["1.10", "-2"]),
        "currency": maybe(["RUB", "USD"]),
        "owner": maybe(["Anna", "ANNA", " bob "]),
        "segment": maybe(["a", "b", "cc"]),
        "comment": maybe(["x", "y"]),
        "created_at": maybe(["2020-01-01", "2019-05-05T10:00:00"]),
        "updated_at": maybe(["2021-01-01", "2022-01-01"]),
    }
)
CALLS = st.lists(st.tuples(st.sampled_from(SOURCES), maybe(["0", "1", "2", "9"])), max_size=6)


def build(rows: list[dict[str, Any]], calls: list[tuple[str, str | None]]) -> tuple[Any, ...]:
    parties = [party(SOURCES[at % 3], str(at), fields.pop("client"), **fields) for at, fields in enumerate(rows)]
    people, members = frames(*parties)
    refs = [{"client_source": source, "client_key": key} for source, key in calls]
    return people, members, related("interaction", *({**origin("calls", str(n)), **r} for n, r in enumerate(refs)))


@settings(max_examples=20, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=7), CALLS, st.randoms(use_true_random=False))
def test_balance_lineage_and_order(
    rows: list[dict[str, Any]], calls: list[tuple[str, str | None]], dice: random.Random
) -> None:
    people, members, interactions = build([dict(row) for row in rows], calls)
    merged = merge(people, members, {"calls": interactions}, MIGRATION)

    told = set(members.loc[people["name"].notna().to_numpy(), "client_id"])
    nameless = merged.refused["reason"] == "name_missing"
    assert list(merged.client["client_id"]) == sorted(told)
    assert int(nameless.sum()) == int((~members["client_id"].isin(told)).sum())
    assert len(merged.interaction) + int((~nameless).sum()) == len(interactions)
    for name, table in schema.CLIENT_TABLES.items():
        assert merged.tables[name][table.names[0]].is_unique, name
    _every_value_has_its_lineage(merged.client, merged.lineage)
    _every_child_has_its_lineage(merged)
    for name in ("client_phone", "client_email", "client_address"):
        frame = merged.tables[name]
        assert (frame.groupby("client_id")["is_primary"].sum() == 1).all()
    named = merged.client["client_id"][merged.client["display_name"].notna()]
    primary = merged.client_name.loc[merged.client_name["is_primary"], "client_id"]
    assert sorted(named) == sorted(primary)

    order = list(range(len(people)))
    dice.shuffle(order)
    again = merge(people.iloc[order], members, {"calls": interactions.iloc[::-1]}, MIGRATION)
    for name in schema.CLIENT_TABLES:
        pd.testing.assert_frame_equal(merged.tables[name], again.tables[name])
    pd.testing.assert_frame_equal(merged.lineage, again.lineage)


def _every_value_has_its_lineage(client: pd.DataFrame, lineage: pd.DataFrame) -> None:
    values = client.melt(id_vars="client_id", var_name="field").dropna()
    of_client = lineage[lineage["field"].isin(client.columns)]
    columns = ["client_id", "field", "value"]
    assert sorted(map(tuple, values[columns].to_numpy())) == sorted(map(tuple, of_client[columns].to_numpy()))


def _every_child_has_its_lineage(merged: Any) -> None:
    counts = merged.lineage["field"].value_counts()
    for name in schema.CLIENT_TABLES:
        if name.startswith("client_") and name != "client_transaction":
            assert counts.get(name, 0) == len(merged.tables[name]), name
