"""What kind of line a number is: mobile, landline, toll-free …, and whether many people may answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberType

_KINDS = {
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "landline_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
#: Lines of organizations: whoever gives one as his own gave that of a hotline.
_HOTLINES = ("toll_free", "premium_rate", "shared_cost", "uan", "voicemail")


@dataclass(frozen=True, slots=True)
class Line:
    """``country``: ISO 3166 alpha-2, None for numbers of no country (+800). ``kind``: see the table above, or
    ``unknown``. ``switchboard``: the number has an extension. ``hotline``: it is a company's by its kind."""

    country: str | None
    kind: str
    switchboard: bool
    hotline: bool

    @property
    def shared(self) -> bool:
        """Whether the number without its extension belongs to more people than one."""
        return self.switchboard or self.hotline


@lru_cache(maxsize=200_000)
def line(number: str) -> Line:
    """The line of ``number`` (E.164, perhaps with ``;ext=N``). Anything else is of kind ``unknown``."""
    plain, _, extension = number.partition(";ext=")
    try:
        parsed = phonenumbers.parse(plain, None)
    except phonenumbers.NumberParseException:
        return Line(None, "unknown", bool(extension), False)
    region = phonenumbers.region_code_for_number(parsed)
    kind = _KINDS.get(phonenumbers.number_type(parsed), "unknown")
    country = region if region is not None and region.isalpha() else None
    return Line(country, kind, bool(extension), hotline(plain))


def hotline(number: str) -> bool:
    """Whether ``number`` (E.164, valid) is of a kind that only organizations have: free, shared cost, premium …"""
    for size in (1, 2, 3):
        pattern = _hotlines(number[1 : 1 + size])
        if pattern is not None:
            return pattern.fullmatch(number.partition(";")[0], 1 + size) is not None
    return False


@lru_cache(maxsize=1500)
def _hotlines(code: str) -> re.Pattern[str] | None:
    """The hotlines of the countries with calling code ``code``; None where there is no such code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), ())
    plans: list[Any] = [
        phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region) for region in regions
    ]
    kinds = [getattr(plan, kind) for plan in plans if plan is not None for kind in _HOTLINES]
    forms = sorted({one.national_number_pattern for one in kinds if one is not None and one.national_number_pattern})
    return re.compile("|".join(f"(?:{form})" for form in forms) or r"(?!)") if regions else None
