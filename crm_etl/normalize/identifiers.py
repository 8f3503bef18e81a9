"""State identifiers -> ``type:value`` once their check digits are right.

python-stdnum knows most of them. The others are computed here: СНИЛС (Постановление Правительства РФ, sum of
digit times place modulo 101), the national id of Iran (sum modulo 11, table in Wikipedia's *National identity
card (Iran)*), شناسه ملی of Iranian companies (weights 29 27 23 19 17, modulo 11) and БИН/ИИН of Kazakhstan
(Постановление № 853 of 2003: weights 1–11, then 3–11,1,2, modulo 11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from crm_etl.normalize import lists
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import clean, digits

LOST = "digits_lost"
_SPACED = re.compile(r"[\s.\-–—/]+")
_LENGTHS: Mapping[str, tuple[int, ...]] = {
    "ru_inn": (10, 12),
    "ru_kpp": (9,),
    "ru_ogrn": (13, 15),
    "ru_snils": (11,),
    "ua_edrpou": (8,),
    "ua_rnokpp": (10,),
    "kz_bin": (12,),
    "ir_national_id": (10,),
    "ir_company_id": (11,),
}


def read(cell: str, kind: str, restore_zero: bool = False) -> Reading:
    """``cell`` as a tuple of one ``type:value``; empty, with a note, where the check digits are wrong.

    ``kind`` is one of ``migration.IDENTIFIER_TYPES``. A number shorter by its leading zeros is padded only with
    ``restore_zero``. Notes: ``identifiers:`` ``bad_check``, ``float_fixed``, ``zero_restored``, ``placeholder``.
    """
    text = digits(clean(cell)).strip(" '’`\"")
    if text.casefold() in lists.placeholders()["cell"]:
        return Reading((), ("identifiers:placeholder",))
    # An unknown kind may have such numbers itself (1E5): there only a spreadsheet's full form tells.
    if re.fullmatch(r"\d+[.,]\d+[eE]\+\d+" if kind == "other" else r"\d+(?:[.,]\d+)?[eE]\+?\d+", text):
        return Reading(error=LOST)
    notes: list[str] = []
    if re.fullmatch(r"\d{5,}[.,]0+", text):
        text, notes = re.split("[.,]", text)[0], ["identifiers:float_fixed"]
    value = _SPACED.sub("", text).upper()
    lengths = _LENGTHS.get(kind)
    if lengths is not None and value.isdigit() and len(value) not in lengths and restore_zero:
        fitting = [length for length in lengths if length > len(value)]
        if fitting:
            value, notes = value.zfill(fitting[0]), [*notes, "identifiers:zero_restored"]
    if not value or not value.strip("0") or (len(set(value)) == 1 and kind != "other"):
        return Reading((), (*notes, "identifiers:placeholder"))
    if kind == "other":
        # Marks stay: 12-3 and 1-23 are two numbers of whoever gave them.
        value = re.sub(r"\s+", "", text).upper()
        value = value if any(map(str.isalnum, value)) else ""
    if not value or not _checks()[kind](value):
        return Reading((), (*notes, "identifiers:bad_check"))
    return Reading((f"{kind}:{value}",), tuple(notes))


@cache
def _checks() -> Mapping[str, Callable[[str], bool]]:
    from stdnum.eu import vat
    from stdnum.ru import inn, ogrn
    from stdnum.ua import edrpou, rntrc

    checks: dict[str, Callable[[str], bool]] = {
        "ru_inn": inn.is_valid,
        "ru_kpp": lambda value: re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", value) is not None,
        "ru_ogrn": ogrn.is_valid,
        "ru_snils": snils,
        "ua_edrpou": edrpou.is_valid,
        "ua_rnokpp": rntrc.is_valid,
        "kz_bin": kz_bin,
        "ir_national_id": ir_national_id,
        "ir_company_id": ir_company_id,
        "eu_vat": vat.is_valid,
        "passport": lambda value: re.fullmatch(r"[0-9A-ZА-ЯІЇЄҐ]{6,14}", value) is not None,
        "other": lambda value: True,
    }
    return {kind: _ascii(check, kind) for kind, check in checks.items()}


def _ascii(check: Callable[[str], bool], kind: str) -> Callable[[str], bool]:
    # str.isdigit accepts superscripts and digits of other scripts, which the sums below do not.
    return check if kind in ("passport", "other") else lambda value: value.isascii() and check(value)


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
