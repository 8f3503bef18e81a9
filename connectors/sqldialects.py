"""What differs from one kind of database to the next when it is read: limits, the snapshot, exact values.

Each class knows one kind: how its connection is made to read only and from one snapshot, how long a statement may
take, and how values come out of its driver without going through a float or a calendar that is too small for them.
A kind that is not known here is read through SQLAlchemy alone, as :class:`Dialect` does it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.columns import Reader, floats, instants, singles, text_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from connectors.database import Database

#: A table that somebody alters is waited for so long, or for ``timeout`` if that is less.
LOCK_SECONDS = 30
CONNECT_SECONDS = 10


class Dialect:
    """Any kind of database. ``warning``: what it cannot promise."""

    warning: str | None = "no snapshot is known for this kind of database: rows that change while it is read may mix"
    isolation: dict[str, Any] = {}
    timeouts: frozenset[Any] = frozenset()
    locks: frozenset[Any] = frozenset()
    encodings: frozenset[Any] = frozenset()
    #: Ends a statement that is asked for its columns only.
    no_rows = "WHERE 1 = 0"

    def __init__(self, database: Database, timeout: int) -> None:
        self.database = database
        self.timeout = timeout
        self.lock_seconds = min(timeout, LOCK_SECONDS)

    def engine_options(self) -> dict[str, Any]:
        """Arguments of SQLAlchemy's create_engine."""
        return {}

    def connecting(self) -> AbstractContextManager[None]:
        """What a connection is made within."""
        return nullcontext()

    def begin(self, connection: Connection) -> None:
        """Begin the transaction in which everything is read, its snapshot taken."""

    def cursor(self, connection: Connection, statement: str) -> Any:
        """A cursor at the first row of ``statement``, whose rows stay on the server until they are fetched."""
        from sqlalchemy import text

        # A colon would begin a bind parameter of SQLAlchemy: there are none in people's queries.
        return connection.execute(text(statement.replace(":", r"\:")), execution_options={"stream_results": True})

    def close(self, cursor: Any) -> None:
        """Let go of a cursor, whether its connection is still there or not."""
        with suppress(Exception):
            cursor.close()

    def expression(self, quoted: str, code: Any, ignored: bool) -> str:
        """What to select for a column of the driver's type ``code``."""
        return quoted

    def reader(self, code: Any) -> Reader:
        """How the values of a column of the driver's type ``code`` become text."""
        return text_of

    def fetch(self, work: Callable[[], Any]) -> Any:
        """``work``, the fetching of rows, within the time limit."""
        return work()

    def code(self, error: BaseException) -> Any:
        """The database's own number of an error."""
        return None

    def abandon(self, connection: Connection) -> None:
        """Stop the statement that the server still works on, where closing the connection would not."""

    def snapshotless(self, connection: Connection, schema: str | None, table: str) -> str | None:
        """Why a table stands outside of snapshots; None where it does not."""
        return None

    def check_unchanged(self) -> bool:
        """Whether nobody wrote past the database's own locks since :meth:`begin`."""
        return True


class Postgres(Dialect):
    """PostgreSQL. Values come as the server writes them, so that infinity, BC and months of intervals survive."""

    warning = None
    isolation = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    timeouts = frozenset({"57014"})
    locks = frozenset({"55P03"})
    encodings = frozenset({"22021", "22P05"})
    no_rows = "LIMIT 0"
    _BYTEA = 17
    _FLOATS = (700, 701)
    _INSTANTS = (1083, 1114, 1184, 1266)
    _TEXTS = (
        *("date", "time", "timetz", "timestamp", "timestamptz", "interval", "numeric", "float4", "float8"),
        *("json", "jsonb", "uuid", "inet", "cidr"),
        *("int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange"),
    )

    def engine_options(self) -> dict[str, Any]:
        if self.database.url.get_driver_name() not in ("psycopg", "psycopg2"):
            return {}
        wanted = {
            "connect_timeout": CONNECT_SECONDS,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "client_encoding": "utf8",
        }
        return {"connect_args": {name: value for name, value in wanted.items() if name not in self.database.url.query}}

    def connecting(self) -> AbstractContextManager[None]:
        return _without("PGTZ")

    def begin(self, connection: Connection) -> None:
        settings = {
            "statement_timeout": f"'{self.timeout}s'",
            "lock_timeout": f"'{self.lock_seconds}s'",
            "idle_in_transaction_session_timeout": "0",
            "datestyle": "'ISO, YMD'",
            "intervalstyle": "'iso_8601'",
            "extra_float_digits": "3",
            # All rows are fetched: the plan is to be cheap for the whole, not for the first of them.
            "cursor_tuple_fraction": "1",
        }
        for name, value in settings.items():
            connection.exec_driver_sql(f"SET LOCAL {name} = {value}")
        connection.exec_driver_sql("SELECT 1")  # the snapshot is taken by the first query, not by BEGIN

    def cursor(self, connection: Connection, statement: str) -> Any:
        if connection.dialect.driver != "psycopg":
            return super().cursor(connection, statement)
        from psycopg.types.string import TextLoader

        cursor = _raw(connection).cursor(name="crm_etl")
        for name in self._TEXTS:
            cursor.adapters.register_loader(name, TextLoader)
        return cursor.execute(statement)

    def expression(self, quoted: str, code: Any, ignored: bool) -> str:
        return f"NULL AS {quoted}" if ignored and code == self._BYTEA else quoted

    def reader(self, code: Any) -> Reader:
        return instants if code in self._INSTANTS else floats if code in self._FLOATS else text_of

    def code(self, error: BaseException) -> Any:
        return getattr(error, "sqlstate", None)


class MySql(Dialect):
    """MySQL and MariaDB. Values come as the server writes them; only it shortens 32-bit fractions when it does."""

    warning = None
    timeouts = frozenset({1969, 3024})
    locks = frozenset({1205})
    no_rows = "LIMIT 0"
    _BIT, _FLOAT, _DOUBLE, _TIMESTAMP = 16, 4, 5, 7
    _INSTANTS = (7, 11, 12)
    _OWN: dict[str, str] = {"wait_timeout": "28800", "net_write_timeout": "3600"}

    def engine_options(self) -> dict[str, Any]:
        if self.database.url.get_driver_name() != "pymysql":
            return {}
        # Time limits of the server count the sending of the rows as well, so the limit is set on waiting for them.
        return {"connect_args": {"connect_timeout": CONNECT_SECONDS, "read_timeout": self.timeout}}

    def begin(self, connection: Connection) -> None:
        settings = {**self._OWN, "lock_wait_timeout": str(self.lock_seconds), "innodb_lock_wait_timeout": "10"}
        for name, value in settings.items():
            connection.exec_driver_sql(f"SET SESSION {name} = {value}")
        if connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            connection.exec_driver_sql("SET SESSION idle_transaction_timeout = 0")
            connection.exec_driver_sql("SET SESSION idle_readonly_transaction_timeout = 0")
        connection.exec_driver_sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        self._thread = connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar()
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def cursor(self, connection: Connection, statement: str) -> Any:
        if connection.dialect.driver != "pymysql":
            return super().cursor(connection, statement)
        from pymysql.cursors import SSCursor  # type: ignore[import-untyped]

        raw = _raw(connection)
        cursor = raw.cursor(SSCursor)
        usual, raw.decoders = raw.decoders, {self._BIT: _bits}
        try:
            cursor.execute(statement)
        except Exception:
            self.close(cursor)
            raise
        finally:
            raw.decoders = usual  # what SQLAlchemy itself asks needs them
        return cursor

    def close(self, cursor: Any) -> None:
        try:
            cursor.close()
        except Exception:
            # The driver would wait, when it forgets the cursor, for rows that a lost connection cannot bring.
            cursor.connection = None
            if cursor._result is not None:
                cursor._result.unbuffered_active = False

    def expression(self, quoted: str, code: Any, ignored: bool) -> str:
        if code == self._TIMESTAMP:
            return f"{_with_offset(quoted)} AS {quoted}"
        return f"{quoted} + 0e0 AS {quoted}" if code == self._FLOAT else quoted

    def reader(self, code: Any) -> Reader:
        if code == self._FLOAT:
            return singles
        return floats if code == self._DOUBLE else instants if code in self._INSTANTS else text_of

    def code(self, error: BaseException) -> Any:
        if "(timed out)" in str(error):  # the driver waited in vain
            return 1969
        return error.args[0] if error.args else None

    def abandon(self, connection: Connection) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.pool import NullPool

        with suppress(SQLAlchemyError):
            engine = create_engine(self.database.url, poolclass=NullPool, **self.engine_options())
            with engine.connect() as other:
                other.exec_driver_sql(f"KILL {self._thread}")

    def snapshotless(self, connection: Connection, schema: str | None, table: str) -> str | None:
        from sqlalchemy import text

        query = text(
            "SELECT engine FROM information_schema.tables"
            " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
        )
        engine = connection.execute(query, {"schema": schema, "name": table}).scalar()
        if engine is None or engine == "InnoDB":
            return None
        return f"the table's engine {engine} has no snapshots: rows that change while it is read may mix"


class Sqlite(Dialect):
    """SQLite, opened for reading only. Its transaction keeps writers waiting, or has its own snapshot in WAL mode."""

    warning = None
    timeouts = frozenset({"interrupted"})
    locks = frozenset({"database is locked"})
    no_rows = "LIMIT 0"
    _STEPS = 100_000
    _deadline = float("inf")
    _seen: tuple[int, int] | None = None

    def engine_options(self) -> dict[str, Any]:
        return {"creator": self._connect}

    def _connect(self) -> Any:
        import sqlite3

        name = f"file:{quote(str(self.database.path.resolve()))}?mode=ro"
        # The tables are read in one thread, but engines may hand a connection to another one to close it.
        connection = sqlite3.connect(
            name, uri=True, timeout=self.lock_seconds, isolation_level=None, check_same_thread=False
        )
        # Text that is not UTF-8 is told apart row by row, see connectors.sql.
        connection.text_factory = partial(bytes.decode, encoding="utf-8", errors="surrogateescape")
        connection.set_progress_handler(self._late, self._STEPS)
        return connection

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def begin(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the lock comes with the first reading
        wal = connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        self._seen = None if wal else self._stamp()

    def _stamp(self) -> tuple[int, int]:
        status = self.database.path.stat()
        return status.st_size, status.st_mtime_ns

    def cursor(self, connection: Connection, statement: str) -> Any:
        return _raw(connection).execute(statement)

    def fetch(self, work: Callable[[], Any]) -> Any:
        before, self._deadline = self._deadline, time.monotonic() + self.timeout
        try:
            return work()
        finally:
            self._deadline = before  # connecting is work within work

    def code(self, error: BaseException) -> Any:
        text = str(error)
        return next((known for known in (*self.timeouts, *self.locks) if known in text), None)

    def check_unchanged(self) -> bool:
        try:
            return self._seen is None or self._stamp() == self._seen
        except OSError:
            return False


def _raw(connection: Connection) -> Any:
    """The driver's own connection: rows go through SQLAlchemy's hands for nothing."""
    return connection.connection.dbapi_connection


def _with_offset(quoted: str) -> str:
    """A TIMESTAMP of MySQL with the offset of its clock from UTC: in the hour that clocks go through twice, the time of
    day alone does not tell the instant. What has none (0000-00-00) stays as it is."""
    ahead = f"TIMESTAMPDIFF(SECOND, '1970-01-01', {quoted}) - FLOOR(UNIX_TIMESTAMP({quoted}))"
    return f"COALESCE(CONCAT({quoted}, IF({ahead} < 0, '-', '+'), LEFT(SEC_TO_TIME(ABS({ahead})), 5)), {quoted})"


_ENVIRONMENT = Lock()


@contextmanager
def _without(name: str) -> Iterator[None]:
    """The environment without a variable of it: what the driver takes from the shell would make two runs differ."""
    with _ENVIRONMENT:
        value = os.environ.pop(name, None)
        try:
            yield
        finally:
            if value is not None:
                os.environ[name] = value


def _bits(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


_KINDS: dict[str, type[Dialect]] = {"postgresql": Postgres, "mysql": MySql, "mariadb": MySql, "sqlite": Sqlite}


def dialect(database: Database, timeout: int) -> Dialect:
    """How ``database`` is read; a statement may take ``timeout`` seconds until it sends rows."""
    return _KINDS.get(database.kind, Dialect)(database, timeout)
