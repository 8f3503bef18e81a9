"""The quarantine's file as it comes back: whatever was done to it, each row is known again or a person is told."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.faults import Fault
from crm_etl.quarantine_file import read
from crm_etl.report import quarantine
from crm_etl.report.quarantine_table import Layout, digest


@pytest.fixture
def frame() -> pd.DataFrame:
    row = {"source": "shop", "key": "1", "file": "a.csv", "line": 2, "row": 1, "fingerprint": "f1", "reason": "bad"}
    return schema.QUARANTINE.build([{**row, "cells": '{"id": "=1", "text": "a\\u0000b"}'}])


@pytest.fixture
def files(frame: pd.DataFrame, tmp_path: Path) -> dict[str, Path]:
    _, rows, book = quarantine.write(frame, tmp_path, "", {"shop": Layout(("id", "text", "more"))})
    return {"csv": rows, "xlsx": book}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_both_files_give_back_what_was_written(files: dict[str, Path], kind: str) -> None:
    (row,) = read(files[kind])
    assert row.cells == {"id": "=1", "text": "a\x00b"}
    assert row.columns == ("id", "text", "more")
    assert (row.told["source"], row.told["fingerprint"], row.row) == ("shop", "f1", 1)
    assert row.where.row == 2


TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n _x0041⟨⟩U2E.,;\"0\u2400\u202e\ufeff\x00\x85\x1f"), st.characters()),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "text", "more"]), TEXTS, min_size=1))
def test_whatever_stands_in_a_row_it_is_the_same_when_nobody_touched_it(cells: dict[str, str]) -> None:
    """Written, opened and saved by another program, and read: the mark of the row still fits, in both files."""
    row = {"source": "shop", "key": "1", "file": "a.csv", "line": 2, "row": 1, "fingerprint": "f1", "reason": "bad"}
    frame = schema.QUARANTINE.build([{**row, "cells": json.dumps(cells)}])
    with tempfile.TemporaryDirectory() as folder:
        _, rows, book = quarantine.write(frame, Path(folder), "", {"shop": Layout(("id", "text", "more"))})
        saved = Path(folder) / "saved.xlsx"
        openpyxl.load_workbook(book).save(saved)
        for path in (rows, book, saved):
            (sent,) = read(path)
            assert sent.cells == cells, path.name
            assert digest(sent.cells) == sent.told["shown"]


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book["shop"])
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda sheet: sheet.delete_cols(3), "columns are not those"),
        (lambda sheet: sheet.insert_cols(2), "columns are not those"),
        (lambda sheet: sheet.cell(2, 30).__setattr__("value", "note"), "without a name"),
        (lambda sheet: sheet.append([None, None, None, None, None, "9", "new"]), "without the marks"),
        (lambda sheet: sheet.cell(2, 7).__setattr__("value", "=A1&B1"), "formula without a value"),
        (lambda sheet: sheet.delete_rows(2), "no row of a quarantine"),
    ],
)
def test_a_file_that_lost_its_form_is_refused_whole(files: dict[str, Path], change: Any, what: str) -> None:
    with pytest.raises(Fault, match=what):
        read(changed(files["xlsx"], change))


def test_sorted_rows_and_blank_ones_do_no_harm(files: dict[str, Path]) -> None:
    path = changed(files["xlsx"], lambda sheet: sheet.insert_rows(2, 3))
    (row,) = read(path)
    assert row.where.row == 5


def test_a_csv_of_another_delimiter_is_understood_and_of_another_encoding_is_not(files: dict[str, Path]) -> None:
    path = files["csv"]
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace(",", ";"), encoding="utf-8")
    assert read(path)[0].cells["id"] == "=1"
    path.write_text(text.replace("bad", "плохо").replace("␀", ""), encoding="cp1251")
    with pytest.raises(Fault, match="not UTF-8"):
        read(path)


def test_other_files_are_no_quarantine(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no such file"):
        read(tmp_path / "none.xlsx")
    other = tmp_path / "other.csv"
    other.write_text("id,name\n1,a\n", encoding="utf-8")
    with pytest.raises(Fault, match="columns are not those"):
        read(other)
    book = openpyxl.Workbook()
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(Fault, match="no row of a quarantine"):
        read(tmp_path / "other.xlsx")
    (tmp_path / "page.xlsx").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(Fault, match="columns are not those"):
        read(tmp_path / "page.xlsx")


def test_damaged_and_protected_workbooks_say_so(files: dict[str, Path], tmp_path: Path) -> None:
    whole = files["xlsx"].read_bytes()
    for name, content, what in (
        ("torn.xlsx", whole[: len(whole) // 2], "damaged"),
        ("locked.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "with a password"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Fault, match=what):
            read(tmp_path / name)


def test_an_error_in_a_cell_is_told(files: dict[str, Path]) -> None:
    def break_it(sheet: Any) -> None:
        sheet["G2"].value = "#REF!"
        sheet["G2"].data_type = "e"

    with pytest.raises(Fault, match="cell G2 holds"):
        read(changed(files["xlsx"], break_it))


def test_a_cell_of_the_csv_file_may_be_long(files: dict[str, Path]) -> None:
    limit = csv.field_size_limit()
    long = "a, " * 60_000
    text = files["csv"].read_text(encoding="utf-8-sig")
    files["csv"].write_text(text.replace("'=1", f'"{long}"'), encoding="utf-8-sig")
    (row,) = read(files["csv"])
    assert row.cells["id"] == long
    files["csv"].write_text(text.replace("'=1", '"'), encoding="utf-8-sig")
    with pytest.raises(Fault, match="quotes do not agree"):
        read(files["csv"])
    assert csv.field_size_limit() == limit
