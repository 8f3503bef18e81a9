"""The names of the columns: read, declared, or missing; and the structure of lines without their content."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch, check_columns, clean_column
from connectors.delimited.dialect import Form
from connectors.told import NO_HEADER, looks_like_data, shape
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault, Where

DELIMITERS = ",;\t|"
#: The rule by which the row of names is left out where it stands once more.
REPEATED = "repeated_header"
#: Lines below the header that are looked at.
_LINES = 3


@dataclass(frozen=True)
class Head:
    """The lines above the first row, read: the names, the bytes and the line after them."""

    names: list[str]
    used: int
    line: int


class Header:
    """Reads the names of a file, or takes those that are declared."""

    def __init__(self, label: str, form: Form) -> None:
        self._form = form
        self._where = Where(label, row=form.header_row or None)

    def read(self, start: bytes, final: bool) -> Head | None:
        """The head at the ``start`` of the text; None if that does not hold all of it.

        Raises:
            SourceFault: the file is empty, or the row of names cannot be read.
        """
        if final and not start:
            raise SourceFault(
                "no data rows: the file is empty", where=Where(self._where.file), remedy="ask for a new delivery"
            )
        lines = io.StringIO(start.decode("utf-8"), newline="")
        taken = list(islice(lines, self._form.above))
        names = list(self._form.columns)
        if not names:
            try:
                names = next(self._form.dialect.cells(_noted(lines, taken)), [])
            except csv.Error as error:
                if "unexpected end" in str(error) and not final:
                    return None
                raise self._unreadable(start, str(error)) from None
        whole = len(taken) >= self._form.header_row
        return Head(names, len("".join(taken).encode("utf-8")), 1 + len(taken)) if final or whole else None

    def names(self, head: Head, sample: bytes) -> tuple[str, ...]:
        """The names cleaned; ``sample``: the text that they stand in.

        Raises:
            SourceFault: there are none.
            DeclarationNeeded: all is one column, and another delimiter would part it.
            LayoutFault: names are blank, stand twice, or hold control characters.
        """
        if not head.names:
            raise SourceFault(
                "no column names", where=self._where, remedy="point header_row to the row that holds them"
            )
        if len(head.names) == 1:
            other = self._other_delimiter(sample)
            if other is not None:
                raise other
        try:
            return check_columns(head.names, self._where)
        except LayoutFault as fault:
            if self._form.columns or not looks_like_data(head.names):
                raise
            raise LayoutFault(
                "the row of column names cannot be used", where=self._where, remedy=f"{NO_HEADER}; else {fault.remedy}"
            ) from None

    def check_first(self, batch: Batch) -> None:
        """Complains when the names are declared and the first row holds them all the same.

        Raises:
            LayoutFault: it does.
        """
        if not self._form.columns:
            return
        line = self._form.header_row + 1
        names = any(row.rule == REPEATED and row.origin.line == line for row in batch.excluded[:1])
        if not names and batch.size and batch.lines[0].as_py() == line:
            cells = [clean_column(column[0].as_py()).casefold() for column in batch.columns]
            names = cells == [clean_column(name).casefold() for name in self._form.columns]
        if names:
            raise LayoutFault(
                "the first row holds the declared names: it is a header",
                where=Where(self._where.file, row=line),
                remedy=f"declare header_row: {line} beside 'columns', or take 'columns' away",
            )

    def _unreadable(self, sample: bytes, problem: str) -> SourceFault:
        return self._other_delimiter(sample) or SourceFault(
            f"the row of column names cannot be read: its quotes do not agree ({problem})",
            where=self._where,
            remedy="point header_row to the row that holds the names, or declare 'quote'",
        )

    def _other_delimiter(self, sample: bytes) -> DeclarationNeeded | None:
        """The complaint about a file in whose first lines another delimiter stands than the declared one."""
        first = max(self._form.header_row, 1)
        text = islice(io.StringIO(sample.decode("utf-8"), newline=""), first - 1, first + _LINES)
        lines = [line.rstrip("\r\n") for line in text]
        declared = self._form.dialect.delimiter
        counts = {mark: min((line.count(mark) for line in lines), default=0) for mark in DELIMITERS if mark != declared}
        mark = max(counts, key=lambda candidate: counts[candidate])
        if counts[mark] == 0:
            return None
        shapes = "\n    ".join(map(shape, lines))
        return DeclarationNeeded(
            f"one wide column: the delimiter is hardly {declared!r}; the lines look like\n    {shapes}",
            where=Where(self._where.file, row=first),
            remedy=f"declare delimiter: {mark!r} (at least {counts[mark]} in each of the first lines)",
        )


class RepeatedHeader:
    """Knows the row of names where it stands once more among the rows: between files that were put together.

    Columns that are merely counted (1, 2, 3) have rows that look like it.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._ends = {0: columns[0].split()[0], -1: columns[-1].split()[0]}
        self._counted = all(name.isdecimal() for name in columns)

    def is_row(self, cells: Sequence[str]) -> bool:
        """Whether ``cells``, as many as there are columns, are the names."""
        if self._counted or not all(word in cells[end] for end, word in self._ends.items()):
            return False
        return tuple(map(clean_column, cells)) == self._columns

    def places(self, columns: list[pa.Array]) -> list[int]:
        """The rows of ``columns`` that are the names."""
        first, last = (pc.match_substring(columns[end], word) for end, word in self._ends.items())
        if self._counted or not (both := pc.and_(first, last)).true_count:
            return []
        places = pc.indices_nonzero(both).to_pylist()
        return [place for place in places if self.is_row([column[place].as_py() for column in columns])]


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line
