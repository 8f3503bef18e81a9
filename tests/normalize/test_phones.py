from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize import phones


@pytest.mark.parametrize(
    ("cell", "country", "numbers"),
    [
        ("8 (495) 123-45-67 доб. 123", "RU", ("+74951234567;ext=123",)),
        ("+7 916 123 45 67, вн. 5", "RU", ("+79161234567;ext=5",)),
        ("89161234567", "RU", ("+79161234567",)),
        ("9161234567", "RU", ("+79161234567",)),
        ("+7 916 123-45-67, 8 916 1234568", "RU", ("+79161234567", "+79161234568")),
        ("89161234567 и 89161234567", "RU", ("+79161234567",)),
        ("89161234567\n89161234568", "RU", ("+79161234567", "+79161234568")),
        ("'+380501234567", "RU", ("+380501234567",)),
        ("380501234567", "RU", ("+380501234567",)),
        ("0501234567", "UA", ("+380501234567",)),
        ("۰۹۱۲۳۴۵۶۷۸۹", "IR", ("+989123456789",)),
        ("00989123456789", "IR", ("+989123456789",)),
        ("02188776655 داخلی 12", "IR", ("+982188776655;ext=12",)),
        ("9161234567.0", "RU", ("+79161234567",)),
        ("9.161234567E+09", "RU", ("+79161234567",)),
        ("+49 30 123456", "RU", ("+4930123456",)),
        ("8~10~49 30 123456", "RU", ("+4930123456",)),
        ("8w10 49 30 123456", "RU", ("+4930123456",)),
        ("80671234567", "UA", ("+380671234567",)),
        ("8 (044) 234-56-78", "UA", ("+380442345678",)),
        ("8 93 123 4567", "TJ", ("+992931234567",)),
        ("0912-3456789 - 0935-1234567", "IR", ("+989123456789", "+989351234567")),
        ("09123456789-09351234567", "IR", ("+989123456789", "+989351234567")),
        ("8 916 123 45 67 8 495 123 45 68", "RU", ("+79161234567", "+74951234568")),
        ("021-88776655-6", "IR", ("+982188776655",)),
        ("021-88776655-60-1", "IR", ()),
        ("89161234567 01.02.2020", "RU", ()),
        ("123", "RU", ()),
        ("0000000", "RU", ()),
    ],
)
def test_numbers(cell: str, country: str, numbers: tuple[str, ...]) -> None:
    assert phones.read(cell, country).value == numbers


def test_lost_digits_are_an_error() -> None:
    assert phones.read("9.16123E+09", "RU").error == "digits_lost"


def test_rest_stays_as_comment() -> None:
    reading = phones.read("тел. 8 916 123-45-67 звонить после 6", "RU")
    assert reading.rest == "звонить после 6"


@pytest.mark.parametrize(
    ("cell", "country", "note"),
    [
        ("501234567", "UA", "phones:zero_restored"),
        ("9123456789", "IR", "phones:zero_restored"),
        ("12345678", "IR", "phones:placeholder"),
        ("+7 999", "RU", "phones:invalid"),
        ("111111111", "RU", "phones:placeholder"),
        ("нет", "RU", "phones:placeholder"),
    ],
)
def test_notes(cell: str, country: str, note: str) -> None:
    assert phones.read(cell, country, restore_zero=True).notes in ((note,), ())
    if note != "phones:invalid":
        assert note in phones.read(cell, country, restore_zero=True).notes


def test_the_short_way_says_what_the_library_says() -> None:
    chance = random.Random(7)
    for _ in range(1500):
        country = chance.choice(["RU", "UA", "IR", "KZ", "BY"])
        start = chance.choice(["+7", "+79", "+380", "+98", "8", "89", "7", "0", "09", "05", "", "+375", "00"])
        figures = start + "".join(chance.choices("0123456789", k=chance.choice([8, 9, 10, 11])))
        assert phones.valid(figures, country) == phones.plain_valid(figures, country)


@given(st.text())
def test_total(cell: str) -> None:
    reading = phones.read(cell, "RU", restore_zero=True)
    assert reading.error is not None or all(number.startswith("+") for number in reading.value)


@given(st.from_regex(r"\+79[0-9]{9}", fullmatch=True))
def test_canonical_numbers_stay(number: str) -> None:
    assert phones.read(number, "IR").value in ((number,), ())
