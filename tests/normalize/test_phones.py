from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize import lists, phones

#: Convention, cell, country of the source, numbers.
CONVENTIONS = [
    ("trunk 8", "8 916 123-45-67", "RU", "+79161234567"),
    ("country code without plus", "7 (916) 123-45-67", "RU", "+79161234567"),
    ("trunk 8 behind the country code", "+7 8 916 123 45 67", "RU", "+79161234567"),
    ("plus before the trunk 8", "+8 916 123 45 67", "RU", "+79161234567"),
    ("out of Russia by 8-10", "8-10-49-30-123456", "RU", "+4930123456"),
    ("out of Ukraine by 8-10, until 2009", "810 49 30 123456", "UA", "+4930123456"),
    ("out of Russia to Tajikistan", "8 10 992 37 221 12 34", "RU", "+992372211234"),
    ("out of America by 011", "011 98 21 8877 6655", "US", "+982188776655"),
    ("a Russian mobile in a Ukrainian source", "8 916 123 45 67", "UA", "+79161234567"),
    ("a Kazakh mobile in a Russian source", "8 701 123 45 67", "RU", "+77011234567"),
    ("Kazakhstan, trunk 8", "8 (727) 250-12-34", "KZ", "+77272501234"),
    ("Kazakhstan, national", "701 123 45 67", "KZ", "+77011234567"),
    ("Kazakhstan, country code alone", "77011234567", "KZ", "+77011234567"),
    ("Ukraine, trunk 0", "067 123-45-67", "UA", "+380671234567"),
    ("Ukraine, 0 parted", "0-44 234-56-78", "UA", "+380442345678"),
    ("Ukraine, old trunk 8", "8-044-234-56-78", "UA", "+380442345678"),
    ("Ukraine, old trunk 8, mobile", "8 (067) 123-45-67", "UA", "+380671234567"),
    ("Ukraine, 38 without plus", "38(067)123-45-67", "UA", "+380671234567"),
    ("Ukraine, +38 apart from the 0", "+38 067 123 45 67", "RU", "+380671234567"),
    ("Ukraine, lost zero", "671234567", "UA", "+380671234567"),
    ("Belarus, trunk 80", "8 029 123-45-67", "BY", "+375291234567"),
    ("Belarus, Minsk", "8-017-212-34-56", "BY", "+375172123456"),
    ("Iran, trunk 0", "0912 345 6789", "IR", "+989123456789"),
    ("Iran, 0098", "0098 912 345 6789", "IR", "+989123456789"),
    ("Iran, 98", "98 912 345 6789", "IR", "+989123456789"),
    ("Iran, trunk 0 in brackets", "+98 (0) 912 345 6789", "RU", "+989123456789"),
    ("Iran, trunk 0 behind 0098", "0098 0912 345 6789", "IR", "+989123456789"),
    ("Iran, 0 before the country code", "098 912 345 6789", "IR", "+989123456789"),
    ("Iran, plus before the trunk 0", "+0912 345 6789", "IR", "+989123456789"),
    ("Iran, lost zero", "9123456789", "IR", "+989123456789"),
    ("Iran, landline with lost zero", "2188776655", "IR", "+982188776655"),
    ("Iran, area code behind", "88776655-021", "IR", "+982188776655"),
    ("Iran, old code of Isfahan", "0311-2234567", "IR", "+983132234567"),
    ("Russia, old code of Moscow", "8 (095) 123-45-67", "RU", "+74951234567"),
    ("Kazakhstan, old code of Almaty", "8 (3272) 50-12-34", "KZ", "+77272501234"),
    ("Afghanistan, trunk 0", "0700 123 456", "AF", "+93700123456"),
    ("Afghanistan, 0093", "0093 700 123 456", "IR", "+93700123456"),
    ("Tajikistan, national", "93 123 45 67", "TJ", "+992931234567"),
    ("Azerbaijan, trunk 0", "(012) 493 12 34", "AZ", "+994124931234"),
    ("Armenia, trunk 0", "091 123456", "AM", "+37491123456"),
    ("Emirates, trunk 0", "050 123 4567", "AE", "+971501234567"),
    ("Emirates, 00971 with trunk 0", "00971 (0)50 123 4567", "IR", "+971501234567"),
    ("Saudi Arabia, trunk 0", "055 123 4567", "SA", "+966551234567"),
    ("Kuwait, no trunk", "5001 2345", "KW", "+96550012345"),
    ("Turkey, trunk 0", "0 (532) 123 45 67", "TR", "+905321234567"),
    ("Turkey, 90 without plus", "90 532 123 45 67", "TR", "+905321234567"),
    ("Germany, slash after the area code", "030/123456", "DE", "+4930123456"),
    ("Germany, trunk 0 in brackets", "+49 (0) 30 123456", "RU", "+4930123456"),
    ("Austria, direct dial 0", "0043 1 58858-0", "AT", "+431588580"),
    ("Britain, trunk 0 in brackets", "+44 (0)20 7946 0958", "GB", "+442079460958"),
    ("Denmark, a range of lines", "22 33 44 50-52", "DK", "+4522334450 +4522334451 +4522334452"),
    ("America, national", "(212) 555-2368", "US", "+12125552368"),
    ("America, trunk 1", "1-212-555-2368", "US", "+12125552368"),
    ("Canada", "+1 (416) 555-0199", "CA", "+14165550199"),
    ("float of a spreadsheet", "9121234567.0", "IR", "+989121234567"),
    ("exact scientific notation", "9.121234567E+09", "IR", "+989121234567"),
    ("several floats", "9161234567.0; 9161234568.0", "RU", "+79161234567 +79161234568"),
    ("guard against formulas", "=+79161234567", "RU", "+79161234567"),
    ("our own form", "+74951234567;ext=123", "IR", "+74951234567;ext=123"),
    ("extension, Russian", "8 (495) 123-45-67, доб. 12", "RU", "+74951234567;ext=12"),
    ("extension, Russian, inner", "8 (495) 123-45-67 внутр.12", "RU", "+74951234567;ext=12"),
    ("extension in brackets after a name", "(495) 123-45-67 (Анна, доб. 12)", "RU", "+74951234567;ext=12"),
    ("extension, Ukrainian", "044 234-56-78 дод. 12", "UA", "+380442345678;ext=12"),
    ("extension, Persian", "021-88776655 (داخلی 12)", "IR", "+982188776655;ext=12"),
    ("extension before the number", "داخلی 12 - 021-88776655", "IR", "+982188776655;ext=12"),
    ("extension, Arabic", "04 234 5678 تحويلة 12", "AE", "+97142345678;ext=12"),
    ("extension, Turkish", "0212 123 45 67 dahili 12", "TR", "+902121234567;ext=12"),
    ("extension, English", "(212) 555-2368 ext. 12", "US", "+12125552368;ext=12"),
    ("extension, x", "(212) 555-2368 x12", "US", "+12125552368;ext=12"),
    ("extension, #", "8 (495) 123 45 67 #12", "RU", "+74951234567;ext=12"),
    ("extension after a pause", "+74951234567,,12", "RU", "+74951234567;ext=12"),
    ("two extensions", "8-495-123-4567 доб.101, 102", "RU", "+74951234567;ext=101 +74951234567;ext=102"),
    ("a number after the extension", "8 495 123-45-67 доб. 12 8 916 1234568", "RU", "+74951234567;ext=12 +79161234568"),
    ("доп. before a second number", "89161234567 доп. 8 916 123-45-68", "RU", "+79161234567 +79161234568"),
    ("comma", "8 916 1234567, 8 916 1234568", "RU", "+79161234567 +79161234568"),
    ("Persian comma", "09123456789، 09351234567", "IR", "+989123456789 +989351234567"),
    ("semicolon", "8 916 1234567;8 916 1234568", "RU", "+79161234567 +79161234568"),
    ("slash", "8 916 1234567/8 916 1234568", "RU", "+79161234567 +79161234568"),
    ("bar", "8 916 1234567|8 916 1234568", "RU", "+79161234567 +79161234568"),
    ("line", "8 916 1234567\n8 916 1234568", "RU", "+79161234567 +79161234568"),
    ("и", "8 916 1234567 и 8 916 1234568", "RU", "+79161234567 +79161234568"),
    ("або", "067 123 45 67 або 050 123 45 67", "UA", "+380671234567 +380501234567"),
    ("و", "09123456789 و 09351234567", "IR", "+989123456789 +989351234567"),
    ("یا", "09123456789 یا 09351234567", "IR", "+989123456789 +989351234567"),
    ("pluses alone", "+79161234567+79161234568", "RU", "+79161234567 +79161234568"),
    ("blanks alone", "89161234567 89161234568 89161234569", "RU", "+79161234567 +79161234568 +79161234569"),
    ("last digits after a slash", "(495) 223-44-50/51", "RU", "+74952234450 +74952234451"),
    ("last digit after a slash", "021-88776655/6", "IR", "+982188776655 +982188776656"),
    ("last digits after a comma", "(495) 223-44-50, 51", "RU", "+74952234450 +74952234451"),
    ("last digits after و", "021-88776655 و 56", "IR", "+982188776655 +982188776656"),
    ("a range of lines by الی", "021-88776655 الی 57", "IR", "+982188776655 +982188776656 +982188776657"),
    ("area code once", "(495) 223-44-50, 765-43-22", "RU", "+74952234450 +74957654322"),
    ("area code after a slash", "495/223-44-50", "RU", "+74952234450"),
    ("several last digits", "+7 495 1234567 / 68 / 69", "RU", "+74951234567 +74951234568 +74951234569"),
    ("area code in brackets behind", "22334455 (021)", "IR", "+982122334455"),
    ("a list", "1) 8 916 123 45 67 2) 8 916 123 45 68", "RU", "+79161234567 +79161234568"),
    ("a numbered entry", "№1 89161234567", "RU", "+79161234567"),
    ("hours in brackets", "8 (499) 123-45-67 (8-18)", "RU", "+74991234567"),
    ("link to a chat", "https://wa.me/79161234567", "RU", "+79161234567"),
    ("link to a phone", "tel:+7-916-123-45-67", "RU", "+79161234567"),
    ("letters of the keys", "1-800-FLOWERS", "US", "+18003569377"),
    ("letters of the keys, too many", "1-800-CONTACTS", "US", "+18002668228"),
    ("letter O for zero", "8 9О3 123 45 67", "RU", "+79031234567"),
    ("letter O for zero at the end", "8-916-123-45-6О", "RU", "+79161234560"),
]
#: Cell, country of the source, note after phones:invalid.
REASONS = [
    ("+7 916 123", "RU", "too_short"),
    ("223-45-67", "RU", "area_code_missing"),
    ("916123456789", "RU", "wrong_length"),
    ("91612345678", "RU", "wrong_length"),
    ("+98 912 345 67890123", "IR", "too_long"),
    ("+999 123456789", "RU", "unknown_country_code"),
    ("8 299 123 45 67", "RU", "unused_range"),
    ("103", "RU", "too_short"),
    ("+7916***4567", "RU", "masked"),
    ("7916xxx4567", "RU", "masked"),
    ("+7 (___) ___-__-__", "RU", "placeholder"),
    ("+7 (999) 999-99-99", "RU", "placeholder"),
    ("9876543210", "RU", "placeholder"),
    ("0361-2234567", "IR", "unused_range"),
]
#: Cell with one number, what is left as a remark.
REMARKS = [
    ("8 916 123-45-67 моб.", None),
    ("тел/факс: (495) 123-45-67", None),
    ("8(916)1234567(раб)", None),
    ("8 916 123-45-67 после 18", "после 18"),
    ("звонить с 9-00 до 18-00 89161234567", "звонить с 9-00 до 18-00"),
    ("89161234567 18:00", "18:00"),
    ("8 916 123-45-67 только WhatsApp", "только WhatsApp"),
    ("8 916 123-45-67 Иван и Мария", "Иван и Мария"),
    ("8 916 123-45-67 (Иван)", "Иван"),
    ("+7 916 123-45-67 - 2 чел", "2 чел"),
    ("8 916 123-45-67 89", "89"),
    ("(495) 123-45-67, 10", "10"),
    ("+98 912 345 6789 (آقای رضایی)", "آقای رضایی"),
    ("+98 912 345 6789 بعد از ساعت 18", "بعد از ساعت 18"),
]
#: Cell, country of the source, note.
WAYS = [
    ("0311-2234567", "IR", "renumbered"),
    ("8 (095) 123-45-67", "RU", "renumbered"),
    ("(495) 223-44-50, 765-43-22", "RU", "area_code_shared"),
    ("88776655-021", "IR", "area_code_behind"),
    ("021-88776655-6", "IR", "range"),
    ("89161234567 89161234568", "RU", "parted"),
    ("+0912 345 6789", "IR", "plus_removed"),
    ("380501234567", "RU", "country_assumed"),
    ("1-800-FLOWERS", "US", "vanity"),
    ("8-9О3-123-45-67", "RU", "letter_for_digit"),
    ("8-800-555-35-35", "RU", "hotline"),
    ("9121234567.0", "IR", "float_fixed"),
]


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
        ("021-88776655-6", "IR", ("+982188776655", "+982188776656")),
        ("021-88776655-60-1", "IR", ()),
        ("89161234567 01.02.2020", "RU", ()),
        ("123", "RU", ()),
        ("(495) 123-45-67 - 12", "RU", ("+74951234567",)),
        ("(916) 706-79-26 78", "RU", ("+79167067926",)),
        ("992 706-79-26 78", "RU", ("+79927067926",)),
        ("99270679261", "RU", ()),
        ("912 7683513 40", "IR", ("+989127683513",)),
        ("992 37 221 12 34", "RU", ("+992372211234",)),
        ("98 912 345 67 89", "RU", ("+989123456789",)),
        ("7 916 123 45 67", "IR", ("+79161234567",)),
        ("8 916 123 45 67 / 2", "RU", ("+79161234567",)),
        ("(495) 123-45-67, 10", "RU", ("+74951234567",)),
        ("0000000", "RU", ()),
    ],
)
def test_numbers(cell: str, country: str, numbers: tuple[str, ...]) -> None:
    assert phones.read(cell, country).value == numbers


@pytest.mark.parametrize("cell", ["9.16123E+09", "9,16123E+09", "9.12345E+09; 89161234567", "+9.89E+11", "9.1E9"])
def test_lost_digits_are_an_error(cell: str) -> None:
    assert phones.read(cell, "RU").error == "digits_lost"


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
    assert note in phones.read(cell, country, restore_zero=True).notes


@pytest.mark.parametrize(("convention", "cell", "country", "numbers"), CONVENTIONS)
def test_conventions(convention: str, cell: str, country: str, numbers: str) -> None:
    assert phones.read(cell, country).value == tuple(numbers.split()), convention


@pytest.mark.parametrize(("cell", "country", "reason"), REASONS)
def test_what_is_no_number_keeps_its_reason(cell: str, country: str, reason: str) -> None:
    reading = phones.read(cell, country)
    assert reading.value == ()
    assert f"phones:{reason}" in reading.notes


@pytest.mark.parametrize(("cell", "rest"), REMARKS)
def test_remarks(cell: str, rest: str | None) -> None:
    reading = phones.read(cell, "RU")
    assert reading.rest == rest
    assert len(reading.value) == 1


@pytest.mark.parametrize(("cell", "country", "note"), WAYS)
def test_what_was_supposed_is_noted(cell: str, country: str, note: str) -> None:
    reading = phones.read(cell, country)
    assert reading.value
    assert f"phones:{note}" in reading.notes


@pytest.mark.parametrize(
    ("number", "country", "kind", "shared"),
    [
        ("+79161234567", "RU", "mobile", False),
        ("+77011234567", "KZ", "mobile", False),
        ("+77272501234", "KZ", "landline", False),
        ("+74951234567", "RU", "landline", False),
        ("+74951234567;ext=12", "RU", "landline", True),
        ("+78005553535", "RU", "toll_free", True),
        ("+982188776655", "IR", "landline", False),
        ("+989123456789", "IR", "mobile", False),
        ("+380671234567", "UA", "mobile", False),
        ("+380800500500", "UA", "toll_free", True),
        ("+375291234567", "BY", "mobile", False),
        ("+18005551234", "US", "toll_free", True),
        ("+12125552368", "US", "landline_or_mobile", False),
        ("+80012345678", None, "toll_free", True),
        ("no number", None, "unknown", False),
    ],
)
def test_lines(number: str, country: str | None, kind: str, shared: bool) -> None:
    line = phones.line(number)
    assert (line.country, line.kind, line.shared) == (country, kind, shared)


def test_the_examples_of_the_renumbering_rules_hold() -> None:
    for rule in lists.load("phones/renumbered.yml"):
        for cell, number in rule["examples"].items():
            assert phones.read(cell, rule["lands"][0]).value == (number,), rule["name"]


@pytest.mark.parametrize("digits", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
@pytest.mark.parametrize(("convention", "cell", "country", "numbers"), CONVENTIONS)
def test_digits_of_other_scripts(digits: str, convention: str, cell: str, country: str, numbers: str) -> None:
    if "8w10" not in cell:
        written = cell.translate({ord(str(place)): digit for place, digit in enumerate(digits)})
        assert phones.read(written, country).value == tuple(numbers.split()), convention


def test_a_long_run_of_digits_and_blanks_is_read_quickly() -> None:
    assert phones.read("8 9 " * 450, "RU").value == ()


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


PIECES = [
    "8 916 123-45-67",
    "доб. 12",
    "021-88776655",
    "/",
    ",",
    "-",
    "6",
    "و",
    "до 18",
    "(",
    ")",
    "х",
    "7.9E+9",
    "***",
    "+",
]


@given(st.lists(st.sampled_from(PIECES), max_size=7).map(" ".join), st.sampled_from(["RU", "IR", "UA", "US", "ZZ"]))
def test_what_was_read_is_read_again(cell: str, country: str) -> None:
    reading = phones.read(cell, country)
    for number in reading.value or ():
        assert phones.read(number, country).value == (number,)


@given(st.from_regex(r"\+79[0-9]{9}", fullmatch=True))
def test_canonical_numbers_stay(number: str) -> None:
    assert phones.read(number, "IR").value in ((number,), ())
