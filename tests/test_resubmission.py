"""Rows corrected in the quarantine's file: taken, remembered, applied to the row they belong to, and no other."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_etl import corrections
from crm_etl.faults import Fault, StateFault
from crm_etl.resubmission import listing, withdraw
from crm_etl.storage import State
from tests.intake.desk import CLIENTS, HEADER, SALES, Desk, correct_book, correct_csv

GOOD = "1;Анна Ким;01.02.1980;+79161234567;Действующий;1,50\n"
BAD_DATE = "2;Пётр Иванов;31.02.1980;89161234568;Действующий;0,00\n"


def by_line(changes: dict[int, dict[str, Any]]) -> Any:
    """Corrects the rows of some lines of the source."""

    def correct(row: dict[str, Any]) -> None:
        row.update(changes.get(int(row["line"]), {}))

    return correct


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.deliver(HEADER + GOOD + BAD_DATE)
    made.quarantine()
    return made


def test_a_corrected_row_is_accepted_and_keeps_its_origin(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    sent = desk.send()
    assert (sent["corrected"], sent["refused"], sent["still_refused"]) == (1, [], [])
    raws, parties = desk.walk()
    assert raws["shop"].facts["read"] == 2
    assert raws["shop"].facts["corrected"] == 1
    row = parties["shop"].rows.iloc[1]
    assert (row["source"], row["key"], row["file"], row["line"], row["row"]) == ("shop", "2", "clients.csv", 3, 2)
    assert row["birth_date"] == "1980-02-28"
    assert desk.reasons() == {}


def test_what_was_judged_is_remembered_with_who_and_when(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980", "why": "passport"}}))
    desk.send(who="eva")
    line = json.loads((desk.root / corrections.FILE).read_text(encoding="utf-8"))
    assert line["cells"] == {"Рождение": ["31.02.1980", "28.02.1980"]}
    assert (line["who"], line["why"], line["reason"], line["line"]) == ("eva", "passport", "bad_date", 3)
    assert dt.datetime.fromisoformat(line["at"]).tzinfo is not None
    told = listing(desk.migration)["corrections"]
    assert [(one["record"], one["state"], one["columns"]) for one in told] == [("shop:2", "stands", ["Рождение"])]
    assert "28.02.1980" not in json.dumps(told)


def test_untouched_rows_are_no_corrections(desk: Desk) -> None:
    sent = desk.send()
    assert (sent["corrected"], sent["untouched"]) == (0, 1)
    assert not (desk.root / corrections.FILE).exists()
    assert desk.reasons() == {("shop", 3): "bad_date"}


def test_a_file_that_is_sent_twice_says_nothing_new(desk: Desk) -> None:
    path = correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    desk.send()
    again = desk.send(path)
    assert (again["corrected"], again["untouched"], again["refused"]) == (0, 1, [])
    assert len(corrections.read(desk.root / corrections.FILE)) == 1


def test_extraction_is_the_same_every_time(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    desk.send()
    first, second = desk.walk()[0]["shop"].rows, desk.walk()[0]["shop"].rows
    assert first.equals(second)
    assert first["fingerprint"].is_unique


def test_a_typed_date_and_number_become_the_texts_of_the_column(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": dt.datetime(1980, 2, 28), "Баланс": 12.5}}))
    assert desk.send()["still_refused"] == []
    raw = desk.walk()[0]["shop"].rows.iloc[1]
    assert (raw["raw:Рождение"], raw["raw:Баланс"]) == ("28.02.1980", "12,5")


def test_a_row_that_is_still_wrong_is_told_at_once_and_corrected_again(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "30.02.1980", "Имя": "Пётр Петров"}}))
    sent = desk.send()
    assert sent["still_refused"] == [
        {"record": "shop:2", "place": "clients.csv, line 3", "why": "birth_date: bad_date"}
    ]
    desk.quarantine()
    shown: list[dict[str, Any]] = []
    correct_book(desk.root / "quarantine.xlsx", lambda row: shown.append(dict(row)))
    assert shown[0]["Рождение"] == "30.02.1980"
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    assert desk.send()["corrected"] == 1
    standing = corrections.standing(corrections.read(desk.root / corrections.FILE))
    assert [one.cells for one in standing] == [
        {"Рождение": ("31.02.1980", "28.02.1980"), "Имя": ("Пётр Иванов", "Пётр Петров")}
    ]
    assert desk.reasons() == {}


def test_a_row_is_left_out_by_a_person(desk: Desk) -> None:
    path = correct_book(desk.root / "quarantine.xlsx", by_line({3: {"action": "exclude", "why": "test entry"}}))
    assert desk.send()["excluded"] == 1
    raws, _ = desk.walk()
    assert raws["shop"].facts["excluded"] == {"excluded_by_person": 1}
    assert raws["shop"].facts["read"] == 2
    assert desk.send(path)["untouched"] == 1
    correct_book(path, by_line({3: {"action": None, "Рождение": "28.02.1980"}}))
    assert "--withdraw 1" in desk.send(path)["refused"][0]["why"]


def test_a_row_that_the_source_changed_takes_no_correction(desk: Desk) -> None:
    correct = by_line({3: {"Рождение": "28.02.1980"}})
    path = correct_book(desk.root / "quarantine.xlsx", correct, desk.root / "sent.xlsx")
    desk.send(path)
    desk.deliver(HEADER + GOOD + BAD_DATE.replace("31.02", "30.02"))
    raws, _ = desk.walk()
    assert (raws["shop"].facts["corrected"], raws["shop"].facts["stale_corrections"]) == (0, 1)
    assert "fit no row any more, for the source changed those rows: 1;" in raws["shop"].facts["warnings"][0]
    assert desk.reasons() == {("shop", 3): "bad_date"}
    stale = desk.send(path)
    assert (stale["corrected"], len(stale["refused"])) == (0, 1)
    assert "has changed this row" in stale["refused"][0]["why"]


def test_of_an_older_file_only_the_rows_that_changed_are_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    other = "3;Ольга;32.01.1990;;Закрыт;\n"
    desk.deliver(HEADER + BAD_DATE + other)
    desk.quarantine()
    correct_book(tmp_path / "quarantine.xlsx", by_line({2: {"Рождение": "28.02.1980"}, 3: {"Рождение": "31.01.1990"}}))
    desk.deliver(HEADER + BAD_DATE + other.replace("Ольга", "Олеся"))
    sent = desk.send()
    assert (sent["corrected"], [one["record"] for one in sent["refused"]]) == (1, ["shop:3"])
    assert desk.reasons() == {("shop", 3): "bad_date"}


def test_lines_that_move_take_their_corrections_along(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    desk.send()
    desk.deliver(HEADER + "9;Новый;;;;\n" + GOOD + BAD_DATE)
    raws, parties = desk.walk()
    assert raws["shop"].facts["corrected"] == 1
    assert parties["shop"].rows["line"].tolist() == [2, 3, 4]
    desk.quarantine()
    assert desk.reasons() == {}


def test_copies_of_a_corrected_row_stay_copies(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + BAD_DATE + GOOD + BAD_DATE)
    assert desk.reasons() == {("shop", 2): "bad_date"}
    correct_book(tmp_path / "quarantine.xlsx", by_line({2: {"Рождение": "28.02.1980"}}))
    desk.send()
    raws, parties = desk.walk()
    assert raws["shop"].facts["excluded"] == {"exact_duplicate": 1}
    assert parties["shop"].rows["key"].tolist() == ["2", "1"]


def test_equal_broken_rows_can_be_corrected_each_in_its_own_way(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    torn = "7;Имя;без;конца;и;края;вовсе\n"
    desk.deliver(HEADER + torn + GOOD + torn)
    assert desk.reasons() == {("shop", 2): "ragged_row", ("shop", 4): "ragged_row"}
    cells = {"Имя": "Иван", "Рождение": None, "Телефон": None, "Статус": None, "Баланс": None}
    correct_book(tmp_path / "quarantine.xlsx", by_line({2: {"Код": "71", **cells}, 4: {"Код": "72", **cells}}))
    assert desk.send()["corrected"] == 2
    _, parties = desk.walk()
    assert dict(zip(parties["shop"].rows["line"], parties["shop"].rows["key"], strict=True)) == {
        2: "71",
        3: "1",
        4: "72",
    }
    desk.deliver(HEADER + "8;Ещё;;;;\n" + torn + GOOD + torn)
    _, parties = desk.walk()
    assert dict(zip(parties["shop"].rows["line"], parties["shop"].rows["key"], strict=True)) == {
        2: "8", 3: "71", 4: "1", 5: "72"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason", "cells", "expected"),
    [
        ("5;Ким;Анна;;;;\n", "ragged_row", {"Имя": "Анна Ким", "Рождение": None}, "Анна Ким"),
        ("5;Ким Анна\n", "ragged_row", {"action": "correct"}, "Ким Анна"),
        ('5;"Ромашка" завод;;;;\n', "bad_quote", {"Код": "5", "Имя": "завод «Ромашка»"}, None),
    ],
)
def test_rows_that_could_not_be_read_are_filled_in(
    tmp_path: Path, line: str, reason: str, cells: dict[str, Any], expected: str | None
) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + GOOD + line)
    assert desk.reasons() == {("shop", 3): reason}
    correct_book(tmp_path / "quarantine.xlsx", by_line({3: cells}))
    assert desk.send()["corrected"] == 1
    raws, parties = desk.walk()
    assert desk.reasons() == {}
    assert raws["shop"].rows["raw:Код"].tolist() == ["1", "5"]
    assert parties["shop"].rows["line"].tolist() == [2, 3]
    assert raws["shop"].rows["raw:Имя"].tolist()[1] == (expected or cells["Имя"])


def test_missing_and_doubled_keys_can_be_given(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + GOOD + ";Без Кода;;;;\n" + "1;Другой Человек;;;;\n")
    assert desk.reasons() == {("shop", 2): "duplicate_key", ("shop", 3): "key_missing", ("shop", 4): "duplicate_key"}
    correct_book(tmp_path / "quarantine.xlsx", by_line({3: {"Код": "0030"}, 4: {"Код": "1а"}}))
    assert desk.send()["corrected"] == 2
    _, parties = desk.walk()
    assert parties["shop"].rows["key"].tolist() == ["1", "0030", "1а"]
    assert parties["shop"].rows["line"].tolist() == [2, 3, 4]


def test_withdrawing_brings_back_what_was_before(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "30.02.1980"}}))
    desk.send()
    desk.quarantine()
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    desk.send()
    before = (desk.root / corrections.FILE).read_bytes()
    assert withdraw(desk.migration, "2", "eva") == {"withdrawn": [2]}
    assert desk.walk()[0]["shop"].rows["raw:Рождение"].tolist()[1] == "30.02.1980"
    assert withdraw(desk.migration, "all", "eva") == {"withdrawn": [1]}
    assert desk.walk()[0]["shop"].rows["raw:Рождение"].tolist()[1] == "31.02.1980"
    assert (desk.root / corrections.FILE).read_bytes().startswith(before)
    assert [one["state"] for one in listing(desk.migration)["corrections"]] == ["withdrawn", "withdrawn"]
    with pytest.raises(StateFault, match="no correction 2 stands"):
        withdraw(desk.migration, "2")


def test_corrections_outlive_the_state_folder_and_a_run_keeps_them_out(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980"}}))
    with State.of(desk.migration).alone(), pytest.raises(StateFault, match="another run"):
        desk.send()
    desk.send()
    assert State.of(desk.migration).root not in (desk.root / corrections.FILE).parents
    assert desk.reasons() == {}


def test_the_csv_goes_the_same_road(desk: Desk) -> None:
    correct_csv(desk.root / "quarantine.csv", by_line({3: {"Рождение": "28.02.1980"}}))
    assert desk.send(desk.root / "quarantine.csv")["corrected"] == 1
    assert desk.reasons() == {}


def test_what_a_spreadsheet_did_to_a_csv_is_not_taken_for_a_correction(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + "0007;Пётр;31.02.1980;89161234568;;\n")
    desk.quarantine()
    path = tmp_path / "quarantine.csv"
    correct_csv(path, by_line({2: {"Код": "7", "Телефон": "8,91612E+10", "Рождение": "28.02.1980"}}))
    sent = desk.send(path)
    assert sent["corrected"] == 0
    assert "Код, Телефон" in sent["refused"][0]["why"]


def test_zeros_that_a_spreadsheet_took_from_amounts_are_no_corrections(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(HEADER + "1;Анна;31.02.1980;;;1 012,50\n12E3;Пётр;31.02.1980;;;0,50\n")
    desk.quarantine()
    path = tmp_path / "quarantine.csv"
    correct_csv(path, by_line({2: {"Баланс": "1012,5"}, 3: {"Код": "12000", "Баланс": "0,5"}}))
    sent = desk.send(path)
    assert (sent["corrected"], sent["untouched"]) == (0, 1)
    assert "changed Код," in sent["refused"][0]["why"]


SWAPPED = HEADER + "0007;Пётр;02.03.1990;89161234568;Неведомый;\n"
TYPED_ANEW = {"Код": "7", "Рождение": "03.02.1990", "Статус": "Закрыт"}


def test_what_a_person_types_into_the_workbook_is_taken_whatever_it_looks_like(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(SWAPPED)
    assert desk.reasons() == {("shop", 2): "unmapped_value"}
    correct_book(tmp_path / "quarantine.xlsx", by_line({2: TYPED_ANEW}))
    sent = desk.send()
    assert (sent["corrected"], sent["refused"]) == (1, [])
    _, parties = desk.walk()
    assert parties["shop"].rows[["key", "birth_date"]].to_numpy().tolist() == [["7", "1990-02-03"]]


def test_the_same_in_the_csv_file_is_referred_to_the_workbook(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(SWAPPED)
    desk.quarantine()
    correct_csv(tmp_path / "quarantine.csv", by_line({2: TYPED_ANEW}))
    (refused,) = desk.send(tmp_path / "quarantine.csv")["refused"]
    assert "changed Код, Рождение" in refused["why"]
    assert "correct the row in quarantine.xlsx" in refused["why"]


def test_a_number_that_a_workbook_made_of_a_text_is_to_be_entered_as_text(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(SWAPPED)
    desk.quarantine()
    correct_book(tmp_path / "quarantine.xlsx", by_line({2: {"Код": 7, "Статус": "Закрыт"}}))
    (refused,) = desk.send()["refused"]
    assert "changed Код" in refused["why"]
    assert "enter it as text" in refused["why"]


def test_withdrawing_all_brings_back_no_replaced_correction(desk: Desk) -> None:
    for day in ("30.02.1980", "28.02.1980"):
        desk.quarantine()
        correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": day}}))
        desk.send()
    assert withdraw(desk.migration, "all", "eva") == {"withdrawn": [1, 2]}
    assert desk.walk()[0]["shop"].rows["raw:Рождение"].tolist()[1] == "31.02.1980"
    with pytest.raises(StateFault, match="no correction stands"):
        withdraw(desk.migration, "all", "eva")


def test_sources_of_other_columns_stand_in_one_csv(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CLIENTS, SALES)
    desk.deliver(HEADER + GOOD + BAD_DATE)
    desk.deliver("id,client,at,sum\nS1,1,2024-13-01,5\n", "sales.csv")
    assert desk.reasons() == {("shop", 3): "bad_date", ("sales", 2): "bad_date"}
    path = tmp_path / "quarantine.csv"
    correct_csv(path, lambda row: row.update({"at": "2024-12-01"} if row["source"] == "sales" else {"sum": "1"}))
    sent = desk.send(path)
    assert (sent["corrected"], [one["record"] for one in sent["refused"]]) == (1, ["shop:2"])
    assert "'sum'" in sent["refused"][0]["why"]


def test_a_file_of_another_migration_is_none_of_ours(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"source": "elsewhere", "Рождение": "28.02.1980"}}))
    with pytest.raises(Fault, match="a source that this migration has not") as caught:
        desk.send()
    assert caught.value.where is not None
    assert (caught.value.where.sheet, caught.value.where.row) == ("shop", 2)
    assert not (desk.root / corrections.FILE).exists()


def test_a_row_that_stands_twice_must_agree_with_itself(desk: Desk) -> None:
    book = openpyxl.load_workbook(desk.root / "quarantine.xlsx")
    sheet = book["shop"]
    names = [cell.value for cell in sheet[1]]
    sheet.append([cell.value for cell in sheet[2]])
    sheet.cell(2, names.index("Рождение") + 1).value = "28.02.1980"
    sheet.cell(3, names.index("Рождение") + 1).value = "27.02.1980"
    book.save(desk.root / "quarantine.xlsx")
    sent = desk.send()
    assert (sent["corrected"], len(sent["refused"])) == (0, 2)
    assert "twice" in sent["refused"][0]["why"]


def test_a_word_that_is_no_action_is_asked_about(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"action": "delete"}}))
    assert "action is one of" in desk.send()["refused"][0]["why"]


def test_rows_of_a_workbook_go_the_same_road(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Клиенты"
    sheet.append(["Код", "Имя", "Рождение", "Телефон", "Статус", "Баланс"])
    sheet.append(["1", "Анна Ким", dt.date(1980, 2, 1), "+79161234567", None, 5])
    sheet.append(["2", "Пётр", None, None, None, "#REF!"])
    sheet.append([4081781009991000431, "Ольга", None, None, None, None])
    sheet.cell(3, 6).data_type = "e"
    book.save(tmp_path / "clients.xlsx")
    excel = {name: value for name, value in CLIENTS.items() if name not in ("encoding", "delimiter")}
    desk = Desk(tmp_path, {**excel, "connector": "excel", "path": "clients.xlsx", "sheet": "Клиенты"})
    assert desk.reasons() == {("shop", 3): "formula_error", ("shop", 4): "digits_lost"}
    correct_book(
        tmp_path / "quarantine.xlsx",
        by_line({3: {"Баланс": 12.5, "Рождение": dt.date(1990, 5, 6)}, 4: {"Код": "4081781009991000431"}}),
    )
    assert desk.send()["still_refused"] == []
    _, parties = desk.walk()
    rows = parties["shop"].rows
    assert rows["key"].tolist() == ["1", "2", "4081781009991000431"]
    assert rows["line"].tolist() == [2, 3, 4]
    assert rows["sheet"].tolist() == ["Клиенты"] * 3
    assert (rows["balance"].tolist()[1], rows["birth_date"].tolist()[1]) == ("12.5", "1990-05-06")


def test_digits_that_the_workbook_rounded_are_not_taken(desk: Desk) -> None:
    correct_book(desk.root / "quarantine.xlsx", by_line({3: {"Рождение": "28.02.1980", "Код": 4081781009991000431}}))
    assert "has lost digits" in desk.send()["refused"][0]["why"]


NAMELESS = ";Сергей Орлов;;;;\n"
TWO_COPIES = HEADER + GOOD + NAMELESS + NAMELESS


def keys_by_line(desk: Desk) -> dict[int, str]:
    rows = desk.walk()[1]["shop"].rows
    return dict(zip(rows["line"].tolist(), rows["key"].tolist(), strict=True))


@pytest.mark.parametrize("corrected", [3, 4])
def test_a_correction_of_one_copy_leaves_the_other_in_quarantine(tmp_path: Path, corrected: int) -> None:
    desk = Desk(tmp_path)
    desk.deliver(TWO_COPIES)
    desk.quarantine()
    path = correct_book(tmp_path / "quarantine.xlsx", by_line({corrected: {"Код": "7"}}), tmp_path / "sent.xlsx")
    assert (desk.send(path)["corrected"], desk.send(path)["corrected"]) == (1, 0)
    assert keys_by_line(desk) == {2: "1", corrected: "7"}
    assert desk.reasons() == {("shop", 7 - corrected): "key_missing"}
    for lines in ("8;Ещё;;;;\n9;Ещё одна;;;;\n", ""):
        desk.deliver(HEADER + lines + GOOD + NAMELESS + NAMELESS)
        raws, _ = desk.walk()
        assert (raws["shop"].facts["corrected"], raws["shop"].facts["stale_corrections"]) == (1, 0)
        assert list(desk.reasons().values()).count("key_missing") == 1
        assert (desk.send(path)["corrected"], desk.send(path)["refused"]) == (0, [])


@pytest.mark.parametrize("left_out", [3, 4])
def test_leaving_out_one_copy_leaves_the_other_in_quarantine(tmp_path: Path, left_out: int) -> None:
    desk = Desk(tmp_path)
    desk.deliver(TWO_COPIES)
    desk.quarantine()
    path = correct_book(tmp_path / "quarantine.xlsx", by_line({left_out: {"action": "exclude"}}), tmp_path / "s.xlsx")
    assert (desk.send(path)["excluded"], desk.send(path)["excluded"]) == (1, 0)
    assert desk.reasons() == {("shop", 7 - left_out): "key_missing"}
    desk.deliver(HEADER + "8;Ещё;;;;\n" + GOOD + NAMELESS + NAMELESS)
    assert (desk.send(path)["excluded"], desk.send(path)["refused"]) == (0, [])
    raws, _ = desk.walk()
    assert raws["shop"].facts["excluded"] == {"excluded_by_person": 1}
    assert raws["shop"].facts["refused"] == {"key_missing": 1}


def test_the_second_copy_is_corrected_later_though_to_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(TWO_COPIES)
    for line in (3, 4):
        desk.quarantine()
        correct_book(tmp_path / "quarantine.xlsx", by_line({line: {"Код": "7"}}))
        assert desk.send()["corrected"] == 1
    raws, parties = desk.walk()
    assert raws["shop"].facts["corrected"] == 2
    assert raws["shop"].facts["excluded"] == {"exact_duplicate": 1}
    assert parties["shop"].rows["key"].tolist() == ["1", "7"]


def test_copies_are_corrected_each_though_lines_moved_since_the_file_was_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(TWO_COPIES)
    desk.quarantine()
    correct_book(tmp_path / "quarantine.xlsx", by_line({3: {"Код": "7"}, 4: {"Код": "8"}}))
    desk.deliver(HEADER + "5;Ещё;;;;\n" + GOOD + NAMELESS + NAMELESS)
    assert (desk.send()["corrected"], desk.send()["untouched"]) == (2, 2)
    assert sorted(keys_by_line(desk).values()) == ["1", "5", "7", "8"]
    assert desk.reasons() == {}


def test_another_correction_of_a_corrected_copy_does_not_go_to_the_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(TWO_COPIES)
    desk.quarantine()
    path = correct_book(tmp_path / "quarantine.xlsx", by_line({3: {"Код": "7"}}), tmp_path / "sent.xlsx")
    desk.send(path)
    correct_book(path, by_line({3: {"Код": "9"}}))
    sent = desk.send(path)
    assert (sent["corrected"], len(sent["refused"]), sent["untouched"]) == (0, 1, 1)
    assert "file of a new dry run" in sent["refused"][0]["why"]
    assert keys_by_line(desk) == {2: "1", 3: "7"}


def test_a_copy_that_the_source_delivers_no_more_leaves_its_correction_without_a_row(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver(TWO_COPIES)
    desk.quarantine()
    correct_book(tmp_path / "quarantine.xlsx", by_line({3: {"Код": "7"}, 4: {"Код": "8"}}))
    desk.send()
    desk.deliver(HEADER + GOOD + NAMELESS)
    raws, _ = desk.walk()
    assert (raws["shop"].facts["corrected"], raws["shop"].facts["stale_corrections"]) == (1, 1)
