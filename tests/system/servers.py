"""Databases of one's own on real servers, for reading from: made for a test, dropped after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests.load.conftest import SERVERS, fresh_database

__all__ = ["SERVERS", "cut", "database", "engine", "run"]


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a new, empty database on the server of this kind."""
    maker = fresh_database(kind)
    try:
        yield next(maker)
    finally:
        next(maker, None)


def engine(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)


def run(url: str, *statements: str) -> None:
    """Executes ``statements``, each at once in force."""
    with engine(url).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def cut(url: str) -> int:
    """Cut every other connection to the database, as an administrator would; how many there were."""
    kind = sa.make_url(url).get_backend_name()
    with engine(url).connect() as connection:
        if kind == "postgresql":
            query = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return int(connection.exec_driver_sql(query).scalar() or 0)
        query = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        ids = connection.exec_driver_sql(query).scalars().all()
        for number in ids:
            connection.exec_driver_sql(f"KILL {number}")
        return len(ids)
