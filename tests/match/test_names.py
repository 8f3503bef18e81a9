"""Names of persons: their forms, what their order and their threads must not change, and what letters mend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from crm_etl.match import forms, names
from crm_etl.match.encode import PERSON, Parties
from crm_etl.match.refinement import hopeful_person_name, refine_person_name
from crm_etl.match.scoring import full_levels
from tests.match.factories import crowd, native, organization, parties, person

_NOBODY = np.zeros(0, dtype=np.int64)
DIFFERS, GIVEN_DIFFERS, FAMILY_DIFFERS, PART, INITIALS, SIMILAR, SOUNDS, SAME = range(8)


def _level(ours: dict[str, Any], theirs: dict[str, Any], *, refined: bool = False) -> int:
    encoded = Parties(parties(ours, theirs))
    sides = np.array([[0], [1]])
    level = names.person_name(encoded, *sides)
    assert level.tolist() == names.person_name(encoded, *sides[::-1]).tolist()
    return int((refine_person_name(encoded, *sides, level) if refined else level)[0])


def _pairs(encoded: Parties, size: int = 4000) -> tuple[Any, Any]:
    draw = np.random.default_rng(5)
    return draw.integers(0, encoded.size, size), draw.integers(0, encoded.size, size)


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        (("joanne", "mitchell"), ("mitchell", "joanne"), SOUNDS),
        (("joanne", "mitchell"), ("mitchel", "joane"), SOUNDS),
        (("joanne", "mitchell"), ("joanne", "mitchelk"), SIMILAR),
        (("joanne mitchell", "smith"), ("joanne", "mitchell smith"), SOUNDS),
        (("maria luisa", "ortega garcia"), ("maria", "ortega"), SIMILAR),
        (("ali reza", "naderi"), ("alireza", "naderi"), SAME),
        (("", "smith"), ("joanne", "smith"), PART),
        (("joanne", ""), ("joanne", "smith"), PART),
        (("j", "smith"), ("smith", "joanne"), INITIALS),
        (("", "joanne mitchell"), ("joanne", "mitchell"), SOUNDS),
        (("", "joanne"), ("mitchell", ""), -1),
        (("joanne", "mitchell"), ("marta", "mitchell"), GIVEN_DIFFERS),
        (("joanne", "mitchell"), ("joanne", "kowalski"), FAMILY_DIFFERS),
    ],
)
def test_parts_may_be_exchanged_joined_or_missing(ours: tuple[str, str], theirs: tuple[str, str], level: int) -> None:
    assert _level(person("1", *ours), person("2", *theirs)) == level


def test_patronymics_are_laid_beside_names_where_a_source_mistakes_them() -> None:
    ours = person("1", "ivan", "petrov", patronymic_latin="sergeevich")
    assert _level(ours, person("2", "sergeevich", "petrov ivan")) == SOUNDS


def test_a_former_name_is_read_word_by_word() -> None:
    now = person("1", "Anna", "Sidorenko", other_names=["Петрова Анна Ивановна", "Анна"])
    encoded = Parties(parties(now, organization("2", "Luch") | {"other_names": ["Luch Trade"]}))
    known = forms.of(encoded)
    assert known.further.tolist() == [0, 1, 1]
    form = known.forms[encoded.size]
    assert (form["proper"], form["every"], bool(form["bag"])) == (2, 3, True)
    assert _level(now, person("2", "Anna", "Petrov")) == SOUNDS
    assert _level(now, person("2", "Anna", "Kravets")) == FAMILY_DIFFERS
    assert _level(now, person("2", "", "Petrov")) == DIFFERS


def test_of_very_many_former_names_some_are_read() -> None:
    letters = "bcdfghklmn"
    others = [[f"olga {one}a{two}o{three}ova" for one in letters for two in letters] for three in "st"]
    ours, theirs = (person(str(n), "anna", f"{n}", other_names=names) for n, names in enumerate(others))
    known = forms.of(Parties(parties(ours, theirs, person("2", "anna", "2", other_names=others[0][:3]))))
    assert known.further.tolist() == [0, 40, 80, 83]


def test_levels_depend_neither_on_the_order_of_the_records_nor_on_threads() -> None:
    frame, _ = crowd(150)
    encoded, shuffled = Parties(frame), Parties(frame.sample(frac=1.0, random_state=3))
    left, right = _pairs(encoded)
    levels = names.person_name(encoded, left, right)
    assert len(set(levels.tolist())) > 4
    assert np.array_equal(levels, names.person_name(shuffled, left, right))
    refined = refine_person_name(encoded, left, right, levels)
    assert np.array_equal(refined, refine_person_name(shuffled, right, left, levels))
    threaded = Parties(frame)
    names.person_name(threaded, _NOBODY, _NOBODY)
    with ThreadPoolExecutor(2) as threads:
        parts = threads.map(lambda k: names.person_name(threaded, left[k::4], right[k::4]), range(4))
        assert all(np.array_equal(part, levels[k::4]) for k, part in enumerate(parts))


@pytest.mark.parametrize(
    ("ours", "theirs", "cheap", "level"),
    [
        # Found by letters alone.
        (("Фатемех", "Мохтари"), ("Fatima", "Mokhtari"), GIVEN_DIFFERS, SIMILAR),
        (("لوان", "یوسوپوف"), ("Леван", "Юспуов"), FAMILY_DIFFERS, SIMILAR),
        # Withdrawn: roots in common, but two names.
        (("Али", "Резаи"), ("رضا", "علوی"), SOUNDS, DIFFERS),
        (("Виктория", "Сергеева"), ("Viktor", "Sergeev"), SOUNDS, SIMILAR),
        # Left as they are.
        (("Анна", "Мельник"), ("Anna", "Melnyk"), SOUNDS, SOUNDS),
        (("Марія Луїза", "Ортега"), ("Maria", "Ortega"), SOUNDS, SOUNDS),
        (("А", "Мельник"), ("Anna", "Melnyk"), INITIALS, INITIALS),
    ],
)
def test_letters_find_mend_and_withdraw(ours: tuple[str, str], theirs: tuple[str, str], cheap: int, level: int) -> None:
    rows = native("1", *ours), native("2", *theirs)
    assert (_level(*rows), _level(*rows, refined=True)) == (cheap, level)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (("Джеймс", "Шоу", "Cyrl"), ("James", "Shaw", "Latn"), True),
        (("Джордж", "Рейд", "Cyrl"), ("George", "Reid", "Latn"), True),
        (("Георг", "Петров", "Cyrl"), ("Пётр", "Петров", "Cyrl"), False),
        (("Фёкла", "Петухова", "Cyrl"), ("Robert", "Johnson", "Latn"), False),
    ],
)
def test_a_name_alone_is_mended_where_two_scripts_may_have_parted_it(
    ours: tuple[str, str, str], theirs: tuple[str, str, str], expected: bool
) -> None:
    rows = [native(key, *name[:2], script=name[2]) for key, name in (("1", ours), ("2", theirs))]
    encoded, sides = Parties(parties(*rows)), np.array([[0], [1]])
    level = names.person_name(encoded, *sides)
    assert level[0] < SIMILAR
    assert hopeful_person_name(encoded, *sides, level).tolist() == [expected]
    assert (full_levels(PERSON, encoded, *sides)["name"][0] >= SIMILAR) == expected


def test_letters_tell_of_a_former_name_too() -> None:
    now = native("1", "Анна", "Сидоренко", other_names=["فاطمه مختاری"])
    assert _level(now, native("2", "Fatima", "Mokhtari"), refined=True) >= SIMILAR


def test_names_without_native_letters_stay_as_they_are() -> None:
    frame, _ = crowd(80)
    encoded = Parties(frame.assign(given=None, family=None))
    left, right = _pairs(encoded, 1000)
    levels = names.person_name(encoded, left, right)
    assert np.array_equal(levels, refine_person_name(encoded, left, right, levels))


def test_names_are_counted_by_sound_whole_and_in_parts() -> None:
    people = [("Anna", "Melnik"), ("Anna", "Melnyk"), ("Boris", "Melnik"), ("Melnik", "Anna"), ("Anna", "")]
    encoded = Parties(parties(*(person(str(k), *name) for k, name in enumerate(people))))
    every = np.arange(len(people))
    assert names.full_name(encoded).count_of(every).tolist() == [2, 2, 1, 1, 0]
    assert names.family(encoded).count_of(every).tolist() == [3, 3, 3, 1, 0]
    assert names.given(encoded).count_of(every).tolist() == [3, 3, 1, 1, 3]
    either = names.either_order(encoded).codes
    assert either[0] == either[1] == either[3] != either[2]
    assert either[4] == -1


@pytest.mark.parametrize(
    ("ours", "theirs", "level"), [("ivanovich", "ivanovych", 1), ("i", "ivanovich", 1), ("", "i", -1)]
)
def test_patronymics(ours: str, theirs: str, level: int) -> None:
    rows = [person(str(k), "a", "b", patronymic_latin=name or None) for k, name in enumerate((ours, theirs))]
    assert names.patronymic(Parties(parties(*rows)), np.array([0]), np.array([1])).tolist() == [level]
