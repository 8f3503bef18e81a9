"""A first look at files, folders and databases: what is proposed for the person who declares them."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from pathlib import Path

import openpyxl
import pytest

from connectors.registry import CONNECTORS
from crm_etl.faults import DeclarationNeeded, SourceFault
from crm_etl.profile import take_inventory
from crm_etl.profile.look import source_name
from crm_etl.profile.looks import is_place, look_at, require_one
from crm_etl.profile.subjects import of_places

ROWS = [f"{n};Иванов Пётр;8916200{n:04};user{n}@mail.ru;{1 + n % 28:02}.03.2020" for n in range(30)]
HEADER = "Код;ФИО;Телефон;Почта;Создан"


def write(folder: Path, *lines: str, encoding: str = "utf-8", name: str = "Клиенты.csv") -> Path:
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_encoding_delimiter_and_name_are_proposed(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, HEADER, *ROWS, encoding=encoding)
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert look.name == "klienty"
    assert look.settings == {"connector": "csv", "path": "Клиенты.csv", "encoding": encoding, "delimiter": ";"}
    assert look.header
    assert look.encodings[0].encoding == encoding
    assert "Иванов" in look.encodings[0].sample
    assert "Иванов" not in " ".join(look.notes)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, mark: str) -> None:
    write(tmp_path, *(line.replace(";", mark) for line in (HEADER, *ROWS)))
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert look.settings["delimiter"] == mark


def test_lines_before_the_header_and_totals_after_the_rows(tmp_path: Path) -> None:
    write(tmp_path, "Отчёт по клиентам", "", "за 2020 год;;;;", HEADER, *ROWS, "ИТОГО;;;;30")
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert look.settings["header_row"] == 4
    assert any("total row" in note and "ИТОГО" in note for note in look.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_a_row_of_totals_is_left_out_and_counted(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, HEADER, *ROWS, "Итого:;;;;30", encoding=encoding)
    (subject,) = of_places(["Клиенты.csv"], tmp_path)
    assert subject.settings["comment"] == "Итого"
    (source,) = take_inventory([subject], tmp_path).figures["sources"]
    assert (source["rows"], source["set_aside"]) == (30, {"comment_row": 1})


def test_a_row_of_totals_stays_where_others_begin_like_it(tmp_path: Path) -> None:
    write(tmp_path, HEADER, "Итоговая;Иванов Пётр;89162000000;a@mail.ru;01.03.2020", *ROWS, "Итого;;;;30")
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert "comment" not in look.settings


def test_comments_are_seen(tmp_path: Path) -> None:
    write(tmp_path, "# exported on Monday", HEADER, *ROWS)
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert any("'#'" in note for note in look.notes)


def test_a_file_without_header_is_seen_to_have_none(tmp_path: Path) -> None:
    write(tmp_path, *ROWS)
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert not look.header
    assert any("no header" in note for note in look.notes)


def test_an_address_of_e_mail_is_no_name_of_a_column(tmp_path: Path) -> None:
    write(tmp_path, *(f"user{n}@mail.ru;Вася{n}" for n in range(30)))
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert not look.header


def test_headers_that_mean_nothing_are_headers_still(tmp_path: Path) -> None:
    write(tmp_path, "альфа;бета;гамма;дельта;омега", *ROWS)
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert look.header


def test_names_that_are_known_make_a_header_whatever_figures_stand_beside_them(tmp_path: Path) -> None:
    write(tmp_path, "Код;ФИО;2023;2024", *(f"{n};Иванов Пётр;{n}00;{n}50" for n in range(30)))
    (look,) = look_at("Клиенты.csv", tmp_path)
    assert look.header


def test_packed_text_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress("\n".join([HEADER, *ROWS]).encode()))
    (look,) = look_at("a.csv.gz", tmp_path)
    assert (look.settings["delimiter"], look.name) == (";", "a")


def test_texts_in_an_archive_are_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("old/clients.csv", "\n".join([HEADER, *ROWS]).encode("cp1251"))
        archive.writestr("readme.md", "no table")
    (look,) = look_at("export.zip", tmp_path)
    assert (look.name, look.settings["encoding"], look.settings["delimiter"]) == ("clients", "cp1251", ";")
    assert "old/clients.csv of the archive" in look.notes


def test_a_dbase_file_says_its_code_page_where_its_connector_is_known(tmp_path: Path) -> None:
    (tmp_path / "old.dbf").write_bytes(b"\x03" + bytes(28) + b"\x65" + bytes(10))
    if "dbf" in CONNECTORS:
        (look,) = look_at("old.dbf", tmp_path)
        assert look.settings == {"connector": "dbf", "path": "old.dbf", "encoding": "cp866"}
    else:
        with pytest.raises(DeclarationNeeded, match="dBASE"):
            look_at("old.dbf", tmp_path)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "مشتریان"
    for row in (
        ["فهرست مشتریان"],
        [],
        ["کد", "نام", "موبایل"],
        [1, "علی", "0912"],
        [2, "رضا", "0913"],
        ["جمع", None, None],
    ):
        sheet.append(row)
    remarks = book.create_sheet("remarks")
    remarks.append(["do not read"])
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    for row in (["id", "name", "phone"], [1, "a", "1"], [2, "b", "2"]):
        hidden.append(row)
    book.save(tmp_path / "branch.xlsx")
    return tmp_path


def test_sheets_header_rows_and_totals_of_a_workbook(workbook: Path) -> None:
    first, remarks, hidden = look_at("branch.xlsx", workbook)
    assert first.settings == {
        "connector": "excel",
        "path": "branch.xlsx",
        "sheet": "مشتریان",
        "header_row": 3,
        "total_row": "جمع",
    }
    assert any("6 rows by 3 columns" in note for note in first.notes)
    assert not remarks.table
    assert any("hidden" in note for note in hidden.notes)
    assert (hidden.table, hidden.settings.get("header_row")) == (True, None)


def test_a_sheet_that_spans_too_much_is_left_alone(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["id", "name"], [1, "a"], [2, "b"]):
        sheet.append(row)
    sheet.cell(1_048_576, 16_384, "stray")
    book.save(tmp_path / "wide.xlsx")
    (look,) = look_at("wide.xlsx", tmp_path)
    assert not look.table
    assert "spans" in look.notes[0]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.executescript(
            "create table clients (id integer primary key, name text);"
            "create table calls (id integer primary key, client integer references clients (id));"
        )
    return tmp_path


@pytest.mark.parametrize("place", ["old.db", "sqlite:///old.db"])
def test_tables_keys_and_foreign_keys_of_a_database(database: Path, place: str) -> None:
    calls, clients = look_at(place, database)
    assert clients.settings == {"connector": "sql", "url": "sqlite:///old.db", "table": "clients"}
    assert (clients.keys, calls.references) == (("id",), {"client": ("clients", "id")})


def test_a_folder_gives_all_its_tables_names_of_their_own(database: Path) -> None:
    write(database, HEADER, *ROWS, name="clients.csv")
    write(database, "x", name="readme.md")
    assert [look.name for look in look_at(str(database), database)] == ["clients", "calls", "clients_2"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"<html><table></table></html>", DeclarationNeeded), (b"PK\x03\x04 broken", SourceFault)],
)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, fault: type[SourceFault]) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    (look,) = look_at("a.xls", tmp_path)
    assert isinstance(look.fault, fault)
    with pytest.raises(fault):
        require_one([look])


DAMAGED = {
    "a.xlsx": b"PK\x03\x04 broken",
    "b.csv.gz": b"\x1f\x8b\x08\x00cut short",
    "c.xls": b"%PDF-1.7",
    "d.db": b"SQLite format 3\x00" + b"\x00" * 90,
    "e.zip": b"PK\x05\x06",
    "f.dbf": b"",
}


def test_a_damaged_file_is_told_of_and_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, HEADER, *ROWS, name="good.csv")
    for name, content in DAMAGED.items():
        (tmp_path / name).write_bytes(content)
    looks = look_at(str(tmp_path), tmp_path)
    seen = {look.title: look.fault for look in looks}
    assert seen["good"] is None
    assert {title for title, fault in seen.items() if fault is not None} == set(DAMAGED) - {"f.dbf"}
    require_one(looks)
    with pytest.raises(SourceFault, match="none of 2 files can be read"):
        require_one([look for look in looks if look.fault is not None][:2])


def test_files_called_like_variables_are_written_as_the_texts_that_they_are(tmp_path: Path) -> None:
    write(tmp_path, HEADER, *ROWS, name="${HOME}.csv")
    with sqlite3.connect(tmp_path / "${HOME}.db") as connection:
        connection.execute('create table "${HOME}" (id integer primary key)')
    seen = look_at(str(tmp_path), tmp_path)
    assert [look.fault for look in seen] == [None, None]
    assert (seen[0].settings["path"], seen[0].written["path"]) == ("${HOME}.csv", "$${HOME}.csv")
    assert (seen[1].written["url"], seen[1].written["table"]) == ("sqlite:///$${HOME}.db", "$${HOME}")


def test_nothing_there_is_said(tmp_path: Path) -> None:
    for place in ("none.csv", "sqlite:///none.db", "nodriver://host/db"):
        with pytest.raises(SourceFault):
            look_at(place, tmp_path)
    with pytest.raises(SourceFault, match="no tables"):
        look_at(str(tmp_path), tmp_path)


def test_a_url_with_blanks_before_it_is_a_url_and_shows_no_password(tmp_path: Path) -> None:
    with pytest.raises(SourceFault) as caught:
        look_at(" nodriver://u:secret@h/d", tmp_path)
    assert "no driver" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_password_that_the_environment_lacks_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NO_SUCH_PW", raising=False)
    with pytest.raises(SourceFault, match="NO_SUCH_PW"):
        look_at("postgresql://u:${NO_SUCH_PW}@h/db", tmp_path)


def test_places_are_told_from_names_of_sources(tmp_path: Path) -> None:
    write(tmp_path, HEADER)
    assert is_place("sqlite:///a.db", tmp_path)
    assert is_place("Клиенты.csv", tmp_path)
    assert is_place("legacy/a.csv", tmp_path)
    assert not is_place("shop", tmp_path)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Клиенты 2024", "klienty_2024"), ("مشتریان", "moshtarian"), ("2024", "source_2024"), ("", "source")],
)
def test_names_of_sources(text: str, name: str) -> None:
    assert source_name(text) == name
