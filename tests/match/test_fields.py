"""Dates, phones, e-mail addresses and numbers: compiled levels equal plain ones, whichever side comes first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from crm_etl.match import dates, levels
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import PERSON, Parties
from tests.match.factories import parties, person

#: Days around a few centres, so that slips and exchanges of digits occur.
DATES = st.builds(
    lambda far, days: (date(1950 + far * 11, 1, 10) + timedelta(days)).isoformat(),
    st.integers(0, 4),
    st.integers(0, 400),
)
PHONES = st.lists(
    st.builds("+7{}91612345{}{}".format, st.sampled_from(["", "9"]), st.sampled_from("12"), st.integers(0, 29)),
    max_size=2,
)
MAILS = st.lists(
    st.builds(
        "{}{}@{}".format,
        st.sampled_from(["blue.marble", "ble.marble", "stone"]),
        st.sampled_from(["", "1", "7"]),
        st.sampled_from(["mail.ru", "gmail.com", "gmial.com"]),
    ),
    max_size=2,
    unique=True,
)


def _both_ways(measure: Any, left: dict[str, Any], right: dict[str, Any]) -> int:
    encoded = Parties(parties(person("1", "Anna", "Petrov", **left), person("2", "Boris", "Zubko", **right)))
    one, other = (measure(encoded, np.array([a]), np.array([b])) for a, b in ((0, 1), (1, 0)))
    assert one.dtype == np.int8
    assert one.tolist() == other.tolist()
    return int(one[0])


def _plain_date(one: str, other: str) -> int:
    a, b = one.replace("-", ""), other.replace("-", "")
    if a == b:
        return 6
    if a[:4] == b[:4] and (a[4:6], a[6:]) == (b[6:], b[4:6]):
        return 4
    replaced = sum(x != y for x, y in zip(a, b, strict=True))
    if replaced == 1 or (replaced == 2 and OSA.distance(a, b) == 1):
        return 3
    return 2 if a[4:] == b[4:] else int(a[:4] == b[:4])


@settings(max_examples=60, deadline=None)
@given(DATES, DATES)
def test_dates(one: str, other: str) -> None:
    assert _both_ways(levels.birth_date, {"birth_date": one}, {"birth_date": other}) == _plain_date(one, other)


def _plain_phone(one: str, other: str) -> int:
    if one == other:
        return 3
    a, b = one[-9:], other[-9:]
    replaced = sum(x != y for x, y in zip(a, b, strict=True))
    return 2 if a == b else int(replaced == 1 or (replaced == 2 and OSA.distance(a, b) == 1))


@settings(max_examples=60, deadline=None)
@given(PHONES, PHONES)
def test_phones(ours: list[str], theirs: list[str]) -> None:
    expected = max((_plain_phone(one, other) for one in ours for other in theirs), default=-1)
    assert _both_ways(levels.phones, {"phones": ours}, {"phones": theirs}) == expected


def _plain_mail(one: str, other: str) -> int:
    if one == other or (one.replace(".", "") == other.replace(".", "") and one.endswith("@gmail.com")):
        return 4
    if one.partition("@")[0] == other.partition("@")[0] and len(one.partition("@")[0]) >= 6:
        return 3
    numbers = ["".join(filter(str.isdigit, text)) for text in (one, other)]
    return 2 * int(OSA.distance(one, other) == 1 and numbers[0] == numbers[1])


@settings(max_examples=60, deadline=None)
@given(MAILS, MAILS)
def test_mails(ours: list[str], theirs: list[str]) -> None:
    expected = max((_plain_mail(one, other) for one in ours for other in theirs), default=-1)
    assert _both_ways(levels.emails, {"emails": ours}, {"emails": theirs}) == expected


NUMBERS = st.lists(st.from_regex(r"\A(passport|ru_inn|ru_kpp):00000[0-3][1-2]\Z"), max_size=5, unique=True)


def _plain_numbers(ours: list[str], theirs: list[str]) -> int:
    """What the levels say, by sets: types that agree, types that do not, and the best of what is left."""
    if not ours or not theirs:
        return -1
    kinds = {number.partition(":")[0] for number in ours} & {number.partition(":")[0] for number in theirs}
    same = {number.partition(":")[0] for number in set(ours) & set(theirs)}
    if "ru_inn" in kinds - same:
        return 0
    passports = [[number for number in side if number.startswith("passport")] for side in (ours, theirs)]
    near = [3 if OSA.distance(one, other) <= 1 else 2 for one in passports[0] for other in passports[1]]
    level = 5 if same - {"ru_kpp"} else max(near, default=-1)
    return 1 if level == 5 and "ru_kpp" in kinds - same else level


@settings(max_examples=100, deadline=None)
@given(NUMBERS, NUMBERS)
def test_numbers(ours: list[str], theirs: list[str]) -> None:
    assert _both_ways(levels.identifiers, {"identifiers": ours}, {"identifiers": theirs}) == _plain_numbers(
        ours, theirs
    )


def test_very_many_numbers_of_one_record_are_compared_in_no_time() -> None:
    ours, theirs = ([f"ru_inn:{n:012d}" for n in range(first, first + 1500)] for first in (0, 1499))
    assert _both_ways(levels.identifiers, {"identifiers": ours}, {"identifiers": theirs}) == 5
    assert _both_ways(levels.identifiers, {"identifiers": ours}, {"identifiers": theirs[1:]}) == 0


ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "birth_date": DATES,
        "birth_date_raw": st.text(max_size=12),
        "phones": PHONES,
        "emails": MAILS,
        "identifiers": st.lists(
            st.from_regex(r"\A(passport|other|ru_inn|ru_kpp):[0-9]{1,7}\Z"), max_size=3, unique=True
        ),
        "identifiers_raw": st.text(max_size=20),
        "notes": st.just(["identifiers:bad_check"]),
        "city": st.text(max_size=8),
        "street": st.text(max_size=12),
        "postal_code": st.text(max_size=5),
        "sex": st.sampled_from("fm"),
    },
)


@settings(max_examples=40, deadline=None)
@given(ANYTHING, ANYTHING)
def test_any_cells_have_levels_of_the_table(one: dict[str, Any], other: dict[str, Any]) -> None:
    for entry in COMPARISONS[PERSON][2:]:
        assert -1 <= _both_ways(entry.measure, one, other) < len(entry.levels), entry.name


@pytest.mark.parametrize(
    ("form", "refused", "read"),
    [
        ("{d:%d.%m.%Y}", "31.02.1980", 0x19800231),
        ("{d:%m/%d/%Y}", "13/02/1980", 0x19801302),
        ("{d:%Y%m%d}", "19801902", 0x19801902),
        ("{d:%d%m%Y}", "31021980", 0x19800231),
        ("{d:%Y-%m-%d}", "۱۹۸۰-۱۹-۰۲", 0x19801902),
        ("{d:%Y-%m-%d}", "1980", -1),
        ("{d:%Y-%m-%d}", "1363-13-01", -1),
    ],
)
def test_a_refused_date_is_read_in_the_order_of_its_source(form: str, refused: str, read: int) -> None:
    born = [date(1970, 3, 21) + timedelta(days) for days in (0, 40, 77)]
    rows = [
        person(str(place), "Anna", "Petrov", birth_date=day.isoformat(), birth_date_raw=form.format(d=day))
        for place, day in enumerate(born)
    ]
    encoded = Parties(parties(*rows, person("9", "Boris", "Zubko", birth_date_raw=refused)))
    assert int(dates.of(encoded).digits[-1]) == read


def test_dates_that_fall_beside_each_other_are_numbered_apart() -> None:
    days = [f"1980-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    encoded = Parties(parties(*(person(str(n), birth_date=day) for n, day in enumerate([*days, *days, None]))))
    codes = dates.codes(encoded)
    read = [None if code < 0 else codes.values[code] for code in codes.codes[encoded.position]]
    assert read == [*(day.replace("-", "") for day in [*days, *days]), None]
