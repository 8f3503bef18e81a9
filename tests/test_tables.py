"""The tables of a database for who maps it: keys, foreign keys, proposals, and no password anywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner, Result

from connectors.sqltables import Column, DbTable, ForeignKey, reflect
from crm_etl.cli import main
from crm_etl.faults import SourceFault
from tests.system import servers

TABLES = (
    "CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40), email VARCHAR(40) NOT NULL UNIQUE,"
    " phone VARCHAR(20) UNIQUE)",
    "CREATE TABLE calls (id INTEGER NOT NULL, day DATE NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (id, day),"
    " FOREIGN KEY (person) REFERENCES people (id))",
    "CREATE TABLE notes (call_id INTEGER, call_day DATE, FOREIGN KEY (call_id, call_day) REFERENCES calls (id, day))",
    "CREATE VIEW names AS SELECT id, name FROM people",
    "INSERT INTO people VALUES (1, 'a', 'a@x', NULL), (2, 'b', 'b@x', NULL)",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection, connection:
        for statement in TABLES:
            connection.execute(statement)
    return tmp_path


def by_name(tables: list[DbTable]) -> dict[str, DbTable]:
    return {table.name: table for table in tables}


def test_tables_with_their_keys(folder: Path) -> None:
    tables = by_name(reflect("sqlite:///old.sqlite", folder))
    assert list(tables) == ["calls", "names", "notes", "people"]
    people = tables["people"]
    assert people.columns[0] == Column("id", "INTEGER", False)
    assert (people.primary_key, people.keys) == (("id",), (("email",),)), "phone may be empty"
    assert tables["calls"].primary_key == ("id", "day")
    assert tables["calls"].foreign_keys == (ForeignKey(("person",), "people", ("id",)),)
    assert (tables["names"].kind, people.rows) == ("view", None)


def test_rows_are_counted_when_asked(folder: Path) -> None:
    tables = by_name(reflect("sqlite:///old.sqlite", folder, count=True))
    assert [(table.rows, table.counted) for table in tables.values()] == [(0, True), (2, True), (0, True), (2, True)]


@pytest.fixture(params=sorted(servers.SERVERS))
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with servers.database(request.param) as made:
        yield made


@pytest.mark.system
def test_tables_of_a_server(url: str) -> None:
    servers.run(url, *TABLES)
    postgres = url.startswith("postgresql")
    if postgres:
        servers.run(url, "CREATE SCHEMA old", "CREATE TABLE old.people (id INTEGER)")
    servers.run(url, "ANALYZE people" if postgres else "ANALYZE TABLE people")
    tables = by_name(reflect(url, Path()))
    assert set(tables) == {"people", "calls", "notes", "names", *(["old.people"] if postgres else [])}
    assert tables["calls"].foreign_keys == (ForeignKey(("person",), "people", ("id",)),)
    assert tables["notes"].foreign_keys == (ForeignKey(("call_id", "call_day"), "calls", ("id", "day")),)
    assert (tables["people"].primary_key, tables["people"].keys) == (("id",), (("email",),))
    assert (tables["people"].rows, tables["people"].counted) == (2, False)
    assert by_name(reflect(url, Path(), count=True))["names"].rows == 2


@pytest.mark.system
def test_views_of_what_is_gone(url: str, tmp_path: Path) -> None:
    if not url.startswith("mysql"):
        url = "sqlite:///old.sqlite"
        with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection, connection:
            connection.execute("CREATE TABLE people (id INTEGER)")
            connection.execute("CREATE VIEW gone AS SELECT id FROM people_of_old")
    else:
        servers.run(url, "CREATE TABLE people (id INTEGER)", "CREATE TABLE x (id INTEGER)")
        servers.run(url, "CREATE VIEW gone AS SELECT id FROM x", "DROP TABLE x")
    tables = by_name(reflect(url, tmp_path, count=True))
    assert [(table.name, table.kind, table.rows) for table in tables.values()] == [
        ("gone", "broken", None),
        ("people", "table", 0),
    ]


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(folder), "tables", *arguments])


def listed(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return {table["name"]: table for table in json.loads(result.stdout)["tables"]}


def test_proposals_for_a_url(folder: Path) -> None:
    tables = listed(call(folder, "sqlite:///old.sqlite", "--json"))
    assert tables["people"]["key"] == ["id"]
    assert tables["calls"]["references"][0]["client"] == {"source": "people", "column": "person"}
    assert tables["notes"]["references"][0]["client"] is None, "two columns make the reference"


def test_proposals_name_the_sources_of_the_migration(folder: Path) -> None:
    source = {
        "name": "old_clients",
        "connector": "sql",
        "url": "sqlite:///old.sqlite",
        "table": "people",
        "key": "id",
        "fields": {"name": "name"},
    }
    (folder / "migration.yaml").write_text(yaml.safe_dump({"name": "m", "sources": [source]}), encoding="utf-8")
    tables = listed(call(folder, "old_clients", "--json"))
    assert tables["calls"]["references"][0]["client"] == {"source": "old_clients", "column": "person"}
    shown = call(folder, "old_clients")
    assert "client: {source: old_clients, column: person}" in shown.output
    assert "key: [id, day]" in shown.output
    assert "people.id" in shown.output
    unknown = call(folder, "nobody")
    assert (unknown.exit_code, "no source 'nobody'" in unknown.stderr) == (2, True)


def test_source_that_is_no_database(folder: Path) -> None:
    source = {"name": "file", "connector": "csv", "path": "a.csv", "encoding": "utf-8", "key": "id"}
    document = {"name": "m", "sources": [{**source, "fields": {"name": "name"}}]}
    (folder / "migration.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    result = call(folder, "file")
    assert (result.exit_code, "read from no database" in result.stderr) == (2, True)


def test_password_comes_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    literal = call(folder, "postgresql://crm:geheim17@127.0.0.1:1/x")
    assert (literal.exit_code, "a password stands in the URL" in literal.stderr) == (2, True)
    missing = call(folder, "postgresql://crm:${OLD_PASSWORD}@127.0.0.1:1/x")
    assert (missing.exit_code, "no variable OLD_PASSWORD" in missing.stderr) == (2, True)
    monkeypatch.setenv("OLD_PASSWORD", "geheim17")
    unreachable = call(folder, "postgresql://crm:${OLD_PASSWORD}@127.0.0.1:1/x")
    assert (unreachable.exit_code, "cannot reach" in unreachable.stderr) == (2, True)
    assert not any("geheim17" in result.output for result in (literal, missing, unreachable))


@pytest.mark.system
def test_password_of_a_server_is_not_shown(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = sa.make_url(url).set(username="nobody_here", password="geheim17").render_as_string(hide_password=False)
    with pytest.raises(SourceFault) as caught:
        reflect(wrong, tmp_path)
    assert "geheim17" not in str(caught.value)
