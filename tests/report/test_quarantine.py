"""The table of refused rows that people correct: workbook and CSV, columns, marks, what is coloured."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from crm_etl import schema
from crm_etl.neutral import restore
from crm_etl.report import quarantine, quarantine_book
from crm_etl.report.quarantine_table import LEAD, LONGEST, TRAIL, Layout, digest, sheets, shown

LAYOUT = Layout(("id", "Имя", "born"), {"birth_date": ("born",), "id": ("id",)}, {"new": "old"})


def refused(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"source": "shop", "file": "a.csv", "stage": "normalize", "field": "birth_date", "reason": "bad_date"}
    return schema.QUARANTINE.build(
        {
            **base,
            "key": str(number),
            "line": number + 1,
            "row": number,
            "fingerprint": f"f{number}",
            "message": "no date",
            **row,
            "cells": json.dumps(row["cells"], ensure_ascii=False),
        }
        for number, row in enumerate(rows, 1)
    )


def write(folder: Path, frame: pd.DataFrame, layout: Layout = LAYOUT) -> tuple[Worksheet, list[list[str]]]:
    _, rows, book = quarantine.write(frame, folder, "Desk", {"shop": layout})
    with rows.open(encoding="utf-8-sig", newline="") as file:
        return openpyxl.load_workbook(book)["shop"], list(csv.reader(file))


def test_original_cells_stand_in_columns_between_what_is_wrong_and_where_it_is(tmp_path: Path) -> None:
    sheet, lines = write(tmp_path, refused({"cells": {"id": "0007", "Имя": "Анна", "born": "31.02.1980"}}))
    header = [cell.value for cell in sheet[1]]
    assert header == [*LEAD, "id", "Имя", "born", *TRAIL] == lines[0]
    row = dict(zip(header, [cell.value for cell in sheet[2]], strict=True))
    assert (row["id"], row["born"], row["reason"], row["line"], row["fingerprint"]) == (
        "0007", "31.02.1980", "bad_date", 2, "f1"
    )  # fmt: skip
    assert row["action"] is None
    assert dict(zip(lines[0], lines[1], strict=True))["id"] == "0007"


def test_rows_are_as_high_as_what_is_told_in_them(tmp_path: Path) -> None:
    """Not every program makes them so by itself."""
    told = {"message": "not a date in the declared format and calendar: correct the cell, or the field's format"}
    cells = {"id": "1", "Имя": "Анна", "born": "31.02.1980"}
    frame = refused({"cells": cells, **told}, {"cells": cells}, {"cells": cells, "key": "7" * 5000})
    sheet, _ = write(tmp_path, frame)
    heights = [sheet.row_dimensions[row].height for row in (2, 3, 4)]
    assert heights == [30, None, 150]
    advice = openpyxl.load_workbook(tmp_path / "quarantine.xlsx")[quarantine_book.FIRST_SHEET]
    for (cell,) in advice.iter_rows(min_row=3, max_row=3 + len(quarantine_book._ADVICE) - 1):
        assert len(str(cell.value)) <= 100 * (advice.row_dimensions[cell.row].height or 15) / 15
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")


def test_the_cell_at_fault_is_coloured_and_told_of(tmp_path: Path) -> None:
    sheet, _ = write(tmp_path, refused({"cells": {"id": "1", "Имя": "Анна", "born": "31.02.1980"}}))
    cells = {sheet.cell(1, cell.column).value: cell for cell in sheet[2]}
    assert cells["born"].comment is not None
    assert cells["born"].comment.text == "bad_date: no date"
    assert cells["born"].fill.fgColor.rgb == "FFFFD9D0"
    assert cells["Имя"].comment is None
    assert {cell.number_format for cell in sheet[2] if isinstance(cell.value, str)} == {"@"}
    assert sheet.data_validations.dataValidation[0].formula1 == '"correct,exclude"'
    hidden = [dimension for dimension in sheet.column_dimensions.values() if dimension.hidden]
    spans = {name for one in hidden for name in range(one.min, one.max + 1)}
    assert {sheet.cell(1, place).value for place in spans} == {"source", "stage", "fingerprint", "shown"}


def test_cells_beyond_the_columns_stand_after_them(tmp_path: Path) -> None:
    torn = {"field": None, "reason": "ragged_row", "cells": {"id": "1", "Имя": "a", "born": "b", "#4": "c"}}
    sheet, lines = write(tmp_path, refused(torn, {"field": None, "cells": {"#row": '1;"a'}}))
    assert lines[0][len(LEAD) : -len(TRAIL)] == ["id", "Имя", "born", "#4", "#row"]
    assert sheet["J3"].value == '1;"a'


def test_of_a_row_that_was_corrected_before_the_first_mark_is_kept() -> None:
    frame = refused({"fingerprint": "new", "cells": {"id": "1"}})
    (sheet,) = sheets(frame, {"shop": LAYOUT})
    (line,) = sheet.lines()
    assert line.told["fingerprint"] == "old"


def test_the_mark_of_cells_changes_with_each_of_them_and_nothing_else() -> None:
    cells = shown('{"id": "1", "Имя": null, "born": "x"}', LAYOUT.columns)
    assert cells == {"id": "1", "born": "x"}
    assert digest(cells) == digest({"born": "x", "id": "1", "Имя": ""})
    assert digest(cells) != digest({"born": "1", "id": "x"})


def test_a_cell_too_long_for_a_workbook_is_told_by_its_length(tmp_path: Path) -> None:
    sheet, lines = write(
        tmp_path, refused({"cells": {"id": "1", "Имя": "я" * (LONGEST + 1), "born": "\x00" * LONGEST}})
    )
    assert sheet["G2"].value == f"… {LONGEST + 1} characters, too many for a cell: kept as they are"
    assert sheet["H2"].value == "␀" * LONGEST
    assert lines[1][6] == sheet["G2"].value


def test_nothing_in_either_file_runs_or_hides(tmp_path: Path) -> None:
    evil = {"id": "=HYPERLINK(1)", "Имя": "\u202egpj.exe", "born": "a\x00b\r\nc_x0041_"}
    sheet, lines = write(tmp_path, refused({"cells": evil}))
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    inside = [sheet.cell(2, len(LEAD) + place).value for place in (1, 2, 3)]
    assert inside == lines[1][len(LEAD) : len(LEAD) + 3]
    assert inside == ["'=HYPERLINK(1)", "⟨U+202E⟩gpj.exe", "a␀b␍\nc⟨U+005F⟩x0041_"]
    assert [restore(str(cell)) for cell in inside] == list(evil.values())


def test_of_very_many_rows_the_workbook_has_the_first_and_says_so(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(quarantine_book, "MAX_ROWS", 2)
    frame = refused(*({"cells": {"id": str(number)}} for number in range(5)))
    sheet, lines = write(tmp_path, frame)
    assert (sheet.max_row, len(lines)) == (3, 6)
    assert sheet.parent is not None
    told = [str(cell.value) for (cell,) in sheet.parent["read me"].iter_rows(max_col=1)]
    assert any("the first 2 of 5 rows; quarantine.csv has all" in text for text in told)


def test_sources_of_long_and_like_names_have_sheets_of_their_own(tmp_path: Path) -> None:
    names = ["a" * 33, "a" * 34, "a" * 31]
    frame = pd.concat([refused({"source": name, "cells": {"id": "1"}}) for name in names], ignore_index=True)
    _, _, book = quarantine.write(frame, tmp_path)
    assert openpyxl.load_workbook(book).sheetnames == ["read me", "a" * 31, "a" * 27 + "~2", "a" * 27 + "~3"]
