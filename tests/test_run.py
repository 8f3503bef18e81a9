"""The whole road, on the demo company and on any mix of rows: nothing lost, nothing changed twice, edits kept."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_etl import migration
from crm_etl.assessment import assess
from crm_etl.explanation import decide
from crm_etl.faults import ChecksFailed, SourceFault
from crm_etl.run import Run
from crm_etl.storage import State


def a_run(folder: Path) -> Run:
    loaded = migration.load(folder)
    return Run(loaded, State.of(loaded))


@pytest.fixture(scope="module")
def migrated(pristine_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("migrated") / "demo-company"
    shutil.copytree(pristine_demo, folder)
    return folder, a_run(folder).migrate()


@pytest.fixture
def loaded(migrated: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    folder = tmp_path / "demo-company"
    shutil.copytree(migrated[0], folder)
    return folder


def dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "crm.sqlite") as connection:
        return list(connection.iterdump())


def test_a_run_accounts_for_every_row(migrated: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = migrated
    assert summary["ledger"] == {"closed": True, "read": summary["ledger"]["read"], "difference": 0}
    for line in summary["sources"]:
        parts = ("accepted", "quarantined", "excluded", "awaiting")
        assert line["read"] == sum(line[part] for part in parts), line["source"]
    assert summary["reconciliation"]["closed"]
    assert summary["quarantined"] > 0
    assert any(line["awaiting"] for line in summary["sources"])
    with sqlite3.connect(folder / "crm.sqlite") as connection:
        clients = connection.execute("select count(*) from client where merged_into is null").fetchone()[0]
        records = connection.execute("select count(*) from crm_etl_crosswalk").fetchone()[0]
    assert clients == summary["clients"]
    assert records == summary["records"]


def test_merges_are_measured_and_good(migrated: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = migrated
    pairs = summary["evaluation"]["pairwise"]
    assert pairs["precision"] > 0.9
    assert pairs["recall"] > 0.7
    run = a_run(folder)
    measured = assess(run.migration, run.state, folder / "truth.csv")
    assert measured["pairwise"] == pairs
    assert measured["blocking"]["recall"] >= pairs["recall"]


def test_a_truth_about_other_records_is_a_fault(migrated: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    run = a_run(migrated[0])
    truth = tmp_path / "truth.csv"
    truth.write_text("source,key,entity\nelsewhere,1,E1\n", encoding="utf-8")
    with pytest.raises(SourceFault, match="none of its records"):
        assess(run.migration, run.state, truth)


def test_reports_open_offline(migrated: tuple[Path, dict[str, Any]]) -> None:
    for name, path in migrated[1]["reports"].items():
        if path.endswith(".xlsx"):
            assert openpyxl.load_workbook(path).sheetnames, name
            continue
        text = Path(path).read_text(encoding="utf-8")
        assert text, name
        if path.endswith(".html"):
            assert not [mark for mark in ('src="http', 'href="http', "@import", "<link") if mark in text], name


def test_a_dry_run_makes_no_target_and_names_every_record_once(demo: Path) -> None:
    summary = a_run(demo).rehearse()
    assert not (demo / "crm.sqlite").exists()
    clusters = pd.read_parquet(demo / ".crm-etl/clusters.parquet")
    assert list(clusters.columns) == ["source", "key", "client_id"]
    assert not clusters.duplicated(["source", "key"]).any()
    refused = pd.read_csv(demo / ".crm-etl/reports/quarantine.csv", dtype="string", encoding="utf-8-sig")
    nameless = int((refused["reason"].eq("name_missing") & refused["stage"].eq("merge")).sum())
    assert len(clusters) == summary["records"] + nameless


def test_a_second_run_changes_nothing(loaded: Path) -> None:
    before = dump(loaded)
    summary = a_run(loaded).migrate()
    assert summary["batch"]["id"] is None
    assert dump(loaded) == before


def test_what_people_edited_in_the_crm_stays(loaded: Path) -> None:
    with sqlite3.connect(loaded / "crm.sqlite") as connection:
        one = connection.execute("select client_id from client order by client_id limit 1").fetchone()[0]
        connection.execute("update client set segment = 'edited by hand' where client_id = ?", (one,))
    summary = a_run(loaded).migrate()
    assert summary["batch"]["id"] is None
    with sqlite3.connect(loaded / "crm.sqlite") as connection:
        kept = connection.execute("select segment from client where client_id = ?", (one,)).fetchone()[0]
    assert kept == "edited by hand"


_CONTACTS = ("client_name", "client_phone", "client_email", "client_address", "client_identifier", "client_consent")


def _contents(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(folder / "crm.sqlite") as connection:
        return {
            name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr)
            for name in ("client", *_CONTACTS, "interaction", "client_transaction", "opportunity")
        }


def _two_people(folder: Path) -> list[str]:
    """A record each of two persons with phones and numbers of their own, each their client's only one."""
    with sqlite3.connect(folder / "crm.sqlite") as connection:
        rows = connection.execute(
            "select min(x.source || ':' || x.key) from crm_etl_crosswalk x join client c using (client_id) "
            "where c.kind = 'person' and exists (select 1 from client_phone p where p.client_id = c.client_id) "
            "and exists (select 1 from client_identifier i where i.client_id = c.client_id) "
            "group by c.client_id having count(*) = 1 order by 1 desc limit 2"
        ).fetchall()
    return [reference for (reference,) in rows]


def test_a_merge_that_is_undone_leaves_nothing_of_one_person_with_the_other(loaded: Path) -> None:
    before = _contents(loaded)
    pair = _two_people(loaded)
    for judged in ("same", "different"):
        decide(migration.load(loaded), *pair, judged, "", "test")
        summary = a_run(loaded).migrate()
        assert summary["batch"]["id"] is not None
        assert summary["reconciliation"]["unexplained"] == 0
        assert (_contents(loaded) == before) == (judged == "different")
    assert a_run(loaded).migrate()["batch"]["id"] is None


def test_a_row_lost_in_the_crm_opens_the_ledger(loaded: Path) -> None:
    with sqlite3.connect(loaded / "crm.sqlite") as connection:
        connection.execute("delete from client_transaction where row_id = (select min(row_id) from client_transaction)")
    found = a_run(loaded).reconcile()
    assert not found["ok"]
    assert sum(abs(line["difference"]) for line in found["ledger"]) == 1


def test_reconciliation_writes_nothing_into_the_target(loaded: Path) -> None:
    before = dump(loaded)
    a_run(loaded).reconcile()
    assert dump(loaded) == before


def test_a_mapping_that_does_not_fit_is_not_loaded(demo: Path) -> None:
    path = demo / "migration.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("%d.%m.%Y", "%m.%d.%Y"), encoding="utf-8")
    with pytest.raises(ChecksFailed):
        a_run(demo).migrate()
    assert not (demo / "crm.sqlite").exists()
    plan = json.loads((demo / ".crm-etl/reports/plan.json").read_text(encoding="utf-8"))
    assert any("quarantined_share" in name for name in plan["facts"]["failed_checks"])


# ------------------------------------------------------------------------------------------- any mix of rows
MIGRATION = """
name: mix
sources:
  - name: clients
    connector: csv
    path: clients.csv
    encoding: utf-8
    key: code
    country: RU
    volume: {quarantined: 1}
    null_tokens: ["-"]
    exclude: [{column: type, values: [test], rule: test_rows}]
    fields:
      name: name
      kind: {column: type, map: {p: person, o: organization}}
      phones: phone
      emails: email
      birth_date: {column: born, format: "%d.%m.%Y"}
  - name: sales
    connector: csv
    entity: transaction
    path: sales.csv
    encoding: utf-8
    key: number
    client: {source: clients, column: client}
    volume: {quarantined: 1}
    decimal: ","
    fields:
      occurred_at: {column: day, format: "%d.%m.%Y"}
      document: number
      type: {constant: sale}
      amount: sum
      currency: {constant: RUB}
"""
codes = st.sampled_from(["1", "2", "3", "4", "5", "6", "06", "a", "A", "", " 7 "])
names = st.one_of(
    st.sampled_from(["Иванов Иван", "محمد حسینی", "Mohammad Hosseini", "ООО Ромашка", "", "-", "Петров\ufffd"]),
    st.text(max_size=20),
)
clients = st.lists(
    st.tuples(
        codes,
        names,
        st.sampled_from(["p", "o", "test", "?", ""]),
        st.sampled_from(["8 916 123-45-67", "+989121234567", "9.16123E+09", "нет", ""]),
        st.sampled_from(["a@example.com", "а@example.com", "test@test", ""]),
        st.sampled_from(["01.02.1980", "31.02.1980", "1980-02-01", ""]),
    ),
    max_size=12,
)
sales = st.lists(
    st.tuples(
        st.sampled_from(["s1", "s2", "s3", "s4", ""]),
        codes,
        st.sampled_from(["01.03.2024", "45.03.2024", ""]),
        st.sampled_from(["1 234,50", "(100)", "x", ""]),
    ),
    max_size=8,
)


@given(clients, sales)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_mix_of_rows_in_gives_the_same_number_out(
    client_rows: list[tuple[str, ...]], sale_rows: list[tuple[str, ...]]
) -> None:
    # One sound row each: a source without any row is refused as a whole, before there is a ledger.
    client_rows = [("sound", "Сидорова Анна", "p", "", "anna@example.com", "02.03.1990"), *client_rows]
    sale_rows = [("s0", "sound", "01.03.2024", "10,00"), *sale_rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "migration.yaml").write_text(MIGRATION, encoding="utf-8")
        _write(folder / "clients.csv", ("code", "name", "type", "phone", "email", "born"), client_rows)
        _write(folder / "sales.csv", ("number", "client", "day", "sum"), sale_rows)
        summary = a_run(folder).migrate()
        assert summary["ledger"]["closed"], summary["sources"]
        assert summary["reconciliation"]["closed"]
        read = {line["source"]: line["read"] for line in summary["sources"]}
        assert read == {"clients": len(client_rows), "sales": len(sale_rows)}


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        writer.writerows(rows)
