"""A template filled in by people is a source like any other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from crm_etl import pipeline
from crm_etl.faults import Fault, MigrationFault
from crm_etl.forms import LANGUAGES, Language
from crm_etl.migration import FIELD_TYPES, load
from crm_etl.pipeline import Party, Raw
from crm_etl.progress import NullProgress
from crm_etl.run import Run
from crm_etl.storage import State
from crm_etl.template import make


def declare(folder: Path, fragment: str, *more: dict[str, Any]) -> None:
    document = {"name": "paper", "sources": [*yaml.safe_load(fragment), *more]}
    (folder / "migration.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def fill(path: Path, sheet: str, header_row: int, *rows: dict[str, Any]) -> None:
    """Types ``rows`` below the names of the columns."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    names = [cell.value for cell in page[header_row]]
    for number, row in enumerate(rows, header_row + 1):
        assert set(row) <= set(names)
        for name, value in row.items():
            page.cell(number, names.index(name) + 1).value = value
    book.save(path)


def walk(folder: Path, name: str) -> tuple[Raw, Party]:
    migration = load(folder)
    source = migration.source(name)
    raw = pipeline.raw(migration, source, NullProgress())
    party = pipeline.party(migration, source, raw, NullProgress())
    assert raw.facts["read"] == len(raw.rows) + len(raw.refused) + len(raw.excluded)
    return raw, party


@pytest.mark.parametrize(
    ("language", "row", "born"),
    [
        ("en", {"No.": "001", "Name": "Anna Kim", "Kind": "person", "Birth date": dt.date(1980, 2, 28),
                "Phone": "+44 20 7946 0018", "Postal code": "SW1A 1AA", "Balance": 12.5, "Consent e-mail": "no"},
         "1980-02-28"),
        ("ru", {"Номер": "001", "ФИО или название": "Ким Анна Петровна", "Тип": "физлицо", "Статус": "действующий",
                "Дата рождения": "28.02.1980", "Телефон": 89161234567, "Индекс": "012345", "Баланс": "12,50",
                "Согласие e-mail": "нет"}, "1980-02-28"),
        ("fa", {"شماره": "001", "نام کامل": "زهرا محمدی", "نوع": "حقیقی", "تاریخ تولد": "۱۳۶۳/۰۱/۰۱",
                "تلفن": "09121234567", "کد پستی": "0136913111", "مانده": 12.5, "اجازه ایمیل": "خیر"}, "1984-03-21"),
    ],
)  # fmt: skip
def test_what_people_type_is_read_as_it_is_meant(tmp_path: Path, language: Language, row: Any, born: str) -> None:
    made = make(None, None, "client", language, tmp_path / "form.xlsx")
    declare(tmp_path, made["fragment"])
    key = next(iter(row))
    fill(tmp_path / "form.xlsx", "clients", 3, row, {key: "002"}, {key: "003"})
    raw, party = walk(tmp_path, "manual_clients")
    assert raw.facts["read"] == 3
    assert raw.facts["excluded"] == {"awaiting_entry": 2}
    assert len(party.refused) == 0
    (found,) = party.rows.to_dict("records")
    assert (found["key"], found["kind"], found["birth_date"], found["line"]) == ("001", "person", born, 4)
    assert found["postal_code"] == next(row[name] for name in ("Postal code", "Индекс", "کد پستی") if name in row)
    assert len(found["phones"]) == 1
    assert found["balance"] in ("12.5", "12.50")
    assert found["consents"] == ["email:no"]


def test_an_empty_template_holds_no_rows_and_its_example_is_none(tmp_path: Path) -> None:
    made = make(None, None, "client", "ru", tmp_path / "form.xlsx")
    declare(tmp_path, made["fragment"])
    with pytest.raises(Fault, match="no data rows"):
        walk(tmp_path, "manual_clients")
    fill(tmp_path / "form.xlsx", "clients", 3, {"Номер": "7"}, {"Номер": "8", "ФИО или название": "Ли"})
    raw, party = walk(tmp_path, "manual_clients")
    assert (raw.facts["read"], raw.facts["excluded"], len(party.rows)) == (2, {"awaiting_entry": 1}, 1)


def test_a_wrong_cell_is_refused_and_not_lost(tmp_path: Path) -> None:
    made = make(None, None, "client", "ru", tmp_path / "form.xlsx")
    declare(tmp_path, made["fragment"])
    rows = [
        {"Номер": "1", "ФИО или название": "Ким", "Дата рождения": "31.02.1980"},
        {"Номер": "2", "ФИО или название": "Ли", "Тип": "кот"},
    ]
    fill(tmp_path / "form.xlsx", "clients", 3, *rows)
    raw, party = walk(tmp_path, "manual_clients")
    assert party.refused["reason"].tolist() == ["bad_date", "unmapped_value"]
    assert raw.facts["read"] == len(party.refused) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entity", FIELD_TYPES)
def test_the_example_of_every_template_would_be_accepted(tmp_path: Path, entity: str, language: Language) -> None:
    """The example row, copied down by a person who wants to see what happens, is read without a complaint."""
    clients = make(None, None, "client", language, tmp_path / "clients.xlsx")
    made = clients if entity == "client" else make(None, None, entity, language, tmp_path / "form.xlsx")
    declare(tmp_path, clients["fragment"], *(yaml.safe_load(made["fragment"]) if entity != "client" else []))
    source = load(tmp_path).source(made["source"])
    path = tmp_path / source.path
    page = openpyxl.load_workbook(path)[source.sheet]
    example = {page.cell(3, cell.column).value: cell.value for cell in page[2] if cell.value not in (None, "")}
    fill(path, source.sheet, 3, example)
    _, party = walk(tmp_path, source.name)
    assert (len(party.rows), party.refused["reason"].tolist()) == (1, [])
    notes = party.rows["notes"].iloc[0]
    assert not [note for note in notes if "invalid" in note or note.startswith(("phones:bad", "identifiers:bad"))], (
        notes
    )


def test_the_manual_source_of_a_migration_gets_its_own_columns(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "cards.xlsx"
    made = make(demo, None, None, "ru", out)
    assert (made["source"], made["path"], made["fragment"]) == ("cards", "legacy/manual.xlsx", None)
    legacy = openpyxl.load_workbook(demo / "legacy/manual.xlsx", read_only=True)["clients"]
    assert set(made["columns"]) == {cell.value for cell in next(legacy.iter_rows(max_row=1)) if cell.value}
    fill(
        out, "clients", 1,
        {"Карточка": "К-1", "ФИО или название": "Ким Анна", "Тип": "чел", "Дата рождения": dt.date(1980, 2, 28)},
        {"Карточка": "К-2"},
    )  # fmt: skip
    (demo / "legacy/manual.xlsx").write_bytes(out.read_bytes())
    raw, party = walk(demo, "cards")
    assert (raw.facts["read"], raw.facts["excluded"]) == (2, {"awaiting_entry": 1})
    assert party.rows["birth_date"].tolist() == ["1980-02-28"]
    migration = load(demo)
    summary = Run(migration, State.of(migration)).rehearse()
    assert summary["ledger"]["closed"]
    (line,) = [one for one in summary["sources"] if one["source"] == "cards"]
    assert line == {"source": "cards", "read": 2, "accepted": 1, "quarantined": 0, "excluded": 0, "awaiting": 1}


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_text("filled in", encoding="utf-8")
    with pytest.raises(Fault, match="there already"):
        make(None, None, "client", "en", tmp_path / "form.xlsx")
    (tmp_path / "other.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(Fault, match="there already"):
        make(None, None, "client", "en", tmp_path / "other.xlsx")
    assert not (tmp_path / "other.xlsx").exists()


def test_a_source_that_is_not_there_or_of_several_is_asked_for(tmp_path: Path) -> None:
    made = make(None, None, "client", "en", tmp_path / "form.xlsx")
    first = yaml.safe_load(made["fragment"])[0]
    declare(tmp_path, made["fragment"], {**first, "name": "other"})
    with pytest.raises(MigrationFault, match="several manual sources: manual_clients, other"):
        make(tmp_path, None, None, "en", tmp_path / "new.xlsx")
    with pytest.raises(MigrationFault, match="no manual source 'none'"):
        make(tmp_path, "none", None, "en", tmp_path / "new.xlsx")
    assert make(tmp_path, "other", None, "en", tmp_path / "new.xlsx")["source"] == "other"


@pytest.mark.parametrize("out", ["form.txt", "form", "form.xlsx.yaml"])
def test_a_template_is_a_workbook(tmp_path: Path, out: str) -> None:
    with pytest.raises(Fault, match=r"an \.xlsx workbook"):
        make(None, None, "client", "en", tmp_path / out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["taken/form.xlsx", "x" * 300 + ".xlsx", "folder.xlsx/deep/form.xlsx"])
def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path, out: str) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    (tmp_path / "folder.xlsx").write_text("a file", encoding="utf-8")
    with pytest.raises(Fault, match="cannot be written: ") as caught:
        make(None, None, "client", "en", tmp_path / out)
    assert caught.value.exit_code == 2


def test_a_workbook_that_cannot_be_created_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "form.xlsx").symlink_to(tmp_path / "nowhere" / "form.xlsx")
    with pytest.raises(Fault, match="cannot be written: No such file"):
        make(None, None, "client", "en", Path("form.xlsx"))


@pytest.mark.parametrize("sheet", ["a/b", "x" * 32, "", "[a]", "a:b", "what?", "a\\b", "a*", "'a", "a'"])
def test_a_sheet_that_no_workbook_can_have_is_no_declaration(tmp_path: Path, sheet: str) -> None:
    made = make(None, None, "client", "en", tmp_path / "form.xlsx")
    (document,) = yaml.safe_load(made["fragment"])
    declare(tmp_path, yaml.safe_dump([{**document, "sheet": sheet}]))
    with pytest.raises(MigrationFault, match="no workbook has such a sheet") as caught:
        load(tmp_path)
    assert "sheet" in str(caught.value)


@pytest.mark.parametrize("sheet", ["Клиенты (до 2024)", "مشتریان", "y" * 31, "it's"])
def test_any_other_sheet_can_be_filled_in(tmp_path: Path, sheet: str) -> None:
    made = make(None, None, "client", "en", tmp_path / "form.xlsx")
    (document,) = yaml.safe_load(made["fragment"])
    declare(tmp_path, yaml.safe_dump([{**document, "sheet": sheet}]))
    make(tmp_path, None, None, "en", tmp_path / "other.xlsx")
    assert openpyxl.load_workbook(tmp_path / "other.xlsx").sheetnames[0] == sheet
