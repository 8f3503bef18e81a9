"""Great Expectations at work: what it finds is what plain pandas finds, and no value gets out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import SuiteFault
from crm_etl.merge import merge
from crm_etl.quality import check, check_tables, gate, load_suite
from crm_etl.quality.suite import Suite, parse_suite
from tests.merge.factories import frames, migration, origin, party

TODAY = date(2026, 1, 1)
GOOD = {"kind": "person", "name": "Иван", "script": "Cyrl", "name_keys": ["ivan"], "phones": ["+79160000001"]}
SECRET = "Тайна"


def parties(*changes: dict[str, Any]) -> pd.DataFrame:
    return schema.PARTY.build(
        {**origin("crm", str(at)), **GOOD, "row": at + 1, **change} for at, change in enumerate(changes)
    )


def suite_of(*entries: tuple[str, dict[str, Any], str], **meta: Any) -> Suite:
    expectations = [
        {"type": kind, "kwargs": kwargs, "meta": {"severity": severity, "says": "as expected", **meta}}
        for kind, kwargs, severity in entries
    ]
    return parse_suite(json.dumps({"expectations": expectations}).encode(), "party", "party.json")


def failed(checks: pd.DataFrame) -> dict[str, int]:
    return dict(checks.loc[~checks["success"], ["check", "failed"]].to_numpy().tolist())


PEOPLE = parties(
    {},
    {"name": None},
    {"kind": "robot", "sex": "x"},
    {"birth_date": "2026-01-02"},
    {"birth_date": "1899-12-31"},
    {"birth_date": "1899-12-31", "kind": "organization"},
    {"birth_date": "31.12.1980"},
    {"phones": ["+79160000001", "89160000002"], "name": SECRET},
    {"emails": ["a@x.ru", "b@"], "country": "rus"},
    {"phones": ["+74950000001;ext=12", "+79160000001"], "emails": ["a@x.ru"], "balance": "-1.50", "currency": "RUB"},
)


def test_row_expectations_of_the_party_suite() -> None:
    gated = gate(PEOPLE, load_suite("party"), "party/crm", None, TODAY)
    assert len(gated.rows) + len(gated.refused) == len(PEOPLE)
    assert list(gated.rows["key"]) == ["0", "1", "4", "5", "9"]
    fields = dict(gated.refused[["key", "field"]].to_numpy().tolist())
    assert fields == {
        "2": "kind",
        "3": "birth_date:days_ago",
        "6": "birth_date",
        "7": "phones",
        "8": "country",
    }
    refused = gated.refused.set_index("key")
    assert refused.loc["2", "reason"] == "expect_column_values_to_be_in_set"
    assert refused.loc["2", "message"] == "kind is person or organization; sex is f or m"
    assert set(refused["stage"]) == {"quality"}
    told = failed(gated.checks)
    assert (told["emails_form"], told["name_present"], told["birth_date_recent"]) == (1, 1, 1)
    assert not gated.checks.loc[gated.checks["severity"] == "critical", "success"].eq(False).any()


def test_the_same_as_plain_pandas() -> None:
    checks = check(PEOPLE, load_suite("party"), "party/crm", today=TODAY).set_index("check")
    assert checks.loc["name_present", "failed"] == PEOPLE["name"].isna().sum() == 1
    assert checks.loc["kind_known", "failed"] == (~PEOPLE["kind"].isin(["person", "organization"])).sum() == 1
    wrong = ~PEOPLE["birth_date"].dropna().str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    assert checks.loc["birth_date_form", "failed"] == wrong.sum() == 1
    assert checks.loc["birth_date_form", "total"] == PEOPLE["birth_date"].notna().sum() == 4
    assert checks.loc["phones_few", "total"] == len(PEOPLE)
    assert checks.loc["source_key_unique", "success"]


def test_no_value_gets_into_the_checks() -> None:
    checks = check(PEOPLE, load_suite("party"), "party/crm", today=TODAY)
    text = checks.to_csv()
    assert SECRET not in text
    assert "8916" not in text
    assert set(checks.columns) == set(schema.CHECKS.names)


def test_original_cells_are_looked_up() -> None:
    raw = PEOPLE[["source", "key"]].assign(**{"raw:ФИО": PEOPLE["key"] + "?", "raw:Тел": pd.NA}).astype("string")
    refused = gate(PEOPLE, load_suite("party"), "party/crm", raw, TODAY).refused
    assert json.loads(refused.loc[0, "cells"]) == {"ФИО": "2?", "Тел": None}


def test_critical_failures_show() -> None:
    twice = pd.concat([PEOPLE.iloc[[0]], PEOPLE.iloc[[0]]], ignore_index=True)
    assert failed(check(twice, load_suite("party"), "party/crm"))["source_key_unique"] == 2
    nothing = gate(schema.PARTY.empty(), load_suite("party"), "party/crm")
    assert failed(nothing.checks) == {"some_rows": 1}
    assert len(nothing.rows) == len(nothing.refused) == 0


def test_critical_checks_look_at_the_rows_that_passed() -> None:
    suite = suite_of(
        ("expect_column_values_to_not_be_null", {"column": "name"}, "row"),
        ("expect_table_row_count_to_be_between", {"min_value": 1}, "critical"),
    )
    gated = gate(parties({"name": None}), suite, "party/crm")
    assert failed(gated.checks) == {"name_values_to_not_be_null": 1, "table_row_count_to_be_between": 1}


def test_shares_are_of_all_rows_and_row_index_does_not_matter() -> None:
    suite = suite_of(("expect_column_values_to_not_be_null", {"column": "name", "mostly": 0.9}, "row"))
    frame = PEOPLE.set_axis(range(100, 100 + len(PEOPLE)))
    gated = gate(frame, suite, "party/crm")
    assert list(gated.refused["key"]) == ["1"]
    assert bool(gated.checks.loc[0, "success"])


def test_raw_rows_with_lost_letters_leave() -> None:
    raw = schema.PARTY.build([origin("crm", "1"), origin("crm", "2"), origin("crm", "3")])[schema.ORIGIN_NAMES]
    raw = raw.assign(
        **{"raw:name": pd.array(["Иван", "Ив\ufffdн", "ÐŸÐµÑ‚Ñ€"], dtype="string[pyarrow]"), "raw:x": pd.NA}
    )
    gated = gate(raw, load_suite("raw"), "raw/crm", raw)
    assert list(gated.refused["key"]) == ["2"]
    assert failed(gated.checks) == {"no_lost_letters": 1, "no_mojibake": 1}


@pytest.mark.parametrize("entity", ["interaction", "transaction", "opportunity", "consent"])
def test_related_rows_are_gated_by_their_entity(entity: str) -> None:
    rows = schema.ENTITIES[entity].build([{**origin("s", "1"), "client_source": "crm", "client_key": "1"}])
    gated = gate(rows, load_suite("related"), "party/s")
    assert len(gated.rows) + len(gated.refused) == 1
    assert len(gated.checks) >= 6


def test_foreign_keys_between_the_client_tables() -> None:
    people, members = frames(party("crm", "1", "c", name="Иван", script="Cyrl", phones=["+79160000001"], owner="Ann"))
    merged = merge(people, members, {}, migration())
    suite = load_suite("target")
    assert failed(check_tables(merged.tables, suite)) == {}
    dangling = merged.tables | {"crm_user": schema.CRM_USER.empty(), "client": merged.client.assign(client_id="d")}
    checks = check_tables(dangling, suite)
    assert set(checks.loc[~checks["success"], "check"]) == {"client_exists", "owner_exists"}
    assert len(check(merged.client, load_suite("client"), "client/database")) == len(load_suite("client").expectations)


def test_two_primary_rows_of_a_client_are_found() -> None:
    rows = [{"row_id": str(at), "client_id": "c", "phone": f"+7916000000{at}", "is_primary": at < 2} for at in range(3)]
    phones = schema.CLIENT_PHONE.build(rows)
    assert failed(check(phones, load_suite("target"), "target/client_phone")) == {"one_primary": 2}


@pytest.mark.parametrize(
    ("kind", "kwargs", "says"),
    [
        ("expect_column_values_to_not_be_null", {"column": "nosuch"}, "no column 'nosuch'"),
        ("expect_column_values_to_not_be_null", {"column": "name:count:x"}, "no column"),
        ("expect_column_values_to_be_lucky", {"column": "name"}, "does not know"),
        ("expect_column_values_to_match_regex", {"column": "name", "regex": "("}, "could not be computed"),
        ("expect_column_values_to_be_between", {"column": "name", "min_value": 1}, "could not be computed"),
    ],
)
def test_expectations_that_do_not_fit_are_faults_without_values(kind: str, kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(SuiteFault, match=says) as caught:
        check(parties({"name": SECRET}), suite_of((kind, kwargs, "warn")), "party/crm")
    assert SECRET not in str(caught.value)
    assert caught.value.remedy


def test_an_override_is_run(tmp_path: Path) -> None:
    (tmp_path / "expectations").mkdir()
    entry = {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "name", "value_set": ["Иван"]},
        "meta": {"severity": "row", "says": "everybody is called Ivan"},
    }
    (tmp_path / "expectations" / "party.json").write_text(json.dumps({"name": "party", "expectations": [entry]}))
    gated = gate(PEOPLE, load_suite("party", tmp_path), "party/crm")
    assert list(gated.refused["key"]) == ["7"]
    assert len(gated.checks) == 1
