"""One delimited file as a table: its encoding, its columns, and its rows in batches.

The first block of rows is read strictly; the compiled reader takes over when there is more, so that small files do
not wait for it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace

from connectors.base import Batch
from connectors.charsets import HEAD, propose
from connectors.delimited import blocks
from connectors.delimited.blocks import Blocks, LineTooLong, ahead, line_ends, line_fault
from connectors.delimited.dialect import Form
from connectors.delimited.files import DeliveredFile
from connectors.delimited.header import Head, Header, Top
from connectors.delimited.strict import Mixture, Piece, Reader, StrictReader
from connectors.encoding import codec
from connectors.told import NO_HEADER, looks_like_data
from crm_etl.faults import DeclarationNeeded, SourceFault, Where

#: A sheet has no more rows than this: more blank lines on end are no table, and would only fill the memory.
BLANK_ROWS = 1 << 20


class DelimitedFile:
    """A file that has been opened: its columns are known, its rows not read yet."""

    def __init__(self, delivered: DeliveredFile, form: Form) -> None:
        self.label = delivered.label
        self.delivered = delivered
        self.warnings: list[str] = []
        self.content: str | None = None
        self._where = Where(self.label)
        self._form = form
        self._header = Header(self.label, form)
        self._encoding = self._declared()
        head, sample = self._read_head()
        self.columns = self._header.names(head, sample)
        #: What may be wrong where these columns do not fit: they are a row of data.
        self.hint = NO_HEADER if not form.columns and looks_like_data(self.columns) else None

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
        top, head = Top(self._header, self._form.header_row), None
        rest, line = b"", 1
        try:
            for block, final in ahead(source):
                if head is None:
                    head = top.add(block, final)
                    if head is None:
                        line = 1 + top.lines
                        continue
                    rest, line = top.text[head.used :], head.line
                else:
                    rest += block
                used = -1
                while rest and used:
                    read = reader.read(Piece(rest, line, row, final))
                    batch, used = replace(read.batch, file=self.label), read.used
                    self._header.check_first(batch)
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

    def _declared(self) -> str:
        if self._form.encoding is not None:
            return codec(self._form.encoding, self._where)
        with self.delivered.open() as stream:
            start = stream.read(HEAD)
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
        top = Top(self._header, self._form.header_row)
        try:
            for block, final in Blocks(self.delivered, self._encoding):
                head = top.add(block, final)
                if head is not None:
                    return head, top.text
        except LineTooLong:
            raise line_fault(self.label, 1 + top.lines) from None
        raise AssertionError("the last block has no head")
