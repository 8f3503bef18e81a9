from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize.names import Hints, keys, parse, romanize

PERSON = Hints(kind="person")


@pytest.mark.parametrize(
    ("text", "given", "patronymic", "family"),
    [
        ("Иванов Иван Иванович", "Иван", "Иванович", "Иванов"),
        ("Иван Иванович Иванов", "Иван", "Иванович", "Иванов"),
        ("ИВАНОВ Иван", "Иван", None, "Иванов"),
        ("Руслан Михайлович ДУБОВСКИЙ", "Руслан", "Михайлович", "Дубовский"),
        ("Иванов, Иван Иванович", "Иван", "Иванович", "Иванов"),
        ("Иванов И.И.", "И.", "И.", "Иванов"),
        ("И. И. Иванов", "И.", "И.", "Иванов"),
        ("Иван Петрович", "Иван", "Петрович", None),
        ("Роман Абрамович", "Роман", None, "Абрамович"),
        ("Абрамович Роман Аркадьевич", "Роман", "Аркадьевич", "Абрамович"),
        ("Алиев Али Вели оглы", "Али", "Вели оглы", "Алиев"),
        ("Петров Водкин Кузьма Сергеевич", "Кузьма", "Сергеевич", "Петров Водкин"),
        ("Шевченко Александра Олександривна", "Александра", "Олександривна", "Шевченко"),
        ("Шевченко Мария Григоривна", "Мария", "Григоривна", "Шевченко"),
        ("Коваль Олександривна Марія", "Марія", "Олександривна", "Коваль"),
        ("Shevchenko Mariia Oleksandryvna", "Mariia", "Oleksandryvna", "Shevchenko"),
        ("г-жа Анна Петрова", "Анна", None, "Петрова"),
        ("Ковальська Олена Петрівна", "Олена", "Петрівна", "Ковальська"),
        ("Олександр Шевченко", "Олександр", None, "Шевченко"),
        ("Шевченко Тарас", "Тарас", None, "Шевченко"),
        ("محمدرضا حسینی", "محمدرضا", None, "حسینی"),
        ("محمد رضا حسینی", "محمد رضا", None, "حسینی"),
        ("عبد الله عبدی", "عبدالله", None, "عبدی"),
        ("سید ابو الفضل موسوی", "ابوالفضل", None, "موسوی"),
        ("حسینی محمد", "محمد", None, "حسینی"),
        ("علی محمد", "علی", None, "محمد"),
        ("آقای دکتر علی کریمی", "علی", None, "کریمی"),
        ("سید علی موسوی", "علی", None, "موسوی"),
        ("حسین‌زاده، مریم", "مریم", None, "حسین‌زاده"),
        ("John van der Berg", "John", None, "van der Berg"),
        ("Dr. John Smith Jr.", "John", None, "Smith"),
        ("Smith, John", "John", None, "Smith"),
        ("Mohammad Reza Hosseini", "Mohammad Reza", None, "Hosseini"),
        ("Michael C. Burgess", "Michael C.", None, "Burgess"),
        ("Ivan Ivanovich Ivanov", "Ivan", "Ivanovich", "Ivanov"),
        ("Siarhei BUDREVICH", "Siarhei", None, "Budrevich"),
    ],
)
def test_parts(text: str, given: str, patronymic: str | None, family: str | None) -> None:
    name = parse(text, PERSON)
    assert (name.given, name.patronymic, name.family) == (given, patronymic, family)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Иванова Анна", "ivanov"),
        ("Ковальська Олена Петрівна", "kovalskyi"),
        ("Троцкая Мария Львовна", "trotskii"),
        ("Сова Иван Петрович", "sova"),
        ("Глина Иван", "glina"),
        ("Иванова-Петрова Анна", "ivanov-petrov"),
        ("Anna Ivanova", "ivanov"),
        ("Щербаков Семён", "shcherbakov"),
        ("Згурський Юрій", "zghurskyi"),
        ("В'ячеслав Знам'янський", "znamianskyi"),
    ],
)
def test_family_in_latin_letters(text: str, family: str) -> None:
    assert parse(text, PERSON).family_latin == family


@pytest.mark.parametrize(
    ("text", "sex"),
    [("Ким Анна", "f"), ("Ким Олег", "m"), ("Ким Саша Олеговна", "f"), ("خانم کریمی", "f"), ("Ким Ю", None)],
)
def test_sex_only_where_certain(text: str, sex: str | None) -> None:
    assert parse(text, PERSON).sex == sex


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("ООО «Ромашка»", "llc", "Ромашка"),
        ('Общество с ограниченной ответственностью "Ромашка"', "llc", "Ромашка"),
        ("Ромашка, ООО", "llc", "Ромашка"),
        ("ЗАО Вектор", "jsc", "Вектор"),
        ('ТОВ "Дніпро-Сервіс"', "llc", "Дніпро-Сервіс"),
        ("ПрАТ «Оболонь»", "jsc", "Оболонь"),
        ("شرکت پارس گستر (سهامی خاص)", "jsc", "پارس گستر"),
        ("شرکت نوین با مسئولیت محدود", "llc", "نوین"),
        ("مؤسسه خیریه امید", "institution", "امید"),
        ("Acme Trading LLC", "llc", "Acme Trading"),
        ("Acme, Inc.", "jsc", "Acme"),
        ("Siemens AG", "jsc", "Siemens"),
        ("Müller GmbH & Co. KG", "partnership", "Müller"),
        ("ООО «Ромашка», филиал в г. Тверь", "llc", "Ромашка"),
        ('Филиал ООО "Ромашка" в г. Казань', "llc", "Ромашка"),
        ("ООО Ромашка Казанский филиал", "llc", "Ромашка"),
        ("ТОВ «Шаповал 282», Дніпро філія", "llc", "Шаповал 282"),
        ("Shapoval 282 LLC, Dnipro branch", "llc", "Shapoval 282"),
        ("Shapoval 282 LLC Dnipro Branch", "llc", "Shapoval 282"),
        ("Acme Ltd (London Branch)", "llc", "Acme"),
        ("Acme Ltd - London Branch", "llc", "Acme"),
        ("Olive Branch LLC", "llc", "Olive Branch"),
        ("Branch Banking and Trust Company", "company", "Branch Banking and Trust"),
        ("شعبه تهران شرکت آلفا", "company", "آلفا"),
    ],
)
def test_organizations(text: str, form: str, name: str) -> None:
    parsed = parse(text)
    assert (parsed.kind, parsed.legal_form, parsed.org_name) == ("organization", form, name)


def test_a_sole_trader_is_a_person_unless_the_source_says_otherwise() -> None:
    name = parse("ИП Петров Пётр Петрович")
    assert (name.kind, name.legal_form, name.family) == ("person", "sole_trader", "Петров")
    firm = parse("ИП Петров Пётр Петрович", Hints(kind="organization"))
    assert (firm.kind, firm.org_name) == ("organization", "Петров Пётр Петрович")
    assert set(keys(name)) < set(keys(firm))


@pytest.mark.parametrize("text", ["Pat Smith", "Олег Тов", "Прат Иван", "Zao Ming", "Ad Petrov", "Se Ri Pak"])
def test_names_that_look_like_legal_forms(text: str) -> None:
    assert parse(text).kind == "person"


def test_mixed_letters_are_repaired_and_noted() -> None:
    name = parse("Cидоров Пётp")
    assert name.native == "Сидоров Пётр"
    assert name.notes == ("name:mixed_script",)
    assert parse("IT-компания Вектор").notes == ()


@pytest.mark.parametrize(
    ("text", "language", "latin"),
    [
        ("Юлия Щёголева", None, "iuliia shchegoleva"),
        ("Сергій Гончар", "uk", "serhii honchar"),
        ("Єлизавета Їжакевич", None, "yelyzaveta yizhakevych"),
        ("Łukasz Żółć", None, "lukasz zolch"),
        ("محمد‌رضا", None, "mohammadreza"),
        ("مرتضی کریمیان", None, "morteza karimian"),
        ("علي", None, "ali"),
        ("احمدی نژاد", None, "ahmadi nejad"),
        ("تهران", None, "tehran"),
    ],
)
def test_romanize(text: str, language: str | None, latin: str) -> None:
    assert romanize(text, language) == latin


PIECES = [*"،,.«»()'‌-", "ООО", "г-жа", "سید", "Иванов", "ИВАН", "محمد", "Jr.", "van", "оглы", "И.", "о"]
ANY = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join))


@given(ANY)
def test_parse_is_total_and_settles(text: str) -> None:
    for hints in (None, PERSON, Hints(kind="organization"), Hints(given=text, family="Х")):
        name = parse(text, hints)
        assert name == parse(text, hints)
        assert keys(name) == sorted(set(keys(name)))
    name = parse(text, PERSON)
    if name.native is not None:
        again = parse(name.native, PERSON)
        assert again.native == name.native


@given(ANY, st.sampled_from([None, "ru", "uk", "fa", "en", "xx"]))
def test_romanize_is_total_and_settles(text: str, language: str | None) -> None:
    latin = romanize(text, language)
    assert romanize(latin, language) == latin


def test_persian_is_shown_in_persian_letters() -> None:
    assert parse("محمد درويشي كاظمي").native == "محمد درویشی کاظمی"
    by_parts = parse("علي كريمي", Hints(given="علي", family="كريمي"))
    assert (by_parts.given, by_parts.family) == ("علی", "کریمی")
