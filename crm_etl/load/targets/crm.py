"""The tables of the CRM and of the registry beside them, as SQLAlchemy metadata.

The CRM tables mirror :data:`crm_etl.schema.CLIENT_TABLES`: a column that the schema gains needs a type in
``_TYPES`` here and a migration in ``alembic/versions``; a test compares the three. The registry's tables
(``crm_etl_*``) remember what was loaded, so that a rerun and an undo know what people have changed since.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from crm_etl import schema

#: Binary collation: equal means the same characters on every server, so counts and groups agree between them.
_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}


class SqliteMoney(sa.Numeric[Decimal]):
    """Decimal in SQLite without a detour through Python's float."""

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any]:
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any]:
        return lambda value: None if value is None else Decimal(str(value))


def money() -> TypeEngine[Any]:
    return sa.Numeric(19, schema.MONEY_DECIMALS).with_variant(SqliteMoney(19, schema.MONEY_DECIMALS), "sqlite")


def instant() -> TypeEngine[Any]:
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def long_text() -> TypeEngine[Any]:
    """Text without a limit that matters; MySQL's own TEXT ends at 64 KB."""
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


_ID = sa.String(64)
_SOURCE = sa.String(40)
_LEGACY_KEY = sa.String(400)
_TYPES: dict[str, TypeEngine[Any]] = {
    "user_id": _ID,
    "name": sa.String(120),
    "client_id": _ID,
    "row_id": _ID,
    "kind": sa.String(16),
    "status": sa.String(16),
    "display_name": sa.String(255),
    "latin_name": sa.String(255),
    "full_name": sa.String(255),
    "given": sa.String(120),
    "patronymic": sa.String(120),
    "family": sa.String(120),
    "script": sa.String(4),
    "language": sa.String(8),
    "sex": sa.String(1),
    "birth_date": sa.Date(),
    "legal_form": sa.String(32),
    "owner": sa.String(120),
    "branch": sa.String(120),
    "segment": sa.String(120),
    "balance": money(),
    "amount": money(),
    "currency": sa.String(3),
    "created_at": instant(),
    "comment": long_text(),
    "is_primary": sa.Boolean(),
    "phone": sa.String(40),
    "email": sa.String(254),
    "country": sa.String(2),
    "region": sa.String(120),
    "city": sa.String(120),
    "postal_code": sa.String(20),
    "street": sa.String(500),
    "type": sa.String(32),
    "value": sa.String(120),
    "channel": sa.String(16),
    "allowed": sa.String(3),
    "since": sa.Date(),
    "legacy_source": _SOURCE,
    "legacy_key": _LEGACY_KEY,
    "occurred_at": instant(),
    "direction": sa.String(8),
    "subject": long_text(),
    "document": sa.String(120),
    "opened_at": instant(),
    "title": sa.String(500),
    "stage": sa.String(16),
    "expected_close": sa.Date(),
}
#: Columns that people search by.
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "client": (("merged_into",), ("latin_name",), ("branch",)),
    "client_phone": (("phone",),),
    "client_email": (("email",),),
    "client_identifier": (("type", "value"),),
    "interaction": (("legacy_source", "legacy_key"),),
    "client_transaction": (("legacy_source", "legacy_key"),),
    "opportunity": (("legacy_source", "legacy_key"),),
}
MERGED_INTO = "merged_into"

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _client_table(described: schema.Table) -> sa.Table:
    key = described.names[0]
    columns = [_client_column(name, primary=name == key) for name in described.names]
    if described.name == "client":
        columns.append(sa.Column(MERGED_INTO, _ID, sa.ForeignKey("client.client_id"), nullable=True))
    indexes = [sa.Index(None, *names) for names in _INDEXES.get(described.name, ())]
    if described.name != "client" and "client_id" in described.names:
        indexes.insert(0, sa.Index(None, "client_id"))
    return sa.Table(described.name, METADATA, *columns, *indexes, **_OPTIONS)


def _client_column(name: str, *, primary: bool) -> sa.Column[Any]:
    if primary:
        return sa.Column(name, _TYPES[name], primary_key=True)
    if name == "client_id":
        return sa.Column(name, _ID, sa.ForeignKey("client.client_id"), nullable=False)
    return sa.Column(name, _TYPES[name], nullable=True)


#: The CRM's tables by name, in loading order.
TABLES: dict[str, sa.Table] = {name: _client_table(described) for name, described in schema.CLIENT_TABLES.items()}

BATCH = sa.Table(
    "crm_etl_batch",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("plan_id", _ID, nullable=False),
    sa.Column("applied_at", instant(), nullable=False),
    sa.Column("undone_at", instant(), nullable=True),
    sa.Column("counts", long_text(), nullable=False),
    **_OPTIONS,
)
CROSSWALK = sa.Table(
    "crm_etl_crosswalk",
    METADATA,
    sa.Column("source", _SOURCE, primary_key=True),
    sa.Column("key", _LEGACY_KEY, primary_key=True),
    sa.Column("client_id", _ID, nullable=False),
    sa.Column("fingerprint", _ID, nullable=True),
    sa.Column("batch_id", sa.Integer, nullable=False),
    sa.Index(None, "client_id"),
    sa.Index(None, "batch_id"),
    **_OPTIONS,
)
LOADED = sa.Table(
    "crm_etl_loaded",
    METADATA,
    sa.Column("table_name", sa.String(40), primary_key=True),
    sa.Column("row_id", _ID, primary_key=True),
    sa.Column("row_values", long_text(), nullable=False),
    sa.Column("batch_id", sa.Integer, nullable=False),
    sa.Index(None, "batch_id"),
    **_OPTIONS,
)
CHANGE = sa.Table(
    "crm_etl_change",
    METADATA,
    sa.Column("batch_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.String(40), primary_key=True),
    sa.Column("row_id", sa.String(450), primary_key=True),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("before_values", long_text(), nullable=True),
    sa.Column("after_values", long_text(), nullable=True),
    **_OPTIONS,
)
EVENT = sa.Table(
    "crm_etl_event",
    METADATA,
    sa.Column("batch_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("event", sa.String(16), nullable=False),
    sa.Column("client_id", _ID, nullable=True),
    sa.Column("other_id", _ID, nullable=True),
    sa.Column("reason", long_text(), nullable=True),
    **_OPTIONS,
)
#: Alembic's own table, named so that it cannot meet that of the CRM's vendor.
VERSION_TABLE = "crm_etl_version"


def key_of(table: str) -> str:
    """The primary key column of a CRM table."""
    return schema.CLIENT_TABLES[table].names[0]


def columns_of(table: str) -> list[sa.Column[Any]]:
    """The columns of a CRM table that a load writes, the key first; of the client also ``merged_into``."""
    return list(TABLES[table].columns)
