"""Folders and patterns as a person names them: files that belong together are one source, the rest is accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from crm_etl.cli import main

PEOPLE = ["Иванов Пётр", "Кузнецова Анна", "Шевченко Тарас", "Петров Андрей"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "legacy").mkdir()
    for month in (1, 2, 10):
        part(tmp_path / f"legacy/clients-2024-{month:02}.csv", month)
    return tmp_path


def part(path: Path, month: int, header: str = "Код;ФИО;Почта") -> None:
    rows = [f"{month:02}-{n:03};{PEOPLE[n % 4]};user{month}{n}@mail.ru" for n in range(20)]
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def profiled(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["profile", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("place", ["legacy", "legacy/clients-2024-*.csv", "legacy/clients*"])
def test_files_of_one_layout_are_one_source(folder: Path, place: str) -> None:
    (source,) = profiled(place, "--propose")["sources"]
    assert (source["source"], source["rows"], source["fault"]) == ("clients_2024", 60, None)
    declared = yaml.safe_load(Path("migration.yaml").read_text("utf-8"))["sources"][0]
    assert (declared["path"], declared["key"]) == ("legacy/clients-2024-*.csv", "Код")
    assert any("3 files of one layout" in note for note in source["notes"])


def test_a_pattern_without_folder_or_ending_is_a_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "legacy")
    assert profiled("clients-*")["totals"]["rows"] == 60


def test_the_pattern_means_no_other_file(folder: Path) -> None:
    part(folder / "legacy/clients-2024-returned.csv", 3, "Код;Имя;Почта")
    found = {source["source"]: source for source in profiled("legacy")["sources"]}
    assert found["clients_2024"]["settings"]["path"] == "legacy/clients-2024-[0-9][0-9].csv"
    assert {name: source["rows"] for name, source in found.items()} == {
        "clients_2024": 60,
        "clients_2024_returned": 20,
    }


def test_files_of_another_layout_stay_apart(folder: Path) -> None:
    part(folder / "legacy/clients-2024-03.csv", 3, "Код;Имя;Почта")
    found = profiled("legacy")["sources"]
    assert sum(source["rows"] for source in found) == 80
    assert len({source["source"] for source in found}) == len(found) == 4


def test_a_pattern_that_nothing_matches_could_not_run(folder: Path) -> None:
    result = CliRunner().invoke(main, ["profile", "none-*.csv"])
    assert result.exit_code == 2
    assert "no file matches" in result.stderr


def test_what_a_folder_holds_besides_is_told_in_one_line(folder: Path) -> None:
    (folder / "legacy/old").mkdir()
    for name in ("scan.pdf", "logo.png", "~$clients.xlsx"):
        (folder / "legacy" / name).write_bytes(b"\x05Anna" * 33)
    (line,) = profiled("legacy")["left_out"]
    assert line == {
        "what": "legacy",
        "why": "not looked at: 1 folder (old); 2 files of other kinds (logo.png, scan.pdf);"
        " 1 lock file of an open workbook (~$clients.xlsx)",
    }
