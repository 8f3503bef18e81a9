"""Values, on rows that each test writes: numbers that spreadsheets broke, contacts, names, dates, amounts, words."""

from __future__ import annotations

import csv
import datetime
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from crm_etl.faults import MigrationFault
from crm_etl.run import CLUSTERS
from tests.intake.migrations import (
    Read,
    a_folder,
    a_source,
    deliver,
    in_crm,
    quarantine,
    read,
    read_rows,
    said,
)

PERSON: dict[str, Any] = {"kind": {"constant": "person"}, "name": "name"}
SALE: dict[str, Any] = {
    "occurred_at": {"column": "day", "format": "%d.%m.%Y"},
    "type": {"constant": "sale"},
    "amount": "sum",
}
_LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ"


def cells(root: Path, field: str, values: dict[str, str], rule: dict[str, Any] | None = None, **settings: Any) -> Read:
    """People who differ in the cell of one ``field``; ``values`` by key."""
    rows = [
        {"id": key, "name": f"Ким {letter}нна", "x": value}
        for (key, value), letter in zip(values.items(), _LETTERS, strict=False)
    ]
    return read_rows(root, rows, PERSON | {field: {"column": "x", **(rule or {})}}, **settings)


def a_sheet(fields: dict[str, Any]) -> dict[str, Any]:
    """The source of the sheet ``clients`` in ``c.xlsx``."""
    place = {"name": "c", "connector": "excel", "path": "c.xlsx", "sheet": "clients"}
    return {**place, "key": "id", "fields": fields}


# ------------------------------------------------------------------------------ numbers that spreadsheets broke
def test_case_38_exact_floats_become_phones_and_rounded_ones_are_quarantined(tmp_path: Path) -> None:
    phones = {"1": "9161234567.0", "2": "9.16123E+09", "3": "9.161234567E+09", "4": "9,16123E+09"}
    found = cells(tmp_path, "phones", phones)
    assert found.all_of("phones") == {"1": ["+79161234567"], "3": ["+79161234567"]}
    assert found.notes == {"phones:float_fixed": 2}
    assert found.of("1", "phones_raw") == "9161234567.0"
    assert found.reasons == {"2": ("phones", "digits_lost"), "4": ("phones", "digits_lost")}
    assert found.cells("2")["x"] == "9.16123E+09"


def test_case_39_long_ids_that_a_spreadsheet_rounded_are_quarantined(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "clients"
    for row in (
        ["id", "name", "no"],
        ["1", "Ким Анна", 1234567890123456789],
        ["2", "Цой Вера", "1234567890123490123"],
        ["3", "Пак Нина", 123456789012345],
    ):
        sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    source = a_sheet(PERSON | {"identifiers": {"column": "no", "type": "other"}})
    found = read(a_folder(tmp_path, source), "c")
    assert found.reasons == {"1": ("no", "digits_lost")}
    assert found.all_of("identifiers") == {"2": ["other:1234567890123490123"], "3": ["other:123456789012345"]}


def test_case_39_keys_and_ids_in_exponents_are_quarantined(tmp_path: Path) -> None:
    rows = [
        {"id": "1.23457E+15", "name": "Ким Анна", "no": ""},
        {"id": "2", "name": "Цой Вера", "no": "1.23457E+18"},
        {"id": "3", "name": "Пак Нина", "no": "1234567890123490123"},
    ]
    found = read_rows(tmp_path, rows, PERSON | {"identifiers": {"column": "no", "type": "other"}})
    assert found.reasons == {"1.23457E+15": ("id", "digits_lost"), "2": ("identifiers", "digits_lost")}
    assert found.of("3", "identifiers") == ["other:1234567890123490123"]


def test_case_40_lost_leading_zeros_are_quarantined_or_put_back_by_declaration(tmp_path: Path) -> None:
    rule = {"type": "ir_national_id"}
    numbers = {"1": "499370899", "2": "0499370899"}
    found = cells(tmp_path / "bare", "identifiers", numbers, rule)
    assert found.reasons == {"1": ("identifiers", "zeros_lost")}
    assert found.of("2", "identifiers") == ["ir_national_id:0499370899"]
    found = cells(tmp_path / "padded", "identifiers", numbers, {**rule, "restore_zero": True})
    assert found.all_of("identifiers") == {key: ["ir_national_id:0499370899"] for key in "12"}
    assert found.notes == {"identifiers:zero_restored": 1}
    assert found.of("1", "identifiers_raw") == "499370899"
    found = cells(tmp_path / "without", "identifiers", numbers, {**rule, "on_error": "warn"})
    assert found.all_of("identifiers") == {"1": [], "2": ["ir_national_id:0499370899"]}
    assert found.notes == {"identifiers:bad_check": 1, "identifiers:zero_missing": 1}
    phones = cells(tmp_path / "phones", "phones", {"1": "9121234567"}, {"restore_zero": True}, country="IR")
    assert phones.of("1", "phones") == ["+989121234567"]


def test_case_41_the_guard_of_a_formula_goes(tmp_path: Path) -> None:
    found = cells(tmp_path, "phones", {"1": "'+380501234567", "2": '="+380501234567"', "3": "+380501234567"})
    assert found.all_of("phones") == {key: ["+380501234567"] for key in "123"}
    assert found.notes == {"phones:guard_removed": 2}
    assert found.of("1", "phones_raw") == "'+380501234567"


# ------------------------------------------------------------------------------------------------- contacts
def test_case_42_several_phones_extensions_and_notes_are_parted(tmp_path: Path) -> None:
    phones = {
        "1": "8 916 123-45-67, 8 (495) 223-44-50 доб. 123",
        "2": "8 916 123-45-67 звонить после 6",
        "3": "8 916 123-45-67 Иван; 8 916 123-45-68 Анна",
        "4": "8916123456789161234568",
        "5": "8916123456712",
    }
    found = cells(tmp_path, "phones", phones)
    assert found.of("1", "phones") == ["+79161234567", "+74952234450;ext=123"]
    assert (found.of("2", "phones"), found.of("2", "comment")) == (["+79161234567"], "звонить после 6")
    assert (found.of("3", "phones"), found.of("3", "comment")) == (["+79161234567", "+79161234568"], "Иван, Анна")
    # What could be read in several ways is read in none: the text stays, with a note for a person.
    assert [found.of(key, "phones") for key in "45"] == [[], []]
    assert found.all_of("phones_raw") == phones
    assert found.notes["phones:invalid"] == 2


def test_case_43_phones_become_e164_by_their_country_and_others_stay_as_text(tmp_path: Path) -> None:
    russian = {"1": "8 916 123-45-67", "2": "+7 (916) 123-45-67", "3": "79161234567", "4": "916 123 45 67"}
    found = cells(tmp_path / "ru", "phones", russian)
    assert found.all_of("phones") == {key: ["+79161234567"] for key in "1234"}
    iranian = {"1": "0098 912 123 4567", "2": "+98 912 123 4567", "3": "09121234567", "4": "22334455", "5": "9999"}
    found = cells(tmp_path / "ir", "phones", iranian, country="IR")
    assert [found.of(key, "phones") for key in "123"] == [["+989121234567"]] * 3
    assert [found.of(key, "phones") for key in "45"] == [[], []]
    assert found.of("4", "phones_raw") == "22334455"
    assert found.of("4", "notes") == ["phones:invalid", "phones:area_code_missing"]
    assert found.of("5", "notes") == ["phones:invalid", "phones:too_short"]


def test_case_44_placeholders_are_no_values_and_declared_ones_neither(tmp_path: Path) -> None:
    fields = PERSON | {"phones": "phone", "emails": "mail", "birth_date": {"column": "born", "format": "%d.%m.%Y"}}
    blank = {"phone": "", "mail": "", "born": ""}
    rows = [
        *({"id": f"n{n}", "name": name, **blank} for n, name in enumerate(("null", "-", "нет", "отсутствует"))),
        *(
            {"id": f"p{n}", "name": "Ким Анна", **blank, "phone": phone}
            for n, phone in enumerate(("0000000", "нет", "-", "null", "99.99.9999", "отсутствует"))
        ),
        *(
            {"id": f"m{n}", "name": "Цой Вера", **blank, "mail": mail}
            for n, mail in enumerate(("test@test", "нет", "-", "null", "отсутствует"))
        ),
        {"id": "d1", "name": "Пак Нина", **blank, "born": "99.99.9999"},
    ]
    found = read_rows(tmp_path / "bare", rows, fields)
    assert found.reasons == {f"n{n}": ("name", "name_missing") for n in range(4)} | {"d1": ("birth_date", "bad_date")}
    assert found.notes == {"emails:placeholder": 5, "phones:placeholder": 6}
    assert not any(found.all_of("phones").values())
    assert not any(found.all_of("emails").values())
    declared = read_rows(tmp_path / "declared", rows, fields, null_tokens=["99.99.9999"])
    assert "d1" not in declared.reasons
    assert declared.of("d1", "birth_date") is None


def test_case_44_and_45_what_many_share_never_makes_them_one_client(tmp_path: Path) -> None:
    """Placeholders are no match key, and a switchboard's number or a family's mail is none alone."""
    fields = PERSON | {
        "phones": "phone",
        "emails": "mail",
        "birth_date": {"column": "born", "format": "%d.%m.%Y"},
    }
    people = [
        "Соколова Анна", "Ким Борис", "Цой Вера", "Громов Глеб", "Дадаева Дина", "Ершов Егор", "Жуков Захар",
        "Зимина Инна", "Ильин Кирилл", "Котова Лидия", "Лосев Максим", "Мухин Никита",
    ]  # fmt: skip
    rows = [
        {
            "id": str(number),
            "name": name,
            "phone": "0000000" if number % 2 else "8 495 223-44-50",
            "mail": "test@test" if number % 2 else "office@firma.ru",
            "born": f"0{number % 9 + 1}.0{number % 7 + 1}.19{50 + 3 * number}",
        }
        for number, name in enumerate(people)
    ]
    # Two records of one person, who is found by what is his own.
    rows.append({**rows[0], "id": "again", "name": "Анна Соколова"})
    folder = a_folder(tmp_path, a_source("c", fields))
    deliver(folder, "c", rows)
    code, summary = said(folder, "dry-run")
    assert code == 0
    assert summary["ledger"]["closed"]
    clusters = pd.read_parquet(folder / ".crm-etl" / CLUSTERS).set_index("key")["client_id"]
    assert clusters["again"] == clusters["0"]
    assert clusters.nunique() == len(people)


# ----------------------------------------------------------------------------------------------------- names
def test_case_46_names_in_one_column_in_half_of_the_rows_are_parted_and_doubtful_ones_quarantined(
    tmp_path: Path,
) -> None:
    fields = {"kind": {"constant": "person"}, "family": "family", "given": "given", "patronymic": "father"}
    names = {
        "1": ("Иванов", "Иван", "Иванович"),
        "2": ("Иванов Иван Иванович", "", ""),
        "3": ("Иванов Иван Иванович", "Иван", "Иванович"),
        "4": ("Петров Пётр", "Иван", ""),
        "5": ("Иванов Иван Петрович", "", "Иванович"),
        "6": ("Игорь Олег", "", ""),
        "7": ("Римский-Корсаков", "Николай", "Андреевич"),
        "8": ("Ким", "", ""),
    }
    rows = [
        {"id": key, "family": family, "given": given, "father": father}
        for key, (family, given, father) in names.items()
    ]
    found = read_rows(tmp_path, rows, fields)
    assert found.reasons == dict.fromkeys("456", ("name", "name_ambiguous"))
    parts = [[found.of(key, part) for part in ("family", "given", "patronymic")] for key in "1237"]
    assert parts[:3] == [["Иванов", "Иван", "Иванович"]] * 3
    assert parts[3] == ["Римский-Корсаков", "Николай", "Андреевич"]
    assert found.of("8", "family") == "Ким"
    assert found.notes == {"name:parts_repeated": 1}
    assert found.cells("4") == {"id": "4", "family": "Петров Пётр", "given": "Иван", "father": None}


def test_case_47_one_name_with_other_numbers_and_one_number_with_branches_stay_apart(tmp_path: Path) -> None:
    fields = {
        "kind": {"constant": "organization"},
        "name": "name",
        "identifiers": [{"column": "inn", "type": "ru_inn"}, {"column": "kpp", "type": "ru_kpp"}],
        "city": "city",
    }
    rows = [
        {"id": "1", "name": "ООО Вектор", "inn": "7707083893", "kpp": "", "city": "Москва"},
        {"id": "2", "name": "ООО Вектор", "inn": "7736050003", "kpp": "", "city": "Москва"},
        {"id": "3", "name": "ООО Магнит Север", "inn": "2309085638", "kpp": "230901001", "city": "Краснодар"},
        {"id": "4", "name": "ООО Магнит Север", "inn": "2309085638", "kpp": "784143001", "city": "Тюмень"},
        {"id": "5", "name": "АО Заря", "inn": "5047028906", "kpp": "504701001", "city": "Химки"},
        {"id": "6", "name": "Заря, акционерное общество", "inn": "5047028906", "kpp": "504701001", "city": "Химки"},
    ]
    folder = a_folder(tmp_path, a_source("c", fields))
    deliver(folder, "c", rows)
    code, _summary = said(folder, "dry-run")
    assert code == 0
    clusters = pd.read_parquet(folder / ".crm-etl" / CLUSTERS).set_index("key")["client_id"]
    assert clusters["5"] == clusters["6"]
    assert clusters["1"] != clusters["2"]
    assert clusters["3"] != clusters["4"]
    related = pd.read_parquet(folder / ".crm-etl" / "relations.parquet")
    pairs = {frozenset(pair): kind for *pair, kind in related[["from_id", "to_id", "relation"]].itertuples(index=False)}
    assert pairs[frozenset((clusters["3"], clusters["4"]))] == "branch_of"


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "short"),
    [
        ("ru_inn", "7707083893", "7707083894", "770708389"),
        ("ru_inn", "500100732259", "500100732258", "50010073225"),
        ("ru_ogrn", "1027700132195", "1027700132194", "102770013219"),
        ("ir_national_id", "0499370899", "0499370898", "12345"),
    ],
)
def test_case_48_a_wrong_check_digit_or_length_is_quarantined_or_noted_as_the_column_declares(
    tmp_path: Path, kind: str, right: str, wrong: str, short: str
) -> None:
    numbers = {"1": right, "2": wrong, "3": short}
    strict = cells(tmp_path / "q", "identifiers", numbers, {"type": kind, "on_error": "quarantine"})
    assert strict.all_of("identifiers") == {"1": [f"{kind}:{right}"]}
    assert strict.reasons == dict.fromkeys("23", ("identifiers", "bad_check"))
    lenient = cells(tmp_path / "w", "identifiers", numbers, {"type": kind, "on_error": "warn"})
    assert lenient.all_of("identifiers") == {"1": [f"{kind}:{right}"], "2": [], "3": []}
    assert lenient.notes["identifiers:bad_check"] == 2
    assert lenient.of("2", "identifiers_raw") == wrong


# ----------------------------------------------------------------------------------------------------- dates
def test_case_49_dates_are_read_in_the_declared_format_only(tmp_path: Path) -> None:
    dates = {
        "1": "31.02.1980",
        "2": "02/13/1980",
        "3": "01.02.80",
        "4": "1980-02-01",
        "5": "01.02.1980",
        "6": "1.2.1980",
    }
    found = cells(tmp_path / "day", "birth_date", dates, {"format": "%d.%m.%Y"})
    assert found.reasons == dict.fromkeys("1234", ("birth_date", "bad_date"))
    assert found.all_of("birth_date") == {"5": "1980-02-01", "6": "1980-02-01"}
    found = cells(tmp_path / "us", "birth_date", {"1": "02/13/1980", "2": "13/02/1980"}, {"format": "%m/%d/%Y"})
    assert (found.of("1", "birth_date"), found.reasons) == ("1980-02-13", {"2": ("birth_date", "bad_date")})
    found = cells(tmp_path / "short", "birth_date", {"1": "01.02.80", "2": "01.02.1980"}, {"format": "%d.%m.%y"})
    assert (found.of("1", "birth_date"), found.reasons) == ("1980-02-01", {"2": ("birth_date", "bad_date")})
    zoned = {"1": "2020-01-02T01:30:00+0300", "2": "2020-01-02T01:30:00"}
    found = cells(tmp_path / "zone", "created_at", zoned, {"format": "%Y-%m-%dT%H:%M:%S%z"})
    assert (found.of("1", "created_at"), found.reasons) == ("2020-01-01T22:30:00", {"2": ("created_at", "bad_date")})


def test_case_49_guessing_a_format_is_not_allowed(tmp_path: Path) -> None:
    with pytest.raises(MigrationFault, match="a date needs 'format'"):
        cells(tmp_path, "birth_date", {"1": "01.02.1980"})


def test_case_50_jalali_dates_are_converted_when_declared_and_refused_elsewhere(tmp_path: Path) -> None:
    jalali = {"1": "1402/03/15", "2": "1402/12/30", "3": "1399/12/30", "4": "1402/13/01", "5": "2023/01/01"}
    rule = {"format": "%Y/%m/%d", "calendar": "jalali"}
    found = cells(tmp_path / "j", "created_at", jalali, rule)
    assert found.all_of("created_at") == {"1": "2023-06-05", "3": "2021-03-20"}
    assert found.reasons == dict.fromkeys("245", ("created_at", "bad_date"))
    short = cells(tmp_path / "s", "created_at", {"1": "00/2/1", "2": "79/12/29"}, {**rule, "format": "%y/%m/%d"})
    assert short.all_of("created_at") == {"1": "2021-04-21", "2": "2001-03-19"}
    gregorian = {"1": "1402/03/15", "2": "1365/01/01", "3": "2020/01/01"}
    found = cells(tmp_path / "g", "created_at", gregorian, {"format": "%Y/%m/%d"})
    assert found.all_of("created_at") == {"3": "2020-01-01"}
    assert found.reasons == dict.fromkeys("12", ("created_at", "bad_date"))


@pytest.mark.parametrize("since_1904", [False, True])
def test_case_51_and_52_the_epoch_is_the_workbooks_and_serials_and_durations_are_quarantined(
    tmp_path: Path, since_1904: bool
) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "c.xlsx"), {"date_1904": since_1904})
    sheet = book.add_worksheet("clients")
    day, hours = (book.add_format({"num_format": form}) for form in ("dd.mm.yyyy", "[h]:mm:ss"))
    clock = book.add_format({"num_format": "hh:mm"})
    names = ["Ким Анна", "Цой Вера", "Пак Нина", "Ли Ольга", "Тен Павел", "Хан Роман"]
    for place, name in enumerate(names, start=1):
        sheet.write_row(place, 0, [str(place), name])
    sheet.write_row(0, 0, ["id", "name", "x"])
    sheet.write_datetime(1, 2, datetime.datetime(2021, 1, 1), day)
    sheet.write_string(2, 2, "44197")
    sheet.write_string(3, 2, "02.03.2021")
    sheet.write_number(4, 2, 1.5, hours)
    sheet.write_datetime(5, 2, datetime.time(12, 30), clock)
    sheet.write_number(6, 2, 44197)
    book.close()
    source = a_sheet(PERSON | {"birth_date": {"column": "x", "format": "%d.%m.%Y"}})
    found = read(a_folder(tmp_path, source), "c")
    assert found.all_of("birth_date") == {"1": "2021-01-01", "3": "2021-03-02"}
    assert set(found.reasons) == {"2", "4", "5", "6"}
    assert found.raw.facts["read"] == 6


def test_case_51_serials_and_impossible_days_in_text_are_quarantined(tmp_path: Path) -> None:
    dates = {"1": "44197", "2": "60", "3": "1900-02-29", "4": "0", "5": "1899-12-31", "6": "43831.5"}
    found = cells(tmp_path, "birth_date", dates, {"format": "%Y-%m-%d"})
    assert found.all_of("birth_date") == {"5": "1899-12-31"}
    assert found.reasons == dict.fromkeys("12346", ("birth_date", "bad_date"))


def test_case_52_durations_and_times_in_a_date_column_are_quarantined(tmp_path: Path) -> None:
    times = {"1": "12:30:00", "2": "36:15", "3": "0:05", "4": "PT5H", "5": "01.02.1980"}
    found = cells(tmp_path, "birth_date", times, {"format": "%d.%m.%Y"})
    assert found.all_of("birth_date") == {"5": "1980-02-01"}
    assert found.reasons == dict.fromkeys("1234", ("birth_date", "bad_date"))


# --------------------------------------------------------------------------------------------------- numbers
_AMOUNTS = {
    "1": "1 234,56",
    "2": "1.234,56",
    "3": "1,234.56",
    "4": "98 M",
    "5": "12%",
    "6": "(100)",
    "7": "1\u00a0234\u00a0567",
    "8": "-5",
    "9": "1e3",
}


def test_case_53_amounts_are_read_by_the_declared_separator_and_others_quarantined(tmp_path: Path) -> None:
    comma = cells(tmp_path / "comma", "balance", _AMOUNTS, decimal=",")
    assert comma.all_of("balance") == {"1": "1234.56", "2": "1234.56", "7": "1234567", "8": "-5"}
    assert comma.reasons == dict.fromkeys("34569", ("balance", "bad_amount"))
    point = cells(tmp_path / "point", "balance", _AMOUNTS)
    assert point.all_of("balance") == {"3": "1234.56", "7": "1234567", "8": "-5"}
    assert point.reasons == dict.fromkeys("124569", ("balance", "bad_amount"))
    declared = cells(tmp_path / "declared", "balance", {"1": "(100)", "2": "98 M"}, {"map": {"(100)": "-100"}})
    assert (declared.of("1", "balance"), declared.reasons) == ("-100", {"2": ("balance", "bad_amount")})


def test_case_53_money_is_exact_and_the_trace_of_a_float_is_quarantined(tmp_path: Path) -> None:
    sales = a_source("s", SALE, entity="transaction", client={"source": "c", "column": "client"})
    folder = a_folder(tmp_path, a_source("c", PERSON), sales)
    deliver(folder, "c", [{"id": "1", "name": "Ким Анна"}])
    sums = {"a": "0.1", "b": "0.2", "c": "68.66499999999999", "d": "12345678901234567", "e": "100000000000.0100"}
    deliver(folder, "s", [{"id": key, "client": "1", "day": "01.02.2024", "sum": value} for key, value in sums.items()])
    code, summary = said(folder, "run")
    assert code == 0
    assert summary["ledger"]["closed"]
    assert quarantine(folder)["reason"].to_dict() == dict.fromkeys("cd", "inexact_amount")
    with sqlite3.connect(folder / "crm.sqlite") as crm:
        held = dict(crm.execute("SELECT legacy_key, CAST(amount AS TEXT) FROM client_transaction"))
    assert held == {"a": "0.1", "b": "0.2", "e": "100000000000.01"}
    code, said_again = said(folder, "reconcile")
    assert (code, said_again["unexplained"]) == (0, 0)


# ----------------------------------------------------------------------------------------------------- words
def test_case_54_yes_and_no_in_many_words_and_others_quarantined(tmp_path: Path) -> None:
    words = dict(enumerate(("да", "1", "x", "истина", "بله", "yes", "нет", "0", "خیر", "возможно", "maybe", "")))
    answers = {str(place): word for place, word in words.items()}
    found = cells(tmp_path / "bare", "consent_email", answers)
    assert found.reasons == dict.fromkeys(("9", "10"), ("consent_email", "unmapped_value"))
    held = found.all_of("consents")
    assert [held[str(place)] for place in range(6)] == [["email:yes"]] * 6
    assert [held[str(place)] for place in range(6, 9)] == [["email:no"]] * 3
    assert held["11"] == []
    mapped = cells(tmp_path / "mapped", "consent_email", answers, {"map": {"Возможно": "no", "maybe": ""}})
    assert mapped.reasons == {}
    assert (mapped.of("9", "consents"), mapped.of("10", "consents")) == (["email:no"], [])


def test_case_54_and_55_values_that_the_map_lacks_are_listed_with_counts_before_the_load(tmp_path: Path) -> None:
    fields = PERSON | {
        "status": {"column": "status", "map": {"Действующий": "active", "Закрыт": "former"}},
        "consent_email": "mail_ok",
        # Who left has no clients any more; whom nobody named is asked for.
        "owner": {"column": "owner", "map": {"Ольга": "olga", "Пётр (уволен)": ""}, "closed": True},
    }
    rows = [
        ("1", "Ким Анна", "Действующий", "да", "Ольга"),
        ("2", "Цой Вера", "Действующй", "да", "olga"),
        ("3", "Пак Нина", "Действующй", "да", ""),
        ("4", "Ли Ольга", "VIP", "да", "Ольга"),
        ("5", "Тен Павел", "Закрыт", "наверное", "Ольга"),
        ("6", "Хан Роман", "Закрыт", "нет", "Пётр (уволен)"),
        ("7", "Юн Светлана", "Закрыт", "нет", "Семён"),
    ]
    names = ("id", "name", "status", "mail_ok", "owner")
    folder = a_folder(tmp_path, a_source("c", fields))
    deliver(folder, "c", [dict(zip(names, row, strict=True)) for row in rows])
    code, summary = said(folder, "dry-run")
    assert code == 0
    assert (summary["quarantined"], summary["ledger"]["closed"]) == (5, True)
    assert summary["unmapped"] == [
        {"source": "c", "field": "consent_email", "values": 1, "rows": 1},
        {"source": "c", "field": "owner", "values": 1, "rows": 1},
        {"source": "c", "field": "status", "values": 2, "rows": 3},
    ]
    assert "наверное" not in str(summary)
    with (folder / ".crm-etl/reports/unmapped.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = [(line["field"], line["value"], line["rows"], line["proposal"]) for line in csv.DictReader(file)]
    assert listed == [
        ("consent_email", "наверное", "1", ""),
        ("owner", "Семён", "1", ""),
        ("status", "Действующй", "2", "active"),
        ("status", "VIP", "1", ""),
    ]
    assert set(quarantine(folder)["reason"]) == {"unmapped_value"}
    found = read(folder, "c")
    assert found.all_of("owner") == {"1": "olga", "6": None}


def test_case_55_a_closed_map_needs_one(tmp_path: Path) -> None:
    with pytest.raises(MigrationFault, match="'closed' needs a 'map'"):
        cells(tmp_path, "owner", {"1": "Ольга"}, {"closed": True})


def test_case_56_empty_blank_null_and_quotes_are_told_apart_by_declaration(tmp_path: Path) -> None:
    empties = {"1": "", "2": " ", "3": "NULL", "4": "\\N", "5": '""', "6": "Null "}
    found = cells(tmp_path / "bare", "segment", empties)
    assert found.all_of("segment") == {"1": None, "2": None, "3": "NULL", "4": "\\N", "5": '""', "6": "Null"}
    declared = cells(tmp_path / "declared", "segment", empties, null_tokens=["null", "\\N", '""'])
    assert set(declared.all_of("segment").values()) == {None}


def test_case_56_null_in_a_database_and_an_empty_cell_are_the_same_nothing(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "legacy.sqlite") as legacy:
        legacy.execute("CREATE TABLE clients (id TEXT, name TEXT, segment TEXT)")
        rows = [("1", "Ким Анна", None), ("2", "Цой Вера", ""), ("3", "Пак Нина", "vip")]
        legacy.executemany("INSERT INTO clients VALUES (?, ?, ?)", rows)
    source = {
        "name": "c",
        "connector": "sql",
        "url": f"sqlite:///{tmp_path / 'legacy.sqlite'}",
        "table": "clients",
        "key": "id",
        "fields": PERSON | {"segment": "segment"},
    }
    folder = a_folder(tmp_path / "m", source)
    assert said(folder, "run")[0] == 0
    assert in_crm(folder, "SELECT count(*) FROM client WHERE segment IS NULL") == [(2,)]
    assert in_crm(folder, "SELECT count(*) FROM client WHERE segment = ''") == [(0,)]
    with sqlite3.connect(tmp_path / "legacy.sqlite") as legacy:
        legacy.execute("UPDATE clients SET segment = CASE id WHEN '1' THEN '' ELSE NULL END WHERE id IN ('1', '2')")
    code, summary = said(folder, "run")
    assert (code, summary["batch"]["id"]) == (0, None)
    code, summary = said(folder, "reconcile")
    assert (code, summary["unexplained"]) == (0, 0)
