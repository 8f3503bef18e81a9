"""Databases: exact values, key order, nothing written, and refusals without a password in them."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.cells import cell_text
from connectors.sql import SqlConnector
from crm_etl.faults import EncodingFault, SourceFault
from tests.connectors.reading import read_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "old.sqlite") as connection:
        connection.execute('create table people ("id" integer, "имя" text, balance real)')
        rows = [(3, "c", 0.1), (1, "a:b '%s", 1e15), (2, None, None)]
        connection.executemany("insert into people values (?, ?, ?)", rows)
    return tmp_path


def opened(
    folder: Path, *, url: str = "sqlite:///data/old.sqlite", table: str | None = None, query: str | None = None
) -> SqlConnector:
    return SqlConnector(root=folder, key=("id",), url=url, table=table, query=query)


def rows(connector: SqlConnector) -> list[list[str | None]]:
    return read_all(connector).cells


EXPECTED = [["1", "a:b '%s", "1000000000000000"], ["2", None, None], ["3", "c", "0.1"]]


def test_table_in_key_order(folder: Path) -> None:
    connector = opened(folder, table="people")
    assert connector.columns == ("id", "имя", "balance")
    assert rows(connector) == EXPECTED
    assert connector.file == "data/old.sqlite:people"


@pytest.mark.parametrize(
    "query",
    [
        'select * from people where "имя" is null or "имя" <> \':x\' -- all; really\n;',
        "with p as (select * from people) select * from p order by id desc",
    ],
)
def test_query_in_key_order(folder: Path, query: str) -> None:
    assert rows(opened(folder, query=query)) == EXPECTED


def test_missing_table_lists_those_that_are_seen(folder: Path) -> None:
    with pytest.raises(SourceFault, match=r"visible: people"):
        opened(folder, table="clients")


@pytest.mark.parametrize("query", ["select frm", "delete from people", "drop table people"])
def test_queries_that_cannot_be_read(folder: Path, query: str) -> None:
    with pytest.raises(SourceFault):
        opened(folder, query=query)
    assert len(rows(opened(folder, table="people"))) == 3


def test_missing_database_file_is_not_created(folder: Path) -> None:
    with pytest.raises(SourceFault, match="no such database file"):
        opened(folder, url="sqlite:///none.sqlite", table="x")
    assert not (folder / "none.sqlite").exists()


def test_file_that_is_no_database(folder: Path) -> None:
    (folder / "notes.sqlite").write_text("these are notes, and no database at all\n" * 50)
    with pytest.raises(SourceFault, match="file is not a database"):
        opened(folder, url="sqlite:///notes.sqlite", table="clients")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://crm:geheim17@127.0.0.1:1/x",
        "mysql+pymysql://crm:geheim17@127.0.0.1:1/x",
        "nosuch://crm:geheim17@127.0.0.1/x",
        "no url geheim17",
    ],
)
def test_unreachable_databases_keep_the_password(folder: Path, url: str) -> None:
    with pytest.raises(SourceFault) as caught:
        opened(folder, url=url, table="x")
    assert "geheim17" not in str(caught.value)
    assert caught.value.remedy


def test_text_that_is_not_utf_8(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "old.sqlite") as connection:
        connection.execute("insert into people values (4, cast(x'cff2' as text), 0)")
    with pytest.raises(EncodingFault):
        rows(opened(folder, table="people"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        (True, "true"),
        (10**20, str(10**20)),
        (Decimal("10.50"), "10.50"),
        (Decimal("1E+3"), "1000"),
        (9161234567.0, "9161234567"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (dt.date(1984, 3, 21), "1984-03-21"),
        (dt.datetime(2020, 1, 2, 3, 4, 5), "2020-01-02T03:04:05"),
        (dt.datetime(2020, 1, 2, 3, 4, 5, 60), "2020-01-02T03:04:05.000060"),
        (dt.timedelta(hours=-30, seconds=-1), "-30:00:01"),
        (b"\x01\xff", "01ff"),
        ({"b": 1, "a": "я"}, '{"a": "я", "b": 1}'),
    ],
)
def test_typed_values_become_exact_text(value: object, text: str | None) -> None:
    assert cell_text(value) == text
