"""Writers of the legacy files and the tallies for the old systems' reports.

Streaming: a writer holds no rows. Workbooks have a fixed creation date, so that the same seed gives the same
bytes. What stands in the rows: the modules of the systems.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

#: Rows that one sheet of a workbook can hold, with room for titles and a total.
SHEET_ROWS = 1_000_000
_MADE = datetime(2026, 1, 1)


class CsvFile:
    """A CSV file with CRLF lines, open for writing until closed."""

    def __init__(self, path: Path, header: Sequence[str], encoding: str = "utf-8", delimiter: str = ",") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not strict about cp1251 would hide a letter that the old system could not have held.
        self._file = path.open("w", encoding=encoding, newline="", errors="strict")
        self._writer = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")
        self._writer.writerow(header)

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        self._writer.writerows(rows)

    def close(self) -> None:
        self._file.close()


class Workbook:
    """A workbook written row by row in constant memory; sheets one after another."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        path.parent.mkdir(parents=True, exist_ok=True)
        options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_urls": False}
        options["strings_to_formulas"] = False
        self._book: Any = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties({"created": _MADE})
        self._sheet: Any = None
        self.row = 0

    def sheet(self, name: str, right_to_left: bool = False) -> None:
        self._sheet = self._book.add_worksheet(name)
        self.row = 0
        if right_to_left:
            self._sheet.right_to_left()

    def write(self, values: Sequence[object]) -> None:
        """The next row; empty text and None leave the cell empty, numbers stay numbers."""
        for column, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, (int, float)):
                self._sheet.write_number(self.row, column, value)
            else:
                self._sheet.write_string(self.row, column, str(value))
        self.row += 1

    def close(self) -> None:
        self._book.close()


class Tally:
    """Sums by key: what a report of an old system printed."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, ...]] = Counter()
        self._cents: Counter[tuple[str, ...]] = Counter()

    def add(self, key: tuple[str, ...], cents: int = 0) -> None:
        self._rows[key] += 1
        self._cents[key] += cents

    def merge(self, other: Tally) -> None:
        """Add the sums of ``other``."""
        self._rows.update(other._rows)
        self._cents.update(other._cents)

    def write(self, path: Path, keys: Sequence[str], count: str, total: str | None = None) -> None:
        """The report as CSV: keys, number of rows and, if named, the sum with two decimals."""
        file = CsvFile(path, [*keys, count, *([total] if total is not None else [])])
        for key in sorted(self._rows):
            amount = [decimal(self._cents[key])] if total is not None else []
            file.write([[*key, self._rows[key], *amount]])
        file.close()


def decimal(cents: int, comma: bool = False, thousands: str = "") -> str:
    """Hundredths as decimal text: 123456 -> 1234.56, or with a comma and grouped thousands."""
    text = f"{Decimal(cents) / 100:,.2f}"
    return text.replace(",", thousands).replace(".", "," if comma else ".")
