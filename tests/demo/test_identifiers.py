"""Identifiers against python-stdnum where it knows them, and against known numbers elsewhere."""

from __future__ import annotations

from datetime import date

from persiantools.digits import fa_to_en
from stdnum.ru import inn
from stdnum.ua import edrpou, rntrc

from crm_etl.demo import identifiers
from crm_etl.demo.dice import Dice


def test_russian_and_ukrainian_numbers() -> None:
    rng = Dice(1)
    for _ in range(500):
        assert inn.is_valid(identifiers.ru_inn_person(rng))
        assert inn.is_valid(identifiers.ru_inn_organization(rng))
        assert rntrc.is_valid(identifiers.ua_rnokpp(rng, date(1984, 2, 3), "f"))
        assert edrpou.is_valid(identifiers.ua_edrpou(rng))


def test_rnokpp_tells_birth_date_and_sex() -> None:
    number = identifiers.ua_rnokpp(Dice(1), date(1900, 1, 2), "m")
    assert number.startswith("00002")
    assert int(number[8]) % 2 == 1


def test_iranian_national_id() -> None:
    """The rule as published: the sum of digits by 10..2, mod 11; below 2 the digit itself, else 11 minus it."""
    rng = Dice(1)
    for _ in range(500):
        number = fa_to_en(identifiers.ir_national_id(rng))
        rest = sum(int(number[place]) * (10 - place) for place in range(9)) % 11
        assert int(number[9]) in ((rest,) if rest < 2 else (11 - rest,))


def test_kpp_of_a_branch() -> None:
    assert identifiers.ru_kpp(Dice(1), "7707083893", branch=True)[:6] == "770743"
