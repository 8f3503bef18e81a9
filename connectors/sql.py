"""Tables and queries of any database that SQLAlchemy reaches: read only, streamed in the order of the key.

Values leave the driver in its own exact types and become text here. Passwords stay out of every message, and so
do the database's own words about data: they may quote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from connectors.base import BATCH_ROWS, TEXT, Batch, Delivery, check_columns
from connectors.cells import cell_text
from crm_etl.faults import EncodingFault, LayoutFault, SourceFault, Where

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Executable

_READ_ONLY = {
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}
_EXTRAS = {
    "postgresql": "pip install 'crm-etl[postgres]'",
    "mysql": "pip install 'crm-etl[mysql]' and write mysql+pymysql://",
}


class SqlConnector:
    """A table or a query whose columns are known; its rows are read by :meth:`batches`."""

    sheet = None

    def __init__(
        self, *, root: Path, key: tuple[str, ...], url: str, table: str | None = None, query: str | None = None
    ) -> None:
        self.warnings: list[str] = []
        self._url = _parse(url)
        self._root = root
        self._key = key
        self._table = table
        self._query = query.strip().rstrip(";") if query is not None else None
        self.file = f"{_place(self._url)}:{table if table is not None else 'query'}"
        self._where = Where(self.file)
        self._engine = self._create_engine()
        with self._connected() as connection:
            self._check_table(connection)
            found = self._execute(connection, self._statement("WHERE 1 = 0")).keys()
        self._names = tuple(found)
        self.columns = check_columns(self._names, self._where)

    def delivery(self) -> Delivery:
        return Delivery(self.file, None, None)

    def batches(self) -> Iterator[Batch]:
        """Rows in the order of the key, see :class:`connectors.base.Connector`.

        Raises:
            SourceFault: the connection broke, or the database could not deliver a row.
        """
        row = 0
        with self._connected() as connection:
            result = self._execute(connection.execution_options(stream_results=True), self._statement(self._order()))
            if tuple(result.keys()) != self._names:
                raise LayoutFault("the columns changed while reading", where=self._where, remedy="run again")
            partitions = result.partitions(BATCH_ROWS)
            while (part := self._next(partitions)) is not None:
                columns = [pa.array(list(map(cell_text, column)), TEXT) for column in zip(*part, strict=True)]
                numbers = pa.array(range(row + 1, row + len(part) + 1), pa.int64())
                yield Batch(columns, pa.nulls(len(part), pa.int64()), numbers)
                row += len(part)
        self._engine.dispose()

    def _create_engine(self) -> Engine:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            if self._url.get_backend_name() == "sqlite":
                return create_engine("sqlite://", creator=_read_only_sqlite(self._url, self._root, self._where))
            return create_engine(self._url)
        except (ImportError, NoSuchModuleError, ArgumentError):
            raise SourceFault(
                f"no driver for '{self._url.drivername}'",
                where=self._where,
                remedy=_EXTRAS.get(self._url.get_backend_name(), "install the driver that the URL names"),
            ) from None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError

        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise SourceFault(
                f"cannot reach the database: {self._words(error)}",
                where=self._where,
                remedy="check host, port, database, user and password of 'url', and that the server is up",
            ) from None
        with connection:
            statement = _READ_ONLY.get(self._url.get_backend_name())
            if statement is not None:
                connection.execute(text(statement))
                connection.commit()
            yield connection

    def _check_table(self, connection: Connection) -> None:
        if self._table is None:
            return
        from sqlalchemy import inspect
        from sqlalchemy.exc import DBAPIError

        schema, name = _split(self._table)
        try:
            inspector = inspect(connection)
            known = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
            missing = name not in known and not inspector.has_table(name, schema=schema)
        except DBAPIError as error:
            raise SourceFault(
                f"the database cannot be read: {self._words(error)}",
                where=self._where,
                remedy="check that 'url' names a database, whole and not locked, and that the user may look into it",
            ) from None
        if missing:
            raise SourceFault(
                f"no table '{self._table}'",
                where=self._where,
                remedy=f"mend 'table', or ask for the right to see it; visible: {', '.join(sorted(known)) or 'none'}",
            )

    def _statement(self, clause: str) -> Executable:
        from sqlalchemy import text

        prepare = self._engine.dialect.identifier_preparer
        if self._table is not None:
            schema, name = _split(self._table)
            quoted = prepare.quote_identifier(name)
            origin = quoted if schema is None else f"{prepare.quote_identifier(schema)}.{quoted}"
        else:
            origin = f"({self._query}\n) {prepare.quote_identifier('source')}"
        # A colon would begin a bind parameter of SQLAlchemy: there are none in people's queries.
        return text(f"SELECT * FROM {origin} {clause}".replace(":", r"\:"))

    def _order(self) -> str:
        by = [self._names[self.columns.index(name)] for name in self._key if name in self.columns]
        quoted = map(self._engine.dialect.identifier_preparer.quote_identifier, by)
        return f"ORDER BY {', '.join(quoted)}" if by else ""

    def _execute(self, connection: Connection, statement: Executable) -> Any:
        from sqlalchemy.exc import DBAPIError

        try:
            return connection.execute(statement)
        except DBAPIError as error:
            raise SourceFault(
                f"the database refuses to read: {self._words(error)}",
                where=self._where,
                remedy="check the query, and that the user may SELECT from everything it names",
            ) from None

    def _next(self, partitions: Iterator[Any]) -> Any:
        from sqlalchemy.exc import DBAPIError

        try:
            return next(partitions, None)
        except DBAPIError as error:
            if "decode to UTF-8" in str(error.orig):
                raise EncodingFault(
                    "a text of the table is not UTF-8", where=self._where, remedy="mend the text in the database"
                ) from None
            raise SourceFault(
                f"the database broke off: {type(error.orig).__name__}", where=self._where, remedy="run again"
            ) from None

    def _words(self, error: Any) -> str:
        """The first line of the driver's complaint without the password. Only for what comes before the data."""
        lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        password = self._url.password
        return lines[0].replace(str(password), "***") if password else lines[0]


def _parse(url: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise SourceFault(
            "the url of a source is not a database URL",
            remedy="write it as dialect+driver://user:${PASSWORD}@host:port/database, or sqlite:///file",
        ) from None


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    port = f":{url.port}" if url.port is not None else ""
    return f"{url.host or 'localhost'}{port}/{url.database or ''}"


def _split(table: str) -> tuple[str | None, str]:
    schema, dot, name = table.rpartition(".")
    return (schema, name) if dot else (None, table)


def _read_only_sqlite(url: URL, root: Path, where: Where) -> Any:
    import sqlite3

    path = root / (url.database or "")
    if not path.is_file():
        raise SourceFault(
            "no such database file", where=where, remedy="mend 'url': the path starts at the migration folder"
        )
    return lambda: sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
