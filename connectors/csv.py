"""Delimited text files: declared encoding, delimiter and header row, taken strictly.

Keeps both numbers of a row: the physical line on which it begins, as an editor shows it, and its logical number.
Rows of another width than the header are refused whole, for shifting cells into place would be guessing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

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
from connectors.content import require_text
from connectors.encoding import check_single_byte, codec, encoding_fault
from crm_etl.faults import DeclarationNeeded, SourceFault, Where

#: Longest physical line, in characters: a file without line ends must not fill the memory before it is refused.
MAX_LINE = 16 << 20
_DELIMITERS = ",;\t|"
_WORDS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d")


class CsvConnector:
    """A delimited text file that has been opened; its rows are read by :meth:`batches`."""

    sheet = None

    def __init__(
        self,
        *,
        root: Path,
        key: tuple[str, ...],
        path: str,
        encoding: str,
        delimiter: str = ",",
        quote: str = '"',
        header_row: int = 1,
    ) -> None:
        self.file = path
        self.warnings: list[str] = []
        self._path = root / path
        self._where = Where(path)
        self._snapshot = Snapshot(self._path, path)
        require_text(self._path, path)
        self._encoding = codec(encoding, self._where)
        check_single_byte(self._path, self._encoding, self._where)
        self._format: dict[str, Any] = {"delimiter": delimiter, "quotechar": quote, "strict": True}
        self._header_row = header_row
        with self._open() as handle:
            self.columns = self._header(_Records(handle, path, self._format, header_row))

    def delivery(self) -> Delivery:
        return self._snapshot.delivery

    def batches(self) -> Iterator[Batch]:
        """Rows in the file's order, see :class:`connectors.base.Connector`.

        Raises:
            EncodingFault: bytes that the declared encoding does not allow, with offset and line.
            SourceFault: a quote that is never closed, no data rows, or a file that changed meanwhile.
        """
        found = False
        with self._open() as handle:
            records = _Records(handle, self.file, self._format, self._header_row)
            self._header(records)
            try:
                for batch in self._cut(records):
                    found = found or bool(batch.size or batch.refused)
                    yield batch
            except UnicodeDecodeError:
                raise encoding_fault(self._path, self._encoding, self._where) from None
        self._snapshot.check_unchanged()
        if not found:
            raise SourceFault(
                "no data rows: there is only a header", where=self._where, remedy="ask for a new delivery"
            )

    def _open(self) -> TextIO:
        return self._path.open(encoding=self._encoding, errors="strict", newline="")

    def _header(self, records: _Records) -> tuple[str, ...]:
        where = Where(self.file, row=self._header_row)
        try:
            names = records.header()
        except UnicodeDecodeError:
            raise encoding_fault(self._path, self._encoding, self._where) from None
        if not names:
            raise SourceFault("no column names", where=where, remedy="point header_row to the row that holds them")
        if len(names) == 1:
            self._check_delimiter(where)
        return check_columns(names, where)

    def _check_delimiter(self, where: Where) -> None:
        with self._open() as handle:
            lines = [line.rstrip("\r\n") for line, _ in zip(handle, range(self._header_row + 3), strict=False)]
        lines = lines[self._header_row - 1 :]
        counts = {mark: min(line.count(mark) for line in lines) for mark in _DELIMITERS}
        mark = max(counts, key=lambda candidate: counts[candidate])
        if counts[mark] == 0:
            return
        shapes = "\n    ".join(_shape(line) for line in lines)
        raise DeclarationNeeded(
            f"one wide column: the delimiter is hardly {self._format['delimiter']!r}; the lines look like\n    "
            + shapes,
            where=where,
            remedy=f"declare delimiter: {mark!r} (at least {counts[mark]} in each of the first lines)",
        )

    def _cut(self, records: _Records) -> Iterator[Batch]:
        width = len(self.columns)
        batch = Rows(width)
        for line, row, cells in records:
            if isinstance(cells, str):
                batch.refused.append(self._broken(records, line, row, cells))
            elif not any(map(str.strip, cells)):
                batch.excluded.append(ExcludedRow(RowOrigin(line, row), "blank_row"))
            elif len(cells) != width:
                batch.refused.append(self._ragged(records, line, row, cells))
            else:
                batch.take(RowOrigin(line, row), cells)
            if len(batch.cells) >= BATCH_ROWS or len(batch.refused) + len(batch.excluded) >= BATCH_ROWS:
                yield batch.batch()
                batch = Rows(width)
        yield batch.batch()

    def _ragged(self, records: _Records, line: int, row: int, cells: list[str]) -> RefusedRow:
        width = len(self.columns)
        names = [*self.columns, *(f"#{position}" for position in range(width + 1, len(cells) + 1))]
        last = records.line - 1
        span = "" if last == line else f"; it runs to line {last}: a quote may be open since line {records.opened()}"
        return RefusedRow(
            RowOrigin(line, row),
            None,
            "ragged_row",
            f"the row has {len(cells)} cells, the header {width}{span}; mend delimiters and quotes",
            dict(zip(names, cells, strict=False)),
        )

    def _broken(self, records: _Records, line: int, row: int, problem: str) -> RefusedRow:
        return RefusedRow(
            RowOrigin(line, row),
            None,
            "bad_quote",
            f"quotes do not agree ({problem}), opened in line {records.opened()}; double quotes inside a quoted cell",
            {"#row": records.text()},
        )


class _Records:
    """Iterates ``(physical line, logical row, cells)``; in place of cells the parser's complaint, as text."""

    def __init__(self, handle: TextIO, file: str, form: dict[str, Any], header_row: int) -> None:
        self._handle = self._lines(handle)
        self._file = file
        self._seen: list[str] = []
        self._quote = form["quotechar"]
        self._reader = csv.reader(self._taken(), **form)
        self._skip = header_row - 1
        self._row = 0
        self.line = 1

    def _lines(self, handle: TextIO) -> Iterator[str]:
        number = 0
        while line := handle.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise SourceFault(
                    f"a line of more than {MAX_LINE >> 20} million characters",
                    where=Where(self._file, row=number),
                    remedy="check that the file is a table with line ends, and its encoding",
                )
            yield line

    def _taken(self) -> Iterator[str]:
        for line in self._handle:
            self._seen.append(line)
            yield line

    def header(self) -> list[str]:
        """The cells of the header row; empty when the file ends before it."""
        for _ in range(self._skip):
            if next(self._handle, None) is None:
                return []
        self._seen.clear()
        try:
            return next(self._reader, [])
        except csv.Error as error:
            self.line = self._skip + 1 + len(self._seen)
            self._stop_if_open(error)
            return []
        finally:
            self.line = self._skip + 1 + len(self._seen)

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | str]]:
        reader, seen = self._reader, self._seen
        while True:
            seen.clear()
            start = self.line
            cells: list[str] | str
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.line = start + len(seen)
                self._stop_if_open(error)
                cells = str(error)
            self._row += 1
            self.line = start + len(seen)
            yield start, self._row, cells

    def _stop_if_open(self, error: csv.Error) -> None:
        problem = str(error)
        if "unexpected end" in problem or "field limit" in problem:
            what = "is never closed" if "unexpected end" in problem else "holds more than 131072 characters"
            raise SourceFault(
                f"a cell {what}; its quote was opened in line {self.opened()}",
                where=Where(self._file, row=self.opened()),
                remedy="close the quote, or double it if it belongs to the text",
            ) from None

    def text(self) -> str:
        """The physical lines of the record read last."""
        return "".join(self._seen).rstrip("\r\n")

    def opened(self) -> int:
        """The line of the record read last in which its last quoted cell that spans lines was opened."""
        line = self.line - len(self._seen)
        opened, inside = line, False
        for offset, text in enumerate(self._seen):
            if text.count(self._quote) % 2:
                inside = not inside
                opened = line + offset if inside else opened
        return opened


def _shape(line: str) -> str:
    """A line with every word as ``a`` and every digit as ``9``: its structure without its content."""
    return _DIGITS.sub("9", _WORDS.sub("a", line[:200]))
