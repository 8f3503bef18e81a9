"""Targets for the load tests: a SQLite file always, and a database of its own on each server that answers."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

SERVERS = {
    "postgresql": (
        "postgresql+psycopg://postgres@127.0.0.1:5432/test",
        "CREATE DATABASE {0} ENCODING 'UTF8' TEMPLATE template0",
    ),
    "mariadb": ("mysql+pymysql://root@127.0.0.1:3306/", "CREATE DATABASE {0} CHARACTER SET utf8mb4"),
}


def fresh_database(kind: str) -> Iterator[str]:
    """The URL of a new, empty database on the server of this kind; dropped at the end."""
    admin, create = SERVERS[kind]
    name = f"crm_etl_test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(create.format(name))
    except OperationalError as error:
        reason = f"no {kind} server answers at 127.0.0.1: {type(error.orig).__name__}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            force = " WITH (FORCE)" if kind == "postgresql" else ""
            connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
        engine.dispose()


@pytest.fixture(params=sorted(SERVERS))
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own on PostgreSQL, then on MariaDB."""
    yield from fresh_database(request.param)


@pytest.fixture(params=["sqlite", *sorted(SERVERS)])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A target of each supported kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'crm.sqlite'}"
    else:
        yield from fresh_database(request.param)
