"""Workbooks as a person profiles them: every sheet is accounted for, and what is proposed can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from crm_etl.cli import main
from crm_etl.profile.looks import look_at

PEOPLE = ["Иванов Пётр", "Кузнецова Анна", "Шевченко Тарас", "Петров Андрей"]


def call(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def profiled(*arguments: str) -> dict[str, Any]:
    result = call("profile", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def people(count: int) -> list[list[Any]]:
    return [[f"К-{n:03}", PEOPLE[n % 4], f"8916200{n:04}", f"user{n}@mail.ru"] for n in range(count)]


def test_the_filled_in_form_is_read_and_its_instructions_are_left_out(folder: Path) -> None:
    made = call("template", "--entity", "client", "--language", "ru")
    assert made.exit_code == 0, made.output
    book = openpyxl.load_workbook("manual-clients.xlsx")
    for n, (code, name, phone, _) in enumerate(people(6), 4):
        for column, value in ((1, code), (2, name), (11, phone)):
            book["clients"].cell(n, column, value)
    book.save("manual-clients.xlsx")
    found = profiled("manual-clients.xlsx")
    (source,) = found["sources"]
    assert (source["sheet"], source["rows"], source["entity"]) == ("clients", 6, "client")
    assert source["settings"]["header_row"] == "3"
    left = {one["what"].rpartition(" ")[2]: one["why"] for one in found["left_out"]}
    assert set(left) == {"Инструкция", "Instructions", "راهنما", "lists"}
    assert all("instructions" in left[name] for name in left if name != "lists")
    assert "hidden" in left["lists"]


def test_a_sheet_without_names_gets_some_and_is_read_so(folder: Path) -> None:
    book = openpyxl.Workbook()
    for row in people(20):
        book.active.append(row)
    book.save("a.xlsx")
    (source,) = profiled("a.xlsx", "--propose")["sources"]
    assert (source["fault"], source["rows"]) == (None, 20)
    declared = yaml.safe_load(Path("migration.yaml").read_text("utf-8"))["sources"][0]
    assert (declared["header_rows"], declared["columns"]) == (0, ["c1", "c2", "c3", "c4"])
    assert declared["fields"]["name"] == "c2"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_listed_with_rows_and_reason_everywhere(folder: Path, state: str) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Clients"
    for row in [["Код", "ФИО", "Телефон", "Почта"], *people(8)]:
        book.active.append(row)
    book.create_sheet("Scrap").append(["x", "y"])
    book.create_sheet("Nothing")
    for name in ("Scrap", "Nothing"):
        book[name].sheet_state = state
    book.save("a.xlsx")
    words = {"hidden": "hidden", "veryHidden": "very hidden"}[state]
    result = call("profile", "a.xlsx")
    page = (folder / ".crm-etl/reports/profile.html").read_text("utf-8")
    for line in (f"1 row by 2 columns, {words}; hardly a table: left out", f"0 rows, {words}; empty: left out"):
        assert line in result.output
        assert line in page
    assert [one["what"] for one in profiled("a.xlsx")["left_out"]] == ["a.xlsx, sheet Scrap", "a.xlsx, sheet Nothing"]


def test_a_workbook_without_any_table_says_what_its_sheets_are(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["do not read"])
    book.save("a.xlsx")
    result = call("profile", "a.xlsx")
    assert result.exit_code == 2
    assert "sheet Sheet: 1 row by 1 column, visible; hardly a table" in result.stderr


@pytest.mark.parametrize("title", [[], [["Отчёт по клиентам"], []]])
def test_names_of_two_levels_are_proposed_and_read(folder: Path, title: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in title:
        sheet.append(row)
    top = len(title) + 1
    for place, name in ((1, "Код"), (2, "ФИО"), (3, "Контакты"), (5, "Документы")):
        sheet.cell(top, place, name)
    for place, name in ((3, "Телефон"), (4, "Почта"), (5, "ИНН"), (6, "Паспорт")):
        sheet.cell(top + 1, place, name)
    for cells in ("A{0}:A{1}", "B{0}:B{1}", "C{0}:D{0}", "E{0}:F{0}"):
        sheet.merge_cells(cells.format(top, top + 1))
    for n, row in enumerate(people(30)):
        sheet.append([*row, "7707083893", f"45 09 {100000 + n}"])
    book.save("a.xlsx")
    (look,) = look_at("a.xlsx", folder)
    assert look.settings["header_rows"] == 2
    assert look.settings.get("header_row", 1) == top
    (source,) = profiled("a.xlsx")["sources"]
    assert (source["fault"], source["rows"]) == (None, 30)
    assert [column["name"] for column in source["columns"]][1:4] == ["ФИО", "Контакты / Телефон", "Контакты / Почта"]


def test_zeros_that_a_format_shows_are_proposed_and_taken(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Код", "ФИО", "Телефон", "Почта"], *([n, *row[1:]] for n, row in enumerate(people(20), 1))]:
        sheet.append(row)
    for n in range(2, 22):
        sheet.cell(n, 1).number_format = "000000"
    book.save("a.xlsx")
    (source,) = profiled("a.xlsx", "--propose")["sources"]
    declared = yaml.safe_load(Path("migration.yaml").read_text("utf-8"))["sources"][0]
    assert (declared["key"], declared["shown_zeros"]) == ("Код", ["Код"])
    assert source["columns"][0]["leading_zeros"] == 20
    assert source["rows"] == 20


def test_sheets_of_several_files_are_called_by_their_files_too(folder: Path) -> None:
    for name in ("north", "south"):
        book = openpyxl.Workbook()
        for row in [["Код", "ФИО", "Телефон", "Почта"], *people(8)]:
            book.active.append(row)
        book.save(f"{name}.xlsx")
    assert [source["title"] for source in profiled("north.xlsx", "south.xlsx")["sources"]] == [
        "north.xlsx: Sheet",
        "south.xlsx: Sheet",
    ]
    assert [source["title"] for source in profiled("north.xlsx")["sources"]] == ["Sheet"]
