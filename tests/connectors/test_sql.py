"""Databases: exact values, key order, nothing written, and refusals without a password in them."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.cells import cell_text
from connectors.sql import SqlConnector
from connectors.sqltables import reflect
from crm_etl.faults import SourceFault
from tests.connectors.reading import read_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "old.sqlite") as connection:
        connection.execute('create table people ("id" integer, "имя" text, balance real)')
        rows = [(3, "c", 0.1), (1, "a:b '%s", 1e15), (2, None, None)]
        connection.executemany("insert into people values (?, ?, ?)", rows)
    return tmp_path


URL = "sqlite:///data/old.sqlite"


def opened(folder: Path, *, url: str = URL, table: str | None = None, query: str | None = None) -> SqlConnector:
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


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://crm:1@127.0.0.1:1/x", "OperationalError"),
        ("postgresql://crm@127.0.0.1:1/x?password=12&connect_timeout=1", "OperationalError"),
        ("postgresql://crm:0.0.1@127.0.0.1:1/x", 'connection failed: connection to server at "127.***", port 1 failed'),
        ("postgresql://crm@127.0.0.1:1/x", 'connection failed: connection to server at "127.0.0.1", port 1 failed'),
    ],
)
def test_short_passwords_are_not_told_by_what_is_left_out(folder: Path, url: str, said: str) -> None:
    with pytest.raises(SourceFault) as caught:
        SqlConnector(root=folder, key=("id",), url=url, table="x", retries=0)
    assert caught.value.what.startswith(f"cannot reach the database: {said}")
    assert ("***" in caught.value.what) == ("0.0.1@" in url)


def test_key_is_compared_as_column_names_are(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "old.sqlite") as connection:
        connection.execute('create table spaced ("i  d" text)')
        connection.execute("insert into spaced values ('2'), ('1')")
    for key in ("i d", " i  d"):
        assert rows(SqlConnector(root=folder, key=(key,), url=URL, table="spaced")) == [["1"], ["2"]]


def test_table_with_a_dot_in_its_name(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "old.sqlite") as connection:
        connection.execute('create table "a.b" (id text)')
        connection.execute('create view "a.c" as select id from "a.b"')
        connection.execute("insert into \"a.b\" values ('1')")
    for name in ("a.b", "a.c"):
        assert rows(opened(folder, table=name)) == [["1"]]
    assert len(rows(opened(folder, table="main.people"))) == 3
    counted = {table.name: table.rows for table in reflect(URL, folder, count=True)}
    assert (counted["a.b"], counted["a.c"], counted["people"]) == (1, 1, 3)


def test_text_that_is_not_utf_8_refuses_its_row(folder: Path) -> None:
    add(folder, "(4, cast(x'cff2' as text), 0)")
    read = read_all(opened(folder, table="people"))
    assert read.cells == EXPECTED
    [row] = read.refused
    assert (row.origin.row, row.column, row.reason) == (4, "имя", "invalid_text")
    assert row.cells == {"id": "4", "имя": r"\xcf\xf2", "balance": "0"}


def add(folder: Path, *rows: str) -> None:
    with sqlite3.connect(folder / "data" / "old.sqlite") as connection:
        for row in rows:
            connection.execute(f"insert into people values {row}")


def test_binary_value_refuses_its_row(folder: Path) -> None:
    add(folder, "(0, x'00ff', 5)", "(4, x'" + "ab" * 100 + "', 6)")
    read = read_all(opened(folder, table="people"))
    assert read.cells == EXPECTED
    assert read.rows == [2, 3, 4]
    assert [(row.origin.row, row.column, row.reason) for row in read.refused] == [
        (1, "имя", "binary_value"),
        (5, "имя", "binary_value"),
    ]
    assert read.refused[0].cells == {"id": "0", "имя": "0x00ff", "balance": "5"}
    assert read.refused[1].cells["имя"] == "0x" + "ab" * 32 + "... (100 bytes)"


def test_binary_value_of_an_ignored_column_is_left_behind(folder: Path) -> None:
    add(folder, "(4, x'00ff', 5)")
    connector = SqlConnector(root=folder, key=("id",), url=URL, table="people", ignore=(" имя",))
    assert rows(connector) == [*EXPECTED, ["4", None, "5"]]


def test_values_of_any_kind_in_a_column_of_another(folder: Path) -> None:
    add(folder, "('x7', 12, 'text')", "(9223372036854775807, 1.5, 0.1)")
    found = rows(opened(folder, table="people"))
    assert found == [*EXPECTED, ["9223372036854775807", "1.5", "0.1"], ["x7", "12", "text"]]


def test_identifiers_with_odd_marks(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "old.sqlite") as connection:
        connection.execute('create table "a:b ""50%""" ("id" integer, "rate % :x" text, "q""q" text)')
        connection.execute('insert into "a:b ""50%""" values (1, \'%\', \':y\')')
    assert rows(opened(folder, table='a:b "50%"')) == [["1", "%", ":y"]]


def test_no_key_column_and_no_row(folder: Path) -> None:
    connector = SqlConnector(root=folder, key=("other",), url=URL, query="select 1 a where 0")
    assert rows(connector) == []
    assert connector.columns == ("a",)


def test_writers_wait_while_a_table_is_read(folder: Path) -> None:
    add(folder, *(f"({number}, 'n', 0)" for number in range(10, 20)))
    batches = opened(folder, table="people").batches()
    first = next(batches)
    other = sqlite3.connect(folder / "data" / "old.sqlite", timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("delete from people")
    other.close()
    assert first.size + sum(batch.size for batch in batches) == 13


def test_writers_go_on_in_wal_mode_unseen(folder: Path) -> None:
    add(folder, *(f"({number}, 'n', 0)" for number in range(10, 40_010)))
    with sqlite3.connect(folder / "data" / "old.sqlite") as connection:
        connection.execute("pragma journal_mode = wal")
    batches = opened(folder, table="people").batches()
    size = next(batches).size
    with sqlite3.connect(folder / "data" / "old.sqlite") as other:
        other.execute("delete from people")
    assert size + sum(batch.size for batch in batches) == 40_003


def test_locked_database(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "old.sqlite", isolation_level=None) as other:
        other.execute("begin exclusive")
        with pytest.raises(SourceFault, match="locked by another program"):
            SqlConnector(root=folder, key=("id",), url=URL, table="people", timeout=1)


def test_file_overwritten_while_it_is_read(folder: Path) -> None:
    path = folder / "data" / "old.sqlite"
    content = path.read_bytes()
    batches = opened(folder, table="people").batches()
    next(batches)
    path.write_bytes(content + bytes(4096))
    with pytest.raises(SourceFault, match="overwritten while it was read"):
        list(batches)


def test_statement_that_takes_too_long(folder: Path) -> None:
    endless = "with recursive n(id) as (select 1 union all select id + 1 from n) select id from n where id < 0"
    connector = SqlConnector(root=folder, key=(), url=URL, query=endless, timeout=1)
    with pytest.raises(SourceFault, match="no rows within 1 second"):
        rows(connector)


def test_damaged_database_stops_the_source(folder: Path) -> None:
    add(folder, *(f"({number}, 'n', 0)" for number in range(10, 40_010)))
    path = folder / "data" / "old.sqlite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40_960] = b"\xff" * 40_960
    path.write_bytes(content)
    with pytest.raises(SourceFault, match="refuses to read: DatabaseError"):
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
        (dt.timedelta(milliseconds=-1500), "-00:00:01.500000"),
        (b"\x01\xff", "01ff"),
        ({"b": 1, "a": "я"}, '{"a": "я", "b": 1}'),
    ],
)
def test_typed_values_become_exact_text(value: object, text: str | None) -> None:
    assert cell_text(value) == text
