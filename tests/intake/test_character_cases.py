"""Encoding and characters inside cells, on rows that each test writes: what is refused, set right, noted and kept."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from crm_etl import schema
from crm_etl.load.connection import target_url
from crm_etl.load.targets import crm
from crm_etl.load.targets.upgrade import upgrade
from tests.intake.migrations import a_folder, a_source, deliver, in_crm, quarantine, read_rows, said
from tests.load.conftest import fresh_database

PERSON: dict[str, Any] = {"kind": {"constant": "person"}, "name": "name"}
FIRM: dict[str, Any] = {"kind": {"constant": "organization"}, "name": "name"}


def garbled(text: str, encoding: str) -> str:
    """UTF-8 read as ``encoding``, as spreadsheets do it: bytes without a letter stay controls."""
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())


# -------------------------------------------------------------------------------------------- double encoding
@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Петр Сидоренко", "cp1252"), ("Петр Сидоренко", "cp1251"), ("اس لاری", "cp1256"), ("اس لاری", "cp1252")],
)
def test_case_26_mojibake_is_told_and_a_repair_proposed(tmp_path: Path, name: str, encoding: str) -> None:
    bad = garbled(name, encoding)
    found = read_rows(tmp_path, [{"id": "1", "name": bad}, {"id": "2", "name": "Анна Ким"}], PERSON)
    assert found.accepted == ["1", "2"]
    assert found.of("1", "name_raw") == bad
    assert found.notes == {"name:mojibake": 1}
    assert found.raw.facts["characters"]["mojibake"] == {"name": 1}
    (warning,) = found.raw.facts["warnings"]
    assert "column 'name': 1 cell " in warning
    assert "repair: [mojibake]" in warning
    assert name not in warning


def test_case_26_the_proposal_stands_beside_the_original_and_is_taken_when_declared(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "name": "ÐŸÐµÑ‚Ñ€", "note": garbled("Руслан", "cp1252")},
        {"id": "2", "name": "ط§ط³", "note": "ok"},
    ]
    fields = {
        "kind": {"constant": "person"},
        "name": {"column": "name", "repair": ["mojibake"]},
        "comment": {"column": "note", "repair": ["mojibake"]},
    }
    found = read_rows(tmp_path, rows, fields)
    assert found.all_of("name") == {"1": "Петр", "2": "اس"}
    assert found.of("1", "comment") == "Руслан"
    assert found.all_of("name_raw") == {"1": "ÐŸÐµÑ‚Ñ€", "2": "ط§ط³"}
    assert found.notes == {"comment:mojibake_repaired": 1, "name:mojibake_repaired": 2}
    assert found.raw.facts["warnings"] == []

    folder = a_folder(tmp_path / "proposed", a_source("c", PERSON))
    deliver(folder, "c", [{"id": "1", "name": "ÐŸÐµÑ‚Ñ€ ÐšÐ¸Ð¼"}, {"id": "2", "name": "Анна Ким"}])
    code, summary = said(folder, "dry-run")
    assert code == 0
    assert summary["notes"] == {"c": {"name:mojibake": 1}}
    with (folder / ".crm-etl/reports/repairs.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["key"], line["line"], line["field"], line["note"]) == ("1", "2", "name", "mojibake")
    assert (line["delivered"], line["read"]) == ("ÐŸÐµÑ‚Ñ€ ÐšÐ¸Ð¼", "Петр Ким")


@pytest.mark.parametrize("sound", ["Пётр Ёжиков", "ООО «Заря»", "Müller", "José Ñúñez", "علی رضا", "Їжакевич Ґалаґан"])
def test_case_26_sound_letters_are_not_taken_for_mojibake(tmp_path: Path, sound: str) -> None:
    found = read_rows(tmp_path, [{"id": "1", "name": sound}], FIRM)
    assert found.notes == {}
    assert "mojibake" not in found.raw.facts["characters"]


# ---------------------------------------------------------------------------------------------- lost, controls
def test_case_27_letters_lost_before_delivery_are_quarantined(tmp_path: Path) -> None:
    names = ["Ив\ufffdнов Пётр", "????? ??????", "Иван?в Пётр", "Петров Пётр"]
    rows = [{"id": str(place), "name": name, "note": "точно?"} for place, name in enumerate(names)]
    found = read_rows(tmp_path, rows, PERSON | {"comment": "note"})
    assert found.reasons == {
        "0": ("name", "lost_characters"),
        "1": ("name", "lost_before_delivery"),
        "2": ("name", "lost_before_delivery"),
    }
    assert found.accepted == ["3"]
    assert found.cells("2") == {"id": "2", "name": "Иван?в Пётр", "note": "точно?"}
    assert found.refused["line"].tolist() == [2, 3, 4]
    assert found.refused["message"].str.contains("lost before delivery").all()


@pytest.mark.parametrize("control", ["\x00", "\x01", "\x1b", "\x7f", "\x80", "\x85", "\x9f"])
def test_case_28_control_characters_are_quarantined(tmp_path: Path, control: str) -> None:
    rows = [{"id": "1", "name": f"Ким{control}Анна", "note": ""}, {"id": "2", "name": "Ким Анна", "note": "a\tb"}]
    found = read_rows(tmp_path, rows, PERSON | {"comment": "note"})
    assert found.reasons == {"1": ("name", "control_character")}
    assert found.cells("1")["name"] == f"Ким{control}Анна"
    assert found.accepted == ["2"]


def test_case_28_declared_control_characters_are_removed_and_counted(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "name": "Ким\x00 Анна", "note": "a\x01b", "street": "Lenina\x02 5"},
        {"id": "2", "name": "Цой Вера", "note": "", "street": ""},
        {"id": "3\x01", "name": "Пак Нина", "note": "", "street": ""},
        {"id": "4", "name": "Ли\x1fОльга", "note": "", "street": ""},
    ]
    found = read_rows(tmp_path, rows, PERSON | {"comment": "note", "street": "street"}, remove_controls=True)
    assert found.accepted == ["1", "2", "4"]
    assert (found.of("1", "name"), found.of("1", "comment")) == ("Ким Анна", "a b")
    assert found.of("4", "name") == "Ли Ольга"
    assert found.of("1", "address_raw") == "Lenina  5"
    assert found.of("1", "name_raw") == "Ким\x00 Анна"
    assert found.notes == {"comment:controls_removed": 1, "name:controls_removed": 2, "street:controls_removed": 1}
    # A key is never changed so.
    assert [field for field, _ in found.reasons.values()] == ["id"]


# ------------------------------------------------------------------------------------------- unseen characters
@pytest.mark.parametrize(
    "mark",
    ["\u00a0", "\u200b", "\u00ad", "\u200e", "\u200f", "\u202a", "\u2060", "\ufeff"],
    ids=lambda m: f"{ord(m):x}",
)
def test_case_29_unseen_characters_do_not_part_keys_mails_and_phones(tmp_path: Path, mark: str) -> None:
    fields = PERSON | {"phones": "phone", "emails": "mail"}
    rows = [
        {
            "id": f"{mark}A-1{mark}",
            "name": "Ким Анна",
            "phone": f"+7916{mark}1234567",
            "mail": f"{mark}anna@mail.ru{mark}",
        },
        {"id": "B", "name": "Цой Вера", "phone": "", "mail": ""},
    ]
    found = read_rows(tmp_path, rows, fields)
    assert found.accepted == ["A-1", "B"]
    assert found.of("A-1", "phones") == ["+79161234567"]
    assert found.of("A-1", "emails") == ["anna@mail.ru"]
    assert found.of("A-1", "emails_raw") == f"{mark}anna@mail.ru{mark}"
    assert found.raw.facts["characters"]["invisible"] == {"id": 1, "phone": 1, "mail": 1}


def test_case_29_marks_inside_keys_and_mails_go_and_references_still_meet(tmp_path: Path) -> None:
    clients = a_source("c", PERSON | {"emails": "mail"})
    sales = a_source(
        "s",
        {"occurred_at": {"column": "day", "format": "%d.%m.%Y"}, "type": {"constant": "sale"}, "amount": "sum"},
        entity="transaction",
        client={"source": "c", "column": "client"},
    )
    folder = a_folder(tmp_path, sales, clients)
    deliver(folder, "c", [{"id": "A\u200b-\u200e1", "name": "Ким Анна", "mail": "an\u200bna@ma\u00adil.ru"}])
    deliver(folder, "s", [{"id": "1", "client": "A-1\ufeff", "day": "01.02.2024", "sum": "5"}])
    code, summary = said(folder, "run")
    assert code == 0
    assert (summary["quarantined"], summary["ledger"]["closed"]) == (0, True)
    assert summary["characters"]["c"]["invisible"] == {"id": 1, "mail": 1}
    assert in_crm(folder, "SELECT email FROM client_email") == [("anna@mail.ru",)]
    assert in_crm(folder, "SELECT count(*) FROM client_transaction") == [(1,)]


def test_case_29_keys_that_only_unseen_marks_part_are_too_alike(tmp_path: Path) -> None:
    rows = [{"id": "A1", "name": "Ким Анна"}, {"id": "A\u200b1", "name": "Цой Вера"}, {"id": "B", "name": "Пак Нина"}]
    found = read_rows(tmp_path, rows, PERSON)
    assert found.accepted == ["B"]
    assert found.refused["reason"].tolist() == ["ambiguous_key", "ambiguous_key"]


# ---------------------------------------------------------------------------------------------- Persian script
def test_case_30_a_joiner_stays_in_the_name_and_is_folded_in_its_keys(tmp_path: Path) -> None:
    names = {"1": "علی\u200cرضا محمدی", "2": "علیرضا محمدی", "3": "رضا محمدی"}
    rows = [{"id": key, "name": name} for key, name in names.items()]
    found = read_rows(tmp_path, rows, PERSON, country="IR")
    assert found.all_of("name") == names
    assert found.of("1", "name_keys") == found.of("2", "name_keys")
    assert found.of("1", "name_keys") != found.of("3", "name_keys")
    assert "invisible" not in found.raw.facts["characters"]


def test_case_31_arabic_letters_are_shown_persian_and_folded_in_keys(tmp_path: Path) -> None:
    rows = [{"id": "1", "name": "علي كريمى"}, {"id": "2", "name": "علی کریمی"}]
    found = read_rows(tmp_path, rows, PERSON, country="IR")
    assert found.all_of("name") == {"1": "علی کریمی", "2": "علی کریمی"}
    assert found.of("1", "name_keys") == found.of("2", "name_keys")
    assert found.of("1", "name_raw") == "علي كريمى"


def test_case_32_digits_of_other_scripts_become_ascii_and_the_original_stays(tmp_path: Path) -> None:
    fields = PERSON | {
        "phones": "phone",
        "birth_date": {"column": "born", "format": "%Y/%m/%d", "calendar": "jalali"},
        "balance": "sum",
    }
    rows = [
        {"id": "1", "name": "علی کریمی", "phone": "۰۹۱۲۱۲۳۴۵۶۷", "born": "۱۳۶۳/۰۱/۰۱", "sum": "۱۲۳۴٫۵"},
        {"id": "2", "name": "رضا کریمی", "phone": "٠٩١٢١٢٣٤٥٦٨", "born": "١٣٦٣/٠١/٠٢", "sum": "٧"},
    ]
    found = read_rows(tmp_path, rows, fields, country="IR")
    assert found.all_of("phones") == {"1": ["+989121234567"], "2": ["+989121234568"]}
    assert found.all_of("birth_date") == {"1": "1984-03-21", "2": "1984-03-22"}
    assert found.all_of("balance") == {"1": "1234.5", "2": "7"}
    assert (found.of("1", "phones_raw"), found.of("1", "birth_date_raw")) == ("۰۹۱۲۱۲۳۴۵۶۷", "۱۳۶۳/۰۱/۰۱")
    assert found.raw.facts["characters"]["digits"] == {"phone": 2, "born": 2, "sum": 2}


# ----------------------------------------------------------------------------------------- spelling and scripts
def test_case_33_spelling_is_folded_in_keys_only(tmp_path: Path) -> None:
    people = {"1": "Семёнов Пётр", "2": "Семенов Петр", "3": "СЕМЕНОВ Петр"}
    found = read_rows(tmp_path / "p", [{"id": key, "name": name} for key, name in people.items()], PERSON)
    assert (found.of("1", "name"), found.of("2", "name")) == ("Семёнов Пётр", "Семенов Петр")
    assert found.of("1", "name_keys") == found.of("2", "name_keys") == found.of("3", "name_keys")
    decomposed = read_rows(tmp_path / "d", [{"id": "1", "name": "Семе\u0308нов Пе\u0308тр"}], PERSON)
    assert decomposed.of("1", "name_raw") == "Семе\u0308нов Пе\u0308тр"
    assert decomposed.of("1", "name_keys") == found.of("1", "name_keys")

    firms = {"1": 'ООО "Ромашка"', "2": "Ромашка ООО", "3": "«Ромашка», ООО", "4": "ООО „Ромашка“"}
    found = read_rows(tmp_path / "f", [{"id": key, "name": name} for key, name in firms.items()], FIRM)
    assert found.all_of("name") == firms
    assert len({tuple(keys) for keys in found.all_of("name_keys").values()}) == 1


def test_case_34_a_word_of_two_scripts_is_noted_with_a_suggestion(tmp_path: Path) -> None:
    names = {"1": "Cибирь", "2": "Сибирь", "3": "ООО IT Сервис", "4": "Яndex", "5": "PROсвет"}
    rows = [{"id": key, "name": name} for key, name in names.items()]
    found = read_rows(tmp_path / "all", rows, FIRM)
    assert found.all_of("notes") == {
        "1": ["name:mixed_script"],
        "2": [],
        "3": [],
        "4": ["name:mixed_word"],
        "5": ["name:mixed_word"],
    }
    assert (found.of("1", "name_raw"), found.of("1", "name")) == ("Cибирь", "Сибирь")
    assert (found.of("4", "name"), found.of("5", "name")) == ("Яndex", "PROсвет")
    assert found.of("1", "name_keys") == found.of("2", "name_keys")
    declared = read_rows(tmp_path / "declared", rows, FIRM, brands=["яndex", "PROсвет", "Cибирь"])
    assert declared.notes == {}
    assert declared.all_of("name") == names


def test_case_35_a_letter_of_another_script_in_an_email_is_quarantined(tmp_path: Path) -> None:
    mails = {
        "1": "ivаn@mail.ru",
        "2": "ivan@gmаil.com",
        "3": "иван@mail.ru",
        "4": "иван@почта.рф",
        "5": "ivan@müller.de",
        "6": "ivan@mail.ru",
    }
    rows = [
        {"id": key, "name": f"Ким {letter}", "mail": mail}
        for (key, mail), letter in zip(mails.items(), "абвгде", strict=True)
    ]
    found = read_rows(tmp_path / "strict", rows, PERSON | {"emails": "mail"})
    assert found.reasons == dict.fromkeys("123", ("emails", "email_homoglyph"))
    assert found.cells("1")["mail"] == "ivаn@mail.ru"
    assert found.all_of("emails") == {key: [mails[key]] for key in "456"}
    lenient = PERSON | {"emails": {"column": "mail", "repair": ["homoglyphs"]}}
    found = read_rows(tmp_path / "repaired", rows, lenient)
    assert found.reasons == {"3": ("emails", "email_homoglyph")}
    assert (found.of("1", "emails"), found.of("2", "emails")) == (["ivan@mail.ru"], ["ivan@gmail.com"])
    assert found.of("1", "emails_raw") == "ivаn@mail.ru"
    assert found.notes["emails:homoglyph_repaired"] == 2


# ------------------------------------------------------------------------------------------------- the target
@pytest.mark.system
def test_case_36_characters_that_the_target_cannot_hold_are_found_before_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in fresh_database("mariadb"):
        monkeypatch.setenv("CRM_ETL_TEST_TARGET", url)
        folder = a_folder(
            tmp_path, a_source("c", PERSON | {"comment": "note"}), target={"url": "${CRM_ETL_TEST_TARGET}"}
        )
        rows = [
            {"id": "1", "name": "Ким Анна", "note": "ждёт 😀"},
            {"id": "2", "name": "Цой Вера", "note": "𠮷"},
            {"id": "3", "name": "Пак Нина", "note": "всё в порядке"},
        ]
        deliver(folder, "c", rows)
        upgrade(url, tmp_path)
        driven = target_url(url, tmp_path).render_as_string(hide_password=False)
        # As servers have it whose tables were made before MySQL 5.5.3.
        in_crm(folder, "ALTER TABLE client MODIFY comment MEDIUMTEXT CHARACTER SET utf8mb3", driven)
        code, summary = said(folder, "run")
        assert code == 0
        assert summary["plan"]["reasons"]["client/wide_character"] == 2
        assert (summary["quarantined"], summary["ledger"]["closed"]) == (2, True)
        refused = quarantine(folder)
        assert refused["reason"].to_dict() == {"1": "wide_character", "2": "wide_character"}
        assert in_crm(folder, "SELECT display_name FROM client", driven) == [("Пак Нина",)]


@pytest.mark.parametrize(
    ("field", "column", "longest"),
    [
        ("name", "name", "Б" + "у" * 119),
        ("owner", "x", "о" * 120),
        ("segment", "x", "s" * 120),
        ("branch", "x", "b" * 120),
        ("street", "x", "s" * 500),
    ],
)
def test_case_37_what_is_longer_than_the_target_is_quarantined_and_never_cut(
    tmp_path: Path, field: str, column: str, longest: str
) -> None:
    rows = [
        {"id": "1", "name": "Ким Анна", "x": "", column: longest},
        {"id": "2", "name": "Ким Анна", "x": "", column: f"{longest}z"},
    ]
    found = read_rows(tmp_path, rows, PERSON | {field: column} | ({} if column == "x" else {"segment": "x"}))
    assert found.accepted == ["1"]
    assert found.reasons == {"2": (field, "too_long")}
    assert found.cells("2")[column] == f"{longest}z"


def test_case_37_one_long_cell_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path, a_source("c", PERSON | {"branch": "branch", "identifiers": {"column": "no", "type": "other"}})
    )
    rows = [
        {"id": "1", "name": "Ким Анна", "branch": "b" * 121, "no": ""},
        {"id": "2", "name": "Цой Вера", "branch": "b" * 120, "no": "4" * 120},
        {"id": "3", "name": "Пак Нина", "branch": "", "no": "4" * 121},
        {"id": "k" * 401, "name": "Ли Ольга", "branch": "", "no": ""},
    ]
    deliver(folder, "c", rows)
    code, summary = said(folder, "run")
    assert code == 0
    assert (summary["quarantined"], summary["ledger"]["closed"]) == (3, True)
    assert set(quarantine(folder)["reason"]) == {"too_long"}
    assert in_crm(folder, "SELECT length(branch) FROM client") == [(120,)]
    assert in_crm(folder, "SELECT length(value) FROM client_identifier") == [(120,)]


def test_case_37_the_limits_are_those_of_the_target() -> None:
    columns = {name: table.columns for name, table in crm.TABLES.items()}
    held = {
        "name": columns["client"]["display_name"],
        "name_latin": columns["client"]["latin_name"],
        "other_names": columns["client_name"]["full_name"],
        **{name: columns["client_name"][name.removesuffix("_latin")] for name in schema.LENGTHS if name[:5] in _PARTS},
        "emails": columns["client_email"]["email"],
        "identifiers": columns["client_identifier"]["value"],
        "address_raw": columns["client_address"]["street"],
        **{name: columns["client_address"][name] for name in ("region", "city", "postal_code")},
        "owner": columns["crm_user"]["name"],
        **{name: columns["client"][name] for name in ("branch", "segment")},
        "document": columns["client_transaction"]["document"],
        "title": columns["opportunity"]["title"],
        "key": crm.CROSSWALK.columns["key"],
    }
    assert {name: column.type.length for name, column in held.items()} == schema.LENGTHS  # type: ignore[attr-defined]


_PARTS = ("given", "patro", "famil")
