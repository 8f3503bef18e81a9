"""The CRM's tables: what the schema says, what the metadata says and what the migrations make are the same."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crm_etl import schema
from crm_etl.faults import TargetFault
from crm_etl.load.connection import target_url
from crm_etl.load.registry import crosswalk, read_target
from crm_etl.load.targets import crm
from crm_etl.load.targets.upgrade import upgrade
from tests.load.factories import Target, company


def test_the_tables_mirror_the_schema() -> None:
    for name, described in schema.CLIENT_TABLES.items():
        extra = [crm.MERGED_INTO] if name == "client" else []
        assert list(crm.TABLES[name].columns.keys()) == [*described.names, *extra]
        assert [column.name for column in crm.TABLES[name].primary_key] == described.names[:1]


def test_migrations_make_what_the_metadata_says(any_url: str, tmp_path: Path) -> None:
    upgrade(any_url, tmp_path)
    engine = sa.create_engine(target_url(any_url, tmp_path), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": crm.VERSION_TABLE})
        assert compare_metadata(context, crm.METADATA) == []
        assert set(sa.inspect(connection).get_table_names()) == {*crm.METADATA.tables, crm.VERSION_TABLE}


def test_an_older_target_is_read_and_upgraded_with_its_rows(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    upgrade(any_url, tmp_path, "0001")
    target.edit("INSERT INTO client (client_id, display_name) VALUES ('own', 'made in the CRM')")
    state = read_target(any_url, tmp_path)
    assert (len(state.client), len(state.baseline), len(crosswalk(any_url, tmp_path))) == (1, 0, 0)
    target.load(company())
    assert target.rows("SELECT display_name FROM client WHERE client_id = 'own'") == [("made in the CRM",)]
    assert target.rows("SELECT count(*) FROM client") == [(3,)]


def test_types_are_real_to_a_person_with_sql(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    engine = sa.create_engine(target_url(any_url, tmp_path), poolclass=sa.NullPool)
    client, name = crm.TABLES["client"].c, crm.TABLES["client_name"].c
    with engine.connect() as connection:
        row = connection.execute(
            sa.select(client.balance, client.birth_date, client.created_at).where(client.balance < 0)
        ).one()
        primary = connection.execute(sa.select(name.is_primary)).scalar_one()
    assert row == (Decimal("-1234.5"), datetime.date(1984, 3, 21), datetime.datetime(2020, 1, 5, 10, 30))
    assert primary is True


def test_keys_that_differ_in_case_only_are_different(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    upgrade(any_url, tmp_path)
    for key in ("a", "A"):
        target.edit(f"INSERT INTO client (client_id) VALUES ('{key}')")
    assert target.rows("SELECT count(*) FROM client") == [(2,)]


def test_a_target_that_is_not_there_is_empty_and_stays_absent(tmp_path: Path) -> None:
    state = read_target("sqlite:///sub/crm.sqlite", tmp_path)
    assert state.facts["exists"] is False
    assert crosswalk("sqlite:///sub/crm.sqlite", tmp_path).columns.tolist() == schema.CROSSWALK.names
    assert list(tmp_path.iterdir()) == []
    for name, table in schema.CLIENT_TABLES.items():
        assert state.table(name).columns.tolist() == table.names


def test_a_target_of_a_later_version_is_not_touched(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(company())
    target.edit(f"UPDATE {crm.VERSION_TABLE} SET version_num = '9999'")
    before = target.dump()
    with pytest.raises(TargetFault, match="another version"):
        target.load(company(segment="silver"))
    assert target.dump() == before


def test_looking_at_an_empty_server_database_makes_no_table(server_url: str, tmp_path: Path) -> None:
    assert read_target(server_url, tmp_path).facts["exists"] is False
    engine = sa.create_engine(server_url, poolclass=sa.NullPool)
    assert sa.inspect(engine).get_table_names() == []


def test_another_programs_tables_are_not_touched(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.edit("CREATE TABLE client (id INTEGER)")
    with pytest.raises(TargetFault, match="did not make: client"):
        target.plan(company())


def test_clients_that_cannot_be_seen_are_not_taken_for_deleted(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(company())
    target.edit("DELETE FROM client")
    with pytest.raises(TargetFault, match="cannot see"):
        target.plan(company())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://someone:s3cret@127.0.0.1:1/crm", "cannot be reached"),
        ("mysql://someone:s3cret@127.0.0.1:1/crm", "cannot be reached"),
        ("postgresql://nobody_here:s3cret@127.0.0.1:5432/no_such_database", "cannot be reached"),
        ("mysql://nobody_here:s3cret@127.0.0.1:3306/no_such_database", "cannot be reached"),
        ("sqlite://", "in memory"),
        ("oracle://someone:s3cret@host/crm", "no loading into 'oracle'"),
        ("no url at all s3cret", "cannot be read"),
    ],
)
def test_an_unreachable_target_is_a_fault_with_a_remedy_and_no_password(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(TargetFault, match=says) as caught:
        read_target(url, tmp_path)
    assert "s3cret" not in str(caught.value)
    assert caught.value.remedy is not None


@pytest.mark.parametrize(
    ("url", "driver", "extra"),
    [("postgresql://a@h/x", "psycopg", "postgres"), ("mysql://a@h/x", "pymysql", "mysql")],
)
def test_a_missing_driver_names_what_to_install(
    url: str, driver: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, driver, None)
    with pytest.raises(TargetFault, match="no driver") as caught:
        read_target(url, tmp_path)
    assert caught.value.remedy == f"pip install 'crm-etl[{extra}]'"


def test_the_reference_names_every_column_with_its_meaning() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/target-schema.md").read_text("utf-8")
    sections = {part.splitlines()[0]: part for part in page.split("\n## ")}
    for name, described in schema.CLIENT_TABLES.items():
        for column in described.columns:
            (line,) = [line for line in sections[name].splitlines() if line.startswith(f"| `{column.name}` |")]
            assert column.doc in line
            length = getattr(crm.TABLES[name].columns[column.name].type, "length", None)
            assert length is None or f"varchar({length})" in line
