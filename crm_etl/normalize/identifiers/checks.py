"""Check digits: is a number of this kind well formed, and is its check digit right.

python-stdnum knows most of them. The others are computed here: СНИЛС (Постановление Правительства РФ, sum of
digit times place modulo 101), the national id of Iran (sum modulo 11, table in Wikipedia's *National identity
card (Iran)*), شناسه ملی of Iranian companies (weights 29 27 23 19 17, modulo 11) and БИН/ИИН of Kazakhstan
(Постановление № 853 of 2003: weights 1–11, then 3–11,1,2, modulo 11). КПП and passports have no check digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from crm_etl.normalize.lookalikes import latin

#: Kind -> how many figures it has. Of kinds that stand here leading zeros can be told when they are lost.
LENGTHS: Mapping[str, tuple[int, ...]] = {
    "ru_inn": (10, 12),
    "ru_ogrn": (13, 15),
    "ru_snils": (11,),
    "ua_edrpou": (8,),
    "ua_rnokpp": (10,),
    "kz_bin": (12,),
    "by_unp": (9,),
    "az_voen": (10,),
    "md_idno": (13,),
    "tr_vkn": (10,),
    "ir_national_id": (10,),
    "ir_company_id": (11,),
}


@cache
def checks() -> Mapping[str, Callable[[str], bool]]:
    """Kind (``migration.IDENTIFIER_TYPES``) -> whether a bare, upper-case text is such an identifier."""
    from stdnum.az import voen
    from stdnum.by import unp
    from stdnum.eu import vat
    from stdnum.md import idno
    from stdnum.ru import inn, ogrn
    from stdnum.tr import tckimlik, vkn
    from stdnum.ua import edrpou, rntrc

    known: dict[str, Callable[[str], bool]] = {
        "ru_inn": inn.is_valid,
        "ru_kpp": lambda value: re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", value) is not None,
        "ru_ogrn": ogrn.is_valid,
        "ru_snils": snils,
        "ua_edrpou": edrpou.is_valid,
        "ua_rnokpp": rntrc.is_valid,
        "kz_bin": kz_bin,
        "by_unp": unp.is_valid,
        "az_voen": voen.is_valid,
        "md_idno": idno.is_valid,
        "tr_tckn": tckimlik.is_valid,
        "tr_vkn": vkn.is_valid,
        "ir_national_id": ir_national_id,
        "ir_company_id": ir_company_id,
        "eu_vat": vat.is_valid,
        "passport": passport,
        "other": lambda value: True,
    }
    return {kind: _ascii(check, kind) for kind, check in known.items()}


def written(value: str, kind: str) -> str:
    """``value`` with Latin letters where its kind knows no others, though somebody typed Cyrillic ones that look so."""
    return latin(value) if kind in _LATIN else value


#: Kinds whose letters are Latin.
_LATIN = ("eu_vat", "by_unp", "ru_kpp")


def _ascii(check: Callable[[str], bool], kind: str) -> Callable[[str], bool]:
    # str.isdigit accepts superscripts and digits of other scripts, which the sums below do not.
    return check if kind in ("passport", "other") else lambda value: value.isascii() and check(value)


#: Letters come first and are few, or else the text is a word; series of old Soviet passports (IV-АБ), German numbers.
_PASSPORT = re.compile(
    r"(?=.{6,14}\Z)(?:[A-ZА-ЯІЇЄҐ]{0,3}[0-9]{5,}|[IVXLC1]{1,5}[А-Я]{2}[0-9]{6}|(?=.*[0-9])[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8})"
)


def passport(value: str) -> bool:
    """A passport's series and number; no country gives them a check digit that people copy."""
    return _PASSPORT.fullmatch(value) is not None


def snils(value: str) -> bool:
    """СНИЛС: 9 digits and two check digits; numbers up to 001-001-998 carry none."""
    if not re.fullmatch(r"\d{11}", value):
        return False
    if int(value[:9]) <= 1001998:
        return True
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(value[:9]))
    return total % 101 % 100 == int(value[9:])


def kz_bin(value: str) -> bool:
    """БИН or ИИН of Kazakhstan: 12 digits, the last one a check digit."""
    if not re.fullmatch(r"\d{12}", value):
        return False
    figures = [int(digit) for digit in value]
    for shift in (0, 2):
        check = sum(figure * ((place + shift) % 11 + 1) for place, figure in enumerate(figures[:11])) % 11
        if check < 10:
            return check == figures[11]
    return False


def ir_national_id(value: str) -> bool:
    """کد ملی: 10 digits, the last one a check digit."""
    if not re.fullmatch(r"\d{10}", value):
        return False
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(value[:9])) % 11
    return int(value[9]) == (rest if rest < 2 else 11 - rest)


def ir_company_id(value: str) -> bool:
    """شناسه ملی of a legal person: 11 digits, the last one a check digit."""
    if not re.fullmatch(r"\d{11}", value):
        return False
    shift = int(value[9]) + 2
    weights = (29, 27, 23, 19, 17) * 2
    rest = sum((int(digit) + shift) * weight for digit, weight in zip(value[:10], weights, strict=True)) % 11
    return int(value[10]) == rest % 10
