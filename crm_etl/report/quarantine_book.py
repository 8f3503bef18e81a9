"""The workbook of rows in quarantine: one sheet a source, every cell text, the cell at fault coloured and told of.

Columns and rows: :mod:`crm_etl.report.quarantine_table`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_etl.heights import TITLE, height
from crm_etl.neutral import neutral
from crm_etl.number import counted
from crm_etl.report.quarantine_table import LEAD, TRAIL, Sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FIRST_SHEET = "read me"
#: Rows of a source in the workbook: more of them nobody corrects by hand, for then the mapping is wrong.
MAX_ROWS = 50_000
#: A comment is kept in memory until the end, so only the first rows have one.
_COMMENTED = 3_000
_LONGEST_NAME = 31
_WIDTHS = {"action": 10, "why": 18, "reason": 18, "field": 16, "message": 44, "file": 24, "sheet": 12, "key": 14}
_WRAPPED = {name: _WIDTHS[name] for name in ("reason", "field", "message", "file", "sheet", "key")}
_ADVISED = 100
_A4 = 9
_HIDDEN = ("source", "stage", "fingerprint", "shown")
_ACTION = {
    "validate": "list",
    "source": ["correct", "exclude"],
    "input_title": "What to do",
    "input_message": "Leave empty and correct the cells of the row, or choose 'exclude' to leave the row out.",
    "error_title": "What to do",
    "error_message": "Leave it empty, or write: correct, exclude",
}
_ADVICE = (
    "Rows that were refused stand on the other sheets, one for each source: what is wrong to the left, then the cells "
    "as they were delivered. The cell at fault is coloured; its comment tells what is wrong.",
    "Correct the cells where they stand. Rows that you do not touch stay in quarantine: nothing is lost.",
    "To leave a row out for good, choose 'exclude' in the column 'action'. Say why in the column 'why'.",
    "A row that had too many or too few cells: put each value under its column. What was left over stands under "
    "columns that begin with #. If the row is right as it is shown, write 'correct' in the column 'action'.",
    "An apostrophe before = + - @ keeps a spreadsheet from running the cell. It is taken off again: leave it or not. "
    "Signs such as ␀ or ⟨U+202E⟩ stand for characters that nobody would see: remove them.",
    "Leave the hidden columns, the names of the columns and the order of the columns as they are.",
    "Send the file again with: crm-etl resubmit quarantine.xlsx - then see what became of it: crm-etl dry-run",
)


def write(sheets: list[Sheet], path: Path, title: str = "") -> Path:
    """Lay the workbook down at ``path``."""
    from xlsxwriter import Workbook

    # Row by row onto the disk: a wrong mapping refuses whole sources.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with Workbook(str(path), options) as book:
        _advice(book, sheets, title)
        for sheet, name in zip(sheets, _names(sheets), strict=True):
            _rows(book, book.add_worksheet(name), sheet)
    return path


def _names(sheets: list[Sheet]) -> list[str]:
    """A name for each sheet: that of its source, cut to what Excel allows."""
    names = [FIRST_SHEET]
    for sheet in sheets:
        cut = sheet.source[:_LONGEST_NAME]
        names.append(f"{cut[: _LONGEST_NAME - 4]}~{len(names)}" if cut in names else cut)
    return names[1:]


def _advice(book: Workbook, sheets: list[Sheet], title: str) -> None:
    page = book.add_worksheet(FIRST_SHEET)
    bold, wrapped = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    page.set_column(0, 0, _ADVISED)
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_row(0, TITLE)
    page.write_string(0, 0, f"Quarantine{f': {title}' if title else ''}", bold)
    for row, text in enumerate(_ADVICE, 2):
        page.set_row(row, height([(text, _ADVISED)]))
        page.write_string(row, 0, text, wrapped)
    for row, sheet in enumerate(sheets, len(_ADVICE) + 3):
        page.write_string(row, 0, _extent(sheet))
    if not sheets:
        page.write_string(len(_ADVICE) + 3, 0, "No row is in quarantine.")


def _extent(sheet: Sheet) -> str:
    rows = len(sheet.rows)
    if rows <= MAX_ROWS:
        return f"{sheet.source}: {counted(rows, 'row')}"
    return f"{sheet.source}: the first {MAX_ROWS:,} of {rows:,} rows; quarantine.csv has all. Is the mapping right?"


def _rows(book: Workbook, page: Worksheet, sheet: Sheet) -> None:
    text = book.add_format({"num_format": "@", "valign": "top"})
    told = book.add_format({"num_format": "@", "valign": "top", "font_color": "#666666", "text_wrap": True})
    wrong = book.add_format({"num_format": "@", "valign": "top", "bg_color": "#FFD9D0", "border": 1})
    head = book.add_format({"bold": True, "num_format": "@", "bg_color": "#E7ECF3", "bottom": 1})
    first = len(LEAD)
    last = first + len(sheet.columns)
    page.set_landscape()
    page.set_paper(_A4)
    page.repeat_rows(0)
    _columns(page, sheet, text)
    for column, name in enumerate(sheet.header):
        page.write_string(0, column, neutral(name), head)
    number = 0
    for number, line in enumerate(sheet.lines(MAX_ROWS), 1):
        page.set_row(number, height([(line.told.get(name), width) for name, width in _WRAPPED.items()]))
        for column, value in enumerate(line.row(sheet.columns)):
            style = text if column < 2 or first <= column < last else told
            if first <= column < last and sheet.columns[column - first] in line.at_fault:
                style = wrong
                if number <= _COMMENTED:
                    page.write_comment(number, column, f"{line.told['reason']}: {line.told['message']}", _COMMENT)
            _put(page, number, column, value, style)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, number, len(sheet.header) - 1)
    page.data_validation(1, 0, number, 0, _ACTION)


_COMMENT: dict[str, Any] = {"x_scale": 2, "y_scale": 1.2}


def _columns(page: Worksheet, sheet: Sheet, text: Any) -> None:
    for column, name in enumerate(LEAD):
        page.set_column(column, column, _WIDTHS[name], text)
    first = len(LEAD)
    looked_at = list(sheet.lines(200))
    for column, name in enumerate(sheet.columns, first):
        longest = max((len(line.cells.get(name, "")) for line in looked_at), default=0)
        page.set_column(column, column, min(max(longest, len(name)) + 3, 40), text)
    for column, name in enumerate(TRAIL, first + len(sheet.columns)):
        page.set_column(column, column, _WIDTHS.get(name, 8), text, {"hidden": name in _HIDDEN})


def _put(page: Worksheet, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        page.write_string(row, column, value, style)
    else:
        page.write_number(row, column, value, style)
