"""Comparison levels: a table of cases, symmetry, and no evidence where a side has no value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from crm_etl.match import words
from crm_etl.match.compare import COMPARISONS, Comparison, comparison
from crm_etl.match.encode import ORGANIZATION, PERSON, Parties
from crm_etl.match.stream import levels_of
from crm_etl.normalize import names
from crm_etl.normalize.names.languages.variants import in_full
from tests.match.factories import crowd, native, organization, parties, person


def _refused(cell: str) -> dict[str, Any]:
    return {"identifiers_raw": cell, "notes": ["identifiers:bad_check"]}


def _measured(entry: Comparison, encoded: Parties, sides: np.ndarray) -> int:
    left, right = sides[:1], sides[1:]
    level = entry.measure(encoded, left, right)
    return int((level if entry.refine is None else entry.refine(encoded, left, right, level))[0])


def _level(kind: int, name: str, left: dict[str, Any], right: dict[str, Any]) -> str | None:
    entry = comparison(kind, name)
    encoded = Parties(parties(left, right))
    one, other = (_measured(entry, encoded, np.array(sides)) for sides in ([0, 1], [1, 0]))
    assert one == other
    return None if one < 0 else entry.levels[one].name


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        (("Anna", "Petrov"), ("Anna", "Petrov"), "same"),
        (("Anna", "Petrov"), ("ANNA", "Petrov"), "same"),
        (("Dmitri", "Khosravi"), ("Dmitry", "Khosrawi"), "sounds"),
        (("Mykola", "Melnyk"), ("Nikolai", "Melnik"), "sounds"),
        (("Petrov", "Anna"), ("Anna", "Petrov"), "sounds"),
        (("Anna", "Zubko"), ("Anna", "Zabke"), "sounds"),
        (("Anna", "Zimko"), ("Anna", "Zitko"), "similar"),
        (("masumeh rustami", "naeini"), ("masoumeh", "rostami naiini"), "sounds"),
        (("Evgeniia", "Petrov"), ("Zhenya", "Petrov"), "similar"),
        (("K", "Petrov"), ("Konstantin", "Petrov"), "initials"),
        (("Ia", "Petrov"), ("Iana", "Petrov"), "initials"),
        (("", "Petrov"), ("Anna", "Petrov"), "part"),
        (("Anna", "Petrov"), ("Anna", "Sidorenko"), "family_differs"),
        (("Anna", "Petrov"), ("Boris", "Petrov"), "given_differs"),
        (("B", "Petrov"), ("Anna", "Petrov"), "given_differs"),
        (("Anna", "Petrov"), ("Boris", "Sidorenko"), "differs"),
        (("", ""), ("Boris", "Sidorenko"), None),
    ],
)
def test_names_of_persons(ours: tuple[str, str], theirs: tuple[str, str], level: str | None) -> None:
    assert _level(PERSON, "name", person("1", *ours), person("2", *theirs)) == level


def test_father_and_son_whose_names_hold_the_same_roots_are_not_one() -> None:
    father = person("1", "Ivan", "Ivanov", patronymic_latin="petrovich")
    son = person("2", "Petr", "Ivanov", patronymic_latin="ivanovich")
    assert _level(PERSON, "name", father, son) == "given_differs"


def test_a_former_name_counts_as_well() -> None:
    now = person("1", "Anna", "Sidorenko", other_names=["Петрова Анна"])
    assert _level(PERSON, "name", now, person("2", "Anna", "Petrov")) in ("same", "sounds")


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        # What romanizing loses or spells otherwise, the letters of the scripts still tell.
        (("Лев", "Кулаков"), ("لف", "کولاکوف"), "sounds"),
        (("Мэри", "Гулиев"), ("Mary", "Guliyev"), "sounds"),
        (("Айгуль", "Юсупов"), ("آیگل", "یوسوپوف"), "sounds"),
        (("Елена", "Савченко"), ("اولنا", "ساوچنکو"), "sounds"),
        # Other people whose words look alike, brothers, another family.
        (("Али", "Резаи"), ("رضا", "علوی"), "differs"),
        (("Сергей", "Кузнецов"), ("Иван", "Кузнецов"), "given_differs"),
        (("Анна", "Мельник"), ("Anna", "Kravchenko"), "family_differs"),
        # Initials by another language's form of the name, or another script's letters.
        (("Алексей", "Клименко"), ("О", "Клименко"), "initials"),
        (("Джон", "Уилсон"), ("J", "Wilson"), "initials"),
        (("Галина", "Галенко"), ("H", "Halenko"), "initials"),
        (("Гліб", "Харченко"), ("Г", "Харченко"), "initials"),
        (("Яна", "Петиць"), ("Я", "Петиць"), "initials"),
        (("Игорь", "Петиць"), ("Я", "Петиць"), "given_differs"),
        (("Андрій", "Бойко"), ("О", "Бойко"), "given_differs"),
        (("Светлана", "Гусева"), ("Е", "Гусева"), "given_differs"),
    ],
)
def test_names_of_persons_across_scripts(ours: tuple[str, str], theirs: tuple[str, str], level: str) -> None:
    assert _level(PERSON, "name", native("1", *ours), native("2", *theirs)) == level


def test_every_name_with_initials_of_its_own_is_a_known_given_name() -> None:
    rules = yaml.safe_load((Path(words.__file__).parent / "initials.yml").read_text(encoding="utf-8"))
    assert [name for name in rules["names"] if name not in in_full()] == []


def test_a_fathers_name_is_no_given_name_of_the_son() -> None:
    son = native("1", "Иван", "Кузнецов", patronymic="Сергеевич", patronymic_latin="sergeevich")
    assert _level(PERSON, "name", son, native("2", "Сергей", "Кузнецов")) == "given_differs"


@pytest.mark.parametrize(
    ("kind", "name", "cells", "others", "level"),
    [
        (PERSON, "patronymic", {"patronymic_latin": "ivanovich"}, {"patronymic_latin": "ivanovich"}, "same"),
        (PERSON, "patronymic", {"patronymic_latin": "ivanovich"}, {"patronymic_latin": "i"}, "similar"),
        (PERSON, "patronymic", {"patronymic_latin": "ivanovich"}, {"patronymic_latin": "petrovich"}, "differs"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date": "1984-03-21"}, "same"),
        (PERSON, "birth_date", {"birth_date": "1984-03-11"}, {"birth_date": "1984-11-03"}, "swapped"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date": "1984-03-22"}, "digit"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date": "1984-11-07"}, "year"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date": "1991-11-07"}, "differs"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date": "1984-03-12"}, "digit"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date": "1961-03-21"}, "day"),
        # What was refused as a date is compared by its digits, in the order of its source.
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date_raw": "1984-03-41"}, "digit"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date_raw": "19840321"}, None),
        (PERSON, "birth_date", {"birth_date": "1984-03-11"}, {"birth_date_raw": "13.11.1984"}, "year"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date_raw": "03.21.1984"}, "swapped"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date_raw": "1363/01/01"}, "calendar"),
        (PERSON, "birth_date", {"birth_date": "1984-03-21"}, {"birth_date_raw": "in spring"}, None),
        (PERSON, "phones", {"phones": ["+1", "+2"]}, {"phones": ["+3", "+2;ext=7"]}, "same"),
        (PERSON, "phones", {"phones": ["+1"]}, {"phones": ["+3"]}, "differs"),
        (PERSON, "phones", {"phones": ["+989138783983"]}, {"phones": ["+79138783983"]}, "tail"),
        (PERSON, "phones", {"phones": ["+79138783983"]}, {"phones": ["+79138783938"]}, "digit"),
        (PERSON, "phones", {"phones": ["+79138783983"]}, {"phones": ["+79138784984"]}, "differs"),
        (PERSON, "emails", {"emails": ["a@x.ru"]}, {"emails": ["b@x.ru", "a@x.ru"]}, "same"),
        (PERSON, "emails", {"emails": ["bluebird@x.ru"]}, {"emails": ["bluebird@y.ru"]}, "local"),
        (
            PERSON,
            "emails",
            {"emails": ["anna.petrova@x.ru"], "given_latin": "anna", "family_latin": "petrova"},
            {"emails": ["anna.petrova@y.ru"]},
            "named",
        ),
        (PERSON, "emails", {"emails": ["anna.petrova@x.ru"]}, {"emails": ["ana.petrova@x.ru"]}, "letter"),
        (PERSON, "emails", {"emails": ["anna7@mail.ru"]}, {"emails": ["anna8@mail.ru"]}, "differs"),
        (PERSON, "emails", {"emails": ["info@x.ru"]}, {"emails": ["info@y.ru"]}, "differs"),
        (PERSON, "identifiers", {"identifiers": ["ru_inn:1"]}, {"identifiers": ["ru_inn:1"]}, "same"),
        (PERSON, "identifiers", {"identifiers": ["ru_inn:1"]}, {"identifiers": ["ru_inn:2"]}, "differs"),
        (PERSON, "identifiers", {"identifiers": ["ru_inn:1"]}, {"identifiers": ["ru_snils:1"]}, None),
        (PERSON, "identifiers", {"identifiers": ["passport:4512 1"]}, {"identifiers": ["passport:4599 7"]}, "unlike"),
        (PERSON, "identifiers", {"identifiers": ["passport:451211"]}, {"identifiers": ["passport:451212"]}, "slip"),
        (PERSON, "identifiers", {"identifiers": ["ru_inn:7707083893"]}, _refused("7707083894"), "slip"),
        (PERSON, "identifiers", {"identifiers": ["ru_inn:7707083893"]}, _refused("8807083893"), None),
        (PERSON, "identifiers", _refused("7707 083894"), _refused("ИНН 7707083894"), "refused"),
        (PERSON, "identifiers", {"identifiers": ["ru_inn:1", "ru_inn:2"]}, {"identifiers": ["ru_inn:2"]}, "same"),
        (
            ORGANIZATION,
            "identifiers",
            {"identifiers": ["ru_inn:1", "ru_kpp:1"]},
            {"identifiers": ["ru_inn:1", "ru_kpp:2"]},
            "branch",
        ),
        (PERSON, "address", {"city": "Kyiv", "street": "ul 1"}, {"city": "Kyiv", "street": "ul 1"}, "same"),
        (PERSON, "address", {"city": "Kyiv", "street": "franka 7"}, {"city": "Kyiv", "street": "franka 8"}, "street"),
        (
            PERSON,
            "address",
            {"city": "Kyiv", "street": "khreshchatyk 7"},
            {"city": "Kyiv", "street": "khreschatyk 7"},
            "similar",
        ),
        (PERSON, "address", {"city": "Kyiv", "street": "ul 1"}, {"city": "Lviv", "street": "ul 1"}, "moved"),
        (PERSON, "address", {"city": "Kyiv", "street": "ul 1"}, {"city": "Lviv", "street": "ul 2"}, "differs"),
        (PERSON, "address", {"street": "ul 1"}, {"city": "Lviv", "street": "ul 1"}, "moved"),
        (PERSON, "address", {"street": "ul 1"}, {"city": "Lviv", "street": "ul 2"}, None),
        (PERSON, "address", {"city": "Kyiv"}, {"city": "Kyiv", "street": "ul 2"}, "city"),
        (
            PERSON,
            "address",
            {"city": "Ashfield", "postal_code": "2446", "street": "ul 1"},
            {"city": "Ashfeild", "postal_code": "2446"},
            "place",
        ),
        (PERSON, "address", {"city": "Omsk", "postal_code": "2446"}, {"city": "Tomsk", "postal_code": "2446"}, "city"),
        (
            PERSON,
            "address",
            {"city": "Kyiv", "street": "studley steet rose avle"},
            {"city": "Kyiv", "street": "studley rosev ale"},
            "street",
        ),
        (
            PERSON,
            "address",
            {"city": "Kyiv", "street": "goodwinstreet meemar 15"},
            {"city": "Kyiv", "street": "goodwin 15"},
            "similar",
        ),
        (
            PERSON,
            "address",
            {"city": "Kyiv", "street": "goodwin meemar park 15"},
            {"city": "Kyiv", "street": "goodwin 17"},
            "city",
        ),
        (
            PERSON,
            "address",
            {"city": "Kyiv", "street": "southern cross pzd glengar 7"},
            {"city": "Kyiv", "street": "pzd glengra southerncross 7"},
            "similar",
        ),
        # One slip of the pen does not move a client; Omsk and Tomsk, Minsk and Pinsk lie apart.
        (PERSON, "address", {"city": "Ashfield", "street": "a 1"}, {"city": "Ashfeild", "street": "a 1"}, "same"),
        (PERSON, "address", {"city": "Omsk", "street": "a 1"}, {"city": "Tomsk", "street": "b 1"}, "differs"),
        (PERSON, "address", {"city": "Minsk", "street": "a 1"}, {"city": "Pinsk", "street": "b 1"}, "differs"),
        (
            PERSON,
            "address",
            {"city": "Redan", "street": "fawkner street 8", "postal_code": "2446"},
            {"city": "Concord", "street": "fawknerstreet 8", "postal_code": "2446"},
            "similar",
        ),
        (PERSON, "sex", {"sex": "f"}, {"sex": "m"}, "differs"),
        (ORGANIZATION, "legal_form", {"legal_form": "llc"}, {"legal_form": "jsc"}, "differs"),
        (ORGANIZATION, "branch", {"name": "ООО Луч"}, {"name": "ООО Луч, филиал в г. Самара"}, "differs"),
        (ORGANIZATION, "branch", {"name": "Луч, філія м. Київ"}, {"name": "Луч, филиал в г. Киев"}, "same"),
        (ORGANIZATION, "branch", {"name": "Луч, филиал в г. Киев"}, {"name": "Luch LLC, Dnipro branch"}, "differs"),
        (ORGANIZATION, "branch", {"name": "Луч"}, {"name": "Luch"}, "neither"),
    ],
)
def test_other_comparisons(kind: int, name: str, cells: Any, others: Any, level: str | None) -> None:
    make = (lambda key, c: person(key, **c)) if kind == PERSON else (lambda key, c: organization(key, "Luch") | c)
    assert _level(kind, name, make("1", cells), make("2", others)) == level


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        ("Luch", "luch", "same"),
        ("Mebel Simorg", "Simorg Mebel", "sounds"),
        ("Mebel Simorg", "Simorg Mebels", "similar"),
        ("Tekhnokomplekt", "Tekhnokomplekts Azimut", "word"),
        ("Simorgh Furniture", "Simorg Mebel", "sounds"),
        ("Mercury Bank", "Mercury Hotel", "word"),
        ("Mercury Bank", "Mercury", "sounds"),
        ("Simorgh", "Luch", "differs"),
    ],
)
def test_names_of_organizations(ours: str, theirs: str, level: str) -> None:
    assert _level(ORGANIZATION, "organization", organization("1", ours), organization("2", theirs)) == level


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        ("Нефтепроект", "Nefteproject", "sounds"),
        ("Школа Стандарт", "Standard School", "sounds"),
        ("Недвижимость Квант-Альборз", "املاک کوانت البرز", "similar"),
        ("Школа Меркурий", "Текстиль Меркурий", "word"),
        ("Восток", "Магистраль", "differs"),
    ],
)
def test_names_of_organizations_across_scripts(ours: str, theirs: str, level: str) -> None:
    cells = [organization(key, names.romanize(name), org_name=name) for key, name in (("1", ours), ("2", theirs))]
    assert _level(ORGANIZATION, "organization", *cells) == level


def test_organizations_with_a_common_key_sound_alike() -> None:
    ours, theirs = (organization(key, name, name_keys=["og:SKRS"]) for key, name in (("1", "Zagros"), ("2", "زاگرس")))
    assert _level(ORGANIZATION, "organization", ours, theirs) == "sounds"


@pytest.mark.parametrize("kind", [PERSON, ORGANIZATION])
def test_an_empty_party_is_no_evidence_anywhere(kind: int) -> None:
    full = person("1", "Anna", "Petrov", phones=["+1"], emails=["anna.p@x.ru"], birth_date="1984-03-21", sex="f")
    if kind == ORGANIZATION:
        full = organization("1", "Luch", phones=["+1"], identifiers=["ru_inn:1"], legal_form="llc")
    empty = {"source": "crm", "key": "2", "kind": full["kind"]}
    encoded = Parties(parties(full, empty))
    codes = levels_of(kind, encoded, np.array([0]), np.array([1]))
    assert {name: int(levels[0]) for name, levels in codes.items()} == {entry.name: -1 for entry in COMPARISONS[kind]}


def test_levels_do_not_depend_on_the_side() -> None:
    frame, _ = crowd(120)
    encoded = Parties(frame)
    draw = np.random.default_rng(3)
    left, right = draw.integers(0, encoded.size, 3000), draw.integers(0, encoded.size, 3000)
    one, other = (levels_of(PERSON, encoded, *sides) for sides in ((left, right), (right, left)))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_the_toolkit_and_the_bare_functions_agree() -> None:
    from crm_etl.match import toolkit

    encoded = Parties(crowd(60)[0])
    left, right = np.triu_indices(encoded.size, k=1)
    left, right = left[:1000], right[:1000]
    pairs = toolkit.multi_index(left, right, encoded.size)
    through = toolkit.comparer(encoded, PERSON).compute(pairs, toolkit.frame(encoded))
    for name, levels in levels_of(PERSON, encoded, left, right).items():
        assert np.array_equal(through[name], levels), name


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        (("Anna", "Petrov"), ("Boris", "Petrov"), "differs"),
        (("Dorothy", "Thomas"), ("Thomas", "Dorothy"), None),
        (("Dorothy", "Thomas"), ("Thomas", "Miller"), None),
        (("", "Petrov"), ("", "Petrov"), "differs"),
    ],
)
def test_the_sex_of_a_family_name_is_nobodys(ours: tuple[str, str], theirs: tuple[str, str], level: str | None) -> None:
    assert _level(PERSON, "sex", person("1", *ours, sex="f"), person("2", *theirs, sex="m")) == level
