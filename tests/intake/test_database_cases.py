"""Bad input from databases and DBF files, through the stages that must stop it, count it or keep it."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner, Result

from crm_etl.cli import main
from crm_etl.extract import Extracted, extract
from crm_etl.extract.layout import open_source
from crm_etl.faults import DeclarationNeeded, EncodingFault, LayoutFault, SourceFault
from crm_etl.migration import DbfSource, SqlSource
from crm_etl.normalize import normalize
from tests.connectors.test_dbf import dbf_bytes
from tests.system import servers

TABLE = "CREATE TABLE people (id INTEGER, name TEXT, balance NUMERIC, rate REAL)"


def database(folder: Path, *rows: tuple[Any, ...], table: str = TABLE) -> None:
    with closing(sqlite3.connect(folder / "old.sqlite")) as connection, connection:
        connection.execute(table)
        for row in rows:
            connection.execute(f"INSERT INTO people VALUES ({', '.join('?' * len(row))})", row)


def sql(**settings: Any) -> SqlSource:
    base = {
        "name": "old",
        "connector": "sql",
        "url": "sqlite:///old.sqlite",
        "table": "people",
        "key": "id",
        "fields": {"name": "name", "balance": "balance", "comment": "rate"},
    }
    return SqlSource.model_validate({**base, **settings})


def dbase(**settings: Any) -> DbfSource:
    base = {"name": "old", "connector": "dbf", "path": "old.dbf", "encoding": "cp866", "key": "ID"}
    return DbfSource.model_validate({**base, "fields": {"name": "NAME"}, **settings})


def write_dbf(folder: Path, *records: bytes, **options: Any) -> None:
    fields = [("ID", "N", 5, 0), ("NAME", "C", 10, 0)]
    (folder / "old.dbf").write_bytes(dbf_bytes(fields, records, **options))


def record(number: int, name: str = "Пётр", mark: str = " ") -> bytes:
    return f"{mark}{number:5}".encode() + name.encode("cp866").ljust(10)


def balanced(found: Extracted) -> Extracted:
    """Every row that was delivered is accepted, refused or left out, each once."""
    places = [*found.rows["row"], *found.refused["row"], *found.excluded["row"]]
    assert sorted(places) == list(range(1, found.facts["read"] + 1))
    return found


def refused(found: Extracted) -> list[tuple[str | None, str, str | None]]:
    frame = balanced(found).refused
    return list(zip(frame["key"].fillna("").tolist(), frame["reason"].tolist(), frame["field"].tolist(), strict=True))


# ------------------------------------------------------------------ through the command line


def migration(folder: Path, **bad: Any) -> None:
    """A migration of a good CSV source and a second one from a database."""
    good = {"name": "good", "connector": "csv", "path": "good.csv", "encoding": "utf-8", "key": "id"}
    (folder / "good.csv").write_text("id,name\n1,Пётр Иванов\n", encoding="utf-8")
    fields = {"name": "name", "kind": {"constant": "person"}}
    second = {"name": "bad", "connector": "sql", "key": "id", "fields": fields, **bad}
    document = {"name": "move", "sources": [{**good, "fields": fields}, second]}
    (folder / "migration.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def run(folder: Path) -> Result:
    return CliRunner().invoke(main, ["-C", str(folder), "run"])


def assert_stopped(folder: Path, result: Result, said: str) -> None:
    assert (result.exit_code, said in result.stderr) == (2, True), result.output
    assert "Traceback" not in result.output
    assert "geheim17" not in result.output
    assert not (folder / "crm.sqlite").exists(), "nothing is loaded"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///none.sqlite", "no such database file"),
        ("postgresql://crm:${DB_PASSWORD}@127.0.0.1:1/old", "cannot reach the database"),
        ("mysql://crm:${DB_PASSWORD}@127.0.0.1:1/old", "cannot reach the database"),
        ("sqlite:///old.sqlite", "no table 'clients'"),
    ],
)
def test_case_20_database_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    monkeypatch.setenv("DB_PASSWORD", "geheim17")
    database(tmp_path)
    migration(tmp_path, url=url, table="clients")
    assert_stopped(tmp_path, run(tmp_path), said)


@contextmanager
def stranger(url: str, kind: str) -> Iterator[str]:
    """The URL of a user who may look into the database, but not read its table."""
    name = f"crm_etl_{uuid.uuid4().hex[:8]}"
    grant = {"postgresql": f"GRANT USAGE ON SCHEMA public TO {name}", "mariadb": f"GRANT SELECT ON other TO {name}"}
    make = {
        "postgresql": f"CREATE ROLE {name} LOGIN PASSWORD 'geheim17'",
        "mariadb": f"CREATE USER {name} IDENTIFIED BY 'geheim17'",
    }
    servers.run(url, "CREATE TABLE other (id INTEGER)", make[kind], grant[kind])
    try:
        yield sa.make_url(url).set(username=name, password="geheim17").render_as_string(hide_password=False)
    finally:
        servers.run(url, *([f"DROP OWNED BY {name}"] if kind == "postgresql" else []), f"DROP USER {name}")


@pytest.mark.system
@pytest.mark.parametrize("kind", sorted(servers.SERVERS))
def test_case_20_no_right_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    with servers.database(kind) as url:
        servers.run(url, "CREATE TABLE people (id INTEGER, name VARCHAR(20))", "INSERT INTO people VALUES (1, 'a')")
        with stranger(url, kind) as other:
            monkeypatch.setenv("OLD_DB", other)
            migration(tmp_path, url="${OLD_DB}", table="people")
            said = "permission denied" if kind == "postgresql" else "SELECT command denied"
            assert_stopped(tmp_path, run(tmp_path), said)


@pytest.mark.system
@pytest.mark.parametrize("kind", sorted(servers.SERVERS))
def test_case_20_a_good_database_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    with servers.database(kind) as url:
        monkeypatch.setenv("OLD_DB", url)
        servers.run(
            url,
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(40))",
            "INSERT INTO people VALUES (1, 'Анна Ким'), (2, 'Олег Попов')",
        )
        migration(tmp_path, url="${OLD_DB}", table="people")
        result = run(tmp_path)
    assert result.exit_code == 0, result.output
    with closing(sqlite3.connect(tmp_path / "crm.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM client").fetchone() == (3,)


# ------------------------------------------------------------------ files and layouts


def test_case_01_table_without_rows(tmp_path: Path) -> None:
    database(tmp_path)
    with pytest.raises(SourceFault, match="no data rows"):
        extract(sql(), tmp_path)


def test_case_01_dbf_without_records(tmp_path: Path) -> None:
    write_dbf(tmp_path)
    with pytest.raises(SourceFault, match="no data rows"):
        extract(dbase(), tmp_path)


def test_case_04_dbf_file_cut_off(tmp_path: Path) -> None:
    write_dbf(tmp_path, record(1), record(2), record(3))
    path = tmp_path / "old.dbf"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SourceFault, match="holds 2 records, its head counts 3"):
        extract(dbase(), tmp_path)


def test_case_12_column_renamed_in_the_database(tmp_path: Path) -> None:
    database(tmp_path, (1, "a", 1, 1), table=TABLE.replace("name", "full_name"))
    with pytest.raises(LayoutFault) as caught:
        extract(sql(), tmp_path)
    assert "mapped but missing:     name" in str(caught.value)
    assert "delivered but unmapped: full_name" in str(caught.value)


def test_case_22_locked_database(tmp_path: Path) -> None:
    database(tmp_path, (1, "a", 1, 1))
    with closing(sqlite3.connect(tmp_path / "old.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceFault, match="locked by another program"):
            extract(sql(timeout=1), tmp_path)


def test_case_22_database_file_overwritten_while_it_is_read(tmp_path: Path) -> None:
    database(tmp_path, (1, "a", 1, 1))
    batches = open_source(sql(), tmp_path).batches()
    next(batches)
    content = (tmp_path / "old.sqlite").read_bytes()
    (tmp_path / "old.sqlite").write_bytes(content + content)
    with pytest.raises(SourceFault, match="overwritten while it was read"):
        list(batches)


def test_case_22_changes_of_the_database_are_not_seen_while_it_is_read(tmp_path: Path) -> None:
    database(tmp_path, *((number, "n", 1, 1) for number in range(30_000)))
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = wal")
    batches = open_source(sql(), tmp_path).batches()
    size = next(batches).size
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as other, other:
        other.execute("DELETE FROM people")
    assert size + sum(batch.size for batch in batches) == 30_000


def test_case_22_dbf_file_changes_while_it_is_read(tmp_path: Path) -> None:
    write_dbf(tmp_path, *map(record, range(30_000)))
    batches = open_source(dbase(), tmp_path).batches()
    next(batches)
    write_dbf(tmp_path, *map(record, range(10)))
    with pytest.raises(SourceFault, match="changed while it was read"):
        list(batches)


# ------------------------------------------------------------------ encodings and characters


@pytest.mark.parametrize(("language", "proposed"), [(0xC9, "cp1251"), (0x65, "cp866"), (0x7E, "cp1256")])
def test_case_23_code_page_of_a_dbf_file_is_proposed(tmp_path: Path, language: int, proposed: str) -> None:
    write_dbf(tmp_path, record(1), language=language)
    with pytest.raises(DeclarationNeeded, match=f"encoding: {proposed}"):
        extract(dbase(encoding=None), tmp_path)


def test_case_24_bytes_that_the_declared_code_page_does_not_allow(tmp_path: Path) -> None:
    write_dbf(tmp_path, record(1), b"     2" + b"\x98".ljust(10))
    with pytest.raises(EncodingFault, match=r"record 2 holds bytes(.|\n)*row 2, column 'NAME'"):
        extract(dbase(encoding="cp1251"), tmp_path)


def test_case_25_two_code_pages_in_one_dbf_file(tmp_path: Path) -> None:
    utf8 = b"     1" + "Ибн".encode().ljust(10)
    write_dbf(tmp_path, utf8, b"     2" + "Пётр".encode("cp1251").ljust(10))
    with pytest.raises(EncodingFault, match="record 2 holds bytes"):
        extract(dbase(encoding="utf-8"), tmp_path)


def test_case_24_text_of_the_database_that_is_not_utf_8(tmp_path: Path) -> None:
    database(tmp_path, (1, "a", 1, 1), (3, "c", 1, 1))
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection, connection:
        connection.execute("INSERT INTO people VALUES (2, CAST(x'cff2' AS TEXT), 1, 1)")
    found = extract(sql(), tmp_path)
    assert refused(found) == [("2", "invalid_text", "name")]
    assert json.loads(found.refused["cells"][0])["name"] == r"\xcf\xf2"


def test_case_28_control_characters_from_a_database(tmp_path: Path) -> None:
    names = ["good", "nul\0", "bell\x07", "c1\x85", "tab\tstays", "two\nlines"]
    database(tmp_path, *((number, name, 1, 1) for number, name in enumerate(names)))
    found = extract(sql(), tmp_path)
    assert refused(found) == [(str(number), "control_character", "name") for number in (1, 2, 3)]
    assert found.rows["raw:name"].tolist() == ["good", "tab\tstays", "two\nlines"]


def test_case_28_control_characters_from_a_dbf_file(tmp_path: Path) -> None:
    write_dbf(tmp_path, record(1), record(2, "a\0b"), record(3, "a\x01"), record(4, "padded\0\0\0"))
    found = extract(dbase(), tmp_path)
    assert refused(found) == [("2", "control_character", "NAME"), ("3", "control_character", "NAME")]
    assert found.rows["raw:NAME"].tolist() == ["Пётр", "padded"]


def test_case_28_bytes_where_text_is_mapped(tmp_path: Path) -> None:
    database(tmp_path, (1, "a", 1, 1), (2, b"\x00\xff", 1, 1))
    found = extract(sql(), tmp_path)
    assert refused(found) == [("2", "binary_value", "name")]
    assert json.loads(found.refused["cells"][0]) == {"id": "2", "name": "0x00ff", "balance": "1", "rate": "1"}
    without = sql(fields={"balance": "balance"}, ignore=["name", "rate"])
    assert refused(extract(without, tmp_path)) == []


# ------------------------------------------------------------------ values


def test_case_49_dates_of_a_dbf_file_that_are_none(tmp_path: Path) -> None:
    fields = [("ID", "N", 5, 0), ("BORN", "D", 8, 0)]
    days = [b"19840321", b"20230230", b"        "]
    records = [f" {number:5}".encode() + day for number, day in enumerate(days)]
    (tmp_path / "old.dbf").write_bytes(dbf_bytes(fields, records))
    born = {"name": {"constant": "Анна Ким"}, "birth_date": {"column": "BORN", "format": "%d.%m.%Y"}}
    source = dbase(fields=born)
    found = extract(source, tmp_path)
    assert refused(found) == [("1", "bad_date", "BORN")]
    assert normalize(found.rows, source).rows["birth_date"].fillna("").tolist() == ["1984-03-21", ""]


def test_case_53_money_of_a_database_is_never_a_float(tmp_path: Path) -> None:
    money = [68.66499999999999, 1e15, 0.1, 10**17 + 1, "10.50"]
    database(tmp_path, *((number, "n", amount, amount) for number, amount in enumerate(money)))
    source = sql(fields={"name": "name", "balance": "balance"}, ignore=["rate"])
    found = balanced(extract(source, tmp_path))
    exact = ["68.66499999999999", "1000000000000000", "0.1", "100000000000000001", "10.5"]
    assert found.rows["raw:balance"].tolist() == exact
    moved = normalize(found.rows, source)
    kept = dict(zip(moved.rows["key"], moved.rows["balance"], strict=True))
    assert {"2", "4"} <= set(kept)
    assert {key: Decimal(balance) for key, balance in kept.items()} == {key: Decimal(exact[int(key)]) for key in kept}
    assert sorted([*kept, *moved.refused["key"]]) == ["0", "1", "2", "3", "4"], "what has no cents is not rounded"


@pytest.mark.system
@pytest.mark.parametrize("kind", sorted(servers.SERVERS))
def test_case_53_money_of_a_server_is_never_a_float(tmp_path: Path, kind: str) -> None:
    with servers.database(kind) as url:
        real = "DOUBLE PRECISION" if kind == "postgresql" else "DOUBLE"
        servers.run(
            url,
            f"CREATE TABLE people (id INTEGER, name VARCHAR(9), balance DECIMAL(30,10), rate {real})",
            "INSERT INTO people VALUES (1, 'n', 12345678901234567890.0123456789, 68.66499999999999)",
            "INSERT INTO people VALUES (2, 'n', -0.10, 1e15)",
        )
        found = balanced(extract(sql(url=url), tmp_path))
    assert found.rows["raw:balance"].tolist() == ["12345678901234567890.0123456789", "-0.1000000000"]
    assert found.rows["raw:rate"].tolist() == ["68.66499999999999", "1000000000000000"]


def test_case_53_number_too_long_for_its_dbf_column(tmp_path: Path) -> None:
    fields = [("ID", "N", 5, 0), ("PAID", "N", 6, 2)]
    records = [f" {number:5}{paid:>6}".encode() for number, paid in enumerate(["10.50", "******", "12,50"])]
    (tmp_path / "old.dbf").write_bytes(dbf_bytes(fields, records))
    found = extract(dbase(fields={"balance": "PAID"}), tmp_path)
    assert refused(found) == [("1", "number_overflow", "PAID"), ("2", "bad_number", "PAID")]
    assert found.rows["raw:PAID"].tolist() == ["10.50"]


def test_case_56_null_and_the_empty_text_are_both_no_value(tmp_path: Path) -> None:
    database(tmp_path, (1, None, 1, 1), (1, "", 1, 1), (2, "", 1, 1), (3, "NULL", 1, 1), (4, " ", 1, 1))
    source = sql(null_tokens=["NULL"])
    found = balanced(extract(source, tmp_path))
    assert found.excluded["rule"].tolist() == ["exact_duplicate"], "NULL compares equal to the empty text"
    assert found.rows["raw:name"].isna().tolist() == [True, True, False, False]
    fields = {"name": {"constant": "Анна Ким"}, "comment": "name"}
    comments = sql(fields=fields, ignore=["balance", "rate"], null_tokens=["NULL"])
    moved = normalize(extract(comments, tmp_path).rows, comments).rows
    assert moved["comment"].isna().tolist() == [True, True, True, True], "the declared token and blanks as well"


# ------------------------------------------------------------------ keys


def test_case_57_key_that_stands_twice(tmp_path: Path) -> None:
    database(tmp_path, (1, "a", 1, 1), (1, "b", 1, 1), (2, "c", 1, 1))
    found = extract(sql(), tmp_path)
    assert refused(found) == [("1", "duplicate_key", "id"), ("1", "duplicate_key", "id")]
    assert ["row 2" in found.refused["message"][0], "row 1" in found.refused["message"][1]] == [True, True]


def test_case_59_key_that_is_null_or_too_alike(tmp_path: Path) -> None:
    keys = [None, "", "a7", "A7", "b"]
    database(tmp_path, *((key, "n", 1, 1) for key in keys), table=TABLE.replace("id INTEGER", "id TEXT"))
    found = extract(sql(), tmp_path)
    assert sorted(reason for _, reason, _ in refused(found)) == ["ambiguous_key"] * 2 + ["key_missing"] * 2
    assert found.rows["key"].tolist() == ["b"]


def test_deleted_records_of_a_dbf_file_stand_in_the_balance(tmp_path: Path) -> None:
    write_dbf(tmp_path, record(1), record(2, mark="*"), record(3))
    found = balanced(extract(dbase(), tmp_path))
    assert found.facts["excluded"] == {"deleted_record": 1}
    assert found.facts["read"] == 3
