from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.migration import ExcelSource
from crm_etl.normalize import normalize
from tests.normalize.frames import raw, source

CLIENT = source(
    {
        "name": "fio",
        "phones": ["tel", "tel2"],
        "emails": "mail",
        "birth_date": {"column": "dob", "format": "%d.%m.%Y"},
        "identifiers": {"column": "inn", "type": "ru_inn"},
        "address": "addr",
        "balance": "bal",
        "currency": "cur",
        "consent_email": "mailing",
        "status": {"column": "st", "map": {"Активный": "active", "бывший": "former"}},
        "comment": "note",
    },
    null_tokens=["-", "NULL"],
)
COLUMNS = ["fio", "tel", "tel2", "mail", "dob", "inn", "addr", "bal", "cur", "mailing", "st", "note"]
GOOD = {
    "fio": "Иванов Иван Иванович",
    "tel": "8 (916) 123-45-67 доб. 12, звонить после 6",
    "tel2": "9161234568.0",
    "mail": "Ivanov@Mail.RU; test@test",
    "dob": "01.02.1984",
    "inn": "7707083893",
    "addr": "101000, г. Москва, ул. Мясницкая, д. 5",
    "bal": "1 234.50",
    "cur": "руб.",
    "mailing": "да",
    "st": " активный ",
    "note": "VIP",
}


def one(**changes: str | None) -> Any:
    return normalize(raw([{**GOOD, **changes}], COLUMNS), CLIENT)


def test_a_street_of_its_own_column_is_shown_without_the_place() -> None:
    apart = source({"name": "n", "region": "r", "city": "c", "postal_code": "p", "street": "s"})
    cells = {"n": "Иванов Иван", "r": "обл. Московская", "c": "Москва", "p": "101000", "s": "ул. Мясницкая, д. 5"}
    row = normalize(raw([cells], list(cells)), apart).rows.iloc[0]
    assert (row["address_raw"], row["city"], row["postal_code"]) == ("ул. Мясницкая, д. 5", "Moscow", "101000")
    placed = normalize(raw([cells | {"s": None}], list(cells)), apart).rows.iloc[0]
    assert pd.isna(placed["address_raw"])


def test_a_whole_party() -> None:
    result = one()
    assert result.facts["accepted"] == 1
    row = result.rows.iloc[0].to_dict()
    assert row["phones"] == ["+79161234567;ext=12", "+79161234568"]
    assert row["phones_raw"] == f"{GOOD['tel']}; {GOOD['tel2']}"
    assert row["emails"] == ["ivanov@mail.ru"]
    assert row["birth_date"] == "1984-02-01"
    assert row["identifiers"] == ["ru_inn:7707083893"]
    assert (row["country"], row["city"], row["postal_code"]) == ("RU", "Moscow", "101000")
    assert (row["balance"], row["currency"], row["status"], row["sex"]) == ("1234.50", "RUB", "active", "m")
    assert row["consents"] == ["email:yes"]
    assert row["comment"] == "VIP; звонить после 6"
    assert row["notes"] == ["phones:float_fixed", "emails:placeholder"]
    assert result.facts["notes"] == {"emails:placeholder": 1, "phones:float_fixed": 1}
    assert list(result.rows.columns) == schema.PARTY.names


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"fio": "-"}, "name", "name_missing"),
        ({"fio": "нет данных"}, "name", "name_missing"),
        ({"fio": "????? ????"}, "name", "lost_before_delivery"),
        ({"fio": "Ив?нов Пётр"}, "name", "lost_before_delivery"),
        ({"fio": "Иван\ufffdв Пётр"}, "name", "lost_before_delivery"),
        ({"fio": "Иванов\x00"}, "name", "control_characters"),
        ({"tel": "9.16123E+09"}, "phones", "digits_lost"),
        ({"dob": "31.02.1984"}, "birth_date", "bad_date"),
        ({"dob": "01.02.1363"}, "birth_date", "bad_date"),
        ({"bal": "98 M"}, "balance", "bad_amount"),
        ({"st": "спящий"}, "status", "unmapped_value"),
        ({"mailing": "может быть"}, "consent_email", "unmapped_value"),
        ({"mail": "ивanov@mail.ru"}, "emails", "email_homoglyph"),
        ({"cur": "фантик"}, "currency", "unknown_currency"),
    ],
)
def test_what_is_refused(changes: dict[str, str], field: str, reason: str) -> None:
    result = one(**changes)
    assert len(result.rows) == 0
    row = result.refused.iloc[0]
    assert (row["stage"], row["field"], row["reason"], row["line"]) == ("normalize", field, reason, 2)
    assert json.loads(row["cells"]) == {**GOOD, **changes}
    assert not any(value in row["message"] for value in changes.values() if len(value) > 1)
    assert result.facts["refused"] == {reason: 1}


@pytest.mark.parametrize(
    ("cells", "accepted"),
    [
        ({"i": "4137877"}, True),
        ({"b": "1850-02-01", "s": "Mill Lane 5"}, True),
        ({"b": "1984-02-01", "t": "+79161234567"}, True),
        ({"b": "1984-02-01"}, False),
        ({"t": "+79161234567", "s": "Mill Lane 5"}, False),
        ({"i": "4137877", "n": "????"}, False),
        ({"i": "4137877", "k": "organization"}, False),
    ],
)
def test_a_person_without_a_name_goes_on_where_something_else_tells_who_it_is(
    cells: dict[str, str], accepted: bool
) -> None:
    rules = {
        "kind": "k",
        "name": "n",
        "birth_date": {"column": "b", "format": "%Y-%m-%d"},
        "phones": "t",
        "street": "s",
        "identifiers": {"column": "i", "type": "other"},
    }
    result = normalize(raw([{"k": "person", "n": "-", **cells}], list("knbtsi")), source(rules, country="GB"))
    assert result.rows["name"].isna().tolist() == [True] * accepted
    reason = "lost_before_delivery" if "n" in cells else "name_missing"
    assert result.refused["reason"].tolist() == [reason] * (not accepted)
    assert result.rows["birth_date"].dropna().tolist() == [
        cells[field] for field in ("b",) if accepted and field in cells
    ]


def test_warn_keeps_the_row() -> None:
    lenient = source({"name": "n", "birth_date": {"column": "d", "format": "%Y-%m-%d", "on_error": "warn"}})
    result = normalize(raw([{"n": "Анна Ким", "d": "вчера"}], ["n", "d"]), lenient)
    row = result.rows.iloc[0]
    assert row["notes"] == ["birth_date:bad_date"]
    assert pd.isna(row["birth_date"])
    assert row["birth_date_raw"] == "вчера"


def test_name_parts_from_columns_and_a_full_name_in_one_of_them() -> None:
    parted = source({"family": "f", "given": "g", "patronymic": "p"})
    rows = [{"f": "Ковальська", "g": "Олена", "p": "Петрівна"}, {"f": "Иванов Иван Иванович"}]
    result = normalize(raw(rows, ["f", "g", "p"]), parted).rows
    assert result["family_latin"].tolist() == ["kovalskyi", "ivanov"]
    assert result["given"].tolist() == ["Олена", "Иван"]
    assert result["patronymic"].tolist() == ["Петрівна", "Иванович"]


def test_other_names_give_keys_too() -> None:
    both = source({"name": "n", "other_names": "o"})
    result = normalize(raw([{"n": "محمدرضا حسینی", "o": "Hosseini, Reza"}], ["n", "o"]), both).rows.iloc[0]
    alone = normalize(raw([{"n": "Hosseini, Reza"}], ["n", "o"]), both).rows.iloc[0]
    assert result["other_names"] == ["Hosseini, Reza"]
    assert set(alone["name_keys"]) < set(result["name_keys"])


@pytest.mark.parametrize(
    ("cell", "display", "others", "comment"),
    [
        ("Анна Иванова (урожд. Петрова)", "Анна Иванова", ["Анна Петрова"], "VIP"),
        ("Иванова (Петрова) Анна Сергеевна", "Иванова Анна Сергеевна", ["Петрова Анна Сергеевна"], "VIP"),
        ("Maria Garcia née Lopez", "Maria Garcia", ["Maria Lopez"], "VIP"),
        ("Александр (Саша) Иванов", "Александр Иванов", ["Саша Иванов"], "VIP"),
        ("Саша (Шурик)", "Саша", [], "VIP; Шурик"),
        ("علی رضایی (Ali Rezaei)", "علی رضایی", ["Ali Rezaei"], "VIP"),
        ("Ivanov (Иванов) Ivan", "Ivanov Ivan", [], "VIP; Иванов"),
        ("John Smith aka Johnny Rotten", "John Smith", ["Johnny Rotten"], "VIP"),
        ("Иван и Мария Петровы", "Иван Петров", [], "VIP; Мария Петрова"),
        ("William Pitt, 1st Earl of Chatham", "William Pitt", ["William Chatham"], "VIP"),
        ("Петров Пётр - умер", "Петров Пётр", [], "VIP; умер"),
        ("ООО «Ромашка» (Camomile LLC)", "ООО «Ромашка» (Camomile LLC)", ["Camomile"], "VIP"),
        ("ООО Ромашка (Москва)", "ООО Ромашка (Москва)", [], "VIP"),
        ("ООО Ромашка (не работает)", "ООО Ромашка (не работает)", [], "VIP"),
    ],
)
def test_what_stands_beside_a_name_is_kept(cell: str, display: str, others: list[str], comment: str) -> None:
    row = one(fio=cell, tel=None).rows.iloc[0]
    assert (row["name"], list(row["other_names"]), row["comment"]) == (display, others, comment)
    assert row["name_raw"] == cell


def test_a_former_name_gives_keys_too() -> None:
    keys = [set(one(fio=cell).rows.iloc[0]["name_keys"]) for cell in ("Анна Иванова (Петрова)", "Анна Петрова")]
    assert keys[1] < keys[0]


def test_related_rows() -> None:
    sales = source(
        {
            "occurred_at": {"column": "at", "format": "%Y/%m/%d", "calendar": "jalali"},
            "type": {"constant": "sale"},
            "amount": "sum",
            "currency": {"constant": "IRR"},
        },
        entity="transaction",
        client={"source": "crm", "column": "who"},
    )
    rows = [
        {"at": "۱۴۰۲/۰۳/۱۵", "sum": "1,500", "who": "7"},
        {"at": "1402/12/30", "sum": "1", "who": "7"},
        {"sum": "1"},
    ]
    result = normalize(raw(rows, ["at", "sum", "who"]), sales)
    assert result.rows.iloc[0][
        ["occurred_at", "type", "amount", "currency", "client_source", "client_key"]
    ].tolist() == [
        "2023-06-05",
        "sale",
        "1500",
        "IRR",
        "crm",
        "7",
    ]
    assert result.refused["reason"].tolist() == ["bad_date", "client_missing"]


def test_references_are_cleaned_as_keys_are_and_no_further() -> None:
    sales = source(
        {"amount": "sum"}, entity="transaction", client={"source": "crm", "column": "who"}, null_tokens=["нет"]
    )
    cells = [" A  1\xa0", "\u200b7", "и\u0306", "нет", "\u200b", "nan", "1e5", "007"]
    result = normalize(raw([{"sum": "1", "who": cell} for cell in cells], ["sum", "who"]), sales)
    assert result.rows["client_key"].tolist() == ["A  1", "7", "и\u0306", "nan", "1e5", "007"]
    assert result.refused["reason"].tolist() == ["client_missing"] * 2


def test_typed_cells_of_a_workbook() -> None:
    workbook = ExcelSource.model_validate(
        {
            "name": "book",
            "connector": "excel",
            "path": "a.xlsx",
            "sheet": "s",
            "key": "id",
            "decimal": ",",
            "fields": {
                "name": "name",
                "birth_date": {"column": "born", "format": "%Y/%m/%d", "calendar": "jalali"},
                "balance": "sum",
            },
        }
    )
    rows = [
        {"name": "Ali", "born": "1402/03/15", "sum": "1 234,5"},
        {"name": "Ali", "born": "2023-06-05", "sum": "1234.5"},
        {"name": "Ali", "born": "2023-06-05T00:00:00", "sum": "12.345"},
    ]
    result = normalize(raw(rows, ["name", "born", "sum"]), workbook)
    assert result.rows["birth_date"].tolist() == ["2023-06-05"] * 2
    assert result.rows["balance"].tolist() == ["1234.5"] * 2
    assert result.refused["reason"].tolist() == ["bad_amount"]


@pytest.mark.parametrize("field", ["name", "phones", "emails", "identifiers", "address", "birth_date", "balance"])
def test_cells_beyond_all_measure_are_refused_at_once(field: str) -> None:
    rules: dict[str, Any] = {"identifiers": {"column": "x", "type": "other"}}
    rules["birth_date"] = {"column": "x", "format": "%d.%m.%Y"}
    client = source({"name": "n", "country": "c", **({} if field == "name" else {field: rules.get(field, "x")})})
    hostile = {"n": "Anna", "c": "RU", ("n" if field == "name" else "x"): ",(" * 60_000}
    result = normalize(raw([hostile, {"n": "Anna", "c": "RU"}], ["n", "c", "x"]), client)
    assert result.refused[["field", "reason"]].to_numpy().tolist() == [[field, "too_long"]]
    assert len(result.rows) == 1


def test_a_surname_that_spells_like_no_value() -> None:
    client = source({"given": "g", "family": "f"})
    rows = [{"g": "Jennifer", "f": "Null"}, {"g": "Jennifer", "f": "NULL"}, {"g": "Null", "f": "Null"}]
    result = normalize(raw(rows, ["g", "f"]), client)
    assert result.rows["family"].fillna("").tolist() == ["Null", ""]
    assert result.refused["reason"].tolist() == ["name_missing"]


def test_no_rows() -> None:
    result = normalize(raw([], COLUMNS), CLIENT)
    assert len(result.rows) == len(result.refused) == 0
    assert list(result.refused.columns) == schema.QUARANTINE.names


WORDS = st.sampled_from(
    ["Иванов", "نژاد", "Anna", "-", "NULL", "\x00", "\ufffd", "1", "+7916", "9.1E+9", "@", "да", "?"]
)
CELLS = st.one_of(st.none(), st.text(max_size=12), st.lists(WORDS, max_size=4).map(" ".join), st.just("01.02.1984"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), max_size=6))
def test_no_row_is_lost(rows: list[dict[str, str | None]]) -> None:
    frame = raw(
        [{c: t.encode("utf-8", "ignore").decode() if t else t for c, t in row.items()} for row in rows], COLUMNS
    )
    result = normalize(frame, CLIENT)
    assert sorted([*result.rows["key"], *result.refused["key"]], key=int) == frame["key"].tolist()
    assert sum(result.facts["refused"].values()) == len(result.refused)
    again = normalize(frame, CLIENT)
    pd.testing.assert_frame_equal(result.rows, again.rows)
    pd.testing.assert_frame_equal(result.refused, again.refused)


def test_a_number_without_country_code_is_read_in_its_rows_own_country() -> None:
    by_row = source({"name": "fio", "phones": "tel", "country": "land"})
    rows: list[dict[str, str | None]] = [
        {"fio": "Коваль Ірина", "tel": "067 123-45-67", "land": "UA"},
        {"fio": "محمد حسینی", "tel": "0912 345 6789", "land": "IR"},
        {"fio": "Иванов Иван", "tel": "8 916 123-45-67", "land": None},
        {"fio": "Петров Пётр", "tel": None, "land": "UA"},
    ]
    parties = normalize(raw(rows, ["fio", "tel", "land"]), by_row).rows
    assert parties["phones"].tolist() == [["+380671234567"], ["+989123456789"], ["+79161234567"], []]
