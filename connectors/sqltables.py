"""What a database holds, for who maps it: tables and views with columns, keys, foreign keys and numbers of rows.

Reads the catalogue only, through the read-only session of the sources; rows are counted when asked. What a mapping
could look like is proposed in :mod:`crm_etl.tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.database import Database, database
from connectors.sql import quoted, split
from connectors.sqlsession import session

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector

_ESTIMATES = {
    "postgresql": "SELECT n.nspname, c.relname, c.reltuples::bigint FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0",
    "mysql": "SELECT NULL, table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()",
}
_ESTIMATES["mariadb"] = _ESTIMATES["mysql"]
_SYSTEM = ("information_schema", "pg_catalog", "pg_toast")


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class ForeignKey:
    """``columns`` of a table point to ``referred`` columns of ``table``."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@dataclass(frozen=True)
class DbTable:
    """A table, a view, or a broken view (``kind``). ``name``: as a source's ``table`` has it.

    ``keys``: other columns without nulls and doubles. ``rows``: None where nobody knows; ``counted``: they were
    counted, not estimated.
    """

    name: str
    kind: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    rows: int | None
    counted: bool


def reflect(url: str, root: Path, *, count: bool = False, timeout: int = 300) -> list[DbTable]:
    """All tables and views that the user may see, by name; those of the default schema without its name.

    Raises:
        SourceFault: the database cannot be reached or read.
    """
    place = database(url, root)
    with session(place, timeout, 0) as opened:
        found = opened.ask(lambda connection: _tables(connection, place), place.where)
        if not count:
            return found
        return [
            DbTable(**{**vars(table), "rows": number, "counted": number is not None})
            for table in found
            for number in [opened.ask(partial(_count, table=table), place.where)]
        ]


def _tables(connection: Connection, place: Database) -> list[DbTable]:
    from sqlalchemy import inspect

    inspector = inspect(connection)
    estimates = _estimates(connection, place, inspector.default_schema_name)
    tables: list[DbTable] = []
    for schema in _schemas(inspector, place):
        for kind, names in (
            ("table", inspector.get_table_names(schema=schema)),
            ("view", inspector.get_view_names(schema=schema)),
        ):
            for name in names:
                tables.append(_table_or_broken(inspector, schema, name, kind, estimates.get((schema, name))))
    return sorted(tables, key=lambda table: table.name)


def _schemas(inspector: Inspector, place: Database) -> list[str | None]:
    if place.kind != "postgresql":
        return [None]
    others = [
        name
        for name in inspector.get_schema_names()
        if name != inspector.default_schema_name and not name.startswith(_SYSTEM)
    ]
    return [None, *others]


def _table_or_broken(inspector: Inspector, schema: str | None, name: str, kind: str, rows: int | None) -> DbTable:
    """A table or view; without columns a view of something that is no longer there."""
    from sqlalchemy.exc import DBAPIError, NoSuchTableError, UnreflectableTableError

    try:
        return _table(inspector, schema, name, kind, rows)
    except (NoSuchTableError, UnreflectableTableError):
        pass
    except DBAPIError as error:
        if kind != "view" or error.connection_invalidated:
            raise
    return DbTable(_dotted(schema, name), "broken", (), (), (), (), None, False)


def _table(inspector: Inspector, schema: str | None, name: str, kind: str, rows: int | None) -> DbTable:
    columns = tuple(
        Column(column["name"], _type(column["type"]), bool(column["nullable"]))
        for column in inspector.get_columns(name, schema=schema)
    )
    if kind == "view":
        return DbTable(_dotted(schema, name), kind, columns, (), (), (), None, False)
    primary = tuple(inspector.get_pk_constraint(name, schema=schema)["constrained_columns"])
    foreign = tuple(
        ForeignKey(
            tuple(key["constrained_columns"]),
            _dotted(key["referred_schema"], key["referred_table"]),
            tuple(key["referred_columns"]),
        )
        for key in inspector.get_foreign_keys(name, schema=schema)
    )
    keys = _keys(inspector, schema, name, primary, {column.name for column in columns if not column.nullable})
    return DbTable(_dotted(schema, name), kind, columns, primary, keys, foreign, rows, False)


def _keys(
    inspector: Inspector, schema: str | None, name: str, primary: tuple[str, ...], filled: set[str]
) -> tuple[tuple[str, ...], ...]:
    unique: list[Any] = [one["column_names"] for one in inspector.get_unique_constraints(name, schema=schema)]
    # SQLite keeps the unique columns of CREATE TABLE as indexes of its own.
    own = {"include_auto_indexes": True} if inspector.dialect.name == "sqlite" else {}
    unique += [one["column_names"] for one in inspector.get_indexes(name, schema=schema, **own) if one["unique"]]
    found = {tuple(columns) for columns in unique if columns and None not in columns and set(columns) <= filled}
    return tuple(sorted(found - {primary}))


def _type(kind: Any) -> str:
    try:
        return str(kind)
    except Exception:  # types that SQLAlchemy does not know have no text
        return "unknown"


def _dotted(schema: str | None, name: str) -> str:
    return name if schema is None else f"{schema}.{name}"


def _estimates(connection: Connection, place: Database, default: str | None) -> dict[tuple[str | None, str], int]:
    query = _ESTIMATES.get(place.kind)
    if query is None:
        return {}
    rows = connection.exec_driver_sql(query).all()
    return {
        (None if schema == default else schema, name): int(count) for schema, name, count in rows if count is not None
    }


def _count(connection: Connection, table: DbTable) -> int | None:
    from sqlalchemy import text

    if not table.columns:
        return None
    name = ".".join(quoted(connection, part) for part in split(connection, table.name) if part is not None)
    return int(connection.execute(text(f"SELECT count(*) FROM {name}".replace(":", r"\:"))).scalar() or 0)
