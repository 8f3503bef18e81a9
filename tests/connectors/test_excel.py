"""Workbooks: exact cells, declared sheets and rows, and files that are not what they seem."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.excel import ExcelConnector
from connectors.manual import ManualConnector
from connectors.sheetcells import column_texts
from connectors.workbook import open_workbook
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault
from tests.connectors.reading import Read, read_all
from tests.connectors.workbooks import by_hand


def book(folder: Path, rows: list[list[Any]], edit: Callable[[Any], None] | None = None) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "data"
    for row in rows:
        sheet.append(row)
    if edit is not None:
        edit(sheet)
    workbook.save(folder / "a.xlsx")


def opened(folder: Path, **options: Any) -> ExcelConnector:
    return ExcelConnector(**{"root": folder, "key": ("id",), "path": "a.xlsx", "sheet": "data", **options})


def whole(connector: ExcelConnector) -> Read:
    return read_all(connector)


def test_cells_become_exact_text(tmp_path: Path) -> None:
    moment = dt.datetime(2020, 1, 2, 3, 4, 5)
    cells = [1, 9161234567.0, 68.66499999999999, 0.1, dt.date(2020, 1, 2), moment, True, "007", " x\ny ", -1.5]
    book(tmp_path, [list("abcdefghij"), cells])
    assert whole(opened(tmp_path)).cells == [
        ["1", "9161234567", "68.665", "0.1", "2020-01-02", "2020-01-02T03:04:05", "true", "007", " x\ny ", "-1.5"]
    ]


def test_numbers_never_show_an_exponent() -> None:
    numbers = [1e-7, 999_999_999_999_999.0, 1e20, 1234567.891, 0.1 + 0.2, -1e-5, 12345678901.5, -0.0]
    texts = [
        "0.0000001",
        "999999999999999",
        "100000000000000000000",
        "1234567.891",
        "0.3",
        "-0.00001",
        "12345678901.5",
        "0",
    ]
    found = column_texts(numbers)
    assert (found.cells.to_pylist(), found.doubts) == (texts, {2: "digits_lost"})
    del numbers[2], texts[2]
    assert column_texts(numbers).cells.to_pylist() == texts
    assert column_texts([*numbers, ""]).cells.to_pylist() == [*texts, None]
    assert column_texts([*numbers, "x"]).cells.to_pylist() == [*texts, "x"]


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    book(tmp_path, [["id"], [1]])
    connector = opened(tmp_path)
    book(tmp_path, [["id"], [1], [2]])
    with pytest.raises(SourceFault, match="changed while it was read"):
        whole(connector)


def test_title_rows_total_row_and_blank_rows(tmp_path: Path) -> None:
    book(tmp_path, [["Отчёт"], [], ["id", "имя\nклиента"], [1, "a"], [], [2, "b"], ["ИТОГО:", 3]])
    connector = opened(tmp_path, header_row=3, total_row="Итого")
    batch = whole(connector)
    assert connector.columns == ("id", "имя клиента")
    assert (batch.cells, batch.lines, batch.rows) == ([["1", "a"], ["2", "b"]], [4, 6], [1, 3])
    assert [(row.rule, row.origin.line) for row in batch.excluded] == [("blank_row", 5), ("total_row", 7)]


def test_rows_with_cells_that_lie_are_refused(tmp_path: Path) -> None:
    def spoil(sheet: Any) -> None:
        sheet["B2"].data_type = "e"
        sheet.merge_cells("B4:B5")

    rows = [["id", "v"], [1, "#REF!"], [2, "=A1"], [3, "top"], [4, None], [5, 1234567890123456], [6, "fine"]]
    book(tmp_path, rows, spoil)
    batch = whole(opened(tmp_path))
    assert [cells[0] for cells in batch.cells] == ["3", "6"]
    assert {row.cells["id"]: row.reason for row in batch.refused} == {
        "1": "formula_error",
        "2": "formula_not_computed",
        "4": "merged_cells",
        "5": "digits_lost",
    }
    assert "B2" in batch.refused[0].message


def test_row_of_nothing_but_an_error_is_not_blank(tmp_path: Path) -> None:
    book(tmp_path, [["id", "v"], [None, "#N/A"], [1, 2]], lambda sheet: setattr(sheet["B2"], "data_type", "e"))
    batch = whole(opened(tmp_path))
    assert [row.reason for row in batch.refused] == ["formula_error"]
    assert batch.excluded == []


def test_days_that_excel_miscounts_are_refused(tmp_path: Path) -> None:
    def format_date(sheet: Any) -> None:
        sheet["B2"].number_format = "dd.mm.yyyy"

    book(tmp_path, [["id", "day"], [1, 59]], format_date)
    assert [row.reason for row in whole(opened(tmp_path)).refused] == ["unsure_date"]


def test_missing_sheet_lists_all_with_rows_and_visibility(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        other = sheet.parent.create_sheet("old")
        other.append(["x"])
        other.sheet_state = "veryHidden"

    book(tmp_path, [["id"], [1], [2]], hide)
    with pytest.raises(DeclarationNeeded) as caught:
        opened(tmp_path, sheet="nope")
    assert "'data': 3 rows" in str(caught.value)
    assert "'old': 1 row, very hidden" in str(caught.value)
    assert opened(tmp_path, sheet="old").warnings == ["sheet 'old' is very hidden"]


def test_stray_cell_at_the_end_of_the_sheet_does_not_eat_the_memory(tmp_path: Path) -> None:
    book(tmp_path, [["id"], [1]], lambda sheet: sheet.cell(1_048_576, 16_384, "x"))
    with pytest.raises(SourceFault, match="XFD1048576"):
        opened(tmp_path)


def test_styled_empty_cell_at_the_end_does_not_count(tmp_path: Path) -> None:
    book(tmp_path, [["id"], [1]], lambda sheet: setattr(sheet.cell(1_048_576, 16_384), "number_format", "0.00"))
    assert whole(opened(tmp_path)).cells == [["1"]]


@pytest.mark.parametrize("empty", ['<c r="XFD1048576" s="1"/>', '<c r="XFD1048576" s="1"></c>'])
def test_empty_cell_counts_for_nothing_however_it_is_written(empty: str, tmp_path: Path) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{empty}</row>'
    (tmp_path / "a.xlsx").write_bytes(by_hand(rows))
    scan = open_workbook(tmp_path / "a.xlsx", "a.xlsx").scan("data")
    assert (scan.last_row, scan.last_column, scan.cells) == (1, 1, 1)


def test_value_under_no_name(tmp_path: Path) -> None:
    book(tmp_path, [["id", None, "v"], [1, None, 2], [2, "stray", 3]])
    with pytest.raises(DeclarationNeeded) as caught:
        whole(opened(tmp_path))
    assert "column B" in caught.value.what
    assert caught.value.where is not None
    assert caught.value.where.row == 3


def test_header_row_without_names(tmp_path: Path) -> None:
    book(tmp_path, [[], ["id"], [1]])
    with pytest.raises(LayoutFault, match="no column names"):
        opened(tmp_path)


def test_header_only_and_empty_sheet(tmp_path: Path) -> None:
    book(tmp_path, [["id"]])
    with pytest.raises(SourceFault, match="no data rows"):
        whole(opened(tmp_path))
    book(tmp_path, [])
    with pytest.raises(SourceFault, match="no data rows"):
        opened(tmp_path)


def test_files_that_are_no_workbook(tmp_path: Path) -> None:
    book(tmp_path, [["id"], [1]])
    good = (tmp_path / "a.xlsx").read_bytes()
    cases = [
        (good[:-200], SourceFault, "truncated"),
        (b"<html><table>", DeclarationNeeded, "HTML"),
        (b"id,name\n1,a\n", DeclarationNeeded, "connector: csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, SourceFault, "damaged"),
        (b"", SourceFault, "no data rows"),
    ]
    for data, kind, word in cases:
        (tmp_path / "a.xlsx").write_bytes(data)
        with pytest.raises(kind, match=word):
            opened(tmp_path)


def test_a_workbook_in_which_nothing_was_entered_yet_is_no_empty_delivery(tmp_path: Path) -> None:
    book(tmp_path, [["id", "name"], [1, None], [2, None]])
    connector = ManualConnector(root=tmp_path, key=("id",), path="a.xlsx", sheet="data", required=("name",))
    batch = whole(connector)
    assert (batch.cells, [row.rule for row in batch.excluded]) == ([], ["awaiting_entry"] * 2)


def test_manual_rows_without_required_cells_await_their_entry(tmp_path: Path) -> None:
    book(tmp_path, [["id", "name", "phone"], [1, "A", None], [2, None, " "], [3, None, "x"], [4, None, None]])
    connector = ManualConnector(
        root=tmp_path, key=("id",), path="a.xlsx", sheet="data", header_row=1, required=("name", "phone")
    )
    batch = whole(connector)
    assert [cells[0] for cells in batch.cells] == ["1", "3"]
    assert [(row.rule, row.cells["id"]) for row in batch.excluded] == [("awaiting_entry", "2"), ("awaiting_entry", "4")]


def test_manual_template_without_a_required_column(tmp_path: Path) -> None:
    book(tmp_path, [["id"], [1]])
    with pytest.raises(LayoutFault, match="name"):
        ManualConnector(root=tmp_path, key=("id",), path="a.xlsx", sheet="data", header_row=1, required=("name",))


PEOPLE = ["Мария Петрова", "ivan@mail.ru", "Мария Петрова", "+7 916 555-66-77"]


def told_of(folder: Path, rows: list[list[Any]], **options: Any) -> str:
    """What is said of a sheet that cannot be opened, its first row having B and C merged where C is blank."""
    book(folder, rows, lambda sheet: sheet.merge_cells("B1:C1") if rows[0][2] is None else None)
    with pytest.raises((DeclarationNeeded, LayoutFault)) as caught:
        opened(folder, **options)
    return f"{caught.value}"


@pytest.mark.parametrize("key", [("id",), ()])
def test_a_row_below_the_names_that_may_be_data_is_not_told(tmp_path: Path, key: tuple[str, ...]) -> None:
    said = told_of(tmp_path, [["id", "Имя", None], [1, "Мария Петрова", "+79165556677"]], key=key)
    assert "B to C" in said
    assert "header_rows: 2" in said
    assert not any(part in said for part in ("Мария", "Петрова", "7916"))


@pytest.mark.parametrize("key_cell", ["А-1", None])
def test_a_row_of_people_below_the_names_is_not_told(tmp_path: Path, key_cell: str | None) -> None:
    said = told_of(tmp_path, [["id", "Имя", None], [key_cell, "Мария", "Петрова"]])
    assert not any(part in said for part in ("Мария", "Петрова"))


@pytest.mark.parametrize("key", [("id",), ()])
def test_a_first_row_of_data_is_told_by_its_shape(tmp_path: Path, key: tuple[str, ...]) -> None:
    said = told_of(tmp_path, [PEOPLE, PEOPLE], key=key)
    assert "'a a' (A, C)" in said
    assert "header_rows: 0" in said
    assert not any(part in said for part in ("Мария", "ivan", "916"))


def test_a_first_row_of_data_is_not_told_where_a_setting_names_what_it_lacks(tmp_path: Path) -> None:
    people = ["Мария Петрова", "+7 916 555-66-77"]
    said = told_of(tmp_path, [[*people, "x"], [*people, "y"]], fill_merged=("branch",))
    assert "it has a a, +9 999 999-99-99, a" in said
    with pytest.raises(LayoutFault) as caught:
        ManualConnector(root=tmp_path, key=("id",), path="a.xlsx", sheet="data", required=("name",))
    assert "Мария" not in str(caught.value)


def test_names_are_told_where_the_key_is_among_them(tmp_path: Path) -> None:
    assert "columns: [id, name, name (2)]" in told_of(tmp_path, [["id", "name", "name"], [1, "a", "b"]])
    assert "it has id, name" in told_of(tmp_path, [["id", "name", "x"], [1, "a", "b"]], fill_merged=("branch",))
