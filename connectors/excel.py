"""Excel and OpenDocument workbooks: the declared sheet, from the declared header down, cell values as text.

Here: which rows are read, which are refused and which left out. How a file is opened and what is known before it is
parsed: :mod:`connectors.workbook`; which sheet: :mod:`connectors.sheetchoice`; names of columns:
:mod:`connectors.headers`; values: :mod:`connectors.sheetcells`; merged cells: :mod:`connectors.merging`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import (
    AWAITING,
    BATCH_ROWS,
    TEXT,
    Batch,
    Delivery,
    ExcludedRow,
    RefusedRow,
    RowOrigin,
    Snapshot,
    check_columns,
    clean_column,
)
from connectors.headers import Header, Range, column_names, declared_names
from connectors.merging import Merges
from connectors.sheetcells import Texts, column_texts
from connectors.sheetchoice import choose_sheet
from connectors.sheetscan import BATCH_CELLS, SheetScan, at, column_letters, memory, place
from connectors.told import told
from connectors.workbook import Format, open_workbook
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault, Where
from crm_etl.number import agreeing, counted

if TYPE_CHECKING:
    from pydantic import SecretStr
    from python_calamine import CalamineSheet

#: Most blank rows of a sheet: more of them mean a stray cell far below the table, not a table with gaps.
MAX_BLANK_ROWS = 100_000
_PROBLEMS = {
    "formula_error": "the cell holds an error of Excel such as #REF!; mend the formula",
    "formula_not_computed": "the formula has no stored value; open the workbook in Excel and save it",
    "digits_lost": "a number of 16 digits or more, which Excel rounds; keep it as text",
    "unsure_date": "a date before 1 March 1900, which Excel miscounts; keep it as text",
    "unread_cell": "the cell is written in a way that cannot be read whole; open the workbook in Excel and save it",
    "merged_cells": "the cell is merged with others; unmerge them and fill each, or declare fill_merged",
}
Row = dict[str, str | None]


class ExcelConnector:
    """A sheet whose columns are known; its rows are read by :meth:`batches`."""

    def __init__(
        self,
        *,
        root: Path,
        key: tuple[str, ...],
        path: str,
        sheet: str | None = None,
        header_row: int = 1,
        header_rows: int = 1,
        header_joiner: str = " / ",
        columns: tuple[str, ...] = (),
        total_row: str | tuple[str, ...] | None = None,
        fill_merged: bool | tuple[str, ...] = False,
        shown_zeros: tuple[str, ...] = (),
        format: Format | None = None,  # noqa: A002
        password: SecretStr | None = None,
    ) -> None:
        self.file = path
        self.sheet = sheet
        self.warnings: list[str] = []
        #: Names that the sheet should have: with none of them its first row may be a person's.
        self._known = frozenset(map(clean_column, key))
        self._header = Header(header_row, header_rows, header_joiner)
        self._totals = set(map(_mark, (total_row,) if isinstance(total_row, str) else total_row or ()))
        self._snapshot = Snapshot(root / path, path)
        secret = password.get_secret_value() if password is not None else None
        with memory(self._where):
            self._book = open_workbook(root / path, path, format, secret)
        if secret and not self._book.unlocked:
            self.warnings.append("the workbook is not protected: 'password' is not needed")
        with memory(self._where):
            self._scan, self._sheet = self._load(sheet)
        self._first = self._sheet.start[1] + 1 if self._sheet.start is not None else 1
        merged = self._merged()
        names = self._names(columns, merged)
        self._used = [position for position, name in enumerate(names) if name is not None]
        self._blank = [position for position, name in enumerate(names) if name is None]
        self.columns = check_columns([names[position] for position in self._used], self._where_row(header_row))
        self._filling = self._positions_of(fill_merged, "fill_merged")
        self._zeroed = self._positions_of(shown_zeros, "shown_zeros")
        width = self._first + len(names) - 1
        below, last = self._header.last + 1, self._last_row
        self._merges = Merges(merged, below, last, width, self._where, lambda *cell: self._reason(*cell) is not None)
        self._filled: dict[int, int] = {}
        #: Cells of a batch that were filled -> the cells whose value they got.
        self._holders: dict[int, int] = {}
        self._zeros: dict[int, int] = {}
        self._blank_count = 0

    def delivery(self) -> Delivery:
        return self._snapshot.delivery

    @property
    def lost_zeros(self) -> tuple[str, ...]:
        """Columns, once they are read, whose numbers Excel shows with leading zeros that were not taken."""
        lost = sorted(position for position in self._zeros if position not in self._zeroed)
        return tuple(self.columns[self._slots[position]] for position in lost)

    def batches(self) -> Iterator[Batch]:
        """Rows in the sheet's order, see :class:`connectors.base.Connector`.

        Raises:
            DeclarationNeeded: a value stands in a column without a name.
            SourceFault: no data rows, or a file that changed meanwhile.
        """
        found = False
        with memory(self._where):
            for batch in self._cut():
                awaited = any(row.rule == AWAITING for row in batch.excluded)
                found = found or awaited or bool(batch.size or batch.refused)
                yield batch
        self._snapshot.check_unchanged()
        if not found:
            raise SourceFault(
                "no data rows: there is only a header", where=self._where, remedy="ask for a new delivery"
            )
        self._tell()

    @property
    def _where(self) -> Where:
        return Where(self.file, self.sheet)

    def _where_row(self, row: int) -> Where:
        return Where(self.file, self.sheet, row)

    def _load(self, sheet: str | None) -> tuple[SheetScan, CalamineSheet]:
        self.sheet = choose_sheet(self._book, sheet, self.file)
        state = self._book.state(self.sheet)
        if state != "visible":
            self.warnings.append(f"sheet '{self.sheet}' is {state}")
        scan = self._book.scan(self.sheet)
        parsed = self._book.sheet(self.sheet, scan)
        self._book.close()
        self._compare(scan, parsed)
        if scan.empty_results:
            self.warnings.append(
                f"{counted(scan.empty_results, 'formula')} with an empty result: an .{self._book.kind} file does not"
                " tell whether they were computed; have its program compute and save it if values are missing"
            )
        return scan, parsed

    def _compare(self, scan: SheetScan, parsed: CalamineSheet) -> None:
        """The scan has seen every cell: where the parser saw none, something would be lost in silence."""
        known = scan.errors | scan.uncached | scan.unread
        if parsed.start is None and scan.cells > len(known):
            raise SourceFault(
                f"the sheet has {counted(scan.cells, 'cell')} that cannot be read",
                where=self._where,
                remedy="open the workbook in Excel and save it again",
            )
        last = parsed.end[0] + 1 if parsed.end is not None else 0
        if last < scan.last_row and all(place(position)[0] != scan.last_row for position in known):
            self.warnings.append(f"cells without a value stand below the last row that has one, to row {scan.last_row}")

    def _merged(self) -> list[Range]:
        """Merged ranges, 1-based: from the parser, or from the scan where the parser does not tell."""
        ranges = self._sheet.merged_cell_ranges
        if ranges is None:
            return self._scan.merged
        return [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges]

    @property
    def _last_row(self) -> int:
        return max(self._scan.last_row, self._sheet.end[0] + 1 if self._sheet.end is not None else 0)

    def _names(self, declared: tuple[str, ...], merged: list[Range]) -> list[str | None]:
        """A name for each column of the sheet, None for none."""
        if self._sheet.start is None:
            raise SourceFault("no data rows: the sheet is empty", where=self._where, remedy="ask for a new delivery")
        if declared:
            return declared_names(declared, len(self._rows_from(1, 1)[0]), self._first, self._where)
        levels = self._rows_from(self._header.row, max(2, self._header.rows))
        self._check_header(levels[: self._header.rows])
        where = self._where_row(self._header.row)
        return column_names(levels, self._header, self._first, merged, where, self._known)

    def _check_header(self, levels: list[list[Any]]) -> None:
        for line, row in enumerate(levels, self._header.row):
            if len(row) - row.count("") != self._held_counts[line] and (columns := self._unread_of(line, row)):
                raise SourceFault(
                    f"the name in cell {column_letters(columns[0])}{line} cannot be read",
                    where=self._where_row(line),
                    remedy="open the workbook in Excel and save it, or declare the names of all under 'columns'",
                )

    def _rows_from(self, row: int, count: int) -> list[list[Any]]:
        return list(islice(self._all_rows(), row - 1, row - 1 + count))

    def _all_rows(self) -> Iterator[list[Any]]:
        """The parsed rows from the first of the sheet on, with the texts that the parser shows otherwise."""
        rows: Iterator[list[Any]] = self._sheet.iter_rows()
        if not self._scan.rewritten:
            return rows
        return (self._rewritten(line, row) for line, row in enumerate(rows, 1))

    def _rewritten(self, line: int, row: list[Any]) -> list[Any]:
        texts = self._scan.rewritten
        return [texts.get(at(line, column), value) for column, value in enumerate(row, self._first)]

    def _positions_of(self, names: bool | tuple[str, ...], setting: str) -> set[int]:
        """Positions of the named columns; True: all."""
        if isinstance(names, bool):
            return set(self._used) if names else set()
        known = dict(zip(self.columns, self._used, strict=True))
        missing = [name for name in map(clean_column, names) if name not in known]
        if missing:
            raise LayoutFault(
                f"'{setting}' names columns that the sheet lacks: {', '.join(missing)};"
                f" it has {', '.join(told(self.columns, self._known | set(map(clean_column, names))))}",
                where=self._where,
                remedy=f"mend '{setting}'",
            )
        return {known[clean_column(name)] for name in names}

    def _cut(self) -> Iterator[Batch]:
        """The sheet's rows below the header, a batch of them at a time."""
        width = len(self._used) + len(self._blank)
        size = max(1, min(BATCH_ROWS, BATCH_CELLS // width))
        line = self._header.last + 1
        source = islice(self._all_rows(), self._header.last, None)
        while rows := list(islice(source, size)):
            yield self._batch(line, rows)
            line += len(rows)
        # The parser ends where values end: rows of nothing but cells that it does not know come after.
        beyond = max(max(self._problems, default=0), max(self._scan.held_rows, default=0)) - line + 1
        while beyond > 0:
            yield self._batch(line, [[""] * width] * min(size, beyond))
            line, beyond = line + size, beyond - size

    def _batch(self, line: int, rows: list[list[Any]]) -> Batch:
        lines = range(line, line + len(rows))
        odd = {number: self._problems[number] for number in lines if number in self._problems}
        self._check_read(line, rows, odd)
        self._holders = {}
        if self._merges:
            rows = [self._fill(number, row, odd) for number, row in zip(lines, rows, strict=True)]
        series = list(zip(*rows, strict=True))
        texts = [self._texts(line, position, series[position], odd) for position in self._used]
        blanks = self._blank_rows(line, series, odd)
        self._check_unnamed(line, series, odd)
        excluded = dict.fromkeys(blanks, "blank_row")
        excluded |= dict.fromkeys(self._total_rows(texts) - blanks, "total_row")
        refused = {number - line: problem for number, problem in odd.items() if number - line not in excluded}
        aside = excluded.keys() | refused.keys()
        excluded |= {index: AWAITING for index in self._awaiting(texts) if index not in aside}
        return self._parted(line, texts, refused, excluded)

    def _texts(self, line: int, position: int, values: Sequence[Any], odd: dict[int, tuple[int, str]]) -> pa.Array:
        """A column as text; what is doubtful in it goes to ``odd`` unless its row is odd already."""
        column = self._first + position
        texts = column_texts(values, self._book.kind == "ods")
        for index in texts.times:
            if self._holder(line + index, column) in self._below_zero:
                texts.doubts[index] = "unsure_date"
        for index, reason in texts.doubts.items():
            if self._earlier(odd.get(line + index), position):
                odd[line + index] = (position, reason)
        if self._shown_zeros:
            self._show_zeros(line, position, texts)
        return texts.cells

    def _check_read(self, line: int, rows: list[list[Any]], odd: dict[int, tuple[int, str]]) -> None:
        """Notes cells that hold a value and were given as blanks."""
        for number, row in enumerate(rows, line):
            if number not in odd and len(row) - row.count("") != self._held_counts[number]:
                for column in self._unread_of(number, row):
                    self._scan.unread.add(at(number, column))
                    if self._earlier(odd.get(number), column - self._first):
                        odd[number] = column - self._first, "unread_cell"

    def _unread_of(self, number: int, row: list[Any]) -> list[int]:
        """Columns of cells that hold a value but are blank in the parsed ``row``."""
        begin, end = (bisect_left(self._values, at(line, 1)) for line in (number, number + 1))
        columns = [place(position)[1] for position in self._values[begin:end]]
        return [column for column in columns if not _is_given(row, column - self._first)]

    @cached_property
    def _values(self) -> array[int]:
        return self._book.values(self.sheet or "")

    @cached_property
    def _held_counts(self) -> array[int]:
        """Row -> how many of its cells hold a value, as the scan counted."""
        counts = array("q", bytes(8 * (self._last_row + 2)))
        for row, count in zip(self._scan.held_rows, self._scan.held_counts, strict=True):
            counts[row] += count
        return counts

    def _holder(self, line: int, column: int) -> int:
        """The cell whose value stands in a cell: another one where that was filled."""
        position = at(line, column)
        return self._holders.get(position, position)

    @staticmethod
    def _earlier(known: tuple[int, str] | None, position: int) -> bool:
        return known is None or position < known[0]

    def _show_zeros(self, line: int, position: int, texts: Texts) -> None:
        column = self._first + position
        cells = texts.cells.to_pylist()
        for index, text in enumerate(cells):
            width = self._shown_zeros.get(self._holder(line + index, column), 0)
            if text and text.isdecimal() and len(text) < width:
                self._zeros[position] = self._zeros.get(position, 0) + 1
                cells[index] = text.zfill(width)
        if position in self._zeroed:
            texts.cells = pa.array(cells, TEXT)

    def _fill(self, line: int, row: list[Any], odd: dict[int, tuple[int, str]]) -> list[Any]:
        if line not in self._merges:
            return row
        wanted = {self._first + position for position in self._filling}
        filled, done, left = self._merges.fill(line, row, self._first, wanted)
        for column, holder in done.items():
            self._filled[column - self._first] = self._filled.get(column - self._first, 0) + 1
            self._holders[at(line, column)] = at(*holder)
        for column, holder in left.items():
            if column - self._first in self._used and self._earlier(odd.get(line), column - self._first):
                odd[line] = (column - self._first, self._reason(*holder) or "merged_cells")
        return filled

    def _reason(self, line: int, column: int) -> str | None:
        """Why the parser does not tell what a cell holds; None if it does."""
        position = at(line, column)
        if position in self._scan.errors:
            return "formula_error"
        if position in self._scan.uncached:
            return "formula_not_computed"
        return "unread_cell" if position in self._scan.unread else None

    @cached_property
    def _problems(self) -> dict[int, tuple[int, str]]:
        """Sheet row -> its first cell that the parser shows as blank though it is not, and why."""
        found: dict[int, tuple[int, str]] = {}
        scan = self._scan
        kinds = {"formula_error": scan.errors, "formula_not_computed": scan.uncached, "unread_cell": scan.unread}
        for reason, positions in kinds.items():
            for position in positions:
                line, column = place(position)
                if line > self._header.last and self._earlier(found.get(line), column - self._first):
                    found[line] = (column - self._first, reason)
        return found

    @cached_property
    def _below_zero(self) -> set[int]:
        return self._book.below_zero(self.sheet or "")

    @cached_property
    def _shown_zeros(self) -> dict[int, int]:
        widths = self._book.shown_zeros(self.sheet or "")
        if widths is None and self._zeroed:
            raise SourceFault(
                "number formats are known of .xlsx workbooks only: 'shown_zeros' cannot be done",
                where=self._where,
                remedy="save the workbook as .xlsx, or use 'restore_zero' of the field",
            )
        return widths or {}

    def _blank_rows(self, line: int, series: list[tuple[Any, ...]], odd: dict[int, tuple[int, str]]) -> set[int]:
        """Indices of the rows without anything but blanks."""
        rest: Sequence[int] = range(len(series[0]))
        for values in series:
            rest = [index for index in rest if values[index] == "" or _is_space(values[index])]
            if not rest:
                return set()
        blank = {index for index in rest if line + index not in odd}
        self._blank_count += len(blank)
        if self._blank_count > MAX_BLANK_ROWS:
            raise SourceFault(
                f"more than {MAX_BLANK_ROWS} blank rows: something stands far below the table, in row {self._last_row}",
                where=self._where,
                remedy="delete the stray cells below the table in Excel and save it again",
            )
        return blank

    def _total_rows(self, texts: list[pa.Array]) -> set[int]:
        """Indices of the rows whose first cell with something in it marks a total."""
        if not self._totals:
            return set()
        found: set[int] = set()
        rest: Sequence[int] = range(len(texts[0]))
        for column in texts:
            cells = column.to_pylist()
            found.update(index for index in rest if cells[index] and _mark(cells[index]) in self._totals)
            rest = [index for index in rest if not (cells[index] and cells[index].strip())]
            if not rest:
                break
        return found

    def _check_unnamed(self, line: int, series: list[tuple[Any, ...]], odd: dict[int, tuple[int, str]]) -> None:
        """Raises DeclarationNeeded when a column without a name holds a value."""
        places = [
            (line + next(index for index, value in enumerate(series[position]) if value != ""), position)
            for position in self._blank
            if any(value != "" for value in series[position])
        ]
        places += [(number, position) for number, (position, _) in odd.items() if position not in self._slots]
        if places:
            number, position = min(places)
            raise DeclarationNeeded(
                f"column {column_letters(self._first + position)} has values but no name",
                where=self._where_row(number),
                remedy=f"name it in row {self._header.row}, delete it, or declare the names of all under 'columns'",
            )

    @cached_property
    def _slots(self) -> dict[int, int]:
        """Position of a column in the sheet -> among the named ones."""
        return {position: slot for slot, position in enumerate(self._used)}

    def _awaiting(self, texts: list[pa.Array]) -> Sequence[int]:
        """Indices of sound rows that a subclass leaves out."""
        return ()

    def _parted(
        self, line: int, texts: list[pa.Array], refused: dict[int, tuple[int, str]], excluded: dict[int, str]
    ) -> Batch:
        count = len(texts[0])
        kept = pa.array([index for index in range(count) if index not in refused and index not in excluded], pa.int64())
        lines = pc.add(kept, line)
        return Batch(
            texts if len(kept) == count else [column.take(kept) for column in texts],
            lines,
            pc.subtract(lines, self._header.last),
            [self._refused(line + index, *refused[index], self._row(texts, index)) for index in sorted(refused)],
            [self._excluded(line + index, excluded[index], self._row(texts, index)) for index in sorted(excluded)],
        )

    def _row(self, texts: list[pa.Array], index: int) -> Row:
        return {name: column[index].as_py() or None for name, column in zip(self.columns, texts, strict=True)}

    def _origin(self, line: int) -> RowOrigin:
        return RowOrigin(line, line - self._header.last)

    def _excluded(self, line: int, rule: str, cells: Row) -> ExcludedRow:
        return ExcludedRow(self._origin(line), rule, {} if rule == "blank_row" else cells)

    def _refused(self, line: int, position: int, reason: str, cells: Row) -> RefusedRow:
        column = self.columns[self._slots[position]]
        letters = column_letters(self._first + position)
        return RefusedRow(self._origin(line), column, reason, f"cell {letters}{line}: {_PROBLEMS[reason]}", cells)

    def _tell(self) -> None:
        """Warns of what was fixed or may be missing, with counts."""
        for position, count in sorted(self._filled.items()):
            name = self.columns[self._slots[position]]
            self.warnings.append(
                f"column '{name}': {counted(count, 'cell')} filled with the value that "
                f"{agreeing(count, 'it is', 'they are')} merged with"
            )
        for position, count in sorted(self._zeros.items()):
            name = self.columns[self._slots[position]]
            if position in self._zeroed:
                self.warnings.append(
                    f"column '{name}': {counted(count, 'number')} taken with the zeros that Excel shows"
                )
            else:
                self.warnings.append(
                    f"column '{name}': Excel shows {counted(count, 'number')} with leading zeros that"
                    f" {agreeing(count, 'it does', 'they do')} not have; declare"
                    f" shown_zeros: [{name}] to take them as shown"
                )


def _is_given(row: list[Any], position: int) -> bool:
    return 0 <= position < len(row) and row[position] != ""


def _is_space(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _mark(text: str) -> str:
    return text.strip().rstrip(":").strip().casefold()
