"""Keys, relations and runs, each on a migration that the test makes: reruns, crashes and what other people do."""

from __future__ import annotations

import csv
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crm_etl import migration
from crm_etl.cli import main
from crm_etl.faults import MigrationFault
from crm_etl.load.connection import target_url
from crm_etl.migration import FIELD_TYPES
from tests.intake.migrations import a_folder, a_source, deliver, in_crm, quarantine, read_rows, said
from tests.load.conftest import fresh_database

PERSON: dict[str, Any] = {"kind": {"constant": "person"}, "name": "name"}
FULL: dict[str, Any] = PERSON | {
    "phones": "phone",
    "emails": "mail",
    "birth_date": {"column": "born", "format": "%d.%m.%Y"},
}
SALES = a_source(
    "s",
    {"occurred_at": {"column": "day", "format": "%d.%m.%Y"}, "type": {"constant": "sale"}, "amount": "sum"},
    entity="transaction",
    client={"source": "c", "column": "client"},
)
ANNA = {"id": "1", "name": "Соколова Анна", "phone": "+79161234567", "mail": "anna@mail.ru", "born": "01.02.1980"}
BORIS = {"id": "2", "name": "Громов Борис", "phone": "+79161234568", "mail": "boris@mail.ru", "born": "03.04.1975"}
VERA = {"id": "3", "name": "Цой Вера", "phone": "+79161234569", "mail": "vera@mail.ru", "born": "05.06.1990"}


def a_sale(key: str, client: str, amount: str = "5") -> dict[str, str]:
    return {"id": key, "client": client, "day": "01.02.2024", "sum": amount}


def dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "crm.sqlite") as connection:
        return list(connection.iterdump())


def client_of(folder: Path, key: str, source: str = "c") -> str:
    ((client,),) = in_crm(
        folder, f"SELECT client_id FROM crm_etl_crosswalk WHERE source = '{source}' AND \"key\" = '{key}'"
    )
    return str(client)


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """Three clients, loaded."""
    folder = a_folder(tmp_path / "m", a_source("c", FULL))
    deliver(folder, "c", [ANNA, BORIS, VERA])
    assert said(folder, "run")[0] == 0
    return folder


# ------------------------------------------------------------------------------------------------------- keys
def test_case_57_rows_of_one_key_are_all_quarantined_and_name_each_other(tmp_path: Path) -> None:
    rows = [{"id": key, "name": name} for key, name in (("7", "Ким Анна"), ("8", "Цой Вера"), ("7", "Пак Нина"))]
    found = read_rows(tmp_path, rows, PERSON)
    assert found.accepted == ["8"]
    assert found.refused["reason"].tolist() == ["duplicate_key", "duplicate_key"]
    assert found.refused["line"].tolist() == [2, 4]
    first, second = found.refused["message"]
    assert ("line 4" in first, "line 2" in second) == (True, True)


def test_case_58_of_exact_copies_one_is_kept_and_the_rest_counted(tmp_path: Path) -> None:
    row = {"id": "7", "name": "Ким Анна"}
    found = read_rows(tmp_path, [row, row, {"id": "8", "name": "Цой Вера"}, row], PERSON)
    assert found.accepted == ["7", "8"]
    assert found.raw.facts["excluded"] == {"exact_duplicate": 2}
    assert (found.raw.facts["read"], found.raw.excluded["line"].tolist()) == (4, [3, 5])


def test_case_59_keys_that_are_missing_or_too_alike_are_quarantined(tmp_path: Path) -> None:
    keys = ["", " ", "\u00a0", "a1", "A1", "7", "007", "b 1", "b1", "x"]
    found = read_rows(tmp_path, [{"id": key, "name": f"Ким {n} Анна"} for n, key in enumerate(keys)], PERSON)
    assert found.accepted == ["x"]
    assert found.refused["reason"].tolist() == ["key_missing"] * 3 + ["ambiguous_key"] * 6
    assert "line 6" in found.refused["message"].tolist()[3]


# -------------------------------------------------------------------------------------------------- relations
def test_case_60_children_may_come_before_their_clients_and_orphans_are_quarantined(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, SALES, a_source("c", FULL))
    deliver(folder, "s", [a_sale("1", "2"), a_sale("2", "99"), a_sale("3", ""), a_sale("4", "9")])
    deliver(folder, "c", [BORIS, {**VERA, "id": "9", "name": "-"}])
    code, summary = said(folder, "run")
    assert code == 0
    assert summary["ledger"] == {"closed": True, "read": 6, "difference": 0}
    assert in_crm(folder, "SELECT legacy_key FROM client_transaction") == [("1",)]
    refused = quarantine(folder)
    assert refused.loc[["2", "3"], "reason"].tolist()[1] == "client_missing"
    assert sorted(refused.index) == ["2", "3", "4", "9"]
    # The client of the fourth sale was quarantined itself; the second one's is nowhere.
    assert (
        refused.loc["2", "reason"] != refused.loc["4", "reason"]
        or refused.loc["4", "message"] != refused.loc["2", "message"]
    )


def test_case_60_no_relation_can_form_a_cycle(tmp_path: Path) -> None:
    """Clients have no parent; what belongs to a client refers to client sources only."""
    assert not [name for name in FIELD_TYPES["client"] if "parent" in name]
    for sources in (
        [a_source("c", PERSON, client={"source": "c", "column": "id"})],
        [a_source("c", PERSON), {**SALES, "client": {"source": "s", "column": "client"}}],
    ):
        a_folder(tmp_path, *sources)
        with pytest.raises(MigrationFault):
            migration.load(tmp_path)


# ------------------------------------------------------------------------------------------------------ drift
def test_case_61_a_client_that_vanishes_stays_and_is_known_when_it_returns(loaded: Path) -> None:
    before, boris = dump(loaded), client_of(loaded, "2")
    deliver(loaded, "c", [ANNA, VERA])
    code, summary = said(loaded, "run")
    assert (code, summary["batch"]["id"]) == (0, None)
    assert summary["plan"]["counts"]["client"]["vanished"] == 1
    assert dump(loaded) == before
    deliver(loaded, "c", [ANNA, BORIS, VERA])
    code, summary = said(loaded, "run")
    assert (code, summary["batch"]["id"]) == (0, None)
    assert summary["plan"]["counts"]["client"]["vanished"] == 0
    assert (dump(loaded), client_of(loaded, "2")) == (before, boris)


def test_case_61_a_key_given_to_another_client_overwrites_nobody(loaded: Path) -> None:
    before = dump(loaded)
    stranger = {**BORIS, "name": "Ершова Дина", "phone": "+79035550101", "mail": "dina@ya.ru", "born": "11.12.1999"}
    deliver(loaded, "c", [ANNA, stranger, VERA])
    code, summary = said(loaded, "run")
    assert (code, summary["batch"]["id"]) == (0, None)
    assert summary["ledger"] == {"closed": True, "read": 3, "difference": 0}
    assert dump(loaded) == before
    refused = quarantine(loaded)
    assert (refused.loc["2", "stage"], refused.loc["2", "reason"]) == ("identity", "key_reused")
    assert "Ершова Дина" in refused.loc["2"].dropna().tolist()
    code, summary = said(loaded, "reconcile")
    assert (code, summary["unexplained"]) == (0, 0)


def test_case_61_a_client_of_whom_all_changed_is_taken_when_declared(loaded: Path) -> None:
    boris = client_of(loaded, "2")
    changed = {**BORIS, "name": "Ершова Дина", "phone": "+79035550101", "mail": "dina@ya.ru", "born": "11.12.1999"}
    a_folder(loaded, a_source("c", FULL, renamed=["2"]))
    deliver(loaded, "c", [ANNA, changed, VERA])
    _, summary = said(loaded, "run")
    assert (summary["quarantined"], summary["plan"]["counts"]["client"]["update"]) == (0, 1)
    assert in_crm(loaded, f"SELECT display_name FROM client WHERE client_id = '{boris}'") == [("Ершова Дина",)]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Соколова Борислава"},
        {"name": "Ершова Дина", "phone": "+79035550101", "mail": "dina@ya.ru"},
        {"name": "Gromov Boris", "phone": "+79035550101", "mail": "dina@ya.ru", "born": "11.12.1999"},
        {"name": "Ершов Борис", "phone": "+79035550101", "mail": "dina@ya.ru", "born": ""},
    ],
    ids=["same contacts", "same birth date", "same name", "same given name"],
)
def test_case_61_a_client_who_changed_is_still_the_same(loaded: Path, change: dict[str, str]) -> None:
    deliver(loaded, "c", [ANNA, BORIS | change, VERA])
    found = said(loaded, "dry-run")[1]
    assert found["quarantined"] == 0


def test_case_62_a_change_of_a_record_merged_away_does_not_touch_the_survivor(loaded: Path) -> None:
    """People merged Boris into Anna in the CRM; the old system goes on to change him."""
    anna, boris = client_of(loaded, "1"), client_of(loaded, "2")
    in_crm(loaded, f"UPDATE client SET merged_into = '{anna}' WHERE client_id = '{boris}'")
    deliver(loaded, "c", [ANNA, {**BORIS, "born": "04.04.1975", "phone": "+79161110000"}, VERA])
    before = dump(loaded)
    code, summary = said(loaded, "run")
    # What waits for a person is a difference between the systems; no row is lost.
    assert (code, summary["batch"]["id"] is not None, summary["reconciliation"]["closed"]) == (1, True, True)
    assert summary["plan"]["counts"]["client"]["conflict"] == 1
    assert summary["plan"]["reasons"] == {"client_phone/client_merged": 1}
    assert [line for line in before if "crm_etl" not in line] == [
        line for line in dump(loaded) if "crm_etl" not in line
    ]
    assert boris in (loaded / ".crm-etl/reports/plan.html").read_text(encoding="utf-8")


def test_case_62_a_change_of_a_record_that_was_merged_here_leaves_what_the_trusted_source_says(tmp_path: Path) -> None:
    first, second = a_source("c", FULL), a_source("d", FULL)
    folder = a_folder(tmp_path, first, second, survivorship={"trust": ["c", "d"]})
    deliver(folder, "c", [ANNA, BORIS])
    deliver(folder, "d", [{**ANNA, "id": "77", "name": "Анна Соколова"}, VERA])
    assert said(folder, "run")[0] == 0
    anna = client_of(folder, "1")
    assert client_of(folder, "77", "d") == anna
    client = in_crm(folder, f"SELECT * FROM client WHERE client_id = '{anna}'")
    deliver(folder, "d", [{**ANNA, "id": "77", "name": "Анна Соколова-Мирская", "born": "02.02.1980"}, VERA])
    assert said(folder, "run")[0] == 0
    assert client_of(folder, "77", "d") == anna
    assert in_crm(folder, f"SELECT * FROM client WHERE client_id = '{anna}'") == client


def test_case_63_a_field_changed_on_both_sides_is_a_conflict(loaded: Path) -> None:
    boris = client_of(loaded, "2")
    in_crm(loaded, f"UPDATE client SET birth_date = '1975-04-30' WHERE client_id = '{boris}'")
    deliver(loaded, "c", [ANNA, {**BORIS, "born": "13.04.1975", "name": "Громов Борис Ильич"}, VERA])
    code, summary = said(loaded, "run")
    assert code == 0
    assert summary["plan"]["counts"]["client"]["conflict"] == 1
    row = in_crm(loaded, f"SELECT birth_date, display_name FROM client WHERE client_id = '{boris}'")
    assert row == [("1975-04-30", "Громов Борис Ильич")]


# ----------------------------------------------------------------------------------------------- broken loads
_KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from crm_etl import migration
from crm_etl.progress import NullProgress
from crm_etl.run import Run
from crm_etl.storage import State

class Fatal(NullProgress):
    # Kills the process as soon as the first rows of the load are written: before the registry, before the commit.
    @contextmanager
    def task(self, name, total=None):
        with super().task(name, total) as task:
            yield Mortal() if name == "load" else task

class Mortal:
    def advance(self, steps=1):
        os.kill(os.getpid(), signal.SIGKILL)

loaded = migration.load(Path(sys.argv[1]))
Run(loaded, State.of(loaded), Fatal()).migrate()
"""


def test_case_64_a_load_that_is_killed_leaves_nothing_and_the_next_one_ends_as_if_it_had_not_been(
    tmp_path: Path,
) -> None:
    rows = [ANNA, BORIS, VERA]
    folders = [a_folder(tmp_path / name, SALES, a_source("c", FULL)) for name in ("killed", "whole")]
    for folder in folders:
        deliver(folder, "c", rows)
        deliver(folder, "s", [a_sale(str(number), str(number % 3 + 1)) for number in range(40)])
    killed, whole = folders
    command = [sys.executable, "-c", _KILLED, str(killed)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert in_crm(killed, "SELECT count(*) FROM client") == [(0,)]
    for folder in folders:
        code, summary = said(folder, "run")
        assert (code, summary["ledger"]["closed"]) == (0, True)
    assert _without_times(dump(killed)) == _without_times(dump(whole))
    code, summary = said(killed, "run")
    assert (code, summary["batch"]["id"]) == (0, None)


def _without_times(statements: list[str]) -> list[str]:
    return [line for line in statements if "crm_etl_batch" not in line]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def constrained(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, str, str]]:
    """A migration of three clients whose target allows no phone twice and no empty segment: folder, URL, server."""
    urls = (
        iter([f"sqlite:///{tmp_path / 'crm.sqlite'}"]) if request.param == "sqlite" else fresh_database(request.param)
    )
    for url in urls:
        monkeypatch.setenv("CRM_ETL_TEST_TARGET", url)
        source = a_source("c", FULL | {"segment": "segment"})
        folder = a_folder(tmp_path / "m", source, target={"url": "${CRM_ETL_TEST_TARGET}"})
        driven = target_url(url, folder).render_as_string(hide_password=False)
        yield folder, driven, request.param


@pytest.mark.system
def test_case_65_rows_that_the_targets_constraints_refuse_are_named_and_nothing_is_loaded(
    constrained: tuple[Path, str, str],
) -> None:
    folder, url, kind = constrained
    deliver(folder, "c", [{**ANNA, "segment": "a"}])
    assert said(folder, "run")[0] == 0
    in_crm(folder, "CREATE UNIQUE INDEX one_phone ON client_phone (phone)", url)
    if kind != "sqlite":
        change = "ALTER COLUMN segment SET NOT NULL" if kind == "postgresql" else "MODIFY segment VARCHAR(120) NOT NULL"
        in_crm(folder, f"ALTER TABLE client {change}", url)
    else:
        in_crm(
            folder,
            "CREATE TRIGGER has_segment BEFORE INSERT ON client WHEN NEW.segment IS NULL "
            "BEGIN SELECT RAISE(ABORT, 'NOT NULL constraint failed: client.segment'); END",
            url,
        )
    household = {**BORIS, "phone": ANNA["phone"], "segment": "b"}
    rows = [{**ANNA, "segment": "a"}, household, {**VERA, "segment": ""}]
    rows.append({"id": "4", "name": "Ершова Дина", "phone": "", "mail": "", "born": "", "segment": "d"})
    deliver(folder, "c", rows)
    answer = CliRunner().invoke(main, ["-C", str(folder), "run"])
    assert answer.exit_code == 2
    assert isinstance(answer.exception, SystemExit)
    said_of_it = " ".join(answer.output.split())
    assert "the target refused 2 rows" in said_of_it
    assert "Громов" not in said_of_it
    assert ANNA["phone"] not in said_of_it
    with (folder / ".crm-etl/reports/refused-by-target.csv").open(encoding="utf-8-sig", newline="") as file:
        named = {line["records"]: (line["table"], line["constraint"]) for line in csv.DictReader(file)}
    assert set(named) == {"c:2", "c:3"}
    assert (named["c:2"][0], named["c:3"][0]) == ("client_phone", "client")
    assert "phone" in named["c:2"][1]
    assert "segment" in named["c:3"][1]
    # All or nothing: the sound client waits with the others.
    assert in_crm(folder, "SELECT count(*) FROM client", url) == [(1,)]
    deliver(folder, "c", [rows[0], {**household, "phone": "+79161234568"}, {**VERA, "segment": "c"}, rows[3]])
    assert said(folder, "run")[0] == 0
    assert in_crm(folder, "SELECT count(*) FROM client", url) == [(4,)]


@pytest.fixture
def policed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, sa.Engine]]:
    """Two clients loaded into PostgreSQL by a user for whom row-level security holds; the engine is an owner's."""
    for url in fresh_database("postgresql"):
        owner = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        user = f"clerk_{owner.url.database}"
        with owner.connect() as connection:
            connection.exec_driver_sql(f"CREATE USER {user}")
            connection.exec_driver_sql(f"GRANT ALL ON SCHEMA public TO {user}")
        monkeypatch.setenv("CRM_ETL_TEST_TARGET", url)
        folder = a_folder(tmp_path, a_source("c", FULL), target={"url": "${CRM_ETL_TEST_TARGET}"})
        deliver(folder, "c", [ANNA, BORIS])
        assert said(folder, "run")[0] == 0
        with owner.connect() as connection:
            connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {user}")
        monkeypatch.setenv("CRM_ETL_TEST_TARGET", owner.url.set(username=user).render_as_string(hide_password=False))
        try:
            yield folder, owner
        finally:
            with owner.connect() as connection:
                connection.exec_driver_sql(f"DROP OWNED BY {user}")
                connection.exec_driver_sql(f"DROP USER {user}")


@pytest.mark.system
@pytest.mark.parametrize(
    ("table", "policy", "says"),
    [
        ("client", "USING (false)", "shows no clients although some were loaded"),
        ("client", "USING (birth_date > '1979-01-01')", "shows not all rows of table client"),
        ("client_phone", "USING (false)", "shows not all rows of table client_phone"),
        ("crm_etl_loaded", "USING (false)", "shows not all rows of table crm_etl_loaded"),
    ],
)
def test_case_66_rows_that_the_user_may_not_see_are_not_taken_for_missing(
    policed: tuple[Path, sa.Engine], table: str, policy: str, says: str
) -> None:
    folder, owner = policed
    assert said(folder, "dry-run")[0] == 0
    with owner.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql(f"CREATE POLICY narrow ON {table} {policy}")
        if table == "crm_etl_loaded":
            connection.exec_driver_sql("ALTER TABLE crm_etl_crosswalk ENABLE ROW LEVEL SECURITY")
    for command in ("dry-run", "run", "reconcile"):
        code, answer = said(folder, command)
        assert code == 2
        assert says in answer["error"]
        assert "cannot see" in answer["error"]
    assert in_crm(folder, "SELECT count(*) FROM client", owner.url.render_as_string(hide_password=False)) == [(2,)]


def test_case_66_clients_that_were_all_deleted_softly_are_not_taken_for_missing(loaded: Path) -> None:
    in_crm(loaded, "ALTER TABLE client RENAME TO all_clients")
    in_crm(loaded, "CREATE VIEW client AS SELECT * FROM all_clients WHERE 0")
    code, answer = said(loaded, "reconcile")
    assert code == 2
    assert "cannot see" in answer["error"]


# ------------------------------------------------------------------------------------------- consent, privacy
def test_case_68_of_differing_consents_the_stricter_wins_and_nobody_is_named_outside_report_files(
    tmp_path: Path,
) -> None:
    fields = FULL | {"consent_email": "mail_ok", "consent_phone": "call_ok"}
    consents = a_source(
        "k",
        {"channel": {"constant": "sms"}, "allowed": "ok", "since": {"column": "day", "format": "%d.%m.%Y"}},
        entity="consent",
        client={"source": "c", "column": "client"},
    )
    folder = a_folder(tmp_path, a_source("c", fields), a_source("d", fields), consents)
    deliver(folder, "c", [{**ANNA, "mail_ok": "да", "call_ok": "да"}, {**BORIS, "mail_ok": "да", "call_ok": ""}])
    twin = {**ANNA, "id": "77", "name": "Анна Соколова", "mail_ok": "нет", "call_ok": "да"}
    broken = {**VERA, "mail_ok": "", "call_ok": "", "born": "31.02.1990"}
    deliver(folder, "d", [twin, broken])
    deliver(
        folder,
        "k",
        [
            {"id": "1", "client": "1", "ok": "нет", "day": "01.02.2020"},
            {"id": "2", "client": "1", "ok": "да", "day": "01.02.2024"},
        ],
    )
    answers = [
        CliRunner().invoke(main, ["-C", str(folder), *command]) for command in (["run"], ["reconcile"], ["profile"])
    ]
    assert [answer.exit_code for answer in answers] == [0, 0, 0]
    anna, boris = client_of(folder, "1"), client_of(folder, "2")
    assert client_of(folder, "77", "d") == anna
    held = in_crm(folder, "SELECT client_id, channel, allowed FROM client_consent ORDER BY client_id, channel")
    assert sorted(held) == sorted(
        [(anna, "email", "no"), (anna, "phone", "yes"), (anna, "sms", "no"), (boris, "email", "yes")]
    )
    texts = [answer.output for answer in answers]
    texts += [said(folder, command)[1].__str__() for command in ("dry-run", "reconcile")]
    texts.append((folder / ".crm-etl/reports/profile.json").read_text(encoding="utf-8"))
    secrets = [
        part for row in (ANNA, BORIS, broken) for part in (*row["name"].split(), row["phone"], row["mail"], row["born"])
    ]
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []
