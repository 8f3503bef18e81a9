"""Bad input on its way to people and back: neutral when written, exact when sent again, no row lost on the way."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from crm_etl import migration
from crm_etl.cli import main
from crm_etl.match import decisions
from crm_etl.neutral import restore
from crm_etl.run import Run
from crm_etl.storage import State
from tests.intake.desk import HEADER, Desk, correct_book, correct_csv

RUNS = re.compile("[\\s\ufeff\u200b]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
EVIL = ('=HYPERLINK("http://x")', "+7 (916", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "  =1+1", "＝1", "'=1", "''+2")


def a_run(folder: Path) -> Run:
    loaded = migration.load(folder)
    return Run(loaded, State.of(loaded))


def command(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(main, ["-C", str(folder), *words, "--json"], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


class Texts(HTMLParser):
    """The texts of a page that are cells of somebody's data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside = tag == "bdi"

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.cells.append(data)


def cells_of(path: Path) -> Iterator[str]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                yield from row
    elif path.suffix == ".html":
        yield from Texts(path.read_text(encoding="utf-8")).cells
    else:
        for sheet in openpyxl.load_workbook(path).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", f"{path.name} {cell.coordinate}"
                    if isinstance(cell.value, str):
                        yield cell.value


def assert_nothing_runs_or_hides(path: Path) -> list[str]:
    cells = list(cells_of(path))
    for cell in cells:
        assert not UNSEEN.search(cell), (path.name, cell)
        assert not RUNS.match(cell) or NUMBER.fullmatch(cell), (path.name, cell)
    if path.suffix == ".html":
        assert not UNSEEN.search(path.read_text(encoding="utf-8")), path.name
    return cells


# ------------------------------------------------------------------------------------------------------------ case 67
@pytest.mark.parametrize("cell", EVIL)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_case_67_cells_that_would_run_are_neutral_in_the_quarantine_and_exact_again(
    tmp_path: Path, cell: str, kind: str
) -> None:
    desk = Desk(tmp_path)
    name = f"{cell} Анна Ким"
    texts = ['"' + text.replace('"', '""') + '"' for text in (cell, name)]
    desk.deliver(HEADER + f"{texts[0]};{texts[1]};31.02.1980;;;\n")
    assert desk.reasons() == {("shop", 2): "bad_date"}
    for path in sorted(tmp_path.glob("quarantine.*")):
        shown = assert_nothing_runs_or_hides(path)
        assert path.suffix == ".html" or {cell, name} <= set(map(restore, shown))
    correct = correct_book if kind == "xlsx" else correct_csv
    path = correct(tmp_path / f"quarantine.{kind}", lambda row: row.update({"Рождение": "28.02.1980"}))
    sent = desk.send(path)
    assert (sent["corrected"], sent["refused"]) == (1, [])
    raws, _ = desk.walk()
    assert raws["shop"].rows["raw:Имя"].tolist() == [name]
    assert raws["shop"].rows["raw:Код"].tolist() == [cell]


@pytest.mark.slow
def test_case_67_no_report_of_a_dry_run_holds_a_cell_that_runs_or_misleads(demo: Path) -> None:
    with sqlite3.connect(demo / "legacy/crm.sqlite") as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM clients ORDER BY id LIMIT 12")]
        for number, one in enumerate(ids):
            evil = EVIL[number % len(EVIL)]
            connection.execute(
                "UPDATE clients SET full_name = ? || full_name, note = ?, manager = ?, status = ? WHERE id = ?",
                (evil, f"{evil}\u202etxt\u2067", f"{evil} boss", "Zombie" if number < 6 else "Customer", one),
            )
    summary = a_run(demo).rehearse()
    assert summary["ledger"]["closed"]
    written = [Path(path) for path in summary["reports"].values() if not path.endswith(".json")]
    written += sorted((demo / ".crm-etl/reports").glob("*.csv"))
    shown = {path.name: assert_nothing_runs_or_hides(path) for path in written}
    assert {"quarantine.csv", "quarantine.xlsx", "quarantine.html", "plan-changes.csv", "plan.html", "review.csv",
            "relations.csv", "relations.html"} <= set(shown)  # fmt: skip
    assert any(cell.startswith("'=HYPERLINK") for cell in shown["quarantine.xlsx"])
    assert any("⟨U+202E⟩" in cell for cell in shown["quarantine.csv"])


@pytest.mark.parametrize("text", [*EVIL, "\u202eabc", "a\rb", "⟨U+202E⟩", "'t Hooft"])
def test_case_67_decisions_that_pass_through_a_spreadsheet_keep_their_keys_and_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "decisions.csv"
    row = {"left_source": "crm", "left_key": text, "right_source": "shop", "right_key": f"x{text}", "verdict": "same"}
    decisions.append(path, {**row, "who": "eva", "at": "2026-01-05T10:00:00", "why": text})
    assert_nothing_runs_or_hides(path)
    (found,) = decisions.read(path).to_dict("records")
    assert (found["left_key"], found["right_key"], found["why"]) == (text, f"x{text}", text)


# ------------------------------------------------------------------------------------------------------------ case 41
@pytest.mark.parametrize("guard", ["'", "’", "`"])
def test_case_41_an_apostrophe_guard_before_a_phone_is_taken_off_and_the_cell_kept(tmp_path: Path, guard: str) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + f"1;Оксана;01.02.1980;{guard}+380441234567;;\n")
    raws, parties = desk.walk()
    (row,) = parties["shop"].rows.to_dict("records")
    assert row["phones"] == ["+380441234567"]
    assert "phones:guard_removed" in row["notes"]
    assert row["phones_raw"] == f"{guard}+380441234567"
    assert raws["shop"].rows["raw:Телефон"].tolist() == [f"{guard}+380441234567"]
    assert raws["shop"].facts["read"] == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_case_41_a_guard_of_the_source_survives_the_quarantine_as_it_was(tmp_path: Path, kind: str) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + "1;Оксана;31.02.1980;'+380441234567;;\n")
    assert desk.reasons() == {("shop", 2): "bad_date"}
    correct = correct_book if kind == "xlsx" else correct_csv
    path = correct(tmp_path / f"quarantine.{kind}", lambda row: row.update({"Рождение": "28.02.1980"}))
    assert "''+380441234567" in list(cells_of(path))
    assert desk.send(path)["corrected"] == 1
    raws, parties = desk.walk()
    assert raws["shop"].rows["raw:Телефон"].tolist() == ["'+380441234567"]
    assert parties["shop"].rows["phones"].tolist() == [["+380441234567"]]


# ------------------------------------------------------------------------------------------------------------ case 28
@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x85"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_case_28_control_characters_are_refused_shown_and_taken_out_by_a_person(
    tmp_path: Path, control: str, kind: str
) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + "1;Анна Ким;;;;\n" + f"2;Пё{control}тр;;;;\n")
    if control != "\x00" or desk.reasons() != {("shop", 3): "bad_quote"}:
        assert desk.reasons() == {("shop", 3): "control_character"}
    for path in sorted(tmp_path.glob("quarantine.*")):
        assert_nothing_runs_or_hides(path)
    correct = correct_book if kind == "xlsx" else correct_csv
    path = correct(tmp_path / f"quarantine.{kind}", lambda row: row.update({"Код": "2", "Имя": "Пётр"}))
    assert desk.send(path)["still_refused"] == []
    raws, parties = desk.walk()
    assert (raws["shop"].facts["read"], raws["shop"].facts["corrected"]) == (2, 1)
    assert parties["shop"].rows["name_raw"].tolist() == ["Анна Ким", "Пётр"]


# ------------------------------------------------------------------------------------------------------ the whole road
def spoil(folder: Path) -> dict[str, str]:
    """Breaks four rows of the shop in four ways; reason -> key of the row."""
    path = folder / "legacy/shop_clients.csv"
    header, *rows = list(csv.reader(path.read_text("cp1251").splitlines(), delimiter=";"))
    with (folder / "legacy/shop_sales.csv").open(encoding="cp1251", newline="") as file:
        sold = {row["КодКлиента"] for row in csv.DictReader(file, delimiter=";")}
    codes = [row[0] for row in rows]
    whole = [row for row in rows if len(row) == len(header) and codes.count(row[0]) == 1 and row[3]]
    buyer = next(row for row in whole if row[0] in sold)
    others = [row for row in whole if row is not buyer][20:23]
    buyer[header.index("ДатаРождения")] = "31.02.1981"
    others[0].append("лишнее")
    others[1][header.index("Комментарий")] += "\x07"
    others[2][0] = ""
    with path.open("w", encoding="cp1251", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows([header, *rows])
    return {"bad_date": buyer[0], "ragged_row": others[0][0], "control_character": others[1][0]}


def mend(missing: str, row: dict[str, Any]) -> None:
    """What a person who knows the records would enter."""
    reason = row["reason"]
    if reason == "bad_date":
        row["ДатаРождения"] = "28.02.1981"
    elif reason == "ragged_row":
        row["action"] = "correct"
    elif reason == "control_character":
        row["Комментарий"] = str(row["Комментарий"]).removesuffix("␇") or None
    elif reason == "key_missing":
        row["Код"] = missing
    elif reason == "unmapped_value":
        row["status"] = "Customer"


def codes(folder: Path) -> set[str]:
    lines = (folder / "legacy/shop_clients.csv").read_text("cp1251").splitlines()
    return {row[0] for row in csv.reader(lines, delimiter=";")}


def rows_of(book: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    correct_book(book, lambda row: rows.append(dict(row)), book.with_name("seen.xlsx"))
    return rows


@pytest.mark.slow
def test_rows_in_quarantine_come_back_corrected_and_the_books_follow_them(demo: Path) -> None:
    before = codes(demo)
    keys = spoil(demo)
    (missing,) = before - codes(demo)
    first = a_run(demo).rehearse()
    book = demo / ".crm-etl/reports/quarantine.xlsx"
    seen = rows_of(book)
    mended = {*keys, "key_missing", "unmapped_value"}
    by_themselves = {"client_quarantined"}
    untouched = {"duplicate_key"}
    assert mended | by_themselves | untouched <= {row["reason"] for row in seen}
    correct_book(book, lambda row: mend(missing, row))
    code, sent = command(demo, "resubmit", str(book), "--who", "anna")
    assert (code, sent["refused"], sent["still_refused"]) == (0, [], [])
    corrected = sum(row["reason"] in mended for row in seen)
    assert sent["corrected"] == corrected
    assert command(demo, "resubmit", "--list")[1]["corrections"][0]["who"] == "anna"

    second = a_run(demo).rehearse()
    assert second["ledger"]["closed"]
    assert [line["read"] for line in second["sources"]] == [line["read"] for line in first["sources"]]
    assert second["corrected"] == corrected
    left = {row["reason"] for row in rows_of(book)}
    assert untouched <= left
    assert not left & {*mended, *by_themselves, "orphan"}
    again = a_run(demo).rehearse()
    assert (again["plan"], again["ledger"]) == (second["plan"], second["ledger"])

    migrated = a_run(demo).migrate()
    assert migrated["reconciliation"]["ok"]
    assert migrated["reconciliation"]["unexplained"] == 0
    code, reconciled = command(demo, "reconcile")
    assert (code, reconciled["unexplained"]) == (0, 0)
    reference = f"shop:{keys['bad_date']}"
    _, told = command(demo, "explain", reference)
    (record,) = [one for one in told["records"] if one["record"] == reference]
    (cell,) = record["corrected"]
    expected = ("ДатаРождения", "31.02.1981", "28.02.1981", "anna")
    assert tuple(cell[name] for name in ("column", "was", "now", "who")) == expected
    marked = {value["field"] for value in told["values"] if "corrected" in value}
    (born,) = [value for value in told["values"] if value["field"] == "birth_date"]
    assert marked == ({"birth_date"} if born["record"] == reference else set())
