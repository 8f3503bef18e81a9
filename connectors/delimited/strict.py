"""Blocks of text read row by row with the strict parser of the standard library, and what is odd in them judged.

Here is decided what a row is: its cells, its numbers, whether it is refused or left out, and why. The compiled
reader in :mod:`.scan` takes over where rows are plain, and hands back to here what is not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from connectors.base import BATCH_ROWS, Batch, ExcludedRow, RefusedRow, RowOrigin, Rows
from connectors.delimited.dialect import Dialect
from connectors.delimited.header import DELIMITERS, REPEATED, RepeatedHeader
from connectors.told import shape
from crm_etl.faults import DeclarationNeeded, SourceFault, Where
from crm_etl.number import agreeing, counted

#: Longest cell in characters: the limit of the parser. An open quote would swallow the rest of the file.
LONGEST_CELL = csv.field_size_limit()
#: The order mark of a file: in the midst of one it begins a row where files were put together.
MARK = "\ufeff"
_SHOWN = 5
#: So many rows that fit another delimiter, or such a part of all, make a file of two delimiters.
_MIXED_ROWS, _MIXED_PART = 3, 0.1


@dataclass(frozen=True)
class Piece:
    """Whole lines of UTF-8 text that begin with a row: ``line`` and ``row`` are its numbers."""

    text: bytes
    line: int
    row: int
    final: bool


@dataclass(frozen=True)
class Reading:
    """The rows of a piece. Rows beyond a full batch, and one that the piece breaks off, are left over, from byte
    ``used`` and ``line`` on."""

    batch: Batch
    used: int
    line: int


class Reader(Protocol):
    def read(self, piece: Piece) -> Reading: ...


class StrictReader:
    """Reads row by row; knows why a row cannot be read."""

    def __init__(self, file: str, columns: tuple[str, ...], dialect: Dialect, mixture: Mixture) -> None:
        self._file, self._columns, self._dialect = file, columns, dialect
        self._mixture = mixture
        self.repeated = RepeatedHeader(columns)

    def read(self, piece: Piece) -> Reading:
        """The rows of ``piece``.

        Raises:
            SourceFault: a cell that is too long, or a quote that is never closed.
        """
        rows = Rows(len(self._columns))
        records = _Records(piece, self._file, self._dialect)
        for record in records:
            origin = RowOrigin(record.line, piece.row + len(rows))
            if record.comment:
                rows.excluded.append(ExcludedRow(origin, "comment_row", {"#row": record.text}))
            elif record.problem is not None:
                rows.refused.append(_bad_quote(origin, record))
            elif not any(map(str.strip, record.cells)):
                rows.excluded.append(ExcludedRow(origin, "blank_row"))
            elif len(record.cells) != len(self._columns):
                rows.refused.append(self._ragged(origin, record))
            elif self.repeated.is_row(record.cells):
                rows.excluded.append(ExcludedRow(origin, REPEATED))
            elif (stray := record.stray(self._dialect)) is not None:
                rows.refused.append(self._stray(origin, record, stray))
            else:
                rows.take(origin, record.cells)
            if len(rows) == BATCH_ROWS:
                records.stop()
        return Reading(rows.batch(), len(piece.text) - records.left_over, records.line)

    def _ragged(self, origin: RowOrigin, record: Record) -> RefusedRow:
        cells, width = record.cells, len(self._columns)
        self._mixture.look(record, width)
        names = [*self._columns, *(f"#{position}" for position in range(width + 1, len(cells) + 1))]
        last = record.line + len(record.lines) - 1
        span = (
            ""
            if last == record.line
            else f"; it runs to line {last}: a quote may be open since line {record.opened(self._dialect)}"
        )
        return RefusedRow(
            origin,
            None,
            "ragged_row",
            f"the row has {counted(len(cells), 'cell')}, the header {width}{span}; mend delimiters and quotes",
            dict(zip(names, cells, strict=False)),
        )

    def _stray(self, origin: RowOrigin, record: Record, position: int) -> RefusedRow:
        return RefusedRow(
            origin,
            self._columns[position],
            "bad_quote",
            f"a quote inside an unquoted cell is opened in line {record.line + len(record.lines) - 1} and not closed: "
            "cells may have shifted; quote the cell, or declare quote: null if quotes are text",
            dict(zip(self._columns, record.cells, strict=True)),
        )


def _bad_quote(origin: RowOrigin, record: Record) -> RefusedRow:
    return RefusedRow(
        origin,
        None,
        "bad_quote",
        f"quotes do not agree ({record.problem}), opened in line {record.open_line}; "
        "double quotes inside a quoted cell",
        {"#row": record.text},
    )


@dataclass
class Record:
    """A row as it stands: its first physical line, its lines, its cells or the parser's complaint."""

    line: int
    lines: list[str]
    cells: list[str] = field(default_factory=list)
    problem: str | None = None
    comment: bool = False
    open_line: int = 0

    @property
    def text(self) -> str:
        return "".join(self.lines).rstrip("\r\n")

    def stray(self, dialect: Dialect) -> int | None:
        """Position of the first unquoted cell with a quote that is not closed in it: ``ООО "Роза, Москва"``."""
        quote, text, at = dialect.quote, "".join(self.lines).lstrip(MARK), 0
        if quote is None or quote not in text:
            return None
        for position, cell in enumerate(self.cells):
            inside = cell.count(quote)
            if text.startswith(quote, at):
                at += len(cell) + inside + 2
            elif inside % 2:
                return position
            else:
                at += len(cell)
            at += 1
        return None

    def opened(self, dialect: Dialect) -> int:
        """The line in which the last quoted cell that spans lines was opened."""
        opened, inside = self.line, False
        for offset, text in enumerate(self.lines):
            if dialect.quote is not None and text.count(dialect.quote) % 2:
                inside = not inside
                opened = self.line + offset if inside else opened
        return opened


class _Records:
    """Iterates the records of a piece. ``line``: that after the last of them; ``left_over``: bytes that follow."""

    def __init__(self, piece: Piece, file: str, dialect: Dialect) -> None:
        self._file, self._final, self._dialect = file, piece.final, dialect
        self._lines = io.StringIO(piece.text.decode("utf-8"), newline="")
        self._taken: list[str] = []
        self._first: str | None = None
        self.line, self.left_over = piece.line, 0

    def stop(self) -> None:
        """Leave the rest over."""
        self.left_over = len(self._lines.read().encode("utf-8"))

    def _fed(self) -> Iterator[str]:
        """The lines for the parser: of each record the first is there already."""
        while True:
            if self._first is not None:
                line, self._first = self._first, None
            elif (line := next(self._lines, "")) != "":
                self._taken.append(line)
            else:
                return
            yield line

    def __iter__(self) -> Iterator[Record]:
        parser = self._dialect.cells(self._fed())
        while (first := next(self._lines, None)) is not None:
            self._taken = [first]
            record = Record(self.line, self._taken)
            first = first.lstrip(MARK)
            if self._dialect.comments and first.startswith(self._dialect.comments):
                record.comment = True
            else:
                self._first = first
                try:
                    record.cells = next(parser)
                except csv.Error as error:
                    record.problem, record.open_line = str(error), record.opened(self._dialect)
                    if self._breaks_off(record):
                        return
            self.line += len(self._taken)
            yield record

    def _breaks_off(self, record: Record) -> bool:
        problem = record.problem or ""
        if "field limit" in problem or "field larger" in problem:
            what = f"holds more than {LONGEST_CELL} characters"
        elif "unexpected end" in problem:
            if not self._final:
                self.left_over = len("".join(self._taken).encode("utf-8"))
                return True
            what = "is never closed"
        else:
            return False
        raise SourceFault(
            f"a cell {what}; its row or its quote was opened in line {record.open_line}",
            where=Where(self._file, row=record.open_line),
            remedy="close the quote, or double it if it belongs to the text",
        )


class Mixture:
    """Rows of another width than the header that another delimiter would part as the header is parted."""

    def __init__(self, file: str, dialect: Dialect) -> None:
        self._file, self._dialect = file, dialect
        self._found: dict[str, list[tuple[int, str]]] = {}
        self._counts: dict[str, int] = {}

    def look(self, record: Record, width: int) -> None:
        if width == 1:
            return
        for mark in DELIMITERS:
            if mark == self._dialect.delimiter or record.text.count(mark) < width - 1:
                continue
            try:
                cells = next(self._dialect.parted_by(mark).cells(record.lines), [])
            except csv.Error:
                continue
            if len(cells) == width:
                self._counts[mark] = self._counts.get(mark, 0) + 1
                shown = self._found.setdefault(mark, [])
                if len(shown) < _SHOWN:
                    shown.append((record.line, shape(record.text)))

    def judge(self, rows: int) -> None:
        """Once all ``rows`` are read.

        Raises:
            DeclarationNeeded: the file has two delimiters.
        """
        for mark, count in self._counts.items():
            if count < _MIXED_ROWS and count < rows * _MIXED_PART:
                continue
            declared = self._dialect.delimiter
            if count == rows:
                those = agreeing(count, "the only row is", f"all {count:,} rows are")
                what = f"the delimiter is hardly {declared!r}: {those} parted by {mark!r}"
                remedy = f"declare delimiter: {mark!r}"
            else:
                what = f"two delimiters in one file: {declared!r} is declared, {counted(count, 'row')} "
                what += f"{agreeing(count, 'is', 'are')} parted by {mark!r}"
                remedy = "have the file exported again with one delimiter, or part it in two and declare each"
            lines = "\n".join(f"    line {line}: {text}" for line, text in self._found[mark])
            where = Where(self._file, row=self._found[mark][0][0])
            raise DeclarationNeeded(f"{what}; they look like\n{lines}", where=where, remedy=remedy)
