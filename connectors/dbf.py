"""DBF files of dBase, FoxPro and Clipper with their memo files, in a declared code page, record by record.

Records are cut by their fixed width and read here, not by a library: those at hand take blanks for zeros, numbers for
fractions and ``****`` for nothing, and read memos of any length. The number of a row is that of its record; deleted
records are counted and left out. The head of the file: :mod:`connectors.dbflayout`; its cells:
:mod:`connectors.dbfvalues`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from connectors.base import (
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
from connectors.dbflayout import CODE_PAGES, DbfField, Layout, read_layout
from connectors.dbfmemo import MemoFile, find_memo
from connectors.dbfvalues import Bad, NotInCodePage, Text, column_texts, is_null, problem_of, shortened, value_of
from connectors.encoding import codec
from crm_etl.faults import DeclarationNeeded, EncodingFault, SourceFault, Where
from crm_etl.number import agreeing

#: Bytes read at once: as many whole records as fit, a batch at most.
_CHUNK = 32 << 20
_LIVE, _DELETED = ord(" "), ord("*")


class DbfConnector:
    """A DBF file that has been opened; its records are read by :meth:`batches`."""

    sheet = None

    def __init__(
        self,
        *,
        root: Path,
        key: tuple[str, ...],
        path: str,
        encoding: str | None = None,
        ignore: Sequence[str] = (),
    ) -> None:
        self.file = path
        self.warnings: list[str] = []
        self._path = root / path
        self._where = Where(path)
        self._snapshot = Snapshot(self._path, path)
        self._layout = read_layout(self._path, self._where)
        self._encoding = self._declared(encoding)
        names = [_name(field, self._encoding, self._where) for field in self._layout.fields]
        self.columns = check_columns(names, self._where)
        left = set(map(clean_column, ignore))
        self._ignored = [name in left for name in self.columns]
        memos = any(
            field.is_memo and not ignored for field, ignored in zip(self._layout.fields, self._ignored, strict=True)
        )
        self._memo = find_memo(self._path, self._layout, self._where) if memos else None
        self._memo_snapshot = (
            None if self._memo is None else Snapshot(self._memo, Path(path).with_name(self._memo.name).as_posix())
        )

    def delivery(self) -> Delivery:
        return self._snapshot.delivery

    def deliveries(self) -> list[Delivery]:
        """The file, and its memo file where one is read."""
        memo = [] if self._memo_snapshot is None else [self._memo_snapshot.delivery]
        return [self._snapshot.delivery, *memo]

    def batches(self) -> Iterator[Batch]:
        """Records in the file's order, see :class:`connectors.base.Connector`.

        Raises:
            EncodingFault: bytes that the declared code page does not allow, with record and column.
            SourceFault: no record that is not deleted, or a file that changed meanwhile.
        """
        found = False
        memo = None if self._memo is None else MemoFile(self._memo, self._layout)
        try:
            for first, records in _records(self._path, self._layout):
                batch = self._batch(records, first, memo)
                found = found or bool(batch.size or batch.refused)
                yield batch
        finally:
            if memo is not None:
                memo.close()
        self._snapshot.check_unchanged()
        if self._memo_snapshot is not None:
            self._memo_snapshot.check_unchanged()
        if not found:
            count = self._layout.records
            said = agreeing(count, "its only record is deleted", f"all {count:,} records are deleted")
            what = said if count else "the file holds no records"
            raise SourceFault(f"no data rows: {what}", where=self._where, remedy="ask for a new delivery")

    def _declared(self, encoding: str | None) -> str:
        said = CODE_PAGES.get(self._layout.language)
        if encoding is None:
            proposal = f"the file itself says {said}: encoding: {said}" if said else "the file itself names none"
            raise DeclarationNeeded(
                "the code page of the DBF file is not declared",
                where=self._where,
                remedy=f"declare encoding, e.g. cp866 or cp1251; {proposal}",
            )
        name = codec(encoding, self._where)
        if said is not None and codec(said, self._where) != name:
            self.warnings.append(f"read as {encoding}, as declared; the file itself says {said}")
        return name

    def _batch(self, records: np.ndarray, first: int, memo: MemoFile | None) -> Batch:
        marks = records[:, 0]
        live = np.flatnonzero(marks != _DELETED)
        excluded = [
            ExcludedRow(RowOrigin(None, first + int(position)), "deleted_record")
            for position in np.flatnonzero(marks == _DELETED)
        ]
        numbers = live + first
        texts = self._texts(records[live], numbers, memo)
        if (marks[live] == _LIVE).all() and not any(isinstance(cell, Bad) for column in texts for cell in column):
            columns = [pa.array(column, TEXT) for column in texts]
            return Batch(columns, pa.nulls(len(live), pa.int64()), pa.array(numbers, pa.int64()), [], excluded)
        return self._sorted_out(texts, numbers, marks[live], excluded)

    def _texts(self, records: np.ndarray, numbers: np.ndarray, memo: MemoFile | None) -> list[list[Text]]:
        flags = None if self._layout.flags is None else _cells(records, self._layout.flags)
        texts: list[list[Text]] = []
        for field, name, ignored in zip(self._layout.fields, self.columns, self._ignored, strict=True):
            cells = _cells(records, field)
            if flags is not None and field.short_bit is not None:
                cells = [shortened(cell, mark, field.short_bit) for cell, mark in zip(cells, flags, strict=True)]
            try:
                read = column_texts(field, cells, self._encoding, memo, self._layout.visual)
            except NotInCodePage as wrong:
                if not ignored:
                    raise self._not_in_code_page(int(numbers[wrong.index]), name) from None
                read = [None] * len(cells)
            if ignored:
                read = [None if isinstance(cell, Bad) else cell for cell in read]
            if flags is not None and field.null_bit is not None:
                nulls = [is_null(mark, field.null_bit) for mark in flags]
                read = [None if null else cell for cell, null in zip(read, nulls, strict=True)]
            texts.append(read)
        return texts

    def _not_in_code_page(self, record: int, name: str) -> EncodingFault:
        return EncodingFault(
            f"not {self._encoding.removesuffix('-sig')}: record {record} holds bytes that the code page does not allow",
            where=Where(self.file, row=record, column=name),
            remedy="declare the file's true code page, or have it exported again",
        )

    def _sorted_out(
        self, texts: list[list[Text]], numbers: np.ndarray, marks: np.ndarray, excluded: list[ExcludedRow]
    ) -> Batch:
        """A batch some of whose records cannot be read."""
        good, refused = [], []
        for position, (number, mark) in enumerate(zip(numbers.tolist(), marks.tolist(), strict=True)):
            cells = {name: value_of(column[position]) for name, column in zip(self.columns, texts, strict=True)}
            if mark != _LIVE:
                message = "the mark of the record is neither live nor deleted: the file is damaged around it"
                refused.append(RefusedRow(RowOrigin(None, number), None, "broken_record", message, cells))
            elif any(isinstance(column[position], Bad) for column in texts):
                index, bad = problem_of(texts, position)
                origin = RowOrigin(None, number)
                refused.append(RefusedRow(origin, self.columns[index], bad.reason, bad.message, cells))
            else:
                good.append(position)
        columns = [pa.array([column[position] for position in good], TEXT) for column in texts]
        rows = pa.array(numbers[good], pa.int64())
        return Batch(columns, pa.nulls(len(good), pa.int64()), rows, refused, excluded)


def _name(field: DbfField, encoding: str, where: Where) -> str:
    try:
        return field.name.encode("latin-1").decode(encoding)
    except UnicodeDecodeError:
        raise EncodingFault(
            f"a column name is not {encoding}", where=where, remedy="declare the file's true code page"
        ) from None


def _records(path: Path, layout: Layout) -> Iterator[tuple[int, np.ndarray]]:
    """Number of the first record, and the bytes of as many as go into a batch, one a row."""
    most = max(1, min(BATCH_ROWS, _CHUNK // layout.width))
    with path.open("rb") as handle:
        handle.seek(layout.head)
        for start in range(0, layout.records, most):
            size = min(most, layout.records - start)
            content = handle.read(size * layout.width)
            if len(content) < size * layout.width:
                return  # cut meanwhile: the snapshot's check says so
            yield start + 1, np.frombuffer(content, dtype=np.uint8).reshape(size, layout.width)


def _cells(records: np.ndarray, field: DbfField) -> list[bytes]:
    """The bytes of one column, cell by cell."""
    block = np.ascontiguousarray(records[:, field.start : field.start + field.length]).tobytes()
    return [block[at : at + field.length] for at in range(0, len(block), field.length)]
