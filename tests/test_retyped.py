"""Typed cells of a workbook as the text of their column, and what a spreadsheet does to a CSV on its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm_etl.migration import CsvSource, ExcelSource
from crm_etl.retyped import DigitsLost, Retyped, spoiled

FIELDS = {
    "name": "name",
    "birth_date": {"column": "born", "format": "%d.%m.%Y"},
    "created_at": {"column": "ثبت", "format": "%Y/%m/%d", "calendar": "jalali"},
    "balance": "sum",
}
BASE = {"name": "shop", "path": "a", "key": "id", "fields": FIELDS, "decimal": ","}
TEXTS = Retyped(CsvSource.model_validate({**BASE, "connector": "csv", "encoding": "utf-8"}))
TYPED = Retyped(ExcelSource.model_validate({**BASE, "connector": "excel", "sheet": "s"}))


@pytest.mark.parametrize(
    ("column", "value", "text", "typed"),
    [
        ("name", " x ", " x ", " x "),
        ("name", "", None, None),
        ("born", dt.datetime(1980, 2, 28), "28.02.1980", "1980-02-28"),
        ("born", dt.date(1980, 2, 28), "28.02.1980", "1980-02-28"),
        ("ثبت", dt.datetime(1984, 3, 21), "1363/01/01", "1984-03-21"),
        ("sum", 12.5, "12,5", "12.5"),
        ("sum", 12.0, "12", "12"),
        ("id", 7.0, "7", "7"),
        ("id", 9161234567.0, "9161234567", "9161234567"),
        ("name", dt.datetime(2020, 1, 2, 3, 4), "2020-01-02T03:04:00", "2020-01-02T03:04:00"),
        ("name", True, "true", "true"),
    ],
)
def test_a_typed_cell_gets_the_form_of_its_column(column: str, value: Any, text: str | None, typed: str | None) -> None:
    assert TEXTS.text(column, value) == text
    assert TYPED.text(column, value) == typed


@pytest.mark.parametrize(
    ("column", "old", "new", "same"),
    [("sum", "12,50", "12,5", True), ("sum", "1 000,00", "1000", True), ("sum", "12,50", "12,6", False),
     ("sum", "abc", "abd", False), ("sum", "1e5", "100000", False), ("sum", None, "0", False),
     ("id", "1,50", "1,5", False)],
)  # fmt: skip
def test_an_amount_with_other_zeros_is_the_same(column: str, old: str | None, new: str, same: bool) -> None:
    assert TEXTS.is_same_amount(column, old, new) == same


def test_a_column_that_is_more_than_an_amount_keeps_its_zeros() -> None:
    fields = {**FIELDS, "comment": "sum"}
    texts = Retyped(CsvSource.model_validate({**BASE, "fields": fields, "connector": "csv", "encoding": "utf-8"}))
    assert not texts.is_same_amount("sum", "12,50", "12,5")


def test_a_number_that_the_workbook_rounded_is_no_text() -> None:
    with pytest.raises(DigitsLost):
        TEXTS.text("id", 4.0817810099910e19)


@pytest.mark.parametrize(
    ("old", "new"),
    [("0007", "7"), ("89161234568", "8,91612E+10"), ("79161234567", "7.91612E+10"), ("1980-02-28", "28.02.1980"),
     ("28.02.1980", "2/28/1980"), ("40817810099910004312", "40817810099910000000"),
     ("12E3", "12000"), ("12345678901234567890", "1٫23456789012346E+019"), ("1E-9", "1E-09"), ("+5", "5"),
     ("1.50", "1.5"), ("1,50", "1,5"), ("1 000,00", "1000"), ("1,234.50", "1234.5"), ("0.10", "0٫1"), ("$5", "5"),
     ("00", "0"), ("۰۱۲", "12"), ("15.03.80", "15.03.1980"), ("15.03.1980", "15.03.80"), ("1/2", "01/02/2026"),
     ("1402/10/12", "۱۴۰۲/۱۰/۱۲"), ("12:30", "12:30:00"), ("13:30", "01:30:00 PM"), ("00:00", "12:00:00 AM"),
     ("12.05.2024 10:30", "12.05.2024 10:30:00"), ("2024-01-02T10:30:00", "1/2/2024 10:30"), ("1/2", "2-Jan"),
     ("01.02", "01.фев"), ("3-4", "Mar-04"), ("5 мая", "05.05.2026"), ("истина", "ИСТИНА"), ("true", "TRUE")],
)  # fmt: skip
def test_what_a_spreadsheet_does_by_itself_is_recognised(old: str, new: str) -> None:
    assert spoiled(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [("0007", "0008"), ("7", "0007"), ("Анна", "Ольга"), ("28.02.1980", "27.02.1980"), (None, "7"), ("7", None),
     ("12", "21"), ("1.5", "5.1"), ("a1", "1"), ("15", "1.5"), ("10", "100"), ("1", "1.0"), ("12-34", "12-34-5"),
     ("123-45-67", "495-123-45-67"), ("1/2", "1/3"), ("12:30", "12:45"), ("May 5", "May 6"), ("12 Main", "12.34"),
     ("yes", "YES"), ("7", "Анна"), ("28.02.1980", "28.02.1990"), ("10:30", "22:30")],
)  # fmt: skip
def test_what_a_person_does_is_left_alone(old: str | None, new: str | None) -> None:
    assert not spoiled(old, new)
