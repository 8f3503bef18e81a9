"""One delimited file as a table: its encoding, its columns, and its rows in batches.

The first block of rows is read strictly; the compiled reader takes over when there is more, so that small files do
not wait for it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from connectors.base import Batch, check_columns
from connectors.charsets import propose
from connectors.delimited import blocks
from connectors.delimited.blocks import Blocks, LineTooLong, ahead, line_ends, line_fault
from connectors.delimited.dialect import Dialect
from connectors.delimited.files import DeliveredFile
from connectors.delimited.header import looks_like_data, other_delimiter, repeats, shape
from connectors.delimited.strict import Mixture, Piece, Reader, StrictReader
from connectors.encoding import codec
from crm_etl.faults import DeclarationNeeded, Fault, LayoutFault, SourceFault, Where

#: A sheet has no more rows than this: more blank lines on end are no table, and would only fill the memory.
BLANK_ROWS = 1 << 20
_HEAD = 1 << 18
NO_HEADER = "the first row looks like data: if the file has no row of names, declare them in order under 'columns'"


@dataclass(frozen=True)
class Form:
    """How files are declared. ``header_row``: line of the column names; with ``columns``, which are the names in
    place of a header, the lines above the first row."""

    encoding: str | None = None
    dialect: Dialect = field(default_factory=Dialect)
    header_row: int = 1
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Head:
    """The lines above the first row, read: the names, the bytes and the lines passed."""

    names: list[str]
    used: int
    line: int


class DelimitedFile:
    """A file that has been opened: its columns are known, its rows not read yet."""

    def __init__(self, delivered: DeliveredFile, form: Form) -> None:
        self.label = delivered.label
        self.delivered = delivered
        self.warnings: list[str] = []
        self.content: str | None = None
        self._where = Where(self.label)
        self._form = form
        self._encoding = self._declared()
        head, sample = self._read_head()
        self.hint = NO_HEADER if not form.columns and looks_like_data(head.names) else None
        self.columns = self._names(head, sample)

    def batches(self, row: int, strictly: bool = False) -> Iterator[Batch]:
        """The rows, the first of them with the logical number ``row``; ``content`` is the hash of all once they are
        read.

        Raises:
            EncodingFault: bytes that the declared encoding does not allow, with offset and line.
            DeclarationNeeded: the file has two delimiters.
            SourceFault: a cell that is never closed, no data rows, or a file that changed meanwhile.
        """
        source = Blocks(self.delivered, self._encoding)
        mixture = Mixture(self.label, self._form.dialect)
        found, blank = 0, 0
        for batch in self._read(source, mixture, row, strictly):
            size = batch.size + len(batch.refused)
            blank = 0 if size else blank + len(batch.excluded)
            if blank > BLANK_ROWS:
                raise SourceFault(
                    f"more than {BLANK_ROWS} rows on end without a cell", where=self._where, remedy="remove them"
                )
            found += size
            yield batch
        self.content = source.sha256
        if not self.delivered.packed:
            self.delivered.snapshot.hashed(source.sha256)
        self.delivered.snapshot.check_unchanged()
        if not found:
            raise SourceFault(
                "no data rows: there is only a header", where=self._where, remedy="ask for a new delivery"
            )
        mixture.judge(found)

    def _read(self, source: Blocks, mixture: Mixture, row: int, strictly: bool) -> Iterator[Batch]:
        strict = StrictReader(self.label, self.columns, self._form.dialect, mixture)
        reader: Reader = strict
        head: Head | None = None
        rest, line = b"", 1
        try:
            for block, final in ahead(source):
                rest += block
                if head is None:
                    head = self._head(rest, final)
                    if head is None:
                        continue
                    rest, line = rest[head.used :], head.line
                used = -1
                while rest and used:
                    read = reader.read(Piece(rest, line, row, final))
                    batch, used = replace(read.batch, file=self.label), read.used
                    self._check_first(batch)
                    rest, line, row = rest[used:], read.line, row + len(batch)
                    yield batch
                if len(rest) > blocks.MAX_LINE:
                    raise line_fault(self.label, line)
                reader = strict if strictly else self._compiled(strict)
        except LineTooLong:
            raise line_fault(self.label, line + line_ends(rest)) from None

    def _compiled(self, strict: StrictReader) -> Reader:
        from connectors.delimited.scan import ScanReader, can_scan

        dialect = self._form.dialect
        return ScanReader(strict, len(self.columns), dialect) if can_scan(dialect) else strict

    def _check_first(self, batch: Batch) -> None:
        """Complains when the names are declared and the first row holds them all the same."""
        if not self._form.columns or not batch.size or batch.rows[0].as_py() != 1:
            return
        if repeats([column[0].as_py() for column in batch.columns], self.columns):
            line = batch.lines[0].as_py()
            raise LayoutFault(
                "the first row holds the declared names: it is a header",
                where=Where(self.label, row=line),
                remedy=f"declare header_row: {line} beside 'columns', or take 'columns' away",
            )

    def _declared(self) -> str:
        if self._form.encoding is not None:
            return codec(self._form.encoding, self._where)
        with self.delivered.open() as stream:
            start = stream.read(_HEAD)
        if start.startswith(codecs.BOM_UTF8):
            self.warnings.append(f"{self.label}: no encoding is declared; read as utf-8, which its order mark tells")
            return "utf-8-sig"
        proposals = propose(start)
        likely = ", ".join(f"{p.encoding} ({p.confidence:.0%})" for p in proposals)
        first = proposals[0].encoding if proposals else "..."
        raise DeclarationNeeded(
            f"no encoding is declared; by its bytes the file may be: {likely or 'nothing known'}",
            where=self._where,
            remedy=f"look at the decoded sample that 'crm-etl profile' shows, then declare 'encoding: {first}'",
        )

    def _read_head(self) -> tuple[Head, bytes]:
        start = b""
        try:
            for block, final in Blocks(self.delivered, self._encoding):
                start += block
                head = self._head(start, final)
                if head is not None:
                    return head, start
        except LineTooLong:
            raise line_fault(self.label, 1 + line_ends(start)) from None
        raise AssertionError("the last block has no head")

    def _head(self, start: bytes, final: bool) -> Head | None:
        """The head at the ``start`` of the text; None if that does not hold all of it."""
        if final and not start:
            raise SourceFault("no data rows: the file is empty", where=self._where, remedy="ask for a new delivery")
        lines = io.StringIO(start.decode("utf-8"), newline="")
        taken = list(islice(lines, self._form.header_row - (not self._form.columns)))
        names = list(self._form.columns)
        if not names:
            try:
                names = next(self._form.dialect.cells(_noted(lines, taken)), [])
            except csv.Error as error:
                if "unexpected end" in str(error) and not final:
                    return None
                raise self._bad_header(start, str(error)) from None
        whole = len(taken) >= self._form.header_row
        return Head(names, len("".join(taken).encode("utf-8")), 1 + len(taken)) if final or whole else None

    def _names(self, head: Head, sample: bytes) -> tuple[str, ...]:
        where = Where(self.label, row=self._form.header_row or None)
        if not head.names:
            raise SourceFault("no column names", where=where, remedy="point header_row to the row that holds them")
        if len(head.names) == 1:
            other = self._other_delimiter(sample)
            if other is not None:
                raise other
        try:
            return check_columns(head.names, where)
        except LayoutFault as fault:
            if self.hint is None:
                raise
            raise LayoutFault(fault.what, where=where, remedy=f"{self.hint}; else {fault.remedy}") from None

    def _bad_header(self, sample: bytes, problem: str) -> Fault:
        where = Where(self.label, row=self._form.header_row)
        return self._other_delimiter(sample) or SourceFault(
            f"the row of column names cannot be read: its quotes do not agree ({problem})",
            where=where,
            remedy="point header_row to the row that holds the names, or declare 'quote'",
        )

    def _other_delimiter(self, sample: bytes) -> DeclarationNeeded | None:
        """The complaint about a file in whose first lines another delimiter stands than the declared one."""
        text = io.StringIO(sample.decode("utf-8"), newline="")
        first = max(self._form.header_row, 1)
        lines = [line.rstrip("\r\n") for line, _ in zip(text, range(first + 3), strict=False)][first - 1 :]
        delimiter = self._form.dialect.delimiter
        other = other_delimiter(lines, delimiter)
        if other is None:
            return None
        shapes = "\n    ".join(map(shape, lines))
        mark, least = other
        return DeclarationNeeded(
            f"one wide column: the delimiter is hardly {delimiter!r}; the lines look like\n    {shapes}",
            where=Where(self.label, row=first),
            remedy=f"declare delimiter: {mark!r} (at least {least} in each of the first lines)",
        )


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line
