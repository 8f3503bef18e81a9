"""E-mail cells: what is repaired and noted, what is refused, which addresses are one mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize import emails


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("ivаn@mail.ru", "ivan@mail.ru"),
        ("ivan@mаil.ru", "ivan@mail.ru"),
        ("ivan@gmail.сом", "ivan@gmail.com"),
        ("ivan@mail.ру", "ivan@mail.ru"),
        ("МАХ@mail.ru", "max@mail.ru"),
        ("ivan@еее.ru", "ivan@eee.ru"),
    ],
)
def test_letters_that_look_latin_are_repaired(cell: str, address: str) -> None:
    reading = emails.read(cell, homoglyphs=True)
    assert reading.value == (address,)
    assert emails.read(cell).error == "email_homoglyph"
    assert "emails:homoglyph_repaired" in reading.notes


@pytest.mark.parametrize(
    "cell", ["иван@mail.ru", "иvan@mail.ru", "ivan@mайl.ru", "علیرضا@gmail.com", "a@фирма.ru", "straße@firma.de"]
)
def test_other_letters_are_refused(cell: str) -> None:
    assert emails.read(cell).error == "email_homoglyph"


@pytest.mark.parametrize("address", ["иван@почта.рф", "ivan@почта.рф", "ivan@фирма.com", "ivan@müller.de"])
def test_international_addresses_in_one_script_are_sound(address: str) -> None:
    reading = emails.read(address)
    assert (reading.value, reading.notes) == ((address,), ())


def test_a_domain_in_ascii_encoding_is_the_same_domain() -> None:
    assert emails.read("ivan@xn--80a1acny.xn--p1ai").value == emails.read("ivan@почта.рф").value


@pytest.mark.parametrize(
    "cell",
    [
        "ivan собака mail точка ru",
        "ivan (собака) mail.ru",
        "ivan равлик mail крапка ru",
        "ivan(at)mail.ru",
        "ivan [at] mail [dot] ru",
        "ivan at mail dot ru",
        "ivan@@mail.ru",
        "ivan@mail,ru",
        "ivan@mail. ru",
        "ivan@mail..ru",
    ],
)
def test_what_can_be_meant_in_one_way_is_repaired(cell: str) -> None:
    reading = emails.read(cell)
    assert (reading.value, reading.notes) == (("ivan@mail.ru",), ("emails:repaired",))


@pytest.mark.parametrize(
    ("cell", "addresses", "rest"),
    [
        ("ivan @ mail.ru", "ivan@mail.ru", None),
        ("MAILTO:Ivan@Mail.ru?subject=Привет", "ivan@mail.ru", None),
        ("Иван Петров <ivan@mail.ru>", "ivan@mail.ru", "Иван Петров"),
        ("почта:ivan@mail.ru", "ivan@mail.ru", "почта"),
        ("«ivan@mail.ru».", "ivan@mail.ru", None),
        ("ivan@mail.ru, (личная)", "ivan@mail.ru", "личная"),
        ("ivan@mail.ru; petr@mail.ru,", "ivan@mail.ru petr@mail.ru", None),
        ("ivan@mail.ru / petr@mail.ru", "ivan@mail.ru petr@mail.ru", None),
        ("ivan@mail.ru petr@mail.ru", "ivan@mail.ru petr@mail.ru", None),
        ("ivan@mail.ru\npetr@mail.ru", "ivan@mail.ru petr@mail.ru", None),
        ("ivan@mail.ru, tel 89161234567", "ivan@mail.ru", "tel 89161234567"),
        ("ivan@mail.ru, no", "ivan@mail.ru", "no"),
        ("ivan@mail.com, me", "ivan@mail.com", "me"),
        ("ivan@mail.ru,info", "ivan@mail.ru", "info"),
        ("ivan@mail.com. In Moscow", "ivan@mail.com", "In Moscow"),
        ("ivan@mail.ru!", "ivan@mail.ru", None),
        ("ivan@mail.ru?", "ivan@mail.ru", None),
        ("İvan@mail.ru", "ivan@mail.ru", None),
        ("IVAN@STRAßE.de", "ivan@straße.de", None),
        ("ivan@mail.ru,com@mail.ru", "ivan@mail.ru com@mail.ru", None),
        ("ali۱۲@gmail.com", "ali12@gmail.com", None),
        ("ivan＠mail.ru", "ivan@mail.ru", None),
        ("\u200fali@gmail.com\u200e", "ali@gmail.com", None),
        ("нет почты, собака съела", "", None),
    ],
)
def test_cells(cell: str, addresses: str, rest: str | None) -> None:
    reading = emails.read(cell)
    assert (reading.value, reading.rest) == (tuple(addresses.split()), rest)


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("info@firma.ru", "role"),
        ("sales-2@firma.ru", "role"),
        ("zakaz@firma.ru", "role"),
        ("ivan@gmial.com", "domain_typo"),
        ("ivan@gmail.con", "domain_typo"),
        ("ivan@yandex.rru", "domain_typo"),
        ("ivan@hotmial.com", "domain_typo"),
    ],
)
def test_doubts_are_noted_and_nothing_is_changed(cell: str, note: str) -> None:
    reading = emails.read(cell)
    assert (reading.value, reading.notes) == ((cell,), (f"emails:{note}",))


@pytest.mark.parametrize("domain", ["gmail.com", "mail.com", "mail.ua", "hotmail.de", "yandex.uz", "company.com"])
def test_honest_domains_are_no_slips(domain: str) -> None:
    assert not emails.is_slip(domain)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("john.doe+shop@googlemail.com", "johndoe@gmail.com", True),
        ("ivan-petrov@ya.ru", "ivan.petrov@yandex.com", True),
        ("a.b@protonmail.com", "ab@pm.me", True),
        ("ivan@me.com", "ivan@icloud.com", True),
        ("john.doe@mail.ru", "johndoe@mail.ru", False),
        ("ivan@mail.ru", "ivan@bk.ru", False),
        ("johndoe@gmail.com", "johndoe2@gmail.com", False),
        ("+@gmail.com", "@gmail.com", False),
    ],
)
def test_addresses_of_one_mailbox(left: str, right: str, same: bool) -> None:
    assert (emails.key(left) == emails.key(right)) is same


PIECES = st.sampled_from(
    ["ivan", "@", ".", ",", " ", "ru", "mail", "собака", "(at)", "иван", "а", "+", "рф", "mailto:"]
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_was_read_is_read_again(cell: str) -> None:
    for address in emails.read(cell).value or ():
        assert emails.read(address).value == (address,)
        assert emails.key(emails.key(address)) == emails.key(address)
