"""The old CRM in PostgreSQL and MariaDB instead of SQLite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_etl import migration
from crm_etl.demo import generate
from crm_etl.demo.folder import VARIABLE
from crm_etl.faults import Fault, SourceFault

_NAME = f"crm_etl_demo_{os.getpid()}"
_SERVERS = {
    "postgresql": (
        "postgresql+psycopg://postgres@127.0.0.1:5432/test",
        "postgresql+psycopg://postgres@127.0.0.1:5432/",
    ),
    "mariadb": ("mysql+pymysql://root@127.0.0.1:3306/test", "mysql+pymysql://root@127.0.0.1:3306/"),
}


@pytest.fixture(params=sorted(_SERVERS))
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database on a real server, dropped afterwards."""
    admin, base = _SERVERS[request.param]
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {_NAME}"))
    except sa.exc.OperationalError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no {request.param} server answers on 127.0.0.1")
    yield base + _NAME
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {_NAME}"))
    engine.dispose()


@pytest.mark.system
def test_holds_the_same_clients_as_sqlite(url: str, tmp_path: Path) -> None:
    generate(tmp_path / "sqlite", size=120)
    for _ in range(2):  # a second demo replaces the first
        generate(tmp_path / "server", size=120, database_url=url)
    query = sa.text("SELECT id, full_name, native_name, birth_date, city FROM clients ORDER BY id")
    found = []
    for place in (f"sqlite:///{tmp_path / 'sqlite' / 'legacy' / 'crm.sqlite'}", url):
        engine = sa.create_engine(place)
        with engine.connect() as connection:
            found.append([tuple(row) for row in connection.execute(query)])
        engine.dispose()
    assert found[0] == found[1]
    assert found[0]
    truth = [(tmp_path / name / "truth.csv").read_bytes() for name in ("sqlite", "server")]
    assert truth[0] == truth[1]
    loaded = migration.load(tmp_path / "server")
    source = loaded.source("crm")
    assert isinstance(source, migration.SqlSource)
    assert source.url == url


@pytest.mark.system
def test_leaves_tables_of_somebody_else_alone(url: str, tmp_path: Path) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE clients (id INTEGER)"))
        connection.execute(sa.text("INSERT INTO clients VALUES (1)"))
    with pytest.raises(SourceFault, match="tables of its own"):
        generate(tmp_path / "demo", size=50, database_url=url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT COUNT(*) FROM clients")).scalar() == 1
    engine.dispose()


def test_unreachable_server_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="cannot be used"):
        generate(tmp_path / "demo", size=50, database_url="postgresql+psycopg://u:secret@127.0.0.1:1/x")


def test_a_password_never_stands_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_etl.demo import folder

    secret = "postgresql+psycopg://u:hunter2@db.example/x"
    facts = {"rows": {"shop": 10, "tehran": 10, "crm": 10, "cards": 10}, "clients": 1, "records": 1}
    folder.describe(tmp_path, facts, 1, secret)
    assert "hunter2" not in (tmp_path / "migration.yaml").read_text(encoding="utf-8")
    monkeypatch.setenv(VARIABLE, secret)
    source = migration.load(tmp_path).source("crm")
    assert isinstance(source, migration.SqlSource)
    assert source.url == secret
