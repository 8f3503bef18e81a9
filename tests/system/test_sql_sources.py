"""Reading from real PostgreSQL and MariaDB servers: exact values, one snapshot, connections that are cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from connectors import sqldialects, sqlsession
from connectors.base import BATCH_ROWS
from connectors.sql import SqlConnector
from connectors.sqlsession import one_snapshot
from crm_etl import migration, pipeline
from crm_etl.faults import SourceFault
from crm_etl.normalize import dates
from crm_etl.run import Run
from crm_etl.storage import State
from tests.connectors.reading import Read, read_all
from tests.system import servers

pytestmark = pytest.mark.system
ROWS = 3 * BATCH_ROWS + 17
#: Keys that are one to a collation, but not to us; sorted by it they stand across the borders of batches.
TEXT_KEYS = {
    "postgresql": "SELECT (CASE WHEN mod(g, 2) = 0 THEN 'a' ELSE 'A' END) || g / 2, 'n' || g"
    f" FROM generate_series(1, {ROWS}) g",
    "mariadb": f"SELECT CONCAT(IF(MOD(seq, 2) = 0, 'a', 'A'), seq DIV 2), CONCAT('n', seq) FROM seq_1_to_{ROWS}",
}
NUMBERS = {
    "postgresql": f"SELECT g AS id, 'n' || g AS name FROM generate_series(1, {ROWS}) g",
    "mariadb": f"SELECT seq AS id, CONCAT('n', seq) AS name FROM seq_1_to_{ROWS}",
}


@pytest.fixture(params=sorted(servers.SERVERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str) -> Iterator[str]:
    with servers.database(kind) as made:
        yield made


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlsession, "pause", lambda seconds: None)


def opened(url: str, table: str | None = None, *, query: str | None = None, **options: object) -> SqlConnector:
    key = options.pop("key", ("id",))
    return SqlConnector(root=Path(), key=key, url=url, table=table, query=query, **options)  # type: ignore[arg-type]


def numbered(url: str, kind: str, table: str = "people") -> None:
    servers.run(
        url,
        f"CREATE TABLE {table} (id BIGINT PRIMARY KEY, name VARCHAR(40))",
        f"INSERT INTO {table} {NUMBERS[kind]}",
    )


#: More than the network's buffers hold, so that rows are still to come when a connection is cut.
PAD = "x" * 600


def wide(url: str, kind: str) -> None:
    """The same table with long names."""
    servers.run(
        url,
        "CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT)",
        f"INSERT INTO people SELECT n.id, CONCAT(n.name, '{PAD}') FROM ({NUMBERS[kind]}) n",
    )


def padded() -> list[list[str | None]]:
    return [[str(number), f"n{number}{PAD}"] for number in range(1, ROWS + 1)]


def expected() -> list[list[str | None]]:
    return [[str(number), f"n{number}"] for number in range(1, ROWS + 1)]


def test_streamed_in_key_order(url: str, kind: str) -> None:
    numbered(url, kind)
    read = read_all(opened(url, "people"))
    assert read.cells == expected()
    assert read.rows == list(range(1, ROWS + 1))


def read_cut(url: str, connector: SqlConnector, *, after: int, change: tuple[str, ...] = ()) -> Read:
    """All rows, the connection cut (and the table changed) when ``after`` batches have come."""
    whole = Read()
    for number, batch in enumerate(connector.batches(), 1):
        whole.cells.extend(map(list, batch.cells()))
        whole.rows.extend(batch.rows.to_pylist())
        if number == after:
            assert servers.cut(url) == 1
            servers.run(url, *change)
    return whole


@pytest.mark.parametrize("after", [1, 2, 3])
def test_connection_cut_while_reading(url: str, kind: str, after: int) -> None:
    wide(url, kind)
    read = read_cut(url, opened(url, "people"), after=after)
    assert read.cells == padded()
    assert read.rows == list(range(1, ROWS + 1))


def test_keys_that_the_collation_takes_for_one(url: str, kind: str) -> None:
    servers.run(
        url,
        "CREATE TABLE people (id VARCHAR(40), name VARCHAR(40))",
        "CREATE INDEX people_id ON people (id)",
        f"INSERT INTO people {TEXT_KEYS[kind]}",
        "INSERT INTO people VALUES (NULL, 'none'), (NULL, 'nothing')",
    )
    read = read_all(opened(url, "people", key=("id", "name")))
    assert sorted(name or "" for _, name in read.cells) == sorted(
        ["none", "nothing", *(f"n{number}" for number in range(1, ROWS + 1))]
    )
    again = read_cut(url, opened(url, "people", key=("id", "name")), after=2)
    assert again.cells == read.cells


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO people VALUES (0, 'new')",
        "UPDATE people SET name = 'else' WHERE id = 5",
        "DELETE FROM people WHERE id = 7",
        f"UPDATE people SET id = {ROWS + 5} WHERE id = 3",
        "UPDATE people SET id = -1 WHERE id = 15000",
    ],
)
def test_rows_changed_while_the_connection_was_lost(url: str, kind: str, change: str) -> None:
    wide(url, kind)
    with pytest.raises(SourceFault, match="rows changed while the connection was lost"):
        read_cut(url, opened(url, "people"), after=2, change=(change,))


def test_rows_changed_behind_those_that_were_handed_on(url: str, kind: str) -> None:
    wide(url, kind)
    change = (
        f"INSERT INTO people VALUES ({ROWS + 1}, 'new')",
        f"UPDATE people SET name = 'else' WHERE id = {ROWS}",
        f"DELETE FROM people WHERE id = {ROWS - 1}",
    )
    read = read_cut(url, opened(url, "people"), after=1, change=change)
    last = [[str(ROWS), "else"], [str(ROWS + 1), "new"]]
    assert read.cells == [*padded()[:-2], *last], "the content of the new snapshot, whole"


def test_connection_cut_again_and_again(url: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wide(url, kind)
    read = sqlsession.Session._told
    cuts: list[int] = []

    def cutting(*arguments: Any, **options: Any) -> Any:
        found = read(*arguments, **options)
        cuts.append(servers.cut(url))
        return found

    batches = opened(url, "people", retries=2).batches()
    next(batches)
    next(batches)
    monkeypatch.setattr(sqlsession.Session, "_told", cutting)
    with pytest.raises(SourceFault, match="did not come back"):
        list(batches)
    assert sum(cuts) == 3


def test_changes_are_not_seen_while_reading(url: str, kind: str) -> None:
    numbered(url, kind)
    connector = opened(url, "people")
    cells: list[list[str | None]] = []
    for batch in connector.batches():
        cells.extend(map(list, batch.cells()))
        servers.run(
            url, f"DELETE FROM people WHERE id > {len(cells)}", f"INSERT INTO people VALUES ({-len(cells)}, 'x')"
        )
    assert cells == expected()


def two_tables(url: str, kind: str) -> None:
    for table in ("people", "deals"):
        numbered(url, kind, table)


CHANGES = ("DELETE FROM deals WHERE id > 9", "UPDATE deals SET name = 'else' WHERE id = 1", "DELETE FROM people")


def test_tables_of_one_database_from_one_snapshot(url: str, kind: str) -> None:
    two_tables(url, kind)
    with one_snapshot():
        people = read_all(opened(url, "people"))
        servers.run(url, *CHANGES)
        deals = read_all(opened(url, "deals"))
    assert people.cells == deals.cells == expected()
    assert len(read_all(opened(url, "deals")).cells) == 9


def source(name: str, **settings: Any) -> dict[str, Any]:
    base = {"name": name, "connector": "sql", "url": "${OLD_DB}", "table": name, "key": "id", "retries": 1}
    return {**base, **settings}


def test_run_reads_all_tables_from_one_snapshot(
    url: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.run(
        url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(40))",
        "CREATE TABLE deals (id INTEGER PRIMARY KEY, name VARCHAR(40), person INTEGER)",
        "INSERT INTO people VALUES (1, 'Анна Ким'), (2, 'Олег Попов')",
        "INSERT INTO deals VALUES (10, 'first', 1), (11, 'second', 2)",
    )
    monkeypatch.setenv("OLD_DB", url)
    client = {"name": "name", "kind": {"constant": "person"}}
    deal = {"entity": "opportunity", "client": {"source": "people", "column": "person"}, "fields": {"title": "name"}}
    document = {"name": "move", "sources": [source("people", fields=client), source("deals", **deal)]}
    (tmp_path / "migration.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    usual = pipeline.raw

    def changing(loaded: Any, what: Any, *others: Any) -> Any:
        found = usual(loaded, what, *others)
        if what.name == "people":
            servers.run(url, "DELETE FROM deals WHERE id = 11", "INSERT INTO deals VALUES (12, 'third', 3)")
        return found

    monkeypatch.setattr(pipeline, "raw", changing)
    loaded = migration.load(tmp_path)
    raws, _ = Run(loaded, State.of(loaded)).deliver()
    assert raws["deals"].rows["key"].tolist() == ["10", "11"], "as they were when the people were read"
    assert servers.cut(url) == 0, "the snapshot is let go"


def test_snapshot_lost_between_tables(url: str, kind: str) -> None:
    two_tables(url, kind)
    with one_snapshot():
        read_all(opened(url, "people"))
        assert servers.cut(url) == 1
        assert read_all(opened(url, "deals")).cells == expected(), "nothing had changed"
        servers.cut(url)
        servers.run(url, "UPDATE people SET name = 'else' WHERE id = 1")
        with pytest.raises(SourceFault, match="rows changed while the connection was lost"):
            opened(url, "deals")


def test_snapshot_is_let_go(url: str, kind: str) -> None:
    numbered(url, kind)
    with one_snapshot():
        read_all(opened(url, "people"))
    read_all(opened(url, "people"))
    next(opened(url, "people").batches())
    assert servers.cut(url) == 0


SLOW = {"postgresql": "SELECT 1 AS id FROM pg_sleep(60)", "mariadb": "SELECT 1 AS id, SLEEP(60) AS s"}


def test_statement_that_takes_too_long(url: str, kind: str) -> None:
    with pytest.raises(SourceFault, match="no rows within 1 second"):
        read_all(opened(url, query=f"{SLOW[kind]} WHERE 1 = 1", timeout=1))
    assert servers.cut(url) == 0, "the server does not go on with it"


LOCK = {"postgresql": "LOCK TABLE people IN ACCESS EXCLUSIVE MODE", "mariadb": "LOCK TABLES people WRITE"}


def test_locked_table(url: str, kind: str) -> None:
    numbered(url, kind)
    with servers.engine(url).connect() as other:
        if kind == "postgresql":
            other.exec_driver_sql("BEGIN")
        other.exec_driver_sql(LOCK[kind])
        with pytest.raises(SourceFault, match=r"locked by another program|no rows within"):
            read_all(opened(url, "people", timeout=1))


WRITES = {
    "postgresql": "SELECT nextval('numbers') AS id",
    "mariadb": "SELECT NEXTVAL(numbers) AS id",
}


def test_session_reads_only(url: str, kind: str) -> None:
    servers.run(url, "CREATE SEQUENCE numbers")
    with pytest.raises(SourceFault, match="refuses to read"):
        read_all(opened(url, query=WRITES[kind]))


NO_RIGHT = {
    "postgresql": (
        "CREATE ROLE crm_etl_reader LOGIN PASSWORD 'geheim17'",
        "DROP OWNED BY crm_etl_reader",
        "DROP ROLE IF EXISTS crm_etl_reader",
        "GRANT USAGE ON SCHEMA public TO crm_etl_reader",
    ),
    "mariadb": (
        "CREATE USER crm_etl_reader IDENTIFIED BY 'geheim17'",
        "SELECT 1",
        "DROP USER IF EXISTS crm_etl_reader",
        "GRANT SELECT ON other TO crm_etl_reader",
    ),
}


@pytest.fixture
def reader(url: str, kind: str) -> Iterator[str]:
    """The URL of a user who may not read the table ``people``."""

    numbered(url, kind)
    make, disown, drop, grant = NO_RIGHT[kind]
    servers.run(url, drop, "CREATE TABLE other (id INTEGER)", make, grant)
    try:
        parsed = sa.make_url(url).set(username="crm_etl_reader", password="geheim17")
        yield parsed.render_as_string(hide_password=False)
    finally:
        servers.run(url, disown, drop)


def test_no_right_to_the_table(reader: str) -> None:
    with pytest.raises(SourceFault) as caught:
        read_all(opened(reader, "people"))
    assert "geheim17" not in str(caught.value)
    assert caught.value.remedy is not None


def test_no_such_table(url: str, kind: str) -> None:
    numbered(url, kind)
    with pytest.raises(SourceFault, match="visible: people"):
        opened(url, "clients")


TYPES = {
    "postgresql": [
        ("NUMERIC(20,4)", "12345678901234.5600", "12345678901234.5600"),
        ("NUMERIC", "'NaN'", "NaN"),
        ("BIGINT", "-9223372036854775808", "-9223372036854775808"),
        ("BOOLEAN", "true", "true"),
        ("DOUBLE PRECISION", "0.1::float8 + 0.2::float8", "0.30000000000000004"),
        ("DOUBLE PRECISION", "1e300", "1" + "0" * 300),
        ("DOUBLE PRECISION", "9161234567", "9161234567"),
        ("DOUBLE PRECISION", "'-0'", "0"),
        ("REAL", "1234567.8", "1234567.8"),
        ("DATE", "'1984-03-21'", "1984-03-21"),
        ("DATE", "'infinity'", "infinity"),
        ("DATE", "'0044-03-15 BC'", "0044-03-15 BC"),
        ("DATE", "'12024-01-02'", "12024-01-02"),
        ("TIMESTAMP", "'2020-01-02 03:04:05'", "2020-01-02T03:04:05"),
        ("TIMESTAMP", "'2020-01-02 03:04:05.12'", "2020-01-02T03:04:05.120000"),
        ("TIMESTAMP", "'-infinity'", "-infinity"),
        ("TIMESTAMPTZ", "'2020-01-02 03:04:05+03:30'", "2020-01-02T03:04:05+03:30"),
        ("TIME", "'23:59:59.5'", "23:59:59.500000"),
        ("INTERVAL", "'1 month 2 days 03:04:05'", "P1M2DT3H4M5S"),
        ("JSONB", """'{"b": 1.50, "a": "я"}'""", '{"a": "я", "b": 1.50}'),
        ("INTEGER[]", "'{1,NULL,3}'", "[1, null, 3]"),
        ("NUMERIC(9,2)[]", "'{1.50}'", '["1.50"]'),
        ("TEXT[]", "'{a,\"б, в\"}'", '["a", "б, в"]'),
        ("UUID", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("INET", "'10.0.0.1/8'", "10.0.0.1/8"),
        ("INT4RANGE", "'[1,5)'", "[1,5)"),
        ("TEXT", "''", ""),
        ("TEXT", "'50% %s :x'", "50% %s :x"),
        ("CHAR(5)", "'ab'", "ab   "),
    ],
    "mariadb": [
        ("DECIMAL(20,4)", "12345678901234.5600", "12345678901234.5600"),
        ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"),
        ("TINYINT(1)", "true", "1"),
        ("BIT(9)", "b'100000001'", "257"),
        ("DOUBLE", "0.1e0 + 0.2e0", "0.30000000000000004"),
        ("DOUBLE", "1e300", "1" + "0" * 300),
        ("FLOAT", "1234567.8", "1234567.8"),
        ("FLOAT", "0.1", "0.1"),
        ("DATE", "'1984-03-21'", "1984-03-21"),
        ("DATE", "'0000-00-00'", "0000-00-00"),
        ("DATE", "'2020-00-00'", "2020-00-00"),
        ("DATETIME", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
        ("DATETIME", "'2020-01-02 03:04:05'", "2020-01-02T03:04:05"),
        ("DATETIME(3)", "'2020-01-02 03:04:05.12'", "2020-01-02T03:04:05.120000"),
        ("DATETIME(6)", "'2020-01-02 03:04:05'", "2020-01-02T03:04:05"),
        ("TIMESTAMP NULL", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
        ("TIME", "'-30:00:01'", "-30:00:01"),
        ("YEAR", "2024", "2024"),
        ("JSON", """'{"b": 1.50, "a": "я"}'""", '{"b": 1.50, "a": "я"}'),
        ("ENUM('a', 'б')", "'б'", "б"),
        ("TEXT", "''", ""),
        ("TEXT", "'50% %s :x'", "50% %s :x"),
        ("VARCHAR(9) CHARACTER SET cp1251", "'Пётр'", "Пётр"),
    ],
}


def test_values_are_exact(url: str, kind: str) -> None:
    cases = TYPES[kind]
    columns = ", ".join(f"c{number} {form}" for number, (form, _, _) in enumerate(cases))
    with servers.engine(url).connect() as connection:
        if kind == "mariadb":
            connection.exec_driver_sql("SET sql_mode = ''")
        else:
            connection.exec_driver_sql("SET timezone = 'Asia/Tehran'")
        connection.exec_driver_sql(f"CREATE TABLE things (id INTEGER, {columns})")
        values = ", ".join(value for _, value, _ in cases)
        connection.exec_driver_sql(f"INSERT INTO things VALUES (1, {values})".replace("%", "%%"))
        nothing = ", ".join(["NULL"] * len(cases))
        connection.exec_driver_sql(f"INSERT INTO things VALUES (2, {nothing})")
    if kind == "postgresql":
        name = sa.make_url(url).database
        servers.run(url, f"ALTER DATABASE {name} SET timezone = 'Asia/Tehran'")
    first, second = read_all(opened(url, "things")).cells
    found = {form + value: cell for (form, value, _), cell in zip(cases, first[1:], strict=True)}
    assert found == {form + value: text for form, value, text in cases}
    assert second[1:] == [None] * len(cases)
    assert [Decimal(cell or "").as_tuple().exponent for cell in first[1:2]] == [-4]


@pytest.mark.parametrize("kind", ["mariadb"])
def test_instants_of_mariadb_have_the_offset_of_the_session(url: str) -> None:
    """A TIMESTAMP is an instant, told in the zone of the session; a DATETIME is what was written."""
    servers.run(url, "CREATE TABLE seen (id INTEGER, at TIMESTAMP NULL, part TIMESTAMP(3) NULL, day DATETIME)")
    with servers.engine(url).connect() as connection:
        connection.exec_driver_sql("SET time_zone = '+00:00'")
        moment = "'2021-10-31 20:30:00'"
        connection.exec_driver_sql(f"INSERT INTO seen VALUES (1, {moment}, '2021-10-31 20:30:00.5', {moment})")
        connection.exec_driver_sql("INSERT INTO seen VALUES (2, NULL, NULL, NULL)")
    for zone, text in {
        "+03:30": "2021-11-01T00:00:00{}+03:30",
        "-02:00": "2021-10-31T18:30:00{}-02:00",
        "+00:00": "2021-10-31T20:30:00{}+00:00",
    }.items():
        query = {"init_command": f"SET time_zone = '{zone}'"}
        zoned = sa.make_url(url).update_query_dict(query).render_as_string(hide_password=False)
        first, second = read_all(opened(zoned, "seen")).cells
        assert first[1:] == [text.format(""), text.format(".500000"), "2021-10-31T20:30:00"]
        assert second[1:] == [None] * 3
        if zone != "+03:30":  # midnight there: a day
            assert dates.read(first[1] or "", "%d.%m.%Y", typed=True).value == "2021-10-31T20:30:00"
        assert dates.read_day(first[1] or "", "%d.%m.%Y", typed=True).value == text[:10]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_the_zone_of_the_shell_changes_no_instant(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    servers.run(url, "CREATE TABLE seen (id INTEGER, at TIMESTAMPTZ)")
    servers.run(url, "INSERT INTO seen VALUES (1, '2020-01-01 20:30:00+00')")
    servers.run(url, f"ALTER DATABASE {sa.make_url(url).database} SET timezone = 'Asia/Tehran'")
    for zone in ("Europe/Moscow", "America/New_York"):
        monkeypatch.setenv("PGTZ", zone)
        assert read_all(opened(url, "seen")).cells == [["1", "2020-01-02T00:00:00+03:30"]]
        assert os.environ["PGTZ"] == zone


BINARY = {"postgresql": ("BYTEA", r"'\x00ff'"), "mariadb": ("VARBINARY(20)", "x'00ff'")}


def test_binary_values(url: str, kind: str) -> None:
    form, value = BINARY[kind]
    servers.run(
        url,
        f"CREATE TABLE things (id INTEGER, photo {form})",
        f"INSERT INTO things VALUES (1, NULL), (2, {value}), (3, NULL)",
    )
    read = read_all(opened(url, "things"))
    assert read.cells == [["1", None], ["3", None]]
    assert [(row.reason, row.column, row.origin.row) for row in read.refused] == [("binary_value", "photo", 2)]
    assert read.refused[0].cells == {"id": "2", "photo": "0x00ff"}
    assert read_all(opened(url, "things", ignore=("photo",))).cells == [["1", None], ["2", None], ["3", None]]


def test_queries_with_marks_of_drivers(url: str, kind: str) -> None:
    numbered(url, kind)
    query = "SELECT id, name AS \"rate % :x\" FROM people WHERE name LIKE 'n1%' AND name <> ':id' AND id % 10 = 1 -- %s"
    if kind == "mariadb":
        query = query.replace('"', "`")
    connector = opened(url, query=query + ";")
    assert connector.columns == ("id", "rate % :x")
    assert read_all(connector).cells[:3] == [["1", "n1"], ["11", "n11"], ["101", "n101"]]


def test_long_texts_come_in_small_batches(url: str, kind: str) -> None:
    servers.run(
        url,
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)",
        f"INSERT INTO notes SELECT n.id, REPEAT('x', 60000) FROM ({NUMBERS[kind]}) n WHERE n.id <= 1500",
    )
    batches = list(opened(url, "notes").batches())
    assert sum(batch.size for batch in batches) == 1500
    assert max(batch.size for batch in batches) == (32 << 20) // 60000


def test_database_of_a_kind_that_is_not_known(url: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read through SQLAlchemy alone, as any other kind of database is."""
    monkeypatch.setattr(sqldialects, "_KINDS", {})
    numbered(url, kind)
    servers.run(url, "CREATE TABLE prices (id INTEGER, price DECIMAL(9,4), day DATE)")
    servers.run(url, "INSERT INTO prices VALUES (1, 10.5000, '1984-03-21')")
    connector = opened(url, "people")
    assert read_all(connector).cells == expected()
    assert "no snapshot is known" in connector.warnings[0]
    assert read_all(opened(url, "prices")).cells == [["1", "10.5000", "1984-03-21"]]
    query = "SELECT * FROM people WHERE name LIKE 'n1%' AND name <> ':id' AND id < 12"
    assert len(read_all(opened(url, query=query)).cells) == 3


@pytest.mark.parametrize("kind", ["postgresql"])
def test_words_of_the_database_about_data_stay_out(url: str) -> None:
    servers.run(url, "CREATE TABLE people (id TEXT)", "INSERT INTO people VALUES ('Иванов')")
    with pytest.raises(SourceFault) as caught:
        read_all(opened(url, query="SELECT id::integer AS id FROM people"))
    assert "Иванов" not in str(caught.value)


def test_table_without_snapshots_is_told(url: str, kind: str) -> None:
    engine = "" if kind == "postgresql" else " ENGINE = MyISAM"
    servers.run(url, f"CREATE TABLE people (id INTEGER){engine}")
    warnings = opened(url, "people").warnings
    assert len(warnings) == (0 if kind == "postgresql" else 1)
    assert "MyISAM" in "".join(warnings) or kind == "postgresql"


@pytest.mark.parametrize("kind", ["postgresql"])
def test_table_of_another_schema(url: str) -> None:
    servers.run(url, "CREATE SCHEMA old", "CREATE TABLE old.people (id INTEGER)", "INSERT INTO old.people VALUES (7)")
    assert read_all(opened(url, "old.people")).cells == [["7"]]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_text_in_a_database_without_encoding(kind: str) -> None:
    with servers.database(kind) as url:
        name = f"{sa.make_url(url).database}_ascii"
        servers.run(url, f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        parsed = sa.make_url(url).set(database=name, query={"client_encoding": "utf8"})
        other = parsed.render_as_string(hide_password=False)
        try:
            servers.run(other, "CREATE TABLE people (id TEXT)", r"INSERT INTO people VALUES (E'\xcf\xf2')")
            with pytest.raises(SourceFault, match="not in the encoding of its database"):
                read_all(opened(other, "people"))
        finally:
            servers.run(url, f"DROP DATABASE {name} WITH (FORCE)")
