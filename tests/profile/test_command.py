"""`crm-etl profile` as a person types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crm_etl.cli import main

PEOPLE = ["Иванов Пётр", "Кузнецова Анна", "Шевченко Тарас", "Петров Андрей"]


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = [f"{n};{PEOPLE[n % 4]};8916200{n:04};user{n}@mail.ru" for n in range(50)]
    text = "\n".join(["Выгрузка", "Код;ФИО;Телефон;Почта", *rows, "ИТОГО;50;;"])
    (tmp_path / "clients.csv").write_bytes(text.encode("cp1251"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_looked_at_without_any_migration(export: Path) -> None:
    result = call("profile", "clients.csv")
    assert result.exit_code == 0, result.output
    for word in (
        "encoding: cp1251",
        "delimiter: ;",
        "header_row: 2",
        "confidence",
        "--samples",
        "ИТОГО",
        "profile.html",
    ):
        assert word in result.output
    assert not any(name in result.output for name in PEOPLE)


def test_machines_get_counts_and_no_people(export: Path) -> None:
    result = call("profile", "clients.csv", "--samples", "--propose", "--json")
    found = json.loads(result.stdout)
    (source,) = found["sources"]
    guesses = {column["name"]: column["guess"]["field"] for column in source["columns"]}
    assert guesses == {"Код": "key", "ФИО": "name", "Телефон": "phones", "Почта": "emails"}
    assert source["contacts"]["phones"]["valid"] == 50
    assert found["proposal"]["file"].endswith("migration.yaml")
    assert not any(name in result.stdout for name in (*PEOPLE, "Иванов", "916200", "user1@"))


def test_what_cannot_be_read_is_said_and_the_rest_is_shown(export: Path) -> None:
    (export / "broken.csv").write_text('a;b\n1;"2\n3;4\n', encoding="utf-8")
    result = call("profile", "clients.csv", "broken.csv")
    assert result.exit_code == 0
    assert "a cell is never closed" in result.output
    page = (export / ".crm-etl/reports/profile.html").read_text("utf-8")
    assert '<pre class="ref sample">a cell is never closed' in page
    assert "overflow-wrap: anywhere" in page[page.index("pre.sample") :][:120]
    alone = call("profile", "broken.csv", "--propose")
    assert alone.exit_code == 2
    assert "a cell is never closed" in alone.output
    assert "Traceback" not in alone.output


def test_one_damaged_file_does_not_stop_the_inventory_of_a_folder(export: Path) -> None:
    (export / "branch.xlsx").write_bytes(b"PK\x03\x04 broken")
    (export / "old.pdf.csv").write_bytes(b"%PDF-1.7")
    result = call("profile", ".", "--json", "--propose")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["totals"]["unreadable"] == 2
    faults = {source["source"]: source["fault"] for source in found["sources"]}
    assert "damaged" in faults["branch"]
    assert "PDF" in faults["old_pdf"]
    assert {source["source"]: source["rows"] for source in found["sources"]}["clients"] == 50
    text = (export / "migration.yaml").read_text(encoding="utf-8")
    assert "# ? branch: could not be read" in text
    assert call("profile", "branch.xlsx", "old.pdf.csv").exit_code == 2


def test_control_characters_are_found_and_shown(export: Path) -> None:
    rows = [f"{n};Ива{chr(0) if n < 4 else ''}нов Пётр;8916200{n:04}" for n in range(30)]
    (export / "nul.csv").write_text("\n".join(["Код;ФИО;Телефон", *rows]), encoding="utf-8")
    result = call("profile", "nul.csv", "--json")
    (source,) = json.loads(result.stdout)["sources"]
    (text,) = [one["text"] for one in source["findings"] if "control characters" in one["text"]]
    assert text.endswith("4 cells in ФИО")
    assert "Aaaa\N{SYMBOL FOR NULL}aaaa Aaaa" in [one["pattern"] for one in source["columns"][1]["patterns"]]
    assert "u0000" not in result.stdout
    assert "controls 4" in (export / ".crm-etl/reports/profile.html").read_text("utf-8")


@pytest.mark.parametrize("place", ["nothing.csv", "no/such/folder", "sqlite:///none.db"])
def test_a_place_where_nothing_is_could_not_run(export: Path, place: str) -> None:
    result = call("profile", place)
    assert result.exit_code == 2
    assert "error" in result.stderr


@pytest.mark.slow
def test_the_demos_proposal_runs_to_a_closed_ledger(demo_company: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(demo_company, folder)
    assert call("-C", folder, "profile", "--propose").exit_code == 0
    declared = folder / "migration.yaml"
    before = declared.read_bytes()
    proposal = folder / ".crm-etl/reports/proposal.yaml"
    assert declared.read_bytes() == before
    shutil.copy(proposal, declared)
    checked = call("-C", folder, "check")
    assert checked.exit_code == 0, checked.output
    summary = json.loads(call("-C", folder, "dry-run", "--json").stdout)
    assert summary["ledger"]["closed"]
    assert summary["quarantined"] < 0.02 * summary["ledger"]["read"]
    assert not summary["plan"]["blocked"]


@pytest.mark.slow
def test_a_folder_of_exports_becomes_a_migration_that_runs(demo_company: Path, tmp_path: Path) -> None:
    out = tmp_path / "move/migration.yaml"
    made = call("profile", "--out", out, demo_company / "legacy")
    assert made.exit_code == 0, made.output
    summary = json.loads(call("-C", out.parent, "dry-run", "--json").stdout)
    assert summary["ledger"]["closed"]
    assert summary["quarantined"] < 0.03 * summary["ledger"]["read"]
