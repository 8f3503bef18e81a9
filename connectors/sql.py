"""Tables and queries of any database that SQLAlchemy reaches: read only, streamed in the order of the key.

Values leave the driver in its own exact types and become text here; a row with a binary value in a mapped column is
refused. The connection, its snapshot and its loss: :mod:`connectors.sqlsession`. Passwords stay out of every message,
and so do the database's own words about data: they may quote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from connectors.base import Batch, Delivery, RefusedRow, RowOrigin, check_columns, clean_column
from connectors.cells import cell_text
from connectors.columns import BINARY, kinds
from connectors.database import database
from connectors.sqlsession import Session, session
from crm_etl.faults import SourceFault, Where

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Bytes of a refused binary value that are shown.
_SHOWN = 32
_Problem = tuple[int, str, str]


class SqlConnector:
    """A table or a query whose columns are known; its rows are read by :meth:`batches`."""

    sheet = None

    def __init__(
        self,
        *,
        root: Path,
        key: tuple[str, ...],
        url: str,
        table: str | None = None,
        query: str | None = None,
        timeout: int = 300,
        retries: int = 4,
        ignore: Sequence[str] = (),
    ) -> None:
        self.warnings: list[str] = []
        self._database = database(url, root)
        self._key = key
        self._table = table
        self._query = query.strip().rstrip(";") if query is not None else None
        self._limits = (timeout, retries)
        self.file = f"{self._database.place}:{table if table is not None else 'query'}"
        self._where = Where(self.file)
        with session(self._database, *self._limits) as opened:
            self._look(opened)
        self.columns = check_columns(self._names, self._where)
        left = set(map(clean_column, ignore))
        self._ignored = [name in left for name in self.columns]
        self._readers = [opened.dialect.reader(code) for code in self._codes]
        self._statement = self._select(opened)

    def delivery(self) -> Delivery:
        return Delivery(self.file, None, None)

    def batches(self) -> Iterator[Batch]:
        """Rows in the order of the key, see :class:`connectors.base.Connector`.

        Raises:
            SourceFault: the database could not deliver all rows of one snapshot.
        """
        with session(self._database, *self._limits) as opened:
            yield from opened.batches(self._statement, self._batch, self._where)

    def _look(self, opened: Session) -> None:
        """Names and driver types of the columns; the table is there."""
        from sqlalchemy import text

        def layout(connection: Connection) -> Any:
            statement = f"SELECT * FROM {self._origin(connection)} {opened.dialect.no_rows}"
            return connection.execute(text(statement.replace(":", r"\:"))).cursor.description

        if self._table is not None:
            self._named = opened.ask(lambda connection: split(connection, str(self._table)), self._where)
            opened.ask(self._check_table, self._where)
            opened.ask(lambda connection: self._warn(opened, connection), self._where)
        elif opened.dialect.warning is not None:
            self.warnings.append(opened.dialect.warning)
        description = opened.ask(layout, self._where)
        self._names = tuple(column[0] for column in description)
        self._codes = [column[1] for column in description]
        self._quoted = opened.ask(lambda connection: [quoted(connection, name) for name in self._names], self._where)
        self._from = opened.ask(self._origin, self._where)

    def _warn(self, opened: Session, connection: Connection) -> None:
        reason = opened.dialect.warning or opened.dialect.snapshotless(connection, *self._named)
        if reason is not None:
            self.warnings.append(reason)

    def _check_table(self, connection: Connection) -> None:
        from sqlalchemy import inspect

        schema, name = self._named
        inspector = inspect(connection)
        known = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
        if name not in known and not inspector.has_table(name, schema=schema):
            raise SourceFault(
                f"no table '{self._table}'",
                where=self._where,
                remedy=f"mend 'table', or ask for the right to see it; visible: {', '.join(sorted(known)) or 'none'}",
            )

    def _origin(self, connection: Connection) -> str:
        if self._table is None:
            return f"({self._query}\n) {quoted(connection, 'source')}"
        schema, name = self._named
        prefix = "" if schema is None else f"{quoted(connection, schema)}."
        return prefix + quoted(connection, name)

    def _select(self, opened: Session) -> str:
        columns = [
            opened.dialect.expression(name, code, ignored)
            for name, code, ignored in zip(self._quoted, self._codes, self._ignored, strict=True)
        ]
        key = map(clean_column, self._key)
        by = [self._quoted[self.columns.index(name)] for name in key if name in self.columns]
        order = f" ORDER BY {', '.join(by)}" if by else ""
        return f"SELECT {', '.join(columns)} FROM {self._from}{order}"

    def _batch(self, part: list[tuple[Any, ...]], before: int) -> Batch:
        series: list[Sequence[Any]] = list(zip(*part, strict=True))
        numbers = pa.array(np.arange(before + 1, before + len(part) + 1, dtype=np.int64))
        try:
            columns = self._texts(series)
        except (_Unreadable, UnicodeEncodeError):
            return self._sorted_out(series, numbers)
        return Batch(columns, pa.nulls(len(part), pa.int64()), numbers)

    def _texts(self, series: list[Sequence[Any]]) -> list[pa.Array]:
        for position, values in enumerate(series):
            if kinds(values) & BINARY:
                if not self._ignored[position]:
                    raise _Unreadable
                series[position] = [None if type(value) in BINARY else value for value in values]
        return [read(values) for read, values in zip(self._readers, series, strict=True)]

    def _sorted_out(self, series: list[Sequence[Any]], numbers: pa.Array) -> Batch:
        """A batch some of whose rows hold what is no text."""
        problems: dict[int, _Problem] = {}
        for index, values in enumerate(series):
            for position, value in enumerate(values):
                trouble = _trouble(value)
                if trouble is not None and not self._ignored[index]:
                    problems.setdefault(position, (index, *trouble))
        size = len(numbers)
        good = [position for position in range(size) if position not in problems]
        kept = [[_shown(values[position]) for position in good] for values in series]
        refused = [self._refused(series, numbers, position, problems[position]) for position in sorted(problems)]
        columns = [read(values) for read, values in zip(self._readers, kept, strict=True)]
        return Batch(columns, pa.nulls(len(good), pa.int64()), numbers.take(pa.array(good, pa.int64())), refused)

    def _refused(self, series: list[Sequence[Any]], numbers: pa.Array, position: int, problem: _Problem) -> RefusedRow:
        index, reason, message = problem
        cells = {name: cell_text(_shown(values[position])) for name, values in zip(self.columns, series, strict=True)}
        return RefusedRow(RowOrigin(None, numbers[position].as_py()), self.columns[index], reason, message, cells)


class _Unreadable(Exception):
    """Some cell of a batch is no text."""


def _trouble(value: Any) -> tuple[str, str] | None:
    """Reason and message of a cell that is no text."""
    if type(value) in BINARY:
        return "binary_value", "the cell holds bytes, not text; map another column, or write the text at the source"
    if isinstance(value, str) and not _is_text(value):
        return "invalid_text", "the bytes of the text are not UTF-8; mend the text in the database"
    return None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: Any) -> Any:
    """A cell as people see it in the quarantine: bytes in hexadecimal digits."""
    if type(value) in BINARY:
        content = bytes(value)
        more = f"... ({len(content)} bytes)" if len(content) > _SHOWN else ""
        return f"0x{content[:_SHOWN].hex()}{more}"
    if isinstance(value, str) and not _is_text(value):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return value


def quoted(connection: Connection, name: str) -> str:
    """``name`` between the quotes of the database."""
    prepare = connection.dialect.identifier_preparer
    first, last = prepare.initial_quote, prepare.final_quote
    return f"{first}{name.replace(last, last * 2)}{last}"


def split(connection: Connection, table: str) -> tuple[str | None, str]:
    """``schema.table`` in its parts; no schema where the database has a table of that name, its dots included."""
    from sqlalchemy import inspect

    schema, dot, name = table.rpartition(".")
    if not dot:
        return None, table
    inspector = inspect(connection)
    whole = table in inspector.get_table_names() or table in inspector.get_view_names()
    return (None, table) if whole else (schema, name)
