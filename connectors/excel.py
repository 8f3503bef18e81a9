"""Excel workbooks: the declared sheet, from the declared header row down, cell values as text.

Numbers are given with the 15 significant digits that Excel itself knows (ECMA-376 stores binary doubles): whole
ones without a fraction, and ones of more digits are refused because digits are already lost. Dates become ISO
text. Cells that hold an error, a formula that was never computed, or lie in a vertical merge refuse their row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import (
    BATCH_ROWS,
    Batch,
    Delivery,
    ExcludedRow,
    RefusedRow,
    RowOrigin,
    Rows,
    Snapshot,
    check_columns,
)
from connectors.cells import cell_text, plain
from connectors.workbook import SheetScan, check_extent, check_workbook, column_letters, protected, scan_sheet
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault, Where

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

#: From 16 digits on Excel has rounded. Before this day its calendar counts a 29 February 1900 that never was.
_ROUNDED = 1e15
_FIRST_SURE_DAY = dt.date(1900, 3, 1)
_PROBLEMS = {
    "formula_error": "the cell holds an error of Excel such as #REF!; mend the formula",
    "formula_not_computed": "the formula has no stored value; open the workbook in Excel and save it",
    "digits_lost": "a number of 16 digits or more, which Excel rounds; keep it as text",
    "unsure_date": "a date before 1 March 1900, which Excel miscounts; keep it as text",
    "merged_cells": "the cell is merged with the one above; unmerge them and fill both",
}


class ExcelConnector:
    """A sheet whose columns are known; its rows are read by :meth:`batches`."""

    def __init__(
        self,
        *,
        root: Path,
        key: tuple[str, ...],
        path: str,
        sheet: str,
        header_row: int = 1,
        total_row: str | None = None,
    ) -> None:
        self.file = path
        self.sheet: str | None = sheet
        self.warnings: list[str] = []
        self._where = Where(path, sheet)
        self._header_row = header_row
        self._total = _mark(total_row) if total_row is not None else None
        self._snapshot = Snapshot(root / path, path)
        self._scan, self._sheet = self._load(root / path, sheet)
        self._first = self._sheet.start[1] + 1 if self._sheet.start is not None else 1
        self._merged = _merged_below(self._sheet)
        self._odd_lines = {line for line, _ in (*self._scan.errors, *self._scan.uncached, *self._merged)}
        names = self._names()
        self._used = [position for position, name in enumerate(names) if name is not None]
        self._blank = [position for position, name in enumerate(names) if name is None]
        self.columns = check_columns([names[position] for position in self._used], self._where_row(header_row))

    def delivery(self) -> Delivery:
        return self._snapshot.delivery

    def batches(self) -> Iterator[Batch]:
        """Rows in the sheet's order, see :class:`connectors.base.Connector`.

        Raises:
            LayoutFault: a value stands in a column without a name.
            SourceFault: no data rows, or a file that changed meanwhile.
        """
        found = False
        for rows in self._cut():
            found = found or bool(rows.cells or rows.refused)
            yield rows.batch()
        self._snapshot.check_unchanged()
        if not found:
            raise SourceFault(
                "no data rows: there is only a header", where=self._where, remedy="ask for a new delivery"
            )

    def _cut(self) -> Iterator[Rows]:
        """The sheet's rows, a batch of them at a time."""
        rows = Rows(len(self.columns))
        for number, values in enumerate(self._sheet.iter_rows(), 1):
            if number <= self._header_row:
                continue
            self._sort(RowOrigin(number, number - self._header_row), values, rows)
            if len(rows) >= BATCH_ROWS:
                yield rows
                rows = Rows(len(self.columns))
        yield rows

    def _load(self, path: Path, sheet: str) -> tuple[SheetScan, CalamineSheet]:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError

        kind = check_workbook(path, self.file)
        try:
            book = CalamineWorkbook.from_path(path)
            self._check_sheet(book, sheet, path, kind)
            scan = scan_sheet(path, sheet, self._where) if kind == "xlsx" else SheetScan()
            check_extent(scan, self._where)
            if kind == "xls":
                self.warnings.append("an .xls file: error cells cannot be told from blank ones; .xlsx shows them")
            return scan, book.get_sheet_by_name(sheet)
        except PasswordError:
            raise protected(self._where) from None
        except CalamineError:
            raise SourceFault(
                "the workbook is truncated or damaged", where=self._where, remedy="have it sent again, whole"
            ) from None

    def _check_sheet(self, book: CalamineWorkbook, sheet: str, path: Path, kind: str) -> None:
        if sheet not in book.sheet_names:
            lines = "\n    ".join(list_sheets(book, path, kind))
            raise DeclarationNeeded(
                f"no sheet '{sheet}'; the workbook has\n    {lines}",
                where=Where(self.file),
                remedy="declare under 'sheet' the one that is meant",
            )
        state = next(meta.visible for meta in book.sheets_metadata if meta.name == sheet)
        if str(state).rpartition(".")[2] != "Visible":
            self.warnings.append(f"sheet '{sheet}' is hidden")

    def _names(self) -> list[str | None]:
        where = self._where_row(self._header_row)
        for number, values in enumerate(self._sheet.iter_rows(), 1):
            if number == self._header_row:
                names = [cell_text(value) for value in values]
                if any(name is not None and name.strip() for name in names):
                    return [name if name is not None and name.strip() else None for name in names]
                break
        if self._sheet.start is None:
            raise SourceFault("no data rows: the sheet is empty", where=self._where, remedy="ask for a new delivery")
        raise LayoutFault("no column names in this row", where=where, remedy="point header_row to the row with names")

    def _sort(self, origin: RowOrigin, values: list[Any], batch: Rows) -> None:
        problem = self._odd(origin.line or 0) if origin.line in self._odd_lines else None
        if problem is None and all(type(value) is str and not value.strip() for value in values):
            batch.excluded.append(ExcludedRow(origin, "blank_row"))
            return
        self._check_unnamed(origin, values)
        cells: list[str | None] = []
        for position in self._used:
            value = values[position]
            if type(value) is str:
                cells.append(value or None)
                continue
            text, reason = number_text(value) if type(value) is float else (cell_text(value), _doubt(value))
            cells.append(text)
            if reason is not None and problem is None:
                problem = (position, reason)
        if self._total is not None and self._is_total(cells):
            batch.excluded.append(ExcludedRow(origin, "total_row", dict(zip(self.columns, cells, strict=True))))
        elif problem is not None:
            batch.refused.append(self._refused(origin, *problem, cells))
        else:
            self._accept(origin, cells, batch)

    def _accept(self, origin: RowOrigin, cells: list[str | None], batch: Rows) -> None:
        """A sound row; a subclass may leave it out."""
        batch.take(origin, cells)

    def _is_total(self, cells: list[str | None]) -> bool:
        first = next((cell for cell in cells if cell is not None and cell.strip()), "")
        return _mark(first) == self._total

    def _odd(self, line: int) -> tuple[int, str] | None:
        """The first named cell of a row that the parser shows as blank though it is not: (position, reason)."""
        for position in self._used:
            at = (line, self._first + position)
            if at in self._scan.errors:
                return position, "formula_error"
            if at in self._scan.uncached:
                return position, "formula_not_computed"
            if at in self._merged:
                return position, "merged_cells"
        return None

    def _check_unnamed(self, origin: RowOrigin, values: list[Any]) -> None:
        for position in self._blank:
            if cell_text(values[position]) is not None:
                raise LayoutFault(
                    f"column {column_letters(self._first + position)} has values but no name",
                    where=self._where_row(origin.line or 0),
                    remedy=f"name it in row {self._header_row}, or delete it; unmerge merged column names",
                )

    def _refused(self, origin: RowOrigin, position: int, reason: str, cells: list[str | None]) -> RefusedRow:
        column = self.columns[self._used.index(position)]
        letters = column_letters(self._first + position)
        return RefusedRow(
            origin,
            column,
            reason,
            f"cell {letters}{origin.line}: {_PROBLEMS[reason]}",
            dict(zip(self.columns, cells, strict=True)),
        )

    def _where_row(self, row: int) -> Where:
        return Where(self.file, self.sheet, row)


def number_text(value: float) -> tuple[str, str | None]:
    """A number of a sheet as Excel shows it in full, and why it cannot be trusted, if so."""
    if abs(value) >= _ROUNDED:
        return plain(Decimal(repr(value))), "digits_lost"
    if value.is_integer():
        return str(int(value)), None
    return plain(Decimal(f"{value:.15g}")), None


def _doubt(value: Any) -> str | None:
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        return "unsure_date" if day < _FIRST_SURE_DAY else None
    return None


def list_sheets(book: CalamineWorkbook, path: Path, kind: str) -> list[str]:
    """A line a sheet: name, rows, and whether people can see it."""
    lines = []
    for meta in book.sheets_metadata:
        visible = str(meta.visible).rpartition(".")[2]
        rows = _rows(book, meta.name, path, kind)
        lines.append(f"'{meta.name}': {rows}{'' if visible == 'Visible' else ', ' + visible}")
    return lines


def _rows(book: CalamineWorkbook, name: str, path: Path, kind: str) -> str:
    from python_calamine import CalamineError

    try:
        if kind == "xlsx":
            return f"{scan_sheet(path, name, Where(str(path), name)).last_row} rows"
        return f"{book.get_sheet_by_name(name).total_height} rows"
    except (CalamineError, SourceFault):
        return "not readable"


def _merged_below(sheet: CalamineSheet) -> set[tuple[int, int]]:
    """Cells that are merged with one above them, and so came blank: whether its value is theirs is unsure."""
    last_row, last_column = sheet.end if sheet.end is not None else (0, 0)
    return {
        (row + 1, column + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
        for row in range(top + 1, min(bottom, last_row) + 1)
        for column in range(left, min(right, last_column) + 1)
    }


def _mark(text: str) -> str:
    return text.strip().rstrip(":").strip().casefold()
