"""Many rows to the database at once, in the way that suits each driver.

Values are those of :func:`crm_etl.load.cells.write` (str, bool, int, None), which every supported driver takes,
so no type conversion happens per cell. PostgreSQL gets inserts through COPY.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pandas as pd
import sqlalchemy as sa

from crm_etl.load import cells
from crm_etl.load.targets import crm

_CHUNK = 5_000
#: Keys in one IN list: below SQLite's limit of variables and cheap to parse everywhere.
_KEYS = 500


def cells_of(table: str, rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Canonical texts of a CRM table as values to write, by column."""
    kinds = {column.name: cells.kind_of(column) for column in crm.columns_of(table)}
    return {str(name): cells.write(rows[name], kinds[str(name)]) for name in rows.columns}


def insert(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Inserts the rows whose cells ``columns`` holds; returns how many."""
    rows = list(zip(*columns.values(), strict=True))
    if not rows:
        return 0
    names = ", ".join(_quote(connection, name) for name in columns)
    into = f"{_quote(connection, table.name)} ({names})"
    if connection.dialect.name == "postgresql":
        _copy(connection, into, rows)
    else:
        marks = ", ".join([_mark(connection)] * len(columns))
        _many(connection, f"INSERT INTO {into} VALUES ({marks})", rows)
    return len(rows)


def update(
    connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Any]], where: Mapping[str, Sequence[Any]]
) -> int:
    """Sets ``columns`` of the rows that ``where`` identifies (all in step); returns how many."""
    rows = list(zip(*columns.values(), *where.values(), strict=True))
    if not rows:
        return 0
    mark = _mark(connection)
    sets = ", ".join(f"{_quote(connection, name)} = {mark}" for name in columns)
    condition = " AND ".join(f"{_quote(connection, name)} = {mark}" for name in where)
    _many(connection, f"UPDATE {_quote(connection, table.name)} SET {sets} WHERE {condition}", rows)
    return len(rows)


def delete(
    connection: sa.Connection, table: sa.Table, key: str, keys: Sequence[str], also: Mapping[str, Any] | None = None
) -> int:
    """Deletes the rows whose ``key`` is among ``keys`` and whose columns are as ``also`` says; returns how many."""
    also = also or {}
    mark = _mark(connection)
    fixed = "".join(f" AND {_quote(connection, name)} = {mark}" for name in also)
    for part in parts(keys):
        marks = ", ".join([mark] * len(part))
        connection.exec_driver_sql(
            f"DELETE FROM {_quote(connection, table.name)} WHERE {_quote(connection, key)} IN ({marks}){fixed}",
            (*part, *also.values()),
        )
    return len(keys)


def parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """``keys`` in lists that an IN takes."""
    return _parts(keys, _KEYS)


def _many(connection: sa.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    for part in _parts(rows, _CHUNK):
        connection.exec_driver_sql(statement, list(part))


def _copy(connection: sa.Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
    driver = cast(Any, connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        # COPY goes round SQLAlchemy: its error gets the form that the rest of this package expects.
        raise sa.exc.DBAPIError.instance(
            f"COPY {into}", None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from None


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _quote(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _mark(connection: sa.Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"
