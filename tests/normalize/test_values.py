"""Dates, amounts, e-mails, identifiers and closed words: one table a kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize import addresses, amounts, dates, emails, identifiers, words
from crm_etl.normalize.reading import Reading


@pytest.mark.parametrize(
    ("cell", "form", "calendar", "value"),
    [
        ("21.03.1984", "%d.%m.%Y", "gregorian", "1984-03-21"),
        ("03/21/84", "%m/%d/%y", "gregorian", "1984-03-21"),
        ("1984-03-21 10:20", "%Y-%m-%d %H:%M", "gregorian", "1984-03-21T10:20:00"),
        ("۲۱.۰۳.۱۹۸۴", "%d.%m.%Y", "gregorian", "1984-03-21"),
        ("1402/03/15", "%Y/%m/%d", "jalali", "2023-06-05"),
        ("1403/12/30", "%Y/%m/%d", "jalali", "2025-03-20"),
        ("00/2/1", "%y/%m/%d", "jalali", "2021-04-21"),
        ("62/12/1", "%y/%m/%d", "jalali", "1984-02-20"),
        ("31.02.1984", "%d.%m.%Y", "gregorian", None),
        ("21.03.84", "%d.%m.%Y", "gregorian", None),
        ("1984-03-21", "%d.%m.%Y", "gregorian", None),
        ("1402-03-15", "%Y-%m-%d", "gregorian", None),
        ("1402/12/30", "%Y/%m/%d", "jalali", None),
        ("1984/03/21", "%Y/%m/%d", "jalali", None),
        ("10:20", "%Y-%m-%d", "gregorian", None),
        ("99.99.9999", "%d.%m.%Y", "gregorian", None),
    ],
)
def test_dates(cell: str, form: str, calendar: str, value: str | None) -> None:
    reading = dates.read(cell, form, calendar)  # type: ignore[arg-type]
    assert (reading.value, reading.error) == (value, None if value else "bad_date")


@pytest.mark.parametrize(
    ("cell", "form", "calendar", "value", "day"),
    [
        ("1984-03-21", "%d.%m.%Y", "gregorian", "1984-03-21", "1984-03-21"),
        ("1984-03-21", "%Y/%m/%d", "jalali", "1984-03-21", "1984-03-21"),
        ("1984-03-21T00:00:00", "%d.%m.%Y", "gregorian", "1984-03-21", "1984-03-21"),
        ("1984-03-21T10:20:30", "%d.%m.%Y", "gregorian", "1984-03-21T10:20:30", "1984-03-21"),
        ("1984-03-21", "%d.%m.%Y %H:%M", "gregorian", "1984-03-21T00:00:00", "1984-03-21"),
        ("1984-03-21T01:00:00+03:00", "%d.%m.%Y", "gregorian", "1984-03-20T22:00:00", "1984-03-21"),
        ("1984-03-21T10:20:30.000001", "%d.%m.%Y", "gregorian", "1984-03-21T10:20:30", "1984-03-21"),
        ("21.03.1984", "%d.%m.%Y", "gregorian", "1984-03-21", "1984-03-21"),
        ("1402-03-15", "%d.%m.%Y", "gregorian", None, None),
        ("1984-02-30", "%d.%m.%Y", "gregorian", None, None),
        ("1984-3-21", "%d.%m.%Y", "gregorian", None, None),
        ("1984-03-21 10:20:30", "%d.%m.%Y", "gregorian", None, None),
        ("19840321", "%d.%m.%Y", "gregorian", None, None),
        ("1984-W12-3", "%d.%m.%Y", "gregorian", None, None),
    ],
)
def test_typed_dates_beside_a_declared_format(
    cell: str, form: str, calendar: str, value: str | None, day: str | None
) -> None:
    assert dates.read(cell, form, calendar, typed=True).value == value  # type: ignore[arg-type]
    assert dates.read_day(cell, form, calendar, typed=True).value == day  # type: ignore[arg-type]
    if cell != "21.03.1984":
        assert dates.read(cell, form, calendar).error == "bad_date"  # type: ignore[arg-type]


def test_an_offset_is_turned_into_utc_and_leaves_days_alone() -> None:
    form = "%Y-%m-%d %H:%M%z"
    assert dates.read("1984-03-21 01:00+0300", form).value == "1984-03-20T22:00:00"
    assert dates.read_day("1984-03-21 01:00+0300", form).value == "1984-03-21"


@pytest.mark.parametrize(("cell", "value"), [("20200111", "2020-01-11"), ("2020111", None), ("202011", None)])
def test_digits_that_nothing_parts_must_be_complete(cell: str, value: str | None) -> None:
    assert dates.read(cell, "%Y%m%d").value == value


def test_a_day_has_no_time() -> None:
    assert dates.read_day("1984-03-21T00:00:00", "%Y-%m-%dT%H:%M:%S").value == "1984-03-21"


@given(st.dates(date(1700, 1, 1), date(2199, 12, 31)))
def test_every_date_comes_back(day: date) -> None:
    assert dates.read(day.strftime("%d.%m.%Y"), "%d.%m.%Y").value == day.isoformat()


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1 234,56", ",", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1,234.50", ".", "1234.50"),
        ("-0,10", ",", "-0.10"),
        ("−5", ".", "-5"),
        ("1'234'567", ".", "1234567"),
        ("۱۲۳۴۵٫۵", ".", "12345.5"),
        ("68.66499999999999", ".", "68.66499999999999"),
        ("-0", ".", "0"),
        ("007", ".", "7"),
        ("(100)", ".", None),
        ("12%", ".", None),
        ("98 M", ".", None),
        ("1,2,3", ".", None),
        ("6.8E+3", ".", None),
        ("12 34", ".", None),
    ],
)
def test_amounts(cell: str, decimal: str, value: str | None) -> None:
    reading = amounts.read(cell, decimal)
    assert (reading.value, reading.error) == (value, None if value else "bad_amount")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", "1234.5"),
        ("-0.25", "-0.25"),
        ("1234", "1234"),
        ("1 234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1234,567", "1234.567"),
        ("12.345", None),
        ("-1.234", None),
        ("1.234.567", "1234567"),
    ],
)
def test_typed_numbers_beside_a_decimal_comma(cell: str, value: str | None) -> None:
    assert amounts.read(cell, ",", typed=True).value == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_amounts_are_exact(amount: Decimal) -> None:
    read = amounts.read(f"{amount:,.2f}".replace(",", " "), ".").value
    assert Decimal(read) == amount


@pytest.mark.parametrize(
    ("cell", "code"),
    [("₽", "RUB"), ("руб.", "RUB"), ("usd", "USD"), ("грн", "UAH"), ("ریال", "IRR"), ("تومان", "IRT"), ("$", "USD")],
)
def test_currencies(cell: str, code: str) -> None:
    assert amounts.currency(cell).value == code


def test_words_beside_an_address_stay_as_they_are() -> None:
    assert emails.read("Звонить Ивану: MAILTO:Ivan@Mail.ru").rest == "Звонить Ивану"
    assert emails.read("Звонить Ивану: Ivan@Mail.ru").value == ("ivan@mail.ru",)


@pytest.mark.parametrize(
    ("cell", "value", "notes"),
    [
        ("Ivan@Mail.RU", ("ivan@mail.ru",), ()),
        ("a.b@x.ru, c@y.com", ("a.b@x.ru", "c@y.com"), ()),
        ("<mailto:a@b.ru>", ("a@b.ru",), ()),
        ("a@b.ru; A@B.RU", ("a@b.ru",), ()),
        ("test@test", (), ("emails:placeholder",)),
        ("нет", (), ("emails:placeholder",)),
        ("a@b", (), ("emails:invalid",)),
        ("a b c", (), ("emails:invalid",)),
        ("info@почта.рф", ("info@почта.рф",), ("emails:role",)),
    ],
)
def test_emails(cell: str, value: tuple[str, ...], notes: tuple[str, ...]) -> None:
    reading = emails.read(cell)
    assert (reading.value, reading.notes) == (value, notes)


@pytest.mark.parametrize(
    ("kind", "cell", "good"),
    [
        ("ru_inn", "7707083893", True),
        ("ru_inn", "7707083894", False),
        ("ru_kpp", "773601001", True),
        ("ru_ogrn", "1027700132195", True),
        ("ru_ogrn", "1027700132196", False),
        ("ru_snils", "112-233-445 95", True),
        ("ru_snils", "112-233-445 96", False),
        ("ua_edrpou", "32855961", True),
        ("ua_edrpou", "32855968", False),
        ("ua_rnokpp", "1759013776", True),
        ("ua_rnokpp", "1759013770", False),
        ("ir_national_id", "0499370899", True),
        ("ir_national_id", "0499370898", False),
        ("ir_national_id", "۰۴۹۹۳۷۰۸۹۹", True),
        ("ir_company_id", "14007650912", True),
        ("ir_company_id", "14007650913", False),
        ("kz_bin", "980540000397", True),
        ("kz_bin", "980540000398", False),
        ("eu_vat", "DE136695976", True),
        ("passport", "4509 123456", True),
        ("other", "A-17", True),
    ],
)
def test_identifiers(kind: str, cell: str, good: bool) -> None:
    reading = identifiers.read(cell, kind)
    assert bool(reading.value) is good
    assert reading.notes == (() if good else ("identifiers:bad_check",))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("7", "7"),
        ("22", "22"),
        ("12-3", "12-3"),
        ("1-23", "1-23"),
        ("1e5", "1E5"),
        ("a 1", "A1"),
        ("۱۲", "12"),
        ("000", None),
        ("-/-", None),
    ],
)
def test_identifiers_of_other_kinds_keep_what_tells_them_apart(cell: str, value: str | None) -> None:
    assert identifiers.read(cell, "other").value == (() if value is None else (f"other:{value}",))
    assert identifiers.read("1,23E+05", "other").error == "digits_lost"


def test_identifiers_from_spreadsheets() -> None:
    assert identifiers.read("7707083893.0", "ru_inn").value == ("ru_inn:7707083893",)
    assert identifiers.read("7.70708E+09", "ru_inn").error == "digits_lost"
    assert identifiers.read("499370899", "ir_national_id").value == ()
    assert identifiers.read("499370899", "ir_national_id", restore_zero=True).value == ("ir_national_id:0499370899",)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Да", "yes"),
        ("1", "yes"),
        ("истина", "yes"),
        ("так", "yes"),
        ("بله", "yes"),
        ("NO", "no"),
        ("خیر", "no"),
        ("ні", "no"),
    ],
)
def test_booleans(cell: str, value: str) -> None:
    assert words.read_bool(cell, {}).value == value


def test_a_map_goes_before_the_known_words() -> None:
    assert words.read_bool("0", {"0": "да"}).value == "yes"
    assert words.read_enum(" VIP ", words.folded({"vip": "active"}), ("active",)).value == "active"


READERS: list[Callable[[str], Reading]] = [
    lambda cell: dates.read(cell, "%d.%m.%Y"),
    lambda cell: dates.read(cell, "%Y/%m/%d", "jalali"),
    amounts.read,
    amounts.currency,
    emails.read,
    addresses.country,
    *[lambda cell, kind=kind: identifiers.read(cell, kind, True) for kind in identifiers.checks()],
]


@given(st.text(max_size=30))
def test_readers_are_total(cell: str) -> None:
    for reader in READERS:
        assert isinstance(reader(cell), Reading)
    assert addresses.parse(cell, "RU").country is not None
    assert addresses.street(cell) is None or addresses.street(cell)


def test_every_note_is_explained() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/reference/values.md").read_text("utf-8")
    code = "".join(
        path.read_text("utf-8")
        for field in ("phones", "emails", "identifiers")
        for path in sorted((root / "crm_etl/normalize" / field).glob("*.py"))
    )
    notes = set(re.findall(r'"((?:phones|emails|identifiers):[a-z_]+)"', code))
    assert len(notes) > 15
    assert sorted(note for note in notes if f"`{note}`" not in page) == []
