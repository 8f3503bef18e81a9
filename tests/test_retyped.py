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


def test_a_number_that_the_workbook_rounded_is_no_text() -> None:
    with pytest.raises(DigitsLost):
        TEXTS.text("id", 4.0817810099910e19)


@pytest.mark.parametrize(
    ("old", "new"),
    [("0007", "7"), ("89161234568", "8,91612E+10"), ("79161234567", "7.91612E+10"), ("1980-02-28", "28.02.1980"),
     ("28.02.1980", "2/28/1980"), ("40817810099910004312", "40817810099910000000")],
)  # fmt: skip
def test_what_a_spreadsheet_does_by_itself_is_recognised(old: str, new: str) -> None:
    assert spoiled(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [("0007", "0008"), ("7", "0007"), ("Анна", "Ольга"), ("28.02.1980", "27.02.1980"), (None, "7"), ("7", None),
     ("12", "21"), ("1.5", "5.1"), ("a1", "1")],
)  # fmt: skip
def test_what_a_person_does_is_left_alone(old: str | None, new: str | None) -> None:
    assert not spoiled(old, new)
