"""Column names in four languages and many manners, and what they are taken for."""

from __future__ import annotations

import pytest

from crm_etl.profile.column_words import document
from crm_etl.profile.headers import entities_of, fields_of, words_of


def best(name: str) -> str | None:
    found = fields_of(name)
    return max(found, key=lambda field: found[field]) if found else None


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("tel_mob", "phones"),
        ("fio", "name"),
        ("Ф.И.О.", "name"),
        ("familiya", "family"),
        ("Фамилия", "family"),
        ("nomer_telefona", "phones"),
        ("shomare_tamas", "phones"),
        ("شماره تماس", "phones"),
        ("Телефон / Рабочий", "phones"),
        ("phone2", "phones"),
        ("PHONE_NUMBER_1", "phones"),
        ("dateOfBirth", "birth_date"),
        ("DateOfBirth", "birth_date"),
        ("date_of_birth", "birth_date"),
        ("Дата рождения (дд.мм.гггг)", "birth_date"),
        ("تاریخ تولد", "birth_date"),
        ("Дата народження", "birth_date"),
        ("E-Mail", "emails"),
        ("Ел. пошта", "emails"),
        ("پست الکترونیکی", "emails"),
        ("Місто", "city"),
        ("misto", "city"),
        ("CITYNAME", "city"),
        ("Прізвище", "family"),
        ("По батькові", "patronymic"),
        ("کد پستی", "postal_code"),
        ("Почтовый индекс", "postal_code"),
        ("poshtovyi_indeks", "postal_code"),
        ("ДатаИзменения", "updated_at"),
        ("Last modified", "updated_at"),
        ("СНИЛС", "identifiers.ru_snils"),
        ("Сегмент", "segment"),
        ("Валюта", "currency"),
        ("Фамилиа", "family"),
    ],
)
def test_names_are_understood(name: str, field: str) -> None:
    assert best(name) == field


@pytest.mark.parametrize("name", ["", "  ", "c1", "Поле17", "xyzzy", "???", "12", "столбец", "قرمز"])
def test_what_means_nothing_is_taken_for_nothing(name: str) -> None:
    assert max(fields_of(name).values(), default=0) < 0.6


def test_glued_words_are_parted() -> None:
    assert [word.text for word in words_of("CUSTNAM")] == ["cust", "nam"]
    assert [word.text for word in words_of("birthDate")] == ["birth", "date"]
    assert [word.text for word in words_of("ДатаСоздания")] == ["дата", "создания"]


def test_what_stands_in_brackets_says_less() -> None:
    whole, aside = fields_of("телефон"), fields_of("контакт (телефон)")
    assert aside["phones"] < whole["phones"] == 1


def test_tables_are_understood() -> None:
    assert "transaction" in entities_of("shop_sales")
    assert "client" in entities_of("مشتریان")
    assert "interaction" in entities_of("Звонки")
    assert entities_of("xyz") == {}


def test_patterns_use_meanings_that_there_are() -> None:
    known = document()["meanings"]
    used = {
        word for patterns in document()["fields"].values() for one in patterns for word in one if isinstance(word, str)
    }
    assert used <= set(known)


def test_the_last_level_of_a_composed_name_says_what_it_says_alone() -> None:
    alone, composed = fields_of("Паспорт"), fields_of("Документы / Паспорт")
    assert composed["identifiers.passport"] >= 0.95 * alone["identifiers.passport"]
    assert fields_of("Контакты / Почта")["emails"] >= 0.9 * fields_of("Почта")["emails"]
