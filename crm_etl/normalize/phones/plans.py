"""The numbering plans of the world (Google's libphonenumber): is there such a number, and if not, why not.

Numbers in the forms that most cells have are judged by patterns made of the library's own tables, the others by the
library. How people write numbers: :mod:`.figures`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import ValidationResult


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


#: Fewest and most digits of a subscriber's number without its area code.
_LOCAL = (5, 8)
_REASONS = {
    ValidationResult.INVALID_COUNTRY_CODE: "unknown_country_code",
    ValidationResult.TOO_SHORT: "too_short",
    ValidationResult.TOO_LONG: "too_long",
    ValidationResult.INVALID_LENGTH: "wrong_length",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "area_code_missing",
    ValidationResult.IS_POSSIBLE: "unused_range",
}


def reason(figures: str, country: str) -> str:
    """Why no plan has ``figures``: ``area_code_missing``, ``too_short``, ``too_long``, ``wrong_length``,
    ``unknown_country_code``, or ``unused_range`` (the length is right, the digits are nobody's)."""
    try:
        parsed = phonenumbers.parse(figures, country)
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        return "unknown_country_code" if unknown else "too_long" if len(figures) > 15 else "too_short"
    why: str = _REASONS[phonenumbers.is_possible_number_with_reason(parsed)]
    local = not figures.startswith(("+", "0", trunk(country) or "0")) and _LOCAL[0] <= len(figures) <= _LOCAL[1]
    return "area_code_missing" if why == "too_short" and local else why


@lru_cache(maxsize=300)
def trunk(country: str) -> str | None:
    """What is dialled before an area code within ``country``."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    return None if plan is None else plan.national_prefix


@lru_cache(maxsize=300)
def calling_code(country: str) -> str:
    """The country code of ``country`` without the plus; empty where there is no such country."""
    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else ""


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
