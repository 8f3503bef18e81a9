"""The way to the target database: its URL, its engine, and the lock that keeps two loads apart.

Every error of the database becomes a :class:`~crm_etl.faults.TargetFault` here. It names the database without
its password, and of a refused row only table and constraint: the database's own text may quote people's data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from crm_etl.faults import RowsRefused, TargetFault, Where
from crm_etl.passwords import cleared

_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_WAIT_SECONDS = 10
#: The same number in every process: the advisory lock that a load takes in PostgreSQL.
_LOCK_NUMBER = 0x63726D65
#: SQLSTATE of PostgreSQL for rows that a policy forbids.
_POLICY = "42501"
#: What a trigger raises: SQLSTATE of PostgreSQL, number of MySQL. What SQLite's own constraints say.
_RAISED, _SIGNALLED = "P0001", 1644
_SQLITE_CONSTRAINT = re.compile(r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed")
#: MySQL's errors name constraint and column in quotes behind these words; the values, quoted before, are left out.
_MYSQL_SAYS = re.compile(r"for key '([^']+)'$|^Column '([^']+)' cannot be null$|CONSTRAINT [`']([^`']+)[`']")


def target_url(url: str, root: Path) -> URL:
    """``url`` with its driver; a relative SQLite path starts at ``root``, the migration folder.

    Raises:
        TargetFault: not a URL, or a kind of database that crm-etl does not load into.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise TargetFault("the target's URL cannot be read", remedy="write it as sqlite:///crm.sqlite") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise TargetFault("a target in memory is gone after the run", remedy="write it as sqlite:///crm.sqlite")
        return parsed.set(database=str((root / str(parsed.database)).resolve()))
    if kind not in _DRIVERS:
        raise TargetFault(f"no loading into '{kind}'", remedy="use sqlite, postgresql or mysql")
    return parsed.set(drivername=f"{kind}+{_DRIVERS[kind]}") if "+" not in parsed.drivername else parsed


def exists(url: URL) -> bool:
    """Whether there can be something to read: asked before connecting, which would make a SQLite file."""
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


@contextmanager
def reading(url: URL) -> Iterator[sa.Connection]:
    """A connection inside one transaction, for reading only."""
    with faults(url), _engine(url, "BEGIN").connect() as connection:
        yield connection


@contextmanager
def writing(url: URL) -> Iterator[sa.Connection]:
    """A connection that holds the load's lock; the caller begins the transactions.

    Raises:
        TargetFault: another load holds the lock.
    """
    if url.get_backend_name() == "sqlite":
        _make_folder(Path(str(url.database)).parent)
    # The server frees the lock when the connection closes, so a killed load leaves none behind.
    with faults(url), _engine(url, "BEGIN IMMEDIATE").connect() as connection:
        _lock(connection, url)
        yield connection


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetFault(
            f"the target's folder cannot be made: {error.strerror}",
            where=Where(str(folder)),
            remedy="mend target.url in migration.yaml, or the rights of the folder",
        ) from None


@contextmanager
def faults(url: URL) -> Iterator[None]:
    """Turns the database's errors into faults without personal data and without the password."""
    try:
        yield
    except DBAPIError as error:
        constraint = constraint_of(error)
        if constraint is not None:
            raise RowsRefused(
                f"the target refused rows: {constraint}",
                where=Where(shown(url)),
                remedy="nothing was written; compare the target's own constraints with docs/reference/target-schema.md",
            ) from None
        raise _database_fault(error, url) from None
    except SQLAlchemyError as error:
        raise TargetFault(f"the target failed: {type(error).__name__}", where=Where(shown(url))) from None


def _engine(url: URL, begin: str) -> sa.Engine:
    kind = url.get_backend_name()
    wait: dict[str, Any] = {"timeout": _WAIT_SECONDS} if kind == "sqlite" else {"connect_timeout": _WAIT_SECONDS}
    try:
        engine = sa.create_engine(url, poolclass=NullPool, connect_args=wait, hide_parameters=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise TargetFault(
            f"no driver for {kind} is installed", remedy=f"pip install 'crm-etl[{_EXTRAS.get(kind, kind)}]'"
        ) from None
    if kind == "sqlite":
        _plain_transactions(engine, begin)
    return engine


def _plain_transactions(engine: sa.Engine, begin: str) -> None:
    """Python's sqlite3 begins transactions late and not for DDL; SQLAlchemy's documented cure is to begin here."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begins(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)


def _lock(connection: sa.Connection, url: URL) -> None:
    kind = url.get_backend_name()
    if kind == "sqlite":  # each of its transactions is BEGIN IMMEDIATE: it locks the file
        return
    if kind == "postgresql":
        held = connection.execute(sa.select(sa.func.pg_try_advisory_lock(_LOCK_NUMBER))).scalar()
    else:
        held = connection.execute(sa.select(sa.func.get_lock(f"crm_etl:{url.database}"[:64], 0))).scalar()
    connection.commit()
    if not held:
        raise TargetFault("another load is at work", where=Where(shown(url)), remedy="wait until it ends")


def freeze(connection: sa.Connection, tables: list[str]) -> None:
    """Lets nobody else write to ``tables`` until the transaction ends; elsewhere than in PostgreSQL the
    transaction's own lock (SQLite) or the locking read (MySQL) does it."""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'")
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(map(quote, tables))} IN SHARE ROW EXCLUSIVE MODE")


def shown(url: URL) -> str:
    """``url`` for people: without its password, and without its query, where another one may stand."""
    return url.set(query={}).render_as_string(hide_password=True)


def _number(error: DBAPIError) -> Any:
    """MySQL's number of the error; None elsewhere."""
    parts = error.orig.args if error.orig is not None else ()
    return parts[0] if len(parts) > 1 else None


def constraint_of(error: DBAPIError) -> str | None:
    """Which constraint or policy of the target refused rows, in words without values; None if none did."""
    diagnosis: Any = getattr(error.orig, "diag", None)
    if getattr(error.orig, "sqlstate", None) == _POLICY and "row-level security" in str(error.orig):
        table = re.search(r'for table "([^"]+)"', str(error.orig))
        return f"row-level security of table {table[1] if table else 'unknown'}"
    if getattr(error.orig, "sqlstate", None) == _RAISED or _number(error) == _SIGNALLED:
        return "a trigger"
    if not isinstance(error, IntegrityError):
        return None
    if diagnosis is not None and diagnosis.constraint_name is None and diagnosis.column_name is not None:
        return f"NOT NULL of column {diagnosis.column_name} of table {diagnosis.table_name}"
    if diagnosis is not None and diagnosis.constraint_name is not None:
        return f"constraint {diagnosis.constraint_name} of table {diagnosis.table_name}"
    # SQLite names columns only, never values; MySQL quotes values, so of its text only the number is kept.
    parts = error.orig.args if error.orig is not None else ()
    first = str(parts[0]) if parts else ""
    said = _MYSQL_SAYS.search(str(parts[1])) if len(parts) > 1 else None
    if said is not None:
        return f"constraint {said[1] or said[3]}" if said[2] is None else f"NOT NULL of column {said[2]}"
    if _SQLITE_CONSTRAINT.match(first):
        return first
    # What a trigger says is somebody's text, and may quote people's data.
    return f"error {first}" if first.isdecimal() else "a trigger"


#: What SQLite says of the file itself -> what is wrong and what to do. Its texts hold no values.
_SQLITE_SAYS = {
    "disk is full": ("the disk of the target is full", "nothing was written; make room, then run again"),
    "readonly database": ("the target may only be read", "give this user the right to write the file and its folder"),
    "not a database": ("the target is a file, but no SQLite database", "mend target.url, or move that file away"),
}


def _database_fault(error: DBAPIError, url: URL) -> TargetFault:
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    where = Where(shown(url))
    if "locked" in text or "lock timeout" in text or "Lock wait timeout" in text:
        return TargetFault("the target is locked by another program", where=where, remedy="wait until it ends")
    for said, (what, remedy) in _SQLITE_SAYS.items():
        if url.get_backend_name() == "sqlite" and said in text:
            return TargetFault(what, where=where, remedy=remedy)
    if error.statement is not None:
        return TargetFault(
            f"the target failed: {type(error.orig).__name__}",
            where=where,
            remedy="nothing was written; look into the database's own log and at the rights of its user",
        )
    text = cleared(text, url) or type(error.orig).__name__
    server = "start the server and make the database (UTF-8), or mend target.url in migration.yaml"
    file = "give this user the right to make and write the file in its folder, or mend target.url in migration.yaml"
    return TargetFault(
        f"the target cannot be reached: {text}",
        where=where,
        remedy=file if url.get_backend_name() == "sqlite" else server,
    )
