"""What cells are taken for without a name."""

from __future__ import annotations

import pytest

from crm_etl.profile.closed_lists import enum_value
from crm_etl.profile.content import Seen, look
from crm_etl.profile.store import Facts
from crm_etl.profile.verdicts import fits, tells


def seen(*cells: str, rows: int | None = None) -> Seen:
    values = {cell: float(cells.count(cell)) for cell in dict.fromkeys(cells)}
    return look(Facts(len(cells), len(values), {}, 0, values), rows or len(cells))


def test_phones_are_found_in_the_country_whose_habits_fit() -> None:
    russian = seen("8 (916) 123-45-67", "+7 903 555 12 34", "89035551235")
    ukrainian = seen("067 123 45 67", "(044) 234-56-78", "0501234567", "0631234567", "0971234567")
    iranian = seen("۰۹۱۲۳۴۵۶۷۸۹", "0912 345 6780", "02188776655", "09351234567", "09131234567")
    assert russian.share("phone") == 1
    assert (russian.country, ukrainian.country, iranian.country) == ("RU", "UA", "IR")
    assert tells("phones", "phone", russian) > 0.8


def test_phones_of_other_countries_are_tried_where_the_usual_do_not_fit() -> None:
    american = seen("(212) 736-5000", "(415) 863-2671", "212-736-5001", "(202) 456-1111", "415 863 2672")
    assert american.country == "US"
    assert american.share("phone") > 0.5


def test_a_column_called_phone_may_hold_numbers_that_nobody_can_read() -> None:
    inner = seen("1234567", "2345678", "3456789", "4567890")
    assert 0.3 < fits("phones", "phone", inner) < 0.7


def test_check_digits_tell_identifiers_from_numbers() -> None:
    inn = seen("7707083893", "7728168971", "500100732259", "7736050003")
    numbers = seen("1234567890", "2345678901", "3456789012", "4567890123")
    assert inn.share("id.ru_inn") == 1
    assert tells("identifiers.ru_inn", "identifier", inn) > 0.7
    assert fits("identifiers.ru_inn", "identifier", numbers) < 0.1


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (("Иван", "Анна", "Сергей", "Ольга"), "given"),
        (("علی", "فاطمه", "محمد"), "given"),
        (("Иванов", "Петрова", "Ковальчук"), "family"),
        (("Иванович", "Сергеевна", "Петрович"), "patronymic"),
        (("Иванов Иван Иванович", "Петрова Анна", "Ковальчук Олена"), "person"),
        (("Орлов Д.", "Белова А.", "Коваль Т."), "initials"),
        (("ООО «Ромашка»", "ТОВ Квітка", "شرکت پارس گستر"), "organization"),
    ],
)
def test_names_of_people_and_firms_are_told_apart(cells: tuple[str, ...], role: str) -> None:
    found = seen(*cells)
    assert found.share(role) > 0.6
    others = {"given", "family", "patronymic", "organization"} - {role}
    assert max(found.share(other) for other in others) <= 0.5


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("kind", "Юр. лицо", "organization"),
        ("kind", "ФИЗЛИЦО", "person"),
        ("kind", "حقوقی", "organization"),
        ("kind", "Юридична особа", "organization"),
        ("sex", "Ж", "f"),
        ("sex", "чоловіча", "m"),
        ("status", "Активный клиент", "active"),
        ("status", "غیرفعال", "former"),
        ("channel", "Входящий звонок", "phone"),
        ("direction", "Исходящий", "out"),
        ("type", "Возврат от покупателя", "refund"),
        ("stage", "Closed Won", "won"),
        ("status", "На паузе", None),
        ("sex", "xyz", None),
    ],
)
def test_words_of_closed_lists(name: str, cell: str, value: str | None) -> None:
    assert enum_value(name, cell) == value


def test_dates_of_birth_are_old_and_others_are_not() -> None:
    births = seen("01.02.1970", "15.07.1985", "30.12.1990")
    created = seen("01.02.2020", "15.07.2021", "30.12.2023")
    assert tells("birth_date", "date", births) > 0.5 > tells("birth_date", "date", created)
    assert tells("created_at", "date", created) > tells("created_at", "date", births)


def test_what_cannot_be_is_out() -> None:
    words = seen("красный", "зелёный", "синий")
    for name, kind in (("birth_date", "date"), ("phones", "phone"), ("emails", "email"), ("balance", "money")):
        assert fits(name, kind, words) == 0
    assert fits("birth_date", "date", seen()) > 0.5


def test_answers_and_currencies_are_known() -> None:
    assert seen("да", "нет", "да").share("bool") == 1
    assert seen("руб.", "USD", "грн").share("currency") == 1
    assert seen("Россия", "Украина", "ایران").share("country") == 1
