"""The inventory: right counts, useful proposals, no personal value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_etl import migration
from crm_etl.normalize import dates
from crm_etl.profile import profile, propose_encoding
from crm_etl.profile.patterns import date_formats, mask
from crm_etl.report.profile import render

NAMES = ["Иванов Пётр Сергеевич", "ООО «Ромашка»", "КУЗНЕЦОВА АННА", "Петров Андрей"]
PERSIAN = ["محمد رضايي", "علي احمدي", "شركت پارس گستر", "فاطمه كريمي"]


@pytest.fixture
def project(tmp_path: Path) -> migration.Migration:
    lines = ["id;имя;тел;почта;создан;лишний"]
    for number in range(40):
        phone = "8 (916) 123-45-67" if number < 10 else f"8916200{number:04}"
        mail = "test@test.ru" if number == 39 else f"user{number}@mail.ru"
        lines.append(f"{number};{NAMES[number % 4]};{phone};{mail};{1 + number % 28:02}.{1 + number % 3:02}.2020;")
    lines.append("1;-;нет;oops;31.02.2020;x")
    (tmp_path / "shop.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "old.csv").write_bytes("\n".join(lines).encode("cp1251"))
    fields = "{name: имя, phones: тел, emails: почта, created_at: {column: создан, format: '%d.%m.%Y'}}"
    common = f"connector: csv, encoding: utf-8, delimiter: ';', key: id, fields: {fields}"
    text = f"name: demo\nsources:\n- {{name: shop, path: shop.csv, {common}}}\n- {{name: old, path: old.csv, {common}}}"
    parsed = migration.parse(text, tmp_path / "migration.yaml")
    parsed._root = tmp_path
    return parsed


def test_inventory_counts(project: migration.Migration) -> None:
    shop, old = profile(project)["sources"]
    columns = {column["name"]: column for column in shop["columns"]}
    assert shop["rows"] == 41
    assert shop["unmapped"] == ["лишний"]
    assert shop["key"] == {"columns": ["id"], "missing": 0, "duplicate": 2, "ambiguous": 0}
    assert columns["лишний"]["fill"] == round(1 / 41, 4)
    assert columns["имя"]["scripts"] == {"Cyrl": 40, "Zyyy": 1}
    assert columns["имя"]["placeholders"] == 1
    assert columns["создан"]["dates"][0] == {"format": "%d.%m.%Y", "calendar": "gregorian", "share": 1.0}
    assert shop["sensitive"] == ["имя", "тел", "почта"]
    assert shop["growth"]["months"] == {"2020-01": 14, "2020-02": 13, "2020-03": 13}
    assert shop["growth"]["unread"] == 1
    assert old["fault"] is not None
    assert old["encodings"][0]["encoding"] == "cp1251"


def test_contacts(project: migration.Migration) -> None:
    contacts = profile(project, sources=["shop"])["sources"][0]["contacts"]
    assert contacts["phones"]["valid"] == 40
    assert contacts["phones"]["most_shared"] == 10
    assert contacts["phones"]["shared"] == 1
    assert contacts["emails"]["valid"] == 39
    assert contacts["emails"]["placeholder"] == 1
    assert contacts["emails"]["invalid"] == 1


def test_neither_the_profile_nor_its_page_holds_a_personal_value(project: migration.Migration) -> None:
    found = profile(project)
    for text in (json.dumps(found, ensure_ascii=False), render(found)):
        for value in (*NAMES, "Иванов", "9161234567", "123-45-67", "user1@"):
            assert value not in text


def test_page_is_self_contained_and_escaped(project: migration.Migration, tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text("id;<b>имя\n1;a\n", encoding="utf-8")
    page = render(profile(project))
    assert page.lstrip().startswith("<!doctype html>")
    assert "&lt;b&gt;" in page
    assert "<b>имя" not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("names", "encoding", "expected"),
    [
        (NAMES, "utf-8", "utf-8"),
        (NAMES, "utf-16", "utf-16"),
        (NAMES, "utf-16-le", "utf-16-le"),
        (NAMES, "cp1251", "cp1251"),
        (NAMES, "cp866", "cp866"),
        (NAMES, "koi8-r", "koi8-r"),
        (["Шевченко Тарас", "Їжакевич Олена", "ТОВ «Квітка»"], "cp1251", "cp1251"),
        (PERSIAN, "cp1256", "cp1256"),
        (PERSIAN, "utf-8", "utf-8"),
    ],
)
def test_encoding_proposals(tmp_path: Path, names: list[str], encoding: str, expected: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("".join(f"{n};{name}\n" for n, name in enumerate(names)).encode(encoding, "replace"))
    first, *others = propose_encoding(path)
    assert first.encoding == expected
    assert first.confidence > 0.5
    assert names[0] in first.sample
    assert all(other.confidence < first.confidence for other in others)
    assert first.confidence + sum(other.confidence for other in others) <= 1.001


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Иванов И. 12", "Aaaa AAAA. 99"),
        ("01.02.2020", "99.99.9999"),
        ("علی رضایی", "xxxx xxxx"),
        ("ООО", "AAAA"),
        ("McDonald", "AaaaAaaa"),
        ("user@mail.ru", "aaaa@aaaa.aaaa"),
        (" Анна \u00a0", "␣Aaaa␣␣"),
        ("  ", "␣␣"),
        ("", ""),
    ],
)
def test_masks(value: str, shape: str) -> None:
    assert mask(value) == shape


def test_ambiguous_dates_are_proposed_both_ways() -> None:
    assert [fit["format"] for fit in date_formats({"01.02.2020": 3})] == ["%d.%m.%Y", "%m.%d.%Y"]
    assert [fit["format"] for fit in date_formats({"31.02.2020": 3})] == ["%d.%m.%Y"]
    assert date_formats({"۱۴۰۲/۰۳/۱۵": 1})[0] == {"format": "%Y/%m/%d", "calendar": "jalali", "share": 1.0}
    assert date_formats({"8 916": 1}) == []


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2020-01-31T10:20:30", "%Y-%m-%dT%H:%M:%S"),
        ("2020-01-31 10:20", "%Y-%m-%d %H:%M"),
        ("31.01.2020 10:20:30", "%d.%m.%Y %H:%M:%S"),
        ("2020-01-31 10:20:30.123456", "%Y-%m-%d %H:%M:%S.%f"),
        ("2020-01-31T10:20:30+03:30", "%Y-%m-%dT%H:%M:%S%z"),
        ("31/01/20", "%d/%m/%y"),
        ("20200131", "%Y%m%d"),
        ("31 Jan 2020", "%d %b %Y"),
        ("31-jan-20", "%d-%b-%y"),
    ],
)
def test_proposed_formats_are_read_by_the_pipeline(value: str, form: str) -> None:
    (fit,) = date_formats({value: 1})
    assert fit["format"] == form
    assert dates.read(value, form).value is not None
