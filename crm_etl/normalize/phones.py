"""Phone cells -> E.164 numbers, by the numbering plans of Google's libphonenumber (``phonenumbers``).

A cell may hold several numbers, extensions and remarks. What is not a valid number stays in the raw text with
a note; digits that a spreadsheet rounded away are an error, because no rule can bring them back.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import phonenumbers

from crm_etl.normalize import lists
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import clean, digits, fold

LOST = "digits_lost"
_GUARD = re.compile(r"^['’`‘=\"]+|[\"']+$")
_FLOAT = re.compile(r"\d{5,}[.,]0+")
_EXPONENT = re.compile(r"(\d+(?:[.,]\d+)?)[eE]\+?(\d{1,3})")
_EXTENSION = re.compile(
    r"[\s,;(]{0,9}(?:\b(?:доб|вн|внутр|внутрішній|дод|ext|extn|extension|tel\.? ?ext)\b\.?"
    r"|(?<=\d) ?[xх#](?=\s?\d)|داخلی)"
    r"[\s:.№#]*(\d{1,7})\)?",
    re.IGNORECASE,
)
_MARK = "\x01"
_SPLIT = re.compile(r"[,;/|\n\r،؛]+|\s(?:и|та|й|and|or|или|або|و|یا)\s", re.IGNORECASE)
#: The way out of the country as people write it where one waits for a second tone: 8~10~49 30 …
_WAITING = re.compile(r"(?<!\d)8\s?[~w]\s?10\s?[~w]?\s?", re.IGNORECASE)
#: Two numbers that only blanks or dashes part, and the last figures of further lines: 021-88776655-6.
_JOINT = re.compile(r"[\s\-‐-―−]+")
_LINES = re.compile(r"(?P<number>.*\d)[\-‐-―−]\d{1,2}")
_NUMBER = re.compile(rf"[+＋]?\(?\+?\d[\d\s().\-‐-―−]*\d\)?(?:{_MARK}\d+)?")


def read(cell: str, country: str, restore_zero: bool = False) -> Reading:
    """All numbers of ``cell`` as a tuple of E.164 texts, ``;ext=N`` after one that has an extension.

    ``country`` (ISO 3166 alpha-2) is where a number without a country code lies. With ``restore_zero`` a number
    that lost its leading zero is read as a national one. Remarks come back as ``rest``. Notes: ``phones:``
    ``float_fixed``, ``guard_removed``, ``zero_restored``, ``country_assumed``, ``parted``, ``placeholder``,
    ``invalid``.
    """
    cell, notes = _unguard(digits(cell).strip())
    cell = _WAITING.sub("810 ", cell)
    if cell.casefold() in lists.placeholders()["cell"]:
        return Reading((), ("phones:placeholder",))
    whole = _whole_number(cell)
    if whole is None:
        return Reading(error=LOST)
    if whole != cell:
        notes, cell = [*notes, "phones:float_fixed"], whole
    numbers: list[str] = []
    rests: list[str] = []
    for chunk in _SPLIT.split(_EXTENSION.sub(rf"{_MARK}\1 ", cell)):
        for piece in _pieces(chunk, rests):
            found, remarks = _numbers(piece, country, restore_zero)
            notes.extend(remarks)
            numbers.extend(found)
    rest = clean(", ".join(rests).replace(_MARK, " "))
    return Reading(tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(notes)), rest=rest or None)


def _unguard(cell: str) -> tuple[str, list[str]]:
    bare = _GUARD.sub("", cell).strip()
    return bare, ["phones:guard_removed"] if bare != cell else []


def _whole_number(cell: str) -> str | None:
    """``cell`` without the traces of a float; None where digits are lost."""
    if _FLOAT.fullmatch(cell):
        return re.split("[.,]", cell)[0]
    match = _EXPONENT.fullmatch(cell)
    if match is None:
        return cell
    mantissa = match[1].replace(",", ".")
    exponent = int(match[2])
    exact = exponent < 16 and len(mantissa.partition(".")[2]) >= exponent
    return str(int(Decimal(mantissa).scaleb(exponent))) if exact else None


def _pieces(chunk: str, rests: list[str]) -> list[str]:
    """The runs of ``chunk`` that look like numbers; words around them go to ``rests``."""
    runs = [match for match in _NUMBER.finditer(chunk) if sum(map(str.isdigit, match.group())) >= 5]
    found = [match.group() for match in runs]
    remark, at = "", 0
    for match in runs:
        remark += chunk[at : match.start()] + " "
        at = match.end()
    words = clean(remark + chunk[at:]).strip(" ()-.:+").split(" ")
    while words and fold(words[0]) in _LABELS:
        words = words[1:]
    if any(map(str.isalnum, "".join(words))):
        rests.append(" ".join(words))
    return found


#: Words beside a number that say nothing about it.
_LABELS = frozenset(
    [
        *(
            "тел",
            "телефон",
            "моб",
            "мобильный",
            "сот",
            "сотовый",
            "дом",
            "домашний",
            "раб",
            "рабочий",
            "факс",
            "т",
            "м",
        ),
        *("р", "д", "тлф", "tel", "phone", "mobile", "mob", "cell", "home", "work", "fax", "whatsapp", "viber"),
        *("telegram", "تلفن", "موبایل", "همراه", "فکس", "ثابت", "منزل"),
    ]
)


def _numbers(piece: str, country: str, restore_zero: bool) -> tuple[list[str], list[str]]:
    """The numbers of ``piece``: one as a rule; if that is none, the two that it can be parted into in one way only,
    or the one before the last figures of further lines."""
    number, notes = _number(piece, country, restore_zero)
    if number is not None or notes != ["phones:invalid"]:
        return [] if number is None else [number], notes
    halves = [(piece[: joint.start()], piece[joint.end() :]) for joint in _JOINT.finditer(piece)]
    pairs = [[_number(half, country, False)[0] for half in pair] for pair in halves]
    whole = [[one for one in pair if one is not None] for pair in pairs if None not in pair]
    if len(whole) == 1:
        return whole[0], ["phones:parted"]
    lines = _LINES.fullmatch(piece)
    if not whole and lines is not None:
        number, _ = _number(lines["number"], country, False)
    return ([], notes) if number is None else ([number], ["phones:parted"])


def _number(piece: str, country: str, restore_zero: bool) -> tuple[str | None, list[str]]:
    bare, _, extension = piece.partition(_MARK)
    plus = "+" in bare or "＋" in bare
    figures = "".join(filter(str.isdigit, bare))
    if len(set(figures.lstrip("0"))) <= 1 or figures in "01234567890123456789" or len(set(figures[-7:])) == 1:
        return None, ["phones:placeholder"]
    if not plus and figures.startswith("00") and len(figures) >= 11:
        plus, figures = True, figures[2:]
    number, notes = _resolve(("+" if plus else "") + figures, country, restore_zero)
    if number is None:
        return None, ["phones:invalid"]
    return (f"{number};ext={extension}" if extension else number), list(notes)


#: Countries that dialled 8 before the area code, as their neighbours still do: 8 067 … in Ukraine. The plans know
#: today's habit only.
_EIGHT = frozenset(["UA", "TJ", "UZ", "KG", "GE", "AM", "AZ", "MD", "LV", "EE"])


@lru_cache(maxsize=200_000)
def _resolve(figures: str, country: str, restore_zero: bool) -> tuple[str | None, tuple[str, ...]]:
    """E.164 of ``figures`` (digits, perhaps after a plus), or None if no plan has such a number."""
    number = valid(figures, country)
    if number is not None:
        restored = restore_zero and figures[0] not in "+0" and _trunk(country) == "0" and not _has_code(figures, number)
        return number, ("phones:zero_restored",) if restored else ()
    if figures.startswith("+"):
        return None, ()
    if restore_zero:
        for guess in (f"0{figures}", f"+{figures}"):
            number = valid(guess, country)
            if number is not None:
                return number, ("phones:zero_restored",)
    if figures.startswith("8") and country in _EIGHT:
        number = valid(figures[1:], country)
        if number is not None:
            return number, ()
    number = valid(f"+{figures}", country) if len(figures) >= 11 else None
    return number, () if number is None else ("phones:country_assumed",)


def valid(figures: str, country: str) -> str | None:
    """E.164 of ``figures`` read in ``country``, if some country's plan holds that number."""
    quick = _quick(figures, country)
    return quick if quick is not None else plain_valid(figures, country)


def plain_valid(figures: str, country: str) -> str | None:
    """What :func:`valid` says, by phonenumbers alone."""
    try:
        parsed = phonenumbers.parse(figures, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    formatted: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return formatted


#: Calling code -> countries that share it; the common forms of their numbers need no full parse.
_QUICK_CODES = {"7": ("RU", "KZ"), "380": ("UA",), "98": ("IR",)}
#: Country -> calling code and forms of its national number without doubt: group 1 is the number proper.
_QUICK_NATIONAL = {
    "RU": ("7", re.compile(r"[78]?([349]\d{9})")),
    "UA": ("380", re.compile(r"0([3-9]\d{8})")),
    "IR": ("98", re.compile(r"0(\d{10})")),
}


def _quick(figures: str, country: str) -> str | None:
    """The number if ``figures`` is written in one of the common forms and valid; None says nothing."""
    if figures.startswith("+"):
        for code, regions in _QUICK_CODES.items():
            number = figures[len(code) + 1 :]
            if figures[1:].startswith(code) and any(_plan(region).fullmatch(number) for region in regions):
                return figures
        return None
    if country not in _QUICK_NATIONAL:
        return None
    code, form = _QUICK_NATIONAL[country]
    match = form.fullmatch(figures)
    if match is None or _plan(country).fullmatch(match[1]) is None:
        return None
    return f"+{code}{match[1]}"


@lru_cache(maxsize=8)
def _plan(region: str) -> re.Pattern[str]:
    """One pattern of all valid national numbers of ``region``, out of the library's own tables."""
    plan: Any = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    forms = []
    for kind in _KINDS:
        one = getattr(plan, kind)
        if one is not None and one.national_number_pattern:
            lengths = one.possible_length or plan.general_desc.possible_length
            sizes = "|".join(rf"\d{{{length}}}" for length in lengths if length > 0)
            forms.append(rf"(?=(?:{sizes})\Z)(?:{one.national_number_pattern})")
    return re.compile(rf"(?=(?:{plan.general_desc.national_number_pattern})\Z)(?:{'|'.join(forms)})")


_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
)


def _has_code(figures: str, number: str) -> bool:
    return number == f"+{figures}"


@lru_cache(maxsize=300)
def _trunk(country: str) -> str | None:
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    return None if plan is None else plan.national_prefix
