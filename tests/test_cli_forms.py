"""The commands on templates and corrections: what they answer, and their exit codes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.intake.desk import HEADER, Desk, correct_book
from tests.test_cli import call, document


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.deliver(HEADER + "2;Пётр Иванов;31.02.1980;;;\n3;Ольга;31.02.1981;;;\n")
    made.quarantine()
    return made


def test_resubmit_answers_in_counts_and_references_only(desk: Desk) -> None:
    book = correct_book(
        desk.root / "quarantine.xlsx",
        lambda row: row.update({"Рождение": "28.02.1980" if row["line"] == 2 else "30.02.1981"}),
    )
    result = call("-C", desk.root, "resubmit", book, "--who", "anna", "--why", "seen in the passport")
    assert result.exit_code == 0, result.output
    assert "2 rows corrected" in result.output
    assert "will be refused again: 1 row" in result.output
    assert "shop:3" in result.output
    assert "28.02" not in result.output
    assert "Ольга" not in result.output
    listed = call("-C", desk.root, "resubmit", "--list")
    assert "anna" in listed.output
    assert call("-C", desk.root, "resubmit", "--withdraw", "1").output.startswith("withdrawn: 1.")
    states = [one["state"] for one in document(call("-C", desk.root, "resubmit", "--list", "--json"))["corrections"]]
    assert states == ["withdrawn", "stands"]


def test_resubmit_of_rows_that_changed_ends_with_one(desk: Desk) -> None:
    book = correct_book(desk.root / "quarantine.xlsx", lambda row: row.update({"Рождение": "28.02.1980"}))
    desk.deliver(HEADER + "2;Пётр Иванов;31.02.1980;;;\n3;Оля;31.02.1981;;;\n")
    result = call("-C", desk.root, "resubmit", book)
    assert result.exit_code == 1
    assert "1 row corrected" in result.output
    assert "not taken: 1 row" in result.output


def test_resubmit_of_a_file_that_is_none_ends_with_two(desk: Desk) -> None:
    result = call("-C", desk.root, "resubmit", desk.root / "clients.csv")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert call("-C", desk.root, "resubmit").exit_code == 2
    assert call("-C", desk.root, "resubmit", "x.xlsx", "--list").exit_code == 2
    assert call("-C", desk.root, "resubmit", "--withdraw", "9").exit_code == 2
    (desk.root / "corrections.jsonl").write_text("torn", encoding="utf-8")
    assert call("-C", desk.root, "resubmit", "--list").exit_code == 2


def test_nothing_was_corrected_yet(desk: Desk) -> None:
    assert "no corrections yet" in call("-C", desk.root, "resubmit", "--list").output
    result = call("-C", desk.root, "resubmit", desk.root / "quarantine.xlsx")
    assert (result.exit_code, "2 untouched" in result.output) == (0, True)


def test_template_without_a_migration_prints_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("template", "--language", "fa")
    assert result.exit_code == 0, result.output
    assert "connector: manual" in result.output
    assert openpyxl.load_workbook("manual-clients.xlsx").sheetnames[0] == "clients"
    assert (tmp_path / "manual-clients.yaml").read_text(encoding="utf-8") in result.output
    assert call("template", "--language", "fa").exit_code == 2


def test_template_of_a_manual_source_says_where_it_belongs(demo: Path, tmp_path: Path) -> None:
    result = call("-C", demo, "template", "--out", tmp_path / "cards.xlsx")
    assert result.exit_code == 0, result.output
    assert "legacy/manual.xlsx" in result.output
    assert document(call("-C", demo, "template", "--out", tmp_path / "b.xlsx", "--json"))["source"] == "cards"
